"""`python -m latent cluster`: what it prints, what it leaves, and one line for what is wrong."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from latent import LatentSpace, bundle
from latent.mixture import Mixture, responsibilities


@pytest.fixture
def ask(run_latent):
    """Run the command."""
    return partial(run_latent, "cluster")


def test_the_document_holds_what_is_promised(ask, ae_space: LatentSpace) -> None:
    code, out, err = ask("mnist-ae", "--components", 4, "--restarts", 2, "--json")
    assert (code, err) == (0, "")
    report = json.loads(out)
    assert set(report) == {
        "model", "components", "covariance", "init", "seed", "fitted_on", "measured_on",
        "restarts", "log_likelihood", "held_out_log_likelihood", "aic", "bic", "agreement",
        "kmeans", "clusters",
    }  # fmt: skip
    assert (report["components"], report["fitted_on"], report["measured_on"]) == (4, 200, 100)
    assert report["log_likelihood"] == max(r["log_likelihood"] for r in report["restarts"])
    for side in ("agreement", "kmeans"):
        figures = report[side]
        assert set(figures) == {
            "adjusted_mutual_information", "accuracy_majority", "accuracy_one_to_one",
        }  # fmt: skip
        assert 0 < figures["accuracy_one_to_one"] <= figures["accuracy_majority"] <= 1
    clusters = report["clusters"]
    assert sum(row["weight"] for row in clusters) == pytest.approx(1)
    assert sum(sum(row["labels"].values()) for row in clusters) == 100
    right = sum(row["labels"].get(row["label"], 0) for row in clusters)
    assert report["agreement"]["accuracy_majority"] == pytest.approx(right / 100)
    assert np.shape(clusters[0]["mean"]) == (ae_space.latent_dim,)


def test_the_mixture_is_written_and_gives_its_own_responsibilities(
    ask, ae_space: LatentSpace, tmp_path: Path
) -> None:
    code, out, _ = ask("mnist-ae", "--components", 3, "--covariance", "diag", "--out", "m.npz",
                       "--fit-on", 150, "--select", "1,2")  # fmt: skip
    assert code == 0
    assert "fitted on 150 images" in out
    assert "K = 2, nats an image" in out
    names = ("weights", "means", "covariances", "responsibilities")
    weights, means, covariances, resp = bundle.read_arrays(tmp_path / "m.npz", names).values()
    mixture = Mixture(weights, means, covariances, "diag")
    expected = responsibilities(mixture, ae_space.gallery.codes)
    assert np.abs(resp - expected).max() < 1e-6


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["mnist-ae", "--components", 0], "from 1 to 200 components; got 0"),
        (["mnist-ae", "--components", 201], "from 1 to 200 components; got 201"),
        (["mnist-ae", "--covariance", "round"], "Unknown covariance 'round'"),
        (["mnist-ae", "--init", "best"], "Unknown start 'best'"),
        (["mnist-ae", "--restarts", 0], "at least one start"),
        (["mnist-ae", "--select", "2,x"], "--select takes numbers"),
        (["mnist-ae", "--out", "mixture.pkl"], "--out ends in .npz"),
        (["mnist-ae", "--components", 2, "--out", "/dev/null/m.npz"], "cannot be written"),
        (["nothing"], "Unknown model"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(ask, words: list, said: str) -> None:
    code, out, err = ask(*words)
    assert (code, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1
