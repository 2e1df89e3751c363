"""Repair under a real brush."""

from __future__ import annotations

import re

import numpy as np
from playwright.sync_api import Page, expect

from tests.browser.conftest import open_page, settle

HIDDEN = "() => Array.from(globalThis.latentBoard.kept.get('mask').hidden)"
SWEEP = """([from, to, radius]) => {
  const mask = globalThis.latentBoard.kept.get('mask');
  const before = mask.hidden.slice();
  mask.hidden.fill(0);
  mask.value = 1;
  const box = mask.canvas.getBoundingClientRect();
  const at = ([x, y], type) => new PointerEvent(type, {
    pointerId: 1, button: 0, bubbles: true,
    clientX: box.left + x / 28 * box.width, clientY: box.top + y / 28 * box.height,
  });
  mask.canvas.setPointerCapture = () => {};
  mask.find('width').value = radius;
  mask.canvas.onpointerdown(at(from, 'pointerdown'));
  mask.canvas.onpointermove(at(to, 'pointermove'));
  mask.canvas.onpointerup(at(to, 'pointerup'));
  return Array.from(mask.hidden);
}"""


def swept(start: tuple[float, float], end: tuple[float, float], radius: float) -> np.ndarray:
    """Pixels whose middle lies within `radius` of one of the dabs of a stroke, (28, 28), bool."""
    steps = max(1, int(np.ceil(2 * np.hypot(end[0] - start[0], end[1] - start[1]))))
    t = np.linspace(0, 1, steps + 1)[:, None]
    dabs = np.array(start) + t * (np.array(end) - np.array(start))
    middles = np.stack(np.meshgrid(np.arange(28) + 0.5, np.arange(28) + 0.5), axis=-1)
    apart = np.square(middles[:, :, None] - dabs).sum(-1)  # (28, 28, dabs)
    hidden = (apart <= radius**2).any(-1)
    for x, y in np.floor(dabs).astype(int):
        hidden[y, x] = True
    return hidden


def test_a_stroke_hides_what_lies_under_it_and_the_page_completes_it(
    page: Page, address: str
) -> None:
    open_page(page, f"{address}/repair")
    expect(page.get_by_role("heading", name="What may lie behind the mask")).to_be_visible(
        timeout=60_000
    )
    settle(page)
    expect(page.locator(".mask .note")).to_have_text("50 % hidden")
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_text("The mask hides nothing")).to_be_visible(timeout=30_000)
    settle(page)
    found = np.array(page.evaluate(SWEEP, [[4.2, 9.7], [22.4, 14.1], 3])).reshape(28, 28) > 0
    expected = swept((4.2, 9.7), (22.4, 14.1), 3 - 0.3)
    assert (found != expected).sum() <= 2  # pixels of the screen are no whole numbers here
    expect(page.get_by_text("The mask hides nothing")).to_be_hidden(timeout=30_000)
    settle(page)
    expect(page.get_by_role("heading", name="What may lie behind the mask")).to_be_visible()
    assert np.array_equal(np.array(page.evaluate(HIDDEN)).reshape(28, 28) > 0, found)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".mask .note")).to_have_text("0 % hidden")


def test_keys_paint_too_and_a_ready_mask_replaces_what_was_painted(
    page: Page, address: str
) -> None:
    open_page(page, f"{address}/repair")
    settle(page)
    expect(page.locator(".mask .note")).to_have_text("50 % hidden", timeout=60_000)
    page.locator("canvas.paper").focus()
    for _ in range(6):
        page.keyboard.press("ArrowUp")
    page.keyboard.press("Space")
    hidden = np.array(page.evaluate(HIDDEN)).reshape(28, 28)
    assert hidden[8, 14] == 1
    page.wait_for_timeout(600)
    settle(page)
    page.get_by_role("button", name="Left half").click()
    page.wait_for_function(f"() => ({HIDDEN})()[27 * 28 + 27] === 0")
    settle(page)
    hidden = np.array(page.evaluate(HIDDEN)).reshape(28, 28)
    assert hidden[:, :14].all()
    assert not hidden[:, 14:].any()
    expect(page.get_by_text(re.compile("weighted draws estimate it"))).to_be_visible(timeout=60_000)
