"""Batch normalisation while a network is trained, and none of it in what is shipped.

A layer list knows no normalisation, so that every runtime can execute it. In training it pays: more
is learned in the same time. Afterwards what it does to each channel is a factor and a shift, which
the convolution before it takes over.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from latent.autoencoder import Layer, build

MEASURED_ON = 20  # batches of training images are enough for `measure`


def normalised(layers: Sequence[Layer]) -> nn.Sequential:
    """The network of a layer list, with a batch normalisation behind each convolution.

    Source: Ioffe and Szegedy 2015, arXiv:1502.03167.
    """
    modules: list[nn.Module] = []
    for layer in build(layers):
        modules.append(layer)
        if isinstance(layer, nn.Conv2d):
            modules.append(nn.BatchNorm2d(layer.out_channels))
    return nn.Sequential(*modules)


@torch.no_grad()
def measure(network: nn.Sequential, batches: Iterable[Tensor]) -> None:
    """Set means and variances of every normalisation to those of these batches.

    Averaged weights give other activations than those they are averages of, so that statistics
    that were kept in training are not theirs.

    Args:
        network: of `normalised`; is in evaluation mode afterwards.
        batches: images as in training, each (B, C, H, W).
    """
    for layer in network:
        if isinstance(layer, nn.BatchNorm2d):
            layer.reset_running_stats()
            layer.momentum = None  # a plain mean over batches
    network.train()
    for x in batches:
        network(x)
    network.eval()


def folded(network: nn.Sequential) -> nn.Sequential:
    """A network of plain layers that gives the same as one of `normalised` does in evaluation."""
    modules: list[nn.Module] = []
    for layer in network:
        before = modules[-1] if modules else None
        if isinstance(layer, nn.BatchNorm2d) and isinstance(before, nn.Conv2d):
            modules[-1] = fuse_conv_bn_eval(before.eval(), layer.eval())
        else:
            modules.append(layer)
    return nn.Sequential(*modules).eval()
