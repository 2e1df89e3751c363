"""Lessons: what is told, how strongly, and from whom."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from latent import InputError
from latent.data import TRAIN
from latent.lessons import MAP_SPREAD, Lesson, causes, lesson_of
from latent.recipes import RECIPES, Recipe

PLAIN = Recipe("t", "vae", 2, "cross_entropy", beta=0.5, epochs=3)


def test_a_miss_is_the_weighted_squared_distance_and_nothing_is_missed_where_nothing_is_told():
    lesson = Lesson(torch.tensor([[1.0, torch.nan], [0.0, 2.0]]), 3.0, fades=0.5, direct=True)
    said = torch.tensor([[0.0, 5.0], [1.0, 1.0]])
    both = torch.tensor([0, 1])
    assert lesson.miss(said, both, 0.0).item() == pytest.approx(3 * (1 + (1 + 1)) / 2)
    assert lesson.miss(said, both, 0.25).item() == pytest.approx(3 * 0.5 * 3 / 2)
    assert lesson.miss(said, both, 0.7).item() == 0
    assert lesson.miss(said[:1], both[1:], 0.0).item() == pytest.approx(3 * (0 + 9))


def test_what_is_not_told_sends_no_gradient():
    said = torch.zeros(1, 2, requires_grad=True)
    lesson = Lesson(torch.tensor([[torch.nan, 1.0]]), 1.0, fades=np.inf, direct=True)
    lesson.miss(said, torch.tensor([0]), 0.9).backward()
    assert said.grad is not None
    assert said.grad.tolist() == [[0.0, -2.0]]


def test_a_recipe_without_a_lesson_has_none():
    assert lesson_of(PLAIN, 100) is None


def test_a_map_is_told_centred_and_scaled(tiny_space, monkeypatch):
    monkeypatch.setattr("latent.space.load_space", lambda _: tiny_space)
    train = tiny_space.gallery.split == TRAIN
    recipe = replace(PLAIN, lesson="mnist-vae/umap2", lesson_weight=7.0)
    lesson = lesson_of(recipe, int(train.sum()))
    assert lesson is not None
    assert (lesson.direct, lesson.weight) == (True, 7.0)
    told = lesson.targets.numpy()
    np.testing.assert_allclose(told.mean(0), 0, atol=1e-5)
    np.testing.assert_allclose(told.std(0), MAP_SPREAD, rtol=1e-5)
    xy = tiny_space.map("umap2").xy[train]
    assert np.corrcoef(told[:, 0], xy[:, 0])[0, 1] == pytest.approx(1)
    with pytest.raises(InputError, match="which knows .* training images, not 5. Train mnist"):
        lesson_of(recipe, 5)


def test_images_without_causes_cannot_teach_them():
    with pytest.raises(InputError, match="furniture-vae learns from causes, and these images hav"):
        lesson_of(RECIPES["furniture-vae"], 10, {})


def test_causes_are_sizes_in_standard_deviations_an_angle_on_a_circle_and_words_as_flags():
    rng = np.random.default_rng(0)
    n = 50
    factors = {
        name: rng.uniform(1, 2, n).astype(np.float32)
        for name in ("width", "depth", "height", "leg_thickness", "elevation")
    }
    factors["back_height"] = np.where(np.arange(n) % 2, 0, rng.uniform(1, 2, n)).astype(np.float32)
    factors["azimuth"] = np.full(n, 90, np.float32)
    for name in ("kind", "legs", "back", "arms", "upholstery"):
        factors[name] = np.arange(n, dtype=np.uint8) % 3
    told = causes(factors)
    assert told.shape == (n, 6 + 2 + 5 * 3)
    np.testing.assert_allclose(told[:, 0].mean(), 0, atol=1e-5)
    np.testing.assert_allclose(told[:, 0].std(), 1, atol=1e-5)
    assert np.isnan(told[1::2, 3]).all()
    assert np.isfinite(np.delete(told, 3, axis=1)).all()
    np.testing.assert_allclose(told[:, 6:8], [[2, 0]] * n, atol=1e-5)
    assert (told[:, 8:11].argmax(1) == np.arange(n) % 3).all()
    assert (told[:, 8:11].sum(1) == 1).all()
