"""Clusters: the trace, its steps under a real pointer, and what components know of labels.

`python -m benchmarks.clusters` measures the first two, `python -m benchmarks.clusters
MODEL` how far mixtures and k-means agree with its labels for 10, 20 and 30 components, which
takes some minutes.
"""

from __future__ import annotations

import sys
import time
from typing import Any

import numpy as np
from playwright.sync_api import Page

from benchmarks.live import VIEWPORT, row
from latent import InputError, load_space
from latent.blobs import draw_blobs
from latent.clusters import Agreement, agreement, fit, kmeans
from latent.data import TEST, TRAIN
from latent.em import nearest_center, run_em, start_at
from latent.mixture import responsibilities
from tests.browser.conftest import browsing, open_page, serving, settle

CLUSTERS = "globalThis.latentBoard?.kept.get('clusters')"
POINTS, COMPONENTS, STEPS = 10_000, 10, 100
RESTARTS = 5


def measure() -> list[dict[str, Any]]:
    """All rows about the page."""
    rows = [row(f"trace of {STEPS} steps, {POINTS:,} points in 2-D, K = {COMPONENTS}, median",
                np.median([_trace(seed) for seed in range(3)]), "s", 2)]  # fmt: skip
    with browsing() as browser, serving() as address:
        for title, codes in (("points in 2-D", False), ("codes of 16 numbers", True)):
            page = browser.new_context(viewport=VIEWPORT).new_page()
            page.add_init_script("globalThis.latentTimings = []")
            _open(page, address, codes)
            steps, means, lines = _steps(page)
            name = f"EM half-step, {POINTS:,} {title}, p95"
            rows.append(row(name, np.percentile(steps, 95), "ms", 12))
            rows.append(row(f"k-means beside it, a frame later, {title}, p95",
                            np.percentile(means, 95), "ms", 12))  # fmt: skip
            if lines:
                name = "EM density lines, a frame later, p95"
                rows.append(row(name, np.percentile(lines, 95), "ms", 12))
            page.close()
    return [*rows, *agreements("mnist-ae")]


def _trace(seed: int) -> float:
    """Seconds of so many steps."""
    points = draw_blobs("ring", POINTS, seed).points
    start, _ = start_at(points, COMPONENTS, "full", "random", np.random.default_rng(seed))
    begun = time.perf_counter()
    run = run_em(points, start, max_steps=STEPS, gain=-np.inf)
    assert len(run.mixtures) == STEPS + 1
    return time.perf_counter() - begun


def _open(page: Page, address: str, codes: bool) -> None:
    """The page with so many points and components."""
    open_page(page, f"{address}/clusters")
    if codes:
        page.get_by_text("Codes of the model").click()
        settle(page)
    slider = page.get_by_role("slider").first
    slider.focus()
    slider.press("End")
    settle(page)
    number = page.get_by_role("spinbutton", name="Components")
    number.fill(str(COMPONENTS))
    number.press("Enter")
    page.wait_for_function(
        f"{CLUSTERS}?.trace.count === {COMPONENTS} && {CLUSTERS}.work.count === {POINTS}"
        f" && {CLUSTERS}.maps.soft.field.image",
        timeout=300_000,
    )
    settle(page)
    page.wait_for_timeout(2000)


def _steps(page: Page) -> tuple[list[float], ...]:
    """Milliseconds of each half-step, of k-means' after it, and of the lines of density."""
    page.evaluate("globalThis.latentTimings.length = 0")
    half = page.get_by_role("slider", name="Half-step")
    half.focus()
    for _ in range(60):
        half.press("ArrowRight")
        page.wait_for_timeout(120)
    for _ in range(20):
        half.press("ArrowLeft")
        page.wait_for_timeout(120)
    timings = page.evaluate("globalThis.latentTimings")
    return tuple([ms for what, ms in timings if what == kind]
                 for kind in ("em step", "em means", "em lines"))  # fmt: skip


def agreements(model: str) -> list[dict[str, Any]]:
    """How far components agree with labels, fitted on training and asked on test images."""
    space = load_space(model)
    codes, labels = space.gallery.codes, space.gallery.labels
    train, test = (np.flatnonzero(space.gallery.split == part) for part in (TRAIN, TEST))
    print(f"{model}: fitted on {len(train):,} codes, measured on {len(test):,}, best of {RESTARTS}")
    print("accuracy: each component its commonest label / each label one component; then AMI")
    rows = []
    for k in (10, 20, 30):
        mixture = fit(codes[train], k, restarts=RESTARTS).mixture
        soft = responsibilities(mixture, codes[test]).argmax(axis=1)
        centers = kmeans(codes[train], k, RESTARTS, seed=0)
        hard = nearest_center(codes[test].astype(np.float64), centers)
        for name, assigned in (("mixture", soft), ("k-means", hard)):
            found: Agreement = agreement(assigned, labels[test], k, len(space.class_names))
            print(f"K = {k}  {name}  {found.majority:.4f} / {found.one_to_one:.4f}  "
                  f"{found.mutual_information:.4f}", flush=True)  # fmt: skip
            title = f"{model}, K = {k}, {name}: "
            rows += [
                row(f"{title}right, each component its commonest label", 100 * found.majority, "%"),
                row(f"{title}right, each label one component", 100 * found.one_to_one, "%"),
            ]
    return rows


def main() -> int:
    """Print what was asked for; 2 with one line for a model that is not there."""
    try:
        if len(sys.argv) > 1:
            agreements(sys.argv[1])
            return 0
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    rows = measure()
    for measured in rows:
        print(measured)
    return 0 if all(measured["ok"] for measured in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
