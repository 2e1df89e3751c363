"""The encoder taught by contrast: its loss against a loop, its pictures, its bundle."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from latent import bundle, contrast
from latent.data import TEST, Dataset
from latent.encoder import Encoder, encoder_names
from latent.recognition import known_classes, trial


@pytest.fixture(scope="module")
def folder(tiny_data: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An encoder of pocket-calculator digits, in a models folder of its own."""
    root = tmp_path_factory.mktemp("contrast")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(contrast, "EPOCHS", 25)
        patch.setattr(contrast, "BATCH", 40)
        contrast.train_contrast(tiny_data, root / contrast.NAME)
    return root / contrast.NAME


def test_the_loss_is_that_of_the_paper() -> None:
    rng = np.random.default_rng(0)
    codes, labels = rng.standard_normal((7, 3)), np.array([0, 0, 0, 1, 1, 2, 3])
    z = codes / np.linalg.norm(codes, axis=1, keepdims=True)
    alike = np.exp(z @ z.T / 0.3)
    terms = []
    for i in range(5):  # the last two have no partner
        others = sum(alike[i, a] for a in range(7) if a != i)
        partners = [p for p in range(7) if p != i and labels[p] == labels[i]]
        terms.append(-np.mean([np.log(alike[i, p] / others) for p in partners]))
    found = contrast.loss(torch.from_numpy(codes), torch.from_numpy(labels), 0.3)
    assert float(found) == pytest.approx(np.mean(terms))


def test_no_digit_is_turned_upside_down_and_some_to_one_side_alone() -> None:
    x = torch.zeros(400, 1, 4, 4)
    x[:, 0, 0, 1] = 1
    labels = torch.arange(400) % 8
    noise = torch.Generator().manual_seed(0)
    turned, kinds = contrast.lying(x, labels, noise)
    assert 120 < len(turned) < 280
    where = turned[:, 0].flatten(1).argmax(1).tolist()
    sides = {(kind // 100, spot) for kind, spot in zip(kinds.tolist(), where, strict=True)}
    assert sides == {(1, 8), (2, 7)}  # up to the left edge, down to the right one
    both = {kind % 100 for kind in kinds.tolist() if kind // 100 == 2}
    assert both == set(contrast.TWO_SIDED)


def test_its_bundle_knows_the_digits_that_it_was_shown(
    folder: Path, tiny_data: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LATENT_MODELS", str(folder.parent))
    assert encoder_names() == [contrast.NAME]
    encoder = Encoder.named(contrast.NAME)
    assert encoder.config["metrics"]["trained_on"] == list(range(8))
    assert encoder.config["metrics"]["knn_accuracy"] > 0.9
    arrays = bundle.read_arrays(folder / bundle.GALLERY)
    assert arrays["codes"].shape == (50, 160)
    x = tiny_data.x(TEST)
    np.testing.assert_allclose(encoder.encode(x[:10:2]), arrays["codes"][:5], atol=3e-3)
    classes = known_classes(encoder)
    assert classes.names == tuple("01234567")
    length = np.sqrt(1 + contrast.HEAD_WEIGHT**2)
    np.testing.assert_allclose(np.linalg.norm(classes.means, axis=1), length, atol=1e-4)
    tried = trial(encoder, ("8", "9"))
    assert np.median(tried.known) < np.median(tried.strangers)
