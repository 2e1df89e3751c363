"""Runs of EM as the browser takes them."""

from __future__ import annotations

import json

import numpy as np
import pytest

from latent import LatentSpace
from latent.blobs import draw_blobs
from latent.em import run_em, run_kmeans, start_at
from latent.linear import PCA, Latent
from latent.mixture import KINDS, Mixture, precision_roots
from ui.live.em_parcels import packed_roots, points_parcel, run_parcel, shadows, straight_of
from ui.live.parcels import Parcel


def unpacked(parcel: Parcel) -> tuple[dict, dict[str, np.ndarray]]:
    """Header and arrays of a parcel."""
    length = int.from_bytes(parcel.data[:4], "little")
    header = json.loads(parcel.data[4 : 4 + length])
    arrays = {}
    for name, entry in header["arrays"].items():
        start = 4 + length + entry["offset"]
        dtype = np.dtype("<" + entry["dtype"])
        arrays[name] = np.frombuffer(parcel.data, dtype, entry["size"], start)
    return header, arrays


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_arrives_step_by_step(kind: str) -> None:
    x = draw_blobs("apart", 200, 0).points
    start, centers = start_at(x, 4, kind, "random", np.random.default_rng(0))
    run, means = run_em(x, start, max_steps=6), run_kmeans(x, centers)
    header, arrays = unpacked(run_parcel(run, means, lambda codes: codes, np.eye(2)))
    steps = len(run.mixtures)
    assert (header["components"], header["latent_dim"], header["kind"]) == (4, 2, kind)
    assert header["log_likelihoods"] == run.log_likelihoods.tolist()
    assert arrays["means"].reshape(steps, 4, 2)[3] == pytest.approx(run.mixtures[3].means)
    assert arrays["shapes"].reshape(steps, 4, 3)[2, 1] == pytest.approx(
        run.mixtures[2].whole_covariances()[1][[0, 0, 1], [0, 1, 1]], rel=1e-5
    )
    assert arrays["centers"].reshape(-1, 4, 2) == pytest.approx(means.centers, abs=1e-5)
    assert len(arrays["floored"]) == 4 * steps


def test_on_a_bent_map_no_shapes_are_sent() -> None:
    x = draw_blobs("apart", 50, 0).points
    start, centers = start_at(x, 2, "full", "random", np.random.default_rng(0))
    run, means = run_em(x, start, max_steps=1), run_kmeans(x, centers)
    header, arrays = unpacked(run_parcel(run, means, lambda c: np.zeros((len(c), 3)), None))
    assert "shapes" not in arrays
    assert header["map_dims"] == 3


def test_a_triangle_is_packed_column_by_column() -> None:
    a = np.random.default_rng(0).normal(size=(2, 3, 3))
    mixture = Mixture(np.full(2, 0.5), np.zeros((2, 3)), a @ a.swapaxes(1, 2) + np.eye(3), "full")
    root = precision_roots(mixture)[1]
    expected = [root[row, column] for column in range(3) for row in range(column + 1)]
    assert packed_roots(mixture)[1].tolist() == expected


def test_shadows_are_the_covariances_of_projected_draws(tiny_space: LatentSpace) -> None:
    codes = tiny_space.gallery.codes
    pca = PCA(dims=2).fit(codes)
    straight = straight_of(pca)
    start, _ = start_at(codes, 2, "full", "kmeans", np.random.default_rng(0))
    draws = np.random.default_rng(1).multivariate_normal(
        start.means[1], start.covariances[1], 50_000
    )
    xx, xy, yy = shadows(start, straight)[1]
    expected = np.cov(pca.transform(draws.astype(np.float32)).T)
    scale = np.abs(expected).max()
    assert np.array([[xx, xy], [xy, yy]]) == pytest.approx(expected, abs=0.03 * scale)


def test_only_flat_linear_maps_are_straight(
    tiny_space: LatentSpace, plane_space: LatentSpace
) -> None:
    assert straight_of(tiny_space.map("umap2")) is None
    assert straight_of(tiny_space.map("pca3")) is None
    assert np.array_equal(straight_of(plane_space.map("latent2")), np.eye(2))
    assert isinstance(plane_space.map("latent2"), Latent)


def test_points_travel_in_16_bits_where_that_loses_nothing() -> None:
    fine = np.array([[0.1, 0.2], [0.3, 0.4]], np.float32)
    coarse = fine.astype(np.float16).astype(np.float32)
    labels, indices = np.array([0, 1]), np.array([69_999, 3])
    for points, dtype in ((fine, "f4"), (coarse, "f2")):
        header, arrays = unpacked(points_parcel(points, fine, labels, indices))
        assert header["arrays"]["points"]["dtype"] == dtype
        assert arrays["points"].reshape(2, 2).tolist() == points.tolist()
        assert arrays["indices"].tolist() == [69_999, 3]
