"""Made maps on disk: whole or not there, checked when read, named by what they are made from."""

from __future__ import annotations

import json
import os
import re

import numpy as np
import pytest

from latent import InputError, LatentSpace, made
from latent.files import sha256
from latent.plan import read_plan

UMAP = {"method": "umap", "dims": 2, "parameters": {"n_neighbors": 9}}
INFO = {"method": "umap", "dims": 2, "seed": 0, "parameters": {"n_neighbors": 9},
        "fitted_on": "all 300 images", "seconds": 1.5}  # fmt: skip


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("LATENT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "maps"


@pytest.fixture
def space(tiny_folder):
    return LatentSpace(tiny_folder)


@pytest.fixture
def xy():
    drawn = np.random.default_rng(0).standard_normal((300, 2))
    return drawn.astype(np.float16).astype(np.float32)  # as they are kept


@pytest.fixture
def key(cache, space, xy):
    """Of a finished map."""
    return made.store(space, read_plan(UMAP, space), INFO, xy)


def test_a_stored_map_is_a_map_of_the_model(key, space, xy):
    assert re.fullmatch("[0-9a-f]{32}", key)
    assert key == read_plan(UMAP, space).key(space)
    (found,) = made.finished(space)
    assert (found.key, found.plan, found.info) == (key, read_plan(UMAP, space), INFO)
    assert made.is_finished(space, read_plan(UMAP, space))
    assert space.map_info(key) == INFO
    np.testing.assert_array_equal(space.map(key).xy, xy)
    np.testing.assert_array_equal(space.map(key).transform(space.gallery.codes[:9]), xy[:9])
    assert space.distortion(key) is None


def test_measured_later_it_keeps_its_name_and_gains_its_distortion(key, space, xy, cache):
    lost = np.arange(300, dtype=np.uint8)
    plan = read_plan(UMAP, space)
    assert made.store(space, plan, {**INFO, "trustworthiness": 0.9}, xy, lost) == key
    assert space.map_info(key)["trustworthiness"] == 0.9
    np.testing.assert_array_equal(space.distortion(key), lost)
    np.testing.assert_array_equal(space.map(key).xy, xy)
    assert len(list(cache.rglob("*.npz"))) == 1


def test_a_formula_needs_no_coordinates_of_its_own(cache, space):
    plan = read_plan({"method": "lda", "dims": 2}, space)
    info = {**INFO, "method": "lda"}
    name = made.store(space, plan, info, np.zeros((300, 2)))
    assert space.map(name).exact_inverse


def test_nobody_else_finds_it(key, ae_space):
    assert made.finished(ae_space) == []
    with pytest.raises(InputError, match=f"mnist-ae has no made map {key[:8]}…. It was deleted,"):
        ae_space.map(key)


def test_the_files_hold_no_text_but_the_programs_own(key, cache):
    (description,) = cache.rglob("*.json")
    document = json.loads(description.read_text())
    assert set(document) == {"format", "plan", "info", "file", "sha256"}
    assert {path.name.partition(".")[0] for path in cache.rglob("*.*")} == {key}


def test_a_map_that_was_never_finished_is_not_listed(key, space, cache):
    (description,) = cache.rglob("*.json")
    (arrays,) = cache.rglob("*.npz")
    arrays.rename(arrays.with_name(".half.npz"))
    assert made.finished(space) == []
    assert not made.is_finished(space, read_plan(UMAP, space))
    description.unlink()
    os.utime(arrays.with_name(".half.npz"), (0, 0))
    made.sweep()
    assert list(cache.rglob("*.npz")) == []


@pytest.mark.parametrize("damage", ["cut", "other", "other codes", "away"])
def test_a_damaged_map_is_refused_and_can_be_made_again(key, space, cache, xy, damage):
    (arrays,) = cache.rglob("*.npz")
    if damage == "cut":
        arrays.write_bytes(arrays.read_bytes()[:-9])
    elif damage == "other":
        np.savez(arrays, xy=xy + 1)
    elif damage == "other codes":
        np.savez(arrays, xy=xy[:9])
        (description,) = cache.rglob("*.json")
        document = json.loads(description.read_text())
        description.write_text(json.dumps({**document, "sha256": sha256(arrays)}))
    else:
        arrays.unlink()
    with pytest.raises(InputError, match=f"made map {key[:8]} is damaged in the cache. Make it a"):
        space.map(key)
    assert not made.is_finished(space, read_plan(UMAP, space))
    made.store(space, read_plan(UMAP, space), INFO, xy)
    np.testing.assert_array_equal(space.map(key).xy, xy)


@pytest.mark.parametrize(
    "change",
    [
        {"plan": {"method": "umap", "dims": 2, "seed": 1}},
        {"plan": {"method": "<b>", "dims": 2}},
        {"plan": []},
        {"info": {"method": "tsne", "dims": 2}},
        {"format": 99},
        {"file": "../../../secret.npz"},
    ],
)
def test_a_description_that_does_not_fit_its_name_is_refused(key, space, cache, change):
    (description,) = cache.rglob("*.json")
    document = json.loads(description.read_text())
    description.write_text(json.dumps({**document, **change}))
    with pytest.raises(InputError, match="Delete it and make the map again|damaged in the cache"):
        space.map(key)
    assert made.finished(space) == [] or "file" in change


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "F" * 32, "0" * 31, "<script>"])
def test_only_hashes_are_names_of_made_maps(cache, space, name):
    with pytest.raises(InputError, match="named by 32 hexadecimal digits; got"):
        made.described(space, name)
    with pytest.raises(InputError, match="has no made map|choose one of"):
        space.map(name)
    with pytest.raises(InputError, match="has no made map .*List them: python -m latent maps"):
        made.delete(space, name)


def test_deleted_maps_are_gone(key, cache, space, xy):
    plan = read_plan({**UMAP, "seed": 5}, space)
    other = made.store(space, plan, {**INFO, "seed": 5}, xy)
    assert {m.key for m in made.finished(space)} == {key, other}
    assert made.delete(space, key) == [key]
    assert [m.key for m in made.finished(space)] == [other]
    assert made.delete(space) == [other]
    assert list(cache.rglob("*.*")) == []


def test_the_command_line_lists_and_deletes_them(key, cache, run_latent):
    code, out, _ = run_latent("maps", "mnist-vae", "--json")
    assert code == 0
    assert [row["map"] for row in json.loads(out) if row["made"]] == [key]
    _, out, _ = run_latent("maps", "mnist-vae")
    assert f"{key} umap 2-D, seed 0, n_neighbors 9; fitted on all 300 images" in out
    code, out, err = run_latent("maps", "mnist-vae", "--delete", "../pca2")
    assert (code, out) == (2, "")
    assert "has no made map '../pca2'" in err
    assert list(cache.rglob(f"{key}.*"))
    assert run_latent("maps", "mnist-vae", "--delete", key)[1] == "1 made map deleted\n"
    assert list(cache.rglob("*.*")) == []
    _, out, _ = run_latent("maps", "mnist-vae", "--delete", "all", "--json")
    assert json.loads(out) == {"deleted": []}


def test_a_map_is_kept_in_16_bits(cache, space):
    xy = np.random.default_rng(1).standard_normal((300, 2)).astype(np.float32) * 20
    found = space.map(made.store(space, read_plan(UMAP, space), INFO, xy)).xy
    np.testing.assert_allclose(found, xy, rtol=2**-11)
    assert np.array_equal(found.astype(np.float16), found)
