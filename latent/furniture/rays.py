"""Rays from a camera into triangles: which are hit, what is in the way."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from types import ModuleType

import numpy as np

from latent.errors import InputError
from latent.furniture.factors import Factors, number

SIZE = 64  # pixels a side
RAYS = 3  # a side of a pixel
LOOKS = 2  # into the studio, from where each ray lands


def require_libraries() -> None:
    """Complain before the long part, not in it.

    Raises:
        InputError: the libraries that render are not installed.
    """
    _embree()


@dataclass(frozen=True)
class Rays:
    """What belongs to each ray from the camera.

    Args:
        ahead: its direction, shape (N, 3).
        strata: for each look into the studio a point on the unit sphere, shape (looks, N, 3).
            The nine rays of a pixel get points spread evenly, in every pixel the same ones:
            soft light without noise.
    """

    ahead: np.ndarray
    strata: np.ndarray

    def only(self, chosen: np.ndarray) -> Rays:
        """Those that a mask (N,) names."""
        return Rays(self.ahead[chosen], self.strata[:, chosen])


def strata_of(f: Factors) -> np.ndarray:
    """Points of a spiral over the unit sphere, dealt out to the rays: (LOOKS, 192·192, 3)."""
    n = LOOKS * RAYS * RAYS
    z = 1 - (2 * np.arange(n) + 1) / n
    turn = np.arange(n) * np.pi * (3 - 5**0.5) + number(f, "detail")
    flat = np.sqrt(1 - z * z)
    points = np.stack([flat * np.cos(turn), flat * np.sin(turn), z], 1)
    dealt = points.reshape(RAYS, RAYS, LOOKS, 3)  # neighbours on the spiral go to one ray
    return np.stack([np.tile(dealt[:, :, k], (SIZE, SIZE, 1)).reshape(-1, 3) for k in range(LOOKS)])


class Tracer:
    """Rays against triangles, by Embree.

    Args:
        triangles: shape (T, 3, 3), float32.

    Raises:
        InputError: the library is not installed.
    """

    def __init__(self, triangles: np.ndarray) -> None:
        scenes, meshes = _embree()
        self._scene = scenes.EmbreeScene(robust=False)
        self._mesh = meshes.TriangleMesh(self._scene, np.ascontiguousarray(triangles))

    def nearest(self, origin: np.ndarray, ahead: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The triangle that each ray (N, 3) hits first, or -1, and how many rays' lengths on."""
        start = np.broadcast_to(origin, ahead.shape).astype(np.float32)
        found = self._scene.run(start, ahead.astype(np.float32), output=True)
        return found["primID"], found["tfar"]

    def free(self, origin: np.ndarray, ahead: np.ndarray) -> np.ndarray:
        """1 where a ray (N, 3) meets nothing, else 0."""
        if not len(origin):
            return np.ones(0)
        blocked = self._scene.run(
            origin.astype(np.float32), ahead.astype(np.float32), query="OCCLUDED"
        )
        return (blocked < 0).astype(np.float64)


def camera(triangles: np.ndarray, f: Factors) -> tuple[np.ndarray, np.ndarray]:
    """Where the camera stands, (3,), and its rays, (192·192, 3), row by row from the top left.

    The square is cut by the solids alone, so that neither colour nor light moves it.
    """
    turn, rise = np.radians(number(f, "azimuth")), np.radians(number(f, "elevation"))
    ahead = np.array([-np.sin(turn) * np.cos(rise), np.cos(turn) * np.cos(rise), -np.sin(rise)])
    right = np.array([np.cos(turn), np.sin(turn), 0.0])
    up = np.cross(right, ahead)
    points = triangles.reshape(-1, 3)
    middle = (points.min(0) + points.max(0)) / 2
    radius = np.linalg.norm(points - middle, axis=1).max()
    distance = radius / np.sin(np.radians(number(f, "lens")) / 2)
    away = points - middle
    plane = (away @ np.stack([right, up], 1)) / (distance + away @ ahead)[:, None]  # (P, 2)
    low, high = plane.min(0), plane.max(0)
    side = (high - low).max() / (1 - 2 * number(f, "margin"))
    centre = (low + high) / 2 + np.array([number(f, "shift_x"), number(f, "shift_y")]) * side
    steps = ((np.arange(SIZE * RAYS) + 0.5) / (SIZE * RAYS) - 0.5) * side
    across, above = np.meshgrid(centre[0] + steps, centre[1] - steps)
    across, above = across.reshape(-1, 1), above.reshape(-1, 1)
    return middle - ahead * distance, unit(ahead + across * right + above * up)


def dot(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Products (N, 1) of vectors (N, 3); NumPy's own sums over so short an axis are slow."""
    return (a[..., :1] * b[..., :1] + a[..., 1:2] * b[..., 1:2]) + a[..., 2:] * b[..., 2:]


def unit(vectors: np.ndarray) -> np.ndarray:
    """Vectors (N, 3), none of them zero, brought to length 1."""
    return vectors / np.sqrt(dot(vectors, vectors))


@cache
def _embree() -> tuple[ModuleType, ModuleType]:
    try:
        from embreex import mesh_construction, rtcore_scene
    except ImportError as error:
        raise InputError(
            "Rendering needs embreex. Install it: pip install -r requirements-train.txt"
        ) from error
    return rtcore_scene, mesh_construction
