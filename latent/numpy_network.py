"""A network run by NumPy, one value at a time, without torch.

Importing torch takes seconds, running a network of this size takes milliseconds: the first
image that somebody places would wait a thousand times longer for the library than for the
answer. And a value that goes through alone comes out the same to the last bit, whatever else
is being placed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from threadpoolctl import ThreadpoolController

from latent.runtime import PortableNetwork

Step = Callable[[np.ndarray], np.ndarray]


class NumpyNetwork:
    """A portable network, ready to be called.

    Args:
        network: as `latent.runtime.portable` reads it, at any precision.
    """

    def __init__(self, network: PortableNetwork) -> None:
        weights = network.weights.astype(np.float32)
        self._shape = tuple(network.layers[0]["in"]) if network.layers else ()
        self._steps = [MADE[layer["kind"]](layer, weights) for layer in network.layers]

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Run values through, one by one.

        Args:
            values: shape (B, ...), as the first layer takes them.

        Returns:
            Shape (B, ...), float32.
        """
        with on_one_core():
            rows = [self._run(value) for value in values]
        return np.stack(rows) if rows else self._run(np.zeros(self._shape, np.float32))[None][:0]

    def steps(self, value: np.ndarray) -> list[np.ndarray]:
        """What a value is after each layer, the result at last."""
        found = []
        with on_one_core():
            value = np.array(value, np.float32)
            for step in self._steps:
                value = step(value)
                found.append(value)
        return found

    def _run(self, value: np.ndarray) -> np.ndarray:
        value = np.array(value, np.float32)  # a copy of one layout, wherever it came from
        for step in self._steps:
            value = step(value)
        return value


_one_core = threading.Lock()


@contextmanager
def on_one_core() -> Iterator[None]:
    """Let NumPy multiply on one core: threads for so little wait longer than they work.

    On a machine whose cores are busy a network takes five times as long otherwise. What
    others multiply meanwhile is on one core, too.
    """
    with _one_core, _blas().limit(limits=1, user_api="blas"):
        yield


@cache
def _blas() -> ThreadpoolController:
    return ThreadpoolController()


def _linear(layer: dict[str, Any], weights: np.ndarray) -> Step:
    matrix = _tensor(weights, layer["weight"], (*layer["out"], *layer["in"]))
    bias = _tensor(weights, layer["bias"], tuple(layer["out"]))
    return lambda x: matrix @ x + bias


def _conv(layer: dict[str, Any], weights: np.ndarray) -> Step:
    channels, kernel, stride, padding = (
        layer["in"][0], layer["kernel"], layer["stride"], layer["padding"],
    )  # fmt: skip
    outputs = layer["out"][0]
    matrix = _tensor(weights, layer["weight"], (outputs, channels * kernel**2))
    bias = _tensor(weights, layer["bias"], (outputs, 1))

    def run(x: np.ndarray) -> np.ndarray:
        x = np.pad(x, ((0, 0), (padding, padding), (padding, padding)))
        windows = sliding_window_view(x, (kernel, kernel), (1, 2))[:, ::stride, ::stride]
        columns = windows.transpose(0, 3, 4, 1, 2).reshape(channels * kernel**2, -1)
        return (matrix @ columns + bias).reshape(layer["out"])

    return run


def _conv_transpose(layer: dict[str, Any], weights: np.ndarray) -> Step:
    channels, height, width = layer["in"]
    kernel, stride, padding = layer["kernel"], layer["stride"], layer["padding"]
    outputs, high, wide = layer["out"]
    matrix = _tensor(weights, layer["weight"], (channels, outputs * kernel**2)).T.copy()
    bias = _tensor(weights, layer["bias"], (outputs, 1, 1))

    def run(x: np.ndarray) -> np.ndarray:
        spread = (matrix @ x.reshape(channels, -1)).reshape(outputs, kernel, kernel, height, width)
        out = np.zeros((outputs, high + 2 * padding, wide + 2 * padding), np.float32)
        for i in range(kernel):
            for j in range(kernel):
                rows = slice(i, i + stride * height, stride)
                out[:, rows, j : j + stride * width : stride] += spread[:, i, j]
        return out[:, padding : padding + high, padding : padding + wide] + bias

    return run


def _pixel_shuffle(layer: dict[str, Any], weights: np.ndarray) -> Step:
    (_, height, width), factor = layer["in"], layer["factor"]

    def run(x: np.ndarray) -> np.ndarray:
        cells = x.reshape(-1, factor, factor, height, width).transpose(0, 3, 1, 4, 2)
        return cells.reshape(layer["out"])

    return run


def _reshaped(layer: dict[str, Any], weights: np.ndarray) -> Step:
    return lambda x: x.reshape(layer["out"])


def silu(x: np.ndarray) -> np.ndarray:
    """x times its sigmoid, of any shape."""
    return x * _sigmoid_of(x)


def _sigmoid_of(x: np.ndarray) -> np.ndarray:
    return (np.tanh(x / 2) + 1) / 2  # of large numbers, too, without an overflow


MADE: dict[str, Callable[[dict[str, Any], np.ndarray], Step]] = {
    "linear": _linear,
    "conv": _conv,
    "conv_transpose": _conv_transpose,
    "pixel_shuffle": _pixel_shuffle,
    "flatten": _reshaped,
    "unflatten": _reshaped,
    "relu": lambda layer, weights: lambda x: np.maximum(x, 0),
    "silu": lambda layer, weights: silu,
    "sigmoid": lambda layer, weights: _sigmoid_of,
}


def _tensor(weights: np.ndarray, start: int, shape: tuple[int, ...]) -> np.ndarray:
    """A tensor at an offset, in memory of its own."""
    return weights[start : start + int(np.prod(shape))].reshape(shape).copy()
