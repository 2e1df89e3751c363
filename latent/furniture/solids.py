"""Solids of which furniture is put together: every one is a loft, rings joined to a skin.

x runs to the right, y to the back, z up, in metres; a solid is its triangles,
shape (T, 3, 3), float32.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

ROUND = 12  # sides of a round bar; at 64 pixels no corner shows
Point = Sequence[float] | np.ndarray
Parts = list[tuple[str, np.ndarray]]  # solids, each with the part of the furniture it is of


def loft(rings: np.ndarray) -> np.ndarray:
    """Join rings of points to a closed skin, with a fan over each end.

    Args:
        rings: shape (n, m, 3), n rings of m points each.
    """
    rings = np.asarray(rings, np.float32)
    fans = []
    for ring in (rings[0, ::-1], rings[-1]):  # both wound as seen from outside
        middle = np.broadcast_to(ring.mean(0), ring.shape)
        fans.append(np.stack([ring, np.roll(ring, -1, axis=0), middle], 1))
    return np.concatenate([_skin(rings), *fans])


def _skin(rings: np.ndarray) -> np.ndarray:
    """The sides of a loft, open at both ends."""
    ahead, beside = rings[1:], np.roll(rings, -1, axis=1)
    sides = [
        np.stack([rings[:-1], beside[:-1], beside[1:]], 2),  # (n - 1, m, 3 corners, 3)
        np.stack([rings[:-1], beside[1:], ahead], 2),
    ]
    return np.concatenate([part.reshape(-1, 3, 3) for part in sides])


def tube(
    path: Sequence[Point] | np.ndarray,
    width: float | np.ndarray,
    height: float | np.ndarray | None = None,
    *,
    square: bool = False,
) -> np.ndarray:
    """A bar along a path, round or of rectangular section.

    Args:
        path: shape (n, 3).
        width: of the section, across the plane that the path bends in; a number or
            one for each point.
        height: within that plane; default the same.
        square: a rectangle instead of an ellipse.
    """
    path = np.asarray(path, np.float64)
    ahead = np.gradient(path, axis=0)
    ahead /= np.linalg.norm(ahead, axis=1, keepdims=True) + 1e-12
    reference = np.eye(3)[np.abs(ahead).max(0).argmin()]  # the axis it runs along least
    up = np.cross(ahead, reference)
    up /= np.linalg.norm(up, axis=1, keepdims=True)
    side = np.cross(up, ahead)
    section = _square() if square else _circle(ROUND)
    half = np.empty((2, len(path), 1, 1))
    half[0, :, 0, 0] = np.asarray(width) / 2
    half[1, :, 0, 0] = np.asarray(width if height is None else height) / 2
    return loft(
        path[:, None]
        + half[0] * section[:, :1] * side[:, None]
        + half[1] * section[:, 1:] * up[:, None]
    )


def bar(
    start: Point,
    end: Point,
    width: float,
    height: float | None = None,
    *,
    taper: float = 1.0,
    square: bool = False,
) -> np.ndarray:
    """A straight bar; its section at the end is `taper` times that at the start."""
    sizes = np.array([1.0, taper])
    across = None if height is None else height * sizes
    return tube([start, end], width * sizes, across, square=square)


def box(low: Point, high: Point) -> np.ndarray:
    """A box with its faces along the axes."""
    a, b = np.asarray(low, float), np.asarray(high, float)
    corners = (_square() + 1) / 2 * (b - a)[:2] + a[:2]
    return loft(np.stack([_at(corners, a[2]), _at(corners, b[2])]))


def outline(width: float, depth: float, roundness: float) -> np.ndarray:
    """A rectangle (0), one with round corners, an ellipse (1): shape (m, 2), round the origin."""
    if roundness <= 0.01:
        return _square() * (width / 2, depth / 2)
    power = 2 / roundness  # of the superellipse |x|ⁿ + |y|ⁿ = 1
    angle = (np.arange(40) + 0.5) * (2 * np.pi / 40)
    across = np.stack([np.cos(angle), np.sin(angle)], 1)
    return np.sign(across) * np.abs(across) ** (2 / power) * (width / 2, depth / 2)


def slab(
    edge: np.ndarray, bottom: float, top: float, centre: Sequence[float] = (0, 0)
) -> np.ndarray:
    """A board of that outline, its edges a little broken so that they catch light."""
    bevel = min(0.006, (top - bottom) / 4)
    shrink = 1 - bevel / np.abs(edge).max(0)
    rings = [(shrink, bottom), (1, bottom + bevel), (1, top - bevel), (shrink, top)]
    return loft(np.stack([_at(edge * scale + centre, z) for scale, z in rings]))


def cushion(
    edge: np.ndarray,
    bottom: float,
    top: float,
    centre: Sequence[float] = (0, 0),
    *,
    softness: float = 0.5,
) -> np.ndarray:
    """A pad of that outline with a bulging rim, the rounder the softer."""
    angle = np.linspace(-0.97, 0.97, 9) * np.pi / 2
    power = 0.35 + 0.5 * softness
    height = np.sign(angle) * np.abs(np.sin(angle)) ** power
    reach = 1 - (1 - np.cos(angle) ** (power * 0.6)) * 0.5 * softness
    middle, half = (bottom + top) / 2, (top - bottom) / 2
    return loft(
        np.stack([_at(edge * r + centre, middle + half * h)
                  for r, h in zip(reach, height, strict=True)])
    )  # fmt: skip


def turned(profile: Sequence[Sequence[float]], centre: Sequence[float] = (0, 0)) -> np.ndarray:
    """A solid from the lathe: `profile` lists (radius, z) from the bottom up."""
    circle = _circle(28)
    return loft(np.stack([_at(circle * max(r, 1e-4) + centre, z) for r, z in profile]))


def sheet(grid: np.ndarray, thickness: float) -> np.ndarray:
    """A bent board or shell of even thickness round a surface.

    Args:
        grid: points of the surface, shape (n, m, 3).
        thickness: in metres.
    """
    normal = np.cross(np.gradient(grid, axis=0), np.gradient(grid, axis=1))
    normal /= np.linalg.norm(normal, axis=2, keepdims=True) + 1e-12
    front, back = grid + normal * thickness / 2, grid - normal * thickness / 2
    rows = np.concatenate([front, back[:, ::-1]], 1).astype(np.float32)
    # no fan over the ends: it would put a lid on a tub
    first = np.stack([back[0], front[0]])
    last = np.stack([front[-1], back[-1]])
    return np.concatenate([_skin(rows), *(_strip(end.astype(np.float32)) for end in (first, last))])


def _strip(rails: np.ndarray) -> np.ndarray:
    """The strip between two rows of points, shape (2, m, 3), which are not closed to rings."""
    (a, b), (c, d) = rails[:, :-1], rails[:, 1:]
    return np.concatenate([np.stack([a, c, d], 1), np.stack([a, d, b], 1)])


def mirrored(solid: np.ndarray) -> np.ndarray:
    """A solid and its mirror image at the plane x = 0."""
    return np.concatenate([solid, solid * np.array([-1, 1, 1], np.float32)])


def smooth(points: Sequence[Point] | np.ndarray, n: int = 24) -> np.ndarray:
    """A curve through points, shape (n, 3): Catmull and Rom's spline."""
    knots = np.asarray(points, float)
    padded = np.concatenate([[2 * knots[0] - knots[1]], knots, [2 * knots[-1] - knots[-2]]])
    at = np.linspace(0, len(knots) - 1, n)
    i = np.minimum(at.astype(int), len(knots) - 2)
    t = (at - i)[:, None]
    a, b, c, d = (padded[i + k] for k in range(4))
    return 0.5 * (
        2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3
    )


def _circle(n: int) -> np.ndarray:
    angle = np.arange(n) * (2 * np.pi / n)
    return np.stack([np.cos(angle), np.sin(angle)], 1)


def _square() -> np.ndarray:
    return np.array([[-1.0, -1], [1, -1], [1, 1], [-1, 1]])


def _at(edge: np.ndarray, z: float) -> np.ndarray:
    return np.column_stack([edge, np.full(len(edge), z)])
