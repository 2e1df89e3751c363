"""How many components: the numbers compared, beside the page."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from latent.climbs import Settings
from latent.clusters import Count
from latent.jobs import Runner
from tests.browser.conftest import wait_until
from ui import resources
from ui.counting import numbers, start
from ui.resources import Grouped
from ui.state import Key


def test_no_number_is_above_that_of_the_points() -> None:
    assert numbers(5, 500) == [1, 2, 3, 4, 5]
    assert numbers(40, 500)[-3:] == [30, 35, 40]
    assert numbers(15, 3) == [1, 2, 3]


@pytest.fixture(scope="module", autouse=True)
def processes() -> Iterator[None]:
    """One process for all tests here."""
    found = Runner(1, compiles=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ui.resources.climber", lambda: found)
        yield
    found.close()


def test_a_comparison_finds_the_groups() -> None:
    job = start(Grouped(None, "apart", 500), Settings(0, "full", "kmeans", 2, 0, 0), 8)
    wait_until(lambda: not job.running, 60)
    assert job.problem is None
    rows = [Count(**row) for row in job.rows]
    assert [row.components for row in rows] == list(range(1, 9))
    assert min(rows, key=lambda row: row.bic).components == 4
    assert np.argmin([row.held_out for row in rows]) >= 3


def test_a_comparison_stops_within_a_second(processes) -> None:
    job = start(Grouped(None, "ring", 10_000), Settings(0, "full", "random", 10, 0, 0), 40)
    wait_until(lambda: job.share > 0, 60)
    begun = time.monotonic()
    resources.climber().stop(job)
    assert not job.running
    assert time.monotonic() - begun < 1
    assert job.rows is None


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
