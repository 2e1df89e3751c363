"""`index` and `similar`, in this process."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from latent import bundle, collection, similar_command
from latent.data import TEST, Dataset
from tests.conftest import png

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(run_latent: Run, tiny_designs: Path) -> Run:
    return run_latent


@pytest.fixture
def photos(tiny_furniture: Dataset, tmp_path: Path) -> Path:
    """Twelve test pieces as files, two of them in a folder below."""
    folder = tmp_path / "photos"
    (folder / "more").mkdir(parents=True)
    for i, image in enumerate(tiny_furniture.images[tiny_furniture.split == TEST][:12]):
        (folder / ("more" if i > 9 else ".") / f"{i:02d}.png").write_bytes(png(image))
    return folder


def indexed(run: Run, *words: object) -> dict:
    code, out, err = run("index", *words, "--json")
    assert (code, err) == (0, "")
    return json.loads(out)


def test_the_file_itself_is_found_first_also_in_a_mirror(run: Run, photos: Path, tmp_path) -> None:
    made = indexed(run, photos, "--out", "cat")
    assert (made["images"], made["added"], made["refused"]) == (12, 12, [])
    code, out, _ = run("similar", "cat", photos / "03.png", "--count", 3, "--json")
    answer = json.loads(out)
    assert code == 0
    assert [row["file"] for row in answer["found"]][:1] == [str(photos / "03.png")]
    assert answer["found"][0]["shape"] == pytest.approx(1, abs=1e-3)
    assert answer["found"][0]["colour"] == pytest.approx(1, abs=1e-3)
    assert not answer["nothing_alike"]
    scores = [row["score"] for row in answer["found"]]
    assert scores == sorted(scores, reverse=True)
    pixels = np.asarray(Image.open(photos / "03.png"))
    (tmp_path / "turned.png").write_bytes(png(pixels[:, ::-1].copy()))
    code, out, _ = run("similar", "cat", "turned.png", "--json")
    assert json.loads(out)["found"][0]["file"] == str(photos / "03.png")


def test_only_what_is_new_or_changed_is_read_again(run: Run, photos: Path, monkeypatch) -> None:
    indexed(run, photos, "--out", "cat")
    read: list[str] = []
    whole = similar_command._read

    def noted(name, encoder):
        read.append(Path(name).name)
        return whole(name, encoder)

    monkeypatch.setattr(similar_command, "_read", noted)
    assert indexed(run, photos, "--out", "cat")["added"] == 0
    assert read == []
    shutil.copy(photos / "00.png", photos / "new.png")
    os.utime(photos / "01.png", ns=(1, 1))
    made = indexed(run, photos, "--out", "cat")
    assert (made["added"], made["changed"], made["images"]) == (1, 1, 13)
    assert sorted(read) == ["01.png", "new.png"]
    (photos / "02.png").unlink()
    assert indexed(run, photos, "--out", "cat")["images"] == 13  # kept until one asks
    made = indexed(run, photos, "--out", "cat", "--prune")
    assert (made["removed"], made["images"]) == (1, 12)


def test_a_killed_run_goes_on_and_nothing_is_indexed_twice_or_lost(
    run: Run, photos: Path, monkeypatch
) -> None:
    monkeypatch.setattr(similar_command, "BATCH", 5)
    whole, parts = collection.append, []

    def dies(out, part):
        if len(parts) == 1:
            raise KeyboardInterrupt
        parts.append(part)
        whole(out, part)

    with monkeypatch.context() as patch:
        patch.setattr(collection, "append", dies)
        code, _, err = run("index", photos, "--out", "cat")
        assert (code, err.strip().splitlines()[-1]) == (2, "error: stopped.")
    assert len(collection.read(Path("cat")).names) == 5
    made = indexed(run, photos, "--out", "cat")
    assert (made["added"], made["images"]) == (7, 12)
    names = collection.read(Path("cat")).names
    assert len(set(names)) == 12


def test_unreadable_files_are_named_and_the_good_ones_go_on(run: Run, photos: Path) -> None:
    (photos / "bad.jpg").write_bytes(b"no picture")
    (photos / "empty.png").write_bytes(b"")
    made = indexed(run, photos, "--out", "cat")
    assert made["images"] == made["added"] == 12
    said = {Path(row["file"]).name: row["error"] for row in made["refused"]}
    assert set(said) == {"bad.jpg", "empty.png"}
    assert "This is no PNG" in said["bad.jpg"]
    code, out, _ = run("index", photos, "--out", "cat")
    assert code == 0
    assert "2 refused" in out


def test_colour_shape_likes_and_filters_change_the_order(run: Run, photos: Path) -> None:
    indexed(run, photos, "--out", "cat")

    def found(*words: object) -> list[str]:
        code, out, err = run("similar", "cat", photos / "00.png", *words, "--json", "--count", 12)
        assert (code, err) == (0, "")
        return [Path(row["file"]).name for row in json.loads(out)["found"]]

    by_shape, by_colour = found("--colour", 0), found("--colour", 1)
    assert by_shape != by_colour
    last = by_shape[-1]
    liked = found("--colour", 0, "--like", next(photos.rglob(last)))
    assert liked.index(last) < 11
    Path("table.csv").write_text("file,price\n" + "".join(f"{i:02d}.png,{i}\n" for i in range(9)))
    between = found("--table", "table.csv", "--between", "price", 2, 4)
    assert sorted(between) == ["02.png", "03.png", "04.png"]
    kinds = found("--kind", "chair") + found("--kind", "dining")
    assert sorted(kinds) == sorted(by_shape)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("index", "nowhere", "--out", "new"), "nowhere is no folder"),
        (("index", "none", "--out", "new"), "none holds no image"),
        (("index", "photos", "--out", "photos"), "is there and is no catalogue"),
        (("index", "photos", "--out", "new", "--model", "nobody"), "nobody"),
        (("similar", "nowhere", "photos/00.png"), "nowhere is no catalogue"),
        (("similar", "cat", "photos/99.png"), "cannot be read"),
        (("similar", "cat", "photos/00.png", "--kind", "sofa"), "--kind is one of: chair, dining"),
        (("similar", "cat", "photos/00.png", "--like", "x.png"), "x.png is not in this catalogue"),
        (("similar", "cat", "photos/00.png", "--between", "price", 1, 2), "Name a CSV file"),
        (("similar", "cat", "photos/00.png", "--colour", "2"), "not in the range"),
    ],
)
def test_a_mistake_gets_one_sentence(run: Run, photos: Path, words, said: str) -> None:
    indexed(run, photos, "--out", "cat")
    Path("none").mkdir()
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert said in err
    assert len(err.strip().splitlines()) == 1


def test_nothing_alike_is_said(run: Run, photos: Path, tmp_path, monkeypatch) -> None:
    models = tmp_path / "models"
    shutil.copytree(os.environ["LATENT_MODELS"], models)
    monkeypatch.setenv("LATENT_MODELS", str(models))
    folder = models / "furniture-contrast"
    config = bundle.read_config(folder, kinds=bundle.ENCODING)
    bundle.seal(folder, {**config, "alike": -2.0})
    indexed(run, photos, "--out", "cat")
    (tmp_path / "noise.png").write_bytes(
        png(np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8))
    )
    _, out, _ = run("similar", "cat", "noise.png", "--json")
    assert json.loads(out)["nothing_alike"]
    _, out, _ = run("similar", "cat", "noise.png")
    assert out.startswith("Nothing here is like it.")
