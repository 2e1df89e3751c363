"""Repair: hide a part of an image and see what may have been there."""

import numpy as np
import streamlit as st

from latent.masks import MASKS
from latent.space import LatentSpace
from ui import frame, repair, resources, state
from ui.state import Key

READY = {
    "lower": "Lower half", "upper": "Upper half", "left": "Left half", "right": "Right half",
    "patch": "Patch", "pixels": "Pixels",
}  # fmt: skip
COVERS = {"ground": "Background", "noise": "Noise"}
LIKELY = {"prior": "The prior", "mixture": "A mixture of its codes"}
MATCHES = {"exact": "Exactly", "usual": "As usual", "rough": "Roughly"}

space = frame.begin(
    "Repair",
    "Hide a part of an image. Which codes would draw what is still visible, and are likely at "
    "all? Each such code draws the hidden part too: a guess at what was there. Where what remains "
    "is ambiguous there are several guesses, each with its probability.",
)


@frame.fragment
def walk(space: LatentSpace) -> None:
    """All that a choice changes."""
    repair.fit_choices(space)
    repair.take_file(space)
    left, right = st.columns([2, 3], gap="large")
    with left:
        choose_image(space)
    with right:
        choose_mask(space)
        choose_inference(space)
    with frame.errors_shown():
        x, title = repair.image(space)
        hidden = repair.mask(space)
        with left:
            repair.canvas(space, x, hidden)
            st.caption(f"{frame.plain(title[:1].upper() + title[1:])}. Paint over what shall be "
                       "hidden. To repair an image of your own, draw or bring it on Place "
                       "first.")  # fmt: skip
        found = repair.infer(space, x, hidden)
        with right:
            repair.compare(space, x, hidden, found)
        repair.completions(space, x, hidden, found)


def choose_image(space: LatentSpace) -> None:
    """A gallery image by its number, any of them, or one that the visitor brought."""
    session, last = st.session_state, len(space.gallery) - 1
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="small")
    row.number_input("Image", 0, last, key=Key.REPAIRED, on_change=gallery_chosen, width=140,
                     help=f"Any of the {last + 1:,} images of the data set.")  # fmt: skip
    row.button("Random image", key=Key.ANY_REPAIRED, icon=":material/casino:", on_click=any_image,
               args=[last + 1])  # fmt: skip
    images = state.tray(session).images
    if images:
        row.selectbox("Your images", [None, *images], key=Key.REPAIRED_MINE, width=180,
                      format_func=lambda number: images[number].title if number else "none of them",
                      help="What you drew or brought on Place.")  # fmt: skip


def any_image(count: int) -> None:
    st.session_state[Key.REPAIRED] = int(np.random.default_rng().integers(count))
    gallery_chosen()


def gallery_chosen() -> None:
    st.session_state[Key.REPAIRED_MINE] = None


def choose_mask(space: LatentSpace) -> None:
    """Ready masks, a mask from a file, and what the hidden part is painted with."""
    st.markdown("**Hide at once**")
    row = st.container(horizontal=True, gap="small")
    for name in MASKS:
        row.button(READY[name], key=f"{Key.HIDE}.{name}", on_click=repair.hide, args=[space, name])
    session = st.session_state
    st.segmented_control(
        "Paint it over with", list(COVERS), key=Key.COVER, required=True,
        format_func=COVERS.__getitem__,
        help="What the encoder is shown there. The completions never look at it.",
    )  # fmt: skip
    height, width = space.image_shape[1:]
    with st.expander("A mask from a file", icon=":material/upload:"):
        st.file_uploader(
            f"A picture of {width} × {height} pixels: what is light in it is hidden",
            key=state.round_key(session, Key.MASK_FILE),
        )  # fmt: skip


def choose_inference(space: LatentSpace) -> None:
    """What says which codes are likely, and how exactly the visible part has to be met."""
    found = repair.likely(space)
    st.segmented_control(
        "Likely codes come from", found, key=Key.LIKELY, required=True,
        format_func=LIKELY.__getitem__,
        help="A VAE was trained so that its codes look like random numbers around 0: its *prior*. "
        "A *mixture* of Gaussians, fitted to the training codes as on Clusters, knows more of "
        "where codes really lie; a plain autoencoder has nothing else.",
    )  # fmt: skip
    st.segmented_control(
        "Match the visible part", list(MATCHES), key=Key.MATCH, required=True,
        format_func=MATCHES.__getitem__,
        help="How far the visible pixels may be missed. The more roughly, the more codes explain "
        "them, and the more different the completions.",
    )  # fmt: skip


with frame.errors_shown():
    walk(space)
resources.warm_up(space.name)
