"""The map's colours, as people with each kind of colour vision see them."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

# Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB
VISION = {
    "all cones": np.eye(3),
    "no red": np.array([[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]]),
    "no green": np.array([[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]]),
    "no blue": np.array([[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]]),
}
TO_XYZ = np.array([[0.4125, 0.3576, 0.1804], [0.2127, 0.7152, 0.0722], [0.0193, 0.1192, 0.9503]])


def palettes() -> dict[str, list[str]]:
    source = Path("ui/live/colouring.js").read_text("utf-8")
    blocks = re.findall(r"(light|dark): \[(.*?)\]", source, re.DOTALL)
    return {name: re.findall(r"#[0-9a-f]{6}", block) for name, block in blocks}


def lab(colour: str, seen: np.ndarray) -> np.ndarray:
    """CIELAB of a colour through one kind of vision."""
    rgb = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    x, y, z = TO_XYZ @ np.clip(seen @ linear, 0, 1) / (0.9505, 1, 1.0888)
    f = [np.cbrt(v) if v > 0.008856 else 7.787 * v + 16 / 116 for v in (x, y, z)]
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def lines() -> dict[str, list[str]]:
    source = Path("ui/live/lines.js").read_text("utf-8")
    return {theme: re.findall(rf'{theme}: "(#[0-9a-f]{{6}})"', source) for theme in GROUNDS}


GROUNDS = {"light": "#ffffff", "dark": "#0e1117"}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("vision", VISION)
def test_any_two_ways_can_be_told_apart_and_from_the_page(theme: str, vision: str) -> None:
    colours = [lab(colour, VISION[vision]) for colour in lines()[theme]]
    assert len(colours) == 4
    assert min(np.linalg.norm(a - b) for a, b in combinations(colours, 2)) > 20
    ground = lab(GROUNDS[theme], VISION[vision])
    assert min(abs(colour[0] - ground[0]) for colour in colours) > 40


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("vision", VISION)
def test_any_two_labels_can_be_told_apart(theme: str, vision: str) -> None:
    colours = [lab(colour, VISION[vision]) for colour in palettes()[theme]]
    assert len(colours) == 10
    assert min(np.linalg.norm(a - b) for a, b in combinations(colours, 2)) > 20
