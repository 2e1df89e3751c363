"""Ways beside one another: which of them leaves the data, and which one jumps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from latent.data import TEST
from latent.errors import InputError
from latent.neighbours import nearest
from latent.paths import PATHS, TRAIL, on_trail

if TYPE_CHECKING:
    from latent.space import LatentSpace

PIXELS = "pixels"  # not through codes at all: one image fades into the other
WAYS = (*PATHS, PIXELS)
TITLES = {
    "lerp": "Straight line",
    "slerp": "Great circle",
    "graph": "Along the data",
    PIXELS: "Cross-fade",
}
MOST_STOPS = 8
SAMPLE = 1_000  # test codes whose distance to the next one is measured: half a second


@dataclass(frozen=True)
class Way:
    """A way over some stops: what is seen on it, and how far from real images it goes.

    Args:
        model: its name.
        name: of the path, or "pixels".
        codes: of every step, shape (T, latent_dim), float32. Between the stops of a
            cross-fade they are what the encoder makes of its images.
        images: shape (T, C, H, W), float32 in [0, 1].
        n_steps: of them from each stop to the next, both included.
        distances: from each code to the nearest test code, Euclidean, shape (T,).
        nearest: gallery index of that test image, shape (T,).
        percentiles: share of the test codes, in percent, whose distance to the next test
            code is smaller, shape (T,).
    """

    model: str
    name: str
    codes: np.ndarray
    images: np.ndarray
    n_steps: int
    distances: np.ndarray
    nearest: np.ndarray
    percentiles: np.ndarray

    @cached_property
    def changes(self) -> np.ndarray:
        """Root mean squared difference a pixel from each image to the next, shape (T − 1,)."""
        step = np.diff(self.images.astype(np.float64), axis=0)
        return np.sqrt(np.square(step).mean(axis=(1, 2, 3)))

    @property
    def length(self) -> float:
        """Of the line through all its codes, Euclidean."""
        return float(np.linalg.norm(np.diff(self.codes, axis=0), axis=1).sum())

    @property
    def worst(self) -> float:
        """Percentile of the step that is farthest from the test codes."""
        return float(self.percentiles.max())

    @property
    def largest_change(self) -> float:
        """Where it jumps most."""
        return float(self.changes.max())

    def figures(self) -> dict[str, Any]:
        """All that is measured, as plain numbers."""
        return {
            "model": self.model,
            "path": self.name,
            "length": self.length,
            "worst_percentile": self.worst,
            "largest_change": self.largest_change,
            "percentiles": self.percentiles.tolist(),
            "distances": self.distances.tolist(),
            "nearest": self.nearest.tolist(),
            "changes": self.changes.tolist(),
        }


class TestCodes:
    """Codes that the model did not learn from, and how far each lies from the next.

    Args:
        space: the model. Where none of its images is of the test split all of them count.
        sample: test codes that are measured, evenly taken.
    """

    __test__ = False  # no test, whatever its name begins with

    def __init__(self, space: LatentSpace, sample: int = SAMPLE) -> None:
        test = np.flatnonzero(space.gallery.split == TEST)
        self.indices = test if len(test) > 1 else np.arange(len(space.gallery))
        self.codes = space.gallery.codes[self.indices]
        count = len(self.codes)
        taken = np.linspace(0, count - 1, min(sample, count)).astype(int)
        # a code is the nearest to itself, or one that equals it is: the second is another
        self.known = np.sort(nearest(self.codes, self.codes[taken], 2)[1][:, -1])

    def measure(self, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Ask for the nearest test code of each.

        Args:
            codes: shape (T, latent_dim), float32.

        Returns:
            Gallery indices, Euclidean distances and percentiles, each (T,): the percentile
            is the share of the test codes that have another test code nearer than that.
        """
        found, distances = nearest(self.codes, codes, 1)
        percentiles = np.searchsorted(self.known, distances[:, 0]) / len(self.known) * 100
        return self.indices[found[:, 0]], distances[:, 0], percentiles


def follow(
    space: LatentSpace,
    name: str,
    stops: np.ndarray,
    n_steps: int,
    *,
    closed: bool = False,
    tests: TestCodes | None = None,
    codes: np.ndarray | None = None,
) -> Way:
    """Go from stop to stop, look at every step and measure it.

    Args:
        space: the model.
        name: one of `WAYS`.
        stops: codes, shape (S, latent_dim), from 2 to `MOST_STOPS`.
        n_steps: images from each stop to the next, both included; at least 2.
        closed: from the last stop on to the first.
        tests: of this model, where they are at hand already.
        codes: of every step, where they have been found already; not for a cross-fade.

    Raises:
        InputError: an unknown way, too few or too many stops, or what the path refuses.
    """
    check(name, stops, n_steps)
    if name == PIXELS:
        images = cross_fade(space.decode(turned(stops, closed)), n_steps)
        codes = space.encode(images)
        codes[:: n_steps - 1] = turned(stops, closed)
    else:
        if codes is None:
            codes = through(space, name, stops, n_steps, closed=closed)
        images = space.decode(codes)
    near, distances, percentiles = (tests or TestCodes(space)).measure(codes)
    return Way(space.name, name, codes, images, n_steps, distances, near, percentiles)


def through(
    space: LatentSpace, name: str, stops: np.ndarray, n_steps: int, *, closed: bool = False
) -> np.ndarray:
    """Codes of a path from stop to stop: `follow` without images and figures.

    Returns:
        Shape (legs · (n_steps − 1) + 1, latent_dim), float32: each stop once, but for the
        first of a closed way, which is also the last.
    """
    check(name, stops, n_steps)
    line = turned(stops, closed)
    legs = [space.walk(start, end, n_steps, name) for start, end in pairwise(line)]
    return np.concatenate([legs[0], *(leg[1:] for leg in legs[1:])])


def at_steps(trail: np.ndarray, n_steps: int) -> np.ndarray:
    """Steps of a way along the data that has been found.

    Args:
        trail: `through` in `TRAIL` steps, shape (legs · (TRAIL − 1) + 1, latent_dim).
        n_steps: from each stop to the next, both included.

    Returns:
        What `through` gives in that many steps, shape (legs · (n_steps − 1) + 1, latent_dim).
    """
    shares = np.linspace(0, 1, n_steps)
    starts = range(0, len(trail) - 1, TRAIL - 1)
    legs = [on_trail(trail[start : start + TRAIL], shares) for start in starts]
    return np.concatenate([legs[0], *(leg[1:] for leg in legs[1:])])


def turned(stops: np.ndarray, closed: bool) -> np.ndarray:
    """The stops in the order in which they are met: the first again at the end if closed."""
    return np.concatenate([stops, stops[:1]]) if closed else stops


def cross_fade(images: np.ndarray, n_steps: int) -> np.ndarray:
    """Fade each image into the next, pixel by pixel.

    The yardstick of every way through codes: what lies between is two images at once.

    Args:
        images: shape (S, C, H, W), float32 in [0, 1].
        n_steps: images from each to the next, both included.

    Returns:
        Shape ((S − 1) · (n_steps − 1) + 1, C, H, W), float32.
    """
    at = np.linspace(0, len(images) - 1, (len(images) - 1) * (n_steps - 1) + 1)
    before = np.minimum(at.astype(int), len(images) - 2)
    part = (at - before)[:, None, None, None]  # (T, 1, 1, 1)
    return ((1 - part) * images[before] + part * images[before + 1]).astype(np.float32)


def check(name: str, stops: Sequence[Any] | np.ndarray, n_steps: int) -> None:
    """Refuse what is no way.

    Raises:
        InputError: an unknown one, too few or too many stops, or fewer than 2 steps.
    """
    if name not in WAYS:
        raise InputError(f"Unknown path {name!r}; choose one of: {', '.join(WAYS)}.")
    if not 2 <= len(stops) <= MOST_STOPS:
        raise InputError(f"A way has from 2 to {MOST_STOPS} stops; got {len(stops)}.")
    if n_steps < 2:
        raise InputError(f"A way needs at least 2 steps, both ends included; got {n_steps}.")
