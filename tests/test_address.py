"""The address of Explore: what it opens, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from latent import LatentSpace
from latent.words import code_to_words
from tests.conftest import digit_images, png
from ui import address, state
from ui.state import Key, Spot
from ui.uploads import Upload


@pytest.fixture(autouse=True)
def _fresh_server(tiny_models: Path) -> None:
    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.fixture
def session(tiny_space: LatentSpace) -> dict:
    """A visit with a spot, three images and a way round."""
    session: dict = {}
    state.init(session)
    spot = Spot("mnist-vae", "umap2", (1.25, -0.5), tuple(tiny_space.code(9).tolist()))
    session |= {
        Key.A: 3, Key.B: spot, Key.MORE: (7, 120), Key.CLOSED: True, Key.PATH: "graph",
        Key.N_STEPS: 17, Key.COMPARE: False,
    }  # fmt: skip
    return session


def opened(**params: str) -> AppTest:
    app = AppTest.from_file("../pages/explore.py", default_timeout=60)
    app.session_state[Key.STANDS] = True
    for name, value in params.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def said(app: AppTest) -> str:
    return "\n".join(box.value for box in app.warning).replace("\\", "")


def test_what_is_written_is_read_again(session: dict, tiny_space: LatentSpace) -> None:
    params = address.write(session, tiny_space, "umap2") | {"at": "30", "view": "0,0,2.5,0.1,-1"}
    found = address.read(params)
    assert found.problems == []
    for key in (Key.A, Key.B, Key.MORE, Key.CLOSED, Key.PATH, Key.N_STEPS, Key.COMPARE):
        assert found.values[key] == session[key]
    assert (found.values[Key.METHOD], found.values[Key.DIMS]) == ("umap", 2)
    assert found.values[Key.STEP] == 30
    again = {**session, **found.values}
    view = {"yaw": 0, "pitch": 0, "zoom": 2.5, "x": 0.1, "y": -1}
    assert address.view_of(again, tiny_space, "umap2") == view
    assert address.view_of(again, tiny_space, "pca2") is None


def test_an_image_of_ones_own_is_shared_as_its_code_alone(
    session: dict, tiny_space: LatentSpace
) -> None:
    brought = Upload("secret.png", png(255 - digit_images(3, seed=9)[0][2]))
    session[Key.A] = brought
    words = address.write(session, tiny_space, "umap2")["stops"].split(",")
    assert words[0] == code_to_words(brought.placed(tiny_space).code)
    point = address.read({"stops": ",".join(words), "model": "mnist-vae"}).values[Key.A]
    np.testing.assert_allclose(point.code, brought.placed(tiny_space).code, atol=2e-3)
    assert point.xy is None


def test_a_side_that_is_not_chosen_stays_so(tiny_space: LatentSpace) -> None:
    session: dict = {}
    state.init(session)
    session |= {Key.A: 3, Key.B: None}
    params = address.write(session, tiny_space, "umap2")
    assert params["stops"] == "3,"
    assert address.read(params).values[Key.B] is None


def test_a_page_opens_at_its_address(tiny_space: LatentSpace) -> None:
    app = opened(model="mnist-ae", map="pca3", stops="5,17,9", way="slerp", steps="5", at="25",
                 round="1", compare="0")  # fmt: skip
    assert not app.warning
    assert not app.error
    wanted = {
        Key.MODEL: "mnist-ae", Key.METHOD: "pca", Key.DIMS: 3, Key.A: 5, Key.B: 17, Key.MORE: (9,),
        Key.PATH: "slerp", Key.N_STEPS: 5, Key.STEP: 25, Key.CLOSED: True, Key.COMPARE: False,
    }  # fmt: skip
    assert {key: app.session_state[key] for key in wanted} == wanted
    assert app.number_input(key=state.shown_key(app.session_state, Key.NUMBER_B)).value == 17
    app.number_input(key=state.shown_key(app.session_state, Key.NUMBER_B)).set_value(
        44
    ).run()  # read once, then it is the visitor's
    assert app.session_state[Key.B] == 44


@pytest.mark.parametrize(
    ("params", "sentence", "key", "value"),
    [
        ({"model": "resnet"}, "model: 'resnet' is not on this server, which has mnist-ae, mnist-v",
         Key.MODEL, "mnist-vae"),
        ({"model": "models/mnist-vae"}, "is not on this server", Key.MODEL, "mnist-vae"),
        ({"map": "umap9"}, "map: mnist-vae has no map 'umap9' here; it has ", Key.METHOD, "umap"),
        ({"stops": "3"}, "stops: a way has from 2 to 8 stops with commas between; got 1",
         Key.A, 60_000),
        ({"stops": ",".join("123456789")}, "from 2 to 8 stops with commas between; got 9",
         Key.MORE, ()),
        ({"stops": "3,300"}, "stops: B is the number of an image from 0 to 299; got '300'",
         Key.A, 60_000),
        ({"stops": "-1,3"}, "A is the number of an image from 0 to 299; got '-1'",
         Key.B, 60_030),
        ({"stops": "3,5,../../etc/passwd.npz"}, "C is the number of an image from 0 to 299, or",
         Key.MORE, ()),
        ({"stops": "3,digit.png"}, "B is the number of an image", Key.A, 60_000),
        ({"stops": "3,AAAA"}, "the base64 of the 4 numbers of a code; got 'AAAA'", Key.A, 60_000),
        ({"stops": "3,AHwAfAB8AHw="}, "B is the number of an image", Key.A, 60_000),
        ({"stops": f"3,{code_to_words(np.ones(4))}~x~1"}, "B is the number", Key.PATH, "lerp"),
        ({"way": "<b>x</b>"}, "way: is one of lerp, slerp, graph, pixels; got '<b>x</b>'",
         Key.PATH, "lerp"),
        ({"steps": "many"}, "steps: is one of 5, 7, 9, 13, 17; got 'many'. The page goes on with 9",
         Key.N_STEPS, 9),
        ({"steps": "9" * 5000}, "got '" + "9" * 60 + "…'", Key.N_STEPS, 9),
        ({"at": "101"}, "at: is a share of the way from 0 to 100; got '101'", Key.STEP, 50),
        ({"at": "nan"}, "at: is a share of the way from 0 to 100; got 'nan'", Key.STEP, 50),
        ({"round": "yes"}, "round: is one of 0, 1; got 'yes'", Key.CLOSED, False),
        ({"compare": "01"}, "compare: is one of 0, 1; got '01'", Key.COMPARE, True),
        ({"view": "0,0,1e9,0,0"}, "view: is five numbers with commas between (yaw from ",
         Key.VIEW, None),
        ({"view": "0,0,1"}, "zoom from 0.3 to 400", Key.VIEW, None),
        ({"view": "0,0,inf,0,0"}, "got '0,0,inf,0,0'. The page shows the", Key.VIEW, None),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_a_sentence_that_names_the_parameter_and_its_range(
    params: dict[str, str], sentence: str, key: Key, value: object
) -> None:
    found = address.read(params)
    assert len(found.problems) == 1
    assert sentence in found.problems[0]
    assert found.values.get(key, state.DEFAULTS[key]) == value


def test_markup_in_an_address_stays_text() -> None:
    app = opened(model="<img src=x onerror=alert(1)>", way="[x](javascript:1)", at="**1**")
    assert not app.error
    assert len(app.warning) == 3
    assert app.session_state[Key.MODEL] == "mnist-vae"
    assert app.metric  # A and B are there
    for box in app.warning:
        assert "](" not in box.value
        assert "<img" not in box.value.replace("\\<", "")
        assert "**1" not in box.value


def test_a_model_or_map_of_the_same_name_that_differs_is_said(tiny_space: LatentSpace) -> None:
    app = opened(model="mnist-vae@00000000", map="pca2@ffffffff", stops="3,5")
    assert "model: mnist-vae is another version here" in said(app)
    assert "map: pca2 is another one here" in said(app)
    assert app.session_state[Key.A] == 3
    same = address.model_hash(tiny_space), address.map_hash(tiny_space, "pca2")
    assert not opened(model=f"mnist-vae@{same[0]}", map=f"pca2@{same[1]}").warning


def test_parameters_of_others_are_none_of_ours() -> None:
    assert address.read({"utm_source": "x", "embed": "true"}) == address.Read()
