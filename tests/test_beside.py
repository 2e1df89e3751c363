"""The same images through two models."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from latent import InputError, LatentSpace
from latent.ways import follow
from tests.conftest import digit_images, png
from ui.beside import codes_in
from ui.state import Key, Spot
from ui.uploads import Upload


def test_images_have_a_code_in_each_model(ae_space: LatentSpace) -> None:
    upload = Upload("7.png", png(255 - digit_images(10, seed=9)[0][7]))
    codes = codes_in(ae_space, [250, upload])
    assert np.array_equal(codes[0], ae_space.gallery.codes[250])
    assert np.array_equal(codes[1], ae_space.place(upload.x(ae_space)).code)


def test_a_spot_between_images_has_none_elsewhere(ae_space: LatentSpace) -> None:
    spot = Spot("mnist-vae", None, None, (0.0, 0.0, 0.0, 0.0))
    with pytest.raises(InputError, match="B is a spot between images"):
        codes_in(ae_space, [250, spot])


def test_both_strips_stand_under_one_another(
    tiny_models: Path, tiny_space: LatentSpace, ae_space: LatentSpace
) -> None:
    st.cache_resource.clear()  # models of another test
    app = AppTest.from_file("../pages/explore.py", default_timeout=60)
    app.session_state[Key.STANDS] = True
    app.run()
    app.session_state[Key.A], app.session_state[Key.B] = 201, 213
    app.selectbox(key=Key.OTHER_MODEL).select("mnist-ae").run()
    assert not app.exception
    said = [markdown.value for markdown in app.markdown]
    for space in (tiny_space, ae_space):
        way = follow(space, "lerp", space.gallery.codes[[201, 213]], 9)
        figures = f"farthest step {way.worst:.0f} % · largest change {way.largest_change:.3f}"
        assert sum(figures in words for words in said) == 1
    app.selectbox(key=Key.MODEL).select("mnist-ae").run()
    assert not app.exception
    assert app.selectbox(key=Key.OTHER_MODEL).value is None  # it is the page's own model now
