"""Maps of a bundle: fitted, measured and written."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.manifold import trustworthiness

from latent import InputError, LatentSpace, bundle
from latent.maps import QUALITY_K, add_map, shipped_maps

pytestmark = pytest.mark.usefixtures("quick_tsne")


def test_a_bundle_ships_every_map_that_says_more_than_its_codes():
    assert shipped_maps(2) == [("latent", 2)]
    assert shipped_maps(3) == [("latent", 3)]
    six = {(method, dims) for method in ("pca", "tsne", "umap") for dims in (2, 3)}
    assert set(shipped_maps(4)) == six
    assert len(shipped_maps(16)) == 6


def test_an_exported_model_has_the_maps_that_cost_nothing(tiny_folder, plane_space):
    assert {"pca2", "pca3"} <= set(bundle.read_maps_info(tiny_folder))
    assert plane_space.map_names == ["latent2"]


@pytest.mark.parametrize("dims", [2, 3])
def test_the_pca_map_of_a_loaded_bundle_is_that_of_scikit_learn(tiny_space, dims):
    expected = PCA(dims).fit_transform(tiny_space.gallery.codes.astype(np.float64))
    xy = tiny_space.map(f"pca{dims}").xy
    np.testing.assert_allclose(np.abs(xy), np.abs(expected), atol=1e-4)


def measured(space: LatentSpace, name: str) -> tuple[float, float]:
    """Trustworthiness and continuity of a map, as it is loaded, on the test codes."""
    codes, xy = space.gallery.codes[200:], space.map(name).xy[200:]
    return (
        trustworthiness(codes, xy, n_neighbors=QUALITY_K),
        trustworthiness(xy, codes, n_neighbors=QUALITY_K),
    )


def assert_measured(folder, info) -> None:
    figures = (info["trustworthiness"], info["continuity"])
    name = f"{info['method']}{info['dims']}"
    assert measured(LatentSpace(folder), name) == pytest.approx(figures, abs=2e-3)


@pytest.mark.parametrize(
    ("method", "dims", "fitted_on"),
    [
        ("umap", 2, "all 300 images"),
        ("tsne", 3, "all 300 images"),
        ("pca", 3, "all 300 images"),
    ],
)
def test_a_map_is_measured_written_and_sealed(own_folder, tiny_space, method, dims, fitted_on):
    info = add_map(LatentSpace(own_folder), method, dims, seed=7)
    name = f"{method}{dims}"
    space = LatentSpace(own_folder)  # which checks every fingerprint
    assert space.maps_info[name] == json.loads(json.dumps(info))
    assert (info["method"], info["dims"], info["seed"]) == (method, dims, 7)
    assert info["fitted_on"] == fitted_on
    assert info["measured_on"] == "the 100 test codes, k = 15"
    assert space.map(name).xy.shape == (300, dims)
    assert_measured(own_folder, info)
    for other in set(tiny_space.map_names) - {name}:
        np.testing.assert_array_equal(space.map(other).xy, tiny_space.map(other).xy)
        assert space.maps_info[other] == tiny_space.maps_info[other]


def test_a_map_names_its_library_and_parameters(own_folder):
    info = add_map(LatentSpace(own_folder), "tsne", 3)
    assert re.fullmatch(r"openTSNE \d+\.\d+.*", info["library"])
    assert info["parameters"] == {"metric": "euclidean", "perplexity": 30.0}
    assert "library" not in add_map(LatentSpace(own_folder), "pca", 2)


def test_a_seed_gives_the_same_map_again(own_folder):
    space = LatentSpace(own_folder)
    maps = []
    for seed in (1, 1, 2):
        add_map(space, "tsne", 3, seed, fit_on=120)
        maps.append(LatentSpace(own_folder).map("tsne3").xy)
    np.testing.assert_array_equal(maps[0], maps[1])
    assert not np.array_equal(maps[0], maps[2])


def test_a_map_fitted_on_a_sample_is_the_one_that_was_measured(own_folder):
    info = add_map(LatentSpace(own_folder), "tsne", 3, fit_on=100)
    assert info["fitted_on"] == "100 images drawn at random, the rest placed"
    assert_measured(own_folder, info)


def test_a_pca_map_is_of_all_images_and_refuses_a_sample(own_folder):
    with pytest.raises(InputError, match="pca is always fitted on all images; leave out the sam"):
        add_map(LatentSpace(own_folder), "pca", 2, fit_on=20)
    assert add_map(LatentSpace(own_folder), "pca", 2)["fitted_on"] == "all 300 images"


def test_tsne_of_a_crowd_is_fitted_on_the_test_split_and_the_rest_placed(own_folder, monkeypatch):
    monkeypatch.setattr("latent.plan.CROWD", 299)
    info = add_map(LatentSpace(own_folder), "tsne", 3)
    assert info["fitted_on"] == "the 100 test images, the rest placed"
    space = LatentSpace(own_folder)
    xy, codes = space.map("tsne3").xy, space.gallery.codes
    distance = np.linalg.norm(codes[0] - codes[200:], axis=1)
    expected = np.median(xy[200:][np.argsort(distance)[:5]], axis=0)
    np.testing.assert_allclose(xy[0], expected, atol=0.05)  # stored in 16 bits


def test_a_map_added_meanwhile_by_another_run_is_kept(own_folder):
    early = LatentSpace(own_folder)
    bundle.write_maps(own_folder, {}, {})
    assert LatentSpace(own_folder).map_names == []
    add_map(LatentSpace(own_folder), "pca", 2)
    add_map(early, "pca", 3)
    assert LatentSpace(own_folder).map_names == ["pca2", "pca3"]


@pytest.mark.parametrize("fit_on", [2, 0, -5, 301])
def test_a_sample_that_the_gallery_does_not_have_is_refused(own_folder, fit_on):
    message = f"A map of mnist-vae by pca is fitted on 10 to 300 images; got sample {fit_on}"
    with pytest.raises(InputError, match=message):
        add_map(LatentSpace(own_folder), "pca", 2, fit_on=fit_on)


@pytest.mark.parametrize(
    ("method", "dims", "fit_on", "message"),
    [
        ("magic", 2, None, "Unknown projection 'magic'"),
        ("pca", 4, None, "A map has 2 or 3 dimensions; got 4"),
        ("latent", 2, None, "'latent' in 2-D needs codes of 2 numbers; these have 4"),
        ("tsne", 2, 50, "perplexity is a number from 2 to 16 for 50 codes; got '30.0'"),
        ("umap", 2, 10, "n_neighbors is a whole number from 2 to 9 for 10 codes; got '15'"),
    ],
)
def test_a_map_that_cannot_be_made_leaves_the_bundle_as_it_was(
    own_folder, method, dims, fit_on, message
):
    before = {path.name: path.read_bytes() for path in own_folder.iterdir()}
    with pytest.raises(InputError, match=message):
        add_map(LatentSpace(own_folder), method, dims, fit_on=fit_on)
    assert {path.name: path.read_bytes() for path in own_folder.iterdir()} == before
