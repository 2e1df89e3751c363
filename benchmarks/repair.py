"""Repair: MNIST's test images with a half hidden, completed from the other half.

`python -m benchmarks.repair [MODEL …]` prints the error on the hidden half beside that of plain
encoding and decoding, what the classifier says of the completions, and how long 16 of them take;
of a model with two numbers a code also how far their probabilities lie from a grid integral.
`--noise` compares noise levels on training images instead. Needs MNIST; see `LATENT_DATA`.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.live import row
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


def measure(names: Sequence[str] = MODELS) -> list[dict[str, Any]]:
    """All rows about some models."""
    classifier = load_classifier()
    return [line for name in names for line in _rows(load_space(name), classifier)]


def _rows(space: LatentSpace, classifier: Classifier) -> list[dict[str, Any]]:
    """The rows of one model; more is printed."""
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
    pictures = {
        "most probable completion": np.stack([repair.images[0] for repair in found]),
        "mean of the draws": np.stack([repair.mean for repair in found]),
    }
    base = _error(plain, x)
    sure, log_score = _scores(classifier, found, x, labels)
    print(
        f"{space.name}, {name}, {IMAGES} test images, lower half hidden, noise {NOISE:g}: error of "
        f"encoding and decoding {base:.4f}; share of probability on completions called right "
        f"{sure:.3f}, ln score {log_score:.3f}; completions "
        f"{np.mean([len(repair.images) for repair in found]):.1f} of {MOST}, effective draws "
        f"{np.median([repair.effective for repair in found]):.0f} (median)", flush=True,
    )  # fmt: skip
    title = f"repair, {space.name}: "
    rows = [
        row(f"{title}error of the {what} over that of encode and decode",
            _error(images, x) / base, "", 0.6)
        for what, images in pictures.items()
    ]  # fmt: skip
    pictures = {"encode and decode": plain, **pictures}
    rows += [
        row(f"{title}recognised, {what}", 100 * _right(classifier, images, x, labels), "%")
        for what, images in pictures.items()
    ]
    milliseconds = 1000 * np.array(seconds)
    rows += [
        row(f"{title}{MOST} completions, median", np.median(milliseconds), "ms"),
        row(f"{title}{MOST} completions, p95", np.percentile(milliseconds, 95), "ms", 500),
    ]
    if space.latent_dim == 2:
        rows.append(row(f"{title}largest difference of a probability to the grid integral",
                        _off(inpainter, x[:20]), ""))  # fmt: skip
    return rows


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
    found = [inpainter.infer(image, LOWER, np.random.default_rng(0)) for image in x]
    line = np.linspace(-4.5, 4.5, 361)
    codes = np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2).astype(np.float32)
    logs: list[list[np.ndarray]] = [[] for _ in x]
    owners: list[list[np.ndarray]] = [[] for _ in x]
    for part in np.array_split(codes, 40):
        decoded = inpainter.space.decode(part)
        prior = -0.5 * np.square(part.astype(np.float64)).sum(axis=1)
        for i, (image, repair) in enumerate(zip(x, found, strict=True)):
            errors = np.square(decoded - image)[:, :, ~LOWER].sum(axis=(1, 2), dtype=np.float64)
            logs[i].append(prior - errors / (2 * NOISE * inpainter.variance))
            apart = [
                np.square(decoded - one)[:, :, LOWER].mean(axis=(1, 2)) for one in repair.images
            ]
            owners[i].append(np.argmin(apart, axis=0))
    return max(map(_difference, found, logs, owners))


def _difference(repair: Repair, logs: list[np.ndarray], owners: list[np.ndarray]) -> float:
    joined = np.concatenate(logs)
    mass = np.exp(joined - joined.max())
    shares = np.bincount(np.concatenate(owners), mass / mass.sum(), minlength=len(repair.images))
    return float(np.abs(shares - repair.probabilities).max())


def main() -> int:
    """Print what was asked for; 2 with one line for a model or data that are not there."""
    names = [word for word in sys.argv[1:] if word != "--noise"] or list(MODELS)
    rows: list[dict[str, Any]] = []
    try:
        if "--noise" in sys.argv:
            for name in names:
                compare_noise(load_space(name), load_classifier())
        else:
            rows = measure(names)
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    for line in rows:
        print(f"{line['name']}  {line['value']} {line['unit']}{'' if line['ok'] else '  MISSED'}")
    return 0 if all(line["ok"] for line in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
