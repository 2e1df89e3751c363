"""A catalogue on disk: added to, crossed out, killed, damaged."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from latent import collection
from latent.collection import Part
from latent.colours import ANCHORS
from latent.encoder import Encoder
from latent.errors import InputError


@pytest.fixture
def encoder(tiny_designs: Path) -> Encoder:
    return Encoder(tiny_designs / "furniture-contrast")


def part(encoder: Encoder, *names: str) -> Part:
    rng = np.random.default_rng(len(names))
    n = len(names)
    return Part(
        names, np.arange(n), np.arange(n) + 10,
        rng.random((n, encoder.latent_dim), np.float32), rng.random((n, len(ANCHORS)), np.float32),
    )  # fmt: skip


@pytest.fixture
def folder(encoder: Encoder, tmp_path: Path) -> Path:
    found = tmp_path / "catalogue"
    collection.begin(found, encoder)
    with collection.held(found):
        collection.append(found, part(encoder, "a", "b", "c"))
        collection.append(found, part(encoder, "d", "e"))
    return found


def test_what_was_added_is_read_back(folder: Path, encoder: Encoder) -> None:
    found = collection.read(folder)
    assert found.names == ("a", "b", "c", "d", "e")
    first = part(encoder, "a", "b", "c")
    np.testing.assert_array_equal(found.shapes[:3], first.shapes)
    np.testing.assert_allclose(found.colours[:3], first.colours, atol=1e-3)
    assert found.stamps["b"] == (1, 11)
    assert len(found.pieces) == 5
    assert collection.encoder_of(folder).fingerprint == encoder.fingerprint


def test_nothing_that_is_there_changes_when_more_comes_and_some_goes(
    folder: Path, encoder: Encoder
) -> None:
    before = {path.name: path.read_bytes() for path in folder.glob("*.npz")}
    collection.cross_out(folder, ["b", "d", "nobody"])
    assert collection.read(folder).names == ("a", "c", "e")
    collection.append(folder, part(encoder, "b"))  # again, after it was changed
    assert collection.read(folder).names == ("a", "c", "e", "b")
    collection.cross_out(folder, ["b"])
    assert collection.read(folder).names == ("a", "c", "e")
    assert {name: (folder / name).read_bytes() for name in before} == before


def test_a_part_that_was_not_finished_does_not_count(folder: Path, monkeypatch) -> None:
    before = collection.read(folder).names

    def killed(*args: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("latent.files.os.replace", killed)
    with pytest.raises(KeyboardInterrupt):
        collection.append(folder, Part(("f",), *[np.zeros(1)] * 2, *[np.zeros((1, 4))] * 2))
    assert collection.read(folder).names == before


def test_two_runs_at_once_are_refused_and_an_ended_one_lets_go(folder: Path) -> None:
    with (
        collection.held(folder),
        pytest.raises(InputError, match="Another run is changing"),
        collection.held(folder),
    ):
        pass
    with collection.held(folder):
        pass


def test_a_folder_that_holds_something_else_is_left_alone(encoder: Encoder, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(InputError, match="is there and is no catalogue"):
        collection.begin(tmp_path, encoder)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]
    with pytest.raises(InputError, match="is no catalogue. Make one"):
        collection.read(tmp_path)


def test_a_catalogue_of_other_weights_is_refused(
    folder: Path, encoder: Encoder, tiny_designs: Path
) -> None:
    with pytest.raises(InputError, match="other weights than those of furniture-vae"):
        collection.begin(folder, Encoder(tiny_designs / "furniture-vae"))
    about = json.loads((folder / collection.ABOUT).read_text())
    (folder / collection.ABOUT).write_text(json.dumps({**about, "weights": "0"}))
    with pytest.raises(InputError, match="other weights than furniture-contrast has now"):
        collection.encoder_of(folder)


@pytest.mark.parametrize(
    ("name", "content", "match"),
    [
        (collection.ABOUT, "{", "damaged"),
        (collection.ABOUT, "[]", "damaged"),
        (collection.ABOUT, '{"format": 2}', "of another version"),
        (collection.ABOUT, '{"format": 1}', "damaged"),
        ("part-000001.npz", "PK", "no .npz of plain arrays"),
        ("gone-000003.json", '[["part-000001.npz"]]', "damaged"),
        ("gone-000003.json", "{", "damaged"),
    ],
)
def test_damage_is_named(folder: Path, name: str, content: str, match: str) -> None:
    (folder / name).write_text(content)
    with pytest.raises(InputError, match=match):
        collection.read(folder)


def test_a_part_of_another_width_is_named(folder: Path, encoder: Encoder) -> None:
    given = part(encoder, "x")
    wrong = Part(given.names, given.sizes, given.times, given.shapes[:, :-1], given.colours)
    collection.append(folder, wrong)
    with pytest.raises(InputError, match=r"part-000003.npz is damaged"):
        collection.read(folder)
