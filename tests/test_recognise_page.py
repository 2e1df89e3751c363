"""The page Recognise through its widgets."""

from __future__ import annotations

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from latent.encoder import Encoder
from latent.recognition import enrol, nobody, save
from tests.test_pages import run
from ui import recognising, state
from ui.state import Key

pytestmark = pytest.mark.usefixtures("tiny_models")


def opened(**session: object) -> AppTest:
    return run("recognise.py", **{"RECOGNISER": "mnist-vae", "SHOWN_FROM": "data",
                                  "SHOWN_IMAGE": 210, **session})  # fmt: skip


def named(app: AppTest, name: str) -> AppTest:
    app.text_input(key=Key.NEW_NAME).set_value(name).run()
    app.button(key=Key.ENROL).click().run()
    assert not app.exception
    return app


def shown(app: AppTest) -> str:
    return next(box.value for box in app.markdown if box.value.startswith("### "))


def enrolled(app: AppTest) -> dict[str, int]:
    (found,) = app.session_state[Key.ENROLLED].values()
    return {name: len(which) for name, which in found.classes.items()}


def test_what_was_shown_and_named_is_known_from_then_on() -> None:
    app = named(opened(BEGIN_WITH=False), "mine")
    assert shown(app) == "### This is mine"
    app.number_input(key=Key.SHOWN_IMAGE).set_value(215).run()
    named(app, "yours")
    assert shown(app) == "### This is yours"
    app.number_input(key=Key.SHOWN_IMAGE).set_value(210).run()
    assert shown(app) == "### This is mine"
    assert enrolled(app) == {"mine": 1, "yours": 1}


def test_beyond_the_threshold_it_is_a_stranger() -> None:
    app = opened(FALSE_REJECTS=0.3)
    said = []
    for index in range(200, 300, 7):
        app.number_input(key=Key.SHOWN_IMAGE).set_value(index).run()
        said.append(shown(app))
    assert any("stranger" in words for words in said)
    assert any("This is" in words for words in said)


def test_without_any_class_the_page_says_what_to_do() -> None:
    app = opened(BEGIN_WITH=False)
    assert "Nothing is known yet. Show something" in app.error[0].value.replace("\\", "")


def test_a_second_name_for_the_same_image_is_refused_and_nothing_is_lost() -> None:
    app = named(named(opened(), "mine"), "yours")
    assert "enrolled as 'mine' already" in app.error[0].value.replace("\\", "")
    assert enrolled(app) == {"mine": 1}
    app.run()
    assert not app.error  # said once


@pytest.mark.parametrize("name", ["", " " * 5])
def test_no_name_is_asked_for_again(name: str) -> None:
    app = named(opened(), name)
    assert "A name has 1 to 40 letters" in app.error[0].value.replace("\\", "")


def test_names_are_changed_and_forgotten() -> None:
    app = named(opened(), "mine")
    token = next(field.key for field in app.text_input if field.key.startswith(Key.RENAME))
    app.text_input(key=token).set_value("hers")
    app.button(key=token.replace(Key.RENAME, Key.RENAME_NOW, 1)).click().run()
    assert enrolled(app) == {"hers": 1}
    forget = next(b.key for b in app.button if b.key and b.key.startswith(f"{Key.FORGET}."))
    app.button(key=forget).click().run()
    assert enrolled(app) == {}


def test_a_saved_file_comes_back_and_another_is_refused(tiny_folder) -> None:
    encoder = Encoder(tiny_folder)
    x = np.random.default_rng(0).random((3, *encoder.image_shape), np.float32)
    data = save(enrol(nobody(encoder), "cat", x, encoder.encode(x)), encoder)
    app = opened()
    for content in (data, data[:-30]):
        key = state.round_key(app.session_state, Key.LOAD_ENROLLED)
        file = ("names.npz", content, "application/octet-stream")
        app.file_uploader(key=key).set_value([file]).run()
        assert not app.exception
    assert enrolled(app) == {"cat": 3}
    assert "no file of enrolled images, or it was altered" in app.error[0].value.replace("\\", "")


def test_names_belong_to_the_model_that_they_were_shown_to() -> None:
    app = named(opened(), "mine")
    app.selectbox(key=Key.RECOGNISER).set_value("mnist-ae").run()
    assert not app.exception
    assert any("Nothing has a name of yours yet" in box.value for box in app.caption)
    app.selectbox(key=Key.RECOGNISER).set_value("mnist-vae").run()
    assert not any("Nothing has a name of yours yet" in box.value for box in app.caption)


def test_the_curve_goes_through_the_threshold(tiny_folder) -> None:
    from latent.recognition import trial

    tried = trial(Encoder(tiny_folder), ("8", "9"))
    threshold = tried.threshold(0.1)
    line, dot = recognising.curve(tried, threshold).data
    assert (dot.x[0], dot.y[0]) == tried.rates(threshold)
    assert np.all(np.diff(line.x) <= 0)
    assert np.all(np.diff(line.y) >= 0)
