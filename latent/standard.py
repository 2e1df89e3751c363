"""What is usual: how the images of the test split fare, against which an image is judged.

Three questions are answered from it. How often is a label right that so many of the nearest
images voted for? How unusual are this error, this distance and this doubt? Which share of
images that are like all others would a verdict call unlike? All of it follows from the gallery
of a model; a bundle ships it, so that nobody waits.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

FALSE_ALARMS = 0.05  # share of the test images that the verdict calls unlike all others
FAR = 0.5  # how much the distance counts beside the error
NEAR = 5  # nearest codes, the mean distance to which is measured
FEW = 100  # test images of a label, below which it is judged by those of all labels
BINS = 10  # of the confidence, where its reliability is shown
SHARES = np.linspace(0, 0.25, 101)  # of false alarms: the points of the curve


@dataclass(frozen=True)
class Bin:
    """Test images whose labels were given with about the same confidence.

    Args:
        low, high: of the confidence, the first excluded but for 0.
        confidence: their mean.
        accuracy: share of them whose label is right.
        count: of them.
    """

    low: float
    high: float
    confidence: float
    accuracy: float
    count: int


@dataclass(frozen=True)
class Reliability:
    """How far a confidence can be believed.

    Args:
        bins: that hold images, by rising confidence.
        ece: expected calibration error: mean distance of confidence and accuracy of the
            bins, weighted by their images.
        images: of the test split on which this was measured, none of which calibrated.
    """

    bins: list[Bin]
    ece: float
    images: int


@dataclass(frozen=True)
class Standard:
    """How the test images of a model fare.

    Args:
        errors: squared error a pixel of each, shape (T,).
        distances: mean distance to its nearest codes but its own, shape (T,).
        voted: class that its neighbours vote for, shape (T,).
        shares: of the votes, that this class got, in (0, 1], shape (T,).
        truth: its own class, shape (T,).
        strangers: by kind, the novelty of pictures that the model cannot know, each (n,).
        doubts: of an encoder that was taught to be unsure of what it does not know, how unsure
            it is of each, shape (T,); None for others.
    """

    errors: np.ndarray
    distances: np.ndarray
    voted: np.ndarray
    shares: np.ndarray
    truth: np.ndarray
    strangers: dict[str, np.ndarray] = field(default_factory=dict)
    doubts: np.ndarray | None = None

    def confidence(self, share: float) -> float:
        """How probable it is that a label with that share of the votes is right."""
        shares, accuracy = self._calibrated
        return float(np.interp(share, shares, accuracy))

    @cached_property
    def _calibrated(self) -> tuple[np.ndarray, np.ndarray]:
        """Shares of votes and the accuracy of each, rising, on every second test image."""
        return isotonic(self.shares[::2], (self.voted == self.truth)[::2])

    @cached_property
    def reliability(self) -> Reliability:
        """On the test images that did not calibrate."""
        shares, accuracy = self._calibrated
        confidence = np.interp(self.shares[1::2], shares, accuracy)
        return reliability(confidence, (self.voted == self.truth)[1::2])

    def novelty(
        self, error: float, distance: float, label: int, doubt: float | None = None
    ) -> float:
        """How unlike all that the model knows an image is.

        Its error and its distance to the nearest codes are compared with those of the test
        images that got the same label: which share has as large an error, and which is as
        far away. The logarithms of both shares, squared and added, say how unusual the
        image is; the novelty is the share of the test images less unusual. Squared, because
        one of them is enough; the distance counts half, because codes of few numbers are
        near some other whatever they stand for. (With the plain sum, Fisher's way, a model
        of two numbers caught 75 % of letters instead of 83 %, the others as many.)

        Where the encoder was taught to be unsure, the share that it is as unsure of counts
        with that of the error, as their product: a little of both is unusual, too.

        Args:
            error: squared error a pixel.
            distance: mean distance to the nearest codes.
            label: class that the nearest images vote for.
            doubt: how unsure the encoder is; given where `doubts` are known, and only there.

        Returns:
            In [0, 1]; an image is called unlike at a rate of false alarms `a` if it is
            above 1 − a.
        """
        values = [error, distance, *([] if doubt is None else [doubt])]
        shares = [_tail(*pair) for pair in zip(self._of_label(label), values, strict=True)]
        surprise = surprise_of(*shares)
        return float(np.searchsorted(self._surprises, surprise) / len(self._surprises))

    def doubt_percentile(self, doubt: float | None) -> float | None:
        """Share of the test images, in percent, that the encoder is surer of."""
        if doubt is None or self.doubts is None:
            return None
        return float((self.doubts < doubt).mean() * 100)

    def distance_percentile(self, distance: float) -> float:
        """Share of the test images, in percent, that are nearer to their nearest codes."""
        return float((self.distances < distance).mean() * 100)

    @cached_property
    def novelties(self) -> np.ndarray:
        """Of the test images themselves, each judged by the others, shape (T,)."""
        return np.searchsorted(self._surprises, self._own_surprises) / len(self._surprises)

    @cached_property
    def novelty_curve(self) -> dict[str, np.ndarray]:
        """What moving the threshold costs and gains.

        Returns:
            "false_alarms": shares of the test images called unlike, from 0 to 0.25, shape
            (101,); and by kind the share of known strangers that are caught then.
        """
        caught = {
            kind: (novelty[:, None] > 1 - SHARES).mean(0)
            for kind, novelty in self.strangers.items()
            if len(novelty)
        }
        return {"false_alarms": SHARES, **caught}

    @property
    def _measures(self) -> list[np.ndarray]:
        """What an image is judged by, of the test images: two or three arrays (T,)."""
        return [self.errors, self.distances, *([] if self.doubts is None else [self.doubts])]

    def _of_label(self, label: int) -> list[np.ndarray]:
        """The measures, sorted, of the test images with this label."""
        return self._sorted[label] if label in self._sorted else self._sorted[-1]

    @cached_property
    def _sorted(self) -> dict[int, list[np.ndarray]]:
        """The measures, sorted, by label; −1: of all."""
        groups = {-1: np.ones(len(self.voted), bool)}
        for label in np.unique(self.voted):
            chosen = self.voted == label
            if chosen.sum() >= FEW:
                groups[int(label)] = chosen
        return {
            label: [np.sort(of[chosen]) for of in self._measures]
            for label, chosen in groups.items()
        }

    @cached_property
    def _own_surprises(self) -> np.ndarray:
        surprises = np.empty(len(self.errors))
        for label in np.unique(self.voted):
            chosen = self.voted == label
            shares = []
            for known, values in zip(self._of_label(int(label)), self._measures, strict=True):
                # itself is among them: as many others, plus the one that is asked for
                at_least = len(known) - np.searchsorted(known, values[chosen])
                shares.append(at_least / len(known))
            surprises[chosen] = surprise_of(*shares)
        return surprises

    @cached_property
    def _surprises(self) -> np.ndarray:
        return np.sort(self._own_surprises)


def surprise_of(error: ArrayLike, distance: ArrayLike, doubt: ArrayLike = 1.0) -> Any:
    """How unusual an image is, from the shares of images with such an error, distance, doubt."""
    return (np.log(error) + np.log(doubt)) ** 2 + FAR * np.log(distance) ** 2


def _tail(known: np.ndarray, value: float) -> float:
    """Share of values at least as large, the one that is asked for included."""
    return float((1 + len(known) - np.searchsorted(known, value)) / (1 + len(known)))


def isotonic(scores: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The rising step function that fits outcomes best, by pooling adjacent violators.

    Args:
        scores: shape (N,).
        right: whether each outcome came true, shape (N,), bool.

    Returns:
        The scores that occur, rising, and a probability for each, rising. Half an outcome
        of either kind is added to every pool, so that none is certain.

    Source: Zadrozny and Elkan 2002. scikit-learn's takes 1.7 s to import and gives 0 and 1.
    """
    levels, where = np.unique(scores, return_inverse=True)
    pools: list[list[float]] = []  # right, count, levels
    for level in range(len(levels)):
        outcomes = right[where == level]
        pools.append([outcomes.sum() + 0.5, len(outcomes) + 1, 1])
        while len(pools) > 1 and pools[-2][0] * pools[-1][1] >= pools[-1][0] * pools[-2][1]:
            last = pools.pop()
            pools[-1] = [a + b for a, b in zip(pools[-1], last, strict=True)]
    return levels, np.concatenate([np.full(int(n), hits / count) for hits, count, n in pools])


def reliability(confidence: np.ndarray, right: np.ndarray) -> Reliability:
    """Compare confidences, shape (N,), with how often they were right, shape (N,), bool."""
    edges = np.linspace(0, 1, BINS + 1)
    place = np.clip(np.searchsorted(edges, confidence) - 1, 0, BINS - 1)
    bins = []
    for i in range(BINS):
        chosen = place == i
        if chosen.any():
            means = float(confidence[chosen].mean()), float(right[chosen].mean())
            bins.append(Bin(float(edges[i]), float(edges[i + 1]), *means, int(chosen.sum())))
    apart = sum(abs(one.confidence - one.accuracy) * one.count for one in bins)
    return Reliability(bins, apart / max(1, len(right)), len(right))
