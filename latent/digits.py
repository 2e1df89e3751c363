"""A picture of a digit, brought into the form of MNIST."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PIL import Image

from latent.errors import InputError
from latent.steps import Choices, Prepared, begun, step

SIDE, BOX = 28, 20  # pixels: of the picture, and of the longer side of the digit in it
INK = 0.2  # of full contrast: what counts as part of the drawing when it is cut out
FAINT = 26  # of 255: contrast below which nothing is drawn
FINE = 4  # the width of strokes is measured and changed at so many times MNIST's resolution
BROAD = 6.0  # pixels: what is broader is no stroke, and stays as broad
WIDTHS = (2.0, 2.8)  # pixels: MNIST's strokes, its thinnest and its widest quarter left out
INVERTED = "Dark on light was turned into light on dark, as the model was trained."


def mnist_digit(pixels: np.ndarray, choices: Choices) -> Prepared:
    """Bring a drawn digit into the form of MNIST.

    Light ink on dark, cut out, strokes as wide as MNIST's, the longer side fitted into 20
    pixels, the centre of mass in the middle of 28×28. An image that has that form already,
    28×28 and dark at the border, is taken as it is.

    Args:
        pixels: shape (H, W, 3), uint8.
        choices: what is not to be guessed.

    Raises:
        InputError: the image is all one colour.

    Source: LeCun, Cortes and Burges, the MNIST database, which describes these steps but
    for the strokes: pens differ, and MNIST's digits were written with few.
    """
    original, steps = begun(pixels, choices)
    grey = np.asarray(Image.fromarray(original).convert("L"))  # (H, W)
    ink, inverted = _ink(grey, choices.invert)
    applied = replace(choices, invert=inverted)
    guessing = replace(choices, turn=0, mirrored=False) == Choices()
    if grey.shape == (SIDE, SIDE) and not inverted and guessing:
        steps.append(step("as it is", grey, "It has the form of MNIST already."))
        applied = replace(applied, stroke=0.0)
        x = grey.astype(np.float32) / 255
        return Prepared(original, x[None], inverted, tuple(steps), applied)
    if inverted:
        steps.append(step("inverted", ink, INVERTED))
    if not choices.cut_out:
        x = _whole(ink.astype(np.float32) / 255)
        steps.append(step("shrunk", x, f"The whole picture, in {SIDE} × {SIDE} pixels."))
        return Prepared(original, x[None], inverted, tuple(steps), replace(applied, stroke=0.0))
    cut = _cut_out(ink)
    steps.append(step("cut out", cut, "What stands out from the ground."))
    cut, width, note = _with_stroke(cut, choices.stroke)
    if note:
        steps.append(step("stroke", cut, note))
    x = _centered(_fitted(cut, BOX), SIDE)
    steps.append(step("centred", x, f"{BOX} pixels long, its ink balanced in the middle."))
    return Prepared(original, x[None], inverted, tuple(steps), replace(applied, stroke=width))


def _ink(grey: np.ndarray, invert: bool | None) -> tuple[np.ndarray, bool]:
    """How much each pixel differs from the ground, uint8, and whether the ground is light.

    The ground is the colour along the edge; if that is said to be no ground, it is the
    lightest or the darkest there is.
    """
    border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    darkest, ground, lightest = int(grey.min()), int(np.median(border)), int(grey.max())
    inverted = ground > 127 if invert is None else invert
    if inverted != (ground > 127):
        ground = lightest if inverted else darkest
    contrast = ground - darkest if inverted else lightest - ground
    if contrast < FAINT:
        raise InputError(
            "Nothing stands out from the background of this image. "
            "Choose one with a dark digit on white, or a light one on black."
        )
    above = np.arange(256.0) - ground
    ink = np.clip((-above if inverted else above) / contrast, 0, 1)  # of each grey value
    return (ink * 255).round().astype(np.uint8)[grey], inverted


def _cut_out(ink: np.ndarray) -> np.ndarray:
    """The smallest rectangle that holds all ink, in [0, 1]."""
    drawn = ink > INK * 255
    rows, columns = np.flatnonzero(drawn.any(1)), np.flatnonzero(drawn.any(0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].astype(np.float32) / 255


def _with_stroke(cut: np.ndarray, wanted: float | None) -> tuple[np.ndarray, float, str]:
    """The digit in even ink with strokes of the wanted width, that width, and what was done.

    None asks for the nearest width that is usual in MNIST, 0 for the digit as it is.
    """
    if wanted == 0:
        return cut, 0.0, ""
    fine = np.pad(_resized(cut, FINE * BOX), FINE * int(WIDTHS[1] + 5))
    inside, distance = _strokes(fine)
    width = float(4 * distance[inside].mean()) / FINE  # a band is as deep as a quarter of it
    target = wanted
    if target is None:
        target = float(np.clip(width, *WIDTHS)) if width <= BROAD else width
    change = max(FINE * (target - width) / 2, 1 - float(distance.max()))  # leave a line at least
    changed = (np.clip(distance + change + 0.5, 0, 1) * 255).round().astype(np.uint8)
    return _cut_out(changed), target, _widened(width, target, wanted)


def _widened(width: float, target: float, wanted: float | None) -> str:
    if target == width:
        return f"Its strokes are {width:.1f} pixels wide, and stay so in even ink."
    whose = "as in MNIST" if wanted is None else "as chosen"
    return f"Its strokes were {width:.1f} pixels wide and are {target:.1f} now, {whose}."


def _strokes(fine: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which pixels are drawn, and the distance of each from the edge, negative outside."""
    from scipy.ndimage import distance_transform_edt  # 0.2 s to import

    some = fine[fine > 0.02 * fine.max()]
    inside = fine >= 0.5 * np.percentile(some, 90)  # a hairline is faint everywhere
    distance = distance_transform_edt(inside) - distance_transform_edt(~inside)
    return inside, np.where(inside, distance - 0.5, distance + 0.5)


def _resized(picture: np.ndarray, longer: int) -> np.ndarray:
    """The picture with a longer side of so many pixels, areas averaged where it shrinks."""
    scale = longer / max(picture.shape)
    size = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
    how = Image.Resampling.BOX if scale <= 1 else Image.Resampling.BICUBIC
    return np.clip(np.asarray(Image.fromarray(picture).resize(size, how), np.float32), 0, 1)


def _fitted(cut: np.ndarray, longer: int) -> np.ndarray:
    """The digit in its final size, its blackest pixel at 1."""
    drawn = _resized(cut, longer)
    return drawn / drawn.max()


def _whole(ink: np.ndarray) -> np.ndarray:
    """All of a picture in the middle of a square."""
    small = _fitted(ink, SIDE)
    canvas = np.zeros((SIDE, SIDE), np.float32)
    top, left = (SIDE - small.shape[0]) // 2, (SIDE - small.shape[1]) // 2
    canvas[top : top + small.shape[0], left : left + small.shape[1]] = small
    return canvas


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
