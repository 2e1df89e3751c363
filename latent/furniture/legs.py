"""What furniture stands on: solids from the floor to the underside of a seat or top."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from latent.furniture.factors import Factors, number
from latent.furniture.solids import (
    Parts,
    bar,
    box,
    cushion,
    mirrored,
    outline,
    smooth,
    tube,
    turned,
)

WHEEL = 0.026  # radius of a castor
Solids = list[np.ndarray]


@dataclass(frozen=True)
class Stand:
    """Room for legs: a rectangle centred at the origin, and a height.

    Args:
        f: factors; `legs` says which legs.
        width: along x, in metres; legs may be splayed beyond it.
        depth: along y.
        top: height to which the legs reach.
        whim: decides what no factor does, such as round or square.
    """

    f: Factors
    width: float
    depth: float
    top: float
    whim: np.random.Generator

    @property
    def thick(self) -> float:
        """How thick a leg is, in metres."""
        return number(self.f, "leg_thickness")

    @property
    def size(self) -> float:
        """The shorter side."""
        return min(self.width, self.depth)


def standing(s: Stand) -> Parts:
    """The legs that the factors ask for, and their wheels."""
    parts: Parts = [("legs", solid) for solid in LEGS[str(s.f["legs"])](s)]
    return parts + [("wheels", solid) for foot in _wheels_at(s) for solid in _wheel(*foot)]


def _wheels_at(s: Stand) -> list[tuple[float, float]]:
    if s.f["legs"] == "star" and s.f["kind"] == "swivel":
        reach = 0.9 * max(0.26, s.size * 0.58)
        return [(reach * float(np.sin(a)), -reach * float(np.cos(a))) for a in _star_angles(s, 5)]
    if s.f["legs"] == "castors":
        x, y = s.width / 2 - s.thick / 2, s.depth / 2 - s.thick / 2
        return [(x, y), (-x, y), (x, -y), (-x, -y)]
    return []


def _wheel(x: float, y: float) -> Solids:
    """A castor of two wheels on the floor."""
    wheel = turned([(0.01, -0.01), (WHEEL, -0.008), (WHEEL, 0.008), (0.01, 0.01)])
    upright = wheel[..., [2, 1, 0]]
    return [upright + np.array([x + side, y, WHEEL], np.float32) for side in (-0.014, 0.014)]


def _four(s: Stand) -> Solids:
    """Four legs at the corners, or three under what is round, with stretchers between."""
    kind, thick, whim = str(s.f["legs"]), s.thick, s.whim
    splayed = kind == "splayed"
    square = bool(whim.random() < (0.15 if splayed else 0.6))
    lean = np.tan(np.radians(number(s.f, "splay"))) * s.top
    out = {"splayed": 0.25 * s.top * 0.3 + lean, "tapered": 0.25 * lean}.get(kind, 0.0)
    tapers = {"splayed": whim.uniform(0.45, 0.9), "tapered": whim.uniform(0.4, 0.75)}
    inset = thick * 0.55 + (whim.uniform(0.02, 0.25) * s.size * splayed)
    x, y = s.width / 2 - inset, s.depth / 2 - inset
    floor = 2 * WHEEL if kind == "castors" else 0.0
    corners = [(x, y), (-x, y), (-x, -y), (x, -y)]
    if number(s.f, "roundness") > 0.8 and s.f["kind"] in ("round", "coffee", "stool"):
        n = 3 if whim.random() < 0.4 else 4
        angles = whim.uniform(0, 6) + np.arange(n) * 2 * np.pi / n
        reach = 1.05 * s.size / 2 - thick / 2
        corners = [(reach * float(np.cos(a)), reach * float(np.sin(a))) for a in angles]
    away = [np.array(c) / (np.linalg.norm(c) + 1e-9) for c in corners]
    feet = [np.append(np.array(c) + out * a, floor) for c, a in zip(corners, away, strict=True)]
    tops = [np.array([*c, s.top]) for c in corners]
    taper = tapers.get(kind, 1.0)
    solids = [bar(t, g, thick, taper=taper, square=square) for t, g in zip(tops, feet, strict=True)]
    if s.f["stretchers"] == "yes":
        solids += _stretchers(tops, feet, thick * 0.6, whim)
    return solids


def _stretchers(tops: Solids, feet: Solids, thick: float, whim: np.random.Generator) -> Solids:
    """Bars between legs, which run from `tops` to `feet`: around, an H or an X."""
    n, share, style = len(tops), whim.uniform(0.25, 0.7), whim.integers(3)
    at = [t + (g - t) * share for t, g in zip(tops, feet, strict=True)]
    if style == 0 or n == 3:
        return [bar(at[i], at[(i + 1) % n], thick) for i in range(n)]
    if style == 1:  # an H: both sides, and a bar between their middles
        left, right = (at[1] + at[2]) / 2, (at[0] + at[3]) / 2
        return [bar(at[1], at[2], thick), bar(at[0], at[3], thick), bar(left, right, thick)]
    return [bar(at[0], at[2], thick), bar(at[1], at[3], thick)]


def _sled(s: Stand) -> Solids:
    """A frame at each side: down in front, along the floor, up at the back."""
    thin, slant = min(s.thick, 0.045), s.whim.uniform(0, 0.12) * s.top
    x, y, r, low = s.width / 2 - s.thick / 2, s.depth / 2 - thin / 2, 0.05, thin / 2
    path = [
        (x, -y + slant, s.top),
        (x, -y, low + r),
        (x, -y + r / 3, low + r / 3),
        (x, -y + r, low),
        (x, y - r, low),
        (x, y - r / 3, low + r / 3),
        (x, y, low + r),
        (x, y - slant, s.top),
    ]
    return [mirrored(tube(path, thin, square=bool(s.whim.random() < 0.4)))]


def _crossed(s: Stand) -> Solids:
    """An X at each side, as what folds has it."""
    thick, top = s.thick, s.top
    x, y, flat = s.width / 2 - thick, s.depth / 2 - thick / 2, thick * 0.7
    outer = bar((x, -y, 0), (x, y, top), flat, thick, square=True)
    inner = bar((x - thick, y, 0), (x - thick, -y, top), flat, thick, square=True)
    places = ((-0.85 * y, top * 0.08), (0.85 * y, top * 0.08), (0.85 * y, top * 0.93))
    across = [bar((-x, at, z), (x, at, z), flat) for at, z in places]
    return [mirrored(outer), mirrored(inner), *across]


def _pedestal(s: Stand) -> Solids:
    """A trumpet, a column on a disc, or a plain or a turned column on four feet."""
    top, style = s.top, s.whim.integers(4)
    column = max(s.thick * 1.2, 0.03)
    reach = float(np.clip(s.size * s.whim.uniform(0.28, 0.42), 0.15, 0.4))
    if style == 0:
        z = np.linspace(0, 1, 12)
        radius = column / 2 + (reach - column / 2) * np.exp(-z * 9)
        radius += 0.25 * reach * np.exp((z - 1) * 12)
        return [turned(list(zip(radius, z * top, strict=True)))]
    if style == 1:
        disc = [(reach, 0.0), (reach, 0.012), (column, 0.03)]
        return [turned([*disc, (column / 2, 0.05), (column / 2, top)])]
    heavy = column * (1 + (style == 3) * 1.2)
    z, bulge = np.linspace(0.08, 1, 16), s.whim.uniform(0, 9)
    radius = heavy / 2 * (1 + (style == 3) * 0.4 * np.sin(z * 9 + bulge))
    solids = [turned(list(zip(radius, z * top, strict=True)))]
    for angle in s.whim.uniform(0, np.pi) + np.arange(4) * np.pi / 2:
        x, y = np.cos(angle) * reach, np.sin(angle) * reach
        rise = heavy * 0.4  # half the foot's thickness: it lies on the floor
        path = smooth([(0, 0, top * 0.22), (x * 0.5, y * 0.5, rise + 0.06), (x, y, rise)], 10)
        solids.append(tube(path, heavy * 0.8, square=bool(style == 2)))
    return solids


def _star_angles(s: Stand, n: int) -> np.ndarray:
    return number(s.f, "detail") % 7 / 7 + np.arange(n) * 2 * np.pi / n


def _star(s: Stand) -> Solids:
    """A column with four arms, or with five on castors under a swivel chair."""
    rolling, top = s.f["kind"] == "swivel", s.top
    floor = 2 * WHEEL if rolling else 0.01
    reach, n = (max(0.26, s.size * 0.58), 5) if rolling else (max(0.2, s.size * 0.45), 4)
    thick = float(np.clip(s.thick, 0.022, 0.05))
    hub = floor + 0.05 + s.whim.uniform(0, 0.04)
    column = [(thick * 0.7, floor), (thick, hub), (thick * 0.75, hub + 0.02)]
    solids = [turned([*column, (thick * 0.6, top * 0.75), (thick * 0.4, top)])]
    for angle in _star_angles(s, n):
        x, y = np.sin(angle) * reach, -np.cos(angle) * reach
        path = [(0, 0, hub), (x * 0.5, y * 0.5, (hub + floor) / 2 + 0.012), (x, y, floor)]
        solids.append(tube(path, np.array([1.2, 1, 0.8]) * thick))
    if rolling and s.f["back"] != "shell":
        plate = outline(s.size * 0.45, s.size * 0.45, 0.3)
        solids.append(cushion(plate, top - 0.05, top, softness=0.2))
    return solids


def _panel(s: Stand) -> Solids:
    """A board at each side, and one between them."""
    x, y, top = s.width / 2, s.depth, s.top
    side = box([x - s.thick * 0.7, -y / 2, 0], [x, y / 2, top])
    return [mirrored(side), box([-x, y * 0.3, top * 0.45], [x, y * 0.3 + 0.018, top])]


def _trestle(s: Stand) -> Solids:
    """An A at each end."""
    x, y, thick, top = s.width / 2 * 0.76, s.depth / 2 * 0.85, s.thick, s.top
    lean, at = 0.06 * top, top * 0.45
    solids = []
    for side in (-1, 1):
        leg = bar((x, side * y * 0.35, top), (x + lean, side * y, 0), thick, square=True)
        solids.append(mirrored(leg))
    middle, high = x + lean / 2, top - thick / 2
    rung = bar((middle, -y * 0.7, at), (middle, y * 0.7, at), thick * 0.7, square=True)
    head = bar((x, -y * 0.6, high), (x, y * 0.6, high), thick, square=True)
    solids += [mirrored(rung), mirrored(head)]
    if s.f["stretchers"] == "yes":
        solids.append(bar((-x, 0, at), (x, 0, at), thick * 0.6, square=True))
    return solids


def _column(s: Stand) -> Solids:
    """A column with a long foot at each end."""
    x, y, top = s.width / 2 * 0.7, s.depth / 2 * 0.85, s.top
    heavy = max(s.thick, 0.035)
    solids = [
        mirrored(bar((x, 0, 0), (x, 0, top), heavy * 1.4, heavy, square=True)),
        mirrored(bar((x, -y, heavy * 0.4), (x, y, heavy * 0.4), heavy, heavy * 0.8, square=True)),
        mirrored(bar((x, -y, top - 0.02), (x, y, top - 0.02), heavy, 0.03, square=True)),
    ]
    if s.f["stretchers"] == "yes":
        solids.append(bar((-x, 0, top * 0.3), (x, 0, top * 0.3), heavy * 0.7, square=True))
    return solids


LEGS: dict[str, Callable[[Stand], Solids]] = {
    "straight": _four,
    "tapered": _four,
    "splayed": _four,
    "castors": _four,
    "sled": _sled,
    "crossed": _crossed,
    "pedestal": _pedestal,
    "star": _star,
    "panel": _panel,
    "trestle": _trestle,
    "column": _column,
}
