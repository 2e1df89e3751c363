"""How much each number of a code matters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

UNUSED_KL = 0.01  # nats: what the encoder writes into such a number changes nothing that is seen
UNUSED_SHARE = 1e-4  # of the largest variance: a spread a hundredth as wide as the widest


@dataclass(frozen=True)
class Importance:
    """What is known of every number of a code.

    Args:
        measure: "kl" (nats) or "variance".
        values: how much each number matters in that measure, shape (latent_dim,).
        unused: True for numbers that the model leaves empty, same shape.
        mean: of the gallery, same shape.
        std: standard deviation of the gallery, same shape; an unused number hardly
            varies, and takes that of the widest, so that it can be moved at all.
    """

    measure: str
    values: np.ndarray
    unused: np.ndarray
    mean: np.ndarray
    std: np.ndarray

    @property
    def order(self) -> np.ndarray:
        """Indices of the numbers: those that matter most first, unused ones last."""
        return np.lexsort((-self.values, self.unused))


def importance(codes: np.ndarray, logvar: np.ndarray | None = None) -> Importance:
    """Measure how much each number of a code matters.

    For a vae it is the KL of the posterior from the prior, which training charges for
    every number by itself: 0 if the encoder writes the same for every image. A number of
    less than `UNUSED_KL` nats is unused. Without `logvar` there is no such price, and
    the variance over the gallery stands in: it says how far the encoder moves a number,
    not how much the decoder makes of it. One of less than `UNUSED_SHARE` of the largest
    variance is unused.

    Args:
        codes: mu of the gallery, shape (N, latent_dim).
        logvar: ln σ² of a vae, same shape.

    Source: KL by the number: Kingma and Welling 2014, arXiv:1312.6114, appendix B;
        numbers that a vae leaves empty: Burda et al. 2016, arXiv:1509.00519.
    """
    mu = codes.astype(np.float64)
    variance = mu.var(axis=0)
    if logvar is None:
        measure, values = "variance", variance
        unused = variance <= UNUSED_SHARE * variance.max()
    else:
        ln = logvar.astype(np.float64)
        # expm1(x) − x keeps its digits where both are near 0, in the numbers that are unused
        measure, values = "kl", 0.5 * (np.square(mu) + np.expm1(ln) - ln).mean(axis=0)
        unused = values < UNUSED_KL
    std = np.sqrt(variance)
    widest = std.max() or 1.0
    std = np.where(unused | (std == 0), widest, std)
    return Importance(measure, values, unused, mu.mean(axis=0), std)
