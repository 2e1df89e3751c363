"""From bytes to pixels, on files of every kind, sound and hostile."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from latent import InputError, decoding
from latent.decoding import decode
from tests.conftest import png
from tests.hostile import (
    FORMATS,
    claim_size,
    depths,
    encoded,
    hook,
    refused,
    swapped_profile,
    turned,
)


@pytest.mark.parametrize("name", depths())
def test_every_kind_of_pixel_gives_the_same_grey(name):
    pixels = decode(depths()[name], "black")
    assert pixels.dtype == np.uint8
    expected = np.dstack([hook()] * 3).astype(int)
    if "palette" in name and "transparency" in name:
        expected = expected.clip(0, 250)
    np.testing.assert_allclose(pixels, expected, atol=1)


@pytest.mark.parametrize("kind", FORMATS)
def test_every_listed_format_is_read(kind):
    photo = np.zeros((40, 60, 3), np.uint8)
    photo[:, 30:] = (200, 100, 50)
    pixels = decode(encoded(Image.fromarray(photo), kind)).astype(int)
    assert np.abs(pixels[:, :25] - photo[:, :25]).max() < 20
    assert np.abs(pixels[:, 35:] - photo[:, 35:]).max() < 20


def test_a_cmyk_jpeg_is_read():
    photo = Image.fromarray(hook()).convert("RGB").convert("CMYK")
    pixels = decode(encoded(photo, "JPEG", quality=95))
    assert np.abs(pixels[..., 0].astype(int) - hook()).mean() < 3


@pytest.mark.parametrize(("tag", "file"), turned().items())
def test_a_photo_is_turned_as_its_exif_data_say(tag, file):
    np.testing.assert_array_equal(decode(file)[..., 0], hook())


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
def test_the_turn_is_found_in_every_format_that_has_one(kind):
    exif = Image.Exif()
    exif[0x0112] = 6
    lying = Image.fromarray(np.rot90(hook()).copy()).convert("RGB")
    lossless = {"lossless": True} if kind == "WEBP" else {}
    file = encoded(lying, kind, exif=exif, **lossless)
    np.testing.assert_array_equal(decode(file)[..., 0], hook())


def test_damaged_exif_data_turn_nothing():
    file = encoded(Image.fromarray(hook()), exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff damaged")
    np.testing.assert_array_equal(decode(file)[..., 0], hook())


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_an_embedded_colour_profile_is_applied(mode):
    red = Image.new(mode, (8, 8), (230, 20, 20, 255)[: len(mode)])
    plain, swapped = encoded(red), encoded(red, icc_profile=swapped_profile())
    np.testing.assert_array_equal(decode(plain)[4, 4], [230, 20, 20])
    np.testing.assert_allclose(decode(swapped)[4, 4], [20, 230, 20], atol=3)


def test_a_damaged_colour_profile_is_passed_over():
    red = Image.new("RGB", (8, 8), (230, 20, 20))
    for profile in (b"no profile", swapped_profile()[:200]):
        np.testing.assert_array_equal(
            decode(encoded(red, icc_profile=profile))[4, 4], [230, 20, 20]
        )


@pytest.mark.parametrize("ink", [0, 255])
def test_ink_on_glass_is_laid_on_what_makes_it_visible(ink):
    alpha = hook()
    pixels = decode(png(np.dstack([np.full((*alpha.shape, 3), ink, np.uint8), alpha])))
    np.testing.assert_array_equal(pixels[..., 0], 255 - alpha if ink == 0 else alpha)


def test_a_ground_may_be_named():
    glass = np.zeros((5, 5, 4), np.uint8)
    assert (decode(png(glass), "white") == 255).all()
    assert (decode(png(glass), "black") == 0).all()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF"])
def test_a_large_image_is_shrunk(kind):
    photo = np.zeros((2000, 4000), np.uint8)
    photo[:, 2000:] = 255
    pixels = decode(encoded(Image.fromarray(photo), kind))
    assert pixels.shape == (800, 1600, 3)
    assert pixels[:, :780].max() < 10
    assert pixels[:, 820:].min() > 245


@pytest.mark.parametrize("size", [(1, 1), (1, 20_000), (20_000, 1)])
def test_a_point_and_a_line_are_images(size):
    pixels = decode(encoded(Image.new("L", size, 90)))
    assert pixels.shape == (min(size[1], 1600), min(size[0], 1600), 3)
    assert (pixels == 90).all()


@pytest.mark.parametrize(("name", "file", "words"), [(k, *v) for k, v in refused().items()])
def test_what_no_model_takes_is_refused_in_a_sentence(name, file, words):
    with pytest.raises(InputError) as caught:
        decode(file)
    assert str(caught.value).startswith(words)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("side", [6400, 12_000, 30_000])
def test_too_many_pixels_are_refused_before_they_are_made(side, monkeypatch):
    file = claim_size(side, side)
    monkeypatch.setattr(Image.Image, "load", lambda _: pytest.fail("was decoded"))
    with pytest.raises(InputError, match="40 million"):
        decode(file)


def test_too_many_bytes_are_refused_before_they_are_looked_at(monkeypatch):
    monkeypatch.setattr(Image, "open", lambda *_, **__: pytest.fail("was opened"))
    with pytest.raises(InputError, match=r"has 21\.1 MB; at most 20 MB are read\. Save it sm"):
        decode(b"\x89PNG\r\n\x1a\n" + bytes(21_000_000))


def test_what_a_parser_thinks_of_is_a_message(monkeypatch):
    for error in (KeyError("x"), RecursionError(), ZeroDivisionError(), OSError("broken")):
        monkeypatch.setattr(Image, "open", raising(error))
        with pytest.raises(InputError, match="This image is damaged"):
            decode(png(hook()))
    monkeypatch.setattr(Image, "open", raising(MemoryError()))
    with pytest.raises(InputError, match="takes too much memory to decode. Save it smaller"):
        decode(png(hook()))


def raising(error: Exception):
    def fail(*_, **__):
        raise error

    return fail


def test_the_worker_answers_each_request_in_turn(monkeypatch):
    files = [png(hook()), b"no image", png(255 - hook())]
    requests = io.BytesIO(
        b"".join(decoding.REQUEST.pack(1, 1_600, len(file)) + file for file in files)
    )
    answers = io.BytesIO()
    monkeypatch.setattr(decoding, "_limit_memory", lambda: None)
    monkeypatch.setattr(decoding.sys, "stdin", io.TextIOWrapper(requests))
    monkeypatch.setattr(decoding.sys, "stdout", io.TextIOWrapper(answers))
    decoding.serve()
    answers.seek(0)
    for expected in (hook(), None, 255 - hook()):
        kind, first, second = decoding.ANSWER.unpack(answers.read(decoding.ANSWER.size))
        if expected is None:
            assert kind == decoding.REFUSAL
            assert answers.read(first).decode().startswith("This is no PNG, JPEG, WebP")
        else:
            assert (kind, first, second) == (decoding.PIXELS, *expected.shape)
            pixels = np.frombuffer(answers.read(first * second * 3), np.uint8)
            np.testing.assert_array_equal(pixels.reshape(first, second, 3)[..., 0], expected)
