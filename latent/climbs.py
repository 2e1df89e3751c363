"""Several runs of EM on the same points, with k-means beside each: the hills that they climb."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from latent.clusters import Joined, in_parallel
from latent.em import MeansRun, Run, Tell, run_em, run_kmeans, start_at, untold
from latent.files import written_whole
from latent.mixture import Mixture

PER_NUMBER, PER_POINT = 4e-10, 1.2e-8  # seconds of a step for each component and point
USUAL_STEPS = 60  # that a start takes to its end


@dataclass(frozen=True)
class Settings:
    """How a mixture is fitted step by step: see `latent.em`."""

    components: int
    kind: str
    init: str
    restarts: int
    max_steps: int
    seed: int


@dataclass(frozen=True)
class Start:
    """What one start led to: EM, and k-means from the same draw."""

    run: Run
    means: MeansRun


def climb(x: np.ndarray, how: Settings, tell: Tell = untold) -> list[Start]:
    """Every start with all its steps, side by side.

    Args:
        x: points, shape (N, D).
        how: to fit.
        tell: hears which share of the steps allowed is done.

    Raises:
        InputError: no mixture can be fitted to that.
    """
    joined = Joined(tell, how.restarts)

    def led(restart: int) -> Start:
        rng = np.random.default_rng((how.seed, restart))
        start, centers = start_at(x, how.components, how.kind, how.init, rng)
        run = run_em(
            x, start, max_steps=how.max_steps, tell=lambda share: joined.hear(restart, share)
        )
        joined.hear(restart, 1.0)
        return Start(run, run_kmeans(x, centers))

    return in_parallel(led, how.restarts)


def seconds(shape: tuple[int, int], how: Settings) -> float:
    """About how long that takes one core, for points of a shape (N, D)."""
    n, d = shape
    a_step = n * how.components * (PER_POINT + PER_NUMBER * d * d)
    return how.restarts * min(how.max_steps, USUAL_STEPS) * a_step


def memory(dims: int, how: Settings) -> int:
    """Bytes that all steps of all starts take, at most."""
    square = {"full": dims * dims, "tied": dims * dims / max(1, how.components), "diag": dims}
    numbers = how.components * (1 + dims + square.get(how.kind, 1))
    return int(8 * numbers * (how.max_steps + 1) * how.restarts)


def write(path: Path, starts: list[Start]) -> None:
    """Keep starts in a file, whole or not at all."""
    arrays: dict[str, Any] = {"kind": np.array(starts[0].run.mixtures[0].kind)}
    for number, start in enumerate(starts):
        run, means = start.run, start.means
        for name in ("weights", "means", "covariances"):
            arrays[f"{number} {name}"] = np.stack([getattr(m, name) for m in run.mixtures])
        ends = [run.converged, run.floor, means.converged]
        arrays |= {
            f"{number} likelihoods": run.log_likelihoods, f"{number} bounds": run.bounds,
            f"{number} centers": means.centers, f"{number} inertias": means.inertias,
            f"{number} ends": np.array(ends, np.float64),
        }  # fmt: skip
    with written_whole(path) as part, part.open("wb") as file:
        np.savez(file, **arrays)


def read(path: Path) -> list[Start]:
    """Starts as `write` kept them."""
    with np.load(path, allow_pickle=False) as found:
        count = sum(name.endswith(" ends") for name in found.files)
        return [_start(found, number, str(found["kind"])) for number in range(count)]


def _start(found: Mapping[str, np.ndarray], number: int, kind: str) -> Start:
    def of(name: str) -> np.ndarray:
        return found[f"{number} {name}"]

    parts = zip(of("weights"), of("means"), of("covariances"), strict=True)
    converged, floor, rested = of("ends")
    run = Run(
        [Mixture(weights, means, covariances, kind) for weights, means, covariances in parts],
        of("likelihoods"), of("bounds"), bool(converged), float(floor),
    )  # fmt: skip
    return Start(run, MeansRun(of("centers"), of("inertias"), bool(rested)))
