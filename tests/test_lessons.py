"""Lessons: what is told, how strongly, and from whom."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from latent import InputError
from latent.data import TRAIN
from latent.lessons import COSINE, HARD, MAP_SPREAD, WORD, Lesson, causes, lesson_of
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


def test_causes_are_sizes_and_angles_in_standard_deviations_and_words_as_flags():
    rng = np.random.default_rng(0)
    n = 50
    factors = {
        name: rng.uniform(1, 2, n).astype(np.float32)
        for name in ("width", "depth", "height", "leg_thickness", "elevation")
    }
    factors["back_height"] = np.where(np.arange(n) % 2, 0, rng.uniform(1, 2, n)).astype(np.float32)
    factors["azimuth"] = np.where(np.arange(n) % 2, 90, 0).astype(np.float32)
    for name in ("kind", "legs", "back", "arms", "upholstery"):
        factors[name] = np.arange(n, dtype=np.uint8) % 3
    told = causes(factors)
    assert told.shape == (n, 6 + 2 + 5 * 3)
    np.testing.assert_allclose(told[:, 0].mean(), 0, atol=1e-5)
    np.testing.assert_allclose(told[:, 0].std(), 1, atol=1e-5)
    assert np.isnan(told[1::2, 3]).all()
    assert np.isfinite(np.delete(told, 3, axis=1)).all()
    # the sine is 0 or 1, the cosine 1 or 0: both have a deviation of a half
    np.testing.assert_allclose(told[:, 6:8], [[-1, 1], [1, -1]] * (n // 2), atol=1e-5)
    assert (told[:, 8:11].argmax(1) == np.arange(n) % 3).all()
    np.testing.assert_allclose(told[:, 8:11].sum(1), WORD)


def test_causes_are_told_as_pictures_show_them():
    n = 40
    rng = np.random.default_rng(1)
    factors = {
        name: rng.uniform(1, 2, n).astype(np.float32)
        for name in ("width", "depth", "height", "back_height", "leg_thickness", "elevation")
    }
    factors["extent"] = rng.uniform(1, 3, n).astype(np.float32)
    factors["symmetry"] = (np.arange(n) % 4).astype(np.uint8)
    factors["azimuth"] = rng.uniform(-50, 50, n).astype(np.float32)
    for name in ("kind", "legs", "back", "arms", "upholstery"):
        factors[name] = np.arange(n, dtype=np.uint8) % 3
    told = causes(factors)
    share = factors["height"] / factors["extent"]
    np.testing.assert_allclose(told[:, 2], (share - share.mean()) / share.std(), atol=1e-5)
    # what looks the same from four sides, or all round, is seen from nowhere
    np.testing.assert_array_equal(np.isnan(told[:, 6]), factors["symmetry"] > 1)
    assert np.isnan(told[:, 7]).sum() == n / 2


def test_numbers_that_are_left_to_colours_are_told_nothing():
    lesson = Lesson(torch.zeros(5, 7), 1.0, fades=np.inf, direct=False, left_out=3)
    assert lesson.head(10)(torch.zeros(2, 7)).shape == (2, 7)
    factors = {name: np.arange(4) % 2 for name in ("kind", "legs", "back", "arms", "upholstery")}
    factors |= {
        name: np.arange(1, 5, dtype=np.float32)
        for name in ("width", "depth", "height", "back_height", "leg_thickness", "elevation")
    }
    factors["azimuth"] = np.arange(4, dtype=np.float32)
    recipe = replace(RECIPES["furniture-vae"], colour_numbers=6)
    lesson_of_colours = lesson_of(recipe, 4, factors)
    assert lesson_of_colours is not None
    assert lesson_of_colours.left_out == 6


def test_what_is_told_quietly_at_first_counts_a_quarter_of_what_it_does_later():
    lesson = Lesson(torch.zeros(3, 2), 2.0, fades=np.inf, direct=True, quiet=0.25)
    said = torch.ones(3, 2)
    missed = [lesson.miss(said, torch.arange(3), done).item() for done in (0, 0.24, 0.25, 1)]
    assert missed == [1, 1, 4, 4]


def test_what_is_hard_to_see_counts_four_times_later_and_then_twelve_times():
    lesson = Lesson(torch.zeros(2, 3), 1.0, fades=np.inf, direct=True, hard=(0, 2))
    said = torch.tensor([[1.0, 2.0, 3.0], [1.0, 0.0, 1.0]])
    both = torch.arange(2)
    assert lesson.miss(said, both, 0.34).item() == pytest.approx((1 + 4 + 9 + 1 + 1) / 2)
    assert lesson.miss(said, both, 0.36).item() == pytest.approx((4 * (1 + 9 + 1 + 1) + 4) / 2)
    assert lesson.miss(said, both, 0.5).item() == pytest.approx((12 * (1 + 9 + 1 + 1) + 4) / 2)


@pytest.fixture
def furniture_causes() -> dict[str, np.ndarray]:
    """Of 30 pieces, seen from either side alike."""
    n = 30
    rng = np.random.default_rng(2)
    factors = {
        name: rng.uniform(1, 2, n).astype(np.float32)
        for name in ("width", "depth", "height", "leg_thickness", "elevation")
    }
    for name in ("kind", "legs", "back", "arms", "upholstery"):
        factors[name] = np.arange(n, dtype=np.uint8) % 3
    factors["back_height"] = np.linspace(1, 2, n, dtype=np.float32)
    factors["azimuth"] = np.linspace(-40, 40, n, dtype=np.float32)
    return factors


def test_the_hard_ones_are_the_back_and_the_azimuth(furniture_causes):
    plain = furniture_causes
    other = dict(plain, back_height=plain["back_height"][::-1], azimuth=plain["azimuth"] * 2)
    changed = np.flatnonzero((causes(plain) != causes(other)).any(0))
    assert tuple(changed) == HARD


def test_what_a_run_before_has_told_counts_as_at_the_end_from_the_start():
    known = Lesson(torch.zeros(2, 3), 1.0, fades=np.inf, direct=True, quiet=0.25, hard=(1,))
    said = torch.ones(2, 3)
    both = torch.arange(2)
    assert known.miss(said, both, 0.0).item() == pytest.approx(3 / 4)
    begun = replace(known, begun=True)
    assert begun.miss(said, both, 0.0).item() == pytest.approx(known.miss(said, both, 1.0).item())
    twice = replace(begun, hard=(1, 1))  # 11 times more, and once more
    assert twice.miss(said, both, 0.0).item() == pytest.approx(3 + 2 * 11)


def test_of_a_mirrored_image_the_sine_is_told_with_the_other_sign():
    targets = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    lesson = Lesson(targets, 1.0, fades=np.inf, direct=True, turned=(1,))
    mirrored = torch.tensor([True, False])
    said = torch.tensor([[1.0, -2.0], [3.0, 4.0]])
    assert lesson.miss(said, torch.arange(2), 0.5, mirrored).item() == 0
    assert lesson.miss(said, torch.arange(2), 0.5).item() == pytest.approx(16 / 2)
    assert targets.tolist() == [[1.0, 2.0], [3.0, 4.0]]  # what is told next time


def test_a_second_run_tells_of_furniture_loudly_and_most_loudly_the_cosine(furniture_causes):
    first, second = (
        lesson_of(recipe, 30, furniture_causes)
        for recipe in (RECIPES["furniture-vae"].before, RECIPES["furniture-vae"])
        if recipe
    )
    assert first is not None
    assert second is not None
    assert (first.begun, second.begun) == (False, True)
    assert first.hard == HARD
    assert second.hard == (*HARD, COSINE)
    # mirrored, a piece is seen from the other side, and nothing else is different
    seen_from_aside = dict(furniture_causes, azimuth=-furniture_causes["azimuth"])
    told, other = causes(furniture_causes), causes(seen_from_aside)
    differ = np.flatnonzero(np.abs(told - other).max(0) > 1e-5)
    assert tuple(differ) == second.turned
    np.testing.assert_allclose(told[:, differ], -other[:, differ], atol=1e-5)
