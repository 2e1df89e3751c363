"""EM one step at a time: starts, the whole run as a trace, and k-means beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from latent.errors import InputError
from latent.mixture import (
    KINDS,
    Mixture,
    expected_bound,
    log_joint,
    log_sum,
    lower_bound,
    m_step,
    variance_floor,
)

INITS = ("kmeans", "random")
GAIN = 1e-5  # nats a point: a step that gains less ends a run
LLOYD_STEPS = 100  # of k-means where it only finds a start

# hears which share of the work is done
Tell = Callable[[float], None]


@dataclass(frozen=True)
class Run:
    """One run of EM from its start, with all that a picture of it needs.

    The E-step of step t takes its responsibilities from `mixtures[t - 1]`, its M-step
    gives `mixtures[t]`.

    Args:
        mixtures: the start and the mixture after each step, T + 1 of them.
        log_likelihoods: of each, nats a point, shape (T + 1,).
        bounds: of each, under the responsibilities that led to it, shape (T + 1,); of the
            start under those of somebody who knows nothing (1 / K each).
        converged: whether the last step gained less than asked.
        floor: least variance of a component in any direction.
    """

    mixtures: list[Mixture]
    log_likelihoods: np.ndarray
    bounds: np.ndarray
    converged: bool
    floor: float


@dataclass(frozen=True)
class MeansRun:
    """One run of k-means.

    Args:
        centers: at the start and after each step, shape (T + 1, K, D), float64.
        inertias: mean square distance of a point to the nearest of them, shape (T + 1,).
        converged: whether the last step moved nothing.
    """

    centers: np.ndarray
    inertias: np.ndarray
    converged: bool


def untold(share: float) -> None:
    """Nobody wants to know how far it is."""


def run_em(
    x: np.ndarray, start: Mixture, *, max_steps: int = 100, gain: float = GAIN, tell: Tell = untold
) -> Run:
    """All steps of EM from a start.

    Args:
        x: points, shape (N, D).
        start: where it begins.
        max_steps: at most so many.
        gain: a step that lifts the log-likelihood by less, in nats a point, is the last.
        tell: hears of each step.

    Returns:
        Its log-likelihoods never fall.
    """
    x = x.astype(np.float64)
    floor = variance_floor(x)
    mixtures, converged = [start], False
    joint = log_joint(start, x)
    evidence = log_sum(joint)
    log_likelihoods = [float(evidence.mean())]
    bounds = [lower_bound(start, x, np.full(joint.shape, 1 / len(start)))]
    while len(mixtures) <= max_steps and not converged:
        resp = np.exp(joint - evidence[:, None])
        mixtures.append(m_step(x, resp, mixtures[-1], floor))
        joint = log_joint(mixtures[-1], x)
        evidence = log_sum(joint)
        bounds.append(float(expected_bound(joint, resp).mean()))
        log_likelihoods.append(float(evidence.mean()))
        converged = log_likelihoods[-1] - log_likelihoods[-2] < gain
        tell((len(mixtures) - 1) / max_steps)
    return Run(mixtures, np.array(log_likelihoods), np.array(bounds), converged, floor)


def start_at(
    x: np.ndarray, n_components: int, kind: str, init: str, rng: np.random.Generator
) -> tuple[Mixture, np.ndarray]:
    """Where EM begins, and where k-means beside it does.

    Args:
        x: points, shape (N, D).
        n_components: K.
        kind: of the covariances.
        init: "kmeans": from the clusters that k-means ends with. "random": components as
            wide as all the data, around points drawn from it.
        rng: source of randomness.

    Returns:
        A mixture, and centers for k-means, shape (K, D): points of the data both times.

    Raises:
        InputError: no mixture can be fitted to that, or an unknown way to begin.
    """
    check(x, n_components, kind)
    if init not in INITS:
        raise InputError(f"Unknown start {init[:40]!r}; choose one of: {', '.join(INITS)}.")
    x = x.astype(np.float64)
    floor = variance_floor(x)
    if init == "random":
        centers = x[rng.choice(len(x), n_components, replace=False)]
        return _wide(x, centers, kind, floor), centers
    centers = spread_points(x, n_components, rng)
    found = run_kmeans(x, centers, max_steps=LLOYD_STEPS)
    resp = np.eye(n_components)[nearest_center(x, found.centers[-1])]
    return m_step(x, resp, _wide(x, found.centers[-1], kind, floor), floor), centers


def check(codes: np.ndarray, n_components: int, kind: str) -> None:
    """Refuse what no mixture can be fitted to.

    Raises:
        InputError: fewer than two codes, all codes equal, one that is not finite, K below 1
            or above their number, or an unknown kind.
    """
    if kind not in KINDS:
        raise InputError(f"Unknown covariance {kind[:40]!r}; choose one of: {', '.join(KINDS)}.")
    n = len(codes)
    if n < 2:
        raise InputError(f"A mixture needs at least two images; got {n}. Take more of them.")
    if not 1 <= n_components <= n:
        raise InputError(
            f"A mixture of {n} images has from 1 to {n} components; got {n_components}. "
            "Choose a number between."
        )
    if not np.isfinite(codes).all():
        raise InputError("A mixture needs finite codes; got NaN or infinity.")
    if (codes == codes[0]).all():
        raise InputError(
            "All codes are the same, so there is nothing to group. Take other images or "
            "another model."
        )


def spread_points(x: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Points of the data that lie apart, shape (count, D): the start of k-means++.

    Each is drawn with a chance that grows with its squared distance to those before; where
    all points are taken already, any is.

    Source: Arthur and Vassilvitskii 2007.
    """
    chosen = [int(rng.integers(len(x)))]
    squared = np.square(x - x[chosen[0]]).sum(axis=1)
    while len(chosen) < count:
        total = squared.sum()
        likely = squared / total if total > 0 else None
        chosen.append(int(rng.choice(len(x), p=likely)))
        squared = np.minimum(squared, np.square(x - x[chosen[-1]]).sum(axis=1))
    return x[chosen]


def run_kmeans(x: np.ndarray, centers: np.ndarray, *, max_steps: int = 100) -> MeansRun:
    """All steps of k-means from given centers; one that no point is nearest to stays.

    Source: Lloyd 1982.
    """
    x = x.astype(np.float64)
    found, inertias, converged = [centers], [], False
    labels = nearest_center(x, centers)
    inertias.append(_inertia(x, centers, labels))
    while len(found) <= max_steps and not converged:
        counts = np.bincount(labels, minlength=len(centers))
        sums = np.stack(
            [np.bincount(labels, weights, len(centers)) for weights in x.T], axis=1
        )  # (K, D)
        moved = np.where(counts[:, None] > 0, sums / np.maximum(counts, 1)[:, None], found[-1])
        converged = bool(np.array_equal(moved, found[-1]))
        labels = nearest_center(x, moved)
        found.append(moved)
        inertias.append(_inertia(x, moved, labels))
    return MeansRun(np.array(found), np.array(inertias), converged)


def nearest_center(x: np.ndarray, centers: np.ndarray) -> np.ndarray:
    """Which center each point is nearest to, shape (N,); the lower one wins a tie."""
    best = np.square(x - centers[0]).sum(axis=1)
    labels = np.zeros(len(x), np.int64)
    for number, center in enumerate(centers[1:], start=1):
        squared = np.square(x - center).sum(axis=1)
        closer = squared < best
        labels[closer] = number
        best[closer] = squared[closer]
    return labels


def _inertia(x: np.ndarray, centers: np.ndarray, labels: np.ndarray) -> float:
    return float(np.square(x - centers[labels]).sum(axis=1).mean())


def _wide(x: np.ndarray, centers: np.ndarray, kind: str, floor: float) -> Mixture:
    """Equal components around the centers, each as wide as all the data."""
    k, d = centers.shape
    blank = {"full": (k, d, d), "tied": (d, d), "diag": (k, d)}.get(kind, (k,))
    one = Mixture(np.ones(1), x.mean(0)[None], np.zeros((1, d, d)), "full")
    whole = m_step(x, np.ones((len(x), 1)), one, floor).covariances[0]  # (D, D), lifted
    of_kind = {"diag": np.diag(whole), "spherical": np.trace(whole) / d}.get(kind, whole)
    covariances = np.broadcast_to(of_kind, blank).copy()
    return Mixture(np.full(k, 1 / k), centers, covariances, kind)
