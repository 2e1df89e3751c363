"""A loaded model: what it gives, and what it refuses."""

from __future__ import annotations

import json
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier

from latent import InputError, LatentSpace, bundle, load_space, model_names
from latent.data import Dataset
from latent.projections import PROJECTIONS
from latent.space import VOTERS, describe, model_folder, models_root, siblings


def test_a_model_redraws_its_images_better_than_their_mean_does(tiny_space, ae_space, tiny_data):
    x = tiny_data.x()
    for space in (tiny_space, ae_space):
        error = np.square(space.decode(space.encode(x)) - x).mean()
        assert error < 0.5 * np.square(x.mean(0) - x).mean()


def test_great_circles_go_around_zero_for_a_vae_and_the_mean_for_an_ae(tiny_space, ae_space):
    assert tiny_space.center is None
    np.testing.assert_allclose(ae_space.center, ae_space.gallery.codes.mean(0))
    a, b = ae_space.code(1), ae_space.code(2)
    middle = ae_space.walk(a, b, 3, "slerp")[1] - ae_space.center
    lengths = [np.linalg.norm(end - ae_space.center) for end in (a, b)]
    assert np.linalg.norm(middle) == pytest.approx(np.mean(lengths), rel=1e-4)


def test_walk_goes_from_code_to_code(tiny_space):
    a, b = tiny_space.code(0), tiny_space.code(1)
    np.testing.assert_allclose(tiny_space.walk(a, b, 3), [a, (a + b) / 2, b], atol=1e-6)
    with pytest.raises(InputError, match="Unknown path 'up'; choose one of: lerp, slerp"):
        tiny_space.walk(a, b, 3, "up")


@pytest.mark.parametrize("shape", [(28, 28), (1, 28, 28), (2, 3, 28, 28), (2, 1, 32, 32)])
def test_encode_refuses_images_of_another_shape(tiny_space, shape):
    with pytest.raises(InputError, match=r"mnist-vae needs images of shape \(B, 1, 28, 28\); got"):
        tiny_space.encode(np.zeros(shape, np.float32))


@pytest.mark.parametrize("shape", [(4,), (2, 5), (1, 1, 4)])
def test_decode_refuses_codes_of_another_shape(tiny_space, shape):
    with pytest.raises(InputError, match=r"mnist-vae needs codes of shape \(B, 4\); got"):
        tiny_space.decode(np.zeros(shape, np.float32))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_decode_refuses_codes_that_are_not_finite(tiny_space, value):
    with pytest.raises(InputError, match="mnist-vae needs finite codes; got NaN or infinity"):
        tiny_space.decode(np.array([[0, 0, value, 0]], np.float32))


@pytest.mark.parametrize("index", [-1, 300, 10**9])
def test_an_image_out_of_range_is_refused(tiny_space, index):
    message = f"mnist-vae has no image {index}; choose a number from 0 to 299"
    with pytest.raises(InputError, match=message):
        tiny_space.code(index)


def test_the_nearest_code_to_an_image_s_own_is_itself(tiny_space):
    indices, distances = tiny_space.neighbours(tiny_space.code(17), k=4)
    assert (indices[0], distances[0]) == (17, 0)
    brute = np.linalg.norm(tiny_space.gallery.codes - tiny_space.code(17), axis=1)
    np.testing.assert_allclose(distances, np.sort(brute)[:4], rtol=1e-5)


def test_an_image_of_the_gallery_is_placed_on_its_own_code(tiny_space, tiny_data):
    placed = tiny_space.place(tiny_data.x()[230])
    np.testing.assert_allclose(placed.code, tiny_space.code(230), atol=5e-3)
    assert placed.neighbours[0] == 230
    assert len(placed.neighbours) == len(placed.distances) == VOTERS
    assert (np.diff(placed.distances) >= 0).all()
    assert placed.error == pytest.approx(tiny_space.gallery.reconstruction_error[230], rel=0.01)
    np.testing.assert_allclose(
        placed.reconstruction, tiny_space.decode(placed.code[None])[0], rtol=0, atol=1e-6
    )


def test_the_error_percentile_is_the_share_of_test_images_redrawn_better(tiny_space, tiny_data):
    known = tiny_space.gallery.reconstruction_error[200:]
    best, worst = 200 + known.argmin(), 200 + known.argmax()
    assert tiny_space.place(tiny_data.x()[best]).error_percentile <= 1
    assert tiny_space.place(tiny_data.x()[worst]).error_percentile >= 99
    noise = np.random.default_rng(0).random((1, 28, 28), np.float32)
    assert tiny_space.place(noise).error_percentile == 100


def test_a_label_is_what_scikit_learn_s_vote_says(tiny_space, tiny_data):
    gallery = tiny_space.gallery
    voters = KNeighborsClassifier(VOTERS).fit(gallery.codes, gallery.labels)
    queries = np.random.default_rng(0).standard_normal((50, 4), np.float32)
    votes = np.sort(voters.predict_proba(queries), 1)
    clear = queries[votes[:, -1] > votes[:, -2]]
    labels = [tiny_space.vote(tiny_space.neighbours(query)[0]) for query in clear]
    assert labels == [str(label) for label in voters.predict(clear)]


def test_as_many_of_the_nearest_vote_as_the_config_says(own_folder, alter, tiny_data):
    gallery = LatentSpace(own_folder).gallery
    # images 30 to 32 are of one class and nearest, in that order, and those after them not
    codes = np.full_like(gallery.codes, 9)
    codes[30:40] = np.linspace(0, 0.5, 10)[:, None]
    labels = gallery.labels.copy()
    labels[30:33], labels[33:40] = 4, 6
    alter(own_folder, gallery={"codes": codes, "labels": labels}, without=("voters",))
    votes = {}
    for voters in (None, 5):
        if voters:
            alter(own_folder, config={"voters": voters})
        space = LatentSpace(own_folder)
        space.posterior = lambda images: (np.zeros((1, 4), np.float32), None)
        placed = space.place(tiny_data.x()[0])
        assert placed.neighbours.tolist() == list(range(30, 40))
        votes[space.voters] = placed.label
    assert votes == {10: "6", 5: "4"}


def test_the_nearest_decides_a_tied_vote(tiny_space):
    # labels count up from 0 to 9 and begin again
    assert tiny_space.vote(np.array([3, 5, 15, 13])) == "3"
    assert tiny_space.vote(np.array([5, 3, 15, 13])) == "5"
    assert tiny_space.vote(np.array([7, 3, 5, 15, 13])) == "3"


def test_every_map_of_the_bundle_holds_a_point_for_every_image(tiny_space, ae_space, plane_space):
    assert plane_space.map_names == ["latent2"]
    for space in (tiny_space, ae_space, plane_space):
        for name in space.map_names:
            assert space.map(name).xy.shape == (300, int(name[-1]))
            assert space.map(name) is space.map(name)


def test_maps_are_read_when_asked_for(tiny_space):
    stored = bundle.read_arrays(tiny_space.folder / bundle.MAPS)
    np.testing.assert_array_equal(tiny_space.map("umap3").xy, stored["umap3"].astype(np.float32))


def test_an_unknown_map_is_refused_beside_those_that_are_there(tiny_space):
    with pytest.raises(
        InputError, match="mnist-vae has no map 'umap4'; choose one of: pca2, pca3,"
    ):
        tiny_space.map("umap4")


def test_a_space_may_be_used_by_many_threads_at_once(tiny_folder):
    space, found = LatentSpace(tiny_folder), []

    def look() -> None:
        xy = space.map("pca2").transform(space.gallery.codes[:3])
        found.append((xy, space.decode(space.gallery.codes[:3])))

    threads = [threading.Thread(target=look) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    for xy, images in found[1:]:
        np.testing.assert_array_equal(xy, found[0][0])
        np.testing.assert_array_equal(images, found[0][1])


def test_models_are_found_by_name_and_by_folder(tiny_models, tmp_path, monkeypatch):
    assert model_names() == ["mnist-ae", "mnist-vae", "mnist-vae-2d"]
    assert load_space("mnist-vae-2d").latent_dim == 2
    monkeypatch.chdir(tmp_path)
    assert load_space(str(tiny_models / "mnist-ae")).name == "mnist-ae"
    assert model_folder(str(tiny_models / "mnist-ae")) == tiny_models / "mnist-ae"


def test_without_a_variable_models_lie_beside_the_package(monkeypatch):
    monkeypatch.delenv("LATENT_MODELS", raising=False)
    assert models_root().name == "models"
    assert (models_root().parent / "latent").is_dir()


@pytest.mark.parametrize(
    "name",
    ["mnist", "", "..", "/", "a\0b", "x" * 300, "x" * 5000, "mnist-vae "],
    ids=["near", "empty", "above", "root", "zero byte", "long", "longer", "space"],
)
def test_an_unknown_model_is_refused_beside_those_that_are_there(tiny_models, name):
    message = "Unknown model .*; choose a bundle's folder or one of: mnist-ae, mnist-vae, mnist-vae"
    with pytest.raises(InputError, match=message):
        load_space(name)


def test_without_models_the_message_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("LATENT_MODELS", str(tmp_path / "nowhere"))
    assert model_names() == []
    with pytest.raises(InputError, match="Unknown model 'mnist-vae'; .* one of: none yet"):
        load_space("mnist-vae")


def test_siblings_are_the_models_of_the_same_images(
    own_folder, alter, tiny_models_folder, monkeypatch
):
    monkeypatch.setenv("LATENT_MODELS", str(own_folder.parent))
    for name in ("mnist-ae", "mnist-vae-2d"):
        shutil.copytree(tiny_models_folder / name, own_folder.parent / name)
    space = LatentSpace(own_folder)
    assert siblings(space) == ["mnist-vae-2d", "mnist-ae", "mnist-vae"]
    # other images, and a file that is none of ours
    other = own_folder.parent / "mnist-ae"
    recipe = {**bundle.read_config(other)["recipe"], "data_sha256": "0" * 64}
    alter(other, config={"recipe": recipe})
    (own_folder.parent / "mnist-vae-2d" / bundle.CONFIG).write_text("{}")
    assert siblings(space) == ["mnist-vae"]


def test_a_model_that_names_no_data_has_no_siblings(own_folder, alter, monkeypatch):
    monkeypatch.setenv("LATENT_MODELS", str(own_folder.parent))
    shutil.copytree(own_folder, own_folder.parent / "twin")
    for folder in own_folder.parent.iterdir():
        alter(folder, config={"recipe": {}})
    assert siblings(LatentSpace(own_folder)) == ["mnist-vae"]


def test_an_auxiliary_model_is_none_to_explore(own_folder, monkeypatch):
    monkeypatch.setenv("LATENT_MODELS", str(own_folder.parent))
    assert model_names() == ["mnist-vae"]
    config = json.loads((own_folder / bundle.CONFIG).read_text("utf-8"))
    (own_folder / bundle.CONFIG).write_text(json.dumps({**config, "kind": "classifier"}), "utf-8")
    assert model_names() == []


def test_a_damaged_model_is_listed_so_that_loading_it_says_what_is_wrong(own_folder, monkeypatch):
    monkeypatch.setenv("LATENT_MODELS", str(own_folder.parent))
    (own_folder / bundle.CONFIG).write_text("{")
    assert model_names() == ["mnist-vae"]
    with pytest.raises(InputError, match="config.json cannot be read as JSON"):
        load_space("mnist-vae")


def test_describe_reads_a_model_without_its_large_files(own_folder, monkeypatch):
    monkeypatch.setenv("LATENT_MODELS", str(own_folder.parent))
    (own_folder / bundle.GALLERY).unlink()
    row = describe("mnist-vae")
    assert (row["model"], row["kind"], row["latent_dim"]) == ("mnist-vae", "vae", 4)
    assert row["image_shape"] == [1, 28, 28]
    assert row["maps"] == ["pca2", "pca3", "tsne2", "tsne3", "umap2", "umap3"]
    assert 0 < row["metrics"]["test_mse"] < 0.1


def layers(**changes: object) -> dict[str, object]:
    good = {"encoder": [["flatten"], ["linear", 784, 8]], "decoder": [["linear", 4, 784]]}
    return {"architecture": {**good, **changes}}


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"architecture": {}}, "config.json: the field 'architecture' is wrong: 'encoder'"),
        (layers(encoder=3), "config.json: the field 'architecture' is wrong: .*not iterable"),
        (
            layers(encoder=[["magic"]]),
            "config.json: the field 'architecture' is wrong: unknown lay",
        ),
        (
            layers(encoder=[["linear"]]),
            "config.json: the field 'architecture' is wrong: layer 'lin",
        ),
        (layers(encoder=[[["linear"], 1]]), "config.json: the field 'architecture' is wrong"),
        (layers(), "config.json: the field 'architecture' is wrong: the decoder gives"),
        (
            layers(decoder=[["linear", 4, 784], ["unflatten", 1, 28, 28], ["sigmoid"]]),
            "weights.safetensors does not fit the architecture: Error.* in loading state_dict",
        ),
    ],
)
def test_an_architecture_that_does_not_fit_is_named(own_folder, alter, config, message):
    alter(own_folder, config=config)
    space = LatentSpace(own_folder)  # torch, and with it the check, comes with the first code
    with pytest.raises(InputError, match=message) as caught:
        space.decode(space.gallery.codes[:1])
    assert "\n" not in str(caught.value)


def test_weights_that_are_no_safetensors_are_named(own_folder, alter):
    (own_folder / bundle.WEIGHTS).write_bytes(b"PK pretend pickle")
    alter(own_folder)
    space = LatentSpace(own_folder)
    with pytest.raises(InputError, match="weights.safetensors does not fit the architecture"):
        space.decode(space.gallery.codes[:1])


UMAP2 = {"method": "umap", "dims": 2, "seed": 0}


@pytest.mark.parametrize(
    ("entry", "xy", "message"),
    [
        ({"dims": 2, "seed": 0}, None, "maps.json: the entry 'umap2' lacks 'method'"),
        ({"method": "umap", "seed": 0}, None, "maps.json: the entry 'umap2' lacks 'dims'"),
        ("umap", None, "maps.json: the entry 'umap2' lacks"),
        ({**UMAP2, "method": "magic"}, None, "Unknown projection 'magic'; choose one of: latent"),
        ({**UMAP2, "dims": 4}, None, "A map has 2 or 3 dimensions; got 4"),
        (UMAP2, np.zeros((299, 2)), "needs finite coordinates of shape .300, 2.; got .299, 2."),
        (UMAP2, np.zeros((300, 3)), "needs finite coordinates of shape .300, 2.; got .300, 3."),
        (UMAP2, np.full((300, 2), np.nan), "needs finite coordinates"),
        (UMAP2, np.full((300, 2), "a"), "finite coordinates|maps.npz"),
    ],
)
def test_a_map_that_makes_no_sense_is_named(own_folder, alter, entry, xy, message):
    alter(own_folder, maps_info={"umap2": entry}, maps=None if xy is None else {"umap2": xy})
    with pytest.raises(InputError, match=message):
        LatentSpace(own_folder).map("umap2")


def test_a_map_without_coordinates_is_named(own_folder, alter):
    alter(own_folder, maps={}, without=("umap2",))
    with pytest.raises(InputError, match="maps.npz: the array 'umap2' is missing; it has"):
        LatentSpace(own_folder).map("umap2")


@pytest.mark.parametrize("method", PROJECTIONS)
def test_a_placed_code_of_the_gallery_keeps_its_point_on_every_shipped_map(
    tiny_space, plane_space, method
):
    for space in (tiny_space, plane_space):
        for name in (name for name in space.map_names if name.startswith(method)):
            drawn = space.map(name)
            moved = drawn.transform(space.gallery.codes) - drawn.xy
            np.testing.assert_allclose(moved, 0, atol=1e-6)


def test_in_posterior_units_a_number_counts_as_finely_as_it_is_resolved(
    tiny_furniture_folder: Path, tiny_furniture: Dataset
) -> None:
    space = LatentSpace(tiny_furniture_folder / "furniture-vae")
    gallery = space.gallery
    assert space.voting_units == "posterior"
    assert gallery.logvar is not None
    finer = np.sqrt(np.exp(-gallery.logvar).mean(0))
    scaled = space.in_voting_units(np.ones((1, space.latent_dim), np.float32))
    np.testing.assert_allclose(scaled[0], finer / finer.mean(), rtol=1e-4)
    np.testing.assert_array_equal(space.in_voting_units(gallery.codes), gallery.codes * scaled)
    code = space.encode(tiny_furniture.x()[250:251])
    apart = np.linalg.norm((gallery.codes - code) * scaled[0], axis=1)
    placed = space.place(tiny_furniture.x()[250])
    np.testing.assert_array_equal(placed.neighbours[:5], np.argsort(apart, kind="stable")[:5])
    plain = LatentSpace(tiny_furniture_folder / "furniture-ae")  # it resolves nothing, it says
    np.testing.assert_array_equal(plain.in_voting_units(plain.gallery.codes), plain.gallery.codes)
