"""Parcels of the page Clusters: points, and whole runs of EM and k-means on them.

A step travels as its parameters. Responsibilities, N × K numbers for each step, are
computed in the browser (`gaussians.js`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from latent.em import MeansRun, Run
from latent.linear import Latent, Linear
from latent.mixture import Mixture, floored, precision_roots
from latent.projections import Projection
from ui.live.parcels import Parcel, pack


def points_parcel(
    points: np.ndarray, xy: np.ndarray, labels: np.ndarray, indices: np.ndarray
) -> Parcel:
    """What a mixture is fitted to.

    Args:
        points: shape (N, D), float32.
        xy: where they lie on the map, shape (N, 2 or 3), float32.
        labels: of each, shape (N,), uint8.
        indices: numbers by which a visitor knows them, shape (N,).
    """
    half = points.astype(np.float16)
    exact = np.array_equal(half.astype(np.float32), points)
    arrays = {
        "points": half if exact else points.astype(np.float32),
        "xy": xy.astype(np.float32),
        "labels": labels.astype(np.uint8),
        "indices": indices.astype(np.float32),  # exact up to 16 million
    }
    return pack("em points", arrays, {"latent_dim": points.shape[1], "map_dims": xy.shape[1]})


def run_parcel(
    run: Run,
    means: MeansRun,
    place: Callable[[np.ndarray], np.ndarray],
    straight: np.ndarray | None,
) -> Parcel:
    """All steps of a run of EM, and of k-means beside it.

    Args:
        run: of EM.
        means: of k-means, with as many centers.
        place: where codes lie on the map, (B, D) to (B, 2 or 3).
        straight: what a difference of codes is multiplied by on a linear map, shape
            (2, D); None where the map bends, on which no component is an ellipse.
    """
    k, d = run.mixtures[0].means.shape
    stacked = np.stack([mixture.means for mixture in run.mixtures])  # (T + 1, K, D)
    spots = place(stacked.reshape(-1, d))
    center_spots = place(means.centers.reshape(-1, d))
    arrays = {
        "weights": _flat([mixture.weights for mixture in run.mixtures]),
        "means": _flat(stacked),
        "roots": _flat([packed_roots(mixture) for mixture in run.mixtures]),
        "spots": _flat(spots),
        "floored": np.stack([floored(m, run.floor) for m in run.mixtures]).ravel().astype(np.uint8),
        "centers": _flat(means.centers),
        "center_spots": _flat(center_spots),
    }
    if straight is not None:
        arrays["shapes"] = _flat([shadows(mixture, straight) for mixture in run.mixtures])
    return pack("em run", arrays, {
        "components": k, "latent_dim": d, "map_dims": spots.shape[1],
        "kind": run.mixtures[0].kind, "converged": run.converged,
        "log_likelihoods": run.log_likelihoods.tolist(), "bounds": run.bounds.tolist(),
        "inertias": means.inertias.tolist(),
    })  # fmt: skip


def packed_roots(mixture: Mixture) -> np.ndarray:
    """Roots of the precisions; of a triangle the columns one after another, each to its diagonal.

    Returns:
        Shape (K, D (D + 1) / 2), "tied" (1, …), "diag" (K, D), "spherical" (K,).
    """
    roots = precision_roots(mixture)
    if roots.ndim < 3:
        return roots
    rows, columns = np.tril_indices(roots.shape[1])  # row by row of the transpose
    packed: np.ndarray = roots.transpose(0, 2, 1)[:, rows, columns]
    return packed


def straight_of(projection: Projection) -> np.ndarray | None:
    """The matrix of a flat linear map, shape (2, D); None for all others."""
    if projection.dims != 2:
        return None
    if isinstance(projection, Linear):
        return projection.components
    return np.eye(2) if isinstance(projection, Latent) else None


def shadows(mixture: Mixture, straight: np.ndarray) -> np.ndarray:
    """Covariances of the components on a linear map as xx, xy, yy, shape (K, 3).

    What a Gaussian looks like from the side is a Gaussian: exact, not a drawing.
    """
    flat = straight @ mixture.whole_covariances() @ straight.T  # (K, 2, 2)
    return np.stack([flat[:, 0, 0], flat[:, 0, 1], flat[:, 1, 1]], axis=1)


def _flat(values: np.ndarray | Sequence[np.ndarray]) -> np.ndarray:
    return np.asarray(values, np.float32).ravel()
