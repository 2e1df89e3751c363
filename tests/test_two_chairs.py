"""The page Two chairs, driven through its widgets."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from latent import InputError, LatentSpace, bundle
from latent.data import Dataset
from latent.runtime import NotPortableError, PortableNetwork
from tests.conftest import png
from tests.test_pages import run
from ui import state
from ui.live.parcels import Parcel
from ui.state import Key
from ui.two_chairs import found_between, read_step
from ui.uploads import Upload

PAGE = "two_chairs.py"


@pytest.fixture(autouse=True)
def folder(tiny_furniture_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Tiny models of furniture, and nothing cached from another test."""
    monkeypatch.setenv("LATENT_MODELS", str(tiny_furniture_folder))
    st.cache_resource.clear()
    st.cache_data.clear()
    return tiny_furniture_folder


@pytest.fixture
def space(folder: Path) -> LatentSpace:
    return LatentSpace(folder / "furniture-vae")


@pytest.fixture
def pinned(monkeypatch: pytest.MonkeyPatch) -> dict[str, dict]:
    """What the browser was last sent for each place on its board."""
    slots: dict[str, dict] = {}
    monkeypatch.setattr("ui.live.pin", lambda slot, values, key: slots.update({slot: values}))
    return slots


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> dict[str, Parcel]:
    """The arrays that it was last sent."""
    parcels: dict[str, Parcel] = {}
    monkeypatch.setattr("ui.live.send", lambda parcel, key: parcels.update({parcel.slot: parcel}))
    return parcels


def three(app: AppTest) -> list[int | Upload]:
    return [app.session_state[state.PIECE[role]] for role in state.ROLES]


def bring(app: AppTest, role: str, name: str, content: bytes) -> AppTest:
    key = state.photo_key(app.session_state, role)
    app.file_uploader(key=key).set_value((name, content, "image/png")).run()
    assert not app.exception
    return app


def shown(app: AppTest) -> str:
    return "\n".join(text.value for text in [*app.markdown, *app.caption])


def html(app: AppTest) -> list[str]:
    return [block.proto.body for block in app.get("html")]


def pixels_of(parcel: Parcel, count: int) -> np.ndarray:
    size = count * 3 * 64 * 64
    return np.frombuffer(parcel.data[-size:], np.uint8).reshape(count, 3, 64, 64)


def test_the_page_begins_with_two_chairs_and_a_table_that_have_their_originals(
    space: LatentSpace, tiny_furniture: Dataset, pinned: dict[str, dict], sent: dict[str, Parcel]
) -> None:
    app = run(PAGE)
    assert not app.error
    a, b, table = three(app)
    assert [int(space.gallery.labels[index]) for index in (a, b, table)] == [0, 0, 1]
    assert all(tiny_furniture.split[index] == 1 for index in (a, b, table))
    originals = np.moveaxis(tiny_furniture.images[[a, b, table]], 3, 1)
    assert np.array_equal(pixels_of(sent["pictures"], 3), originals)
    assert pinned["walk"]["ends"] == [space.code(a).tolist(), space.code(table).tolist()]
    assert three(run(PAGE)) == [a, b, table]


def test_distances_are_those_of_the_pictures_and_of_the_codes(
    space: LatentSpace, tiny_furniture: Dataset
) -> None:
    app = run(PAGE)
    chosen = three(app)
    x = tiny_furniture.images[chosen].astype(float) / 255
    z = space.gallery.codes[chosen].astype(float)
    by_pixels, by_codes = html(app)[:2]
    for text, v in ((by_pixels, x), (by_codes, z)):
        for pair, (i, j) in {"A and chair B": (0, 1), "A and the table": (0, 2)}.items():
            assert f"Chair {pair} {np.sqrt(((v[i] - v[j]) ** 2).sum()):.2f}" in text
    assert "12,288 values · originals" in by_pixels
    assert "Seen from chair A" in shown(app)


def test_random_triples_vary_and_numbers_choose_each(space: LatentSpace) -> None:
    app = run(PAGE)
    drawn = set()
    for _ in range(4):
        app.button(key=Key.RANDOM_TRIPLE).click().run()
        drawn.add(tuple(three(app)))
    assert len(drawn) > 1
    a, _, table = three(app)
    app.number_input(key=Key.PIECE_NUMBER_B).set_value(17).run()
    assert not app.exception
    assert three(app) == [a, 17, table]


def test_a_training_image_has_no_original_and_is_called_decoded(
    space: LatentSpace, sent: dict[str, Parcel]
) -> None:
    app = run(PAGE)
    table = int(np.flatnonzero((space.gallery.labels == 1) & (space.gallery.split == 0))[0])
    app.number_input(key=Key.PIECE_NUMBER_A).set_value(table).run()
    assert not app.exception
    assert "Chair A decoded, Chair B original, Table original" in html(app)[0]
    assert f"image {table}, dining table (not a chair)" in shown(app)
    expected = space.decode(space.code(table)[None])[0] * 255
    assert np.abs(pixels_of(sent["pictures"], 3)[0] - expected).max() <= 1


def test_a_photo_takes_the_place_of_one_and_is_encoded(
    space: LatentSpace, tiny_furniture: Dataset, pinned: dict[str, dict]
) -> None:
    app = run(PAGE)
    before = three(app)
    bring(app, "A", "mine.png", png(tiny_furniture.images[7]))
    assert not app.error
    photo, *others = three(app)
    assert isinstance(photo, Upload)
    assert others == before[1:]
    code = space.encode(photo.prepared(space).x[None])[0]
    assert pinned["walk"]["ends"][0] == pytest.approx(code.tolist())
    assert "your photo mine.png" in shown(app)
    assert "What caused a photo is not known" in shown(app)
    redrawn = space.decode(code[None])[0]
    error = np.square(redrawn - photo.prepared(space).x).mean()
    assert pinned["kept"]["cards"][2]["note"] == f"squared error {error:.4f}"
    app.button(key=Key.NO_PHOTO_A).click().run()
    assert three(app) == before


def test_a_photo_stays_for_the_visit_and_gives_way_to_a_random_triple(
    tiny_furniture: Dataset,
) -> None:
    app = AppTest.from_file("../app.py", default_timeout=60).run()
    app.switch_page("pages/two_chairs.py").run()
    bring(app, "table", "mine.png", png(tiny_furniture.images[7]))
    app.switch_page("pages/traverse.py").run()
    app.switch_page("pages/two_chairs.py").run()
    assert not app.exception
    assert isinstance(three(app)[2], Upload)
    app.button(key=Key.RANDOM_TRIPLE).click().run()
    assert all(isinstance(piece, int) for piece in three(app))
    assert app.file_uploader(key=state.photo_key(app.session_state, "table")).value is None


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [("notes.txt", b"no image at all", "no PNG, JPEG, WebP, BMP, GIF or TIFF image"),
     ("empty.png", b"", "empty"),
     ("[x](http://evil) <b>.png", b"GIF89a", "damaged, or of a rare kind that is not read")],
)  # fmt: skip
def test_a_photo_that_cannot_be_read_is_one_sentence_and_changes_nothing(
    name: str, content: bytes, words: str
) -> None:
    app = run(PAGE)
    before = three(app)
    bring(app, "B", name, content)
    assert len(app.error) == 1
    assert words in app.error[0].value
    assert "](" not in app.error[0].value
    assert three(app) == before


def test_the_page_has_a_model_choice_of_its_own(
    folder: Path, tiny_models_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = tmp_path / "models"
    for source in (folder, tiny_models_folder):
        for model in source.iterdir():
            shutil.copytree(model, both / model.name)
    monkeypatch.setenv("LATENT_MODELS", str(both))
    app = AppTest.from_file("../app.py", default_timeout=60).run()
    assert app.session_state[Key.MODEL] == "mnist-vae"
    app.switch_page("pages/two_chairs.py").run()
    box = app.selectbox(key=Key.CHAIRS_MODEL)
    assert box.value == "furniture-vae"
    assert len(box.options) == 2
    box.set_value("furniture-ae").run()
    assert not app.exception
    assert not app.error
    app.switch_page("pages/explore.py").run()
    assert app.selectbox(key=Key.MODEL).value == "mnist-vae"
    app.switch_page("pages/two_chairs.py").run()
    assert app.selectbox(key=Key.CHAIRS_MODEL).value == "furniture-ae"


def test_the_page_begins_with_the_model_of_the_other_pages_if_it_can() -> None:
    app = run(PAGE, MODEL="furniture-ae")
    assert app.selectbox(key=Key.CHAIRS_MODEL).value == "furniture-ae"


def test_without_such_a_model_a_sentence_says_how_to_train_one(
    tiny_models_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LATENT_MODELS", str(tiny_models_folder))
    app = run(PAGE)
    assert not app.error
    assert "train furniture-vae" in app.info[0].value
    assert not app.subheader


def test_a_damaged_model_is_a_red_box_that_names_the_file(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(folder / "furniture-vae", tmp_path / "furniture-vae")
    weights = tmp_path / "furniture-vae" / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1])
    monkeypatch.setenv("LATENT_MODELS", str(tmp_path))
    app = run(PAGE)
    assert len(app.error) == 1
    assert "weights.safetensors" in app.error[0].value.replace("\\", "")


def test_what_numbers_for_colours_hold_of_a_distance_is_said(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = Path(shutil.copytree(folder / "furniture-vae", tmp_path / "furniture-vae"))
    config = bundle.read_config(own)
    assert "to keep colours" not in shown(run(PAGE))
    assert "other colours" not in shown(run("traverse.py"))
    bundle.seal(own, {**config, "colour_numbers": 2})
    st.cache_resource.clear()
    monkeypatch.setenv("LATENT_MODELS", str(tmp_path))
    app = run(PAGE)
    a, b, _ = LatentSpace(own).gallery.codes[three(app)].astype(float)
    share = ((a - b)[2:] ** 2).sum() / ((a - b) ** 2).sum()
    assert f"distance between the chairs' codes, {share:.0%} lies in those" in shown(app)
    assert "were to change numbers 3 to 4 alone" in shown(run("traverse.py"))


def test_a_model_too_large_for_the_browser_is_decoded_by_the_server(
    space: LatentSpace, monkeypatch: pytest.MonkeyPatch, sent: dict[str, Parcel],
    pinned: dict[str, dict],
) -> None:  # fmt: skip
    def refuse(folder: Path, part: str) -> PortableNetwork:
        raise NotPortableError("too large")

    monkeypatch.setattr("ui.resources.portable", refuse)
    app = run(PAGE)
    assert not app.error
    assert set(sent) == {"pictures", "frames"}
    chosen = three(app)
    redrawn = space.decode(space.gallery.codes[chosen]) * 255
    assert np.abs(pixels_of(sent["pictures"], 6)[3:] - redrawn).max() <= 1
    way = space.decode(space.walk(space.code(chosen[0]), space.code(chosen[2]), 101)) * 255
    assert np.abs(pixels_of(sent["frames"], 101) - way).max() <= 1
    assert pinned["walk"]["versions"] == {"frames": sent["frames"].version}


def test_where_the_slider_rests_its_nearest_image_is_named(
    space: LatentSpace, pinned: dict[str, dict], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = run(PAGE, WALK_STEP=30)
    a, _, table = three(app)
    code = 0.7 * space.code(a) + 0.3 * space.code(table)
    apart = np.linalg.norm(space.gallery.codes - code, axis=1)
    here, there = pinned["between"]["cards"]
    assert here["code"] == pytest.approx(code.tolist(), abs=1e-5)
    assert there["title"] == f"Image {apart.argmin()}"
    assert f"At 30 % of the way the nearest image of the gallery lies {apart.min():.2f}" in shown(
        app
    )


@pytest.mark.parametrize(
    ("distance", "words"),
    [(0.0, "0 % lie closer"), (50.5, "50 % lie closer than that to one that it learned: nothing"),
     (96.5, "96 % lie closer than that to one that it learned: a stretch"), (500.0, "farther")],
)  # fmt: skip
def test_how_new_a_step_is_follows_from_its_distance(distance: float, words: str) -> None:
    assert words in found_between(50, distance, np.arange(101.0))


@pytest.mark.parametrize(
    "value",
    [None, {}, {"seq": 1}, {"seq": 1, "t": 2}, {"seq": 1, "t": float("nan")}, {"seq": "x", "t": 0}],
)
def test_a_place_that_cannot_be_read_is_refused(value: object) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_step(value)
    assert read_step({"seq": 4, "t": 0.257}) == (4, 26)


def test_opening_the_page_imports_nothing_heavy(folder: Path) -> None:
    script = (
        "import sys; from streamlit.testing.v1 import AppTest; from ui import resources;"
        "resources.warm_up = lambda *given, **named: None;"
        f"app = AppTest.from_file('pages/{PAGE}', default_timeout=60).run();"
        "assert not app.exception and not app.error and len(app.number_input) == 3;"
        "print(sorted({'torch', 'torchvision', 'umap', 'sklearn', 'openTSNE'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.strip().endswith("[]")
