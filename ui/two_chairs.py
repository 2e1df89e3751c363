"""Two chairs on a page: the three pieces, what the browser is sent, what it reports."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np
import streamlit as st

from latent.errors import InputError
from latent.images import to_uint8
from latent.space import LatentSpace
from latent.triples import Cause, causes, draw_triple
from ui import frame, live, resources, state
from ui.explorer import FRAMES, INBOX
from ui.live import parcels
from ui.live.groupings import UNITS
from ui.state import Key
from ui.uploads import Upload

TITLES = {"A": "Chair A", "B": "Chair B", "table": "Table"}
KINDS = {
    "swivel": "swivel chair", "dining": "dining table", "round": "round table",
    "coffee": "coffee table", "trestle": "trestle table",
}  # fmt: skip
NAMES = {
    "azimuth": "seen from", "upholstery": "upholstered", "width": "width", "height": "height",
}  # fmt: skip
STEPS = 9  # pictures in the strip
PICTURES = "pictures"  # their place on the page's board
PREFERRED = "furniture-vae"


@dataclass(frozen=True)
class Piece:
    """One of the three.

    Args:
        role: "A", "B" or "table".
        point: a gallery image by its number, or a photo.
        words: what it is.
        source: "original", "decoded" or "photo": what its picture is.
        picture: as it is shown and measured, shape (C, H, W), float32 in [0, 1].
        code: shape (latent_dim,), float32.
    """

    role: str
    point: int | Upload
    words: str
    source: str
    picture: np.ndarray
    code: np.ndarray


def prefer(names: list[str]) -> None:
    """Begin with the model of the other pages, if it is one of these."""
    session = st.session_state
    if session[Key.CHAIRS_MODEL] not in names:
        wanted = [name for name in (session[Key.MODEL], PREFERRED, names[0]) if name in names]
        session[Key.CHAIRS_MODEL] = wanted[0]


def current(space: LatentSpace) -> list[Piece]:
    """The chair, the other chair and the table; every visit begins with the same three."""
    session = st.session_state
    state.fit_pieces(session, len(space.gallery))
    if any(session[state.PIECE[role]] is None for role in state.ROLES):
        _choose(draw(space, np.random.default_rng(0)))
    return [_piece(space, role) for role in state.ROLES]


def draw(space: LatentSpace, rng: np.random.Generator) -> tuple[int, int, int]:
    """Three of the images that have their original here; where too few have, of all."""
    shipped = resources.with_originals(space.name)
    labels = np.bincount(space.gallery.labels[shipped], minlength=len(space.class_names))
    among = shipped if labels.min() >= 2 else None
    return draw_triple(space.gallery, space.class_names, rng, among)


def draw_another(space: LatentSpace) -> None:
    """Begin anew with three at random."""
    with frame.errors_shown():
        _choose(draw(space, np.random.default_rng()))


def take_number(role: str) -> None:
    """Make the image whose number is typed one of the three."""
    state.clear_uploaders(st.session_state)
    state.choose_piece(st.session_state, role, st.session_state[state.PIECE_NUMBER[role]])


def take_photo(space: LatentSpace, role: str) -> None:
    """Make a photo one of the three; one that cannot be read is said and changes nothing."""
    session = st.session_state
    file = session[state.photo_key(session, role)]
    session[Key.PHOTO_ERROR] = None
    if file is None:  # taken out of its box again
        take_number(role)
        return
    try:
        photo = Upload(file.name, file.getvalue())
        photo.prepared(space)
        state.choose_piece(session, role, photo)
    except InputError as error:
        session[Key.PHOTO_ERROR] = f"{file.name[:60]}: {error}"


def sources(pieces: list[Piece]) -> str:
    """What the pictures that are compared are, in words."""
    kinds = {piece.source for piece in pieces}
    if len(kinds) == 1:
        return {"original": "originals", "decoded": "decoded", "photo": "photos"}[kinds.pop()]
    found = (f"{TITLES[p.role]} {'a photo' if p.source == 'photo' else p.source}" for p in pieces)
    return ", ".join(found)


def shared(space: LatentSpace, pieces: list[Piece]) -> list[Cause]:
    """The known causes of both chairs; none of a photo are known."""
    a, b, _ = (piece.point for piece in pieces)
    if isinstance(a, Upload) or isinstance(b, Upload):
        return []
    return causes(space.gallery, a, b)


def causes_table(found: list[Cause]) -> str:
    """The causes of chair A and chair B side by side, as HTML."""
    rows = "".join(
        f'<tr style="{"" if cause.same else "font-weight: 600"}">'
        f'<th scope="row" style="{CELL}; font-weight: inherit">{_name(cause)}</th>'
        + "".join(f'<td style="{CELL}">{_value(cause, value)}</td>' for value in cause.values)
        + f'<td style="{CELL}">{"same" if cause.same else "differs"}</td></tr>'
        for cause in found
    )
    heads = "".join(
        f'<th scope="col" style="{CELL}">{head}</th>'
        for head in ("Cause", "Chair A", "Chair B", "")
    )
    return (
        '<table style="border-collapse: collapse; font-size: 0.875rem; width: 100%; '
        f'max-width: 32rem"><tr>{heads}</tr>{rows}</table>'
    )


CELL = (
    "text-align: left; padding: 0.35rem 0.8rem 0.35rem 0; "
    "border-bottom: 1px solid color-mix(in srgb, currentColor 18%, transparent)"
)


def send_decoder(space: LatentSpace) -> None:
    """Send the decoder to the browser, where that can run it."""
    decoder = resources.decoder_parcel(space.name)
    if decoder is not None:
        with st.container(key=f"{INBOX}-decoder-box"):
            live.send(decoder, key=f"{INBOX}-decoder")


def held_for_colours(space: LatentSpace, pieces: list[Piece]) -> str:
    """How much of what is between the two chairs lies in the numbers that are for colours."""
    count = space.colour_numbers
    change = np.square(pieces[0].code - pieces[1].code)
    if not count or not change.any():
        return ""
    share = change[-count:].sum() / change.sum()
    return (
        f" This model was taught to keep colours in its last {count} numbers: of the squared "
        f"distance between the chairs' codes, {share:.0%} lies in those."
    )


def kept(space: LatentSpace, pieces: list[Piece]) -> None:
    """Each picture, what the decoder draws from its code, and what the two do not share."""
    decoder = resources.decoder_parcel(space.name)
    images = [piece.picture for piece in pieces]
    if decoder is None:
        images += list(space.decode(np.stack([piece.code for piece in pieces])))
    sent = parcels.frames_parcel(np.stack(images), PICTURES)

    def at(i: int) -> dict[str, Any]:
        return {"slot": sent.slot, "version": sent.version, "at": i}

    cards: list[dict[str, Any]] = []
    for i, piece in enumerate(pieces):
        name, error = TITLES[piece.role], _error(space, piece)
        again = (
            {"picture": at(len(pieces) + i)} if decoder is None else
            {"code": piece.code.tolist(), "slot": decoder.slot, "version": decoder.version}
        )  # fmt: skip
        cards += [
            {"title": name, "note": piece.source, "picture": at(i)},
            {"title": "Redrawn", "note": f"from {space.latent_dim} numbers", **again,
             "label": f"{name}, redrawn"},
            {"title": "Difference", "note": error, **again, "minus": at(i),
             "label": f"{name}, difference"},
        ]  # fmt: skip
    with st.container(key=f"{INBOX}-kept"):
        live.send(sent, key=f"{INBOX}-pictures")
        shape = list(space.image_shape)
        live.pin(
            "kept", {"shape": shape, "square": True, "cards": cards}, key=f"{INBOX}-kept-values"
        )
    live.redrawn(Key.REDRAWN, "kept")


def walk(space: LatentSpace, pieces: list[Piece]) -> None:
    """The way from chair A to the table under a slider."""
    session, ends = st.session_state, (pieces[0].code, pieces[2].code)
    parcel = resources.decoder_parcel(space.name)
    with st.container(key=f"{INBOX}-walk"):
        if parcel is None:
            parcel = parcels.frames_parcel(space.decode(space.walk(ends[0], ends[1], FRAMES)))
            live.send(parcel, key=f"{INBOX}-frames")
        live.pin("walk", {
            "image_shape": list(space.image_shape),
            "versions": {parcel.slot: parcel.version},
            "path": "lerp", "center": None, "steps": STEPS,
            "ends": [code.tolist() for code in ends],
            "seq": session[Key.WALK_SEQ], "t": session[Key.WALK_STEP] / 100,
        }, key=f"{INBOX}-walk-values")  # fmt: skip
    live.walk(Key.WALK, on_step=_stepped)


def between(space: LatentSpace, pieces: list[Piece]) -> str:
    """The step where the slider rests beside the nearest gallery image; how far apart, in words."""
    percent = st.session_state[Key.WALK_STEP]
    code = space.walk(pieces[0].code, pieces[2].code, 101)[percent]
    (index,), (distance,) = space.neighbours(code, 1)
    decoder = resources.decoder_parcel(space.name)
    cards: list[dict[str, Any]] = []
    for title, note, shown in (
        (f"At {percent} %", "decoded", code),
        (f"Image {index}", f"{_kind(space, int(index))} · decoded", space.code(int(index))),
    ):
        if decoder is None:
            drawn: dict[str, Any] = {"pixels": space.decode(shown[None]).ravel().tolist()}
        else:
            drawn = {"code": shown.tolist(), "slot": decoder.slot, "version": decoder.version}
        cards.append({"title": title, "note": note, **drawn})
    with st.container(key=f"{INBOX}-between"):
        shape = list(space.image_shape)
        live.pin("between", {"shape": shape, "cards": cards}, key=f"{INBOX}-between-values")
    live.redrawn(Key.BETWEEN, "between")
    usual = np.array(resources.usual(space.name))
    return found_between(percent, float(distance), usual)


def found_between(percent: int, distance: float, usual: np.ndarray) -> str:
    """Whether a step of the way is near a known image or something new.

    Args:
        percent: of the way.
        distance: from its code to that of the nearest gallery image.
        usual: 0th to 100th percentile of the same distance of images new to the model.
    """
    closer = round(float((usual < distance).sum()) * 100 / len(usual))
    begin = f"At {percent} % of the way the nearest image of the gallery lies {distance:.2f} away"
    if closer >= 99:
        return (
            f"{begin}: farther than any real image that the model never saw lies from those that "
            "it learned. No image is like this one, and how far to believe it nobody can say."
        )
    return (
        f"{begin}. Of real images that the model never saw, {closer} % lie closer than that to one "
        f"that it learned: {'a stretch' if closer > 95 else 'nothing unusual'}."
    )


def read_step(value: Any) -> tuple[int, int]:
    """Check what came from the browser: its number, and the percent of the way.

    Raises:
        InputError: it is not as the page's own script sends it.
    """
    try:
        seq, t = int(value["seq"]), float(value["t"])
        if not (isfinite(t) and 0 <= t <= 1):
            raise ValueError
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            "The slider reported a place that cannot be read. Reload the page."
        ) from error
    return seq, round(100 * t)


def _stepped() -> None:
    """The slider has come to rest; what cannot be read is said and changes nothing."""
    session = st.session_state
    with frame.errors_shown():
        session[Key.WALK_SEQ], session[Key.WALK_STEP] = read_step(session[Key.WALK]["step"])


def _choose(triple: tuple[int, int, int]) -> None:
    state.clear_uploaders(st.session_state)
    for role, index in zip(state.ROLES, triple, strict=True):
        state.choose_piece(st.session_state, role, index)


def _piece(space: LatentSpace, role: str) -> Piece:
    point = st.session_state[state.PIECE[role]]
    if isinstance(point, Upload):
        words = f"your photo {frame.plain(point.name[:40])}"
        x = point.prepared(space).x
        return Piece(role, point, words, "photo", x, space.encode(x[None])[0])
    words = f"image {point}, {_kind(space, point)}"
    expected = "table" if role == "table" else "chair"
    if space.class_names[space.gallery.labels[point]] != expected:
        words += f" (not a {expected})"
    source = "decoded" if resources.original(space.name, point) is None else "original"
    picture = resources.pictures(space.name, (point,))[0]
    return Piece(role, point, words, source, picture, space.code(point))


def _kind(space: LatentSpace, index: int) -> str:
    gallery = space.gallery
    word = space.class_names[gallery.labels[index]]
    if "kind" in gallery.words:
        word = gallery.words["kind"][gallery.factors["kind"][index]]
    return frame.plain(KINDS.get(word, word))


def _error(space: LatentSpace, piece: Piece) -> str:
    """How much of the picture is lost, in words; of a decoded one nothing is known to be."""
    if piece.source == "original" and isinstance(piece.point, int):
        return f"squared error {space.gallery.reconstruction_error[piece.point]:.4f}"
    if piece.source == "decoded":
        return "none: there is no original"
    redrawn = space.decode(piece.code[None])[0]
    return f"squared error {float(np.square(redrawn - piece.picture).mean()):.4f}"


def _name(cause: Cause) -> str:
    return NAMES.get(cause.name, cause.name).replace("_", " ").capitalize()


def _value(cause: Cause, value: Any) -> str:
    if cause.name == "colour":
        red, green, blue = to_uint8(np.array(value)[:, None, None].astype(np.float32))[0, 0]
        return (
            f'<span role="img" aria-label="red {red}, green {green}, blue {blue} of 255" '
            f'style="display: inline-block; width: 2.2rem; height: 1rem; border-radius: 0.25rem; '
            f"vertical-align: middle; border: 1px solid color-mix(in srgb, currentColor 30%, "
            f'transparent); background: rgb({red}, {green}, {blue})"></span>'
        )
    if isinstance(value, str):
        return KINDS.get(value, value) if cause.name == "kind" else value
    if cause.name == "azimuth":
        return f"{value:+.0f}°"
    return f"{value:.2f} {UNITS.get(cause.name, '')}"
