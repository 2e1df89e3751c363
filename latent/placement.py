"""Where an image lands: its code, its neighbours, what they vote for, how unlike it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from latent import bundle
from latent.data import TEST
from latent.errors import InputError
from latent.neighbours import nearest, on_sphere
from latent.projections import PLACED_BY, Drawn
from latent.standard import FALSE_ALARMS, NEAR, Standard

if TYPE_CHECKING:
    from latent.space import LatentSpace

SAMPLE = 2_000  # test images from which a standard is made that does not ship
STRANGER = "stranger."  # how the names of their arrays begin


@dataclass(frozen=True)
class Placement:
    """Where an image lands.

    Args:
        code: shape (latent_dim,), float32.
        reconstruction: shape (C, H, W), float32 in [0, 1].
        error: mean squared error a pixel.
        error_percentile: share of the test images, in percent, that are
            reconstructed better.
        neighbours: gallery indices of the nearest codes, nearest first, shape (k,).
        distances: to them, Euclidean in the model's voting units, shape (k,).
        cosine_neighbours: those whose codes point most nearly the same way, shape (k,).
        cosine_distances: 1 − cosine similarity to them, shape (k,).
        label: class that most of the nearest belong to, as many as the model's `voters`.
        votes: for each class that got any, most first.
        confidence: probability that the label is right if the image is one of the kind that
            the model knows, calibrated on test images.
        distance: mean distance to the 5 nearest codes, where a number of the code counts as
            the encoder resolves it.
        distance_percentile: share of the test images, in percent, that are nearer.
        doubt: how unsure the encoder is, as the mean of ln σ²; None where it was not taught to
            be unsure of what the model does not know.
        doubt_percentile: share of the test images, in percent, that it is surer of; or None.
        novelty: share of the test images that are less unusual than this one, in [0, 1].
        novel: whether it is unlike all that the model knows, at 5 % false alarms.
        coordinates: on every map of the model, by its name, each (dims,), float32.
    """

    code: np.ndarray
    reconstruction: np.ndarray
    error: float
    error_percentile: float
    neighbours: np.ndarray
    distances: np.ndarray
    cosine_neighbours: np.ndarray
    cosine_distances: np.ndarray
    label: str
    votes: dict[str, int]
    confidence: float
    distance: float
    distance_percentile: float
    doubt: float | None
    doubt_percentile: float | None
    novelty: float
    novel: bool
    coordinates: dict[str, np.ndarray]

    def nearest_by(self, metric: str) -> tuple[np.ndarray, np.ndarray]:
        """Gallery indices and distances of the nearest codes by "euclidean" or "cosine"."""
        if metric == "cosine":
            return self.cosine_neighbours, self.cosine_distances
        return self.neighbours, self.distances


def place(space: LatentSpace, image: np.ndarray, k: int) -> Placement:
    """Find where an image lands among those of the gallery; see `LatentSpace.place`."""
    (code,), logvar = space.posterior(image[None])
    reconstruction = space.decode_each(code[None])[0]
    error = float(np.square(reconstruction - image).mean())
    voting, resolved = space.in_voting_units(code), space.resolved(code)
    indices, distances = space.searched(space.voting_codes).nearest(voting, k)
    direction = on_sphere(code[None], 1)[0]
    cosine, angles = space.searched(space.directions).nearest(direction, k)
    _, apart = space.searched(space.resolved_codes).nearest(resolved, NEAR)
    label, share = tally(space, indices[: space.voters])
    standard, distance = space.standard, float(apart.mean())
    doubts = _doubts(space, logvar)
    doubt = None if doubts is None else float(doubts[0])
    novelty = standard.novelty(error, distance, label, doubt)
    known = space.gallery.reconstruction_error[space.gallery.split == TEST]
    return Placement(
        code=code,
        reconstruction=reconstruction,
        error=error,
        error_percentile=float((known < error).mean() * 100) if len(known) else 100.0,
        neighbours=indices,
        distances=distances,
        cosine_neighbours=cosine,
        cosine_distances=np.square(angles) / 2,  # |a − b|² = 2 (1 − cos) on the sphere
        label=space.class_names[label],
        votes=_votes(space, indices[: space.voters], label),
        confidence=standard.confidence(share),
        distance=distance,
        distance_percentile=standard.distance_percentile(distance),
        doubt=doubt,
        doubt_percentile=standard.doubt_percentile(doubt),
        novelty=novelty,
        novel=novelty > 1 - FALSE_ALARMS,
        coordinates=_coordinates(space, code, indices, distances),
    )


def _doubts(space: LatentSpace, logvar: np.ndarray | None) -> np.ndarray | None:
    """How unsure the encoder is of images, shape (B,), from their ln σ², (B, latent_dim).

    None where it was not taught to be unsure of what the model does not know.
    """
    return logvar.mean(1) if space.taught_to_doubt and logvar is not None else None


def _known_doubts(space: LatentSpace, test: np.ndarray) -> np.ndarray | None:
    """Those of test images, by their indices in the gallery."""
    logvar = space.gallery.logvar
    return None if logvar is None else _doubts(space, logvar[test])


def _coordinates(
    space: LatentSpace, code: np.ndarray, indices: np.ndarray, distances: np.ndarray
) -> dict[str, np.ndarray]:
    """Where a code lands on every map; what the maps have in common is searched once.

    Args:
        space: the model.
        code: shape (latent_dim,).
        indices: of the codes nearest in voting units, shape (k,).
        distances: to them.
    """
    codes = space.gallery.codes
    if space.voting_codes is not codes:
        indices, distances = space.searched(codes).nearest(code, PLACED_BY)
    found = {}
    for name in space.map_names:
        projection = space.map(name)
        if isinstance(projection, Drawn) and projection.codes is codes:
            found[name] = projection.among(indices[None], distances[None])[0]
        else:
            found[name] = projection.transform(code[None])[0]
    return found


def percent(share: float) -> str:
    """A share in words: with a digit more near the end, and never rounded up to all of it."""
    if share >= 1:
        return "100 %"
    return f"{int(share * 1000) / 10:.1f} %" if share > 0.9 else f"{share:.0%}".replace("%", " %")


def tally(space: LatentSpace, indices: np.ndarray) -> tuple[int, float]:
    """Class that most of these gallery images have, the nearest decides a tie; its share."""
    votes = space.gallery.labels[indices]
    counts = np.bincount(votes, minlength=len(space.class_names))
    leaders = np.flatnonzero(counts == counts.max())
    label = int(next(vote for vote in votes if vote in leaders))
    return label, float(counts[label] / len(votes))


def _votes(space: LatentSpace, indices: np.ndarray, label: int) -> dict[str, int]:
    """Votes of each class that got any; the elected one is first in a tie too."""
    counts = np.bincount(space.gallery.labels[indices], minlength=len(space.class_names))
    order = sorted(np.flatnonzero(counts), key=lambda i: (-counts[i], i != label))
    return {space.class_names[i]: int(counts[i]) for i in order}


def measured(space: LatentSpace, sample: int | None = None) -> Standard:
    """Place the test images of a model among all others.

    It takes about 3 ms an image of a gallery of 70,000.

    Args:
        space: the model.
        sample: test images, evenly taken; default all.

    Returns:
        A standard without strangers.
    """
    gallery = space.gallery
    test = np.flatnonzero(gallery.split == TEST)
    test = test if len(test) else np.arange(len(gallery))
    if sample and sample < len(test):
        test = test[np.linspace(0, len(test) - 1, sample).astype(int)]
    others = _others(space.voting_codes, test, space.voters)[0]
    found = [tally(space, row) for row in others]
    apart = _others(space.resolved_codes, test, NEAR)[1]
    return Standard(
        errors=gallery.reconstruction_error[test],
        distances=apart.mean(1),
        voted=np.array([label for label, _ in found], np.uint8),
        shares=np.array([share for _, share in found], np.float32),
        truth=gallery.labels[test],
        doubts=_known_doubts(space, test),
    )


def _others(codes: np.ndarray, which: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """The k codes nearest to some of them, itself left out: indices, distances, each (n, k)."""
    indices, distances = nearest(codes, codes[which], min(k + 1, len(codes)))
    own = indices == which[:, None]
    own[~own.any(1), -1] = True  # one of more copies than are asked for: the last goes
    if indices.shape[1] > 1:
        indices, distances = (a[~own].reshape(len(which), -1) for a in (indices, distances))
    return indices, distances


def read_standard(space: LatentSpace) -> Standard:
    """The standard that ships with a model, or one made of 2,000 test images.

    Raises:
        InputError: the file is damaged, or does not fit the gallery.
    """
    if bundle.STANDARD not in space.config["files"]:
        return measured(space, SAMPLE)
    path = space.folder / bundle.STANDARD
    arrays = bundle.read_arrays(path, ("distances", "voted", "shares"))
    test = np.flatnonzero(space.gallery.split == TEST)
    for name in ("distances", "voted", "shares"):
        if arrays[name].shape != test.shape or not np.isfinite(arrays[name]).all():
            raise InputError(
                f"{path}: the array {name!r} does not fit the {len(test)} test images. "
                f"Make it again: python -m latent calibrate {space.folder}"
            )
    return Standard(
        errors=space.gallery.reconstruction_error[test],
        distances=arrays["distances"].astype(np.float32),
        voted=arrays["voted"],
        shares=arrays["shares"].astype(np.float32),
        truth=space.gallery.labels[test],
        strangers={
            name.removeprefix(STRANGER): values.astype(np.float32)
            for name, values in arrays.items()
            if name.startswith(STRANGER)
        },
        doubts=_known_doubts(space, test),
    )


def write_standard(space: LatentSpace, standard: Standard) -> None:
    """Store a standard of all test images in the bundle; load the model again to use it."""
    arrays: dict[str, np.ndarray] = {
        "distances": standard.distances.astype(np.float32),
        "voted": standard.voted.astype(np.uint8),
        "shares": standard.shares.astype(np.float32),
    }
    for kind, novelties in standard.strangers.items():
        arrays[f"{STRANGER}{kind}"] = novelties.astype(np.float32)
    config = bundle.read_config(space.folder)
    bundle.write_arrays(space.folder / bundle.STANDARD, arrays)
    bundle.seal(space.folder, config)
