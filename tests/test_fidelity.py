"""How far to trust a map: each measure against its definition in loops, or a closed form."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr
from sklearn.manifold import trustworthiness
from sklearn.metrics.pairwise import cosine_distances
from sklearn.neighbors import KNeighborsClassifier

from latent import InputError, fidelity

KS = np.array([1, 5, 15])


@pytest.fixture
def pair() -> tuple[np.ndarray, np.ndarray]:
    """60 codes and a bad map of them."""
    rng = np.random.default_rng(0)
    codes = rng.standard_normal((60, 5)).astype(np.float32)
    return codes, (codes[:, :2] + 0.5 * rng.standard_normal((60, 2))).astype(np.float32)


def neighbours(side: np.ndarray, i: int, k: int) -> list[int]:
    """The k nearest of one point, found by sorting all the others."""
    others = [j for j in range(len(side)) if j != i]
    return sorted(others, key=lambda j: float(np.square(side[i] - side[j]).sum()))[:k]


@pytest.mark.parametrize("chunk", [7, 256])
def test_the_curves_agree_with_scikit_learn(pair, monkeypatch, chunk):
    monkeypatch.setattr(fidelity, "CHUNK", chunk)
    codes, xy = pair
    found = fidelity.ranks(codes, xy)
    trust = [trustworthiness(codes, xy, n_neighbors=k) for k in KS]
    together = [trustworthiness(xy, codes, n_neighbors=k) for k in KS]
    np.testing.assert_allclose(fidelity.trustworthiness_curve(found, KS), trust, atol=1e-9)
    np.testing.assert_allclose(fidelity.continuity_curve(found, KS), together, atol=1e-9)


def test_under_cosine_the_codes_are_compared_by_direction(pair):
    codes, xy = pair
    found = fidelity.ranks(codes, xy, metric="cosine")
    far = cosine_distances(codes)
    np.testing.assert_array_equal(found.near[:, :5], np.argsort(far, axis=1)[:, 1:6])
    expected = [trustworthiness(far, xy, n_neighbors=k, metric="precomputed") for k in KS]
    np.testing.assert_allclose(fidelity.trustworthiness_curve(found, KS), expected, atol=1e-9)


def test_kept_is_the_share_of_neighbours_on_both_sides(pair):
    codes, xy = pair
    for k, share in zip(KS, fidelity.kept_curve(fidelity.ranks(codes, xy), KS), strict=True):
        both = [len({*neighbours(codes, i, k)} & {*neighbours(xy, i, k)}) for i in range(60)]
        assert share == pytest.approx(np.mean(both) / k)


def test_a_map_that_is_the_codes_keeps_everything(pair):
    codes, _ = pair
    found = fidelity.ranks(codes, 3 * codes)
    for curve in ("trustworthiness_curve", "continuity_curve", "kept_curve"):
        np.testing.assert_array_equal(getattr(fidelity, curve)(found, KS), 1)


def test_a_map_at_random_keeps_what_chance_keeps():
    rng = np.random.default_rng(1)
    codes, xy = rng.standard_normal((400, 5)), rng.standard_normal((400, 2))
    found = fidelity.ranks(codes, xy)
    kept = fidelity.kept_curve(found, np.array([50]))
    assert kept == pytest.approx(50 / 399, abs=0.01)
    stranger = (399 - 50) * (400 - 50) / (2 * 399)  # how far beyond k a rank is, at random
    expected = 1 - 2 * stranger / (2 * 400 - 3 * 50 - 1)
    trust = fidelity.trustworthiness_curve(found, np.array([50]))
    assert trust == pytest.approx(expected, abs=0.02)


def test_votes_agree_with_scikit_learn_leaving_each_image_out(pair):
    codes, xy = pair
    labels = (codes[:, 0] > 0).astype(np.uint8) + (codes[:, 1] > 0)
    found = fidelity.ranks(codes, xy)
    for side, near in ((codes, found.near), (xy, found.shown)):
        right = 0
        for i in range(60):
            rest = np.arange(60) != i
            votes = KNeighborsClassifier(7).fit(side[rest], labels[rest])
            right += votes.predict(side[i : i + 1])[0] == labels[i]
        assert fidelity.vote_accuracy(near, labels, 7) == pytest.approx(right / 60)


def test_a_shepard_plot_shows_true_distances_of_different_images(pair):
    codes, xy = pair
    far, shown = fidelity.shepard(codes, xy, 500)
    every = np.linalg.norm(codes[:, None] - codes, axis=2)
    on_map = np.linalg.norm(xy[:, None] - xy, axis=2)
    assert len(far) == len(shown) == 500
    for a, b in zip(far, shown, strict=True):
        i, j = np.unravel_index(np.abs(every - a).argmin(), every.shape)
        assert i != j
        assert every[i, j] == pytest.approx(a, abs=1e-5)
        assert on_map[i, j] == pytest.approx(b, abs=1e-5)
    cosine, _ = fidelity.shepard(codes, xy, 500, metric="cosine")
    assert np.abs(cosine_distances(codes).ravel() - cosine[0]).min() < 1e-5


def test_rank_correlation_agrees_with_scipy_where_values_repeat():
    rng = np.random.default_rng(0)
    a = rng.integers(0, 9, 200)
    b = a + rng.integers(0, 9, 200)
    assert fidelity.rank_correlation(a, b) == pytest.approx(spearmanr(a, b).statistic)
    assert fidelity.rank_correlation(a, -a) == pytest.approx(-1)
    assert fidelity.rank_correlation(a, np.ones(200)) == 0


def test_distortion_counts_the_neighbours_that_a_map_lost(pair):
    codes, xy = pair
    near = np.array([neighbours(codes, i, 6) for i in range(60)])
    lost = fidelity.distortion(near, xy)
    expected = [1 - len({*near[i]} & {*neighbours(xy, i, 6)}) / 6 for i in range(60)]
    np.testing.assert_allclose(lost, expected)
    np.testing.assert_array_equal(fidelity.distortion(near, codes), 0)


def test_nearest_on_a_map_never_names_the_point_itself_even_among_equals():
    xy = np.repeat(np.arange(4, dtype=np.float32), 30)[:, None] * np.ones(2, np.float32)
    shown = fidelity.nearest_shown(xy, 5)
    assert shown.shape == (120, 5)
    assert not (shown == np.arange(120)[:, None]).any()
    np.testing.assert_array_equal(shown // 30, np.repeat(np.arange(120) // 30, 5).reshape(120, 5))


def test_agreement_ignores_how_a_map_is_turned(pair):
    _, xy = pair
    turned = xy @ np.array([[0, -1], [1, 0]]) * [-3, 3] + 7
    shown, others = fidelity.nearest_shown(xy, 15), fidelity.nearest_shown(turned, 15)
    assert fidelity.agreement(shown, others) == 1
    noise = np.random.default_rng(2).standard_normal((60, 2))
    assert fidelity.agreement(shown, fidelity.nearest_shown(noise, 15)) == pytest.approx(
        15 / 59, abs=0.05
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ((4, 4), "measured on at least 5 codes and as many points; got 4 and 4"),
        ((60, 59), "as many points; got 60 and 59"),
    ],
)
def test_a_map_of_other_codes_is_refused(pair, change, message):
    codes, xy = pair
    with pytest.raises(InputError, match=message):
        fidelity.ranks(codes[: change[0]], xy[: change[1]])


@pytest.mark.parametrize("side", [0, 1])
def test_numbers_that_are_none_are_refused(pair, side):
    pair[side][3, 1] = np.nan
    with pytest.raises(InputError, match="A measure of a map needs finite codes; 1 of 60 hold"):
        fidelity.ranks(*pair)
