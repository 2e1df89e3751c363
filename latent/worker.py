"""What runs in a process of its own: one task at a time, each word on its own line.

It lives as long as whoever started it: when the pipe to it closes, it ends. It reads a
JSON document a line from standard input and answers with documents of one of these keys:
"share" and "words" while it works, "made" once the map can be opened, "rows" of figures, and
at the end "done", "error" (what a user can put right) or "broken" (what nobody can).
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import sys
import threading
import time
import warnings
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from latent import climbs
from latent.climbs import Settings
from latent.clusters import select
from latent.errors import InputError
from latent.fidelity import distortion
from latent.made import described, load, store
from latent.maps import in_steps, make_map, measured
from latent.plan import read_plan
from latent.space import LatentSpace
from latent.truth import true_neighbours

NICE = 10  # visitors' pages come first
PAUSE = 0.1  # seconds between two words on progress
WARM = 300  # codes, enough to have everything compiled

Say = Callable[[dict[str, Any]], None]


def serve() -> None:
    """Work off what comes in, until the pipe closes."""
    with contextlib.suppress(OSError, AttributeError):
        os.nice(NICE)
    warnings.simplefilter("ignore")  # nobody reads them here
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", buffering=1, encoding="utf-8")
    os.dup2(2, 1)  # libraries print; only answers may reach the pipe
    tasks: queue.Queue[dict[str, Any]] = queue.Queue()
    threading.Thread(target=_listen, args=(tasks,), daemon=True).start()
    spaces: dict[str, LatentSpace] = {}
    while True:
        _work(tasks.get(), answers, spaces)


def make(space: LatentSpace, document: dict[str, Any], say: Say) -> None:
    """Make a map, put it into the cache, then measure it and put that there too.

    Args:
        space: the model.
        document: of the plan.
        say: told "share", "words" and, once the map can be opened, "made".
    """
    plan = read_plan(document, space)
    say({"share": 0.0, "words": "Fitting"})
    projection, info = make_map(space, plan, lambda share: say({"share": share}))
    xy = projection.xy
    key = store(space, plan, info, xy)
    say({"made": key})
    finish(space, key, say)


def finish(space: LatentSpace, key: str, say: Say) -> None:
    """Measure a made map, which takes some seconds, and write down what was found."""
    made, xy = described(space, key), load(space, key)["xy"]
    say({"share": 0.0, "words": "Measuring how far to trust it"})
    info = {**made.info, **measured(space, xy, lambda share: say({"share": 0.7 * share}))}
    say({"share": 0.7, "words": "Finding every image's true neighbours"})
    lost = in_steps(distortion(true_neighbours(space.gallery.codes), xy))
    store(space, made.plan, info, xy, lost)


def climb(task: dict[str, Any], say: Say) -> None:
    """Run EM from every start and leave all steps in the file that the task names."""
    how = Settings(**task["how"])
    say({"share": 0.0, "words": "Running EM from each start"})
    starts = climbs.climb(
        np.load(task["points"], allow_pickle=False), how, lambda share: say({"share": share})
    )
    climbs.write(Path(task["out"]), starts)


def compare(task: dict[str, Any], say: Say) -> list[dict[str, Any]]:
    """Compare numbers of components; a row of figures for each."""
    say({"share": 0.0, "words": "Comparing"})
    with np.load(task["points"], allow_pickle=False) as points:
        rows = select(
            points["fitted"], points["held_out"], task["counts"], **task["how"],
            progress=lambda share: say({"share": share}),
        )  # fmt: skip
    return [asdict(row) for row in rows]


def warm_up() -> None:
    """Import and compile what the methods need, so that a map does not wait for it."""
    from latent.projections import make_projection

    codes = np.random.default_rng(0).standard_normal((WARM, 8)).astype(np.float32)
    for dims in (2, 3):
        make_projection("umap", dims).fit(codes)
    make_projection("tsne", 2, parameters={"perplexity": 10}).fit(codes[:60])


def _listen(tasks: queue.Queue[dict[str, Any]]) -> None:
    for line in sys.stdin:
        tasks.put(json.loads(line))
    os._exit(0)  # whoever asked is gone


def _work(task: dict[str, Any], answers: TextIO, spaces: dict[str, LatentSpace]) -> None:
    said = 0.0

    def say(answer: dict[str, Any]) -> None:
        nonlocal said
        if "made" not in answer and "words" not in answer and time.monotonic() - said < PAUSE:
            return
        said = time.monotonic()
        answers.write(json.dumps(answer) + "\n")

    try:
        if task["task"] == "warm":
            warm_up()
        elif task["task"] == "climb":
            climb(task, say)
        elif task["task"] == "compare":
            answers.write(json.dumps({"rows": compare(task, say)}) + "\n")
        elif task["task"] == "measure":
            finish(_space(task["model"], spaces), task["key"], say)
        else:
            make(_space(task["model"], spaces), task["plan"], say)
    except InputError as error:
        answers.write(json.dumps({"error": str(error)}) + "\n")
    except MemoryError:
        problem = "There is not enough memory for this. Take fewer images."
        answers.write(json.dumps({"error": problem}) + "\n")
    except Exception as error:
        kind = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
        answers.write(json.dumps({"broken": kind}) + "\n")
    else:
        answers.write(json.dumps({"done": True}) + "\n")


def _space(folder: str, spaces: dict[str, LatentSpace]) -> LatentSpace:
    """The model, read again only where its files have changed."""
    from latent import bundle

    mark = f"{folder} {(Path(folder) / bundle.CONFIG).stat().st_mtime_ns}"
    if mark not in spaces:
        spaces.clear()
        spaces[mark] = LatentSpace(Path(folder))
    return spaces[mark]
