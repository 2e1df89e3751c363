"""Parts that pages share: the map, a point, the way, a row of images, the upload."""

from __future__ import annotations

import numpy as np
import streamlit as st

from latent.errors import InputError
from latent.images import prepare, strip, to_uint8
from latent.projections import TITLES
from latent.space import LatentSpace
from ui import charts, frame, resources, state
from ui.state import ANY_LABEL, Key, Point, Upload

DRAWN = 10_000  # Plotly answers a click on 70,000 points in 1.4 s, on 10,000 in 0.3 s
GAP = 2  # pixels between two images of the strip
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
    """Codes of A and B, each (latent_dim,); where one cannot be had the page says why and stops."""
    with frame.errors_shown():
        return {side: _code(space, _point(space, side)) for side in "AB"}
    st.stop()


def draw_map(
    space: LatentSpace, map_name: str, codes: dict[str, np.ndarray], *, clickable: bool = True
) -> None:
    """Draw the gallery and, on top, the given codes where they land, with the way between two."""
    projection = space.map(map_name)
    gallery = space.gallery
    drawn = np.argsort(gallery.split == 0, kind="stable")[:DRAWN]  # the test split first
    labels = gallery.labels[drawn]
    groups = [(name, drawn[labels == i]) for i, name in enumerate(space.class_names)]
    marks = [(name, projection.transform(code[None])[0]) for name, code in codes.items()]
    way = None
    if len(codes) == 2:
        a, b = codes.values()
        way = projection.transform(space.walk(a, b, 33, st.session_state[Key.PATH]))
    figure = charts.map_figure(projection.xy, groups, marks, way)
    key = f"{Key.MAP}.{space.name}.{map_name}"
    picks = clickable and projection.dims == 2
    st.plotly_chart(
        figure, key=key, selection_mode="points",
        on_select=(lambda: _clicked(key)) if picks else "ignore",
        config={"displayModeBar": False, "scrollZoom": True},
    )  # fmt: skip
    shown = f"{len(drawn):,} of {len(gallery):,} images are drawn"
    if picks:
        st.segmented_control("A click on the map sets", ["A", "B"], key=Key.NEXT, required=True)
    elif clickable:
        shown += "; in 3-D choose A and B by number, on the right"
    st.caption(f"{shown}. Drag to move, scroll to zoom, click the legend to hide a digit.")


def choose_point(space: LatentSpace, side: str) -> None:
    """A card with the picture of A or B and three ways to choose another."""
    point: Point = st.session_state[state.POINT[side]]
    last = len(space.gallery) - 1
    with st.container(border=True):
        picture, words = st.columns([1, 2], gap="medium", vertical_alignment="center", wrap=False)
        picture.image(_picture(space, point), width="stretch", alt=f"Picture of {side}")
        words.markdown(f"**{side}** · {_describe(space, point)}")
        words.number_input(
            "Image number", 0, last, key=state.NUMBER[side], on_change=_number_changed,
            args=[side], help=f"Any of the {last + 1:,} images of the data set.",
        )  # fmt: skip
        row = st.container(horizontal=True, vertical_alignment="center", gap="small")
        row.selectbox(
            "Label", [ANY_LABEL, *space.class_names], key=state.LABEL[side], width=130,
            format_func=lambda name: f"{name} label" if name == ANY_LABEL else name,
            label_visibility="collapsed",
        )  # fmt: skip
        row.button(
            "Random", key=state.RANDOM[side], icon=":material/casino:",
            help="Draw an image of this label.", on_click=state.choose_random,
            args=[st.session_state, side, space.gallery.labels, space.class_names],
        )  # fmt: skip


@st.fragment
def walk(space: LatentSpace, codes: dict[str, np.ndarray]) -> None:
    """The strip from A to B and a slider along it; moving it reruns nothing else."""
    with frame.errors_shown():
        a, b, path = codes["A"], codes["B"], st.session_state[Key.PATH]
        steps = space.decode(space.walk(a, b, st.session_state[Key.N_STEPS], path))
        here, strip_of_steps = st.columns([1, 5], gap="large", vertical_alignment="center")
        with strip_of_steps:
            st.image(
                _enlarged(_see_through(strip(steps, GAP), steps.shape[-1])),
                width="stretch",
                alt="Decoded steps from A to B",
            )
            percent = st.slider(
                "Along the way from A to B", 0, 100, key=Key.STEP, format="%d %%",
                help="Decodes the code at this point of the way. Arrow keys work too.",
            )  # fmt: skip
        with here:
            code = space.walk(a, b, 101, path)[percent]
            st.image(_enlarged(to_uint8(space.decode(code[None])[0])), width="stretch",
                     alt=f"Decoded at {percent} % of the way")  # fmt: skip


def image_row(space: LatentSpace, indices: np.ndarray, distances: np.ndarray) -> None:
    """Gallery images side by side, each with its label and its distance."""
    chosen = tuple(int(i) for i in indices)
    found = to_uint8(resources.pictures(space.name, chosen))
    labels = space.gallery.labels[indices]
    captions = [
        f"{space.class_names[label]} · {distance:.2f}"
        for label, distance in zip(labels, distances, strict=True)
    ]
    st.image([_enlarged(image) for image in found], caption=captions, width=84)


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
    return _enlarged(to_uint8(image))


def _point(space: LatentSpace, side: str) -> Point:
    """A or B; a number beyond this model's gallery, left from a larger one, is brought inside."""
    point: Point = st.session_state[state.POINT[side]]
    if isinstance(point, int):
        state.choose(st.session_state, side, point % len(space.gallery))
    else:
        number = st.session_state[state.NUMBER[side]]
        st.session_state[state.NUMBER[side]] = number % len(space.gallery)
    return st.session_state[state.POINT[side]]


def _code(space: LatentSpace, point: Point) -> np.ndarray:
    if isinstance(point, Upload):
        return space.encode(point.prepared.x[None])[0]
    return space.code(point)


def _picture(space: LatentSpace, point: Point) -> np.ndarray:
    image = (
        point.prepared.x
        if isinstance(point, Upload)
        else resources.pictures(space.name, (point,))[0]
    )
    return figure_of(image)


def _describe(space: LatentSpace, point: Point) -> str:
    if isinstance(point, Upload):
        return f"your image {frame.plain(point.name[:40])}"
    what = "original" if resources.originals(space.name) is not None else "decoded"
    return f"{space.class_names[space.gallery.labels[point]]}, {what}"


def _number_changed(side: str) -> None:
    state.choose(st.session_state, side, st.session_state[state.NUMBER[side]])


def _clicked(key: str) -> None:
    points = st.session_state[key]["selection"]["points"]
    if points and "customdata" in points[0]:
        state.choose_next(st.session_state, int(np.ravel(points[0]["customdata"])[0]))


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


def _see_through(pixels: np.ndarray, width: int) -> np.ndarray:
    """A strip whose gaps show the page: it is dark or light."""
    colour = pixels if pixels.ndim == 3 else pixels[..., None].repeat(3, axis=2)
    shown = (np.arange(pixels.shape[1]) % (width + GAP) < width) * 255
    alpha = np.broadcast_to(shown[None, :, None], (*pixels.shape[:2], 1)).astype(np.uint8)
    return np.concatenate([colour, alpha], axis=2)


def _enlarged(pixels: np.ndarray, least: int = 224) -> np.ndarray:
    """Repeat pixels until the picture is at least so high: browsers blur what they enlarge."""
    times = max(1, -(-least // pixels.shape[0]))
    return pixels.repeat(times, axis=0).repeat(times, axis=1)
