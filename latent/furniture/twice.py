"""Designs to learn from, each in two pictures or three: what these share is the design."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from latent.data import TRAIN, Dataset
from latent.furniture.again import again, render_again
from latent.furniture.dataset import factors_at, load_furniture, render_folder
from latent.furniture.factors import NAMES

MORE, MORE_SEED = 32_000, 1  # designs beside those of the data set, and what they are drawn from
ANEW, ONCE_MORE = 0, 1  # seeds of the second and of the third pictures
# tables with sides, of which it is hardest to tell from where they are seen: how many of each
# folder, what they are drawn from, and what all in it have
TABLES: dict[str, tuple[int, int, dict[str, str | float]]] = {
    "coffee": (30_000, 2, {"kind": "coffee"}),
    "dining": (22_000, 2, {"kind": "dining"}),
    "desk": (16_000, 2, {"kind": "desk"}),
    "trestle": (10_000, 2, {"kind": "trestle"}),
    "oval": (16_000, 3, {"kind": "round", "depth": 0.55}),
}


def twice(data: Dataset, renders: Path) -> Dataset:
    """Pictures of all designs to learn from; renders those that are not there yet.

    Args:
        data: rendered furniture, whose test split is left out.
        renders: its folder, where second pictures are kept; more designs lie beside it.

    Returns:
        An even number of pictures with their causes, all of the training split. First each design
        once, those of the data set and then others; after that the same designs in the same order
        in other colours, in another light and from another side.
    """
    return _pictures(data, renders, (ANEW,))


def more(data: Dataset, renders: Path) -> Dataset:
    """What `twice` gives, a third picture of each of these designs, and tables beside them.

    Args:
        data: rendered furniture, whose test split is left out.
        renders: its folder; what is not rendered yet is put there and beside it.
    """
    thrice = _pictures(data, renders, (ANEW, ONCE_MORE))
    tables = [
        designs_beside(renders.with_name(f"{renders.name}-{name}"), *drawn)
        for name, drawn in TABLES.items()
    ]
    return joined([thrice, *tables])


def _pictures(data: Dataset, renders: Path, seeds: tuple[int, ...]) -> Dataset:
    """Designs as they are in their data sets, and then once more for each seed."""
    beside = renders.with_name(f"{renders.name}-more")
    others = designs_beside(beside, MORE, MORE_SEED)
    parts = [
        (data, np.flatnonzero(data.split == TRAIN), renders),
        (others, np.arange(len(others.labels)), beside),
    ]
    once = [part.only(designs) for part, designs, _ in parts]
    return joined([*once, *(_anew(*part, seed) for seed in seeds for part in parts)])


def designs_beside(
    folder: Path, count: int, seed: int, fixed: Mapping[str, str | float] | None = None
) -> Dataset:
    """Designs that are in no data set, rendered into a folder unless they are there.

    Args:
        folder: where they are kept.
        count: of designs.
        seed: that they are drawn from.
        fixed: factors that they all have.
    """
    render_folder(folder, count, seed, fixed)
    found = load_furniture(folder)
    return Dataset(
        found.images, found.labels, np.full_like(found.split, TRAIN), found.factors, found.words
    )


def _anew(data: Dataset, indices: np.ndarray, folder: Path, seed: int) -> Dataset:
    """Further pictures of designs, with what causes them."""
    images = render_again(data, indices, seed, folder)
    drawn = [again(factors_at(data, int(i)), int(i), seed) for i in indices]
    same = data.only(indices)
    factors = dict(same.factors)  # what follows from the design stays
    for name in NAMES:
        if name not in data.words:
            factors[name] = np.array([piece[name] for piece in drawn], np.float32)
    return Dataset(images, same.labels, same.split, factors, data.words)


def joined(parts: Sequence[Dataset]) -> Dataset:
    """Data sets with the same causes as one, in their order."""
    return Dataset(
        np.concatenate([part.images for part in parts]),
        np.concatenate([part.labels for part in parts]),
        np.concatenate([part.split for part in parts]),
        {name: np.concatenate([part.factors[name] for part in parts]) for name in parts[0].factors},
        parts[0].words,
    )
