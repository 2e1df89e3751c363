"""Parts that pages share: the choice of a map, a card for A or B, the upload."""

from __future__ import annotations

import numpy as np
import streamlit as st

from latent.errors import InputError
from latent.images import prepare, to_uint8
from latent.projections import TITLES
from latent.space import LatentSpace
from ui import frame, resources, state
from ui.state import ANY_LABEL, Key, Point, Spot, Upload

PATH_TITLES = {"lerp": "Straight line", "slerp": "Great circle"}
MAP_HELP = {
    "latent": "A code has two numbers here, so the map *is* the latent space, undistorted.",
    "pca": "**PCA** looks at the codes from the side where they spread most. Straight lines stay "
    "straight, but what lies behind one another falls together.",
    "tsne": "**t-SNE** keeps near codes near and pushes the rest apart. Believe the groups; do not "
    "believe how far apart they lie.",
    "umap": "**UMAP** follows the shape of the data from neighbour to neighbour. Believe the "
    "groups; do not read much into their distances.",
}


def choose_map(space: LatentSpace) -> str:
    """Let the visitor choose among the maps that the model has, and say how to read it."""
    found = [(i["method"], i["dims"]) for i in space.maps_info.values()]
    methods = list(dict.fromkeys(method for method, _ in found))
    if st.session_state[Key.METHOD] not in methods:
        st.session_state[Key.METHOD] = methods[-1]
    with st.sidebar:
        method = st.selectbox("Map", methods, key=Key.METHOD, format_func=TITLES.__getitem__)
        sizes = [dims for m, dims in found if m == method]
        if st.session_state[Key.DIMS] not in sizes:
            st.session_state[Key.DIMS] = sizes[0]
        st.segmented_control("Dimensions", sizes, key=Key.DIMS, required=True,
                             format_func="{}-D".format)  # fmt: skip
        name = f"{method}{st.session_state[Key.DIMS]}"
        info = space.maps_info[name]
        st.caption(MAP_HELP[method])
        if "trustworthiness" in info and method != "latent":
            st.caption(
                f"**How far to trust it:** {info['trustworthiness']:.0%} trustworthy (near on the "
                f"map means near in the codes), {info['continuity']:.0%} continuous (near in the "
                "codes stays near on the map)."
            )
    return name


def codes_of_points(space: LatentSpace) -> dict[str, np.ndarray]:
    """Codes of A and B as far as they are chosen, each (latent_dim,).

    Where one cannot be had the page says why and stops.
    """
    state.fit_points(st.session_state, space.name, len(space.gallery))
    points: dict[str, Point] = {side: st.session_state[state.POINT[side]] for side in "AB"}
    with frame.errors_shown():
        return {side: _code(space, point) for side, point in points.items() if point is not None}
    st.stop()


def choose_point(space: LatentSpace, side: str) -> None:
    """A card that says what A or B is, with three ways to choose another without the map."""
    point: Point = st.session_state[state.POINT[side]]
    last = len(space.gallery) - 1
    with st.container(border=True):
        st.markdown(f"**{side}** · {_describe(space, point)}")
        picture = _picture(space, point)
        if picture is not None:
            st.image(frame.enlarged(to_uint8(picture)), width=112, alt=f"Picture of {side}")
        row = st.container(horizontal=True, vertical_alignment="bottom", gap="small")
        row.number_input(
            "Image number", 0, last, key=state.NUMBER[side], on_change=_number_changed,
            args=[side], width=150, help=f"Any of the {last + 1:,} images of the data set.",
        )  # fmt: skip
        row.selectbox("Label", [ANY_LABEL, *space.class_names], key=state.LABEL[side], width=110)
        row.button(
            "Random", key=state.RANDOM[side], icon=":material/casino:",
            help="Draw an image of this label.", on_click=state.choose_random,
            args=[st.session_state, side, space.gallery.labels, space.class_names],
        )  # fmt: skip


def upload() -> None:
    """Let the visitor bring an image; it stays for the visit, also on other pages."""
    st.file_uploader(
        "Image of a digit (PNG or JPEG, up to 20 MB)", key=Key.UPLOADER, on_change=_uploaded
    )
    if st.session_state[Key.UPLOAD_ERROR]:
        st.error(frame.plain(st.session_state[Key.UPLOAD_ERROR]), icon=":material/error:")


def use_buttons(brought: Upload) -> None:
    """Make the visitor's image A or B, and offer the way to Explore."""
    row = st.container(horizontal=True)
    for side in "AB":
        row.button(f"Use it as {side}", key=state.USE[side], on_click=state.choose,
                   args=[st.session_state, side, brought])  # fmt: skip
    for side in "AB":
        if st.session_state[state.POINT[side]] is brought:
            st.success(f"It is {side} now. Open **Explore** to walk from or to it.",
                       icon=":material/check:")  # fmt: skip


def figure_of(image: np.ndarray) -> np.ndarray:
    """An image of shape (C, H, W) in [0, 1] as pixels large enough to look at."""
    return frame.enlarged(to_uint8(image))


def _code(space: LatentSpace, point: int | Spot | Upload) -> np.ndarray:
    if isinstance(point, Upload):
        return space.encode(point.prepared.x[None])[0]
    if isinstance(point, Spot):
        return np.array(point.code, np.float32)
    return space.code(point)


def _picture(space: LatentSpace, point: Point) -> np.ndarray | None:
    """The original, where there is one here; decoded pictures are the live map's business."""
    if isinstance(point, Upload):
        return point.prepared.x
    if isinstance(point, int) and resources.originals(space.name) is not None:
        return resources.pictures(space.name, (point,))[0]
    return None


def _describe(space: LatentSpace, point: Point) -> str:
    if point is None:
        return "not chosen yet: click a dot of the map, or type a number"
    if isinstance(point, Upload):
        return f"your image {frame.plain(point.name[:40])}"
    if isinstance(point, Spot):
        return "a spot between the dots"
    return f"image {point}, labelled {frame.plain(space.class_names[space.gallery.labels[point]])}"


def _number_changed(side: str) -> None:
    state.choose(st.session_state, side, st.session_state[state.NUMBER[side]])


def _uploaded() -> None:
    """Prepare what was uploaded; a refused file says why."""
    file = st.session_state[Key.UPLOADER]
    st.session_state[Key.UPLOAD_ERROR] = None
    if file is None:
        st.session_state[Key.UPLOAD] = None
        return
    model = resources.space(st.session_state[Key.MODEL])
    try:
        prepared = prepare(file.getvalue(), model.config["preprocessing"])
        st.session_state[Key.UPLOAD] = Upload(file.name, prepared)
    except InputError as error:
        st.session_state[Key.UPLOAD] = None
        st.session_state[Key.UPLOAD_ERROR] = f"{file.name[:60]}: {error}"
