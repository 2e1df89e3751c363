"""Maps that somebody made: finished, on disk, each named by all that it was made from.

A map is two files in a folder of its gallery: coordinates, and a description that is
written last and holds their fingerprint. No text of a visitor's is in them.
"""

from __future__ import annotations

import json
import re
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from latent import bundle
from latent.cache import cache_folder
from latent.errors import InputError
from latent.files import sha256, write_json
from latent.plan import Plan, read_plan

if TYPE_CHECKING:
    from latent.space import LatentSpace

FORMAT = 1
KEY = re.compile(r"[0-9a-f]{32}")
LEFT_OVER = 3600.0  # seconds after which a part of a file belongs to nobody any more


@dataclass(frozen=True)
class Made:
    """A finished map.

    Args:
        key: 32 hexadecimal digits: the hash of codes and plan.
        plan: what it was made from.
        info: as an entry of `maps.json`.
    """

    key: str
    plan: Plan
    info: dict[str, Any]


def is_key(name: str) -> bool:
    """Whether a map's name is that of a made one."""
    return KEY.fullmatch(name) is not None


def store(
    space: LatentSpace, plan: Plan, info: dict[str, Any], xy: np.ndarray,
    distortion: np.ndarray | None = None,
) -> str:  # fmt: skip
    """Write a map, so that a reader finds all of it or nothing.

    Args:
        space: the model.
        plan: as `read_plan` gives it.
        info: of the map, numbers and the program's own words.
        xy: where the gallery lies, shape (N, dims); kept in 16 bits, as shipped maps are: half
            of what a browser is sent, and no point moves by what a screen could show.
        distortion: of every point, shape (N,), uint8 in steps of 1/254, once it is measured.

    Returns:
        Its key.
    """
    key = plan.key(space)
    folder = _folder(space)
    arrays = {"xy": xy.astype(np.float16)}
    if distortion is not None:
        arrays["distortion"] = distortion
    # another name with every content: what a description names is never written over
    mark = "measured" if distortion is not None else "fitted"
    file = folder / f"{key}.{mark}.npz"
    bundle.write_arrays(file, arrays)
    document = {
        "format": FORMAT,
        "plan": plan.document(),
        "info": info,
        "file": file.name,
        "sha256": sha256(file),
    }
    write_json(folder / f"{key}.json", document)
    for other in folder.glob(f"{key}.*.npz"):
        if other != file:
            other.unlink(missing_ok=True)
    return key


def described(space: LatentSpace, key: str) -> Made:
    """What is known of a made map, without its coordinates.

    Raises:
        InputError: there is none of that name for this model, or its description is
            damaged or belongs to other codes.
    """
    return _read(space, key)[0]


def load(space: LatentSpace, key: str) -> dict[str, np.ndarray]:
    """Arrays of a made map: "xy", (N, dims), float32, and "distortion" once it is measured.

    Raises:
        InputError: as `described`, or the file is not the one that was written.
    """
    made, document = _read(space, key)
    file = _folder(space) / str(document.get("file"))
    damaged = f"The made map {key[:8]} is damaged in the cache. Make it again."
    if not file.name.startswith(f"{key}.") or Path(file.name).name != str(document.get("file")):
        raise InputError(damaged)
    try:
        if sha256(file) != document.get("sha256"):
            raise InputError(damaged)
    except OSError as error:
        raise InputError(damaged) from error
    arrays = bundle.read_arrays(file, ("xy",))
    n, xy = len(space.gallery), arrays["xy"]
    if xy.shape != (n, made.plan.dims) or xy.dtype.kind != "f" or not np.isfinite(xy).all():
        raise InputError(damaged)
    found = {"xy": xy.astype(np.float32)}
    lost = arrays.get("distortion")
    if lost is not None and lost.shape == (n,) and lost.dtype == np.uint8:
        found["distortion"] = lost
    return found


def finished(space: LatentSpace) -> list[Made]:
    """Every made map of this model, the latest first; what is damaged is left out."""
    found = []
    for path in sorted(_folder(space).glob("*.json"), key=_age):
        with suppress(InputError):
            made, document = _read(space, path.stem)
            if (path.parent / str(document.get("file"))).is_file():
                found.append(made)
    return found


def is_finished(space: LatentSpace, plan: Plan) -> bool:
    """Whether this map is there already."""
    with suppress(InputError):
        load(space, plan.key(space))
        return True
    return False


def delete(space: LatentSpace, key: str | None = None) -> list[str]:
    """Delete one made map of a model, or all of them.

    Returns:
        The keys of those that are gone.

    Raises:
        InputError: there is none of that name.
    """
    folder = _folder(space)
    if key is not None and not (is_key(key) and (folder / f"{key}.json").is_file()):
        raise InputError(
            f"{space.name} has no made map {key[:40]!r}. List them: python -m latent maps "
            f"{space.name}"
        )
    gone = [key] if key else [path.stem for path in sorted(folder.glob("*.json"))]
    for name in gone:
        (folder / f"{name}.json").unlink(missing_ok=True)  # first: what is left is not listed
        for path in folder.glob(f"{name}.*.npz"):
            path.unlink(missing_ok=True)
    return gone


def sweep() -> None:
    """Remove parts of files that were being written when a process died."""
    for path in (cache_folder() / "maps").glob("*/.*"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > LEFT_OVER:
                path.unlink()


def _folder(space: LatentSpace) -> Path:
    return cache_folder() / "maps" / space.fingerprint


def _age(path: Path) -> tuple[float, str]:
    with suppress(OSError):
        return -path.stat().st_mtime, path.name
    return 0.0, path.name


def _read(space: LatentSpace, key: str) -> tuple[Made, dict[str, Any]]:
    """A description; the key has to be the hash of what it says, so nobody else's map fits."""
    if not is_key(key):
        raise InputError(f"A made map is named by 32 hexadecimal digits; got {key[:40]!r}.")
    path = _folder(space) / f"{key}.json"
    try:
        document = json.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise InputError(
            f"{space.name} has no made map {key[:8]}…. It was deleted, or made on another "
            "machine or from other codes: make it again."
        ) from error
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{path} cannot be read. Delete it and make the map again.") from error
    try:
        plan = read_plan(document["plan"], space)
        info = dict(document["info"])
        fits = document["format"] == FORMAT and plan.key(space) == key
        fits = fits and (info["method"], info["dims"]) == (plan.method, plan.dims)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(f"{path} describes no map. Delete it and make the map again.") from error
    if not fits:
        raise InputError(f"{path} describes another map. Delete it and make the map again.")
    return Made(key, plan, info), document
