"""Maps: codes drawn on the plane or in space, behind one contract."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, Self

import numpy as np

from latent.errors import InputError
from latent.graph import build
from latent.linear import LDA, PCA, Latent
from latent.neighbours import nearest, unit
from latent.parameters import Progress, check_finite, checked_parameters

PLACED_BY = 5  # nearest codes whose median position places a new one


class Projection(Protocol):
    """The contract of every map.

    `transform` treats each code alone and gives a fitted code its own point.
    `exact_inverse` says whether `inverse_transform` undoes `transform` (up to the
    directions that the map leaves out) or only gives a likely code.
    """

    dims: int
    exact_inverse: bool
    xy: np.ndarray  # (N, dims), float32: where the fitted codes lie

    def fit(
        self,
        codes: np.ndarray,
        labels: np.ndarray | None = None,
        progress: Progress | None = None,
    ) -> Self:
        """Learn the map.

        Args:
            codes: shape (N, latent_dim), float32.
            labels: shape (N,), integers; only LDA asks for them.
            progress: told the share of the work that is done, where it takes long.

        Raises:
            InputError: these codes cannot be mapped like that; it names the parameter.
        """
        ...

    def transform(self, codes: np.ndarray) -> np.ndarray:
        """Place codes (B, latent_dim) on the map: (B, dims), float32."""
        ...

    def inverse_transform(self, xy: np.ndarray) -> np.ndarray:
        """A code for each spot (B, dims) on the map: (B, latent_dim), float32."""
        ...


@dataclass
class Drawn:
    """A map without a formula: known only where the fitted codes lie.

    A new code goes to the median position of its 5 nearest fitted codes. That keeps
    more neighbours than UMAP's own `transform`, needs no library, and does not depend
    on what else is placed with it.
    """

    dims: int = 2
    seed: int = 0
    exact_inverse: bool = False
    xy: np.ndarray = field(init=False, repr=False)
    codes: np.ndarray = field(init=False, repr=False)

    def restore(self, codes: np.ndarray, xy: np.ndarray) -> Self:
        """Take a finished map instead of fitting one.

        Args:
            codes: shape (N, latent_dim), float32.
            xy: where they lie, shape (N, dims), float32.

        Raises:
            InputError: the shapes do not fit, or a coordinate is not a number.
        """
        if xy.shape != (len(codes), self.dims) or not np.isfinite(xy).all():
            raise InputError(
                f"A map of {len(codes)} codes in {self.dims}-D needs finite coordinates of shape "
                f"{(len(codes), self.dims)}; got {xy.shape}. Compute the map again."
            )
        self.codes, self.xy = codes, xy
        return self

    def transform(self, codes: np.ndarray) -> np.ndarray:
        """Median position of the nearest fitted codes; a fitted code keeps its point."""
        return self.among(*nearest(self.codes, codes, PLACED_BY))

    def among(self, indices: np.ndarray, distances: np.ndarray) -> np.ndarray:
        """What `transform` gives where the nearest fitted codes are known already.

        Args:
            indices: of the nearest fitted codes, nearest first, shape (B, at least 5).
            distances: to them, the same shape.
        """
        median = np.median(self.xy[indices[:, :PLACED_BY]], axis=1)  # (B, dims)
        own = self.xy[indices[:, 0]]
        return np.where(distances[:, :1] == 0, own, median).astype(np.float32)

    def inverse_transform(self, xy: np.ndarray) -> np.ndarray:
        """Mean of the codes nearest on the map, weighted by 1 / distance²: approximate.

        Exactly on a fitted point it is that point's code.
        """
        indices, distances = nearest(self.xy, xy.astype(np.float32), PLACED_BY)
        weights = 1 / np.maximum(np.square(distances), 1e-12)
        weights /= weights.sum(1, keepdims=True)  # (B, 5)
        mean = np.einsum("bk,bkd->bd", weights, self.codes[indices])
        return np.where(distances[:, :1] == 0, self.codes[indices[:, 0]], mean).astype(np.float32)


@dataclass
class TSNE(Drawn):
    """Keeps near codes near and spreads clusters apart; distances between clusters say little.

    Source: van der Maaten and Hinton 2008; openTSNE: Poličar et al. 2019.
    """

    perplexity: float = 30.0
    metric: str = "euclidean"

    def fit(
        self,
        codes: np.ndarray,
        labels: np.ndarray | None = None,
        progress: Progress | None = None,
    ) -> Self:
        """Fit with openTSNE: FFT-accelerated in 2-D, Barnes-Hut in 3-D.

        Raises:
            InputError: the perplexity is too large for the number of codes, or a code is
                not finite.
        """
        if len(codes) < 3 * self.perplexity + 2:
            raise InputError(
                f"t-SNE needs perplexity below a third of the number of codes; got "
                f"{self.perplexity:g} for {len(codes)}. Choose a smaller one."
            )
        check_finite("t-SNE", codes)
        import openTSNE
        from openTSNE.affinity import PerplexityBasedNN
        from openTSNE.nearest_neighbors import PrecomputedNeighbors
        from sklearn.neighbors import NearestNeighbors

        early, late = STEPS
        done = 0

        def told(iteration: int, error: float, embedding: object) -> None:
            nonlocal done
            done += TOLD_EVERY
            if progress:
                progress(min(1.0, 0.1 + 0.9 * done / (early + late)))

        if progress:
            progress(0.02)
        # exact neighbours: quicker than the library's approximate ones, and the same everywhere
        count = min(len(codes) - 1, int(3 * self.perplexity))
        finder = NearestNeighbors(n_neighbors=count, metric=self.metric, algorithm="brute")
        distances, indices = finder.fit(codes).kneighbors()
        affinities = PerplexityBasedNN(
            perplexity=self.perplexity,
            knn_index=PrecomputedNeighbors(indices, distances),
            n_jobs=-1,
        )
        fitted = openTSNE.TSNE(
            n_components=self.dims,
            negative_gradient_method="fft" if self.dims == 2 else "bh",
            early_exaggeration_iter=early,
            n_iter=late,
            callbacks=told,
            callbacks_every_iters=TOLD_EVERY,
            random_state=self.seed,
            n_jobs=-1,
        ).fit(codes, affinities)
        return self.restore(codes, np.asarray(fitted, np.float32))


@dataclass
class UMAP(Drawn):
    """Keeps near codes near along the data's own shape; faster than t-SNE, tighter clusters.

    Source: McInnes, Healy and Melville 2018, arXiv:1802.03426.
    """

    n_neighbors: int = 15
    min_dist: float = 0.1
    metric: str = "euclidean"

    def fit(
        self,
        codes: np.ndarray,
        labels: np.ndarray | None = None,
        progress: Progress | None = None,
    ) -> Self:
        """Fit with umap-learn, repeatably: a seed makes it use one core.

        Raises:
            InputError: more neighbours asked than there are codes, or a code is not finite.
        """
        if not 2 <= self.n_neighbors < len(codes):
            raise InputError(
                f"UMAP needs 2 ≤ n_neighbors < {len(codes)}, the number of codes; "
                f"got {self.n_neighbors}."
            )
        check_finite("UMAP", codes)
        import umap

        # exact neighbours: as quick, and umap-learn's own search takes a minute to compile
        neighbours = nearest(codes, codes, self.n_neighbors, self.metric)
        # it tells nobody how far it is but through the file of its progress bar
        bar = {"disable": progress is None, "file": _Bar(progress), "mininterval": 0.2,
               "bar_format": "{n}/{total}"}  # fmt: skip
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "precomputed_knn")  # its `transform` is not used
            fitted = umap.UMAP(
                n_components=self.dims,
                n_neighbors=self.n_neighbors,
                min_dist=self.min_dist,
                metric=self.metric,
                random_state=self.seed,
                n_jobs=1,
                precomputed_knn=neighbours,
                n_epochs=EPOCHS if len(codes) <= FEW else None,
                tqdm_kwds=bar,
            ).fit_transform(codes)
        return self.restore(codes, np.asarray(fitted, np.float32))


class _Bar:
    """What a progress bar writes to, which reads "n/total" off it."""

    def __init__(self, progress: Progress | None) -> None:
        self.progress = progress

    def write(self, text: str) -> None:
        found = re.search(r"(\d+)/(\d+)", text)
        if found and self.progress:
            done, total = map(int, found.groups())
            self.progress(0.3 + 0.7 * done / max(1, total))

    def flush(self) -> None:
        """Nothing is kept."""


@dataclass
class Isomap(Drawn):
    """Keeps distances along the data's own shape: from neighbour to neighbour, added up.

    Source: Tenenbaum, de Silva and Langford 2000. Under cosine the links are chords
    between directions. Parts of the neighbour graph that hang apart are linked by their
    shortest bridge.
    """

    n_neighbors: int = 15
    metric: str = "euclidean"

    def fit(
        self,
        codes: np.ndarray,
        labels: np.ndarray | None = None,
        progress: Progress | None = None,
    ) -> Self:
        """Find all shortest ways, then the plane that keeps their lengths best.

        Raises:
            InputError: more than 10,000 codes, whose distances fill the memory; more
                neighbours asked than there are codes; or a code is not finite.
        """
        n = len(codes)
        if n > ISOMAP_MOST:
            raise InputError(
                f"Isomap is fitted on at most {ISOMAP_MOST:,} codes; got {n:,}. Fit it on a "
                "sample, and the rest is placed."
            )
        if not 2 <= self.n_neighbors < n or self.dims >= n:
            raise InputError(
                f"Isomap needs 2 ≤ n_neighbors < {n}, the number of codes; got {self.n_neighbors}."
            )
        check_finite("Isomap", codes)
        from scipy.sparse.linalg import eigsh

        linked = build(unit(codes) if self.metric == "cosine" else codes, self.n_neighbors)
        squared = np.square(_ways(linked.links, progress))
        # classical scaling: double centring turns squared distances into scalar products
        squared -= squared.mean(0, keepdims=True)
        squared -= squared.mean(1, keepdims=True)
        squared *= -0.5
        start = np.random.default_rng(self.seed).standard_normal(n).astype(np.float32)
        values, vectors = eigsh(squared, self.dims, v0=start, tol=1e-6)
        order = np.argsort(values)[::-1]
        xy = vectors[:, order] * np.sqrt(np.maximum(values[order], 0))
        xy *= np.sign(xy[np.abs(xy).argmax(0), np.arange(self.dims)])  # signs are arbitrary
        return self.restore(codes, xy.astype(np.float32))


def _ways(links: Any, progress: Progress | None) -> np.ndarray:
    """Lengths of the shortest ways between all codes, shape (N, N), float32."""
    from scipy.sparse.csgraph import dijkstra

    if progress:
        progress(0.05)
    n = links.shape[0]
    lengths = np.empty((n, n), np.float32)
    exact = links.astype(np.float64)
    for start in range(0, n, WAYS):
        rows = np.arange(start, min(n, start + WAYS))
        lengths[rows] = dijkstra(exact, indices=rows)
        if progress:
            progress(0.05 + 0.85 * (start + len(rows)) / n)
    return lengths


# Two fifths to a half less time than with the libraries' own numbers, which are 500 times
# through UMAP's graph and 250 + 500 steps of t-SNE. That costs UMAP 0.002 of its trustworthiness at
# k = 15, and t-SNE hardly anything: `python -m benchmarks.maps steps`
FEW, EPOCHS = 10_000, 300  # codes up to which umap-learn would take its 500
STEPS = (200, 250)
TOLD_EVERY = 50  # steps of t-SNE between two words on its progress
ISOMAP_MOST = 10_000  # codes: their distances take 400 MB, a few times
WAYS = 100  # codes between two words on its progress

PROJECTIONS: dict[str, Callable[..., Projection]] = {
    "latent": Latent,
    "pca": PCA,
    "lda": LDA,
    "tsne": TSNE,
    "umap": UMAP,
    "isomap": Isomap,
}

TITLES = {
    "latent": "the codes themselves",
    "pca": "PCA",
    "lda": "LDA",
    "tsne": "t-SNE",
    "umap": "UMAP",
    "isomap": "Isomap",
}


def make_projection(
    method: str, dims: int, seed: int = 0, parameters: Mapping[str, object] | None = None
) -> Projection:
    """A projection that is not fitted yet.

    Args:
        method: a name of `PROJECTIONS`.
        dims: 2 or 3.
        seed: of what is random in it.
        parameters: by name, see `latent.parameters`; what is left out is at its default.

    Raises:
        InputError: unknown method, dimensions other than 2 and 3, or a parameter that the
            method does not have or that is out of its range.
    """
    if method not in PROJECTIONS:
        raise InputError(f"Unknown projection {method!r}; choose one of: {', '.join(PROJECTIONS)}.")
    if dims not in (2, 3):
        raise InputError(f"A map has 2 or 3 dimensions; got {dims}.")
    return PROJECTIONS[method](dims=dims, seed=seed, **checked_parameters(method, parameters or {}))
