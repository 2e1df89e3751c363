"""The encoder for designs: what it is shown, what it is asked, a run that goes on."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from latent import bundle, designs
from latent.data import TEST, TRAIN, Dataset
from latent.designs import (
    LATENT_DIM,
    Questions,
    answers_loss,
    fit_designs,
    questions,
    seen_anew,
    train_designs,
    two_of,
)
from latent.encoder import Encoder
from latent.furniture.dataset import EXTENT
from latent.furniture.twice import joined
from latent.search import pictures_of, rendered, strangeness
from tests.test_again import pieces


@pytest.fixture(scope="module")
def views() -> np.ndarray:
    """Twelve designs, each a bar of its own place and width, in three colours."""
    rng = np.random.default_rng(0)
    found = np.full((12, 3, 64, 64, 3), 255, np.uint8)
    for i, three in enumerate(found):
        for picture in three:
            picture[10 : 20 + 3 * i, 20 : 60 - 3 * i] = rng.integers(0, 200, 3)
    return found


@pytest.fixture(scope="module")
def asked() -> Questions:
    rng = np.random.default_rng(0)
    return Questions(
        rng.standard_normal((12, 2)).astype(np.float32), (np.arange(12) % 3,), (3,)
    )  # fmt: skip


def test_two_pictures_of_a_design_are_never_the_same_one(views: np.ndarray) -> None:
    marked = np.zeros_like(views)
    marked[:] = np.arange(3)[None, :, None, None, None]
    first, second = two_of(marked, torch.Generator().manual_seed(0)).chunk(2)
    assert (first != second).all()
    assert set((255 * first).round().int().flatten().tolist()) == {0, 1, 2}


def test_what_is_seen_anew_stays_on_white_and_changes_its_colours(views: np.ndarray) -> None:
    x = two_of(views, torch.Generator().manual_seed(0))
    anew = seen_anew(x, torch.Generator().manual_seed(1))
    assert anew.shape == x.shape
    assert anew.min() >= 0
    assert anew.max() <= 1
    np.testing.assert_allclose(anew[:, :, 0, 0], 1, atol=1e-3)
    ink, before = anew.amin((2, 3)), x.amin((2, 3))
    assert (torch.abs(ink - before).amax(1) > 0.02).float().mean() > 0.9


def test_questions_are_numbers_of_one_scale_and_words() -> None:
    data = pieces(30)
    asked = questions(data)
    np.testing.assert_allclose(asked.numbers.mean(0), 0, atol=1e-5)
    assert asked.width == asked.numbers.shape[1] + sum(
        len(data.words[n]) for n in designs.ASKED_WORDS
    )


def test_questions_ask_for_what_a_picture_shows() -> None:
    data = pieces(40)
    far = data.factors["back_height"] > 0
    data.factors[EXTENT] = np.linspace(0.5, 2, 40, dtype=np.float32)
    data.factors["symmetry"] = np.zeros(40, np.uint8)
    numbers = questions(data).numbers
    named = dict(zip(designs.ASKED_NUMBERS, numbers.T, strict=True))
    for name in ("height", "top_thickness"):
        share = data.factors[name] / data.factors[EXTENT]
        assert np.corrcoef(named[name], share)[0, 1] == pytest.approx(1, abs=1e-5)
        assert np.corrcoef(named[name], data.factors[name])[0, 1] < 0.99
    np.testing.assert_allclose(named["back_height"][~far], 0, atol=1e-5)
    np.testing.assert_allclose(named["splay"].std(), 1, atol=1e-5)


def test_answers_cost_nothing_where_they_are_right_and_one_where_nothing_is_known(
    asked: Questions,
) -> None:
    rows = np.arange(12)
    right = np.concatenate([asked.numbers, 50 * np.eye(3)[asked.words[0]]], axis=1)
    assert float(answers_loss(torch.from_numpy(right).float(), asked, rows)) < 1e-6
    even = Questions(np.tile([[1.0, -1.0]], (12, 1)).astype(np.float32), asked.words, (3,))
    assert float(answers_loss(torch.zeros(12, 5), even, rows)) == pytest.approx(1)


def test_neighbours_stand_together_in_groups_that_change() -> None:
    rng = np.random.default_rng(0)
    heap = rng.integers(0, 16, 1000)  # sixteen heaps, far apart
    codes = (10 * rng.standard_normal((16, 8)))[heap] + 0.1 * rng.standard_normal((1000, 8))
    noise = torch.Generator().manual_seed(0)
    one, other = (designs.neighbours_together(codes.astype(np.float32), noise) for _ in range(2))
    for order in (one, other):
        assert sorted(order) == list(range(1000))
        assert (heap[order[1:]] == heap[order[:-1]]).mean() > 0.4  # by chance 0.06
    assert (one != other).mean() > 0.9


def test_a_run_that_was_killed_ends_as_one_that_was_not(
    views: np.ndarray, asked: Questions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = fit_designs(views, asked, 3, tmp_path / "whole")
    saved, counts = designs.save_checkpoint, []

    def killed(*given: object) -> None:
        saved(*given)
        counts.append(1)
        if len(counts) == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(designs, "save_checkpoint", killed)
        with pytest.raises(KeyboardInterrupt):
            fit_designs(views, asked, 3, tmp_path / "killed")
    resumed = fit_designs(views, asked, 3, tmp_path / "killed")
    for one, other in zip(whole.parameters(), resumed.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-4)


def test_the_bundle_has_what_a_catalogue_needs(
    tiny_furniture: Dataset, tiny_designs_folder: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(designs, "ASKED_NUMBERS", ("width", "height"))
    monkeypatch.setattr(designs, "ASKED_WORDS", ("kind", "legs"))
    monkeypatch.setattr(designs, "NUMBERS", ("width", "height"))
    monkeypatch.setattr(designs, "BATCH", 40)
    monkeypatch.setattr(designs, "STRANGERS", 60)
    asked_for = []

    def darker(data: Dataset) -> Dataset:
        return dataclasses.replace(data, images=(data.images * 0.8).astype(np.uint8))

    def two(data: Dataset, renders: Path) -> Dataset:
        asked_for.append(renders)
        designs = data.only(data.split == TRAIN)
        return joined([designs, darker(designs)])

    def anew(data: Dataset, indices: np.ndarray, seed: int, folder: Path) -> np.ndarray:
        asked_for.append((len(indices), seed, folder))
        return darker(data.only(indices)).images

    monkeypatch.setattr(designs, "twice", two)
    monkeypatch.setattr(designs, "render_again", anew)
    folder, renders = tmp_path / "furniture-contrast", tmp_path / "renders"
    figures = train_designs(tiny_furniture, renders, folder, tmp_path / "kept", epochs=3)
    test = int((tiny_furniture.split == TEST).sum())
    assert asked_for == [renders, (test, designs.UNSEEN, renders)]
    assert 0 < figures["again_first"] <= figures["again_first_10"] <= 1
    encoder = Encoder(folder)
    assert encoder.latent_dim == LATENT_DIM
    known = rendered(encoder)
    shapes, strangers = known.pieces.shapes, encoder.strangers
    assert len(strangers) == designs.STRANGERS
    strange = [
        strangeness(shape, np.delete(shapes, i, 0), strangers) for i, shape in enumerate(shapes)
    ]
    assert np.mean(np.array(strange) > encoder.config["alike"]) == pytest.approx(0.03, abs=0.02)
    assert len(known.pieces) == test
    assert set(known.sizes) == {"width", "height"}
    x = tiny_furniture.only(tiny_furniture.split == TEST).x()
    np.testing.assert_allclose(encoder.encode(x[:5]), known.pieces.shapes[:5], atol=5e-3)
    # pictures come from a model beside it
    (tmp_path / "furniture-ae").symlink_to(tiny_designs_folder / "furniture-ae")
    assert len(pictures_of(encoder, known.pieces.names)) == test
    assert bundle.is_auxiliary(folder)
