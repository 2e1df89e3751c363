"""A photo of furniture in the form of a catalogue's, against pictures made by hand."""

from __future__ import annotations

import numpy as np
import pytest

from latent.catalogue import frame_on_white
from latent.images import prepare_pixels
from latent.steps import Choices


def piece(ground: int, ink: tuple[int, int, int]) -> np.ndarray:
    """A photo of 120 × 200 with a piece of 40 × 100 in it, shape (H, W, 3), uint8."""
    photo = np.full((120, 200, 3), ground, np.uint8)
    photo[60:100, 80:180] = ink
    return photo


@pytest.mark.parametrize(
    ("ground", "ink"), [(255, (200, 30, 30)), (238, (187, 28, 28)), (20, (200, 30, 30))]
)
def test_a_photo_is_cut_out_centred_and_put_on_white(ground, ink):
    x = prepare_pixels(piece(ground, ink), "furniture-photo").x
    assert x.shape == (3, 64, 64)
    assert x.dtype == np.float32
    shown = (x < 0.95).any(0)
    rows, columns = np.flatnonzero(shown.any(1)), np.flatnonzero(shown.any(0))
    assert abs(rows[0] + rows[-1] - 63) <= 1
    assert abs(columns[0] + columns[-1] - 63) <= 1
    assert np.ptp(columns) + 1 == pytest.approx(64 * 0.88, abs=1.5)
    assert np.ptp(rows) + 1 == pytest.approx(64 * 0.88 * 0.4, abs=1.5)
    np.testing.assert_allclose(x[:, 32, 32], [200 / 255, 30 / 255, 30 / 255], atol=0.01)
    np.testing.assert_array_equal(x[:, 0, 0], 1)


def test_a_blank_page_is_answered_with_white():
    np.testing.assert_array_equal(
        prepare_pixels(np.full((50, 40, 3), 250, np.uint8), "furniture-photo").x, 1
    )


def on_paper(paper: int, top: int, left: int) -> np.ndarray:
    """A dark block 60 high and 30 wide on paper of 200 × 300 pixels."""
    pixels = np.full((200, 300, 3), paper, np.uint8)
    pixels[top : top + 60, left : left + 30] = (90, 60, 30)
    return pixels


@pytest.mark.parametrize("paper", [255, 225])
@pytest.mark.parametrize(("top", "left"), [(0, 0), (100, 200), (140, 270)])
def test_what_stands_on_a_light_ground_is_framed_in_the_middle_of_white(paper, top, left):
    if (top, left) != (100, 200) and paper == 225:
        top, left = top // 2 + 10, left // 2 + 10
    framed = frame_on_white(on_paper(paper, top, left), side=100, margin=0.1)
    assert framed.shape == (100, 100, 3)
    rows, columns = (np.flatnonzero((framed < 200).any(2).any(axis)) for axis in (1, 0))
    np.testing.assert_allclose((rows[0], rows[-1] + 1), (10, 90), atol=1)
    np.testing.assert_allclose((columns[0], columns[-1] + 1), (30, 70), atol=1)
    assert (framed[:8] == 255).all()
    np.testing.assert_allclose(framed[50, 50], np.array([90, 60, 30]) * 255 / paper, atol=1)


def test_framing_an_empty_sheet_gives_white():
    assert (frame_on_white(np.full((50, 80, 3), 240, np.uint8)) == 255).all()


def test_an_image_that_is_framed_already_stays_as_it_is():
    framed = frame_on_white(on_paper(255, 70, 120))
    again = frame_on_white(framed)
    assert np.abs(again.astype(int) - framed).mean() < 2


def test_the_steps_lead_from_the_photo_to_what_the_model_sees():
    found = prepare_pixels(piece(238, (187, 28, 28)), "furniture-photo")
    assert [step.name for step in found.steps] == ["came in", "on white", "cut out", "framed"]
    came, white, cut, framed = (step.picture for step in found.steps)
    np.testing.assert_array_equal(came, piece(238, (187, 28, 28)))
    assert (white[0] == 255).all()
    assert cut.shape == (40, 100, 3)
    np.testing.assert_array_equal(framed, (np.moveaxis(found.x, 0, 2) * 255).round())


def test_a_photo_is_turned_as_chosen():
    turned = prepare_pixels(piece(255, (9, 9, 9)), "furniture-photo", Choices(turn=1)).x
    upright = prepare_pixels(np.rot90(piece(255, (9, 9, 9)), -1), "furniture-photo").x
    np.testing.assert_array_equal(turned, upright)


def test_a_whole_photo_is_framed_where_nothing_is_to_be_cut_out():
    photo = piece(128, (200, 30, 30))  # 120 × 200 on grey: a band in the middle of white
    found = prepare_pixels(photo, "furniture-photo", Choices(cut_out=False))
    x = (np.moveaxis(found.x, 0, 2) * 255).round()
    assert (x[:12] == 255).all()
    np.testing.assert_array_equal(x[20, 5], [128, 128, 128])
    np.testing.assert_array_equal(x[38, 40], [200, 30, 30])


@pytest.mark.parametrize("shape", [(1, 1600, 3), (1600, 1, 3), (1, 1, 3), (2, 3, 3)])
def test_a_photo_of_any_shape_is_framed(shape):
    pixels = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    assert prepare_pixels(pixels, "furniture-photo").x.shape == (3, 64, 64)
