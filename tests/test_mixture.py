"""EM in log space against scikit-learn, closed forms, and a thousand random problems."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.mixture import GaussianMixture

from latent.em import INITS, run_em, start_at
from latent.mixture import (
    KINDS,
    Mixture,
    floored,
    kl_gap,
    log_density,
    log_joint,
    log_likelihood,
    lower_bound,
    m_step,
    precision_roots,
    responsibilities,
    sample,
    variance_floor,
)


def clouds(n: int, d: int, k: int, seed: int) -> np.ndarray:
    """Points of k clouds that overlap a little."""
    rng = np.random.default_rng(seed)
    shear = rng.normal(size=(k, d, d)) / np.sqrt(d)
    of = rng.integers(0, k, n)
    noise = np.einsum("nd,nde->ne", rng.normal(size=(n, d)), shear[of])
    return 2 * rng.normal(size=(k, d))[of] + noise


def theirs(start: Mixture) -> GaussianMixture:
    """Scikit-learn's mixture about to take one step at a time from the same start."""
    roots = precision_roots(start)
    precisions = np.square(roots) if roots.ndim < 3 else roots @ roots.swapaxes(1, 2)
    return GaussianMixture(
        len(start), covariance_type=start.kind, weights_init=start.weights,
        means_init=start.means, max_iter=1, warm_start=True, reg_covar=0, tol=0,
        precisions_init=precisions[0] if start.kind == "tied" else precisions,
    )  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("init", INITS)
@pytest.mark.parametrize(("n", "d", "k"), [(300, 2, 3), (400, 5, 4), (200, 1, 2)])
def test_each_step_is_that_of_scikit_learn(kind: str, init: str, n: int, d: int, k: int) -> None:
    x = clouds(n, d, k, seed=d)
    start, _ = start_at(x, k, kind, init, np.random.default_rng(0))
    model = theirs(start)
    run = run_em(x, start, max_steps=15, gain=-np.inf)
    assert len(run.mixtures) == 16
    for before, after in zip(run.mixtures, run.mixtures[1:], strict=False):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # one step is not expected to converge
            model.fit(x)
        assert model.lower_bound_ == pytest.approx(log_likelihood(before, x), abs=1e-6)
        for ours, their in (
            (after.weights, model.weights_),
            (after.means, model.means_),
            (after.covariances, model.covariances_),
        ):
            assert np.abs(ours - their).max() <= 1e-6
        assert np.abs(responsibilities(after, x) - model.predict_proba(x)).max() <= 1e-6


@pytest.mark.parametrize("kind", KINDS)
def test_density_is_that_of_the_formula(kind: str) -> None:
    x = clouds(50, 3, 2, seed=1)
    mixture, _ = start_at(x, 3, kind, "kmeans", np.random.default_rng(0))
    expected = np.zeros(50)
    for weight, mean, covariance in zip(
        mixture.weights, mixture.means, mixture.whole_covariances(), strict=True
    ):
        moved = x - mean
        squared = np.einsum("ni,ij,nj->n", moved, np.linalg.inv(covariance), moved)
        scale = np.sqrt((2 * np.pi) ** 3 * np.linalg.det(covariance))
        expected += weight * np.exp(-0.5 * squared) / scale
    assert log_density(mixture, x) == pytest.approx(np.log(expected), abs=1e-9)


def test_far_from_everything_responsibilities_are_still_numbers() -> None:
    mixture = Mixture(np.array([0.5, 0.5]), np.array([[0.0], [1.0]]), np.full(2, 1e-6), "spherical")
    resp = responsibilities(mixture, np.array([[1e4], [-1e4], [0.5]]))
    assert resp == pytest.approx(np.array([[0, 1], [1, 0], [0.5, 0.5]]))
    assert np.isfinite(log_density(mixture, np.array([[1e4]]))).all()


def test_bound_and_gap_sum_to_the_log_likelihood_and_the_e_step_closes_the_gap() -> None:
    x = clouds(100, 2, 3, seed=2)
    mixture, _ = start_at(x, 3, "full", "random", np.random.default_rng(1))
    anyhow = np.random.default_rng(2).dirichlet(np.ones(3), 100)
    likelihood = log_likelihood(mixture, x)
    bound, gap = lower_bound(mixture, x, anyhow), kl_gap(mixture, x, anyhow)
    posterior = responsibilities(mixture, x)
    by_hand = (anyhow * (np.log(anyhow) - np.log(posterior))).sum(1).mean()
    assert gap == pytest.approx(by_hand)
    assert bound + gap == pytest.approx(likelihood)
    assert lower_bound(mixture, x, posterior) == pytest.approx(likelihood)
    assert kl_gap(mixture, x, posterior) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_no_other_mixture_has_a_higher_bound_than_the_m_step(kind: str) -> None:
    x = clouds(60, 2, 2, seed=3)
    rng = np.random.default_rng(4)
    resp = rng.dirichlet(np.ones(2), 60)
    before, _ = start_at(x, 2, kind, "random", rng)
    best = m_step(x, resp, before, variance_floor(x))
    highest = lower_bound(best, x, resp)
    for _ in range(200):
        nudge = rng.normal(0, 0.05)
        weights = best.weights + np.array([1, -1]) * rng.normal(0, 0.02)
        means = best.means + rng.normal(0, 0.05, best.means.shape)
        other = Mixture(weights, means, best.covariances * np.exp(nudge), kind)
        assert lower_bound(other, x, resp) < highest


@pytest.mark.parametrize("kind", KINDS)
def test_a_component_on_equal_points_is_held_at_the_floor(kind: str) -> None:
    x = np.concatenate([np.zeros((20, 2)), clouds(80, 2, 1, seed=5) + 10])
    resp = np.zeros((100, 2))
    resp[:20, 0] = resp[20:, 1] = 1
    before, _ = start_at(x, 2, kind, "random", np.random.default_rng(0))
    floor = variance_floor(x)
    found = m_step(x, resp, before, floor)
    if kind == "tied":  # one shape for all: no component can collapse alone
        assert not floored(found, floor).any()
        return
    assert floored(found, floor).tolist() == [True, False]
    assert found.whole_covariances()[0] == pytest.approx(floor * np.eye(2))


def test_a_component_that_is_responsible_for_nothing_stays_where_it_was() -> None:
    x = clouds(30, 2, 1, seed=6)
    before, _ = start_at(x, 2, "full", "random", np.random.default_rng(0))
    resp = np.tile([1.0, 0.0], (30, 1))
    found = m_step(x, resp, before, variance_floor(x))
    assert found.weights.tolist() == [1, 0]
    assert np.array_equal(found.means[1], before.means[1])
    assert np.isfinite(log_likelihood(found, x))
    assert (responsibilities(found, x)[:, 1] == 0).all()


@st.composite
def problems(draw: st.DrawFn) -> tuple[np.ndarray, int, str, str, int]:
    """Points, K, kind and start: ordinary ones, and degenerate ones of every sort."""
    seed = draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    n, d = draw(st.integers(2, 60)), draw(st.integers(1, 5))
    k = draw(st.integers(1, min(n, 8)))
    x = clouds(n, d, draw(st.integers(1, 4)), seed)
    sort = draw(st.sampled_from(["plain", "few distinct", "spike", "flat", "line", "far"]))
    if sort == "few distinct":
        x = x[rng.integers(0, draw(st.integers(2, 4)), n) % n]
    elif sort == "spike":
        x[: n // 2] = x[0]
    elif sort == "flat":
        x[:, 0] = 0
    elif sort == "line":
        x = np.outer(x[:, 0], rng.normal(size=d))
    elif sort == "far":
        x = 1e3 + x * 10.0 ** rng.integers(-3, 4, d)
    if (x == x[0]).all():
        x[0] += 1
    return x, k, draw(st.sampled_from(KINDS)), draw(st.sampled_from(INITS)), seed


@settings(max_examples=1000, deadline=None, derandomize=True)
@given(problems())
def test_bound_and_log_likelihood_never_fall(problem: tuple) -> None:
    x, k, kind, init, seed = problem
    start, _ = start_at(x, k, kind, init, np.random.default_rng(seed))
    run = run_em(x, start, max_steps=8, gain=-np.inf)
    last, floor = run.mixtures[-1], run.floor
    # the bound climbs too: E lifts it to the log-likelihood, M above that
    climbed = np.stack([run.bounds[1:], run.log_likelihoods[1:]], axis=1).ravel()
    assert np.diff([run.bounds[0], run.log_likelihoods[0], *climbed]).min() >= -1e-8
    assert np.isfinite(climbed).all()
    for values in (last.weights, last.means, last.covariances, log_joint(last, x)):
        assert not np.isnan(values).any()
    assert np.linalg.eigvalsh(last.whole_covariances()).min() >= floor * (1 - 1e-6)
    resp = responsibilities(last, x)
    assert np.abs(resp.sum(1) - 1).max() < 1e-9


@pytest.mark.parametrize("kind", KINDS)
def test_draws_have_the_moments_of_the_mixture(kind: str) -> None:
    x = clouds(200, 2, 3, seed=7)
    mixture, _ = start_at(x, 3, kind, "kmeans", np.random.default_rng(0))
    draws, of = sample(mixture, 40_000, np.random.default_rng(1))
    assert draws.dtype == np.float32
    assert np.abs(np.bincount(of) / 40_000 - mixture.weights).max() < 0.015
    assert draws[of == 1].mean(0) == pytest.approx(mixture.means[1], abs=0.06)
    cooler, only = sample(mixture, 40_000, np.random.default_rng(1), component=1, temperature=0.5)
    assert (only == 1).all()
    expected = mixture.whole_covariances()[1] / 4
    assert np.cov(cooler.T) == pytest.approx(expected, abs=0.05 * np.abs(expected).max() + 1e-3)


def test_parameters_are_counted_as_by_scikit_learn() -> None:
    x = clouds(100, 3, 2, seed=8)
    for kind in KINDS:
        mixture, _ = start_at(x, 4, kind, "kmeans", np.random.default_rng(0))
        model = GaussianMixture(4, covariance_type=kind, random_state=0).fit(x)
        assert mixture.parameters == model._n_parameters()
