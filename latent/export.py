"""From a trained network to a bundle."""

from __future__ import annotations

import platform
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from latent import bundle
from latent.autoencoder import Autoencoder
from latent.data import TEST, TRAIN, Dataset
from latent.evaluation import evaluate
from latent.gallery import FACTOR
from latent.maps import add_map, shipped_maps
from latent.recipes import Recipe
from latent.space import VOTERS, LatentSpace, originals_folder

FINE = 16  # ln σ² ships in steps of 1/16, 3 % of σ: a file a fifth smaller
# codes of so many numbers ship, of a vae, in steps of 1/256 of a standard deviation: an eighth of
# the file is saved, and no two codes fall together, as they would where numbers are few
MANY, STEPS = 32, 256


@dataclass(frozen=True)
class About:
    """What a bundle says of its data set.

    Args:
        preprocessing: how an image of one's own is prepared; see `latent.images`.
        class_names: of the labels.
        licence: of weights and codes.
        originals: test images that may ship, 0 where none may.
        voters: nearest codes that vote for the label of an image.
        voting_units: in which they are nearest; see `LatentSpace.in_voting_units`.
    """

    preprocessing: str
    class_names: tuple[str, ...]
    licence: str
    originals: int = 0
    voters: int = VOTERS
    voting_units: str = "prior"


TITLES = {
    "mnist-ae": "Digits AE, 16 numbers",
    "mnist-vae": "Digits VAE, 16 numbers",
    "mnist-vae-2d": "Digits VAE, 2 numbers",
    "mnist-dae": "Digits denoising AE, 16 numbers",
    "furniture-ae": "Furniture AE, 32 numbers",
    "furniture-vae": "Furniture VAE, 32 numbers",
}
ABOUT = {
    "mnist": About(
        "mnist-digit",
        tuple(map(str, range(10))),
        "Weights and codes: MIT. Trained on MNIST (LeCun, Cortes and Burges), "
        "Creative Commons Attribution-ShareAlike 3.0; no image of it is included.",
    ),
    "furniture": About(
        "furniture-photo",
        ("chair", "table"),
        "Weights, codes and images: MIT. Trained on renders of this project's own.",
        originals=2_000,
        voters=5,
        voting_units="posterior",
    ),
}
# causes worth colouring a map by, or asking of a code; light, lens and grain are not
SHIPPED_FACTORS = (
    "kind", "width", "depth", "height", "back_height", "leg_thickness", "legs", "back", "arms",
    "upholstery", "material", "hue", "saturation", "lightness", "azimuth", "elevation",
    "extent", "symmetry",
)  # fmt: skip


def export(recipe: Recipe, network: Autoencoder, data: Dataset, folder: Path) -> dict[str, Any]:
    """Encode the whole data set, measure the model and write its bundle.

    The maps that cost nothing (PCA, or the codes themselves) are added; the others
    follow with `latent.maps.add_map`.

    Returns:
        The figures of `latent.evaluation.evaluate`; of a denoising model, which ships without
        a gallery, "test_mse" alone.
    """
    if recipe.spoilt:
        return _export_auxiliary(recipe, network, data.only(data.split == TEST), data, folder)
    if recipe.kind == "vae":
        mu, logvar = network.encode(data.x(TRAIN))
        assert logvar is not None
        network.standardize(mu, logvar)
    network.half().float()  # what is encoded below is what the 16-bit weights give
    x = data.x()
    mu, logvar = network.encode(x)
    codes = shipped_codes(mu) if recipe.kind == "vae" else mu.astype(np.float16)
    error = np.square(network.decode(codes.astype(np.float32)) - x).mean(axis=(1, 2, 3))
    gallery = {
        "codes": codes,
        "labels": data.labels,
        "split": data.split,
        "reconstruction_error": error.astype(np.float16),
    }
    if logvar is not None:
        gallery["logvar"] = (np.rint(logvar * FINE) / FINE).astype(np.float16)
    for name in SHIPPED_FACTORS:
        if name in data.factors:
            values = data.factors[name]
            gallery[FACTOR + name] = values if name in data.words else values.astype(np.float16)
    config = _config(recipe, network, data)
    bundle.write_bundle(folder, config, network, gallery)
    _write_originals(recipe, data, folder)
    for method, dims in shipped_maps(recipe.latent_dim):
        if method in ("pca", "latent"):
            add_map(LatentSpace(folder), method, dims)
    figures = evaluate(LatentSpace(folder), data)
    config["metrics"] = {k: v for k, v in figures.items() if k not in ("maps", "model", "kind")}
    bundle.seal(folder, config)
    return figures


def shipped_codes(mu: np.ndarray) -> np.ndarray:
    """Codes of a vae as its bundle holds them, (N, latent_dim), float16."""
    coarse = np.rint(mu * STEPS) / STEPS if mu.shape[1] >= MANY else mu
    return coarse.astype(np.float16)


def _export_auxiliary(
    recipe: Recipe, network: Autoencoder, tests: Dataset, data: Dataset, folder: Path
) -> dict[str, Any]:
    """A model that is compared with others and not explored: weights and test codes only."""
    network.half().float()
    x = tests.x()
    codes = network.encode(x)[0].astype(np.float16)
    drawn = network.decode(codes.astype(np.float32))
    config = {**_config(recipe, network, data), "kind": bundle.DENOISING}
    config["metrics"] = {"test_mse": float(np.square(drawn - x).mean(dtype=np.float64))}
    gallery = {"codes": codes, "labels": tests.labels, "split": tests.split}
    bundle.write_bundle(folder, config, network, gallery)
    return {**config["metrics"]}


def _write_originals(recipe: Recipe, data: Dataset, folder: Path) -> None:
    """Originals ship once: the first model of a data set in a folder has them."""
    if originals_folder(folder.parent, data.sha256()):
        return
    shipped = np.flatnonzero(data.split == TEST)[: ABOUT[recipe.data].originals]
    if len(shipped):
        bundle.write_images(folder, data.images[shipped], shipped)


def _config(recipe: Recipe, network: Autoencoder, data: Dataset) -> dict[str, Any]:
    architecture, about = network.architecture, ABOUT[recipe.data]
    packages = ("torch", "numpy")
    return {
        "name": recipe.name,
        "title": TITLES.get(recipe.name, recipe.name),
        "kind": recipe.kind,
        "image_shape": architecture.image_shape,
        "latent_dim": recipe.latent_dim,
        "preprocessing": about.preprocessing,
        "class_names": about.class_names,
        "voters": about.voters,
        "voting_units": about.voting_units,
        "factor_words": {k: v for k, v in data.words.items() if k in SHIPPED_FACTORS},
        "taught_to_doubt": recipe.unsure > 0,
        "colour_numbers": recipe.colour_numbers,
        "prior": "N(0, I)" if recipe.kind == "vae" else None,
        "architecture": {"encoder": architecture.encoder, "decoder": architecture.decoder},
        "recipe": {
            **asdict(recipe),
            "data_sha256": data.sha256(),
            "versions": {
                "python": platform.python_version(),
                **{name: version(name) for name in packages},
            },
        },
        "licence": about.licence,
        "metrics": {},
    }
