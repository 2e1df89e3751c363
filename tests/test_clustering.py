"""The page Clusters: what it says, what it sends, and what it does with what is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from latent import LatentSpace
from latent.data import Dataset
from latent.em import Run
from latent.mixture import Mixture, responsibilities
from tests.conftest import alter_bundle, png
from tests.test_em_parcels import unpacked
from ui import clustering, held, resources
from ui.live.parcels import Parcel
from ui.resources import Grouped, Settings
from ui.state import Key
from ui.uploads import Tray, Upload


@pytest.fixture(autouse=True)
def fresh(tiny_models: Path) -> Iterator[None]:
    """Tiny models, and nothing cached from another test."""
    st.cache_resource.clear()
    st.cache_data.clear()
    yield
    st.cache_resource.clear()
    st.cache_data.clear()


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


def run(**session: object) -> AppTest:
    app = AppTest.from_file("../pages/clusters.py", default_timeout=60)
    for key, value in session.items():
        app.session_state[Key[key]] = value
    app.run()
    assert not app.exception
    return app


def test_the_page_opens_with_points_to_learn_with(pinned: dict, sent: dict) -> None:
    app = run()
    assert not app.error
    header, arrays = unpacked(sent["em points"])
    assert (header["latent_dim"], len(arrays["labels"])) == (2, 500)
    header, _ = unpacked(sent["em run"])
    assert (header["components"], header["kind"]) == (3, "full")
    assert header["log_likelihoods"] == sorted(header["log_likelihoods"])
    assert pinned["em"]["versions"] == {slot: parcel.version for slot, parcel in sent.items()}
    assert len(pinned["em"]["others"]) == 3
    assert "decoder" not in sent


def test_other_points_bring_a_number_of_components_that_suits_them(sent: dict) -> None:
    app = run()
    app.selectbox(key=Key.BLOBS).set_value("ring").run()
    assert app.number_input(key=Key.COMPONENTS).value == 6
    app.button_group(key=Key.GROUPED).set_value("codes").run()
    assert not app.exception
    assert app.number_input(key=Key.COMPONENTS).value == 10
    assert app.session_state[Key.INIT] == "kmeans"
    assert unpacked(sent["em run"])[0]["components"] == 10


def test_codes_are_drawn_on_the_map_and_decoded_in_the_browser(
    pinned: dict, sent: dict, tiny_space: LatentSpace
) -> None:
    run(GROUPED="codes", GROUPED_COUNT=100, MODEL="mnist-vae", COMPONENTS=4, RESTARTS=1)
    _, arrays = unpacked(sent["em points"])
    indices = arrays["indices"].astype(int)
    assert len(set(indices)) == 100
    assert arrays["labels"].tolist() == tiny_space.gallery.labels[indices].tolist()
    xy = tiny_space.map("umap2").xy[indices]
    assert arrays["xy"].reshape(-1, 2) == pytest.approx(xy)
    assert "shapes" not in unpacked(sent["em run"])[1]  # no ellipses on a map that bends
    assert "false" in pinned["em"]["note"]
    assert "decoder" in pinned["em"]["versions"]


def test_on_pca_the_components_have_shapes(pinned: dict, sent: dict) -> None:
    run(GROUPED="codes", GROUPED_COUNT=100, METHOD="pca", COMPONENTS=4, RESTARTS=1)
    assert "shapes" in unpacked(sent["em run"])[1]
    assert "shadows" in pinned["em"]["note"]


def test_a_chosen_start_is_replayed_and_the_worse_ones_stay_in_the_list(
    pinned: dict, sent: dict
) -> None:
    app = run(BLOBS="ring", COMPONENTS=4)
    first = sent["em run"].version
    radio = app.radio(key=Key.REPLAYED)
    assert len(radio.options) == 4
    assert any("the best end" in option for option in radio.options)
    assert any("a worse one, by" in option for option in radio.options)
    radio.set_value(2).run()
    assert sent["em run"].version != first
    run_of = resources.em_runs(Grouped(None, "ring", 500), Settings(4, "full", "random", 4, 200, 0))
    assert unpacked(sent["em run"])[0]["log_likelihoods"] == (
        run_of[2].run.log_likelihoods.tolist()
    )


def test_a_start_that_is_named_by_words_of_other_runs_gives_way_to_the_best(sent: dict) -> None:
    app = run(REPLAYED="−3.21, best of 4, 27 steps")
    assert not app.error
    assert app.session_state[Key.REPLAYED] == 0


def test_the_image_that_the_visitor_placed_is_sent_along(
    pinned: dict, tiny_space: LatentSpace, tiny_data: Dataset
) -> None:
    brought = Upload("my [digit].png", png(255 - tiny_data.images[3].repeat(4, 0).repeat(4, 1)))
    run(GROUPED="codes", GROUPED_COUNT=100, COMPONENTS=3, RESTARTS=1, TRAY=tray_of(brought))
    placed = pinned["em"]["placed"]
    code = tiny_space.encode(brought.prepared(tiny_space).x[None])
    assert placed["code"] == pytest.approx(code[0].tolist(), abs=1e-5)
    assert placed["spot"] == pytest.approx(tiny_space.map("umap2").transform(code)[0].tolist())
    assert placed["title"] == "Your image my [digit].png"


def test_an_image_that_does_not_fit_is_said_and_left_out(pinned: dict) -> None:
    brought = Upload("blank.png", png(np.full((40, 40), 255, np.uint8)))
    app = run(GROUPED="codes", GROUPED_COUNT=100, COMPONENTS=3, RESTARTS=1, TRAY=tray_of(brought))
    assert len(app.error) == 1
    assert pinned["em"]["placed"] is None


@pytest.mark.parametrize("components", [0, 40])
def test_an_impossible_number_is_a_sentence_and_the_page_goes_on(components: int) -> None:
    app = run(BLOB_COUNT=20, COMPONENTS=components)
    assert f"from 1 to 20 components; got {components}" in app.error[0].value.replace("\\", "")
    app.number_input(key=Key.COMPONENTS).set_value(2).run()
    assert not app.error
    assert not app.exception


def test_constant_codes_are_a_sentence(own_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LATENT_MODELS", str(own_folder.parent))
    alter_bundle(own_folder, gallery={"codes": np.ones((300, 4), np.float16)})
    app = run(GROUPED="codes", GROUPED_COUNT=100, METHOD="umap")
    assert "All codes are the same" in app.error[0].value
    assert app.number_input(key=Key.COMPONENTS)


def test_a_start_that_runs_out_of_steps_is_said() -> None:
    app = run(EM_STEPS=2)
    assert "not converged within its 2 steps" in app.warning[0].value
    assert all("not converged" in option for option in app.radio(key=Key.REPLAYED).options)


def test_labels_are_compared_with_both_kinds_of_cluster() -> None:
    app = run(BLOBS="apart", COMPONENTS=4, INIT="kmeans")
    (table,) = [text.value for text in app.markdown if text.value.startswith("| |")]
    assert "| Adjusted mutual information | 1.000 | 1.000 |" in table


def test_a_collapsed_and_an_empty_component_are_told_in_words() -> None:
    last = Mixture(np.array([0.5, 0.5, 0.0]), np.zeros((3, 2)), np.array([1e-6, 1, 1]), "spherical")
    said = clustering.warnings(Run([last], np.zeros(1), np.zeros(1), True, 1e-6), 100, "point")
    assert len(said) == 2
    assert said[0].startswith("Component 1 closed in on (nearly) equal points")
    assert said[1].startswith("Component 3 is responsible for nothing")


def test_agreements_are_those_of_the_last_step() -> None:
    grouped, how = Grouped(None, "overlapping", 100), Settings(3, "full", "kmeans", 1, 50, 0)
    labels = np.zeros(100, np.uint8)
    soft, _ = resources.agreements(grouped, how, 0, labels, 1)
    (start,) = resources.em_runs(grouped, how)
    owners = responsibilities(start.run.mixtures[-1], resources.points_of(grouped)).argmax(1)
    assert soft.confusion[:, 0].tolist() == np.bincount(owners, minlength=3).tolist()


def test_the_table_divides_each_component_and_escapes_names() -> None:
    table = held.confusion_table(np.array([[3, 1], [0, 0]]), ["<b>", "2"])
    assert "<b>" not in table
    assert "&lt;b&gt;" in table
    assert ">75<" in table
    assert ">25<" in table


def tray_of(upload: Upload) -> Tray:
    tray = Tray()
    tray.add(upload)
    return tray


def test_furniture_may_be_labelled_by_a_known_cause(
    tiny_furniture_folder: Path, monkeypatch: pytest.MonkeyPatch, pinned: dict, sent: dict
) -> None:
    monkeypatch.setenv("LATENT_MODELS", str(tiny_furniture_folder))
    app = run(GROUPED="codes", GROUPED_COUNT=100, COMPONENTS=3, RESTARTS=1)
    assert pinned["em"]["names"] == ["chair", "table"]
    app.selectbox(key=Key.GROUPED_LABEL).set_value("legs").run()
    assert not app.exception
    assert pinned["em"]["names"] == ["straight", "splayed"]
    _, arrays = unpacked(sent["em points"])
    legs = LatentSpace(tiny_furniture_folder / "furniture-ae").gallery.factors["legs"]
    assert arrays["labels"].tolist() == legs[arrays["indices"].astype(int)].tolist()
