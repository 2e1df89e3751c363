"""From a trained network to a bundle."""

from __future__ import annotations

import copy
import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from latent import LatentSpace, bundle, model_names, training
from latent.autoencoder import Autoencoder
from latent.data import TEST, TRAIN, Dataset
from latent.encoder import Encoder
from latent.export import export, shipped_codes
from latent.metrics import kl_divergence
from latent.space import originals_folder
from tests.conftest import tiny_architecture, tiny_recipe, trained


def test_exported_codes_of_a_vae_follow_its_prior(tiny_space: LatentSpace) -> None:
    gallery = tiny_space.gallery
    train = gallery.split == TRAIN
    assert gallery.logvar is not None
    codes, logvar = gallery.codes[train], gallery.logvar[train]
    np.testing.assert_allclose(codes.mean(0), 0, atol=5e-3)
    np.testing.assert_allclose(codes.var(0) + np.exp(logvar).mean(0), 1, atol=5e-3)


def test_what_an_encoder_is_unsure_of_ships_in_steps(
    tiny_space: LatentSpace, tiny_data: Dataset
) -> None:
    stored = tiny_space.gallery.logvar
    assert stored is not None
    exact = tiny_space.autoencoder.encode(tiny_data.x())[1]
    np.testing.assert_allclose(stored, exact, atol=1 / 32 + 1e-3)
    np.testing.assert_array_equal(stored * 16, np.rint(stored * 16))


def test_standardizing_changes_no_picture_and_lowers_the_kl(tiny_data: Dataset) -> None:
    with torch.random.fork_rng():
        torch.manual_seed(0)
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


def test_causes_and_originals_of_rendered_images_ship(
    tiny_furniture_folder: Path, tiny_furniture: Dataset
) -> None:
    space = LatentSpace(tiny_furniture_folder / "furniture-vae")
    assert (space.class_names, space.image_shape) == (["chair", "table"], (3, 64, 64))
    assert space.voters == 5
    factors = space.gallery.factors
    assert set(factors) == set(tiny_furniture.factors)
    np.testing.assert_array_equal(factors["kind"], tiny_furniture.factors["kind"])
    np.testing.assert_allclose(factors["width"], tiny_furniture.factors["width"], rtol=1e-3)
    assert space.gallery.words == {k: list(v) for k, v in tiny_furniture.words.items()}


def test_originals_ship_without_loss_and_once_for_all_models_of_their_data(
    tiny_furniture_folder: Path, tiny_furniture: Dataset
) -> None:
    first, second = (tiny_furniture_folder / f"furniture-{kind}" for kind in ("ae", "vae"))
    originals = bundle.read_images(first)
    assert list(originals) == list(range(200, 300))
    with Image.open(io.BytesIO(originals[217])) as image:
        np.testing.assert_array_equal(np.asarray(image), tiny_furniture.images[217])
    assert bundle.read_images(second) == {}
    sha256 = bundle.read_config(second)["recipe"]["data_sha256"]
    assert originals_folder(tiny_furniture_folder, sha256) == first
    assert originals_folder(tiny_furniture_folder, "0" * 64) is None


def test_a_denoising_model_ships_weights_and_test_codes_and_is_none_to_explore(
    tiny_data: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = replace(tiny_recipe("mnist-dae", "ae", 4), spoilt=0.3)
    folder = tmp_path / "mnist-dae"
    figures = export(recipe, trained(recipe, tiny_data.x(TRAIN), steps=30), tiny_data, folder)
    arrays = bundle.read_arrays(folder / bundle.GALLERY)
    assert sorted(arrays) == ["codes", "labels", "split"]
    assert arrays["codes"].shape == (100, 4)
    monkeypatch.setenv("LATENT_MODELS", str(tmp_path))
    assert model_names() == []
    encoder = Encoder.named("mnist-dae")
    x = tiny_data.x(TEST)
    np.testing.assert_allclose(encoder.encode(x), arrays["codes"], atol=2e-2, rtol=2e-3)
    drawn = encoder.decode(arrays["codes"].astype(np.float32))
    assert figures["test_mse"] == pytest.approx(np.square(drawn - x).mean())


def test_what_is_spoilt_is_shown_to_the_encoder_and_the_clean_image_is_drawn(monkeypatch) -> None:
    seen = {}

    def watched(model, x, recipe, noise, **options):
        seen["x"], seen["seen"] = x, options["seen"]
        raise StopIteration

    monkeypatch.setattr(training, "loss", watched)
    recipe = replace(tiny_recipe("mnist-dae", "ae", 4), spoilt=0.3, augmented=0.0)
    x = np.full((50, 1, 28, 28), 0.5, np.float32)
    with pytest.raises((StopIteration, RuntimeError)):
        training.train(recipe, x, Path("unused.safetensors"), progress=False)
    assert torch.equal(seen["x"], torch.full((50, 1, 28, 28), 0.5))
    apart = (seen["seen"] - seen["x"]).flatten()
    assert 0 <= float(seen["seen"].min()) <= float(seen["seen"].max()) <= 1
    assert float(apart.std()) == pytest.approx(0.28, abs=0.03)  # 0.3, cut at 0 and 1


def test_codes_of_many_numbers_ship_in_steps_and_those_of_few_as_they_are():
    mu = np.random.default_rng(0).standard_normal((500, 32)).astype(np.float32)
    many, few = shipped_codes(mu), shipped_codes(mu[:, :31])
    assert (many.dtype, few.dtype) == (np.float16, np.float16)
    assert np.abs(many.astype(np.float32) - mu).max() <= 1 / 512 + 1e-6
    steps = many.astype(np.float32) * 256
    np.testing.assert_array_equal(steps, np.rint(steps))
    np.testing.assert_array_equal(few, mu[:, :31].astype(np.float16))
