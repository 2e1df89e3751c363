"""Masks: what they hide, which are refused, and what covers the hidden part."""

from __future__ import annotations

import numpy as np
import pytest

from latent.errors import InputError
from latent.masks import COVERS, MASKS, check_mask, covered, make_mask, read_mask
from tests.conftest import png

SHAPE = (28, 20)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize("name", MASKS)
def test_every_ready_mask_leaves_something_to_see_and_to_find(name: str) -> None:
    for seed in range(5):
        hidden = make_mask(name, SHAPE, rng(seed))
        assert check_mask(hidden, SHAPE) is hidden
        assert 0.2 < hidden.mean() < 0.8


def test_halves_are_halves() -> None:
    for name, side in {
        "lower": (slice(14, None), slice(None)), "upper": (slice(14), slice(None)),
        "left": (slice(None), slice(10)), "right": (slice(None), slice(10, None)),
    }.items():  # fmt: skip
        hidden = make_mask(name, SHAPE, rng())
        assert hidden[side].all()
        assert hidden.sum() == 280


@pytest.mark.parametrize("name", ["patch", "pixels"])
def test_drawn_masks_depend_on_the_seed_alone(name: str) -> None:
    first, again, other = (make_mask(name, SHAPE, rng(seed)) for seed in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).any()


def test_light_pixels_of_a_picture_are_hidden() -> None:
    pixels = np.zeros(SHAPE, np.uint8)
    pixels[3:9, 2:5] = 200
    assert (read_mask(png(pixels)) == (pixels > 0)).all()


@pytest.mark.parametrize(
    ("hidden", "reason"),
    [
        (np.zeros(SHAPE, bool), "hides nothing"),
        (np.ones(SHAPE, bool), "hides the whole image"),
        (np.eye(28, dtype=bool), "own size, 20 × 28 pixels; got 28 × 28"),
    ],
)
def test_what_cannot_be_repaired_is_a_sentence(hidden: np.ndarray, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        check_mask(hidden, SHAPE)


def test_unknown_names_are_answered_with_those_that_exist() -> None:
    with pytest.raises(InputError, match="choose one of: lower, upper"):
        make_mask("middle", SHAPE, rng())
    with pytest.raises(InputError, match="choose one of: ground, noise"):
        covered(np.zeros((1, *SHAPE), np.float32), np.zeros(SHAPE, bool), "grey", rng())


@pytest.mark.parametrize("cover", COVERS)
def test_what_is_visible_stays_and_what_is_hidden_leaves_no_trace(cover: str) -> None:
    hidden = make_mask("left", SHAPE, rng())
    x = rng(1).random((3, *SHAPE), np.float32)
    other = np.where(hidden, 1 - x, x)
    one, two = (covered(image, hidden, cover, rng(2)) for image in (x, other))
    assert (one == two).all()
    assert (one[:, ~hidden] == x[:, ~hidden]).all()


def test_the_ground_is_what_the_edge_shows() -> None:
    x = np.ones((3, *SHAPE), np.float32)
    x[:, 8:20, 5:15] = 0.3
    assert (covered(x, make_mask("lower", SHAPE, rng()), "ground", rng())[:, 14:] == 1).all()
