"""Which part of an image is hidden: ready masks, masks from files, and what covers the part."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from latent.errors import InputError
from latent.reading import read_image

Shape = tuple[int, int]  # (H, W)
LIGHT = 128  # a mask's pixel from here on is hidden


def _half(rows: slice, columns: slice, shape: Shape) -> np.ndarray:
    hidden = np.zeros(shape, bool)
    hidden[rows, columns] = True
    return hidden


def _patch(shape: Shape, rng: np.random.Generator) -> np.ndarray:
    """A rectangle of half the height and half the width, anywhere in the middle of the image."""
    height, width = shape
    top, left = (int(rng.integers(size // 8, size - size // 2 - size // 8 + 1)) for size in shape)
    return _half(slice(top, top + height // 2), slice(left, left + width // 2), shape)


def _pixels(shape: Shape, rng: np.random.Generator) -> np.ndarray:
    """Three pixels of four, anywhere."""
    order = rng.permutation(shape[0] * shape[1])
    return (order < 0.75 * order.size).reshape(shape)


ALL = slice(None)
MASKS: dict[str, Callable[[Shape, np.random.Generator], np.ndarray]] = {
    "lower": lambda shape, rng: _half(slice(shape[0] // 2, None), ALL, shape),
    "upper": lambda shape, rng: _half(slice(shape[0] // 2), ALL, shape),
    "left": lambda shape, rng: _half(ALL, slice(shape[1] // 2), shape),
    "right": lambda shape, rng: _half(ALL, slice(shape[1] // 2, None), shape),
    "patch": _patch,
    "pixels": _pixels,
}
COVERS = ("ground", "noise")


def make_mask(name: str, shape: Shape, rng: np.random.Generator) -> np.ndarray:
    """A ready mask.

    Args:
        name: one of `MASKS`; "patch" and "pixels" are drawn.
        shape: (H, W) of the image.
        rng: source of randomness.

    Returns:
        hidden, shape (H, W), bool.

    Raises:
        InputError: an unknown name.
    """
    if name not in MASKS:
        raise InputError(f"Unknown mask {name[:40]!r}; choose one of: {', '.join(MASKS)}.")
    return MASKS[name](shape, rng)


def read_mask(data: bytes) -> np.ndarray:
    """A mask drawn in any program: what is light is hidden.

    Args:
        data: of an image file.

    Returns:
        hidden, shape (H, W), bool; `check_mask` says whether it fits an image.

    Raises:
        InputError: it cannot be read.
    """
    return read_image(data, "black").mean(axis=2) >= LIGHT


def check_mask(hidden: np.ndarray, shape: Shape) -> np.ndarray:
    """Make sure that a mask leaves something to see and something to find.

    Args:
        hidden: shape (H, W), bool.
        shape: (H, W) of the image.

    Returns:
        The mask itself.

    Raises:
        InputError: another size than the image's, or all or nothing is hidden.
    """
    if hidden.shape != shape:
        raise InputError(
            f"A mask needs the image's own size, {shape[1]} × {shape[0]} pixels; got "
            f"{' × '.join(str(size) for size in hidden.shape[::-1])}. Resize the mask."
        )
    if not hidden.any():
        raise InputError("The mask hides nothing, so there is nothing to repair. Hide a part.")
    if hidden.all():
        raise InputError(
            "The mask hides the whole image: nothing is left from which to infer the rest. "
            "Leave a part visible."
        )
    return hidden


def covered(x: np.ndarray, hidden: np.ndarray, cover: str, rng: np.random.Generator) -> np.ndarray:
    """An image whose hidden part is painted over, as an encoder would be given it.

    Args:
        x: shape (C, H, W), float32 in [0, 1].
        hidden: shape (H, W), bool.
        cover: "ground", the usual value along the visible part of the image's edge, which is
            black for digits and white for furniture; or "noise", anything in [0, 1].
        rng: source of randomness.

    Returns:
        Shape (C, H, W), float32.

    Raises:
        InputError: an unknown cover.
    """
    if cover not in COVERS:
        raise InputError(f"Unknown cover {cover[:40]!r}; choose one of: {', '.join(COVERS)}.")
    if cover == "noise":
        paint = rng.random(x.shape, np.float32)
    else:
        edge = np.pad(np.zeros(np.subtract(hidden.shape, 2), bool), 1, constant_values=True)
        known = edge & ~hidden if (edge & ~hidden).any() else ~hidden
        paint = np.median(x[:, known], axis=1)[:, None, None]
    return np.where(hidden, paint, x).astype(np.float32)
