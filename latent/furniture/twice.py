"""Designs to learn from, each in two pictures: what two pictures share is the design."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from latent.data import TRAIN, Dataset
from latent.furniture.again import again, render_again
from latent.furniture.dataset import factors_at, load_furniture, render_folder
from latent.furniture.factors import NAMES

MORE, MORE_SEED = 32_000, 1  # designs beside those of the data set, and what they are drawn from
ANEW = 0  # seed of the second pictures


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
    beside = renders.with_name(f"{renders.name}-more")
    more = designs_beside(beside)
    parts = [
        (data, np.flatnonzero(data.split == TRAIN), renders),
        (more, np.arange(len(more.labels)), beside),
    ]
    once = [part.only(designs) for part, designs, _ in parts]
    anew = [_anew(part, designs, folder) for part, designs, folder in parts]
    return joined([*once, *anew])


def designs_beside(folder: Path) -> Dataset:
    """Designs that are in no data set, rendered into a folder unless they are there."""
    render_folder(folder, MORE, MORE_SEED)
    more = load_furniture(folder)
    return Dataset(more.images, more.labels, np.zeros_like(more.split), more.factors, more.words)


def _anew(data: Dataset, indices: np.ndarray, folder: Path) -> Dataset:
    """The second pictures of designs, with what causes them."""
    images = render_again(data, indices, ANEW, folder)
    drawn = [again(factors_at(data, int(i)), int(i), ANEW) for i in indices]
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
