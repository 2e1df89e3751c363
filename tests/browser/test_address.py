"""A shared address, opened in another profile, shows the same picture."""

from __future__ import annotations

import base64
import io
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import open_page, serving, settle, wait_for_map, where
from tests.browser.test_ways import EXPLORER, drawn

PICTURES = """() => [...globalThis.latentBoard.kept.get('explorer').root.querySelectorAll('canvas')]
  .filter((canvas) => !canvas.closest('.card, .lassoed, .along'))
  .map((canvas) => canvas.toDataURL())"""

# what a page that opens is sent first of its ways, and how often a line that was drawn is missing
WATCH = f"""
globalThis.gone = 0;
globalThis.seen = ({{figures, arrays}}) => (
  {{figures: Object.keys(figures), trail: Array.from(arrays['codes.graph'])}});
const look = () => {{
  globalThis.first ??= globalThis.latentBoard?.slots.get('ways');
  const line = globalThis.latentBoard && {EXPLORER}?.map.shown.way;
  globalThis.drawn ||= Boolean(line);
  if (globalThis.drawn && !line) globalThis.gone += 1;
  setTimeout(look);
}};
look();
"""


def pictures(page: Page) -> list[np.ndarray]:
    """All that the page has drawn: map, marks, the step, the strips, each (H, W, 4)."""
    drawn(page)
    page.mouse.move(5, 5)  # nothing is hovered
    page.wait_for_timeout(300)
    found = [base64.b64decode(url.partition(",")[2]) for url in page.evaluate(PICTURES)]
    colours = [np.asarray(Image.open(io.BytesIO(png)).convert("RGBA"), int) for png in found]
    # what is see-through has no colour that could differ
    return [np.dstack([rgba[..., :3] * rgba[..., 3:] // 255, rgba[..., 3]]) for rgba in colours]


@pytest.mark.parametrize("dims", ["2-D", "3-D"])
def test_a_shared_address_opens_to_the_same_picture(
    page: Page, browser: Browser, address: str, dims: str
) -> None:
    open_page(page, address)
    wait_for_map(page)
    page.get_by_text(dims, exact=True).click()
    settle(page)
    wait_for_map(page)
    box = page.locator("canvas.marks").bounding_box()
    assert box
    x, y = box["x"] + 0.4 * box["width"], box["y"] + 0.4 * box["height"]
    page.mouse.click(*where(page, 14))
    settle(page)
    page.mouse.move(x, y)
    if dims == "2-D":
        page.keyboard.down("Shift")  # B becomes a spot between the dots
        page.mouse.click(x, y)
        page.keyboard.up("Shift")
        settle(page)
        expect(page.get_by_text("a spot between the dots").first).to_be_visible()
    else:
        page.mouse.down()
        page.mouse.move(x + 120, y + 40, steps=5)
        page.mouse.up()
    page.mouse.wheel(0, -300)
    page.get_by_text("Along the data", exact=True).last.click()
    settle(page)
    page.get_by_role("slider", name="Along the way").press("PageUp")
    expect(page.get_by_text("Nearest to the step at 60 %")).to_be_visible(timeout=15_000)
    settle(page)
    expected = pictures(page)
    shared = page.evaluate("location.href")
    for part in ("model=mnist-vae@", "way=graph", "at=60", "view="):
        assert part in shared
    context = browser.new_context(viewport={"width": 1400, "height": 1600})
    other = context.new_page()
    other.add_init_script(WATCH)
    start = time.monotonic()
    other.goto(shared)
    other.wait_for_function(f"globalThis.latentBoard && {EXPLORER}?.ready", timeout=30_000)
    print(f"ready after {time.monotonic() - start:.2f} s")
    settle(other)
    for found, wanted in zip(pictures(other), expected, strict=True):
        assert found.shape == wanted.shape
        assert np.abs(found - wanted).max() <= 1  # of 255
    assert other.evaluate("location.href") == shared
    # the way came with the map, unmeasured, and was never taken away again
    first, measured = other.evaluate("[first, globalThis.latentBoard.slots.get('ways')].map(seen)")
    assert first["figures"] == [] != measured["figures"]
    assert first["trail"] == measured["trail"] != []
    assert other.evaluate("gone") == 0
    context.close()


def test_a_bad_address_is_said_and_the_page_goes_on(page: Page, address: str) -> None:
    open_page(page, f"{address}/?model=<script>alert(1)</script>&stops=3,1e99&steps=x&at=-4")
    wait_for_map(page)
    for part in (
        "model: '<script>alert(1)</script>' is not on", "stops: B is the number",
        "steps: is one of 5, 7, 9, 13, 17; got 'x'", "at: is a share of the way",
    ):  # fmt: skip
        expect(page.get_by_text(part)).to_be_visible()
    page.wait_for_function("location.search.includes('model=mnist-vae@')")


def test_a_new_server_asked_first_for_a_page_shows_the_app(
    page: Page, tiny_models_folder: Path
) -> None:
    with serving(tiny_models_folder) as new:
        open_page(page, f"{new}/traverse")
        menu = page.get_by_test_id("stSidebarNav")
        expect(menu.get_by_role("link")).to_contain_text(
            ["Explore", "Traverse", "Maps", "Place", "Two chairs", "Clusters", "Repair"]
        )
        expect(page.get_by_role("heading", name="Traverse", exact=True)).to_be_visible()
        assert page.title() == "Latent Explorer"
