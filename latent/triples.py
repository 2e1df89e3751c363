"""Two chairs and a table: which three to compare, and how far apart they lie."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np

from latent import bundle
from latent.errors import InputError
from latent.gallery import Gallery
from latent.space import model_folder, model_names

CLASSES = ("chair", "table")
TRIES = 8  # chairs drawn, of which the one with the most similar partner is taken
# what another word of a cause costs; what is not named here is no part of a chair's shape
WORDS = {"kind": 16.0, "legs": 6.0, "back": 6.0, "arms": 4.0, "upholstery": 3.0, "material": 0.5}
# what costs as much as 1: a share of the gallery's standard deviation, or degrees
SPREADS = {"width": 1.0, "depth": 1.0, "height": 1.0, "back_height": 0.7, "leg_thickness": 1.5}
DEGREES = {"azimuth": 12.0, "elevation": 12.0}
SATURATED = 0.2  # from here on a hue can be seen
NEARLY = {"width": 0.05, "height": 0.05, "azimuth": 10.0}  # metres, degrees: nobody sees less
HUES_APART = 60 / 360
LIGHTNESS_APART = 0.3


def models() -> list[str]:
    """Names of the models of chairs and tables whose causes are known, sorted."""
    found = []
    for name in model_names():
        with suppress(InputError):
            config = bundle.read_config(model_folder(name))
            if set(CLASSES) <= set(config["class_names"]) and config.get("factor_words"):
                found.append(name)
    return found


def draw_triple(
    gallery: Gallery,
    class_names: list[str],
    rng: np.random.Generator,
    among: np.ndarray | None = None,
) -> tuple[int, int, int]:
    """Two chairs alike in shape and view but not in colour, and a table of the first one's colour.

    So that colour speaks for the table and shape for the other chair. Where no chair
    differs enough in colour, the one that differs most is taken.

    Args:
        gallery: with its causes, as far as known.
        class_names: of the model.
        rng: draws some chairs; the one that has the most similar partner is taken.
        among: indices to choose from; default all.

    Returns:
        Indices of the chair, the other chair and the table.

    Raises:
        InputError: fewer than two chairs or no table to choose from.
    """
    if among is None:
        among = np.arange(len(gallery))
    chairs, tables = (among[gallery.labels[among] == class_names.index(name)] for name in CLASSES)
    if len(chairs) < 2 or not len(tables):
        raise InputError(
            f"A triple needs two chairs and a table; got {len(chairs)} and {len(tables)}. "
            "Train on both."
        )
    best: tuple[float, int, int] | None = None
    for chair in rng.permutation(chairs)[:TRIES]:
        others = chairs[chairs != chair]
        differs = other_colour(gallery, int(chair), others)
        if differs.any():
            others = others[differs]
            cost = unlikeness(gallery, int(chair), others)
        else:
            cost = 1e6 - colour_distance(gallery, int(chair), others)
        at = int(cost.argmin())
        if best is None or cost[at] < best[0]:
            best = float(cost[at]), int(chair), int(others[at])
    assert best is not None
    _, first, other = best
    return first, other, int(tables[colour_distance(gallery, first, tables).argmin()])


def unlikeness(gallery: Gallery, index: int, others: np.ndarray) -> np.ndarray:
    """How much other pieces differ from one in shape and view; colour does not count.

    Args:
        gallery: with its causes, as far as known.
        index: of the one.
        others: indices, shape (n,).

    Returns:
        Shape (n,), float64: 0 for the same shape from the same side.
    """
    cost = np.zeros(len(others))
    for name, weight in WORDS.items():
        if name in gallery.factors:
            cost += weight * (gallery.factors[name][others] != gallery.factors[name][index])
    for name, scale in (SPREADS | DEGREES).items():
        if name in gallery.factors:
            values = gallery.factors[name].astype(np.float64)
            unit = scale if name in DEGREES else scale * (values.std() or 1.0)
            cost += ((values[others] - values[index]) / unit) ** 2
    return cost


def other_colour(gallery: Gallery, index: int, others: np.ndarray) -> np.ndarray:
    """Which pieces are plainly of another colour, shape (n,), bool.

    Their hues lie 60° apart, if one can see both, or one is lighter by 0.3.
    """
    hue, saturation, lightness = _colours(gallery)
    turn = np.abs(hue[others] - hue[index])
    hues = np.minimum(turn, 1 - turn) >= HUES_APART
    seen = (saturation[others] >= SATURATED) & (saturation[index] >= SATURATED)
    return (hues & seen) | (np.abs(lightness[others] - lightness[index]) >= LIGHTNESS_APART)


def colour_distance(gallery: Gallery, index: int, others: np.ndarray) -> np.ndarray:
    """Distance of colours, red, green and blue each from 0 to 1; shape (n,)."""
    colours = rgb(*_colours(gallery))
    return np.sqrt(np.square(colours[others] - colours[index]).sum(1))


def rgb(hue: np.ndarray, saturation: np.ndarray, lightness: np.ndarray) -> np.ndarray:
    """Colours given as HSL, each number from 0 to 1, as red, green and blue: shape (n, 3)."""
    reach = saturation * np.minimum(lightness, 1 - lightness)
    place = (np.array([0, 8, 4]) + hue[:, None] * 12) % 12  # (n, 3)
    share = np.clip(np.minimum(place - 3, 9 - place), -1, 1)
    return lightness[:, None] - reach[:, None] * share


def distances(vectors: np.ndarray) -> np.ndarray:
    """Euclidean distances between three vectors.

    Args:
        vectors: shape (3, …).

    Returns:
        First to second, first to third, second to third; shape (3,), float64.
    """
    a, b, c = vectors.reshape(3, -1).astype(np.float64)
    return np.array([np.linalg.norm(a - b), np.linalg.norm(a - c), np.linalg.norm(b - c)])


def triangle(sides: np.ndarray) -> np.ndarray:
    """Corners of the triangle with these sides: its first side lies on the x-axis.

    Args:
        sides: first to second corner, first to third, second to third.

    Returns:
        Shape (3, 2), float64; the third corner has y ≥ 0.
    """
    ab, ac, bc = (float(side) for side in sides)
    if ab == 0:
        return np.array([[0.0, 0.0], [0.0, 0.0], [0.0, ac]])
    x = (ab**2 + ac**2 - bc**2) / (2 * ab)
    return np.array([[0.0, 0.0], [ab, 0.0], [x, np.sqrt(max(0.0, ac**2 - x**2))]])


@dataclass(frozen=True)
class Cause:
    """What is known to have caused two images, side by side.

    Args:
        name: of the factor; "colour" stands for three of them.
        values: of the one and of the other: a word, a number, or red, green and blue.
        same: whether they share it, numbers nearly.
    """

    name: str
    values: tuple[Any, Any]
    same: bool


def causes(gallery: Gallery, a: int, b: int) -> list[Cause]:
    """The causes of two pieces that a reader can see, words first, then sizes and view."""
    found = []
    for name, words in gallery.words.items():
        if name in WORDS:
            one, other = (words[gallery.factors[name][index]] for index in (a, b))
            found.append(Cause(name, (one, other), one == other))
    if "hue" in gallery.factors:
        one, other = rgb(*(values[[a, b]] for values in _colours(gallery)))
        differs = bool(other_colour(gallery, a, np.array([b]))[0])
        found.append(Cause("colour", (tuple(one), tuple(other)), not differs))
    for name, tolerance in NEARLY.items():
        if name in gallery.factors:
            one, other = (float(gallery.factors[name][index]) for index in (a, b))
            found.append(Cause(name, (one, other), abs(one - other) <= tolerance))
    return found


def _colours(gallery: Gallery) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Hue, saturation and lightness of every piece; full and medium where they are not known."""

    def of(name: str, unknown: float) -> np.ndarray:
        return gallery.factors.get(name, np.full(len(gallery), unknown)).astype(np.float64)

    return of("hue", 0.0), of("saturation", 1.0), of("lightness", 0.5)
