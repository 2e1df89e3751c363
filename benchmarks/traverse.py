"""Traverse under a real pointer: `python -m benchmarks.traverse` runs it alone."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from playwright.sync_api import Page

from benchmarks.live import VIEWPORT, along, row
from tests.browser.conftest import browsing, serving, settle

TRAVERSE = "globalThis.latentBoard?.kept.get('traverse')"
FILLED = f"{TRAVERSE}?.filler.groups.every(group => !group.left)"
RELEASES = 11


def measure() -> list[dict[str, Any]]:
    """All rows about the sliders, from the shipped model that opens first."""
    with browsing() as browser, serving() as address:
        page = browser.new_context(viewport=VIEWPORT).new_page()
        traffic: list[int] = []
        page.on("websocket", lambda socket: (
            socket.on("framesent", lambda _: traffic.append(0)),
            socket.on("framereceived", lambda data: traffic.append(len(data))),
        ))  # fmt: skip
        page.add_init_script("globalThis.latentTimings = []")
        page.goto(f"{address}/traverse")
        page.wait_for_function(FILLED, timeout=120_000)
        settle(page)
        page.wait_for_timeout(3000)
        steps, filled, messages = _sliders(page, traffic)
        hovers = _hovers(page)
    return [
        row("traverse slider step, p95", np.percentile(steps, 95), "ms", 12),
        row("traverse: messages while a slider is held", messages, "", 0),
        row("traverse grid hover, p95", np.percentile(hovers, 95), "ms", 12),
        row("rows complete after release, median", np.median(filled), "ms"),
        row("rows complete after release, longest", max(filled), "ms", 1000),
    ]


def _sliders(page: Page, traffic: list[int]) -> tuple[list[float], list[float], int]:
    """Milliseconds of each step, and from each release to complete rows; messages meanwhile."""
    steps, filled, messages = [], [], 0
    for number in range(RELEASES):
        slider = page.locator(".traverse input[type=range]").nth(number)
        slider.scroll_into_view_if_needed()
        box = slider.bounding_box()
        assert box
        y = box["y"] + box["height"] / 2
        page.mouse.move(box["x"] + 0.1 * box["width"], y)
        page.mouse.down()
        page.evaluate("globalThis.latentTimings.length = 0")
        traffic.clear()
        along(page, (box["x"] + 0.1 * box["width"], y), (box["x"] + 0.9 * box["width"], y))
        steps += _taken(page, "traverse")
        messages += len(traffic)
        page.mouse.move(box["x"] + 0.3 * box["width"], y)  # all rows are out of date
        page.mouse.up()
        page.wait_for_function("latentTimings.some(([what]) => what === 'traverse rows')")
        filled += _taken(page, "traverse rows")
        page.wait_for_function(FILLED)
        settle(page)
    return steps, filled, messages


def _hovers(page: Page) -> list[float]:
    """Milliseconds of each movement over the grid."""
    marks = page.locator(".whole .marks")
    marks.scroll_into_view_if_needed()
    box = marks.bounding_box()
    assert box
    page.evaluate("globalThis.latentTimings.length = 0")
    start, end = ((box["x"] + t * box["width"], box["y"] + t * box["height"]) for t in (0.1, 0.9))
    along(page, start, end)
    return _taken(page, "traverse")


def _taken(page: Page, kind: str) -> list[float]:
    return [ms for what, ms in page.evaluate("globalThis.latentTimings") if what == kind]


if __name__ == "__main__":
    for measured in measure():
        print(measured)
    sys.exit(0)
