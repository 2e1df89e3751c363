"""Figures of a model whose images have known causes, as rendered furniture has."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from latent.data import TRAIN
from latent.disentanglement import dci, linear_probe, mig, part_accuracy
from latent.errors import InputError
from latent.furniture.shown import SIZES, shown
from latent.furniture.triples import render_triples, shares_closer
from latent.gallery import Gallery
from latent.space import LatentSpace, load_space, siblings

ANGLES = ("elevation", "azimuth")
COLOUR = ("saturation", "lightness")  # hue is a circle, and grey has none
TRIPLES = 2_000


def evaluate_causes(space: LatentSpace) -> dict[str, Any]:
    """What codes say of the causes of their images.

    Fitted on the training codes of the gallery, judged on its test codes.

    Args:
        space: a model with causes in its gallery.

    Returns:
        "probe_r2": R² of a linear map from the code, for each size and angle as pictures
        show them (`latent.furniture.shown`), each judged where an image has it; "azimuth"
        as a place on the unit circle, and of this sine and cosine alone;
        "part_accuracy": for each cause that is a word, "accuracy" of a linear classifier
        and "commonest", that of always saying the commonest word;
        "disentanglement": "mig" and the three figures of DCI over all causes but hue, of
        this model and of those at hand of the very same images.
    """
    gallery = space.gallery
    train = gallery.split == TRAIN
    numbers = _numbers(gallery, SIZES + ANGLES)
    if "azimuth" in numbers:
        azimuth = np.deg2rad(numbers["azimuth"])
        sine, cosine = np.sin(azimuth), np.cos(azimuth)
        numbers["azimuth"] = np.column_stack([sine, cosine])
        numbers |= {"azimuth_sine": sine, "azimuth_cosine": cosine}
    return {
        "probe_r2": {
            name: linear_probe(gallery.codes, values, train) for name, values in numbers.items()
        },
        "part_accuracy": {
            name: part_accuracy(gallery.codes, gallery.factors[name], train)
            for name in gallery.words
        },
        "disentanglement": {
            name: disentanglement(each)
            for name, each in _galleries(space).items()
            if each.codes.shape[1] > 1
        },
    }


def _galleries(space: LatentSpace) -> dict[str, Gallery]:
    """Those of all models of the very same images; a damaged one is left out."""
    found = {}
    for name in siblings(space):
        with suppress(InputError):
            found[name] = (space if name == space.name else load_space(name)).gallery
    return found


def disentanglement(gallery: Gallery) -> dict[str, float]:
    """MIG and DCI of the codes over all causes but hue; see `latent.disentanglement`."""
    causes = _numbers(gallery, SIZES + ANGLES + COLOUR)
    causes |= {name: gallery.factors[name] for name in gallery.words}
    figures = {"mig": mig(gallery.codes, causes)}
    return figures | dci(gallery.codes, causes, gallery.split == TRAIN)


def _numbers(gallery: Gallery, names: tuple[str, ...]) -> dict[str, np.ndarray]:
    """Causes that are numbers, those of `names` that are known, as pictures show them."""
    seen = {**gallery.factors, **shown(gallery.factors)}
    return {name: seen[name] for name in names if name in seen}


def evaluate_triples(space: LatentSpace, folder: Path, seed: int = 0) -> dict[str, float]:
    """Whether a chair lies nearer to itself in another colour than to a table in its own.

    Args:
        space: a model of rendered furniture.
        folder: of the renders, where triples are kept beside them.
        seed: of the triples.

    Returns:
        "count" of triples, and the shares of `latent.furniture.triples.shares_closer`.

    Raises:
        InputError: triples are to be rendered and the libraries for it are not installed.
    """
    images = render_triples(TRIPLES, seed, folder)
    return {"count": len(images), **shares_closer(images, space.encode)}
