"""Clusters in a real browser: steps, play, back, a click on a point, keys."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from latent import LatentSpace
from latent.blobs import draw_blobs
from latent.em import run_em, start_at
from latent.mixture import responsibilities
from tests.browser.conftest import open_page, settle
from tests.conftest import digit_images, png

CLUSTERS = "globalThis.latentBoard?.kept.get('clusters')"
READY = f"{CLUSTERS}?.trace && {CLUSTERS}.resp && {CLUSTERS}.maps.soft.field.image"


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
    """The page with its points to learn with."""
    open_page(page, f"{address}/clusters")
    page.wait_for_function(READY, timeout=60_000)
    expect(page.locator(".em .message")).to_be_empty()
    settle(page)
    return page


@pytest.fixture
def run():
    """The run that the page opens with."""
    x = draw_blobs("overlapping", 500, 0).points
    start, _ = start_at(x, 3, "full", "random", np.random.default_rng((0, 0)))
    return x, run_em(x, start, max_steps=200)


def half(page: Page) -> int:
    return page.evaluate(f"{CLUSTERS}.half")


def press(page: Page, name: str) -> None:
    page.locator(".em").get_by_role("button", name=name, exact=True).click()


def figures(page: Page) -> list[float]:
    """Log-likelihood, bound and gap as they are read."""
    found = page.locator(".em dd").all_inner_texts()
    return [float(text.replace("−", "-")) for text in found]


def test_e_and_m_steps_take_turns_and_say_what_they_do(opened: Page, run) -> None:
    _, expected = run
    likelihoods, bounds = expected.log_likelihoods, expected.bounds
    assert figures(opened) == pytest.approx([likelihoods[0], bounds[0],
                                             likelihoods[0] - bounds[0]], abs=1e-4)  # fmt: skip
    buttons = opened.locator(".em")
    expect(buttons.get_by_role("button", name="M-step")).to_be_disabled()
    press(opened, "E-step")
    assert figures(opened) == pytest.approx([likelihoods[0], likelihoods[0], 0], abs=1e-4)
    expect(opened.locator(".em .does")).to_contain_text("E-step")
    expect(buttons.get_by_role("button", name="E-step")).to_be_disabled()
    press(opened, "M-step")
    assert figures(opened)[:2] == pytest.approx([likelihoods[1], bounds[1]], abs=1e-4)
    expect(opened.locator(".em .why")).to_contain_text("lifts the bound")
    press(opened, "◀ Back")
    assert half(opened) == 1
    press(opened, "To the end")
    assert half(opened) == 2 * (len(expected.mixtures) - 1)
    assert figures(opened)[0] == pytest.approx(likelihoods[-1], abs=1e-4)
    expect(opened.locator(".em .does")).to_have_text("Converged")
    press(opened, "Start")
    assert half(opened) == 0


def test_steps_send_nothing_to_the_server(opened: Page, traffic: list[str]) -> None:
    traffic.clear()
    for name in ("E-step", "M-step", "E-step", "To the end", "◀ Back"):
        press(opened, name)
    opened.locator(".em .soft .marks").hover(position={"x": 100, "y": 100})
    assert traffic == []


def test_it_plays_until_it_is_paused(opened: Page) -> None:
    press(opened, "▶ Play")
    opened.wait_for_function(f"{CLUSTERS}.half >= 3")
    press(opened, "❚❚ Pause")
    stopped = half(opened)
    opened.wait_for_timeout(900)
    assert half(opened) == stopped


def test_keys_step_through_the_run(opened: Page) -> None:
    slider = opened.get_by_role("slider", name="Half-step")
    slider.focus()
    slider.press("ArrowRight")
    slider.press("ArrowRight")
    assert half(opened) == 2
    slider.press("ArrowLeft")
    assert half(opened) == 1
    slider.press("End")
    expect(opened.locator(".em .does")).to_have_text("Converged")


def test_a_click_on_a_point_shows_who_is_responsible_for_it(opened: Page, run) -> None:
    x, expected = run
    for _ in range(2):
        press(opened, "E-step")
        press(opened, "M-step")
    press(opened, "E-step")
    resp = responsibilities(expected.mixtures[2], x)
    unsure = int(resp.max(1).argmin())
    where = opened.evaluate(
        f"""(index) => {{
          const map = {CLUSTERS}.maps.soft;
          const [x, y] = map.camera.project(map.pointOf(index), new Float64Array(3));
          return [x, y, map.pick(x, y)];
        }}""",
        unsure,
    )
    picked = where[2]  # another dot may lie on top of it
    opened.locator(".em .soft .marks").click(position={"x": where[0], "y": where[1]})
    opened.locator(".em .does").hover()  # the pointer leaves: what was clicked stays
    expect(opened.locator(".asked .what")).to_contain_text(f"Point {picked} ")
    names = [int(name) for name in opened.locator(".asked .bars .chip").all_inner_texts()]
    assert names == (np.argsort(-resp[picked]) + 1).tolist()
    bars = opened.locator(".asked .bars .fill").evaluate_all(
        "all => all.map(e => parseFloat(e.style.width))"
    )
    assert bars == pytest.approx((100 * np.sort(resp[picked])[::-1]).tolist(), abs=0.05)
    expect(opened.locator(".asked .verdict")).to_contain_text("Nobody can say who made it")
    assert "k-means gives all of it to" in opened.locator(".asked .owner").inner_text()


def test_the_cursor_of_the_map_chooses_by_keys(opened: Page) -> None:
    marks = opened.locator(".em .soft .marks")
    marks.focus()
    marks.press("ArrowRight")
    marks.press("Enter")
    assert opened.evaluate(f"{CLUSTERS}.chosen") >= 0
    expect(opened.locator(".asked .what")).to_contain_text("Point ")


def test_colours_are_mixed_by_responsibility_and_sure_dots_are_large(opened: Page, run) -> None:
    x, expected = run
    press(opened, "To the end")
    resp = responsibilities(expected.mixtures[-2], x)
    maps = f"{CLUSTERS}.maps"
    tints, sizes, colours = opened.evaluate(
        f"[Array.from({maps}.soft.field.tints), Array.from({maps}.soft.field.sizes),"
        f" {maps}.colours]"
    )
    seen = np.array([[tint & 255, tint >> 8 & 255, tint >> 16 & 255] for tint in tints])
    assert np.abs(seen - resp @ np.array(colours)).max() <= 1.5
    sure = resp.max(1)
    assert np.mean(np.array(sizes)[sure > 0.99]) > np.mean(np.array(sizes)[sure < 0.7]) + 1


def test_pressing_a_component_shows_it_alone(opened: Page) -> None:
    press(opened, "To the end")
    before = opened.evaluate(f"Array.from({CLUSTERS}.maps.soft.field.tints)")
    card = opened.locator(".em .member").nth(1)
    card.click()
    expect(card).to_have_attribute("aria-pressed", "true")
    assert opened.evaluate(f"Array.from({CLUSTERS}.maps.soft.field.tints)") != before
    card.click()
    assert opened.evaluate(f"Array.from({CLUSTERS}.maps.soft.field.tints)") == before


def test_digits_are_decoded_for_each_component(
    page: Page, address: str, tiny_models_folder: Path
) -> None:
    open_page(page, f"{address}/clusters")
    page.get_by_text("Codes of the model").click()
    page.wait_for_function(f"{CLUSTERS}?.network && {CLUSTERS}.trace.count === 10", timeout=60_000)
    settle(page)
    press(page, "To the end")
    page.wait_for_function(
        f"{CLUSTERS}.members.step === {CLUSTERS}.trace.steps && !{CLUSTERS}.members.pictures.left",
        timeout=60_000,
    )
    space = LatentSpace(tiny_models_folder / "mnist-vae")
    trace = f"{CLUSTERS}.trace"
    means = page.evaluate(f"Array.from({trace}.means.slice(-40))")
    expected = space.decode(np.array(means, np.float32).reshape(10, 4))[3, 0]
    canvas = page.locator(".em .member").nth(3).locator("canvas").first
    shown = canvas.evaluate("""(canvas) => Array.from(
      canvas.getContext('2d').getImageData(0, 0, 28, 28).data).filter((_, i) => i % 4 === 0)""")
    assert np.abs(np.array(shown).reshape(28, 28) - 255 * expected).max() <= 2


@pytest.mark.parametrize("width", [390, 640])
def test_nothing_is_cut_off_on_a_small_screen(page: Page, address: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    open_page(page, f"{address}/clusters")
    page.wait_for_function(READY, timeout=60_000)
    assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")


def test_a_long_run_shows_how_far_it_is_and_stops(opened: Page) -> None:
    slider = opened.get_by_role("slider").first
    slider.focus()
    slider.press("End")  # 10,000 points
    opened.wait_for_function(f"{CLUSTERS}.work.count === 10000", timeout=60_000)
    for name, value in (("Starts", "10"), ("Components", "30")):
        number = opened.get_by_role("spinbutton", name=name)
        number.fill(value)
        number.press("Enter")
    expect(opened.get_by_text("Running EM from each start")).to_be_visible(timeout=30_000)
    opened.get_by_role("button", name="Stop").click()
    expect(opened.get_by_text("Stopped. Take fewer images")).to_be_visible(timeout=15_000)
    expect(opened.get_by_role("button", name="Run it again")).to_be_visible()
    assert opened.locator("[data-testid=stException]").count() == 0
    number = opened.get_by_role("spinbutton", name="Components")
    number.fill("1")
    number.press("Enter")
    opened.wait_for_function(f"{CLUSTERS}?.trace?.count === 1 && {CLUSTERS}.resp", timeout=120_000)
    assert opened.locator("[data-testid=stException]").count() == 0


def test_an_image_that_the_visitor_brought_shows_its_responsibilities(
    page: Page, address: str, tmp_path: Path
) -> None:
    file = tmp_path / "mine.png"
    file.write_bytes(png(255 - digit_images(4, seed=9)[0][3]))
    open_page(page, f"{address}/place")
    page.set_input_files("input[type=file]", file)
    expect(page.get_by_role("listbox", name="Your images").get_by_role("option")).to_have_count(
        1, timeout=60_000
    )
    settle(page)
    page.get_by_role("link", name=re.compile("^clusters$", re.IGNORECASE)).click()
    page.wait_for_function(READY, timeout=60_000)
    expect(page.locator(".em .placed")).to_be_hidden()  # points to learn with are no images
    page.get_by_text("Codes of the model").click()
    page.wait_for_function(f"{CLUSTERS}?.scene.placed && {CLUSTERS}.resp", timeout=60_000)
    settle(page)
    press(page, "To the end")
    button = page.locator(".em .placed")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".asked .what")).to_contain_text("Your image")
    trace, placed = f"{CLUSTERS}.trace", f"{CLUSTERS}.scene.placed"
    expected = page.evaluate(
        f"""() => {{
          const t = {trace}, code = Float32Array.from({placed}.code);
          return Array.from(t.responsibilities(t.steps - 1, code, 0, 1, new Float32Array(t.count)));
        }}"""
    )
    bars = page.locator(".asked .bars .fill").evaluate_all(
        "all => all.map(e => parseFloat(e.style.width))"
    )
    largest = sorted((100 * share for share in expected), reverse=True)[:6]
    assert bars[:6] == pytest.approx(largest, abs=0.05)
    ring = page.evaluate(f"Array.from({CLUSTERS}.maps.soft.shown.ring)")
    star = page.evaluate(f"Array.from({CLUSTERS}.maps.soft.shown.marks[0][1])")
    assert ring == pytest.approx(star)
    button.click()
    expect(page.locator(".asked .what")).to_contain_text("Point at an image")
