"""Files to keep, read again by others than those who wrote them."""

from __future__ import annotations

import csv
import io
import subprocess
import sys

import imageio_ffmpeg
import numpy as np
import pytest
from PIL import Image

from latent import InputError, LatentSpace
from latent.keep import WRITERS, as_file
from latent.ways import Way, follow


@pytest.fixture(scope="module")
def ways(tiny_space: LatentSpace) -> list[Way]:
    stops = tiny_space.gallery.codes[[3, 44, 120]]
    return [follow(tiny_space, name, stops, 5) for name in ("lerp", "graph")]


@pytest.fixture(scope="module")
def round_way(tiny_space: LatentSpace) -> Way:
    return follow(tiny_space, "lerp", tiny_space.gallery.codes[[3, 44, 120]], 4, closed=True)


def film(content: bytes, tmp_path, height: int, width: int) -> np.ndarray:
    """Frames of an MP4, shape (T, H, W, 3), uint8, as a player shows them."""
    path = tmp_path / "film.mp4"
    path.write_bytes(content)
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-i", path, "-f", "rawvideo", "-pix_fmt", "rgb24"]
    answer = subprocess.run([*command, "-"], check=True, capture_output=True)
    assert f"{width}x{height}".encode() in answer.stderr
    return np.frombuffer(answer.stdout, np.uint8).reshape(-1, height, width, 3)


@pytest.mark.parametrize("suffix", WRITERS)
def test_the_same_ways_make_the_same_bytes(ways, suffix):
    assert as_file(suffix, ways) == as_file(suffix, ways)


def test_a_strip_has_a_row_for_each_way_and_a_picture_for_each_step(ways):
    strip = np.asarray(Image.open(io.BytesIO(as_file(".png", ways))))
    assert strip.shape == (28 + 2 + 28, 9 * 28 + 8 * 2)
    np.testing.assert_allclose(strip[30:, 60:88] / 255, ways[1].images[2, 0], atol=1 / 255)


def test_a_film_of_one_way_shows_its_images_there_and_back(ways, tmp_path):
    frames = film(as_file(".mp4", ways[:1]), tmp_path, 224, 224)
    assert len(frames) == 16
    shown = ways[0].images[:, 0].repeat(8, 1).repeat(8, 2) * 255
    order = [0, 1, 2, 3, 4, 5, 6, 7, 8, 7, 6, 5, 4, 3, 2, 1]
    for frame, step in zip(frames, order, strict=True):
        assert np.abs(frame[..., 0].astype(float) - shown[step]).mean() < 4  # H.264 loses a little


def test_a_film_round_begins_again_where_it_ends(round_way, tmp_path):
    assert len(film(as_file(".mp4", [round_way], closed=True), tmp_path, 224, 224)) == 9
    with Image.open(io.BytesIO(as_file(".gif", [round_way], closed=True))) as gif:
        assert gif.n_frames == 9
        assert gif.info["loop"] == 0


def test_several_ways_run_side_by_side(ways, tmp_path):
    with Image.open(io.BytesIO(as_file(".gif", ways))) as gif:
        assert gif.size == (4 * (28 + 2 + 28), 112)
    assert len(film(as_file(".mp4", ways), tmp_path, 224, 8 * 58)) == 16


def test_codes_are_those_of_the_ways(ways):
    with np.load(io.BytesIO(as_file(".npz", ways[:1])), allow_pickle=False) as one:
        np.testing.assert_array_equal(one["codes"], ways[0].codes)
        np.testing.assert_array_equal(one["images"], ways[0].images)
    with np.load(io.BytesIO(as_file(".npz", ways)), allow_pickle=False) as both:
        assert set(both.files) == {"codes.lerp", "images.lerp", "codes.graph", "images.graph"}
        np.testing.assert_array_equal(both["codes.graph"], ways[1].codes)


def test_the_table_has_a_row_for_each_step(ways):
    rows = list(csv.DictReader(io.StringIO(as_file(".csv", ways).decode())))
    assert len(rows) == 18
    assert [row["leg"] for row in rows[:9]] == ["1"] * 5 + ["2"] * 4
    assert [row["way"] for row in rows] == ["lerp"] * 9 + ["graph"] * 9
    np.testing.assert_allclose([float(r["share"]) for r in rows[:9]], np.linspace(0, 1, 9))
    np.testing.assert_allclose(
        [float(row["percentile"]) for row in rows[9:]], ways[1].percentiles, rtol=1e-5
    )
    assert rows[0]["change"] == rows[9]["change"] == ""
    np.testing.assert_allclose(
        [float(row["change"]) for row in rows[1:9]], ways[0].changes, rtol=1e-5
    )


def test_a_film_in_colour_keeps_its_colours(tiny_furniture_folder, tmp_path):
    space = LatentSpace(tiny_furniture_folder / "furniture-ae")
    way = follow(space, "lerp", space.gallery.codes[[0, 5]], 3)
    first = film(as_file(".mp4", [way]), tmp_path, 256, 256)[0]
    expected = np.moveaxis(way.images[0], 0, 2).repeat(4, 0).repeat(4, 1) * 255
    assert np.abs(first.astype(float) - expected).mean() < 6


def test_without_ffmpeg_it_says_what_to_do(ways, monkeypatch):
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", "/no/such/program")
    with pytest.raises(InputError, match=r"needs ffmpeg, which does not run here.*take .gif"):
        as_file(".mp4", ways)


def test_a_file_that_nobody_can_write_is_refused(ways):
    with pytest.raises(InputError, match=r"one of: .png, .gif, .mp4, .npz, .csv; got '.avi'"):
        as_file(".avi", ways)


def test_writing_a_film_imports_no_torch():
    code = (
        "import sys, numpy as np\nfrom latent.keep import as_file\nfrom latent.ways import Way\n"
        "way = Way('m', 'lerp', np.zeros((3, 2)), np.zeros((3, 1, 8, 8)), 3, *[np.zeros(3)] * 3)\n"
        "assert as_file('.mp4', [way]) and as_file('.gif', [way])\n"
        "print({'torch', 'torchvision', 'streamlit'} & set(sys.modules))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], check=False, capture_output=True, text=True
    )
    assert answer.stdout == "set()\n", answer.stderr
