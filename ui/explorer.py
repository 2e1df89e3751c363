"""The live map on a page: what it is sent, what it reports, and pictures beside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import streamlit as st

from latent.images import to_uint8
from latent.linear import LDA, Latent, Linear
from latent.space import LatentSpace
from ui import address, frame, live, parts, pictures, resources, state, ways
from ui.live import parcels
from ui.live.choice import pinned, read_choice, take
from ui.live.parcels import Parcel
from ui.pictures import Figure
from ui.state import Key, Point

INBOX = "latent-inbox"  # frame.STYLE hides containers of this name
FRAMES = 101  # steps that the server decodes for a model that the browser cannot run
INVERSE_NOTES = {
    "latent": "exact: the map is the latent space",
    "pca": "the directions that the map leaves out are at their mean",
    "lda": "what the map leaves out is as it mostly is within a class",
    "other": "a mean of the five codes nearest on the map: approximate",
}


def send_model(space: LatentSpace, map_name: str) -> None:
    """Send map and codes to the browser; what is there already is not sent again."""
    send_map(space, map_name)
    send_gallery(space)


def send_map(space: LatentSpace, map_name: str) -> None:
    """Send where the codes lie on a map, and how far to believe it."""
    with st.container(key=INBOX):
        live.send(resources.map_parcel(space.name, map_name), key=f"{INBOX}-map")
        lost = _distortion(space, map_name)
        if lost:
            live.send(lost, key=f"{INBOX}-distortion")


def send_gallery(space: LatentSpace) -> None:
    """Send what is the same for all maps: codes, labels."""
    with st.container(key=f"{INBOX}-gallery-of-map"):
        for parcel in resources.gallery_parcels(space.name):
            live.send(parcel, key=f"{INBOX}-{parcel.slot}")


def send_decoder(space: LatentSpace) -> None:
    """Send what draws images, after the map, which stands without it."""
    decoder = resources.decoder_parcel(space.name)
    if decoder is not None:
        with st.container(key=f"{INBOX}-decoder-of-map"):
            live.send(decoder, key=f"{INBOX}-decoder")


def draw(space: LatentSpace, map_name: str, codes: dict[str, np.ndarray]) -> None:
    """Draw the map with A and B and the way between them.

    Args:
        space: the model, whose arrays `send_model` has sent.
        map_name: the map to show.
        codes: of the stops, as far as they are chosen, by their letters, each (latent_dim,).
    """
    sent = _sent(space, map_name)
    line = ways.line_of(space, codes)
    with st.container(key=f"{INBOX}-scene"):
        if line is not None and not resources.runs_in_browser(space.name):
            sent.append(parcels.frames_parcel(ways.frames(space, line, FRAMES)))
            live.send(sent[-1], key=f"{INBOX}-frames")
        _pin_scene(space, map_name, sent, _choice(codes), {
            "stands": st.session_state[Key.STANDS],
            "stamp": None if line is None else line.stamp,
            "closed": st.session_state[Key.CLOSED],
            "compare": st.session_state[Key.COMPARE],
            "address": address.write(st.session_state, space, map_name),
            "view": address.view_of(st.session_state, space, map_name),
        })  # fmt: skip
    live.explorer(Key.EXPLORER, on_choice=lambda: _chosen(space), on_stand=_stands)


def draw_own(
    space: LatentSpace,
    map_name: str,
    own: tuple[np.ndarray, np.ndarray] | None,
    *,
    stands: bool = True,
    on_stand: Callable[[], None] = lambda: None,
) -> None:
    """Draw the map with an image of the visitor's own, which a drawing under way replaces.

    Args:
        space: the model, whose arrays `send_model` has sent.
        map_name: the map to show.
        own: its code, (latent_dim,), and the gallery images to draw lines to, (n,).
        stands: nothing waits for the map.
        on_stand: else called when it is drawn.
    """
    a = None if own is None else {"code": own[0].tolist(), "token": "own"}
    near = [] if own is None else own[1].tolist()
    choice: dict[str, Any] = {
        "seq": 0, "a": a, "b": None, "more": [], "path": "lerp", "next": "A", "t": 0.5,
    }  # fmt: skip
    with st.container(key=f"{INBOX}-scene"):
        _pin_scene(space, map_name, _sent(space, map_name), choice, {
            "fixed": True, "near": near, "stands": stands,
        })  # fmt: skip
    live.explorer(Key.EXPLORER, on_choice=lambda: None, on_stand=on_stand)


def rows(space: LatentSpace, found: dict[str, tuple[np.ndarray, np.ndarray]]) -> None:
    """Rows of gallery images: originals where they are on disk, else decoded in the browser.

    Args:
        space: the model.
        found: for each heading indices of images and their distances.
    """
    shown = [index for indices, _ in found.values() for index in indices]
    if not resources.runs_in_browser(space.name) or resources.have_originals(space.name, shown):
        for heading, (indices, distances) in found.items():
            if heading:
                st.markdown(f"**{heading}**")
            image_row(space, indices, distances)
        return
    with st.container(key=f"{INBOX}-rows"):
        live.pin("rows", {"rows": [
            {
                "heading": heading,
                "images": indices.tolist(),
                "captions": _captions(space, indices, distances),
            }
            for heading, (indices, distances) in found.items()
        ]}, key=f"{INBOX}-rows-values")  # fmt: skip
    live.rows(Key.ROWS)


def image_row(space: LatentSpace, indices: np.ndarray, distances: np.ndarray) -> None:
    """Gallery images side by side, each with its label and its distance."""
    chosen = tuple(int(i) for i in indices)
    found = to_uint8(resources.pictures(space.name, chosen))
    labels = [space.class_names[label] for label in space.gallery.labels[indices]]
    pictures.row([
        Figure(image, label, f"{distance:.2f}")
        for image, label, distance in zip(found, labels, distances, strict=True)
    ], 5.25)  # fmt: skip


def _captions(space: LatentSpace, indices: np.ndarray, distances: np.ndarray) -> list[str]:
    labels = space.gallery.labels[indices]
    return [
        f"{space.class_names[label]} · {distance:.2f}"
        for label, distance in zip(labels, distances, strict=True)
    ]


def _inverse_note(space: LatentSpace, map_name: str) -> str:
    projection = space.map(map_name)
    if isinstance(projection, Latent):
        return INVERSE_NOTES["latent"]
    if isinstance(projection, LDA):
        return INVERSE_NOTES["lda"]
    return INVERSE_NOTES["pca" if isinstance(projection, Linear) else "other"]


def _sent(space: LatentSpace, map_name: str) -> list[Parcel]:
    lost = _distortion(space, map_name)
    found = [resources.map_parcel(space.name, map_name), *resources.gallery_parcels(space.name)]
    decoder = resources.decoder_parcel(space.name)
    if decoder is not None:
        found.append(decoder)
    return [*found, lost] if lost else found


def _distortion(space: LatentSpace, map_name: str) -> Parcel | None:
    on = space.map_info(map_name).get("measured_on")
    return resources.distortion_parcel(space.name, map_name, on)


def _pin_scene(
    space: LatentSpace,
    map_name: str,
    sent: list[Parcel],
    choice: dict[str, Any],
    more: dict[str, Any],
) -> None:
    center = space.center
    live.pin("scene", {
        "model": space.name,
        "class_names": space.class_names,
        "image_shape": list(space.image_shape),
        "versions": {parcel.slot: parcel.version for parcel in sent},
        "inverse_note": _inverse_note(space, map_name),
        "usual": resources.usual(space.name),
        "path": st.session_state[Key.PATH],
        "center": None if center is None else center.tolist(),
        "steps": st.session_state[Key.N_STEPS],
        "choice": choice,
        "stands": True, "fixed": False, "closed": False, "compare": False, "stamp": None,
        "address": None, "view": None,
        **more,
    }, key=f"{INBOX}-scene-values")  # fmt: skip


def _choice(codes: dict[str, np.ndarray]) -> dict[str, Any]:
    session = st.session_state
    points: dict[str, Point] = {side: session[state.POINT[side]] for side in "AB"}
    a, b = (pinned(points[side], codes[side].tolist() if side in codes else None) for side in "AB")
    later = zip(state.STOPS[2:], session[Key.MORE], strict=False)
    more = [pinned(point, codes[letter].tolist()) for letter, point in later if letter in codes]
    return {
        "seq": session[Key.SEQ], "a": a, "b": b, "more": more, "path": session[Key.PATH],
        "next": session[Key.NEXT], "t": session[Key.STEP] / 100,
    }  # fmt: skip


def _chosen(space: LatentSpace) -> None:
    """The browser reports a choice; what cannot be read is said and changes nothing."""
    session = st.session_state
    known = {state.token(point): point for point in state.stops(session)}
    with frame.errors_shown():
        take(read_choice(session[Key.EXPLORER]["choice"], space, known), session)


def _stands() -> None:
    """The map is drawn as it was chosen: the rest of the page may follow."""
    st.session_state[Key.STANDS] = True
    parts.follow()
