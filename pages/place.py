"""Place: draw or bring an image and see where it lands."""

import streamlit as st

from latent.neighbours import METRICS
from latent.space import LatentSpace
from ui import explorer, frame, intake, parts, placed, resources, state, switches, verdict
from ui.state import Key
from ui.uploads import Tray, Upload

space = frame.begin(
    "Place",
    "Draw {thing}, or bring a picture of one. The model has never seen it: watch it become a "
    "code, be drawn again from that code alone, and land among the images that it resembles.",
)
resources.warm_up(space.name, placing=True)  # beside the page: an image may come at once
map_name = parts.choose_map(space)


@frame.fragment
def place(space: LatentSpace, map_name: str) -> None:
    """All that an image changes; the arrays that it does not change are outside."""
    tray = state.tray(st.session_state)
    left, right = st.columns([2, 3], gap="medium")
    ways, below = st.container(), st.container()
    found = intake.arrived()
    with ways:  # drawn while what they brought is being read
        intake.ways(space)
    with below:  # what has arrived changes all that is drawn
        intake.take_all(space, tray, found, st.empty())
        intake.refusals(tray)
        shown = usable(space, tray)
    with left:
        intake.sheet(space, tray)
        st.caption(
            "Draw large, and stop anywhere: the map follows. Or bring images, below. They stay in "
            "this visit's memory; nothing is stored."
        )
    with right:
        explorer.draw_own(space, map_name, shown and placed.landing(space, shown))
    with below:
        if not tray.images:
            return
        st.subheader("Your images", anchor=False)
        placed.tray_row(space, tray)
        if shown is not None:
            details(space, shown)


def usable(space: LatentSpace, tray: Tray) -> Upload | None:
    """The chosen image, or nothing where this model's preparation finds nothing in it."""
    with frame.errors_shown():
        if tray.shown is not None:
            tray.shown.placed(space)
        return tray.shown
    return None


def details(space: LatentSpace, upload: Upload) -> None:
    """What the model makes of one image."""
    found = upload.placed(space)
    st.subheader(placed.heading(upload, found), anchor=False)
    placed.about(upload)
    st.subheader("From the picture to a code, and back", anchor=False)
    st.markdown(placed.squeezed(space))
    placed.steps(space, upload)
    wrong = st.expander("Was something guessed wrong?", icon=":material/tune:", key=Key.SWITCHES,
                        on_change="rerun")  # fmt: skip
    if wrong.open:  # few open it, and every image would wait for what is in it
        with wrong:
            switches.draw(space, upload)
    st.subheader("How sure, and how strange", anchor=False)
    verdict.draw(space, found)
    st.subheader("Nearest neighbours", anchor=False)
    st.markdown(
        "The images whose codes are nearest, nearest first; the number below each is its "
        "distance. The lines on the map lead to the first five."
    )
    st.segmented_control(
        "Distance", METRICS, key=Key.METRIC, required=True, format_func=str.capitalize,
        help="Euclidean: how far apart two codes are. Cosine: how far apart their directions "
        "are, whatever their length.",
    )  # fmt: skip
    placed.neighbours(space, upload)


with frame.errors_shown():
    explorer.send_model(space, map_name)
    intake.send_encoder(space)
    place(space, map_name)
    explorer.send_decoder(space)
