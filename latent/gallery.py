"""The gallery of a model: every image of its data set, as a code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from latent import bundle
from latent.data import TEST, TRAIN
from latent.errors import InputError

FACTOR = "factor."  # how the names of their arrays begin
LOGVAR = (-12.0, 6.0)  # of a vae: what lies beyond is as sure, or as unsure, as this


@dataclass(frozen=True)
class Gallery:
    """Every image of the data set, as its code.

    Args:
        codes: shape (N, latent_dim), float32: mu of each image.
        labels: shape (N,), uint8, an index into the class names.
        split: shape (N,), uint8, 0 for training and 1 for test.
        reconstruction_error: shape (N,), float32, mean squared error a pixel.
        logvar: shape (N, latent_dim), float32, for a vae.
        factors: what is known to have caused each image, by name, shape (N,): float32
            numbers, or uint8 into `words[name]`.
        words: of each factor that is one of several.
    """

    codes: np.ndarray
    labels: np.ndarray
    split: np.ndarray
    reconstruction_error: np.ndarray
    logvar: np.ndarray | None
    factors: dict[str, np.ndarray] = field(default_factory=dict)
    words: dict[str, list[str]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.codes)


def read_gallery(
    folder: Path, latent_dim: int, n_classes: int, words: Mapping[str, list[str]] | None = None
) -> Gallery:
    """Read and check the gallery of a bundle.

    Args:
        folder: of the bundle.
        latent_dim: numbers in a code.
        n_classes: that labels may name.
        words: of each factor that is one of several.

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
    words = dict(words or {})
    factors = {
        name.removeprefix(FACTOR): array
        for name, array in arrays.items()
        if name.startswith(FACTOR)
    }
    for name, values in factors.items():
        _check_factor(path, name, values, n, words.get(name))
    logvar = arrays.get("logvar")
    return Gallery(
        codes=arrays["codes"].astype(np.float32),
        labels=arrays["labels"].astype(np.uint8),
        split=arrays["split"].astype(np.uint8),
        reconstruction_error=arrays["reconstruction_error"].astype(np.float32),
        logvar=None if logvar is None else logvar.astype(np.float32),
        factors={
            name: values.astype(np.uint8 if name in words else np.float32)
            for name, values in factors.items()
        },
        words={name: list(words[name]) for name in factors if name in words},
    )


def _check_factor(
    path: Path, name: str, values: np.ndarray, n: int, words: list[str] | None
) -> None:
    if values.shape != (n,):
        raise InputError(f"{path}: the factor {name!r} has shape {values.shape}, needs ({n},).")
    if values.dtype.kind not in ("ui" if words else "f") or not np.isfinite(values).all():
        raise InputError(f"{path}: the factor {name!r} holds no finite numbers of its kind.")
    if words and not ((values >= 0) & (values < len(words))).all():
        raise InputError(f"{path}: the factor {name!r} names a word that the config lacks.")
