"""What every page has: its heading, its model, and how errors look."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import wraps
from typing import TypeVarTuple

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.errors import StreamlitAPIException, StreamlitWidgetAlreadyInstantiatedError
from streamlit.runtime.scriptrunner import get_script_run_ctx

from latent.errors import InputError
from latent.space import LatentSpace, describe, model_names
from ui import navigation, resources, state
from ui.state import Key
from ui.wording import ANY, wording

Given = TypeVarTuple("Given")
STYLE = """
<style>
[data-testid="stMainBlockContainer"] { padding-top: 2.5rem; max-width: 92rem; }
[data-testid="stMetricValue"] { font-size: 1.5rem; }
/* pictures of few pixels stay crisp however large they are shown */
[data-testid="stImage"] img { image-rendering: pixelated; border-radius: 0.25rem; }
[data-testid="stImage"] { gap: 0.5rem; }
/* choices side by side go on in a second row where a small screen would cut them off */
[data-testid="stButtonGroup"] [role="radiogroup"],
[data-testid="stButtonGroup"] [role="toolbar"] { flex-wrap: wrap; row-gap: 0.25rem; }
/* it names a limit that is not the app's own */
[class*="st-key-latent-ways"] [data-testid="stFileUploaderDropzoneInstructions"] { display: none; }
/* what only carries data to the browser takes no room */
[data-testid="stLayoutWrapper"]:has(> [class*="st-key-latent-inbox"]) { display: none; }
</style>
"""


def begin(title: str, lead: str) -> LatentSpace:
    """Set a page up and draw its heading and the choice of a model.

    Args:
        title: heading.
        lead: one or two sentences on what the page is for, with fields of `Wording` in
            braces.

    Returns:
        The chosen model. Where it cannot be loaded the page shows why and stops.
    """
    below = head(title, lead)
    names = model_names()
    if names:
        space = chosen_model(names, Key.MODEL)
        below.markdown(lead.format_map(vars(wording(space))))
        return space
    with errors_shown():
        raise InputError("There is no model yet. Train one: python -m latent train mnist-vae")
    st.stop()


def head(title: str, lead: str) -> DeltaGenerator:
    """Set a page up and draw its heading; `begin` does more for most pages.

    Returns:
        Where the lead stands.
    """
    if navigation.alone():
        navigation.start()
    state.init(st.session_state)
    st.html(STYLE)
    st.title(title, anchor=False)
    below = st.empty()
    below.markdown(lead.format_map(vars(ANY)))
    return below


def chosen_model(names: list[str], key: Key, note: str = "") -> LatentSpace:
    """The sidebar's first entry: which model, and what it is.

    Args:
        names: of the models to choose from.
        key: under which the choice is kept.
        note: a sentence more on the choice.

    Returns:
        The chosen model. Where it cannot be loaded the page shows why and stops.
    """
    if st.session_state[key] not in names:
        st.session_state[key] = names[0]
    with errors_shown():
        with st.sidebar:
            name: str = st.selectbox("Model", names, key=key, format_func=title_of)
            config = describe(name)
            numbers, (channels, height, width) = config["latent_dim"], config["image_shape"]
            colours = " in colour" if channels == 3 else ""
            st.caption(
                f"An **autoencoder** learns to write an image of {height} × {width} pixels"
                f"{colours} down as {numbers} numbers, its *code*, and to draw the image again "
                "from them. All possible codes together are the **latent space**. "
                f"{KINDS[config['kind']]}"
            )
            if note:
                st.caption(note)
        return resources.space(name)
    st.stop()


def keep_choices() -> None:
    """Assign what widgets say, as each run of a page does, in a run of parts of it alone."""
    context = get_script_run_ctx()
    if context is not None and context.fragment_ids_this_run:
        with suppress(StreamlitWidgetAlreadyInstantiatedError):  # an earlier part of the run did
            state.init(st.session_state)


def fragment(draw: Callable[[*Given], None]) -> Callable[[*Given], None]:
    """Make `draw` a part of a page that runs alone when one of its widgets changes.

    What its widgets say outlives the page: on the way to another one Streamlit forgets all
    widgets before `state.init` could keep them, and only what was assigned stays. So a run
    of the part alone assigns, too. `run_parts` finds it by the name of `draw`.
    """

    @st.fragment(key=draw.__name__)
    @wraps(draw)
    def run(*given: *Given) -> None:
        keep_choices()
        draw(*given)

    return run


def run_parts(*names: str) -> None:
    """At the end of a widget's callback: run these parts of the page alone, in this order.

    A run that is under way gives way to them. While the page has not come so far that it
    has them all, the whole of it runs.
    """
    try:
        st.rerun(names)
    except StreamlitAPIException:
        st.rerun()


@contextmanager
def errors_shown() -> Iterator[None]:
    """Show what a user can mend as a red box and let the rest of the page go on."""
    try:
        yield
    except InputError as error:
        say(error)


def say(error: InputError) -> None:
    """Show what a user can mend, as text and not as Markdown: it may quote a file's name."""
    st.error(plain(str(error)), icon=":material/error:")


def enlarged(pixels: np.ndarray, least: int = 224) -> np.ndarray:
    """Repeat pixels until the picture is at least so high: browsers blur what they enlarge."""
    times = max(1, -(-least // pixels.shape[0]))
    return pixels.repeat(times, axis=0).repeat(times, axis=1)


def plain(text: str) -> str:
    """Text from outside, so that Markdown shows it letter by letter."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]<>()#+-!|~$:&" else c for c in text)


KINDS = {
    "ae": "This plain one was asked only to redraw well: between its codes there are gaps "
    "where it draws ghosts.",
    "vae": "This *variational* one also had to keep its codes close together, without gaps, so "
    "that what lies between two images looks like an image too.",
}


def title_of(name: str) -> str:
    """What a model is called on the pages."""
    with_title: str = describe(name)["title"]
    return with_title
