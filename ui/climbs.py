"""Every start of a mixture on a page: long runs beside it, with progress and a stop."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import streamlit as st

from latent.climbs import Settings, Start, memory, seconds
from latent.em import check
from latent.errors import InputError
from latent.jobs import Job
from ui import frame, resources
from ui.resources import Grouped
from ui.state import Key

AT_ONCE = 0.4  # seconds of one core: runs that take less are not worth a process
PATIENCE = 0.8  # seconds that a page waits before it shows how far a process is
MOST_BYTES = 400_000_000  # of all steps of all starts, which stay in memory to be replayed


def runs(grouped: Grouped, how: Settings) -> list[Start] | None:
    """Every start with all its steps; None, and how far it is, while a process computes them.

    Raises:
        InputError: no mixture can be fitted to that, or there would be too many steps to keep.
    """
    x = resources.points_of(grouped)
    check(x, how.components, how.kind)
    check_size(x.shape[1], how)
    if seconds(x.shape, how) < AT_ONCE or resources.climb_file(grouped, how).exists():
        _leave()
        return resources.em_runs(grouped, how)
    job = _job(grouped, how, x)
    job.ended.wait(PATIENCE)
    if job.running:
        _watch(job)
        return None
    if job.stopped:
        _stopped()
        return None
    if job.problem:
        raise InputError(job.problem)
    return resources.em_runs(grouped, how)


def check_size(dims: int, how: Settings) -> None:
    """Refuse what would fill the memory.

    Raises:
        InputError: all steps together take more than `MOST_BYTES`.
    """
    needed = memory(dims, how)
    if needed > MOST_BYTES:
        raise InputError(
            f"All steps of {how.restarts} starts with {how.components} components would take up "
            f"to {needed / 1e6:,.0f} MB; a page keeps {MOST_BYTES / 1e6:,.0f} MB. Allow fewer "
            "steps, starts or components, or take another shape than full."
        )


def _job(grouped: Grouped, how: Settings, x: np.ndarray) -> Job:
    """The job that this visit waits for; one for other settings is given up."""
    session, out = st.session_state, resources.climb_file(grouped, how)
    before: Job | None = session[Key.CLIMB]
    if before and before.key == out.stem:
        return before
    _leave()
    points = out.with_suffix(".npy")
    resources.make_room(out.parent)
    np.save(points, x)
    task = {"task": "climb", "points": str(points), "how": asdict(how), "out": str(out)}
    session[Key.CLIMB] = job = resources.climber().submit(out.stem, task)
    return job


def _leave() -> None:
    """Give up what this visit waited for until now."""
    before: Job | None = st.session_state[Key.CLIMB]
    if before and before.running:
        resources.climber().stop(before)
    st.session_state[Key.CLIMB] = None


@st.fragment(run_every=0.3)
def _watch(job: Job) -> None:
    frame.keep_choices()
    if not job.running:
        st.rerun()
    row = st.container(horizontal=True, vertical_alignment="center", gap="small")
    words = f"{job.words}. The bar counts the steps allowed; most starts need fewer."
    row.progress(min(1.0, job.share), words)
    row.button("Stop", key=Key.STOP_CLIMB, icon=":material/stop:", on_click=_stop, args=[job])


def _stop(job: Job) -> None:
    resources.climber().stop(job)


def _stopped() -> None:
    st.info("Stopped. Take fewer images, components or starts, or run it again.",
            icon=":material/info:")  # fmt: skip
    st.button("Run it again", key=Key.CLIMB_AGAIN, icon=":material/play_arrow:", on_click=_leave)
