"""Work in a thread beside the page."""

from __future__ import annotations

import threading

from latent import InputError
from tests.browser.conftest import wait_until
from ui.background import Job


def test_a_job_tells_how_far_it_is_and_hands_its_rows_over() -> None:
    go = threading.Event()

    def work(progress) -> list[int]:
        progress(0.5)
        go.wait(10)
        return [1]

    job = Job(work)
    wait_until(lambda: job.share == 0.5, 10)
    assert job.running
    assert job.rows is None
    go.set()
    wait_until(lambda: not job.running, 10)
    assert (job.rows, job.problem) == ([1], None)


def test_a_stopped_job_ends_at_its_next_word() -> None:
    go = threading.Event()

    def work(progress) -> list[int]:
        go.wait(10)
        progress(0.9)
        raise AssertionError("nobody stopped it")

    job = Job(work)
    job.stop()
    go.set()
    wait_until(lambda: not job.running, 10)
    assert (job.rows, job.problem) == (None, "Stopped.")


def test_what_is_wrong_in_a_job_is_said() -> None:
    def work(progress) -> list[int]:
        raise InputError("Too few.")

    job = Job(work)
    wait_until(lambda: not job.running, 10)
    assert job.problem == "Too few."
