"""The same images through two models: which of them passes through ghosts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from latent.errors import InputError
from latent.images import to_uint8
from latent.space import LatentSpace
from latent.ways import TITLES, Way
from ui import frame, pictures, resources, state
from ui.live.line import Line
from ui.pictures import Figure
from ui.state import Key, Point
from ui.uploads import Upload

SIDE = 4.6  # rem of a picture


def draw(space: LatentSpace) -> None:
    """The choice of another model of the same images, and both strips one under the other."""
    others = [name for name in resources.siblings(space.name) if name != space.name]
    if not others:
        return
    session = st.session_state
    if session[Key.OTHER_MODEL] not in others:
        session[Key.OTHER_MODEL] = None
    st.subheader("Through another model", anchor=False)
    st.markdown(
        "The same images, the same kind of way, another space. A model without a prior has gaps "
        "between its codes, and draws ghosts there: half of one thing and half of another."
    )
    name = st.selectbox(
        "Walk through", others, index=None, key=Key.OTHER_MODEL, format_func=frame.title_of,
        placeholder="Choose a model of the same images", width=320,
    )  # fmt: skip
    if name is None:
        return
    with frame.errors_shown():
        other, path = resources.space(name), session[Key.PATH]
        if path == "graph" and not (resources.warm(space.name) and resources.warm(name)):
            resources.warm_up(name, graph=True)
            path = "lerp"  # the graph of the other model may take half a minute to make
            st.caption("Along the straight line, until the way along the data is found.")
        points = state.stops(session)
        for model in (space, other):
            codes = codes_in(model, points)
            way = resources.way_of(
                Line(model.name, codes, session[Key.N_STEPS], session[Key.CLOSED]), path
            )
            strip(model, way)
        st.caption(
            "Below each picture: how far its code lies from the nearest test image, as a "
            "percentile of how far those lie from one another. The change is the root mean "
            "square difference a pixel from one picture to the next."
        )


def codes_in(space: LatentSpace, points: Sequence[Point]) -> np.ndarray:
    """Codes of the same images in a model, shape (S, latent_dim).

    Raises:
        InputError: one of them is no image, and so has a code in its own model alone.
    """
    codes = []
    for letter, point in zip(state.STOPS, points, strict=False):
        if isinstance(point, Upload):
            codes.append(space.encode(point.x(space)[None])[0])
        elif isinstance(point, int):
            codes.append(space.code(point))
        else:
            raise InputError(
                f"{letter} is a spot between images, which has a code in its own model alone. "
                "Choose an image instead."
            )
    return np.stack(codes)


def strip(space: LatentSpace, way: Way) -> None:
    """One way as a row of pictures, with its figures above."""
    st.markdown(
        f"**{frame.plain(frame.title_of(space.name))}** · {TITLES[way.name].lower()} · farthest "
        f"step {way.worst:.0f} % · largest change {way.largest_change:.3f}"
    )
    pictures.row([
        Figure(image, f"{percentile:.0f} %")
        for image, percentile in zip(to_uint8(way.images), way.percentiles, strict=True)
    ], SIDE)  # fmt: skip
