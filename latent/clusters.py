"""Clusters of codes: mixtures fitted by scikit-learn, how many components, what each holds."""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from latent.em import INITS, Tell, check, start_at, untold
from latent.errors import InputError
from latent.mixture import Mixture, log_likelihood, precision_roots, variance_floor

T = TypeVar("T")

MAX_STEPS = 200
TOLERANCE = 1e-4  # nats an image: a step that gains less ends a fit


@dataclass(frozen=True)
class Fit:
    """The best of some restarts.

    Args:
        mixture: of the highest log-likelihood.
        log_likelihoods: of each restart, nats an image, shape (restarts,).
        converged: whether each did within its steps, shape (restarts,), bool.
    """

    mixture: Mixture
    log_likelihoods: np.ndarray
    converged: np.ndarray


@dataclass(frozen=True)
class Count:
    """How well so many components do, all in nats an image; the lower, the better.

    Args:
        components: K.
        aic: Akaike's criterion over 2 N: surprise on the images fitted, and a price for
            each parameter.
        bic: Schwarz's over 2 N: the same with a higher price.
        held_out: surprise (minus the log-likelihood) on images that were not fitted.
        converged: whether the best restart did.
    """

    components: int
    aic: float
    bic: float
    held_out: float
    converged: bool


def fit(
    codes: np.ndarray,
    n_components: int,
    *,
    kind: str = "full",
    init: str = "kmeans",
    restarts: int = 1,
    seed: int = 0,
    max_steps: int = MAX_STEPS,
    progress: Tell = untold,
) -> Fit:
    """Fit a mixture with scikit-learn, restarts in parallel.

    Args:
        codes: shape (N, D), any float.
        n_components: K.
        kind: of the covariances, one of `latent.mixture.KINDS`.
        init: where a restart begins, one of `latent.em.INITS`.
        restarts: at least 1.
        seed: of the starts.
        max_steps: of a restart.
        progress: told the share of the restarts that is done.

    Raises:
        InputError: codes or numbers that no mixture can be fitted with.
    """
    _check(codes, n_components, kind, init, restarts)
    x = codes.astype(np.float64)
    joined = Joined(progress, restarts)

    def led(restart: int) -> tuple[Mixture, bool]:
        found = _restart(x, n_components, kind, init, (seed, restart), max_steps)
        joined.hear(restart, 1.0)
        return found

    from sklearn.exceptions import ConvergenceWarning

    with warnings.catch_warnings():  # around all threads: they share what is ignored
        warnings.simplefilter("ignore", ConvergenceWarning)  # it is reported instead
        found = in_parallel(led, restarts)
    likelihoods = np.array([log_likelihood(mixture, x) for mixture, _ in found])
    best = int(likelihoods.argmax())
    return Fit(found[best][0], likelihoods, np.array([converged for _, converged in found]))


def in_parallel(work: Callable[[int], T], count: int) -> list[T]:
    """Results of `work(0)` to `work(count - 1)`, computed side by side.

    Each keeps to one core: where the matrix library shares out every small product once more,
    its threads wait for each other, and codes of 32 numbers take three times as long.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1, user_api="blas"), ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(work, range(count)))


class Joined:
    """How far several pieces of work are together, told in order although they run side by side.

    Args:
        tell: hears their mean share.
        count: of the pieces.
    """

    def __init__(self, tell: Tell, count: int) -> None:
        self._tell, self._shares, self._lock = tell, [0.0] * count, threading.Lock()

    def hear(self, piece: int, share: float) -> None:
        """Take the share of one piece that is done."""
        with self._lock:
            self._shares[piece] = max(self._shares[piece], share)
            self._tell(sum(self._shares) / len(self._shares))


def select(
    codes: np.ndarray,
    held_out: np.ndarray,
    counts: Sequence[int],
    *,
    kind: str = "full",
    init: str = "kmeans",
    restarts: int = 1,
    seed: int = 0,
    progress: Tell = untold,
) -> list[Count]:
    """Compare numbers of components.

    Args:
        codes: to fit, shape (N, D).
        held_out: to ask afterwards, shape (M, D).
        counts: the K to try.
        kind: of the covariances.
        init: where a restart begins.
        restarts: of each K; the best counts.
        seed: of the starts.
        progress: told the share that is done, in [0, 1]; what it raises stops the work.

    Raises:
        InputError: as `fit`.
    """
    for k in counts:
        _check(codes, k, kind, init, restarts)
    rows: list[Count] = []
    whole = sum(counts)  # what a step costs grows with K
    progress(0.0)
    for done, k in enumerate(counts):
        before = sum(counts[:done])

        def tell(share: float, before: int = before, k: int = k) -> None:
            progress((before + share * k) / whole)

        found = fit(codes, k, kind=kind, init=init, restarts=restarts, seed=seed, progress=tell)
        rows.append(_count(found, codes, held_out))
        tell(1.0)
    return rows


def criteria(mixture: Mixture, x: np.ndarray) -> tuple[float, float]:
    """AIC and BIC as usually given: 2 p − 2 ln L and p ln N − 2 ln L; lower is better.

    Source: Akaike 1974; Schwarz 1978.
    """
    total, p = len(x) * log_likelihood(mixture, x), mixture.parameters
    return 2 * p - 2 * total, p * float(np.log(len(x))) - 2 * total


def kmeans(codes: np.ndarray, n_clusters: int, restarts: int, seed: int) -> np.ndarray:
    """Centers that scikit-learn's k-means ends with, shape (n_clusters, D)."""
    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # fewer distinct points than clusters
        found = KMeans(n_clusters, n_init=restarts, random_state=seed).fit(codes.astype(np.float64))
    centers: np.ndarray = found.cluster_centers_
    return centers


def confusion(assigned: np.ndarray, labels: np.ndarray, k: int, n_classes: int) -> np.ndarray:
    """How many images of each label each component holds, shape (K, n_classes)."""
    counts = np.bincount(assigned.astype(np.int64) * n_classes + labels, minlength=k * n_classes)
    return counts.reshape(k, n_classes)


def majority(held: np.ndarray) -> np.ndarray:
    """For each component the label that it holds most of, shape (K,): several may share one."""
    labels: np.ndarray = held.argmax(axis=1)
    return labels


def one_to_one(held: np.ndarray) -> np.ndarray:
    """Labels given to components, each to at most one, so that most images are right.

    Args:
        held: as `confusion` gives it, shape (K, n_classes).

    Returns:
        Label of each component, shape (K,); −1 for those that are left over.

    Source: Kuhn 1955, as SciPy computes it.
    """
    from scipy.optimize import linear_sum_assignment

    labels = np.full(len(held), -1)
    components, matched = linear_sum_assignment(held, maximize=True)
    labels[components] = matched
    return labels


def accuracy(held: np.ndarray, labels: np.ndarray) -> float:
    """Share of images whose component was given their label."""
    given = labels >= 0
    return float(held[given, labels[given]].sum() / max(1, held.sum()))


def adjusted_mutual_information(assigned: np.ndarray, labels: np.ndarray) -> float:
    """What components say about labels beyond chance: 1 all of it, 0 nothing.

    Source: Vinh, Epps and Bailey 2010.
    """
    from sklearn.metrics import adjusted_mutual_info_score

    return float(adjusted_mutual_info_score(labels, assigned))


@dataclass(frozen=True)
class Agreement:
    """How far clusters agree with labels that they never saw.

    Args:
        confusion: images of each label in each cluster, shape (K, n_classes).
        mutual_information: adjusted for chance; 1 all of it, 0 nothing.
        majority: accuracy where each cluster stands for the label that it holds most of.
        one_to_one: accuracy where each label is given to at most one cluster.
    """

    confusion: np.ndarray
    mutual_information: float
    majority: float
    one_to_one: float


def agreement(assigned: np.ndarray, labels: np.ndarray, k: int, n_classes: int) -> Agreement:
    """Compare clusters with labels.

    Args:
        assigned: cluster of each image, shape (N,), from 0 to k − 1.
        labels: shape (N,), from 0 to n_classes − 1.
        k: number of clusters.
        n_classes: number of labels.
    """
    held = confusion(assigned, labels, k, n_classes)
    return Agreement(
        held,
        adjusted_mutual_information(assigned, labels),
        accuracy(held, majority(held)),
        accuracy(held, one_to_one(held)),
    )


def _check(codes: np.ndarray, n_components: int, kind: str, init: str, restarts: int) -> None:
    check(codes, n_components, kind)
    if init not in INITS:
        raise InputError(f"Unknown start {init[:40]!r}; choose one of: {', '.join(INITS)}.")
    if restarts < 1:
        raise InputError(f"A fit needs at least one start; got {restarts} restarts.")


def _restart(
    x: np.ndarray, k: int, kind: str, init: str, seed: tuple[int, int], max_steps: int
) -> tuple[Mixture, bool]:
    from sklearn.mixture import GaussianMixture

    start, _ = start_at(x, k, kind, init, np.random.default_rng(seed))
    roots = precision_roots(start)
    precisions = np.square(roots) if roots.ndim < 3 else roots @ roots.swapaxes(1, 2)
    model = GaussianMixture(
        k, covariance_type=kind, weights_init=start.weights, means_init=start.means,
        precisions_init=precisions[0] if kind == "tied" else precisions,
        max_iter=max_steps, tol=TOLERANCE, reg_covar=variance_floor(x),
    )  # fmt: skip
    model.fit(x)
    mixture = Mixture(model.weights_, model.means_, model.covariances_, kind)
    return mixture, bool(model.converged_)


def _count(found: Fit, codes: np.ndarray, held_out: np.ndarray) -> Count:
    aic, bic = criteria(found.mixture, codes)
    return Count(
        components=len(found.mixture),
        aic=aic / (2 * len(codes)),
        bic=bic / (2 * len(codes)),
        held_out=-log_likelihood(found.mixture, held_out),
        converged=bool(found.converged[found.log_likelihoods.argmax()]),
    )
