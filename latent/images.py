"""Untrusted bytes to model input."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from latent.errors import InputError

FORMATS = ("PNG", "JPEG")
MAX_BYTES = 20_000_000
MAX_PIXELS = 40_000_000
MAX_SIDE = 1_600  # pixels; what is larger is shrunk before anything else is done with it
INK = 0.2  # of full contrast: what counts as part of the drawing when it is cut out


@dataclass(frozen=True)
class Prepared:
    """An image as the model takes it.

    Args:
        original: what came in, turned upright, at most 1,600 pixels a side,
            shape (H, W, 3), uint8.
        x: what the model sees, shape (C, h, w), float32 in [0, 1].
        inverted: whether dark on light was turned into light on dark.
    """

    original: np.ndarray
    x: np.ndarray
    inverted: bool


def prepare(data: bytes, how: str) -> Prepared:
    """Turn the bytes of an image file into what a model was trained on.

    Args:
        data: a PNG or JPEG file.
        how: name of the preparation, from the bundle's config.

    Raises:
        InputError: no such file, too large, damaged, or nothing is drawn on it.
    """
    if how not in PREPARATIONS:
        raise InputError(
            f"Unknown preprocessing {how!r}; choose one of: {', '.join(PREPARATIONS)}."
        )
    return PREPARATIONS[how](open_image(data))


def open_image(data: bytes) -> Image.Image:
    """Decode an image, after checking everything that can be checked before.

    Returns:
        The first frame, turned as its EXIF data says, as "RGB", at most 1,600 pixels a side.

    Raises:
        InputError: empty, too many bytes or pixels, another format, or damaged.
    """
    if not data:
        raise InputError("This file is empty. Choose a PNG or JPEG image.")
    if len(data) > MAX_BYTES:
        raise InputError(
            f"This file has {len(data) / 1e6:.0f} MB; at most {MAX_BYTES / 1e6:.0f} MB are read. "
            "Save it smaller."
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of what is refused below
            image = Image.open(io.BytesIO(data), formats=FORMATS)
            _check_size(*image.size)
            image.load()
            return _opaque(ImageOps.exif_transpose(image))
    except UnidentifiedImageError as error:
        raise InputError("This is no PNG or JPEG image. Save it as one of these.") from error
    except InputError:
        raise
    except Image.DecompressionBombError as error:  # Pillow's own limit lies above ours
        raise InputError(
            f"This image has more than {MAX_PIXELS / 1e6:.0f} million pixels. Save it smaller."
        ) from error
    except (OSError, SyntaxError, ValueError) as error:
        raise InputError(
            "This image is damaged and cannot be read to its end. Save it again."
        ) from error


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise InputError(
            f"This image has {width} × {height} pixels; at most "
            f"{MAX_PIXELS / 1e6:.0f} million are read. Save it smaller."
        )


def mnist_digit(image: Image.Image) -> Prepared:
    """Bring a drawn digit into the form of MNIST.

    Light ink on dark, cut out, its longer side fitted into 20 pixels, its centre of mass
    in the middle of 28×28. An image that has that form already, 28×28 and dark at the
    border, is taken as it is.

    Raises:
        InputError: the image is all one colour.

    Source: LeCun, Cortes and Burges, the MNIST database, which describes these steps.
    """
    original = np.asarray(image)
    grey = np.asarray(image.convert("L"), np.float32) / 255  # (H, W)
    border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    background = float(np.median(border))
    inverted = background > 0.5
    ink = background - grey if inverted else grey - background
    if ink.max() < 0.1:
        raise InputError(
            "Nothing stands out from the background of this image. "
            "Choose one with a dark digit on white, or a light one on black."
        )
    if grey.shape == (28, 28) and not inverted:
        return Prepared(original, grey[None], inverted)
    ink = np.clip(ink / ink.max(), 0, 1)
    cut = _cut_out(ink)
    scale = 20 / max(cut.shape)
    size = (max(1, round(cut.shape[1] * scale)), max(1, round(cut.shape[0] * scale)))
    small = Image.fromarray(cut, mode=None).resize(size, Image.Resampling.BOX)
    drawn = np.clip(np.asarray(small, np.float32), 0, 1)
    return Prepared(original, _centered(drawn / drawn.max(), 28)[None], inverted)


PREPARATIONS: dict[str, Callable[[Image.Image], Prepared]] = {"mnist-digit": mnist_digit}


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


def _opaque(image: Image.Image) -> Image.Image:
    """Make an image small enough to work on, and lay a see-through one on a ground.

    On black if what shows of it is light, else on white.
    """
    if image.mode == "I;16":
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    image.thumbnail((MAX_SIDE, MAX_SIDE))
    if image.mode == "RGB":
        return image
    pixels = np.asarray(image, np.float32)
    shown = pixels[..., 3].sum()
    lightness = (pixels[..., :3].mean(2) * pixels[..., 3]).sum() / max(shown, 1)
    below = Image.new("RGBA", image.size, "black" if lightness > 127 else "white")
    return Image.alpha_composite(below, image).convert("RGB")


def _cut_out(ink: np.ndarray) -> np.ndarray:
    """The smallest rectangle that holds all ink, background outside the digit set to 0."""
    drawn = ink > INK
    rows, columns = np.flatnonzero(drawn.any(1)), np.flatnonzero(drawn.any(0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _centered(drawn: np.ndarray, side: int) -> np.ndarray:
    """Put a small image on a square canvas with its centre of mass in the middle."""
    height, width = drawn.shape
    total = drawn.sum()
    row = float((drawn.sum(1) @ (np.arange(height) + 0.5)) / total)
    column = float((drawn.sum(0) @ (np.arange(width) + 0.5)) / total)
    top = int(np.clip(round(side / 2 - row), 0, side - height))
    left = int(np.clip(round(side / 2 - column), 0, side - width))
    canvas = np.zeros((side, side), np.float32)
    canvas[top : top + height, left : left + width] = drawn
    return canvas
