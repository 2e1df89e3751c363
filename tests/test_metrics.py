"""Metrics against their definitions."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.linalg import sqrtm
from torch.distributions import Bernoulli, Normal, kl_divergence

from latent import metrics


def brute_force_trustworthiness(codes: np.ndarray, xy: np.ndarray, k: int) -> float:
    """Venna and Kaski 2001, equation 1, in loops: strangers on the map pay their rank."""
    n = len(codes)
    high = ((codes[:, None] - codes[None]) ** 2).sum(2)
    low = ((xy[:, None] - xy[None]) ** 2).sum(2)
    penalty = 0
    for i in range(n):
        others = [j for j in range(n) if j != i]
        ranked = sorted(others, key=lambda j, i=i: high[i, j])
        rank = {j: place + 1 for place, j in enumerate(ranked)}
        shown = sorted(others, key=lambda j, i=i: low[i, j])[:k]
        penalty += sum(max(0, rank[j] - k) for j in shown)
    return 1 - 2 / (n * k * (2 * n - 3 * k - 1)) * penalty


@pytest.fixture
def pair() -> tuple[np.ndarray, np.ndarray]:
    """40 codes and a bad map of them."""
    rng = np.random.default_rng(0)
    codes = rng.standard_normal((40, 5))
    return codes, codes[:, :2] + 0.5 * rng.standard_normal((40, 2))


@pytest.mark.parametrize("k", [1, 5, 15])
def test_trustworthiness_follows_its_definition(pair, k):
    codes, xy = pair
    expected = brute_force_trustworthiness(codes, xy, k)
    assert metrics.trustworthiness(codes, xy, k) == pytest.approx(expected)
    assert 0.5 < expected < 1


@pytest.mark.parametrize("k", [1, 5, 15])
def test_continuity_is_trustworthiness_with_sides_exchanged(pair, k):
    codes, xy = pair
    expected = brute_force_trustworthiness(xy, codes, k)
    assert metrics.continuity(codes, xy, k) == pytest.approx(expected)
    assert metrics.continuity(codes, xy, k) != metrics.trustworthiness(codes, xy, k)


def test_a_map_that_is_the_codes_is_fully_trustworthy_and_continuous(pair):
    codes, _ = pair
    assert metrics.trustworthiness(codes, 3 * codes) == 1
    assert metrics.continuity(codes, 3 * codes) == 1


def test_trustworthiness_refuses_coordinates_that_are_no_numbers(pair):
    codes, xy = pair
    xy[3] = np.nan
    with pytest.raises(ValueError, match="NaN"):
        metrics.trustworthiness(codes, xy)


def test_kl_divergence_agrees_with_torch_distributions():
    rng = np.random.default_rng(0)
    mu, logvar = rng.standard_normal((2, 6, 3), np.float32)
    posterior = Normal(torch.from_numpy(mu), torch.from_numpy(np.exp(logvar / 2)))
    expected = kl_divergence(posterior, Normal(0, 1)).sum(1)
    np.testing.assert_allclose(metrics.kl_divergence(mu, logvar), expected, rtol=1e-5)


def test_kl_divergence_is_zero_for_the_prior():
    np.testing.assert_array_equal(metrics.kl_divergence(np.zeros((2, 3)), np.zeros((2, 3))), 0)


def test_bernoulli_log_likelihood_agrees_with_torch_distributions():
    rng = np.random.default_rng(0)
    x, x_hat = rng.random((2, 4, 1, 3, 3), np.float32)
    likely = Bernoulli(torch.from_numpy(x_hat), validate_args=False)  # pixels may be grey
    expected = likely.log_prob(torch.from_numpy(x)).sum((1, 2, 3))
    np.testing.assert_allclose(metrics.bernoulli_log_likelihood(x, x_hat), expected, rtol=1e-5)


def test_bernoulli_log_likelihood_is_finite_where_a_pixel_is_certain_and_wrong():
    x = np.array([[[[0, 1]]]], np.float32)
    likelihood = metrics.bernoulli_log_likelihood(x, 1 - x)
    np.testing.assert_allclose(likelihood, 2 * np.log(1e-7), rtol=1e-6)


def test_posterior_scale_is_the_variance_of_posterior_samples():
    rng = np.random.default_rng(0)
    mu = rng.standard_normal((20_000, 2)) * [0.5, 2]
    logvar = np.tile([-1.0, 0.5], (20_000, 1))
    samples = mu + np.exp(logvar / 2) * rng.standard_normal(mu.shape)
    np.testing.assert_allclose(metrics.posterior_scale(mu, logvar), samples.var(0), rtol=0.05)


def test_knn_accuracy_of_three_votes_on_a_line():
    codes = np.array([[0], [1], [2], [10], [11], [12]], np.float32)
    labels = np.array([0, 0, 1, 1, 1, 0])
    queries = np.array([[0.5], [1.5], [11.0], [10.5]], np.float32)
    assert metrics.knn_accuracy(codes, labels, queries, np.array([0, 0, 1, 0]), k=3) == 0.75


def test_frechet_distance_agrees_with_the_matrix_square_root():
    rng = np.random.default_rng(0)
    a = rng.standard_normal((400, 5)) @ rng.standard_normal((5, 5))
    b = rng.standard_normal((300, 5)) @ rng.standard_normal((5, 5)) + 1
    cov_a, cov_b = np.cov(a.T), np.cov(b.T)
    shift = np.square(a.mean(0) - b.mean(0)).sum()
    expected = shift + np.trace(cov_a + cov_b - 2 * np.real(sqrtm(cov_a @ cov_b)))
    assert metrics.frechet_distance(a, b) == pytest.approx(expected)
    assert metrics.frechet_distance(b, a) == pytest.approx(expected)


def test_frechet_distance_of_shifted_and_stretched_features_is_a_closed_form():
    a = np.random.default_rng(0).standard_normal((500, 3))
    assert metrics.frechet_distance(a, a) == pytest.approx(0, abs=1e-9)
    assert metrics.frechet_distance(a, a + np.array([3, 0, 4])) == pytest.approx(25)
    # covariances C and 4C: tr C + 4 tr C − 2 · 2 tr C, about the mean
    centred = a - a.mean(0)
    assert metrics.frechet_distance(centred, 2 * centred) == pytest.approx(np.trace(np.cov(a.T)))


def test_frechet_distance_of_features_that_never_fire_is_finite():
    dead = np.zeros((50, 4), np.float32)
    assert metrics.frechet_distance(dead, dead) == 0
    assert metrics.frechet_distance(dead, dead + 1) == pytest.approx(4)
