"""Ways from one code to another, and along one of its numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from latent.errors import InputError

if TYPE_CHECKING:
    from latent.graph import NeighbourGraph

TRAIL = 65  # codes of a way along the data: between them it is straight
SMOOTHING = 0.05  # how long heat spreads along the way, whose length is 1; see benchmarks/ways.py


def lerp(
    z0: np.ndarray,
    z1: np.ndarray,
    n_steps: int,
    center: np.ndarray | None = None,
    graph: NeighbourGraph | None = None,
) -> np.ndarray:
    """Walk straight from one code to another, in equal steps.

    The shortest way, and the one to begin with. Under a Gaussian prior in many
    dimensions it cuts through lengths that hardly any image has: see `slerp`.

    Args:
        z0: start, shape (latent_dim,).
        z1: end, same shape.
        n_steps: codes returned, both ends included; at least 2.
        center, graph: not used by a straight line; taken so that all paths are called alike.

    Returns:
        Path, shape (n_steps, latent_dim), float32.

    Raises:
        InputError: shapes differ or `n_steps` < 2.
    """
    _check("lerp", z0, z1, n_steps)
    t = np.linspace(0, 1, n_steps)[:, None]  # (T, 1)
    return ((1 - t) * z0 + t * z1).astype(np.float32)


def slerp(
    z0: np.ndarray,
    z1: np.ndarray,
    n_steps: int,
    center: np.ndarray | None = None,
    graph: NeighbourGraph | None = None,
) -> np.ndarray:
    """Walk from one code to another along a great circle around `center`.

    Prefer it to `lerp` under a Gaussian prior: codes of real images lie near a sphere,
    and a straight line cuts below it. Between codes of different length the length
    changes evenly along the way.

    Args:
        z0: start, shape (latent_dim,).
        z1: end, same shape.
        n_steps: codes returned, both ends included; at least 2.
        center: of the sphere, shape (latent_dim,): the prior's mean for a vae (the
            default, 0), the mean of the codes for an ae.
        graph: not used by a great circle.

    Returns:
        Path, shape (n_steps, latent_dim), float32. Where both codes lie on one ray from
        the center there is no arc, and the way is straight.

    Raises:
        InputError: shapes differ, `n_steps` < 2, a code equals the center, or the two
            lie exactly opposite each other, where no great circle is shorter than another.

    Source: Shoemake 1985; for latent codes, White 2016, arXiv:1609.04468.
    """
    _check("slerp", z0, z1, n_steps)
    middle = np.zeros_like(z0, dtype=np.float64) if center is None else center.astype(np.float64)
    a, b = z0 - middle, z1 - middle
    length_a, length_b = np.linalg.norm(a), np.linalg.norm(b)
    if length_a == 0 or length_b == 0:
        raise InputError("slerp() needs codes away from the center. Take lerp for this pair.")
    cosine = np.clip(a @ b / (length_a * length_b), -1, 1)
    angle = np.arccos(cosine)
    if np.pi - angle < 1e-6:
        raise InputError("slerp() needs codes that are not opposite. Take lerp for this pair.")
    if angle < 1e-6:
        return lerp(z0, z1, n_steps)
    t = np.linspace(0, 1, n_steps)[:, None]  # (T, 1)
    arc = np.sin((1 - t) * angle) * a / length_a + np.sin(t * angle) * b / length_b
    length = (1 - t) * length_a + t * length_b
    return (middle + length * arc / np.sin(angle)).astype(np.float32)


def along_data(
    z0: np.ndarray,
    z1: np.ndarray,
    n_steps: int,
    center: np.ndarray | None = None,
    graph: NeighbourGraph | None = None,
) -> np.ndarray:
    """Walk from one code to another where codes of real images lie, in equal steps.

    Longer than `lerp`, and nearer to the data: see `trail`.

    Args:
        z0: start, shape (latent_dim,).
        z1: end, same shape.
        n_steps: codes returned, both ends included; at least 2.
        center: not used by this way.
        graph: of the codes that it keeps to.

    Returns:
        Path, shape (n_steps, latent_dim), float32.

    Raises:
        InputError: shapes differ, `n_steps` < 2, or there is no graph.
    """
    _check("graph", z0, z1, n_steps)
    if graph is None:
        raise InputError(
            "graph() needs the neighbour graph of the training codes. Take LatentSpace.walk(), "
            "which has it."
        )
    return on_trail(trail(graph, z0, z1), np.linspace(0, 1, n_steps))


def trail(graph: NeighbourGraph, z0: np.ndarray, z1: np.ndarray) -> np.ndarray:
    """The way from one code to another along the data, as codes with straight lines between.

    The shortest way through the neighbour graph, smoothed as heat would smooth it: its
    deviation from the straight line is a sum of sines, of which the quick ones fade
    first. Both ends stay where they are.

    Args:
        graph: of the codes that it keeps to.
        z0: start, shape (latent_dim,).
        z1: end, same shape.

    Returns:
        Codes, equally far from each other, shape (65, latent_dim), float32.

    Source: diffusion smoothing of curves, Taubin 1995, doi:10.1145/218380.218473.
    """
    from scipy.fft import dst, idst

    met = graph.codes[graph.shortest(z0, z1)]
    way = _in_equal_steps(np.concatenate([z0[None], met, z1[None]]).astype(np.float64))
    straight = np.linspace(way[0], way[-1], TRAIL)  # (TRAIL, latent_dim)
    waves = dst((way - straight)[1:-1], type=1, axis=0)
    number = np.arange(1, TRAIL - 1)[:, None]  # half waves on the way
    waves *= np.exp(-SMOOTHING * (np.pi * number) ** 2)
    way[1:-1] = straight[1:-1] + idst(waves, type=1, axis=0)
    return _in_equal_steps(way).astype(np.float32)


def _in_equal_steps(way: np.ndarray) -> np.ndarray:
    """`TRAIL` points at equal distances along a line of points; a point stays a point."""
    lengths = np.linalg.norm(np.diff(way, axis=0), axis=1)
    kept = np.concatenate([[True], lengths > 0])
    reached, corners = np.cumsum(np.concatenate([[0], lengths]))[kept], way[kept]
    wanted = np.linspace(0, reached[-1], TRAIL)
    return np.stack([np.interp(wanted, reached, corner) for corner in corners.T], axis=1)


def on_trail(trail: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Codes on a way that is given as codes with straight lines between.

    Args:
        trail: shape (T, latent_dim), at least 2.
        shares: of the way, in [0, 1], shape (n,).

    Returns:
        Codes, shape (n, latent_dim), float32.
    """
    at = shares * (len(trail) - 1)
    before = np.minimum(at.astype(int), len(trail) - 2)
    part = (at - before)[:, None]  # (n, 1)
    return ((1 - part) * trail[before] + part * trail[before + 1]).astype(np.float32)


Path = Callable[
    [np.ndarray, np.ndarray, int, "np.ndarray | None", "NeighbourGraph | None"], np.ndarray
]

PATHS: dict[str, Path] = {"lerp": lerp, "slerp": slerp, "graph": along_data}


def walk(
    name: str,
    z0: np.ndarray,
    z1: np.ndarray,
    n_steps: int,
    center: np.ndarray | None = None,
    graph: NeighbourGraph | None = None,
) -> np.ndarray:
    """Walk along the path of that name; see `lerp`, `slerp` and `along_data`.

    Raises:
        InputError: unknown name, or what the path itself refuses.
    """
    if name not in PATHS:
        raise InputError(f"Unknown path {name!r}; choose one of: {', '.join(PATHS)}.")
    return PATHS[name](z0, z1, n_steps, center, graph)


def traverse(
    z: np.ndarray,
    dim: int,
    n_steps: int,
    *,
    mean: float = 0.0,
    std: float = 1.0,
    reach: float = 3.0,
) -> np.ndarray:
    """Move one number of a code through its range, in equal steps; the others stay.

    Decoded, the steps show what that number does to this very image.

    Args:
        z: the code, shape (latent_dim,).
        dim: the number that moves.
        n_steps: codes returned, both ends included; at least 2.
        mean: middle of the range; the default is that of the prior N(0, I).
        std: its unit, a standard deviation.
        reach: standard deviations from the middle to either end.

    Returns:
        Codes, shape (n_steps, latent_dim), float32.

    Raises:
        InputError: the code has no such number, or `n_steps` < 2.
    """
    if z.ndim != 1 or not 0 <= dim < len(z):
        raise InputError(
            f"traverse() needs a code and one of its numbers; got shape {z.shape} and {dim}. "
            "The first number is 0."
        )
    _check("traverse", z, z, n_steps)
    codes = np.tile(z.astype(np.float32), (n_steps, 1))  # (T, latent_dim)
    codes[:, dim] = mean + np.linspace(-reach, reach, n_steps) * std
    return codes


def _check(name: str, z0: np.ndarray, z1: np.ndarray, n_steps: int) -> None:
    if z0.shape != z1.shape or z0.ndim != 1:
        raise InputError(
            f"{name}() needs two codes of one shape; got {z0.shape} and {z1.shape}. "
            "Encode both images with the same model."
        )
    if n_steps < 2:
        raise InputError(f"{name}() needs at least 2 steps, both ends included; got {n_steps}.")
