"""The address of Explore: what it shows as parameters that open the same elsewhere.

Everything in an address is hostile: it names no files, every number has a range, and what
cannot be read becomes a sentence while the page goes on with its default.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

import numpy as np
import streamlit as st

from latent.cache import fingerprint
from latent.errors import InputError
from latent.space import LatentSpace, model_names
from latent.ways import MOST_STOPS, WAYS
from latent.words import code_of_text, code_to_words
from ui import resources, state
from ui.state import Key, Point, Spot, State

VIEW = (("yaw", 1e4), ("pitch", 1.6), ("zoom", 400.0), ("x", 1e3), ("y", 1e3))  # and limits
FAR = 1e6  # of a coordinate on a map
LONGEST = 60  # letters of what an address says that are repeated to the visitor


@dataclass
class Read:
    """What an address asks for.

    Args:
        values: of the session, by their keys.
        problems: sentences on what could not be taken.
    """

    values: dict[Key, Any] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def take() -> list[str]:
    """Let a fresh visit show what its address asks for.

    Returns:
        Sentences on what could not be taken; later in the visit none.
    """
    session = st.session_state
    state.init(session)
    if session[Key.ADDRESSED]:
        return []
    session[Key.ADDRESSED] = True
    found = read(st.query_params.to_dict())
    for key, value in found.values.items():
        session[key] = value
    for side in "AB":
        state.choose(session, side, session[state.POINT[side]])
    return found.problems


def read(params: Mapping[str, str]) -> Read:
    """What an address asks for, read with distrust.

    Args:
        params: of the address, each as it came.
    """
    found = Read()
    if not set(params) & set(READERS):
        return found
    space = _model(params, found)
    for name, reader in READERS.items():
        if space is not None and name in params:
            try:
                found.values |= reader(params[name], space, params)
            except InputError as error:
                found.problems.append(f"{name}: {error}")
    found.problems += _differing(params, space)
    return found


def write(session: State, space: LatentSpace, map_name: str) -> dict[str, str]:
    """The address of what the page shows; the browser adds where the slider and the camera are."""
    points = state.stops(session)
    params = {
        "model": f"{space.name}@{model_hash(space)}",
        "map": f"{map_name}@{map_hash(space, map_name)}",
        "stops": ",".join(_words(space, point, map_name) for point in points),
        "way": session[Key.PATH],
        "steps": str(session[Key.N_STEPS]),
    }
    if session[Key.CLOSED]:
        params["round"] = "1"
    if not session[Key.COMPARE]:
        params["compare"] = "0"
    return params


def model_hash(space: LatentSpace) -> str:
    """What a model of the same name but other weights or codes does not have."""
    files = space.config["files"]
    return fingerprint(files["weights.safetensors"], files["gallery.npz"])[:8]


def map_hash(space: LatentSpace, map_name: str) -> str:
    """What a map of the same name with other points does not have."""
    return resources.map_parcel(space.name, map_name).version[:8]


def view_of(session: State, space: LatentSpace, map_name: str) -> dict[str, float] | None:
    """The camera that the address asked for, while that map is shown."""
    wanted = session[Key.VIEW]
    if wanted is None or wanted[:2] != (space.name, map_name):
        return None
    return dict(wanted[2])


def _model(params: Mapping[str, str], found: Read) -> LatentSpace | None:
    """The model that is asked for, else the one that the page opens with."""
    names = model_names()
    default = state.DEFAULTS[Key.MODEL]
    fallback = default if default in names else next(iter(names), None)
    wanted = params.get("model", fallback or "").partition("@")[0]
    if wanted not in names:  # never by its folder: an address opens no files
        found.problems.append(
            f"model: {_shown(wanted)} is not on this server, which has {', '.join(names)}. "
            f"The page goes on with {fallback}."
        )
        wanted = fallback
    if wanted is None:
        return None
    try:
        space = resources.space(wanted)
    except InputError:
        return None  # the page says it where it opens the model
    found.values[Key.MODEL] = wanted
    return space


def _differing(params: Mapping[str, str], space: LatentSpace | None) -> list[str]:
    """Where model or map have the name of those in the address, but are others."""
    if space is None:
        return []
    said = []
    name, _, stated = params.get("model", "").partition("@")
    if name == space.name and stated not in ("", model_hash(space)):
        said.append(
            f"model: {name} is another version here ({model_hash(space)}) than in the address "
            f"({_shown(stated)}). Pictures and places may differ."
        )
    name, _, stated = params.get("map", "").partition("@")
    if name in space.maps_info and stated not in ("", map_hash(space, name)):
        said.append(
            f"map: {name} is another one here ({map_hash(space, name)}) than in the address "
            f"({_shown(stated)}). The same codes lie elsewhere on it."
        )
    return said


def _map(text: str, space: LatentSpace, params: Mapping[str, str]) -> dict[Key, Any]:
    name = text.partition("@")[0]
    if name not in space.maps_info:
        raise InputError(
            f"{space.name} has no map {_shown(name)} here; it has {', '.join(space.map_names)}. "
            "The page goes on with one of these."
        )
    info = space.maps_info[name]
    return {Key.METHOD: info["method"], Key.DIMS: info["dims"]}


def _stops(text: str, space: LatentSpace, params: Mapping[str, str]) -> dict[Key, Any]:
    words = text.split(",")
    if not 2 <= len(words) <= MOST_STOPS:
        raise InputError(
            f"a way has from 2 to {MOST_STOPS} stops with commas between; got {len(words)}. "
            "The page goes on with its own."
        )
    map_name = params.get("map", "").partition("@")[0]
    points = [
        _point(word, letter, space, map_name)
        for letter, word in zip(state.STOPS, words, strict=False)
    ]
    more = tuple(point for point in points[2:] if point is not None)
    return {Key.A: points[0], Key.B: points[1], Key.MORE: more}


def _point(text: str, letter: str, space: LatentSpace, map_name: str) -> Point:
    """A gallery image by its number, or a code with where it was on the map."""
    if not text:
        return None
    words, *spot = text.split("~")
    if not spot and words.removeprefix("-").isdecimal() and len(words) < 12:
        index = int(words)
        if not 0 <= index < len(space.gallery):
            raise InputError(
                f"{letter} is the number of an image from 0 to {len(space.gallery) - 1}; got "
                f"{_shown(text)}. The page goes on with its own stops."
            )
        return index
    try:
        code = tuple(code_of_text(space, words).tolist())
        xy = tuple(_number(part, -FAR, FAR) for part in spot)
    except (InputError, ValueError) as error:
        raise InputError(
            f"{letter} is the number of an image from 0 to {len(space.gallery) - 1}, or the "
            f"base64 of the {space.latent_dim} numbers of a code; got {_shown(text)}. The page "
            "goes on with its own stops."
        ) from error
    known = map_name in space.maps_info and space.maps_info[map_name]["dims"] == 2
    if len(xy) != 2 or not known:
        return Spot(space.name, None, None, code)
    return Spot(space.name, map_name, (xy[0], xy[1]), code)


def _way(text: str, space: LatentSpace, params: Mapping[str, str]) -> dict[Key, Any]:
    return {Key.PATH: _one_of(text, WAYS, state.DEFAULTS[Key.PATH])}


def _steps(text: str, space: LatentSpace, params: Mapping[str, str]) -> dict[Key, Any]:
    choices = [str(steps) for steps in state.STEP_CHOICES]
    return {Key.N_STEPS: int(_one_of(text, choices, str(state.DEFAULTS[Key.N_STEPS])))}


def _round(text: str, space: LatentSpace, params: Mapping[str, str]) -> dict[Key, Any]:
    return {Key.CLOSED: _one_of(text, "01", "0") == "1"}


def _compare(text: str, space: LatentSpace, params: Mapping[str, str]) -> dict[Key, Any]:
    return {Key.COMPARE: _one_of(text, "01", "1") == "1"}


def _at(text: str, space: LatentSpace, params: Mapping[str, str]) -> dict[Key, Any]:
    default = state.DEFAULTS[Key.STEP]
    try:
        return {Key.STEP: round(_number(text, 0, 100))}
    except ValueError as error:
        raise InputError(
            f"is a share of the way from 0 to 100; got {_shown(text)}. The page goes on with "
            f"{default}."
        ) from error


def _view(text: str, space: LatentSpace, params: Mapping[str, str]) -> dict[Key, Any]:
    parts = text.split(",")
    try:
        if len(parts) != len(VIEW):
            raise ValueError
        view = {
            name: _number(part, 0.3 if name == "zoom" else -limit, limit)
            for part, (name, limit) in zip(parts, VIEW, strict=True)
        }
    except ValueError as error:
        ranges = ", ".join(
            f"{name} from {0.3 if name == 'zoom' else -limit:g} to {limit:g}"
            for name, limit in VIEW
        )
        raise InputError(
            f"is five numbers with commas between ({ranges}); got {_shown(text)}. The page shows "
            "the whole map."
        ) from error
    map_name = params.get("map", "").partition("@")[0]
    return {Key.VIEW: (space.name, map_name, view)}


READERS = {
    "model": lambda text, space, params: {},  # read before all others, which need it
    "map": _map, "stops": _stops, "way": _way, "steps": _steps, "round": _round,
    "compare": _compare, "at": _at, "view": _view,
}  # fmt: skip


def _words(space: LatentSpace, point: Point, map_name: str) -> str:
    """A point as an address has it: never a picture of the visitor's, only its code."""
    if point is None or isinstance(point, int):
        return "" if point is None else str(point)
    if not isinstance(point, Spot):
        return code_to_words(point.placed(space).code)
    code = code_to_words(np.array(point.code))
    if point.xy is None or point.map_name != map_name:
        return code
    return "~".join([code, *(repr(float(value)) for value in point.xy)])


def _one_of(text: str, choices: Sequence[str], default: str) -> str:
    if text not in tuple(choices):
        raise InputError(
            f"is one of {', '.join(choices)}; got {_shown(text)}. The page goes on with {default}."
        )
    return text


def _number(text: str, low: float, high: float) -> float:
    number = float(text)
    if not isfinite(number) or not low <= number <= high:
        raise ValueError
    return number


def _shown(text: str) -> str:
    """What an address says, cut short and without what would bend the line."""
    kept = "".join(c if c.isprintable() else "�" for c in text[:LONGEST])
    return f"'{kept}{'…' if len(text) > LONGEST else ''}'"
