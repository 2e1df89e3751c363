"""Drawing and bringing images of one's own, and small screens, in a real browser."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from latent import LatentSpace
from latent.images import prepare
from latent.steps import Choices
from tests.browser.conftest import open_page, settle, wait_for_map
from tests.conftest import digit_images, png

PEN = "() => globalThis.latentBoard.slots.get('pen')?.drawn"
MARK = "() => globalThis.latentBoard.kept.get('explorer').map.shown.marks[0]?.[1]"
PAD = "globalThis.latentBoard?.kept.get('pad')"
READY = f"() => {PAD}?.ready"
SEVEN = [(0.25, 0.25), (0.75, 0.25), (0.45, 0.85)]
BAR = [(0.3, 0.55), (0.65, 0.55)]


@pytest.fixture
def digits(tmp_path: Path) -> list[Path]:
    """Ten files, a digit each, dark on light."""
    files = [tmp_path / f"{label}.png" for label in range(10)]
    for file, image in zip(files, digit_images(10, seed=9)[0], strict=True):
        file.write_bytes(png(255 - image))
    return files


@pytest.fixture
def place(page: Page, address: str) -> Page:
    """The page, with its map at rest and its sheet ready."""
    open_page(page, f"{address}/place")
    wait_for_map(page)
    page.wait_for_function(READY)
    return page


def move(page: Page, point: tuple[float, float]) -> None:
    """Move to a point, given as shares of the sheet."""
    box = page.locator("canvas.paper").bounding_box()
    assert box
    x, y = point
    page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=6)


def press(page: Page, points: list[tuple[float, float]]) -> None:
    """Move along points, with the button down from the first."""
    move(page, points[0])
    page.mouse.down()
    for point in points[1:]:
        move(page, point)


def draw(page: Page, points: list[tuple[float, float]]) -> None:
    press(page, points)
    page.mouse.up()


def bring(page: Page, *files: Path) -> None:
    page.set_input_files("input[type=file] >> nth=0", list(files))


def thumbs(page: Page) -> object:
    return page.get_by_role("listbox", name="Your images").get_by_role("option")


def test_the_dot_moves_during_a_stroke_and_no_message_is_sent(page: Page, address: str) -> None:
    messages: list[int] = []
    page.on("websocket", lambda socket: (
        socket.on("framesent", lambda _: messages.append(0)),
        socket.on("framereceived", lambda _: messages.append(0)),
    ))  # fmt: skip
    open_page(page, f"{address}/place")
    wait_for_map(page)
    page.wait_for_function(READY)
    settle(page)
    messages.clear()
    press(page, SEVEN[:2])
    page.wait_for_function(f"({MARK})() !== undefined")
    spot, drawn = page.evaluate(MARK), page.evaluate(PEN)
    assert len(drawn["near"]) == 5
    move(page, SEVEN[2])
    page.wait_for_function(f"spot => String(({MARK})()) !== String(spot)", arg=spot)
    assert page.evaluate(PEN)["code"] != drawn["code"]
    assert not messages
    page.mouse.up()
    expect(thumbs(page)).to_have_count(1, timeout=30_000)
    assert messages


def test_what_python_is_sent_is_what_the_browser_placed(place: Page) -> None:
    draw(place, SEVEN)
    code = np.array(place.wait_for_function(PEN).json_value()["code"])
    expect(thumbs(place)).to_have_count(1, timeout=30_000)
    settle(place)
    with place.expect_download() as found:
        place.get_by_role("button", name="Codes as NPZ").click()
    with np.load(found.value.path(), allow_pickle=False) as arrays:
        names, codes = arrays["names"], arrays["codes"]
    assert names.tolist() == ["drawing 1"]
    assert np.abs(codes[0] - code).max() < 0.02  # the browser's weights have 16 bits
    # the map shows what Python placed now
    placed = place.evaluate("() => globalThis.latentBoard.slots.get('scene').choice.a.code")
    assert np.array_equal(np.array(placed, np.float32), codes[0])
    assert place.evaluate(PEN) is None
    expect(place.get_by_text("drawing 1: its neighbours say")).to_be_visible()


def test_undo_rubber_clear_and_the_next_sheet(place: Page) -> None:
    inked = f"() => {PAD}.pen.pixels.filter(value => value < 128).length"
    draw(place, SEVEN)
    one = place.evaluate(inked)
    draw(place, BAR)
    assert place.evaluate(inked) > one
    place.get_by_role("button", name="Undo").click()
    assert place.evaluate(inked) == one
    place.get_by_text("Rubber").click()
    draw(place, SEVEN[:2])
    assert 0 < place.evaluate(inked) < one
    place.get_by_text("Pen", exact=True).click()
    expect(thumbs(place)).to_have_count(1, timeout=30_000)
    place.get_by_role("button", name="Next sheet").click()
    assert place.evaluate(inked) == 0
    draw(place, BAR)
    expect(thumbs(place)).to_have_count(2, timeout=30_000)
    place.get_by_role("button", name="Clear").click()
    expect(thumbs(place)).to_have_count(1, timeout=30_000)
    assert place.evaluate(inked) == 0
    settle(place)
    # what is rubbed out is gone as if it had been cleared
    draw(place, BAR)
    expect(thumbs(place)).to_have_count(2, timeout=30_000)
    place.get_by_text("Rubber").click()
    draw(place, BAR)
    expect(thumbs(place)).to_have_count(1, timeout=30_000)
    expect(place.get_by_role("alert")).to_have_count(0)
    place.get_by_text("Pen", exact=True).click()
    settle(place)
    # the sheet of a removed drawing is empty too
    draw(place, SEVEN)
    expect(thumbs(place)).to_have_count(2, timeout=30_000)
    settle(place)
    place.get_by_role("button", name="Remove", exact=True).click()
    expect(thumbs(place)).to_have_count(1, timeout=30_000)
    place.wait_for_function(f"({inked})() === 0")


def test_a_drawing_is_still_there_after_another_page(place: Page) -> None:
    draw(place, SEVEN)
    expect(thumbs(place)).to_have_count(1, timeout=30_000)
    settle(place)
    place.get_by_role("link", name="Explore").click()
    expect(place.get_by_role("heading", name="Explore")).to_be_visible(timeout=30_000)
    settle(place)
    place.get_by_role("link", name="Place").click()
    place.wait_for_function(
        "() => globalThis.latentBoard.kept.get('pad')?.pen.strokes.length === 1"
    )
    expect(thumbs(place)).to_have_count(1, timeout=30_000)


def test_two_images_of_ones_own_are_the_ends_of_a_way(place: Page, digits: list[Path]) -> None:
    bring(place, digits[7], digits[1])
    expect(thumbs(place)).to_have_count(2, timeout=60_000)
    settle(place)
    place.get_by_role("button", name="Use it as B").click()
    expect(place.get_by_text("It is B now")).to_be_visible(timeout=30_000)
    thumbs(place).first.click()
    expect(place.get_by_text("7.png: its neighbours say")).to_be_visible(timeout=30_000)
    settle(place)
    place.get_by_role("button", name="Use it as A").click()
    place.get_by_role("link", name="It is A now").click()
    expect(place.get_by_text("your image 7.png")).to_be_visible(timeout=30_000)
    expect(place.get_by_text("your image 1.png")).to_be_visible(timeout=30_000)
    wait_for_map(place)
    place.get_by_role("slider", name="Along the way from A to B").press("End")
    expect(place.locator(".explorer .percent")).to_have_text("100 %")


def downloaded_code(page: Page) -> np.ndarray:
    """Code of the one image that is in the tray."""
    with page.expect_download() as found:
        page.get_by_role("button", name="Codes as NPZ").click()
    with np.load(found.value.path(), allow_pickle=False) as arrays:
        assert len(arrays["codes"]) == 1
        return arrays["codes"][0]


def test_what_was_guessed_wrong_is_put_right(
    place: Page, digits: list[Path], tiny_space: LatentSpace
) -> None:
    def expected(choices: Choices) -> np.ndarray:
        x = prepare(digits[7].read_bytes(), "mnist-digit", choices).x
        return tiny_space.place(x).code

    bring(place, digits[7])
    expect(thumbs(place)).to_have_count(1, timeout=60_000)
    settle(place)
    assert np.array_equal(downloaded_code(place), expected(Choices()))
    place.get_by_text("Was something guessed wrong?").click()
    again = place.get_by_role("button", name="Guess again")
    expect(again).to_be_disabled()
    place.get_by_role("radio", name="180°").click()
    expect(again).to_be_enabled(timeout=30_000)
    settle(place)
    place.get_by_text("Cut out", exact=True).last.click()
    expect(place.get_by_text("The whole picture, in 28 × 28 pixels.")).to_be_visible(timeout=30_000)
    settle(place)
    assert np.array_equal(downloaded_code(place), expected(Choices(turn=2, cut_out=False)))
    again.click()
    expect(again).to_be_disabled(timeout=30_000)
    settle(place)
    assert np.array_equal(downloaded_code(place), expected(Choices()))


def test_the_verdict_follows_the_threshold_and_python_hears_of_it_at_rest(
    page: Page, address: str, tiny_space: LatentSpace, tmp_path: Path
) -> None:
    novelty = 0.0
    for i, image in enumerate(digit_images(100, seed=9)[0]):
        file = tmp_path / f"{i}.png"
        file.write_bytes(png(image))
        novelty = tiny_space.place(prepare(file.read_bytes(), "mnist-digit").x).novelty
        if 0.8 < novelty < 0.94:  # unlike at a threshold that can be reached, not at 5 %
            break
    messages: list[int] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda _: messages.append(0)))
    open_page(page, f"{address}/place")
    bring(page, file)
    expect(page.get_by_role("heading", name="Like what the model has seen")).to_be_visible(
        timeout=60_000
    )
    settle(page)
    slider = page.get_by_role("slider", name="False alarms in percent")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 0.3 * box["width"], y)
    page.mouse.down()
    messages.clear()
    page.mouse.move(box["x"] + box["width"] + 5, y, steps=4)
    judged = page.locator(".verdict h4.judged")
    expect(judged).to_have_text("Unlike anything the model has seen")
    expect(page.get_by_text("at 25 % false alarms")).to_be_visible()
    assert not messages
    page.mouse.up()
    heading = page.get_by_role("heading", name="but it is unlike anything the model has seen")
    expect(heading).to_be_visible(timeout=30_000)
    assert messages
    expect(thumbs(page).first).to_have_accessible_name(
        f"{file.name}: unlike anything the model has seen"
    )
    settle(page)
    # by keys, to the very step at which it is unlike no more
    for _ in range(48):
        if judged.inner_text().startswith("Like"):
            break
        slider.press("ArrowLeft")
    share = float(slider.input_value()) / 100
    assert share <= 1 - novelty < share + 0.005
    expect(heading).to_be_hidden(timeout=30_000)


def test_the_tray_is_reached_by_keys(place: Page, digits: list[Path]) -> None:
    bring(place, *digits[:3])
    expect(thumbs(place)).to_have_count(3, timeout=60_000)
    settle(place)
    thumbs(place).nth(2).focus()
    place.keyboard.press("ArrowLeft")
    expect(thumbs(place).nth(1)).to_have_attribute("aria-selected", "true")
    expect(place.get_by_text("1.png: its neighbours say")).to_be_visible(timeout=30_000)


def test_a_pasted_image_is_placed(place: Page, digits: list[Path]) -> None:
    place.evaluate(
        """(bytes) => {
          const file = new File([new Uint8Array(bytes)], 'shot.png', {type: 'image/png'});
          const clipboardData = new DataTransfer();
          clipboardData.items.add(file);
          document.body.dispatchEvent(
            new ClipboardEvent('paste', {clipboardData, bubbles: true, composed: true}));
        }""",
        list(digits[3].read_bytes()),
    )
    expect(place.get_by_text("shot.png: its neighbours say")).to_be_visible(timeout=30_000)


def test_the_paste_button_takes_what_was_copied(place: Page, digits: list[Path]) -> None:
    place.context.grant_permissions(["clipboard-read", "clipboard-write"])
    place.get_by_role("button", name="Paste").click()
    expect(place.get_by_text("no image in the clipboard")).to_be_visible()
    place.evaluate(
        """(bytes) => navigator.clipboard.write([new ClipboardItem({
          'image/png': new Blob([new Uint8Array(bytes)], {type: 'image/png'})})])""",
        list(digits[5].read_bytes()),
    )
    place.get_by_role("button", name="Paste").click()
    expect(place.get_by_text("pasted image: its neighbours say")).to_be_visible(timeout=30_000)


def test_refused_files_are_named_and_the_others_go_on(
    place: Page, digits: list[Path], tmp_path: Path
) -> None:
    text, large = tmp_path / "notes <b>.txt", tmp_path / "large.png"
    text.write_text("no image")
    large.write_bytes(b"0" * 25_000_000)
    bring(place, text, digits[2], large)
    expect(place.get_by_text("notes <b>.txt")).to_be_visible(timeout=30_000)
    expect(place.get_by_text("large.png: this file has 25 MB")).to_be_visible()
    expect(thumbs(place)).to_have_count(1)
    assert place.get_by_test_id("stException").count() == 0


def test_the_distance_is_chosen_on_every_page(page: Page, address: str, digits: list[Path]) -> None:
    open_page(page, address)
    nearest = page.get_by_role("button", name=re.compile("^Image ")).first
    before = nearest.inner_text()
    page.get_by_role("radio", name="Cosine").click()
    expect(nearest).not_to_have_text(before, timeout=30_000)  # Python has heard of it
    settle(page)
    page.get_by_role("link", name="Place").click()
    expect(page.get_by_role("heading", name="Place")).to_be_visible(timeout=30_000)
    settle(page)
    bring(page, digits[2])  # the choice appears in a run of the fragment alone
    expect(page.get_by_role("radio", name="Cosine")).to_be_checked(timeout=60_000)


def test_files_are_dropped_onto_the_page(place: Page, digits: list[Path]) -> None:
    data = place.evaluate_handle(
        """(files) => {
          const data = new DataTransfer();
          for (const [name, bytes] of files) {
            data.items.add(new File([new Uint8Array(bytes)], name, {type: 'image/png'}));
          }
          return data;
        }""",
        [[file.name, list(file.read_bytes())] for file in digits[4:7]],
    )
    place.dispatch_event("[data-testid=stFileUploaderDropzone]", "drop", {"dataTransfer": data})
    expect(thumbs(place)).to_have_count(3, timeout=60_000)


def test_a_finger_draws(page: Page, address: str) -> None:
    assert page.context.browser
    context = page.context.browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    phone = context.new_page()
    open_page(phone, f"{address}/place")
    phone.wait_for_function(READY, timeout=60_000)
    sheet = phone.locator("canvas.paper")
    sheet.scroll_into_view_if_needed()
    box = sheet.bounding_box()
    assert box
    before = phone.evaluate("document.querySelector('[data-testid=stMain]').scrollTop")
    touch = phone.context.new_cdp_session(phone)
    points = [
        {"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]} for x, y in SEVEN
    ]
    for kind, at in zip(["touchStart", "touchMove", "touchMove"], points, strict=True):
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [at]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    phone.wait_for_function(PEN)
    assert phone.evaluate("document.querySelector('[data-testid=stMain]').scrollTop") == before
    expect(thumbs(phone)).to_have_count(1, timeout=30_000)
    assert not phone.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    context.close()


def test_furniture_is_drawn_too(page: Page, furniture_address: str) -> None:
    open_page(page, f"{furniture_address}/place")
    wait_for_map(page)
    expect(page.get_by_text("Draw a chair or a table here")).to_be_visible()
    draw(page, SEVEN)
    expect(thumbs(page)).to_have_count(1, timeout=30_000)
    expect(page.get_by_text("its neighbours say")).to_be_visible()


@pytest.mark.parametrize("path", ["", "place"])
def test_nothing_is_cut_off_on_a_phone(page: Page, address: str, path: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    open_page(page, f"{address}/{path}")
    wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    assert not wide
