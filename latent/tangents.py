"""A decoder with its derivative: how each pixel answers to each number of a code.

Tangents run forward through the layers beside the values, all numbers of all codes in one
batch. With few numbers and many pixels that is far cheaper than going backwards from each
pixel, and one pass gives the whole Jacobian.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from latent.autoencoder import Autoencoder


@torch.inference_mode()
def decode_with_tangents(network: Autoencoder, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Images of codes, and their derivatives.

    Args:
        network: whose decoder is made of `latent.autoencoder.LAYERS`.
        z: codes, shape (B, latent_dim).

    Returns:
        Images, shape (B, P) with P = C·H·W, float32 in [0, 1], and Jacobians, shape
        (B, latent_dim, P): the change of each pixel for one unit of each number.
    """
    values = torch.from_numpy(np.ascontiguousarray(z, np.float32))
    count, dims = values.shape
    tangents = torch.eye(dims).expand(count, dims, dims).reshape(count * dims, dims)
    for layer in network.decoder:
        out = layer(values)
        slope = _slope(layer, values, out)
        if slope is None:
            tangents = _linear_part(layer, tangents)
        else:
            apart = tangents.view(count, dims, *slope.shape[1:])
            tangents = (apart * slope[:, None]).view(tangents.shape)
        values = out
    return values.view(count, -1).numpy(), tangents.reshape(count, dims, -1).numpy()


def _slope(layer: nn.Module, x: Tensor, y: Tensor) -> Tensor | None:
    """Derivative of an activation at its input; None for a linear layer."""
    if isinstance(layer, nn.ReLU):
        return (x > 0).to(x.dtype)
    if isinstance(layer, nn.SiLU):
        gate = torch.sigmoid(x)
        return gate * (1 + x * (1 - gate))
    if isinstance(layer, nn.Sigmoid):
        return y * (1 - y)
    return None


def _linear_part(layer: nn.Module, tangents: Tensor) -> Tensor:
    """A linear layer without its bias, which no derivative knows."""
    if isinstance(layer, nn.Linear):
        return functional.linear(tangents, layer.weight)
    if isinstance(layer, nn.Conv2d):
        return functional.conv2d(
            tangents, layer.weight, None, layer.stride, layer.padding, layer.dilation, layer.groups
        )
    if isinstance(layer, nn.ConvTranspose2d):
        assert not isinstance(layer.padding, str)  # only a plain convolution takes a word
        return functional.conv_transpose2d(
            tangents, layer.weight, None, layer.stride, layer.padding, layer.output_padding,
            layer.groups, layer.dilation,
        )  # fmt: skip
    return layer(tangents)  # only moves values to other places
