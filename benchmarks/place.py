"""Place under a real pointer and with many files: `python -m benchmarks.place` runs it alone."""

from __future__ import annotations

import io
import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, Page

from benchmarks.live import opened, row
from latent import load_space
from latent.images import to_uint8
from tests.browser.conftest import browsing, serving, settle

PAD = "globalThis.latentBoard?.kept.get('pad')"
SHEETS = 12
RUNS = 30
BATCH = 50
UPLOADS, PHOTOS = 200, 20  # in all, and at once
ONE_FILE = "place: file to everything on the screen, median"
SIDE = 1200  # pixels of a photo
# milliseconds from the choice of files until the page shows all of them and its script rests
STARTED = """() => {
  globalThis.began = null;
  addEventListener('change', () => { globalThis.began = performance.now(); }, {once: true, capture: true});
}"""  # noqa: E501
SHOWN = """([count, name]) => {
  const tray = globalThis.latentBoard.kept.get('tray');
  const resting = document.querySelector("[data-testid='stApp'][data-test-script-state='notRunning']");
  const heading = [...document.querySelectorAll('h3')].some((h) => h.textContent.startsWith(name));
  const bar = document.querySelector("[data-testid='stProgress']");
  globalThis.barSeen ||= Boolean(bar);
  return resting && heading && tray?.children.length === count && performance.now() - began;
}"""  # noqa: E501


def measure() -> list[dict[str, Any]]:
    """All rows about images of one's own, from the shipped model that opens first."""
    with browsing() as browser:
        early = _early(browser)
        with serving() as address:
            page = f"{address}/place"
            files = _files(browser, page)
            usual = next(row["value"] for row in files if row["name"] == ONE_FILE)
            first = row("place: first image 5 s after the start of a server, more than the median",
                        early - usual, "ms", 1000)  # fmt: skip
            return [*_pen(browser, page), *files, first, *_memory(browser, page)]


def _early(browser: Browser) -> float:
    """Milliseconds that the first image takes which comes 5 s after a server was started."""
    start = time.perf_counter()
    with serving() as address:
        page, _ = opened(browser, f"{address}/place")
        page.wait_for_selector("input[type=file]", state="attached", timeout=60_000)
        page.wait_for_timeout(max(0, 1000 * (5 - (time.perf_counter() - start))))
        taken = _bring(page, _digits(1), 1)
        page.context.close()
    return taken


def _pen(browser: Browser, address: str) -> list[dict[str, Any]]:
    """A stroke on each of several sheets."""
    page, traffic = opened(browser, address)
    page.wait_for_function(f"{PAD}?.ready", timeout=60_000)
    settle(page)
    page.wait_for_timeout(3000)
    box = page.locator("canvas.paper").bounding_box()
    assert box
    rng = np.random.default_rng(0)
    messages = 0
    for _ in range(SHEETS):
        traffic.clear()
        for i, (x, y) in enumerate(rng.uniform(0.2, 0.8, (5, 2))):
            page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=20)
            if i == 0:
                page.mouse.down()
        messages += len(traffic)
        page.mouse.up()
        page.wait_for_timeout(1200)
        settle(page)
        page.get_by_role("button", name="Next sheet").click()
    timings = page.evaluate("globalThis.latentTimings")
    page.context.close()
    handler, dot = (
        [ms for what, ms in timings if what == kind] for kind in ("pen handler", "pen to dot")
    )
    return [
        row("place: pen event to moved dot, p95", np.percentile(dot, 95), "ms", 50),
        row("place: pen event to moved dot, median", np.median(dot), "ms"),
        row("place: handler of a pen event, p95", np.percentile(handler, 95), "ms", 12),
        row("place: messages during a stroke", messages, "", 0),
    ]


def _files(browser: Browser, address: str) -> list[dict[str, Any]]:
    """One file at a time, then many at once."""
    page, _ = opened(browser, address)
    settle(page)
    page.wait_for_timeout(3000)
    files = _digits(RUNS + BATCH)
    _bring(page, files[:1], 1)
    one = [_bring(page, [file], i + 2) for i, file in enumerate(files[1:RUNS])]
    page.get_by_role("button", name="Remove all").click()
    settle(page)
    page.evaluate("globalThis.barSeen = false")
    many = _bring(page, files[-BATCH:], BATCH)
    seen = bool(page.evaluate("globalThis.barSeen"))
    page.context.close()
    return [
        row("place: file to everything on the screen, p95", np.percentile(one, 95), "ms", 300),
        row(ONE_FILE, np.median(one), "ms"),
        row(f"place: {BATCH} files to everything on the screen", many / 1000, "s", 3),
        row("place: a progress bar was missing", 0 if seen else 1, "", 0),
    ]


def _memory(browser: Browser, address: str) -> list[dict[str, Any]]:
    """Photos in one visit, taken out again each time; growth after the first of them, in MB."""
    page, _ = opened(browser, address)
    settle(page)
    rng = np.random.default_rng(1)
    sizes = []
    for _ in range(1 + UPLOADS // PHOTOS):
        photos = [_photo(rng, i) for i in range(PHOTOS)]
        _bring(page, photos, PHOTOS)
        page.get_by_role("button", name="Remove all").click()
        settle(page)
        sizes.append(_resident())
    page.context.close()
    growth = (sizes[-1] - sizes[0]) / 1e6
    return [row(f"place: memory of the server after {UPLOADS} more uploads", growth, "MB", 50)]


def _bring(page: Page, files: list[dict[str, Any]], count: int) -> float:
    """Milliseconds until the tray holds so many images, the last of these files shown."""
    page.evaluate(STARTED)
    page.set_input_files("input[type=file]", files)
    shown = page.wait_for_function(
        SHOWN, arg=[count, files[-1]["name"]], timeout=120_000,
        polling=10,  # at each frame it would make the page draw frames that nobody needs
    )  # fmt: skip
    return float(shown.json_value())


def _digits(count: int) -> list[dict[str, Any]]:
    space = load_space("mnist-vae")
    images = space.decode(space.gallery.codes[60_000 : 60_000 + count])
    return [
        _file(f"digit{i}.png", 255 - to_uint8(image).repeat(10, 0).repeat(10, 1), "PNG")
        for i, image in enumerate(images)
    ]


def _photo(rng: np.random.Generator, number: int) -> dict[str, Any]:
    """A dark stroke on light, with noise as of a camera."""
    pixels = rng.integers(200, 256, (SIDE, SIDE, 3), np.uint8)
    pixels[200:1000, 550 : 600 + 4 * number] = 30
    return _file(f"photo{number}.jpg", pixels, "JPEG")


def _file(name: str, pixels: np.ndarray, kind: str) -> dict[str, Any]:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind)
    return {"name": name, "mimeType": f"image/{kind.lower()}", "buffer": file.getvalue()}


def _resident() -> int:
    """Bytes in memory of the server and all that it started; not of what drives the browser."""
    server = next(pid for pid in _descendants(os.getpid()) if b"streamlit" in _command(pid))
    return sum(map(_resident_of, [server, *_descendants(server)]))


def _descendants(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, task.read_text().split()):
            found += [child, *_descendants(child)]
    return found


def _command(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def _resident_of(pid: int) -> int:
    fields = Path(f"/proc/{pid}/statm").read_text().split()
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    for measured in measure():
        print(measured)
    sys.exit(0)
