"""Ways beside one another, against brute force."""

from __future__ import annotations

import numpy as np
import pytest

from latent import InputError, LatentSpace
from latent.data import TEST
from latent.paths import TRAIL
from latent.ways import (
    MOST_STOPS,
    PIXELS,
    WAYS,
    TestCodes,
    at_steps,
    cross_fade,
    follow,
    through,
    turned,
)


@pytest.fixture(scope="module")
def stops(tiny_space: LatentSpace) -> np.ndarray:
    return tiny_space.gallery.codes[[3, 44, 120]]


def test_codes(space: LatentSpace) -> np.ndarray:
    return space.gallery.codes[space.gallery.split == TEST].astype(np.float64)


test_codes.__test__ = False


@pytest.mark.parametrize("name", WAYS)
@pytest.mark.parametrize("closed", [False, True])
def test_a_way_meets_every_stop_and_goes_on_from_it(tiny_space, stops, name, closed):
    way = follow(tiny_space, name, stops, 5, closed=closed)
    met = [0, 1, 2, 0] if closed else [0, 1, 2]
    assert way.codes.shape == (4 * (len(met) - 1) + 1, 4)
    np.testing.assert_allclose(way.codes[::4], stops[met], atol=1e-5)
    np.testing.assert_allclose(way.images[::4], tiny_space.decode(stops)[met], atol=1e-4)


@pytest.mark.parametrize("name", ["lerp", "slerp", "graph"])
def test_every_leg_is_the_way_between_its_ends(tiny_space, stops, name):
    codes = through(tiny_space, name, stops, 6)
    for leg in range(2):
        alone = tiny_space.walk(stops[leg], stops[leg + 1], 6, name)
        np.testing.assert_array_equal(codes[5 * leg + 1 : 5 * leg + 6], alone[1:])


def test_a_way_that_was_found_before_gives_the_same_steps(tiny_space, stops):
    trail = through(tiny_space, "graph", stops, TRAIL, closed=True)
    np.testing.assert_array_equal(
        at_steps(trail, 6), through(tiny_space, "graph", stops, 6, closed=True)
    )


def test_a_way_is_measured_against_the_test_codes_alone(tiny_space, stops):
    way = follow(tiny_space, "slerp", stops, 9)
    test = test_codes(tiny_space)
    apart = np.linalg.norm(way.codes[:, None] - test[None], axis=2)  # (T, tests)
    np.testing.assert_allclose(way.distances, apart.min(1), rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(
        tiny_space.gallery.codes[way.nearest], test[apart.argmin(1)].astype(np.float32)
    )
    between = np.linalg.norm(test[:, None] - test[None], axis=2)
    np.fill_diagonal(between, np.inf)
    expected = (between.min(1)[None] < apart.min(1)[:, None]).mean(1) * 100
    np.testing.assert_allclose(way.percentiles, expected, atol=1.01)  # one of 100 test images
    assert way.worst == way.percentiles.max()


def test_a_test_image_itself_lies_at_percentile_0_and_a_far_code_at_100(tiny_space):
    tests = TestCodes(tiny_space)
    found = tests.measure(np.stack([tests.codes[5], np.full(4, 99, np.float32)]))
    assert found[0][0] == tests.indices[5]
    assert found[1][0] == 0
    assert found[2].tolist() == [0, 100]


def test_a_sample_of_the_test_codes_gives_about_the_same_percentiles(tiny_space, stops):
    codes = through(tiny_space, "lerp", stops, 30)
    every, some = TestCodes(tiny_space), TestCodes(tiny_space, sample=50)
    assert len(some.known) == 50
    np.testing.assert_array_equal(every.measure(codes)[1], some.measure(codes)[1])
    assert np.abs(every.measure(codes)[2] - some.measure(codes)[2]).max() < 15


def test_length_and_changes_are_those_of_the_steps(tiny_space, stops):
    way = follow(tiny_space, "lerp", stops[:2], 7)
    assert way.length == pytest.approx(float(np.linalg.norm(stops[1] - stops[0])), rel=1e-5)
    one, two = way.images[2].astype(np.float64), way.images[3].astype(np.float64)
    assert way.changes.shape == (6,)
    assert way.changes[2] == pytest.approx(np.sqrt(((two - one) ** 2).sum() / one.size))
    assert way.largest_change == way.changes.max()


def test_a_cross_fade_mixes_pixels_and_is_judged_by_what_the_encoder_makes_of_it(tiny_space, stops):
    way = follow(tiny_space, PIXELS, stops[:2], 5)
    start, end = tiny_space.decode(stops[:2])
    np.testing.assert_allclose(way.images[1], 0.75 * start + 0.25 * end, atol=1e-5)
    np.testing.assert_allclose(way.codes[1], tiny_space.encode(way.images[1:2])[0], atol=1e-6)
    # all its changes are alike: it never jumps
    np.testing.assert_allclose(way.changes, way.changes[0], rtol=1e-3)


def test_a_cross_fade_of_three_passes_through_the_middle_one():
    images = np.array([0.0, 1.0, 0.5], np.float32).reshape(3, 1, 1, 1)
    found = cross_fade(images, 3)
    np.testing.assert_allclose(found.ravel(), [0, 0.5, 1, 0.75, 0.5])


def test_figures_are_plain_numbers_of_every_step(tiny_space, stops):
    figures = follow(tiny_space, "graph", stops, 4, closed=True).figures()
    assert figures["path"] == "graph"
    assert [len(figures[name]) for name in ("percentiles", "nearest", "distances", "changes")] == [
        10, 10, 10, 9,
    ]  # fmt: skip
    assert figures["worst_percentile"] == max(figures["percentiles"])


def test_round_means_back_to_the_first(stops):
    np.testing.assert_array_equal(turned(stops, closed=True)[-1], stops[0])
    np.testing.assert_array_equal(turned(stops, closed=False), stops)


@pytest.mark.parametrize(
    ("name", "count", "n_steps", "message"),
    [
        ("detour", 2, 5, "Unknown path 'detour'; choose one of: lerp, slerp, graph, pixels"),
        ("lerp", 1, 5, f"from 2 to {MOST_STOPS} stops; got 1"),
        ("pixels", MOST_STOPS + 1, 5, f"from 2 to {MOST_STOPS} stops; got {MOST_STOPS + 1}"),
        ("graph", 2, 1, "at least 2 steps, both ends included; got 1"),
    ],
)
def test_what_is_no_way_is_refused(tiny_space, name, count, n_steps, message):
    with pytest.raises(InputError, match=message):
        follow(tiny_space, name, np.zeros((count, 4), np.float32), n_steps)
