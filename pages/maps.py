"""Maps: make them, see how far to believe each, compare them."""

import streamlit as st

from latent.space import LatentSpace
from ui import compared, concentration, explorer, frame, making, parts, resources
from ui.state import Key

space = frame.begin(
    "Maps",
    "A code has more numbers than a page has directions, so every map leaves something out, and "
    "each leaves out something else. Make a map, and see what it keeps: which of two to believe, "
    "and for what.",
)
map_name = parts.choose_map(space)


@frame.fragment
def shown_map(space: LatentSpace, map_name: str) -> None:
    """The map alone: one that was made before is there before the rest of the page is."""
    wanted = st.session_state[Key.WANTED]
    shown = wanted or map_name
    explorer.send_map(space, shown)
    # what names the map elsewhere on the page follows once the map stands
    explorer.draw_own(space, shown, None, stands=not wanted, on_stand=st.rerun)
    making.name_field(space, shown)


left, right = st.columns([1, 2], gap="large")
with left:
    st.subheader("Make a map", anchor=False)
    making.section(space)
with right, frame.errors_shown():
    shown_map(space, map_name)
    explorer.send_gallery(space)
    explorer.send_decoder(space)
    st.caption(
        "Colour the dots by *own distortion* to see where this map is wrong. Switch on *True "
        "neighbours* and point at a dot: short lines mean that near here is near in the codes."
    )
st.subheader("How far to trust it", anchor=False)
with frame.errors_shown():
    compared.section(space, map_name)
with frame.errors_shown():
    concentration.section(space)
resources.runner().warm_up()
resources.warm_up(space.name)
