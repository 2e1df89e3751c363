"""How codes hold the known causes of images: probes, DCI and MIG.

A cause is an array (N,), float32 numbers, NaN where an image has none, or uint8 that stands
for one of several words. Causes that go together, as a kind of furniture and its legs do,
keep DCI and MIG below 1 for any code: compare them between models of the same images only.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

BINS = 20
TREES, LEAF = 30, 4  # of each forest, and the fewest images that a leaf is made of
FIT, JUDGE = 5_000, 2_000  # images that forests learn from, and are judged on


def linear_probe(codes: np.ndarray, values: np.ndarray, train: np.ndarray) -> float:
    """How much of a number, or of a place, a linear map of the codes says.

    Least squares on the training images, judged on the others.

    Args:
        codes: shape (N, latent_dim), float32.
        values: shape (N,), float32, NaN where an image has none; or (N, M), of places, such as
            an angle has on a circle.
        train: which images it is fitted on, shape (N,), bool.

    Returns:
        R² on the rest: 1 if all of it, 0 if no more than the mean says; may be negative. Of
        places by squared distances between them: of columns that vary more it says more.
    """
    judged, said = probed(codes, values, train)
    true = values[judged].reshape(said.shape).astype(np.float64)
    return float(1 - np.square(true - said).sum() / np.square(true - true.mean(0)).sum())


def probed(
    codes: np.ndarray, values: np.ndarray, train: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """What a linear map of the codes says of images that it was not fitted on.

    Args:
        codes, values, train: as `linear_probe` takes them.

    Returns:
        Which images these are, shape (N,), bool; and what it says of them, shape (J, M), float64.
    """
    from sklearn.linear_model import LinearRegression

    values = values.reshape(len(values), -1).astype(np.float64)
    known = np.isfinite(values).all(1)
    fit, judged = known & train, known & ~train
    probe = LinearRegression().fit(codes[fit].astype(np.float64), values[fit])
    return judged, probe.predict(codes[judged].astype(np.float64))


def part_accuracy(codes: np.ndarray, words: np.ndarray, train: np.ndarray) -> dict[str, float]:
    """How often a linear classifier of the codes names the right word.

    Multinomial logistic regression on standardised codes.

    Args:
        codes: shape (N, latent_dim), float32.
        words: shape (N,), uint8.
        train: which images it is fitted on, shape (N,), bool.

    Returns:
        "accuracy" on the rest, and "commonest": what always saying the commonest word of
        the training images would give there.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    commonest = np.bincount(words[train]).argmax()
    figures = {"accuracy": 1.0, "commonest": float((words[~train] == commonest).mean())}
    if len(np.unique(words[train])) < 2:  # one word is nothing to learn
        return figures | {"accuracy": figures["commonest"]}
    classifier = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000))
    classifier.fit(codes[train].astype(np.float64), words[train])
    return figures | {"accuracy": float(classifier.score(codes[~train], words[~train]))}


def mig(codes: np.ndarray, causes: Mapping[str, np.ndarray]) -> float:
    """Mutual information gap: whether each cause is in one number of the code alone.

    For each cause the information of the best number about it minus that of the second
    best, as a share of the cause's entropy; the mean over causes. Numbers of the code are
    cut into 20 bins of one width, causes that are numbers into 20 of equally many images.

    Args:
        codes: shape (N, latent_dim ≥ 2), float32.
        causes: by name, shape (N,) each.

    Returns:
        From 0 (no cause has a number of its own) to 1.

    Source: Chen, Li, Grosse and Duvenaud 2018, arXiv:1802.04942; bins as in Locatello et
    al. 2019, arXiv:1811.12359.
    """
    binned = np.stack([_even_bins(column) for column in codes.T], axis=1)
    gaps = []
    for values in causes.values():
        known = np.isfinite(values)
        cause = _full_bins(values[known]) if values.dtype.kind == "f" else values
        told = sorted(_mutual_information(column, cause) for column in binned[known].T)
        entropy = _mutual_information(cause, cause)
        gaps.append((told[-1] - told[-2]) / entropy if entropy > 0 else 0.0)
    return float(np.mean(gaps))


def _even_bins(values: np.ndarray) -> np.ndarray:
    """Bins of one width, shape (N,), from 0 to `BINS` − 1."""
    low, high = values.min(), values.max()
    place = (values - low) / (high - low if high > low else 1) * BINS
    return np.minimum(place.astype(np.int64), BINS - 1)


def _full_bins(values: np.ndarray) -> np.ndarray:
    """Bins of equally many images, as far as equal values allow it."""
    edges = np.quantile(values, np.linspace(0, 1, BINS + 1)[1:-1])
    return np.searchsorted(edges, values, side="right")


def _mutual_information(a: np.ndarray, b: np.ndarray) -> float:
    """Of two arrays of whole numbers, shape (N,) each, in nats; of an array and itself its
    entropy."""
    joint = np.zeros((int(a.max()) + 1, int(b.max()) + 1))
    np.add.at(joint, (a, b), 1 / len(a))
    apart = joint.sum(1, keepdims=True) * joint.sum(0)
    there = joint > 0
    return float((joint[there] * np.log(joint[there] / apart[there])).sum())


def dci(
    codes: np.ndarray, causes: Mapping[str, np.ndarray], train: np.ndarray, seed: int = 0
) -> dict[str, float]:
    """Whether each number of the code is about one cause, and each cause in one number.

    A random forest for each cause, regression for numbers and classification for words,
    on 5,000 training images drawn at random, says how important each number of the code
    is for it (the share of squared error or of Gini impurity that splits on it remove).

    Args:
        codes: shape (N, latent_dim ≥ 2), float32.
        causes: two or more by name, shape (N,) each.
        train: which images forests may be fitted on, shape (N,), bool.
        seed: of the images that are drawn, and of the forests.

    Returns:
        "disentanglement" (1 if every number is important for one cause alone),
        "completeness" (1 if for every cause one number alone is important), and
        "informativeness": 1 minus the forests' error on up to 2,000 of the other images
        as a share of the error of a constant guess, mean over causes (squared error for
        numbers, the share of wrong words for words).

    Source: Eastwood and Williams, A framework for the quantitative evaluation of
    disentangled representations, ICLR 2018.
    """
    rng = np.random.default_rng(seed)
    fit = rng.permutation(np.flatnonzero(train))[:FIT]
    judge = rng.permutation(np.flatnonzero(~train))[:JUDGE]
    importances, skills = [], []
    for values in causes.values():
        known = np.isfinite(values)
        importance, skill = _forest(codes, values, fit[known[fit]], judge[known[judge]], seed)
        importances.append(importance)
        skills.append(skill)
    share = np.stack(importances, axis=1)  # (latent_dim, causes)
    return {
        "disentanglement": _concentration(share, weights=share.sum(1)),
        "completeness": _concentration(share.T, weights=np.ones(share.shape[1])),
        "informativeness": float(np.mean(skills)),
    }


def _forest(
    codes: np.ndarray, values: np.ndarray, fit: np.ndarray, judge: np.ndarray, seed: int
) -> tuple[np.ndarray, float]:
    """Importances (latent_dim,) that sum to 1, or are all 0, and the skill on `judge`."""
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

    number = values.dtype.kind == "f"
    kind = RandomForestRegressor if number else RandomForestClassifier
    # every split may look at every number: else those that know little would get a share
    forest = kind(TREES, min_samples_leaf=LEAF, max_features=None, random_state=seed)
    forest.fit(codes[fit], values[fit])
    if number:
        guess = np.square(values[judge] - values[fit].mean()).sum()
        wrong = np.square(values[judge] - forest.predict(codes[judge])).sum()
    else:
        guess = (values[judge] != np.bincount(values[fit]).argmax()).sum()
        wrong = (values[judge] != forest.predict(codes[judge])).sum()
    return forest.feature_importances_, float(1 - wrong / guess) if guess else 0.0


def _concentration(share: np.ndarray, weights: np.ndarray) -> float:
    """1 minus the entropy of each row of (R, C), in units of ln C, weighted mean over rows."""
    total = share.sum(1, keepdims=True)
    p = share / np.where(total > 0, total, 1)
    entropy = -(p * np.log(np.where(p > 0, p, 1))).sum(1) / np.log(share.shape[1])
    score = np.where(total[:, 0] > 0, 1 - entropy, 0)
    return float((score * weights).sum() / weights.sum()) if weights.sum() > 0 else 0.0
