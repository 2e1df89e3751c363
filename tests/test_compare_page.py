"""The page Compare through its widgets."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
import streamlit as st

from latent import comparison
from latent.comparison import FEW
from tests.test_pages import run
from ui import comparing
from ui.comparing import Compared
from ui.state import Key

pytestmark = pytest.mark.usefixtures("tiny_models")
COUNT = 60


def rung(name: str, numbers: int, value: float, *, labels: bool = False) -> dict:
    found = [value, value - 0.01, value + 0.01]
    return {
        "rung": name, "title": name.title(), "numbers": numbers, "bytes": 4 * numbers, "ms": 0.1,
        "knn": found, "probe": found, "unseen": found, "few": {str(n): found for n in FEW},
        "mse": 0.02 if labels else None, "labels": labels, "embedding": labels, "keeps": "A.",
        "gives_up": "B.",
    }  # fmt: skip


@pytest.fixture
def measured(tmp_path, monkeypatch, tiny_space):
    """A comparison of two rungs of which one cannot draw, as it would ship."""
    st.cache_data.clear()
    st.cache_resource.clear()
    rng = np.random.default_rng(0)
    document = {
        "models": ["mnist-ae"], "held_back": [8, 9],
        "data_sha256": tiny_space.config["recipe"]["data_sha256"],
        "rungs": [rung("pixels", 784, 0.9), rung("lda", 7, 0.8, labels=True)],
    }  # fmt: skip
    spread = rng.standard_normal((COUNT, 2)).astype(np.float16)
    arrays = {
        "labels": np.arange(COUNT, dtype=np.uint8) % 10, "pixels.xy": spread, "lda.xy": spread,
        "lda.drawn": np.zeros((10, 28, 28), np.uint8),
    }  # fmt: skip
    comparison.write(tmp_path / "comparison", document, arrays)
    monkeypatch.setattr("latent.comparison.FOLDER", str(tmp_path / "comparison"))
    return Compared(document, arrays)


def test_the_table_holds_every_rung_and_what_it_is_worth(measured) -> None:
    app = run("compare.py")
    rows = app.dataframe[0].value.to_dict("records")
    assert [row["representation"] for row in rows] == ["Pixels", "Lda"]
    assert [row["Digits never seen"] for row in rows] == [0.9, 0.8]
    assert [row["labels"] for row in rows] == [False, True]


def test_each_test_is_explained(measured) -> None:
    app = run("compare.py")
    for asked in comparing.ASKED:
        app.segmented_control(key=Key.COMPARED_BY).set_value(asked).run()
        assert not app.exception
        assert comparing.MEANT[asked.partition(".")[0]] in [c.value for c in app.caption]


def test_without_a_measurement_the_page_says_how_to_make_one(tmp_path, monkeypatch) -> None:
    st.cache_resource.clear()
    monkeypatch.setattr("latent.comparison.FOLDER", str(tmp_path / "nothing"))
    app = run("compare.py")
    assert "python -m latent compare" in app.error[0].value.replace("\\", "")
    assert any("From edges" in heading.value for heading in app.subheader)


def test_the_csv_has_intervals_for_every_test(measured) -> None:
    text = comparing._csv(measured.document["rungs"])
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["representation"] for row in rows] == ["pixels", "lda"]
    assert float(rows[0]["few.5_low"]) == pytest.approx(0.89)
    assert rows[0]["mse"] == ""


def test_chosen_dots_are_counted_and_their_neighbours_looked_up(measured, monkeypatch) -> None:
    said, shown = [], []
    monkeypatch.setattr(comparing.st, "markdown", said.append)
    monkeypatch.setattr(comparing.pictures, "row", lambda figures, side: shown.extend(figures))
    xy = [measured.arrays[f"{name}.xy"].astype(np.float32) for name in ("pixels", "lda")]
    comparing._chosen(measured, xy, np.array([0, 10, 20, 1]))
    assert "**4 images** chosen: 3 × 0, 1 × 1." in said[0]
    assert "**100%** are among" in said[0]  # both maps are the same here
    assert [figure.name for figure in shown] == ["0", "0", "0", "1"]


def test_features_are_shown_on_scales_of_their_own() -> None:
    values = np.stack([np.linspace(0, 1, 9).reshape(3, 3), np.linspace(-5, 5, 9).reshape(3, 3)])
    for picture in comparing._features(values):
        assert (picture.min(), picture.max()) == (0, 255)
