"""Test triples: a chair, the same chair in another colour, and a table in the first colour.

Pixels find the table nearer where colour outweighs shape; a code that holds what a thing is
apart from its colour does not.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
from tqdm import tqdm

from latent import bundle
from latent.errors import InputError
from latent.furniture.dataset import VERSION, worker_pool
from latent.furniture.drawing import PREFIXES, SHARES, draw, draw_colour
from latent.furniture.factors import CHAIRS, Choice, Factors, number
from latent.furniture.rays import require_libraries
from latent.furniture.render import render

TRIPLES_VERSION = 1  # of what the same seed draws; raise it when triples change
STREAM = 1  # third word of their seeds: images of data sets have two, so no triple is one
HUE_APART, LIGHTNESS_APART = 1 / 6, 0.3  # of the circle; at least one of the two
COLOURFUL = 0.2  # chroma from which a hue is seen
CHUNK = 20  # triples a job
COLOURS = [prefix + name for prefix in PREFIXES for name in ("hue", "saturation", "lightness")]
VIEW = ("azimuth", "elevation", "lens", "margin", "shift_x", "shift_y")
LIGHT = (
    "light_azimuth", "light_elevation", "light_softness", "contrast", "exposure", "warmth",
    "shadow",
)  # fmt: skip


def triple(index: int, seed: int) -> tuple[Factors, Factors, Factors]:
    """Triple `index` of a seed, whatever else is drawn.

    Returns:
        A chair of any kind; the same chair with every part in another colour that its
        material may have, at least 60° of hue (where both are colourful) or 0.3 of
        lightness away; and any table, in the first chair's colours. All three share view
        and light.
    """
    rng = np.random.default_rng([seed, index, STREAM])
    tables = [kind for kind in SHARES if kind not in CHAIRS]
    chair_kind, table_kind = (
        Choice({kind: SHARES[kind] for kind in kinds}).draw(rng) for kinds in (CHAIRS, tables)
    )
    chair = draw(rng, {"kind": chair_kind})
    first, second = dict(chair), dict(chair)
    for prefix in PREFIXES:
        one, other = _two_colours(prefix, chair, rng)
        first |= one
        second |= other
    shared = {name: first[name] for name in (*COLOURS, *VIEW, *LIGHT)}
    return first, second, draw(rng, {"kind": table_kind, **shared})


def _two_colours(prefix: str, drawn: Factors, rng: np.random.Generator) -> tuple[Factors, Factors]:
    """Two colours of one part that are apart."""
    while True:
        one, other = (_stored(draw_colour(prefix, drawn, rng)) for _ in range(2))
        if colours_apart(one, other, prefix):
            return one, other


def _stored(colour: Factors) -> Factors:
    return {name: float(np.float32(value)) for name, value in colour.items()}


def colours_apart(one: Factors, other: Factors, prefix: str = "") -> bool:
    """Whether nobody would call the two colours of a part the same."""
    a, b = (
        [number(f, prefix + n) for n in ("hue", "saturation", "lightness")] for f in (one, other)
    )
    turn = abs(a[0] - b[0]) % 1
    seen = min(s * (1 - abs(2 * lightness - 1)) for _, s, lightness in (a, b)) >= COLOURFUL
    return abs(a[2] - b[2]) >= LIGHTNESS_APART or (seen and min(turn, 1 - turn) >= HUE_APART)


def render_triples(
    count: int, seed: int, folder: Path, *, workers: int | None = None
) -> np.ndarray:
    """Render triples, or read those that were rendered before.

    Args:
        count: triples.
        seed: triple i depends on seed and i alone.
        folder: where they are kept; others of the same count and seed there, but of
            another version or damaged, are replaced.
        workers: processes; default one a core.

    Returns:
        Shape (count, 3, 64, 64, 3), uint8: chair, recoloured chair, table.

    Raises:
        InputError: the libraries that render are not installed.
    """
    path = folder / f"triples-{seed}-{count}.npz"
    version = np.array([VERSION, TRIPLES_VERSION])
    with suppress(InputError):
        kept = bundle.read_arrays(path, ("version", "images"))
        if np.array_equal(kept["version"], version) and kept["images"].shape[:2] == (count, 3):
            return kept["images"]
    require_libraries()
    spans = [(start, min(start + CHUNK, count)) for start in range(0, count, CHUNK)]
    with tqdm(total=count, disable=None, unit=" triples") as bar, worker_pool(workers) as pool:
        parts = []
        for part in pool.map(_render_span, spans, [seed] * len(spans)):
            parts.append(part)
            bar.update(len(part))
    images = np.concatenate(parts)
    bundle.write_arrays(path, {"version": version, "images": images})
    return images


def _render_span(span: tuple[int, int], seed: int) -> np.ndarray:
    drawn = (triple(index, seed) for index in range(*span))
    return np.stack([np.stack([render(factors) for factors in three]) for three in drawn])


def shares_closer(
    images: np.ndarray, encode: Callable[[np.ndarray], np.ndarray]
) -> dict[str, float]:
    """In how many triples the two chairs are closer than chair and table.

    Args:
        images: shape (N, 3, H, W, 3), uint8, as `render_triples` gives them.
        encode: (B, 3, H, W), float32 in [0, 1], to codes (B, latent_dim).

    Returns:
        "pixels" and "codes": the share in which the chair is nearer (Euclid) to itself in
        another colour than to the table in its own; "pixels_of_both" and "codes_of_both":
        the share in which the recoloured chair too is nearer to the chair than to the table.
    """
    three = [np.ascontiguousarray(np.moveaxis(images[:, i], 3, 1)) for i in range(3)]
    x = [side.astype(np.float32) / 255 for side in three]
    figures: dict[str, float] = {}
    for name, sides in (
        ("pixels", [side.reshape(len(side), -1) for side in x]),
        ("codes", [encode(side) for side in x]),
    ):
        chair, recoloured, table = sides
        between = np.linalg.norm(chair - recoloured, axis=1)
        closer = between < np.linalg.norm(chair - table, axis=1)
        both = closer & (between < np.linalg.norm(recoloured - table, axis=1))
        figures |= {name: float(closer.mean()), f"{name}_of_both": float(both.mean())}
    return figures
