"""The fair test of representations: its figures against independent answers."""

from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier

from latent import InputError, comparison
from latent.compare_command import table
from latent.data import TEST, TRAIN, Dataset
from latent.representations import PLAIN, Rung


def rung(name: str) -> Rung:
    return next(one for one in PLAIN if one.name == name)


@pytest.fixture(scope="module")
def pixels(tiny_data: Dataset):
    return comparison.measure(rung("pixels"), tiny_data)


def test_votes_are_those_of_scikit_learn(pixels, tiny_data: Dataset) -> None:
    x, tests = (tiny_data.x(split).reshape(-1, 784) for split in (TRAIN, TEST))
    labels, expected = (tiny_data.labels[tiny_data.split == s] for s in (TRAIN, TEST))
    accuracy = KNeighborsClassifier(10).fit(x, labels).score(tests, expected)
    value, low, high = pixels[0]["knn"]
    assert value == pytest.approx(accuracy)
    assert low <= value <= high


def test_pixels_lose_nothing_and_are_drawn_as_they_are(pixels, tiny_data: Dataset) -> None:
    figures, arrays = pixels
    assert (figures["numbers"], figures["bytes"], figures["mse"]) == (784, 784, 0)
    first = np.flatnonzero((tiny_data.split == TEST) & (tiny_data.labels == 0))[0]
    np.testing.assert_array_equal(arrays["drawn"][0], tiny_data.images[first])
    assert arrays["xy"].shape == (100, 2)


def test_more_labels_do_not_make_it_worse(pixels) -> None:
    few = [pixels[0]["few"][str(n)][0] for n in comparison.FEW]
    assert few[0] < few[1] <= few[-1]
    assert pixels[0]["probe"][0] > 0.8


def test_labels_that_were_held_back_are_not_shown(tiny_data: Dataset) -> None:
    seen = []

    class Watching:
        def fit(self, x, labels):
            seen.append(np.unique(labels).tolist())
            return self

        def encode(self, x):
            return x.reshape(len(x), -1)[:, ::16]

        def decode(self, codes):
            return None

    for labels in (True, False):
        one = Rung("w", "W", Watching, "", "", labels=labels)
        figures, arrays = comparison.measure(one, tiny_data)
        assert figures["mse"] is None
        assert "drawn" not in arrays
    assert seen == [list(range(8)), list(range(10))]


def test_an_interval_is_as_wide_as_the_normal_approximation_says() -> None:
    rng = np.random.default_rng(0)
    values = (np.arange(2_000) < 1_400).astype(float)
    value, low, high = comparison.interval(values, rng)
    half = 1.96 * np.sqrt(0.7 * 0.3 / 2_000)
    assert value == 0.7
    assert (high - low) / 2 == pytest.approx(half, rel=0.1)


def test_classes_that_lie_apart_are_told_from_five_labels() -> None:
    rng = np.random.default_rng(0)
    labels = np.repeat([8, 9], 60)
    apart = np.stack([labels * 10.0, np.zeros(120)], 1) + rng.standard_normal((120, 2)) * 0.1
    mixed = rng.standard_normal((120, 2))
    told = [comparison.unseen(codes, labels, codes, labels, (8, 9), rng).mean()
            for codes in (apart, mixed)]  # fmt: skip
    assert told[0] == 1
    assert told[1] == pytest.approx(0.5, abs=0.06)


def test_a_model_gives_rungs_for_its_layers_and_its_code(tiny_models) -> None:
    rungs = comparison.ladder(["mnist-ae", "mnist-vae"])
    names = [one.name for one in rungs]
    assert names[-2:] == ["mnist-ae", "mnist-vae"]
    layers = [one for one in rungs if one.name.startswith("layer-")]
    assert layers
    assert all("mnist-ae" in one.title for one in layers)
    assert len(set(names)) == len(names)


def test_models_of_something_else_are_refused(tiny_furniture_folder, monkeypatch) -> None:
    monkeypatch.setenv("LATENT_MODELS", str(tiny_furniture_folder))
    with pytest.raises(InputError, match="furniture-ae is no model of digits"):
        comparison.ladder(["furniture-ae"])


def test_what_was_written_is_read_again(tmp_path, pixels) -> None:
    figures, arrays = pixels
    row = {**figures, "title": "Pixels", "labels": False, "embedding": False}
    document = {"rungs": [row], "held_back": [8, 9]}
    named = {"labels": np.zeros(100, np.uint8), "pixels.xy": arrays["xy"]}
    comparison.write(tmp_path, document, named)
    found, again = comparison.read(tmp_path)
    assert found == json.loads(json.dumps(document))
    np.testing.assert_array_equal(again["pixels.xy"], arrays["xy"])
    head, _, line = table(found["rungs"])
    assert head.count("|") == line.count("|")
    assert "| Pixels | 784 |" in line


def test_a_comparison_that_is_not_there_or_damaged_is_said(tmp_path) -> None:
    with pytest.raises(InputError, match="missing or damaged. Measure again: python -m latent"):
        comparison.read(tmp_path)
    (tmp_path / "comparison.json").write_text('{"rungs": 3}')
    with pytest.raises(InputError, match="missing or damaged"):
        comparison.read(tmp_path)
