"""Repair: MNIST's test images with a half hidden, completed from the other half.

`python -m benchmarks.repair [MODEL …]` prints the error on the hidden half beside that of plain
encoding and decoding, what the classifier says of the completions, and how long 16 of them take;
of a model with two numbers a code also how far their probabilities lie from a grid integral.
`--noise` compares noise levels on training images instead. Needs MNIST; see `LATENT_DATA`.
"""

from __future__ import annotations

import sys
import time

import numpy as np

from latent import InputError, load_space
from latent.classifier import Classifier, load_classifier
from latent.data import TEST, TRAIN, load_mnist
from latent.inpaint import MOST, NOISE, Inpainter, Repair
from latent.masks import covered, make_mask
from latent.priors import own_prior, prior_of
from latent.space import LatentSpace

MODELS = ("mnist-ae", "mnist-vae", "mnist-vae-2d")
IMAGES = 100
LEVELS = (2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
ON_TRAINING = 120
LOWER = make_mask("lower", (28, 28), np.random.default_rng(0))


def measure(space: LatentSpace, classifier: Classifier) -> None:
    """Print all about one model."""
    data = load_mnist()
    x, labels = data.x(TEST)[:IMAGES], data.labels[data.split == TEST][:IMAGES]
    rng = np.random.default_rng(0)
    name = own_prior(space)
    inpainter = Inpainter(space, prior_of(space, name))
    inpainter.infer(x[0], LOWER, rng)  # the first one reads and compiles
    found, seconds = [], []
    for image in x:
        begun = time.perf_counter()
        found.append(inpainter.infer(image, LOWER, rng))
        seconds.append(time.perf_counter() - begun)
    given = np.stack([covered(image, LOWER, "ground", rng) for image in x])
    plain = space.decode(space.encode(given))
    first = np.stack([repair.images[0] for repair in found])
    expected = np.stack([repair.mean for repair in found])
    base = _error(plain, x)
    print(f"{space.name}, {name}, {IMAGES} test images, lower half hidden, noise {NOISE:g}")
    print(f"  error of encoding and decoding      {base:.4f}")
    for title, images in (("most probable completion", first), ("mean of the draws", expected)):
        print(f"  {title:28} {_error(images, x):.4f}, {_error(images, x) / base:.3f} of it")
    print(f"  classifier right: plain {_right(classifier, plain, x, labels):.3f}, most probable "
          f"{_right(classifier, first, x, labels):.3f}, whole image "
          f"{(classifier.probabilities(x).argmax(1) == labels).mean():.3f}")  # fmt: skip
    sure, log_score = _scores(classifier, found, x, labels)
    print(
        f"  share of probability on completions called right {sure:.3f}, ln score {log_score:.3f}"
    )
    print(
        f"  completions {np.mean([len(repair.images) for repair in found]):.1f} of {MOST}, "
        f"effective draws {np.median([repair.effective for repair in found]):.0f} (median)"
    )
    print(f"  seconds: median {np.median(seconds):.3f}, p95 {np.percentile(seconds, 95):.3f}")
    if space.latent_dim == 2:
        print(f"  largest difference of a probability to the grid integral, 20 images: "
              f"{max(_off(inpainter, image) for image in x[:20]):.4f}")  # fmt: skip


def compare_noise(space: LatentSpace, classifier: Classifier) -> None:
    """Print, for several noise levels, how well training images are completed."""
    data = load_mnist()
    which = np.random.default_rng(1).choice(np.flatnonzero(data.split == TRAIN), ON_TRAINING)
    x, labels = data.only(which).x(), data.labels[which]
    inpainter = Inpainter(space, prior_of(space, own_prior(space)))
    print(f"{space.name}, {ON_TRAINING} training images, lower half hidden")
    for noise in LEVELS:
        rng = np.random.default_rng(0)
        found = [inpainter.infer(image, LOWER, rng, noise=noise) for image in x]
        sure, log_score = _scores(classifier, found, x, labels)
        first = _error(np.stack([repair.images[0] for repair in found]), x)
        mean = _error(np.stack([repair.mean for repair in found]), x)
        print(f"  noise {noise:4g}: first {first:.4f}, mean {mean:.4f}, right {sure:.3f}, "
              f"ln score {log_score:.3f}, effective "
              f"{np.median([repair.effective for repair in found]):.0f}")  # fmt: skip


def _error(images: np.ndarray, x: np.ndarray) -> float:
    return float(np.square(images - x)[:, :, LOWER].mean())


def _right(classifier: Classifier, images: np.ndarray, x: np.ndarray, labels: np.ndarray) -> float:
    whole = np.where(LOWER, images, x).astype(np.float32)
    return float((classifier.probabilities(whole).argmax(1) == labels).mean())


def _scores(
    classifier: Classifier, found: list[Repair], x: np.ndarray, labels: np.ndarray
) -> tuple[float, float]:
    """Mean probability of the right class over completions, and the mean of its ln."""
    right = []
    for repair, image, label in zip(found, x, labels, strict=True):
        whole = np.where(LOWER, repair.images, image).astype(np.float32)
        right.append(float(repair.probabilities @ classifier.probabilities(whole)[:, label]))
    return float(np.mean(right)), float(np.log(np.maximum(right, 1e-3)).mean())


def _off(inpainter: Inpainter, x: np.ndarray) -> float:
    """Largest difference between a probability and the integral over a fine grid."""
    found = inpainter.infer(x, LOWER, np.random.default_rng(0))
    line = np.linspace(-4.5, 4.5, 361)
    codes = np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2).astype(np.float32)
    logs, owners = [], []
    for part in np.array_split(codes, 40):
        decoded = inpainter.space.decode(part)
        errors = np.square(decoded - x)[:, :, ~LOWER].sum(axis=(1, 2), dtype=np.float64)
        prior = -0.5 * np.square(part.astype(np.float64)).sum(axis=1)
        logs.append(prior - errors / (2 * NOISE * inpainter.variance))
        apart = [
            np.square(decoded - image)[:, :, LOWER].mean(axis=(1, 2)) for image in found.images
        ]
        owners.append(np.argmin(apart, axis=0))
    joined = np.concatenate(logs)
    mass = np.exp(joined - joined.max())
    shares = np.bincount(np.concatenate(owners), mass / mass.sum(), minlength=len(found.images))
    return float(np.abs(shares - found.probabilities).max())


def main() -> int:
    """Print what was asked for; 2 with one line for a model or data that are not there."""
    names = [word for word in sys.argv[1:] if word != "--noise"] or list(MODELS)
    what = compare_noise if "--noise" in sys.argv else measure
    try:
        classifier = load_classifier()
        for name in names:
            what(load_space(name), classifier)
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
