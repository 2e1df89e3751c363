"""The page Similar through its widgets."""

from __future__ import annotations

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from latent.data import TEST, Dataset
from latent.encoder import Encoder
from latent.images import prepare
from latent.search import Wish, pieces_of, ranked, rendered
from tests.conftest import png
from tests.test_archive import packed
from tests.test_pages import run
from ui import live, resources, searching, shelves, state
from ui.state import Key
from ui.uploads import Tray, Upload

NAME = "furniture-contrast"
pytestmark = pytest.mark.usefixtures("tiny_designs")


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[list[dict]]:
    """What each run of the page draws as results."""
    runs: list[list[dict]] = []
    monkeypatch.setattr(live, "results", lambda key, pieces, **calls: runs.append(pieces))
    return runs


def opened(**session: object) -> AppTest:
    app = run("similar.py", **session)
    assert not app.exception
    return app


def numbers(pieces: list[dict]) -> list[int]:
    return [piece["number"] for piece in pieces]


def test_a_piece_of_the_catalogue_finds_others_but_not_itself(shown) -> None:
    app = opened(LOOKED_FOR=7)
    assert len(shown[-1]) == searching.SHOWN
    assert 7 not in numbers(shown[-1])
    assert shown[-1][0]["picture"].startswith("data:image/webp;base64,")
    app.button(key=Key.MORE_FOUND).click().run()
    assert len(shown[-1]) == 24
    assert numbers(shown[-1])[:12] == numbers(shown[-2])


def test_the_slider_moves_from_shape_to_colour(shown) -> None:
    app = opened(LOOKED_FOR=7)
    for share, part in ((0, "shape"), (100, "colour")):
        app.slider(key=Key.COLOUR_SHARE).set_value(share).run()
        alike = [piece[part] for piece in shown[-1]]
        assert alike == sorted(alike, reverse=True)


def test_filters_leave_kinds_and_numbers(shown, tiny_designs) -> None:
    known = rendered(Encoder(tiny_designs / NAME))
    app = opened(LOOKED_FOR=7)
    app.button_group(key=f"{Key.SHELF_KINDS}.rendered").set_value(["dining"]).run()
    assert {str(known.kinds[i]) for i in numbers(shown[-1])} == {"dining"}
    (width,) = [slider for slider in app.slider if slider.label == "Width, m"]
    width.set_value((0.5, 0.6)).run()
    assert numbers(shown[-1])
    assert all(0.5 <= known.sizes["width"][i] <= 0.6 for i in numbers(shown[-1]))
    width = next(slider for slider in app.slider if slider.label == "Width, m")
    (height,) = [slider for slider in app.slider if slider.label == "Height, m"]
    width.set_value((width.min, width.min))
    height.set_value((height.max, height.max)).run()
    assert "Widen them" in app.info[0].value


def test_judgements_rank_anew_and_are_forgotten_with_what_was_looked_for(shown) -> None:
    app = opened(LOOKED_FOR=7, COLOUR_SHARE=0)
    first = numbers(shown[-1])
    app.session_state[Key.JUDGED] = ("rendered.207", {first[-1]: 1})
    app.run()
    assert numbers(shown[-1]).index(first[-1]) < 11
    assert next(p for p in shown[-1] if p["number"] == first[-1])["mark"] == 1
    assert any("What is now valued" in box.value for box in app.markdown)
    app.number_input(key=Key.LOOKED_FOR).set_value(8).run()
    assert not any("What is now valued" in box.value for box in app.markdown)
    assert all(piece["mark"] == 0 for piece in shown[-1])
    app.number_input(key=Key.LOOKED_FOR).set_value(7).run()
    app.button(key=Key.FORGET_JUDGED).click().run()
    assert numbers(shown[-1]) == first


@pytest.mark.parametrize("value", [{}, {"number": "x", "mark": 1}, {"number": 5_000, "mark": 1},
                                   {"number": 1, "mark": 7}, None])  # fmt: skip
def test_what_the_browser_should_not_send_changes_nothing(value, monkeypatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(searching.frame, "say", lambda error: said.append(str(error)))
    session = {Key.RESULTS: {"judgement": value}, Key.JUDGED: ("t", {3: 1})}
    monkeypatch.setattr(searching.st, "session_state", session)
    query = searching.Query("t", "x", "", np.zeros(4), np.zeros(4), None)
    searching._judged(query, 100)
    assert said
    assert session[Key.JUDGED] == ("t", {3: 1})


def test_a_photo_of_ones_own_is_looked_for(shown, tiny_designs, tiny_furniture: Dataset) -> None:
    app = opened(LOOK_FROM="brought")
    assert "Bring an image" in app.info[0].value
    tray = Tray()
    file = png(tiny_furniture.images[tiny_furniture.split == TEST][9])
    tray.add(Upload("mine.png", file))
    app.session_state[Key.TRAY] = tray
    app.run()
    assert not app.exception
    encoder = Encoder(tiny_designs / NAME)
    own = pieces_of(encoder, ["mine"], prepare(file, "furniture-photo").x[None])
    wish = Wish(own.shapes[0], own.colours[0], 0.2)
    assert numbers(shown[-1]) == ranked(rendered(encoder).pieces, wish, 12).indices.tolist()


def test_what_was_said_in_one_catalogue_means_nothing_in_another(
    shown, tiny_designs, tiny_furniture: Dataset
) -> None:
    images = tiny_furniture.images[tiny_furniture.split == TEST]
    photos = shelves.empty(Encoder(tiny_designs / NAME))
    photos.take(Encoder(tiny_designs / NAME), "0.png", png(images[0]))
    tray = Tray()
    tray.add(Upload("mine.png", png(images[9])))
    app = opened(LOOK_FROM="brought", TRAY=tray, PHOTOS=photos)
    token = f"rendered.{state.token(tray.shown)}"
    app.session_state[Key.JUDGED] = (token, {90: 1})
    app.run()
    assert any("What is now valued" in box.value for box in app.markdown)
    app.session_state[Key.SHELF] = "own"
    app.run()
    assert not app.exception
    assert not any("What is now valued" in box.value for box in app.markdown)
    assert numbers(shown[-1]) == [0]


def test_nothing_alike_is_said(shown, monkeypatch) -> None:
    monkeypatch.setattr(searching, "is_strange", lambda *given: True)
    tray = Tray()
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)
    tray.add(Upload("noise.png", png(noise)))
    app = opened(LOOK_FROM="brought", TRAY=tray)
    assert "Nothing here is like it" in app.warning[0].value
    assert len(shown[-1]) == searching.SHOWN


def test_a_catalogue_of_ones_own_is_brought_searched_filtered_and_removed(
    shown, tiny_furniture: Dataset
) -> None:
    app = opened(SHELF="own")
    assert "they become your catalogue" in app.info[0].value
    images = tiny_furniture.images[tiny_furniture.split == TEST]
    files = [(f"{i}.png", png(images[i])) for i in range(6)]
    uploader = app.file_uploader[0]
    uploader.set_value([
        ("some.zip", packed(*files[:4], ("../x.png", files[0][1])), "application/zip"),
        (*files[4], "image/png"), (*files[5], "image/png"), ("bad.png", b"x", "image/png"),
    ]).run()  # fmt: skip
    assert not app.exception
    photos = app.session_state[Key.PHOTOS]
    assert photos.pieces.names == tuple(f"{i}.png" for i in range(6))
    assert any("2 could not be taken" in box.label for box in app.expander)
    assert len(shown[-1]) == 5
    app.session_state[Key.PHOTOS].table = b"file,price\n1.png,10\n2.png,90\n"
    app.run()
    assert any("numbers for 2 of 6 photos" in box.value for box in app.caption)
    (price,) = [slider for slider in app.slider if slider.label == "price"]
    price.set_value((80.0, 90.0)).run()
    assert numbers(shown[-1]) == [2]
    app.button(key=Key.CLEAR_SHELF).click().run()
    assert app.session_state[Key.PHOTOS] is None or not len(app.session_state[Key.PHOTOS].pieces)


def test_a_run_that_was_given_up_goes_on_where_it_was(tiny_designs, tiny_furniture) -> None:
    encoder = Encoder(tiny_designs / NAME)
    photos = shelves.empty(encoder)
    images = tiny_furniture.images[tiny_furniture.split == TEST]
    photos.take(encoder, "0.png", png(images[0]))
    app = opened(SHELF="own", PHOTOS=photos)
    app.file_uploader[0].set_value(
        [(f"{i}.png", png(images[i]), "image/png") for i in range(3)]
    ).run()
    assert app.session_state[Key.PHOTOS].pieces.names == ("0.png", "1.png", "2.png")
    assert app.session_state[state.ROUND[Key.SHELF_FILES]] == 1


def test_without_the_encoder_the_page_says_so(tiny_models, monkeypatch) -> None:
    monkeypatch.setenv("LATENT_MODELS", str(tiny_models))
    resources.encoder.clear()
    app = run("similar.py")
    assert "Train it" in app.info[0].value
    assert not app.error
