"""The live map under a real pointer, and Plotly in Streamlit beside it in the same run."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser, Page

from tests.browser.conftest import browsing, serving, settle, wait_until, where

VIEWPORT = {"width": 1600, "height": 1300}  # the map is then more than 900 × 600 pixels
EXPLORER = "globalThis.latentBoard?.kept.get('explorer')"
PEER = Path(__file__).parent / "plotly_peer.py"
MANY = 500_000
STEPS = 150

# the time from a pointer's release until Python's answer to it lies on the board
ANSWER = """() => {
  const board = globalThis.latentBoard;
  const before = board.slots.get('scene').choice.seq;
  globalThis.answered = null;
  let start;
  const begin = () => { globalThis.clicked = start = performance.now(); };
  addEventListener('pointerup', begin, {once: true, capture: true});
  const read = () => {
    if (board.slots.get('scene').choice.seq === before) return;
    board.readers.delete(read);
    requestAnimationFrame(() => { globalThis.answered = performance.now() - start; });
  };
  board.readers.add(read);
}"""

# all ways over the stops that are shown have been measured
MEASURED = f"{EXPLORER}?.model.found?.figures.lerp !== undefined"

JITTERED = """(count) => {
  const explorer = globalThis.latentBoard.kept.get('explorer');
  const {map} = explorer;
  explorer.ready = false; // the new points are no images: nothing may ask for their codes
  const given = map.field.points;
  const points = new Float32Array(3 * count);
  for (let i = 0; i < points.length; i++) {
    points[i] = given[i % given.length] + 0.02 * (Math.random() - 0.5);
  }
  const {colours} = map.field;
  map.field.setPoints(points);
  for (let i = 0; i < count; i++) map.field.colours[i] = colours[i % colours.length];
  map.draw();
}"""


def row(name: str, value: float, unit: str, limit: float | None = None) -> dict[str, Any]:
    """One line of the table; a row without a limit only reports."""
    ok = limit is None or bool(value <= limit)
    return {"name": name, "value": round(float(value), 3), "unit": unit, "limit": limit, "ok": ok}


def measure() -> list[dict[str, Any]]:
    """All rows about the live map, from the shipped model that opens first."""
    with browsing() as browser, serving() as address:
        before, _ = opened(browser, address)  # a warm server is one that somebody has visited
        before.wait_for_function(MEASURED, timeout=120_000)
        before.close()
        start = time.perf_counter()
        page, traffic = opened(browser, address)
        first = time.perf_counter() - start
        page.wait_for_timeout(2000)  # the decoder follows the map
        rows = [
            row("live map: page opened on a warm server to first usable map", first, "s", 3),
            row("live map: sent beyond Streamlit's own files", sum(traffic) / 1e6, "MB", 6),
        ]
        rows += handlers(page, traffic)
        clicks, measured, sent = answers(page, traffic)
        rows += [
            row("live map: click to Python and back, p95", np.percentile(clicks, 95), "ms", 200),
            row("live map: click to Python and back, median", np.median(clicks), "ms"),
            row("live map: click to all ways measured, median", np.median(measured), "ms"),
            row("live map: sent for an added marker", sent / 1e3, "kB", 100),
            *many(page),
        ]
    peer = plotly()
    return [
        *rows,
        row("Plotly in Streamlit: click to Python and back, median", 1000 * peer, "ms"),
        row("Plotly's click as a multiple of the live map's", 1000 * peer / np.median(clicks), "×"),
    ]


def opened(browser: Browser, address: str) -> tuple[Page, list[int]]:
    """A fresh profile with the map ready, and the size of each message (0: to the server)."""
    page = browser.new_context(viewport=VIEWPORT).new_page()
    traffic: list[int] = []
    page.on("websocket", lambda socket: (
        socket.on("framesent", lambda _: traffic.append(0)),
        socket.on("framereceived", lambda data: traffic.append(len(data))),
    ))  # fmt: skip
    page.add_init_script("globalThis.latentTimings = []")
    page.goto(address)
    page.wait_for_function(f"{EXPLORER}?.ready", timeout=120_000)
    return page, traffic


def handlers(page: Page, traffic: list[int]) -> list[dict[str, Any]]:
    """From the start of a handler to the end of its drawing, p95."""
    rows = []

    def p95(name: str, kind: str, act: Callable[[], None], *, silent: bool = False) -> None:
        page.evaluate("globalThis.latentTimings.length = 0")
        traffic.clear()
        act()
        taken = [ms for what, ms in page.evaluate("globalThis.latentTimings") if what == kind]
        rows.append(row(f"live map: {name}, p95", np.percentile(taken, 95), "ms", 12))
        if silent:
            rows.append(row(f"live map: messages during {name}", len(traffic), "", 0))

    settle(page)
    at = spots(page)
    p95("hover with a decoded picture", "hover", lambda: along(page, at(0.35, 0.3), at(0.6, 0.7)),
        silent=True)  # fmt: skip
    page.get_by_text("Decode here", exact=True).click()
    at = spots(page)
    p95("decoding at the pointer", "hover", lambda: along(page, at(0.35, 0.3), at(0.6, 0.7)),
        silent=True)  # fmt: skip
    page.get_by_text("Nearest image", exact=True).click()
    p95("pan", "drag", lambda: dragged(page, at(0.05, 0.9), at(0.2, 0.8)))
    page.mouse.move(*at(0.5, 0.5))
    p95("zoom", "zoom", lambda: wheeled(page))
    slider = page.locator("input.slider").bounding_box()
    assert slider
    y = slider["y"] + slider["height"] / 2

    def slide() -> None:
        """Only what happens while the finger is down; the release may tell Python."""
        page.mouse.move(slider["x"] + slider["width"] * 0.5, y)
        page.mouse.down()
        along(page, (slider["x"] + slider["width"] * 0.5, y), (slider["x"] + slider["width"], y))

    p95("slider step", "slider", slide, silent=True)
    page.mouse.up()
    page.get_by_text("3-D", exact=True).click()
    settle(page)
    page.wait_for_function(f"{EXPLORER}.ready && {EXPLORER}.map.dims === 3", timeout=30_000)
    page.wait_for_timeout(1500)  # the flight from map to map
    at = spots(page)
    p95("orbit", "drag", lambda: dragged(page, at(0.3, 0.4), at(0.7, 0.6)))
    return rows


def answers(page: Page, traffic: list[int]) -> tuple[list[float], list[float], int]:
    """Milliseconds from each click on a dot to Python's answer, and until the rest of the page
    has followed; bytes sent for the last."""
    spots(page)
    taken, measured = [], []
    for image in range(1_000, 61_000, 3_000):
        traffic.clear()
        page.evaluate(ANSWER)
        page.mouse.click(*where(page, image))
        page.wait_for_function("globalThis.answered !== null", timeout=20_000)
        taken.append(page.evaluate("globalThis.answered"))
        page.wait_for_function(MEASURED, timeout=20_000)
        measured.append(page.evaluate("performance.now() - globalThis.clicked"))
        settle(page)
    return taken, measured, sum(traffic)


def many(page: Page) -> list[dict[str, Any]]:
    """One step of orbit with half a million points."""
    page.evaluate(JITTERED, MANY)
    page.evaluate("globalThis.latentTimings.length = 0")
    at = spots(page)
    dragged(page, at(0.3, 0.4), at(0.7, 0.6))
    taken = [ms for what, ms in page.evaluate("globalThis.latentTimings") if what == "drag"]
    name = f"live map: step of orbit at {MANY:,} points"
    return [row(f"{name}, p50", np.median(taken), "ms", 33),
            row(f"{name}, p95", np.percentile(taken, 95), "ms")]  # fmt: skip


def plotly() -> float:
    """Median seconds from a click on Plotly's 70,000 points to the text that Python answers."""
    taken = []
    with browsing() as browser, serving(script=PEER) as address:
        page = browser.new_page(viewport=VIEWPORT)
        page.goto(address)
        page.wait_for_selector(".js-plotly-plot .nsewdrag", timeout=120_000)
        page.wait_for_timeout(3000)
        box = page.locator(".nsewdrag").bounding_box()
        assert box
        for i in range(5):
            shown = page.get_by_test_id("stText").inner_text()
            start = time.perf_counter()
            page.mouse.click(
                box["x"] + box["width"] * (0.4 + 0.05 * i), box["y"] + box["height"] / 2
            )
            wait_until(lambda: page.get_by_test_id("stText").inner_text() != shown, 60)  # noqa: B023
            taken.append(time.perf_counter() - start)
            page.wait_for_timeout(500)
    return float(np.median(taken))


def spots(page: Page) -> Callable[[float, float], tuple[float, float]]:
    """Pixels of the page for shares of the map's width and height."""
    page.locator("canvas.marks").scroll_into_view_if_needed()
    box = page.locator("canvas.marks").bounding_box()
    assert box
    assert box["width"] >= 900
    assert box["height"] >= 600
    return lambda x, y: (box["x"] + x * box["width"], box["y"] + y * box["height"])


def along(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Move the pointer evenly."""
    page.mouse.move(*start)
    page.mouse.move(*end, steps=STEPS)


def dragged(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Press, move, release."""
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=STEPS)
    page.mouse.up()


def wheeled(page: Page) -> None:
    """Zoom in and out again."""
    for delta in [-40] * 40 + [40] * 40:
        page.mouse.wheel(0, delta)
        page.wait_for_timeout(16)
