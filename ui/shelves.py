"""Catalogues on a page: the rendered furniture, and photos that a visitor holds in memory."""

from __future__ import annotations

import base64
import hashlib
import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import PurePosixPath

import numpy as np
from PIL import Image

from latent.archive import Archive
from latent.encoder import Encoder
from latent.errors import InputError
from latent.reading import plain_name
from latent.search import Pieces, guessed_kinds, nothing, pieces_of, read_photo
from latent.table import Table, read_table

MOST_PHOTOS = 2_000
MOST_REFUSED = 1_000  # of which a visit keeps the reasons
THUMBNAIL = 128  # pixels of the longer side


@dataclass(frozen=True)
class Shelf:
    """A catalogue as a page shows it.

    Args:
        pieces: what is searched; a piece's number is its place in it.
        titles: what each is called.
        kinds: names of their kinds, shape (N,).
        columns: numbers by which it can be filtered, each (N,); NaN where unknown.
        pictures: an address for each.
        guessed: whether the kinds are the model's guess.
    """

    pieces: Pieces
    titles: tuple[str, ...]
    kinds: np.ndarray
    columns: dict[str, np.ndarray]
    pictures: list[str]
    guessed: bool

    def __len__(self) -> int:
        return len(self.pieces)


@dataclass
class Photos:
    """A visitor's own catalogue: in memory, for the visit.

    Args:
        pieces: what is searched.
        kinds: of each, as the model guesses.
        pictures: an address for each, small.
        seen: fingerprints of all that was brought, so that nothing is taken twice.
        refused: names, and why they could not be taken; of the last time that some were brought.
        table: numbers of the pieces, as they were brought.
    """

    pieces: Pieces
    kinds: list[str] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    refused: list[tuple[str, str]] = field(default_factory=list)
    table: bytes | None = None

    def take(self, encoder: Encoder, name: str, data: bytes) -> None:
        """Add a photo; one that is here already is not added again.

        Raises:
            InputError: it cannot be read, or the catalogue is full.
        """
        fingerprint = hashlib.sha256(data).hexdigest()
        if fingerprint in self.seen:
            return
        if len(self.pieces) >= MOST_PHOTOS:
            raise InputError(
                f"Your catalogue is full: a visit holds {MOST_PHOTOS:,} photos. Folders of any "
                "size are for the command line: python -m latent index DIR --out CATALOGUE"
            )
        pixels, x = read_photo(data, encoder)
        new = pieces_of(encoder, [self._own_name(name)], x[None])
        kind = str(guessed_kinds(encoder, new.shapes)[0])
        picture = thumbnail(pixels)
        # from here on nothing fails: a run that is given up leaves it whole
        self.kinds.append(kind)
        self.pictures.append(picture)
        self.pieces = self.pieces.and_more(new)
        self.seen.add(fingerprint)

    def refuse(self, name: str, why: str) -> None:
        """Keep why something was not taken."""
        if len(self.refused) < MOST_REFUSED:
            self.refused.append((plain_name(name), why))

    def numbers(self) -> Table | None:
        """What the visitor's table says of these pieces.

        Raises:
            InputError: it does not fit.
        """
        return None if self.table is None else read_table(self.table, self.pieces.names)

    def shelf(self) -> Shelf:
        """This as a catalogue; a table that does not fit counts as none."""
        try:
            table = self.numbers()
        except InputError:
            table = None
        names = self.pieces.names
        return Shelf(
            self.pieces, tuple(plain_name(name) for name in names), np.array(self.kinds, np.str_),
            table.columns if table else {}, self.pictures, guessed=True,
        )  # fmt: skip

    def _own_name(self, name: str) -> str:
        """A name that no other piece has: a second chair.jpg becomes chair (2).jpg."""
        path, count = PurePosixPath(name.replace("\\", "/")), 1
        new = str(path)
        while new in self.pieces.names:
            count += 1
            new = str(path.with_name(f"{path.stem} ({count}){path.suffix}"))
        return new


def empty(encoder: Encoder) -> Photos:
    """A catalogue of a visitor's own before anything was brought."""
    return Photos(nothing(encoder))


def unpacked(photos: Photos, files: Iterable[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    """Photos among what was brought: archives are looked into, what is wrong in them is noted.

    Args:
        photos: keeps what is refused.
        files: names and bytes.
    """
    found: list[tuple[str, bytes]] = []
    for name, data in files:
        if not name.lower().endswith(".zip"):
            found.append((name, data))
            continue
        try:
            archive = Archive(data)
        except InputError as error:
            photos.refuse(name, str(error))
            continue
        found += archive.pictures()
        for member, why in archive.refused:
            photos.refuse(member, why)
    return found


def thumbnail(pixels: np.ndarray) -> str:
    """A photo, (H, W, 3), uint8, small, as an address for a page."""
    image = Image.fromarray(pixels)
    image.thumbnail((THUMBNAIL, THUMBNAIL))
    file = io.BytesIO()
    image.save(file, "WEBP", quality=75)
    return webp_address(file.getvalue())


def webp_address(file: bytes) -> str:
    """A WebP file as an address that holds all of it."""
    return f"data:image/webp;base64,{base64.b64encode(file).decode()}"
