"""Representations: one contract for every rung, and each against an independent answer."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from sklearn import decomposition

from latent.data import TRAIN, Dataset
from latent.linear import PCA
from latent.representations import (
    PLAIN,
    Histogram,
    Pixels,
    Projected,
    Questions,
    RandomProjection,
    Rung,
    holes,
    ink,
)


@pytest.fixture(scope="module")
def digits(tiny_data: Dataset) -> tuple[np.ndarray, np.ndarray]:
    return tiny_data.x(TRAIN), tiny_data.labels[tiny_data.split == TRAIN]


@pytest.mark.parametrize("rung", PLAIN, ids=lambda rung: rung.name)
def test_a_rung_treats_each_image_alone_and_always_the_same(rung: Rung, digits) -> None:
    x, labels = digits
    made, again = rung.make().fit(x, labels), rung.make().fit(x, labels)
    codes = made.encode(x[:20])
    assert codes.dtype == np.float32
    assert len(codes) == 20
    assert np.isfinite(codes).all()
    np.testing.assert_allclose(made.encode(x[3:4])[0], codes[3], atol=1e-4)
    np.testing.assert_array_equal(again.encode(x[:20]), codes)


@pytest.mark.parametrize("rung", PLAIN, ids=lambda rung: rung.name)
def test_what_a_rung_draws_is_nearer_to_the_image_than_the_mean_is(rung: Rung, digits) -> None:
    x, labels = digits
    made = rung.make().fit(x, labels)
    drawn = made.decode(made.encode(x))
    if rung.name in ("histogram", "questions"):
        assert drawn is None
        return
    assert drawn is not None
    assert drawn.shape == x.shape
    assert 0 <= drawn.min() <= drawn.max() <= 1
    assert np.square(drawn - x).mean() < np.square(x.mean(0) - x).mean()


def test_each_rung_says_what_it_is_good_for() -> None:
    assert len({rung.name for rung in PLAIN}) == len(PLAIN)
    assert all(rung.keeps.endswith(".") and rung.gives_up.endswith(".") for rung in PLAIN)


def test_pixels_give_the_image_back(digits) -> None:
    x, labels = digits
    made = Pixels().fit(x, labels)
    np.testing.assert_array_equal(made.decode(made.encode(x)), x)


def test_a_histogram_counts_pixels_and_forgets_where_they_are() -> None:
    x = np.zeros((1, 1, 4, 4), np.float32)
    x[0, 0, 0, :3] = 1
    counted = Histogram().encode(x)
    assert counted.sum() == 1
    assert counted[0, -1] == 3 / 16
    np.testing.assert_array_equal(Histogram().encode(x[..., ::-1, ::-1]), counted)
    assert Histogram().encode(np.zeros((2, 3, 4, 4), np.float32)).shape == (2, 15)


def test_a_random_projection_keeps_distances_in_the_mean(digits) -> None:
    x, labels = digits
    made = RandomProjection(400).fit(x, labels)
    codes, pixels = made.encode(x[:40]), x[:40].reshape(40, -1)
    ratios = [np.linalg.norm(codes[i] - codes[j]) / np.linalg.norm(pixels[i] - pixels[j])
              for i in range(40) for j in range(i) if labels[i] != labels[j]]  # fmt: skip
    assert np.mean(ratios) == pytest.approx(1, abs=0.05)


def test_pca_draws_as_scikit_learn_does(digits) -> None:
    x, labels = digits
    made = Projected(PCA(8)).fit(x, labels)
    peer = decomposition.PCA(8, svd_solver="full").fit(x.reshape(len(x), -1))
    expected = peer.inverse_transform(peer.transform(x.reshape(len(x), -1))).clip(0, 1)
    np.testing.assert_allclose(made.decode(made.encode(x)).reshape(len(x), -1), expected, atol=1e-3)


@pytest.mark.parametrize(
    ("drawing", "expected"),
    [("111 101 111", 1), ("11111 10101 11111", 2), ("111 100 111", 0), ("000 010 000", 0)],
)
def test_holes_are_counted(drawing: str, expected: int) -> None:
    rows = drawing.split()
    assert holes(np.array([[cell == "1" for cell in row] for row in rows])) == expected


def test_plain_questions_have_the_answers_of_a_ruler() -> None:
    bar = np.zeros((1, 1, 20, 20), np.float32)
    bar[0, 0, 4:16, 9:11] = 1  # 12 high, 2 wide, upright and in the middle
    ink_, width, height, slant, count, across, upside, half, balance = Questions.answers(bar)[0]
    assert (ink_, width, height) == pytest.approx((24 / 400, 0.1, 0.6))
    assert (slant, count, balance) == pytest.approx((0, 0, 0))
    assert (across, upside, half) == pytest.approx((1, 1, 1))


def test_slant_is_the_shift_to_the_right_that_a_regression_finds() -> None:
    leaning = np.zeros((1, 1, 28, 28), np.float32)
    for row in range(4, 24):
        leaning[0, 0, row, 20 - row // 2] = 1
    rows, columns = np.nonzero(leaning[0, 0])
    expected = -stats.linregress(rows, columns).slope
    assert Questions.answers(leaning)[0, 3] == pytest.approx(expected, abs=1e-6)


def test_ink_is_what_differs_from_the_ground_be_it_black_or_white() -> None:
    x = np.zeros((1, 3, 8, 8), np.float32)
    x[0, :, 2:5, 3] = 0.75
    np.testing.assert_allclose(ink(1 - x), ink(x), atol=1e-6)
    assert ink(x).sum() == pytest.approx(3 * 0.75)
