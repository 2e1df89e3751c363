"""Groups that a map can be coloured and filtered by: one for each known cause."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from latent.gallery import Gallery

MOST = 10  # groups, as many as there are colours that anybody can tell apart
BINS = 6  # of a cause that is a number
UNITS = {
    "width": "m", "depth": "m", "height": "m", "back_height": "m", "leg_thickness": "cm",
    "azimuth": "°", "elevation": "°", "extent": "m",
}  # fmt: skip
SCALE = {"cm": 100.0}


@dataclass(frozen=True)
class Grouping:
    """One way to divide the gallery.

    Args:
        name: of the cause.
        title: as a reader sees it.
        names: of the groups.
        of: which group each image belongs to, shape (N,), uint8.
        ordered: whether the groups follow one another on a scale.
    """

    name: str
    title: str
    names: list[str]
    of: np.ndarray
    ordered: bool


def groupings(gallery: Gallery) -> list[Grouping]:
    """A grouping for each cause that the gallery knows and that is not the same for all."""
    found = []
    for name, values in gallery.factors.items():
        title = name.replace("_", " ").capitalize()
        words = gallery.words.get(name)
        grouping = _by_word(name, title, values, words) if words else _by_size(name, title, values)
        if len(grouping.names) > 1:
            found.append(grouping)
    return found


def _by_word(name: str, title: str, values: np.ndarray, words: list[str]) -> Grouping:
    """The most frequent words; what is rarer falls together as "other"."""
    counts = np.bincount(values, minlength=len(words))
    order = [int(i) for i in np.argsort(-counts, kind="stable") if counts[i]]
    kept = order if len(order) <= MOST else order[: MOST - 1]
    names = [words[i] for i in kept] + (["other"] if len(kept) < len(order) else [])
    place = np.full(len(words), len(kept), np.uint8)
    place[kept] = np.arange(len(kept))
    return Grouping(name, title, names, place[values], ordered=False)


def _by_size(name: str, title: str, values: np.ndarray) -> Grouping:
    """Bins that hold about as many images each; images without the part are "none"."""
    unit = UNITS.get(name, "")
    shown = values * SCALE.get(unit, 1.0)
    absent = shown == 0 if unit in ("m", "cm") else np.zeros(len(shown), bool)
    if absent.all():
        return Grouping(name, title, ["none"], np.zeros(len(shown), np.uint8), ordered=True)
    edges = np.unique(np.quantile(shown[~absent], np.linspace(0, 1, BINS + 1)))
    bins = np.searchsorted(edges[1:-1], shown, side="right")
    names = [f"{low:.3g} to {high:.3g}" for low, high in pairwise(edges)]
    if absent.any():
        bins[absent] = len(names)
        names.append("none")
    title = f"{title} ({unit})" if unit else title
    return Grouping(name, title, names, bins.astype(np.uint8), ordered=True)
