"""Ways compared on Explore in a real browser."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from latent import LatentSpace
from latent.ways import WAYS, follow
from tests.browser.conftest import open_page, settle, wait_for_map, where

EXPLORER = "globalThis.latentBoard.kept.get('explorer')"
ENDS = [60_000 % 300, 60_030 % 300]  # as the page opens in a gallery of 300


@pytest.fixture
def space(tiny_models_folder: Path) -> LatentSpace:
    """The model that the page opens with."""
    return LatentSpace(tiny_models_folder / "mnist-vae")


@pytest.fixture
def explore(page: Page, address: str) -> Page:
    """The page with its ways measured and drawn."""
    open_page(page, address)
    wait_for_map(page)
    return page


def drawn(page: Page) -> None:
    """Wait until all strips are painted and the lines are on the map."""
    page.wait_for_function(f"{EXPLORER}.model.ways && {EXPLORER}.map.shown.ways?.length === 3",
                           timeout=90_000)  # fmt: skip
    page.wait_for_function(
        f"""() => {{
      const canvases = [...{EXPLORER}.root.querySelectorAll('.ways canvas')];
      return canvases.length > 0 && canvases.every((canvas) => canvas.pixels);
    }}""",
        timeout=90_000,
    )
    page.wait_for_timeout(300)


def pixels(page: Page, name: str) -> np.ndarray:
    """What the strip of a way shows, (T, 28, 28), in [0, 1]."""
    found = page.locator(f".ways [data-way={name}] canvas").evaluate_all(
        """canvases => canvases.map((canvas) => Array.from(
          canvas.getContext('2d').getImageData(0, 0, 28, 28).data.filter((_, i) => i % 4 === 0)))"""
    )
    return np.array(found).reshape(-1, 28, 28) / 255


def test_all_ways_are_drawn_measured_and_compared(explore: Page, space: LatentSpace) -> None:
    drawn(explore)
    for name in WAYS:
        way = follow(space, name, space.gallery.codes[ENDS], 9)
        np.testing.assert_allclose(pixels(explore, name), way.images[:, 0], atol=2.5 / 255)
        head = explore.locator(f".ways [data-way={name}] .figures")
        expect(head).to_have_text(
            f"length {way.length:.2f} · farthest step {way.worst:.0f} % · "
            f"largest change {way.largest_change:.3f}"
        )
    signs = explore.evaluate(f"{EXPLORER}.map.shown.ways.map(({{sign}}) => sign).sort().join('')")
    assert signs == "".join(sorted("■▲◆"))
    assert explore.evaluate(f"{EXPLORER}.map.shown.way.sign") == "●"


def test_a_step_of_another_way_takes_the_slider_there(explore: Page, space: LatentSpace) -> None:
    drawn(explore)
    explore.locator(".ways [data-way=graph] .strip button").nth(6).click()
    expect(explore.locator(".explorer .percent")).to_have_text("75 %")
    expect(explore.get_by_text("Nearest to the step at 75 %")).to_be_visible(timeout=15_000)
    settle(explore)
    explore.wait_for_function("globalThis.latentBoard.slots.get('scene').path === 'graph'")
    expect(explore.locator(".ways .one.active b")).to_have_text("Along the data")
    code = np.array(explore.evaluate(f"Array.from({EXPLORER}.walker.way.codeAt(0.75))"))
    expected = space.walk(*space.gallery.codes[ENDS], 9, "graph")[6]
    np.testing.assert_allclose(code, expected, atol=1e-2)  # codes travel in 16 bits
    explore.get_by_test_id("stMainBlockContainer").get_by_text("Compare", exact=True).click()
    settle(explore)
    expect(explore.locator(".ways")).to_be_hidden()
    expect(explore.locator(".along > .strip")).to_be_visible()
    explore.wait_for_function(f"{EXPLORER}.map.shown.ways === null && {EXPLORER}.map.shown.way")


def test_a_stop_is_added_from_the_map_and_files_are_downloaded(
    explore: Page, space: LatentSpace
) -> None:
    drawn(explore)
    explore.get_by_role("button", name="Add a stop").click()
    explore.mouse.click(*where(explore, 14))
    expect(explore.get_by_text("image 14, labelled")).to_be_visible(timeout=15_000)
    settle(explore)
    explore.wait_for_function(
        f"{EXPLORER}.model.ways?.figures.lerp.changes.length === 16", timeout=90_000
    )
    marks = explore.evaluate(f"{EXPLORER}.map.shown.marks.map(([name]) => name).join('')")
    assert marks == "ABC"
    stops = space.gallery.codes[[*ENDS, 14]]
    drawn(explore)
    way = follow(space, "graph", stops, 9)
    np.testing.assert_allclose(pixels(explore, "graph"), way.images[:, 0], atol=2.5 / 255)
    with explore.expect_download() as download:
        explore.get_by_role("button", name="Table").click()
    rows = download.value.path().read_text().splitlines()
    assert len(rows) == 1 + 4 * 17
    assert download.value.suggested_filename == "table.csv"
