"""What a model's figures say of known causes, on tiny furniture."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

from latent import InputError, LatentSpace, causes, disentanglement
from latent.causes import evaluate_causes, evaluate_triples
from latent.disentanglement import linear_probe


@pytest.fixture
def spaces(tiny_furniture_folder, monkeypatch):
    monkeypatch.setenv("LATENT_MODELS", str(tiny_furniture_folder))
    monkeypatch.setattr(disentanglement, "TREES", 5)
    return [LatentSpace(tiny_furniture_folder / name) for name in ("furniture-ae", "furniture-vae")]


@pytest.fixture
def figures(spaces):
    return evaluate_causes(spaces[1])


def test_every_size_and_angle_is_probed_and_azimuth_as_sine_and_cosine(figures, spaces):
    probes = figures["probe_r2"]
    sizes = ["width", "height", "back_height"]
    assert list(probes) == [*sizes, "azimuth", "azimuth_sine", "azimuth_cosine"]
    assert probes["width"] > 0.5
    assert probes["azimuth_sine"] < 0.2  # no picture shows the azimuth
    gallery = spaces[1].gallery
    codes, azimuth = gallery.codes.astype(float), np.radians(gallery.factors["azimuth"])
    fitted = LinearRegression().fit(codes[:200], np.cos(azimuth[:200]))
    expected = fitted.score(codes[200:], np.cos(azimuth[200:]))
    assert probes["azimuth_cosine"] == pytest.approx(expected, abs=1e-4)
    low, high = sorted((probes["azimuth_sine"], probes["azimuth_cosine"]))
    assert low < probes["azimuth"] < high


def test_a_back_is_judged_by_chairs_alone(figures, spaces):
    gallery = spaces[1].gallery
    chairs = gallery.labels == 0
    train = gallery.split == 0
    expected = linear_probe(
        gallery.codes[chairs], gallery.factors["back_height"][chairs], train[chairs]
    )
    assert figures["probe_r2"]["back_height"] == pytest.approx(expected, rel=1e-6)


def test_every_part_is_told_beside_the_commonest_word(figures, spaces):
    parts = figures["part_accuracy"]
    assert set(parts) == {"kind", "legs"}
    assert parts["kind"]["accuracy"] > 0.7
    assert parts["legs"]["accuracy"] < 0.65  # no picture shows the legs
    kind = spaces[1].gallery.factors["kind"]
    commonest = np.bincount(kind[:200]).argmax()
    assert parts["kind"]["commonest"] == (kind[200:] == commonest).mean()


def test_the_ae_stands_beside_the_vae(figures, spaces):
    scores = figures["disentanglement"]
    assert set(scores) == {"furniture-ae", "furniture-vae"}
    for space in spaces:
        assert scores[space.name] == causes.disentanglement(space.gallery)
        assert set(scores[space.name]) == {
            "mig", "disentanglement", "completeness", "informativeness",
        }  # fmt: skip
        assert all(-0.2 < score < 1 for score in scores[space.name].values())
    assert scores["furniture-ae"] != scores["furniture-vae"]
    json.dumps(figures)


def test_a_damaged_sibling_is_left_out(spaces, monkeypatch):
    def damaged(name: str) -> None:
        raise InputError(f"{name} is truncated")

    monkeypatch.setattr(causes, "load_space", damaged)
    assert list(evaluate_causes(spaces[0])["disentanglement"]) == ["furniture-ae"]


def test_a_gallery_whose_code_is_its_causes_is_disentangled(spaces):
    gallery = spaces[0].gallery
    names = [name for name in gallery.factors if name != "hue"]
    columns = [gallery.factors[name].astype(np.float32) for name in names]
    codes = np.stack(columns, axis=1)
    own = replace(gallery, codes=codes)
    scores, drawn = causes.disentanglement(own), causes.disentanglement(gallery)
    assert scores["disentanglement"] > drawn["disentanglement"] + 0.2
    assert scores["mig"] > drawn["mig"] + 0.2
    assert scores["informativeness"] > 0.9


def test_triples_are_kept_beside_the_renders(spaces, tmp_path, monkeypatch):
    monkeypatch.setattr(causes, "TRIPLES", 3)
    seen = []
    images = np.random.default_rng(0).integers(0, 256, (3, 3, 64, 64, 3)).astype(np.uint8)
    monkeypatch.setattr(causes, "render_triples", lambda *words: seen.append(words) or images)
    figures = evaluate_triples(spaces[0], tmp_path)
    assert seen == [(3, 0, tmp_path)]
    x = np.moveaxis(images, 4, 2).astype(np.float32) / 255
    closer = 0
    for three in x:
        chair, recoloured, table = spaces[0].encode(three)
        closer += np.linalg.norm(chair - recoloured) < np.linalg.norm(chair - table)
    assert (figures["count"], figures["codes"]) == (3, pytest.approx(closer / 3))
