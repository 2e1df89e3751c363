"""Samples, a view of Traverse, in a real browser."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import open_page, settle

CUT_OFF = """() => [...document.querySelectorAll('[data-testid="stMain"] :is(button, figure)')]
  .filter((e) => e.getBoundingClientRect().right > innerWidth + 1)
  .map((e) => e.textContent)"""


def draws(page: Page) -> list[str]:
    """Addresses of the drawn pictures."""
    return page.locator("figure img").evaluate_all("all => all.map((image) => image.src)")


def test_draws_stand_with_their_nearest_and_nothing_is_cut_off(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 390, "height": 1200})
    open_page(page, f"{address}/traverse")
    page.get_by_text("Samples: draw new ones").click()
    expect(page.locator("figure")).to_have_count(28, timeout=60_000)
    settle(page)
    assert page.evaluate(CUT_OFF) == []
    assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    before = draws(page)
    page.get_by_role("button", name="Draw again").click()
    settle(page)
    page.wait_for_function(
        "(before) => document.querySelector('figure img').src !== before", arg=before[0]
    )
    assert len(set(draws(page)) & set(before)) == 0
    page.set_viewport_size({"width": 1400, "height": 1200})
    assert page.evaluate(CUT_OFF) == []
    page.get_by_text("One code, number by number").click()
    expect(page.get_by_text("Started from")).to_be_visible(timeout=30_000)
