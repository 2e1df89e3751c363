"""How far to trust a map: pure functions of codes and of where they lie on it.

`latent.metrics` holds trustworthiness and continuity at one neighbourhood, as
scikit-learn measures them; here every neighbourhood is measured at once, and every point
by itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from latent.errors import InputError
from latent.neighbours import on_sphere
from latent.parameters import Progress, check_finite

CHUNK = 256  # rows at a time: 256 × 10,000 distances are 10 MB
REACH = 100  # neighbours whose ranks are kept: the largest k that can be asked for


@dataclass(frozen=True)
class Ranks:
    """Who is near whom, in the codes and on the map.

    Args:
        near: indices of the nearest codes of each, nearest first, shape (N, K).
        shown: indices of the nearest points on the map of each, same shape.
        near_on_map: rank on the map of those in `near`, 1 the nearest, same shape.
        shown_in_codes: rank in the codes of those in `shown`, same shape.
    """

    near: np.ndarray
    shown: np.ndarray
    near_on_map: np.ndarray
    shown_in_codes: np.ndarray


def ranks(
    codes: np.ndarray,
    xy: np.ndarray,
    reach: int = REACH,
    metric: str = "euclidean",
    progress: Progress | None = None,
) -> Ranks:
    """Rank each point's neighbours on both sides: the border of the co-ranking matrix.

    Args:
        codes: shape (N, latent_dim), float32.
        xy: the same images on the map, shape (N, 2 or 3).
        reach: neighbours of each that are ranked; at most (N − 1) / 2.
        metric: of the codes, "euclidean" or "cosine"; a map is always read with the eye.
        progress: told the share of the work that is done.

    Raises:
        InputError: fewer than 5 codes, lengths that differ, or a number that is none.

    Source: Lee and Verleysen 2009.
    """
    n = len(codes)
    if n != len(xy) or n < 5:
        raise InputError(
            f"A map is measured on at least 5 codes and as many points; got {n} and {len(xy)}."
        )
    check_finite("A measure of a map", codes)
    check_finite("A measure of a map", xy)
    high = on_sphere(codes, 0) if metric == "cosine" else codes
    k = max(1, min(reach, (n - 1) // 2))
    parts = []
    for start in range(0, n, CHUNK):
        rows = np.arange(start, min(n, start + CHUNK))
        far = [_squared(side, rows) for side in (high, xy)]  # each (B, N)
        nearest = [_first(d, k) for d in far]  # each (B, k)
        across = [_rank(far[1], nearest[0]), _rank(far[0], nearest[1])]
        parts.append([*nearest, *across])
        if progress:
            progress((rows[-1] + 1) / n)
    return Ranks(*(np.concatenate([part[i] for part in parts]) for i in range(4)))


def trustworthiness_curve(found: Ranks, ks: np.ndarray) -> np.ndarray:
    """Trustworthiness at each k: 1 if no stranger was pulled into any neighbourhood.

    Args:
        found: ranks that reach to the largest k.
        ks: sizes of a neighbourhood, shape (T,), each below 2 N / 3.

    Source: Venna and Kaski 2001.
    """
    return _curve(found.shown_in_codes, ks)


def continuity_curve(found: Ranks, ks: np.ndarray) -> np.ndarray:
    """Continuity at each k: 1 if no neighbourhood was torn apart; see `trustworthiness_curve`."""
    return _curve(found.near_on_map, ks)


def kept_curve(found: Ranks, ks: np.ndarray) -> np.ndarray:
    """Share of each point's k nearest codes that are among its k nearest on the map, mean.

    By chance it is k / (N − 1).

    Source: Lee and Verleysen 2009, their Q_NX.
    """
    return np.array([(found.near_on_map[:, :k] <= k).mean() for k in ks])


def vote_accuracy(near: np.ndarray, labels: np.ndarray, k: int = 10) -> float:
    """Share of images whose k neighbours, themselves left out, vote for the right label.

    Args:
        near: neighbours of each, nearest first, shape (N, at least k).
        labels: shape (N,), small integers. The lower label wins a tie, as in scikit-learn.
        k: votes.
    """
    votes = labels[near[:, :k]]  # (N, k)
    tally = (votes[:, :, None] == np.arange(labels.max() + 1)).sum(1)  # (N, C)
    return float((tally.argmax(1) == labels).mean())


def shepard(
    codes: np.ndarray, xy: np.ndarray, count: int, seed: int = 0, metric: str = "euclidean"
) -> tuple[np.ndarray, np.ndarray]:
    """Distances of random pairs, in the codes and on the map: the points of a Shepard plot.

    Args:
        codes: shape (N, latent_dim), N at least 2.
        xy: shape (N, 2 or 3).
        count: pairs, drawn with replacement, never of an image with itself.
        seed: of the draw.
        metric: of the codes.

    Returns:
        Two arrays of shape (count,).

    Source: Shepard 1962.
    """
    rng = np.random.default_rng(seed)
    i = rng.integers(0, len(codes), count)
    j = (i + rng.integers(1, len(codes), count)) % len(codes)
    high = on_sphere(codes, 0) if metric == "cosine" else codes
    far = np.linalg.norm(high[i] - high[j], axis=1)
    if metric == "cosine":
        far = np.square(far) / 2
    return far, np.linalg.norm(xy[i] - xy[j], axis=1)


def rank_correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Whether what is larger in one is larger in the other: 1 always, 0 no relation.

    0 too where one of them does not vary.

    Source: Spearman 1904.
    """
    x, y = _mean_ranks(a), _mean_ranks(b)
    x, y = x - x.mean(), y - y.mean()
    scale = np.sqrt((x @ x) * (y @ y))
    return float(x @ y / scale) if scale else 0.0


def agreement(shown: np.ndarray, others: np.ndarray, k: int = 15) -> float:
    """Share of each point's k nearest on one map that are so on another, mean.

    Maps of different seeds may be turned and mirrored; who is next to whom does not
    depend on that.

    Args:
        shown: nearest points on one map, shape (N, at least k).
        others: the same on the other map.
        k: neighbours.

    Source: for word embeddings Wendlandt, Kummerfeld and Mihalcea 2018, arXiv:1804.09692.
    """
    return float(shared(shown[:, :k], others[:, :k]).mean() / k)


def shared(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """How many entries two rows of distinct indices have in common, shape (N,).

    Args:
        a: shape (N, k).
        b: shape (N, k).
    """
    both = np.sort(np.concatenate([a, b], axis=1), axis=1)
    count: np.ndarray = (both[:, 1:] == both[:, :-1]).sum(1)
    return count


def distortion(near: np.ndarray, xy: np.ndarray) -> np.ndarray:
    """Share of each point's nearest codes that are not among its nearest on the map.

    Args:
        near: nearest codes of each, itself left out, shape (N, k).
        xy: shape (N, 2 or 3).

    Returns:
        Shape (N,), 0 where the map keeps a point's neighbourhood and 1 where it keeps
        nobody of it.
    """
    k = near.shape[1]
    lost: np.ndarray = 1 - shared(near, nearest_shown(xy, k)) / k
    return lost


def nearest_shown(xy: np.ndarray, k: int) -> np.ndarray:
    """Nearest points on a map of each point, itself left out, shape (N, k).

    A tree finds them, which is quick in 2 and 3 dimensions.
    """
    from scipy.spatial import cKDTree

    found = cKDTree(xy).query(xy, k + 1, workers=-1)[1]
    own = found == np.arange(len(xy))[:, None]
    # among many equal points it may miss itself: then the farthest is left out
    own[~own.any(axis=1), -1] = True
    others: np.ndarray = found[~own].reshape(len(xy), k)
    return others


def _squared(side: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Squared distances of some rows to all, shape (B, N), to themselves below all others."""
    exact = side.astype(np.float32) - side.mean(0, dtype=np.float32)  # keeps rounding small
    squared = np.einsum("nd,nd->n", exact, exact)
    far = squared[rows, None] + squared - 2 * exact[rows] @ exact.T
    np.maximum(far, 0, out=far)
    far[np.arange(len(rows)), rows] = -1
    return far


def _first(far: np.ndarray, k: int) -> np.ndarray:
    """Indices of the k nearest of each row, the row itself left out."""
    some = np.argpartition(far, k, axis=1)[:, : k + 1]
    order = np.argsort(np.take_along_axis(far, some, 1), axis=1, kind="stable")
    return np.take_along_axis(some, order, 1)[:, 1:]


def _rank(far: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Rank of some entries of each row among all others, 1 the nearest."""
    ordered = np.sort(far, axis=1)
    wanted = np.take_along_axis(far, chosen, 1)
    found = [np.searchsorted(row, values) for row, values in zip(ordered, wanted, strict=True)]
    return np.maximum(1, np.array(found, np.int32))


def _curve(strange: np.ndarray, ks: np.ndarray) -> np.ndarray:
    n = len(strange)
    values = []
    for k in ks:
        penalty = np.maximum(0, strange[:, :k].astype(np.int64) - k).sum()
        values.append(1 - 2 * penalty / (n * k * (2 * n - 3 * k - 1)))
    return np.array(values)


def _mean_ranks(values: np.ndarray) -> np.ndarray:
    """Rank of each value; equal ones share the mean of theirs."""
    _, of, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return ((2 * ends - counts - 1) / 2)[of]
