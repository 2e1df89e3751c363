"""The document that `evaluate` gives."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from latent import InputError, LatentSpace, report
from latent.report import data_of, lines


@pytest.fixture
def space(tiny_furniture_folder) -> LatentSpace:
    return LatentSpace(tiny_furniture_folder / "furniture-vae")


def test_a_model_finds_the_images_it_was_trained_on(space, tiny_furniture, tmp_path, monkeypatch):
    monkeypatch.setattr("latent.furniture.dataset.load_furniture", lambda root: (
        tiny_furniture if root == tmp_path / "furniture" else pytest.fail(str(root))
    ))  # fmt: skip
    assert data_of(space, tmp_path) is tiny_furniture
    monkeypatch.setenv("LATENT_DATA", str(tmp_path))
    assert data_of(space) is tiny_furniture


def test_other_images_than_those_of_the_gallery_are_refused(space, tiny_furniture, monkeypatch):
    for other in (
        tiny_furniture.only(np.arange(299)),
        replace(tiny_furniture, labels=1 - tiny_furniture.labels),
    ):
        monkeypatch.setattr("latent.furniture.dataset.load_furniture", lambda root, o=other: o)
        with pytest.raises(InputError, match="holds other images than those of furniture-vae"):
            data_of(space)


@pytest.mark.parametrize("recipe", [{}, {"data": "faces"}, {"data": ["mnist"]}])
def test_a_model_of_unknown_images_is_one_line(own_folder, alter, recipe):
    alter(own_folder, config={"recipe": recipe})
    with pytest.raises(InputError, match="'recipe' has as 'data' .* none of: mnist, furniture"):
        data_of(LatentSpace(own_folder))


def test_the_renderer_or_the_classifier_is_missed_at_once(
    space, tiny_space, tiny_furniture, tiny_data, tmp_path, monkeypatch
):
    def missing(*_: object) -> None:
        raise InputError("is missing")

    monkeypatch.setattr(report, "evaluate", lambda *_: pytest.fail("too late"))
    monkeypatch.setattr("latent.causes.render_triples", missing)
    monkeypatch.setattr("latent.classifier.load_classifier", missing)
    for model, data in ((space, tiny_furniture), (tiny_space, tiny_data)):
        with pytest.raises(InputError, match="is missing"):
            report.report(model, data, tmp_path)


def test_every_figure_is_a_line():
    figures = {
        "model": "furniture-vae",
        "voters": 5,
        "triples": {"count": 8, "pixels": 0.25, "pixels_of_both": 0.125, "codes": 1.0,
                    "codes_of_both": 0.875},
        "probe_r2": {"width": 0.91},
        "part_accuracy": {"legs": {"accuracy": 0.8, "commonest": 0.3}},
        "disentanglement": {"furniture-vae": {"mig": 0.1, "completeness": 0.2}},
        "pca": [{"components": 2, "test_mse": 0.5, "knn_accuracy": 0.75}],
    }  # fmt: skip
    assert list(lines(figures)) == [
        "model: furniture-vae",
        "voters: 5",
        "a chair is nearer to itself in another colour than to a table in its own, in pixels: "
        "25.0% of 8 triples (12.5% where the recoloured chair is asked too)",
        "a chair is nearer to itself in another colour than to a table in its own, in codes: "
        "100.0% of 8 triples (87.5% where the recoloured chair is asked too)",
        "linear probe of width: R² 0.910",
        "legs by a linear classifier: accuracy 0.800; the commonest word alone 0.300",
        "furniture-vae: MIG 0.100, completeness 0.200",
        "PCA   2: test MSE 0.50000, 5-NN accuracy 0.7500",
    ]
