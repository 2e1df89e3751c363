"""Bundles: what is written comes back, and what is wrong is named."""

from __future__ import annotations

import io
import json
import re
import shutil
import zipfile

import numpy as np
import pytest

from latent import InputError, LatentSpace, bundle
from latent.bundle import CONFIG, GALLERY, MAPS, MAPS_INFO, WEIGHTS
from latent.files import sha256

SEALED = (WEIGHTS, GALLERY, MAPS, MAPS_INFO)


def npz(**arrays: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def test_the_config_names_the_fingerprint_of_every_file(tiny_folder):
    files = bundle.read_config(tiny_folder)["files"]
    assert set(files) == set(SEALED)
    assert files == {name: sha256(tiny_folder / name) for name in SEALED}


def test_the_config_says_what_the_model_was_made_of(tiny_folder, tiny_data):
    config = bundle.read_config(tiny_folder)
    assert config["format"] == 1
    assert config["class_names"] == list("0123456789")
    assert config["licence"].startswith("Weights and codes: MIT")
    recipe = config["recipe"]
    assert (recipe["seed"], recipe["epochs"], recipe["data"]) == (0, 50, "mnist")
    assert recipe["data_sha256"] == tiny_data.sha256()
    assert set(recipe["versions"]) == {"python", "torch", "numpy"}


def test_a_bundle_that_is_in_order_passes_its_check(tiny_folder):
    bundle.check_files(tiny_folder, bundle.read_config(tiny_folder))


def test_no_file_of_a_bundle_holds_a_pickle(tiny_folder):
    for name in (GALLERY, MAPS):
        with np.load(tiny_folder / name, allow_pickle=False) as archive:
            assert all(archive[key].dtype.kind in "fu" for key in archive.files)


def test_codes_weights_and_maps_are_stored_in_sixteen_bits(tiny_folder):
    from safetensors.numpy import load_file

    stored = [*load_file(tiny_folder / WEIGHTS).values()]
    stored += [bundle.read_arrays(tiny_folder / GALLERY)[n] for n in ("codes", "logvar")]
    stored += bundle.read_arrays(tiny_folder / MAPS).values()
    assert {array.dtype for array in stored} == {np.dtype(np.float16)}


def test_arrays_come_back_as_they_went_in(tmp_path):
    arrays = {"a": np.arange(6, dtype=np.float16).reshape(2, 3), "b": np.array([1, 255], np.uint8)}
    bundle.write_arrays(tmp_path / "x.npz", arrays)
    back = bundle.read_arrays(tmp_path / "x.npz", ("a", "b"))
    assert set(back) == {"a", "b"}
    for name, array in arrays.items():
        np.testing.assert_array_equal(back[name], array)
        assert back[name].dtype == array.dtype


def test_arrays_that_would_need_a_pickle_are_not_written(tmp_path):
    with pytest.raises(ValueError, match="allow_pickle=False"):
        bundle.write_arrays(tmp_path / "x.npz", {"a": np.array([{}], object)})
    assert list(tmp_path.iterdir()) == []


def test_a_pickle_inside_an_npz_is_never_opened(tmp_path):
    class Bomb:
        def __reduce__(self):
            return pytest.fail, ("was unpickled",)

    (tmp_path / "x.npz").write_bytes(npz(codes=np.array([Bomb()], object)))
    with pytest.raises(InputError, match="x.npz is no .npz of plain arrays. Fetch it again"):
        bundle.read_arrays(tmp_path / "x.npz")


def test_a_missing_array_is_named_beside_those_that_are_there(tmp_path):
    bundle.write_arrays(tmp_path / "x.npz", {"b": np.ones(1), "a": np.ones(1)})
    with pytest.raises(InputError, match=r"x.npz: the array 'codes' is missing; it has \['a', 'b'"):
        bundle.read_arrays(tmp_path / "x.npz", ("a", "codes"))


def test_an_npz_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputError, match="nowhere.npz is missing. Fetch the bundle again"):
        bundle.read_arrays(tmp_path / "nowhere.npz")


def npy(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def locked(content: bytes) -> bytes:
    """A zip whose directory says that its entries are encrypted."""
    entry = content.index(b"PK\x01\x02") + 8
    return content[:entry] + bytes([content[entry] | 1]) + content[entry + 1 :]


def zipped_text() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("codes.npy", "no array")
    return file.getvalue()


WHOLE = npz(codes=np.linspace(0, 1, 2000, dtype=np.float32).reshape(-1, 4))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK",
        b"hello",
        WHOLE[: len(WHOLE) // 2],
        WHOLE[:-5],
        npy(np.ones((2, 4), np.float32)),
        locked(WHOLE),
        zipped_text(),
    ],
    ids=["empty", "two bytes", "text", "half", "no end", "an .npy", "encrypted", "zipped text"],
)
def test_what_is_no_npz_is_named(tmp_path, content):
    (tmp_path / "x.npz").write_bytes(content)
    with pytest.raises(InputError, match="x.npz is no .npz of plain arrays. Fetch it again"):
        bundle.read_arrays(tmp_path / "x.npz")


def test_no_damage_to_an_npz_is_more_than_a_message(tmp_path):
    rng = np.random.default_rng(0)
    path = tmp_path / "x.npz"
    refused = 0
    for _ in range(400):
        content = bytearray(WHOLE)
        for place in rng.integers(0, len(content), 3):
            content[place] = rng.integers(256)
        path.write_bytes(content)
        try:
            bundle.read_arrays(path, ("codes",))
        except InputError:
            refused += 1
    assert refused > 300


@pytest.mark.parametrize("name", SEALED)
def test_a_missing_file_is_named(own_folder, name):
    (own_folder / name).unlink()
    with pytest.raises(InputError, match=re.escape(f"{name} is missing. Fetch the bundle again.")):
        LatentSpace(own_folder)


@pytest.mark.parametrize("name", SEALED)
@pytest.mark.parametrize("damage", ["truncated", "altered", "emptied", "replaced"])
def test_a_truncated_or_altered_file_is_named(own_folder, ae_space, name, damage):
    path = own_folder / name
    content = bytearray(path.read_bytes())
    if damage == "altered":
        content[len(content) // 2] ^= 1
    elif damage == "replaced":
        content = bytearray((ae_space.folder / name).read_bytes()) + b" "
    else:
        content = content[: len(content) // 2 if damage == "truncated" else 0]
    path.write_bytes(content)
    message = f"{name} is not the file that config.json describes (sha256 differs)"
    with pytest.raises(InputError, match=re.escape(message)):
        LatentSpace(own_folder)


def test_a_missing_config_is_named(own_folder):
    (own_folder / CONFIG).unlink()
    with pytest.raises(InputError, match="config.json is missing. Fetch the bundle again"):
        LatentSpace(own_folder)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "config.json cannot be read as JSON"),
        (b'{"format": 1', "config.json cannot be read as JSON"),
        (b"\xff\xfe", "config.json cannot be read as JSON"),
        (b"[1, 2]", "config.json holds no JSON object"),
        (b"[" * 100_000, "config.json cannot be read as JSON"),
        (b"{}", "config.json: format is None, this version reads 1"),
    ],
)
def test_a_config_that_is_no_json_object_is_named(own_folder, text, message):
    (own_folder / CONFIG).write_bytes(text)
    with pytest.raises(InputError, match=message) as caught:
        LatentSpace(own_folder)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("format", 2, "format is 2, this version reads 1. Use the version of the app that wrote"),
        ("format", None, "format is None, this version reads 1"),
        ("format", "1", "format is '1', this version reads 1"),
        ("kind", "gan", "the field 'kind' is 'gan', not 'ae' or 'vae'"),
        ("latent_dim", 0, "the field 'latent_dim' is not between 1 and 1024"),
        ("latent_dim", -4, "the field 'latent_dim' is not between 1 and 1024"),
        ("latent_dim", 10**9, "the field 'latent_dim' is not between 1 and 1024"),
        ("latent_dim", "4", "the field 'latent_dim' is missing or no int"),
        ("image_shape", [28, 28], r"the field 'image_shape' is \[28, 28\], not three sizes"),
        ("image_shape", [1, 28, 0], "the field 'image_shape' is .* not three sizes"),
        ("image_shape", [1, 28, 28.0], "the field 'image_shape' is .* not three sizes"),
        ("image_shape", [1, 28, 10**6], "the field 'image_shape' is .* not three sizes"),
        ("image_shape", "1×28×28", "the field 'image_shape' is missing or no list"),
        ("files", [], "the field 'files' is missing or no dict"),
        ("files", {}, "the field 'files' has no proper '(weights.safetensors|gallery.npz)'"),
        ("voters", 0, "the field 'voters' is 0, not from 1 to 1000"),
        ("voting_units", "metres", "the field 'voting_units' is 'metres', not 'prior' or 'post"),
        ("taught_to_doubt", "no", "the field 'taught_to_doubt' is 'no', not true or false"),
        ("colour_numbers", 4, "the field 'colour_numbers' is 4, not from 0 to 3"),
        ("colour_numbers", True, "the field 'colour_numbers' is True, not from 0 to 3"),
        ("voters", "5", "the field 'voters' is '5', not from 1 to 1000"),
        ("metrics", None, "the field 'metrics' is missing or no dict"),
    ],
)
def test_a_wrong_field_of_the_config_is_named(own_folder, field, value, message):
    config = json.loads((own_folder / CONFIG).read_text("utf-8"))
    (own_folder / CONFIG).write_text(json.dumps({**config, field: value}), "utf-8")
    with pytest.raises(InputError, match=f"config.json: {message}"):
        LatentSpace(own_folder)


@pytest.mark.parametrize("field", bundle.FIELDS)
def test_a_missing_field_of_the_config_is_named(own_folder, field):
    config = json.loads((own_folder / CONFIG).read_text("utf-8"))
    del config[field]
    (own_folder / CONFIG).write_text(json.dumps(config), "utf-8")
    with pytest.raises(InputError, match=f"config.json: the field '{field}' is missing or no"):
        LatentSpace(own_folder)


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "sub/file"])
def test_a_config_cannot_point_outside_its_folder(own_folder, name):
    config = json.loads((own_folder / CONFIG).read_text("utf-8"))
    config["files"][name] = "0" * 64
    (own_folder / CONFIG).write_text(json.dumps(config), "utf-8")
    with pytest.raises(InputError, match=f"the field 'files' has no proper '{name}'"):
        LatentSpace(own_folder)


def test_writing_a_model_again_removes_the_maps_of_the_old_one(own_folder, tiny_space):
    config = bundle.read_config(own_folder)
    gallery = bundle.read_arrays(own_folder / GALLERY)
    bundle.write_bundle(own_folder, config, tiny_space.autoencoder, gallery)
    again = LatentSpace(own_folder)
    assert again.map_names == []
    assert {path.name for path in own_folder.iterdir()} == {CONFIG, WEIGHTS, GALLERY}
    np.testing.assert_array_equal(again.gallery.codes, tiny_space.gallery.codes)


def test_writing_a_model_that_fails_half_way_leaves_no_sealed_bundle(own_folder, tiny_space):
    config = bundle.read_config(own_folder)
    with pytest.raises(ValueError, match="allow_pickle=False"):
        bundle.write_bundle(
            own_folder, config, tiny_space.autoencoder, {"codes": np.array([{}], object)}
        )
    assert not (own_folder / CONFIG).exists()
    assert not [path for path in own_folder.iterdir() if path.name.startswith(".")]


def test_writing_maps_that_fails_half_way_leaves_a_bundle_that_loads(own_folder, monkeypatch):
    class PowerCutError(Exception):
        pass

    def cut(*_: object) -> None:
        raise PowerCutError

    arrays = {"umap2": np.zeros((300, 2), np.float16)}
    info = bundle.read_maps_info(own_folder)
    monkeypatch.setattr(bundle, "write_json", cut)
    with pytest.raises(PowerCutError):
        bundle.write_maps(own_folder, arrays, {"umap2": info["umap2"]})
    space = LatentSpace(own_folder)
    for name in space.map_names:
        assert len(space.map(name).xy) == 300


def test_maps_that_are_written_are_sealed_and_come_back(own_folder):
    xy = np.random.default_rng(0).standard_normal((300, 2)).astype(np.float16)
    info = {"umap2": {"method": "umap", "dims": 2, "seed": 0}}
    bundle.write_maps(own_folder, {"umap2": xy}, info)
    space = LatentSpace(own_folder)
    assert space.map_names == ["umap2"]
    np.testing.assert_array_equal(space.map("umap2").xy, xy.astype(np.float32))


def test_a_bundle_may_be_moved(tiny_folder, tmp_path, tiny_space):
    moved = LatentSpace(shutil.copytree(tiny_folder, tmp_path / "elsewhere"))
    z = tiny_space.gallery.codes[:3]
    np.testing.assert_array_equal(moved.decode(z), tiny_space.decode(z))
