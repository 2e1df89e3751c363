"""All figures of a model in one document, and as lines to read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from latent import bundle
from latent.causes import evaluate_causes, evaluate_triples
from latent.data import DATA_SETS, Dataset, data_root, load_dataset
from latent.errors import InputError
from latent.evaluation import PCA_SIZES, evaluate, evaluate_draws, evaluate_pca, evaluate_ways
from latent.space import LatentSpace


def data_name(space: LatentSpace) -> str:
    """Which data set a model was trained on.

    Raises:
        InputError: its config does not say it, or names one that nobody knows.
    """
    name = space.config.get("recipe", {}).get("data")
    if name not in DATA_SETS:
        raise InputError(
            f"{space.folder / bundle.CONFIG}: the field 'recipe' has as 'data' {name!r}, none of: "
            f"{', '.join(DATA_SETS)}."
        )
    return str(name)


def data_of(space: LatentSpace, root: Path | None = None) -> Dataset:
    """The images that a model was trained on.

    Args:
        space: the model.
        root: folder that holds data sets; default `data_root()`.

    Raises:
        InputError: they are not there, or others are.
    """
    name = data_name(space)
    data = load_dataset(name, root, fetch=False)
    if not np.array_equal(data.labels, space.gallery.labels):
        raise InputError(
            f"{name} in {root or data_root()} holds other images than those of {space.name}. "
            "Name the folder of those with --data or LATENT_DATA."
        )
    return data


def report(space: LatentSpace, data: Dataset, root: Path | None = None) -> dict[str, Any]:
    """Every figure of a model.

    Args:
        space: the model.
        data: its data set, as `data_of` gives it.
        root: where that was found, and where test triples are kept beside it.

    Returns:
        What `latent.evaluation` measures, with "pca" beside it; for digits what their
        classifier says; for furniture "triples" and what `latent.causes` measures.

    Raises:
        InputError: a classifier or a renderer that this needs is missing; said at once.
    """
    name = data_name(space)
    digits = name == "mnist"
    if digits:
        from latent.classifier import load_classifier

        load_classifier()
    else:
        triples = evaluate_triples(space, (root or data_root()) / name)
    figures = evaluate(space, data) | evaluate_ways(space, recognise=digits)
    if digits:
        figures |= evaluate_draws(space)
    else:
        figures |= {"triples": triples, **evaluate_causes(space)}
    figures["pca"] = evaluate_pca(data, PCA_SIZES[name], space.voters)
    return figures


def lines(figures: dict[str, Any]) -> Iterator[str]:
    """What `report` gives, a line for every figure."""
    for name, value in figures.items():
        if name in SECTIONS:
            yield from SECTIONS[name](value, figures)
        else:
            yield f"{name}: {value}"


def _pca(rows: list[dict[str, Any]], figures: dict[str, Any]) -> Iterator[str]:
    for row in rows:
        yield (
            f"PCA {row['components']:3}: test MSE {row['test_mse']:.5f}, "
            f"{figures['voters']}-NN accuracy {row['knn_accuracy']:.4f}"
        )


def _maps(maps: dict[str, dict[str, Any]], _: dict[str, Any]) -> Iterator[str]:
    for title, info in maps.items():
        yield (
            f"map {title}: trustworthiness {info.get('trustworthiness')}, "
            f"continuity {info.get('continuity')} ({info.get('measured_on', 'not measured')})"
        )


def _probes(scores: dict[str, float], _: dict[str, Any]) -> Iterator[str]:
    for name, score in scores.items():
        yield f"linear probe of {name}: R² {score:.3f}"


def _parts(parts: dict[str, dict[str, float]], _: dict[str, Any]) -> Iterator[str]:
    for name, part in parts.items():
        yield (
            f"{name} by a linear classifier: accuracy {part['accuracy']:.3f}; "
            f"the commonest word alone {part['commonest']:.3f}"
        )


def _disentanglement(models: dict[str, dict[str, float]], _: dict[str, Any]) -> Iterator[str]:
    for model, scores in models.items():
        yield f"{model}: " + ", ".join(
            f"{'MIG' if name == 'mig' else name} {score:.3f}" for name, score in scores.items()
        )


def _triples(shares: dict[str, float], _: dict[str, Any]) -> Iterator[str]:
    for name in ("pixels", "codes"):
        yield (
            f"a chair is nearer to itself in another colour than to a table in its own, in {name}: "
            f"{shares[name]:.1%} of {shares['count']} triples "
            f"({shares[f'{name}_of_both']:.1%} where the recoloured chair is asked too)"
        )


SECTIONS: dict[str, Callable[[Any, dict[str, Any]], Iterator[str]]] = {
    "pca": _pca,
    "maps": _maps,
    "probe_r2": _probes,
    "part_accuracy": _parts,
    "disentanglement": _disentanglement,
    "triples": _triples,
}
