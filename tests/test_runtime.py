"""The exported network, against the one that torch runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from latent import InputError, LatentSpace
from latent.autoencoder import multiply_adds
from latent.runtime import NotPortableError, portable


@pytest.mark.parametrize("part", ["encoder", "decoder"])
def test_shapes_weights_and_work_are_those_of_the_network(
    tiny_space: LatentSpace, part: str
) -> None:
    exported = portable(tiny_space.folder, part)
    network = getattr(tiny_space.autoencoder, part)
    first = tuple(exported.layers[0]["in"])
    assert exported.multiply_adds == multiply_adds(network, first)
    assert exported.weights.size == sum(p.numel() for p in network.parameters())
    assert exported.weights.dtype == np.float16
    ends = [layer["out"] for layer in exported.layers]
    assert ends[-1] == ([8] if part == "encoder" else [1, 28, 28])
    for layer, following in zip(exported.layers, exported.layers[1:], strict=False):
        assert layer["out"] == following["in"]


def test_offsets_point_at_the_tensors(tiny_space: LatentSpace) -> None:
    exported = portable(tiny_space.folder, "decoder")
    for layer, module in zip(exported.layers, tiny_space.autoencoder.decoder, strict=True):
        for name in ("weight", "bias"):
            if name in layer:
                values = getattr(module, name).detach().numpy().ravel()
                start = layer[name]
                assert np.array_equal(exported.weights[start : start + values.size], values)


def test_a_model_too_large_for_a_frame_is_not_portable(tiny_folder: Path) -> None:
    with pytest.raises(NotPortableError, match="more than 1,000"):
        portable(tiny_folder, "decoder", limit=1000)


def test_an_unknown_layer_is_not_portable(own_folder: Path, alter: Callable[..., None]) -> None:
    layers = LatentSpace(own_folder).config["architecture"]
    changed = {**layers, "decoder": [*layers["decoder"], ["attention", 4]]}
    alter(own_folder, config={"architecture": changed})
    with pytest.raises(NotPortableError, match="attention"):
        portable(own_folder, "decoder")


def test_layers_that_do_not_fit_are_named(own_folder: Path, alter: Callable[..., None]) -> None:
    layers = LatentSpace(own_folder).config["architecture"]
    changed = {**layers, "decoder": [["linear", 5, 24], *layers["decoder"][1:]]}
    alter(own_folder, config={"architecture": changed})
    with pytest.raises(InputError, match=r"layer 0 of the decoder \(linear\)"):
        portable(own_folder, "decoder")
