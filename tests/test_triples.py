"""Triples, colours and triangles, against brute force."""

from __future__ import annotations

import colorsys
from pathlib import Path

import numpy as np
import pytest

from latent import InputError, LatentSpace, triples
from latent.gallery import Gallery
from latent.triples import DEGREES, SPREADS, TRIES, WORDS

NAMES = ["chair", "table"]
KINDS = ["chair", "swivel", "desk"]


def gallery(count: int = 60, seed: int = 0, **fixed: np.ndarray) -> Gallery:
    """Pieces with random causes: chairs of two kinds, and desks."""
    rng = np.random.default_rng(seed)
    kind = rng.integers(0, 3, count).astype(np.uint8)
    factors = {
        "kind": kind,
        "legs": rng.integers(0, 2, count).astype(np.uint8),
        **{name: rng.random(count).astype(np.float32) for name in SPREADS},
        **{name: rng.uniform(-60, 60, count).astype(np.float32) for name in DEGREES},
        **{name: rng.random(count).astype(np.float32) for name in ("hue", "saturation")},
        "lightness": rng.uniform(0.1, 0.9, count).astype(np.float32),
    } | fixed
    zeros = np.zeros(count, np.float32)
    labels = (kind == 2).astype(np.uint8)
    words = {"kind": KINDS, "legs": ["straight", "star"]}
    return Gallery(zeros[:, None], labels, labels * 0, zeros, None, factors, words)


def colour(given: Gallery, index: int) -> np.ndarray:
    hue, saturation, lightness = (
        float(given.factors[name][index]) for name in ("hue", "saturation", "lightness")
    )
    return np.array(colorsys.hls_to_rgb(hue, lightness, saturation))


def plainly_differs(given: Gallery, a: int, b: int) -> bool:
    (h0, s0, l0), (h1, s1, l1) = (
        [float(given.factors[name][i]) for name in ("hue", "saturation", "lightness")]
        for i in (a, b)
    )
    apart = min((h0 - h1) % 1, (h1 - h0) % 1) * 360
    return (apart >= 60 and min(s0, s1) >= triples.SATURATED) or abs(l0 - l1) >= 0.3


def cost(given: Gallery, a: int, b: int) -> float:
    total = 0.0
    for name in ("kind", "legs"):
        total += WORDS[name] * (given.factors[name][a] != given.factors[name][b])
    for name, share in SPREADS.items():
        unit = share * np.std(given.factors[name].astype(float))
        total += ((float(given.factors[name][a]) - float(given.factors[name][b])) / unit) ** 2
    for name, degrees in DEGREES.items():
        total += ((float(given.factors[name][a]) - float(given.factors[name][b])) / degrees) ** 2
    return total


def test_colours_are_those_of_the_standard_library() -> None:
    rng = np.random.default_rng(0)
    hsl = rng.random((200, 3))
    hsl[:4] = [(0, 1, 0.5), (1, 1, 0.5), (1 / 3, 0, 0.5), (0.5, 1, 1)]
    expected = [colorsys.hls_to_rgb(h, lightness, s) for h, s, lightness in hsl]
    assert triples.rgb(*hsl.T) == pytest.approx(np.array(expected))


def test_a_colour_differs_by_hue_where_it_is_seen_or_by_lightness() -> None:
    given = gallery(400)
    others = np.arange(400)
    for index in range(20):
        found = triples.other_colour(given, index, others)
        assert found.tolist() == [plainly_differs(given, index, i) for i in others]
        assert 0 < found.sum() < 400


def test_hues_are_compared_around_the_circle() -> None:
    hue = np.array([0.99, 0.01, 0.5], np.float32)
    flat = np.full(3, 0.5, np.float32)
    given = gallery(3, hue=hue, saturation=flat, lightness=flat)
    assert triples.other_colour(given, 0, np.arange(3)).tolist() == [False, False, True]


@pytest.mark.parametrize("seed", range(5))
def test_a_triple_is_the_best_of_all_where_all_chairs_are_tried(seed: int) -> None:
    given = gallery(60, seed)
    kinds = given.factors["kind"]
    chairs = np.flatnonzero(kinds != 2)[:TRIES]
    tables = np.flatnonzero(kinds == 2)[:6]
    pairs = [(a, b) for a in chairs for b in chairs if a != b and plainly_differs(given, a, b)]
    best = min(cost(given, a, b) for a, b in pairs)
    drawn = triples.draw_triple(
        given, NAMES, np.random.default_rng(seed), np.concatenate([chairs, tables])
    )
    first, other, table = drawn
    assert {first, other} <= set(chairs.tolist())
    assert plainly_differs(given, first, other)
    assert cost(given, first, other) == pytest.approx(best)
    nearest = min(tables, key=lambda i: np.linalg.norm(colour(given, i) - colour(given, first)))
    assert table == nearest


def test_triples_vary_and_keep_to_the_images_that_are_offered() -> None:
    given = gallery(300)
    among = np.arange(0, 300, 2)
    rng = np.random.default_rng(0)
    drawn = [triples.draw_triple(given, NAMES, rng, among) for _ in range(30)]
    assert len({first for first, _, _ in drawn}) > 8
    assert {index for triple in drawn for index in triple} <= set(among.tolist())
    for first, other, table in drawn:
        assert first != other
        assert [given.labels[i] for i in (first, other, table)] == [0, 0, 1]
    # much more alike than two chairs taken at random
    chairs = np.flatnonzero(given.labels == 0)
    usual = np.median([cost(given, *rng.choice(chairs, 2, replace=False)) for _ in range(200)])
    assert np.median([cost(given, a, b) for a, b, _ in drawn]) < usual / 3


def test_chairs_of_one_colour_give_the_two_that_differ_most() -> None:
    same = np.full(30, 0.5, np.float32)
    lightness = np.linspace(0.5, 0.6, 30).astype(np.float32)
    given = gallery(30, hue=same, saturation=same, lightness=lightness)
    chairs = np.flatnonzero(given.labels == 0)[:TRIES]
    among = np.concatenate([chairs, np.flatnonzero(given.labels == 1)])
    drawn = triples.draw_triple(given, NAMES, np.random.default_rng(1), among)
    assert {drawn[0], drawn[1]} == {int(chairs[0]), int(chairs[-1])}


def test_a_triple_needs_two_chairs_and_a_table() -> None:
    given = gallery(60)
    tables = np.flatnonzero(given.labels == 1)
    chairs = np.flatnonzero(given.labels == 0)
    for among, words in (([*tables, chairs[0]], "got 1 and"), (chairs, "and 0")):
        with pytest.raises(InputError, match=words):
            triples.draw_triple(given, NAMES, np.random.default_rng(0), np.array(among))


def test_causes_of_two_pieces_stand_side_by_side() -> None:
    given = gallery(40)
    found = {cause.name: cause for cause in triples.causes(given, 3, 8)}
    assert set(found) == {"kind", "legs", "colour", "width", "height", "azimuth"}
    kinds = given.factors["kind"]
    assert found["kind"].values == (KINDS[kinds[3]], KINDS[kinds[8]])
    assert found["kind"].same == (kinds[3] == kinds[8])
    assert found["colour"].same != plainly_differs(given, 3, 8)
    assert found["colour"].values[1] == pytest.approx(colour(given, 8), abs=1e-6)
    apart = abs(float(given.factors["azimuth"][3]) - float(given.factors["azimuth"][8]))
    assert found["azimuth"].same == (apart <= 10)
    assert all(cause.same for cause in triples.causes(given, 3, 3))


def test_a_triangle_has_the_sides_it_is_given() -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        points = rng.standard_normal((3, 4, 8))
        sides = triples.distances(points)
        flat = points.reshape(3, -1)
        expected = [np.sqrt(((flat[i] - flat[j]) ** 2).sum()) for i, j in ((0, 1), (0, 2), (1, 2))]
        assert sides == pytest.approx(expected)
        corners = triples.triangle(sides)
        assert triples.distances(corners) == pytest.approx(sides)
        assert corners[2, 1] >= 0


@pytest.mark.parametrize("sides", [(0, 2, 2), (2, 0, 2), (2, 2, 0), (1, 2, 3), (0, 0, 0)])
def test_a_flat_triangle_is_drawn_too(sides: tuple[float, ...]) -> None:
    corners = triples.triangle(np.array(sides, float))
    assert triples.distances(corners) == pytest.approx(sides, abs=1e-9)


def test_models_of_chairs_and_tables_are_found(
    tiny_furniture_folder: Path, tiny_models_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LATENT_MODELS", str(tiny_models_folder))
    assert triples.models() == []
    monkeypatch.setenv("LATENT_MODELS", str(tiny_furniture_folder))
    assert triples.models() == ["furniture-ae", "furniture-vae"]


def test_a_gallery_that_knows_little_gives_triples_too(tiny_furniture_folder: Path) -> None:
    space = LatentSpace(tiny_furniture_folder / "furniture-vae")
    drawn = triples.draw_triple(space.gallery, space.class_names, np.random.default_rng(0))
    assert [int(space.gallery.labels[index]) for index in drawn] == [0, 0, 1]
    hue = space.gallery.factors["hue"]
    apart = abs(float(hue[drawn[0]]) - float(hue[drawn[1]]))
    assert min(apart, 1 - apart) >= 60 / 360
