"""The quality of a map as a document, and the true neighbours it rests on."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.manifold import trustworthiness
from sklearn.neighbors import NearestNeighbors

from latent import InputError, LatentSpace, bundle, truth
from latent.maps import add_map
from latent.plan import DISTORTION
from latent.quality import K, at_k, measure, measured_on


def test_the_document_holds_every_measure_on_the_test_codes(tiny_space):
    gallery, xy = tiny_space.gallery, tiny_space.map("umap2").xy
    shares = []
    found = measure(gallery, xy, shares.append)
    assert shares[-1] == 1
    np.testing.assert_array_equal(measured_on(gallery), np.arange(200, 300))
    assert found["ks"] == [2, 5, 10, 15, 20, 30, 45]
    for metric in ("euclidean", "cosine"):
        assert set(found[metric]) == {
            "trustworthiness", "continuity", "kept", "rank_correlation"
        }  # fmt: skip
        for name in ("trustworthiness", "continuity", "kept"):
            assert len(found[metric][name]) == 7
            assert 0 <= min(found[metric][name]) <= max(found[metric][name]) <= 1
    expected = trustworthiness(gallery.codes[200:], xy[200:], n_neighbors=K)
    assert at_k(found, "trustworthiness") == pytest.approx(expected, abs=1e-4)
    assert set(found["label_accuracy"]) == {"map", "codes"}


def test_a_gallery_that_is_too_small_is_not_measured(tiny_space):
    from dataclasses import replace

    few = {name: getattr(tiny_space.gallery, name)[:30] for name in ("codes", "labels", "split")}
    gallery = replace(tiny_space.gallery, logvar=None, **few)
    assert measure(gallery, gallery.codes[:, :2]) is None


def test_without_a_test_split_the_whole_gallery_is_measured(tiny_space):
    from dataclasses import replace

    gallery = replace(tiny_space.gallery, split=np.zeros(300, np.uint8))
    np.testing.assert_array_equal(measured_on(gallery), np.arange(300))


def test_true_neighbours_are_those_of_scikit_learn_and_are_kept(tiny_space, tmp_path, monkeypatch):
    monkeypatch.setenv("LATENT_CACHE", str(tmp_path))
    codes = tiny_space.gallery.codes
    near = truth.true_neighbours(codes)
    finder = NearestNeighbors(n_neighbors=15, algorithm="kd_tree").fit(codes)
    expected, _ = finder.kneighbors()
    apart = np.linalg.norm(codes[near] - codes[:, None], axis=2)
    np.testing.assert_allclose(apart, expected, rtol=1e-5)  # which of two as near, is open
    assert not (near == np.arange(len(codes))[:, None]).any()
    assert all(len(set(row)) == 15 for row in near.tolist())
    (path,) = tmp_path.rglob("*.npz")
    monkeypatch.setattr("sklearn.neighbors.NearestNeighbors", None)  # not asked again
    np.testing.assert_array_equal(truth.true_neighbours(codes), near)
    monkeypatch.undo()
    monkeypatch.setenv("LATENT_CACHE", str(tmp_path))
    for damaged in (b"", bundle_bytes(path, near + 300)):
        path.write_bytes(damaged)
        np.testing.assert_array_equal(truth.true_neighbours(codes), near)


def bundle_bytes(path, near) -> bytes:
    bundle.write_arrays(path, {"near": near})
    return path.read_bytes()


def test_codes_that_are_no_numbers_have_no_neighbours():
    with pytest.raises(InputError, match="needs finite codes; 1 of 20 hold NaN"):
        truth.true_neighbours(np.where(np.eye(20) * np.arange(20) == 7, np.nan, 1.0))


def test_a_bundle_keeps_the_distortion_of_every_point(own_folder):
    add_map(LatentSpace(own_folder), "pca", 2)
    space = LatentSpace(own_folder)
    stored = bundle.read_arrays(own_folder / bundle.MAPS)["pca2" + DISTORTION]
    sides = (space.gallery.codes, space.map("pca2").xy)
    near, shown = (
        NearestNeighbors(n_neighbors=15).fit(side).kneighbors(return_distance=False)
        for side in sides
    )
    lost = [1 - len({*a} & {*b}) / 15 for a, b in zip(near, shown, strict=True)]
    np.testing.assert_allclose(stored / 254, lost, atol=0.003)
