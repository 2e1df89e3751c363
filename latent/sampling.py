"""New codes, drawn from a prior, a mixture or around an image, and how good they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from latent.errors import InputError
from latent.mixture import Mixture, sample
from latent.neighbours import nearest
from latent.priors import mixture_of, one_gaussian, prior_of
from latent.space import LatentSpace

SOURCES = ("prior", "mixture", "component", "image", "gaussian")
HOTTEST = 3.0  # temperature: beyond it decoders draw what nobody asked them to learn
NEAR = 5  # images whose distance says how far around an image an ae's draws go
CHUNK = 500  # draws decoded at once, between two words of how far it is
MEASURED = "mnist-digit"  # the preparation of the images that the classifier was trained on


@dataclass(frozen=True)
class Draws:
    """Codes that no image gave.

    Args:
        codes: shape (n, latent_dim), float32.
        components: of the mixture that each came from, shape (n,); 0 where there is but one.
        nearest: gallery index of the image with the nearest code, shape (n,).
        distances: to it, Euclidean, shape (n,).
    """

    codes: np.ndarray
    components: np.ndarray
    nearest: np.ndarray
    distances: np.ndarray


def source_of(
    space: LatentSpace, source: str, *, component: int | None = None, image: int | None = None
) -> Mixture:
    """What codes are drawn from.

    Args:
        space: the model.
        source: one of `SOURCES`: "prior" (of a vae), "mixture" (of its training codes),
            "component" (one of that mixture), "image" (around one: a vae's posterior; of an
            ae as far as its nearest images are) or "gaussian" (one, fitted to the codes).
        component: which, from 0, for "component".
        image: gallery index, for "image".

    Raises:
        InputError: an unknown source, the prior of a model without one, no component or image
            of that number.
    """
    if source not in SOURCES:
        raise InputError(f"Unknown source {source[:40]!r}; choose one of: {', '.join(SOURCES)}.")
    if source == "gaussian":
        return one_gaussian(space.gallery.codes)
    if source == "image":
        return _around(space, 0 if image is None else image)
    if source != "component":
        return prior_of(space, source)
    mixture = mixture_of(space)
    which = 0 if component is None else component
    if not 0 <= which < len(mixture):
        raise InputError(
            f"The mixture of {space.name} has components 1 to {len(mixture)}; got {which + 1}."
        )
    return Mixture(np.ones(1), mixture.means[which : which + 1],
                   mixture.covariances[which : which + 1], mixture.kind)  # fmt: skip


def _around(space: LatentSpace, image: int) -> Mixture:
    code = space.code(image).astype(np.float64)
    if space.gallery.logvar is not None:
        variances = np.exp(space.gallery.logvar[image].astype(np.float64))
        return Mixture(np.ones(1), code[None], variances[None], "diag")
    _, distances = space.neighbours(space.code(image), NEAR + 1)  # itself is the nearest
    variance = float(np.square(distances[1:].astype(np.float64)).mean()) / space.latent_dim
    return Mixture(np.ones(1), code[None], np.array([max(variance, 1e-12)]), "spherical")


def draw(
    space: LatentSpace,
    source: Mixture,
    count: int,
    rng: np.random.Generator,
    temperature: float = 1.0,
) -> Draws:
    """Draw codes, and find the image nearest to each.

    Args:
        space: the model.
        source: as `source_of` gives it.
        count: of draws.
        rng: source of randomness.
        temperature: multiplies standard deviations; at 0 every draw is the middle.

    Raises:
        InputError: no draw is asked for, or a temperature outside 0 to `HOTTEST`.
    """
    if count < 1:
        raise InputError(f"At least one draw has to be asked for; got {count}.")
    if not 0 <= temperature <= HOTTEST:
        raise InputError(f"A temperature lies between 0 and {HOTTEST:g}; got {temperature}.")
    codes, components = sample(source, count, rng, temperature=temperature)
    indices, distances = nearest(space.gallery.codes, codes, 1)
    return Draws(codes, components, indices[:, 0], distances[:, 0])


def frechet_distance(
    space: LatentSpace,
    source: Mixture,
    count: int,
    rng: np.random.Generator,
    progress: Callable[[float], None] = lambda share: None,
) -> float:
    """How far decoded draws as a whole are from the test images; 0 if nobody could tell.

    It compares mean and covariance of the features that `latent.classifier` tells digits
    apart by, so it is no Inception FID and compares with none.

    Args:
        space: a model of digits.
        source: to draw from.
        count: of draws; only figures of the same count compare.
        rng: source of randomness.
        progress: told the share that is done, in [0, 1]; what it raises stops the work.

    Raises:
        InputError: a model of other images, or fewer draws than features.
    """
    if space.config["preprocessing"] != MEASURED:
        raise InputError(
            f"{space.name} draws no digits: the Fréchet distance needs the features of a "
            "classifier, and there is one of digits alone."
        )
    from latent.classifier import FEATURES, load_classifier
    from latent.metrics import frechet_distance as between

    if count <= FEATURES:
        raise InputError(f"A Fréchet distance needs more than {FEATURES} draws; got {count}.")
    classifier = load_classifier()
    codes, _ = sample(source, count, rng)
    found = []
    for start in range(0, count, CHUNK):
        progress(start / count)
        found.append(classifier.features(space.decode(codes[start : start + CHUNK])))
    progress(1.0)
    return between(np.concatenate(found), classifier.test_features)
