"""Test triples: what changes in them, what does not, and what is counted."""

from __future__ import annotations

import numpy as np
import pytest

from latent.furniture import triples
from latent.furniture.dataset import factors_of
from latent.furniture.factors import CHAIRS, NAMES, check, number
from latent.furniture.render import render
from latent.furniture.triples import (
    COLOURS,
    LIGHT,
    VIEW,
    colours_apart,
    render_triples,
    shares_closer,
    triple,
)

SEED = 3


@pytest.fixture(scope="module")
def drawn():
    return [triple(index, SEED) for index in range(150)]


def test_a_triple_is_a_chair_the_same_recoloured_and_a_table_in_its_colour(drawn):
    for chair, recoloured, table in drawn:
        assert (chair["kind"] in CHAIRS, table["kind"] in CHAIRS) == (True, False)
        assert {name for name in NAMES if chair[name] != recoloured[name]} <= set(COLOURS)
        for name in (*COLOURS, *VIEW, *LIGHT):
            assert table[name] == chair[name], name
        for factors in (chair, recoloured, table):
            assert tuple(factors) == NAMES
            assert check(factors) == [factors["kind"]]


def test_every_part_s_other_colour_is_60_degrees_of_hue_or_a_third_of_lightness_away(drawn):
    by_hue = 0
    for chair, recoloured, _ in drawn:
        for prefix in ("", "leg_", "pad_"):
            hues = [2 * np.pi * number(f, f"{prefix}hue") for f in (chair, recoloured)]
            angle = np.degrees(np.arccos(np.clip(np.cos(hues[0] - hues[1]), -1, 1)))
            lightness = [number(f, f"{prefix}lightness") for f in (chair, recoloured)]
            far = abs(lightness[0] - lightness[1]) >= 0.3 - 1e-6
            assert far or angle >= 60 - 1e-3
            by_hue += not far
    assert by_hue > 5


def test_colours_are_apart_by_hue_only_where_both_are_colourful():
    def colour(hue: float, saturation: float, lightness: float):
        return {"hue": hue, "saturation": saturation, "lightness": lightness}

    assert colours_apart(colour(0.95, 0.8, 0.5), colour(0.15, 0.8, 0.5))
    assert not colours_apart(colour(0.95, 0.8, 0.5), colour(0.05, 0.8, 0.5))
    assert not colours_apart(colour(0.0, 0.8, 0.5), colour(0.5, 0.1, 0.5))
    assert not colours_apart(colour(0.0, 0.8, 0.1), colour(0.5, 0.8, 0.1))  # both all but black
    assert colours_apart(colour(0.2, 0, 0.2), colour(0.2, 0, 0.55))


def test_kinds_of_all_sorts_are_drawn_and_a_triple_depends_on_seed_and_number_alone(drawn):
    assert {chair["kind"] for chair, *_ in drawn} == set(CHAIRS)
    assert len({table["kind"] for *_, table in drawn}) == 5
    assert triple(7, SEED) == drawn[7]
    assert triple(7, SEED + 1) != drawn[7]


def test_no_chair_of_a_triple_is_that_of_a_data_set(drawn):
    for index, (chair, *_) in enumerate(drawn[:20]):
        assert factors_of(index, SEED, {"kind": chair["kind"]})["detail"] != chair["detail"]


def test_triples_are_rendered_once_and_again_when_a_version_changes(tmp_path, monkeypatch):
    monkeypatch.setattr(triples, "CHUNK", 1)
    images = render_triples(2, SEED, tmp_path / "data", workers=1)
    assert (images.shape, images.dtype) == ((2, 3, 64, 64, 3), np.uint8)
    for index, role in ((0, 0), (1, 1), (1, 2)):
        np.testing.assert_array_equal(images[index, role], render(triple(index, SEED)[role]))

    with monkeypatch.context() as patch:
        patch.setattr(triples, "worker_pool", lambda workers: pytest.fail("rendered again"))
        np.testing.assert_array_equal(render_triples(2, SEED, tmp_path / "data"), images)

    def refuse(workers):
        raise ZeroDivisionError

    monkeypatch.setattr(triples, "worker_pool", refuse)
    for other in ((3, SEED), (2, SEED + 1)):
        with pytest.raises(ZeroDivisionError):
            render_triples(*other, tmp_path / "data")
    monkeypatch.setattr(triples, "TRIPLES_VERSION", 99)
    with pytest.raises(ZeroDivisionError):
        render_triples(2, SEED, tmp_path / "data")


def test_damaged_triples_are_rendered_again(tmp_path, monkeypatch):
    (tmp_path / f"triples-{SEED}-1.npz").write_bytes(b"half")
    images = render_triples(1, SEED, tmp_path, workers=1)
    monkeypatch.setattr(triples, "worker_pool", lambda workers: pytest.fail("rendered again"))
    np.testing.assert_array_equal(render_triples(1, SEED, tmp_path), images)


def test_the_chair_is_closer_to_itself_recoloured_where_the_code_is_its_form():
    # chair, recoloured, table as (form, colour): form in the first pixel, colour in the others
    forms = np.array([[0, 0, 255], [0, 0, 255], [0, 100, 80]], np.uint8)
    colours = np.array([[0, 200, 0], [0, 20, 0], [0, 0, 0]], np.uint8)
    images = np.repeat(colours, 4, axis=1).reshape(3, 3, 2, 2, 1).repeat(3, axis=4)
    images[..., 0, 0, :] = forms[..., None]
    figures = shares_closer(images, lambda x: x[:, :, 0, 0])
    # pixels: in the first triple colour outweighs form; in the third the table is a bit nearer
    assert figures["pixels"] == pytest.approx(1 / 3)
    assert figures["codes"] == pytest.approx(2 / 3)
    nearer = shares_closer(np.array([0, 60, 90], np.uint8)[None, :, None, None, None]
                           .repeat(3, axis=4), lambda x: x[:, :, 0, 0])  # fmt: skip
    assert nearer == {"pixels": 1, "pixels_of_both": 0, "codes": 1, "codes_of_both": 0}
