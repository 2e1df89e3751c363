"""Probes, DCI and MIG on codes whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.feature_selection import mutual_info_classif
from sklearn.metrics import mutual_info_score

from latent import disentanglement
from latent.disentanglement import dci, linear_probe, mig, part_accuracy

N = 1500
# every number of the turned code holds as much of each cause
HADAMARD = np.array([[1, 1, 1, 1], [1, -1, 1, -1], [1, 1, -1, -1], [1, -1, -1, 1]]) / 2


@pytest.fixture(autouse=True)
def _few_trees(monkeypatch):
    monkeypatch.setattr(disentanglement, "TREES", 10)


@pytest.fixture(scope="module")
def train() -> np.ndarray:
    return np.arange(N) < 1000


@pytest.fixture(scope="module")
def causes() -> dict[str, np.ndarray]:
    """Three numbers and a word that know nothing of each other."""
    rng = np.random.default_rng(0)
    numbers = {name: rng.uniform(-1, 1, N).astype(np.float32) for name in "abc"}
    return {**numbers, "d": rng.integers(0, 4, N).astype(np.uint8)}


@pytest.fixture(scope="module")
def aligned(causes) -> np.ndarray:
    """One number a cause, bent but in order; of variance 1."""
    columns = [np.sinh(2 * causes["a"]), -causes["b"], causes["c"] ** 3, causes["d"]]
    codes = np.stack(columns, axis=1).astype(np.float32)
    return (codes - codes.mean(0)) / codes.std(0)


@pytest.fixture(scope="module")
def strange() -> np.ndarray:
    """Codes that know nothing of the causes."""
    return np.random.default_rng(9).standard_normal((N, 4), np.float32)


def test_a_linear_map_of_the_code_is_told_whole(aligned, train):
    values = aligned @ [1, -2, 3, 0.5] + 7
    assert linear_probe(aligned, values.astype(np.float32), train) == pytest.approx(1, abs=1e-6)


def test_noise_of_a_quarter_of_the_variance_leaves_three_quarters_of_it(strange, train):
    noise = np.random.default_rng(1).standard_normal(N)
    values = strange[:, 0] * np.sqrt(3) + noise
    assert linear_probe(strange, values.astype(np.float32), train) == pytest.approx(0.75, abs=0.05)


def test_a_probe_is_that_of_the_normal_equations_on_the_other_split(strange, causes, train):
    values = (strange[:, 1] + causes["a"]).astype(np.float32)
    ones = np.column_stack([strange, np.ones(N)]).astype(np.float64)
    weights = np.linalg.solve(ones[train].T @ ones[train], ones[train].T @ values[train])
    left = np.square(ones[~train] @ weights - values[~train]).sum()
    all_ = np.square(values[~train] - values[~train].mean()).sum()
    assert linear_probe(strange, values, train) == pytest.approx(1 - left / all_, rel=1e-6)


def test_of_places_a_probe_says_how_near_it_comes(strange, train):
    rng = np.random.default_rng(4)
    noise = rng.standard_normal((N, 2)) * [0.1, 0.7]
    places = (strange[:, :2] * [3, 1] + noise).astype(np.float32)
    each = [linear_probe(strange, places[:, column], train) for column in (0, 1)]
    spread = places[~train].var(0)
    left = sum((1 - r2) * var for r2, var in zip(each, spread, strict=True))
    whole = linear_probe(strange, places, train)
    assert whole == pytest.approx(1 - left / spread.sum(), abs=1e-4)
    assert each[1] + 0.2 < whole < each[0]
    places[5, 1] = np.nan  # half a place is none
    assert linear_probe(strange, places, train) == pytest.approx(whole, abs=0.01)


def test_images_without_a_cause_neither_teach_nor_judge(aligned, train):
    values = aligned[:, 1].astype(np.float32) * 5
    values[::3] = np.nan
    assert linear_probe(aligned, values, train) == pytest.approx(1, abs=1e-6)


def test_words_that_lie_apart_are_all_named_beside_what_the_commonest_gives(train):
    rng = np.random.default_rng(2)
    words = rng.choice(3, N, p=[0.2, 0.6, 0.2]).astype(np.uint8)
    codes = np.array([[0, 9], [9, 0], [9, 9]])[words] * 100 + rng.standard_normal((N, 2))
    figures = part_accuracy(codes.astype(np.float32), words, train)
    assert figures == {"accuracy": 1.0, "commonest": (words[1000:] == 1).mean()}


def test_codes_that_know_nothing_name_words_no_better_than_chance(strange, causes, train):
    assert part_accuracy(strange, causes["d"], train)["accuracy"] == pytest.approx(0.25, abs=0.06)


def test_one_word_alone_is_always_right(strange, train):
    words = np.full(N, 2, np.uint8)
    assert part_accuracy(strange, words, train) == {"accuracy": 1.0, "commonest": 1.0}


def test_information_is_that_of_scikit_learn(causes):
    a = disentanglement._full_bins(causes["a"])
    d = (causes["d"] + (causes["a"] > 0)).astype(np.uint8)
    ours = disentanglement._mutual_information(a, d)
    assert ours == pytest.approx(mutual_info_score(a, d), rel=1e-9)
    assert ours == pytest.approx(
        mutual_info_classif(a[:, None], d, discrete_features=True)[0], rel=1e-9
    )


def test_a_code_with_a_number_for_each_cause_scores_high(aligned, causes, train):
    figures = dci(aligned, causes, train)
    assert min(figures.values()) > 0.97
    # of bins of one width, those at the ends of a bent number hold several bins of the cause
    assert 0.75 < mig(aligned, causes) <= 1
    words = {name: disentanglement._full_bins(causes[name]).astype(np.uint8) for name in "abc"}
    straight = np.stack(list(words.values()), axis=1).astype(np.float32)
    assert mig(straight, words) > 0.95  # two that know nothing seem to share a little


def test_a_turned_code_scores_low_though_it_says_as_much(aligned, causes, train):
    turned = (aligned @ HADAMARD).astype(np.float32)
    figures = dci(turned, causes, train)
    assert figures["disentanglement"] < 0.2
    assert figures["completeness"] < 0.2
    assert figures["informativeness"] > 0.5
    assert mig(turned, causes) < 0.1


def test_a_code_that_knows_nothing_scores_low(strange, causes, train):
    figures = dci(strange, causes, train)
    assert max(figures.values()) < 0.1
    assert mig(strange, causes) < 0.03


def test_one_number_for_all_causes_is_complete_and_not_disentangled(causes, train):
    values = causes["a"]
    both = {"up": values, "down": -values}
    codes = np.stack([values, np.zeros(N, np.float32)], axis=1)
    figures = dci(codes, both, train)
    assert figures["disentanglement"] == pytest.approx(0, abs=1e-9)
    assert figures["completeness"] == pytest.approx(1, abs=1e-9)


def test_images_without_a_cause_are_left_out_of_mig_and_dci(aligned, causes, train):
    some = causes["b"].copy()
    some[::2] = np.nan
    partly = {**causes, "b": some}
    assert mig(aligned, partly) == pytest.approx(mig(aligned, causes), abs=0.05)
    assert min(dci(aligned, partly, train).values()) > 0.95


def test_scores_repeat_for_one_seed_and_are_drawn_from_no_more_images_than_said(
    strange, causes, train, monkeypatch
):
    assert dci(strange, causes, train) == dci(strange, causes, train)
    monkeypatch.setattr(disentanglement, "FIT", 50)
    seen = []
    whole = disentanglement._forest
    monkeypatch.setattr(
        disentanglement, "_forest", lambda *a: seen.append((len(a[2]), len(a[3]))) or whole(*a)
    )
    dci(strange, causes, train)
    assert seen == [(50, 500)] * 4
