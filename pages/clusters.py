"""Clusters: a Gaussian mixture found by EM, one step at a time."""

import streamlit as st

from latent.blobs import PRESETS
from latent.climbs import Start
from latent.mixture import KINDS
from latent.space import LatentSpace
from ui import climbs, clustering, counting, frame, held, parts, resources
from ui.state import Key

COVARIANCES = {
    "full": "Full: any ellipse", "tied": "Tied: one ellipse for all",
    "diag": "Diagonal: upright ellipses", "spherical": "Spherical: circles",
}  # fmt: skip
INITS = {"kmeans": "k-means", "random": "Random points"}

space = frame.begin(
    "Clusters",
    "Suppose that a few hidden sources made these points: round or oval clouds, each with its own "
    "place and size. Nobody saw which source made which point. A **responsibility** says how "
    "likely it is that a source made a point: 70 % this one, 30 % that one. *Expectation-"
    "maximisation* (EM) finds sources and responsibilities by taking turns. Press **E-step** and "
    "watch.",
)


@frame.fragment
def walk(space: LatentSpace, map_name: str | None) -> None:
    """All that a choice changes."""
    choose_fit()
    with frame.errors_shown():
        data, how = clustering.current(space, map_name), clustering.settings()
        runs = climbs.runs(data.grouped, how)
        if runs:
            clustering.draw(space, data, runs)
            choose_start(data, runs)
        counting.section(data.grouped, how, data.noun)
        if runs:
            held.section(data, how)


def choose_data(space: LatentSpace) -> str | None:
    """Blobs or codes; the name of the map for codes."""
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    titles = {"blobs": "Points to learn with", "codes": "Codes of the model"}
    grouped = row.segmented_control("What to group", list(titles), key=Key.GROUPED, required=True,
                                    format_func=titles.__getitem__, on_change=clustering.suit,
                                    args=[space])  # fmt: skip
    if grouped == "blobs":
        name = row.selectbox("Points", list(PRESETS), key=Key.BLOBS, width=200,
                             format_func=lambda name: PRESETS[name].title,
                             on_change=clustering.suit, args=[space])  # fmt: skip
        row.select_slider("How many", [20, 100, 500, 2_000, 10_000], key=Key.BLOB_COUNT, width=200)
        st.caption(PRESETS[name].note)
        return None
    row.select_slider(
        "Images", [100, 500, 2_000, 5_000, 10_000], key=Key.GROUPED_COUNT, width=240,
        help=f"Drawn at random from all {len(space.gallery):,} of the gallery.",
    )  # fmt: skip
    choices = clustering.label_choices(space)
    clustering.labels_of(space)  # a cause that this model does not know gives way
    if len(choices) > 1:
        row.selectbox(
            "Labels", choices, key=Key.GROUPED_LABEL, width=160,
            format_func=lambda name: name.replace("_", " "),
            help="What the components are compared with. EM never sees it.",
        )  # fmt: skip
    return parts.choose_map(space)


def choose_fit() -> None:
    """How many components of which shape, and where EM begins."""
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="small")
    row.number_input("Components", 0, 40, key=Key.COMPONENTS, width=115,
                     help="How many clouds, *K*.")  # fmt: skip
    row.selectbox("Shape (covariance)", KINDS, key=Key.COVARIANCE, width=195,
                  format_func=COVARIANCES.__getitem__)  # fmt: skip
    row.segmented_control(
        "Start from", list(INITS), key=Key.INIT, required=True, format_func=INITS.__getitem__,
        help="Random points: wide clouds around points drawn from the data, a start that one can "
        "watch. k-means: clouds around the clusters that k-means ends with, mostly a good start.",
    )  # fmt: skip
    row.number_input("Starts", 1, 10, key=Key.RESTARTS, width=100,
                     help="Each begins elsewhere, and climbs the hill it is on.")  # fmt: skip
    row.number_input("Steps at most", 1, 500, key=Key.EM_STEPS, width=120)
    row.number_input("Seed", 0, 9_999, key=Key.EM_SEED, width=100,
                     help="The same seed draws the same starts.")  # fmt: skip


def choose_start(data: clustering.Data, runs: list[Start]) -> None:
    """The starts in a list, the worse ones too; the chosen one is replayed above."""
    st.subheader("Every start climbs, but not to the same top", anchor=False)
    st.markdown(
        "EM only ever climbs, so it ends at the top of the hill that it began on: a *local* "
        "optimum. That is why one tries several starts and keeps the best. Choose one to replay "
        "it above; the number is the log-likelihood at its end, in nats a point."
    )
    lines = clustering.starts(runs)
    st.radio("Starts", range(len(runs)), key=Key.REPLAYED, format_func=lines.__getitem__,
             label_visibility="collapsed")  # fmt: skip
    chosen = runs[st.session_state[Key.REPLAYED]].run
    for words in clustering.warnings(chosen, st.session_state[Key.EM_STEPS], data.noun):
        st.warning(words, icon=":material/info:")


with frame.errors_shown():
    walk(space, choose_data(space))
resources.climber().warm_up()
resources.warm_up(space.name)
