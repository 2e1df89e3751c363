"""What Traverse sends to the browser and what comes back, without a browser."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import streamlit as st

from latent import InputError, LatentSpace
from latent.importance import importance
from ui import traverse
from ui.state import Key, Traversal

GOOD = {"seq": 4, "code": [0.5, -1, 2, 0], "plane": [2, 0]}


def test_a_movement_is_read_as_it_was_made(tiny_space: LatentSpace) -> None:
    assert traverse.read_move(GOOD, tiny_space) == (4, (0.5, -1.0, 2.0, 0.0), (2, 0))


@pytest.mark.parametrize(
    "change",
    [
        {"seq": None}, {"code": [0.0] * 3}, {"code": [0.0, 0, 0, float("nan")]},
        {"code": [0.0, 0, 0, 1e9]}, {"code": "abcd"}, {"plane": [0]}, {"plane": [0, 4]},
        {"plane": [-1, 0]}, {"plane": None},
    ],
)  # fmt: skip
def test_a_movement_that_no_page_sends_is_refused(tiny_space: LatentSpace, change: dict) -> None:
    with pytest.raises(InputError, match="Reload the page"):
        traverse.read_move({**GOOD, **change}, tiny_space)


def test_the_sheet_holds_every_picture_where_the_browser_looks_for_it(
    tiny_space: LatentSpace, tiny_models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(st, "session_state", {Key.REACH: 2})
    code = tuple(float(number) for number in tiny_space.code(7))
    known = importance(tiny_space.gallery.codes, tiny_space.gallery.logvar)
    sheet = traverse.sheet(tiny_space, Traversal("mnist-vae", "", code, code), (1, 3))
    steps, side = traverse.STEPS, traverse.SIDE_OF_SLICE
    assert sheet.shape == (1 + 4 * steps + side**2, 4)
    np.testing.assert_array_equal(sheet[0], np.float32(code))
    first = known.order[0]
    row = sheet[1 : 1 + steps]
    ends = known.mean[first] + 2 * known.std[first] * np.array([-1, 1])
    np.testing.assert_allclose(row[[0, -1], first], ends, rtol=1e-5)
    assert (np.delete(row, first, axis=1) == np.delete(sheet[:1], first, axis=1)).all()
    # rows of the plane from the top, each from the left; every picture stands for its middle
    plane = sheet[1 + 4 * steps :].reshape(side, side, 4)
    low, high = (known.mean + sign * 2 * (1 - 1 / side) * known.std for sign in (-1, 1))
    np.testing.assert_allclose(plane[0, 0, [1, 3]], [low[1], high[3]], rtol=1e-5)
    np.testing.assert_allclose(plane[-1, -1, [1, 3]], [high[1], low[3]], rtol=1e-5)
    assert (plane[..., [0, 2]] == sheet[0, [0, 2]]).all()
