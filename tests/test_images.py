"""From bytes to model input, against images made by hand."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from latent import InputError, images
from latent.images import open_image, prepare, strip, to_uint8
from tests.conftest import png

HOW = "mnist-digit"


def hook(height: int = 60, width: int = 90, ink: int = 255, paper: int = 0) -> np.ndarray:
    """A lopsided drawing 40 high and 20 wide: a stem with a foot, shape (H, W), uint8."""
    pixels = np.full((height, width), paper, np.uint8)
    pixels[8:48, 10:16] = ink
    pixels[42:48, 10:30] = ink
    return pixels


def centre_of_mass(x: np.ndarray) -> np.ndarray:
    """(row, column) in pixels, where the middle of the first pixel is 0.5."""
    rows, columns = np.indices(x.shape) + 0.5
    return np.array([(rows * x).sum(), (columns * x).sum()]) / x.sum()


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def claim_size(width: int, height: int) -> bytes:
    """A PNG whose header claims a size that no data follow."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunk = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    return b"\x89PNG\r\n\x1a\n" + chunk + png(np.zeros((4, 4), np.uint8))[33:]


def test_a_drawing_is_fitted_into_20_pixels_on_its_longer_side():
    x = prepare(png(hook()), HOW).x
    assert x.shape == (1, 28, 28)
    assert x.dtype == np.float32
    assert (x.min(), x.max()) == (0, 1)
    rows, columns = np.nonzero(x[0])
    assert np.ptp(rows) + 1 == 20
    assert np.ptp(columns) + 1 == 10


def test_a_wide_drawing_is_20_pixels_wide():
    rows, columns = np.nonzero(prepare(png(hook(90, 60).T.copy()), HOW).x[0])
    assert np.ptp(rows) + 1 == 10
    assert np.ptp(columns) + 1 == 20


@pytest.mark.parametrize("turns", range(4))
def test_the_centre_of_mass_lies_in_the_middle(turns):
    x = prepare(png(np.rot90(hook(), turns).copy()), HOW).x[0]
    assert np.abs(centre_of_mass(x) - 14).max() <= 0.5


def test_where_a_drawing_lies_on_the_paper_changes_nothing():
    moved = np.zeros((200, 120), np.uint8)
    moved[101:161, 20:110] = hook()
    np.testing.assert_array_equal(prepare(png(moved), HOW).x, prepare(png(hook()), HOW).x)


def test_dark_on_light_gives_what_light_on_dark_gives():
    light = prepare(png(hook()), HOW)
    dark = prepare(png(255 - hook()), HOW)
    np.testing.assert_allclose(dark.x, light.x, atol=1e-6)
    assert (light.inverted, dark.inverted) == (False, True)


def test_a_faint_pencil_gives_what_black_ink_gives():
    pencil, ink = hook(ink=120, paper=200), hook(ink=0, paper=255)
    np.testing.assert_allclose(prepare(png(pencil), HOW).x, prepare(png(ink), HOW).x, atol=1e-6)


def test_faint_dust_does_not_move_the_cut():
    dusty = hook()
    dusty[55, 80] = 30
    np.testing.assert_array_equal(prepare(png(dusty), HOW).x, prepare(png(hook()), HOW).x)


def test_a_digit_in_the_form_of_mnist_is_taken_as_it_is(tiny_data):
    pixels = tiny_data.images[3]
    prepared = prepare(png(pixels), HOW)
    np.testing.assert_allclose(prepared.x[0], pixels / 255, atol=1e-6)
    assert not prepared.inverted


def test_a_digit_of_mnist_s_size_on_white_is_brought_into_form(tiny_data):
    pixels = tiny_data.images[3]
    prepared = prepare(png(255 - pixels), HOW)
    assert prepared.inverted
    assert np.abs(centre_of_mass(prepared.x[0]) - 14).max() <= 0.5


def test_a_line_of_one_pixel_is_kept():
    pixels = np.zeros((300, 300), np.uint8)
    pixels[10:290, 150] = 255
    rows, columns = np.nonzero(prepare(png(pixels), HOW).x[0])
    assert (np.ptp(rows) + 1, np.ptp(columns) + 1) == (20, 1)


def test_a_photo_is_turned_as_its_exif_data_say():
    upright = hook()
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned a quarter clockwise
    lying = Image.fromarray(np.rot90(upright).copy())
    prepared = prepare(encoded(lying, exif=exif), HOW)
    np.testing.assert_array_equal(prepared.x, prepare(png(upright), HOW).x)
    np.testing.assert_array_equal(prepared.original[..., 0], upright)


@pytest.mark.parametrize("mode", ["RGB", "L", "P", "LA", "RGBA", "1"])
def test_the_mode_of_a_png_changes_nothing(mode):
    image = Image.fromarray(hook()).convert(mode)
    np.testing.assert_array_equal(prepare(encoded(image), HOW).x, prepare(png(hook()), HOW).x)


def test_sixteen_bits_give_what_eight_give():
    deep = (hook(ink=180).astype(np.uint16) * 256) + 17
    np.testing.assert_array_equal(prepare(png(deep), HOW).x, prepare(png(hook(ink=180)), HOW).x)


def test_a_cmyk_jpeg_is_read():
    image = Image.fromarray(hook()).convert("CMYK")
    x = prepare(encoded(image, "JPEG", quality=95), HOW).x
    np.testing.assert_allclose(x, prepare(png(hook()), HOW).x, atol=0.15)


@pytest.mark.parametrize("ink", [0, 255])
def test_ink_on_glass_is_laid_on_what_makes_it_visible(ink):
    alpha = hook()
    pixels = np.dstack([np.full((*alpha.shape, 3), ink, np.uint8), alpha])
    prepared = prepare(png(pixels), HOW)
    np.testing.assert_allclose(prepared.x, prepare(png(hook()), HOW).x, atol=1e-6)
    assert prepared.inverted == (ink == 0)


def test_a_palette_with_a_see_through_colour_is_laid_on_paper():
    image = Image.fromarray((hook() > 0).astype(np.uint8)).convert("P")
    image.putpalette([255, 0, 255, 10, 10, 10])  # colour 0 is loud, and not to be seen
    x = prepare(encoded(image, transparency=0), HOW).x
    np.testing.assert_allclose(x, prepare(png(hook()), HOW).x, atol=1e-6)


def test_the_original_is_given_as_rgb():
    original = prepare(png(hook()), HOW).original
    assert original.dtype == np.uint8
    np.testing.assert_array_equal(original, np.dstack([hook()] * 3))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "This file is empty. Choose a PNG or JPEG image"),
        (b"Dear diary", "This is no PNG or JPEG image. Save it as one of these"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "This is no PNG or JPEG image"),
        (encoded(Image.new("L", (9, 9)), "GIF"), "This is no PNG or JPEG image"),
        (encoded(Image.new("L", (9, 9)), "BMP"), "This is no PNG or JPEG image"),
        (encoded(Image.new("RGB", (9, 9)), "TIFF"), "This is no PNG or JPEG image"),
        (b"\x89PNG\r\n\x1a\n", "This is no PNG or JPEG image|This image is damaged"),
        (png(hook())[:-40], "This image is damaged and cannot be read to its end. Save it again"),
        (
            encoded(Image.fromarray(hook()), "JPEG")[:-300],
            "This image is damaged and cannot be read to its end",
        ),
        (png(np.full((30, 30), 200, np.uint8)), "Nothing stands out from the background"),
        (png(np.array([[7]], np.uint8)), "Nothing stands out from the background"),
    ],
)
def test_bytes_that_are_no_image_of_a_digit_are_refused_in_words(content, message):
    with pytest.raises(InputError, match=message):
        prepare(content, HOW)


def test_a_file_with_too_many_bytes_is_refused_before_it_is_decoded(monkeypatch):
    monkeypatch.setattr(Image, "open", lambda *_: pytest.fail("was opened"))
    with pytest.raises(InputError, match="This file has 21 MB; at most 20 MB are read. Save it sm"):
        open_image(b"\x89PNG\r\n\x1a\n" + bytes(21_000_000))


@pytest.mark.parametrize(
    ("side", "words"),
    [
        (6400, "has 6400 × 6400 pixels; at most 40 million are read"),
        (12_000, "has 12000 × 12000 pixels; at most 40 million are read"),
        (30_000, "has more than 40 million pixels. Save it smaller"),
    ],
)
def test_a_file_that_claims_too_many_pixels_is_refused_before_they_are_made(
    side, words, monkeypatch
):
    content = claim_size(side, side)
    monkeypatch.setattr(Image.Image, "load", lambda _: pytest.fail("was decoded"))
    with pytest.raises(InputError, match=words):
        open_image(content)


def test_an_unknown_preparation_is_named():
    with pytest.raises(InputError, match="Unknown preprocessing 'magic'; choose one of: mnist-dig"):
        prepare(png(hook()), "magic")


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_no_damage_to_a_file_is_more_than_a_message(kind):
    rng = np.random.default_rng(0)
    exif = Image.Exif()
    exif[0x0112] = 6
    whole = encoded(Image.fromarray(hook()), kind, exif=exif)
    outcomes = set()
    for _ in range(300):
        content = bytearray(whole[: rng.integers(len(whole))] if rng.random() < 0.3 else whole)
        for place in rng.integers(0, max(1, len(content)), 3):
            content[place : place + 1] = bytes([rng.integers(256)])
        try:
            outcomes.add(prepare(bytes(content), HOW).x.shape)
        except InputError:
            outcomes.add("refused")
    assert "refused" in outcomes
    assert outcomes <= {"refused", (1, 28, 28)}


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


def test_every_preparation_gives_an_image_between_zero_and_one():
    for how in images.PREPARATIONS:
        x = prepare(png(hook()), how).x
        assert x.ndim == 3
        assert x.min() >= 0
        assert x.max() <= 1
