"""Maps: codes drawn on the plane or in space, behind one contract."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol, Self

import numpy as np

from latent.errors import InputError
from latent.neighbours import nearest

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

    def fit(self, codes: np.ndarray) -> Self:
        """Learn the map from codes of shape (N, latent_dim), float32."""
        ...

    def transform(self, codes: np.ndarray) -> np.ndarray:
        """Place codes (B, latent_dim) on the map: (B, dims), float32."""
        ...

    def inverse_transform(self, xy: np.ndarray) -> np.ndarray:
        """A code for each spot (B, dims) on the map: (B, latent_dim), float32."""
        ...


@dataclass
class Latent:
    """The codes themselves, where the latent space has 2 or 3 numbers: no map lies less."""

    dims: int = 2
    seed: int = 0
    exact_inverse: bool = True
    xy: np.ndarray = field(init=False, repr=False)

    def fit(self, codes: np.ndarray) -> Self:
        """Take the codes as they are.

        Raises:
            InputError: the codes have another number of dimensions than the map.
        """
        if codes.shape[1] != self.dims:
            raise InputError(
                f"The map 'latent' in {self.dims}-D needs codes of {self.dims} numbers; "
                f"these have {codes.shape[1]}. Choose pca, tsne or umap."
            )
        self.xy = codes.astype(np.float32)
        return self

    def transform(self, codes: np.ndarray) -> np.ndarray:
        """The codes."""
        return codes.astype(np.float32)

    def inverse_transform(self, xy: np.ndarray) -> np.ndarray:
        """The spots."""
        return xy.astype(np.float32)


@dataclass
class PCA:
    """The directions in which the codes vary most: linear, exact, the same every time.

    Source: Pearson 1901. Computed here and not with scikit-learn, because it is shown
    first and scikit-learn takes 1.7 s to import.
    """

    dims: int = 2
    seed: int = 0  # nothing is random here
    exact_inverse: bool = True
    xy: np.ndarray = field(init=False, repr=False)
    mean: np.ndarray = field(init=False, repr=False)
    components: np.ndarray = field(init=False, repr=False)
    explained: np.ndarray = field(init=False, repr=False)

    def fit(self, codes: np.ndarray) -> Self:
        """Find the components; `explained` holds each one's share of the variance.

        Raises:
            InputError: more dimensions asked than a code has.
        """
        if codes.shape[1] < self.dims:
            raise InputError(
                f"PCA cannot give {self.dims} dimensions from codes of {codes.shape[1]}. "
                f"Ask for at most {codes.shape[1]}."
            )
        exact = codes.astype(np.float64)
        self.mean = exact.mean(0)
        centered = exact - self.mean
        variance, vectors = np.linalg.eigh(centered.T @ centered / max(1, len(codes) - 1))
        top = np.argsort(variance)[::-1][: self.dims]
        components = vectors[:, top].T  # (dims, latent_dim)
        # an eigenvector's sign is arbitrary: its largest entry is made positive
        largest = np.take_along_axis(components, np.abs(components).argmax(1)[:, None], 1)
        self.components = components * np.sign(largest)
        self.explained = variance[top] / max(variance.sum(), np.finfo(float).tiny)
        self.xy = self.transform(codes)
        return self

    def transform(self, codes: np.ndarray) -> np.ndarray:
        """Coordinates along the components."""
        return ((codes.astype(np.float64) - self.mean) @ self.components.T).astype(np.float32)

    def inverse_transform(self, xy: np.ndarray) -> np.ndarray:
        """The code at that spot whose other directions are at their mean."""
        return (self.mean + xy.astype(np.float64) @ self.components).astype(np.float32)


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
        indices, distances = nearest(self.codes, codes, PLACED_BY)
        median = np.median(self.xy[indices], axis=1)  # (B, dims)
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

    def fit(self, codes: np.ndarray) -> Self:
        """Fit with openTSNE: FFT-accelerated in 2-D, Barnes-Hut in 3-D.

        Raises:
            InputError: the perplexity is too large for the number of codes.
        """
        if len(codes) < 3 * self.perplexity + 2:
            raise InputError(
                f"t-SNE needs perplexity below a third of the number of codes; got "
                f"{self.perplexity:g} for {len(codes)}. Choose a smaller one."
            )
        import openTSNE

        fitted = openTSNE.TSNE(
            n_components=self.dims,
            perplexity=self.perplexity,
            negative_gradient_method="fft" if self.dims == 2 else "bh",
            random_state=self.seed,
            n_jobs=-1,
        ).fit(codes)
        return self.restore(codes, np.asarray(fitted, np.float32))


@dataclass
class UMAP(Drawn):
    """Keeps near codes near along the data's own shape; faster than t-SNE, tighter clusters.

    Source: McInnes, Healy and Melville 2018, arXiv:1802.03426.
    """

    n_neighbors: int = 15
    min_dist: float = 0.1

    def fit(self, codes: np.ndarray) -> Self:
        """Fit with umap-learn, repeatably: a seed makes it use one core.

        Raises:
            InputError: more neighbours asked than there are codes.
        """
        if not 2 <= self.n_neighbors < len(codes):
            raise InputError(
                f"UMAP needs 2 ≤ n_neighbors < {len(codes)}, the number of codes; "
                f"got {self.n_neighbors}."
            )
        import umap

        fitted = umap.UMAP(
            n_components=self.dims,
            n_neighbors=self.n_neighbors,
            min_dist=self.min_dist,
            random_state=self.seed,
            n_jobs=1,
        ).fit_transform(codes)
        return self.restore(codes, np.asarray(fitted, np.float32))


PROJECTIONS: dict[str, Callable[..., Projection]] = {
    "latent": Latent,
    "pca": PCA,
    "tsne": TSNE,
    "umap": UMAP,
}

TITLES = {"latent": "the codes themselves", "pca": "PCA", "tsne": "t-SNE", "umap": "UMAP"}


def make_projection(method: str, dims: int, seed: int = 0) -> Projection:
    """A projection that is not fitted yet.

    Raises:
        InputError: unknown method, or dimensions other than 2 and 3.
    """
    if method not in PROJECTIONS:
        raise InputError(f"Unknown projection {method!r}; choose one of: {', '.join(PROJECTIONS)}.")
    if dims not in (2, 3):
        raise InputError(f"A map has 2 or 3 dimensions; got {dims}.")
    return PROJECTIONS[method](dims=dims, seed=seed)
