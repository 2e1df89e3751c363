"""Explore: the map, two points on it, and the way between them."""

import numpy as np
import streamlit as st

from latent.neighbours import METRICS, cosine_similarity, euclidean
from latent.space import LatentSpace
from latent.ways import TITLES
from ui import address, beside, explorer, frame, keep, parts, state, stops, ways
from ui.state import Key

problems = address.take()
space = frame.begin(
    "Explore",
    "Every dot is an image of {thing}, placed by its code. Dots that lie close "
    "together have similar codes. Choose two images, **A** and **B**, and walk from one to the "
    "other: each step in between is a code that no image has, drawn by the decoder.",
)
for problem in problems:
    st.warning(frame.plain(problem), icon=":material/link_off:")
map_name = parts.choose_map(space)


@frame.fragment
def live_map(space: LatentSpace, map_name: str) -> None:
    """What answers a click at once: the arrays that it does not change are outside."""
    parts.fit_points(space)
    explorer.draw(space, map_name, parts.codes_of_points(space))


@frame.fragment
def details(space: LatentSpace) -> None:
    """What is said and shown of the stops, once the map stands, and how else to choose them."""
    if not st.session_state[Key.STANDS]:
        return
    codes = parts.codes_of_points(space)
    key, path = state.fresh(st.session_state, Key.PATH)
    options = st.container(horizontal=True, gap="large", vertical_alignment="bottom")
    options.segmented_control(
        "Path", list(TITLES), default=path, key=key, required=True,
        format_func=TITLES.__getitem__, on_change=path_chosen,
        help="The straight line is the shortest way. The great circle goes around the middle of "
        "the space and so keeps away from codes that are shorter than those of real images. "
        "Along the data: from image to image, each near the one before, smoothed. The cross-fade "
        "knows no codes: it lays one image over the other, and is what the ways are worth "
        "comparing with.",
    )  # fmt: skip
    options.select_slider(
        "Steps", state.STEP_CHOICES, key=Key.N_STEPS, width=180, on_change=parts.redraw,
        help="Images from A to B, both included.",
    )  # fmt: skip
    options.toggle("Compare", key=Key.COMPARE, on_change=parts.redraw,
                   help="Show the strips of all four one under the other, and their lines on the "
                   "map together.")  # fmt: skip
    if "A" in codes and "B" in codes:
        between = st.container(horizontal=True, gap="large")
        between.metric(
            "Euclidean distance", f"{euclidean(codes['A'], codes['B']):.2f}",
            help="Length of the straight line between the two codes: 0 if they are the same.",
        )  # fmt: skip
        between.metric(
            "Cosine similarity", f"{cosine_similarity(codes['A'], codes['B']):.2f}",
            help="Whether both codes point the same way from the origin: 1 the same direction, "
            "0 at a right angle, −1 opposite.",
        )  # fmt: skip
    st.subheader("Choose A and B by number", anchor=False)
    with frame.errors_shown():
        for side, column in zip("AB", st.columns(2, gap="medium"), strict=True):
            with column:
                parts.choose_point(space, side)
    if "A" in codes and "B" in codes:
        stops.draw(space)
        beside.draw(space)
        keep.draw(space)
    st.subheader("Nearest neighbours", anchor=False)
    st.markdown(
        "The images whose codes are nearest. If they look alike, then *near* in this latent "
        "space means what it should. The number below each is its distance."
    )
    st.segmented_control(
        "Distance", METRICS, key=Key.METRIC, required=True, format_func=str.capitalize,
        help="Euclidean: how far apart two codes are. Cosine: how far apart their directions "
        "are, whatever their length.",
    )  # fmt: skip
    with frame.errors_shown():
        explorer.rows(space, neighbours(space, codes))


def path_chosen() -> None:
    """Go on along the path that was chosen below the map."""
    session = st.session_state
    session[Key.PATH] = session[state.shown_key(session, Key.PATH)]
    parts.redraw()


@frame.fragment
def measured_ways(space: LatentSpace) -> None:
    """What takes longest, and nobody waits for: how far each step of each way goes out.

    Before the map stands it is the way alone, if it is known: a map without it is not the one
    that was shared.
    """
    with frame.errors_shown():
        line = ways.line_of(space, parts.codes_of_points(space))
        if not st.session_state[Key.STANDS]:
            ways.send_chosen(line)
            return
        if ways.ready(space) and line is not None:
            ways.send(line)


def neighbours(
    space: LatentSpace, codes: dict[str, np.ndarray]
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Eight images and their distances for each stop, and for where the slider stands."""
    percent, metric = st.session_state[Key.STEP], st.session_state[Key.METRIC]
    asked = {f"Nearest to {side}": code for side, code in codes.items()}
    line = ways.line_of(space, codes)
    if line is not None:
        asked[f"Nearest to the step at {percent} %"] = ways.code_at(space, line, percent / 100)
    own = state.stops(st.session_state)
    found = {}
    for heading, code in asked.items():
        indices, distances = space.neighbours(code, 10, metric)
        kept = np.flatnonzero(~np.isin(indices, [p for p in own if isinstance(p, int)]))[:8]
        found[heading] = indices[kept], distances[kept]
    return found


with frame.errors_shown():
    explorer.send_model(space, map_name)
    live_map(space, map_name)
    explorer.send_decoder(space)
    details(space)
    measured_ways(space)
