"""How much a number matters, against torch's own divergence and numbers made to be empty."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.distributions import Normal, kl_divergence

from latent.importance import UNUSED_KL, UNUSED_SHARE, importance

RNG = np.random.default_rng(0)


def test_kl_by_the_number_is_that_of_torch():
    mu, logvar = RNG.normal(0, 1, (50, 3)), RNG.normal(-2, 1, (50, 3))
    posterior = Normal(torch.from_numpy(mu), torch.from_numpy(np.exp(0.5 * logvar)))
    expected = kl_divergence(posterior, Normal(0.0, 1.0)).mean(0).numpy()
    found = importance(mu.astype(np.float32), logvar.astype(np.float32))
    assert found.measure == "kl"
    np.testing.assert_allclose(found.values, expected, rtol=1e-5)


def test_a_number_that_the_encoder_leaves_empty_is_unused_and_last():
    mu = RNG.normal(0, 1, (500, 4)).astype(np.float32)
    logvar = np.full((500, 4), -3, np.float32)
    # every image the same as the prior, and all but the same: 2 · KL = 0.1² + small
    mu[:, 0], logvar[:, 0] = 0.001, -0.002
    mu[:, 2] = RNG.normal(0, 0.1, 500)
    logvar[:, 2] = 0
    found = importance(mu, logvar)
    assert found.unused.tolist() == [True, False, True, False]
    assert set(found.order[:2]) == {1, 3}
    assert found.values[found.order[0]] >= found.values[found.order[1]]
    assert found.order[2:].tolist() == [2, 0]
    assert found.values[2] == pytest.approx(0.005, rel=0.2)


def test_unused_begins_below_a_hundredth_of_a_nat():
    # a posterior as wide as the prior costs half its squared mean
    for nats, unused in ((UNUSED_KL * 0.99, True), (UNUSED_KL * 1.01, False)):
        mu = np.full((3, 1), np.sqrt(2 * nats))
        assert importance(mu, np.zeros((3, 1))).unused.tolist() == [unused]


def test_without_a_posterior_the_variance_stands_in():
    codes = RNG.normal(2, [1, 5, 1e-3, 3], (1000, 4)).astype(np.float32)
    found = importance(codes)
    assert found.measure == "variance"
    np.testing.assert_allclose(found.values, codes.var(0, np.float64), rtol=1e-6)
    assert found.order.tolist() == [1, 3, 0, 2]
    assert found.unused.tolist() == [False, False, True, False]
    share = codes[:, 2].var() / codes[:, 1].var()
    assert share < UNUSED_SHARE < codes[:, 0].var() / codes[:, 1].var()


def test_mean_and_spread_are_those_of_the_gallery_and_an_unused_number_can_be_moved():
    codes = RNG.normal([0, 3], [2, 0], (400, 2))
    found = importance(codes)
    np.testing.assert_allclose(found.mean, codes.mean(0))
    np.testing.assert_allclose(found.std, codes[:, 0].std())


def test_codes_that_never_vary_have_a_range_all_the_same():
    found = importance(np.zeros((5, 2), np.float32))
    assert found.unused.all()
    assert found.std.tolist() == [1, 1]
