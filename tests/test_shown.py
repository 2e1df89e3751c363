"""What pictures show of their causes: proportions, and a side to be seen from."""

from __future__ import annotations

import numpy as np
import pytest

from latent.furniture.dataset import factors_of
from latent.furniture.drawing import SHARES
from latent.furniture.factors import CHAIRS, NAMES, words
from latent.furniture.render import build
from latent.furniture.shown import SYMMETRIES, extent, shown, symmetry

WORDS = {name: words(name) for name in NAMES if words(name)}
TABLES = [kind for kind in SHARES if kind not in CHAIRS]


def columns(pieces):
    """Factors of pieces as a data set has them."""
    return {
        name: np.array([WORDS[name].index(f[name]) for f in pieces], np.uint8)
        if name in WORDS
        else np.array([f[name] for f in pieces], np.float32)
        for name in NAMES
    }


def a_table(**given):
    plain = {"kind": "dining", "legs": "straight", "leaves": "no", "roundness": 0.0}
    return factors_of(3, 1, {**plain, "width": 0.8, "depth": 0.8, **given})


def alike(piece) -> str:
    return SYMMETRIES[int(symmetry(columns([piece]), WORDS)[0])]


def test_a_piece_twice_as_large_shows_the_same():
    piece = a_table(width=1.6, depth=0.8)
    solids = build(piece).triangles
    factors = columns([piece, piece])
    for name in ("width", "depth", "height", "leg_thickness"):
        factors[name] = factors[name] * np.array([1, 2], np.float32)
    factors["extent"] = np.array([extent(solids), extent(2 * solids)], np.float32)
    seen = shown(factors)
    assert seen["width"][0] == pytest.approx(1.6 / np.ptp(solids.reshape(-1, 3), 0).max())
    for name in ("width", "depth", "height", "leg_thickness"):
        assert seen[name][0] == pytest.approx(seen[name][1])


def test_the_box_around_a_piece_is_upright_and_its_longest_side_counts():
    corners = np.array([[[0, 0, 0], [3, 0, 0], [0, 4, 0]], [[0, 0, 1], [1, 1, 5], [0, 0, 0]]])
    assert extent(corners) == 5  # and not the length of a diagonal


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, "four sides alike"),
        ({"kind": "round", "roundness": 1.0}, "alike all round"),
        ({"kind": "round", "roundness": 1.0, "depth": 0.5}, "two sides alike"),
        ({"depth": 0.5}, "two sides alike"),
        ({"legs": "sled"}, "two sides alike"),
        ({"leaves": "yes"}, "two sides alike"),
        ({"kind": "desk", "drawers": 2}, "one front"),
    ],
)
def test_a_table_looks_the_same_as_often_as_its_top_and_legs_do(given, expected):
    assert alike(a_table(**given)) == expected


def test_a_back_arms_or_drawers_are_seen_from_one_side_alone():
    pieces = [factors_of(i, 5) for i in range(300)]
    found = symmetry(columns(pieces), WORDS)
    for piece, word in zip(pieces, found, strict=True):
        fronted = piece["back"] != "none" or piece["arms"] != "none" or piece["drawers"] > 0
        assert (SYMMETRIES[word] == "one front") == fronted
    assert {SYMMETRIES[i] for i in found} == set(SYMMETRIES)


@pytest.mark.parametrize("azimuth", [-70.0, -35.0, 20.0, 89.0])
def test_solids_that_look_alike_give_one_width_and_one_azimuth(azimuth):
    """A table a quarter round with its sides swapped is the same solid: compare its corners."""
    long = a_table(kind="coffee", width=1.4, depth=0.6, azimuth=azimuth, drawers=0)
    turned = dict(long, width=long["depth"], depth=long["width"])
    turned["azimuth"] = azimuth + 90 if azimuth < 0 else azimuth - 90
    seen = shown({**columns([long, turned]), "symmetry": np.array([1, 1], np.uint8)})
    assert seen["width"].tolist() == pytest.approx([1.4, 1.4])
    assert seen["depth"].tolist() == pytest.approx([0.6, 0.6])
    ends = np.deg2rad(seen["azimuth"])
    assert np.sin(ends[0]) == pytest.approx(np.sin(ends[1]), abs=1e-6)
    assert np.cos(ends[0]) == pytest.approx(np.cos(ends[1]), abs=1e-6)
    assert seen["azimuth"][0] == pytest.approx(azimuth)


def test_what_cannot_be_seen_is_not_asked():
    pieces = [a_table(), a_table(kind="round", roundness=1.0), a_table(depth=0.5)]
    factors = columns(pieces)
    factors["symmetry"] = symmetry(factors, WORDS)
    seen = shown(factors)
    assert np.isnan(seen["azimuth"]).tolist() == [True, True, False]
    assert np.isnan(seen["back_height"]).all()
    chair = columns([factors_of(0, 1, {"kind": "chair"})])
    assert shown(chair)["back_height"] == chair["back_height"] > 0


def test_what_is_not_known_is_left_out_and_metres_stay_where_no_extent_is_known():
    width = np.array([0.5, 0.7], np.float32)
    assert list(shown({"width": width})) == ["width"]
    np.testing.assert_array_equal(shown({"width": width})["width"], width)
    assert shown({}) == {}
