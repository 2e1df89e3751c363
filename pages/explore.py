"""Explore: the map, two points on it, and the way between them."""

import numpy as np
import streamlit as st

from latent.neighbours import METRICS, cosine_similarity, euclidean
from latent.space import LatentSpace
from ui import explorer, frame, parts, resources, state
from ui.state import Key

space = frame.begin(
    "Explore",
    "Every dot is an image of {thing}, placed by its code. Dots that lie close "
    "together have similar codes. Choose two images, **A** and **B**, and walk from one to the "
    "other: each step in between is a code that no image has, drawn by the decoder.",
)
map_name = parts.choose_map(space)


@frame.fragment
def explore(space: LatentSpace, map_name: str) -> None:
    """All that a choice changes; the arrays that it does not change are outside."""
    codes = parts.codes_of_points(space)
    explorer.draw(space, map_name, codes)
    options = st.container(horizontal=True, gap="large", vertical_alignment="bottom")
    options.segmented_control(
        "Path", list(parts.PATH_TITLES), key=Key.PATH, required=True,
        format_func=parts.PATH_TITLES.__getitem__,
        help="The straight line is the shortest way. The great circle goes around the middle of "
        "the space and so keeps away from codes that are shorter than those of real images.",
    )  # fmt: skip
    options.select_slider("Steps", [5, 7, 9, 11, 13], key=Key.N_STEPS, width=220,
                          help="Images in the strip, A and B included.")  # fmt: skip
    if len(codes) == 2:
        options.metric(
            "Euclidean distance", f"{euclidean(codes['A'], codes['B']):.2f}",
            help="Length of the straight line between the two codes: 0 if they are the same.",
        )  # fmt: skip
        options.metric(
            "Cosine similarity", f"{cosine_similarity(codes['A'], codes['B']):.2f}",
            help="Whether both codes point the same way from the origin: 1 the same direction, "
            "0 at a right angle, −1 opposite.",
        )  # fmt: skip
    st.subheader("Choose A and B by number", anchor=False)
    with frame.errors_shown():
        for side, column in zip("AB", st.columns(2, gap="medium"), strict=True):
            with column:
                parts.choose_point(space, side)
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


def neighbours(
    space: LatentSpace, codes: dict[str, np.ndarray]
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Eight images and their distances for A, for B, and for where the slider stands."""
    percent, metric = st.session_state[Key.STEP], st.session_state[Key.METRIC]
    asked = {f"Nearest to {side}": code for side, code in codes.items()}
    if len(codes) == 2:
        way = space.walk(codes["A"], codes["B"], 101, st.session_state[Key.PATH])
        asked[f"Nearest to the step at {percent} %"] = way[percent]
    own = [st.session_state[state.POINT[side]] for side in "AB"]
    found = {}
    for heading, code in asked.items():
        indices, distances = space.neighbours(code, 10, metric)
        kept = np.flatnonzero(~np.isin(indices, [p for p in own if isinstance(p, int)]))[:8]
        found[heading] = indices[kept], distances[kept]
    return found


with frame.errors_shown():
    explorer.send_model(space, map_name)
    explore(space, map_name)
resources.warm_up(space.name)
