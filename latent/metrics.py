"""How good a model or a map is."""

from __future__ import annotations

import warnings

import numpy as np


def knn_accuracy(
    codes: np.ndarray, labels: np.ndarray, queries: np.ndarray, expected: np.ndarray, k: int = 10
) -> float:
    """Share of queries whose k nearest codes vote for the right label.

    Args:
        codes: references, shape (N, D).
        labels: their classes, shape (N,).
        queries: shape (Q, D).
        expected: their classes, shape (Q,).
        k: votes a query.

    Returns:
        Accuracy in [0, 1].
    """
    from sklearn.neighbors import KNeighborsClassifier

    return float(KNeighborsClassifier(k).fit(codes, labels).score(queries, expected))


def trustworthiness(codes: np.ndarray, xy: np.ndarray, k: int = 15) -> float:
    """How far near on the map means near in the codes: 1 if no stranger was pulled in.

    Args:
        codes: shape (N, latent_dim).
        xy: the same images on the map, shape (N, 2 or 3).
        k: size of a neighbourhood, below N / 2.

    Returns:
        Trustworthiness in [0, 1]; compare it only for one k and the same codes.

    Source: Venna and Kaski 2001.
    """
    from sklearn.manifold import trustworthiness as measure

    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a NaN would pass as a number
        return float(measure(codes, xy, n_neighbors=k))


def continuity(codes: np.ndarray, xy: np.ndarray, k: int = 15) -> float:
    """How far near in the codes means near on the map: 1 if nothing was torn apart.

    Trustworthiness with the two sides exchanged; same arguments and range.

    Source: Venna and Kaski 2001.
    """
    return trustworthiness(xy, codes, k)


def posterior_scale(mu: np.ndarray, logvar: np.ndarray) -> np.ndarray:
    """Variance of each number of a code over the data, posterior noise included.

    Near 1 for a vae whose codes follow the prior N(0, I).

    Args:
        mu: shape (N, latent_dim).
        logvar: same shape, ln σ².

    Returns:
        var(mu) + mean(exp(logvar)), shape (latent_dim,).
    """
    scale: np.ndarray = mu.var(axis=0) + np.exp(logvar).mean(axis=0)
    return scale


def kl_divergence(mu: np.ndarray, logvar: np.ndarray) -> np.ndarray:
    """KL of the posterior N(mu, exp(logvar)) from the prior N(0, I).

    Args:
        mu: shape (N, latent_dim).
        logvar: same shape, ln σ².

    Returns:
        Nats an image, shape (N,).

    Source: Kingma and Welling 2014, arXiv:1312.6114, appendix B.
    """
    kl: np.ndarray = 0.5 * (np.square(mu) + np.exp(logvar) - 1 - logvar).sum(axis=1)
    return kl


def bernoulli_log_likelihood(x: np.ndarray, x_hat: np.ndarray) -> np.ndarray:
    """ln p(x|z) of pixels in [0, 1] under independent Bernoulli means `x_hat`.

    Args:
        x: images, shape (N, C, H, W).
        x_hat: decoded images, same shape.

    Returns:
        Nats an image, shape (N,), at most 0.
    """
    mean = np.clip(x_hat.astype(np.float64), 1e-7, 1 - 1e-7)
    pixels = x * np.log(mean) + (1 - x) * np.log1p(-mean)
    total: np.ndarray = pixels.reshape(len(x), -1).sum(axis=1)
    return total


def frechet_distance(a: np.ndarray, b: np.ndarray) -> float:
    """Distance between two sets of features, each seen as one Gaussian.

    Only as telling as the features: between those of `latent.classifier` it is no
    Inception FID and compares with none.

    Args:
        a: shape (N, D), N > D.
        b: shape (M, D), M > D.

    Returns:
        |mean a − mean b|² + tr(A + B − 2 (AB)^½) of the covariances A and B; at least 0.

    Source: Dowson and Landau 1982; for images: Heusel et al. 2017, arXiv:1706.08500.
    """
    cov_a, cov_b = (np.cov(side.astype(np.float64), rowvar=False) for side in (a, b))
    values, vectors = np.linalg.eigh(cov_a)
    root = vectors * np.sqrt(np.maximum(values, 0)) @ vectors.T  # A^½, symmetric
    # tr (AB)^½ = tr (A^½ B A^½)^½, whose argument is symmetric
    cross = np.sqrt(np.maximum(np.linalg.eigvalsh(root @ cov_b @ root), 0)).sum()
    shift = np.square(a.mean(0, np.float64) - b.mean(0, np.float64)).sum()
    return float(max(0.0, shift + np.trace(cov_a) + np.trace(cov_b) - 2 * cross))
