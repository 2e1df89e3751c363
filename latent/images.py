"""Image files to model input, and model output to pictures."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
from PIL import Image

from latent.catalogue import furniture_photo
from latent.decoding import MAX_SIDE
from latent.digits import mnist_digit
from latent.errors import InputError
from latent.reading import read_image
from latent.steps import Choices, Prepared

PREPARATIONS: dict[str, Callable[[np.ndarray, Choices], Prepared]] = {
    "mnist-digit": mnist_digit,
    "furniture-photo": furniture_photo,
}
GROUNDS = {"furniture-photo": "white"}  # what lies below a see-through image
GUESSED = Choices()
CHOICES = {
    "mnist-digit": ("turn", "mirrored", "invert", "cut_out", "stroke"),
    "furniture-photo": ("turn", "mirrored", "cut_out"),
}


def prepare(data: bytes, how: str, choices: Choices = GUESSED) -> Prepared:
    """Turn the bytes of an image file into what a model was trained on.

    Args:
        data: a PNG, JPEG, WebP, BMP, GIF or TIFF file.
        how: name of the preparation, from the bundle's config.
        choices: what is not to be guessed.

    Raises:
        InputError: no such file, too large, damaged, or nothing is drawn on it.
    """
    return prepare_pixels(read_pixels(data, how), how, choices)


def read_pixels(data: bytes, how: str, most: int = MAX_SIDE) -> np.ndarray:
    """Decode an image file for a preparation, which may then run again with other choices.

    Args:
        data: a PNG, JPEG, WebP, BMP, GIF or TIFF file.
        how: name of the preparation, from the bundle's config.
        most: pixels a side; fewer are quicker to read and to prepare.

    Returns:
        Shape (H, W, 3), uint8, as `latent.reading.read_image` gives it.

    Raises:
        InputError: no such file, too large, or damaged; an unknown preparation.
    """
    _known(how)
    return read_image(data, GROUNDS.get(how), most)


def prepare_pixels(pixels: np.ndarray, how: str, choices: Choices = GUESSED) -> Prepared:
    """Turn a picture into what a model was trained on.

    Args:
        pixels: shape (H, W, 3) or (H, W), uint8.
        how: name of the preparation, from the bundle's config.
        choices: what is not to be guessed.

    Raises:
        InputError: nothing is drawn on it, or an unknown preparation.
    """
    _known(how)
    if pixels.ndim == 2:
        pixels = np.repeat(pixels[..., None], 3, axis=2)
    return PREPARATIONS[how](pixels, choices)


def _known(how: str) -> None:
    if how not in PREPARATIONS:
        raise InputError(
            f"Unknown preprocessing {how!r}; choose one of: {', '.join(PREPARATIONS)}."
        )


def read_webp(file: bytes) -> np.ndarray:
    """An image of a bundle, shape (3, H, W), float32 in [0, 1]."""
    with Image.open(io.BytesIO(file), formats=("WEBP",)) as image:
        pixels = np.asarray(image.convert("RGB"), np.float32)
    return np.moveaxis(pixels, 2, 0) / 255


def to_uint8(x: np.ndarray) -> np.ndarray:
    """Images of shape (..., C, H, W) in [0, 1] as pixels (..., H, W) or (..., H, W, C)."""
    pixels = (np.clip(x, 0, 1) * 255).round().astype(np.uint8)
    return pixels[..., 0, :, :] if x.shape[-3] == 1 else np.moveaxis(pixels, -3, -1)


def strip(images: np.ndarray, gap: int = 2) -> np.ndarray:
    """Put images side by side.

    Args:
        images: shape (T, C, H, W), float32 in [0, 1].
        gap: white pixels between two.

    Returns:
        One picture, shape (H, T·W + (T − 1)·gap[, C]), uint8.
    """
    padded = np.pad(images, ((0, 0), (0, 0), (0, 0), (0, gap)), constant_values=1.0)
    row = np.concatenate(list(padded), axis=2)[:, :, :-gap]  # (C, H, T·(W + gap) − gap)
    return to_uint8(row)


def stack(rows: list[np.ndarray], gap: int = 2) -> np.ndarray:
    """Put pictures of one width below each other, `gap` white pixels apart; uint8."""
    blank = np.full((gap, *rows[0].shape[1:]), 255, np.uint8)
    return np.concatenate([part for row in rows for part in (row, blank)][:-1])
