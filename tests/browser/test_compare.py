"""Two maps of the same images, and a lasso drawn with a real pointer."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from latent import LatentSpace, comparison
from tests.browser.conftest import open_page, serving, settle
from tests.test_compare_page import rung

DOTS = 60


@pytest.fixture(scope="module")
def compared(
    tiny_models_folder: Path, tiny_space: LatentSpace, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The app with a comparison of two rungs; dots of 0 to 4 lie on the left of the first map."""
    models = tmp_path_factory.mktemp("compared") / "models"
    shutil.copytree(tiny_models_folder, models)
    rng = np.random.default_rng(0)
    labels = np.arange(DOTS, dtype=np.uint8) % 10
    xy = rng.uniform(-0.4, 0.4, (DOTS, 2))
    xy[:, 0] += np.where(labels < 5, -2, 2)
    document = {
        "models": [], "held_back": [8, 9],
        "data_sha256": tiny_space.config["recipe"]["data_sha256"],
        "rungs": [rung("pixels", 784, 0.9), rung("lda", 7, 0.8, labels=True)],
    }  # fmt: skip
    arrays = {
        "labels": labels, "pixels.xy": xy.astype(np.float16),
        "lda.xy": rng.standard_normal((DOTS, 2)).astype(np.float16),
        "lda.drawn": np.zeros((10, 28, 28), np.uint8),
    }  # fmt: skip
    comparison.write(models / comparison.FOLDER, document, arrays)
    with serving(models) as url:
        yield url


def test_what_the_lasso_holds_is_lit_up_on_the_other_map(page: Page, compared: str) -> None:
    open_page(page, f"{compared}/compare")
    expect(page.get_by_text("Nothing is chosen yet.")).to_be_visible(timeout=30_000)
    left, right = (page.locator(".js-plotly-plot").nth(i) for i in (1, 2))
    left.scroll_into_view_if_needed()
    settle(page)
    box = left.bounding_box()
    assert box
    corners = [(0.02, 0.1), (0.5, 0.1), (0.5, 0.9), (0.02, 0.9), (0.02, 0.1)]
    page.mouse.move(box["x"] + 0.02 * box["width"], box["y"] + 0.1 * box["height"])
    page.mouse.down()
    for x, y in corners[1:]:
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=8)
    page.mouse.up()
    expect(page.get_by_text("30 images chosen", exact=False)).to_be_visible(timeout=30_000)
    settle(page)
    sizes = right.evaluate("plot => plot.data[0].marker.size.filter(size => size > 5).length")
    assert sizes == DOTS // 2
