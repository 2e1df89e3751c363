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

from latent import LatentSpace, evaluation
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


def test_pca_beside_a_model_is_that_of_scikit_learn(tiny_data):
    train, test = (tiny_data.x(split).reshape(-1, 784) for split in (TRAIN, TEST))
    rows = evaluate_pca(tiny_data, (2, 16))
    assert [row["components"] for row in rows] == [2, 16]
    for row in rows:
        pca = PCA(row["components"], svd_solver="full").fit(train.astype(np.float64))
        error = np.square(pca.inverse_transform(pca.transform(test)) - test).mean()
        assert row["test_mse"] == pytest.approx(error, rel=0.01)
        voters = KNeighborsClassifier(10).fit(pca.transform(train), tiny_data.labels[:200])
        expected = voters.score(pca.transform(test), tiny_data.labels[200:])
        assert row["knn_accuracy"] == pytest.approx(expected, abs=0.04)


def test_pca_of_colour_images_is_that_of_scikit_learn_and_votes_as_the_model_does(tiny_furniture):
    train, test = (tiny_furniture.x(s).reshape(-1, 3 * 64 * 64) for s in (TRAIN, TEST))
    (row,) = evaluate_pca(tiny_furniture, (8,), voters=5)
    pca = PCA(8, svd_solver="full").fit(train.astype(np.float64))
    error = np.square(pca.inverse_transform(pca.transform(test)) - test).mean()
    assert row["test_mse"] == pytest.approx(error, rel=0.01)
    voters = KNeighborsClassifier(5).fit(pca.transform(train), tiny_furniture.labels[:200])
    expected = voters.score(pca.transform(test), tiny_furniture.labels[200:])
    assert row["knn_accuracy"] == pytest.approx(expected, abs=0.02)


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


def test_pictures_of_two_classes_show_five_of_each_below_the_originals_and_ways_between_them(
    tiny_furniture_folder, tiny_furniture
):
    space = LatentSpace(tiny_furniture_folder / "furniture-vae")
    chairs, tables = (200 + np.flatnonzero(tiny_furniture.labels[200:] == c)[:5] for c in (0, 1))
    shown = {t: p[::3, ::3] for t, p in pictures(space, tiny_furniture).items()}
    assert shown["reconstructions"].shape == (2 * 64 + 2, 10 * 64 + 9 * 2, 3)
    assert shown["ways"].shape == (10 * 64 + 9 * 2, 9 * 64 + 8 * 2, 3)
    expected = space.decode(space.gallery.codes[[*chairs, *tables]])
    for i, index in enumerate([*chairs, *tables]):
        tile = shown["reconstructions"][:, 66 * i : 66 * i + 64]
        np.testing.assert_array_equal(tile[:64], tiny_furniture.images[index])
        np.testing.assert_allclose(tile[66:] / 255, np.moveaxis(expected[i], 0, 2), atol=1 / 255)
    ends = np.stack([shown["ways"][:64, :64], shown["ways"][-64:, -64:]]) / 255
    redrawn = np.moveaxis(space.decode(space.gallery.codes[200:]), 1, 3)
    apart = np.abs(redrawn[:, None] - ends).max((2, 3, 4))  # (100, 2)
    assert tiny_furniture.labels[200:][apart.argmin(0)].tolist() == [0, 1]
    assert apart.min(0).max() < 2 / 255
    without = pictures(space)["reconstructions"][::3, ::3]
    np.testing.assert_array_equal(without, shown["reconstructions"][66:])


def test_as_many_codes_vote_as_the_model_says(tiny_furniture_folder, tiny_furniture):
    space = LatentSpace(tiny_furniture_folder / "furniture-vae")
    figures = evaluate(space, tiny_furniture)
    codes, labels = space.in_voting_units(space.gallery.codes), tiny_furniture.labels
    voters = KNeighborsClassifier(5).fit(codes[:200], labels[:200])
    assert figures["voters"] == 5
    expected = voters.score(codes[200:], labels[200:])
    assert figures["knn_accuracy"] == pytest.approx(expected, abs=0.021)


def test_ways_of_what_is_no_digit_ask_no_classifier(tiny_space, monkeypatch):
    monkeypatch.setattr("latent.classifier.load_classifier", lambda: pytest.fail("was asked"))
    monkeypatch.setattr(evaluation, "WAYS", 5)
    assert set(evaluate_ways(tiny_space, recognise=False)) == {"step_change", "largest_step_change"}
