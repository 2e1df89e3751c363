"""Looking for what is alike, with a real pointer, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from latent.data import TEST, Dataset
from tests.browser.conftest import open_page, serving, settle
from tests.conftest import png
from tests.test_archive import packed


@pytest.fixture(scope="module")
def similar(tiny_designs_folder: Path) -> Iterator[str]:
    """Address of the page, of an app with the tiny models of furniture."""
    with serving(tiny_designs_folder) as address:
        yield f"{address}/similar"


def names(page: Page) -> list[str]:
    return page.locator(".results .name").all_text_contents()


def test_more_and_less_rank_anew_and_a_picture_is_looked_for(page: Page, similar: str) -> None:
    open_page(page, similar)
    pieces = page.locator(".results .piece")
    expect(pieces).to_have_count(12, timeout=60_000)
    before = names(page)
    liked = before[8]
    pieces.nth(8).get_by_role("button", name=f"More like {liked}").click()
    expect(page.get_by_text("What is now valued")).to_be_visible(timeout=15_000)
    settle(page)
    assert names(page).index(liked) < 8
    pressed = page.get_by_role("button", name=f"More like {liked}")
    expect(pressed).to_have_attribute("aria-pressed", "true")
    disliked = names(page)[2]
    page.get_by_role("button", name=f"Less like {disliked}").click()
    settle(page)
    expect(page.get_by_text("Less like", exact=True)).to_be_visible()
    assert disliked not in names(page)[:2]  # others lost less by it
    page.get_by_role("button", name="Forget it").click()
    expect(page.get_by_text("What is now valued")).to_have_count(0, timeout=15_000)
    settle(page)
    assert names(page) == before
    page.get_by_role("button", name=f"Look for {liked}").click()
    settle(page)
    expect(page.get_by_text(liked, exact=True).first).to_be_visible()
    assert liked not in names(page)


def test_photos_and_an_archive_become_a_catalogue_with_a_table(
    page: Page, similar: str, tiny_furniture: Dataset, tmp_path: Path
) -> None:
    images = tiny_furniture.images[tiny_furniture.split == TEST]
    for i in range(3):
        (tmp_path / f"<b>{i}.png").write_bytes(png(images[i]))
    (tmp_path / "bad.png").write_bytes(b"no picture")
    inside = [(f"in/{i}.png", png(images[i])) for i in range(3, 7)]
    (tmp_path / "all.zip").write_bytes(packed(*inside, ("../up.png", png(images[8]))))
    (tmp_path / "prices.csv").write_text("file,price\n3.png,10\n4.png,20\n5.png,90\nx.png,1\n")
    open_page(page, similar)
    page.get_by_role("radio", name="Your photos").click()
    settle(page)
    page.set_input_files("input[type=file]", [
        *sorted(tmp_path.glob("*.png")), tmp_path / "all.zip",
    ])  # fmt: skip
    expect(page.get_by_text("7 photos")).to_be_visible(timeout=60_000)
    settle(page)
    expect(page.locator(".results .piece")).to_have_count(6)
    assert "<b>1.png" in names(page)
    page.get_by_text("2 could not be taken").click()
    page.get_by_role("button", name="A table with numbers").click()
    page.set_input_files("input[type=file] >> nth=-1", tmp_path / "prices.csv")
    expect(page.get_by_text("The table has numbers for 3 of 7 photos.")).to_be_visible(
        timeout=30_000
    )
    expect(page.get_by_text("1 of its names are not here")).to_be_visible()
    settle(page)
    page.keyboard.press("Escape")
    page.get_by_text("Only within these numbers").click()
    slider = page.get_by_role("slider").last
    slider.focus()
    for _ in range(3):
        slider.press("ArrowLeft")
    settle(page)
    assert set(names(page)) <= {"3.png", "4.png", "5.png"}
    page.get_by_role("button", name="Remove all").click()
    expect(page.get_by_text("they become your catalogue")).to_be_visible(timeout=15_000)
