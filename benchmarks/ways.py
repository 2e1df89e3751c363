"""Ways between digits: which leaves the data, which jumps; and how soon a shared one is open.

`python -m benchmarks.ways [MODEL …]` measures the first, for each model that is named.
"""

from __future__ import annotations

import sys
import time
from typing import Any

import numpy as np

from benchmarks.live import EXPLORER, VIEWPORT, row
from latent import load_space
from latent.data import TEST
from latent.space import LatentSpace
from latent.ways import TITLES, WAYS, TestCodes, Way, follow
from tests.browser.conftest import browsing, serving, settle

PAIRS, STEPS = 100, 17
OPENED = 7  # times a shared address, each in a profile of its own
MOST_JUMP = 1.5  # times the largest change of the straight line


def measure() -> list[dict[str, Any]]:
    """All rows about ways."""
    picture, whole = opened()
    return [
        *of_model("mnist-vae"),
        row("shared address: opened on a warm server to its map and way, median", picture, "s", 3),
        row("shared address: to all ways, measured and drawn, median", whole, "s"),
    ]


def opened() -> tuple[float, float]:
    """Median seconds until a new profile sees what an address holds: the picture, then all ways."""
    shared = "/?model=mnist-vae&map=umap2&stops=60000,60030,60007&way=graph&at=30&view=0,0,2,0,0"
    there = f"{EXPLORER}?.ready && {EXPLORER}.choice.more.length === 1 && {EXPLORER}.map.shown.way"
    all_there = f"{there} && {EXPLORER}.map.shown.ways?.length === 3"
    with browsing() as browser, serving() as address:
        page = browser.new_context(viewport=VIEWPORT).new_page()
        page.goto(address + shared)  # somebody has visited it
        page.wait_for_function(all_there, timeout=120_000)
        settle(page)
        page.close()
        taken = []
        for _ in range(OPENED):
            context = browser.new_context(viewport=VIEWPORT)
            other = context.new_page()
            start = time.perf_counter()
            other.goto(address + shared)
            other.wait_for_function(there, timeout=60_000)
            picture = time.perf_counter() - start
            other.wait_for_function(all_there, timeout=60_000)
            taken.append([picture, time.perf_counter() - start])
            settle(other)
            context.close()
        picture, whole = np.median(taken, axis=0)
        return float(picture), float(whole)


def of_model(model: str) -> list[dict[str, Any]]:
    """Rows about the ways through one model."""
    space = load_space(model)
    found = compared(space, pairs(space))
    means = {name: [np.mean([way.length for way in ways]), np.mean([w.worst for w in ways]),
                    np.mean([way.largest_change for way in ways])]
             for name, ways in found.items()}  # fmt: skip
    line, graph = means["lerp"], means["graph"]
    rows = []
    for name, (length, worst, jump) in means.items():
        title = f"ways of {model}: {TITLES[name].lower()}"
        asked = name == "graph"
        rows += [
            row(f"{title}, length", length, ""),
            row(f"{title}, worst percentile", worst, "%", round(line[1], 3) if asked else None),
            row(f"{title}, largest change", jump, "",
                round(MOST_JUMP * line[2], 3) if asked else None),
        ]  # fmt: skip
    return [*rows, row(f"ways of {model}: largest change along the data, of the straight line's",
                       graph[2] / line[2], "×", MOST_JUMP)]  # fmt: skip


def pairs(space: LatentSpace) -> list[np.ndarray]:
    """Codes of two random test images of different labels each, shape (2, latent_dim)."""
    rng = np.random.default_rng(0)
    gallery = space.gallery
    test = np.flatnonzero(gallery.split == TEST)
    found: list[np.ndarray] = []
    while len(found) < PAIRS:
        pair = rng.choice(test, 2, replace=False)
        if gallery.labels[pair[0]] != gallery.labels[pair[1]]:
            found.append(gallery.codes[pair])
    return found


def compared(space: LatentSpace, ends: list[np.ndarray]) -> dict[str, list[Way]]:
    """Every way between every two ends."""
    tests = TestCodes(space, sample=len(space.gallery))
    return {name: [follow(space, name, two, STEPS, tests=tests) for two in ends] for name in WAYS}


def main() -> int:
    """Print the rows of the models that are named; fail where a limit is missed."""
    missed = 0
    for model in sys.argv[1:] or ["mnist-vae"]:
        for found in of_model(model):
            limit = "" if found["limit"] is None else f"  ≤ {found['limit']}"
            print(f"{found['name']:75} {found['value']:8.3f} {found['unit']}{limit}"
                  f"{'' if found['ok'] else '  MISSED'}", flush=True)  # fmt: skip
            missed += not found["ok"]
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
