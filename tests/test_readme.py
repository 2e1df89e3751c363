"""What the README says to type works."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from latent.__main__ import main
from latent.evaluation import PCA_SIZES
from latent.recipes import ARCHITECTURES
from tests.conftest import digit_images, png, tiny_architecture

README = Path("README.md").read_text("utf-8")
TINY_INDEX = {"60000": "3", "60030": "18", "24000": "3"}  # the tiny gallery has 300 images


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def commands() -> list[str]:
    lines = "".join(blocks("bash")).splitlines()
    assert lines
    return [line.removeprefix("python -m latent ") for line in lines]


@pytest.fixture
def own_models(tiny_models_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Copies of the tiny bundles that a command may change, and a folder to work in."""
    shutil.copytree(tiny_models_folder, tmp_path / "models")
    monkeypatch.setenv("LATENT_MODELS", str(tmp_path / "models"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "digit.png").write_bytes(png(255 - digit_images(5, seed=9)[0][4]))
    return tmp_path / "models"


@pytest.mark.parametrize("command", commands())
def test_every_command_of_the_readme_runs(
    command: str,
    own_models: Path,
    tiny_mnist: Path,
    tiny_designs_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setitem(ARCHITECTURES, "mnist", tiny_architecture)
    words = [TINY_INDEX.get(word, word) for word in shlex.split(command)]
    if words[0] == "evaluate":
        monkeypatch.setitem(PCA_SIZES, "mnist", (2, 16))
        monkeypatch.setattr("latent.classifier.load_classifier", _Sure)
    if words[0] == "recognise":  # names of an earlier line
        monkeypatch.setattr(sys, "argv", ["latent", "enrol", words[1], "four", "digit.png"])
        main()
        capsys.readouterr()
    if words[0] in ("index", "similar"):
        _photos(own_models, tiny_designs_folder)
    if words[0] == "similar":  # a catalogue of an earlier line
        monkeypatch.setattr(sys, "argv", ["latent", "index", "photos", "--out", words[1]])
        main()
        capsys.readouterr()
    monkeypatch.setattr(sys, "argv", ["latent", *words])
    main()
    printed = capsys.readouterr().out
    assert printed
    if "--json" in words:
        json.loads(printed)
    if "--out" in words:
        assert Path(words[words.index("--out") + 1]).stat().st_size > 0


def test_the_python_of_the_readme_runs(tiny_models: Path) -> None:
    shapes = {"images": (9, 1, 28, 28), "spots": (2, 2)}, {"images": (3, 64, 64, 3)}
    for block, expected in zip(blocks("python"), shapes, strict=True):
        code = re.sub("|".join(TINY_INDEX), lambda found: TINY_INDEX[found[0]], block)
        names: dict[str, object] = {}
        exec(code, names)
        assert {name: np.shape(names[name]) for name in expected} == expected


def _photos(models: Path, designs: Path) -> None:
    """An encoder for designs, a folder of three photos, and one beside it."""
    shutil.copytree(designs / "furniture-contrast", models / "furniture-contrast")
    for i, name in enumerate(("photos/a.png", "photos/b.png", "photos/c.png", "chair.png")):
        picture = np.full((64, 64, 3), 255, np.uint8)
        picture[10 + 5 * i : 60, 20:40] = (40 * i, 80, 120)
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_bytes(png(picture))


class _Sure:
    """A classifier that is sure of everything; the real one has its own tests."""

    def probabilities(self, x):
        return np.eye(10, dtype=np.float32)[np.zeros(len(x), int)]

    def frechet_distance(self, x):
        return 0.0
