"""Results of single benchmarks beside those that are known."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from benchmarks import __main__ as benchmarks
from benchmarks.live import row
from latent import InputError


def failing() -> list[dict]:
    raise InputError("No images here.")


@pytest.fixture
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "results.json"
    path.write_text(json.dumps([
        {"part": "machine", **row("machine", 0, "")}, {"part": "em", **row("a step", 1, "ms", 2)},
        {"part": "em", **row("gone", 1, "ms")}, {"part": "map", **row("hover", 3, "ms")},
        row("old style", 4, "s"),
    ]))  # fmt: skip
    monkeypatch.setattr(benchmarks, "RESULTS", path)
    measured = [row("a step", 5, "ms", 2), row("old style", 6, "s")]
    monkeypatch.setattr(benchmarks, "PARTS", {
        "em": SimpleNamespace(measure=lambda: measured),
        "none": SimpleNamespace(measure=failing),
    })  # fmt: skip
    return path


def test_one_part_replaces_its_own_rows_alone(
    results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["benchmarks", "em", "none"])
    assert benchmarks.main() == 1  # the step took longer than it may
    found = {line["name"]: line["value"] for line in json.loads(results.read_text())}
    assert list(found) == ["machine", "hover", "a step", "old style"]
    assert (found["hover"], found["a step"], found["old style"]) == (3, 5, 6)


def test_all_parts_begin_anew(results: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["benchmarks"])
    benchmarks.main()
    assert [line["name"] for line in json.loads(results.read_text())] == [
        "machine", "a step", "old style",
    ]  # fmt: skip


def test_a_part_that_is_not_known_is_said(
    results: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["benchmarks", "nothing"])
    before = results.read_text()
    assert benchmarks.main() == 2
    assert "no benchmark 'nothing'; there are em, none." in capsys.readouterr().err
    assert results.read_text() == before
