"""A piece once more: the same design in other colours, from another side, in another light.

Two pictures of one design teach an encoder what a design is, and test whether it knows.
"""

from __future__ import annotations

from concurrent.futures import as_completed
from contextlib import suppress
from pathlib import Path

import numpy as np
from tqdm import tqdm

from latent import bundle
from latent.data import Dataset
from latent.errors import InputError
from latent.furniture.dataset import factors_at, worker_pool
from latent.furniture.drawing import PREFIXES, draw, draw_colour
from latent.furniture.factors import NAMES, Factors
from latent.furniture.rays import SIZE, require_libraries
from latent.furniture.render import render
from latent.furniture.triples import COLOURS, LIGHT, VIEW, colours_apart

VERSION = 1  # of what the same piece and seed are drawn as; raise it when that changes
STREAM = 2  # third word of their seeds: no triple and no data set draws from it
TRIES = 8  # draws of a colour, of which the first one that differs plainly is taken
CHUNK = 250  # pictures a file: what a killed run loses at most, a core
DESIGN = tuple(name for name in NAMES if name not in {*COLOURS, *VIEW, *LIGHT})


def again(factors: Factors, index: int, seed: int) -> Factors:
    """The same design in other colours, another view and another light.

    Args:
        factors: of the piece.
        index: of the piece in its data set.
        seed: with the index, of all that is drawn anew.

    Returns:
        Its factors. The colour of every part differs by 60° of hue or 0.3 of lightness,
        where eight draws have one that does; grey metal, say, may differ by less.
    """
    rng = np.random.default_rng([seed, index, STREAM])
    other = draw(rng, {name: factors[name] for name in DESIGN})
    for prefix in PREFIXES:
        for _ in range(TRIES):
            if colours_apart(factors, other, prefix):
                break
            drawn = draw_colour(prefix, factors, rng)
            other |= {name: float(np.float32(value)) for name, value in drawn.items()}
    return other


def render_again(
    data: Dataset, indices: np.ndarray, seed: int, folder: Path, *, workers: int | None = None
) -> np.ndarray:
    """Render pieces once more, going on where a killed run ended.

    Args:
        data: rendered furniture.
        indices: of the pieces, shape (N,).
        seed: of what is drawn anew.
        folder: where pictures are kept; those of other pieces there are replaced.
        workers: processes; default one a core.

    Returns:
        Shape (N, 64, 64, 3), uint8.

    Raises:
        InputError: the libraries that render are not installed.
    """
    spans = [indices[start : start + CHUNK] for start in range(0, len(indices), CHUNK)]
    paths = [folder / f"again-{seed}" / f"{span[0]:06d}-{len(span)}.npz" for span in spans]
    of = data.sha256()
    parts = [_kept(path, _origin(of, span)) for path, span in zip(paths, spans, strict=True)]
    missing = [i for i, part in enumerate(parts) if part is None]
    if missing:
        require_libraries()
    with (
        tqdm(total=sum(len(spans[i]) for i in missing), disable=None, unit=" images") as bar,
        worker_pool(workers) as pool,
    ):
        jobs = {}
        for i in missing:
            pieces = [factors_at(data, int(index)) for index in spans[i]]
            job = pool.submit(_render_span, paths[i], pieces, spans[i], seed, _origin(of, spans[i]))
            jobs[job] = i
        for job in as_completed(jobs):
            parts[jobs[job]] = job.result()
            bar.update(len(spans[jobs[job]]))
    empty = np.empty((0, SIZE, SIZE, 3), np.uint8)
    return np.concatenate([empty, *[part for part in parts if part is not None]])


def _origin(of: str, indices: np.ndarray) -> np.ndarray:
    """What a file is rendered from."""
    return np.array([VERSION, *of.encode(), *indices])


def _kept(path: Path, origin: np.ndarray) -> np.ndarray | None:
    with suppress(InputError):
        kept = bundle.read_arrays(path, ("of", "images"))
        if np.array_equal(kept["of"], origin):
            return kept["images"]
    return None


def _render_span(
    path: Path, pieces: list[Factors], indices: np.ndarray, seed: int, origin: np.ndarray
) -> np.ndarray:
    drawn = [again(f, int(i), seed) for f, i in zip(pieces, indices, strict=True)]
    images = np.stack([render(factors) for factors in drawn])
    bundle.write_arrays(path, {"of": origin, "images": images})
    return images
