"""The main job in a real browser: choose two digits, walk between them, bring one's own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from latent import LatentSpace
from tests.browser.conftest import settle
from tests.conftest import digit_images, png

SPOT = """([x, y]) => {
  const plot = document.querySelector('.js-plotly-plot');
  const {xaxis, yaxis} = plot._fullLayout;
  const box = plot.getBoundingClientRect();
  return [box.left + xaxis._offset + xaxis.d2p(x), box.top + yaxis._offset + yaxis.d2p(y)];
}"""


def open_page(page: Page, url: str) -> None:
    page.goto(url)
    page.wait_for_selector("h1", timeout=60_000)
    settle(page)


def source(page: Page, alt: str) -> str:
    """Address of a picture; it names the content."""
    address = page.get_by_alt_text(alt).get_attribute("src")
    assert address
    return address


def test_walk_from_one_digit_to_another(page: Page, address: str, tiny_models_folder: Path) -> None:
    space = LatentSpace(tiny_models_folder / "mnist-vae")
    open_page(page, address)
    page.wait_for_selector(".js-plotly-plot .main-svg")
    page.wait_for_timeout(1000)
    # two images of the test split that no other dot hides: the outermost left and right
    shown = np.flatnonzero(space.gallery.split == 1)
    xy = space.map("umap2").xy
    for side, index in enumerate((shown[xy[shown, 0].argmin()], shown[xy[shown, 0].argmax()])):
        page.mouse.click(*page.evaluate(SPOT, [float(v) for v in xy[index]]))
        number = page.get_by_role("spinbutton", name="Image number").nth(side)
        expect(number).to_have_value(str(index), timeout=15_000)
        settle(page)
    a, b = source(page, "Picture of A"), source(page, "Picture of B")
    assert a != b

    strip = source(page, "Decoded steps from A to B")
    middle = source(page, "Decoded at 50 % of the way")
    slider = page.get_by_role("slider", name="Along the way from A to B")
    slider.press("End")
    expect(page.get_by_alt_text("Decoded at 100 % of the way")).to_be_visible()
    assert source(page, "Decoded at 100 % of the way") != middle
    assert source(page, "Decoded steps from A to B") == strip


def test_upload_an_image_and_see_it_land(page: Page, address: str, tmp_path: Path) -> None:
    drawn = tmp_path / "seven.png"
    drawn.write_bytes(png(255 - digit_images(10, seed=9)[0][7]))
    open_page(page, f"{address}/place")
    page.set_input_files("input[type=file]", drawn)
    page.wait_for_selector("text=Where it lands", timeout=60_000)
    settle(page)
    page.wait_for_function(
        "[...document.querySelectorAll('.js-plotly-plot')]"
        ".some(plot => plot.layout?.annotations?.some(mark => mark.text.includes('yours')))"
    )
    page.get_by_role("button", name="Use it as A").click()
    expect(page.get_by_text("It is A now")).to_be_visible()
    page.get_by_role("link", name="Explore").click()
    expect(page.get_by_text("your image seven.png")).to_be_visible(timeout=30_000)


def test_a_file_that_is_no_image_is_refused(page: Page, address: str, tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("no image")
    open_page(page, f"{address}/place")
    page.set_input_files("input[type=file]", text)
    expect(page.get_by_text("no PNG or JPEG image")).to_be_visible(timeout=30_000)
    assert page.get_by_test_id("stException").count() == 0


@pytest.mark.parametrize("path", ["", "place"])
def test_nothing_is_cut_off_on_a_phone(page: Page, address: str, path: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    open_page(page, f"{address}/{path}")
    wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    assert not wide
