"""The pages, driven through their widgets; what needs a browser is in tests/browser/."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from latent import LatentSpace
from latent.runtime import NotPortableError, PortableNetwork
from tests.conftest import digit_images, png
from ui.live.parcels import Parcel
from ui.state import Key, Spot, Upload

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


def test_without_b_the_page_asks_for_it_and_shows_no_distance() -> None:
    app = run("explore.py", A=3)
    app.session_state[Key.B] = None
    app.run()
    assert not app.exception
    assert not app.error
    assert any("not chosen yet" in text.value for text in app.markdown)
    assert not app.metric


def test_a_spot_of_another_model_gives_way_to_an_image() -> None:
    spot = Spot("mnist-vae", "umap2", (0.0, 0.0), (0.0,) * 4)
    app = run("explore.py", MODEL="mnist-vae", A=spot)
    assert app.session_state[Key.A] == spot
    app.selectbox(key=Key.MODEL).set_value("mnist-vae-2d").run()
    assert not app.exception
    assert isinstance(app.session_state[Key.A], int)


def test_a_model_too_large_for_the_browser_is_decoded_by_the_server(
    monkeypatch: pytest.MonkeyPatch, tiny_space: LatentSpace
) -> None:
    def refuse(folder: Path, part: str) -> PortableNetwork:
        raise NotPortableError("too large")

    sent: dict[str, Parcel] = {}
    monkeypatch.setattr("ui.resources.portable", refuse)
    monkeypatch.setattr("ui.live.send", lambda parcel, key: sent.update({parcel.slot: parcel}))
    app = run("explore.py", MODEL="mnist-vae", A=0, B=1)
    assert not app.error
    assert "decoder" not in sent
    frames = np.frombuffer(sent["frames"].data[-8 * (-(-101 * 784 // 8)) :], np.uint8)
    frames = frames[: 101 * 784].reshape(101, 28, 28)
    way = tiny_space.walk(tiny_space.code(0), tiny_space.code(1), 101)
    expected = tiny_space.decode(way[[0, 40, 100]])[:, 0] * 255
    assert np.abs(frames[[0, 40, 100]] - expected).max() <= 1


def test_opening_explore_imports_nothing_heavy(tiny_models: Path) -> None:
    script = (
        "import sys; from streamlit.testing.v1 import AppTest; from ui import resources;"
        "resources.warm_up = lambda name: None;"
        "app = AppTest.from_file('pages/explore.py', default_timeout=60).run();"
        "assert not app.exception and not app.error and len(app.number_input) == 2;"
        "print(sorted({'torch', 'torchvision', 'umap', 'sklearn', 'openTSNE'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.strip().endswith("[]")


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
