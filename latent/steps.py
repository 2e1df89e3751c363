"""What the preparation of an image is told, and what it shows of its work."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from latent.errors import InputError

SHOWN_SIDE = 200  # pixels, at most, of the picture of a step


@dataclass(frozen=True)
class Choices:
    """What may be said instead of being guessed; None leaves it to the preparation.

    Args:
        turn: quarter turns clockwise, 0 to 3.
        mirrored: left for right, after the turn.
        invert: of a digit: whether dark on light is turned into light on dark.
        cut_out: False takes the whole picture instead of what stands out from its ground.
        stroke: of a digit: width of its strokes in pixels of the model's 28; 0 leaves them
            as they are.
    """

    turn: int = 0
    mirrored: bool = False
    invert: bool | None = None
    cut_out: bool = True
    stroke: float | None = None

    def __post_init__(self) -> None:
        if self.turn not in range(4):
            raise InputError(f"An image is turned by 0 to 3 quarters; got {self.turn}.")
        if self.stroke is not None and not 0 <= self.stroke <= 20:
            raise InputError(f"A stroke is 0 to 20 pixels wide; got {self.stroke:g}.")


@dataclass(frozen=True)
class Step:
    """One step of a preparation.

    Args:
        name: in a word or two.
        picture: after the step, shape (h, w) or (h, w, 3), uint8, at most 200 a side.
        note: what was done, in a sentence; "" where the name says it all.
    """

    name: str
    picture: np.ndarray
    note: str = ""


@dataclass(frozen=True)
class Prepared:
    """An image as the model takes it.

    Args:
        original: what came in, upright and turned as chosen, at most 1,600 pixels a side,
            shape (H, W, 3), uint8.
        x: what the model sees, shape (C, h, w), float32 in [0, 1].
        inverted: whether dark on light was turned into light on dark.
        steps: from what came in to what the model sees.
        choices: as they were applied, guesses filled in.
    """

    original: np.ndarray
    x: np.ndarray
    inverted: bool
    steps: tuple[Step, ...]
    choices: Choices


def step(name: str, picture: np.ndarray, note: str = "") -> Step:
    """A step whose picture is made small.

    Args:
        name: in a word or two.
        picture: shape (H, W) or (H, W, 3), uint8, or float in [0, 1].
        note: what was done, in a sentence.
    """
    if picture.dtype != np.uint8:
        picture = (np.clip(picture, 0, 1) * 255).round().astype(np.uint8)
    if max(picture.shape[:2]) > SHOWN_SIDE:
        image = Image.fromarray(picture)
        image.thumbnail((SHOWN_SIDE, SHOWN_SIDE), reducing_gap=2)
        picture = np.asarray(image)
    return Step(name, picture, note)


def begun(pixels: np.ndarray, choices: Choices) -> tuple[np.ndarray, list[Step]]:
    """The picture turned and mirrored as chosen, and the steps up to there."""
    steps = [step("came in", pixels)]
    turned = np.rot90(pixels, -choices.turn)
    if choices.mirrored:
        turned = turned[:, ::-1]
    if choices.turn or choices.mirrored:
        turned = np.ascontiguousarray(turned)
        steps.append(step("turned", turned, _turned(choices)))
    return turned, steps


def _turned(choices: Choices) -> str:
    words = ("", "a quarter clockwise", "upside down", "a quarter anticlockwise")[choices.turn]
    both = [words, "left for right" if choices.mirrored else ""]
    return f"Turned {' and '.join(word for word in both if word)}."
