"""`python -m latent cluster MODEL`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np

from latent import bundle
from latent.clusters import Agreement, agreement, criteria, fit, kmeans, select
from latent.data import TEST, TRAIN
from latent.em import INITS, nearest_center
from latent.errors import InputError
from latent.mixture import KINDS, Mixture, log_likelihood, responsibilities
from latent.space import LatentSpace, load_space


@click.command()
@click.argument("model")
@click.option("--components", type=int, default=10, show_default=True, help="How many, K.")
@click.option("--covariance", default="full", show_default=True, help=", ".join(KINDS) + ".")
@click.option("--init", default="kmeans", show_default=True, help=", ".join(INITS) + ".")
@click.option("--restarts", type=int, default=4, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option("--fit-on", type=click.IntRange(2), help="Fit to that many random images.")
@click.option("--select", "compared", metavar="K,K…",
              help="Compare these numbers of components as well, such as 5,10,20.")  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path),
              help="Write mixture.npz: weights, means, covariances, responsibilities.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def cluster(
    model: str,
    components: int,
    covariance: str,
    init: str,
    restarts: int,
    seed: int,
    fit_on: int | None,
    compared: str | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Fit a Gaussian mixture to the training codes of MODEL and ask the test codes.

    Labels are used for nothing but the comparison afterwards.
    """
    if out is not None and out.suffix != ".npz":
        raise InputError(f"--out ends in .npz; got {out.name!r}.")
    counts = None if compared is None else _numbers(compared)
    space = load_space(model)
    train, test = _splits(space, fit_on, seed)
    options: dict[str, Any] = {"kind": covariance, "init": init, "restarts": restarts, "seed": seed}
    mixture, report = _measured(space, train, test, components, options)
    if counts is not None:
        codes = space.gallery.codes
        rows = select(codes[train], codes[test], counts, **options)
        report["selection"] = [vars(row) for row in rows]
    if out is not None:
        _write(out, mixture, space.gallery.codes)
    if as_json:
        print(json.dumps(report, ensure_ascii=False))
        return
    for line in _lines(report):
        print(line)


def _numbers(words: str) -> list[int]:
    try:
        return [int(word) for word in words.split(",")]
    except ValueError as error:
        raise InputError(
            f"--select takes numbers of components, such as 5,10,20; got {words[:40]!r}."
        ) from error


def _splits(space: LatentSpace, fit_on: int | None, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Indices to fit on and to measure on."""
    split = space.gallery.split
    train, test = np.flatnonzero(split == TRAIN), np.flatnonzero(split == TEST)
    if not len(test):
        raise InputError(f"{space.name} has no test images, on which a mixture would be measured.")
    if fit_on is not None and fit_on < len(train):
        train = np.sort(np.random.default_rng(seed).choice(train, fit_on, replace=False))
    return train, test


def _measured(
    space: LatentSpace,
    train: np.ndarray,
    test: np.ndarray,
    components: int,
    options: dict[str, Any],
) -> tuple[Mixture, dict[str, Any]]:
    """The best mixture, and all that is said of it."""
    codes, labels, classes = space.gallery.codes, space.gallery.labels, space.class_names
    found = fit(codes[train], components, **options)
    mixture = found.mixture
    assigned = responsibilities(mixture, codes[test]).argmax(axis=1)
    soft = agreement(assigned, labels[test], components, len(classes))
    centers = kmeans(codes[train], components, options["restarts"], options["seed"])
    assigned = nearest_center(codes[test].astype(np.float64), centers)
    hard = agreement(assigned, labels[test], components, len(classes))
    aic, bic = criteria(mixture, codes[train])
    return mixture, {
        "model": space.name, "components": components, "covariance": options["kind"],
        "init": options["init"], "seed": options["seed"],
        "fitted_on": len(train), "measured_on": len(test),
        "restarts": [
            {"log_likelihood": float(value), "converged": bool(done)}
            for value, done in zip(found.log_likelihoods, found.converged, strict=True)
        ],
        "log_likelihood": float(found.log_likelihoods.max()),
        "held_out_log_likelihood": log_likelihood(mixture, codes[test]),
        "aic": aic, "bic": bic,
        "agreement": _figures(soft), "kmeans": _figures(hard),
        "clusters": _clusters(mixture, soft, classes),
    }  # fmt: skip


def _figures(found: Agreement) -> dict[str, float]:
    return {
        "adjusted_mutual_information": found.mutual_information,
        "accuracy_majority": found.majority,
        "accuracy_one_to_one": found.one_to_one,
    }


def _clusters(mixture: Mixture, found: Agreement, classes: Sequence[str]) -> list[dict[str, Any]]:
    """Each component with the test images that it holds, the heaviest first."""
    rows = []
    for k in np.argsort(-mixture.weights):
        held = found.confusion[k]
        rows.append({
            "component": int(k),
            "weight": float(mixture.weights[k]),
            "label": classes[int(held.argmax())] if held.any() else None,
            "labels": {name: int(n) for name, n in zip(classes, held, strict=True) if n},
            "mean": mixture.means[k].tolist(),
        })  # fmt: skip
    return rows


def _write(out: Path, mixture: Mixture, codes: np.ndarray) -> None:
    arrays = {
        "weights": mixture.weights, "means": mixture.means, "covariances": mixture.covariances,
        "responsibilities": responsibilities(mixture, codes).astype(np.float32),
    }  # fmt: skip
    try:
        bundle.write_arrays(out, arrays)
    except OSError as error:
        raise InputError(f"{out} cannot be written: {error.strerror or error}.") from error


def _lines(report: dict[str, Any]) -> list[str]:
    ends = ", ".join(
        f"{start['log_likelihood']:.4f}{'' if start['converged'] else ' (not converged)'}"
        for start in report["restarts"]
    )
    lines = [
        f"{report['model']}: {report['components']} components, {report['covariance']}, fitted on "
        f"{report['fitted_on']} images, measured on {report['measured_on']}",
        f"log-likelihood of each start, nats an image: {ends}",
        f"held out {report['held_out_log_likelihood']:.4f}; AIC {report['aic']:.0f}, "
        f"BIC {report['bic']:.0f}",
    ]
    for name, key in (("mixture", "agreement"), ("k-means", "kmeans")):
        row = report[key]
        lines.append(
            f"{name}: adjusted mutual information {row['adjusted_mutual_information']:.4f}, "
            f"accuracy {row['accuracy_majority']:.4f} (each component its commonest label), "
            f"{row['accuracy_one_to_one']:.4f} (each label one component)"
        )
    for row in report["clusters"]:
        held = ", ".join(
            f"{label}: {n}" for label, n in sorted(row["labels"].items(), key=lambda x: -x[1])[:4]
        )
        lines.append(f"component {row['component'] + 1}: weight {row['weight']:.3f}; {held}")
    for row in report.get("selection", []):
        lines.append(
            f"K = {row['components']}, nats an image: BIC {row['bic']:.4f}, AIC {row['aic']:.4f}, "
            f"held out {row['held_out']:.4f}"
        )
    return lines
