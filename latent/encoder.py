"""The encoder of any bundle by itself: images to codes, without a gallery to place them in."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from safetensors import SafetensorError

from latent import bundle
from latent.errors import InputError
from latent.neighbours import unit
from latent.numpy_network import NumpyNetwork, silu
from latent.runtime import NotPortableError, portable

if TYPE_CHECKING:
    from torch import nn

FIRST = "mnist-contrast"
AVERAGED_OVER, HEAD_WEIGHT = "averaged_over", "head_weight"  # of the config


def sides(x: np.ndarray) -> list[np.ndarray]:
    """Images (B, C, H, W) and their mirror images: a chair seen from the left is that chair."""
    return [x, x[..., ::-1]]


def places(x: np.ndarray) -> list[np.ndarray]:
    """Images (B, C, H, W) where they are, and one pixel to the right, left, bottom and top.

    What is known keeps its code when it moves; the code of a stranger sways, and the mean of what
    sways is like nothing.
    """
    high, wide = x.shape[2:]
    framed = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    return [
        framed[:, :, top : top + high, left : left + wide]
        for top, left in ((1, 1), (1, 0), (1, 2), (0, 1), (2, 1))
    ]


# pictures of the same, by what the config says
ITSELF = "itself"
SAME: dict[str, Callable[[np.ndarray], list[np.ndarray]]] = {
    ITSELF: lambda x: [x], "sides": sides, "places": places,
}  # fmt: skip


def encoder_names() -> list[str]:
    """Names of the bundles at hand that encode, those taught by contrast first.

    The first one is what recognises unless another is chosen.
    """
    from latent.space import model_names, models_root

    beside = sorted(path.parent for path in models_root().glob(f"*/{bundle.CONFIG}"))
    taught = [folder.name for folder in beside if bundle.is_auxiliary(folder)
              and bundle.kind_of(folder) in bundle.ENCODING]  # fmt: skip
    return [*sorted(taught, key=lambda name: (name != FIRST, name)), *model_names()]


class Encoder:
    """Images to codes, by a bundle of any kind that encodes.

    Args:
        folder: of the bundle.

    Raises:
        InputError: a file of it is missing, altered or wrong.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = bundle.read_config(folder, kinds=bundle.ENCODING)
        bundle.check_files(folder, self.config)
        over = self.config.get(AVERAGED_OVER, ITSELF)
        if not isinstance(over, str) or over not in SAME:
            raise InputError(
                f"{folder / bundle.CONFIG}: the field '{AVERAGED_OVER}' is {over!r}, not one of "
                f"{', '.join(SAME)}."
            )
        self._pictures = SAME[over]

    @classmethod
    def named(cls, name: str) -> Encoder:
        """That of a bundle's name or folder.

        Raises:
            InputError: there is none, or it is damaged.
        """
        from latent.space import model_folder, models_root

        own = models_root() / name
        beside = bundle.is_auxiliary(own) if Path(name).name == name else False
        return cls(own if beside else model_folder(name))

    @property
    def name(self) -> str:
        """Of the bundle."""
        return str(self.config["name"])

    @property
    def image_shape(self) -> tuple[int, ...]:
        """Channels, height, width."""
        return tuple(self.config["image_shape"])

    @property
    def latent_dim(self) -> int:
        """Numbers in a code."""
        return int(self.config["latent_dim"])

    @property
    def fingerprint(self) -> str:
        """Of weights and of what is made of them: only where it is the same do codes compare."""
        weights = str(self.config["files"][bundle.WEIGHTS])
        made = [self.config[key] for key in (AVERAGED_OVER, HEAD_WEIGHT) if key in self.config]
        return sha256(f"{weights} {made}".encode()).hexdigest() if made else weights

    @cached_property
    def strangers(self) -> np.ndarray:
        """Codes of pictures that show nothing that it was taught, (N, latent_dim); often none."""
        path = self.folder / bundle.GALLERY
        codes = bundle.read_arrays(path).get("strangers", np.empty((0, self.latent_dim)))
        if codes.ndim != 2 or codes.shape[1] != self.latent_dim:
            raise InputError(f"{path}: the array 'strangers' holds no codes of {self.name}.")
        return self.finished(codes.astype(np.float32))

    def encode(self, x: np.ndarray) -> np.ndarray:
        """Codes of images, each alone and without torch.

        Args:
            x: shape (B, C, H, W), float32 in [0, 1].

        Returns:
            Shape (B, latent_dim), float32: mu of a vae; see `finished` for a model that was
            taught by contrast. Of each image the same to the last bit, whatever is encoded
            with it.

        Raises:
            InputError: images of another shape.
        """
        self._check(x)
        network = self._alone
        if network is None:
            return self.many(x)
        return self._coded(self._averaged(network, x))

    def many(self, x: np.ndarray, depth: int | None = None) -> np.ndarray:
        """Codes of many images, by torch; or what they are after `depth` layers, in a row.

        Raises:
            InputError: images of another shape.
        """
        import torch

        from latent.autoencoder import batches

        self._check(x)
        layers = self._torch("encoder")[:depth]

        def run(x: np.ndarray) -> np.ndarray:
            with torch.inference_mode():
                return np.concatenate([layers(part).flatten(1).numpy() for part in batches(x)])

        return run(x) if depth is not None else self._coded(self._averaged(run, x))

    def _averaged(self, run: Callable[[np.ndarray], np.ndarray], x: np.ndarray) -> np.ndarray:
        """Rows of images, or the mean over pictures of the same that the config names."""
        rows = [run(np.ascontiguousarray(each)) for each in self._pictures(x)]
        return rows[0] if len(rows) == 1 else np.mean(rows, axis=0)

    def steps(self, image: np.ndarray) -> list[np.ndarray]:
        """What an image (C, H, W) is after each layer of the encoder, the code at last."""
        network = self._alone
        if network is None:
            raise InputError(f"The layers of {self.name} cannot be looked into here.")
        return network.steps(image)

    def decode(self, codes: np.ndarray) -> np.ndarray | None:
        """Images of codes, (B, C, H, W), float32 in [0, 1]; None where there is no decoder."""
        if not self.config["architecture"].get("decoder"):
            return None
        import torch

        from latent.autoencoder import batches

        decoder = self._torch("decoder")
        with torch.inference_mode():
            return np.concatenate([decoder(part).numpy() for part in batches(codes)])

    def _check(self, x: np.ndarray) -> None:
        if x.ndim != 4 or x.shape[1:] != self.image_shape:
            raise InputError(
                f"{self.name} needs images of shape (B, {', '.join(map(str, self.image_shape))}); "
                f"got {x.shape}. Prepare them with latent.images.prepare()."
            )

    def finished(self, codes: np.ndarray) -> np.ndarray:
        """Codes, or means of some, in the form in which their distances count.

        Those of a model taught by contrast have length 1. Where it has a head, they have two
        parts, the layer before the head and the head, each of length 1, the second times
        "head_weight" of the config. Those of others stay.

        Args:
            codes: shape (B, latent_dim).
        """
        if self.config["kind"] != bundle.CONTRAST:
            return codes
        if not self.config["architecture"].get("head"):
            return unit(codes)
        first = self.latent_dim - len(self._head[1])
        weight = np.float32(self.config[HEAD_WEIGHT])
        return np.concatenate([unit(codes[:, :first]), weight * unit(codes[:, first:])], axis=1)

    def _coded(self, rows: np.ndarray) -> np.ndarray:
        """Codes from what the encoder's last layer gives, (B, …)."""
        if self.config["kind"] != bundle.CONTRAST:
            return rows[:, : self.latent_dim]  # a vae's ln σ² stand after them
        if not self.config["architecture"].get("head"):
            return unit(rows)
        matrix, bias = self._head
        alone = [matrix @ silu(row) + bias for row in rows]  # each by itself, as the layers before
        head = np.stack(alone) if alone else np.empty((0, len(bias)), np.float32)
        return self.finished(np.concatenate([rows, head], axis=1))

    @cached_property
    def _head(self) -> tuple[np.ndarray, np.ndarray]:
        """Weight and bias of the head: one linear layer behind a silu."""
        from safetensors.numpy import load_file

        path = self.folder / bundle.WEIGHTS
        try:
            tensors = load_file(path)
            matrix, bias = (tensors[f"head.1.{name}"] for name in ("weight", "bias"))
        except (OSError, KeyError, SafetensorError) as error:
            raise InputError(f"{path} has no head. Fetch the bundle again.") from error
        return matrix.astype(np.float32), bias.astype(np.float32)

    @cached_property
    def _alone(self) -> NumpyNetwork | None:
        with suppress(NotPortableError):
            return NumpyNetwork(portable(self.folder, "encoder", None, np.float32))
        return None

    def _torch(self, part: str) -> nn.Sequential:
        from safetensors.torch import load_file

        from latent.autoencoder import build

        path = self.folder / bundle.WEIGHTS
        layers: list[Any] = self.config["architecture"][part]
        try:
            network = build([tuple(layer) for layer in layers])
            own = {
                name.removeprefix(f"{part}."): values
                for name, values in load_file(path).items()
                if name.startswith(f"{part}.")
            }
            network.load_state_dict(own)
        except (KeyError, TypeError, ValueError, RuntimeError, SafetensorError) as error:
            raise InputError(f"{path} does not fit the architecture.") from error
        return network.float().eval()
