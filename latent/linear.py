"""Maps with a formula: the codes themselves, PCA, and LDA on labels."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

import numpy as np

from latent.errors import InputError
from latent.parameters import Progress, check_finite


@dataclass
class Latent:
    """The codes themselves, where the latent space has 2 or 3 numbers: no map lies less."""

    dims: int = 2
    seed: int = 0
    exact_inverse: bool = True
    xy: np.ndarray = field(init=False, repr=False)

    def fit(
        self,
        codes: np.ndarray,
        labels: np.ndarray | None = None,
        progress: Progress | None = None,
    ) -> Self:
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
class Linear:
    """A map of the form (code − mean) · componentsᵀ, and the way back mean + xy · basis."""

    dims: int = 2
    seed: int = 0  # nothing is random here
    exact_inverse: bool = True
    xy: np.ndarray = field(init=False, repr=False)
    mean: np.ndarray = field(init=False, repr=False)
    components: np.ndarray = field(init=False, repr=False)
    basis: np.ndarray = field(init=False, repr=False)
    explained: np.ndarray = field(init=False, repr=False)

    def transform(self, codes: np.ndarray) -> np.ndarray:
        """Coordinates along the components."""
        return ((codes.astype(np.float64) - self.mean) @ self.components.T).astype(np.float32)

    def inverse_transform(self, xy: np.ndarray) -> np.ndarray:
        """The likeliest code at that spot: what the map leaves out is at its mean."""
        return (self.mean + xy.astype(np.float64) @ self.basis).astype(np.float32)


@dataclass
class PCA(Linear):
    """The directions in which the codes vary most: linear, exact, the same every time.

    Source: Pearson 1901. Computed here and not with scikit-learn, because it is shown
    first and scikit-learn takes 1.7 s to import.
    """

    def fit(
        self,
        codes: np.ndarray,
        labels: np.ndarray | None = None,
        progress: Progress | None = None,
    ) -> Self:
        """Find the components; `explained` holds each one's share of the variance.

        Raises:
            InputError: more dimensions asked than a code has, or codes that are not finite.
        """
        if codes.shape[1] < self.dims:
            raise InputError(
                f"PCA cannot give {self.dims} dimensions from codes of {codes.shape[1]}. "
                f"Ask for at most {codes.shape[1]}."
            )
        check_finite("PCA", codes)
        exact = codes.astype(np.float64)
        self.mean = exact.mean(0)
        centered = exact - self.mean
        variance, vectors = np.linalg.eigh(centered.T @ centered / max(1, len(codes) - 1))
        top = np.argsort(variance)[::-1][: self.dims]
        self.components = self.basis = _signed(vectors[:, top].T)  # (dims, latent_dim)
        self.explained = variance[top] / max(variance.sum(), np.finfo(float).tiny)
        self.xy = self.transform(codes)
        return self


@dataclass
class LDA(Linear):
    """The directions that tell the labels apart best: it sees what labels say, and no more.

    Distances on it are in standard deviations within a class. `inverse_transform` gives
    the spot's likeliest code if every class were one Gaussian cloud of the same shape.

    Source: Fisher 1936; for more than two classes Rao 1948.
    """

    def fit(
        self,
        codes: np.ndarray,
        labels: np.ndarray | None = None,
        progress: Progress | None = None,
    ) -> Self:
        """Find the components; `explained` holds each one's share of what tells classes apart.

        Args:
            codes: shape (N, latent_dim), float32.
            labels: shape (N,), integers: the class of each.
            progress: not told, since it takes no time.

        Raises:
            InputError: no labels, too few classes or numbers in a code for that many
                dimensions, or codes that are not finite.
        """
        if labels is None:
            raise InputError("LDA needs a label for every code; got none. Choose pca.")
        classes, of, counts = np.unique(labels, return_inverse=True, return_counts=True)
        most = min(len(classes) - 1, codes.shape[1])
        if most < self.dims:
            raise InputError(
                f"LDA of {len(classes)} classes and codes of {codes.shape[1]} numbers gives at "
                f"most {most} dimensions; got dims {self.dims}. Choose pca, or labels with more "
                "classes."
            )
        check_finite("LDA", codes)
        exact = codes.astype(np.float64)
        self.mean = exact.mean(0)
        means = np.stack([exact[of == c].mean(0) for c in range(len(classes))])  # (C, D)
        within = _covariance(exact - means[of], len(codes) - len(classes))
        between = _covariance((means - self.mean) * np.sqrt(counts)[:, None], len(classes) - 1)
        variance, vectors = np.linalg.eigh(within)
        # a number that never varies within a class would count without end: it has a floor
        variance = np.maximum(variance, max(variance[-1], np.finfo(np.float32).tiny) * 1e-9)
        white = vectors / np.sqrt(variance)  # (D, D): within the classes all is of variance 1
        strength, turned = np.linalg.eigh(white.T @ between @ white)
        top = np.argsort(strength)[::-1][: self.dims]
        self.components = _signed((white @ turned[:, top]).T)  # (dims, D)
        self.basis = self.components @ (vectors * variance) @ vectors.T
        self.explained = strength[top] / max(strength.sum(), np.finfo(float).tiny)
        self.xy = self.transform(codes)
        return self


def _covariance(centered: np.ndarray, freedom: int) -> np.ndarray:
    product: np.ndarray = centered.T @ centered / max(1, freedom)
    return product


def _signed(components: np.ndarray) -> np.ndarray:
    """An eigenvector's sign is arbitrary: its largest entry is made positive."""
    largest = np.take_along_axis(components, np.abs(components).argmax(1)[:, None], 1)
    signed: np.ndarray = components * np.sign(largest)
    return signed
