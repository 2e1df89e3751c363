"""The app as a visitor meets it, in a real browser, with the shipped models."""

from __future__ import annotations

import io
import statistics
import time
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from playwright.sync_api import Page

from benchmarks.live import EXPLORER, row
from latent import load_space
from latent.images import to_uint8
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
        uploads = _uploads(page, address)
    return [
        row("start of the app to first map", first_map, "s", 20),
        row("click to new strip, median", statistics.median(clicks), "s", 1.5),
        row("click to new strip, 95th percentile", float(np.percentile(clicks, 95)), "s", None),
        row("upload to placed, median", statistics.median(uploads), "s", 1.5),
        row("upload to placed, 95th percentile", float(np.percentile(uploads, 95)), "s", None),
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


def _uploads(page: Page, address: str) -> list[float]:
    """Seconds from choosing a file to its reconstruction."""
    space = load_space("mnist-vae")
    page.goto(f"{address}/place")
    page.wait_for_selector("input[type=file]", state="attached")
    settle(page)
    times = []
    for index in range(RUNS):
        digit = to_uint8(space.decode(space.code(index)[None])[0]).repeat(10, 0).repeat(10, 1)
        file = io.BytesIO()
        Image.fromarray(255 - digit).save(file, "PNG")
        name = f"digit{index}.png"
        before = page.get_by_alt_text("Redrawn").get_attribute("src") if index else None
        start = time.perf_counter()
        page.set_input_files(
            "input[type=file]", {"name": name, "mimeType": "image/png", "buffer": file.getvalue()}
        )
        page.wait_for_function(
            "before => {const image = document.querySelector(\"img[alt='Redrawn']\");"
            "return image && image.complete && image.getAttribute('src') !== before}",
            arg=before,
            timeout=60_000,
        )
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
