"""Clusters on a page: what is grouped, what the browser is sent, and what is said of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from latent.blobs import PRESETS, draw_blobs
from latent.climbs import Settings, Start
from latent.em import Run
from latent.errors import InputError
from latent.linear import Latent
from latent.mixture import floored
from latent.projections import Projection
from latent.space import LatentSpace
from ui import frame, live, resources, state
from ui.explorer import INBOX
from ui.live import em_parcels
from ui.live.parcels import Parcel
from ui.resources import Grouped
from ui.state import Key

FEWEST = 6  # components that codes begin with
SAME = 1e-3  # nats a point: ends that differ by less are one optimum
NOTES = {
    "latent": "Ellipses: one and two standard deviations of each component. Thin lines hold half, "
    "80 % and 95 % of the points.",
    "pca": "Ellipses: the shadows of the components on this plane, one and two standard "
    "deviations. Thin lines hold half, 80 % and 95 % of the points.",
    "bent": "Each number stands where its component's mean lands. This map is no plane cut through "
    "the codes, so an ellipse on it would be false; choose PCA to see shapes.",
}


@dataclass(frozen=True)
class Data:
    """The points of the page.

    Args:
        grouped: how to get them again.
        points: shape (N, D), float32.
        labels: of each, shape (N,), uint8.
        names: of the labels.
        indices: numbers by which a visitor knows them, shape (N,).
        projection: the map that they are drawn on.
        noun: one of them: "point" or "image".
        made: what a label says of one.
    """

    grouped: Grouped
    points: np.ndarray
    labels: np.ndarray
    names: list[str]
    indices: np.ndarray
    projection: Projection
    noun: str
    made: str


def current(space: LatentSpace, map_name: str | None) -> Data:
    """The points that are chosen.

    Args:
        space: of the page.
        map_name: the map to draw its codes on; None for blobs.
    """
    session = st.session_state
    if map_name is None:
        grouped = Grouped(None, session[Key.BLOBS], session[Key.BLOB_COUNT])
        blobs = draw_blobs(grouped.preset, grouped.count, seed=0)
        projection = Latent(dims=2).fit(blobs.points)
        return Data(grouped, blobs.points, blobs.groups, blobs.names, np.arange(grouped.count),
                    projection, "point", "made by")  # fmt: skip
    gallery = space.gallery
    grouped = Grouped(space.name, "", min(session[Key.GROUPED_COUNT], len(gallery)))
    indices = resources.some_images(space.name, grouped.count)
    labels, names = labels_of(space)
    return Data(grouped, gallery.codes[indices], labels[indices], names, indices,
                space.map(map_name), "image", "labelled")  # fmt: skip


def label_choices(space: LatentSpace) -> list[str]:
    """What images may be labelled by: their class, or a known cause that is one of several."""
    return ["label", *space.gallery.words]


def labels_of(space: LatentSpace) -> tuple[np.ndarray, list[str]]:
    """The labels that are chosen, of the whole gallery, and their names."""
    session, gallery = st.session_state, space.gallery
    if session[Key.GROUPED_LABEL] not in label_choices(space):
        session[Key.GROUPED_LABEL] = "label"
    cause = session[Key.GROUPED_LABEL]
    if cause == "label":
        return gallery.labels, space.class_names
    return gallery.factors[cause], gallery.words[cause]


def settings() -> Settings:
    """How the mixture is fitted, as the widgets say."""
    session = st.session_state
    return Settings(
        session[Key.COMPONENTS], session[Key.COVARIANCE], session[Key.INIT],
        session[Key.RESTARTS], session[Key.EM_STEPS], session[Key.EM_SEED],
    )  # fmt: skip


def draw(space: LatentSpace, data: Data, runs: list[Start]) -> None:
    """The run that is replayed, live."""
    session = st.session_state
    chosen = session[Key.REPLAYED]
    # while other runs came, the browser may name one by words that stand for none of these
    chosen = min(chosen, len(runs) - 1) if isinstance(chosen, int) else 0
    session[Key.REPLAYED] = chosen
    sent = [_points_parcel(data), _run_parcel(data, runs[chosen])]
    decoder = None if data.grouped.model is None else resources.decoder_parcel(space.name)
    with st.container(key=f"{INBOX}-em"):
        for parcel in sent:
            live.send(parcel, key=f"{INBOX}-{parcel.slot.replace(' ', '-')}")
        if decoder is not None:
            live.send(decoder, key=f"{INBOX}-decoder")
        parcels = [*sent, *([decoder] if decoder else [])]
        live.pin("em", {
            "versions": {parcel.slot: parcel.version for parcel in parcels},
            "noun": data.noun, "made": data.made, "names": data.names,
            "image_shape": list(space.image_shape),
            "others": [r.run.log_likelihoods.tolist() for i, r in enumerate(runs) if i != chosen],
            "placed": _placed(space, data),
            "note": _note(data.projection), "init": session[Key.INIT],
            "seed": repr((data.grouped, settings())),
        }, key=f"{INBOX}-em-values")  # fmt: skip
    live.clusters(Key.CLUSTERS)


def starts(runs: list[Start]) -> list[str]:
    """A line for each start: where it ended, and whether a better end is known."""
    ends = [start.run.log_likelihoods[-1] for start in runs]
    best = max(ends)
    lines = []
    for number, (start, end) in enumerate(zip(runs, ends, strict=True), start=1):
        steps = len(start.run.mixtures) - 1
        verdict = "the best end" if best - end < SAME else f"a worse one, by {best - end:.3f}"
        if not start.run.converged:
            verdict += "; not converged within its steps"
        lines.append(
            f"Start {number} · {end:.4f} after {steps} steps · {verdict}".replace("-", "−", 1)
        )
    return lines


def warnings(run: Run, steps: int, noun: str) -> list[str]:
    """What went wrong in a run and how it was dealt with, in words."""
    last, said = run.mixtures[-1], []
    if not run.converged:
        said.append(
            f"This start has not converged within its {steps} steps: it still gains. Allow more "
            "steps, or look at another start."
        )
    held = np.flatnonzero(floored(last, run.floor) & (last.weights > 0)) + 1
    if len(held):
        said.append(
            f"Component {_listed(held)} closed in on (nearly) equal {noun}s and is held at the "
            "smallest size allowed, a millionth of the data's variance: without that it would "
            "become infinitely sure of them."
        )
    empty = np.flatnonzero(last.weights < 1e-9) + 1
    if len(empty):
        said.append(f"Component {_listed(empty)} is responsible for nothing any more and stays "
                    "where it was.")  # fmt: skip
    return said


def suit(space: LatentSpace) -> None:
    """A number of components, and a start, that suit what is grouped now."""
    session = st.session_state
    blobs = session[Key.GROUPED] == "blobs"
    session[Key.COMPONENTS] = (
        PRESETS[session[Key.BLOBS]].components if blobs else max(FEWEST, len(space.class_names))
    )
    session[Key.INIT] = "random" if blobs else "kmeans"
    session[Key.REPLAYED] = 0


def _listed(numbers: np.ndarray) -> str:
    words = [str(number) for number in numbers]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _note(projection: Projection) -> str:
    """How the components lie on the map, in words."""
    if em_parcels.straight_of(projection) is None:
        return NOTES["bent"]
    return NOTES["latent" if isinstance(projection, Latent) else "pca"]


def _placed(space: LatentSpace, data: Data) -> dict[str, Any] | None:
    """The image that the visitor brought, as a point of the map; nothing where it does not fit."""
    brought = state.tray(st.session_state).shown
    if data.grouped.model is None or brought is None:
        return None
    try:
        code = brought.placed(space).code[None]
    except InputError as error:
        frame.say(error)
        return None
    spot = data.projection.transform(code)[0]
    return {
        "code": code[0].tolist(),
        "spot": spot.tolist(),
        "title": f"Your image {brought.title}",
    }


def _points_parcel(data: Data) -> Parcel:
    xy = data.projection.xy if data.grouped.model is None else data.projection.xy[data.indices]
    return em_parcels.points_parcel(data.points, xy, data.labels, data.indices)


def _run_parcel(data: Data, start: Start) -> Parcel:
    projection = data.projection
    return em_parcels.run_parcel(
        start.run, start.means, lambda codes: projection.transform(codes.astype(np.float32)),
        em_parcels.straight_of(projection),
    )  # fmt: skip
