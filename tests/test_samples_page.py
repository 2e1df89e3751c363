"""Samples, a view of Traverse: draws with their nearest images, and models side by side."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from latent import LatentSpace
from latent.sampling import draw, source_of
from latent.trust import usual_distances
from tests.test_sampling import Plain
from ui import pictures, samples
from ui.state import Key


@pytest.fixture(autouse=True)
def fresh(tiny_models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Tiny models without originals, and nothing cached from another test."""
    monkeypatch.setenv("LATENT_DATA", str(tmp_path / "none"))
    st.cache_resource.clear()
    st.cache_data.clear()
    yield
    st.cache_resource.clear()
    st.cache_data.clear()


def run(**session: object) -> AppTest:
    app = AppTest.from_file("../pages/traverse.py", default_timeout=120)
    for key, value in {"TRAVERSE_VIEW": "samples", **session}.items():
        app.session_state[Key[key]] = value
    app.run()
    assert not app.exception
    return app


def figures(app: AppTest) -> str:
    return "\n".join(block.proto.body for block in app.get("html"))


def test_draws_of_the_prior_stand_with_their_nearest_images(tiny_space: LatentSpace) -> None:
    app = run(MODEL="mnist-vae")
    assert not app.error
    expected = draw(tiny_space, source_of(tiny_space, "prior"), samples.COUNT,
                    np.random.default_rng(0))  # fmt: skip
    shown = figures(app)
    for index, distance in zip(expected.nearest, expected.distances, strict=True):
        assert f"#{index}" in shown
        assert f"{distance:.2f} away" in shown


def test_drawing_again_draws_others_and_temperature_0_always_the_middle() -> None:
    app = run(MODEL="mnist-vae")
    before = figures(app)
    app.button(key=Key.DRAW_AGAIN).click().run()
    assert figures(app) != before
    app.slider(key=Key.TEMPERATURE).set_value(0.0).run()
    still = figures(app)
    app.button(key=Key.DRAW_AGAIN).click().run()
    assert figures(app) == still


def test_a_plain_autoencoder_has_no_prior_to_draw_from() -> None:
    app = run(MODEL="mnist-ae")
    group = app.button_group(key=Key.SOURCE)
    assert group.value == "mixture"
    assert not any("prior" in option.lower() for option in group.options)
    for source in ("component", "image", "gaussian"):
        group.set_value(source).run()
        assert not app.exception
        assert not app.error
        assert "away" in figures(app)
        group = app.button_group(key=Key.SOURCE)


def test_a_component_beyond_the_last_becomes_the_last() -> None:
    app = run(MODEL="mnist-ae", SOURCE="component", COMPONENT=99)
    assert not app.error
    assert app.session_state[Key.COMPONENT] < 99


def test_models_with_and_without_a_prior_are_measured_side_by_side(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("latent.classifier.load_classifier", Plain)
    monkeypatch.setattr(samples, "MEASURED_ON", 200)
    app = run(MODEL="mnist-ae")
    rows = [text.value for text in app.markdown if text.value.startswith("**")]
    assert [row for row in rows if row.startswith(("**VAE**", "**AE**"))] == [
        "**VAE**, the prior", "**VAE**, a mixture", "**AE**, one Gaussian", "**AE**, a mixture",
    ]  # fmt: skip
    app.button(key=Key.MEASURE_DRAWS).click().run()
    job = app.session_state[Key.MEASURING][1]
    end = time.monotonic() + 60
    while job.running and time.monotonic() < end:
        time.sleep(0.05)
    app.run()
    assert not app.exception
    rows = [text.value for text in app.markdown if "Fréchet distance" in text.value]
    assert len(rows) == 4


def test_without_a_classifier_it_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The tiny models' folder holds none."""
    app = run(MODEL="mnist-vae")
    app.button(key=Key.MEASURE_DRAWS).click().run()
    job = app.session_state[Key.MEASURING][1]
    end = time.monotonic() + 60
    while job.running and time.monotonic() < end:
        time.sleep(0.05)
    app.run()
    assert not app.exception
    assert any("mnist-classifier" in box.value.replace("\\", "") for box in app.info)


def test_furniture_is_drawn_but_not_measured(
    tiny_furniture_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LATENT_MODELS", str(tiny_furniture_folder))
    app = run(MODEL="furniture-vae")
    assert not app.error
    assert any("there is none of furniture" in text.value for text in app.caption)
    assert not [button for button in app.button if button.key == Key.MEASURE_DRAWS]


def test_a_model_without_a_counterpart_is_not_compared() -> None:
    app = run(MODEL="mnist-vae-2d")
    assert not app.error
    assert not [heading for heading in app.subheader if "prior for" in heading.value]


def test_joined_pictures_let_the_page_show_between_them() -> None:
    ink = np.full((4, 3), 7, np.uint8)
    beside = pictures.joined([ink, ink, ink], axis=1)
    assert beside.shape == (4, 3 * 3 + 2 * 2, 4)
    assert (beside[:, 3:5, 3] == 0).all()
    assert (beside[:, 5:8] == [7, 7, 7, 255]).all()
    below = pictures.joined([np.zeros((4, 3, 3), np.uint8)] * 2, axis=0, gap=1)
    assert below.shape == (9, 3, 4)
    assert below[..., 3].min(axis=1).tolist() == [255] * 4 + [0] + [255] * 4


def test_how_far_is_far_is_said(tiny_space: LatentSpace) -> None:
    app = run(MODEL="mnist-vae")
    usual = usual_distances(tiny_space.gallery)
    (words,) = [text.value for text in app.caption if "To compare" in text.value]
    assert f"a test image is {usual[50]:.2f} away" in words
    assert f"between {usual[5]:.2f} and {usual[95]:.2f}" in words
