"""The drawing of three distances, and what is said of them."""

from __future__ import annotations

import re

import numpy as np
import pytest

from latent.triples import distances
from ui.triangle import LONGEST, PICTURE, WIDTH, drawing, layout, verdict


def covers(corner: np.ndarray, other: np.ndarray) -> bool:
    """Whether two pictures with these upper left corners overlap."""
    return bool((np.abs(corner - other) < PICTURE - 1e-6).all())


def test_pictures_cover_neither_each_other_nor_a_corner_and_stay_inside() -> None:
    rng = np.random.default_rng(0)
    flat = [np.array(sides, float) for sides in ((1, 1, 2), (1, 2, 1), (2, 1, 1), (0.01, 1, 1))]
    for sides in [distances(rng.standard_normal((3, 3))) for _ in range(300)] + flat:
        box = layout(sides)
        a, b, table = box.pictures
        assert not covers(a, b)
        assert not covers(a, table)
        assert not covers(b, table)
        for picture in box.pictures:
            inside = (box.corners > picture) & (box.corners < picture + PICTURE)
            assert not inside.all(1).any()
        assert box.pictures.min() >= 0
        assert (box.pictures[:, 0] + PICTURE).max() <= WIDTH
        assert (box.pictures[:, 1] + PICTURE).max() <= box.height
        assert distances(box.corners) == pytest.approx(sides * LONGEST / sides.max())


def test_a_lower_drawing_stands_in_the_middle_of_a_given_height() -> None:
    sides = np.array([1.0, 1.0, 1.0])
    box, tall = layout(sides), layout(sides, 900.0)
    assert tall.height == 900
    assert tall.corners[:, 1] - box.corners[:, 1] == pytest.approx([(900 - box.height) / 2] * 3)


def test_the_nearest_pair_alone_is_marked_in_the_triangle_and_in_the_bars() -> None:
    pictures = [np.zeros((4, 4, 3), np.uint8)] * 3
    html = drawing("In <pixels>", "unit", np.array([3.0, 2.0, 4.0]), pictures)
    assert "In &lt;pixels&gt;: Chair A and chair B 3.00, Chair A and the table 2.00" in html
    assert html.count("height: 4.0px") == 1
    bold = re.findall(r'font-weight: 600">([^<]*)<', html)
    assert bold == ["Chair A and the table", "2.00"]
    widths = [float(found) for found in re.findall(r"1rem; width: ([\d.]+)%", html)]
    assert widths == [75, 50, 100]


@pytest.mark.parametrize(
    ("pixels", "codes", "begin", "end"),
    [
        ((5, 3, 6), (1, 3, 4), "In pixels, **chair A and the table** are nearest; in codes, "
         "**chair A and chair B** are nearest.", "brings the two chairs together."),
        ((1, 3, 4), (5, 3, 6), "In pixels, **chair A and chair B** are nearest; in codes, "
         "**chair A and the table** are nearest.", "brings chair A and the table together."),
        ((3, 4, 5), (6, 8, 10), "In pixels and in codes alike, **chair A and chair B** are "
         "nearest.", "changes nothing in that."),
        ((4, 5, 3), (6, 4, 8), "In pixels, **chair B and the table** are nearest; in codes, "
         "**chair A and the table** are nearest.", "brings chair A and the table together."),
        ((4, 4, 5), (3, 3, 3), "In pixels, **chair A and chair B** just as **chair A and the "
         "table** are nearest; in codes, all three are equally far apart.",
         "changes nothing in that."),
    ],
)  # fmt: skip
def test_the_verdict_follows_from_the_numbers(
    pixels: tuple[float, ...], codes: tuple[float, ...], begin: str, end: str
) -> None:
    words = verdict(np.array(pixels, float), np.array(codes, float))
    assert words.startswith(begin)
    assert words.endswith(end)
    assert f"{pixels[1] / pixels[0]:.2g} times as far away as chair B in pixels" in words
    assert f"{codes[1] / codes[0]:.2g} times in codes" in words


def test_twice_the_same_piece_gets_no_verdict() -> None:
    assert "take three different ones" in verdict(np.array([0.0, 3, 3]), np.array([0.0, 1, 1]))
