"""The app as a visitor meets it, in a real browser, with the shipped models."""

from __future__ import annotations

import statistics
import time
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Page

from benchmarks.live import EXPLORER, row
from tests.browser.conftest import browsing, serving, settle

RUNS = 11
VIEWPORT = {"width": 1440, "height": 1700}


def measure() -> list[dict[str, Any]]:
    """Start the app and use it as a visitor does."""
    start = time.perf_counter()
    with browsing() as browser, serving() as address:
        page = browser.new_page(viewport=VIEWPORT)
        page.goto(address)
        page.wait_for_function(f"{EXPLORER}?.ready", timeout=120_000)
        first_map = time.perf_counter() - start
        settle(page)
        clicks = _clicks(page)
    return [
        row("start of the app to first map", first_map, "s", 20),
        row("click to new strip, median", statistics.median(clicks), "s", 1.5),
        row("click to new strip, 95th percentile", float(np.percentile(clicks, 95)), "s", None),
    ]


def _clicks(page: Page) -> list[float]:
    """Seconds from a click on "Random" to the strip of another way."""
    times = []
    for _ in range(RUNS):
        before = page.evaluate(f"{EXPLORER}.choice.a.index")
        start = time.perf_counter()
        page.get_by_role("button", name="Random").first.click()
        page.wait_for_function(f"before => {EXPLORER}.choice.a.index !== before", arg=before)
        page.evaluate("() => new Promise(requestAnimationFrame)")
        times.append(time.perf_counter() - start)
        settle(page)
    return times


def machine() -> str:
    """Processor and cores, as far as the system tells."""
    import os
    import platform

    info = Path("/proc/cpuinfo")
    names = [
        line.split(":")[1].strip()
        for line in (info.read_text().splitlines() if info.exists() else [])
        if line.startswith("model name")
    ]
    processor = names[0] if names else platform.processor() or platform.machine()
    return f"{processor}, {os.cpu_count()} cores, {platform.system()}, no GPU used"
