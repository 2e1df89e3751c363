"""Recipes: found by name, and each of them whole."""

from __future__ import annotations

import pytest

from latent import InputError
from latent.recipes import ARCHITECTURES, RECIPES, find_recipe


def test_every_recipe_is_found_by_its_name():
    for name, recipe in RECIPES.items():
        assert find_recipe(name) is recipe
        assert recipe.name == name
        assert recipe.kind in ("ae", "vae")
        assert (recipe.beta == 0) == (recipe.kind == "ae")
        assert recipe.loss in ("squared_error", "cross_entropy")
        assert recipe.data in ARCHITECTURES
        assert bool(recipe.lesson) == (recipe.lesson_weight > 0)


def test_an_unknown_recipe_is_refused_beside_those_that_are_there():
    with pytest.raises(
        InputError, match="Unknown recipe 'gan'; choose one of: mnist-ae, mnist-vae,"
    ):
        find_recipe("gan")
