"""Explore in a real browser: a pointer, a keyboard, and a live map."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from latent import LatentSpace
from latent.data import Dataset
from tests.browser.conftest import WHERE, open_page, settle, wait_for_map, where

VIEW = "() => globalThis.latentBoard.kept.get('explorer').map.camera.view"
CHOSEN = "(side) => globalThis.latentBoard.kept.get('explorer').choice[side].index"


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


def test_a_point_in_space_is_picked_after_an_orbit(explore: Page) -> None:
    explore.get_by_text("3-D", exact=True).click()
    settle(explore)
    wait_for_map(explore)
    box = explore.locator("canvas.marks").bounding_box()
    assert box
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    explore.mouse.move(*middle)
    explore.mouse.down()
    explore.mouse.move(middle[0] + 140, middle[1] - 60, steps=8)
    explore.mouse.up()
    isolated = explore.evaluate("""() => {
      const {right, down} = globalThis.latentBoard.kept.get('explorer').map.field;
      const alone = Array.from(right, (x, i) => Math.min(...Array.from(right, (other, j) =>
        i === j ? Infinity : Math.hypot(other - x, down[j] - down[i]))));
      return alone.indexOf(Math.max(...alone));
    }""")
    x, y = where(explore, isolated)
    explore.mouse.click(x + 2, y - 1)
    expect(number(explore, "A")).to_have_value(str(isolated), timeout=15_000)


def test_a_rerun_leaves_camera_and_slider_where_they_are(explore: Page, space: LatentSpace) -> None:
    box = explore.locator("canvas.marks").bounding_box()
    assert box
    explore.mouse.move(box["x"] + 300, box["y"] + 200)
    explore.mouse.wheel(0, -250)
    explore.get_by_role("slider", name="Along the way").press("PageUp")
    expect(explore.get_by_text("Nearest to the step at 60 %")).to_be_visible(timeout=15_000)
    view = explore.evaluate(VIEW)
    assert view["zoom"] > 1.2
    number(explore, "A").fill("25")
    number(explore, "A").press("Enter")
    expect(explore.get_by_text(f"image 25, labelled {space.gallery.labels[25]}")).to_be_visible()
    settle(explore)
    chosen = "() => globalThis.latentBoard.kept.get('explorer').choice.a.index"
    explore.wait_for_function(f"({chosen})() === 25")
    assert explore.evaluate(VIEW) == view
    expect(explore.locator(".explorer .percent")).to_have_text("60 %")


def test_hover_and_drag_send_nothing_to_the_server(
    page: Page, address: str, space: LatentSpace
) -> None:
    frames: list[str] = []
    page.on("websocket", lambda socket: (
        socket.on("framesent", lambda _: frames.append("sent")),
        socket.on("framereceived", lambda _: frames.append("received")),
    ))  # fmt: skip
    open_page(page, address)
    wait_for_map(page)
    page.wait_for_timeout(1000)
    assert frames
    frames.clear()
    before = picture(page, ".here")
    for index in range(0, 300, 30):
        page.mouse.move(*where(page, index))
    expect(page.locator(".explorer .card .what")).to_contain_text("image")
    page.keyboard.down("Alt")
    page.mouse.move(*where(page, 50))
    expect(page.locator(".explorer .card .what")).to_have_text("Decoded here")
    page.keyboard.up("Alt")
    slider = page.locator("input.slider").bounding_box()
    assert slider
    y = slider["y"] + slider["height"] / 2
    page.mouse.move(slider["x"] + slider["width"] / 2, y)
    page.mouse.down()
    page.mouse.move(slider["x"] + slider["width"] * 0.9, y, steps=12)
    page.wait_for_timeout(300)
    assert picture(page, ".here") != before
    assert frames == []
    page.mouse.up()
    expect(page.get_by_text("Nearest to the step at 9")).to_be_visible(timeout=15_000)
    assert "sent" in frames


def test_the_keyboard_alone_chooses_and_walks(explore: Page, space: LatentSpace) -> None:
    marks = explore.locator("canvas.marks")
    marks.focus()
    box = marks.bounding_box()
    assert box
    at = np.array([box["x"] + box["width"] / 2, box["y"] + box["height"] / 2])
    for side, target in zip("AB", outermost(space, "umap2", 1), strict=True):
        right, down = np.rint((np.array(where(explore, target)) - at) / 10).astype(int)
        for steps, keys in ((right, ("ArrowLeft", "ArrowRight")), (down, ("ArrowUp", "ArrowDown"))):
            for _ in range(abs(steps)):
                explore.keyboard.press(keys[int(steps > 0)])
        at += 10 * np.array([right, down])
        explore.keyboard.press("Enter")
        # some dots all but coincide: the one chosen is no farther from the cursor than the target
        chosen = explore.evaluate(CHOSEN, side.lower())
        reach = [np.linalg.norm(np.array(where(explore, i)) - at) for i in (chosen, target)]
        assert reach[0] <= reach[1] + 1
        expect(number(explore, side)).to_have_value(str(chosen), timeout=15_000)
        settle(explore)
    for _ in range(20):
        explore.keyboard.press("Tab")
        if explore.evaluate("""() => {
          let at = document.activeElement;
          while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
          return at?.classList.contains('slider');
        }"""):
            break
    explore.keyboard.press("Home")
    expect(explore.locator(".explorer .percent")).to_have_text("0 %")
    slider = explore.get_by_role("slider", name="Along the way")
    explore.keyboard.press("ArrowRight")
    assert "1 %" in (slider.get_attribute("aria-valuetext") or "")


def test_a_dragged_point_snaps_to_an_image_and_with_shift_does_not(explore: Page) -> None:
    def drag(to: int, offset: int) -> None:
        """Drag B there, a few pixels beside the image."""
        x, y = explore.evaluate(
            f"() => ({WHERE})(globalThis.latentBoard.kept.get('explorer').choice.b.index)"
        )
        explore.mouse.move(x, y)
        explore.mouse.down()
        to_x, to_y = where(explore, to)
        explore.mouse.move(to_x + offset, to_y, steps=6)
        explore.mouse.up()

    xy = "globalThis.latentBoard.kept.get('explorer').map.field"
    edge = explore.evaluate(
        f"() => {{const f = {xy}; return f.right.indexOf(Math.max(...f.right))}}"
    )
    drag(edge, 4)
    expect(number(explore, "B")).to_have_value(str(edge), timeout=15_000)
    settle(explore)
    explore.keyboard.down("Shift")
    drag(edge, -9)
    explore.keyboard.up("Shift")
    expect(explore.get_by_text("a spot between the dots")).to_be_visible(timeout=15_000)


def test_the_legend_hides_and_shows_alone(explore: Page) -> None:
    shown = """() => {
      const {state, colours} = globalThis.latentBoard.kept.get('explorer').map.field;
      return [...new Set(colours.filter((_, i) => state[i] === 2))].sort();
    }"""
    chips = explore.locator(".explorer .legend button")
    chips.nth(3).click()
    assert explore.evaluate(shown) == [0, 1, 2, 4, 5, 6, 7, 8, 9]
    chips.nth(3).click()
    chips.nth(7).dblclick()
    assert explore.evaluate(shown) == [7]


def test_a_cause_colours_and_filters_and_what_it_hides_stays_hidden(
    page: Page, furniture_address: str, tiny_furniture: Dataset
) -> None:
    open_page(page, furniture_address)
    wait_for_map(page)
    shown = """() => {
      const {state} = globalThis.latentBoard.kept.get('explorer').map.field;
      return Array.from(state.keys()).filter((i) => state[i] === 2);
    }"""
    kinds = tiny_furniture.factors["kind"]
    page.get_by_label("Colour").select_option("Kind")
    chips = page.locator(".explorer .legend button")
    assert sorted(chips.all_inner_texts()) == ["chair", "dining"]
    page.get_by_role("button", name="dining", exact=True).click()
    assert page.evaluate(shown) == np.flatnonzero(kinds == 0).tolist()
    page.get_by_label("Colour").select_option("Width (m)")
    assert chips.count() == 6
    chips.nth(0).dblclick()
    width = tiny_furniture.factors["width"]
    narrow = np.quantile(width.astype(np.float16).astype(float), 1 / 6)
    left = page.evaluate(shown)
    assert left
    assert set(left) <= set(np.flatnonzero((kinds == 0) & (width < narrow + 1e-3)))


def test_the_lasso_gives_the_chosen_images_and_their_numbers(explore: Page) -> None:
    explore.get_by_text("Lasso", exact=True).click()
    box = explore.locator("canvas.marks").bounding_box()
    assert box
    left, top = box["x"] + 3, box["y"] + 3
    right, bottom = left + box["width"] - 6, top + box["height"] - 6
    explore.mouse.move(left, top)
    explore.mouse.down()
    for corner in ((right, top), (right, bottom), (left, bottom)):
        explore.mouse.move(*corner, steps=3)
    explore.mouse.up()
    expect(explore.locator(".explorer .count")).to_contain_text("300 images")
    with explore.expect_download() as download:
        explore.get_by_role("button", name="Download numbers").click()
    rows = download.value.path().read_text().splitlines()
    assert rows[0] == "number,label"
    assert len(rows) == 301


def test_without_a_canvas_the_page_says_so(page: Page, address: str) -> None:
    page.add_init_script("HTMLCanvasElement.prototype.getContext = () => null")
    open_page(page, address)
    expect(page.get_by_text("this browser gives no canvas")).to_be_visible(timeout=30_000)


def test_weights_that_do_not_fit_are_said_and_the_map_stays(page: Page, address: str) -> None:
    page.add_init_script("""globalThis.latentBoard = {readers: new Set(), kept: new Map(),
      slots: new (class extends Map {
        set(slot, value) {
          const cut = slot === 'decoder' ? {arrays: {weights: new Float32Array(5)}} : {};
          return super.set(slot, {...value, ...cut});
        }
      })()}""")
    open_page(page, address)
    expect(page.get_by_text("the weights do not fit layer 0")).to_be_visible(timeout=30_000)
    page.wait_for_function("globalThis.latentBoard.kept.get('explorer').map.field.right.length")


def test_fingers_choose_pan_and_pinch(browser: Browser, address: str, space: LatentSpace) -> None:
    context = browser.new_context(viewport={"width": 800, "height": 1200}, has_touch=True)
    page = context.new_page()
    open_page(page, address)
    wait_for_map(page)
    fingers = context.new_cdp_session(page)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        at = [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(points)]
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": at})

    target = outermost(space, "umap2", 0)[0]
    x, y = where(page, target)
    page.touchscreen.tap(x, y)
    expect(number(page, "A")).to_have_value(str(target), timeout=15_000)
    expect(page.locator(".explorer .card .what")).to_contain_text(f"image {target}")
    before = page.evaluate(VIEW)
    box = page.locator("canvas.marks").bounding_box()
    assert box
    x, y = box["x"] + 60, box["y"] + box["height"] - 40  # away from A and B
    touch("touchStart", (x, y))
    for step in range(1, 6):
        touch("touchMove", (x + 12 * step, y - 6 * step))
    touch("touchEnd")
    panned = page.evaluate(VIEW)
    assert panned["zoom"] == before["zoom"]
    assert panned != before
    touch("touchStart", (x, y))
    touch("touchStart", (x, y), (x + 50, y))
    for step in range(1, 6):
        touch("touchMove", (x, y), (x + 50 + 10 * step, y))
    touch("touchEnd")
    assert page.evaluate(VIEW)["zoom"] == pytest.approx(2 * panned["zoom"], rel=0.1)
    assert number(page, "A").input_value() == str(target)
    context.close()
