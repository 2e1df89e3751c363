"""`python -m latent repair`: what it prints and writes, and one line for what is wrong."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from latent import LatentSpace
from latent.images import to_uint8
from latent.originals import picture_of
from tests.conftest import png


@pytest.fixture
def ask(run_latent, monkeypatch, tmp_path):
    """Run the command, without any data set at hand."""
    monkeypatch.setenv("LATENT_DATA", str(tmp_path / "none"))
    return partial(run_latent, "repair")


def pixels(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path))


def test_the_document_holds_what_is_promised(ask, tiny_space: LatentSpace) -> None:
    code, out, err = ask("mnist-vae", 3, "--mask", "lower", "--out", "r", "--count", 4, "--json")
    assert (code, err) == (0, "")
    report = json.loads(out)
    assert set(report) == {
        "model", "image", "mask", "cover", "from", "noise", "seed", "hidden_share",
        "effective_draws", "error", "completions",
    }  # fmt: skip
    assert report["from"] == "prior"
    assert report["hidden_share"] == 0.5
    rows = report["completions"]
    assert 1 <= len(rows) <= 4
    assert sum(row["probability"] for row in rows) == pytest.approx(1)
    decoded = tiny_space.decode(np.array([rows[0]["code"]], np.float32))[0]
    x = picture_of(tiny_space, 3)[0]
    assert rows[0]["error"] == pytest.approx(np.square(decoded - x)[:, 14:].mean(), abs=1e-4)


def test_pictures_keep_what_was_visible(ask, tiny_space: LatentSpace) -> None:
    hidden = np.zeros((28, 28), np.uint8)
    hidden[:, 9:17] = 255
    Path("mask.png").write_bytes(png(hidden))
    code, _, err = ask("mnist-ae", 5, "--mask", "mask.png", "--out", "r", "--cover", "noise")
    assert (code, err) == (0, "")
    x = to_uint8(tiny_space.decode(tiny_space.code(5)[None])[0])
    found = sorted(path.name for path in Path("r").iterdir())
    assert {"covered.png", "plain.png", "expected.png", "overview.png"} < set(found)
    first, covered = pixels(Path("r/completion-01.png")), pixels(Path("r/covered.png"))
    assert (first[hidden == 0] == covered[hidden == 0]).all()
    assert (covered[hidden > 0] > 60).any()
    assert x.shape == first.shape


def test_an_image_of_ones_own_is_prepared_first(ask) -> None:
    drawn = np.full((200, 200), 255, np.uint8)
    drawn[40:160, 95:110] = 0
    Path("one.png").write_bytes(png(drawn))
    code, out, _ = ask("mnist-vae", "one.png", "--mask", "upper", "--out", "r")
    assert code == 0
    assert "completions of one.png, 50% hidden" in out
    assert pixels(Path("r/plain.png")).shape == (28, 28)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["mnist-vae", "3", "--mask", "middle", "--out", "r"], "choose one of: lower, upper"),
        (["mnist-vae", "3", "--mask", "all.png", "--out", "r"], "hides the whole image"),
        (["mnist-vae", "3", "--mask", "none.png", "--out", "r"], "hides nothing"),
        (["mnist-vae", "3", "--mask", "large.png", "--out", "r"], "28 × 28 pixels; got 56 × 56"),
        (["mnist-vae", "3", "--mask", "gone.png", "--out", "r"], "'gone.png' cannot be read"),
        (["mnist-vae", "9999", "--mask", "lower", "--out", "r"], "has no image 9999"),
        (["mnist-vae", "gone.png", "--mask", "lower", "--out", "r"], "'gone.png' cannot be read"),
        (["mnist-vae", "3", "--mask", "lower", "--out", "all.png"], "cannot be written"),
        (["mnist-ae", "3", "--mask", "lower", "--out", "r", "--from", "prior"], "has no prior"),
        (["mnist-vae", "3", "--mask", "lower", "--out", "r", "--noise", "0"], "above 0"),
        (["mnist-vae", "3", "--mask", "lower", "--out", "r", "--cover", "x"], "ground, noise"),
    ],
)
def test_what_cannot_be_done_is_one_line(ask, words: list[str], message: str) -> None:
    for name, value, side in (("all", 255, 28), ("none", 0, 28), ("large", 255, 56)):
        Path(f"{name}.png").write_bytes(png(np.full((side, side), value, np.uint8)))
    code, out, err = ask(*words)
    assert (code, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1
    assert not Path("r").exists()
