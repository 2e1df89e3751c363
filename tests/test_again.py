"""A design once more: in other colours, from another side."""

from __future__ import annotations

import numpy as np
import pytest

from latent.data import TRAIN, Dataset
from latent.furniture import again as module
from latent.furniture.again import DESIGN, again, render_again
from latent.furniture.dataset import factors_of
from latent.furniture.factors import CHAIRS, NAMES, check, words
from latent.furniture.render import render
from latent.furniture.triples import COLOURS, LIGHT, VIEW, colours_apart

SEED = 3


def pieces(count: int) -> Dataset:
    drawn = [factors_of(index, SEED) for index in range(count)]
    named = {name: words(name) for name in NAMES if words(name)}
    factors = {
        name: np.array([named[name].index(f[name]) for f in drawn], np.uint8)
        if name in named
        else np.array([f[name] for f in drawn], np.float32)
        for name in NAMES
    }
    labels = np.array([f["kind"] not in CHAIRS for f in drawn], np.uint8)
    blank = np.full((count, 64, 64, 3), 255, np.uint8)
    return Dataset(blank, labels, np.full(count, TRAIN, np.uint8), factors, named)


def test_the_design_stays_and_colours_view_and_light_are_drawn_anew():
    far = turned = 0
    for index in range(200):
        piece = factors_of(index, SEED)
        other = again(piece, index, SEED)
        assert sorted(other) == sorted(NAMES)
        assert check(other) == [piece["kind"]]
        assert all(other[name] == piece[name] for name in DESIGN)
        assert set(DESIGN) == set(NAMES) - {*COLOURS, *VIEW, *LIGHT}
        far += colours_apart(piece, other)
        turned += other["azimuth"] != piece["azimuth"]
        assert again(piece, index, SEED) == other
        assert again(piece, index, SEED + 1) != other
    assert far > 190  # but some grey metal, which has no colour that is far from its own
    assert turned == 200


def test_pictures_are_kept_in_files_of_their_own_and_a_killed_run_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "CHUNK", 2)
    data, chosen = pieces(5), np.array([0, 1, 2, 4])
    images = render_again(data, chosen, SEED, tmp_path, workers=1)
    for image, index in zip(images, chosen, strict=True):
        expected = render(again(factors_of(int(index), SEED), int(index), SEED))
        np.testing.assert_array_equal(image, expected)
    parts = sorted((tmp_path / f"again-{SEED}").glob("*.npz"))
    assert len(parts) == 2
    before = parts[0].stat().st_mtime_ns
    parts[1].write_bytes(b"half of a file")
    np.testing.assert_array_equal(render_again(data, chosen, SEED, tmp_path, workers=1), images)
    assert parts[0].stat().st_mtime_ns == before

    def refuse(workers):
        raise ZeroDivisionError

    monkeypatch.setattr(module, "worker_pool", refuse)
    others = Dataset(data.images - 1, data.labels, data.split, data.factors, data.words)
    for given, indices in ((others, chosen), (data, np.array([0, 3]))):
        with pytest.raises(ZeroDivisionError):
            render_again(given, indices, SEED, tmp_path)
