"""Plans: only what is possible, one name for what is the same, and a sentence for the rest."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pytest

from latent import InputError, LatentSpace
from latent.maps import add_map
from latent.plan import fitted_indices, fitted_words, groups_for, possible, read_plan


def plan(space, **asked):
    return read_plan({"method": "umap", "dims": 2, **asked}, space)


@pytest.fixture(scope="module")
def furniture(tiny_furniture_folder):
    return LatentSpace(tiny_furniture_folder / "furniture-vae")


def test_only_what_is_possible_is_offered(tiny_space, plane_space, furniture):
    both = [2, 3]
    every = dict.fromkeys(("pca", "lda", "tsne", "umap", "isomap"), both)
    assert possible(tiny_space) == every
    # no 3-D from 2 numbers
    assert possible(plane_space) == {"latent": [2], **{name: [2] for name in every}}
    # two classes and no cause of more than two kinds: nothing for LDA to tell apart in 2-D
    assert possible(furniture) == {name: both for name in every if name != "lda"}
    assert groups_for(tiny_space, 3) == ["label"]
    assert groups_for(plane_space, 3) == []


def test_lda_of_furniture_is_by_kind(furniture):
    kinds = np.arange(300) % 4
    gallery = SimpleNamespace(**vars(furniture.gallery))
    gallery.words = {**gallery.words, "kind": list("abcd")}
    gallery.factors = {**gallery.factors, "kind": kinds}
    space = SimpleNamespace(latent_dim=4, gallery=gallery, name="furniture-vae")
    assert groups_for(space, 2) == groups_for(space, 3) == ["kind"]
    with pytest.raises(InputError, match="2 classes of 'label' gives at most 1 dim.*labels kind"):
        read_plan({"method": "lda", "dims": 2}, space)


def test_a_plan_is_complete_and_goes_through_json(tiny_space):
    made = plan(tiny_space, seed=3, sample=120, parameters={"n_neighbors": "20"})
    assert dict(made.parameters) == {"metric": "euclidean", "min_dist": 0.1, "n_neighbors": 20}
    assert read_plan(json.loads(json.dumps(made.document())), tiny_space) == made


def test_the_same_map_has_one_name_and_another_map_another(tiny_space, ae_space):
    name = plan(tiny_space).key(tiny_space)
    same = [{"parameters": {"min_dist": 0.1}}, {"sample": 300}, {"labels": "nonsense"}]
    others = [{"seed": 1}, {"dims": 3}, {"sample": 200}, {"parameters": {"metric": "cosine"}}]
    assert {plan(tiny_space, **asked).key(tiny_space) for asked in same} == {name}
    names = {plan(tiny_space, **asked).key(tiny_space) for asked in others}
    assert len(names | {name}) == 5
    assert plan(ae_space).key(ae_space) != name
    formula = {plan(tiny_space, method="pca", seed=s).key(tiny_space) for s in (0, 1)}
    assert len(formula) == 1  # nothing is random in it


def test_what_a_map_is_fitted_on(tiny_space, monkeypatch):
    gallery = tiny_space.gallery
    sample = plan(tiny_space, sample=50)
    chosen = fitted_indices(sample, gallery)
    assert len(np.unique(chosen)) == 50
    np.testing.assert_array_equal(chosen, np.sort(chosen))
    assert fitted_words(sample, gallery) == "50 images drawn at random, the rest placed"
    lda = plan(tiny_space, method="lda")
    np.testing.assert_array_equal(fitted_indices(lda, gallery), np.arange(200))
    assert fitted_words(lda, gallery) == "the 200 training images, the rest placed"
    monkeypatch.setattr("latent.plan.ISOMAP_MOST", 40)
    few = plan(tiny_space, method="isomap")
    assert len(fitted_indices(few, gallery)) == 40
    assert fitted_words(few, gallery) == "40 images drawn at random, the rest placed"


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"method": "<b>"}, "Unknown projection '<b>'; choose one of: latent, pca, lda"),
        ({"method": None}, "Unknown projection 'None'"),
        ({"dims": 4}, "A map has 2 or 3 dimensions; got 4"),
        ({"dims": "two"}, "dims is a whole number; got 'two'"),
        ({"seed": -1}, "seed is a whole number from 0 to 4294967295; got -1"),
        ({"seed": 1.5}, "seed is a whole number; got '1.5'"),
        ({"sample": 999}, "fitted on 10 to 300 images; got sample 999"),
        ({"parameters": [1]}, "A map needs a method, dims 2 or 3, and parameters by their names"),
        ({"parameters": {"n_neighbors": 300}}, "whole number from 2 to 299 for 300 codes; got '3"),
        ({"method": "tsne", "parameters": {"perplexity": 400}}, "perplexity is a number from 2 to"),
        ({"method": "lda", "labels": "colour"}, "labels is one of: label; got 'colour'"),
        ({"title": "mine"}, "A map is not told 'title'; it has: method, dims"),
    ],
)
def test_what_cannot_be_is_named_with_its_range(tiny_space, asked, message):
    with pytest.raises(InputError, match=message):
        plan(tiny_space, **asked)


def test_one_class_only_is_said(tiny_space):
    gallery = SimpleNamespace(**vars(tiny_space.gallery))
    gallery.labels = np.zeros(300, np.uint8)
    space = SimpleNamespace(latent_dim=4, gallery=gallery, name="one")
    assert "lda" not in possible(space)
    with pytest.raises(InputError, match="LDA of a single class gives at most 0 .* another meth"):
        read_plan({"method": "lda", "dims": 2}, space)


def test_an_lda_map_of_a_bundle_is_the_same_when_loaded_again(own_folder):
    info = add_map(LatentSpace(own_folder), "lda", 2)
    again = LatentSpace(own_folder).map("lda2")
    assert again.xy.shape == (300, 2)
    assert info["fitted_on"] == "the 200 training images, the rest placed"
    assert info["quality"]["label_accuracy"]["map"] > 0.5
