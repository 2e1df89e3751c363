"""A catalogue on disk: pieces are added in files of their own, and none that is there changes.

A run that is killed loses at most the part that it was about to write; the next run goes on from
what is there. What is removed is only crossed out.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from latent import bundle
from latent.colours import ANCHORS
from latent.encoder import Encoder
from latent.errors import InputError
from latent.files import write_json
from latent.search import Pieces

FORMAT = 1
ABOUT, LOCK = "catalogue.json", ".lock"
PART, GONE = "part-", "gone-"
ARRAYS = ("names", "sizes", "times", "shapes", "colours")


@dataclass(frozen=True)
class Part:
    """Pieces that were added together.

    Args:
        names: of their files.
        sizes: of these in bytes, shape (n,), int64.
        times: when they were last changed, in nanoseconds, shape (n,), int64.
        shapes: shape (n, D), float32.
        colours: shape (n, K), float32.
    """

    names: tuple[str, ...]
    sizes: np.ndarray
    times: np.ndarray
    shapes: np.ndarray
    colours: np.ndarray

    @property
    def pieces(self) -> Pieces:
        """Without what only tells whether a file has changed."""
        return Pieces(self.names, self.shapes, self.colours)

    @property
    def stamps(self) -> dict[str, tuple[int, int]]:
        """Of every file its size and when it was changed."""
        pairs = zip(self.sizes.tolist(), self.times.tolist(), strict=True)
        return dict(zip(self.names, pairs, strict=True))


def begin(folder: Path, encoder: Encoder) -> None:
    """Make a catalogue, or see that the one that is there fits.

    Raises:
        InputError: the folder holds something else, or a catalogue of another model.
    """
    if (folder / ABOUT).exists():
        about = _about(folder)
        if about["weights"] != encoder.fingerprint:
            raise InputError(
                f"{folder} was made with other weights than those of {encoder.name}, and codes of "
                "two models do not compare. Choose another --out."
            )
        return
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"{folder} is there and is no catalogue. Choose another --out.")
    write_json(folder / ABOUT, {
        "format": FORMAT, "model": encoder.name, "weights": encoder.fingerprint,
        "latent_dim": encoder.latent_dim, "colours": len(ANCHORS),
    })  # fmt: skip


def encoder_of(folder: Path) -> Encoder:
    """The encoder with which a catalogue was made.

    Raises:
        InputError: there is no catalogue, or its model is not at hand.
    """
    about = _about(folder)
    encoder = Encoder.named(about["model"])
    if encoder.fingerprint != about["weights"]:
        raise InputError(
            f"{folder} was made with other weights than {about['model']} has now. "
            "Index the images again, into another folder."
        )
    return encoder


def read(folder: Path) -> Part:
    """All pieces of a catalogue that are not crossed out.

    Raises:
        InputError: there is no catalogue, or a file of it is damaged.
    """
    about = _about(folder)
    gone = _gone(folder)
    parts = []
    for path in sorted(folder.glob(f"{PART}*.npz")):
        part = _part(path, about["latent_dim"], about["colours"])
        crossed = gone.get(path.name, set())
        kept = np.array([i for i in range(len(part.names)) if i not in crossed], np.int64)
        parts.append(_only(part, kept))
    return _joined(parts, about["latent_dim"], about["colours"])


def append(folder: Path, part: Part) -> None:
    """Add pieces, all or none of them; to be called while the catalogue is `held`."""
    bundle.write_arrays(folder / f"{PART}{_next(folder):06d}.npz", {
        "names": np.array(part.names, np.str_), "sizes": part.sizes, "times": part.times,
        "shapes": part.shapes.astype(np.float32), "colours": part.colours.astype(np.float16),
    })  # fmt: skip


def cross_out(folder: Path, names: Sequence[str]) -> None:
    """Remove pieces, all or none of them; to be called while the catalogue is `held`."""
    if not names:
        return
    wanted, gone = set(names), _gone(folder)
    rows: list[list[Any]] = []
    for path in sorted(folder.glob(f"{PART}*.npz")):
        there = bundle.read_arrays(path, ("names",))["names"].tolist()
        rows += [
            [path.name, i] for i, name in enumerate(there)
            if name in wanted and i not in gone.get(path.name, set())
        ]  # fmt: skip
    if rows:
        write_json(folder / f"{GONE}{_next(folder):06d}.json", rows)


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Keep others from changing a catalogue meanwhile; a killed run lets go of it.

    Raises:
        InputError: another run is at it.
    """
    file = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        with suppress(ImportError):  # where there are no such locks, one run at a time is asked for
            import fcntl

            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise InputError(
                    f"Another run is changing {folder}. Wait until it has ended."
                ) from error
        yield
    finally:
        os.close(file)


def _about(folder: Path) -> dict[str, Any]:
    path = folder / ABOUT
    if not path.exists():
        raise InputError(
            f"{folder} is no catalogue. Make one: python -m latent index DIR --out {folder}"
        )
    try:
        about = json.loads(path.read_text("utf-8"))
        ours = about["format"] == FORMAT
        fits = not ours or (
            isinstance(about["model"], str)
            and isinstance(about["weights"], str)
            and about["colours"] == len(ANCHORS)
            and 0 < int(about["latent_dim"]) <= 1024
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path} is damaged. Index the images again.") from error
    if not fits:
        raise InputError(f"{path} is damaged. Index the images again.")
    if not ours:
        raise InputError(
            f"{path} is of another version of this program. Index the images again, into another "
            "folder."
        )
    found: dict[str, Any] = about
    return found


def _gone(folder: Path) -> dict[str, set[int]]:
    """Of every part the rows that are crossed out."""
    found: dict[str, set[int]] = {}
    for path in sorted(folder.glob(f"{GONE}*.json")):
        try:
            for part, row in json.loads(path.read_text("utf-8")):
                found.setdefault(str(part), set()).add(int(row))
        except (OSError, ValueError, TypeError) as error:
            raise InputError(f"{path} is damaged. Index the images again.") from error
    return found


def _part(path: Path, width: int, colours: int) -> Part:
    arrays = bundle.read_arrays(path, ARRAYS)
    n = len(arrays["names"])
    shapes = {name: array.shape for name, array in arrays.items()}
    fits = shapes == {
        "names": (n,), "sizes": (n,), "times": (n,), "shapes": (n, width), "colours": (n, colours),
    }  # fmt: skip
    numbers = (arrays["shapes"], arrays["colours"])
    if not fits or not all(np.isfinite(array).all() for array in numbers):
        raise InputError(f"{path} is damaged. Remove it and index the images again.")
    return Part(
        tuple(arrays["names"].tolist()), arrays["sizes"], arrays["times"],
        arrays["shapes"].astype(np.float32), arrays["colours"].astype(np.float32),
    )  # fmt: skip


def _only(part: Part, rows: np.ndarray) -> Part:
    return Part(
        tuple(part.names[i] for i in rows), part.sizes[rows], part.times[rows],
        part.shapes[rows], part.colours[rows],
    )  # fmt: skip


def _joined(parts: list[Part], width: int, colours: int) -> Part:
    none = np.empty(0, np.int64)
    parts = [Part((), none, none, np.empty((0, width), np.float32),
                  np.empty((0, colours), np.float32)), *parts]  # fmt: skip
    return Part(
        tuple(name for part in parts for name in part.names),
        *(np.concatenate([getattr(part, name) for part in parts]) for name in ARRAYS[1:]),
    )


def _next(folder: Path) -> int:
    """The number after the last one: parts and what crosses them out are counted together."""
    numbers = [
        int(path.stem.rpartition("-")[2])
        for what in (PART, GONE)
        for path in folder.glob(f"{what}*")
        if path.stem.rpartition("-")[2].isdigit()
    ]
    return max(numbers, default=0) + 1
