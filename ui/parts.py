"""Parts that pages share: the choice of a map, a card for A or B."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from latent.errors import InputError
from latent.images import to_uint8
from latent.projections import TITLES
from latent.space import LatentSpace
from ui import frame, naming, resources, state
from ui.state import ANY_LABEL, Key, Point, Spot
from ui.uploads import Upload

MAP_HELP = {
    "latent": "A code has two numbers here, so the map *is* the latent space, undistorted.",
    "pca": "**PCA** looks at the codes from the side where they spread most. Straight lines stay "
    "straight, but what lies behind one another falls together.",
    "tsne": "**t-SNE** keeps near codes near and pushes the rest apart. Believe the groups; do not "
    "believe how far apart they lie.",
    "lda": "**LDA** looks at the codes from the side where the labels come apart best: groups that "
    "overlap here are hard to tell apart by any straight cut.",
    "isomap": "**Isomap** keeps how far it is from code to code along the data. Believe the broad "
    "shape; do not believe what lies close together.",
    "umap": "**UMAP** follows the shape of the data from neighbour to neighbour. Believe the "
    "groups; do not read much into their distances.",
}


def choose_map(space: LatentSpace) -> str:
    """Let the visitor choose among the maps that the model has, and say how to read it."""
    found = [(i["method"], i["dims"]) for i in space.maps_info.values()]
    made = {one.key: one for one in resources.made_maps(space.name)}
    found += [(key, one.plan.dims) for key, one in made.items()]
    methods = list(dict.fromkeys(method for method, _ in found))
    wanted = st.session_state[Key.WANTED]
    if wanted in made:
        st.session_state[Key.METHOD] = wanted
    st.session_state[Key.WANTED] = None
    if st.session_state[Key.METHOD] not in methods:
        st.session_state[Key.METHOD] = methods[max(0, len(methods) - len(made) - 1)]
    titles = TITLES | {key: naming.short(one) for key, one in made.items()}
    with st.sidebar:
        chosen = st.selectbox("Map", methods, key=Key.METHOD, format_func=titles.__getitem__)
        sizes = [dims for m, dims in found if m == chosen]
        if st.session_state[Key.DIMS] not in sizes:
            st.session_state[Key.DIMS] = sizes[0]
        st.segmented_control("Dimensions", sizes, key=Key.DIMS, required=True,
                             format_func="{}-D".format)  # fmt: skip
        name = chosen if chosen in made else f"{chosen}{st.session_state[Key.DIMS]}"
        info = made[chosen].info if chosen in made else space.maps_info[name]
        method = info["method"]
        st.caption(MAP_HELP[method])
        if "trustworthiness" in info and method != "latent":
            st.caption(
                f"**How far to trust it:** {info['trustworthiness']:.0%} trustworthy (near on the "
                f"map means near in the codes), {info['continuity']:.0%} continuous (near in the "
                "codes stays near on the map)."
            )
    return name


def fit_points(space: LatentSpace) -> None:
    """Give A, B and the stops after them a meaning in this model, or say why there is none."""
    session = st.session_state
    state.fit_points(session, space.name, len(space.gallery))
    for letter, point in zip(state.STOPS, state.stops(session), strict=False):
        with frame.errors_shown():
            if point is not None and _usable(space, letter, point):
                code_of(space, point)


def codes_of_points(space: LatentSpace) -> dict[str, np.ndarray]:
    """Codes of A, B and the stops after them as far as they can be had, each (latent_dim,)."""
    codes = {}
    for letter, point in zip(state.STOPS, state.stops(st.session_state), strict=False):
        with suppress(InputError):  # `fit_points` said it
            if point is not None:
                codes[letter] = code_of(space, point)
    return codes


def _usable(space: LatentSpace, letter: str, point: Point) -> bool:
    """Whether this model's preparation finds something in it; else A or B is none."""
    try:
        if isinstance(point, Upload):
            point.x(space)
    except InputError as error:
        frame.say(error)
        if letter in "AB":
            state.choose(st.session_state, letter, None)
        return False
    return True


def redraw() -> None:
    """From a callback: draw what depends on the stops anew, first of all the map."""
    frame.run_parts("live_map", "details", "measured_ways")


def follow() -> None:
    """From a callback: draw what depends on the stops anew, but for the map, which stands."""
    frame.run_parts("details", "measured_ways")


def choose_point(space: LatentSpace, side: str) -> None:
    """A card that says what A or B is, with three ways to choose another without the map."""
    point: Point = st.session_state[state.POINT[side]]
    last = len(space.gallery) - 1
    with st.container(border=True):
        st.markdown(f"**{side}** · {describe(space, point)}")
        picture = _picture(space, point)
        if picture is not None:
            st.image(frame.enlarged(to_uint8(picture)), width=112, alt=f"Picture of {side}")
        key, number = state.fresh(st.session_state, state.NUMBER[side], space.name)
        row = st.container(horizontal=True, vertical_alignment="bottom", gap="small")
        row.number_input(
            "Image number", 0, last, number, key=key, on_change=_number_changed, args=[side],
            width=150, help=f"Any of the {last + 1:,} images of the data set.",
        )  # fmt: skip
        row.selectbox("Label", [ANY_LABEL, *space.class_names], key=state.LABEL[side], width=110)
        row.button(
            "Random", key=state.RANDOM[side], icon=":material/casino:",
            help="Draw an image of this label.", on_click=_random_chosen, args=[space, side],
        )  # fmt: skip
        _choose_own(row, side, point)


def _choose_own(row: DeltaGenerator, side: str, point: Point) -> None:
    """One of the images that the visitor brought on Place, where there are any."""
    images = state.tray(st.session_state).images
    if images:
        of_point = [number for number, upload in images.items() if upload is point]
        st.session_state[state.MINE[side]] = of_point[0] if of_point else None
        row.selectbox(
            "Your images", list(images), key=state.MINE[side], placeholder="Choose", width=170,
            format_func=lambda number: images[number].title,
            on_change=_own_chosen, args=[side],
        )  # fmt: skip


def use_buttons(brought: Upload | Spot) -> None:
    """Make the visitor's image or code A or B, and offer the way to Explore."""
    row = st.container(horizontal=True)
    for side in "AB":
        row.button(f"Use it as {side}", key=state.USE[side], on_click=state.choose,
                   args=[st.session_state, side, brought])  # fmt: skip
    for side in "AB":
        chosen = st.session_state[state.POINT[side]]
        if chosen is brought or (isinstance(chosen, Spot) and chosen == brought):
            st.success(f"It is {side} now. Open **Explore** to walk from or to it.",
                       icon=":material/check:")  # fmt: skip


def figure_of(image: np.ndarray) -> np.ndarray:
    """An image of shape (C, H, W) in [0, 1] as pixels large enough to look at."""
    return frame.enlarged(to_uint8(image))


def code_of(space: LatentSpace, point: int | Spot | Upload) -> np.ndarray:
    """Code of a point, shape (latent_dim,); an image of the visitor's own is encoded."""
    if isinstance(point, Upload):
        return point.placed(space).code
    if isinstance(point, Spot):
        return np.array(point.code, np.float32)
    return space.code(point)


def describe(space: LatentSpace, point: Point) -> str:
    """A point in words, as Markdown."""
    if point is None:
        return "not chosen yet: click a dot of the map, or type a number"
    if isinstance(point, Upload):
        return f"your image {frame.plain(point.title)}"
    if isinstance(point, Spot):
        return "a spot between the dots" if point.xy else "a code made with the sliders"
    return f"image {point}, labelled {frame.plain(space.class_names[space.gallery.labels[point]])}"


def _picture(space: LatentSpace, point: Point) -> np.ndarray | None:
    """The original, where there is one here; decoded pictures are the live map's business."""
    if isinstance(point, Upload):
        return point.x(space)
    return resources.original(space.name, point) if isinstance(point, int) else None


def _own_chosen(side: str) -> None:
    number = st.session_state[state.MINE[side]]
    if number is not None:
        state.choose(st.session_state, side, state.tray(st.session_state).images[number])
    redraw()


def _random_chosen(space: LatentSpace, side: str) -> None:
    state.choose_random(st.session_state, side, space.gallery.labels, space.class_names)
    redraw()


def _number_changed(side: str) -> None:
    session = st.session_state
    state.choose(session, side, session[state.shown_key(session, state.NUMBER[side])])
    redraw()
