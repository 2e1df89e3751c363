"""Files that appear whole or not at all."""

from __future__ import annotations

import hashlib
import json

import pytest

from latent.files import sha256, write_json, written_whole


def test_a_file_appears_once_its_block_has_succeeded(tmp_path):
    path = tmp_path / "new" / "file.txt"
    with written_whole(path) as part:
        part.write_text("done")
        assert not path.exists()
        assert part.parent == path.parent  # renaming is atomic on one file system only
        assert part.suffix == ".txt"
    assert path.read_text() == "done"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("failure", [OSError, KeyboardInterrupt])
def test_a_block_that_fails_leaves_the_old_file_and_nothing_else(tmp_path, failure):
    path = tmp_path / "file.txt"
    path.write_text("old")

    def write_half() -> None:
        with written_whole(path) as part:
            part.write_text("ha")
            raise failure

    with pytest.raises(failure):
        write_half()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_others_may_read_what_was_written(tmp_path):
    with written_whole(tmp_path / "file") as part:
        part.write_text("x")
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o644


def test_json_comes_back_as_it_went_in(tmp_path):
    document = {"name": "Größe ≥ 2", "list": [1, 2.5, None, True]}
    write_json(tmp_path / "a.json", document)
    text = (tmp_path / "a.json").read_text("utf-8")
    assert json.loads(text) == document
    assert "Größe ≥ 2" in text


def test_what_json_cannot_hold_leaves_no_file(tmp_path):
    with pytest.raises(TypeError):
        write_json(tmp_path / "a.json", {"x": object()})
    assert list(tmp_path.iterdir()) == []


def test_sha256_is_the_digest_of_the_bytes(tmp_path):
    (tmp_path / "file").write_bytes(b"abc" * 1000)
    assert sha256(tmp_path / "file") == hashlib.sha256(b"abc" * 1000).hexdigest()
