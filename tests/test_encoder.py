"""The encoder of a bundle by itself, against the whole model."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file, save_file

from latent import InputError, LatentSpace, bundle
from latent.encoder import Encoder


def test_it_gives_the_codes_that_the_model_gives(tiny_space: LatentSpace) -> None:
    x = np.random.default_rng(0).random((3, *tiny_space.image_shape), np.float32)
    encoder = Encoder(tiny_space.folder)
    np.testing.assert_array_equal(encoder.encode(x), tiny_space.encode(x))
    np.testing.assert_allclose(encoder.many(x), tiny_space.encode(x), atol=1e-5)
    codes = tiny_space.encode(x)
    np.testing.assert_allclose(encoder.decode(codes), tiny_space.decode(codes), atol=1e-6)


def test_its_layers_lead_to_the_code(tiny_space: LatentSpace) -> None:
    x = np.random.default_rng(1).random((1, *tiny_space.image_shape), np.float32)
    encoder = Encoder(tiny_space.folder)
    steps = encoder.steps(x[0])
    assert len(steps) == len(tiny_space.config["architecture"]["encoder"])
    np.testing.assert_allclose(
        steps[-1][: tiny_space.latent_dim], tiny_space.encode(x)[0], atol=1e-5
    )
    for depth in range(1, len(steps) + 1):
        np.testing.assert_allclose(encoder.many(x, depth)[0], steps[depth - 1].ravel(), atol=1e-4)


def test_images_of_another_shape_are_refused(tiny_space: LatentSpace) -> None:
    with pytest.raises(InputError, match="needs images of shape"):
        Encoder(tiny_space.folder).encode(np.zeros((1, 3, 5, 5), np.float32))


def test_a_name_that_nothing_has_is_refused() -> None:
    with pytest.raises(InputError, match="Unknown model 'nothing'"):
        Encoder.named("nothing")


def test_an_altered_file_is_refused(tiny_space: LatentSpace, tmp_path: Path) -> None:
    folder = tmp_path / "own"
    shutil.copytree(tiny_space.folder, folder)
    with (folder / bundle.WEIGHTS).open("ab") as file:
        file.write(b"!")
    with pytest.raises(InputError, match="sha256 differs"):
        Encoder(folder)


def test_codes_learned_by_contrast_are_two_parts_of_fixed_length(
    tiny_space: LatentSpace, tmp_path: Path
) -> None:
    folder = tmp_path / "own"
    shutil.copytree(tiny_space.folder, folder)
    rng = np.random.default_rng(2)
    tensors = load_file(folder / bundle.WEIGHTS)
    config = bundle.read_config(folder)
    width = config["latent_dim"] * (2 if config["kind"] == "vae" else 1)
    tensors |= {
        "head.1.weight": rng.standard_normal((3, width)).astype(np.float16),
        "head.1.bias": rng.standard_normal(3).astype(np.float16),
    }
    save_file(tensors, folder / bundle.WEIGHTS)
    config |= {"kind": bundle.CONTRAST, "latent_dim": width + 3, "head_weight": 0.5}
    config["architecture"] |= {"decoder": [], "head": [["silu"], ["linear", width, 3]]}
    bundle.seal(folder, config)
    encoder = Encoder(folder)
    x = rng.random((4, *tiny_space.image_shape), np.float32)
    codes = encoder.encode(x)
    first = tiny_space.autoencoder.encoder(torch.from_numpy(x)).detach().numpy()
    head = (first / (1 + np.exp(-first))) @ tensors["head.1.weight"].T.astype(float)
    head += tensors["head.1.bias"]
    for part, raw, length in ((codes[:, :width], first, 1), (codes[:, width:], head, 0.5)):
        expected = length * raw / np.linalg.norm(raw, axis=1, keepdims=True)
        np.testing.assert_allclose(part, expected, atol=1e-4)
    np.testing.assert_allclose(encoder.many(x), codes, atol=1e-5)
    np.testing.assert_allclose(encoder.finished(3 * codes), codes, atol=1e-6)
    np.testing.assert_array_equal(encoder.encode(x[:1])[0], codes[0])
    assert encoder.decode(codes) is None
    assert bundle.is_auxiliary(folder)


def by_contrast(space: LatentSpace, folder: Path, **more: object) -> Encoder:
    """The encoder of a model as one that was taught by contrast, without a head."""
    shutil.copytree(space.folder, folder)
    config = bundle.read_config(folder)
    width = config["latent_dim"] * (2 if config["kind"] == "vae" else 1)
    config |= {"kind": bundle.CONTRAST, "latent_dim": width, **more}
    config["architecture"]["decoder"] = []
    bundle.seal(folder, config)
    return Encoder(folder)


def test_without_a_head_codes_have_length_one_and_a_mirror_changes_nothing(
    tiny_space: LatentSpace, tmp_path: Path
) -> None:
    encoder = by_contrast(tiny_space, tmp_path / "own", averaged_over="sides")
    x = np.random.default_rng(3).random((4, *tiny_space.image_shape), np.float32)
    network = tiny_space.autoencoder.encoder
    sides = [network(torch.from_numpy(side.copy())).detach().numpy() for side in (x, x[..., ::-1])]
    expected = sides[0] + sides[1]
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    codes = encoder.encode(x)
    np.testing.assert_allclose(codes, expected, atol=1e-5)
    np.testing.assert_array_equal(encoder.encode(x[..., ::-1]), codes)
    np.testing.assert_allclose(encoder.many(x), codes, atol=1e-5)
    np.testing.assert_allclose(encoder.finished(3 * codes), codes, atol=1e-6)


def test_a_code_may_be_the_mean_over_places_and_says_so_in_its_fingerprint(
    tiny_space: LatentSpace, tmp_path: Path
) -> None:
    alone = by_contrast(tiny_space, tmp_path / "alone")
    encoder = by_contrast(tiny_space, tmp_path / "own", averaged_over="places")
    x = np.random.default_rng(3).random((4, *tiny_space.image_shape), np.float32)
    x[:, :, [0, -1]] = x[:, :, :, [0, -1]] = 0  # so that rolling moves nothing to the other side
    moved = [x, *(np.roll(x, step, axis) for step in (1, -1) for axis in (2, 3))]
    network = tiny_space.autoencoder.encoder
    expected = sum(network(torch.from_numpy(each)).detach().numpy() for each in moved)
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    np.testing.assert_allclose(encoder.encode(x), expected, atol=1e-5)
    np.testing.assert_allclose(encoder.many(x), expected, atol=1e-5)
    assert np.abs(encoder.encode(x) - alone.encode(x)).max() > 1e-3
    assert alone.fingerprint == alone.config["files"][bundle.WEIGHTS]
    assert encoder.fingerprint != alone.fingerprint  # codes kept by the one do not serve the other


@pytest.mark.parametrize("over", ["the moon", 3, None, ["sides"]])
def test_a_mean_over_what_nobody_knows_is_refused(
    tiny_space: LatentSpace, tmp_path: Path, over: object
) -> None:
    with pytest.raises(InputError, match="config.json: the field 'averaged_over' is .*, not one"):
        by_contrast(tiny_space, tmp_path / "own", averaged_over=over)
