"""The gallery of a model: every image of its data set, as a code."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from latent import bundle
from latent.data import TEST, TRAIN
from latent.errors import InputError


@dataclass(frozen=True)
class Gallery:
    """Every image of the data set, as its code.

    Args:
        codes: shape (N, latent_dim), float32: mu of each image.
        labels: shape (N,), uint8, an index into the class names.
        split: shape (N,), uint8, 0 for training and 1 for test.
        reconstruction_error: shape (N,), float32, mean squared error a pixel.
        logvar: shape (N, latent_dim), float32, for a vae.
    """

    codes: np.ndarray
    labels: np.ndarray
    split: np.ndarray
    reconstruction_error: np.ndarray
    logvar: np.ndarray | None

    def __len__(self) -> int:
        return len(self.codes)


def read_gallery(folder: Path, latent_dim: int, n_classes: int) -> Gallery:
    """Read and check the gallery of a bundle.

    Raises:
        InputError: an array is missing, of another shape or kind than the config asks
            for, not finite, or names a class or split that does not exist.
    """
    path = folder / bundle.GALLERY
    arrays = bundle.read_arrays(path, ("codes", "labels", "split", "reconstruction_error"))
    n = arrays["labels"].size
    shapes = {"codes": (n, latent_dim), "labels": (n,), "split": (n,)}
    shapes |= {"reconstruction_error": (n,), "logvar": (n, latent_dim)}
    for name, array in arrays.items():
        if name in shapes and (n == 0 or array.shape != shapes[name]):
            raise InputError(
                f"{path}: the array {name!r} has shape {array.shape}, needs {shapes[name]}."
            )
        kinds = "ui" if name in ("labels", "split") else "f"
        if name in shapes and (array.dtype.kind not in kinds or not np.isfinite(array).all()):
            raise InputError(f"{path}: the array {name!r} holds no finite numbers of its kind.")
    if not ((arrays["labels"] >= 0) & (arrays["labels"] < n_classes)).all():
        raise InputError(f"{path}: the array 'labels' names a class that the config lacks.")
    if not np.isin(arrays["split"], (TRAIN, TEST)).all():
        raise InputError(f"{path}: the array 'split' holds more than {TRAIN} and {TEST}.")
    logvar = arrays.get("logvar")
    return Gallery(
        codes=arrays["codes"].astype(np.float32),
        labels=arrays["labels"].astype(np.uint8),
        split=arrays["split"].astype(np.uint8),
        reconstruction_error=arrays["reconstruction_error"].astype(np.float32),
        logvar=None if logvar is None else logvar.astype(np.float32),
    )
