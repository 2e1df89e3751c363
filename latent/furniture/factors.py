"""What a rendered piece of furniture depends on: names, what they may be, checks.

An image is its factors and nothing else: the same factors give the same image.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from latent.errors import InputError

Factors = dict[str, str | float]


@dataclass(frozen=True)
class Number:
    """A factor that is a number from `low` to `high`, both included.

    Args:
        low: the least that is allowed.
        high: the most.
        whole: whether it is a whole number.
        drawn: the range it is drawn from, where that is a part of what is allowed.
    """

    low: float
    high: float
    whole: bool = False
    drawn: tuple[float, float] | None = None

    def draw(self, rng: np.random.Generator) -> float:
        """Any number of the range, all alike."""
        low, high = self.drawn or (self.low, self.high)
        return (
            float(rng.integers(int(low), int(high) + 1)) if self.whole else rng.uniform(low, high)
        )

    def allows(self, value: str | float) -> bool:
        """Whether a piece may have this value."""
        if isinstance(value, str):
            return False
        low, given, high = np.array([self.low, value, self.high], np.float32)  # as it is stored
        return bool(low <= given <= high) and (not self.whole or value == int(value))

    def __str__(self) -> str:
        return f"{'a whole number ' if self.whole else ''}from {self.low:g} to {self.high:g}"


@dataclass(frozen=True)
class Choice:
    """A factor that is one of several words, each with the weight it is drawn with."""

    weights: Mapping[str, float]

    def draw(self, rng: np.random.Generator) -> str:
        """One of the words."""
        weights = np.array(list(self.weights.values()))
        return list(self.weights)[rng.choice(len(weights), p=weights / weights.sum())]

    def allows(self, value: str | float) -> bool:
        """Whether a piece may have this value."""
        return isinstance(value, str) and self.weights.get(value, 0) > 0

    def __str__(self) -> str:
        return f"one of: {', '.join(word for word, share in self.weights.items() if share)}"


def choice(text: str) -> Choice:
    """`straight 5, tapered 3`: words with their weights."""
    pairs = (pair.split() for pair in text.split(","))
    return Choice({name: float(weight) for name, weight in pairs})


def flag(share: float) -> Choice:
    """`yes` for that share of the pieces."""
    return Choice({"no": 1 - share, "yes": share})


# what every piece has, and the range it has unless its kind says otherwise
COMMON: dict[str, Number | Choice] = {
    "width": Number(0.4, 0.58),
    "depth": Number(0.4, 0.56),
    "height": Number(0.4, 0.5),
    "legs": choice("straight 1"),
    "leg_thickness": Number(0.014, 0.05),
    "splay": Number(0, 20),
    "top_thickness": Number(0.012, 0.06),
    "roundness": Number(0, 1),
    "stretchers": flag(0.35),
    "back": choice("none 1"),
    "back_height": Number(0, 0),
    "tilt": Number(0, 0),
    "curve": Number(0, 0),
    "slats": Number(0, 0, whole=True),
    "arms": choice("none 1"),
    "headrest": flag(0),
    "upholstery": choice("none 1"),
    "apron": flag(0),
    "shelf": flag(0),
    "drawers": Number(0, 0, whole=True),
    "leaves": flag(0),
    "material": choice("wood 5, painted 4, plastic 1, metal 0.5"),
    "leg_material": choice("same 6, wood 1.5, painted 1.5, metal 1.5"),
    "hue": Number(0, 1),
    "saturation": Number(0, 1),
    "lightness": Number(0, 1),
    "leg_hue": Number(0, 1),
    "leg_saturation": Number(0, 1),
    "leg_lightness": Number(0, 1),
    "pad_hue": Number(0, 1),
    "pad_saturation": Number(0, 1),
    "pad_lightness": Number(0, 1),
    "texture": Number(0, 1),
    "azimuth": Number(-90, 90),
    "elevation": Number(0, 45),
    "lens": Number(8, 50),
    "light_azimuth": Number(-90, 90),
    "light_elevation": Number(20, 85),
    "light_softness": Number(0.05, 0.6),
    "contrast": Number(0, 1),
    "exposure": Number(0.8, 1.25),
    "warmth": Number(-1, 1),
    "shadow": Number(0, 1),
    "margin": Number(0, 0.12),
    "shift_x": Number(-0.05, 0.05),
    "shift_y": Number(-0.05, 0.05),
    "detail": Number(0, 65535, whole=True),
}
_SEATED: dict[str, Number | Choice] = {
    "tilt": Number(0, 25),
    "curve": Number(0, 0.1),
    "slats": Number(2, 9, whole=True),
    "back_height": Number(0.28, 0.8, drawn=(0.28, 0.62)),
    "upholstery": choice("none 5, seat 3, full 4"),
    "material": choice(
        "wood 5, painted 4, plastic 2, fabric 2, leather 1.2, wicker 0.6, metal 0.6"
    ),
}
_TABLE: dict[str, Number | Choice] = {"apron": flag(0.55), "stretchers": flag(0.15)}
KINDS: dict[str, dict[str, Number | Choice]] = {
    "chair": {
        **COMMON,
        **_SEATED,
        "legs": choice(
            "straight 5, tapered 5, splayed 4, sled 2, crossed 2, pedestal 0.7, star 0.5, "
            "rocker 0.4"
        ),
        "back": choice("solid 5, slats 3, ladder 3, spindles 2, cross 1.2, shell 5"),
        "arms": choice("none 7, open 2"),
    },
    "armchair": {
        **COMMON,
        **_SEATED,
        "width": Number(0.56, 0.98),
        "depth": Number(0.52, 0.9),
        "height": Number(0.32, 0.46),
        "back_height": Number(0.24, 0.8),
        "tilt": Number(3, 32),
        "legs": choice(
            "straight 4, tapered 3, splayed 2.5, sled 2, cantilever 3, rocker 3, star 1, "
            "pedestal 0.7, plinth 2.5"
        ),
        "back": choice("solid 6, shell 5, slats 0.6, ladder 0.4, spindles 0.6"),
        "arms": choice("open 5, closed 6, none 1.5"),
        "headrest": flag(0.2),
        "top_thickness": Number(0.05, 0.2),
        "upholstery": choice("none 1, seat 1.5, full 7"),
    },
    "swivel": {
        **COMMON,
        **_SEATED,
        "width": Number(0.42, 0.6),
        "height": Number(0.42, 0.54),
        "back_height": Number(0.3, 0.85),
        "legs": choice("star 9, pedestal 1"),
        "back": choice("solid 5, shell 5, slats 0.3, spindles 0.3"),
        "arms": choice("open 6, none 4"),
        "headrest": flag(0.3),
        "top_thickness": Number(0.015, 0.12),
        "upholstery": choice("none 2, seat 1, full 6"),
    },
    "stool": {
        **COMMON,
        **_SEATED,
        "width": Number(0.3, 0.46),
        "depth": Number(0.3, 0.44),
        "height": Number(0.45, 0.8),
        "back_height": Number(0, 0.42, drawn=(0.12, 0.42)),
        "legs": choice("straight 4, tapered 3, splayed 3, sled 2, crossed 1, pedestal 1, star 0.7"),
        "back": choice("none 3, solid 4, ladder 2, slats 1.5, cross 1, spindles 1, shell 1.5"),
        "stretchers": flag(0.85),
    },
    "dining": {
        **COMMON,
        **_TABLE,
        "width": Number(0.45, 2.3),
        "depth": Number(0.4, 1.1),
        "height": Number(0.62, 0.9),
        "leg_thickness": Number(0.015, 0.1),
        "roundness": Number(0, 0.3),
        "legs": choice("straight 7, tapered 4, splayed 2.5, sled 2, pedestal 1.5, panel 0.5"),
        "shelf": flag(0.12),
        "leaves": flag(0.12),
    },
    "round": {
        **COMMON,
        **_TABLE,
        "width": Number(0.35, 1.5),
        "depth": Number(0.35, 1.3),
        "height": Number(0.38, 1.05),
        "leg_thickness": Number(0.012, 0.09),
        "roundness": Number(0.8, 1),
        "legs": choice("straight 2.5, tapered 3, splayed 3, pedestal 4, star 1.5, crossed 1"),
        "shelf": flag(0.2),
        "apron": flag(0.35),
    },
    "coffee": {
        **COMMON,
        **_TABLE,
        "width": Number(0.4, 1.5),
        "depth": Number(0.35, 0.95),
        "height": Number(0.25, 0.58),
        "leg_thickness": Number(0.012, 0.09),
        "roundness": Number(0, 1),
        "legs": choice("straight 5, tapered 2, splayed 3, sled 2, castors 1.5, panel 1"),
        "shelf": flag(0.45),
        "drawers": Number(0, 2, whole=True),
    },
    "desk": {
        **COMMON,
        **_TABLE,
        "width": Number(0.7, 1.8),
        "depth": Number(0.42, 0.85),
        "height": Number(0.68, 0.82),
        "roundness": Number(0, 0.12),
        "legs": choice("straight 4, tapered 3, splayed 1, sled 1.5, panel 3"),
        "drawers": Number(1, 8, whole=True),
    },
    "trestle": {
        **COMMON,
        **_TABLE,
        "width": Number(0.45, 2.3),
        "depth": Number(0.4, 1),
        "height": Number(0.62, 0.9),
        "leg_thickness": Number(0.014, 0.08),
        "roundness": Number(0, 0.4),
        "legs": choice("trestle 5, crossed 4, column 2"),
        "stretchers": flag(0.6),
        "apron": flag(0.15),
    },
}
CHAIRS = ("chair", "armchair", "swivel", "stool")
NAMES = ("kind", *COMMON)


def check(fixed: Mapping[str, str | float]) -> list[str]:
    """The kinds of furniture that may have these factors.

    Raises:
        InputError: a name is unknown, or no kind allows the value; says what is allowed.
    """
    for name in fixed:
        if name not in NAMES:
            raise InputError(f"Unknown factor {name!r}; choose one of: {', '.join(NAMES)}.")
    kind = fixed.get("kind")
    if kind is not None and kind not in KINDS:
        raise InputError(f"The factor 'kind' is one of: {', '.join(KINDS)}; got {kind!r}.")
    kinds = list(KINDS) if kind is None else [str(kind)]
    for name, value in fixed.items():
        fitting = [k for k in kinds if name == "kind" or KINDS[k][name].allows(value)]
        if not fitting:
            whose = f" of {' or '.join(kinds)}" if len(kinds) < len(KINDS) else ""
            raise InputError(
                f"The factor {name!r}{whose} is {_allowed(kinds, name)}; got {value!r}."
            )
        kinds = fitting
    return kinds


def words(name: str) -> tuple[str, ...]:
    """The words that a factor is one of; none if it is a number."""
    if name == "kind":
        return tuple(KINDS)
    specs = [kind[name] for kind in KINDS.values()]
    return tuple(sorted({w for spec in specs if isinstance(spec, Choice) for w in spec.weights}))


def number(factors: Mapping[str, str | float], name: str) -> float:
    """A factor that is a number."""
    value = factors[name]
    assert not isinstance(value, str), name
    return value


def _allowed(kinds: list[str], name: str) -> str:
    """All that these kinds allow, in words."""
    specs = [KINDS[kind][name] for kind in kinds]
    numbers = [spec for spec in specs if isinstance(spec, Number)]
    if numbers:
        low, high = min(spec.low for spec in numbers), max(spec.high for spec in numbers)
        return str(Number(low, high, numbers[0].whole))
    weights = [spec.weights for spec in specs if isinstance(spec, Choice)]
    return str(Choice({word: w for each in weights for word, w in each.items() if w}))
