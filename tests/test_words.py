"""A code in words: every form gives the code it stands for, and wrong ones say so."""

from __future__ import annotations

import base64

import numpy as np
import pytest

from latent import InputError, bundle
from latent.words import code_from_words, code_to_words
from tests.conftest import png


@pytest.mark.parametrize("index", [0, 7, 299])
def test_a_number_is_the_code_of_that_image(tiny_space, index):
    np.testing.assert_array_equal(
        code_from_words(tiny_space, f" {index} "), tiny_space.gallery.codes[index]
    )


@pytest.mark.parametrize("words", ["300", "-1", "99999999999"])
def test_a_number_that_no_image_has_is_refused(tiny_space, words):
    with pytest.raises(InputError, match=f"has no image {words}; choose a number from 0 to 299"):
        code_from_words(tiny_space, words)


def test_an_image_file_is_encoded(tiny_space, tiny_data, tmp_path):
    (tmp_path / "digit.png").write_bytes(png(tiny_data.images[5]))
    expected = tiny_space.encode(tiny_data.x()[5:6])[0]
    np.testing.assert_allclose(
        code_from_words(tiny_space, str(tmp_path / "digit.png")), expected, atol=1e-5
    )


@pytest.mark.parametrize("shape", [(4,), (1, 4), (3, 4)])
def test_an_npz_gives_the_first_of_its_codes(tiny_space, tmp_path, shape):
    codes = np.random.default_rng(0).standard_normal(shape)
    np.savez(tmp_path / "a.npz", codes=codes)
    code = code_from_words(tiny_space, str(tmp_path / "a.npz"))
    np.testing.assert_allclose(code, codes.reshape(-1, 4)[0], rtol=1e-6)
    assert code.dtype == np.float32


def test_a_code_survives_words_to_sixteen_bits(tiny_space):
    for code in np.random.default_rng(0).standard_normal((50, 4), np.float32) * 3:
        words = code_to_words(code)
        assert set(words) <= set(base64.urlsafe_b64encode(bytes(range(256))).decode()) | {"="}
        back = code_from_words(tiny_space, words)
        np.testing.assert_array_equal(back, code.astype(np.float16).astype(np.float32))


def test_words_are_the_base64_of_little_endian_halves(tiny_space):
    # 1.0 is 0x3c00 and -2.0 is 0xc000
    assert code_to_words(np.array([1, -2, 0, 1], np.float32)) == "ADwAwAAAADw="
    np.testing.assert_array_equal(code_from_words(tiny_space, "ADwAwAAAADw="), [1, -2, 0, 1])


@pytest.mark.parametrize(
    "words", ["", "hello", "ADwAwAAAADw", "ADwAwAAA", "ADwAwAAAADwAAAAA", "Ü", "A" * 5000, "*" * 12]
)
def test_text_that_is_no_code_is_refused(tiny_space, words):
    with pytest.raises(
        InputError, match="is no code of mnist-vae. Give the number of an image, an"
    ):
        code_from_words(tiny_space, words)


def test_a_code_of_infinity_is_refused(tiny_space):
    words = base64.urlsafe_b64encode(np.array([1, np.inf, np.nan, 0], "<f2").tobytes()).decode()
    with pytest.raises(
        InputError, match="holds no finite code of 4 numbers, which mnist-vae needs"
    ):
        code_from_words(tiny_space, words)


@pytest.mark.parametrize(
    "codes",
    [
        np.ones(5),
        np.ones((2, 3)),
        np.ones((1, 1, 4)),
        np.ones((0, 4)),
        np.array(1.0),
        np.array(["a", "b", "c", "d"]),
        np.full(4, np.nan),
        np.ones(4, complex),
    ],
)
def test_an_npz_without_a_fitting_code_is_refused(tiny_space, tmp_path, codes):
    np.savez(tmp_path / "a.npz", codes=codes)
    with pytest.raises(InputError, match="holds no finite code of 4 numbers"):
        code_from_words(tiny_space, str(tmp_path / "a.npz"))


def test_an_npz_without_codes_is_refused(tiny_space, tmp_path):
    np.savez(tmp_path / "a.npz", z=np.ones(4))
    with pytest.raises(InputError, match="a.npz: the array 'codes' is missing; it has \\['z'\\]"):
        code_from_words(tiny_space, str(tmp_path / "a.npz"))


def test_an_npz_that_is_none_is_refused(tiny_space, tmp_path):
    (tmp_path / "a.npz").write_bytes(b"no zip")
    with pytest.raises(InputError, match="a.npz is no .npz of plain arrays"):
        code_from_words(tiny_space, str(tmp_path / "a.npz"))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("nowhere/digit.png", "digit.png cannot be read: No such file"),
        ("nowhere/codes.npz", "codes.npz is missing"),
        ("tests.", "is no code of mnist-vae|cannot be read"),
        ("a\0b.png", "cannot be read|is no code"),
        ("a\0b.npz", "cannot be read|is no|is missing"),
        ("x" * 5000 + ".png", "cannot be read: File name too long"),
        ("\udcff.png", "cannot be read|is no code"),
    ],
    ids=["png", "npz", "folder", "zero byte", "zero byte npz", "long", "surrogate"],
)
def test_a_file_that_is_not_there_is_refused(tiny_space, words, message):
    with pytest.raises(InputError, match=message):
        code_from_words(tiny_space, words)


def test_a_folder_is_refused(tiny_space, tmp_path):
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(InputError, match="folder.png cannot be read: Is a directory"):
        code_from_words(tiny_space, str(tmp_path / "folder.png"))


def test_a_file_that_is_no_image_is_refused(tiny_space, tmp_path):
    (tmp_path / "notes.txt").write_text("Dear diary")
    with pytest.raises(InputError, match="This is no PNG, JPEG, WebP, BMP, GIF or TIFF image"):
        code_from_words(tiny_space, str(tmp_path / "notes.txt"))


def test_codes_that_interpolate_wrote_can_be_walked_from(tiny_space, tmp_path):
    path = tiny_space.walk(tiny_space.code(1), tiny_space.code(2), 5)
    bundle.write_arrays(tmp_path / "codes.npz", {"codes": path, "images": tiny_space.decode(path)})
    np.testing.assert_array_equal(
        code_from_words(tiny_space, str(tmp_path / "codes.npz")), tiny_space.code(1)
    )
