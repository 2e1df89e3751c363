"""How distances concentrate as dimension grows: what the curse of dimensionality does to "near"."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from latent.errors import InputError
from latent.parameters import check_finite

PAIRS = 4_000
MOST = 1_024  # numbers a code


@dataclass(frozen=True)
class Spread:
    """Distances of pairs in so many dimensions.

    Args:
        dims: numbers that count.
        distances: of random pairs, each as a multiple of their mean, shape (P,), float32.
        contrast: standard deviation of the distances as a share of their mean: near 0
            where all are about equally far apart, and "nearest" says little.
    """

    dims: int
    distances: np.ndarray
    contrast: float


def steps(latent_dim: int) -> list[int]:
    """Dimensions to look at: doubling up to the codes' own, and beyond for random ones."""
    doubling = [2**i for i in range(11) if 2**i <= MOST]
    return sorted({*doubling, min(latent_dim, MOST)})


def concentration(codes: np.ndarray, seed: int = 0) -> tuple[list[Spread], list[Spread]]:
    """Distances of this model's codes and of random ones, dimension by dimension.

    The codes are turned to their principal axes first, so that the first d numbers are
    those that matter most and say as much as d numbers can. Random codes are draws from
    N(0, I), where the contrast falls as 1 / √(2 d).

    Args:
        codes: shape (N, latent_dim), N at least 2.
        seed: of pairs and random codes.

    Returns:
        For the codes up to `latent_dim`, for random ones up to 1,024 dimensions.

    Raises:
        InputError: fewer than two codes, or one is not finite.

    Source: Beyer et al. 1999; the contrast as François, Wertz and Verleysen 2007.
    """
    if len(codes) < 2:
        raise InputError(f"Distances need at least two codes; got {len(codes)}.")
    check_finite("A measure of distances", codes)
    rng = np.random.default_rng(seed)
    i = rng.integers(0, len(codes), PAIRS)
    j = (i + rng.integers(1, len(codes), PAIRS)) % len(codes)
    exact = codes.astype(np.float64)
    _, axes = np.linalg.eigh(np.cov(exact, rowvar=False).reshape(codes.shape[1], -1))
    between = (exact[i] - exact[j]) @ axes[:, ::-1]  # (P, latent_dim), the widest axis first
    random = rng.standard_normal((PAIRS, MOST)) * np.sqrt(2)  # differences of two draws
    wanted = steps(codes.shape[1])
    own = [d for d in wanted if d <= codes.shape[1]]
    return _spreads(between, own), _spreads(random, wanted)


def _spreads(between: np.ndarray, wanted: list[int]) -> list[Spread]:
    found = []
    for dims in wanted:
        distances = np.linalg.norm(between[:, :dims], axis=1)
        mean = max(float(distances.mean()), np.finfo(float).tiny)
        relative = (distances / mean).astype(np.float32)
        found.append(Spread(dims, relative, float(distances.std() / mean)))
    return found
