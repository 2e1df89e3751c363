"""From files to model input and from model output to pictures."""

from __future__ import annotations

import numpy as np
import pytest

from latent import InputError, images
from latent.images import prepare, prepare_pixels, read_pixels, strip, to_uint8
from latent.steps import Choices
from tests.conftest import png
from tests.hostile import hook

HOW = "mnist-digit"


def test_an_unknown_preparation_is_named():
    with pytest.raises(InputError, match="Unknown preprocessing 'magic'; choose one of: mnist-dig"):
        prepare(png(hook()), "magic")


def test_every_preparation_gives_an_image_between_zero_and_one():
    for how in images.PREPARATIONS:
        x = prepare(png(hook()), how).x
        assert x.ndim == 3
        assert x.min() >= 0
        assert x.max() <= 1


def test_a_see_through_photo_lies_on_white_however_light_it_is():
    photo = np.zeros((60, 60, 4), np.uint8)
    photo[20:40, 20:40] = (240, 220, 160, 255)
    x = prepare(png(photo), "furniture-photo").x
    np.testing.assert_array_equal(x[:, 0, 0], 1)
    np.testing.assert_allclose(x[:, 32, 32], np.array([240, 220, 160]) / 255, atol=0.01)


def test_to_uint8_rounds_and_clips():
    x = np.array([[[[-1, 0, 0.5, 1, 2]]]], np.float32)
    np.testing.assert_array_equal(to_uint8(x), [[[0, 0, 128, 255, 255]]])


def test_to_uint8_puts_colours_last():
    x = np.zeros((2, 3, 4, 5), np.float32)
    x[:, 1] = 1
    pixels = to_uint8(x)
    assert pixels.shape == (2, 4, 5, 3)
    np.testing.assert_array_equal(pixels[0, 0, 0], [0, 255, 0])


@pytest.mark.parametrize("channels", [1, 3])
def test_a_strip_holds_every_image_with_white_between(channels):
    x = np.random.default_rng(0).random((3, channels, 4, 5), np.float32)
    row = strip(x, gap=2)
    assert row.shape[:2] == (4, 3 * 5 + 2 * 2)
    for number, pixels in enumerate(to_uint8(x)):
        np.testing.assert_array_equal(row[:, number * 7 : number * 7 + 5], pixels)
    assert (row[:, 5:7] == 255).all()


def test_a_file_may_be_read_once_and_prepared_again_with_other_choices():
    pixels = read_pixels(png(hook()), HOW)
    np.testing.assert_array_equal(pixels, np.dstack([hook()] * 3))
    np.testing.assert_array_equal(prepare(png(hook()), HOW).x, prepare_pixels(pixels, HOW).x)
    mirrored = Choices(mirrored=True)
    np.testing.assert_array_equal(
        prepare_pixels(pixels, HOW, mirrored).x, prepare(png(hook()), HOW, mirrored).x
    )


def test_a_grey_picture_is_prepared_like_one_in_colour():
    colour = np.dstack([hook()] * 3)
    np.testing.assert_array_equal(prepare_pixels(hook(), HOW).x, prepare_pixels(colour, HOW).x)


def test_every_preparation_says_which_choices_it_has():
    assert set(images.CHOICES) == set(images.PREPARATIONS)
    for names in images.CHOICES.values():
        assert set(names) <= set(Choices.__dataclass_fields__)
