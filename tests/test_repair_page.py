"""The page Repair: what it shows, what the brush may send, and what it does with what is wrong."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from latent import LatentSpace
from latent.data import Dataset
from latent.errors import InputError
from tests.conftest import png
from ui import repair, state
from ui.state import Key
from ui.uploads import Tray, Upload


@pytest.fixture(autouse=True)
def fresh(tiny_models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Tiny models without originals, and nothing cached from another test."""
    monkeypatch.setenv("LATENT_DATA", str(tmp_path / "none"))
    st.cache_resource.clear()
    st.cache_data.clear()
    yield
    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.fixture
def brush(monkeypatch: pytest.MonkeyPatch) -> dict[str, dict]:
    """What the browser was last sent to paint on."""
    last: dict[str, dict] = {}
    monkeypatch.setattr("ui.live.mask", lambda key, values, on_mask: last.update(values))
    return last


def run(**session: object) -> AppTest:
    app = AppTest.from_file("../pages/repair.py", default_timeout=120)
    for key, value in session.items():
        app.session_state[Key[key]] = value
    app.run()
    assert not app.exception
    return app


def figures(app: AppTest) -> str:
    return "\n".join(block.proto.body for block in app.get("html"))


def hidden_of(values: dict) -> np.ndarray:
    content = base64.b64decode(values["hidden"])
    return np.frombuffer(content, np.uint8).reshape(values["shape"][1:])


def test_the_page_opens_with_a_repaired_image(brush: dict, tiny_space: LatentSpace) -> None:
    app = run(REPAIRED=7, MODEL="mnist-vae")
    assert not app.error
    assert hidden_of(brush)[:14].sum() == 0
    assert hidden_of(brush)[14:].all()
    pixels = np.frombuffer(base64.b64decode(brush["pixels"]), np.uint8)
    decoded = tiny_space.decode(tiny_space.code(7)[None])
    assert np.abs(pixels / 255 - decoded.ravel()).max() < 0.01
    shown = figures(app)
    for title in ("The whole image", "Encoded and decoded", "Mean of all guesses", "like "):
        assert title in shown
    assert any("as the model decodes it" in text.value for text in app.caption)


@pytest.mark.parametrize("name", ["upper", "pixels"])
def test_a_ready_mask_is_taken_and_newer_than_what_was_painted(brush: dict, name: str) -> None:
    app = run()
    before = brush["seq"]
    app.button(key=f"{Key.HIDE}.{name}").click().run()
    assert brush["seq"] == before + 1
    hidden = hidden_of(brush)
    assert hidden[:7].any()
    assert not app.error


def test_a_mask_of_all_or_nothing_is_a_sentence_and_the_page_goes_on(brush: dict) -> None:
    app = run(HIDDEN=np.ones((28, 28), bool))
    assert "hides the whole image" in app.error[0].value
    app.button(key=f"{Key.HIDE}.left").click().run()
    assert not app.error
    assert "like " in figures(app)
    app = run(HIDDEN=np.zeros((28, 28), bool))
    assert "hides nothing" in app.error[0].value


def test_a_mask_may_come_from_a_file_and_is_refused_if_it_does_not_fit(brush: dict) -> None:
    app = run()
    pixels = np.zeros((28, 28), np.uint8)
    pixels[5:20, 3:9] = 255
    for name, content in (("mask.png", png(pixels)), ("large.png", png(pixels.repeat(2, 0)))):
        key = state.round_key(app.session_state, Key.MASK_FILE)
        app.file_uploader(key=key).set_value((name, content, "image/png")).run()
        assert not app.exception
        assert (hidden_of(brush) == (pixels > 0)).all()
    assert "28 × 28 pixels; got 28 × 56" in app.error[0].value


def test_a_plain_autoencoder_has_a_mixture_alone(brush: dict) -> None:
    app = run(MODEL="mnist-ae")
    assert not app.error
    assert app.session_state[Key.LIKELY] == "mixture"


def test_an_image_of_ones_own_is_repaired(brush: dict, tiny_data: Dataset) -> None:
    tray = Tray()
    tray.add(Upload("mine.png", png(255 - tiny_data.images[3].repeat(4, 0).repeat(4, 1))))
    app = run(TRAY=tray, REPAIRED_MINE=1, MODEL="mnist-vae")
    assert not app.error
    assert any("Your image mine" in text.value for text in app.caption)
    app.number_input(key=Key.REPAIRED).set_value(4).run()
    assert any("Image 4" in text.value for text in app.caption)


def test_an_image_that_does_not_fit_is_said(brush: dict) -> None:
    tray = Tray()
    tray.add(Upload("blank.png", png(np.full((40, 40), 255, np.uint8))))
    app = run(TRAY=tray, REPAIRED_MINE=1)
    assert len(app.error) == 1
    app.number_input(key=Key.REPAIRED).set_value(4).run()
    assert not app.error


@pytest.mark.parametrize(
    "value",
    [None, {}, {"seq": 1}, {"seq": "x", "hidden": "AA=="}, {"seq": 1, "hidden": "AA=="},
     {"seq": 1, "hidden": 7}, {"seq": 1, "hidden": "no base64"}],
)  # fmt: skip
def test_what_the_brush_cannot_have_sent_is_refused(value: object) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        repair.read_hidden(value, (28, 28))


def test_what_the_brush_sends_is_a_mask() -> None:
    content = base64.b64encode(bytes([0, 1, 1, 0, 0, 1])).decode()
    seq, hidden = repair.read_hidden({"seq": 4, "hidden": content}, (2, 3))
    assert seq == 4
    assert hidden.tolist() == [[False, True, True], [False, False, True]]


def test_probabilities_of_one_label_are_added_up() -> None:
    said = repair.verdict(np.array([0.5, 0.3, 0.196, 0.004]), ["4", "9", "4", "<b>"])
    assert said == "What remains is ambiguous: **4** 70 %, **9** 30 %."
    assert "points one way: **9** over 99 %" in repair.verdict(np.ones(1), ["9"])


def test_a_percentage_is_never_sure_of_what_is_not() -> None:
    assert [repair.percent(p) for p in (0.0004, 0.012, 0.5, 0.996)] == [
        "below 1 %", "1 %", "50 %", "over 99 %",
    ]  # fmt: skip


def test_furniture_is_repaired_in_colour(
    brush: dict, tiny_furniture_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LATENT_MODELS", str(tiny_furniture_folder))
    app = run(MODEL="furniture-vae", REPAIRED=250)
    assert not app.error
    assert brush["shape"] == [3, 64, 64]
    assert any("Image 250, labelled" in text.value for text in app.caption)


def test_what_few_draws_say_is_called_rough() -> None:
    assert repair.worth(36.2) == "say as much as 36 draws straight from the answer would"
    assert repair.worth(3.1).endswith(
        "3 draws straight from the answer would: the percentages are rough"
    )
    assert repair.worth(1.2).startswith("say hardly more than a single draw")
