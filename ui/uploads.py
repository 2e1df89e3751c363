"""Images that a visitor brings, and the tray that holds them for the visit: in memory alone."""

from __future__ import annotations

import base64
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from PIL import Image
from starlette.formparsers import MultiPartParser

from latent.errors import InputError
from latent.images import prepare_pixels, read_pixels
from latent.placement import Placement
from latent.space import LatentSpace
from latent.steps import Choices, Prepared

MOST_IMAGES = 100
MOST_BYTES = 64_000_000  # of all files in one tray
LABEL = 40  # letters of a visitor's own label
THUMBNAIL = 72  # pixels of the longer side
# columns of the table
SAID = ("neighbours_say", "confidence", "novelty", "error", "distance", "doubt")
# in memory alone: Streamlit's server puts what is larger than this into a file while it comes
MultiPartParser.spool_max_size = 2**31
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")  # a spreadsheet would compute what begins so


class Prepares(Protocol):
    """What an image is prepared for: a model, or an encoder by itself."""

    @property
    def name(self) -> str:
        """Of the bundle."""

    @property
    def config(self) -> dict[str, Any]:
        """Of the bundle; "preprocessing" says how."""


@dataclass(eq=False)
class Upload:
    """An image that the visitor brought.

    Args:
        name: of the file.
        data: its bytes.
        drawing: number of the sheet that it was drawn on, of a drawing.
        label: the visitor's own word for it.
    """

    name: str
    data: bytes = field(repr=False)
    drawing: int | None = None
    label: str = ""
    _choices: dict[str, Choices] = field(default_factory=dict, repr=False)
    _pixels: tuple[str, np.ndarray] | None = field(default=None, repr=False)
    _made: dict[str, Prepared] = field(default_factory=dict, repr=False)
    _x: dict[str, np.ndarray] = field(default_factory=dict, repr=False)
    _placed: tuple[str, Placement] | None = field(default=None, repr=False)
    _thumbnail: str | None = field(default=None, repr=False)

    @property
    def title(self) -> str:
        """The visitor's own word, else the file's name; escape it where it is shown."""
        return self.label or self.name[:LABEL]

    def prepared(self, space: Prepares) -> Prepared:
        """The image as a model takes it, and what led there.

        Raises:
            InputError: it cannot be read, or shows nothing that the model could take.
        """
        how = space.config["preprocessing"]
        if how not in self._made:
            if self._pixels is None or self._pixels[0] != how:
                self._pixels = how, read_pixels(self.data, how)
            self._made[how] = prepare_pixels(self._pixels[1], how, self.choices(space))
            self._x[how] = self._made[how].x
        return self._made[how]

    def choices(self, space: Prepares) -> Choices:
        """What the visitor said instead of leaving it to be guessed."""
        return self._choices.get(space.config["preprocessing"], Choices())

    def choose(self, space: Prepares, choices: Choices) -> None:
        """Prepare it in another way.

        Raises:
            InputError: nothing would be left of it; all stays as it was then.
        """
        how = space.config["preprocessing"]
        self.prepared(space)  # reads the pixels
        assert self._pixels is not None
        made = prepare_pixels(self._pixels[1], how, choices)
        self._choices[how], self._made[how], self._x[how] = choices, made, made.x
        self._placed = None

    def x(self, space: Prepares) -> np.ndarray:
        """What the model sees, shape (C, H, W), float32 in [0, 1].

        Raises:
            InputError: as `prepared`.
        """
        how = space.config["preprocessing"]
        return self._x[how] if how in self._x else self.prepared(space).x

    def placed(self, space: LatentSpace) -> Placement:
        """Where it lands in a model.

        Raises:
            InputError: as `prepared`.
        """
        if self._placed is None or self._placed[0] != space.name:
            self._placed = space.name, space.place(self.x(space))
        return self._placed[1]

    def landed(self, space: Prepares) -> Placement | None:
        """Where it lands in a model, if that has been asked for already."""
        return self._placed[1] if self._placed and self._placed[0] == space.name else None

    def thumbnail(self, space: Prepares) -> str:
        """What came in, small, as an address for a page.

        Raises:
            InputError: as `prepared`.
        """
        if self._thumbnail is None:
            image = Image.fromarray(self.prepared(space).original)
            image.thumbnail((THUMBNAIL, THUMBNAIL))
            file = io.BytesIO()
            image.save(file, "WEBP", quality=80)
            content = base64.b64encode(file.getvalue()).decode()
            self._thumbnail = f"data:image/webp;base64,{content}"
        return self._thumbnail

    def become(self, other: Upload) -> None:
        """Show what another one shows, as a drawing does with every stroke."""
        self.data, self._pixels = other.data, other._pixels
        self._made, self._x, self._choices = other._made, other._x, other._choices
        self._placed, self._thumbnail = other._placed, other._thumbnail

    def forget(self) -> None:
        """Let go of what is large and quickly made again."""
        self._made.clear()
        self._pixels = None


@dataclass
class Tray:
    """The images of one visit, in the order in which they came.

    Args:
        images: by a number that no other image of the visit has.
        chosen: number of the one that is shown; 0 for none.
        gone: sheets whose drawing was taken out.
        refused: names and sentences of what the last attempt brought and could not be read.
        taken: how many were ever brought.
    """

    images: dict[int, Upload] = field(default_factory=dict)
    chosen: int = 0
    gone: list[int] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    taken: int = 0

    @property
    def shown(self) -> Upload | None:
        """The chosen image."""
        return self.images.get(self.chosen)

    def check(self, size: int) -> None:
        """Whether a file of so many bytes still fits.

        Raises:
            InputError: the tray is full.
        """
        held = sum(len(upload.data) for upload in self.images.values())
        if len(self.images) >= MOST_IMAGES or held + size > MOST_BYTES:
            raise InputError(
                f"Your images are full: a visit holds {MOST_IMAGES} images, "
                f"{MOST_BYTES / 1e6:.0f} MB together. Remove some, then bring this one again."
            )

    def add(self, upload: Upload) -> int:
        """Take an image in and choose it.

        Raises:
            InputError: the tray is full.
        """
        self.check(len(upload.data))
        self.taken += 1
        self.images[self.taken] = upload
        self.choose(self.taken)
        return self.taken

    def choose(self, number: int) -> None:
        """Show another; of the others only what is small is kept."""
        self.chosen = number
        for other, upload in self.images.items():
            if other != number:
                upload.forget()

    def remove(self, number: int) -> None:
        """Take an image out; the one before it is shown then, else the one after it."""
        upload = self.images.pop(number)
        if upload.drawing is not None:
            self.gone.append(upload.drawing)
        if self.chosen == number:
            before = [other for other in self.images if other < number]
            self.choose(before[-1] if before else next(iter(self.images), 0))

    def clear(self) -> None:
        """Take all images out."""
        for number in list(self.images):
            self.remove(number)
        self.refused = []

    def sheet(self, drawing: int) -> int | None:
        """Number of the image that was drawn on a sheet, if it is here."""
        found = [number for number, upload in self.images.items() if upload.drawing == drawing]
        return found[0] if found else None


def as_npz(space: LatentSpace, uploads: list[Upload]) -> bytes:
    """Codes of images with their names and labels: arrays `codes`, `names`, `labels`.

    Images in which this model's preparation finds nothing have no code and are left out.
    """
    found = [(upload, placed) for upload, placed, _ in _tried(space, uploads) if placed]
    codes = [placed.code for _, placed in found]
    file = io.BytesIO()
    np.savez(
        file,
        codes=np.stack(codes) if codes else np.empty((0, space.latent_dim), np.float32),
        names=np.array([upload.name for upload, _ in found], np.str_),
        labels=np.array([upload.label for upload, _ in found], np.str_),
    )
    return file.getvalue()


def as_csv(space: LatentSpace, uploads: list[Upload]) -> bytes:
    """The same as a table, with what the model says of each image; one row an image.

    Of images that have no code it says why.
    """
    file = io.StringIO()
    table = csv.writer(file)
    numbers = [f"z{i + 1}" for i in range(space.latent_dim)]
    table.writerow(["name", "label", *SAID, *numbers, "refused"])
    for upload, found, refused in _tried(space, uploads):
        words = [harmless(word) for word in (upload.name, upload.label)]
        if found is None:
            table.writerow([*words, *[""] * (len(SAID) + len(numbers)), refused])
            continue
        figures = (
            found.confidence, found.novelty, found.error, found.distance, found.doubt, *found.code
        )  # fmt: skip
        said = ["" if figure is None else repr(float(figure)) for figure in figures]
        table.writerow([*words, harmless(found.label), *said, ""])
    return file.getvalue().encode("utf-8-sig")  # without the mark Excel takes it for Latin-1


def _tried(
    space: LatentSpace, uploads: list[Upload]
) -> Iterator[tuple[Upload, Placement | None, str]]:
    """Each image with where it lands, or why it does not."""
    for upload in uploads:
        try:
            yield upload, upload.placed(space), ""
        except InputError as error:
            yield upload, None, str(error)


def harmless(text: str) -> str:
    """Text that a spreadsheet shows instead of computing."""
    return f"'{text}" if text.startswith(FORMULA) or text.strip().startswith(FORMULA) else text
