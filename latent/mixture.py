"""Gaussian mixtures on codes: the mathematics of EM in log space, and draws.

A mixture says that each code was made by one of K Gaussians, its components, and does not
say by which. `responsibilities` answers that for a given mixture (the E-step), `m_step`
finds the mixture for given answers (the M-step); EM takes turns. Both are pure functions,
so that a run can be looked at step by step (`latent.em`); `latent.clusters` fits and measures.

Covariances never shrink below a floor: a component that closes in on a few equal points
would otherwise become infinitely sure of them. The floor is a constraint and no penalty
(eigenvalues below it are lifted to it, which is the best that a covariance within the
constraint can do), so the log-likelihood itself never falls.

Source: Dempster, Laird and Rubin 1977; the bound: Neal and Hinton 1998.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

KINDS = ("full", "tied", "diag", "spherical")
FLOOR = 1e-6  # least variance of a component in any direction, as a share of the data's mean
EMPTY = 1e-10  # responsibilities whose sum says nothing about where the component is


@dataclass(frozen=True)
class Mixture:
    """A Gaussian mixture.

    Args:
        weights: share of each component, shape (K,), float64, sums to 1.
        means: shape (K, D), float64.
        covariances: (K, D, D) if `kind` is "full", (D, D) if "tied" (one for all), (K, D)
            if "diag" (axes stay upright), (K,) if "spherical" (round).
        kind: one of `KINDS`.
    """

    weights: np.ndarray
    means: np.ndarray
    covariances: np.ndarray
    kind: str

    def __len__(self) -> int:
        return len(self.weights)

    @property
    def parameters(self) -> int:
        """Free numbers, which AIC and BIC count."""
        k, d = self.means.shape
        of_shape = {"full": k * d * (d + 1) // 2, "tied": d * (d + 1) // 2, "diag": k * d}
        return k - 1 + k * d + of_shape.get(self.kind, k)

    def whole_covariances(self) -> np.ndarray:
        """Covariances of every component as matrices, shape (K, D, D)."""
        k, d = self.means.shape
        if self.kind in ("full", "tied"):
            return np.broadcast_to(self.covariances, (k, d, d)).copy()
        variances = np.broadcast_to(self.covariances.reshape(k, -1), (k, d))
        return variances[:, :, None] * np.eye(d)


def variance_floor(x: np.ndarray) -> float:
    """Least variance that a component of these points may have in any direction.

    Args:
        x: shape (N, D).

    Returns:
        `FLOOR` times the mean variance of the D numbers; above 0 even if all points are equal.
    """
    return max(FLOOR * float(x.astype(np.float64).var(axis=0).mean()), 1e-12)


def log_joint(mixture: Mixture, x: np.ndarray) -> np.ndarray:
    """ln of weight times density of each component at each point, shape (N, K), float64.

    Args:
        mixture: of D dimensions.
        x: shape (N, D).

    Returns:
        -inf for a component of weight 0.
    """
    x = x.astype(np.float64, copy=False)
    k, d = mixture.means.shape
    roots = precision_roots(mixture)
    squared = np.empty((k, len(x)))  # (K, N): rows lie together in memory
    logdet = np.empty(k)
    for component, mean in enumerate(mixture.means):
        root = roots[component if len(roots) == k else 0]
        moved = x - mean
        scaled = moved * root if root.ndim < 2 else moved @ root
        np.einsum("nd,nd->n", scaled, scaled, out=squared[component])
        logdet[component] = np.log(root if root.ndim < 2 else np.diag(root)).sum()
    if mixture.kind == "spherical":
        logdet *= d
    with np.errstate(divide="ignore"):
        constant = np.log(mixture.weights) + logdet - 0.5 * d * np.log(2 * np.pi)
    joint: np.ndarray = (constant[:, None] - 0.5 * squared).T
    return joint


def precision_roots(mixture: Mixture) -> np.ndarray:
    """What turns a component's cloud into a standard one: (x - mean) @ root has covariance I.

    Returns:
        Upper triangular with a positive diagonal, shape (K, D, D) or, tied, (1, D, D); for
        "diag" (K, D) and for "spherical" (K,) what a difference is multiplied by.
    """
    if mixture.kind in ("diag", "spherical"):
        return 1 / np.sqrt(mixture.covariances)
    d = mixture.means.shape[1]
    lower = np.linalg.cholesky(mixture.covariances.reshape(-1, d, d))
    roots: np.ndarray = np.linalg.inv(lower).transpose(0, 2, 1)
    return roots


def log_density(mixture: Mixture, x: np.ndarray) -> np.ndarray:
    """ln p(x) of each point in nats, shape (N,)."""
    return log_sum(log_joint(mixture, x))


def responsibilities(mixture: Mixture, x: np.ndarray) -> np.ndarray:
    """E-step: how likely it is that each component made each point.

    Args:
        mixture: as it is believed to be now.
        x: shape (N, D).

    Returns:
        resp, shape (N, K), in [0, 1]; rows sum to 1.
    """
    joint = log_joint(mixture, x)
    resp: np.ndarray = np.exp(joint - log_sum(joint)[:, None])
    return resp


def m_step(x: np.ndarray, resp: np.ndarray, before: Mixture, floor: float) -> Mixture:
    """M-step: the mixture that explains the points best, given who is responsible for them.

    Args:
        x: shape (N, D).
        resp: shape (N, K); rows sum to 1.
        before: gives the kind; a component that is responsible for nothing stays where it
            was, with weight 0.
        floor: least variance in any direction, above 0; see `variance_floor`.

    Returns:
        Of all mixtures above the floor the one with the highest `lower_bound`.
    """
    x = x.astype(np.float64, copy=False)
    counts = resp.sum(axis=0)  # (K,)
    alive = counts > EMPTY
    shares = resp / np.where(alive, counts, 1)  # (N, K): columns sum to 1
    means = np.where(alive[:, None], shares.T @ x, before.means)
    scatter = _scatter(x, shares, means, before.kind)  # per component
    if before.kind == "tied":
        total = np.einsum("k,kij->ij", np.where(alive, counts, 0), scatter)
        covariances = _lifted(total / counts[alive].sum(), floor)
    elif before.kind == "full":
        covariances = np.where(alive[:, None, None], _lifted(scatter, floor), before.covariances)
    else:
        kept = alive[:, None] if before.kind == "diag" else alive
        covariances = np.where(kept, np.maximum(scatter, floor), before.covariances)
    return Mixture(counts / counts.sum(), means, covariances, before.kind)


def lower_bound(mixture: Mixture, x: np.ndarray, resp: np.ndarray) -> float:
    """ELBO: what the responsibilities let us claim of the log-likelihood, in nats a point.

    Equal to `log_likelihood` less `kl_gap`, so never above it, and equal to it right after
    an E-step.
    """
    return float(expected_bound(log_joint(mixture, x), resp).mean())


def log_likelihood(mixture: Mixture, x: np.ndarray) -> float:
    """Mean of ln p(x) over the points, in nats."""
    return float(log_density(mixture, x).mean())


def kl_gap(mixture: Mixture, x: np.ndarray, resp: np.ndarray) -> float:
    """KL of the responsibilities from those that the mixture itself gives, nats a point."""
    joint = log_joint(mixture, x)
    return float((log_sum(joint) - expected_bound(joint, resp)).mean())


def floored(mixture: Mixture, floor: float) -> np.ndarray:
    """Whether a component is held at the floor in some direction, shape (K,), bool."""
    if mixture.kind in ("diag", "spherical"):
        least = mixture.covariances.reshape(len(mixture), -1).min(axis=1)
    else:
        d = mixture.means.shape[1]
        least = np.linalg.eigvalsh(mixture.covariances.reshape(-1, d, d)).min(axis=1)
    held: np.ndarray = np.broadcast_to(least <= floor * (1 + 1e-6), (len(mixture),)).copy()
    return held


def sample(
    mixture: Mixture,
    count: int,
    rng: np.random.Generator,
    *,
    component: int | None = None,
    temperature: float = 1.0,
) -> tuple[np.ndarray, np.ndarray]:
    """Draw new points.

    Args:
        mixture: to draw from.
        count: of draws.
        rng: source of randomness.
        component: draw from this one alone; default each as often as its weight says.
        temperature: multiplies the standard deviations; below 1 keeps to the middles.

    Returns:
        Points, shape (count, D), float32, and the component of each, shape (count,).
    """
    if component is None:
        chosen = rng.choice(len(mixture), size=count, p=mixture.weights)
    else:
        chosen = np.full(count, component)
    lower = np.linalg.cholesky(mixture.whole_covariances())  # (K, D, D)
    noise = rng.standard_normal((count, mixture.means.shape[1]))
    points = mixture.means[chosen] + temperature * np.einsum("nij,nj->ni", lower[chosen], noise)
    return points.astype(np.float32), chosen


def log_sum(joint: np.ndarray) -> np.ndarray:
    """ln of the sum of exponentials of each row, shape (N,)."""
    top = joint.max(axis=1)
    total: np.ndarray = top + np.log(np.exp(joint - top[:, None]).sum(axis=1))
    return total


def expected_bound(joint: np.ndarray, resp: np.ndarray) -> np.ndarray:
    """sum of resp · (joint − ln resp) for each point; 0 · ln 0 is 0."""
    some = resp > 0
    difference = np.where(some, joint, 0) - np.log(np.where(some, resp, 1))
    bound: np.ndarray = (resp * difference).sum(axis=1)
    return bound


def _scatter(x: np.ndarray, shares: np.ndarray, means: np.ndarray, kind: str) -> np.ndarray:
    """Weighted mean square differences: (K, D, D), for "diag" (K, D), for "spherical" (K,)."""
    found = []
    for share, mean in zip(shares.T, means, strict=True):
        moved = x - mean
        if kind in ("full", "tied"):
            found.append((moved * share[:, None]).T @ moved)
        else:
            of_numbers = share @ np.square(moved)
            found.append(of_numbers if kind == "diag" else of_numbers.mean())
    return np.array(found)


def _lifted(covariances: np.ndarray, floor: float) -> np.ndarray:
    """Covariances (…, D, D) whose eigenvalues below the floor are lifted to it."""
    symmetric = (covariances + covariances.swapaxes(-1, -2)) / 2
    values, vectors = np.linalg.eigh(symmetric)
    kept: np.ndarray = np.asarray(values.min(axis=-1) >= floor)
    lifted: np.ndarray = (vectors * np.maximum(values, floor)[..., None, :]) @ vectors.swapaxes(
        -1, -2
    )
    # one that needs no lifting is kept to the last bit
    return np.where(kept[..., None, None], symmetric, lifted)
