"""Data sets on disk: MNIST."""

from __future__ import annotations

import gzip
import hashlib
import os
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from latent.errors import InputError

TRAIN, TEST = 0, 1
MNIST_FILES = {
    TRAIN: ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", 60_000),
    TEST: ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte", 10_000),
}


@dataclass(frozen=True)
class Dataset:
    """Images with their labels, training split first.

    Args:
        images: shape (N, H, W), uint8.
        labels: shape (N,), uint8, an index into the class names.
        split: shape (N,), uint8, `TRAIN` or `TEST`.
    """

    images: np.ndarray
    labels: np.ndarray
    split: np.ndarray

    def x(self, split: int | None = None) -> np.ndarray:
        """Images as a network takes them: (N, 1, H, W), float32 in [0, 1]."""
        images = self.images if split is None else self.images[self.split == split]
        return images[:, None].astype(np.float32) / 255

    def sha256(self) -> str:
        """Fingerprint of pixels and labels, whatever files they came in."""
        return hashlib.sha256(self.images.tobytes() + self.labels.tobytes()).hexdigest()


def data_root() -> Path:
    """Folder that holds data sets: `LATENT_DATA`, or `data` in the working folder."""
    return Path(os.environ.get("LATENT_DATA") or "data")


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
