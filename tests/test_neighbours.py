"""Nearest codes against brute force and scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from latent import InputError
from latent.neighbours import CHUNK, METRICS, cosine_similarity, euclidean, nearest, unit


def test_nearest_of_three_points_on_a_line():
    codes = np.array([[0.0], [10.0], [4.0]], np.float32)
    indices, distances = nearest(codes, np.array([[3.0]], np.float32), 3)
    np.testing.assert_array_equal(indices, [[2, 0, 1]])
    np.testing.assert_array_equal(distances, [[1, 3, 7]])


def test_nearest_by_cosine_ignores_length():
    codes = np.array([[100, 0], [1, 1], [0, 0.1], [-1, 0]], np.float32)
    indices, distances = nearest(codes, np.array([[0.0, 5.0]], np.float32), 4, "cosine")
    np.testing.assert_array_equal(indices, [[2, 1, 0, 3]])
    np.testing.assert_allclose(distances, [[0, 1 - np.sqrt(0.5), 1, 1]], atol=1e-6)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("width", [2, 16])
def test_nearest_agrees_with_scikit_learn(metric, width):
    rng = np.random.default_rng(0)
    codes = rng.standard_normal((2000, width), np.float32)
    queries = rng.standard_normal((CHUNK + 7, width), np.float32)  # one chunk and a bit
    indices, distances = nearest(codes, queries, 12, metric)
    fitted = NearestNeighbors(n_neighbors=12, metric=metric).fit(codes.astype(np.float64))
    expected = fitted.kneighbors(queries.astype(np.float64))
    np.testing.assert_allclose(distances, expected[0], atol=1e-5)
    assert (indices == expected[1]).mean() > 0.999  # two may tie within float32
    assert distances.dtype == np.float32


def test_nearest_of_a_code_itself_is_at_distance_zero_exactly():
    codes = np.random.default_rng(0).standard_normal((500, 16), np.float32) + 50
    indices, distances = nearest(codes, codes, 1)
    np.testing.assert_array_equal(indices[:, 0], np.arange(500))
    assert (distances == 0).all()


def test_nearest_does_not_depend_on_what_else_is_asked():
    rng = np.random.default_rng(0)
    codes = rng.standard_normal((800, 16), np.float32)
    queries = rng.standard_normal((300, 16), np.float32)
    together = nearest(codes, queries, 5)
    alone = [nearest(codes, query[None], 5) for query in queries]
    np.testing.assert_array_equal(together[0], np.concatenate([a[0] for a in alone]))
    np.testing.assert_array_equal(together[1], np.concatenate([a[1] for a in alone]))


def test_nearest_gives_all_codes_where_fewer_than_k_are_there():
    indices, _ = nearest(np.eye(3, dtype=np.float32), np.ones((2, 3), np.float32), 10)
    np.testing.assert_array_equal(np.sort(indices), [[0, 1, 2]] * 2)


def test_nearest_of_no_queries_is_empty():
    indices, distances = nearest(np.eye(3, dtype=np.float32), np.empty((0, 3), np.float32), 2)
    assert indices.shape == distances.shape == (0, 2)


@pytest.mark.parametrize("code", [[1, 2, 3], [-3, 0, 0.5]])
def test_cosine_distance_is_one_minus_cosine_similarity(code):
    codes = np.array([[1, 2, 3], [-1, -2, -3], [3, -2, 1], [0, 2, 0]], np.float32)
    query = np.array(code, np.float32)
    indices, distances = nearest(codes, query[None], 4, "cosine")
    similarity = [cosine_similarity(codes[i], query) for i in indices[0]]
    np.testing.assert_allclose(distances[0], 1 - np.array(similarity), atol=1e-6)


def test_a_code_of_zeros_has_a_cosine_distance_of_one_as_its_similarity_is_zero():
    codes = np.array([[1, 0], [0, 0]], np.float32)
    np.testing.assert_allclose(nearest(codes, codes[:1], 2, "cosine")[1], [[0, 1]])
    np.testing.assert_allclose(nearest(codes, codes[1:], 2, "cosine")[1], [[1, 1]])


def test_unit_scales_to_length_one_and_leaves_zero():
    scaled = unit(np.array([[3, 4], [0, 0], [-2, 0]], np.float32))
    np.testing.assert_allclose(scaled, [[0.6, 0.8], [0, 0], [-1, 0]], atol=1e-7)


def test_euclidean_and_cosine_of_known_pairs():
    a, b = np.array([3.0, 0.0], np.float32), np.array([0.0, 4.0], np.float32)
    assert euclidean(a, b) == 5
    assert cosine_similarity(a, b) == 0
    assert cosine_similarity(a, 7 * a) == pytest.approx(1)
    assert cosine_similarity(a, -a) == pytest.approx(-1)
    assert cosine_similarity(a, 0 * a) == 0
    assert cosine_similarity(a, a + b) == pytest.approx(0.6)


def test_nearest_refuses_an_unknown_metric():
    with pytest.raises(InputError, match="Unknown metric 'hamming'; choose one of: euclidean, cos"):
        nearest(np.eye(2), np.eye(2), 1, "hamming")


@pytest.mark.parametrize("queries", [np.ones((2, 4)), np.ones(3)])
def test_nearest_refuses_queries_of_another_width(queries):
    with pytest.raises(InputError, match=r"codes and queries of one width; got \(3, 3\) and"):
        nearest(np.eye(3), queries, 1)


@pytest.mark.parametrize(("count", "k"), [(3, 0), (3, -1), (0, 1)])
def test_nearest_refuses_no_neighbours_and_no_codes(count, k):
    with pytest.raises(InputError, match=f"needs k ≥ 1 and at least one code; got k = {k}"):
        nearest(np.ones((count, 3)), np.ones((1, 3)), k)


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
def test_many_queries_find_what_few_find(metric: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(5)
    codes = rng.standard_normal((900, 7)).astype(np.float32)
    codes[300:310] = codes[0]  # copies
    queries = np.concatenate([codes[:400], rng.standard_normal((50, 7)).astype(np.float32)])
    few = nearest(codes, queries, 12, metric)
    monkeypatch.setattr("latent.neighbours.MANY", 1)
    many = nearest(codes, queries, 12, metric)
    assert np.array_equal(few[1], many[1])
    same = np.ones(len(queries), bool)
    same[0] = same[300:310] = False  # which of the copies comes first is open
    assert np.array_equal(few[0][same], many[0][same])
    if metric == "euclidean":
        assert (many[1][:400, 0] == 0).all()
