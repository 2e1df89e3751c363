"""Long work in processes: progress, stop, death, and one process for the same map."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from latent import LatentSpace, made
from latent.jobs import PROGRAM, ROOT, Job, Runner
from latent.plan import read_plan
from tests.browser.conftest import wait_until

MAP = {"method": "isomap", "dims": 2, "parameters": {"n_neighbors": 12}}
SLOW = {"method": "tsne", "dims": 3, "parameters": {"perplexity": 30}}


@pytest.fixture
def space(tiny_folder, tmp_path, monkeypatch):
    monkeypatch.setenv("LATENT_CACHE", str(tmp_path / "cache"))
    return LatentSpace(tiny_folder)


@pytest.fixture(scope="module")
def runner():
    """One process at a time."""
    found = Runner(1)
    yield found
    found.close()


def asked(space, plan) -> tuple[str, dict]:
    whole = read_plan(plan, space)
    task = {"task": "make", "model": str(space.folder), "plan": whole.document()}
    return whole.key(space), task


def test_a_map_is_made_measured_and_kept(runner, space):
    key, task = asked(space, MAP)
    job = runner.submit(key, task)
    assert runner.submit(key, task) is job  # whoever wants the same joins
    wait_until(lambda: not job.running, 120)
    assert (job.problem, job.made, job.stopped) == (None, True, False)
    (found,) = made.finished(space)
    assert found.key == key
    assert found.info["trustworthiness"] > 0.7
    assert found.info["quality"]["ks"][0] == 2
    assert space.map(key).xy.shape == (300, 2)
    assert len(space.distortion(key)) == 300


def test_what_cannot_be_made_is_said(runner, space):
    key, task = asked(space, MAP)
    job = runner.submit(key[::-1], {**task, "plan": {**task["plan"], "dims": 9}})
    wait_until(lambda: not job.running, 60)
    assert job.problem == "A map has 2 or 3 dimensions; got 9."
    job = runner.submit("nonsense", {"task": "make"})
    wait_until(lambda: not job.running, 60)
    assert job.problem.startswith("Making this map failed (KeyError: 'model'). Start it again")


def test_a_stop_takes_effect_within_a_second_and_another_job_goes_on(runner, space):
    key, task = asked(space, SLOW)
    job = runner.submit(key, task)
    assert runner.submit(key, task) is job
    other = runner.submit(*asked(space, {**MAP, "seed": 2}))
    wait_until(lambda: job.words == "Fitting", 60)
    assert runner.ahead(other) == 0
    assert other.words.startswith("Waiting")
    runner.stop(job)  # one of two who want it
    assert job.running
    start = time.monotonic()
    runner.stop(job)
    assert not job.running
    assert time.monotonic() - start < 1
    assert job.problem == "Stopped; nothing was kept of it."
    assert not made.is_finished(space, read_plan(SLOW, space))
    wait_until(lambda: not other.running, 120)
    assert other.problem is None


def test_a_process_that_dies_is_reported_and_the_job_can_be_started_again(runner, space):
    key, task = asked(space, SLOW)
    job = runner.submit(key, task)
    wait_until(lambda: job.words == "Fitting", 60)
    os.kill(job.worker.process.pid, signal.SIGKILL)
    wait_until(lambda: not job.running, 10)
    assert "ended before it was done (exit code -9)" in job.problem
    assert "Start it again" in job.problem
    assert made.finished(space) == []
    again = runner.submit(key, task)
    assert again is not job
    wait_until(lambda: again.words == "Fitting", 60)
    runner.stop(again)


def test_a_job_that_waits_can_be_stopped(runner, space):
    first = runner.submit(*asked(space, SLOW))
    second = runner.submit(*asked(space, {**SLOW, "seed": 1}))
    runner.stop(second)
    assert not second.running
    runner.stop(first)
    assert not first.running


def test_a_process_ends_with_whoever_started_it():
    process = subprocess.Popen(
        [sys.executable, "-I", "-c", PROGRAM, str(ROOT)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    answer, _ = process.communicate(json.dumps({"task": "nothing"}) + "\n", timeout=60)
    assert process.returncode == 0
    assert answer == "" or "broken" in answer


def test_a_job_hears_how_far_it_is():
    job = Job("key", {})
    assert not job.hear({"share": 0.25, "words": "Fitting"})
    assert not job.hear({"share": 0.5})
    assert (job.share, job.words, job.made) == (0.5, "Fitting", False)
    assert not job.hear({"made": "key"})
    assert job.made
    assert job.hear({"done": True})
    assert job.problem is None


class Stub:
    """A process that does nothing."""

    works = True

    def __init__(self, *, warm: bool, ready: bool) -> None:
        self.warm, self.ready = warm, threading.Event()
        if ready:
            self.ready.set()

    def close(self) -> int:
        return 0


def test_what_compiles_takes_the_process_that_has_done_so_or_is_about_to():
    cold, warming = Stub(warm=False, ready=True), Stub(warm=True, ready=False)
    warm = Stub(warm=True, ready=True)
    slow, quick = ({"plan": {"method": method}} for method in ("umap", "pca"))
    for idle, task, expected in (
        ([cold, warming], slow, warming),
        ([warming, warm, cold], slow, warm),
        ([cold], slow, cold),
        ([warm, warming, cold], quick, cold),
        ([warming, warm], quick, warm),
    ):
        runner = Runner(compiles=False)
        runner._idle = list(idle)
        assert runner._chosen(Job("a", task)) is expected
        assert expected not in runner._idle
