"""Explore in a real browser: a pointer, a keyboard, and a live map."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from latent import LatentSpace
from tests.browser.conftest import open_page, settle, wait_for_map

# the page of a browser's explorer, for tests that must know where a point stands
WHERE = """(index) => {
  const {map} = globalThis.latentBoard.kept.get('explorer');
  const box = map.overlay.canvas.getBoundingClientRect();
  const [x, y] = map.camera.project(map.pointOf(index), new Float64Array(3));
  return [box.left + x, box.top + y];
}"""
VIEW = "() => globalThis.latentBoard.kept.get('explorer').map.camera.view"


def where(page: Page, index: int) -> list[float]:
    """Pixel of the page at which an image's dot stands."""
    return page.evaluate(WHERE, int(index))


def picture(page: Page, selector: str) -> bytes:
    """Pixels of a canvas, as the browser encodes them."""
    url = page.locator(f".explorer {selector}").evaluate("canvas => canvas.toDataURL()")
    return url.encode()


@pytest.fixture
def space(tiny_models_folder: Path) -> LatentSpace:
    """The model that the page opens with."""
    return LatentSpace(tiny_models_folder / "mnist-vae")


@pytest.fixture
def explore(page: Page, address: str) -> Page:
    """The page, with its map at rest."""
    open_page(page, address)
    wait_for_map(page)
    return page


def number(page: Page, side: str) -> object:
    """The plain widget with the number of A or B."""
    return page.get_by_role("spinbutton", name="Image number").nth("AB".index(side))


def outermost(space: LatentSpace, map_name: str, axis: int) -> tuple[int, int]:
    """Two images that no other dot hides."""
    xy = space.map(map_name).xy
    return int(xy[:, axis].argmin()), int(xy[:, axis].argmax())


def test_two_clicks_choose_a_and_b_and_the_slider_walks(explore: Page, space: LatentSpace) -> None:
    for side, index in zip("AB", outermost(space, "umap2", 0), strict=True):
        explore.mouse.click(*where(explore, index))
        expect(number(explore, side)).to_have_value(str(index), timeout=15_000)
        settle(explore)
    middle = picture(explore, ".here")
    explore.get_by_role("slider", name="Along the way from A to B").press("End")
    expect(explore.locator(".explorer .percent")).to_have_text("100 %")
    assert picture(explore, ".here") != middle
    expect(explore.get_by_text("Nearest to the step at 100 %")).to_be_visible(timeout=15_000)
