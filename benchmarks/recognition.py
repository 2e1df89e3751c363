"""Recognising from a few examples: `python -m benchmarks recognition`, or with a model's name
`python -m benchmarks.recognition mnist-ae`.

Two digits are enrolled with five test images each, beside the classes of the training; the other
test images are then recognised, and strangers refused.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from benchmarks.live import row
from latent import InputError, bundle, load_space
from latent.comparison import DRAWS, SHOTS, unseen
from latent.data import TEST
from latent.encoder import Encoder
from latent.images import prepare_pixels
from latent.recognition import (
    FALSE_REJECTS,
    Enrolled,
    distances_to_nearest,
    known_classes,
    together,
    trial,
)
from latent.strangers import strangers

NAME, BESIDE = "mnist-contrast", "mnist-ae"
HELD_BACK = (8, 9)
DIGITS = "mnist-vae"  # draws strangers to digits
SEED = 1


def measure() -> list[dict[str, Any]]:
    """All rows."""
    return [*of_model(NAME, limits=True), *of_model(BESIDE)]


def of_model(name: str, *, limits: bool = False) -> list[dict[str, Any]]:
    """Rows of one encoder."""
    encoder = Encoder.named(name)
    codes, labels = _tests(encoder)
    rng = np.random.default_rng(SEED)
    two = unseen(codes, labels, codes, labels, HELD_BACK, rng).mean()
    names = tuple(map(str, HELD_BACK))
    base = known_classes(encoder, names)
    tried = trial(encoder, names)
    threshold = tried.threshold(FALSE_REJECTS)
    space = load_space(DIGITS)
    others = {
        kind: _codes(encoder, pictures)
        for kind, pictures in strangers(space, np.random.default_rng(SEED)).items()
    }
    right, refused = [], []
    taken: dict[str, list[float]] = {kind: [] for kind in others}
    for _ in range(DRAWS):
        shown = np.concatenate([rng.choice(np.flatnonzero(labels == d), SHOTS, False)
                                for d in HELD_BACK])  # fmt: skip
        enrolled = Enrolled(tuple(map(str, labels[shown])), codes[shown], np.empty((len(shown), 0)))
        classes = together(encoder, base, enrolled)
        rest = np.setdiff1d(np.arange(len(codes)), shown)
        apart = classes.distances(codes[rest])
        guessed = np.array(classes.names)[apart.argmin(1)]
        right.append((guessed == labels[rest].astype(str)).mean())
        refused.append((apart.min(1) > threshold).mean())
        for kind, found in others.items():
            taken[kind].append((distances_to_nearest(found, classes) <= threshold).mean())
    rows = [
        row(f"{name}: 8 against 9 from {SHOTS} images of each, wrong", 100 * (1 - two), "%",
            5 if limits else None),
        row(f"{name}: ten digits, two of them enrolled with {SHOTS} images each, wrong",
            100 * (1 - np.mean(right)), "%", 5 if limits else None),
        row(f"{name}: digits called strangers, two of them enrolled", 100 * np.mean(refused), "%",
            5 if limits else None),
        row(f"{name}: 8s and 9s that nobody enrolled taken in", 100 * tried.rates(threshold)[1],
            "%"),
    ]  # fmt: skip
    for kind, shares in taken.items():
        limit = 5 if limits and kind in ("furniture", "noise", "textures") else None
        rows.append(row(f"{name}: {kind} taken in", 100 * np.mean(shares), "%", limit))
    return rows


def _tests(encoder: Encoder) -> tuple[np.ndarray, np.ndarray]:
    arrays = bundle.read_arrays(encoder.folder / bundle.GALLERY)
    test = arrays["split"] == TEST
    return arrays["codes"][test].astype(np.float32), arrays["labels"][test]


def _codes(encoder: Encoder, pictures: list[np.ndarray]) -> np.ndarray:
    prepared = []
    for picture in pictures:
        try:
            prepared.append(prepare_pixels(picture, encoder.config["preprocessing"]).x)
        except InputError:  # nothing is drawn on it
            continue
    return encoder.many(np.stack(prepared))


def main() -> int:
    """Print the rows of the models that are named."""
    for name in sys.argv[1:] or (NAME, BESIDE):
        for found in of_model(name):
            print(f"{found['name']:80} {found['value']:8.2f} {found['unit']}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
