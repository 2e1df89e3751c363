"""The neighbour graph of codes: who lies next to whom, and the shortest way through them."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from latent import bundle
from latent.cache import cache_folder, fingerprint
from latent.errors import InputError
from latent.neighbours import nearest

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

NEIGHBOURS = 16  # links of a code to those nearest to it
POWER = 4  # of a link's length: one long hop costs more than several short ones
ARRAYS = ("ends", "starts", "lengths")


class NeighbourGraph:
    """Codes, each linked with its nearest.

    Args:
        codes: shape (N, latent_dim), float32.
        links: shape (N, N), sparse and symmetric: Euclidean length of each link.
    """

    def __init__(self, codes: np.ndarray, links: csr_matrix) -> None:
        self.codes = codes
        self.links = links
        self._costs = links.astype(np.float64).power(POWER)

    def shortest(self, z0: np.ndarray, z1: np.ndarray) -> np.ndarray:
        """Codes on the cheapest way, from the one nearest to z0 to the one nearest to z1.

        A link costs the fourth power of its length, so that the way keeps to where codes
        lie close together: at a power of 1 it would take the longest hops that there are.

        Args:
            z0: start, shape (latent_dim,).
            z1: end, same shape.

        Returns:
            Indices into `codes`, shape (at least 1,).

        Source: Dijkstra 1959; power-weighted shortest paths: Hwang, Damelin and Hero 2016,
        arXiv:1202.3565.
        """
        from scipy.sparse.csgraph import dijkstra

        (start,), (end,) = nearest(self.codes, np.stack([z0, z1]), 1)[0]
        _, before = dijkstra(self._costs, indices=start, return_predecessors=True)
        way = [end]
        while way[-1] != start:
            way.append(before[way[-1]])
        return np.array(way[::-1])


def neighbour_graph(codes: np.ndarray) -> NeighbourGraph:
    """The graph of these codes, from the cache or made and put there.

    Making it takes about 15 s for 60,000 codes of 16 numbers on two cores; reading it, a
    few hundredths. A cache that cannot be written or is damaged only costs the time.

    Args:
        codes: shape (N, latent_dim), float32.
    """
    path = _path(codes)
    graph = _read(path, codes)
    if graph is None:
        graph = build(codes)
        _write(path, graph)
    return graph


def build(codes: np.ndarray, neighbours: int = NEIGHBOURS) -> NeighbourGraph:
    """Link every code with its nearest, found exactly, and what is left apart with the rest.

    Args:
        codes: shape (N, latent_dim), float32, at least one.
        neighbours: links of a code to those nearest to it.

    Raises:
        InputError: a code is not finite.
    """
    from scipy.sparse import csr_matrix
    from sklearn.neighbors import NearestNeighbors

    if not np.isfinite(codes).all():
        raise InputError("The neighbour graph needs finite codes; got NaN or infinity.")
    n = len(codes)
    k = min(neighbours, n - 1)
    ends = np.empty((n, 0), np.int64)
    if k:  # exact whatever the data: a tree is slower from about ten numbers a code
        finder = NearestNeighbors(n_neighbors=k, algorithm="brute").fit(codes)
        ends = finder.kneighbors(return_distance=False)
    pairs = np.stack([np.repeat(np.arange(n), k), ends.ravel()])  # (2, links)
    while True:
        rows, columns = np.concatenate([pairs, pairs[::-1]], axis=1)
        # codes may coincide, and a length of 0 would be no link
        lengths = np.maximum(np.linalg.norm(codes[rows] - codes[columns], axis=1), 1e-6)
        links = csr_matrix((lengths, (rows, columns)), shape=(n, n))
        twice = csr_matrix((np.ones_like(lengths), (rows, columns)), shape=(n, n))
        links.data /= twice.data  # links that both ends have were added up
        bridges = _bridges(codes, links)
        if not len(bridges):
            return NeighbourGraph(codes, links.astype(np.float32))
        pairs = np.concatenate([pairs, bridges.T], axis=1)


def _bridges(codes: np.ndarray, links: csr_matrix) -> np.ndarray:
    """The shortest link from each part but the largest to the rest, shape (parts − 1, 2)."""
    from scipy.sparse.csgraph import connected_components

    _, part = connected_components(links, directed=False)
    sizes = np.bincount(part)
    bridges = []
    for number in np.flatnonzero(np.arange(len(sizes)) != sizes.argmax()):
        inside, outside = np.flatnonzero(part == number), np.flatnonzero(part != number)
        indices, distances = nearest(codes[outside], codes[inside], 1)
        closest = distances[:, 0].argmin()
        bridges.append((inside[closest], outside[indices[closest, 0]]))
    return np.array(bridges, np.int64).reshape(-1, 2)


def _path(codes: np.ndarray) -> Path:
    return cache_folder() / "graphs" / f"{fingerprint(codes, NEIGHBOURS)}.npz"


def _read(path: Path, codes: np.ndarray) -> NeighbourGraph | None:
    """What the cache holds, unless it is damaged."""
    from scipy.sparse import csr_matrix

    with suppress(InputError, ValueError):
        arrays = bundle.read_arrays(path, ARRAYS)
        parts = tuple(arrays[name] for name in ("lengths", "ends", "starts"))
        links = csr_matrix(parts, shape=(len(codes), len(codes)))
        links.check_format()
        return NeighbourGraph(codes, links)
    return None


def _write(path: Path, graph: NeighbourGraph) -> None:
    links = graph.links
    parts = (links.indices, links.indptr, links.data)
    with suppress(OSError):
        bundle.write_arrays(path, dict(zip(ARRAYS, parts, strict=True)))
