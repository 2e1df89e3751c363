"""A code in words: a gallery index, an image file, an `.npz`, or base64.

The command line and the address in the browser use the same words, so a code can be
passed on whatever it came from.
"""

from __future__ import annotations

import base64
import binascii
from pathlib import Path

import numpy as np

from latent import bundle
from latent.errors import InputError
from latent.images import prepare
from latent.space import LatentSpace


def code_from_words(space: LatentSpace, words: str) -> np.ndarray:
    """Read a code, whatever form it is given in.

    Args:
        space: the model that the code belongs to.
        words: "123" (an image of the gallery), the path of an image file, the path of an
            `.npz` with an array `codes` (its first row is taken), or the text that
            `code_to_words` gives.

    Returns:
        Code, shape (latent_dim,), float32.

    Raises:
        InputError: none of these, or one that does not fit the model.
    """
    words = words.strip()
    if words.removeprefix("-").isdecimal() and len(words) < 12:
        return space.code(int(words))
    path = Path(words)
    if path.suffix == ".npz":
        codes = bundle.read_arrays(path, ("codes",))["codes"]
        return _checked(space, codes[0] if codes.ndim == 2 and len(codes) else codes, words)
    if path.suffix:  # base64 has no dot
        return space.encode(prepare(_read(path), space.config["preprocessing"]).x[None])[0]
    return code_of_text(space, words)


def code_of_text(space: LatentSpace, words: str) -> np.ndarray:
    """A code from the text that `code_to_words` gives; opens no file, whatever it says.

    Returns:
        Code, shape (latent_dim,), float32.

    Raises:
        InputError: it is no such text, or one that does not fit the model.
    """
    try:
        raw = base64.b64decode(words, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != 2 * space.latent_dim:
        raise InputError(
            f"{words[:40]!r} is no code of {space.name}. Give the number of an image, an image "
            f"file, an .npz, or the base64 of {space.latent_dim} 16-bit numbers."
        )
    return _checked(space, np.frombuffer(raw, "<f2"), words)


def code_to_words(code: np.ndarray) -> str:
    """A code of shape (latent_dim,) as the URL-safe base64 of its 16-bit numbers."""
    return base64.b64encode(code.astype("<f2").tobytes(), altchars=b"-_").decode()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the name
        why = getattr(error, "strerror", None) or error
        raise InputError(f"{str(path)[-80:]} cannot be read: {why}.") from error


def _checked(space: LatentSpace, code: np.ndarray, words: str) -> np.ndarray:
    fits = code.shape == (space.latent_dim,) and code.dtype.kind == "f"
    if not fits or not np.isfinite(code).all():
        raise InputError(
            f"{words[:40]!r} holds no finite code of {space.latent_dim} numbers, which "
            f"{space.name} needs."
        )
    return code.astype(np.float32)
