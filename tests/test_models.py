"""The bundles that ship: whole, small, and as their configs describe them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from latent import bundle, load_space
from latent.data import TEST

MODELS = Path("models")
NAMES = ("mnist-ae", "mnist-vae", "mnist-vae-2d")


def test_all_models_together_stay_small() -> None:
    files = [path for path in MODELS.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 45e6
    digits = [path for path in files if path.parent.name in NAMES]
    assert sum(path.stat().st_size for path in digits) < 24e6


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_model_is_what_its_config_says(name: str) -> None:
    space = load_space(str(MODELS / name))
    metrics, gallery = space.config["metrics"], space.gallery
    test = gallery.split == TEST
    assert (len(gallery), int(test.sum())) == (70_000, 10_000)
    assert gallery.reconstruction_error[test].mean() == pytest.approx(metrics["test_mse"], rel=0.01)
    assert metrics["encoder_macs"] <= 6e6
    assert metrics["decoder_macs"] <= 3e6
    assert metrics["decoder_parameters"] <= 1e6
    for title, info in space.maps_info.items():
        assert space.map(title).xy.shape == (70_000, info["dims"])


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_decoder_draws_a_picture_that_is_encoded_as_it_was(name: str) -> None:
    space = load_space(str(MODELS / name))
    codes = space.gallery.codes[space.gallery.split == TEST][:200]
    again = space.encode(space.decode(codes))
    spread = codes.std(axis=0).mean()
    assert np.abs(again - codes).mean() < 0.35 * spread


def test_the_shipped_classifier_holds_the_features_of_the_test_images() -> None:
    folder = MODELS / "mnist-classifier"
    config = bundle.read_config(folder, kinds=("classifier",))
    bundle.check_files(folder, config)
    assert config["metrics"]["test_accuracy"] > 0.99
    assert bundle.read_arrays(folder / bundle.GALLERY)["codes"].shape == (10_000, 64)
