"""The neighbour graph against brute force."""

from __future__ import annotations

import numpy as np
import pytest

from latent import InputError, LatentSpace, graph
from latent.cache import cache_folder
from latent.data import TRAIN
from latent.graph import NEIGHBOURS, POWER, build, neighbour_graph

RNG = np.random.default_rng(5)
CODES = RNG.standard_normal((60, 4), np.float32)


@pytest.fixture
def own_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("LATENT_CACHE", str(tmp_path))
    return tmp_path / "graphs"


def distances(codes):
    return np.linalg.norm(codes[:, None].astype(np.float64) - codes[None], axis=2)


def cheapest(costs):
    """Floyd and Warshall: the cheapest way between any two, shape (N, N)."""
    found = np.where(np.eye(len(costs), dtype=bool), 0, costs)
    for middle in range(len(costs)):
        found = np.minimum(found, found[:, middle, None] + found[None, middle])
    return found


def test_every_code_is_linked_with_its_nearest_both_ways():
    links = build(CODES).links.toarray()
    apart = distances(CODES)
    near = np.zeros_like(links, dtype=bool)
    order = apart.argsort(axis=1)[:, 1 : NEIGHBOURS + 1]
    np.put_along_axis(near, order, True, axis=1)
    np.testing.assert_array_equal(links > 0, near | near.T)
    np.testing.assert_allclose(links[links > 0], apart[links > 0], rtol=1e-5)


def test_the_way_found_is_the_cheapest_of_all():
    made = build(CODES)
    apart = distances(CODES)
    costs = np.where(made.links.toarray() > 0, apart**POWER, np.inf)
    best = cheapest(costs)
    for start, end in RNG.integers(0, len(CODES), (20, 2)):
        way = made.shortest(CODES[start], CODES[end])
        assert (way[0], way[-1]) == (start, end)
        paid = costs[way[:-1], way[1:]].sum()
        assert paid == pytest.approx(best[start, end], rel=1e-5)


def test_a_way_begins_and_ends_at_the_codes_nearest_to_what_was_given():
    z0, z1 = RNG.standard_normal((2, 4), np.float32)
    way = build(CODES).shortest(z0, z1)
    for z, found in ((z0, way[0]), (z1, way[-1])):
        assert found == np.linalg.norm(CODES - z, axis=1).argmin()


def test_parts_that_lie_apart_are_joined_by_the_shortest_link():
    left = CODES[:30]
    right = left + np.array([50, 0, 0, 0], np.float32)
    codes = np.concatenate([left, right])
    links = build(codes).links.toarray()
    between = distances(codes)[:30, 30:]
    assert (links[:30, 30:] > 0).sum() == 1
    assert links[:30, 30:].max() == pytest.approx(between.min(), rel=1e-5)
    way = build(codes).shortest(left[0], right[0])
    assert (way < 30).any()
    assert (way >= 30).any()


@pytest.mark.parametrize("n", [1, 2, 3, 20])
def test_a_graph_is_made_of_few_codes_and_of_equal_ones(n):
    codes = np.ones((n, 4), np.float32)
    way = build(codes).shortest(codes[0], codes[-1])
    assert len(way) >= 1


def test_a_graph_refuses_codes_that_are_no_numbers():
    codes = CODES.copy()
    codes[3, 1] = np.nan
    with pytest.raises(InputError, match="needs finite codes; got NaN or infinity"):
        build(codes)


def test_a_graph_is_made_once_and_then_read(own_cache, monkeypatch):
    made = neighbour_graph(CODES)
    monkeypatch.setattr(graph, "build", lambda codes: pytest.fail("made again"))
    again = neighbour_graph(CODES)
    assert (made.links != again.links).nnz == 0
    np.testing.assert_array_equal(
        made.shortest(CODES[1], CODES[2]), again.shortest(CODES[1], CODES[2])
    )
    assert [path.suffix for path in own_cache.iterdir()] == [".npz"]


def test_a_graph_of_other_codes_is_another(own_cache):
    neighbour_graph(CODES)
    assert neighbour_graph(CODES[:50]).links.shape == (50, 50)
    assert len(list(own_cache.iterdir())) == 2


@pytest.mark.parametrize(
    "damage", [lambda b: b[: len(b) // 2], lambda b: b"no archive", lambda b: b""]
)
def test_a_damaged_cache_is_made_again(own_cache, damage):
    made = neighbour_graph(CODES)
    (path,) = own_cache.iterdir()
    path.write_bytes(damage(path.read_bytes()))
    again = neighbour_graph(CODES)
    assert (made.links != again.links).nnz == 0
    assert path.stat().st_size > 1000


def test_links_to_codes_that_do_not_exist_are_made_again(own_cache):
    neighbour_graph(CODES)
    (path,) = own_cache.iterdir()
    with np.load(path, allow_pickle=False) as archive:
        arrays = {name: archive[name] for name in archive.files}
    arrays["ends"][0] = 10**6
    np.savez(path, allow_pickle=False, **arrays)
    assert neighbour_graph(CODES).links.indices.max() < len(CODES)


def test_a_cache_that_cannot_be_written_only_costs_the_time(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("LATENT_CACHE", str(tmp_path / "file"))
    assert neighbour_graph(CODES).links.nnz


def test_a_space_walks_along_its_training_codes(tiny_space: LatentSpace):
    gallery = tiny_space.gallery
    train = gallery.codes[gallery.split == TRAIN]
    np.testing.assert_array_equal(tiny_space.graph.codes, train)
    path = tiny_space.walk(train[3], train[90], 9, "graph")
    assert path.shape == (9, tiny_space.latent_dim)
    assert cache_folder().joinpath("graphs").is_dir()
