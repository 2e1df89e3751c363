"""An image with a hidden part, completed from what remains visible.

An encoder has only ever seen whole images; given one with a part painted over, it describes
the paint too. Here the code is inferred instead: which codes draw the visible pixels, and are
likely beforehand? That is a density over codes,

    p(z | visible) ∝ p(z) · exp(−|visible − decoded(z)|² / 2σ²),

with a mixture for p(z) (one round component is a vae's own prior). Where what remains is
ambiguous it has several tops; `latent.explaining` finds them, and weighted draws that stand for
the whole. Completions are tops and draws that differ where nothing is seen, and each is as
probable as all draws that resemble it most.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from latent.data import TRAIN
from latent.errors import InputError
from latent.explaining import Explained
from latent.masks import check_mask
from latent.mixture import Mixture, log_density
from latent.space import LatentSpace

MOST = 16  # completions
STARTS, FEWEST_STARTS = 16, 6
START_WORK = 200_000  # pixels times numbers of a code, of all starts together: what a step costs
DRAWS = 256
CANDIDATES, CANDIDATE_BYTES = 4_000, 16_000_000  # codes to start from: at most so many
# The errors of neighbouring pixels go together, so that many pixels say less than as many
# independent ones would. The variance of their error is multiplied by this instead.
# Found on a few images; `python -m benchmarks.repair MODEL --noise` compares other values.
NOISE = 16.0
RARE = 0.002  # weight of draws below which no completion is made of them
ALIKE = 2.0  # two completions that differ by less, in the model's mean squared error, are one


@dataclass(frozen=True)
class Repair:
    """What may lie behind a mask.

    Args:
        codes: of the completions, the most probable first, shape (K, latent_dim), float32.
        images: what the decoder draws of them, shape (K, C, H, W), float32 in [0, 1].
        probabilities: that the hidden part is most like this one among these, shape (K,);
            they sum to 1.
        mean: of all draws by their weights, shape (C, H, W): the least squared error that
            can be expected.
        spread: standard deviation of each pixel, same shape: where the draws disagree.
        effective: how many draws of the density itself would say as much as these.
        draws: how many there are.
    """

    codes: np.ndarray
    images: np.ndarray
    probabilities: np.ndarray
    mean: np.ndarray
    spread: np.ndarray
    effective: float
    draws: int


class Inpainter:
    """Completes images for one model and one idea of which codes are likely.

    Making one decodes some thousand codes to start from, which takes a second; it never
    changes afterwards and may be shared.
    """

    def __init__(self, space: LatentSpace, prior: Mixture) -> None:
        self.space, self.prior = space, prior
        self.variance = float(space.gallery.reconstruction_error.mean())
        train = np.flatnonzero(space.gallery.split == TRAIN)
        most = min(CANDIDATES, max(STARTS, CANDIDATE_BYTES // int(np.prod(space.image_shape))))
        order = np.random.default_rng(0).permutation(len(train))[:most]
        self.candidates = space.gallery.codes[train[order]]
        decoded = space.decode(self.candidates).reshape(len(self.candidates), -1)
        self._decoded = np.round(decoded * 255).astype(np.uint8)  # near enough for a start
        self._likely = log_density(prior, self.candidates)

    def infer(
        self,
        x: np.ndarray,
        hidden: np.ndarray,
        rng: np.random.Generator,
        *,
        most: int = MOST,
        noise: float = NOISE,
        draws: int = DRAWS,
    ) -> Repair:
        """Find what may lie behind a mask.

        Args:
            x: the image, shape (C, H, W), float32 in [0, 1]; its hidden part is not read.
            hidden: shape (H, W), bool.
            rng: source of randomness.
            most: completions, at most.
            noise: variance of a visible pixel's error, in units of the model's mean squared
                error; the larger, the more may lie behind the mask.
            draws: importance samples.

        Raises:
            InputError: an image or a mask of another shape, or a mask of all or nothing; no
                completion is asked for, or the noise is not above 0.
        """
        self._check(x, hidden, most, noise)
        visible = np.flatnonzero(~np.broadcast_to(hidden, x.shape).ravel())
        seen = x.ravel()[visible].astype(np.float32)
        problem = Explained(self.space, self.prior, seen, visible, noise * self.variance)
        tops = problem.climb(self._starts(problem))
        codes, images, weights = problem.draw(tops, draws, rng)
        unseen = np.flatnonzero(np.broadcast_to(hidden, x.shape).ravel())
        codes, images = np.concatenate([tops.codes, codes]), np.concatenate([tops.images, images])
        chosen, shares = distinct(images[:, unseen], len(tops.codes), weights, most,
                                  ALIKE * self.variance)  # fmt: skip
        drawn = images[len(tops.codes) :]
        mean = weights @ drawn
        spread = np.sqrt(weights @ np.square(drawn - mean))
        shape = self.space.image_shape
        return Repair(
            codes=codes[chosen].astype(np.float32),
            images=images[chosen].reshape(-1, *shape),
            probabilities=shares,
            mean=mean.reshape(shape).astype(np.float32),
            spread=spread.reshape(shape).astype(np.float32),
            effective=float(1 / np.square(weights).sum()),
            draws=draws,
        )

    def _check(self, x: np.ndarray, hidden: np.ndarray, most: int, noise: float) -> None:
        if x.shape != self.space.image_shape:
            raise InputError(
                f"{self.space.name} repairs images of shape {self.space.image_shape}; "
                f"got {x.shape}. Prepare them with latent.images.prepare()."
            )
        check_mask(hidden, x.shape[1:])
        if most < 1:
            raise InputError(f"At least one completion has to be asked for; got {most}.")
        if not (np.isfinite(noise) and noise > 0):
            raise InputError(f"The noise of visible pixels is above 0; got {noise}.")

    def _starts(self, problem: Explained) -> np.ndarray:
        """Codes of the gallery that explain best what is seen, shape (S, latent_dim)."""
        decoded = self._decoded[:, problem.visible].astype(np.float32) / 255
        heights = self._likely - problem.misfit(decoded)
        work = int(np.prod(self.space.image_shape)) * self.space.latent_dim
        count = max(FEWEST_STARTS, min(STARTS, START_WORK // work))
        return self.candidates[np.argsort(-heights)[:count]]


def distinct(
    hidden: np.ndarray, tops: int, weights: np.ndarray, most: int, alike: float
) -> tuple[np.ndarray, np.ndarray]:
    """Choose completions that can be told apart, and share all draws out among them.

    Args:
        hidden: pixels behind the mask, shape (T + N, Q): of the tops, then of the draws.
        tops: how many tops there are, T.
        weights: of the draws, shape (N,).
        most: completions, at most.
        alike: mean squared difference up to which two are one.

    Returns:
        chosen, indices into `hidden`, and the share of the draws' weight that is nearest to
        each, in [0, 1]; the largest first.
    """
    everyone = np.concatenate([np.zeros(tops), weights])
    chosen, apart = [0], _apart(hidden, 0)
    for top in range(1, tops):
        if apart[top] > alike and len(chosen) < most:
            chosen.append(top)
            apart = np.minimum(apart, _apart(hidden, top))
    while len(chosen) < most and everyone[apart > alike].sum() > RARE:
        chosen.append(int(np.argmax(everyone * apart * (apart > alike))))
        apart = np.minimum(apart, _apart(hidden, chosen[-1]))
    found = np.array(chosen)
    shares = _shares(hidden, tops, weights, found)
    found = found[(shares >= RARE) | (shares == shares.max())]
    shares = _shares(hidden, tops, weights, found)
    order = np.argsort(-shares, kind="stable")
    return found[order], shares[order]


def _apart(hidden: np.ndarray, which: int) -> np.ndarray:
    """Mean squared differences to one row, shape (T + N,)."""
    return np.square(hidden - hidden[which]).mean(axis=1)


def _shares(hidden: np.ndarray, tops: int, weights: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    owners = np.argmin([_apart(hidden, k)[tops:] for k in chosen], axis=0)
    return np.bincount(owners, weights, minlength=len(chosen))
