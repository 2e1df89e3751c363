"""Fits by scikit-learn, how many components, and what each of them holds."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from sklearn.mixture import GaussianMixture

from latent import InputError
from latent.blobs import draw_blobs
from latent.clusters import (
    accuracy,
    adjusted_mutual_information,
    confusion,
    criteria,
    fit,
    in_parallel,
    kmeans,
    majority,
    one_to_one,
    select,
)
from latent.mixture import KINDS, log_likelihood, responsibilities


@pytest.fixture(scope="module")
def blobs():
    return draw_blobs("apart", 600, 0)


@pytest.mark.parametrize("kind", KINDS)
def test_a_fit_finds_the_groups(blobs, kind: str) -> None:
    found = fit(blobs.points, 4, kind=kind, restarts=2)
    assert found.converged.all()
    assert found.mixture.kind == kind
    held = confusion(responsibilities(found.mixture, blobs.points).argmax(1), blobs.groups, 4, 4)
    assert accuracy(held, one_to_one(held)) > 0.99


def test_the_best_restart_is_kept_and_all_are_told(blobs) -> None:
    found = fit(blobs.points, 4, init="random", restarts=4, seed=1)
    assert found.log_likelihoods.max() == log_likelihood(found.mixture, blobs.points)
    assert len(found.log_likelihoods) == len(found.converged) == 4
    again = fit(blobs.points, 4, init="random", restarts=4, seed=1)
    assert np.array_equal(found.mixture.means, again.mixture.means)


def test_a_fit_that_may_not_go_on_says_so(blobs) -> None:
    assert not fit(blobs.points, 4, init="random", max_steps=1).converged.any()


def test_criteria_are_those_of_scikit_learn(blobs) -> None:
    mixture = fit(blobs.points, 3, kind="diag").mixture
    model = GaussianMixture(3, covariance_type="diag", random_state=0).fit(blobs.points[:50])
    model.weights_, model.means_, model.covariances_ = (
        mixture.weights, mixture.means, mixture.covariances,
    )  # fmt: skip
    model.precisions_cholesky_ = 1 / np.sqrt(mixture.covariances)
    expected = model.aic(blobs.points), model.bic(blobs.points)
    assert criteria(mixture, blobs.points) == pytest.approx(expected)


def test_selection_finds_the_number_of_groups_and_tells_how_far_it_is(blobs) -> None:
    told: list[float] = []
    held_out = draw_blobs("apart", 400, 1).points
    rows = select(blobs.points, held_out, range(1, 7), restarts=2, progress=told.append)
    assert [row.components for row in rows] == [1, 2, 3, 4, 5, 6]
    assert min(rows, key=lambda row: row.bic).components == 4
    assert told[0] == 0
    assert told[-1] == 1
    assert told == sorted(told)
    aic, bic = criteria(fit(blobs.points, 4, restarts=2).mixture, blobs.points)
    assert (rows[3].aic, rows[3].bic) == pytest.approx((aic / 1200, bic / 1200))
    assert rows[3].held_out < rows[2].held_out


def test_a_selection_stops_where_progress_says_so(blobs) -> None:
    def stop(share: float) -> None:
        if share > 0:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        select(blobs.points, blobs.points, [1, 2], progress=stop)


def test_matching_is_the_best_of_all(blobs) -> None:
    held = np.random.default_rng(0).integers(0, 50, (4, 4))
    best = max(sum(held[k, c] for k, c in enumerate(order)) for order in permutations(range(4)))
    assert accuracy(held, one_to_one(held)) == pytest.approx(best / held.sum())
    assert accuracy(held, majority(held)) == pytest.approx(held.max(1).sum() / held.sum())


def test_left_over_components_match_nothing() -> None:
    held = np.array([[9, 0], [8, 1], [0, 7]])
    assert one_to_one(held).tolist() == [0, -1, 1]
    assert majority(held).tolist() == [0, 0, 1]
    assert accuracy(held, one_to_one(held)) == pytest.approx(16 / 25)


def test_confusion_counts_labels_by_component() -> None:
    assert confusion(np.array([0, 2, 2]), np.array([1, 0, 1], np.uint8), 3, 2).tolist() == [
        [0, 1], [0, 0], [1, 1],
    ]  # fmt: skip


def test_mutual_information_is_none_for_chance_and_all_for_another_order() -> None:
    labels = np.repeat(np.arange(4), 250)
    assert adjusted_mutual_information(3 - labels, labels) == pytest.approx(1)
    chance = np.random.default_rng(0).permutation(labels)
    assert abs(adjusted_mutual_information(chance, labels)) < 0.01


def test_results_of_parallel_work_stay_in_order() -> None:
    assert in_parallel(lambda number: number**2, 7) == [0, 1, 4, 9, 16, 25, 36]


def test_kmeans_finds_the_groups(blobs) -> None:
    centers = kmeans(blobs.points, 4, restarts=2, seed=0)
    middles = [blobs.points[blobs.groups == group].mean(0) for group in range(4)]
    nearest = [np.linalg.norm(centers - middle, axis=1).min() for middle in middles]
    assert max(nearest) < 0.1


@pytest.mark.parametrize(
    ("k", "options", "words"),
    [
        (0, {}, "got 0"), (601, {}, "from 1 to 600 components; got 601"),
        (2, {"kind": "x"}, "Unknown covariance"), (2, {"init": "x"}, "Unknown start"),
        (2, {"restarts": 0}, "at least one start"),
    ],
)  # fmt: skip
def test_what_cannot_be_fitted_is_refused(blobs, k: int, options: dict, words: str) -> None:
    with pytest.raises(InputError, match=words):
        fit(blobs.points, k, **options)
