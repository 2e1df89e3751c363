"""The pages, driven through their widgets; what needs a browser is in tests/browser/."""

from __future__ import annotations

import base64
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from latent import LatentSpace
from latent.data import Dataset
from latent.runtime import NotPortableError, PortableNetwork
from tests.conftest import digit_images, png
from ui import resources, state, traverse
from ui.live.parcels import Parcel
from ui.state import Key, Spot
from ui.uploads import Tray, Upload

PAGES = sorted(path.name for path in Path("pages").glob("*.py"))


@pytest.fixture(autouse=True)
def _fresh_server(tiny_models: Path) -> None:
    """Tiny models, and nothing cached from another test."""
    st.cache_resource.clear()
    st.cache_data.clear()


def run(page: str, **session: object) -> AppTest:
    """Open a page as a deep link does: without `app.py`, on a fresh session.

    There is no browser that could report that the map stands.
    """
    app = AppTest.from_file(f"../pages/{page}", default_timeout=60)
    app.session_state[Key.STANDS] = True
    for key, value in session.items():
        app.session_state[Key[key]] = value
    app.run()
    assert not app.exception
    return app


def visit() -> AppTest:
    """Open the app as its address does, and let the map stand."""
    app = AppTest.from_file("../app.py", default_timeout=60)
    app.session_state[Key.STANDS] = True
    return app.run()


def shown_metrics(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def upload(app: AppTest, *files: tuple[str, bytes]) -> AppTest:
    key = state.round_key(app.session_state, Key.UPLOADER)
    given = [(name, content, "image/png") for name, content in files]
    app.file_uploader(key=key).set_value(given).run()
    assert not app.exception
    return app


def tray_of(app: AppTest) -> Tray:
    return app.session_state[Key.TRAY]


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_on_a_server_that_nobody_has_visited(page: str) -> None:
    app = run(page)
    assert app.title[0].value
    assert not app.error


def test_app_opens_on_explore() -> None:
    app = visit()
    assert not app.exception
    assert app.title[0].value == "Explore"


def test_a_number_chooses_a_and_the_distances_follow(tiny_space: LatentSpace) -> None:
    app = run("explore.py", MODEL="mnist-vae", A=3, B=8)
    app.number_input(key=state.shown_key(app.session_state, Key.NUMBER_A)).set_value(17).run()
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
        assert (
            app.number_input(key=state.shown_key(app.session_state, Key.NUMBER_B)).value
            == app.session_state[Key.B]
        )
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
    assert (
        app.number_input(key=state.shown_key(app.session_state, Key.NUMBER_A)).value
        == app.session_state[Key.A]
    )


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


@pytest.mark.parametrize(
    ("page", "fields", "before"),
    [
        ("explore.py", 0, ""),
        # once it is drawn it makes ready in the background what its next step needs
        ("traverse.py", 1, "resources.warm_up = lambda *given, **named: None;"),
    ],
)
def test_opening_a_page_imports_nothing_heavy(
    tiny_models: Path, page: str, fields: int, before: str
) -> None:
    script = (
        "import sys; from streamlit.testing.v1 import AppTest; from ui import resources;"
        f"{before}"
        f"app = AppTest.from_file('pages/{page}', default_timeout=60).run();"
        f"assert not app.exception and not app.error and len(app.number_input) == {fields};"
        "print(sorted({'torch', 'torchvision', 'umap', 'sklearn', 'openTSNE'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.strip().endswith("[]")


def test_an_upload_is_placed_among_images_of_its_kind(tiny_space: LatentSpace) -> None:
    images, labels = digit_images(10, seed=9)
    app = upload(run("place.py", MODEL="mnist-vae"), ("drawn.png", png(255 - images[7])))
    assert not app.error
    (found,) = tray_of(app).images.values()
    expected = tiny_space.place(found.prepared(tiny_space).x).label
    shown = " ".join(header.value for header in app.subheader)
    assert f"drawn.png: its neighbours say {expected}" in shown
    assert any("784 pixels become 4 numbers" in text.value for text in app.markdown)
    assert labels[7] == 7


def test_several_files_are_taken_and_each_refused_one_says_why() -> None:
    digits = [png(255 - image) for image in digit_images(6, seed=9)[0]]
    files = [(f"{i}.png", content) for i, content in enumerate(digits)]
    files[2:2] = [("notes.txt", b"no image"), ("[x](http://evil) <b>.png", b"")]
    app = upload(run("place.py"), *files)
    names = [found.name for found in tray_of(app).images.values()]
    assert names == [f"{i}.png" for i in range(6)]
    assert len(app.error) == 2
    assert "**notes.txt**" in app.error[0].value
    assert "](" not in app.error[1].value
    assert "<b>" not in app.error[1].value
    upload(app, files[0])  # what was refused before is not said again
    assert not app.error
    assert len(tray_of(app).images) == 7


def test_the_uploader_is_empty_after_its_files_were_taken() -> None:
    app = upload(run("place.py"), ("a.png", png(255 - digit_images(1, seed=9)[0][0])))
    assert not app.file_uploader[0].value
    app.run()
    assert len(tray_of(app).images) == 1


def test_the_tray_labels_removes_and_makes_a_and_b(tiny_space: LatentSpace) -> None:
    digits = [png(255 - image) for image in digit_images(3, seed=9)[0]]
    app = visit()
    app.switch_page("pages/place.py").run()
    upload(app, *((f"{i}.png", content) for i, content in enumerate(digits)))
    app.button(key=Key.OWN_A).click().run()
    tray = tray_of(app)
    tray.choose(1)
    app.run()
    app.text_input(key=Key.OWN_LABEL).set_value(" *my* <b>zero ").run()
    app.button(key=Key.OWN_B).click().run()
    assert not app.exception
    assert tray.images[1].label == "*my* <b>zero"
    assert "\\*my\\*" in " ".join(header.value for header in app.subheader)
    assert app.session_state[Key.A] is tray.images[3]
    assert app.session_state[Key.B] is tray.images[1]
    app.switch_page("pages/explore.py").run()
    assert not app.exception
    assert not app.error
    a, b = (tray.images[n].placed(tiny_space).code for n in (3, 1))
    assert shown_metrics(app)["Euclidean distance"] == f"{np.sqrt(((a - b) ** 2).sum()):.2f}"
    app.selectbox(key=Key.MINE_A).set_value(2).run()
    assert app.session_state[Key.A] is tray.images[2]
    app.switch_page("pages/place.py").run()
    app.button(key=Key.REMOVE).click().run()
    assert list(tray.images) == [2, 3]
    app.button(key=Key.REMOVE_ALL).click().run()
    assert not app.exception
    assert not tray.images
    app.switch_page("pages/explore.py").run()  # A stays what it was
    assert not app.error
    assert Key.MINE_A not in [box.key for box in app.selectbox]


def test_an_upload_stays_for_the_visit() -> None:
    app = visit()
    app.switch_page("pages/place.py").run()
    upload(app, ("drawn.png", png(255 - digit_images(3, seed=9)[0][2])))
    app.button(key=Key.OWN_A).click().run()
    app.switch_page("pages/explore.py").run()
    assert not app.exception
    assert not app.error
    assert any("your image drawn.png" in text.value for text in app.markdown)
    app.switch_page("pages/place.py").run()
    assert any("its neighbours say" in header.value for header in app.subheader)


def draw(monkeypatch: pytest.MonkeyPatch, app: AppTest, *drawings: dict[str, object]) -> None:
    """Run the page once for each, as if the sheet had reported it."""
    for drawing in drawings:

        def report(key: str, on_drawing: Callable[[], None], waiting: tuple = ([drawing],)) -> None:
            if waiting[0]:
                st.session_state[Key.PAD] = {"drawing": waiting[0].pop()}
                on_drawing()

        with monkeypatch.context() as patch:
            patch.setattr("ui.live.pad", report)
            app.run()
            app.run()  # what the callback left is taken by the run that it starts
        assert not app.exception


def drawn(number: int, seq: int, digit: int | None) -> dict[str, object]:
    content = None
    if digit is not None:
        pixels = png(255 - digit_images(10, seed=9)[0][digit].repeat(10, 0).repeat(10, 1))
        content = f"data:image/png;base64,{base64.b64encode(pixels).decode()}"
    return {"seq": seq, "number": number, "png": content}


def test_a_sheet_is_one_image_however_many_strokes_it_has(
    monkeypatch: pytest.MonkeyPatch, tiny_space: LatentSpace, pinned: dict[str, dict]
) -> None:
    app = run("place.py", MODEL="mnist-vae")
    draw(monkeypatch, app, drawn(1, 1, 4), drawn(1, 2, 7))
    (found,) = tray_of(app).images.values()
    assert found.name == "drawing 1"
    expected = Upload("", found.data).placed(tiny_space).code
    assert pinned["scene"]["choice"]["a"]["code"] == expected.tolist()
    assert pinned["scene"]["near"] == tiny_space.neighbours(expected, 5)[0].tolist()
    assert pinned["pad"]["seq"] == 2
    draw(monkeypatch, app, drawn(2, 3, 1))
    assert [upload.drawing for upload in tray_of(app).images.values()] == [1, 2]
    draw(monkeypatch, app, drawn(2, 4, None))
    assert [upload.drawing for upload in tray_of(app).images.values()] == [1]
    assert pinned["pad"]["gone"] == []
    app.button(key=Key.REMOVE).click().run()
    assert pinned["pad"]["gone"] == [1]


def test_a_drawing_that_cannot_be_read_is_said_and_changes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = run("place.py", MODEL="mnist-vae")
    said: list[str] = []
    monkeypatch.setattr("ui.frame.say", lambda error: said.append(str(error)))
    draw(monkeypatch, app, {"seq": 1, "number": "x", "png": None})
    assert "cannot be read" in said[0]
    assert not tray_of(app).images


def test_a_model_whose_encoder_is_too_large_answers_when_the_pen_rests(
    monkeypatch: pytest.MonkeyPatch, tiny_space: LatentSpace, pinned: dict[str, dict]
) -> None:
    def refuse(folder: Path, part: str) -> PortableNetwork:
        raise NotPortableError("too large")

    sent: dict[str, Parcel] = {}
    monkeypatch.setattr("ui.resources.portable", refuse)
    monkeypatch.setattr("ui.live.send", lambda parcel, key: sent.update({parcel.slot: parcel}))
    app = run("place.py", MODEL="mnist-vae")
    assert pinned["pad"]["encoder"] is None
    draw(monkeypatch, app, drawn(1, 1, 4))
    (found,) = tray_of(app).images.values()
    answer = pinned["pad"]["answer"]
    assert answer["version"] == sent["answer"].version
    assert answer["label"] == found.placed(tiny_space).label


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("notes.txt", b"no image at all", "no PNG, JPEG, WebP, BMP, GIF or TIFF image"),
        ("empty.png", b"", "empty"),
        ("half.png", png(np.random.default_rng(0).integers(0, 255, (64, 64), np.uint8))[:900],
         "damaged"),
        ("blank.png", png(np.full((40, 40), 255, np.uint8)), "Nothing stands out"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_image_is_refused_with_one_sentence(
    name: str, content: bytes, words: str
) -> None:
    app = upload(run("place.py"), (name, content))
    assert len(app.error) == 1
    assert words in app.error[0].value
    assert not tray_of(app).images


def test_a_damaged_model_is_a_red_box_that_names_the_file(
    own_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LATENT_MODELS", str(own_folder.parent))
    weights = own_folder / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1])
    for page in set(PAGES) - {"two_chairs.py", "similar.py"}:  # which show other models
        app = run(page)
        assert len(app.error) == 1
        assert "weights.safetensors" in app.error[0].value.replace("\\", "")


def test_no_model_at_all_says_how_to_train_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LATENT_MODELS", str(tmp_path))
    assert "Train one" in run("explore.py").error[0].value


@pytest.fixture
def pinned(monkeypatch: pytest.MonkeyPatch) -> dict[str, dict]:
    """What the browser was last sent for each place on its board."""
    slots: dict[str, dict] = {}
    monkeypatch.setattr("ui.live.pin", lambda slot, values, key: slots.update({slot: values}))
    return slots


def test_traverse_starts_from_an_image_and_from_the_one_whose_number_is_typed(
    tiny_space: LatentSpace, pinned: dict[str, dict]
) -> None:
    app = run("traverse.py", MODEL="mnist-vae", IMAGE=69_999)
    assert pinned["traverse"]["code"] == tiny_space.code(69_999 % 300).tolist()
    app.number_input(key=Key.IMAGE).set_value(17).run()
    sent = pinned["traverse"]
    assert sent["code"] == sent["start"] == tiny_space.code(17).tolist()
    assert any("image 17, labelled" in text.value for text in app.markdown)
    spread = np.exp(0.5 * tiny_space.gallery.logvar[17].astype(float))
    assert sent["posterior"]["mean"] == sent["code"]
    assert sent["posterior"]["std"] == pytest.approx(spread.tolist())
    app.button(key=Key.RANDOM_IMAGE).click().run()
    drawn = app.number_input(key=Key.IMAGE).value
    assert pinned["traverse"]["code"] == tiny_space.code(drawn).tolist()


def test_traverse_starts_from_the_mean_the_prior_and_the_points_of_explore(
    tiny_space: LatentSpace, pinned: dict[str, dict]
) -> None:
    app = run("traverse.py", MODEL="mnist-vae", A=5, B=8)
    app.button(key=Key.START_MEAN).click().run()
    mean = tiny_space.gallery.codes.mean(0, np.float64)
    assert pinned["traverse"]["code"] == pytest.approx(mean.tolist())
    draws = []
    for _ in range(60):
        app.button(key=Key.START_DRAW).click().run()
        draws.append(pinned["traverse"]["code"])
    # 240 numbers of N(0, 1): within five standard errors
    assert abs(np.mean(draws)) < 0.33
    assert abs(np.std(draws) - 1) < 0.23
    app.button(key=Key.START_B).click().run()
    assert pinned["traverse"]["code"] == tiny_space.code(8).tolist()
    assert app.number_input(key=Key.IMAGE).value == 8


def test_a_plain_autoencoder_offers_no_prior_and_no_posterior(pinned: dict[str, dict]) -> None:
    app = run("traverse.py", MODEL="mnist-ae")
    assert Key.START_DRAW not in [button.key for button in app.button]
    assert any("has no *prior*" in caption.value for caption in app.caption)
    assert pinned["traverse"]["posterior"] is None
    assert pinned["traverse"]["measure"] == "variance"


def test_numbers_come_by_importance_and_those_unused_are_marked_and_last(
    own_folder: Path, alter, monkeypatch: pytest.MonkeyPatch, pinned: dict[str, dict]
) -> None:
    monkeypatch.setenv("LATENT_MODELS", str(own_folder.parent))
    gallery = LatentSpace(own_folder).gallery
    codes, logvar = gallery.codes.copy(), gallery.logvar.copy()
    codes[:, 1] = logvar[:, 1] = 0
    alter(own_folder, gallery={"codes": codes, "logvar": logvar})
    app = run("traverse.py", MODEL="mnist-vae")
    numbers = pinned["traverse"]["numbers"]
    assert [number["unused"] for number in numbers] == [False, False, False, True]
    assert numbers[-1]["index"] == 1
    kl = [number["importance"] for number in numbers]
    assert kl == sorted(kl, reverse=True)
    assert pinned["traverse"]["plane"] == [number["index"] for number in numbers[:2]]
    # no other model of these images: nothing to compare with
    assert not any("The same image" in header.value for header in app.subheader)


def test_the_code_stays_for_the_visit_and_belongs_to_its_model(pinned: dict[str, dict]) -> None:
    app = visit()
    app.switch_page("pages/traverse.py").run()
    app.button(key=Key.START_DRAW).click().run()
    app.segmented_control(key=Key.REACH).set_value(2).run()
    code = pinned["traverse"]["code"]
    app.switch_page("pages/explore.py").run()
    app.switch_page("pages/traverse.py").run()
    assert (pinned["traverse"]["code"], pinned["traverse"]["reach"]) == (code, 2)
    app.selectbox(key=Key.MODEL).set_value("mnist-vae-2d").run()
    assert not app.exception
    assert not app.error
    assert len(pinned["traverse"]["code"]) == 2


def test_a_code_made_with_the_sliders_becomes_a_on_explore(pinned: dict[str, dict]) -> None:
    app = visit()
    app.switch_page("pages/traverse.py").run()
    app.button(key=Key.START_DRAW).click().run()
    app.button(key=Key.USE_A).click().run()
    assert any("It is A now" in success.value for success in app.success)
    code = pinned["traverse"]["code"]
    assert app.session_state[Key.A] == Spot("mnist-vae", None, None, tuple(code))
    app.switch_page("pages/explore.py").run()
    assert not app.exception
    assert not app.error
    assert pinned["scene"]["choice"]["a"]["code"] == pytest.approx(code)
    assert any("a code made with the sliders" in text.value for text in app.markdown)


def test_a_movement_that_cannot_be_read_is_said_and_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, pinned: dict[str, dict]
) -> None:
    def report(key: str, on_move) -> None:
        st.session_state[Key.TRAVERSE] = {"move": {"seq": 1, "code": ["x"], "plane": [0, 1]}}
        on_move()

    monkeypatch.setattr("ui.live.traverse", report)
    app = run("traverse.py", MODEL="mnist-vae", IMAGE=3)
    before = app.session_state[Key.TRAVERSAL]
    assert "cannot be read" in app.error[0].value
    assert before.code == before.start


def test_the_same_image_is_shown_through_every_model_of_these_images(
    tiny_models: Path, tiny_mnist: Path, pinned: dict[str, dict]
) -> None:
    app = run("traverse.py", MODEL="mnist-vae", IMAGE=12)
    assert "The same image through 2 and through 4 numbers" in [h.value for h in app.subheader]
    original, *cards = pinned["redrawn"]["cards"]
    assert np.shape(original["pixels"]) == (784,)
    assert [card["title"] for card in cards] == [
        "2 numbers · VAE",
        "4 numbers · AE",
        "4 numbers · VAE",
    ]
    for card, name in zip(cards, ("mnist-vae-2d", "mnist-ae", "mnist-vae"), strict=True):
        other = LatentSpace(tiny_models / name)
        assert card["code"] == other.code(12).tolist()
        drawn = other.decode(other.code(12)[None]).ravel()
        error = np.square(drawn - original["pixels"]).mean()
        kept = other.gallery.reconstruction_error[12]
        assert kept == pytest.approx(error, rel=2e-3)  # it is stored in 16 bits
        assert card["note"] == f"squared error {kept:.4f}"


def test_traverse_is_decoded_by_the_server_where_the_browser_cannot(
    monkeypatch: pytest.MonkeyPatch, tiny_space: LatentSpace, pinned: dict[str, dict]
) -> None:
    def refuse(folder: Path, part: str) -> PortableNetwork:
        raise NotPortableError("too large")

    sent: dict[str, Parcel] = {}
    monkeypatch.setattr("ui.resources.portable", refuse)
    monkeypatch.setattr("ui.live.send", lambda parcel, key: sent.update({parcel.slot: parcel}))
    app = run("traverse.py", MODEL="mnist-vae", IMAGE=3)
    assert not app.error
    assert any("the server draws the pictures" in info.value for info in app.info)
    assert list(sent) == ["frames"]
    assert pinned["traverse"]["versions"] == {"frames": sent["frames"].version}
    count = 1 + 4 * traverse.STEPS + traverse.SIDE_OF_SLICE**2
    frames = np.frombuffer(sent["frames"].data[-8 * (-(-count * 784 // 8)) :], np.uint8)
    expected = tiny_space.decode(tiny_space.code(3)[None])[0, 0] * 255
    assert np.abs(frames[:784].reshape(28, 28) - expected).max() <= 1
    assert all("pixels" in card for card in pinned["redrawn"]["cards"])


def furnished(page: str, root: Path, monkeypatch: pytest.MonkeyPatch, **session: object) -> AppTest:
    """A page with the tiny models of furniture."""
    monkeypatch.setenv("LATENT_MODELS", str(root))
    return run(page, **session)


@pytest.mark.parametrize("page", ["explore.py", "traverse.py", "place.py"])
@pytest.mark.parametrize("model", ["furniture-ae", "furniture-vae"])
def test_every_page_works_with_furniture_and_speaks_of_it(
    tiny_furniture_folder: Path, monkeypatch: pytest.MonkeyPatch, page: str, model: str
) -> None:
    app = furnished(page, tiny_furniture_folder, monkeypatch, MODEL=model)
    assert not app.exception
    assert not app.error
    assert app.session_state[Key.MODEL] == model
    shown = " ".join(text.value for text in [*app.markdown, *app.info])
    assert "digit" not in shown
    assert any(word in shown for word in ("chair or a table", "chair or table", "make a chair"))


def test_originals_that_ship_are_shown_and_others_are_not(
    tiny_furniture_folder: Path, monkeypatch: pytest.MonkeyPatch, tiny_furniture: Dataset
) -> None:
    monkeypatch.setenv("LATENT_MODELS", str(tiny_furniture_folder))
    found = resources.original("furniture-vae", 250)
    assert found is not None
    np.testing.assert_allclose(
        np.moveaxis(found, 0, 2) * 255, tiny_furniture.images[250], atol=1e-3
    )
    assert resources.original("furniture-vae", 5) is None
    assert resources.have_originals("furniture-ae", [200, 299])
    assert not resources.have_originals("furniture-ae", [199, 200])


def test_an_upload_is_prepared_anew_for_a_model_of_other_images(
    tiny_folder: Path, tiny_furniture_folder: Path
) -> None:
    brought = Upload("a.png", png(np.dstack([255 - digit_images(3, seed=9)[0][2]] * 3)))
    digits, furniture = (
        LatentSpace(tiny_folder),
        LatentSpace(tiny_furniture_folder / "furniture-ae"),
    )
    assert brought.prepared(digits).x.shape == (1, 28, 28)
    assert brought.prepared(furniture).x.shape == (3, 64, 64)
    assert brought.prepared(digits) is brought.prepared(digits)


def test_an_upload_that_means_nothing_to_a_model_leaves_its_side_empty(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    blank = Upload("sheet.png", png(np.full((30, 30, 3), 250, np.uint8)))
    app = run("explore.py", MODEL="mnist-vae", A=blank, B=1)
    assert len(app.error) == 1
    assert "Nothing stands out" in app.error[0].value
    assert app.session_state[Key.A] is None
    assert app.session_state[Key.B] == 1


def test_the_rest_of_explore_waits_until_the_map_stands() -> None:
    app = run("explore.py", STANDS=False)
    assert not app.number_input
    app.session_state[Key.STANDS] = True
    app.run()
    assert (
        app.number_input(key=state.shown_key(app.session_state, Key.NUMBER_A)).value
        == app.session_state[Key.A]
    )


def test_a_widget_is_another_one_once_its_value_was_chosen_elsewhere() -> None:
    session: dict = {}
    state.init(session)
    session[Key.NUMBER_A] = 60_000
    key, first = state.fresh(session, Key.NUMBER_A, "digits")
    session[key] = session[Key.NUMBER_A] = 5  # typed
    assert state.fresh(session, Key.NUMBER_A, "digits") == (key, first) == (key, 60_000)
    session[Key.NUMBER_A] = 7  # clicked
    clicked, first = state.fresh(session, Key.NUMBER_A, "digits")
    assert clicked != key
    assert first == 7
    # another gallery may be too small for what this widget began with
    session[clicked] = session[Key.NUMBER_A] = 3
    other, first = state.fresh(session, Key.NUMBER_A, "chairs")
    assert other not in (key, clicked)
    assert first == 3
