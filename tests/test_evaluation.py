"""Figures of a model against computing them by hand."""

from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA
from sklearn.neighbors import KNeighborsClassifier
from torch.distributions import Normal, kl_divergence

from latent import evaluation
from latent.data import TEST, TRAIN
from latent.evaluation import evaluate, evaluate_draws, evaluate_pca, evaluate_ways, pictures


@pytest.fixture(scope="module")
def figures(tiny_space, tiny_data) -> dict:
    return evaluate(tiny_space, tiny_data)


def test_the_error_is_that_of_test_images_decoded_from_mu(figures, tiny_space, tiny_data):
    x = tiny_data.x(TEST)
    x_hat = tiny_space.decode(tiny_space.encode(x))
    assert figures["test_mse"] == pytest.approx(float(((x_hat - x) ** 2).mean()), rel=1e-5)


def test_the_accuracy_is_that_of_ten_nearest_training_codes(figures, tiny_space, tiny_data):
    codes = tiny_space.gallery.codes
    voters = KNeighborsClassifier(10).fit(codes[:200], tiny_data.labels[:200])
    expected = voters.score(codes[200:], tiny_data.labels[200:])
    assert figures["knn_accuracy"] == pytest.approx(expected, abs=0.021)  # codes have 16 bits
    assert 0.2 < figures["knn_accuracy"] <= 1


def test_the_kl_is_that_of_torch_distributions(figures, tiny_space, tiny_data):
    mu, logvar = map(torch.from_numpy, tiny_space.autoencoder.encode(tiny_data.x(TEST)))
    expected = kl_divergence(Normal(mu, torch.exp(logvar / 2)), Normal(0, 1)).sum(1).mean()
    assert figures["kl"] == pytest.approx(expected.item(), rel=1e-5)


def test_the_elbo_is_below_the_reconstruction_s_likelihood_by_the_kl(figures, tiny_data):
    assert figures["elbo"] < -figures["kl"] < 0
    # a decoder that knew only the mean image would reach this
    mean = tiny_data.x(TRAIN).mean(0).clip(1e-3, 1 - 1e-3)
    x = tiny_data.x(TEST)
    blind = (x * np.log(mean) + (1 - x) * np.log(1 - mean)).sum((1, 2, 3)).mean()
    assert figures["elbo"] > blind


def test_figures_of_a_vae_repeat_and_can_be_written_as_json(figures, tiny_space, tiny_data):
    assert json.loads(json.dumps(figures)) == json.loads(
        json.dumps(evaluate(tiny_space, tiny_data))
    )
    other = evaluate(tiny_space, tiny_data, seed=1)
    assert other["elbo"] != figures["elbo"]
    assert other["elbo"] == pytest.approx(figures["elbo"], rel=0.1)


def test_the_posterior_scale_of_every_active_number_is_near_that_of_the_prior(figures):
    # exported codes are standardized on the training split; these are of the test split
    np.testing.assert_allclose(figures["posterior_scale"], 1, atol=0.2)
    assert 1 <= len(figures["posterior_scale"]) <= 4


def test_figures_name_the_model_and_its_size(figures, tiny_space):
    names = ("model", "kind", "latent_dim", "beta")
    assert [figures[name] for name in names] == ["mnist-vae", "vae", 4, 0.2]
    for part in ("encoder", "decoder"):
        network = getattr(tiny_space.autoencoder, part)
        sizes = [np.prod(weight.shape) for weight in network.state_dict().values()]
        assert figures[f"{part}_parameters"] == sum(sizes)
        assert figures[f"{part}_macs"] > 0
    assert figures["maps"] == tiny_space.maps_info


def test_an_ae_has_no_figures_of_a_posterior(ae_space, tiny_data):
    figures = evaluate(ae_space, tiny_data)
    assert figures["kind"] == "ae"
    assert not {"kl", "elbo", "beta", "posterior_scale"} & set(figures)


def test_the_config_of_a_bundle_holds_the_figures_as_measured(figures, tiny_space):
    stored = tiny_space.config["metrics"]
    assert set(figures) - set(stored) == {"model", "kind", "maps"}
    for name, value in stored.items():
        assert figures[name] == pytest.approx(value, rel=1e-4), name


def test_pca_beside_a_model_is_that_of_scikit_learn(tiny_data, monkeypatch):
    monkeypatch.setattr(evaluation, "PCA_SIZES", (2, 16))
    train, test = (tiny_data.x(split).reshape(-1, 784) for split in (TRAIN, TEST))
    rows = evaluate_pca(tiny_data)
    assert [row["components"] for row in rows] == [2, 16]
    for row in rows:
        pca = PCA(row["components"], svd_solver="full").fit(train.astype(np.float64))
        error = np.square(pca.inverse_transform(pca.transform(test)) - test).mean()
        assert row["test_mse"] == pytest.approx(error, rel=0.01)
        voters = KNeighborsClassifier(10).fit(pca.transform(train), tiny_data.labels[:200])
        expected = voters.score(pca.transform(test), tiny_data.labels[200:])
        assert row["knn_accuracy"] == pytest.approx(expected, abs=0.04)


class Fake:
    """A classifier whose probability is the ink of an image: sure of bright ones only."""

    def probabilities(self, x: np.ndarray) -> np.ndarray:
        sure = np.clip(x.mean((1, 2, 3)) * 8, 0, 1)
        return np.stack([sure, 1 - sure], axis=1)

    def frechet_distance(self, x: np.ndarray) -> float:
        return float(x.mean()) * len(x)


def test_ways_are_measured_between_test_images(tiny_space, monkeypatch):
    monkeypatch.setattr("latent.classifier.load_classifier", Fake)
    monkeypatch.setattr(evaluation, "WAYS", 30)
    figures = evaluate_ways(tiny_space, seed=4)
    rng, test = np.random.default_rng(4), tiny_space.gallery.codes[200:]
    step, largest, sure = [], [], []
    for a, b in test[rng.choice(100, (30, 2))]:
        images = tiny_space.decode(a + np.linspace(0, 1, 33, dtype=np.float32)[:, None] * (b - a))
        changes = [np.abs(after - before).mean() for before, after in pairwise(images)]
        step.append(np.mean(changes))
        largest.append(max(changes))
        sure.append(Fake().probabilities(images[16:17]).max() >= 0.9)
    assert figures["step_change"] == pytest.approx(np.mean(step), rel=1e-3)
    assert figures["largest_step_change"] == pytest.approx(np.mean(largest), rel=1e-3)
    assert figures["midpoints_recognised"] == pytest.approx(np.mean(sure), abs=0.05)


def test_draws_are_redrawn_test_images_and_for_a_vae_the_prior(tiny_space, ae_space, monkeypatch):
    monkeypatch.setattr("latent.classifier.load_classifier", Fake)
    monkeypatch.setattr(evaluation, "DRAWS", 500)
    figures = evaluate_draws(tiny_space, seed=5)
    redrawn = tiny_space.decode(tiny_space.gallery.codes[200:])
    drawn = tiny_space.decode(np.random.default_rng(5).standard_normal((500, 4), dtype=np.float32))
    assert figures == {
        "classifier_frechet_reconstructions": pytest.approx(100 * redrawn.mean()),
        "classifier_frechet_prior": pytest.approx(500 * drawn.mean()),
    }
    assert set(evaluate_draws(ae_space)) == {"classifier_frechet_reconstructions"}


def test_pictures_show_each_class_redrawn_and_a_way_from_each(tiny_space):
    shown = {title: picture[::3, ::3] for title, picture in pictures(tiny_space).items()}
    assert set(shown) == {"reconstructions", "ways"}
    assert shown["reconstructions"].shape == (28, 10 * 28 + 9 * 2)
    assert shown["ways"].shape == (10 * 28 + 9 * 2, 9 * 28 + 8 * 2)
    first_three = 200 + np.flatnonzero(tiny_space.gallery.labels[200:] == 3)[0]
    expected = tiny_space.decode(tiny_space.gallery.codes[[first_three]])[0, 0]
    tile = shown["reconstructions"][:, 3 * 30 : 3 * 30 + 28]
    np.testing.assert_allclose(tile / 255, expected, atol=1 / 255)
