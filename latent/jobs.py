"""Long work in processes of its own: with progress, a stop, and a word if a process dies.

A process that has done its task stays warm for the next. A stop kills the process, which
takes effect at once whatever a library is doing; another one warms up in its place.
"""

from __future__ import annotations

import atexit
import json
import subprocess
import sys
import threading
import time
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import Any

WORKERS = 2  # at most; the second one starts when the first is busy
DOING = {"climb": "Running EM", "compare": "Comparing numbers of components"}
NEED_WARMTH = ("umap", "tsne")  # methods that compile for many seconds when they first run
ROOT = Path(__file__).parent.parent
PROGRAM = "import sys; sys.path.insert(0, sys.argv[1]); from latent.worker import serve; serve()"


class Job:
    """One piece of work, of which anybody may ask how far it is.

    Args:
        key: of what comes of it.
        task: what the process is told.
    """

    def __init__(self, key: str, task: dict[str, Any]) -> None:
        self.key = key
        self.task = task
        self.share = 0.0
        self.words = "Waiting for other work to be finished"
        self.made = False
        self.rows: list[dict[str, Any]] | None = None
        self.problem: str | None = None
        self.stopped = False
        self.ended = threading.Event()
        self.started = time.monotonic()
        self.wanted_by = 1
        self.worker: Worker | None = None

    @property
    def title(self) -> str:
        """What is being done, to begin a sentence."""
        return DOING.get(self.task.get("task", ""), "Making this map")

    @property
    def running(self) -> bool:
        """Whether it waits or works."""
        return not self.ended.is_set()

    def hear(self, answer: dict[str, Any]) -> bool:
        """Take a word from the process; whether it was the last."""
        self.share = float(answer.get("share", self.share))
        self.words = str(answer.get("words", self.words))
        self.made = self.made or "made" in answer
        self.rows = answer.get("rows", self.rows)
        if "error" in answer:
            self.problem = str(answer["error"])
        if "broken" in answer:
            self.problem = (
                f"{self.title} failed ({answer['broken']}). Start it again, or change its "
                "parameters."
            )
        return bool({"done", "error", "broken"} & set(answer))


def needs_warmth(task: dict[str, Any]) -> bool:
    """Whether a task compiles for many seconds in a process that has not done so before."""
    return task.get("plan", {}).get("method") in NEED_WARMTH


class Worker:
    """A process that does one task at a time."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-c", PROGRAM, str(ROOT)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            text=True, encoding="utf-8",
        )  # fmt: skip
        self.ready = threading.Event()  # cleared while it warms up
        self.ready.set()
        self.warm = False  # whether it has compiled, or will have when it is ready

    def tell(self, task: dict[str, Any]) -> None:
        """Hand it a task; a process that is gone shows when it is listened to."""
        assert self.process.stdin
        with suppress(OSError, ValueError):
            self.process.stdin.write(json.dumps(task) + "\n")
            self.process.stdin.flush()

    def warm_up(self) -> None:
        """Have it compile what it needs while nobody waits."""
        self.ready.clear()
        self.warm = True
        self.tell({"task": "warm"})
        threading.Thread(target=self._listen, args=(Job("warm", {}),), daemon=True).start()

    def follow(self, job: Job) -> bool:
        """Read what it says of a job to the end; whether the end came."""
        self.ready.wait()
        return self._listen(job)

    def _listen(self, job: Job) -> bool:
        assert self.process.stdout
        try:
            return any(job.hear(json.loads(line)) for line in self.process.stdout)
        except ValueError:  # the pipe was closed, or a line broken off, by a kill
            return False
        finally:
            self.ready.set()

    @property
    def works(self) -> bool:
        """Whether it may be given a task."""
        return self.process.poll() is None

    def close(self) -> int:
        """End the process and wait for that."""
        self.process.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            with suppress(OSError):
                if pipe:
                    pipe.close()
        return self.process.wait()


class Runner:
    """Does jobs, a few at a time, each in a process; the others wait in their order.

    Args:
        workers: processes, at most.
        compiles: whether a process gets ready for maps while nobody waits.
    """

    def __init__(self, workers: int = WORKERS, *, compiles: bool = True) -> None:
        self.most, self._compiles = workers, compiles
        self._changed = threading.Condition()
        self._queue: deque[Job] = deque()
        self._idle: list[Worker] = []
        self._busy = 0
        self._jobs: dict[str, Job] = {}
        atexit.register(self.close)

    def warm_up(self) -> None:
        """Have a process ready before the first task."""
        with self._changed:
            if not self._idle and not self._busy:
                self._idle.append(self._spare())

    def submit(self, key: str, task: dict[str, Any]) -> Job:
        """Start a job, or join the one that is making the same.

        Args:
            key: of what comes of it.
            task: as `latent.worker` takes it.
        """
        with self._changed:
            known = self._jobs.get(key)
            if known and known.running and not known.stopped:
                known.wanted_by += 1
                return known
            job = self._jobs[key] = Job(key, task)
            self._queue.append(job)
        threading.Thread(target=self._run, args=(job,), daemon=True).start()
        return job

    def ahead(self, job: Job) -> int:
        """How many jobs it waits for."""
        with self._changed:
            return self._queue.index(job) if job in self._queue else 0

    def stop(self, job: Job) -> None:
        """Give a job up; it ends once nobody wants it any more."""
        with self._changed:
            job.wanted_by -= 1
            if job.wanted_by > 0 or not job.running:
                return
            job.stopped = True
            job.problem = None if job.made else "Stopped; nothing was kept of it."
            if job.worker:
                job.worker.process.kill()
            self._changed.notify_all()
        job.ended.wait(1.0)

    def close(self) -> None:
        """End every process."""
        with self._changed:
            for worker in [*self._idle, *(j.worker for j in self._jobs.values() if j.worker)]:
                worker.close()
            self._idle.clear()

    def _run(self, job: Job) -> None:
        worker = self._borrowed(job)
        if worker:
            job.words = "Starting"
            worker.tell(job.task)
            finished = worker.follow(job)
            if not finished:
                code = worker.close()
                if not job.stopped:
                    job.problem = (
                        f"{job.title} ended before it was done (exit code {code}): its process "
                        "was killed, or ran out of memory. Start it again, perhaps "
                        "on fewer images."
                    )
            with self._changed:
                job.worker = None
                worker.warm = worker.warm or needs_warmth(job.task)
                self._busy -= 1
                self._idle.append(worker if finished else self._spare())
                while len(self._idle) > self.most:
                    self._idle.pop(0).close()
                self._changed.notify_all()
        job.ended.set()

    def _borrowed(self, job: Job) -> Worker | None:
        """A process, once it is this job's turn; none if it is stopped before."""
        with self._changed:
            self._changed.wait_for(
                lambda: job.stopped or (self._queue[0] is job and self._busy < self.most)
            )
            self._queue.remove(job)
            self._changed.notify_all()
            if job.stopped:
                return None
            self._busy += 1
            job.worker = self._chosen(job)
            return job.worker

    def _chosen(self, job: Job) -> Worker:
        """A process that is free, one that warms up for such a job, or a new one."""
        for worker in [one for one in self._idle if not one.works]:
            self._idle.remove(worker)
            worker.close()
        slow = needs_warmth(job.task)
        # what compiles waits for one that does so already rather than begin it once more;
        # all else takes a process that is free, a cold one first
        fit = [one for one in self._idle if slow or one.ready.is_set()]
        if not fit:
            return Worker()
        chosen = min(fit, key=lambda one: (one.warm != slow, not one.ready.is_set()))
        self._idle.remove(chosen)
        return chosen

    def _spare(self) -> Worker:
        """A process for the next task."""
        worker = Worker()
        if self._compiles:
            worker.warm_up()
        return worker
