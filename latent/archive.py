"""Pictures in a ZIP from outside: read in memory, one at a time, never unpacked to disk."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from latent.decoding import MAX_BYTES
from latent.errors import InputError
from latent.place_command import SUFFIXES

MOST_MEMBERS = 5_000
MOST_UNPACKED = 600_000_000  # bytes of all pictures together
ENCRYPTED = 0x1
PACKED = (".zip", ".7z", ".rar", ".tar", ".gz", ".tgz", ".bz2", ".xz")
NOISE = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini")  # what systems add by themselves


@dataclass
class Archive:
    """The pictures of a ZIP.

    Args:
        data: the file.

    Raises:
        InputError: it is no ZIP, holds too much or no picture.
    """

    data: bytes
    refused: list[tuple[str, str]] = field(default_factory=list)  # names, and why

    def __post_init__(self) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(self.data))
            members = self._zip.infolist()
        # hostile bytes raise whatever zipfile thinks of
        except Exception as error:
            raise InputError("This is no ZIP archive, or a damaged one. Pack it again.") from error
        if len(members) > MOST_MEMBERS:
            raise InputError(
                f"This archive holds {len(members):,} files; at most {MOST_MEMBERS:,} are read. "
                "Pack fewer."
            )
        self._members = [member for member in members if self._takes(member)]
        total = sum(member.file_size for member in self._members)
        if total > MOST_UNPACKED:
            raise InputError(
                f"The pictures of this archive have {total / 1e6:,.0f} MB; at most "
                f"{MOST_UNPACKED / 1e6:,.0f} MB are read. Pack fewer."
            )
        if not self._members and not self.refused:
            raise InputError(f"This archive holds no picture ({', '.join(SUFFIXES)}).")

    def __len__(self) -> int:
        return len(self._members)

    def pictures(self) -> Iterator[tuple[str, bytes]]:
        """Names and bytes of the pictures; what cannot be read is noted in `refused`."""
        for member in self._members:
            try:
                with self._zip.open(member) as file:
                    data = file.read(MAX_BYTES + 1)  # whatever its header says
            # damaged and hostile members raise whatever a dozen parts of zipfile think of
            except Exception:
                self.refused.append((member.filename, "It is damaged. Pack it again."))
                continue
            if len(data) > MAX_BYTES:
                self.refused.append((member.filename, _too_large()))
                continue
            yield member.filename, data

    def _takes(self, member: zipfile.ZipInfo) -> bool:
        """Whether a member is a picture; what only looks like one, or like trouble, is noted."""
        path = PurePosixPath(member.filename.replace("\\", "/"))
        if member.is_dir() or any(part in NOISE for part in path.parts):
            return False
        problem = None
        if path.is_absolute() or ".." in path.parts or ":" in member.filename:
            problem = "Its path leads out of the archive. Pack the pictures again."
        elif path.suffix.lower() in PACKED:
            problem = "An archive in an archive is not opened. Unpack it first."
        elif path.suffix.lower() not in SUFFIXES:
            problem = "It is no picture that can be read."
        elif member.flag_bits & ENCRYPTED:
            problem = "It is encrypted. Pack it without a password."
        elif member.file_size > MAX_BYTES:
            problem = _too_large()
        if problem:
            self.refused.append((member.filename, problem))
        return problem is None


def _too_large() -> str:
    return f"It has more than {MAX_BYTES / 1e6:.0f} MB. Save it smaller."
