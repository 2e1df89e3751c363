"""Batch normalisation in training, and its folding into plain layers."""

from __future__ import annotations

import torch
from torch import nn

from latent.autoencoder import Layer
from latent.normalising import folded, measure, normalised

LAYERS: tuple[Layer, ...] = (
    ("conv", 3, 5, 4, 2, 1), ("silu",), ("conv", 5, 7, 3, 1, 1), ("silu",),
    ("flatten",), ("linear", 7 * 8 * 8, 4),
)  # fmt: skip


def trained() -> nn.Sequential:
    """A network whose normalisations do something."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = normalised(LAYERS)
        for layer in network:
            if isinstance(layer, nn.BatchNorm2d):
                nn.init.uniform_(layer.weight, 0.5, 2)
                nn.init.uniform_(layer.bias, -1, 1)
                layer.running_mean.uniform_(-1, 1)
                layer.running_var.uniform_(0.2, 3)
    return network.eval()


def test_a_normalisation_stands_behind_every_convolution():
    kinds = [type(layer) for layer in normalised(LAYERS)]
    once = [nn.Conv2d, nn.BatchNorm2d, nn.SiLU]
    assert kinds == [*once, *once, nn.Flatten, nn.Linear]


def test_folded_layers_give_the_same_and_hold_no_normalisation():
    network = trained()
    x = torch.rand(6, 3, 16, 16, generator=torch.Generator().manual_seed(1))
    before = network(x).detach()
    plain = folded(network)
    assert [type(layer) for layer in plain] == [
        nn.Conv2d, nn.SiLU, nn.Conv2d, nn.SiLU, nn.Flatten, nn.Linear,
    ]  # fmt: skip
    torch.testing.assert_close(plain(x).detach(), before, rtol=1e-4, atol=1e-5)
    # the names of the weights are those of the layer list: 0, 2, 5
    assert {key.split(".")[0] for key in plain.state_dict()} == {"0", "2", "5"}


def test_statistics_are_measured_on_what_the_layers_give_now():
    network = trained()
    batches = [
        torch.rand(50, 3, 16, 16, generator=torch.Generator().manual_seed(i)) for i in (1, 2)
    ]
    measure(network, batches)
    first, norm = network[0], network[1]
    assert isinstance(norm, nn.BatchNorm2d)
    given = torch.stack([first(x).detach().transpose(0, 1).flatten(1) for x in batches])
    torch.testing.assert_close(norm.running_mean, given.mean((0, 2)), rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(norm.running_var, given.var(2).mean(0), rtol=1e-3, atol=1e-5)
    assert not norm.training
