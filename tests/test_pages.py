"""The pages, driven through their widgets; what needs a browser is in tests/browser/."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from latent import LatentSpace
from tests.conftest import digit_images, png
from ui import state
from ui.state import Key, Upload

PAGES = sorted(path.name for path in Path("pages").glob("*.py"))


@pytest.fixture(autouse=True)
def _fresh_server(tiny_models: Path) -> None:
    """Tiny models, and nothing cached from another test."""
    st.cache_resource.clear()
    st.cache_data.clear()


def run(page: str, **session: object) -> AppTest:
    """Open a page as a deep link does: without `app.py`, on a fresh session."""
    app = AppTest.from_file(f"../pages/{page}", default_timeout=60)
    for key, value in session.items():
        app.session_state[Key[key]] = value
    app.run()
    assert not app.exception
    return app


def shown_metrics(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


@pytest.fixture
def pictures(monkeypatch: pytest.MonkeyPatch) -> list[np.ndarray]:
    """Pixels of every picture shown since the list was last cleared, in order."""
    shown: list[np.ndarray] = []
    show = st.image

    def record(image: np.ndarray | list[np.ndarray], *args: object, **options: object) -> object:
        shown.extend(image if isinstance(image, list) else [image])
        return show(image, *args, **options)

    monkeypatch.setattr(st, "image", record)
    return shown


def upload(app: AppTest, name: str, content: bytes, mime: str = "image/png") -> AppTest:
    app.file_uploader(key=Key.UPLOADER).set_value((name, content, mime)).run()
    assert not app.exception
    return app


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_on_a_server_that_nobody_has_visited(page: str) -> None:
    app = run(page)
    assert app.title[0].value
    assert not app.error


def test_app_opens_on_explore() -> None:
    app = AppTest.from_file("../app.py", default_timeout=60).run()
    assert not app.exception
    assert app.title[0].value == "Explore"


def test_a_number_chooses_a_and_the_distances_follow(tiny_space: LatentSpace) -> None:
    app = run("explore.py", MODEL="mnist-vae", A=3, B=8)
    app.number_input(key=Key.NUMBER_A).set_value(17).run()
    a, b = tiny_space.code(17), tiny_space.code(8)
    cosine = a @ b / np.sqrt((a @ a) * (b @ b))
    assert app.session_state[Key.A] == 17
    assert shown_metrics(app)["Euclidean distance"] == f"{np.sqrt(((a - b) ** 2).sum()):.2f}"
    assert shown_metrics(app)["Cosine similarity"] == f"{cosine:.2f}"


def test_random_draws_an_image_of_the_chosen_label(tiny_space: LatentSpace) -> None:
    app = run("explore.py", MODEL="mnist-vae", LABEL_B="3")
    drawn = set()
    for _ in range(5):
        app.button(key=Key.RANDOM_B).click().run()
        drawn.add(app.session_state[Key.B])
        assert app.number_input(key=Key.NUMBER_B).value == app.session_state[Key.B]
    assert {int(tiny_space.gallery.labels[index]) for index in drawn} == {3}
    assert len(drawn) > 1


def test_swap_exchanges_the_points() -> None:
    app = run("explore.py", A=4, B=9)
    app.button(key=Key.SWAP).click().run()
    assert (app.session_state[Key.A], app.session_state[Key.B]) == (9, 4)
    assert app.number_input(key=Key.NUMBER_A).value == 9


def test_slider_shows_the_decoded_step_and_leaves_the_strip(
    tiny_space: LatentSpace, pictures: list[np.ndarray]
) -> None:
    app = run("explore.py", MODEL="mnist-vae", A=0, B=1)
    before = list(pictures)
    pictures.clear()
    app.slider(key=Key.STEP).set_value(90).run()
    changed = [
        new
        for old, new in zip(before, pictures, strict=True)
        if old.shape != new.shape or (old != new).any()
    ]
    code = tiny_space.code(0) * np.float32(0.1) + tiny_space.code(1) * np.float32(0.9)
    expected = tiny_space.decode(code[None])[0, 0] * 255
    assert len(changed) == 1
    assert np.abs(changed[0][::8, ::8] - expected).max() <= 1


def test_the_strip_has_as_many_images_as_steps_and_ends_in_b(
    tiny_space: LatentSpace, pictures: list[np.ndarray]
) -> None:
    run("explore.py", MODEL="mnist-vae", A=0, B=1, N_STEPS=5)
    strip = max(pictures, key=lambda picture: picture.shape[1])[::8, ::8, 0]
    assert strip.shape == (28, 5 * 28 + 4 * 2)
    last = tiny_space.decode(tiny_space.code(1)[None])[0, 0] * 255
    assert np.abs(strip[:, -28:] - last).max() <= 1


def test_a_great_circle_decodes_other_images_than_a_straight_line(
    pictures: list[np.ndarray],
) -> None:
    run("explore.py", A=0, B=1, PATH="lerp")
    straight = list(pictures)
    pictures.clear()
    run("explore.py", A=0, B=1, PATH="slerp")
    differs = [(a != b).any() for a, b in zip(straight, pictures, strict=True)]
    assert any(differs)


def test_every_map_of_the_model_can_be_chosen(tiny_space: LatentSpace) -> None:
    for info in tiny_space.maps_info.values():
        app = run("explore.py", MODEL="mnist-vae", METHOD=info["method"], DIMS=info["dims"])
        assert not app.error
        assert app.selectbox(key=Key.METHOD).value == info["method"]


def test_a_map_that_the_next_model_lacks_gives_way_to_one_it_has() -> None:
    app = run("explore.py", MODEL="mnist-vae", METHOD="umap", DIMS=3)
    app.selectbox(key=Key.MODEL).set_value("mnist-vae-2d").run()
    assert not app.exception
    assert not app.error
    assert (app.session_state[Key.METHOD], app.session_state[Key.DIMS]) == ("latent", 2)


def test_a_number_beyond_the_gallery_is_brought_inside(tiny_space: LatentSpace) -> None:
    app = run("explore.py", A=69_999, B=60_001)
    assert app.session_state[Key.A] == 69_999 % len(tiny_space.gallery)
    assert app.number_input(key=Key.NUMBER_A).value == app.session_state[Key.A]


def test_clicks_set_a_and_b_in_turn() -> None:
    session = dict(state.DEFAULTS)
    state.choose_next(session, 5)
    state.choose_next(session, 6)
    state.choose_next(session, 7)
    assert (session[Key.A], session[Key.B], session[Key.NEXT]) == (7, 6, "B")
    assert (session[Key.NUMBER_A], session[Key.NUMBER_B]) == (7, 6)


def test_an_upload_is_placed_among_images_of_its_kind(tiny_space: LatentSpace) -> None:
    images, labels = digit_images(10, seed=9)
    app = upload(run("place.py", MODEL="mnist-vae"), "drawn.png", png(255 - images[7]))
    assert not app.error
    found = app.session_state[Key.UPLOAD]
    expected = tiny_space.place(found.prepared.x).label
    assert f"Its neighbours say: {expected}" in [header.value for header in app.subheader]
    assert "784 pixels become 4 numbers become a picture again" in app.subheader[0].value
    assert labels[7] == 7


def test_an_upload_stays_for_the_visit_and_becomes_a_on_explore() -> None:
    app = AppTest.from_file("../app.py", default_timeout=60).run()
    app.switch_page("pages/place.py").run()
    upload(app, "drawn.png", png(255 - digit_images(3, seed=9)[0][2]))
    app.button(key=Key.USE_A).click().run()
    assert isinstance(app.session_state[Key.A], Upload)
    app.switch_page("pages/explore.py").run()
    assert not app.exception
    assert not app.error
    assert any("your image drawn.png" in text.value for text in app.markdown)
    app.switch_page("pages/place.py").run()
    assert any("Its neighbours say" in header.value for header in app.subheader)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("notes.txt", b"no image at all", "no PNG or JPEG image"),
        ("empty.png", b"", "empty"),
        ("half.png", png(np.random.default_rng(0).integers(0, 255, (64, 64), np.uint8))[:900],
         "damaged"),
        ("blank.png", png(np.full((40, 40), 255, np.uint8)), "Nothing stands out"),
        ("[x](http://evil) <b>.png", b"GIF89a", "no PNG or JPEG image"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_image_is_refused_with_one_sentence(
    name: str, content: bytes, words: str
) -> None:
    app = upload(run("place.py"), name, content)
    assert len(app.error) == 1
    assert words in app.error[0].value
    assert "](" not in app.error[0].value
    assert app.session_state[Key.UPLOAD] is None


def test_a_damaged_model_is_a_red_box_that_names_the_file(
    own_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LATENT_MODELS", str(own_folder.parent))
    weights = own_folder / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1])
    for page in PAGES:
        app = run(page)
        assert len(app.error) == 1
        assert "weights.safetensors" in app.error[0].value.replace("\\", "")


def test_no_model_at_all_says_how_to_train_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LATENT_MODELS", str(tmp_path))
    assert "Train one" in run("explore.py").error[0].value
