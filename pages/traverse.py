"""Traverse: one slider for each number of a code."""

import streamlit as st

from latent.space import LatentSpace
from ui import frame, parts, resources, samples, state, traverse
from ui.state import Key, Spot

MEASURED = {
    "kl": "**KL** is how much the encoder writes into a number, in *nats* (0.69 nats are one yes "
    "or no). A number of less than 0.01 nats says the same of every image: it is marked as not "
    "used, and moving it changes next to nothing.",
    "variance": "**Variance** is how far a number strays from its mean over the gallery, squared. "
    "One that hardly varies is marked as not used.",
}

space = frame.begin(
    "Traverse",
    "A code is a list of numbers. Move one of them and watch what it does to the picture: it may "
    "{changes}. Or draw new codes at random, and see what the model invents.",
)


@frame.fragment
def walk(space: LatentSpace, models: list[str]) -> None:
    """All that a movement changes; the arrays that it does not change are outside."""
    traversal = traverse.current(space)
    choose_start(space)
    st.markdown(
        f"Started from **{traversal.words}**. Each slider spans ± {st.session_state[Key.REACH]} "
        "standard deviations of the gallery around its mean; the pictures under it show what it "
        "does to this very code. The numbers that matter most come first."
    )
    measured = MEASURED[resources.importance(space.name).measure]
    st.caption(f"{measured} {traverse.for_colours(space)}")
    if not resources.runs_in_browser(space.name):
        st.info("The browser cannot run this model's decoder: let a slider go, and the server "
                "draws the pictures.", icon=":material/dns:")  # fmt: skip
    with frame.errors_shown():
        traverse.draw(space, traversal)
    st.subheader("Take the code along", anchor=False)
    st.markdown("On Explore you can walk from this code to any image, or from any image to it.")
    parts.use_buttons(Spot(space.name, None, None, traversal.code))
    compare(space, models)


def choose_start(space: LatentSpace) -> None:
    """Where the code starts, and how far the sliders reach."""
    last, has_prior = len(space.gallery) - 1, space.config["kind"] == "vae"
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="small")
    row.number_input(
        "Start from image", 0, last, key=Key.IMAGE, on_change=traverse.start_from_image,
        args=[space], width=150, help=f"Any of the {last + 1:,} images of the data set.",
    )  # fmt: skip
    row.button("Random image", key=Key.RANDOM_IMAGE, icon=":material/casino:",
               on_click=traverse.start_from_any_image, args=[space])  # fmt: skip
    row.button("Mean", key=Key.START_MEAN, on_click=traverse.start_from_mean, args=[space],
               help="The middle of the gallery: the mean of all codes.")  # fmt: skip
    if has_prior:
        row.button(
            "Draw from the prior", key=Key.START_DRAW, on_click=traverse.start_from_prior,
            args=[space], help="All codes of a VAE together were trained to look like random "
            "numbers around 0, its *prior*: a draw from there is a code that no image gave.",
        )  # fmt: skip
    for side in "AB":
        row.button(
            side, key=state.START[side], on_click=traverse.start_from_point, args=[space, side],
            disabled=st.session_state[state.POINT[side]] is None,
            help=f"The code of {side} on Explore.",
        )  # fmt: skip
    row.segmented_control("Range in standard deviations", [2, 3, 4], key=Key.REACH, required=True,
                          format_func="± {}".format)  # fmt: skip
    if not has_prior:
        st.caption("There is no random draw here: a plain autoencoder has no *prior*, nothing "
                   "that says which codes are likely.")  # fmt: skip


def compare(space: LatentSpace, models: list[str]) -> None:
    """The same image as other models of the same images draw it."""
    if len(models) < 2:
        return
    counts = sorted({resources.space(name).latent_dim for name in models})
    st.subheader(f"The same image through {' and through '.join(map(str, counts))} numbers",
                 anchor=False)  # fmt: skip
    st.markdown(
        f"Image {st.session_state[Key.IMAGE]}, written down by each model and drawn again. Fewer "
        "numbers keep less of it. The squared error is the mean over its pixels, each from 0 "
        "(black) to 1 (white)."
    )
    traverse.redrawn(space, models)


VIEWS = {"code": "One code, number by number", "samples": "Samples: draw new ones"}

view = st.segmented_control(
    "View", list(VIEWS), key=Key.TRAVERSE_VIEW, required=True, format_func=VIEWS.__getitem__,
    label_visibility="collapsed",
)  # fmt: skip
with frame.errors_shown():
    models = resources.siblings(space.name)
    if view == "samples":
        samples.section(space, models)
    else:
        traverse.send_decoder(space)
        walk(space, models)
        traverse.send_decoders(space, models)
resources.warm_up(space.name)
