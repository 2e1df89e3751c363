"""One fair test for all representations: the same images, splits and seeds, with intervals."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from latent import bundle
from latent.data import TEST, TRAIN, Dataset
from latent.errors import InputError
from latent.files import write_json
from latent.images import to_uint8
from latent.representations import HIDDEN, PLAIN, Learned, Representation, Rung
from latent.space import models_root

HELD_BACK = (8, 9)  # digits that no rung sees the labels of
FEW = (1, 5, 20, 100)  # labels a class
SHOTS = 5  # labels of each class that was held back
DRAWS = 100  # of so few labels
POOL = 200  # training images of each class to draw them from
VOTES = 10
RESAMPLES, LEVEL = 1_000, 0.95  # of the bootstrap
TIMED = 512  # images, one batch
MAPPED = 2_000  # test images on a rung's map
SHOWN = 10  # test images that a rung draws again
FOLDER = "comparison"
ITSELF = "pixels"  # the rung that gives an image back as it is

Told = Callable[[str], None]


def ladder(models: Sequence[str]) -> list[Rung]:
    """The rungs, from pixels to what was learned.

    Args:
        models: bundles of digits whose codes are to be compared; the layers of the first one
            that is an autoencoder are rungs of their own.

    Raises:
        InputError: a model that is not there, or not of digits.
    """
    from latent.encoder import Encoder

    encoders = [Encoder.named(name) for name in models]
    for encoder in encoders:
        if encoder.config["preprocessing"] != "mnist-digit":
            raise InputError(f"{encoder.name} is no model of digits. Compare models of digits.")
    rungs = [*PLAIN, HIDDEN]
    first = next((e for e in encoders if e.config["kind"] != bundle.CONTRAST), None)
    if first is not None:
        rungs += _layers(first.name, first.config["architecture"]["encoder"])
    return [*rungs, *(_code(encoder.name, encoder.config) for encoder in encoders)]


def measure(
    rung: Rung, data: Dataset, held_back: Sequence[int] = HELD_BACK
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Put one rung to the test.

    Accuracies are of the test images. A rung that learns from labels gets those of the
    classes that are not held back; what is then asked of its numbers is the same for all.

    Args:
        rung: which one.
        data: images with labels, training and test.
        held_back: classes.

    Returns:
        Figures, those with an interval as (value, low, high): "numbers" an image, "bytes",
        "ms" an image, "knn" (10 votes among all training images), "probe" (logistic
        regression on them), "few" by labels a class (nearest labelled image), "unseen" (the
        held-back classes among themselves, from 5 labels each, nearest mean), "mse" a pixel
        or None. And arrays: "xy" (2,000, 2), a map of the first test images, and "drawn"
        (10, H, W[, 3]), uint8, where it can draw.
    """
    labels, split = data.labels.astype(np.int64), data.split
    x, tests = data.x(TRAIN), data.x(TEST)
    told, expected = labels[split == TRAIN], labels[split == TEST]
    may = ~np.isin(told, held_back) if rung.labels else np.ones(len(told), bool)
    made = rung.make().fit(x[may], told[may])
    codes, queries = made.encode(x), made.encode(tests)
    rng = np.random.default_rng(0)
    pool = _pool(told, rng)
    apart = _distances(codes[pool], queries)  # (Q, pool)
    drawn = made.decode(queries)
    figures: dict[str, Any] = {
        "rung": rung.name,
        "numbers": queries.shape[1],
        "bytes": (1 if rung.name == ITSELF else 4) * queries.shape[1],
        "ms": _milliseconds(made, tests[:TIMED]),
        "knn": interval(_votes(codes, told, queries, expected), rng),
        "probe": interval(_probe(codes, told, queries, expected), rng),
        "few": {str(n): interval(_few(apart, told[pool], expected, n, rng), rng) for n in FEW},
        "unseen": interval(unseen(codes[pool], told[pool], queries, expected, held_back, rng), rng),
        "mse": None if drawn is None else float(np.square(drawn - tests).mean(dtype=np.float64)),
    }
    arrays = {"xy": _map(queries[:MAPPED])}
    if drawn is not None:
        arrays["drawn"] = to_uint8(drawn[firsts(expected)])
    return figures, arrays


def compare(
    models: Sequence[str], data: Dataset, told: Told = lambda words: None
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Measure every rung.

    Returns:
        A document with "models", "held_back", "versions" and the "rungs", and the arrays of
        all, by "RUNG.xy" and "RUNG.drawn"; "labels" of the images on the maps.
    """
    rows = []
    arrays = {"labels": data.labels[data.split == TEST][:MAPPED]}
    for rung in ladder(models):
        told(rung.title)
        figures, found = measure(rung, data)
        rows.append({**figures, "title": rung.title, "labels": rung.labels,
                     "embedding": rung.embedding, "keeps": rung.keeps,
                     "gives_up": rung.gives_up})  # fmt: skip
        if rung.name == ITSELF:
            found.pop("drawn", None)  # the data set's own images are not ours to ship
        arrays |= {f"{rung.name}.{what}": values for what, values in found.items()}
    document = {
        "models": list(models),
        "data": "MNIST",
        "data_sha256": data.sha256(),
        "held_back": list(HELD_BACK),
        "versions": {name: version(name) for name in ("numpy", "scikit-learn", "torch")},
        "rungs": rows,
    }
    return document, arrays


def write(folder: Path, document: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
    """Write a comparison, from which `read` gives it back."""
    bundle.write_arrays(folder / "arrays.npz", arrays)
    write_json(folder / "comparison.json", document)


def read(folder: Path) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """A comparison that was measured before.

    Raises:
        InputError: there is none, or it is damaged.
    """
    path = folder / "comparison.json"
    try:
        document = json.loads(path.read_text("utf-8"))
        names = [row["rung"] for row in document["rungs"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{path} is missing or damaged. Measure again: python -m latent compare"
        ) from error
    arrays = bundle.read_arrays(
        folder / "arrays.npz", ("labels", *(f"{name}.xy" for name in names))
    )
    return document, arrays


def shipped() -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The comparison in the folder of models, else the one that came with this package.

    Raises:
        InputError: there is none, or it is damaged.
    """
    own = models_root() / FOLDER
    return read(own if own.is_dir() else Path(__file__).parent.parent / "models" / FOLDER)


def interval(values: np.ndarray, rng: np.random.Generator) -> tuple[float, float, float]:
    """Mean of values (n,) and its 95 % interval, by resampling them.

    Source: Efron 1979, the percentile bootstrap.
    """
    counts = rng.multinomial(len(values), np.full(len(values), 1 / len(values)), RESAMPLES)
    means = counts @ values / len(values)
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(values.mean()), float(low), float(high)


def firsts(labels: np.ndarray) -> np.ndarray:
    """Indices of the first image of each class, at most 10."""
    return np.unique(labels, return_index=True)[1][:SHOWN]


def unseen(
    codes: np.ndarray, labels: np.ndarray, queries: np.ndarray, expected: np.ndarray,
    classes: Sequence[int], rng: np.random.Generator,
) -> np.ndarray:  # fmt: skip
    """Accuracy among a few classes from 5 labels each, by the nearest mean, of every draw.

    Args:
        codes: to draw the labelled ones from, shape (N, D).
        labels: theirs, shape (N,).
        queries: shape (Q, D); those of other classes are left out.
        expected: theirs, shape (Q,).
        classes: which.
        rng: draws.

    Returns:
        Shape (100,).
    """
    own = np.isin(expected, classes)
    found = np.empty(DRAWS)
    for i in range(DRAWS):
        means = np.stack([codes[rng.choice(np.flatnonzero(labels == c), SHOTS, False)].mean(0)
                          for c in classes])  # fmt: skip
        guessed = np.asarray(classes)[_distances(means, queries[own]).argmin(1)]
        found[i] = (guessed == expected[own]).mean()
    return found


def _pool(labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Training images from which few labels are drawn, as many of each class, sorted by it."""
    kinds, counts = np.unique(labels, return_counts=True)
    each = min(POOL, int(counts.min()))
    return np.concatenate([rng.choice(np.flatnonzero(labels == c), each, False) for c in kinds])


def _few(
    apart: np.ndarray, labels: np.ndarray, expected: np.ndarray, n: int, rng: np.random.Generator
) -> np.ndarray:
    """Accuracy with n labels a class by the nearest labelled image, of every draw, (100,)."""
    kinds = np.unique(labels)
    own = [np.flatnonzero(labels == c) for c in kinds]
    found = np.empty(DRAWS)
    for i in range(DRAWS):
        chosen = np.concatenate([rng.choice(of, min(n, len(of)), False) for of in own])
        found[i] = (labels[chosen[apart[:, chosen].argmin(1)]] == expected).mean()
    return found


def _distances(codes: np.ndarray, queries: np.ndarray) -> np.ndarray:
    """Squared, up to a term that is the same for all codes: (Q, N), float32."""
    products: np.ndarray = np.square(codes).sum(1) - 2 * (queries @ codes.T)
    return products


def _votes(
    codes: np.ndarray, labels: np.ndarray, queries: np.ndarray, expected: np.ndarray
) -> np.ndarray:
    from sklearn.neighbors import KNeighborsClassifier

    finder = KNeighborsClassifier(min(VOTES, len(codes)), algorithm="brute").fit(codes, labels)
    right: np.ndarray = finder.predict(queries) == expected
    return right


def _probe(
    codes: np.ndarray, labels: np.ndarray, queries: np.ndarray, expected: np.ndarray
) -> np.ndarray:
    import warnings

    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    mean, scale = codes.mean(0), np.maximum(codes.std(0), 1e-3 * max(1e-6, codes.std()))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # 100 steps are enough to judge
        probe = LogisticRegression(max_iter=100).fit((codes - mean) / scale, labels)
    right: np.ndarray = probe.predict((queries - mean) / scale) == expected
    return right


def _milliseconds(made: Representation, x: np.ndarray) -> float:
    taken = []
    for _ in range(3):
        start = time.perf_counter()
        made.encode(x)
        taken.append(time.perf_counter() - start)
    return min(taken) / len(x) * 1_000


def _map(codes: np.ndarray) -> np.ndarray:
    """A map (n, 2), float16, by UMAP; the numbers themselves where there are two."""
    from latent.projections import UMAP

    if codes.shape[1] == 2:
        return codes.astype(np.float16)
    return UMAP(2, 0).fit(codes).xy.astype(np.float16)


def _layers(model: str, layers: list[list[Any]]) -> list[Rung]:
    """A rung for each layer of an encoder that learns something, but the last: the code."""
    found = []
    learned = [i for i, (kind, *_) in enumerate(layers) if kind in ("conv", "linear")]
    for number, start in enumerate(learned[:-1], 1):
        depth = start + 1
        while depth < len(layers) and layers[depth][0] in ("silu", "relu"):
            depth += 1
        kind = "Edges" if number == 1 else "Parts" if layers[start][0] == "conv" else "The whole"
        found.append(Rung(
            f"layer-{number}", f"Layer {number} of {model}",
            lambda depth=depth: Learned(model, depth),  # type: ignore[misc]
            f"{kind} of what is drawn, as the encoder sees them on the way to its code.",
            "More numbers than the image has pixels." if layers[start][0] == "conv"
            else "Nothing is drawn from it; it was made for the step after it.",
        ))  # fmt: skip
    return found


CODES = {
    "ae": ("All that is needed to draw the image again, in few numbers.",
           "Near codes are drawn alike, but what lies between two of them may be a ghost.", False),
    "vae": ("The same, and its codes lie close together without gaps: one can draw from them and "
            "walk between them.",
            "Details; and near is what the drawing needs, not what people call alike.", False),
    bundle.DENOISING: (
        "What is needed to draw the clean image from a spoilt one, so spots and noise do not move "
        "the code much.",
        "Details that look like noise.", False),
    bundle.CONTRAST: (
        "Near means alike: images of one label were pulled together, others pushed apart. Best for "
        "recognising from a few examples, also what it never saw.",
        "Everything that does not tell labels apart; it draws nothing, and needs labels to learn.",
        True),
}  # fmt: skip


def _code(name: str, config: dict[str, Any]) -> Rung:
    kind = config["kind"]
    keeps, gives_up, embedding = CODES[kind]
    title = f"Code of {name}, {config['latent_dim']}"
    contrast = kind == bundle.CONTRAST
    return Rung(name, title, lambda: Learned(name), keeps, gives_up, contrast, embedding)
