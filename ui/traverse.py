"""Traverse on a page: where the code starts, what the browser is sent, what it reports."""

from __future__ import annotations

from dataclasses import replace
from math import isfinite
from typing import Any

import numpy as np
import streamlit as st

from latent.errors import InputError
from latent.paths import traverse
from latent.space import LatentSpace
from ui import frame, live, parts, resources, state
from ui.explorer import INBOX
from ui.live import parcels
from ui.live.parcels import Parcel
from ui.state import Key, Traversal

STEPS = 7  # pictures in the row of a number: with a reach of 3 one standard deviation apart
SIDE = {2: 15}  # pictures along a side of the plane where it is the whole space
SIDE_OF_SLICE = 9  # and where it is a slice: it is drawn again for every code


def current(space: LatentSpace) -> Traversal:
    """The code under the sliders; a fresh visit starts from an image."""
    session = st.session_state
    state.fit_points(session, space.name, len(space.gallery))
    session[Key.IMAGE] %= len(space.gallery)
    moved: Traversal | None = session[Key.TRAVERSAL]
    if moved is None or moved.model != space.name:
        session[Key.PLANE] = None
        start_from_image(space)
    traversal: Traversal = session[Key.TRAVERSAL]
    return traversal


def start(space: LatentSpace, words: str, code: np.ndarray) -> None:
    """Begin anew from a code of shape (latent_dim,)."""
    numbers = tuple(float(number) for number in code)
    st.session_state[Key.MOVES] += 1  # newer than what the browser knows, whatever is under way
    st.session_state[Key.TRAVERSAL] = Traversal(space.name, words, numbers, numbers)


def start_from_image(space: LatentSpace) -> None:
    """Begin with the image whose number is typed in."""
    index = st.session_state[Key.IMAGE]
    start(space, parts.describe(space, index), space.code(index))


def start_from_any_image(space: LatentSpace) -> None:
    """Begin with an image drawn from the gallery."""
    st.session_state[Key.IMAGE] = int(np.random.default_rng().integers(len(space.gallery)))
    start_from_image(space)


def start_from_mean(space: LatentSpace) -> None:
    """Begin in the middle of the gallery."""
    start(space, "the mean of all codes", resources.importance(space.name).mean)


def start_from_prior(space: LatentSpace) -> None:
    """Begin with a draw from N(0, I), which no image has."""
    drawn = np.random.default_rng().standard_normal(space.latent_dim)
    start(space, "a random draw from the prior", drawn)


def start_from_point(space: LatentSpace, side: str) -> None:
    """Begin with A or B of Explore."""
    with frame.errors_shown():
        point = st.session_state[state.POINT[side]]
        if isinstance(point, int):
            st.session_state[Key.IMAGE] = point
        words = f"{side}, {parts.describe(space, point)}"
        start(space, words, parts.code_of(space, point))


def draw(space: LatentSpace, traversal: Traversal) -> None:
    """Sliders, rows, plane and posterior of the code, from what the browser has been sent."""
    plane = plane_of(space)
    drawing = resources.decoder_parcel(space.name)
    with st.container(key=f"{INBOX}-traverse"):
        if drawing is None:
            drawing = parcels.frames_parcel(space.decode(sheet(space, traversal, plane)))
            live.send(drawing, key=f"{INBOX}-frames")
        live.pin("traverse", {
            "model": space.name,
            "image_shape": list(space.image_shape),
            "versions": {drawing.slot: drawing.version},
            "numbers": _numbers(space),
            "measure": resources.importance(space.name).measure,
            "steps": STEPS, "side": _side(space), "reach": st.session_state[Key.REACH],
            "seq": st.session_state[Key.MOVES], "plane": list(plane),
            "start": list(traversal.start), "code": list(traversal.code),
            "posterior": _posterior(space),
        }, key=f"{INBOX}-traverse-values")  # fmt: skip
    live.traverse(Key.TRAVERSE, on_move=lambda: _moved(space))


def send_decoder(space: LatentSpace) -> None:
    """Send the decoder to the browser, where that can run it."""
    _send(resources.decoder_parcel(space.name))


def redrawn(space: LatentSpace, models: list[str]) -> None:
    """One image as several models draw it, beside the original where that is on disk.

    Args:
        space: of the page.
        models: names of models of the same images.
    """
    index = st.session_state[Key.IMAGE]
    cards: list[dict[str, Any]] = []
    pixels = resources.original(space.name, index)
    if pixels is not None:
        cards.append({"title": "The image itself", "note": "original", "pixels": _flat(pixels)})
    for name in models:
        other = resources.space(name)
        card: dict[str, Any] = {
            "title": f"{other.latent_dim} numbers · {other.config['kind'].upper()}",
            "note": f"squared error {other.gallery.reconstruction_error[index]:.4f}",
        }
        decoder = resources.decoder_parcel(name, _slot(space, name))
        if decoder is None:
            card["pixels"] = _flat(other.decode(other.code(index)[None])[0])
        else:
            card |= {"code": other.code(index).tolist(),
                     "slot": decoder.slot, "version": decoder.version}  # fmt: skip
        cards.append(card)
    with st.container(key=f"{INBOX}-redrawn"):
        shape = list(space.image_shape)
        live.pin("redrawn", {"shape": shape, "cards": cards}, key=f"{INBOX}-redrawn-values")
    live.redrawn(Key.REDRAWN)


def send_decoders(space: LatentSpace, models: list[str]) -> None:
    """Send the decoders that `redrawn` needs beside the page's own."""
    for name in models:
        if name != space.name:
            _send(resources.decoder_parcel(name, _slot(space, name)))


def plane_of(space: LatentSpace) -> tuple[int, int]:
    """The two numbers that the plane is drawn over: those chosen, else those that matter most."""
    chosen: tuple[int, int] | None = st.session_state[Key.PLANE]
    order = resources.importance(space.name).order
    first, second = order[0], order[min(1, len(order) - 1)]
    return (int(first), int(second)) if chosen is None else chosen


def sheet(space: LatentSpace, traversal: Traversal, plane: tuple[int, int]) -> np.ndarray:
    """Codes of all pictures of the page, for a model that only the server can run.

    Returns:
        The code itself, the rows of its numbers in their order, the rows of the plane from
        the top: shape (1 + latent_dim · STEPS + side², latent_dim), float32.
    """
    known, side = resources.importance(space.name), _side(space)
    reach = float(st.session_state[Key.REACH])
    code = np.array(traversal.code, np.float32)

    def moved(z: np.ndarray, dim: int, n_steps: int, reach: float) -> np.ndarray:
        return traverse(z, dim, n_steps, mean=known.mean[dim], std=known.std[dim], reach=reach)

    rows = [moved(code, dim, STEPS, reach) for dim in known.order]
    across, up = plane
    inner = reach * (1 - 1 / side)  # to the middle of the outermost pictures
    cells = [moved(z, across, side, inner) for z in moved(code, up, side, inner)[::-1]]
    return np.concatenate([code[None], *rows, *cells])


def read_move(value: Any, space: LatentSpace) -> tuple[int, tuple[float, ...], tuple[int, int]]:
    """Check what came from the browser: its number, the code, and the plane's two numbers.

    Raises:
        InputError: anything in it is not as the page's own script sends it.
    """
    try:
        seq, (across, up) = int(value["seq"]), (int(dim) for dim in value["plane"])
        code = tuple(float(number) for number in value["code"])
        # 16-bit floats end there, and no decoder was ever asked for more
        if len(code) != space.latent_dim or not all(isfinite(n) and abs(n) < 6e4 for n in code):
            raise ValueError
        if not (0 <= across < space.latent_dim and 0 <= up < space.latent_dim):
            raise ValueError
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            "The sliders reported a code that cannot be read. Reload the page."
        ) from error
    return seq, code, (across, up)


def _moved(space: LatentSpace) -> None:
    """The browser reports a code; what cannot be read is said and changes nothing."""
    session = st.session_state
    with frame.errors_shown():
        seq, code, plane = read_move(session[Key.TRAVERSE]["move"], space)
        session[Key.TRAVERSAL] = replace(current(space), code=code)
        session[Key.MOVES], session[Key.PLANE] = seq, plane


def _send(parcel: Parcel | None) -> None:
    if parcel is not None:
        key = f"{INBOX}-{parcel.slot.replace(' ', '-')}"
        with st.container(key=f"{key}-box"):
            live.send(parcel, key=key)


def _slot(space: LatentSpace, name: str) -> str:
    return "decoder" if name == space.name else f"decoder of {name}"


def _side(space: LatentSpace) -> int:
    return SIDE.get(space.latent_dim, SIDE_OF_SLICE)


def for_colours(space: LatentSpace) -> str:
    """Which numbers were left to colours, if any were."""
    if not space.colour_numbers:
        return ""
    first, last = space.latent_dim - space.colour_numbers + 1, space.latent_dim
    return (
        f"In training, other colours were to change numbers {first} to {last} alone. That was "
        "asked of the encoder: what you move here may tint the picture all the same."
    )


def _numbers(space: LatentSpace) -> list[dict[str, Any]]:
    """Every number as the browser takes it, those that matter most first."""
    known = resources.importance(space.name)
    return [
        {
            "index": int(dim), "importance": float(known.values[dim]),
            "unused": bool(known.unused[dim]),
            "mean": float(known.mean[dim]), "std": float(known.std[dim]),
        }
        for dim in known.order
    ]  # fmt: skip


def _posterior(space: LatentSpace) -> dict[str, Any] | None:
    """Mean and spread that a vae's encoder gave the chosen image."""
    index, logvar = st.session_state[Key.IMAGE], space.gallery.logvar
    if logvar is None:
        return None
    spread = np.exp(0.5 * logvar[index].astype(np.float64))
    return {"image": index, "mean": space.code(index).tolist(), "std": spread.tolist()}


def _flat(image: np.ndarray) -> list[float]:
    return [round(float(value), 4) for value in image.ravel()]
