"""The page Maps through its widgets, and the words on which of two maps to believe."""

from __future__ import annotations

from copy import deepcopy
from types import SimpleNamespace

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from latent import LatentSpace, made
from latent.jobs import Job
from latent.maps import measured
from latent.plan import read_plan
from tests.test_pages import run
from ui import compared, naming, resources
from ui.belief import Judged, verdict
from ui.state import Key

pytestmark = pytest.mark.usefixtures("tiny_models")
EVIL = "<b>*x*</b> $a$ [y](z)"


@pytest.fixture
def space(tiny_folder, tmp_path, monkeypatch) -> LatentSpace:
    """The tiny vae, with a cache of its own."""
    monkeypatch.setenv("LATENT_CACHE", str(tmp_path / "cache"))
    st.cache_data.clear()
    st.cache_resource.clear()
    return LatentSpace(tiny_folder)


@pytest.fixture
def submitted(monkeypatch) -> list[Job]:
    """Jobs that a page starts, which nobody does."""
    jobs: list[Job] = []

    def submit(key, task):
        jobs.append(Job(key, task))
        return jobs[-1]

    def stop(job):
        job.stopped, job.problem = True, "Stopped; nothing was kept of it."
        job.ended.set()

    runner = SimpleNamespace(submit=submit, stop=stop, ahead=lambda job: 0, warm_up=lambda: None)
    monkeypatch.setattr(resources, "runner", lambda: runner)
    return jobs


def finished(space: LatentSpace, seed: int = 0, bad: bool = False, quality: bool = True) -> str:
    """A made map: PCA with some noise, called UMAP."""
    plan = read_plan({"method": "umap", "dims": 2, "seed": seed}, space)
    noise = np.random.default_rng(seed).standard_normal((300, 2)).astype(np.float32)
    xy = noise if bad else space.map("pca2").xy + np.float32(0.01) * noise
    info = {"method": "umap", "dims": 2, "seed": seed, "parameters": dict(plan.parameters),
            "fitted_on": "all 300 images", "seconds": 1.0}  # fmt: skip
    if quality:
        info |= measured(space, xy)
    return made.store(space, plan, info, xy, np.zeros(300, np.uint8) if quality else None)


def table(app: AppTest) -> list[dict]:
    return app.dataframe[0].value.to_dict("records")


def test_only_what_a_model_can_have_is_offered(space, submitted):
    app = run("maps.py", MODEL="mnist-vae-2d")
    assert app.selectbox(key=Key.MAKE_METHOD).options == [
        "the codes themselves", "PCA", "LDA", "t-SNE", "UMAP", "Isomap",
    ]  # fmt: skip
    assert app.session_state[Key.MAKE_DIMS] == 2
    app = run("maps.py", MODEL="mnist-vae")
    assert "the codes themselves" not in app.selectbox(key=Key.MAKE_METHOD).options


def test_the_button_asks_for_the_map_that_the_controls_describe(space, submitted):
    app = run("maps.py", MODEL="mnist-vae", MAKE_METHOD="isomap", MAKE_DIMS=3)
    app.number_input(key=Key.MAKE_NEIGHBOURS).set_value(21).run()
    app.selectbox(key=Key.MAKE_METRIC).set_value("cosine").run()
    app.button(key=Key.MAKE).click().run()
    assert not app.exception
    (job,) = submitted
    plan = read_plan(job.task["plan"], space)
    told = {"metric": "cosine", "n_neighbors": 21}
    assert (plan.method, plan.dims, dict(plan.parameters)) == ("isomap", 3, told)
    assert job.key == plan.key(space)


def test_a_job_shows_how_far_it_is_and_can_be_stopped(space, submitted):
    app = run("maps.py", MODEL="mnist-vae", MAKE_METHOD="umap")
    app.button(key=Key.MAKE).click().run()
    (job,) = submitted
    job.hear({"share": 0.25, "words": "Fitting"})
    app.run()
    assert app.button(key=Key.MAKE).disabled
    app.button(key=Key.STOP_MAKING).click().run()
    assert [info.value for info in app.info if "kept" in info.value] == [
        "Stopped; nothing was kept of it."
    ]
    assert not app.button(key=Key.MAKE).disabled


def test_a_job_that_failed_says_why_letter_by_letter_and_the_page_goes_on(space, submitted):
    app = run("maps.py", MODEL="mnist-vae", MAKE_METHOD="umap")
    app.button(key=Key.MAKE).click().run()
    submitted[0].hear({"error": EVIL})
    submitted[0].ended.set()
    app.run()
    (error,) = app.error
    assert "\\<b\\>\\*x\\*" in error.value
    assert app.dataframe


def test_a_finished_map_is_shown_at_once_and_not_made_again(space, submitted):
    key = finished(space)
    app = run("maps.py", MODEL="mnist-vae", MAKE_METHOD="umap")
    assert app.button(key=Key.MAKE).label == "Show it"
    app.button(key=Key.MAKE).click().run()
    assert not submitted
    assert app.session_state[Key.WANTED] == key  # drawn alone; the browser says when it stands
    app.run()
    assert app.session_state[Key.METHOD] == key
    for page in ("explore.py", "place.py"):
        assert not run(page, MODEL="mnist-vae", METHOD=key).error


@pytest.mark.parametrize(
    ("key", "value", "default"),
    [("MAKE_NEIGHBOURS", 400, 15), ("MAKE_MIN_DIST", "<b>", 0.1), ("MAKE_METRIC", "x", "euclidean"),
     ("MAKE_PERPLEXITY", 450.0, 30.0), ("MAKE_DIMS", 7, 2), ("MAKE_METHOD", "nonsense", "pca"),
     ("MAKE_SAMPLE", 12, 300)],
)  # fmt: skip
def test_a_setting_that_cannot_be_gives_way_to_its_default(space, submitted, key, value, default):
    method = {"MAKE_PERPLEXITY": "tsne", "MAKE_METHOD": value}.get(key, "umap")
    app = run("maps.py", **{"MODEL": "mnist-vae", "MAKE_METHOD": method, key: value})
    assert not app.exception
    assert app.session_state[getattr(Key, key)] == default


def test_the_table_holds_every_map_and_the_page_says_which_to_believe(space, submitted):
    good, bad = finished(space), finished(space, seed=1, bad=True)
    app = run("maps.py", MODEL="mnist-vae", METHOD=good, BESIDE=bad)
    assert not app.exception
    rows = table(app)
    assert len(rows) == 8  # six of the bundle
    chosen = [row for row in rows if row[""] == "●"]
    assert [row["map"] for row in chosen] == ["UMAP 2-D, seed 0"]
    assert chosen[0]["trustworthiness"] == space.map_info(good)["trustworthiness"]
    assert chosen[0]["kept"] > 2 * rows[6]["kept"] or chosen[0]["kept"] > 2 * rows[7]["kept"]
    assert chosen[0]["seeds agree"] < 0.5  # the other one is noise
    words = " ".join(text.value for text in app.markdown)
    assert "**Believe UMAP 2\\-D, seed 0** where the two disagree" in words
    app.segmented_control(key=Key.NEAR_BY).set_value("cosine").run()
    assert table(app)[6]["kept"] != rows[6]["kept"]


def test_a_name_of_ones_own_stays_in_the_visit(space, submitted, tmp_path):
    key = finished(space)
    app = run("maps.py", MODEL="mnist-vae", METHOD=key)
    app.text_input(key=Key.MAP_NAME).set_value(EVIL).run()
    assert not app.exception
    assert EVIL in [row["map"] for row in table(app)]
    assert EVIL in app.selectbox(key=Key.METHOD).options
    for path in (tmp_path / "cache").rglob("*.*"):
        assert b"*x*" not in path.read_bytes()
    assert EVIL not in run("maps.py", MODEL="mnist-vae").selectbox(key=Key.METHOD).options


def test_another_seed_is_one_that_nobody_tried(space, submitted):
    finished(space, seed=1)
    app = run("maps.py", MODEL="mnist-vae", METHOD=finished(space))
    app.button(key=Key.NEXT_SEED).click().run()
    assert submitted[0].task["plan"]["seed"] == 2


def test_a_map_that_was_not_measured_can_be(space, submitted):
    key = finished(space, quality=False)
    app = run("maps.py", MODEL="mnist-vae", METHOD=key)
    assert any("not been measured yet" in info.value for info in app.info)
    app.button(key=Key.MEASURE).click().run()
    assert submitted[0].task == {"task": "measure", "model": str(space.folder), "key": key}


def test_seeds_of_one_map_are_compared_and_others_not(space, submitted):
    same = [finished(space), finished(space, seed=1), finished(space, seed=2, bad=True)]
    found = compared.seeds_agree(space, compared.every_map(space))
    assert set(found) == set(same)
    assert found[same[2]] < min(found[same[0]], found[same[1]])


def quality(kept: float, far: float, labels: float = 0.9) -> dict:
    curve = {"trustworthiness": [kept], "continuity": [kept], "kept": [kept]}
    return {
        "ks": [15],
        "euclidean": {**curve, "rank_correlation": far},
        "label_accuracy": {"map": labels, "codes": 0.9},
    }


@pytest.mark.parametrize(
    ("a", "b", "said"),
    [
        ((0.6, 0.9), (0.3, 0.5), "**Believe Left** where the two disagree, both on who is near"),
        ((0.6, 0.5), (0.3, 0.5), "**Believe Left** where the two disagree: it shows better who"),
        ((0.3, 0.5), (0.3, 0.9), "**Believe Right** where the two disagree: it shows distances"),
        ((0.6, 0.2), (0.3, 0.9), "**Believe Left on who is near whom, and Right on how far"),
        ((0.6, 0.9), (0.6, 0.9), "**Believe either**"),
    ],
)
def test_the_verdict_follows_the_figures(a, b, said):
    pair = Judged("Left", 2, quality(*a)), Judged("Right", 2, quality(*b))
    assert verdict(*pair, "euclidean")[0].startswith(said)
    turned = verdict(pair[1], pair[0], "euclidean")[0]
    assert turned.startswith(said) or said == "**Believe either**"


def test_the_verdict_warns_of_what_a_map_makes_up():
    pair = Judged("Left", 2, quality(0.5, 0.1, 0.99)), Judged("Right", 3, quality(0.6, 0.2))
    words = " ".join(verdict(*pair, "euclidean"))
    assert "Left draws groups cleaner than they are" in words
    assert "On neither is it worth reading how far apart two groups lie" in words
    assert "The map in 3-D has the easier task" in words


def test_a_name_is_short_and_of_letters_that_can_be_seen(monkeypatch):
    session = {Key.MAP_NAMES: {}}
    monkeypatch.setattr("ui.naming.st", SimpleNamespace(session_state=session))
    naming.keep("a", "  my\n\x07 map " + "x" * 99)
    assert session[Key.MAP_NAMES] == {"a": ("my map " + "x" * 99)[:40]}
    before = deepcopy(session[Key.MAP_NAMES])
    naming.keep("b", "   ")
    assert session[Key.MAP_NAMES] == before
