"""Starts, traces and k-means."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.cluster import KMeans

from latent import InputError
from latent.blobs import PRESETS, draw_blobs
from latent.em import nearest_center, run_em, run_kmeans, spread_points, start_at
from latent.mixture import KINDS, log_likelihood, lower_bound, responsibilities


@pytest.fixture
def points() -> np.ndarray:
    return draw_blobs("overlapping", 400, 0).points


def test_a_run_holds_what_each_half_step_reaches(points: np.ndarray) -> None:
    start, _ = start_at(points, 3, "full", "random", np.random.default_rng(0))
    run = run_em(points, start)
    assert run.converged
    know_nothing = np.full((400, 3), 1 / 3)
    assert run.bounds[0] == pytest.approx(lower_bound(start, points, know_nothing))
    for t in (1, 5):
        resp = responsibilities(run.mixtures[t - 1], points)
        assert run.bounds[t] == pytest.approx(lower_bound(run.mixtures[t], points, resp))
        assert run.log_likelihoods[t] == pytest.approx(log_likelihood(run.mixtures[t], points))


def test_a_run_that_may_not_go_on_says_so(points: np.ndarray) -> None:
    start, _ = start_at(points, 3, "full", "random", np.random.default_rng(0))
    run = run_em(points, start, max_steps=2)
    assert not run.converged
    assert len(run.mixtures) == len(run.bounds) == len(run.log_likelihoods) == 3


def test_random_starts_lead_to_different_optima() -> None:
    ring = draw_blobs("ring", 500, 0).points
    ends = []
    for seed in range(6):
        start, _ = start_at(ring, 4, "full", "random", np.random.default_rng(seed))
        ends.append(run_em(ring, start, max_steps=300).log_likelihoods[-1])
    assert np.ptp(ends) > 0.01


@pytest.mark.parametrize("kind", KINDS)
def test_a_random_start_is_wide_and_a_kmeans_start_fits_its_clusters(
    points: np.ndarray, kind: str
) -> None:
    wide, centers = start_at(points, 3, kind, "random", np.random.default_rng(0))
    assert (wide.means == centers).all()
    assert {tuple(c) for c in centers} <= {tuple(p) for p in points.astype(float)}
    total = points.var(axis=0).sum()
    assert np.trace(wide.whole_covariances()[0]) == pytest.approx(total, rel=1e-5)
    tight, _ = start_at(points, 3, kind, "kmeans", np.random.default_rng(0))
    assert log_likelihood(tight, points) > log_likelihood(wide, points)


def test_kmeans_takes_the_steps_of_lloyd(points: np.ndarray) -> None:
    centers = points[:4].astype(np.float64)
    run = run_kmeans(points, centers)
    labels = np.square(points[:, None] - centers).sum(2).argmin(1)
    by_hand = np.stack([points[labels == k].astype(np.float64).mean(0) for k in range(4)])
    assert run.centers[1] == pytest.approx(by_hand)
    assert np.diff(run.inertias).max() <= 0
    assert run.converged
    model = KMeans(4, init=centers, n_init=1, tol=0, algorithm="lloyd").fit(points.astype(float))
    assert run.centers[-1] == pytest.approx(model.cluster_centers_, abs=1e-5)
    assert run.inertias[-1] == pytest.approx(model.inertia_ / len(points), rel=1e-6)
    assert (nearest_center(points, run.centers[-1]) == model.labels_).all()


def test_a_center_without_points_stays() -> None:
    x = np.array([[0.0], [1.0]])
    run = run_kmeans(x, np.array([[0.2], [50.0]]))
    assert run.centers[-1].tolist() == [[0.5], [50.0]]


def test_spread_points_lie_apart_and_may_repeat_where_there_are_too_few() -> None:
    x = np.repeat([[0.0, 0.0], [9.0, 9.0]], 10, axis=0)
    chosen = spread_points(x, 2, np.random.default_rng(0))
    assert sorted(chosen.tolist()) == [[0, 0], [9, 9]]
    assert len(spread_points(x, 5, np.random.default_rng(0))) == 5


@pytest.mark.parametrize(
    ("codes", "k", "kind", "init", "words"),
    [
        (np.eye(3), 0, "full", "kmeans", "from 1 to 3 components; got 0"),
        (np.eye(3), 4, "full", "kmeans", "from 1 to 3 components; got 4"),
        (np.eye(1), 1, "full", "kmeans", "at least two images; got 1"),
        (np.ones((5, 2)), 2, "full", "kmeans", "All codes are the same"),
        (np.full((5, 2), np.nan), 2, "full", "kmeans", "finite codes"),
        (np.eye(3), 2, "round", "kmeans", "Unknown covariance 'round'"),
        (np.eye(3), 2, "full", "best", "Unknown start 'best'"),
    ],
)
def test_what_no_mixture_fits_is_refused(
    codes: np.ndarray, k: int, kind: str, init: str, words: str
) -> None:
    with pytest.raises(InputError, match=words):
        start_at(codes, k, kind, init, np.random.default_rng(0))


@pytest.mark.parametrize("name", PRESETS)
def test_blobs_are_as_many_as_asked_and_drawn_again_alike(name: str) -> None:
    blobs, again = draw_blobs(name, 300, 4), draw_blobs(name, 300, 4)
    assert blobs.points.shape == (300, 2)
    assert np.array_equal(blobs.points, again.points)
    assert set(blobs.groups) == set(range(len(blobs.names)))
    assert not np.array_equal(blobs.points, draw_blobs(name, 300, 5).points)


def test_unknown_blobs_are_refused() -> None:
    with pytest.raises(InputError, match="Unknown points 'stars'"):
        draw_blobs("stars", 10, 0)
    with pytest.raises(InputError, match="at least two points; got 1"):
        draw_blobs("ring", 1, 0)
