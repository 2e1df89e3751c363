"""What every page has: its heading, its model, and how errors look."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import streamlit as st

from latent.errors import InputError
from latent.space import LatentSpace, describe, model_names
from ui import resources, state
from ui.state import Key

STYLE = """
<style>
[data-testid="stMainBlockContainer"] { padding-top: 2.5rem; max-width: 92rem; }
[data-testid="stMetricValue"] { font-size: 1.5rem; }
/* pictures of few pixels stay crisp however large they are shown */
[data-testid="stImage"] img { image-rendering: pixelated; border-radius: 0.25rem; }
[data-testid="stImage"] { gap: 0.5rem; }
/* what only carries data to the browser takes no room */
[data-testid="stLayoutWrapper"]:has(> [class*="st-key-latent-inbox"]) { display: none; }
</style>
"""


def begin(title: str, lead: str) -> LatentSpace:
    """Set a page up and draw its heading and the choice of a model.

    Args:
        title: heading.
        lead: one or two sentences on what the page is for.

    Returns:
        The chosen model. Where it cannot be loaded the page shows why and stops.
    """
    state.init(st.session_state)
    st.html(STYLE)
    st.title(title, anchor=False)
    st.markdown(lead)
    with errors_shown():
        return resources.space(_choose_model())
    st.stop()


@contextmanager
def errors_shown() -> Iterator[None]:
    """Show what a user can mend as a red box and let the rest of the page go on."""
    try:
        yield
    except InputError as error:
        # as text, not as Markdown: the message may quote a file's name
        st.error(plain(str(error)), icon=":material/error:")


def enlarged(pixels: np.ndarray, least: int = 224) -> np.ndarray:
    """Repeat pixels until the picture is at least so high: browsers blur what they enlarge."""
    times = max(1, -(-least // pixels.shape[0]))
    return pixels.repeat(times, axis=0).repeat(times, axis=1)


def plain(text: str) -> str:
    """Text from outside, so that Markdown shows it letter by letter."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]<>()#+-!|~$:&" else c for c in text)


def _choose_model() -> str:
    """The sidebar's first entry: which model, and what it is."""
    names = model_names()
    if not names:
        raise InputError("There is no model yet. Train one: python -m latent train mnist-vae")
    if st.session_state[Key.MODEL] not in names:
        st.session_state[Key.MODEL] = names[0]
    with st.sidebar:
        name: str = st.selectbox("Model", names, key=Key.MODEL, format_func=_title)
        config = describe(name)
        numbers, pixels = config["latent_dim"], _product(config["image_shape"])
        st.caption(
            f"An **autoencoder** learns to write an image of {pixels} pixels down as "
            f"{numbers} numbers, its *code*, and to draw the image again from them. "
            f"All possible codes together are the **latent space**. {KINDS[config['kind']]}"
        )
    return name


KINDS = {
    "ae": "This plain one was asked only to redraw well: between its codes there are gaps "
    "where it draws ghosts.",
    "vae": "This *variational* one also had to keep its codes close together, without gaps, so "
    "that what lies between two images looks like an image too.",
}


def _title(name: str) -> str:
    with_title: str = describe(name)["title"]
    return with_title


def _product(shape: list[int]) -> int:
    channels, height, width = shape
    return channels * height * width
