"""Numbers of pieces from a CSV file of somebody's own, by which a catalogue can be filtered."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

import numpy as np

from latent.errors import InputError

MAX_BYTES = 5_000_000
MOST_ROWS, MOST_COLUMNS = 100_000, 50
DELIMITERS = ",;\t"
LONGEST = 40  # letters of a column's name that are shown


@dataclass(frozen=True)
class Table:
    """What a CSV file says of the pieces of a catalogue.

    Args:
        columns: numbers by name, each shape (N,), float64; NaN where it says nothing.
        matched: rows whose name is in the catalogue.
        unmatched: names that are not.
        left_out: columns that do not hold numbers.
    """

    columns: dict[str, np.ndarray]
    matched: int
    unmatched: tuple[str, ...]
    left_out: tuple[str, ...]


def read_table(data: bytes, names: Sequence[str]) -> Table:
    """Read numbers of pieces.

    Args:
        data: a CSV file with a line of titles: comma, semicolon or tab between columns, in UTF-8.
            The first column holds names of files, with or without folders.
        names: of the pieces.

    Raises:
        InputError: it is no such table, too large, names a piece twice or none at all, or has
            no column of numbers.
    """
    rows = _rows(data)
    titles, rows = rows[0], rows[1:]
    places = _places(names)
    found: dict[int, list[str]] = {}
    unmatched = []
    for number, row in enumerate(rows, start=2):
        if len(row) != len(titles):
            raise InputError(
                f"Line {number} of the table has {len(row)} columns, its titles {len(titles)}. "
                "Save it again as CSV."
            )
        place = places.get(row[0]) if row[0] in places else places.get(PurePath(row[0]).name)
        if place is None:
            unmatched.append(row[0])
        elif place in found:
            raise InputError(f"The table names {row[0]!r} twice. Leave one of the lines out.")
        else:
            found[place] = row
    if not found:
        raise InputError(
            f"None of the {len(rows):,} names in the column {titles[0]!r} is in this catalogue, "
            f"the first being {rows[0][0]!r}. Let the first column hold names such as "
            f"{PurePath(names[0]).name if names else 'chair.jpg'!r}."
        )
    columns, left_out = {}, []
    for i, title in enumerate(titles[1:], start=1):
        numbers = _numbers({place: row[i] for place, row in found.items()}, len(names))
        if numbers is None:
            left_out.append(title)
        else:
            columns[title[:LONGEST]] = numbers
    if not columns:
        raise InputError("No column of the table holds numbers. Filters need some.")
    return Table(columns, len(found), tuple(unmatched), tuple(left_out))


def _rows(data: bytes) -> list[list[str]]:
    if len(data) > MAX_BYTES:
        raise InputError(f"The table has more than {MAX_BYTES / 1e6:.0f} MB. Save a smaller one.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError("The table is no text in UTF-8. Save it as CSV in UTF-8.") from error
    first = text.split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=first.count)
    try:
        rows = [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if row]
    except csv.Error as error:
        raise InputError(f"The table cannot be read: {error}. Save it again as CSV.") from error
    if len(rows) < 2 or len(rows[0]) < 2:
        raise InputError(
            "The table needs a line of titles, a column of file names and one of numbers."
        )
    if len(rows) > MOST_ROWS or len(rows[0]) > MOST_COLUMNS:
        raise InputError(
            f"The table has {len(rows):,} lines and {len(rows[0])} columns; at most "
            f"{MOST_ROWS:,} and {MOST_COLUMNS} are read."
        )
    if len(set(rows[0])) < len(rows[0]):
        raise InputError("Two columns of the table have the same title. Rename one of them.")
    return rows


def _places(names: Sequence[str]) -> dict[str, int]:
    """Where a name stands, also without its folders where that is enough to tell it."""
    short: dict[str, int] = {}
    twice = set()
    for i, name in enumerate(names):
        last = PurePath(name).name
        if last in short:
            twice.add(last)
        short[last] = i
    found = {last: i for last, i in short.items() if last not in twice}
    return found | {name: i for i, name in enumerate(names)}


def _numbers(cells: dict[int, str], count: int) -> np.ndarray | None:
    """A column as numbers, (count,); None where it holds something else, or nothing."""
    numbers = np.full(count, np.nan)
    for place, cell in cells.items():
        text = cell.strip()
        if not text:
            continue
        try:
            numbers[place] = float(text)
        except ValueError:
            return None
    numbers[~np.isfinite(numbers)] = np.nan
    return None if np.isnan(numbers).all() else numbers
