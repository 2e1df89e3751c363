"""Recognise: show it something a few times, give it a name, and it knows it from then on."""

import numpy as np
import streamlit as st

from latent.encoder import Encoder
from ui import frame, intake, placed, recognising, state
from ui.state import Key

encoder = recognising.begin(
    "Recognise",
    "Show it something a few times, give it a name, and it knows it from then on. Nothing is "
    "trained: what you show becomes a code, and a name is the mean of its codes. Show it something "
    "else, and it says: a stranger.",
)


@frame.fragment
def page(encoder: Encoder) -> None:
    """All that an image or a name changes."""
    recognising.problem()
    left, right = st.columns([2, 3], gap="large")
    with left:
        x, title, many = shown(encoder)
    with right:
        known = recognising.known(encoder)
        if x is None:
            st.info("Draw something, bring it, or take it from the data.", icon=":material/info:")
        else:
            with frame.errors_shown():
                recognising.answer(known, x, title)
            recognising.naming(known, x, many)
    st.subheader("What it knows", anchor=False)
    recognising.begin_with(encoder)
    recognising.people(known)
    recognising.files(known)
    st.subheader("When is it a stranger?", anchor=False)
    recognising.threshold(known)


def shown(encoder: Encoder) -> tuple[np.ndarray | None, str, list[np.ndarray]]:
    """The image that is shown now, what it is called, and all that the visitor brought."""
    st.segmented_control(
        "Show it", list(recognising.SOURCES), key=Key.SHOWN_FROM, required=True,
        format_func=recognising.SOURCES.__getitem__,
    )  # fmt: skip
    if st.session_state[Key.SHOWN_FROM] == "data":
        return recognising.from_data(encoder)
    tray = state.tray(st.session_state)
    found = intake.arrived()
    where = st.empty()
    if st.session_state[Key.SHOWN_FROM] == "drawn":
        intake.plain_sheet(encoder, tray)
    else:
        intake.ways(encoder)
    intake.take_all(encoder, tray, found, where)
    intake.refusals(tray)
    if tray.images:
        placed.tray_pictures(encoder, tray)
    usable = dict(recognising.usable(tray, encoder))
    if tray.shown in usable:
        return usable[tray.shown], tray.shown.title, list(usable.values())
    return None, "", []


with frame.errors_shown():
    page(encoder)
