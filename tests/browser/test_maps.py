"""Maps in a real browser: make one, stop one, and see how far to believe a dot."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from latent import LatentSpace
from latent.truth import true_neighbours
from tests.browser.conftest import open_page, settle, wait_for_map, where

EXPLORER = "globalThis.latentBoard.kept.get('explorer')"


@pytest.fixture
def opened(page: Page, address: str) -> Page:
    """The page Maps with its map."""
    open_page(page, f"{address}/maps")
    wait_for_map(page)
    return page


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_role("combobox", name=label).click()
    page.get_by_role("option", name=option, exact=True).click()
    settle(page)


def make(page: Page) -> None:
    page.get_by_role("button", name="Make the map").click()


def test_a_map_is_made_shown_measured_and_coloured_by_its_own_distortion(opened: Page) -> None:
    choose(opened, "Method", "Isomap")
    make(opened)
    opened.wait_for_function(
        f"() => /^[0-9a-f]{{32}}$/.test({EXPLORER}.model.map?.name)", timeout=120_000
    )
    distortion = opened.locator(".colouring option[value=distortion]")
    expect(distortion).to_be_enabled(timeout=60_000)  # it has been measured
    settle(opened)
    before = opened.evaluate(f"Array.from({EXPLORER}.map.field.colours)")
    opened.locator(".colouring").select_option("distortion")
    after = opened.evaluate(f"Array.from({EXPLORER}.map.field.colours)")
    lost = opened.evaluate(f"Array.from({EXPLORER}.model.distortion.arrays.lost)")
    assert after == lost != before
    expect(opened.get_by_text("not been measured yet")).to_be_hidden(timeout=30_000)


def test_a_map_made_before_is_opened_first_and_the_page_follows(opened: Page) -> None:
    choose(opened, "Method", "LDA")
    make(opened)
    # the sidebar's choice of a map is the first
    sidebar = opened.get_by_role("combobox", name="Map", exact=True)
    expect(sidebar).to_have_value(re.compile("LDA"), timeout=60_000)
    settle(opened)
    key = opened.evaluate(f"{EXPLORER}.model.map.name")
    choose(opened, "Map", "PCA")
    opened.wait_for_function(f"{EXPLORER}.ready && {EXPLORER}.model.map.name === 'pca2'")
    opened.evaluate(
        f"""() => {{
      globalThis.order = [];
      globalThis.latentBoard.readers.add(() => {{
        const pinned = globalThis.latentBoard.slots.get('scene');
        const last = `${{{EXPLORER}.model.map?.name}} ${{pinned.stands}}`;
        if (order.at(-1) !== last) order.push(last);
      }});
    }}"""
    )
    opened.get_by_role("button", name="Show it").click()
    expect(sidebar).to_have_value(re.compile("LDA"), timeout=15_000)
    settle(opened)
    # drawn while the rest of the page has not followed, and once more when it has
    assert opened.evaluate("order").index(f"{key} false") < opened.evaluate("order").index(
        f"{key} true"
    )


def test_a_map_that_is_being_made_can_be_stopped(opened: Page) -> None:
    choose(opened, "Method", "t-SNE")
    opened.get_by_role("radio", name="3-D").last.click()
    settle(opened)
    make(opened)
    stop = opened.get_by_role("button", name="Stop")
    stop.wait_for(timeout=30_000)
    expect(opened.get_by_text("Fitting").or_(opened.get_by_text("Starting"))).to_be_visible(
        timeout=60_000
    )
    stop.click()
    expect(opened.get_by_text("Stopped; nothing was kept of it.")).to_be_visible(timeout=30_000)
    expect(opened.get_by_role("button", name="Make the map")).to_be_enabled(timeout=30_000)


def test_true_neighbours_are_lit_up_where_the_pointer_is(
    opened: Page, tiny_models_folder: Path
) -> None:
    space = LatentSpace(tiny_models_folder / "mnist-vae")
    codes = space.gallery.codes.astype(np.float16).astype(np.float32)  # as the browser has them
    near = true_neighbours(codes)
    opened.mouse.move(*where(opened, 7))
    assert opened.evaluate(f"{EXPLORER}.map.shown.truth") is None
    opened.get_by_label("True neighbours").check()
    opened.mouse.move(*where(opened, 8))
    opened.mouse.move(*where(opened, 7))
    shown = opened.evaluate(f"{EXPLORER}.map.shown.truth.to")
    spots = opened.evaluate(f"rows => rows.map((i) => {EXPLORER}.map.pointOf(i))", near[7].tolist())
    assert sorted(map(str, shown)) == sorted(map(str, spots))
    expect(opened.locator(".card .note")).to_contain_text(re.compile(r"15 nearest codes: \d+ near"))
