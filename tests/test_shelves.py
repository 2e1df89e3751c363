"""Catalogues on a page: what a visitor brings, twice, in archives, unreadable."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from latent.data import TEST, Dataset
from latent.encoder import Encoder
from latent.errors import InputError
from latent.search import Wish, ranked
from tests.conftest import png
from tests.test_archive import packed
from ui import shelves
from ui.shelves import Photos


@pytest.fixture
def encoder(tiny_designs: Path) -> Encoder:
    return Encoder(tiny_designs / "furniture-contrast")


@pytest.fixture
def files(tiny_furniture: Dataset) -> list[tuple[str, bytes]]:
    images = tiny_furniture.images[tiny_furniture.split == TEST][:5]
    return [(f"piece {i}.png", png(image)) for i, image in enumerate(images)]


def taken(encoder: Encoder, files: list[tuple[str, bytes]]) -> Photos:
    photos = shelves.empty(encoder)
    for name, data in files:
        photos.take(encoder, name, data)
    return photos


def test_new_pieces_are_added_and_the_others_stay(encoder: Encoder, files) -> None:
    photos = taken(encoder, files[:3])
    before = photos.pieces
    photos.take(encoder, *files[3])
    assert photos.pieces.names == (*before.names, "piece 3.png")
    np.testing.assert_array_equal(photos.pieces.shapes[:3], before.shapes)
    shelf = photos.shelf()
    assert (len(shelf), len(shelf.pictures), len(shelf.kinds)) == (4, 4, 4)
    assert set(shelf.kinds) <= {"chair", "dining"}
    own = ranked(shelf.pieces, Wish(shelf.pieces.shapes[2], shelf.pieces.colours[2], 0.2), 4)
    assert own.indices[0] == 2


def test_the_same_photo_is_taken_once_and_two_of_one_name_are_told_apart(
    encoder: Encoder, files
) -> None:
    photos = taken(encoder, [files[0], ("copy.png", files[0][1])])
    assert photos.pieces.names == ("piece 0.png",)
    photos.take(encoder, "piece 0.png", files[1][1])
    photos.take(encoder, "piece 0.png", files[2][1])
    assert photos.pieces.names == ("piece 0.png", "piece 0 (2).png", "piece 0 (3).png")


def test_archives_are_looked_into_and_what_is_wrong_is_noted(encoder: Encoder, files) -> None:
    photos = shelves.empty(encoder)
    data = packed(files[0], ("../out.png", files[1][1]), ("notes.txt", b"x"))
    found = shelves.unpacked(photos, [("all.zip", data), files[2], ("bad.ZIP", b"x")])
    assert [name for name, _ in found] == ["piece 0.png", "piece 2.png"]
    assert [name for name, _ in photos.refused] == ["out.png", "notes.txt", "bad.ZIP"]


def test_what_cannot_be_read_leaves_the_catalogue_whole(encoder: Encoder, files) -> None:
    photos = taken(encoder, files[:2])
    with pytest.raises(InputError, match="This is no PNG"):
        photos.take(encoder, "x.png", b"no picture")
    assert len(photos.pieces) == len(photos.kinds) == len(photos.pictures) == 2


def test_a_visit_holds_so_many_and_says_what_to_do(encoder: Encoder, files, monkeypatch) -> None:
    monkeypatch.setattr(shelves, "MOST_PHOTOS", 2)
    photos = taken(encoder, files[:2])
    with pytest.raises(InputError, match="Your catalogue is full"):
        photos.take(encoder, *files[2])
    photos.take(encoder, *files[0])  # it is here already
    for _ in range(shelves.MOST_REFUSED + 5):
        photos.refuse("x", "why")
    assert len(photos.refused) == shelves.MOST_REFUSED


def test_a_table_becomes_columns_and_one_that_does_not_fit_none(encoder: Encoder, files) -> None:
    photos = taken(encoder, files[:2])
    photos.table = b"file,price\npiece 1.png,7\n"
    np.testing.assert_array_equal(photos.shelf().columns["price"], [np.nan, 7])
    photos.table = b"file,price\nnobody.png,7\n"
    assert photos.shelf().columns == {}
    with pytest.raises(InputError, match="None of the 1 names"):
        photos.numbers()
