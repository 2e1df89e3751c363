"""An image of the gallery as pixels: the original where it is at hand, else as it is decoded."""

from __future__ import annotations

import numpy as np

from latent import data
from latent.bundle import read_images
from latent.errors import InputError
from latent.images import read_webp
from latent.space import LatentSpace, originals_folder


def picture_of(space: LatentSpace, index: int) -> tuple[np.ndarray, bool]:
    """One image of the gallery.

    Args:
        space: the model.
        index: of the image.

    Returns:
        Shape (C, H, W), float32 in [0, 1], and whether it is the original: MNIST where it is
        on disk, renders where they ship with a model of the same images.

    Raises:
        InputError: no image has that number.
    """
    code = space.code(index)
    if space.config["preprocessing"] == "mnist-digit":
        found = _mnist(len(space.gallery), index)
    else:
        fingerprint = space.config.get("recipe", {}).get("data_sha256", "")
        folder = originals_folder(space.folder.parent, fingerprint)
        file = read_images(folder).get(index) if folder else None
        found = None if file is None else read_webp(file)
    return (space.decode(code[None])[0], False) if found is None else (found, True)


def _mnist(count: int, index: int) -> np.ndarray | None:
    try:
        images = data.load_mnist().images
    except InputError:
        return None
    if len(images) != count:
        return None
    found: np.ndarray = images[index][None].astype(np.float32) / 255
    return found
