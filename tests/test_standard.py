"""What is usual, against hand-made test images, scikit-learn and chance."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from latent.standard import FEW, Standard, isotonic, reliability


def drawn(rng: np.random.Generator, count: int = 4000) -> Standard:
    """Errors and distances that say nothing of each other, labels right as often as voted."""
    shares = rng.integers(4, 11, count) / 10
    voted = rng.integers(0, 2, count).astype(np.uint8)
    truth = np.where(rng.random(count) < shares, voted, 1 - voted)
    return Standard(rng.random(count), rng.random(count), voted, shares, truth)


def test_isotonic_agrees_with_scikit_learn():
    from sklearn.isotonic import IsotonicRegression

    rng = np.random.default_rng(0)
    scores = rng.integers(0, 8, 3000) / 7
    right = rng.random(3000) < np.sin(scores * 3)  # falls at the end: neighbours are pooled
    levels, probabilities = isotonic(scores, right)
    expected = IsotonicRegression().fit(scores, right).predict(levels)
    np.testing.assert_allclose(probabilities, expected, atol=0.01)
    assert (np.diff(probabilities) >= 0).all()


def test_no_confidence_is_certain():
    levels, probabilities = isotonic(np.array([0.2, 0.2, 1.0, 1.0]), np.array([0, 0, 1, 1]) > 0)
    np.testing.assert_array_equal(levels, [0.2, 1.0])
    assert 0 < probabilities[0] < 0.5 < probabilities[1] < 1


def test_reliability_by_hand():
    found = reliability(np.array([0.95, 0.95, 0.35, 0.35]), np.array([1, 0, 0, 0]) > 0)
    assert [(one.count, one.accuracy) for one in found.bins] == [(2, 0), (2, 0.5)]
    assert found.ece == pytest.approx((0.35 * 2 + 0.45 * 2) / 4)


def test_a_confidence_says_how_often_a_label_is_right():
    standard = drawn(np.random.default_rng(1))
    for share in (0.5, 0.7, 0.9):
        assert standard.confidence(share) == pytest.approx(share, abs=0.06)
    assert standard.reliability.images == 2000
    assert standard.reliability.ece < 0.05


@pytest.mark.parametrize("alarms", [0.01, 0.05, 0.2])
def test_new_images_of_the_same_kind_are_flagged_as_often_as_asked(alarms):
    rng = np.random.default_rng(2)
    standard = drawn(rng)
    assert (standard.novelties > 1 - alarms).mean() == pytest.approx(alarms, abs=0.002)
    fresh = [standard.novelty(*rng.random(2), int(rng.integers(2))) for _ in range(4000)]
    assert (np.array(fresh) > 1 - alarms).mean() == pytest.approx(alarms, abs=0.015)


def test_error_and_distance_count_together():
    standard = drawn(np.random.default_rng(3))
    both = standard.novelty(0.97, 0.97, 0)
    assert both > standard.novelty(0.97, 0.5, 0) > standard.novelty(0.5, 0.5, 0)
    assert standard.novelty(9, 9, 0) == 1
    assert standard.novelty(0, 0, 0) == 0


def test_a_doubt_counts_with_the_error_and_alone():
    rng = np.random.default_rng(7)
    plain = drawn(rng)
    taught = replace(plain, doubts=rng.random(len(plain.errors)))
    assert (taught.novelties > 0.95).mean() == pytest.approx(0.05, abs=0.002)
    fresh = [taught.novelty(*rng.random(2), 0, rng.random()) for _ in range(4000)]
    assert (np.array(fresh) > 0.95).mean() == pytest.approx(0.05, abs=0.015)
    assert taught.novelty(0.5, 0.5, 0, 9) > 0.95 > taught.novelty(0.5, 0.5, 0, 0.5)
    assert taught.novelty(0.9, 0.5, 0, 0.9) > plain.novelty(0.9, 0.5, 0)
    assert taught.doubt_percentile(2) == 100
    assert plain.doubt_percentile(2) is None


def test_an_image_is_compared_with_those_of_its_label():
    rng = np.random.default_rng(4)
    voted = np.repeat(np.array([0, 1, 2], np.uint8), (1000, 1000, FEW - 1))
    errors = rng.random(len(voted)) + 10 * (voted == 1)
    standard = Standard(errors, rng.random(len(voted)), voted, np.ones(len(voted)), voted)
    assert standard.novelty(5, 0.5, 0) > standard.novelty(5, 0.5, 2) > standard.novelty(5, 0.5, 1)


def test_the_curve_says_what_moving_the_threshold_catches():
    standard = drawn(np.random.default_rng(5))
    novelty = np.array([0.5, 0.97, 1.0, 1.0], np.float32)
    known = Standard(*(getattr(standard, name) for name in (
        "errors", "distances", "voted", "shares", "truth")), {"noise": novelty})  # fmt: skip
    curve = known.novelty_curve
    assert set(curve) == {"false_alarms", "noise"}
    at = np.searchsorted(curve["false_alarms"], [0.0049, 0.05, 0.25])
    np.testing.assert_array_equal(curve["noise"][at], [0.5, 0.75, 0.75])
