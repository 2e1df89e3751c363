"""Where a new code lands on a finished map: our placement and each library's own `transform`.

`python -m benchmarks.transforms [MODEL]` runs it alone. Maps of 9,000 codes are fitted, 1,000
others placed on them. Right: the label that most of the 15 nearest on the map have. Kept: the
share of a code's 15 nearest fitted codes that are among its 15 nearest on the map.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.live import row
from latent import load_space
from latent.neighbours import nearest
from latent.projections import UMAP, Drawn

FITTED, PLACED = 9_000, 1_000
K = 15
Transform = Callable[[np.ndarray], np.ndarray]


def measure(name: str = "mnist-vae", fitted: int = FITTED) -> list[dict[str, Any]]:
    """Rows for every method: ours, and the library's."""
    gallery = load_space(name).gallery
    chosen = np.random.default_rng(0).permutation(len(gallery))[: fitted + PLACED]
    codes, labels = gallery.codes[chosen], gallery.labels[chosen]
    known, new = codes[:fitted], codes[fitted:]
    rows = []
    for method, fit in METHODS.items():
        xy, transform = fit(known, labels[:fitted])
        ways = {"the library's own transform": transform}
        if method not in LINEAR:  # where there is a formula, ours is the library's
            ways["placed by its neighbours"] = Drawn(dims=2).restore(known, xy).transform
        for whose, way in ways.items():
            start = time.perf_counter()
            landed = way(new)
            taken = time.perf_counter() - start
            right, kept = compare(known, xy, labels[:fitted], new, landed, labels[fitted:])
            title = f"new codes on {method}, {whose}"
            rows += [
                row(f"{title}: label right", 100 * right, "%"),
                row(f"{title}: neighbours kept", 100 * kept, "%"),
                row(f"{title}: {PLACED} codes", taken, "s"),
            ]
    return rows


def compare(
    known: np.ndarray, xy: np.ndarray, labels: np.ndarray,
    new: np.ndarray, landed: np.ndarray, truth: np.ndarray,
) -> tuple[float, float]:  # fmt: skip
    """Label accuracy on the map, and the share of neighbours kept, both in [0, 1].

    Args:
        known: fitted codes, shape (N, latent_dim), with their points `xy` (N, 2) and `labels`.
        new: other codes, shape (M, latent_dim), where they `landed` (M, 2) and their `truth`.
    """
    in_codes = nearest(known, new, K)[0]
    on_map = nearest(xy, landed.astype(np.float32), K)[0]
    votes = np.array([np.bincount(labels[near]).argmax() for near in on_map])
    kept = [len(set(a) & set(b)) / K for a, b in zip(in_codes, on_map, strict=True)]
    return float((votes == truth).mean()), float(np.mean(kept))


def _umap(codes: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, Transform]:
    import umap

    fitted = umap.UMAP(random_state=0, n_jobs=1, n_neighbors=UMAP.n_neighbors).fit(codes)
    return fitted.embedding_, fitted.transform


def _tsne(codes: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, Transform]:
    import openTSNE

    fitted = openTSNE.TSNE(perplexity=30, random_state=0, n_jobs=-1).fit(codes)
    # its transform moves the map itself into the middle, where it must be when it is compared
    fitted -= (np.max(fitted, axis=0) + np.min(fitted, axis=0)) / 2
    return np.asarray(fitted, np.float32), lambda new: np.asarray(fitted.transform(new))


def _isomap(codes: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, Transform]:
    from sklearn.manifold import Isomap

    fitted = Isomap(n_neighbors=15, n_jobs=-1).fit(codes)
    return fitted.embedding_.astype(np.float32), fitted.transform


def _pca(codes: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, Transform]:
    from sklearn.decomposition import PCA

    fitted = PCA(2).fit(codes)
    return fitted.transform(codes).astype(np.float32), fitted.transform


def _lda(codes: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, Transform]:
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    fitted = LinearDiscriminantAnalysis(n_components=2).fit(codes, labels)
    return fitted.transform(codes).astype(np.float32), fitted.transform


METHODS = {"UMAP": _umap, "t-SNE": _tsne, "Isomap": _isomap, "PCA": _pca, "LDA": _lda}
LINEAR = ("PCA", "LDA")


if __name__ == "__main__":
    for measured in measure(*sys.argv[1:2]):
        print(f"{measured['name']}: {measured['value']} {measured['unit']}")
    sys.exit(0)
