"""Nearest codes, by Euclidean or cosine distance, found exactly."""

from __future__ import annotations

import numpy as np

from latent.errors import InputError

METRICS = ("euclidean", "cosine")
MANY = 100_000_000  # distances from which the import of scikit-learn is worth its 1.7 s
CHUNK = 256  # queries at a time: 256 × 70,000 distances are 72 MB
THREADED = 300_000  # codes from which one query is worth all cores
BLOCK = 256  # values of which only the lowest is looked at first
SPARE = 8  # candidates beyond k, which are then ranked again without rounding


def nearest(
    codes: np.ndarray, queries: np.ndarray, k: int, metric: str = "euclidean"
) -> tuple[np.ndarray, np.ndarray]:
    """Find the k codes nearest to each query.

    All distances are computed: at 70,000 codes of 16 numbers this takes a millisecond
    or two a query and needs no index that could miss one.

    Args:
        codes: shape (N, latent_dim), float32.
        queries: shape (Q, latent_dim), float32.
        k: neighbours a query, at least 1; at most N are given.
        metric: "euclidean", or "cosine" (1 − cosine similarity, in [0, 2]).

    Returns:
        Indices into `codes`, shape (Q, k), and distances, shape (Q, k), float32,
        nearest first; a code equal to the query has a Euclidean distance of exactly 0.

    Raises:
        InputError: unknown metric, shapes that do not fit, or k < 1.
    """
    if metric not in METRICS:
        raise InputError(f"Unknown metric {metric!r}; choose one of: {', '.join(METRICS)}.")
    if codes.ndim != 2 or queries.ndim != 2 or codes.shape[1] != queries.shape[1]:
        raise InputError(
            f"nearest() needs codes and queries of one width; got {codes.shape} and "
            f"{queries.shape}. Encode both with the same model."
        )
    if k < 1 or len(codes) == 0:
        raise InputError(f"nearest() needs k ≥ 1 and at least one code; got k = {k}.")
    k = min(k, len(codes))
    if metric == "cosine":
        codes, queries = on_sphere(codes, 0), on_sphere(queries, 1)
    find = _many if len(codes) * len(queries) >= MANY else _few
    parts = find(codes, queries, k)
    if not parts:
        return np.empty((0, k), np.int64), np.empty((0, k), np.float32)
    indices = np.concatenate([part[0] for part in parts])
    squared = np.concatenate([part[1] for part in parts])
    # |a − b|² = 2 (1 − cos) between codes of length 1
    return indices, squared / 2 if metric == "cosine" else np.sqrt(squared)


class Searched:
    """Codes that are searched again and again: half of the work of a search is done once.

    Args:
        codes: shape (N, latent_dim), float32; they stay as they are.
    """

    def __init__(self, codes: np.ndarray) -> None:
        self._codes = codes
        self._squares = squares_of(codes)

    def nearest(self, code: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Indices and Euclidean distances, each (k,), of those nearest to one of (latent_dim,)."""
        k = min(k, len(self._codes))
        indices, squared = _nearest_few(self._codes, self._squares, code[None], k)
        return indices[0], np.sqrt(squared[0])


def squares_of(codes: np.ndarray) -> np.ndarray:
    """|c|² of codes of shape (N, latent_dim), shape (N,)."""
    return np.einsum("nd,nd->n", codes, codes)


def unit(codes: np.ndarray) -> np.ndarray:
    """Scale codes to length 1; a code of zeros stays zero.

    Args:
        codes: shape (N, latent_dim).
    """
    norm = np.linalg.norm(codes, axis=1, keepdims=True)  # (N, 1)
    return codes / np.maximum(norm, np.finfo(np.float32).tiny)


def euclidean(a: np.ndarray, b: np.ndarray) -> float:
    """Length of the straight line between two codes of shape (latent_dim,)."""
    return float(np.linalg.norm(a - b))


def cosine_similarity(a: np.ndarray, b: np.ndarray) -> float:
    """Cosine of the angle between two codes of shape (latent_dim,), in [−1, 1].

    1: the same direction from the origin; 0: a right angle. 0 too where a code is zero,
    which has no direction.
    """
    return float(np.clip(unit(a[None]) @ unit(b[None]).T, -1, 1)[0, 0])


def on_sphere(codes: np.ndarray, side: int) -> np.ndarray:
    """Codes of length 1, with two numbers more: there cosine similarity is a distance.

    A code of zeros has no direction. An axis of its own, another one for codes (0) than
    for queries (1), puts it at a right angle to all others.
    """
    directions = unit(codes)
    extra = np.zeros((len(codes), 2), directions.dtype)
    extra[~directions.any(axis=1), side] = 1
    return np.concatenate([directions, extra], axis=1)


def _few(codes: np.ndarray, queries: np.ndarray, k: int) -> list[tuple[np.ndarray, np.ndarray]]:
    squares = squares_of(codes)
    return [
        _nearest_few(codes, squares, queries[start : start + CHUNK], k)
        for start in range(0, len(queries), CHUNK)
    ]


def _many(codes: np.ndarray, queries: np.ndarray, k: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """The same with candidates from scikit-learn: four times as fast, once it is imported."""
    from sklearn.neighbors import NearestNeighbors

    count = min(k + SPARE, len(codes))
    index = NearestNeighbors(n_neighbors=count, algorithm="brute").fit(codes)
    found = index.kneighbors(queries, return_distance=False)
    return [
        _ranked(codes, queries[start : start + CHUNK], found[start : start + CHUNK], k)
        for start in range(0, len(queries), CHUNK)
    ]


def lowest(values: np.ndarray, k: int) -> np.ndarray:
    """Indices of the k lowest of many values, the lowest first; of equal ones the first.

    Args:
        values: shape (N,).
        k: at most N.
    """
    if k < 1:
        return np.empty(0, np.int64)
    size = len(values) // BLOCK
    candidates = np.arange(len(values))
    if size > k:  # the k-th lowest of the blocks' minima is no lower than the k-th lowest value
        minima = values[: size * BLOCK].reshape(size, BLOCK).min(1)
        candidates = np.flatnonzero(values <= np.partition(minima, k - 1)[k - 1])
    order = np.argsort(values[candidates], kind="stable")[:k]
    found: np.ndarray = candidates[order]
    return found


def _nearest_few(
    codes: np.ndarray, squares: np.ndarray, queries: np.ndarray, k: int
) -> tuple[np.ndarray, np.ndarray]:
    """Candidates by |c|² − 2 c·q, which is fast but rounds, ranked again by (c − q)²."""
    count = min(k + SPARE, len(codes))
    if len(queries) == 1:
        # a core is quicker than threads that wait for each other, unless there is much to do
        few = len(codes) < THREADED
        score = np.einsum("d,nd->n", queries[0], codes) if few else codes @ queries[0]  # (N,)
        score *= -2
        score += squares
        return _ranked(codes, queries, lowest(score, count)[None], k)
    score = squares - 2 * (queries @ codes.T)  # (Q, N)
    return _ranked(codes, queries, np.argpartition(score, count - 1, axis=1)[:, :count], k)


def _ranked(
    codes: np.ndarray, queries: np.ndarray, candidates: np.ndarray, k: int
) -> tuple[np.ndarray, np.ndarray]:
    """The k nearest of some candidates, (Q, count), by (c − q)², which does not round."""
    squared = np.square(codes[candidates] - queries[:, None]).sum(2)
    order = np.lexsort((candidates, squared), axis=1)[:, :k]
    return np.take_along_axis(candidates, order, 1), np.take_along_axis(squared, order, 1)
