"""Designs in two pictures each or three, and designs beside those of the data set."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from latent.data import TEST, TRAIN, Dataset
from latent.furniture import twice as module
from latent.furniture.again import DESIGN, again
from latent.furniture.dataset import EXTENT, factors_at, factors_of
from latent.furniture.factors import NAMES
from tests.test_again import pieces


def some(count: int, first: int) -> Dataset:
    """Pieces whose pictures tell them apart."""
    data = pieces(count)
    data.images[:] = np.arange(first, first + count)[:, None, None, None]
    data.factors[EXTENT] = np.linspace(0.5, 2, count, dtype=np.float32)
    data.split[-1] = TEST
    return data


def test_each_design_stands_in_either_half_and_no_test_design_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, more = some(6, 0), some(4, 100)
    folders = []

    def marked(data: Dataset, indices: np.ndarray, seed: int, folder: Path) -> np.ndarray:
        folders.append((folder.name, seed))
        return data.images[indices] + 50

    def beside(folder: Path, count: int, seed: int) -> Dataset:
        folders.append((folder.name, (count, seed)))
        return dataclasses.replace(more, split=np.full(4, TRAIN, np.uint8))

    monkeypatch.setattr(module, "render_again", marked)
    monkeypatch.setattr(module, "designs_beside", beside)
    pictures = module.twice(data, tmp_path / "renders")
    assert folders == [("renders-more", (32_000, 1)), ("renders", 0), ("renders-more", 0)]
    first, second = np.split(pictures.images[:, 0, 0, 0], 2)
    assert first.tolist() == [0, 1, 2, 3, 4, 100, 101, 102, 103]
    np.testing.assert_array_equal(second, first + 50)
    assert (pictures.split == TRAIN).all()
    one, other = (factors_at(pictures, i) for i in (2, 9 + 2))
    assert one == factors_at(data, 2)
    # as `again` draws it, in the 32 bits of a data set
    drawn = again(one, 2, 0)
    numbers = [name for name in NAMES if name not in data.words]
    np.testing.assert_allclose([other[n] for n in numbers], [drawn[n] for n in numbers], rtol=1e-6)
    assert all(other[name] == one[name] for name in DESIGN)
    assert other["azimuth"] != one["azimuth"]
    assert pictures.factors[EXTENT][9 + 2] == pictures.factors[EXTENT][2]


def test_designs_beside_are_others_than_those_of_the_data_set(tmp_path: Path) -> None:
    more = module.designs_beside(tmp_path / "more", 2, module.MORE_SEED)
    assert more.images.shape == (2, 64, 64, 3)
    assert (more.split == TRAIN).all()
    mine, theirs = (factors_of(0, seed)["height"] for seed in (module.MORE_SEED, 0))
    assert more.factors["height"][0] == pytest.approx(mine)
    assert more.factors["height"][0] != pytest.approx(theirs)


def test_designs_beside_may_all_have_something(tmp_path: Path) -> None:
    tables = module.designs_beside(tmp_path / "tables", 2, 2, {"kind": "trestle"})
    assert [tables.words["kind"][kind] for kind in tables.factors["kind"]] == ["trestle"] * 2
    assert (tables.labels == 1).all()


def test_more_is_a_third_picture_of_each_design_and_tables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, folders = some(6, 0), []

    def marked(data: Dataset, indices: np.ndarray, seed: int, folder: Path) -> np.ndarray:
        return data.images[indices] + 50 * (seed + 1)

    def beside(folder: Path, count: int, seed: int, fixed: object = None) -> Dataset:
        folders.append((folder.name, count, seed, fixed))
        first = 30 if len(folders) == 1 else 170 + 10 * (len(folders) - 1)
        return dataclasses.replace(some(2, first), split=np.full(2, TRAIN, np.uint8))

    monkeypatch.setattr(module, "render_again", marked)
    monkeypatch.setattr(module, "designs_beside", beside)
    pictures = module.more(data, tmp_path / "renders")
    designs = np.array([0, 1, 2, 3, 4, 30, 31])
    tables = [180, 181, 190, 191, 200, 201, 210, 211, 220, 221]
    assert pictures.images[:, 0, 0, 0].tolist() == [
        *designs, *(designs + 50), *(designs + 100), *tables
    ]  # fmt: skip
    assert folders[-1] == ("renders-oval", 16_000, 3, {"kind": "round", "depth": 0.55})
    turns = pictures.factors["azimuth"][: 3 * 7].reshape(3, 7)
    assert (turns[0] != turns[2]).all()  # each in a view of its own
    assert (turns[1] != turns[2]).all()
