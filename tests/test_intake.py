"""What comes from the sheet and the clipboard, read with distrust."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from latent import InputError
from ui.intake import read_drawing, read_pasted


def address(content: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(content).decode()}"


def test_a_drawing_is_read_as_it_was_sent() -> None:
    assert read_drawing({"seq": 3, "number": 2, "png": address(b"abc")}) == (3, 2, b"abc")
    assert read_drawing({"seq": 4, "number": 2, "png": None}) == (4, 2, None)


@pytest.mark.parametrize(
    "value",
    [
        None, 7, {}, {"seq": 1, "number": 1}, {"seq": "x", "number": 1, "png": None},
        {"seq": 1, "number": None, "png": None}, {"seq": 1, "number": 1, "png": 5},
        {"seq": 1, "number": 1, "png": "http://elsewhere/x.png"},
        {"seq": 1, "number": 1, "png": "data:image/png;base64,%%%"},
        {"seq": float("inf"), "number": 1, "png": None},
    ],
)  # fmt: skip
def test_a_drawing_that_cannot_be_read_is_refused(value: Any) -> None:
    with pytest.raises(InputError, match="Reload the page"):
        read_drawing(value)


def test_what_was_pasted_is_read_as_it_was_sent() -> None:
    given = [{"name": "a.png", "url": address(b"1")}, {"name": "", "url": address(b"")}]
    assert read_pasted(given) == [("a.png", b"1"), ("", b"")]


@pytest.mark.parametrize(
    "value", [None, 3, "abc", [1], [{}], [{"name": "a"}], [{"name": "a", "url": "data:,x"}],
              [{"name": "a", "url": None}]],
)  # fmt: skip
def test_what_was_pasted_and_cannot_be_read_is_refused(value: Any) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_pasted(value)
