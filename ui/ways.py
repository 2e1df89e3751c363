"""The ways between the stops: what Python finds and measures once the page stands."""

from __future__ import annotations

import numpy as np
import streamlit as st

from latent.paths import on_trail
from latent.space import LatentSpace
from latent.ways import PIXELS, cross_fade, through, turned
from ui import frame, live, resources, state
from ui.live.line import Line
from ui.state import Key

INBOX = "latent-inbox-ways"
PATIENCE = 0.3  # seconds between two looks at what is being prepared


def line_of(space: LatentSpace, codes: dict[str, np.ndarray]) -> Line | None:
    """The stops of the page, if there are two.

    Args:
        space: the model.
        codes: of the stops as far as they are chosen, by their letters.
    """
    if "A" not in codes or "B" not in codes:
        return None
    stops = np.stack([codes[letter] for letter in state.STOPS if letter in codes])
    session = st.session_state
    return Line(space.name, stops, session[Key.N_STEPS], session[Key.CLOSED])


def ready(space: LatentSpace) -> bool:
    """Whether network and neighbour graph are there; until then the page says what is awaited."""
    resources.warm_up(space.name, graph=True)
    if resources.warming(space.name):
        _await(space)
    return resources.warm(space.name)


@st.fragment(run_every=PATIENCE)
def _await(space: LatentSpace) -> None:
    """Look again and again, so that no click meanwhile is held up."""
    frame.keep_choices()
    if not resources.warming(space.name):
        st.rerun()
    st.caption("Looking for the way along the data. The first time on a machine the neighbour "
               "graph of a model takes about half a minute to make.")  # fmt: skip


def send(line: Line) -> None:
    """Send what was found of all ways: codes of those that only Python finds, figures."""
    with st.container(key=INBOX):
        live.send(resources.ways_parcel(line), key=f"{INBOX}-values")


def send_chosen(line: Line | None) -> None:
    """Send the way that is chosen, unmeasured, where only Python finds it and need not wait."""
    chosen = st.session_state[Key.PATH] == "graph"
    if line is not None and chosen and resources.warm(line.model):
        with st.container(key=INBOX):
            live.send(resources.trail_parcel(line), key=f"{INBOX}-trail")


def frames(space: LatentSpace, line: Line, count: int) -> np.ndarray:
    """About that many pictures along the chosen way, for a model that only the server can run."""
    path, legs = st.session_state[Key.PATH], len(turned(line.stops, line.closed)) - 1
    steps = -(-(count - 1) // legs) + 1
    if path == PIXELS:
        return cross_fade(space.decode(turned(line.stops, line.closed)), steps)
    if path == "graph" and not resources.warm(space.name):
        path = "lerp"  # for the moment until it is found
    return space.decode(through(space, path, line.stops, steps, closed=line.closed))


def code_at(space: LatentSpace, line: Line, t: float) -> np.ndarray:
    """The code at a share of the chosen way, shape (latent_dim,).

    Of a way that has not been found yet it is that of the straight line, which stands in
    for it until the page has it; of a cross-fade what the encoder makes of it.
    """
    path = st.session_state[Key.PATH]
    if path in ("graph", PIXELS) and not resources.warm(space.name):
        path = "lerp"
    if path == "graph":
        return on_trail(resources.trail_of(line), np.array([t]))[0]
    stops = turned(line.stops, line.closed)
    leg = min(int(t * (len(stops) - 1)), len(stops) - 2)
    percent = round(100 * (t * (len(stops) - 1) - leg))
    if path == PIXELS:
        two = space.decode(stops[leg : leg + 2])
        return space.encode(cross_fade(two, 101)[percent][None])[0]
    return space.walk(stops[leg], stops[leg + 1], 101, path)[percent]
