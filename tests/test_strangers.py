"""Pictures of what a model cannot know, and the verdict on them."""

from __future__ import annotations

import numpy as np
import pytest

from latent import strangers
from latent.strangers import known, letters, noise, novelties, shuffled, texture


def test_shuffling_keeps_every_pixel_and_moves_most():
    picture = np.arange(28 * 28 * 3, dtype=np.uint16).reshape(28, 28, 3).astype(np.uint8)
    for seed in range(4):
        moved = shuffled(picture, np.random.default_rng(seed))
        assert moved.shape == picture.shape
        np.testing.assert_array_equal(np.sort(moved, None), np.sort(picture, None))
        assert (moved != picture).mean() > 0.5


@pytest.mark.parametrize("draw", [noise, texture])
def test_made_pictures_have_contrast_and_differ(draw):
    rng = np.random.default_rng(0)
    pictures = [draw(rng) for _ in range(20)]
    for picture in pictures:
        assert picture.dtype == np.uint8
        assert np.ptp(picture) > 150
    assert len({picture.tobytes() for picture in pictures}) == 20


def test_letters_are_black_on_white_and_none_looks_like_a_digit(monkeypatch):
    assert not set(strangers.LETTERS) & set("BDGIJLOQSZbdgijloqsz")
    monkeypatch.setattr(strangers, "COUNT", 40)
    for picture in letters(np.random.default_rng(0)):
        assert (picture[0] == 255).all()
        assert 100 < (picture < 128).sum() < picture.size / 3


def test_what_a_model_knows_is_what_it_decodes(tiny_space, monkeypatch):
    monkeypatch.setattr(strangers, "COUNT", 10)
    pictures = known(tiny_space, np.random.default_rng(0))
    assert [picture.shape for picture in pictures] == [(28, 28)] * 10


def test_strangers_are_stranger_than_what_is_known(tiny_space, tiny_data):
    rng = np.random.default_rng(0)
    strange = novelties(tiny_space, [noise(rng) for _ in range(20)])
    usual = novelties(tiny_space, tiny_data.images[200:220])
    assert np.median(strange) > 0.95 > np.median(usual)


def test_a_picture_that_shows_nothing_gets_no_verdict(tiny_space):
    assert len(novelties(tiny_space, [np.zeros((40, 40), np.uint8)])) == 0
