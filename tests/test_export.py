"""From a trained network to a bundle."""

from __future__ import annotations

import copy

import numpy as np

from latent import LatentSpace
from latent.autoencoder import Autoencoder
from latent.data import TRAIN, Dataset
from latent.metrics import kl_divergence
from tests.conftest import tiny_architecture


def test_exported_codes_of_a_vae_follow_its_prior(tiny_space: LatentSpace) -> None:
    gallery = tiny_space.gallery
    train = gallery.split == TRAIN
    assert gallery.logvar is not None
    codes, logvar = gallery.codes[train], gallery.logvar[train]
    np.testing.assert_allclose(codes.mean(0), 0, atol=5e-3)
    np.testing.assert_allclose(codes.var(0) + np.exp(logvar).mean(0), 1, atol=5e-3)


def test_standardizing_changes_no_picture_and_lowers_the_kl(tiny_data: Dataset) -> None:
    before = Autoencoder(tiny_architecture("vae", 4)).eval()
    after = copy.deepcopy(before)
    x = tiny_data.x(TRAIN)
    mu, logvar = before.encode(x)
    assert logvar is not None
    after.standardize(mu, logvar)
    new_mu, new_logvar = after.encode(x)
    assert new_logvar is not None
    assert np.abs(new_mu - mu).max() > 0.1
    np.testing.assert_allclose(after.decode(new_mu), before.decode(mu), atol=1e-5)
    # one sample a posterior with the same noise decodes alike too: the spread moved along
    noise = np.random.default_rng(0).standard_normal(mu.shape, np.float32)
    old, new = (m + np.exp(v / 2) * noise for m, v in ((mu, logvar), (new_mu, new_logvar)))
    np.testing.assert_allclose(after.decode(new), before.decode(old), atol=1e-5)
    assert kl_divergence(new_mu, new_logvar).mean() < kl_divergence(mu, logvar).mean()


def test_stored_reconstruction_errors_are_those_of_the_shipped_weights(
    tiny_space: LatentSpace, tiny_data: Dataset
) -> None:
    error = np.square(tiny_space.decode(tiny_space.gallery.codes) - tiny_data.x()).mean((1, 2, 3))
    np.testing.assert_allclose(tiny_space.gallery.reconstruction_error, error, rtol=2e-3)
