"""Two chairs in a real browser: the slider, a photo of one's own, small screens."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from latent import LatentSpace
from latent.data import Dataset
from tests.browser.conftest import open_page, settle
from tests.conftest import png

# pixels of a canvas, red, green and blue
PIXELS = """canvas => {
  const { width, height } = canvas;
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  return Array.from(data).filter((_, i) => i % 4 < 3);
}"""


@pytest.fixture
def space(tiny_furniture_folder: Path) -> LatentSpace:
    """The model that the page opens with."""
    return LatentSpace(tiny_furniture_folder / "furniture-vae")


@pytest.fixture
def chairs(page: Page, furniture_address: str) -> Page:
    """The page, with its decoder at work."""
    open_page(page, f"{furniture_address}/two_chairs")
    expect(page.locator(".walk .way")).to_be_visible(timeout=30_000)
    return page


def pixels(page: Page, selector: str, at: int = 0) -> np.ndarray:
    """What a canvas shows, shape (64, 64, 3)."""
    canvas = page.locator(selector).nth(at)
    return np.array(canvas.evaluate(PIXELS)).reshape(64, 64, 3)


def numbers(page: Page, count: int = 3) -> list[int]:
    """Those of the three that are images of the gallery, once the page shows so many."""
    fields = page.get_by_role("spinbutton", name="Image number")
    expect(fields).to_have_count(count, timeout=30_000)
    return [int(fields.nth(i).input_value()) for i in range(count)]


def drawn(space: LatentSpace, code: np.ndarray) -> np.ndarray:
    """The decoder's picture of a code, as pixels."""
    return np.moveaxis(space.decode(code[None])[0], 0, 2) * 255


def test_walking_sends_nothing_and_shows_what_the_decoder_draws(
    page: Page, furniture_address: str, space: LatentSpace
) -> None:
    frames: list[str] = []
    page.on("websocket", lambda socket: (
        socket.on("framesent", lambda _: frames.append("sent")),
        socket.on("framereceived", lambda _: frames.append("received")),
    ))  # fmt: skip
    open_page(page, f"{furniture_address}/two_chairs")
    expect(page.locator(".walk .way")).to_be_visible(timeout=30_000)
    page.wait_for_timeout(1500)
    a, _, table = (space.code(index) for index in numbers(page))
    assert np.abs(pixels(page, ".walk .here") - drawn(space, (a + table) / 2)).max() <= 2
    slider = page.locator(".walk input.slider")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] / 2, y)
    page.mouse.down()
    assert frames
    frames.clear()
    page.mouse.move(box["x"] + box["width"] * 0.9, y, steps=12)
    page.wait_for_timeout(300)
    assert frames == []
    t = float(slider.input_value()) / 100
    assert t > 0.8
    assert np.abs(pixels(page, ".walk .here") - drawn(space, (1 - t) * a + t * table)).max() <= 2
    page.mouse.up()
    expect(page.get_by_text(f"At {round(100 * t)} % of the way")).to_be_visible(timeout=15_000)
    assert "sent" in frames


def test_the_keyboard_walks_to_the_table(chairs: Page, space: LatentSpace) -> None:
    slider = chairs.get_by_role("slider", name="Along the way from chair A to the table")
    slider.press("End")
    expect(chairs.locator(".walk .percent")).to_have_text("100 %")
    expect(chairs.get_by_text("At 100 % of the way")).to_be_visible(timeout=15_000)
    assert slider.get_attribute("aria-valuetext") == "100 % of the way from chair A to the table"
    expected = drawn(space, space.code(numbers(chairs)[2]))
    assert np.abs(pixels(chairs, ".walk .here") - expected).max() <= 2
    strip = chairs.locator(".walk .strip canvas")
    assert strip.count() == 9
    assert np.abs(pixels(chairs, ".walk .strip canvas", 8) - expected).max() <= 2


def test_each_picture_stands_beside_its_redrawing_and_the_difference(
    chairs: Page, space: LatentSpace, tiny_furniture: Dataset
) -> None:
    for i, index in enumerate(numbers(chairs)):
        original, redrawn, difference = (
            pixels(chairs, ".cards.square canvas", 3 * i + place) for place in range(3)
        )
        assert np.array_equal(original, tiny_furniture.images[index])
        expected = drawn(space, space.code(index))
        assert np.abs(redrawn - expected).max() <= 2
        assert np.abs(difference - (255 - np.abs(original - expected))).max() <= 2


def test_a_photo_takes_the_place_of_chair_b(
    chairs: Page, space: LatentSpace, tiny_furniture: Dataset, tmp_path: Path
) -> None:
    photo = tmp_path / "mine.png"
    photo.write_bytes(png(tiny_furniture.images[7].repeat(3, 0).repeat(3, 1)))
    before = numbers(chairs)
    chairs.get_by_text("Photos of your own").click()
    chairs.locator("input[type=file]").nth(1).set_input_files(photo)
    expect(chairs.get_by_text("your photo mine.png")).to_be_visible(timeout=60_000)
    settle(chairs)
    assert numbers(chairs, 2) == [before[0], before[2]]
    chairs.wait_for_timeout(500)
    seen = np.moveaxis(pixels(chairs, ".cards.square canvas", 3), 2, 0) / 255
    code = space.encode(seen[None].astype(np.float32))[0]
    redrawn = pixels(chairs, ".cards.square canvas", 4)
    assert np.abs(redrawn - drawn(space, code)).max() <= 2
    chairs.get_by_role("button", name="Back to the gallery").click()
    settle(chairs)
    assert numbers(chairs) == before


def test_a_file_that_is_no_image_is_refused(chairs: Page, tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("no image")
    before = numbers(chairs)
    chairs.get_by_text("Photos of your own").click()
    chairs.locator("input[type=file]").first.set_input_files(text)
    expect(chairs.get_by_text("no PNG, JPEG, WebP, BMP, GIF or TIFF image")).to_be_visible(
        timeout=30_000
    )
    settle(chairs)
    assert chairs.get_by_test_id("stException").count() == 0
    assert numbers(chairs) == before


@pytest.mark.parametrize("width", [390, 640])
def test_nothing_is_cut_off_on_a_small_screen(
    page: Page, furniture_address: str, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    open_page(page, f"{furniture_address}/two_chairs")
    expect(page.locator(".walk .way")).to_be_visible(timeout=30_000)
    assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
