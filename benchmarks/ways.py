"""Ways between digits: which leaves the data, which jumps: `python -m benchmarks.ways [MODEL]`."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from benchmarks.live import row
from latent import load_space
from latent.data import TEST
from latent.space import LatentSpace
from latent.ways import TITLES, WAYS, TestCodes, Way, follow

PAIRS, STEPS = 100, 17
MOST_JUMP = 1.5  # times the largest change of the straight line


def measure(model: str = "mnist-vae") -> list[dict[str, Any]]:
    """All rows about ways."""
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
        for found in measure(model):
            limit = "" if found["limit"] is None else f"  ≤ {found['limit']}"
            print(f"{found['name']:75} {found['value']:8.3f} {found['unit']}{limit}"
                  f"{'' if found['ok'] else '  MISSED'}", flush=True)  # fmt: skip
            missed += not found["ok"]
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
