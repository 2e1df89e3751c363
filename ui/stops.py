"""More stops than A and B: add, move, remove, and round again."""

from __future__ import annotations

import streamlit as st

from latent.errors import InputError
from latent.space import LatentSpace
from latent.ways import MOST_STOPS
from ui import frame, parts, state
from ui.state import Key


def draw(space: LatentSpace) -> None:
    """All stops in their order, each with what can be done to it."""
    session = st.session_state
    points = state.stops(session)
    st.subheader("More stops", anchor=False)
    st.markdown("A way may go on: from B to C and further, and round again to A.")
    for i, point in enumerate(points if len(points) > 2 else []):
        row = st.container(horizontal=True, vertical_alignment="center", gap="small")
        row.markdown(f"**{state.STOPS[i]}** · {parts.describe(space, point)}")
        row.button("", key=state.stop_key("earlier", i), icon=":material/arrow_upward:",
                   help="Meet it earlier.", disabled=i == 0,
                   on_click=_move, args=[i, -1])  # fmt: skip
        row.button("", key=state.stop_key("later", i), icon=":material/arrow_downward:",
                   help="Meet it later.", disabled=i == len(points) - 1,
                   on_click=_move, args=[i, 1])  # fmt: skip
        row.button("", key=state.stop_key("remove", i), icon=":material/close:",
                   help="Leave it out.", on_click=_remove, args=[i])  # fmt: skip
    session[Key.NUMBER_NEXT] %= len(space.gallery)
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    row.number_input("Image number of the next stop", 0, len(space.gallery) - 1,
                     key=Key.NUMBER_NEXT, width=220)  # fmt: skip
    row.button("Add it", key=Key.ADD_STOP, icon=":material/add:", on_click=_add,
               disabled=len(points) >= MOST_STOPS,
               help=f"Up to {MOST_STOPS} stops. *Add a stop* below the map takes one from "
               "there.")  # fmt: skip
    row.toggle("Round again to A", key=Key.CLOSED, on_change=parts.redraw)


def _add() -> None:
    session = st.session_state
    with frame.errors_shown():
        if len(state.stops(session)) >= MOST_STOPS:
            raise InputError(f"A way has at most {MOST_STOPS} stops. Remove one first.")
        state.set_stops(session, [*state.stops(session), session[Key.NUMBER_NEXT]])
    parts.redraw()


def _move(i: int, by: int) -> None:
    session = st.session_state
    points = state.stops(session)
    points[i], points[i + by] = points[i + by], points[i]
    state.set_stops(session, points)
    parts.redraw()


def _remove(i: int) -> None:
    session = st.session_state
    points = state.stops(session)
    del points[i]
    state.set_stops(session, points)
    parts.redraw()
