"""Codes that explain some pixels: where their density is highest, and draws from it.

Gauss-Newton climbs from many codes at once to the tops of the density. Around each it looks
like a Gaussian (Laplace's approximation); draws from all of these together, weighted by how far
they are wrong (importance sampling), stand for the density itself.

Source: Levenberg 1944 and Marquardt 1963; importance sampling with normalised weights: Owen,
    Monte Carlo theory, methods and examples, chapter 9.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from latent.mixture import Mixture, log_density, responsibilities, sample
from latent.space import LatentSpace

STEPS = 12  # of Gauss-Newton, at most
TRIAL = 2  # after so many steps only the better half of the starts goes on
STILL = 0.02  # nats: a start that gains less has arrived
HOPELESS = 14.0  # nats: a top so far below the best one has less than a millionth of its mass
WIDTHS = ((0.6, 1.0), (0.3, 1.4), (0.1, 2.5))  # shares of the draws, and how wide these are
ONE_TOP = 4.0  # squared Mahalanobis distance within which two tops are one


@dataclass(frozen=True)
class Tops:
    """Where the density over codes is highest, the one with most mass first.

    Args:
        codes: shape (T, latent_dim), float64.
        images: decoded, shape (T, P), float32.
        curvatures: of minus the log density there, shape (T, latent_dim, latent_dim).
        masses: of the Gaussians that fit there, shape (T,); they sum to 1.
    """

    codes: np.ndarray
    images: np.ndarray
    curvatures: np.ndarray
    masses: np.ndarray


class Explained:
    """The density over codes, given some pixels.

    Args:
        space: whose decoder draws.
        prior: how likely codes are before anything is seen.
        seen: values of the visible pixels, shape (V,).
        visible: which of the P pixels they are, shape (V,).
        variance: of their error.
    """

    def __init__(
        self,
        space: LatentSpace,
        prior: Mixture,
        seen: np.ndarray,
        visible: np.ndarray,
        variance: float,
    ) -> None:
        self.space, self.prior = space, prior
        self.precisions = np.linalg.inv(prior.whole_covariances())  # (K, D, D)
        self.seen, self.visible, self.variance = seen, visible, variance

    def misfit(self, pixels: np.ndarray) -> np.ndarray:
        """Minus ln p(visible | z) but for a constant, of decoded visible pixels (B, V)."""
        wrong = pixels - self.seen
        return np.einsum("bv,bv->b", wrong, wrong).astype(np.float64) / (2 * self.variance)

    def climb(self, starts: np.ndarray) -> Tops:
        """Climb from each of some codes (S, latent_dim) to a top, and tell the tops apart."""
        climber = _Climber(self, starts)
        for step in range(STEPS):
            climber.step()
            if step + 1 == TRIAL:
                climber.keep(-(-len(starts) // 2))
            if not climber.moving.any():
                break
        return _told_apart(climber)

    def draw(
        self, tops: Tops, count: int, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Weighted draws that stand for the density.

        Returns:
            Codes, shape (count, latent_dim), float32; images, shape (count, P); weights,
            shape (count,), that sum to 1.
        """
        proposal = _proposal(tops)
        codes, _ = sample(proposal, count, rng)
        images = self.space.decode(codes).reshape(count, -1)
        heights = log_density(self.prior, codes) - self.misfit(images[:, self.visible])
        wrong = heights - log_density(proposal, codes)
        weights = np.exp(wrong - wrong.max())
        return codes, images, weights / weights.sum()


def _proposal(tops: Tops) -> Mixture:
    """Gaussians around the tops to draw from.

    Every top gets some draws, so that one whose mass was underrated is noticed, and some of
    them from a wider Gaussian: the density has heavier flanks than the one that fits at the top,
    and a rare draw out there would carry the weight of all that were not made.
    """
    shares = 0.8 * tops.masses + 0.2 / len(tops.masses)
    covariances = np.linalg.inv(tops.curvatures)
    return Mixture(
        np.concatenate([share * shares for share, _ in WIDTHS]),
        np.tile(tops.codes, (len(WIDTHS), 1)),
        np.concatenate([width**2 * covariances for _, width in WIDTHS]),
        "full",
    )


class _Climber:
    """Gauss-Newton from many codes at once, with a damping for each (Levenberg-Marquardt)."""

    def __init__(self, problem: Explained, starts: np.ndarray) -> None:
        self.problem = problem
        self.codes = starts.astype(np.float64)
        self.images, self.tangents, self.costs = self._look(self.codes)
        self.damping = np.full(len(starts), 1e-2)
        self.moving = np.ones(len(starts), bool)

    def _look(self, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        from latent.tangents import decode_with_tangents

        problem = self.problem
        images, tangents = decode_with_tangents(problem.space.autoencoder, codes)
        costs = problem.misfit(images[:, problem.visible]) - log_density(problem.prior, codes)
        return images, tangents[:, :, problem.visible], costs

    def curvatures(self, which: np.ndarray) -> np.ndarray:
        """Of the costs, each positive definite, shape (S, latent_dim, latent_dim)."""
        tangents, problem = self.tangents[which], self.problem
        resp = responsibilities(problem.prior, self.codes[which])
        of_prior = np.einsum("sk,kij->sij", resp, problem.precisions)
        of_pixels = tangents @ tangents.transpose(0, 2, 1)
        return of_pixels.astype(np.float64) / problem.variance + of_prior

    def step(self) -> None:
        """One step of those that still move; a step that leads down is not taken."""
        which = np.flatnonzero(self.moving)
        problem, codes = self.problem, self.codes[which]
        wrong = self.images[which][:, problem.visible] - problem.seen
        resp = responsibilities(problem.prior, codes)
        pulls = np.einsum("kij,skj->ski", problem.precisions, codes[:, None] - problem.prior.means)
        slopes = np.einsum("sk,ski->si", resp, pulls) + (
            (self.tangents[which] @ wrong[..., None])[..., 0] / problem.variance
        )
        curved = self.curvatures(which)
        spread = np.einsum("sii->si", curved)[:, :, None] * np.eye(codes.shape[1])
        damped = curved + self.damping[which, None, None] * spread
        tried = codes - np.linalg.solve(damped, slopes[..., None])[..., 0]
        images, tangents, costs = self._look(tried)
        better = costs < self.costs[which]
        gained = self.costs[which] - costs
        self.damping[which] *= np.where(better, 0.2, 8.0)
        arrived = (better & (gained < STILL)) | (self.damping[which] > 1e6)
        taken = which[better]
        self.codes[taken], self.images[taken] = tried[better], images[better]
        self.tangents[taken], self.costs[taken] = tangents[better], costs[better]
        self.moving[which[arrived]] = False

    def keep(self, count: int) -> None:
        """Give up all but the best."""
        best = np.argsort(self.costs)[:count]
        for name in ("codes", "images", "tangents", "costs", "damping", "moving"):
            setattr(self, name, getattr(self, name)[best])


def _told_apart(climber: _Climber) -> Tops:
    """Tops that are not one, as far as they can matter."""
    curvatures = climber.curvatures(np.arange(len(climber.codes)))
    heights = -climber.costs - 0.5 * np.linalg.slogdet(curvatures)[1]  # ln of the mass, Laplace
    kept: list[int] = []
    for top in np.argsort(-heights):
        if heights[top] < heights.max() - HOPELESS:
            break
        apart = climber.codes[top] - climber.codes[kept]  # (kept, D)
        if all(a @ curvatures[k] @ a > ONE_TOP for a, k in zip(apart, kept, strict=True)):
            kept.append(int(top))
    masses = np.exp(heights[kept] - heights.max())
    return Tops(climber.codes[kept], climber.images[kept], curvatures[kept], masses / masses.sum())
