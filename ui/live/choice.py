"""What the browser reports: A, B, the slider and whose turn it is, read with distrust."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np

from latent.errors import InputError
from latent.space import LatentSpace
from latent.ways import MOST_STOPS, WAYS
from ui import state
from ui.state import Key, Point, Spot, State


@dataclass(frozen=True)
class Choice:
    """A finished choice: a click, a drop, a released slider.

    Args:
        seq: its number; the browser ignores answers to older ones.
        a: the start of the way.
        b: its end.
        more: the stops after it.
        path: the way that the slider is on.
        next: the side that the next click sets.
        percent: where the slider stands, 0 to 100.
    """

    seq: int
    a: Point
    b: Point
    more: tuple[Point, ...]
    path: str
    next: str
    percent: int


def read_choice(value: Any, space: LatentSpace, known: Mapping[str, Point]) -> Choice:
    """Check what came from the browser.

    Args:
        value: as received.
        space: the model that the page shows.
        known: points that the browser may name by a token.

    Raises:
        InputError: anything in it is not as the page's own script sends it.
    """
    try:
        seq, side, t = int(value["seq"]), value["next"], float(value["t"])
        a, b = (_point(value[name], space, known) for name in "ab")
        more = tuple(_point(stop, space, known) for stop in value["more"])
        path = value["path"]
        if side not in ("A", "B") or not 0 <= t <= 1 or path not in WAYS:
            raise ValueError
        if len(more) > MOST_STOPS - 2 or None in more:
            raise ValueError
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            "The map reported a choice that cannot be read. Reload the page."
        ) from error
    return Choice(seq, a, b, more, path, side, round(100 * t))


def take(choice: Choice, session: State) -> None:
    """Make the choice the page's own."""
    state.choose(session, "A", choice.a)
    state.choose(session, "B", choice.b)
    session[Key.MORE], session[Key.PATH] = choice.more, choice.path
    session[Key.NEXT], session[Key.STEP], session[Key.SEQ] = choice.next, choice.percent, choice.seq


def pinned(point: Point, code: list[float] | None) -> dict[str, Any] | None:
    """A point as the browser takes it.

    Args:
        point: of the page.
        code: of a point that is no gallery image.
    """
    if point is None or isinstance(point, int):
        return None if point is None else {"index": point}
    words: dict[str, Any] = {"code": code, "token": state.token(point)}
    return words | (
        {"spot": list(point.xy), "map": point.map_name}
        if isinstance(point, Spot) and point.xy is not None
        else {}
    )


def _point(value: Any, space: LatentSpace, known: Mapping[str, Point]) -> Point:
    if value is None:
        return None
    if "token" in value:
        return known[value["token"]]
    if "index" in value:
        index = int(value["index"])
        space.code(index)
        return index
    # in 16 bits, as an address has it: who opens that sees the same to the last bit
    code = tuple(np.array(value["code"], np.float64).astype(np.float16).tolist())
    x, y = (float(number) for number in value["spot"])
    if len(code) != space.latent_dim or not all(map(isfinite, (*code, x, y))):
        raise ValueError
    space.map_info(str(value["map"]))
    return Spot(space.name, value["map"], (x, y), code)
