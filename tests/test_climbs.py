"""Several starts at once, kept in a file, computed beside the page, stopped, refused."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from latent import InputError
from latent.blobs import draw_blobs
from latent.climbs import Settings, climb, memory, read, seconds, write
from latent.em import run_em, start_at
from latent.jobs import Runner
from latent.mixture import KINDS
from tests.browser.conftest import wait_until
from ui import climbs, resources
from ui.state import Key

HOW = Settings(3, "full", "random", 3, 200, 7)


@pytest.fixture
def processes(tiny_models: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Runner]:
    """A process, and a page that leaves all to it."""
    st.cache_resource.clear()
    found = Runner(1, compiles=False)
    monkeypatch.setattr(resources, "climber", lambda: found)
    monkeypatch.setattr(climbs, "AT_ONCE", 0.0)
    yield found
    found.close()
    st.cache_resource.clear()


def page(**session: object) -> AppTest:
    app = AppTest.from_file("../pages/clusters.py", default_timeout=60)
    for key, value in session.items():
        app.session_state[Key[key]] = value
    app.run()
    assert not app.exception
    return app


def test_each_start_is_the_run_of_its_own_seed() -> None:
    x = draw_blobs("ring", 300, 0).points
    told: list[float] = []
    found = climb(x, HOW, told.append)
    assert told == sorted(told)
    assert told[-1] == 1
    for number, start in enumerate(found):
        rng = np.random.default_rng((HOW.seed, number))
        expected = run_em(x, start_at(x, 3, "full", "random", rng)[0], max_steps=200)
        assert start.run.log_likelihoods.tolist() == expected.log_likelihoods.tolist()


@pytest.mark.parametrize("kind", KINDS)
def test_starts_come_back_from_a_file_to_the_last_bit(kind: str, tmp_path: Path) -> None:
    found = climb(draw_blobs("ring", 200, 0).points, replace(HOW, kind=kind, max_steps=5))
    write(tmp_path / "starts.npz", found)
    again = read(tmp_path / "starts.npz")
    assert len(again) == 3
    for before, after in zip(found, again, strict=True):
        assert after.run.converged is before.run.converged
        assert (after.run.floor, after.means.converged) == (
            before.run.floor,
            before.means.converged,
        )
        for name in ("log_likelihoods", "bounds"):
            assert np.array_equal(getattr(after.run, name), getattr(before.run, name))
        assert np.array_equal(after.means.centers, before.means.centers)
        assert np.array_equal(after.means.inertias, before.means.inertias)
        for one, other in zip(before.run.mixtures, after.run.mixtures, strict=True):
            assert other.kind == one.kind
            for name in ("weights", "means", "covariances"):
                assert np.array_equal(getattr(other, name), getattr(one, name))


@pytest.mark.parametrize("kind", KINDS)
def test_the_memory_of_all_steps_is_known_beforehand(kind: str) -> None:
    how = replace(HOW, kind=kind, init="kmeans", max_steps=4)
    x = np.random.default_rng(0).standard_normal((60, 5))
    (first, *_) = climb(x, how)[0].run.mixtures
    a_step = first.weights.nbytes + first.means.nbytes + first.covariances.nbytes
    assert memory(5, how) == 3 * (4 + 1) * a_step


def test_the_time_that_runs_take_is_guessed_within_a_factor() -> None:
    x = np.random.default_rng(0).standard_normal((2_000, 24))
    how = Settings(8, "full", "random", 1, 30, 0)
    climb(x, how)
    begun = time.process_time()
    climb(x, how)
    assert 0.1 < (time.process_time() - begun) / seconds(x.shape, how) < 10


def test_too_many_steps_to_keep_are_refused_with_what_to_change() -> None:
    with pytest.raises(InputError, match="a page keeps 400 MB. Allow fewer"):
        climbs.check_size(32, Settings(40, "full", "kmeans", 10, 500, 0))
    climbs.check_size(32, Settings(40, "full", "kmeans", 4, 200, 0))


def test_a_long_run_shows_how_far_it_is_and_then_itself(
    processes: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    monkeypatch.setattr("ui.live.send", lambda parcel, key: sent.append(parcel.slot))
    monkeypatch.setattr(climbs, "PATIENCE", 0.0)
    app = page()
    job = app.session_state[Key.CLIMB]
    assert app.button(key=Key.STOP_CLIMB)
    assert app.button(key=Key.COUNT_COMPONENTS)  # the rest of the page is there
    assert sent == []
    wait_until(lambda: not job.running, 60)
    app.run()
    assert not app.exception
    assert {"em points", "em run"} <= set(sent)
    assert len(app.radio(key=Key.REPLAYED).options) == 4


def test_a_run_stops_within_a_second_and_begins_anew(
    processes: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(climbs, "PATIENCE", 0.0)
    slow = {"BLOBS": "ring", "BLOB_COUNT": 10_000, "COMPONENTS": 20, "RESTARTS": 10}
    app = page(**slow)
    job = app.session_state[Key.CLIMB]
    wait_until(lambda: job.share > 0, 60)
    begun = time.monotonic()
    app.button(key=Key.STOP_CLIMB).click().run()
    assert not job.running
    assert time.monotonic() - begun < 5  # the page is drawn once more, too
    assert any("Stopped" in box.value for box in app.info)
    app.button(key=Key.CLIMB_AGAIN).click().run()
    again = app.session_state[Key.CLIMB]
    assert again is not job
    assert again.running
    app.select_slider(key=Key.BLOB_COUNT).set_value(100).run()  # nobody wants the other one now
    assert again.stopped


def test_a_process_that_dies_is_said(processes: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(climbs, "PATIENCE", 0.0)
    app = page(BLOBS="ring", BLOB_COUNT=10_000, COMPONENTS=20, RESTARTS=10)
    job = app.session_state[Key.CLIMB]
    wait_until(lambda: job.share > 0, 60)
    job.worker.process.kill()
    wait_until(lambda: not job.running, 60)
    app.run()
    assert not app.exception
    assert "Running EM ended before it was done" in app.error[0].value.replace("\\", "")
