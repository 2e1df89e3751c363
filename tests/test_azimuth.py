"""The benchmark on from where a piece is seen."""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np
import pytest

from benchmarks import azimuth

N, TRAINED = 400, 300


@dataclass
class Seen:
    """What the benchmark reads of a gallery."""

    codes: np.ndarray
    labels: np.ndarray
    split: np.ndarray
    factors: dict[str, np.ndarray]


@pytest.fixture
def seen() -> Seen:
    """Pieces whose code is their place on the circle; every third is a square table."""
    rng = np.random.default_rng(0)
    turn = rng.uniform(-80, 80, N).astype(np.float32)
    table = (np.arange(N) % 3 == 0).astype(np.uint8)
    factors = {
        "azimuth": turn,
        "width": np.where(table, 1.0, 0.9).astype(np.float32),
        "depth": np.where(table, 1.0, 0.5).astype(np.float32),
        "symmetry": np.zeros(N, np.uint8),
    }
    codes = np.column_stack([np.sin(np.radians(turn)), np.cos(np.radians(turn))])
    split = (np.arange(N) >= TRAINED).astype(np.uint8)
    return Seen(codes.astype(np.float32), table, split, factors)


def test_codes_that_are_the_place_on_the_circle_say_all_of_it(seen):
    figures = azimuth.measure(seen)
    assert figures["count"] == N - TRAINED
    assert figures["degrees"].max() < 0.01
    assert figures["cosine_r2"] == pytest.approx(1)
    assert figures["hard"]["count"] == seen.labels[TRAINED:].sum()


def test_errors_are_those_of_whom_they_are_made(seen):
    turned = np.flatnonzero(seen.labels & (np.arange(N) >= TRAINED))[:10]
    angle = np.radians(seen.factors["azimuth"][turned] + 90)  # seen as if from the next side
    seen.codes[turned] = np.column_stack([np.sin(angle), np.cos(angle)])
    figures = azimuth.measure(seen)
    np.testing.assert_allclose(figures["degrees"][-10:], 90, atol=0.01)
    assert figures["degrees"][-11] < 0.01
    assert figures["hard"]["share"] == pytest.approx(1)
    assert figures["others"]["cosine_r2"] == pytest.approx(1)
    assert figures["worst_share"] == pytest.approx(1)
    true = np.cos(np.radians(seen.factors["azimuth"][TRAINED:].astype(float)))
    expected = 1 - np.square(seen.codes[TRAINED:, 1] - true).sum() / (len(true) * true.var())
    assert figures["cosine_r2"] == pytest.approx(expected, abs=1e-4)
    low, high = figures["cosine_between"]
    assert low < figures["cosine_r2"] < high < 1


def test_pieces_that_look_the_same_from_all_sides_are_not_judged(seen):
    seen.factors["symmetry"][TRAINED : TRAINED + 30] = 2
    assert azimuth.measure(seen)["count"] == N - TRAINED - 30


def test_a_model_of_digits_and_no_model_are_one_line(tiny_models, monkeypatch, capsys):
    for words in (["mnist-vae"], ["none"], []):
        monkeypatch.setattr(sys, "argv", ["azimuth", *words])
        assert azimuth.main() == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert err.count("\n") == 1
