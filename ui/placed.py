"""An image of the visitor's own on a page: the tray, how it was prepared, what the model says."""

from __future__ import annotations

import numpy as np
import streamlit as st

from latent.errors import InputError
from latent.images import to_uint8
from latent.placement import Placement
from latent.space import LatentSpace
from ui import explorer, frame, live, pictures, state
from ui.pictures import Figure
from ui.state import Key
from ui.uploads import LABEL, Prepares, Tray, Upload, as_csv, as_npz
from ui.verdict import unlike

RAYS = 5  # nearest images that lines lead to
SHOWN = 10  # of them, side by side


def tray_row(space: LatentSpace, tray: Tray) -> None:
    """The visitor's images side by side, and what can be done with all of them."""
    tray_pictures(space, tray)
    uploads = list(tray.images.values())
    row = st.container(horizontal=True, gap="small")
    row.download_button(
        "Codes as NPZ", lambda: as_npz(space, uploads), "codes.npz", "application/octet-stream",
        key=Key.DOWNLOAD_NPZ, icon=":material/download:", on_click="ignore",
    )  # fmt: skip
    row.download_button(
        "Codes as CSV", lambda: as_csv(space, uploads), "codes.csv", "text/csv",
        key=Key.DOWNLOAD_CSV, icon=":material/download:", on_click="ignore",
    )  # fmt: skip
    row.button("Remove all", key=Key.REMOVE_ALL, icon=":material/delete_sweep:",
               on_click=_removed_all)  # fmt: skip


def tray_pictures(space: Prepares, tray: Tray) -> None:
    """The visitor's images side by side, one of them chosen."""
    images = []
    for number, upload in tray.images.items():
        words = upload.label or upload.name[:LABEL]
        landed = upload.landed(space)
        images.append({
            "number": number, "words": words, "picture": upload.thumbnail(space),
            "unlike": landed is not None and unlike(landed),
        })  # fmt: skip
    live.tray(Key.TRAY_CHOICE, images, tray.chosen, on_choice=_chosen)


def heading(upload: Upload, found: Placement) -> str:
    """What is said of an image in one line."""
    said = f"{frame.plain(upload.title)}: its neighbours say {frame.plain(found.label)}"
    return f"{said}, but it is unlike anything the model has seen" if unlike(found) else said


def about(upload: Upload) -> None:
    """The visitor's own label, the way to A or B, and out."""
    session = st.session_state
    session[Key.OWN_LABEL] = upload.label
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="small")
    row.text_input(
        "Your label", key=Key.OWN_LABEL, max_chars=LABEL, placeholder=upload.name[:LABEL],
        on_change=_labelled, width=240,
    )  # fmt: skip
    for side in "AB":
        row.button(f"Use it as {side}", key=state.OWN[side], on_click=state.choose,
                   args=[session, side, upload])  # fmt: skip
    row.button("Remove", key=Key.REMOVE, icon=":material/delete:", on_click=_removed)
    used = [side for side in "AB" if session[state.POINT[side]] is upload]
    if used:
        row.page_link("pages/explore.py", icon=":material/arrow_forward:",
                      label=f"It is {' and '.join(used)} now: walk on Explore")  # fmt: skip


def landing(space: LatentSpace, upload: Upload) -> tuple[np.ndarray, np.ndarray]:
    """Its code, and the images that lines on the map lead to, by the chosen distance."""
    found = upload.placed(space)
    return found.code, found.nearest_by(st.session_state[Key.METRIC])[0][:RAYS]


def squeezed(space: LatentSpace) -> str:
    """How much a code leaves out, in words."""
    values, numbers = int(np.prod(space.image_shape)), space.latent_dim
    what = "pixels" if space.image_shape[0] == 1 else "colour values"
    return (
        f"{values:,} {what} become {numbers} numbers, one for every {values / numbers:.0f}. "
        "From these alone the decoder draws the picture again."
    )


def steps(space: LatentSpace, upload: Upload) -> None:
    """From what came in to what the model sees, what it draws again, and the difference."""
    prepared, found = upload.prepared(space), upload.placed(space)
    better = f"Redrawn better than {100 - found.error_percentile:.0f} % of the test images."
    pictures.row([
        *(Figure(step.picture, step.name.capitalize(), step.note) for step in prepared.steps),
        Figure(to_uint8(found.reconstruction), "It draws again",
               f"From {space.latent_dim} numbers alone."),
        Figure(difference(prepared.x, found.reconstruction), "Difference", better),
    ])  # fmt: skip


def difference(x: np.ndarray, again: np.ndarray) -> np.ndarray:
    """What two images of shape (C, H, W) do not share, as pixels: white where they agree."""
    return to_uint8(1 - np.abs(x - again))


def neighbours(space: LatentSpace, upload: Upload) -> None:
    """The images whose codes are nearest by the chosen distance."""
    indices, distances = upload.placed(space).nearest_by(st.session_state[Key.METRIC])
    explorer.rows(space, {"": (indices[:SHOWN], distances[:SHOWN])})


def _tray() -> Tray:
    return state.tray(st.session_state)


def _chosen() -> None:
    tray = _tray()
    number = st.session_state[Key.TRAY_CHOICE]["choice"]
    with frame.errors_shown():
        if number not in tray.images:
            raise InputError("This image is not here any more. Choose another one.")
        tray.choose(number)


def _labelled() -> None:
    upload = _tray().shown
    if upload is not None:
        upload.label = str(st.session_state[Key.OWN_LABEL]).strip()[:LABEL]


def _removed() -> None:
    tray = _tray()
    if tray.shown is not None:
        tray.remove(tray.chosen)


def _removed_all() -> None:
    _tray().clear()
