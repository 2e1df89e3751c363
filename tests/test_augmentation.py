"""Augmented images show the same, a little changed."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from latent.augmentation import another_hand as augment
from latent.augmentation import another_photo, recoloured
from latent.data import TRAIN


@pytest.fixture
def x(tiny_data) -> np.ndarray:
    return tiny_data.x(TRAIN)


@pytest.fixture
def batch(x) -> torch.Tensor:
    return torch.from_numpy(x[:20])


def noise(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_augmented_images_stay_between_zero_and_one(x):
    changed = augment(torch.from_numpy(x), 1.0, noise())
    assert changed.shape == x.shape
    assert changed.min() >= 0
    assert changed.max() <= 1


def test_augmenting_no_share_leaves_images_untouched(batch):
    assert torch.equal(augment(batch, 0.0, noise()), batch)


def test_augmenting_changes_about_the_share_that_was_asked(x):
    images = torch.from_numpy(np.tile(x, (5, 1, 1, 1)))
    same = (augment(images, 0.3, noise()) == images).all(dim=(1, 2, 3))
    # 1,000 draws at 0.7: five standard deviations are 0.07
    assert same.float().mean().item() == pytest.approx(0.7, abs=0.07)


def test_augmented_images_show_the_same_digit_a_little_changed(x):
    images = torch.from_numpy(x)
    changed = augment(images, 1.0, noise())
    to_own = (changed - images).square().mean((1, 2, 3))
    to_next = (images - images.roll(1, 0)).square().mean((1, 2, 3))
    assert (to_own > 0).all()
    assert to_own.mean() < 0.5 * to_next.mean()
    rows = torch.arange(28.0)[:, None]
    middle = [(i * rows).sum((1, 2, 3)) / i.sum((1, 2, 3)) for i in (images, changed)]
    assert (middle[0] - middle[1]).abs().max() < 2  # ±0.6 pixels, turned, scaled and bent


def test_augmentation_depends_on_its_generator_alone(batch):
    assert torch.equal(augment(batch, 1.0, noise(1)), augment(batch, 1.0, noise(1)))
    assert not torch.equal(augment(batch, 1.0, noise(1)), augment(batch, 1.0, noise(2)))


def test_another_photo_moves_the_piece_a_little_and_keeps_the_ground_white():
    images = torch.ones(200, 3, 64, 64)
    images[:, :, 20:40, 24:44] = 0.2
    changed = another_photo(images, 1.0, noise())
    assert changed.min() >= 0
    assert changed.max() <= 1
    assert changed[:, :, :6].mean() > 0.98
    rows = torch.arange(64.0)[:, None]
    ink = 1 - changed
    middle = (ink * rows).sum((1, 2, 3)) / ink.sum((1, 2, 3))
    assert (middle - 29.5).abs().max() < 4
    assert 0.5 < middle.std() < 3
    assert torch.equal(another_photo(images, 0.0, noise()), images)


def test_recoloured_photos_keep_white_and_black_and_change_what_is_between():
    x = torch.ones(40, 3, 4, 4)
    x[:, :, 1] = 0
    x[:, :, 2] = torch.tensor([0.2, 0.5, 0.8])[:, None]
    other = recoloured(x, noise())
    assert torch.equal(other[:, :, 0], x[:, :, 0])
    assert torch.equal(other[:, :, 1], x[:, :, 1])
    mixed = other[:, :, 2, 0]
    assert (mixed.argsort(1) != torch.arange(3)).any(1).float().mean() > 0.5  # by chance 5 of 6
    assert mixed.min() > 0
    assert mixed.max() < 1
    # a curve alone moves a half by a sixth at most
    assert ((mixed.sort(1).values[:, 1] - 0.5).abs() < 0.18).all()
