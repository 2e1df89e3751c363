"""Traverse in a real browser: sliders, rows, plane and cloud follow the finger."""

from __future__ import annotations

import re
import time
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from latent import LatentSpace
from latent.importance import Importance, importance
from tests.browser.conftest import ROOT, open_page, serving, settle, wait_for_map

TRAVERSE = "globalThis.latentBoard?.kept.get('traverse')"
FILLED = f"{TRAVERSE}?.filler.groups.every(group => !group.left)"
COVERED = "() => document.documentElement.scrollWidth > window.innerWidth"


@pytest.fixture
def space(tiny_models_folder: Path) -> LatentSpace:
    """The model that the page opens with."""
    return LatentSpace(tiny_models_folder / "mnist-vae")


@pytest.fixture
def known(space: LatentSpace) -> Importance:
    """What is known of its numbers."""
    return importance(space.gallery.codes, space.gallery.logvar)


@pytest.fixture
def traffic(page: Page) -> list[str]:
    """Messages between page and server, from now on."""
    frames: list[str] = []
    page.on("websocket", lambda socket: (
        socket.on("framesent", lambda _: frames.append("sent")),
        socket.on("framereceived", lambda _: frames.append("received")),
    ))  # fmt: skip
    return frames


@pytest.fixture
def opened(page: Page, address: str, traffic: list[str]) -> Page:
    """The page, with all its pictures drawn."""
    page.add_init_script("globalThis.latentTimings = []")
    open_page(page, f"{address}/traverse")
    page.wait_for_function(FILLED, timeout=60_000)
    settle(page)
    page.wait_for_timeout(1000)
    return page


def pictures(page: Page, selector: str) -> list[str]:
    """Pixels of canvases, as the browser encodes them."""
    found = page.locator(f".traverse {selector}")
    return found.evaluate_all("all => all.map(canvas => canvas.toDataURL())")


def code(page: Page) -> list[float]:
    return page.evaluate(f"{TRAVERSE}.code")


def slider(page: Page, dim: int) -> Locator:
    return page.get_by_role("slider", name=f"Number {dim + 1}", exact=True)


def answered(page: Page) -> int:
    """Number of the last movement that Python has answered to."""
    return page.evaluate("globalThis.latentBoard.slots.get('traverse').seq")


def wait_for_answer(page: Page, before: int) -> None:
    """Wait until Python has answered to a later movement."""
    page.wait_for_function(f"globalThis.latentBoard.slots.get('traverse').seq > {before}")


def hold(page: Page, dim: int, start: float, end: float) -> None:
    """Press the slider at one share of its width and move to another; do not let go."""
    box = slider(page, dim).bounding_box()
    assert box
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + start * box["width"], y)
    page.mouse.down()
    page.mouse.move(box["x"] + end * box["width"], y, steps=12)


def test_numbers_stand_in_order_of_importance(opened: Page, known: Importance) -> None:
    names = opened.locator(".traverse .name b").all_inner_texts()
    assert names == [f"number {dim + 1}" for dim in known.order]
    measures = opened.locator(".traverse .measure").all_inner_texts()
    assert measures == [f"KL {known.values[dim]:.2f} nats" for dim in known.order]


def test_the_picture_follows_a_held_slider_without_a_message(
    opened: Page, traffic: list[str], known: Importance
) -> None:
    dim = int(known.order[0])
    shown, before = pictures(opened, ".here"), code(opened)
    traffic.clear()
    hold(opened, dim, 0.5, 0.95)
    opened.wait_for_timeout(300)
    assert pictures(opened, ".here") != shown
    assert traffic == []
    moved = code(opened)
    assert moved[dim] > known.mean[dim] + 2 * known.std[dim]
    assert np.delete(moved, dim).tolist() == np.delete(before, dim).tolist()
    known_to_python = answered(opened)
    opened.mouse.up()
    wait_for_answer(opened, known_to_python)
    assert "sent" in traffic


def test_the_large_picture_is_what_python_decodes(opened: Page, space: LatentSpace) -> None:
    slider(opened, 2).press("End")
    pixels = opened.locator(".traverse .here").evaluate("""canvas =>
      Array.from(canvas.getContext('2d').getImageData(0, 0, 28, 28).data)""")
    expected = space.decode(np.float32([code(opened)]))[0, 0] * 255
    assert np.abs(np.reshape(pixels, (28, 28, 4))[..., 0] - expected).max() <= 1.5


def test_rows_are_complete_within_a_second_of_release(opened: Page, known: Importance) -> None:
    dim = int(known.order[0])
    rows = pictures(opened, ".bank canvas")
    steps = len(rows) // len(known.order)
    hold(opened, dim, 0.5, 0.1)
    opened.evaluate("globalThis.latentTimings.length = 0")
    opened.mouse.up()
    start = time.perf_counter()
    opened.wait_for_function("latentTimings.some(([what]) => what === 'traverse rows')")
    assert time.perf_counter() - start < 1
    after = pictures(opened, ".bank canvas")
    # its own row does not depend on it; all the others are new
    assert after[:steps] == rows[:steps]
    assert all(a != b for a, b in zip(after[steps:], rows[steps:], strict=True))
    # and show what stands under the slider: the current picture, where a step lies on it
    opened.wait_for_function(FILLED)
    opened.locator(".bank .number").nth(1).locator(".thumb").nth(4).click()
    assert pictures(opened, ".here")[0] == after[steps + 4]


def test_keys_move_a_slider_by_a_tenth_and_by_one_standard_deviation(
    opened: Page, known: Importance
) -> None:
    before, known_to_python = code(opened), answered(opened)
    slider(opened, 1).press("ArrowRight")
    assert code(opened)[1] == pytest.approx(before[1] + 0.1 * known.std[1], abs=1e-4)
    slider(opened, 1).press("PageDown")
    assert code(opened)[1] == pytest.approx(before[1] - 0.9 * known.std[1], abs=1e-4)
    slider(opened, 1).press("Home")
    assert code(opened)[1] == pytest.approx(known.mean[1] - 3 * known.std[1], abs=1e-4)
    words = slider(opened, 1).get_attribute("aria-valuetext") or ""
    assert "−3.00 standard deviations from the mean" in words
    wait_for_answer(opened, known_to_python)
    assert opened.evaluate("globalThis.latentBoard.slots.get('traverse').code") == code(opened)


def test_every_slider_is_reached_with_tab(opened: Page, known: Importance) -> None:
    slider(opened, int(known.order[0])).focus()
    opened.keyboard.press("ArrowLeft")  # makes its reset a stop of its own
    reached = []
    for _ in range(8):
        reached.append(
            opened.evaluate("""() => {
          let at = document.activeElement;
          while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
          return at?.getAttribute('aria-label');
        }""")
        )
        opened.keyboard.press("Tab")
    names = [f"Number {dim + 1}" for dim in known.order]
    assert [name for name in reached if name in names] == names


def test_reset_puts_one_number_back_and_reset_all_the_rest(opened: Page) -> None:
    before = code(opened)
    for dim in (0, 2):
        slider(opened, dim).press("End")
    opened.get_by_role("button", name="Put number 1 back to the start").click()
    assert code(opened)[0] == before[0]
    assert code(opened)[2] != before[2]
    opened.get_by_role("button", name="Reset all").click()
    assert code(opened) == before
    expect(opened.get_by_role("button", name="Reset all")).to_be_disabled()


def test_a_click_on_the_plane_sets_its_two_numbers(opened: Page, known: Importance) -> None:
    across, up = (int(dim) for dim in known.order[:2])
    before = code(opened)
    marks = opened.locator(".whole .marks")
    box = marks.bounding_box()
    assert box
    shown = pictures(opened, ".here")
    opened.mouse.move(box["x"] + 0.75 * box["width"], box["y"] + 0.25 * box["height"])
    expected = [known.mean[dim] + 1.5 * known.std[dim] for dim in (across, up)]
    words = " · ".join(
        f"number {dim + 1}: {'−' if value < 0 else '+'}{abs(value):.2f}"
        for dim, value in zip((across, up), expected, strict=True)
    )
    expect(opened.locator(".traverse .where")).to_have_text(words)
    under = pictures(opened, ".here")
    assert under != shown
    assert code(opened) == before
    opened.mouse.move(box["x"] + box["width"] / 2, box["y"] - 30)
    assert pictures(opened, ".here") == shown
    opened.mouse.click(box["x"] + 0.75 * box["width"], box["y"] + 0.25 * box["height"])
    moved = code(opened)
    assert [moved[across], moved[up]] == pytest.approx(expected, abs=0.02)
    others = [across, up]
    assert np.delete(moved, others).tolist() == np.delete(before, others).tolist()
    opened.mouse.move(box["x"] + box["width"] / 2, box["y"] - 30)
    assert pictures(opened, ".here") == under


def test_another_number_across_gives_another_plane(opened: Page, known: Importance) -> None:
    plane = pictures(opened, ".whole .tiles")
    across, up = (int(dim) for dim in known.order[:2])
    opened.get_by_label("Across").select_option(str(up))  # the other one gives way
    assert opened.evaluate(f"{TRAVERSE}.axes") == [up, across]
    opened.wait_for_function(FILLED)
    assert pictures(opened, ".whole .tiles") != plane


def test_sliders_survive_a_rerun_and_the_way_to_another_page_and_back(opened: Page) -> None:
    known_to_python = answered(opened)
    slider(opened, 1).press("End")
    slider(opened, 3).press("Home")
    moved = code(opened)
    opened.get_by_text("± 4", exact=True).click()  # before Python has heard of the keys
    wait_for_answer(opened, known_to_python)
    opened.wait_for_function(f"{TRAVERSE}.scene.reach === 4 && {FILLED}")
    assert code(opened) == moved
    assert float(slider(opened, 1).get_attribute("max") or 0) == 4
    assert float(slider(opened, 1).input_value()) == pytest.approx(3, abs=1e-3)
    settle(opened)
    opened.get_by_role("link", name="Explore").click()
    expect(opened.get_by_role("heading", name="Explore")).to_be_visible(timeout=30_000)
    settle(opened)
    opened.get_by_role("link", name="Traverse").click()
    expect(opened.get_by_role("heading", name="Traverse", exact=True)).to_be_visible(timeout=30_000)
    opened.wait_for_function(FILLED, timeout=30_000)
    settle(opened)
    assert code(opened) == pytest.approx(moved)


def test_another_start_moves_all_sliders(opened: Page, space: LatentSpace) -> None:
    slider(opened, 0).press("End")
    opened.get_by_role("spinbutton", name="Start from image").fill("25")
    opened.get_by_role("spinbutton", name="Start from image").press("Enter")
    opened.wait_for_function(f"Math.abs({TRAVERSE}.code[0] - {space.code(25)[0]}) < 1e-4")
    assert code(opened) == pytest.approx(space.code(25).tolist(), abs=1e-6)
    expect(opened.locator(".posterior .image")).to_have_text("25")


def test_draws_of_the_posterior_become_the_code_and_are_drawn_anew(opened: Page) -> None:
    codes = opened.evaluate(f"{TRAVERSE}.posterior.codes")
    draws = opened.locator(".draws .thumb")
    expect(draws).to_have_count(len(codes))
    draws.nth(3).click()
    assert code(opened) == codes[3]
    opened.get_by_role("button", name="Draw again").click()
    again = opened.evaluate(f"{TRAVERSE}.posterior.codes")
    assert again[0] == codes[0]
    assert all(a != b for a, b in zip(again[1:], codes[1:], strict=True))
    expect(draws).to_have_count(len(codes))


def test_the_ellipses_have_the_size_of_the_posterior(
    page: Page, address: str, tiny_models_folder: Path
) -> None:
    open_page(page, f"{address}/traverse")
    page.get_by_role("combobox", name=re.compile("Model")).click()
    page.get_by_role("option", name="VAE, 2 numbers").click()
    page.wait_for_function(f"{TRAVERSE}?.scene.model === 'mnist-vae-2d' && {FILLED}")
    gallery = LatentSpace(tiny_models_folder / "mnist-vae-2d").gallery
    index = page.evaluate(f"{TRAVERSE}.scene.posterior.image")
    axes = page.evaluate(f"{TRAVERSE}.axes")
    spread = np.exp(0.5 * gallery.logvar[index].astype(float))[axes]
    rings = page.evaluate(f"{TRAVERSE}.plane.shown.rings")
    # the plane is six standard deviations of the gallery wide
    whole = 6 * gallery.codes.astype(float).std(0)[axes]
    for times, ring in enumerate(rings, start=1):
        assert ring["radii"] == pytest.approx((times * spread / whole).tolist(), rel=1e-4)
    assert page.locator(".traverse .desk").evaluate("desk => desk.classList.contains('few')")


def test_a_code_taken_along_is_placed_on_the_map_of_explore(opened: Page) -> None:
    slider(opened, 1).press("End")
    opened.wait_for_timeout(500)
    settle(opened)
    moved = code(opened)
    opened.get_by_role("button", name="Use it as A").click()
    expect(opened.get_by_text("It is A now")).to_be_visible(timeout=15_000)
    opened.get_by_role("link", name="Explore").click()
    expect(opened.get_by_text("a code made with the sliders")).to_be_visible(timeout=30_000)
    wait_for_map(opened)
    end = opened.evaluate("Array.from(latentBoard.kept.get('explorer').walker.way.ends[0].code)")
    assert end == pytest.approx(moved, abs=1e-5)
    spot = opened.evaluate("Array.from(latentBoard.kept.get('explorer').walker.way.ends[0].spot)")
    assert np.isfinite(spot).all()


def test_the_same_image_is_drawn_by_every_model(opened: Page) -> None:
    cards = opened.locator(".cards figure")
    expect(cards).to_have_count(3)
    drawn = opened.locator(".cards canvas").evaluate_all("all => all.map(c => c.toDataURL())")
    assert len(set(drawn)) == 3
    blank = opened.evaluate("document.createElement('canvas').toDataURL()")
    assert blank not in drawn


@pytest.mark.parametrize("width", [390, 640, 1400])
def test_nothing_is_cut_off_and_the_picture_stays_in_sight(
    page: Page, address: str, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    open_page(page, f"{address}/traverse")
    page.wait_for_function(FILLED, timeout=60_000)
    assert not page.evaluate(COVERED)
    last = page.locator(".bank .number").last
    last.scroll_into_view_if_needed()
    box = page.locator(".traverse .here").bounding_box()
    assert box
    assert box["y"] >= 0
    assert box["y"] + box["height"] <= 900


def test_a_finger_moves_a_slider(browser, address: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = context.new_page()
    open_page(page, f"{address}/traverse")
    page.wait_for_function(FILLED, timeout=60_000)
    settle(page)
    before = code(page)
    knob = slider(page, 0)
    knob.scroll_into_view_if_needed()
    box = knob.bounding_box()
    assert box
    page.touchscreen.tap(box["x"] + 0.9 * box["width"], box["y"] + box["height"] / 2)
    page.wait_for_function(f"{TRAVERSE}.code[0] > {before[0]}")
    context.close()


SERVED = """
import runpy, sys
sys.path.insert(0, {root!r})
from latent.runtime import NotPortableError
from ui import resources
def refuse(folder, part):
    raise NotPortableError("too large")
resources.portable = refuse
runpy.run_path("pages/traverse.py")
"""


def test_a_released_slider_is_drawn_by_the_server_where_the_browser_cannot(
    page: Page, tiny_models_folder: Path, tmp_path: Path, known: Importance
) -> None:
    script = tmp_path / "served.py"
    script.write_text(SERVED.format(root=str(ROOT)))
    with serving(tiny_models_folder, script) as url:
        open_page(page, url)
        page.wait_for_function(FILLED, timeout=120_000)
        dim = int(known.order[0])
        picture, rows = pictures(page, ".here"), pictures(page, ".bank canvas")
        slider(page, dim).press("End")
        expect(page.get_by_text("the server draws the pictures")).to_be_visible()
        for _ in range(100):
            if pictures(page, ".here") != picture:
                break
            page.wait_for_timeout(100)
        page.wait_for_function(FILLED)
        after = pictures(page, ".bank canvas")
        # the picture is now that at the end of its own row, and the other rows are new
        assert pictures(page, ".here")[0] == after[6] == rows[6]
        assert after[7:] != rows[7:]
        expect(page.locator(".posterior")).to_be_hidden()


def test_while_another_decoder_is_on_its_way_no_picture_is_drawn(opened: Page) -> None:
    tiles = f"{TRAVERSE}.plane.tiles.toDataURL()"
    before = opened.evaluate(tiles)
    opened.evaluate(f"{TRAVERSE}.plane.paint(0, null)")
    assert opened.evaluate(tiles) == before
