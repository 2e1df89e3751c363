"""How many components: the numbers compared, and the work beside the page."""

from __future__ import annotations

import threading

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from latent import InputError
from latent.clusters import Count
from tests.browser.conftest import wait_until
from ui.counting import Job, numbers, start
from ui.resources import Grouped, Settings
from ui.state import Key

ROW = Count(1, 1.0, 1.0, 1.0, True)


def test_no_number_is_above_that_of_the_points() -> None:
    assert numbers(5, 500) == [1, 2, 3, 4, 5]
    assert numbers(40, 500)[-3:] == [30, 35, 40]
    assert numbers(15, 3) == [1, 2, 3]


def test_a_job_tells_how_far_it_is_and_hands_its_rows_over() -> None:
    go = threading.Event()

    def work(progress) -> list[Count]:
        progress(0.5)
        go.wait(10)
        return [ROW]

    job = Job(work)
    wait_until(lambda: job.share == 0.5, 10)
    assert job.running
    assert job.rows is None
    go.set()
    wait_until(lambda: not job.running, 10)
    assert (job.rows, job.problem) == ([ROW], None)


def test_a_stopped_job_ends_at_its_next_word() -> None:
    go = threading.Event()

    def work(progress) -> list[Count]:
        go.wait(10)
        progress(0.9)
        raise AssertionError("nobody stopped it")

    job = Job(work)
    job.stop()
    go.set()
    wait_until(lambda: not job.running, 10)
    assert (job.rows, job.problem) == (None, "Stopped.")


def test_what_is_wrong_in_a_job_is_said() -> None:
    def work(progress) -> list[Count]:
        raise InputError("Too few.")

    job = Job(work)
    wait_until(lambda: not job.running, 10)
    assert job.problem == "Too few."


def test_a_comparison_finds_the_groups() -> None:
    job = start(Grouped(None, "apart", 500), Settings(0, "full", "kmeans", 2, 0, 0), 8)
    wait_until(lambda: not job.running, 60)
    assert job.rows is not None
    assert [row.components for row in job.rows] == list(range(1, 9))
    assert min(job.rows, key=lambda row: row.bic).components == 4
    assert np.argmin([row.held_out for row in job.rows]) >= 3


@pytest.fixture
def compared(tiny_models) -> AppTest:
    """The page, once a comparison is over."""
    st.cache_resource.clear()
    app = AppTest.from_file("../pages/clusters.py", default_timeout=60)
    app.session_state[Key.BLOBS] = "apart"
    app.session_state[Key.MOST_COMPONENTS] = 5
    app.run()
    app.button(key=Key.COUNT_COMPONENTS).click().run()
    job = app.session_state[Key.COUNTING][1]
    wait_until(lambda: not job.running, 60)
    app.run()
    assert not app.exception
    return app


def test_the_page_says_which_number_each_judge_chooses(compared: AppTest) -> None:
    (verdict,) = [text.value for text in compared.markdown if text.value.startswith("Lowest at")]
    assert verdict.startswith("Lowest at: BIC 4, ")
    assert compared.session_state[Key.COMPONENTS] == 3
    compared.button(key=Key.TAKE_COUNT).click().run()
    assert compared.number_input(key=Key.COMPONENTS).value == 4
    assert not compared.error


def test_a_comparison_of_other_settings_is_marked_as_such(compared: AppTest) -> None:
    assert not any("other settings" in text.value for text in compared.caption)
    compared.selectbox(key=Key.COVARIANCE).set_value("diag").run()
    assert any("other settings" in text.value for text in compared.caption)
