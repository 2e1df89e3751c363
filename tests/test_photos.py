"""The benchmark on a labelled folder of one's own."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from benchmarks import photos
from latent import LatentSpace
from tests.conftest import digit_images, png


@pytest.fixture
def folder(tmp_path):
    """Three images of each of the digits 3 and 7; one of 7 in the wrong place, one no image."""
    images, labels = digit_images(80, seed=4)
    for name in "37":
        (tmp_path / "photos" / name).mkdir(parents=True)
    for i, image in enumerate(images[labels == 7][:4]):
        (tmp_path / "photos" / ("3" if i == 3 else "7") / f"{i}.png").write_bytes(png(image))
    for i, image in enumerate(images[labels == 3][:2]):
        (tmp_path / "photos" / "3" / f"three{i}.png").write_bytes(png(image))
    (tmp_path / "photos" / "7" / "notes.txt").write_text("Dear diary")
    return tmp_path / "photos"


def test_balanced_accuracy_is_the_mean_over_classes_of_what_place_says(tiny_space, folder, capsys):
    from latent.images import prepare

    figures = photos.measure(tiny_space, folder)
    expected, errors = {}, []
    for name in "37":
        answers = []
        for path in sorted((folder / name).glob("*.png")):
            placed = tiny_space.place(prepare(path.read_bytes(), "mnist-digit").x)
            answers.append(placed.label == name)
            errors.append(placed.error)
        expected[name] = sum(answers) / (len(answers) + (name == "7"))  # the text counts as wrong
    assert {name: row["accuracy"] for name, row in figures["classes"].items()} == expected
    assert figures["classes"]["7"]["refused"] == 1
    assert figures["classes"]["3"]["images"] == 3
    assert figures["balanced_accuracy"] == pytest.approx((expected["3"] + expected["7"]) / 2)
    assert figures["mse"] == pytest.approx(np.mean(errors))
    assert "notes.txt: This is no PNG, JPEG, WebP, BMP, GIF or TIFF" in capsys.readouterr().err


def test_chairs_and_tables_are_counted_too(tiny_furniture_folder, tiny_furniture, tmp_path):
    space = LatentSpace(tiny_furniture_folder / "furniture-vae")
    for c, name in enumerate(("chair", "table")):
        (tmp_path / name).mkdir()
        for i in np.flatnonzero(tiny_furniture.labels == c)[:4]:
            (tmp_path / name / f"{i}.png").write_bytes(png(tiny_furniture.images[i]))
    figures = photos.measure(space, tmp_path)
    assert set(figures["classes"]) == {"chair", "table"}
    assert 0 <= figures["balanced_accuracy"] <= 1


def test_the_command_prints_a_line_for_each_class_or_one_that_says_what_is_wrong(
    tiny_models, folder, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(sys, "argv", ["photos", "mnist-vae", str(folder)])
    assert photos.main() == 0
    printed = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in printed] == [
        "3",
        "7",
        "balanced accuracy (10 nearest)",
        "mean squared error a pixel",
    ]
    assert printed[1].endswith("of 4 images, 1 could not be placed")
    for words, message in (
        (["mnist-vae", str(tmp_path / "nowhere")], "has none of the folders 0, 1, 2"),
        (["nothing", str(folder)], "Unknown model 'nothing'"),
        (["mnist-vae"], "usage: python -m benchmarks.photos MODEL FOLDER"),
    ):
        monkeypatch.setattr(sys, "argv", ["photos", *words])
        assert photos.main() == 2
        assert message in capsys.readouterr().err
