"""The network: an encoder and a decoder, each a plain list of layers.

An architecture is data, not code: it stands in a bundle's `config.json`, so a
model of one's own needs no Python, and other runtimes can execute the same list.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from latent.gallery import LOGVAR

BATCH = 512

Layer = tuple[Any, ...]  # (kind, *arguments), e.g. ("conv", 1, 32, 4, 2, 1)

LAYERS: dict[str, Callable[..., nn.Module]] = {
    "linear": nn.Linear,
    "conv": nn.Conv2d,
    "conv_transpose": nn.ConvTranspose2d,
    "pixel_shuffle": nn.PixelShuffle,
    "flatten": nn.Flatten,
    "unflatten": lambda *shape: nn.Unflatten(1, shape),
    "relu": nn.ReLU,
    "silu": nn.SiLU,
    "sigmoid": nn.Sigmoid,
}


def halved(channels: int, to: int) -> tuple[Layer, ...]:
    """A convolution that halves height and width, and a SiLU."""
    return ("conv", channels, to, 4, 2, 1), ("silu",)


def kept(channels: int, to: int) -> tuple[Layer, ...]:
    """A convolution that keeps height and width, and a SiLU."""
    return ("conv", channels, to, 3, 1, 1), ("silu",)


@dataclass(frozen=True)
class Architecture:
    """What a network looks like.

    Args:
        kind: "ae" or "vae"; the encoder of a vae ends in 2 × latent_dim numbers,
            mu and logvar side by side.
        image_shape: (channels, height, width).
        latent_dim: numbers in a code.
        encoder: layers from image to code.
        decoder: layers from code to image; the last one is a sigmoid.
    """

    kind: str
    image_shape: tuple[int, int, int]
    latent_dim: int
    encoder: tuple[Layer, ...]
    decoder: tuple[Layer, ...]

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Architecture:
        """Read the architecture out of a bundle's `config.json`."""
        layers = config["architecture"]
        return cls(
            kind=config["kind"],
            image_shape=tuple(config["image_shape"]),
            latent_dim=config["latent_dim"],
            encoder=tuple(map(tuple, layers["encoder"])),
            decoder=tuple(map(tuple, layers["decoder"])),
        )


class Autoencoder(nn.Module):
    """Encode images into codes and decode codes into images.

    `encode` and `decode` speak NumPy and are what the rest of the core uses;
    `posterior` and `logits` speak tensors and are for training.
    """

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        self.architecture = architecture
        self.encoder = build(architecture.encoder)
        self.decoder = build(architecture.decoder)
        self._check_shapes()

    def _check_shapes(self) -> None:
        """Run one zero image through, so that a wrong layer list fails at once.

        Raises:
            ValueError: the layers do not fit the image shape or `latent_dim`.
        """
        arch = self.architecture
        width = arch.latent_dim * (2 if arch.kind == "vae" else 1)
        try:
            with torch.no_grad():
                code = self.encoder(torch.zeros(1, *arch.image_shape))
                image = self.decoder(torch.zeros(1, arch.latent_dim))
        except RuntimeError as error:
            first_line = str(error).splitlines()[0]
            raise ValueError(f"the layers do not fit each other: {first_line}") from error
        if code.shape != (1, width):
            raise ValueError(f"the encoder gives {tuple(code.shape[1:])}, not {width} numbers")
        if image.shape[1:] != arch.image_shape:
            raise ValueError(f"the decoder gives {tuple(image.shape[1:])}, not {arch.image_shape}")

    def posterior(self, x: Tensor) -> tuple[Tensor, Tensor | None]:
        """Mean and log-variance of q(z|x), each (B, latent_dim); no logvar for an ae."""
        out = self.encoder(x)
        if self.architecture.kind == "ae":
            return out, None
        mu, logvar = out.chunk(2, dim=1)
        return mu, logvar.clamp(*LOGVAR)

    def logits(self, z: Tensor) -> Tensor:
        """Image before the final sigmoid, (B, C, H, W): cross-entropy is stable on it."""
        return self.decoder[:-1](z)

    @torch.no_grad()
    def standardize(self, mu: np.ndarray, logvar: np.ndarray) -> None:
        """Shift and scale every number of a vae's code so that it follows the prior N(0, 1).

        What the last layer of the encoder gains, the first of the decoder loses: every
        image is decoded as before. Among all such changes this one has the least KL.

        Args:
            mu: codes of the training images before the change, shape (N, latent_dim).
            logvar: same shape, ln σ².
        """
        last, first = self.encoder[-1], self.decoder[0]
        assert isinstance(last, nn.Linear)
        assert isinstance(first, nn.Linear)
        mean = torch.from_numpy(mu.mean(0))
        scale = torch.from_numpy(np.sqrt(mu.var(0) + np.exp(logvar).mean(0)))
        size = self.architecture.latent_dim
        last.weight[:size] /= scale[:, None]
        last.bias[:size] = (last.bias[:size] - mean) / scale
        last.bias[size:] -= 2 * scale.log()
        first.bias.add_(first.weight @ mean)
        first.weight *= scale

    @torch.inference_mode()
    def encode(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """Encode images.

        Args:
            x: images, shape (B, C, H, W), float32 in [0, 1].

        Returns:
            mu, shape (B, latent_dim), float32, and logvar of the same shape (ln σ²),
            None for an ae.
        """
        parts = [self.posterior(part) for part in batches(x)]
        mu = np.concatenate([mean.numpy() for mean, _ in parts])
        if self.architecture.kind == "ae":
            return mu, None
        return mu, np.concatenate([log.numpy() for _, log in parts if log is not None])

    @torch.inference_mode()
    def decode(self, z: np.ndarray) -> np.ndarray:
        """Decode codes.

        Args:
            z: codes, shape (B, latent_dim), float32.

        Returns:
            Images, shape (B, C, H, W), float32 in [0, 1].
        """
        return np.concatenate([self.decoder(part).numpy() for part in batches(z)])

    @torch.inference_mode()
    def encode_each(self, x: np.ndarray) -> np.ndarray:
        """Encode images each alone: mu, and of a vae ln σ² beside it, in one row of float32.

        What an image gives does not depend on what is encoded with it, to the last bit:
        in a batch, a library may add up the same numbers in another order.
        """
        with on_one_core():
            return _each(self.encoder, x)

    @torch.inference_mode()
    def decode_each(self, z: np.ndarray) -> np.ndarray:
        """Decode codes each alone: images, shape (B, C, H, W), float32."""
        with on_one_core():
            return _each(self.decoder, z)


def _each(network: nn.Sequential, values: np.ndarray) -> np.ndarray:
    """Run values of shape (B, ...) through a network one by one."""
    # copied, so that torch finds each at an address that suits it, the same every time
    rows = [network(torch.tensor(value[None], dtype=torch.float32)).numpy() for value in values]
    if rows:
        return np.concatenate(rows)
    return network(torch.zeros(1, *values.shape[1:])).numpy()[:0]


_one_core = threading.Lock()


@contextmanager
def on_one_core() -> Iterator[None]:
    """Let torch use one core: a single image is quicker so, and sums keep their order."""
    with _one_core:
        cores = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            yield
        finally:
            torch.set_num_threads(cores)


def build(layers: Sequence[Layer]) -> nn.Sequential:
    """Turn a layer list into a network.

    Raises:
        ValueError: a kind that is not in `LAYERS`, or arguments that it does not take.
    """
    modules = []
    for kind, *arguments in layers:
        if kind not in LAYERS:
            raise ValueError(f"unknown layer {kind!r}; choose from: {', '.join(LAYERS)}")
        try:
            modules.append(LAYERS[kind](*arguments))
        except (TypeError, RuntimeError, ValueError) as error:
            raise ValueError(f"layer {kind!r} does not take {arguments}") from error
    return nn.Sequential(*modules)


def multiply_adds(network: nn.Sequential, shape: tuple[int, ...]) -> int:
    """Count the multiply-adds of one forward pass.

    Args:
        network: layers of `LAYERS`.
        shape: of one input, without the batch.

    Returns:
        Multiplications by a weight; biases and activations are not counted.
    """
    total = 0
    x = torch.zeros(1, *shape)
    with torch.no_grad():
        for layer in network:
            y = layer(x)
            if isinstance(layer, nn.Linear):
                total += layer.weight.numel()
            elif isinstance(layer, nn.Conv2d):
                total += layer.weight[0].numel() * y.numel()
            elif isinstance(layer, nn.ConvTranspose2d):
                total += layer.weight[0].numel() * x.numel()
            x = y
    return total


def batches(values: np.ndarray) -> Sequence[Tensor]:
    """Values of shape (B, ...) as tensors of at most `BATCH` rows, so that memory stays small."""
    return torch.from_numpy(np.ascontiguousarray(values, dtype=np.float32)).split(BATCH)
