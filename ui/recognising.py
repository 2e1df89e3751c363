"""Recognise on a page: show something, name it, and what it is taken for from then on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from latent import bundle
from latent.encoder import Encoder, encoder_names
from latent.errors import InputError
from latent.images import to_uint8
from latent.recognition import (
    LONGEST,
    Answer,
    Classes,
    Enrolled,
    Trial,
    class_names,
    enrol,
    held_back,
    load,
    nobody,
    recognise,
    remove,
    rename,
    save,
    together,
)
from latent.space import describe, model_names
from ui import frame, pictures, resources, state
from ui.charts import BAR, SECOND
from ui.pictures import Figure
from ui.state import Key
from ui.uploads import Tray, Upload

SHOWN = 12  # enrolled images of a class
RANKED = 6  # classes of an answer
MOST_REJECTED = 0.3


SOURCES = {"drawn": "Draw", "brought": "Files, camera", "data": "From the data"}
WORDS = {
    bundle.CONTRAST: "An encoder taught by **contrast**: images of one {one} were pulled together, "
    "others pushed apart. {unseen}It draws nothing; near means alike.",
    "ae": "A plain autoencoder: its codes were made to be drawn from. That near means alike is a "
    "welcome side effect, and not as good as with an encoder taught by contrast.",
    "vae": "A variational autoencoder: its codes were made to be drawn from, and to lie close "
    "together.",
    bundle.DENOISING: "A denoising autoencoder: what noise does to an image hardly moves its code.",
}


@dataclass(frozen=True)
class Known:
    """All that an image is held against.

    Args:
        encoder: the model.
        enrolled: what the visitor showed.
        classes: from that, and from the model's training if the visitor begins with it.
        trial: how well a threshold works on test images, where that could be tried.
        threshold: distance from which an image is a stranger.
    """

    encoder: Encoder
    enrolled: Enrolled
    classes: Classes
    trial: Trial | None
    threshold: float


def begin(title: str, lead: str) -> Encoder:
    """Draw the page's heading and its own choice of a model: any that encodes.

    Returns:
        The chosen model's encoder. Where it cannot be loaded the page shows why and stops.
    """
    frame.head(title, lead)
    names = encoder_names()
    session = st.session_state
    if session[Key.RECOGNISER] not in names:
        session[Key.RECOGNISER] = names[0] if names else None
    with frame.errors_shown():
        if not names:
            raise InputError("There is no model yet. Train one: python -m latent train mnist-vae")
        with st.sidebar:
            name: str = st.selectbox(
                "Model", names, key=Key.RECOGNISER,
                format_func=resources.encoder_title,
            )  # fmt: skip
            encoder = resources.encoder(name)
            digits = encoder.config["preprocessing"] == "mnist-digit"
            st.caption(WORDS[encoder.config["kind"]].format(
                one="digit" if digits else "design",
                unseen="It never saw an 8 or a 9. " if digits else "",
            ))  # fmt: skip
        return encoder
    st.stop()


def from_data(encoder: Encoder) -> tuple[np.ndarray | None, str, list[np.ndarray]]:
    """An image of the data set, by a model at hand that knows the same kind of images."""
    session = st.session_state
    how = encoder.config["preprocessing"]
    name = next((n for n in model_names() if describe(n)["preprocessing"] == how), None)
    if name is None:
        st.info("No model at hand has images of this kind.", icon=":material/info:")
        return None, "", []
    last = len(resources.space(name).gallery) - 1
    session[Key.SHOWN_IMAGE] = min(session[Key.SHOWN_IMAGE], last)
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="small")
    row.number_input("Image", 0, last, key=Key.SHOWN_IMAGE, width=140)
    row.button("Random image", key=Key.ANY_SHOWN, icon=":material/casino:", on_click=_any_image,
               args=[last + 1])  # fmt: skip
    index = session[Key.SHOWN_IMAGE]
    x = resources.pictures(name, (index,))[0]
    gallery = resources.space(name).gallery
    label = resources.space(name).class_names[int(gallery.labels[index])]
    return x, f"image {index}, labelled {label}", [x]


def _any_image(count: int) -> None:
    st.session_state[Key.SHOWN_IMAGE] = int(np.random.default_rng().integers(count))


def known(encoder: Encoder) -> Known:
    """All that this visit's images are held against."""
    session = st.session_state
    enrolled = enrolled_in(encoder)
    base = resources.known_classes(encoder.name) if session[Key.BEGIN_WITH] else None
    trial = resources.recognition_trial(encoder.name)
    threshold = trial.threshold(session[Key.FALSE_REJECTS]) if trial else np.inf
    return Known(encoder, enrolled, together(encoder, base, enrolled), trial, threshold)


def enrolled_in(encoder: Encoder) -> Enrolled:
    """What the visitor has shown to this model."""
    found: dict[str, Enrolled] = st.session_state[Key.ENROLLED]
    return found.get(encoder.fingerprint) or nobody(encoder)


def keep(encoder: Encoder, enrolled: Enrolled) -> None:
    """From now on this is what the visitor has shown to this model."""
    st.session_state[Key.ENROLLED] = {
        **st.session_state[Key.ENROLLED], encoder.fingerprint: enrolled,
    }  # fmt: skip


def answer(known: Known, x: np.ndarray, title: str) -> None:
    """What an image (C, H, W) is recognised as, and how it compares."""
    code = resources.code_of(known.encoder.name, x)
    found = recognise(code, known.classes, known.enrolled, known.threshold)
    left, right = st.columns([1, 3], vertical_alignment="center")
    with left:
        pictures.row([Figure(to_uint8(x[None])[0], "What the model sees", title)], side=7)
    with right:
        st.markdown(f"### {_said(found)}")
        st.caption(_because(found, known))
        st.plotly_chart(_ranking(found, known), config={"displayModeBar": False})
    if len(found.nearest):
        st.markdown("**Most like it, of what you showed**")
        pictures.row([
            Figure(_pixels(known.enrolled.images[i]), known.enrolled.names[i], f"{apart:.2f}")
            for i, apart in zip(found.nearest, found.apart, strict=True)
        ], side=4.5)  # fmt: skip


def _said(found: Answer) -> str:
    if found.stranger:
        return f"A stranger. Least unlike: {frame.plain(found.name)}"
    return f"This is {frame.plain(found.name)}"


def _because(found: Answer, known: Known) -> str:
    if not np.isfinite(known.threshold):
        return "No threshold could be tried for this model: nothing is called a stranger."
    side = "beyond" if found.stranger else "within"
    return (
        f"Its code is {found.distance:.2f} away from the mean of that class, {side} the threshold "
        f"of {known.threshold:.2f}."
    )


def _ranking(found: Answer, known: Known) -> go.Figure:
    names = [name.replace("<", "&lt;") for name in found.ranking[:RANKED]]
    figure = go.Figure(go.Bar(
        x=found.distances[:RANKED], y=names, orientation="h",
        marker_color=[BAR if d <= known.threshold else "#8a8f99" for d in found.distances[:RANKED]],
        hovertemplate="%{y}: %{x:.2f}<extra></extra>",
    ))  # fmt: skip
    if np.isfinite(known.threshold):
        figure.add_vline(x=known.threshold, line_dash="dash", line_color=SECOND)
    return figure.update_layout(
        margin={"l": 0, "r": 0, "t": 0, "b": 0}, height=40 + 24 * len(names), bargap=0.3,
        yaxis={"type": "category", "autorange": "reversed", "fixedrange": True},
        xaxis={"title": "distance to the mean of a class", "rangemode": "tozero",
               "fixedrange": True},
    )  # fmt: skip


def naming(known: Known, x: np.ndarray, brought: list[np.ndarray]) -> None:
    """Give what is shown a name, or all that was brought."""
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="small")
    row.text_input("It is called", key=Key.NEW_NAME, max_chars=LONGEST, width=220,
                   placeholder="a name of your own")  # fmt: skip
    row.button("Remember it", key=Key.ENROL, icon=":material/school:", type="primary",
               on_click=_enrolled, args=[known.encoder, [x]])  # fmt: skip
    if len(brought) > 1:
        row.button(
            f"Remember all {len(brought)}", key=Key.ENROL_ALL, on_click=_enrolled,
            args=[known.encoder, brought], help="All of your images, under this name.",
        )  # fmt: skip


def _enrolled(encoder: Encoder, images: list[np.ndarray]) -> None:
    session = st.session_state
    try:
        x = np.stack(images)
        codes = np.stack([resources.code_of(encoder.name, image) for image in images])
        name = session[Key.NEW_NAME] or ""
        keep(encoder, enrol(enrolled_in(encoder), name, x, codes))
    except InputError as error:
        session[Key.ENROL_PROBLEM] = str(error)


def problem() -> None:
    """What went wrong with the last wish, once."""
    words = st.session_state[Key.ENROL_PROBLEM]
    st.session_state[Key.ENROL_PROBLEM] = None
    if words:
        st.error(frame.plain(words), icon=":material/error:")


def people(known: Known) -> None:
    """Everything that has a name of the visitor's: look, rename, remove."""
    encoder, enrolled = known.encoder, known.enrolled
    if not len(enrolled):
        st.caption("Nothing has a name of yours yet.")
        return
    for name, which in enrolled.classes.items():
        row = st.container(horizontal=True, vertical_alignment="center", gap="small")
        strip = pictures.joined([_pixels(enrolled.images[i]) for i in which[:SHOWN]], axis=1)
        row.markdown(f"**{frame.plain(name)}** · {len(which)}", width=140)
        row.image(strip, width=44 * min(len(which), SHOWN))
        token = f"{encoder.fingerprint[:8]}.{name}"
        with row.popover("Change", icon=":material/edit:"):
            st.text_input("New name", name, max_chars=LONGEST, key=f"{Key.RENAME}.{token}")
            st.button("Rename", key=f"{Key.RENAME_NOW}.{token}", on_click=_renamed,
                      args=[encoder, name, f"{Key.RENAME}.{token}"])  # fmt: skip
            st.button("Forget the last image", key=f"{Key.FORGET_LAST}.{token}", on_click=_removed,
                      args=[encoder, name, [int(which[-1])]])  # fmt: skip
            st.button("Forget all of it", key=f"{Key.FORGET}.{token}", icon=":material/delete:",
                      on_click=_removed, args=[encoder, name, None])  # fmt: skip
        if len(which) == 1:
            row.caption("One image says little about a kind. Show it some more.")


def _renamed(encoder: Encoder, old: str, key: str) -> None:
    try:
        keep(encoder, rename(enrolled_in(encoder), old, st.session_state[key]))
    except InputError as error:
        st.session_state[Key.ENROL_PROBLEM] = str(error)


def _removed(encoder: Encoder, name: str, which: list[int] | None) -> None:
    try:
        keep(encoder, remove(enrolled_in(encoder), name, which))
    except InputError as error:
        st.session_state[Key.ENROL_PROBLEM] = str(error)


def files(known: Known) -> None:
    """Save what was shown, and load it again."""
    row = st.columns([1, 2], vertical_alignment="bottom")
    row[0].download_button(
        "Save all names", lambda: save(known.enrolled, known.encoder), "enrolled.npz",
        "application/octet-stream", key=Key.SAVE_ENROLLED, icon=":material/download:",
        on_click="ignore", disabled=not len(known.enrolled),
    )  # fmt: skip
    row[1].file_uploader(
        "Load names that were saved here", type="npz", key=state.round_key(
            st.session_state, Key.LOAD_ENROLLED), on_change=_loaded, args=[known.encoder],
    )  # fmt: skip


def _loaded(encoder: Encoder) -> None:
    session = st.session_state
    file = session[state.round_key(session, Key.LOAD_ENROLLED)]
    if file is None:
        return
    try:
        keep(encoder, load(file.getvalue(), encoder))
    except InputError as error:
        session[Key.ENROL_PROBLEM] = str(error)
    session[state.ROUND[Key.LOAD_ENROLLED]] += 1


def begin_with(encoder: Encoder) -> None:
    """Whether the classes of the model's training stand beside the visitor's own."""
    strange = held_back(encoder)
    names = [name for name in class_names(encoder) if name not in strange]
    st.toggle(
        f"Begin with what the model knows: {frame.plain(', '.join(names))}", key=Key.BEGIN_WITH,
        help="On: your names stand beside classes of its training"
        + (", of which two are left out so that you have something to teach it." if strange
           else ".") + " Off: it knows only what you show.",
    )  # fmt: skip


def threshold(known: Known) -> None:
    """The slider, and the curve of what it costs."""
    if known.trial is None:
        st.info("This model knows too few classes to hold some back that could play the strangers.",
                icon=":material/info:")  # fmt: skip
        return
    left, right = st.columns([2, 3], gap="large", vertical_alignment="center")
    with left:
        st.slider(
            "Known images that may be called strangers", 0.0001, MOST_REJECTED, step=0.0001,
            format="percent", key=Key.FALSE_REJECTS,
        )  # fmt: skip
        refused, taken = known.trial.rates(known.threshold)
        strange = " and ".join(held_back(known.encoder))
        st.markdown(
            f"At this threshold **{refused:.1%}** of the test images of known classes are refused "
            f"(false rejects), and **{taken:.1%}** of those of {strange}, as long as nobody named "
            "them, are taken for one of these (false accepts)."
        )
        st.caption("To the right: fewer strangers slip through, and more friends are sent away.")
    with right:
        st.plotly_chart(curve(known.trial, known.threshold), config={"displayModeBar": False})


def curve(trial: Trial, threshold: float) -> go.Figure:
    """False accepts over false rejects, with a dot where the threshold is."""
    steps = np.quantile(trial.known, np.linspace(1 - MOST_REJECTED, 1, 121))
    rates = np.array([trial.rates(float(step)) for step in steps])
    here = trial.rates(threshold)
    figure = go.Figure(go.Scatter(
        x=rates[:, 0], y=rates[:, 1], mode="lines", line={"color": BAR}, showlegend=False,
        hovertemplate="%{x:.1%} refused, %{y:.1%} taken in<extra></extra>",
    ))  # fmt: skip
    figure.add_scatter(x=[here[0]], y=[here[1]], mode="markers", showlegend=False,
                       marker={"color": SECOND, "size": 12}, hoverinfo="skip")  # fmt: skip
    return figure.update_layout(
        margin={"l": 0, "r": 0, "t": 8, "b": 0}, height=260,
        xaxis={"title": "known, and refused", "tickformat": ".0%",
               "rangemode": "tozero", "fixedrange": True},
        yaxis={"title": "strangers taken in", "tickformat": ".0%",
               "rangemode": "tozero", "fixedrange": True},
    )  # fmt: skip


def _pixels(image: np.ndarray) -> np.ndarray:
    """An enrolled image (C, H, W), uint8, as pixels to show."""
    return image[0] if len(image) == 1 else np.moveaxis(image, 0, 2)


def usable(tray: Tray, encoder: Encoder) -> list[tuple[Upload, np.ndarray]]:
    """The visitor's images that this model's preparation can take."""
    found = []
    for upload in tray.images.values():
        try:
            found.append((upload, upload.x(encoder)))
        except InputError:
            continue
    return found
