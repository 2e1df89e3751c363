"""Ways to write an image down as numbers, from its pixels to codes that were learned.

One contract for all of them, so that one test can judge them (`latent.comparison`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, Self

import numpy as np

from latent.linear import LDA, PCA

if TYPE_CHECKING:
    from torch import nn

SEED = 0  # of random projections and of training
BINS = 16  # of a histogram, over all channels together
HALF = 0.5  # of the strongest ink: what counts as drawn where shapes are asked for


class Representation(Protocol):
    """The contract: images (B, C, H, W), float32 in [0, 1], to numbers (B, width), float32.

    A representation treats each image alone. One that can draw an image again has `decode`
    give (B, C, H, W), float32; the others give None.
    """

    def fit(self, x: np.ndarray, labels: np.ndarray) -> Self:
        """Learn from training images, and from their labels where the rung says so.

        Args:
            x: shape (N, C, H, W), float32 in [0, 1].
            labels: shape (N,), integers.
        """
        ...

    def encode(self, x: np.ndarray) -> np.ndarray:
        """Numbers of images, shape (B, width), float32."""
        ...

    def decode(self, codes: np.ndarray) -> np.ndarray | None:
        """What is left of the images, float32 in [0, 1], or None where nothing can be drawn."""
        ...


@dataclass(frozen=True)
class Rung:
    """One way to write images down, and what a reader should know of it.

    Args:
        name: short and stable, for tables and files.
        title: for people.
        make: gives a representation that is not fitted yet.
        keeps: what it is good for.
        gives_up: what it costs.
        labels: whether it learns from labels.
        embedding: whether it is an embedding in the strict sense: into fewer numbers, and made
            so that distances between them mean something.
    """

    name: str
    title: str
    make: Callable[[], Representation]
    keeps: str
    gives_up: str
    labels: bool = False
    embedding: bool = False


class _Undrawn:
    """What representations have in common that keep too little to draw an image again."""

    def fit(self, x: np.ndarray, labels: np.ndarray) -> Self:
        """Nothing is learned."""
        return self

    def decode(self, codes: np.ndarray) -> np.ndarray | None:
        """Nothing can be drawn."""
        return None


@dataclass
class Pixels:
    """The image itself, its pixels in a row."""

    shape: tuple[int, ...] = ()

    def fit(self, x: np.ndarray, labels: np.ndarray) -> Self:
        """Only the shape is kept."""
        self.shape = x.shape[1:]
        return self

    def encode(self, x: np.ndarray) -> np.ndarray:
        """Shape (B, C · H · W)."""
        return np.ascontiguousarray(x.reshape(len(x), -1), np.float32)

    def decode(self, codes: np.ndarray) -> np.ndarray:
        """The image."""
        return codes.reshape(len(codes), *self.shape)


class Histogram(_Undrawn):
    """How many pixels have which intensity, channel by channel; where they are is lost."""

    def encode(self, x: np.ndarray) -> np.ndarray:
        """Shares of the pixels, 16 of a grey image, 5 of each channel of a coloured one."""
        count = BINS // x.shape[1]
        bins = np.minimum((x.reshape(*x.shape[:2], -1) * count).astype(np.int64), count - 1)
        rows = [np.concatenate([np.bincount(channel, minlength=count) for channel in image])
                for image in bins]  # fmt: skip
        return np.array(rows, np.float32).reshape(len(x), -1) / x[0, 0].size


class Questions(_Undrawn):
    """Nine plain questions that anybody could answer with a ruler.

    How much ink, how wide, how tall, how slanted, how many holes, how symmetric from left to
    right, from top to bottom and half a turn on, how far above the middle the ink lies; each
    in standard deviations of the training images.
    """

    ASKED = ("ink", "width", "height", "slant", "holes", "left–right", "top–bottom", "half turn",
             "balance")  # fmt: skip

    def fit(self, x: np.ndarray, labels: np.ndarray) -> Self:
        """Learn the unit of each answer."""
        answers = self.answers(x)
        self.mean, self.scale = answers.mean(0), np.maximum(answers.std(0), 1e-6)
        return self

    def encode(self, x: np.ndarray) -> np.ndarray:
        """Shape (B, 9)."""
        return ((self.answers(x) - self.mean) / self.scale).astype(np.float32)

    @staticmethod
    def answers(x: np.ndarray) -> np.ndarray:
        """The answers in their own units, shape (B, 9), float64.

        Ink and symmetries are shares, sizes and balance shares of the side, slant is the
        shift to the right a pixel of height.
        """
        drawn = ink(x).astype(np.float64)  # (B, H, W)
        height, width = drawn.shape[1:]
        total = np.maximum(drawn.sum((1, 2)), 1e-9)
        rows, columns = np.arange(height) - (height - 1) / 2, np.arange(width) - (width - 1) / 2
        y, x_ = drawn.sum(2) @ rows / total, drawn.sum(1) @ columns / total
        up = rows[None] - y[:, None]  # (B, H)
        along = columns[None] - x_[:, None]
        tilted = np.einsum("bhw,bh,bw->b", drawn, up, along) / total
        tall = np.einsum("bhw,bh->b", drawn, up**2) / total
        energy = np.maximum(np.square(drawn).sum((1, 2)), 1e-9)
        turned = (drawn[:, :, ::-1], drawn[:, ::-1], drawn[:, ::-1, ::-1])
        alike = [(drawn * other).sum((1, 2)) / energy for other in turned]
        solid = drawn > HALF * drawn.max((1, 2), keepdims=True)
        return np.stack([
            total / (height * width), solid.any(1).sum(1) / width, solid.any(2).sum(1) / height,
            -tilted / np.maximum(tall, 1e-9), [holes(one) for one in solid], *alike, -y / height,
        ], axis=1)  # fmt: skip


def ink(x: np.ndarray) -> np.ndarray:
    """How far each pixel is from the ground, the median of the border: (B, H, W) in [0, 1]."""
    border = np.concatenate([x[..., 0, :], x[..., -1, :], x[..., :, 0], x[..., :, -1]], axis=2)
    ground = np.median(border, axis=2)[:, :, None, None]
    drawn: np.ndarray = np.abs(x - ground).max(1)
    return drawn


def holes(solid: np.ndarray) -> int:
    """Parts of the ground that what is drawn (H, W), bool, encloses."""
    from scipy.ndimage import label

    return int(label(~np.pad(solid, 1))[1]) - 1


@dataclass
class RandomProjection:
    """Random mixtures of the pixels: distances survive, nothing is learned.

    Source: Johnson and Lindenstrauss 1984.
    """

    width: int = 64
    matrix: np.ndarray = field(init=False, repr=False)
    mean: np.ndarray = field(init=False, repr=False)
    shape: tuple[int, ...] = field(init=False)

    def fit(self, x: np.ndarray, labels: np.ndarray) -> Self:
        """Draw the mixtures; of the images only the mean is kept, to draw from."""
        self.shape = x.shape[1:]
        self.mean = x.mean(0, dtype=np.float64).astype(np.float32).ravel()
        rng = np.random.default_rng(SEED)
        size = (int(np.prod(self.shape)), self.width)
        self.matrix = (rng.standard_normal(size) / np.sqrt(self.width)).astype(np.float32)
        return self

    def encode(self, x: np.ndarray) -> np.ndarray:
        """Shape (B, 64)."""
        return x.reshape(len(x), -1) @ self.matrix

    def decode(self, codes: np.ndarray) -> np.ndarray:
        """Of the images that have these numbers the one nearest to the mean."""
        missing = codes - self.mean @ self.matrix
        return _drawn(self.mean + missing @ np.linalg.pinv(self.matrix), self.shape)


@dataclass
class Projected:
    """PCA or LDA of the pixels."""

    map: PCA | LDA
    shape: tuple[int, ...] = ()

    def fit(self, x: np.ndarray, labels: np.ndarray) -> Self:
        """Find the directions."""
        self.shape = x.shape[1:]
        self.map.fit(x.reshape(len(x), -1), labels)
        return self

    def encode(self, x: np.ndarray) -> np.ndarray:
        """Coordinates along them."""
        return self.map.transform(x.reshape(len(x), -1))

    def decode(self, codes: np.ndarray) -> np.ndarray:
        """The likeliest image with these coordinates."""
        return _drawn(self.map.inverse_transform(codes), self.shape)


@dataclass
class Learned:
    """Numbers inside a trained network, at any depth of its encoder.

    Args:
        model: a bundle's name.
        depth: layers of the encoder that an image goes through; None for all of them, which
            gives the code.
    """

    model: str
    depth: int | None = None

    def fit(self, x: np.ndarray, labels: np.ndarray) -> Self:
        """It was trained before."""
        from latent.encoder import Encoder

        self.encoder = Encoder.named(self.model)
        return self

    def encode(self, x: np.ndarray) -> np.ndarray:
        """Shape (B, width)."""
        return self.encoder.many(x, self.depth)

    def decode(self, codes: np.ndarray) -> np.ndarray | None:
        """What the model's own decoder draws, if it has one."""
        return self.encoder.decode(codes) if self.depth is None else None


class Hidden(_Undrawn):
    """The last hidden layer of a classifier that is trained here, on the labels it is given."""

    def fit(self, x: np.ndarray, labels: np.ndarray) -> Self:
        """Train, which takes minutes."""
        from latent.classifier import fit_network

        classes, told = np.unique(labels, return_inverse=True)
        self.network: nn.Sequential = fit_network(x, told, len(classes))
        return self

    def encode(self, x: np.ndarray) -> np.ndarray:
        """Shape (B, 64)."""
        from latent.classifier import features

        return features(self.network, x)


def _drawn(pixels: np.ndarray, shape: Sequence[int]) -> np.ndarray:
    return np.clip(pixels, 0, 1).astype(np.float32).reshape(len(pixels), *shape)


PLAIN = (
    Rung("pixels", "Pixels", Pixels,
         "Everything. The yardstick: what a code is worth shows beside it.",
         "Moving a stroke by a pixel changes many numbers, so near means drawn over each other."),
    Rung("histogram", "Histogram", Histogram,
         "A few numbers, at once, whatever stands where. Enough to find images by colour.",
         "Everything about shape."),
    Rung("questions", "Plain questions", Questions,
         "Nine answers that anybody can check: ink, width, height, slant, holes, symmetry, "
         "balance.",
         "All that nobody thought of asking."),
    Rung("random", "Random projection, 64", RandomProjection,
         "Distances between pixels, nearly, in a twelfth of the numbers. Nothing to train.",
         "It knows nothing of the images: no number means anything by itself.",
         embedding=True),
    Rung("pca", "PCA, 16", lambda: Projected(PCA(16)),
         "As much of the pixels as 16 straight directions can. Fast, exact, the same every time.",
         "What bends: a stroke that moves needs many directions. It blurs.",
         embedding=True),
    Rung("lda", "LDA, 7", lambda: Projected(LDA(7)),
         "What tells the digits 0 to 7 apart by straight cuts, in 7 numbers.",
         "All that these labels do not speak of, so digits it never saw fall anywhere.",
         labels=True, embedding=True),
)  # fmt: skip
HIDDEN = Rung(
    "classifier", "Classifier's hidden layer, 64", Hidden,
    "What a classifier found useful to name 0 to 7; often good for other digits too.",
    "Whatever does not change the name. It was never asked that near means alike.",
    labels=True,
)  # fmt: skip
