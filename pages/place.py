"""Place: bring an image and see where it lands."""

import numpy as np
import streamlit as st

from ui import charts, explorer, frame, parts, resources
from ui.state import Key

space = frame.begin(
    "Place",
    "Bring a picture of a digit, written on paper or on the screen. The model has never seen it: "
    "watch it being turned into a code and drawn again, and find out which images it lands among.",
)
map_name = parts.choose_map(space)
parts.upload()
brought = st.session_state[Key.UPLOAD]
if brought is None:
    st.info(
        "Dark ink on a light background works best: one digit, large, nothing else in the picture. "
        "The image stays in this visit's memory; nothing is stored.",
        icon=":material/lightbulb:",
    )
    resources.warm_up(space.name)
    st.stop()

with frame.errors_shown():
    placed = space.place(brought.prepared.x)
    pixels, numbers = int(np.prod(space.image_shape)), space.latent_dim
    st.subheader(f"{pixels} pixels become {numbers} numbers become a picture again", anchor=False)
    st.markdown(
        f"One number for every {pixels / numbers:.0f} pixels: that is all the decoder is given "
        "to draw from."
    )
    came, seen, code, drawn = st.columns([2, 2, 5, 2], gap="medium")
    with came:
        st.markdown("**You brought**")
        st.image(brought.prepared.original, width=160, alt="Your image")
    with seen:
        st.markdown("**The model sees**")
        st.image(parts.figure_of(brought.prepared.x), width=160, alt="Prepared")
        st.caption(
            "Cut out, shrunk to 28 × 28"
            + (", turned into light on dark" if brought.prepared.inverted else "")
            + "."
        )
    with code:
        st.markdown("**Its code**")
        st.plotly_chart(charts.code_bars(placed.code), config={"displayModeBar": False})
    with drawn:
        st.markdown("**It draws**")
        st.image(parts.figure_of(placed.reconstruction), width=160, alt="Redrawn")
        st.caption(f"Redrawn better than {100 - placed.error_percentile:.0f} % of the test images.")

    st.subheader(f"Its neighbours say: {placed.label}", anchor=False)
    st.markdown(
        f"The {len(placed.neighbours)} images with the nearest codes, nearest first; the "
        "number below each is its distance."
    )
    explorer.image_row(space, placed.neighbours, placed.distances)
    parts.use_buttons(brought)
    st.subheader("Where it lands", anchor=False)
    explorer.send_model(space, map_name)
    explorer.draw(space, map_name, {"A": placed.code}, fixed=True)
