"""Colours as histograms: the space against known values, and what a histogram tells apart."""

from __future__ import annotations

import numpy as np
import pytest

from latent.colours import ANCHORS, histograms, to_lab, to_rgb


def painted(*colours: tuple[float, float, float]) -> np.ndarray:
    """Images on white with a square of each colour, (n, 3, 64, 64)."""
    x = np.ones((len(colours), 3, 64, 64), np.float32)
    for image, colour in zip(x, colours, strict=True):
        image[:, 16:48, 16:48] = np.array(colour)[:, None, None]
    return x


@pytest.mark.parametrize(
    ("rgb", "lab"),
    [
        ((1, 1, 1), (100, 0, 0)),
        ((0, 0, 0), (0, 0, 0)),
        ((1, 0, 0), (53.24, 80.09, 67.20)),
        ((0, 1, 0), (87.73, -86.18, 83.18)),
        ((0, 0, 1), (32.30, 79.19, -107.86)),
        ((0.5, 0.5, 0.5), (53.39, 0, 0)),
    ],
)
def test_lab_has_its_published_values(rgb, lab):
    np.testing.assert_allclose(to_lab(np.array([rgb], np.float32))[0], lab, atol=0.05)


def test_from_lab_and_back_is_the_same_colour():
    rgb = np.random.default_rng(0).random((500, 3)).astype(np.float32)
    np.testing.assert_allclose(to_rgb(to_lab(rgb)), rgb * 255, atol=0.51)


def test_a_colour_falls_on_the_anchors_around_it():
    x = painted((0.8, 0.1, 0.1), (0.1, 0.2, 0.8))
    for image, row in zip(x, histograms(x), strict=True):
        mean = (row**2) @ ANCHORS
        lab = to_lab(image[:, 32, 32][None])[0]
        turn = np.arctan2(mean[2], mean[1]) - np.arctan2(lab[2], lab[1])
        assert abs((turn + np.pi) % (2 * np.pi) - np.pi) < 0.3
        assert np.linalg.norm(row) == pytest.approx(1, abs=1e-5)


def test_like_colours_are_like_and_unlike_ones_are_not():
    rows = histograms(painted((0.8, 0.1, 0.1), (0.75, 0.15, 0.1), (0.1, 0.2, 0.8)))
    assert rows[0] @ rows[1] > 0.9
    assert rows[0] @ rows[2] < 0.2


def test_white_ground_does_not_count_but_an_all_white_image_is_white():
    small = np.ones((1, 3, 64, 64), np.float32)
    small[:, :, 28:36, 28:36] = np.array([0.8, 0.1, 0.1])[:, None, None]
    large = painted((0.8, 0.1, 0.1))
    np.testing.assert_allclose(histograms(small), histograms(large), atol=1e-5)
    white = histograms(np.ones((1, 3, 64, 64), np.float32))[0]
    assert ANCHORS[white.argmax()].tolist() == [95, 0, 0]
    assert histograms(small[:0]).shape == (0, len(ANCHORS))
