"""A network as a list of layers with shapes and one block of weights.

Another runtime, such as the one in the browser, needs no more than this to run it.
Reading it imports no torch, so a page can open before anything heavy is loaded.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file

from latent import bundle
from latent.errors import InputError

Shape = tuple[int, ...]
FRAME = 8_000_000  # multiply-adds that a browser does within a frame, with room to spare


class NotPortableError(InputError):
    """The network is right, but another runtime cannot run it, or not within a frame."""


@dataclass(frozen=True)
class PortableNetwork:
    """One network of a bundle, ready to be run elsewhere.

    Args:
        layers: one dictionary a layer: "kind", "in" and "out" shapes, and what its kind
            needs: "kernel", "stride" and "padding", or "factor"; "weight" and "bias" are
            offsets into `weights`. Tensors lie as torch keeps them, row by row.
        weights: shape (number of weights,), in the precision that was asked for.
        multiply_adds: of one forward pass.
    """

    layers: list[dict[str, Any]]
    weights: np.ndarray
    multiply_adds: int


def portable(
    folder: Path, part: str, limit: int | None = FRAME, precision: type = np.float16
) -> PortableNetwork:
    """Read the encoder or the decoder of a bundle.

    Args:
        folder: the bundle.
        part: "encoder" or "decoder".
        limit: most multiply-adds a forward pass may take; None for any number.
        precision: of the weights.

    Raises:
        InputError: the weights are missing, damaged, or do not fit the layers.
        NotPortableError: a layer kind outside `KINDS`, or more work than `limit`.
    """
    config = bundle.read_config(folder, kinds=bundle.ENCODING)
    try:
        tensors = load_file(folder / bundle.WEIGHTS)
    except (OSError, SafetensorError) as error:
        raise InputError(f"{folder / bundle.WEIGHTS} cannot be read: {error}.") from error
    shape: Shape = (config["latent_dim"],) if part == "decoder" else tuple(config["image_shape"])
    layers: list[dict[str, Any]] = []
    blocks: list[np.ndarray] = []
    work = 0
    for number, (kind, *arguments) in enumerate(config["architecture"][part]):
        name = f"layer {number} of the {part} ({kind})"
        if kind not in KINDS:
            raise NotPortableError(f"{name} is none of: {', '.join(KINDS)}.")
        layer = {"kind": kind, "in": list(shape), **_described(kind, arguments, shape, name)}
        for tensor, needed in _tensors(layer).items():
            values = tensors.get(f"{part}.{number}.{tensor}")
            if values is None or values.shape != needed:
                found = "nothing" if values is None else values.shape
                raise InputError(
                    f"{folder / bundle.WEIGHTS}: the {tensor} of {name} needs shape {needed}; "
                    f"got {found}. Fetch the bundle again."
                )
            layer[tensor] = sum(block.size for block in blocks)
            blocks.append(values.astype(precision).ravel())
        work += _work(layer)
        layers.append(layer)
        shape = tuple(layer["out"])
    if limit is not None and work > limit:
        raise NotPortableError(f"The {part} takes {work:,} multiply-adds, more than {limit:,}.")
    weights = np.concatenate(blocks) if blocks else np.empty(0, precision)
    return PortableNetwork(layers, weights, work)


KINDS = (
    "linear", "conv", "conv_transpose", "pixel_shuffle", "flatten", "unflatten",
    "relu", "silu", "sigmoid",
)  # fmt: skip


def _described(kind: str, arguments: list[int], shape: Shape, name: str) -> dict[str, Any]:
    """The output's shape and the numbers that the layer needs."""
    try:
        if kind == "linear":
            inputs, outputs = arguments
            _fits(shape == (inputs,))
            return {"out": [outputs]}
        if kind in ("conv", "conv_transpose"):
            return _convolution(kind, arguments, shape)
        if kind == "pixel_shuffle":
            (factor,), (channels, height, width) = arguments, shape
            _fits(channels % factor**2 == 0)
            out = [channels // factor**2, height * factor, width * factor]
            return {"out": out, "factor": factor}
        if kind == "unflatten":
            _fits(len(shape) == 1 and prod(arguments) == shape[0])
            return {"out": list(arguments)}
    except NotPortableError:  # also a ValueError
        raise
    except ValueError as error:
        raise InputError(f"{name} does not take {arguments} on {shape}.") from error
    return {"out": [prod(shape)] if kind == "flatten" else list(shape)}


def _convolution(kind: str, arguments: list[int], shape: Shape) -> dict[str, Any]:
    if len(arguments) > 5:
        raise NotPortableError(f"{kind} with more than a stride and a padding: {arguments}.")
    inputs, outputs, kernel, stride, padding = [*arguments, 1, 0][:5] if len(
        arguments) == 3 else [*arguments, 0][:5]  # fmt: skip
    channels, *sizes = shape
    _fits(channels == inputs and len(sizes) == 2)
    if kind == "conv":
        sizes = [(size + 2 * padding - kernel) // stride + 1 for size in sizes]
    else:
        sizes = [(size - 1) * stride - 2 * padding + kernel for size in sizes]
    _fits(min(sizes) > 0)
    return {"out": [outputs, *sizes], "kernel": kernel, "stride": stride, "padding": padding}


def _fits(condition: bool) -> None:
    if not condition:
        raise ValueError


def _tensors(layer: dict[str, Any]) -> dict[str, Shape]:
    """Shapes of the weight and the bias; empty where a layer learns nothing."""
    inputs, outputs = layer["in"][0], layer["out"][0]
    if layer["kind"] == "linear":
        return {"weight": (outputs, inputs), "bias": (outputs,)}
    if layer["kind"] == "conv":
        return {"weight": (outputs, inputs, *[layer["kernel"]] * 2), "bias": (outputs,)}
    if layer["kind"] == "conv_transpose":
        return {"weight": (inputs, outputs, *[layer["kernel"]] * 2), "bias": (outputs,)}
    return {}


def _work(layer: dict[str, Any]) -> int:
    shapes = _tensors(layer)
    if not shapes:
        return 0
    weights = prod(shapes["weight"])
    if layer["kind"] == "conv":
        return weights * prod(layer["out"][1:])
    return weights * prod(layer["in"][1:])
