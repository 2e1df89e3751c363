"""Showing, naming and recognising with a real pen, in a real browser."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import open_page, settle
from tests.browser.test_place import SEVEN, bring, draw, thumbs
from tests.conftest import digit_images, png

ZERO = [(0.5, 0.2), (0.3, 0.35), (0.3, 0.65), (0.5, 0.8), (0.7, 0.65), (0.7, 0.35), (0.5, 0.2)]


def named(page: Page, name: str) -> None:
    field = page.get_by_label("It is called")
    field.fill(name)
    field.press("Enter")
    settle(page)
    page.get_by_role("button", name="Remember it").click()
    settle(page)


def test_two_drawings_are_named_and_a_third_is_recognised(page: Page, address: str) -> None:
    open_page(page, f"{address}/recognise")
    page.get_by_text("Begin with what the model knows").click()
    settle(page)
    for count, (strokes, name) in enumerate(((SEVEN, "<b>seven</b>"), (ZERO, "zero")), 1):
        draw(page, strokes)
        expect(thumbs(page)).to_have_count(count, timeout=30_000)
        settle(page)
        named(page, name)
        page.get_by_role("button", name="Next sheet").click()
    draw(page, [(x * 0.95 + 0.03, y * 0.95) for x, y in SEVEN])
    expect(thumbs(page)).to_have_count(3, timeout=30_000)
    expect(page.get_by_role("heading", name="<b>seven</b>")).to_be_visible(timeout=15_000)


def test_names_are_saved_to_a_file_and_another_visit_loads_them(
    page: Page, address: str, tmp_path: Path
) -> None:
    file = tmp_path / "four.png"
    file.write_bytes(png(255 - digit_images(10, seed=9)[0][4]))
    open_page(page, f"{address}/recognise")
    page.get_by_role("radio", name="Files, camera").click()
    settle(page)
    bring(page, file)
    expect(thumbs(page)).to_have_count(1, timeout=30_000)
    settle(page)
    named(page, "mine")
    expect(page.get_by_role("heading", name="This is mine")).to_be_visible()
    with page.expect_download() as found:
        page.get_by_role("button", name="Save all names").click()
    saved = tmp_path / "names.npz"
    found.value.save_as(saved)
    page.reload()
    page.wait_for_selector("h1")
    expect(page.get_by_text("Nothing has a name of yours yet.")).to_be_visible(timeout=30_000)
    page.set_input_files("input[type=file] >> nth=-1", saved)
    expect(page.get_by_text("mine · 1")).to_be_visible(timeout=15_000)
