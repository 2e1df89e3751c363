"""How many components: compared off the page's thread, shown as it goes on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from latent.cache import fingerprint
from latent.climbs import Settings
from latent.clusters import Count
from latent.em import check
from latent.errors import InputError
from latent.jobs import Job
from ui import charts, frame, resources
from ui.resources import Grouped
from ui.state import Key

HELD_OUT = 0.2  # share of the points that are kept aside
MEASURES = {"bic": "BIC", "aic": "AIC", "held_out": "held-out images"}


def numbers(most: int, count: int) -> list[int]:
    """The numbers of components to compare: all up to 10, then fewer, and none without points."""
    wanted = [*range(1, 11), *range(12, 21, 2), *range(25, 41, 5)]
    return [k for k in wanted if k <= min(most, count)]


def start(grouped: Grouped, how: Settings, most: int) -> Job:
    """Compare numbers of components on four fifths of the points, asking the rest."""
    x = resources.points_of(grouped)
    order = np.random.default_rng(how.seed).permutation(len(x))
    aside = max(1, round(HELD_OUT * len(x)))
    wanted = numbers(most, len(x) - aside)
    for k in wanted:
        check(x[order[aside:]], k, how.kind)
    name = fingerprint(x, repr(how), *wanted)
    points = resources.climb_file(grouped, how).with_name(f"{name}.points.npz")
    resources.make_room(points.parent)
    np.savez(points, held_out=x[order[:aside]], fitted=x[order[aside:]])
    return resources.climber().submit(name, {
        "task": "compare", "points": str(points), "counts": wanted,
        "how": {"kind": how.kind, "init": how.init, "restarts": how.restarts, "seed": how.seed},
    })  # fmt: skip


def section(grouped: Grouped, how: Settings, noun: str) -> None:
    """The section of the page."""
    st.subheader("How many components?", anchor=False)
    st.markdown(
        f"More components always fit the {noun}s at hand better, down to one for each. Three "
        "judges say when it is enough. **BIC** and **AIC** put a price on every number that a "
        f"mixture may adjust; **held-out** asks {noun}s that it was not fitted to. All are in "
        f"nats for each {noun}; lower is better."
    )
    session = st.session_state
    asked = (grouped, how_to_count(how), session[Key.MOST_COMPONENTS])
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="small")
    row.select_slider("Up to", [5, 10, 15, 20, 30, 40], key=Key.MOST_COMPONENTS, width=220)
    job: Job | None = session[Key.COUNTING][1] if session[Key.COUNTING] else None
    running = job is not None and job.running
    row.button("Compare", key=Key.COUNT_COMPONENTS, icon=":material/play_arrow:", type="primary",
               disabled=running, on_click=_begin, args=asked)  # fmt: skip
    if job is None:
        return
    if running:
        _watch(job)
    elif job.stopped:
        st.info("Stopped.", icon=":material/info:")
    elif job.problem:
        frame.say(InputError(job.problem))
    elif job.rows:
        rows = [Count(**row) for row in job.rows]
        _result(rows, how.components, session[Key.COUNTING][0] == asked, noun)


def how_to_count(how: Settings) -> Settings:
    """What a comparison depends on: not on the number of components or steps on the page."""
    return Settings(0, how.kind, how.init, how.restarts, 0, how.seed)


def _begin(grouped: Grouped, how: Settings, most: int) -> None:
    with frame.errors_shown():
        st.session_state[Key.COUNTING] = ((grouped, how, most), start(grouped, how, most))


@st.fragment(run_every=0.5)
def _watch(job: Job) -> None:
    frame.keep_choices()
    if not job.running:
        st.rerun()
    row = st.container(horizontal=True, vertical_alignment="center")
    row.progress(job.share, f"{job.share:.0%} of the work done")
    row.button("Stop", key=Key.STOP_COUNTING, icon=":material/stop:", on_click=_stop, args=[job])


def _stop(job: Job) -> None:
    resources.climber().stop(job)


def _result(rows: Sequence[Count], shown: int, fresh: bool, noun: str) -> None:
    best = {name: min(rows, key=lambda row: getattr(row, name)) for name in MEASURES}
    st.plotly_chart(charts.counts(rows, shown, noun), config={"displayModeBar": False})
    chosen = best["bic"].components
    verdict = ", ".join(
        f"{title.replace('images', noun + 's')} {best[name].components}"
        for name, title in MEASURES.items()
    )
    st.markdown(f"Lowest at: {verdict}. The dashed line is the number on this page.")
    last = rows[-1].components
    if any(row.components == last for row in best.values()) and len(rows) > 1:
        st.caption("Some are lowest at the largest number that was compared: more may be better.")
    if not fresh:
        st.caption("This was compared with other settings than those above.")
    late = [str(row.components) for row in rows if not row.converged]
    if late:
        st.caption(f"Not converged within its steps: K = {', '.join(late)}.")
    if chosen != shown:
        st.button(f"Take {chosen}, which BIC chooses", key=Key.TAKE_COUNT, on_click=_take,
                  args=[chosen])  # fmt: skip


def _take(count: int) -> None:
    st.session_state[Key.COMPONENTS] = count
