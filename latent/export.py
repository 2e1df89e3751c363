"""From a trained network to a bundle."""

from __future__ import annotations

import platform
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from latent import bundle
from latent.autoencoder import Autoencoder
from latent.data import TRAIN, Dataset
from latent.evaluation import evaluate
from latent.maps import add_map, shipped_maps
from latent.space import LatentSpace
from latent.training import Recipe

TITLES = {
    "mnist-ae": "Digits · AE · 16 numbers",
    "mnist-vae": "Digits · VAE · 16 numbers",
    "mnist-vae-2d": "Digits · VAE · 2 numbers",
}
MNIST_LICENCE = (
    "Weights and codes: MIT. Trained on MNIST (LeCun, Cortes and Burges), "
    "Creative Commons Attribution-ShareAlike 3.0; no image of it is included."
)


def export(recipe: Recipe, network: Autoencoder, data: Dataset, folder: Path) -> dict[str, Any]:
    """Encode the whole data set, measure the model and write its bundle.

    The maps that cost nothing (PCA, or the codes themselves) are added; the others
    follow with `latent.maps.add_map`.

    Returns:
        The figures of `latent.evaluation.evaluate`.
    """
    if recipe.kind == "vae":
        mu, logvar = network.encode(data.x(TRAIN))
        assert logvar is not None
        network.standardize(mu, logvar)
    network.half().float()  # what is encoded below is what the 16-bit weights give
    x = data.x()
    mu, logvar = network.encode(x)
    codes = mu.astype(np.float16)
    error = np.square(network.decode(codes.astype(np.float32)) - x).mean(axis=(1, 2, 3))
    gallery = {
        "codes": codes,
        "labels": data.labels,
        "split": data.split,
        "reconstruction_error": error.astype(np.float16),
    }
    if logvar is not None:
        gallery["logvar"] = logvar.astype(np.float16)
    config = _config(recipe, network, data)
    bundle.write_bundle(folder, config, network, gallery)
    for method, dims in shipped_maps(recipe.latent_dim):
        if method in ("pca", "latent"):
            add_map(LatentSpace(folder), method, dims)
    figures = evaluate(LatentSpace(folder), data)
    config["metrics"] = {k: v for k, v in figures.items() if k not in ("maps", "model", "kind")}
    bundle.seal(folder, config)
    return figures


def _config(recipe: Recipe, network: Autoencoder, data: Dataset) -> dict[str, Any]:
    architecture = network.architecture
    packages = ("torch", "numpy")
    return {
        "name": recipe.name,
        "title": TITLES.get(recipe.name, recipe.name),
        "kind": recipe.kind,
        "image_shape": architecture.image_shape,
        "latent_dim": recipe.latent_dim,
        "preprocessing": "mnist-digit",
        "class_names": [str(digit) for digit in range(10)],
        "prior": "N(0, I)" if recipe.kind == "vae" else None,
        "architecture": {"encoder": architecture.encoder, "decoder": architecture.decoder},
        "recipe": {
            **asdict(recipe),
            "data": "MNIST",
            "data_sha256": data.sha256(),
            "versions": {
                "python": platform.python_version(),
                **{name: version(name) for name in packages},
            },
        },
        "licence": MNIST_LICENCE,
        "metrics": {},
    }
