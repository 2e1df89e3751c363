"""Data sets on disk: MNIST, rendered furniture."""

from __future__ import annotations

import gzip
import hashlib
import os
import zlib
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from latent.errors import InputError

TRAIN, TEST = 0, 1
DATA_SETS = ("mnist", "furniture")
MNIST_FILES = {
    TRAIN: ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", 60_000),
    TEST: ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte", 10_000),
}


@dataclass(frozen=True)
class Dataset:
    """Images with their labels, training split first.

    Args:
        images: shape (N, H, W) or (N, H, W, 3), uint8.
        labels: shape (N,), uint8, an index into the class names.
        split: shape (N,), uint8, `TRAIN` or `TEST`.
        factors: known causes by name, each (N,): float32, or uint8 into `words[name]`.
        words: of each factor that is one of several.
    """

    images: np.ndarray
    labels: np.ndarray
    split: np.ndarray
    factors: dict[str, np.ndarray] = field(default_factory=dict)
    words: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def x(self, split: int | None = None) -> np.ndarray:
        """Images as a network takes them: (N, C, H, W), float32 in [0, 1]."""
        images = self.images if split is None else self.images[self.split == split]
        channels_first = images[:, None] if images.ndim == 3 else np.moveaxis(images, 3, 1)
        return np.ascontiguousarray(channels_first, np.float32) / 255

    def only(self, chosen: np.ndarray) -> Dataset:
        """The images that indices or a mask (N,) name."""
        factors = {name: values[chosen] for name, values in self.factors.items()}
        return Dataset(
            self.images[chosen], self.labels[chosen], self.split[chosen], factors, self.words
        )

    def causes(self, split: int) -> dict[str, np.ndarray]:
        """The factors of one split."""
        return {name: values[self.split == split] for name, values in self.factors.items()}

    def sha256(self) -> str:
        """Fingerprint of pixels and labels, whatever files they came in."""
        return hashlib.sha256(self.images.tobytes() + self.labels.tobytes()).hexdigest()


def data_root() -> Path:
    """Folder that holds data sets: `LATENT_DATA`, or `data` in the working folder."""
    return Path(os.environ.get("LATENT_DATA") or "data")


def load_dataset(name: str, root: Path | None = None, *, fetch: bool = True) -> Dataset:
    """Read one of `DATA_SETS` by its name.

    Args:
        name: "mnist", or "furniture", which was rendered before.
        root: folder that holds data sets; default `data_root()`.
        fetch: download MNIST where it is missing.

    Raises:
        InputError: there is no such data set, or it is not there.
    """
    if name not in DATA_SETS:
        raise InputError(f"Unknown data set {name!r}; choose one of: {', '.join(DATA_SETS)}.")
    if name == "mnist":
        if fetch:
            download_mnist(root)
        return load_mnist(root)
    from latent.furniture.dataset import load_furniture

    return load_furniture((root or data_root()) / "furniture")


def has_mnist(root: Path | None = None) -> bool:
    """Whether `load_mnist` will find all of its files."""
    raw = (root or data_root()) / "MNIST" / "raw"
    names = [name for *files, _ in MNIST_FILES.values() for name in files]
    return all((raw / name).exists() or (raw / f"{name}.gz").exists() for name in names)


def download_mnist(root: Path | None = None) -> None:
    """Fetch MNIST with torchvision, unless it is there.

    Raises:
        InputError: it is not there and cannot be downloaded.
    """
    root = root or data_root()
    if has_mnist(root):
        return
    from torchvision.datasets import MNIST  # 4 s to import, needed once

    try:
        MNIST(str(root), download=True)
    except (RuntimeError, OSError) as error:
        raise InputError(
            f"No MNIST in {root} and it cannot be downloaded ({error}). "
            "Put its four files into MNIST/raw below the folder that LATENT_DATA or --data names."
        ) from error


def load_mnist(root: Path | None = None) -> Dataset:
    """Read all 70,000 digits from disk.

    The files are read here, and not by torchvision, because the app shows originals
    and would wait 4 s for the import.

    Args:
        root: folder with `MNIST/raw` in it; default `data_root()`.

    Raises:
        InputError: a file is missing.
        InputError: a file is not what its name says.

    Source: LeCun, Cortes and Burges, the MNIST database of handwritten digits.
    """
    root = root or data_root()
    if not has_mnist(root):
        raise InputError(f"No MNIST in {root}. Set LATENT_DATA to a folder with MNIST/raw in it.")
    images, labels, split = [], [], []
    for part, (image_file, label_file, count) in MNIST_FILES.items():
        images.append(_read_idx(root / "MNIST" / "raw" / image_file, (count, 28, 28)))
        labels.append(_read_idx(root / "MNIST" / "raw" / label_file, (count,)))
        split.append(np.full(count, part, np.uint8))
        if labels[-1].max() > 9:
            raw = root / "MNIST" / "raw"
            raise InputError(f"{label_file} in {raw} has labels above 9. Fetch it again.")
    return Dataset(np.concatenate(images), np.concatenate(labels), np.concatenate(split))


def _read_idx(path: Path, shape: tuple[int, ...]) -> np.ndarray:
    """Read an IDX file of bytes, gzipped or not: 4 bytes of magic, a length per axis, data."""
    header = 4 + 4 * len(shape)
    try:
        raw = path.read_bytes() if path.exists() else _gunzip(path)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path.name} in {path.parent} cannot be read: {error}") from error
    if len(raw) != header + int(np.prod(shape)):
        raise InputError(
            f"{path.name} in {path.parent} has {len(raw)} bytes, "
            f"needs {header + int(np.prod(shape))}. Fetch it again."
        )
    if raw[:4] != bytes([0, 0, 8, len(shape)]):  # 8: unsigned bytes
        raise InputError(f"{path.name} in {path.parent} is no IDX file of bytes. Fetch it again.")
    return np.frombuffer(raw, np.uint8, offset=header).reshape(shape)


def _gunzip(path: Path) -> bytes:
    with gzip.open(f"{path}.gz") as file:
        return file.read()
