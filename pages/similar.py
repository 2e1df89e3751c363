"""Similar: the pieces of a catalogue that are most like a photo, by shape and by colour."""

import streamlit as st

from latent.encoder import Encoder
from ui import frame, searching

encoder = searching.begin(
    "Similar",
    "Which pieces of a catalogue are most like this one? Shape and colour are kept apart: the "
    "slider says which counts, and what you like or dislike says the rest.",
)


@frame.fragment
def page(encoder: Encoder) -> None:
    """All that a photo, the slider or a judgement changes."""
    left, right = st.columns([2, 3], gap="large")
    with left:
        shelf = searching.catalogue(encoder)
        wanted = searching.query(encoder, shelf) if len(shelf) else None
        if wanted is not None:
            searching.card(wanted)
            searching.weight()
            among = searching.filters(shelf)
        beside = st.container()
    with right:
        if not len(shelf):
            st.info("Bring some photos: they become your catalogue.", icon=":material/info:")
        elif wanted is None:
            st.info("Bring an image to look for.", icon=":material/info:")
        else:
            searching.answer(encoder, shelf, wanted, among, beside)


with frame.errors_shown():
    page(encoder)
