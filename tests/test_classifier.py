"""The classifier that judges decoded digits."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from latent import InputError, bundle, classifier, model_names
from latent.data import TEST, Dataset


@pytest.fixture(scope="module")
def folder(tiny_data: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A classifier of pocket-calculator digits, in a models folder of its own."""
    root = tmp_path_factory.mktemp("auxiliary")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(classifier, "EPOCHS", 20)
        patch.setattr(classifier, "BATCH", 40)
        classifier.train_classifier(tiny_data, root / classifier.NAME)
    return root / classifier.NAME


@pytest.fixture(autouse=True)
def _its_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LATENT_MODELS", str(folder.parent))


def test_classifier_learns_and_its_bundle_gives_the_same_answers(
    folder: Path, tiny_data: Dataset
) -> None:
    loaded = classifier.load_classifier()
    x, expected = tiny_data.x(TEST), tiny_data.labels[tiny_data.split == TEST]
    probabilities = loaded.probabilities(x)
    accuracy = (probabilities.argmax(1) == expected).mean()
    assert accuracy > 0.5  # the weights' average still remembers the start, where it was 0.1
    assert accuracy == json.loads((folder / "config.json").read_text())["metrics"]["test_accuracy"]
    np.testing.assert_allclose(probabilities.sum(1), 1, atol=1e-5)


def test_its_bundle_holds_the_features_of_the_test_images_alone(
    folder: Path, tiny_data: Dataset
) -> None:
    arrays = bundle.read_arrays(folder / bundle.GALLERY)
    features = classifier.load_classifier().features(tiny_data.x(TEST))
    assert arrays["codes"].shape == (100, classifier.FEATURES)
    np.testing.assert_allclose(arrays["codes"], features, rtol=2e-3, atol=2e-3)


def test_frechet_distance_tells_digits_from_noise(tiny_data: Dataset) -> None:
    loaded = classifier.load_classifier()
    noise = np.random.default_rng(0).random((100, 1, 28, 28), np.float32)
    own = loaded.frechet_distance(tiny_data.x(TEST))
    assert own < 1e-2  # stored in 16 bits
    assert loaded.frechet_distance(noise) > 100 * own


def test_it_is_no_model_to_explore() -> None:
    assert model_names() == []


def test_a_missing_classifier_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LATENT_MODELS", str(tmp_path))
    with pytest.raises(InputError, match=r"mnist-classifier/config\.json is missing"):
        classifier.load_classifier()
