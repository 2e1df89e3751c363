"""The network that NumPy runs, against the one that torch runs."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from latent import InputError, LatentSpace, bundle
from latent.autoencoder import build
from latent.numpy_network import MADE, NumpyNetwork
from latent.runtime import KINDS, portable

# every kind of layer, sizes that do not divide, strides with and without padding
NETWORKS = {
    "strides": [("conv", 2, 5, 3, 2, 1), ("relu",), ("conv", 5, 4, 4, 3), ("silu",), ("flatten",)],
    "upwards": [
        ("linear", 6, 48), ("silu",), ("unflatten", 3, 4, 4), ("conv_transpose", 3, 8, 5, 3, 2),
        ("relu",), ("pixel_shuffle", 2), ("conv_transpose", 2, 1, 3), ("sigmoid",),
    ],
}  # fmt: skip
SHAPES = {"strides": (2, 17, 23), "upwards": (6,)}


@pytest.mark.parametrize("name", NETWORKS)
def test_every_layer_does_what_torch_does(name: str, own_folder: Path) -> None:
    layers, shape = NETWORKS[name], SHAPES[name]
    torch.manual_seed(0)
    network = build(layers)
    part = "decoder" if len(shape) == 1 else "encoder"
    _write(own_folder, part, layers, shape, network)
    ours = NumpyNetwork(portable(own_folder, part, limit=None, precision=np.float32))
    values = np.random.default_rng(1).standard_normal((7, *shape)).astype(np.float32) * 20
    theirs = network(torch.from_numpy(values)).detach().numpy()
    np.testing.assert_allclose(ours(values), theirs, rtol=1e-5, atol=1e-5)


def test_no_kind_of_layer_was_forgotten() -> None:
    assert set(MADE) == set(KINDS)
    assert {kind for layers in NETWORKS.values() for kind, *_ in layers} == set(KINDS)


def test_codes_and_pictures_are_those_of_torch(tiny_space: LatentSpace) -> None:
    images = np.random.default_rng(2).random((9, 1, 28, 28), np.float32)
    codes = tiny_space.encode(images)
    assert codes.dtype == np.float32
    np.testing.assert_allclose(codes, tiny_space.autoencoder.encode(images)[0], rtol=0, atol=1e-4)
    np.testing.assert_allclose(
        tiny_space.decode_each(codes), tiny_space.decode(codes), rtol=0, atol=1e-6
    )
    assert tiny_space.encode(images[:0]).shape == (0, tiny_space.latent_dim)


def test_bits_are_the_same_alone_among_others_and_while_others_compute(
    tiny_space: LatentSpace,
) -> None:
    images = np.random.default_rng(3).random((40, 1, 28, 28), np.float32)
    together = tiny_space.encode(images)
    alone = np.concatenate([tiny_space.encode(image[None]) for image in images])
    with ThreadPoolExecutor(8) as pool:
        crowded = list(pool.map(lambda i: tiny_space.encode(images[i % 40, None])[0], range(400)))
    assert np.array_equal(together, alone)
    assert all(np.array_equal(code, together[i % 40]) for i, code in enumerate(crowded))


def test_layers_that_only_torch_runs_are_left_to_it(
    own_folder: Path, alter: Callable[..., None]
) -> None:
    layers = LatentSpace(own_folder).config["architecture"]
    # a dilation of 1 changes nothing, but no other runtime knows it
    first = [*layers["encoder"][0][:4], *[*layers["encoder"][0][4:], 1, 0][:2], 1]
    alter(
        own_folder, config={"architecture": {**layers, "encoder": [first, *layers["encoder"][1:]]}}
    )
    space = LatentSpace(own_folder)
    image = np.random.default_rng(4).random((1, 1, 28, 28), np.float32)
    both = np.concatenate(space.posterior(image), axis=1)
    assert np.array_equal(both, space.autoencoder.encode_each(image))
    assert np.array_equal(space.encode(image), both[:, : space.latent_dim])


def test_weights_that_do_not_fit_are_named(own_folder: Path, alter: Callable[..., None]) -> None:
    layers = LatentSpace(own_folder).config["architecture"]
    wrong = [*layers["encoder"][:-1], ["linear", 5, 8]]
    alter(own_folder, config={"architecture": {**layers, "encoder": wrong}})
    with pytest.raises(InputError, match=r"of the encoder \(linear\)"):
        LatentSpace(own_folder).encode(np.zeros((1, 1, 28, 28), np.float32))


def test_an_image_is_placed_without_torch(tiny_folder: Path) -> None:
    program = (
        "import sys, numpy as np; from pathlib import Path; from latent.space import LatentSpace; "
        "LatentSpace(Path(sys.argv[1])).place(np.zeros((1, 28, 28), np.float32)); "
        "sys.exit('torch' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program, str(tiny_folder)], check=True)


def _write(
    folder: Path,
    part: str,
    layers: list[tuple[object, ...]],
    shape: tuple[int, ...],
    network: torch.nn.Module,
) -> None:
    """Put one network into a bundle, as far as `portable` reads it."""
    from tests.conftest import alter_bundle

    config = bundle.read_config(folder)
    described = {**config["architecture"], part: [list(layer) for layer in layers]}
    sizes = {"latent_dim": shape[0]} if part == "decoder" else {"image_shape": list(shape)}
    tensors = {f"{part}.{name}": value for name, value in network.state_dict().items()}
    save_file(tensors, folder / bundle.WEIGHTS)
    alter_bundle(folder, config={"architecture": described, **sizes})
