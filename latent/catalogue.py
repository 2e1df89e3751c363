"""A photo of a piece of furniture, brought into the form of a catalogue's."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PIL import Image

from latent.steps import Choices, Prepared, begun, step

SIDE, MARGIN = 64, 0.06  # pixels; share of the side that is left free at each edge
CONTENT = 0.06  # darker than the ground by this much in some channel: part of what is shown
LIGHT = 128  # mean of a ground's channels from which it counts as light
STANDS_OUT = 24  # difference from a dark ground in some channel: part of what is shown


def furniture_photo(pixels: np.ndarray, choices: Choices) -> Prepared:
    """Bring a photo of a piece of furniture into the form of a catalogue's.

    Whatever the photo shows, something is framed: the model says how well it knows it.

    Args:
        pixels: shape (H, W, 3), uint8.
        choices: what is not to be guessed; `invert` and `stroke` are for digits.
    """
    original, steps = begun(pixels, choices)
    if choices.cut_out:
        lit, content = _on_white(original)
        steps.append(step("on white", lit, "Its ground, the colour along the edge, made white."))
        cut = _cut_out(lit, content)
        if cut is not None:
            steps.append(step("cut out", cut, "What stands out from the ground."))
        framed = _framed(cut, SIDE, MARGIN)
    else:
        framed = _framed(original / np.float32(255), SIDE, 0)
    steps.append(step("framed", framed, f"In the middle of {SIDE} × {SIDE} pixels."))
    x = np.moveaxis(framed, 2, 0).astype(np.float32) / 255
    return Prepared(original, x, False, tuple(steps), replace(choices, invert=None, stroke=None))


def frame_on_white(pixels: np.ndarray, side: int = SIDE, margin: float = MARGIN) -> np.ndarray:
    """Frame what an image on an even ground shows as a catalogue does.

    The ground is the median of the border, and is made white; what stands out from it is
    cut out, centred on a white square with a margin, and shrunk by averaging areas.

    Args:
        pixels: shape (H, W, 3), uint8.
        side: of the square that is returned, in pixels.
        margin: at each side, as a share of the square's own.

    Returns:
        Shape (side, side, 3), uint8; all white if nothing stands out.
    """
    return _framed(_cut_out(*_on_white(pixels)), side, margin)


def _on_white(pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The image with its ground made white, in [0, 1], and which pixels stand out, (H, W).

    A light ground is divided out, so that shadows on it stay. From a dark one, on which
    light pieces stand out too, what differs is taken over as it is.
    """
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    ground = np.median(border, 0).astype(np.float32)
    if ground.mean() >= LIGHT:
        lit = np.clip(pixels / ground, 0, 1).astype(np.float32)
        return lit, _largest(1 - lit) > CONTENT
    content = _largest(np.abs(pixels - ground)) > STANDS_OUT
    return np.where(content[..., None], pixels / np.float32(255), np.float32(1)), content


def _largest(values: np.ndarray) -> np.ndarray:
    """The largest of three channels, (H, W): several times as fast as `max` over the last axis."""
    found: np.ndarray = np.maximum(np.maximum(values[..., 0], values[..., 1]), values[..., 2])
    return found


def _cut_out(lit: np.ndarray, content: np.ndarray) -> np.ndarray | None:
    """The smallest rectangle that holds all content; None where there is none."""
    rows, columns = np.flatnonzero(content.any(1)), np.flatnonzero(content.any(0))
    if not len(rows):
        return None
    return lit[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _framed(cut: np.ndarray | None, side: int, margin: float) -> np.ndarray:
    """In the middle of a white square with a margin, (side, side, 3), uint8."""
    if cut is None:
        return np.full((side, side, 3), 255, np.uint8)
    height, width = cut.shape[:2]
    whole = round(max(height, width) / (1 - 2 * margin))
    square = np.ones((whole, whole, 3), np.float32)
    y, x = (whole - height) // 2, (whole - width) // 2
    square[y : y + height, x : x + width] = cut
    image = Image.fromarray((square * 255).round().astype(np.uint8))
    return np.asarray(image.resize((side, side), Image.Resampling.BOX))
