"""A picture of a digit in the form of MNIST, against drawings made by hand."""

from __future__ import annotations

import numpy as np
import pytest

from latent import InputError
from latent.images import prepare_pixels
from latent.steps import Choices, Prepared
from tests.hostile import hook


def prepared(pixels: np.ndarray, **choices: object) -> Prepared:
    return prepare_pixels(pixels, "mnist-digit", Choices(**choices))


def centre_of_mass(x: np.ndarray) -> np.ndarray:
    """(row, column) in pixels, where the middle of the first pixel is 0.5."""
    rows, columns = np.indices(x.shape) + 0.5
    return np.array([(rows * x).sum(), (columns * x).sum()]) / x.sum()


def test_a_drawing_is_fitted_into_20_pixels_on_its_longer_side():
    x = prepared(hook()).x
    assert x.shape == (1, 28, 28)
    assert x.dtype == np.float32
    assert (x.min(), x.max()) == (0, 1)
    rows, columns = np.nonzero(x[0])
    assert np.ptp(rows) + 1 == 20
    assert np.ptp(columns) + 1 == 10


def test_a_wide_drawing_is_20_pixels_wide():
    rows, columns = np.nonzero(prepared(hook(90, 60).T.copy()).x[0])
    assert np.ptp(rows) + 1 == 10
    assert np.ptp(columns) + 1 == 20


@pytest.mark.parametrize("turns", range(4))
def test_the_centre_of_mass_lies_in_the_middle(turns):
    x = prepared(np.rot90(hook(), turns).copy()).x[0]
    assert np.abs(centre_of_mass(x) - 14).max() <= 0.5


def test_where_a_drawing_lies_on_the_paper_changes_nothing():
    moved = np.zeros((200, 120), np.uint8)
    moved[101:161, 20:110] = hook()
    np.testing.assert_array_equal(prepared(moved).x, prepared(hook()).x)


def test_dark_on_light_gives_what_light_on_dark_gives():
    light = prepared(hook())
    dark = prepared(255 - hook())
    np.testing.assert_allclose(dark.x, light.x, atol=1e-6)
    assert (light.inverted, dark.inverted) == (False, True)


def test_a_faint_pencil_gives_what_black_ink_gives():
    pencil, ink = hook(ink=120, paper=200), hook(ink=0, paper=255)
    np.testing.assert_allclose(prepared(pencil).x, prepared(ink).x, atol=1e-6)


def test_faint_dust_does_not_move_the_cut():
    dusty = hook()
    dusty[55, 80] = 30
    np.testing.assert_array_equal(prepared(dusty).x, prepared(hook()).x)


def test_a_digit_in_the_form_of_mnist_is_taken_as_it_is(tiny_data):
    pixels = tiny_data.images[3]
    found = prepared(pixels)
    np.testing.assert_array_equal(found.x[0], pixels.astype(np.float32) / 255)
    assert not found.inverted
    assert [step.name for step in found.steps] == ["came in", "as it is"]


def test_a_digit_of_mnist_s_size_on_white_is_brought_into_form(tiny_data):
    found = prepared(255 - tiny_data.images[3])
    assert found.inverted
    assert np.abs(centre_of_mass(found.x[0]) - 14).max() <= 0.5


def test_a_thin_line_becomes_as_wide_as_mnist_s_thinnest():
    pixels = np.zeros((300, 300), np.uint8)
    pixels[10:290, 150] = 255
    x = prepared(pixels).x[0]
    assert np.ptp(np.flatnonzero(x.any(1))) + 1 == 20
    assert x[14].sum() == pytest.approx(2, abs=0.3)
    assert prepared(pixels, stroke=0).x[0][14].sum() == 1


def ring(width: int) -> np.ndarray:
    """A circle of radius 200, drawn with a pen of that width, shape (600, 600), uint8."""
    rows, columns = np.indices((600, 600)) - 299.5
    return (np.abs(np.hypot(rows, columns) - 200) < width / 2) * np.uint8(255)


@pytest.mark.parametrize(
    ("pen", "width"), [(10, 2.0), (44, 2.0), (56, 56 / 456 * 20), (70, 2.8), (120, 2.8)]
)
def test_strokes_are_brought_to_the_nearest_width_of_mnist_s_middle_half(pen, width):
    found = prepared(ring(pen))
    assert found.choices.stroke == pytest.approx(width, abs=0.15)
    row = found.x[0][14]
    # the line from the left edge to the middle crosses the ring once; its size changes a
    # little once more when the changed drawing is fitted again
    assert row[:14].sum() == pytest.approx(width, abs=0.35)


def test_a_stroke_of_usual_width_is_kept():
    found, untouched = prepared(ring(56)), prepared(ring(56), stroke=0)
    assert np.abs(found.x - untouched.x).mean() < 0.02
    assert "and stay so in even ink" in found.steps[2].note
    assert "stroke" not in [step.name for step in untouched.steps]


def test_a_filled_shape_is_no_stroke_and_keeps_its_size():
    disc = np.pad(np.full((90, 60), 255, np.uint8), 10)
    assert np.abs(prepared(disc).x - prepared(disc, stroke=0).x).mean() < 0.01


def test_ink_that_fades_is_made_even():
    faded = hook()
    faded[8:30, 10:16] = 150  # the upper half of the stem
    even = np.abs(prepared(faded).x - prepared(hook()).x).mean()
    assert even < 0.4 * np.abs(prepared(faded, stroke=0).x - prepared(hook(), stroke=0).x).mean()


def test_thin_and_thick_pens_draw_nearly_the_same_digit():
    thin, thick = ring(8), ring(100)
    left = np.abs(prepared(thin, stroke=0).x - prepared(thick, stroke=0).x).mean()
    brought = np.abs(prepared(thin).x - prepared(thick).x).mean()
    assert brought < 0.5 * left


@pytest.mark.parametrize("wanted", [1.5, 2.5, 3.5])
def test_a_stroke_may_be_chosen(wanted):
    found = prepared(ring(56), stroke=wanted)
    assert found.choices.stroke == wanted
    assert found.x[0][14][:14].sum() == pytest.approx(wanted, abs=0.35)


def test_a_digit_is_turned_and_mirrored_as_chosen():
    for turn in range(4):
        expected = prepared(np.rot90(hook(), -turn)).x
        np.testing.assert_array_equal(prepared(hook(), turn=turn).x, expected)
    turned = np.rot90(hook(), -1)[:, ::-1]
    found = prepared(hook(), turn=1, mirrored=True)
    np.testing.assert_array_equal(found.x, prepared(turned).x)
    np.testing.assert_array_equal(found.original[..., 0], turned)
    assert found.steps[1].note == "Turned a quarter clockwise and left for right."


def test_what_was_guessed_of_light_and_dark_may_be_said():
    framed = np.full((60, 90), 255, np.uint8)  # a black card on a white table
    framed[4:-4, 4:-4] = hook()[4:-4, 4:-4]
    guessed, said = prepared(framed), prepared(framed, invert=False)
    assert guessed.inverted
    assert not said.inverted
    assert (guessed.choices.invert, said.choices.invert) == (True, False)
    np.testing.assert_array_equal(
        prepared(hook(), invert=True).x, prepared(255 - hook(), invert=False).x
    )


def test_the_whole_picture_is_taken_where_nothing_is_to_be_cut_out():
    x = prepared(hook(), cut_out=False).x[0]  # 90 wide and 60 high: 28 wide and 19 high
    rows, columns = np.nonzero(x > 0.5)
    assert (rows.min(), rows.max()) == (4 + round(8 / 60 * 19), 4 + round(48 / 60 * 19) - 1)
    assert (columns.min(), columns.max()) == (3, 8)


def test_the_steps_lead_from_what_came_in_to_what_the_model_sees():
    found = prepared(255 - hook())
    names = [step.name for step in found.steps]
    assert names == ["came in", "inverted", "cut out", "stroke", "centred"]
    came, inverted, cut, _, centred = (step.picture for step in found.steps)
    np.testing.assert_array_equal(came[..., 0], 255 - hook())
    np.testing.assert_array_equal(inverted, hook())
    assert cut.shape == (40, 20)
    np.testing.assert_array_equal(centred, (found.x[0] * 255).round().astype(np.uint8))


def test_the_pictures_of_large_steps_are_small():
    for step in prepared(np.kron(hook(), np.ones((10, 10), np.uint8))).steps:
        assert max(step.picture.shape) <= 200
        assert step.picture.dtype == np.uint8


@pytest.mark.parametrize(
    "pixels",
    [
        np.full((30, 30), 200, np.uint8),
        np.array([[7]], np.uint8),
        np.full((1, 1600), 80, np.uint8),
        (np.indices((40, 40)).sum(0) % 20).astype(np.uint8),
    ],
    ids=["grey", "one pixel", "one line", "faint"],
)
def test_a_picture_on_which_nothing_is_drawn_is_refused(pixels):
    with pytest.raises(InputError, match="Nothing stands out from the background of this image"):
        prepared(pixels)


@pytest.mark.parametrize("shape", [(1, 1600), (1600, 1), (2, 2), (27, 28), (28, 28)])
def test_a_picture_of_any_shape_gives_a_digit_s_shape(shape):
    pixels = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    x = prepared(pixels).x
    assert x.shape == (1, 28, 28)
    assert np.isfinite(x).all()
    assert (x.min() >= 0) & (x.max() <= 1)


def test_choices_out_of_range_are_refused():
    with pytest.raises(InputError, match="turned by 0 to 3 quarters; got 4"):
        Choices(turn=4)
    with pytest.raises(InputError, match="0 to 20 pixels wide; got 21"):
        Choices(stroke=21)
