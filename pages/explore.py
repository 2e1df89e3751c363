"""Explore: the map, two points on it, and the way between them."""

import numpy as np
import streamlit as st

from latent.neighbours import METRICS, cosine_similarity, euclidean
from latent.paths import PATHS
from ui import frame, parts, resources, state
from ui.state import Key

space = frame.begin(
    "Explore",
    "Every dot is an image of a handwritten digit, placed by its code. Dots that lie close "
    "together have similar codes. Choose two images, **A** and **B**, and walk from one to the "
    "other: each step in between is a code that no image has, drawn by the decoder.",
)
map_name = parts.choose_map(space)
left, right = st.columns([5, 3], gap="large")
codes = parts.codes_of_points(space)

with left, frame.errors_shown():
    parts.draw_map(space, map_name, codes)

with right, frame.errors_shown():
    for side in "AB":
        parts.choose_point(space, side)
    row = st.container(horizontal=True, vertical_alignment="center")
    row.button("Swap A and B", key=Key.SWAP, icon=":material/swap_horiz:",
               on_click=state.swap, args=[st.session_state])  # fmt: skip

st.subheader("The way from A to B", anchor=False)
options, numbers = st.columns([5, 3], gap="large", vertical_alignment="center")
with options.container(horizontal=True, gap="large"):
    st.segmented_control(
        "Path", list(PATHS), key=Key.PATH, required=True, format_func=parts.PATH_TITLES.__getitem__,
        help="The straight line is the shortest way. The great circle goes around the middle of "
        "the space and so keeps away from codes that are shorter than those of real images.",
    )  # fmt: skip
    st.select_slider("Steps", [5, 7, 9, 11, 13], key=Key.N_STEPS,
                     help="Images in the strip, A and B included.")  # fmt: skip
with numbers:
    distance, angle = st.columns(2)
    distance.metric(
        "Euclidean distance", f"{euclidean(codes['A'], codes['B']):.2f}",
        help="Length of the straight line between the two codes: 0 if they are the same.",
    )  # fmt: skip
    angle.metric(
        "Cosine similarity", f"{cosine_similarity(codes['A'], codes['B']):.2f}",
        help="Whether both codes point the same way from the origin: 1 the same direction, "
        "0 at a right angle, −1 opposite.",
    )  # fmt: skip
parts.walk(space, codes)

st.subheader("Nearest neighbours", anchor=False)
st.markdown(
    "The images whose codes are nearest to A's and to B's. If they look alike, then *near* in "
    "this latent space means what it should."
)
st.segmented_control(
    "Distance", METRICS, key=Key.METRIC, required=True, format_func=str.capitalize,
    help="Euclidean: how far apart two codes are. Cosine: how far apart their directions are, "
    "whatever their length.",
)  # fmt: skip
with frame.errors_shown():
    for side in "AB":
        indices, distances = space.neighbours(codes[side], 9, st.session_state[Key.METRIC])
        own = indices == st.session_state[state.POINT[side]]
        kept = np.flatnonzero(~own)[:8]
        st.markdown(f"**Nearest to {side}**")
        parts.image_row(space, indices[kept], distances[kept])
resources.warm_up(space.name)
