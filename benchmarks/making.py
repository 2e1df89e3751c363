"""A new map, from the button to the map: `python -m benchmarks.making`.

Beside it, in the same run and of the same 10,000 codes: the library's own `fit` in a process
that has run it before, and a fresh script that imports it, compiles and fits.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Page

from benchmarks.live import EXPLORER, row
from latent import load_space
from latent.plan import fitted_indices, read_plan
from tests.browser.conftest import browsing, open_page, serving, settle

MODEL = "mnist-vae"
SEED = 3
OPENED = 5  # times each map that is there
VIEWPORT = {"width": 1440, "height": 1700}
METHODS = {"umap": "UMAP", "tsne": "t-SNE"}
PRESSED = """() => addEventListener('pointerup', () => {
  globalThis.pressed = performance.now();
}, {once: true, capture: true})"""
SHOWN = f"""(before) => {EXPLORER}?.ready && {EXPLORER}.model.map.name !== before
  && performance.now() - pressed"""
# argv: file with the codes, method, seed, how many times; prints the seconds of each fit
SCRIPT = """
import sys, time
start = time.perf_counter()
import numpy as np
codes, method, seed, times = np.load(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
if method == "umap":
    import umap
    fit = lambda: umap.UMAP(random_state=seed, n_jobs=1).fit(codes)
else:
    import openTSNE
    fit = lambda: openTSNE.TSNE(random_state=seed, n_jobs=-1).fit(codes)
for _ in range(times):
    begin = time.perf_counter()
    fit()
    print(time.perf_counter() - begin)
"""


def measure() -> list[dict[str, Any]]:
    """Make a UMAP and a t-SNE of 10,000 codes in a running app, and by their libraries."""
    with tempfile.TemporaryDirectory() as cache, browsing() as browser:
        os.environ["LATENT_CACHE"] = cache
        with serving() as address:
            page = browser.new_page(viewport=VIEWPORT)
            open_page(page, address)
            open_page(page, f"{address}/maps")
            page.wait_for_function(f"{EXPLORER}?.ready", timeout=120_000)
            _button(page, METHODS["umap"], SEED - 1)  # in a process that is warm afterwards
            made = {method: _button(page, title) for method, title in METHODS.items()}
            opened = [_button(page, title) for _ in range(OPENED) for title in METHODS.values()]
        rows = [
            row("a map made before, button to map, median", np.median(opened), "s", 0.3),
            row("a map made before, button to map, longest", max(opened), "s"),
        ]
        for method, title in METHODS.items():
            warm, fresh = _library(method, Path(cache))
            rows += [
                row(f"{title} of 10,000, button to map", made[method], "s", None),
                row(f"{title} of 10,000, the library's fit, warm", warm, "s", None),
                row(f"{title} of 10,000, a fresh script", fresh, "s", None),
                row(f"{title}: button to map / warm fit", made[method] / warm, "", 1.0),
                row(f"{title}: button to map / fresh script", made[method] / fresh, "", 0.5),
            ]
    return rows


def _button(page: Page, title: str, seed: int = SEED) -> float:
    """Seconds from the button to the map; returns once it is measured too."""
    page.get_by_role("combobox", name="Method").click()
    page.get_by_role("option", name=title, exact=True).click()
    settle(page)
    box = page.get_by_label("Seed", exact=True)
    if box.count():
        box.fill(str(seed))
        box.press("Enter")
        settle(page)
    before = page.evaluate(f"{EXPLORER}.model.map.name")
    page.evaluate(PRESSED)
    page.get_by_role("button", name="Make the map").or_(
        page.get_by_role("button", name="Show it")).click()  # fmt: skip
    taken = float(page.wait_for_function(SHOWN, arg=before, timeout=600_000).json_value()) / 1000
    page.wait_for_timeout(2_000)  # until the page is told what the process does next
    page.get_by_role("button", name="Stop").wait_for(state="hidden", timeout=600_000)
    settle(page)
    return taken


def _library(method: str, folder: Path) -> tuple[float, float]:
    """Seconds of a warm fit, and of a fresh script from its start to its end."""
    space = load_space(MODEL)
    asked = {"method": method, "dims": 2, "seed": SEED, "sample": 10_000}
    chosen = fitted_indices(read_plan(asked, space), space.gallery)
    file = folder / "codes.npy"
    np.save(file, space.gallery.codes[chosen])
    command = [sys.executable, "-W", "ignore", "-c", SCRIPT, str(file), method, str(SEED)]
    start = time.perf_counter()
    subprocess.run([*command, "1"], check=True, capture_output=True)
    fresh = time.perf_counter() - start
    done = subprocess.run([*command, "2"], check=True, capture_output=True, text=True)
    return float(done.stdout.split()[-1]), fresh


if __name__ == "__main__":
    print(json.dumps(measure(), indent=1))
