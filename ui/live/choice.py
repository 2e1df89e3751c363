"""What the browser reports: A, B, the slider and whose turn it is, read with distrust."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

from latent.errors import InputError
from latent.space import LatentSpace
from ui import state
from ui.state import Key, Point, Spot, State


@dataclass(frozen=True)
class Choice:
    """A finished choice: a click, a drop, a released slider.

    Args:
        seq: its number; the browser ignores answers to older ones.
        a: the start of the way.
        b: its end.
        next: the side that the next click sets.
        percent: where the slider stands, 0 to 100.
    """

    seq: int
    a: Point
    b: Point
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
        if side not in ("A", "B") or not 0 <= t <= 1:
            raise ValueError
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            "The map reported a choice that cannot be read. Reload the page."
        ) from error
    return Choice(seq, a, b, side, round(100 * t))


def take(choice: Choice, session: State) -> None:
    """Make the choice the page's own."""
    state.choose(session, "A", choice.a)
    state.choose(session, "B", choice.b)
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
    code = tuple(float(number) for number in value["code"])
    x, y = (float(number) for number in value["spot"])
    if len(code) != space.latent_dim or not all(map(isfinite, (*code, x, y))):
        raise ValueError
    space.map_info(str(value["map"]))
    return Spot(space.name, value["map"], (x, y), code)
