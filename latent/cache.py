"""Where what took long to compute is kept: files outside the project, made again if lost."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import numpy as np
import platformdirs


def cache_folder() -> Path:
    """`LATENT_CACHE`, or a folder of this program among the user's caches; it may not exist."""
    return Path(os.environ.get("LATENT_CACHE") or platformdirs.user_cache_path("latent-explorer"))


def fingerprint(*parts: np.ndarray | str | float | None) -> str:
    """A name for what depends on exactly these inputs: 32 hexadecimal digits.

    Args:
        parts: arrays (their numbers, kind and shape count), texts and numbers, in order.
    """
    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, np.ndarray):
            digest.update(f"{part.dtype.str}{part.shape}".encode())
            digest.update(np.ascontiguousarray(part).tobytes())
        else:
            digest.update(repr(part).encode())
        digest.update(b"\n")
    return digest.hexdigest()[:32]
