"""`python -m latent sample`: what it prints and writes, and one line for what is wrong."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from latent import LatentSpace
from latent.images import to_uint8
from latent.sample_command import grid


@pytest.fixture
def ask(run_latent):
    """Run the command."""
    return partial(run_latent, "sample")


def test_draws_are_listed_and_written(ask, tiny_space: LatentSpace) -> None:
    code, out, err = ask("mnist-vae", "--from", "prior", "--count", 5, "--out", "d.npz", "--json")
    assert (code, err) == (0, "")
    report = json.loads(out)
    assert set(report) == {"model", "from", "count", "temperature", "seed", "out", "draws"}
    arrays = np.load("d.npz", allow_pickle=False)
    assert len(arrays["codes"]) == len(report["draws"]) == 5
    assert np.abs(tiny_space.decode(arrays["codes"]) - arrays["images"]).max() < 1e-5
    for row, z in zip(report["draws"], arrays["codes"], strict=True):
        index, distance = tiny_space.neighbours(z, 1)
        assert row["nearest"] == index[0]
        assert row["distance"] == pytest.approx(distance[0], rel=1e-4)


def test_a_grid_is_nearly_square(ask) -> None:
    code, out, _ = ask("mnist-ae", "--count", 7, "--out", "grid.png")
    assert code == 0
    assert "7 draws from mixture" in out
    with Image.open("grid.png") as picture:
        assert picture.size == (3 * 28 + 2 * 2, 3 * 28 + 2 * 2)


def test_the_grid_holds_every_image_where_it_belongs() -> None:
    images = np.random.default_rng(0).random((5, 1, 4, 4), np.float32)
    found = grid(images)
    assert (found[6:10, 6:10] == to_uint8(images[4])).all()
    assert (found[6:10, 12:] == 255).all()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["mnist-ae", "--from", "prior"], "has no prior"),
        (["mnist-ae", "--from", "moon"], "choose one of: prior"),
        (["mnist-ae", "--from", "component"], "needs --component"),
        (["mnist-ae", "--from", "component", "--component", "99"], "components 1 to"),
        (["mnist-vae", "--from", "image", "--image", "9999"], "has no image 9999"),
        (["mnist-vae", "--temperature", "9"], "between 0 and 3"),
        (["mnist-vae", "--count", "0"], "--count"),
        (["mnist-vae", "--out", "grid.jpg"], "ends in .png or .npz"),
    ],
)
def test_what_cannot_be_drawn_is_one_line(ask, words: list[str], message: str) -> None:
    code, out, err = ask(*(words if "--out" in words else [*words, "--out", "grid.png"]))
    assert (code, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1
    assert not Path("grid.png").exists()
