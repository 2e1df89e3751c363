"""Recipes: found by name, and each of them whole."""

from __future__ import annotations

from dataclasses import replace

import pytest

from latent import InputError
from latent.autoencoder import Autoencoder
from latent.recipes import ARCHITECTURES, RECIPES, architecture, find_recipe


def test_every_recipe_is_found_by_its_name():
    for name, recipe in RECIPES.items():
        assert find_recipe(name) is recipe
        assert recipe.name == name
        assert recipe.kind in ("ae", "vae")
        assert (recipe.beta == 0) == (recipe.kind == "ae")
        assert recipe.loss in ("squared_error", "cross_entropy")
        assert recipe.data in ARCHITECTURES
        assert bool(recipe.lesson) == (recipe.lesson_weight > 0)
        assert recipe.pictures in ("once", "twice", "more")
        if recipe.before:  # its weights must fit, and its checkpoint lie beside this one's
            assert architecture(recipe.before) == architecture(recipe)
            assert recipe.before.name not in RECIPES


def test_a_narrow_network_has_a_quarter_of_the_weights():
    narrow = find_recipe("mnist-dae")
    small, whole = (
        sum(p.numel() for p in Autoencoder(architecture(r)).parameters())
        for r in (narrow, replace(narrow, narrow=False))
    )
    assert 0.2 < small / whole < 0.3


def test_an_unknown_recipe_is_refused_beside_those_that_are_there():
    with pytest.raises(
        InputError, match="Unknown recipe 'gan'; choose one of: mnist-ae, mnist-vae,"
    ):
        find_recipe("gan")
