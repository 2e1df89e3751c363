"""Samples, a view of Traverse: codes that no image gave, and what a prior is for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import streamlit as st

from latent.images import to_uint8
from latent.priors import COMPONENTS, own_prior
from latent.sampling import HOTTEST, MEASURED, Draws, frechet_distance, source_of
from latent.space import LatentSpace
from ui import frame, pictures, resources
from ui.background import Job
from ui.pictures import Figure
from ui.state import Key

COUNT = 28  # draws in the grid
IN_A_ROW = 12  # beside each other, to compare models
MEASURED_ON = 4_000  # draws of each source: enough to rank them, and some seconds' work
SOURCES = {
    "prior": "The prior", "mixture": "A mixture", "component": "One component",
    "image": "Around an image", "gaussian": "One Gaussian",
}  # fmt: skip
MEANT = {
    "prior": "The *prior* is what a VAE was trained to make its codes look like: random numbers "
    "around 0. Nobody has to look at a single image to draw from it.",
    "mixture": f"A *mixture* of {COMPONENTS} Gaussians, fitted to the training codes as on "
    "Clusters, knows where codes are crowded.",
    "component": "One *component* of that mixture: a crowd of codes that are alike.",
    "image": "Around one image: as far as a VAE's encoder is unsure of its code; for a plain "
    "autoencoder, as far as its nearest images are.",
    "gaussian": "One *Gaussian* with the mean and the covariance of all codes: the least one can "
    "say about where they are. It also covers the gaps between them.",
}


@dataclass(frozen=True)
class Row:
    """Draws from one source of one model, measured against the test images."""

    model: str
    source: str
    distance: float


@frame.fragment
def section(space: LatentSpace, models: list[str]) -> None:
    """All of the view."""
    fit_choices(space)
    source = choose(space)
    session = st.session_state
    with frame.errors_shown():
        found, images = resources.draws(
            space.name, source, session[Key.COMPONENT] - 1, session[Key.IMAGE], COUNT,
            session[Key.TEMPERATURE], session[Key.DRAW_SEED],
        )  # fmt: skip
        grid(space, found, images)
    compare(space, models)


def sources(space: LatentSpace) -> list[str]:
    """What this model's codes may be drawn from."""
    return [name for name in SOURCES if name != "prior" or own_prior(space) == "prior"]


def fit_choices(space: LatentSpace) -> None:
    """Give the choices a meaning in the model that is shown now, before they are drawn."""
    session = st.session_state
    if session[Key.SOURCE] not in sources(space):
        session[Key.SOURCE] = own_prior(space)
    session[Key.IMAGE] %= len(space.gallery)


def choose(space: LatentSpace) -> str:
    """Where draws come from, how wild they may be, and another set of them."""
    chosen = st.segmented_control(  # in a row it would be cut off on a small screen
        "Draw from", sources(space), key=Key.SOURCE, required=True, format_func=SOURCES.__getitem__
    )  # fmt: skip
    source = str(chosen)
    st.caption(MEANT[source])
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    if source == "component":
        with frame.errors_shown():
            most = len(resources.prior(space.name, "mixture"))
            st.session_state[Key.COMPONENT] = min(st.session_state[Key.COMPONENT], most)
            row.number_input("Component", 1, most, key=Key.COMPONENT, width=120)
    if source == "image":
        row.number_input("Image", 0, len(space.gallery) - 1, key=Key.IMAGE, width=140)
    row.slider(
        "Temperature", 0.0, HOTTEST, step=0.1, key=Key.TEMPERATURE, width=220,
        help="Multiplies how far draws stray from the middle. Below 1 they are safe and alike, "
        "above 1 they are wild, and at last no images at all.",
    )  # fmt: skip
    row.button("Draw again", key=Key.DRAW_AGAIN, icon=":material/casino:", on_click=_again)
    return source


def grid(space: LatentSpace, found: Draws, images: np.ndarray) -> None:
    """Each draw, and below it the nearest image of the gallery."""
    near = resources.pictures(space.name, tuple(int(index) for index in found.nearest))
    labels = space.gallery.labels[found.nearest]
    pictures.row([
        Figure(
            pictures.joined([to_uint8(image), to_uint8(other)], axis=0),
            f"{distance:.2f} away", f"{space.class_names[label]} #{index}",
        )
        for image, other, index, label, distance in zip(
            images, near, found.nearest, labels, found.distances, strict=True
        )
    ], side=7)  # fmt: skip
    known = "original" if resources.have_originals(space.name, found.nearest) else "decoded"
    st.caption(
        f"Above, what the decoder makes of a drawn code; below, the image of the gallery ({known}) "
        f"with the nearest code, how far it is away, its label and number. {usual_words(space)} "
        "A draw that equals its neighbour was learnt by heart; one far from every image is the "
        "model's own invention, for good or ill."
    )


def usual_words(space: LatentSpace) -> str:
    """How far is far: what real images keep from one another."""
    usual = resources.usual(space.name)
    return (
        f"To compare: a test image is {usual[50]:.2f} away from its nearest training image in the "
        f"middle, nine of ten between {usual[5]:.2f} and {usual[95]:.2f}."
    )


def compare(space: LatentSpace, models: list[str]) -> None:
    """The same with and without a prior, side by side, and how far each is from real images."""
    pair = with_and_without(space, models)
    if pair is None:
        return
    st.subheader("What is a prior for?", anchor=False)
    st.markdown(
        "Both models redraw images about equally well. To *invent* one, a code has to be drawn, "
        "and only the VAE was trained so that one knows where to draw it. For the plain "
        "autoencoder something has to be fitted to its codes afterwards: one Gaussian also hits "
        "the gaps between them, where the decoder draws ghosts; a mixture mostly avoids them."
    )
    measured = _measured(pair)
    for name, source in pair:
        _, images = resources.draws(name, source, 0, 0, IN_A_ROW, 1.0,
                                    st.session_state[Key.DRAW_SEED])  # fmt: skip
        kind = resources.space(name).config["kind"].upper()
        words = f"**{kind}**, {SOURCES[source][0].lower()}{SOURCES[source][1:]}"
        if (name, source) in measured:
            words += f" · Fréchet distance {measured[name, source]:.1f}"
        st.markdown(words)
        row = pictures.joined([to_uint8(image) for image in images], axis=1)
        st.image(frame.enlarged(row, 112), alt=f"Draws: {words}")
    measure(space, pair)


def with_and_without(space: LatentSpace, models: list[str]) -> list[tuple[str, str]] | None:
    """Models and sources to compare; None where there is no counterpart of the same size."""
    kinds: dict[str, str] = {}
    for name in [space.name, *models]:
        other = resources.space(name)
        if other.latent_dim == space.latent_dim:
            kinds.setdefault(other.config["kind"], name)
    if len(kinds) < 2:
        return None
    vae, ae = kinds["vae"], kinds["ae"]
    return [(vae, "prior"), (vae, "mixture"), (ae, "gaussian"), (ae, "mixture")]


def measure(space: LatentSpace, pair: list[tuple[str, str]]) -> None:
    """The Fréchet distances, computed off the page's thread when asked for."""
    if space.config["preprocessing"] != MEASURED:
        st.caption("How far draws are from real images as a whole is measured for digits alone: "
                   "it needs a classifier's features, and there is none of furniture.")  # fmt: skip
        return
    session = st.session_state
    asked = tuple(pair)
    job: Job[list[Row]] | None = None
    if session[Key.MEASURING] and session[Key.MEASURING][0] == asked:
        job = session[Key.MEASURING][1]
    running = job is not None and job.running
    st.button(f"Measure them, {MEASURED_ON:,} draws each", key=Key.MEASURE_DRAWS,
              icon=":material/straighten:", disabled=running or bool(job and job.rows),
              on_click=_begin, args=[asked])  # fmt: skip
    if job is not None and running:
        _watch(job)
    elif job is not None and job.problem:
        st.info(frame.plain(job.problem), icon=":material/info:")
    st.caption(
        "The **Fréchet distance** compares draws as a whole with the test images: mean and "
        "covariance of the features by which `mnist-classifier` tells digits apart. 0 would be "
        "no difference. It is not the Inception FID of the literature and compares with none."
    )


def _measured(pair: list[tuple[str, str]]) -> dict[tuple[str, str], float]:
    """Distances as far as they are known."""
    known = st.session_state[Key.MEASURING]
    if known and known[0] == tuple(pair) and not known[1].running and known[1].rows:
        return {(row.model, row.source): row.distance for row in known[1].rows}
    return {}


def _begin(asked: tuple[tuple[str, str], ...]) -> None:
    spaces = {name: resources.space(name) for name, _ in asked}

    def work(progress: Callable[[float], None]) -> list[Row]:
        rows = []
        for done, (name, source) in enumerate(asked):

            def told(share: float, done: int = done) -> None:
                progress((done + share) / len(asked))

            told(0)
            drawn_from, rng = source_of(spaces[name], source), np.random.default_rng(0)
            distance = frechet_distance(spaces[name], drawn_from, MEASURED_ON, rng, told)
            rows.append(Row(name, source, distance))
        return rows

    st.session_state[Key.MEASURING] = (asked, Job(work))


@st.fragment(run_every=0.5)
def _watch(job: Job[list[Row]]) -> None:
    frame.keep_choices()
    if not job.running:
        st.rerun()
    row = st.container(horizontal=True, vertical_alignment="center")
    row.progress(job.share, f"{job.share:.0%} of the draws measured")
    row.button("Stop", key=Key.STOP_MEASURING, on_click=job.stop)


def _again() -> None:
    st.session_state[Key.DRAW_SEED] += 1
