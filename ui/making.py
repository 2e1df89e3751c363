"""Making a map on a page: what it is told, the work off the page, and how it is called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from latent.errors import InputError
from latent.jobs import Job
from latent.made import is_finished, is_key
from latent.parameters import PARAMETERS, Parameter
from latent.plan import FORMULAS, LABEL, Plan, groups_for, possible, read_plan
from latent.projections import ISOMAP_MOST, TITLES
from latent.space import LatentSpace
from ui import frame, naming, resources, state
from ui.state import Key

SAMPLES = (1_000, 2_000, 5_000, 10_000, 20_000)
METHODS = {
    "latent": "The numbers of the codes themselves.",
    "pca": "**PCA**: the codes from the side where they spread most. At once.",
    "lda": "**LDA**: the codes from the side where the labels come apart best. At once.",
    "tsne": "**t-SNE**: keeps near codes near, pushes the rest apart. Slow.",
    "umap": "**UMAP**: follows the data from neighbour to neighbour. Quicker than t-SNE.",
    "isomap": f"**Isomap**: keeps distances along the data; on at most {ISOMAP_MOST:,} images, "
    "the rest is placed.",
}


@dataclass
class Making:
    """A map that this visit is waiting for.

    Args:
        model: of which it is.
        job: that makes or measures it.
        shown: whether it was shown as soon as it could be opened.
    """

    model: str
    job: Job
    shown: bool = False


def section(space: LatentSpace) -> None:
    """The controls, and the job that they started."""
    plan = None
    with frame.errors_shown():
        plan = _plan(space)
    job = _job(space)
    running = job is not None and job.running and not job.made
    there = plan is not None and is_finished(space, plan)
    st.button(
        "Show it" if there else "Make the map", key=Key.MAKE, icon=":material/play_arrow:",
        type="primary", disabled=running or plan is None, on_click=_begin, args=[space, plan],
        help="This map has been made before and is there at once." if there else None,
    )  # fmt: skip
    if job is not None:
        _watch(job)


def name_field(space: LatentSpace, map_name: str) -> None:
    """What a made map is called in this visit, and how to make it with another seed."""
    if not is_key(map_name):
        return
    st.session_state[Key.MAP_NAME] = st.session_state[Key.MAP_NAMES].get(map_name, "")
    info = space.map_info(map_name)
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="small")
    row.text_input(
        "Your name for this map", key=Key.MAP_NAME, max_chars=naming.LONGEST, width=280,
        placeholder=naming.title(map_name, info), on_change=_named, args=[map_name],
        help="It stays with you and is gone when you close the page; on disk a map has no name.",
    )  # fmt: skip
    if PARAMETERS[info["method"]]:
        row.button(
            "Again with another seed", key=Key.NEXT_SEED, icon=":material/casino:",
            on_click=_next_seed, args=[space, map_name],
            help="What two seeds agree on is in the data; the rest is chance.",
        )  # fmt: skip
    job = _job(space)
    if "quality" not in info and not (job and job.running):
        row.button("Measure it", key=Key.MEASURE, on_click=_measure, args=[space, map_name])


def begin(space: LatentSpace, plan: Plan) -> None:
    """Show a map that is there already, else have it made."""
    key = plan.key(space)
    if is_finished(space, plan):
        st.session_state[Key.WANTED] = key
        frame.run_parts("shown_map")
        return
    task = {"task": "make", "model": str(space.folder.resolve()), "plan": plan.document()}
    _submit(space, key, task)


def _plan(space: LatentSpace) -> Plan:
    """The controls, and what they ask for.

    Raises:
        InputError: they ask for what cannot be.
    """
    session = st.session_state
    offered = possible(space)
    _within(Key.MAKE_METHOD, list(offered))
    method = st.selectbox("Method", list(offered), key=Key.MAKE_METHOD,
                          format_func=TITLES.__getitem__)  # fmt: skip
    st.caption(METHODS[method])
    _within(Key.MAKE_DIMS, offered[method])
    dims = st.segmented_control("Dimensions of the map", offered[method], key=Key.MAKE_DIMS,
                                required=True, format_func="{}-D".format)  # fmt: skip
    asked: dict[str, Any] = {"method": method, "dims": dims}
    count = len(space.gallery)
    if method not in FORMULAS:
        count = asked["sample"] = _sample(space, method)
    if method == "lda":
        asked["labels"] = _labels(space, dims)
    if PARAMETERS[method]:
        columns = st.columns(2, vertical_alignment="bottom")
        for i, parameter in enumerate(PARAMETERS[method]):
            _control(columns[i % 2], parameter, count)
        asked["parameters"] = {p.name: session[state.TOLD[p.name]] for p in PARAMETERS[method]}
        asked["seed"] = columns[len(PARAMETERS[method]) % 2].number_input(
            "Seed", 0, 9999, key=Key.MAKE_SEED,
            help="The same seed gives the same map. Another one shows what is chance.",
        )  # fmt: skip
    return read_plan(asked, space)


def _sample(space: LatentSpace, method: str) -> int:
    total = len(space.gallery)
    most = min(total, ISOMAP_MOST) if method == "isomap" else total
    choices = [n for n in SAMPLES if n < most] + [most]
    if st.session_state[Key.MAKE_SAMPLE] not in choices:
        st.session_state[Key.MAKE_SAMPLE] = max(n for n in choices if n <= ISOMAP_MOST or n == most)
    chosen: int = st.select_slider(
        "Images to fit on", choices, key=Key.MAKE_SAMPLE,
        format_func=lambda n: f"all {n:,}" if n == total else f"{n:,}",
        help="Drawn at random; all others are placed among their nearest. Fewer are quicker.",
    ) if len(choices) > 1 else most  # fmt: skip
    return chosen


def _labels(space: LatentSpace, dims: int | None) -> str:
    groups = groups_for(space, dims or 2)
    _within(Key.MAKE_LABELS, groups)
    chosen: str = st.selectbox(
        "Labels to tell apart", groups, key=Key.MAKE_LABELS,
        format_func=lambda name: "the model's labels" if name == LABEL else f"by {name}",
        help="LDA needs more kinds of labels than the map has dimensions.",
    )  # fmt: skip
    return chosen


def _control(column: DeltaGenerator, parameter: Parameter, count: int) -> None:
    """A widget for one parameter; a value that these codes do not allow gives way."""
    key = state.TOLD[parameter.name]
    try:
        st.session_state[key] = parameter.checked(st.session_state[key], count)
    except InputError:
        st.session_state[key] = type(parameter.default)(
            min(float(parameter.default), parameter.most(count))
        ) if not parameter.choices else parameter.default  # fmt: skip
    if parameter.choices:
        column.selectbox(parameter.title, parameter.choices, key=key, format_func=str.capitalize,
                         help=parameter.help)  # fmt: skip
        return
    if isinstance(parameter.default, int):
        column.number_input(parameter.title, int(parameter.low), int(parameter.most(count)),
                            key=key, help=parameter.help)  # fmt: skip
        return
    column.number_input(
        parameter.title, float(parameter.low), float(parameter.most(count)), key=key,
        step=0.05 if parameter.high < 1 else 1.0, help=parameter.help,
    )  # fmt: skip


def _within(key: Key, choices: list[Any]) -> None:
    if st.session_state[key] not in choices:
        st.session_state[key] = choices[0] if choices else None


def _job(space: LatentSpace) -> Job | None:
    """The job that this visit started for this model, if it still matters."""
    found: Making | None = st.session_state[Key.MAKING]
    return found.job if found and found.model == space.name else None


def _begin(space: LatentSpace, plan: Plan) -> None:
    with frame.errors_shown():
        begin(space, plan)


def _submit(space: LatentSpace, key: str, task: dict[str, Any]) -> None:
    st.session_state[Key.MAKING] = Making(space.name, resources.runner().submit(key, task))


def _measure(space: LatentSpace, key: str) -> None:
    task = {"task": "measure", "model": str(space.folder.resolve()), "key": key}
    _submit(space, key, task)


def _next_seed(space: LatentSpace, key: str) -> None:
    """Make the same map with the lowest seed that nobody has tried."""
    made = {one.key: one.plan for one in resources.made_maps(space.name)}
    with frame.errors_shown():
        document = made[key].document()
        seeds = {p.seed for p in made.values() if {**p.document(), "seed": 0} ==
                 {**document, "seed": 0}}  # fmt: skip
        free = next(seed for seed in range(len(seeds) + 1) if seed not in seeds)
        begin(space, read_plan({**document, "seed": free}, space))


def _named(key: str) -> None:
    naming.keep(key, st.session_state[Key.MAP_NAME])


def _watch(job: Job) -> None:
    making: Making = st.session_state[Key.MAKING]
    if job.running or (job.made and not making.shown):
        _follow(making)
    elif job.problem:
        icon = ":material/info:" if job.stopped else ":material/error:"
        (st.info if job.stopped else st.error)(frame.plain(job.problem), icon=icon)


@st.fragment(run_every=0.5)
def _follow(making: Making) -> None:
    """How far the work is; the page is drawn again when there is something to see."""
    frame.keep_choices()
    job = making.job
    if job.made and not making.shown:  # it can be opened before it is measured
        making.shown = True
        st.session_state[Key.WANTED] = job.key
        st.rerun()
    if not job.running:
        st.rerun()
    ahead = resources.runner().ahead(job)
    words = f"{job.words} ({ahead} before it)" if ahead else job.words
    row = st.container(horizontal=True, vertical_alignment="center", gap="small")
    row.progress(min(1.0, job.share), words)
    row.button("Stop", key=Key.STOP_MAKING, icon=":material/stop:", on_click=_stop, args=[job])


def _stop(job: Job) -> None:
    resources.runner().stop(job)
