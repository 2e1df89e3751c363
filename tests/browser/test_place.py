"""Bringing an image of one's own, and small screens, in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import open_page, settle, wait_for_map
from tests.conftest import digit_images, png


def test_upload_an_image_and_see_it_land(page: Page, address: str, tmp_path: Path) -> None:
    drawn = tmp_path / "seven.png"
    drawn.write_bytes(png(255 - digit_images(10, seed=9)[0][7]))
    open_page(page, f"{address}/place")
    page.set_input_files("input[type=file]", drawn)
    page.wait_for_selector("text=Where it lands", timeout=60_000)
    settle(page)
    wait_for_map(page)
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
