"""A ZIP from outside, sound and hostile."""

from __future__ import annotations

import io
import struct
import warnings
import zipfile

import numpy as np
import pytest

from latent import archive
from latent.archive import MOST_MEMBERS, Archive
from latent.errors import InputError
from tests.conftest import png

PICTURE = png(np.zeros((4, 4), np.uint8))


def packed(*members: tuple[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of two members of one name
        for name, data in members:
            made.writestr(name, data)
    return file.getvalue()


def test_pictures_come_out_one_by_one_and_folders_and_noise_are_passed_over() -> None:
    found = Archive(packed(
        ("chairs/", b""), ("chairs/a.png", PICTURE), ("__MACOSX/chairs/._a.png", b"x"),
        ("chairs/.DS_Store", b"x"), ("b.JPG", b"no picture, but that is for the decoder"),
    ))  # fmt: skip
    assert len(found) == 2
    assert list(found.pictures()) == [
        ("chairs/a.png", PICTURE), ("b.JPG", b"no picture, but that is for the decoder"),
    ]  # fmt: skip
    assert found.refused == []


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("../../etc/a.png", "leads out of the archive"),
        ("/etc/a.png", "leads out of the archive"),
        ("..\\a.png", "leads out of the archive"),
        ("C:\\a.png", "leads out of the archive"),
        ("more.zip", "archive in an archive"),
        ("more.tar", "archive in an archive"),
        ("a.exe", "no picture"),
        ("a", "no picture"),
    ],
)
def test_trouble_is_named_and_the_good_ones_go_on(name: str, why: str) -> None:
    found = Archive(packed((name, PICTURE), ("good.png", PICTURE)))
    assert list(found.pictures()) == [("good.png", PICTURE)]
    ((refused, said),) = found.refused
    assert refused == name
    assert why in said


def test_too_many_files_and_none_are_refused() -> None:
    with pytest.raises(InputError, match="holds 5,001 files; at most 5,000"):
        Archive(packed(*[(f"{i}.png", b"") for i in range(MOST_MEMBERS + 1)]))
    with pytest.raises(InputError, match="holds no picture"):
        Archive(packed())
    with pytest.raises(InputError, match="holds no picture"):
        Archive(packed(("folder/", b"")))


@pytest.mark.parametrize("data", [b"", b"no archive", b"PK\x03\x04" + b"\x00" * 50])
def test_what_is_no_archive_is_refused(data: bytes) -> None:
    with pytest.raises(InputError, match="no ZIP archive, or a damaged one"):
        Archive(data)


def test_a_bomb_is_refused_by_what_it_claims_and_by_what_comes_out(monkeypatch) -> None:
    monkeypatch.setattr(archive, "MAX_BYTES", 1_000)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("zeros.png", bytes(1_000_000))
        made.writestr("good.png", PICTURE)
    found = Archive(file.getvalue())
    assert list(found.pictures()) == [("good.png", PICTURE)]
    assert "has more than" in found.refused[0][1]
    # the same with a lie in its directory: it claims to hold 10 bytes
    lying = bytearray(file.getvalue())
    for header, size_at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = lying.find(header)
        lying[at + size_at : at + size_at + 4] = struct.pack("<I", 10)
    found = Archive(bytes(lying))
    assert [name for name, _ in found.pictures()] == ["good.png"]
    assert "damaged" in found.refused[0][1]


def test_pictures_that_are_too_much_together_are_refused(monkeypatch) -> None:
    monkeypatch.setattr(archive, "MOST_UNPACKED", 2 * len(PICTURE))
    Archive(packed(("a.png", PICTURE), ("b.png", PICTURE)))
    with pytest.raises(InputError, match="at most 0 MB are read"):
        Archive(packed(("a.png", PICTURE), ("b.png", PICTURE), ("c.png", PICTURE)))


def test_a_damaged_or_encrypted_member_is_named_and_the_others_go_on() -> None:
    data = bytearray(packed(("a.png", PICTURE), ("b.png", PICTURE)))
    data[data.find(PICTURE) + 8] ^= 0xFF
    found = Archive(bytes(data))
    assert [name for name, _ in found.pictures()] == ["b.png"]
    assert found.refused == [("a.png", "It is damaged. Pack it again.")]
    data = bytearray(packed(("a.png", PICTURE), ("b.png", PICTURE)))
    data[data.find(b"PK\x01\x02") + 8] |= 1
    found = Archive(bytes(data))
    assert [name for name, _ in found.pictures()] == ["b.png"]
    assert "encrypted" in found.refused[0][1]
