"""Which codes are likely: a vae's prior, a mixture of training codes, one Gaussian."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from latent import LatentSpace
from latent.cache import cache_folder
from latent.errors import InputError
from latent.mixture import log_density
from latent.priors import mixture_of, one_gaussian, own_prior, prior_of, standard_normal


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LATENT_CACHE", str(tmp_path / "cache"))
    return cache_folder() / "mixtures"


def test_the_prior_of_a_vae_is_the_standard_normal(tiny_space: LatentSpace) -> None:
    z = np.random.default_rng(0).standard_normal((5, 4))
    expected = -0.5 * np.square(z).sum(1) - 2 * np.log(2 * np.pi)
    assert own_prior(tiny_space) == "prior"
    assert log_density(prior_of(tiny_space, "prior"), z) == pytest.approx(expected)


def test_a_plain_autoencoder_has_none_and_says_so(ae_space: LatentSpace) -> None:
    assert own_prior(ae_space) == "mixture"
    with pytest.raises(InputError, match="has no prior"):
        prior_of(ae_space, "prior")
    with pytest.raises(InputError, match="choose one of: prior, mixture"):
        prior_of(ae_space, "flat")


def test_the_mixture_fits_the_codes_better_than_one_gaussian(
    ae_space: LatentSpace, own_cache: Path
) -> None:
    codes = ae_space.gallery.codes
    gain = log_density(mixture_of(ae_space), codes) - log_density(one_gaussian(codes), codes)
    assert gain.mean() > 0.1


def test_one_gaussian_has_the_mean_and_covariance_of_the_codes(ae_space: LatentSpace) -> None:
    found = one_gaussian(ae_space.gallery.codes)
    assert found.means[0] == pytest.approx(ae_space.gallery.codes.mean(0), abs=1e-5)
    assert found.whole_covariances()[0].trace() == pytest.approx(
        ae_space.gallery.codes.var(0).sum(), rel=1e-4
    )


def test_the_mixture_is_made_once_and_a_damaged_file_is_made_again(
    ae_space: LatentSpace, own_cache: Path
) -> None:
    first = mixture_of(ae_space)
    (file,) = own_cache.iterdir()
    assert (mixture_of(ae_space).means == first.means).all()
    file.write_bytes(b"no npz")
    assert (mixture_of(ae_space).means == first.means).all()
    assert file.stat().st_size > 100


def test_standard_normal_is_round() -> None:
    assert (standard_normal(3).whole_covariances()[0] == np.eye(3)).all()
