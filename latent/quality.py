"""The quality of a map as one document: measured on the test codes, at every neighbourhood."""

from __future__ import annotations

from typing import Any

import numpy as np

from latent import fidelity
from latent.data import TEST
from latent.gallery import Gallery
from latent.neighbours import METRICS
from latent.parameters import Progress

K = 15  # the neighbourhood whose figures are quoted
KS = (2, 5, 10, 15, 20, 30, 45, 60, 80, 100)
VOTERS = 10
PAIRS = 100_000  # distances that are ranked
MOST = 10_000  # codes: all their distances are computed


def measured_on(gallery: Gallery) -> np.ndarray:
    """Indices of the images that maps are measured on: the test split, 10,000 at most.

    Where there is no test split to speak of, it is the whole gallery.
    """
    test = np.flatnonzero(gallery.split == TEST)
    if len(test) <= 2 * K:
        test = np.arange(len(gallery))
    return test[np.linspace(0, len(test) - 1, min(MOST, len(test))).astype(int)]


def measure(
    gallery: Gallery, xy: np.ndarray, progress: Progress | None = None
) -> dict[str, Any] | None:
    """Measure a map of a gallery, against Euclidean and against cosine neighbours.

    Args:
        gallery: of the model.
        xy: where its images lie, shape (N, 2 or 3), float32.
        progress: told the share of the work that is done.

    Returns:
        "ks", and for "euclidean" and "cosine" the curves "trustworthiness", "continuity"
        and "kept" over them, and "rank_correlation" of the distances of 100,000 pairs;
        "label_accuracy" of 10 votes among the same images, on the map and in the codes
        (Euclidean). None where the gallery is too small to say anything.
    """
    chosen = measured_on(gallery)
    if len(chosen) <= 2 * K:
        return None
    codes, points, labels = gallery.codes[chosen], xy[chosen], gallery.labels[chosen]
    ks = np.array([k for k in KS if k <= (len(chosen) - 1) // 2])
    found: dict[str, Any] = {"ks": ks.tolist()}
    for i, metric in enumerate(METRICS):
        ranks = fidelity.ranks(codes, points, int(ks[-1]), metric, _half(progress, i))
        pairs = fidelity.shepard(codes, points, PAIRS, metric=metric)
        found[metric] = {
            "trustworthiness": _rounded(fidelity.trustworthiness_curve(ranks, ks)),
            "continuity": _rounded(fidelity.continuity_curve(ranks, ks)),
            "kept": _rounded(fidelity.kept_curve(ranks, ks)),
            "rank_correlation": round(fidelity.rank_correlation(*pairs), 4),
        }
        if metric == "euclidean":
            found["label_accuracy"] = {
                "map": round(fidelity.vote_accuracy(ranks.shown, labels, VOTERS), 4),
                "codes": round(fidelity.vote_accuracy(ranks.near, labels, VOTERS), 4),
            }
    return found


def at_k(quality: dict[str, Any], measure_name: str, metric: str = "euclidean") -> float:
    """One figure of `measure`'s document, at k = 15."""
    value: float = quality[metric][measure_name][quality["ks"].index(K)]
    return value


def _half(progress: Progress | None, which: int) -> Progress | None:
    return progress and (lambda share: progress((which + share) / 2))


def _rounded(values: np.ndarray) -> list[float]:
    return [round(float(value), 4) for value in values]
