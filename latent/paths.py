"""Ways from one code to another."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from latent.errors import InputError


def lerp(
    z0: np.ndarray, z1: np.ndarray, n_steps: int, center: np.ndarray | None = None
) -> np.ndarray:
    """Walk straight from one code to another, in equal steps.

    The shortest way, and the one to begin with. Under a Gaussian prior in many
    dimensions it cuts through lengths that hardly any image has: see `slerp`.

    Args:
        z0: start, shape (latent_dim,).
        z1: end, same shape.
        n_steps: codes returned, both ends included; at least 2.
        center: not used by a straight line; taken so that all paths are called alike.

    Returns:
        Path, shape (n_steps, latent_dim), float32.

    Raises:
        InputError: shapes differ or `n_steps` < 2.
    """
    _check("lerp", z0, z1, n_steps)
    t = np.linspace(0, 1, n_steps)[:, None]  # (T, 1)
    return ((1 - t) * z0 + t * z1).astype(np.float32)


def slerp(
    z0: np.ndarray, z1: np.ndarray, n_steps: int, center: np.ndarray | None = None
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


Path = Callable[[np.ndarray, np.ndarray, int, np.ndarray | None], np.ndarray]

PATHS: dict[str, Path] = {"lerp": lerp, "slerp": slerp}


def walk(
    name: str, z0: np.ndarray, z1: np.ndarray, n_steps: int, center: np.ndarray | None = None
) -> np.ndarray:
    """Walk along the path of that name; see `lerp` and `slerp`.

    Raises:
        InputError: unknown name, or what the path itself refuses.
    """
    if name not in PATHS:
        raise InputError(f"Unknown path {name!r}; choose one of: {', '.join(PATHS)}.")
    return PATHS[name](z0, z1, n_steps, center)


def _check(name: str, z0: np.ndarray, z1: np.ndarray, n_steps: int) -> None:
    if z0.shape != z1.shape or z0.ndim != 1:
        raise InputError(
            f"{name}() needs two codes of one shape; got {z0.shape} and {z1.shape}. "
            "Encode both images with the same model."
        )
    if n_steps < 2:
        raise InputError(f"{name}() needs at least 2 steps, both ends included; got {n_steps}.")
