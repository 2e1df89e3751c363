"""Numbers from a CSV file of somebody's own."""

from __future__ import annotations

import numpy as np
import pytest

from latent.errors import InputError
from latent.table import MAX_BYTES, MOST_ROWS, read_table

NAMES = ("photos/a.jpg", "photos/b.jpg", "c.jpg", "one/d.jpg", "two/d.jpg")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_numbers_are_matched_by_name_whatever_stands_between_columns(delimiter: str) -> None:
    lines = ["file,price,width,colour", "a.jpg,100,0.5,red", "photos/b.jpg,,0.7,blue",
             "two/d.jpg,300,,green", "elsewhere.jpg,1,1,red"]  # fmt: skip
    table = read_table("\n".join(lines).replace(",", delimiter).encode("utf-8-sig"), NAMES)
    np.testing.assert_array_equal(table.columns["price"], [100, np.nan, np.nan, np.nan, 300])
    np.testing.assert_array_equal(table.columns["width"], [0.5, 0.7, np.nan, np.nan, np.nan])
    assert (table.matched, table.unmatched, table.left_out) == (3, ("elsewhere.jpg",), ("colour",))


def test_a_name_without_its_folder_counts_only_where_it_is_the_only_one() -> None:
    table = read_table(b"file,price\nd.jpg,1\nc.jpg,2\n", NAMES)
    assert table.unmatched == ("d.jpg",)


@pytest.mark.parametrize(
    ("data", "match"),
    [
        (b"", "needs a line of titles"),
        (b"file,price\n", "needs a line of titles"),
        (b"file\na.jpg\n", "needs a line of titles"),
        (b"file,price\nx.jpg,1\ny.jpg,2\n", "None of the 2 names in the column 'file'"),
        (b"file,price\na.jpg,1\nphotos/a.jpg,2\n", "names 'photos/a.jpg' twice"),
        (b"file,price\na.jpg,cheap\n", "No column of the table holds numbers"),
        (b"file,price\na.jpg,nan\n", "No column of the table holds numbers"),
        (b"file,price\na.jpg,1,2\n", "Line 2 of the table has 3 columns"),
        (b"file,price,price\na.jpg,1,2\n", "same title"),
        (b"\xff\xfe\x00file", "no text in UTF-8"),
        (b"file,price\n" + b"a.jpg,1\n" * MOST_ROWS, "100,001 lines"),
        (b"a" * (MAX_BYTES + 1), "more than 5 MB"),
        (b"file," + b'"' + b"x" * 200_000 + b'"\n' + b"a.jpg,1\n", "cannot be read"),
    ],
)
def test_what_is_no_such_table_is_refused_with_what_to_do(data: bytes, match: str) -> None:
    with pytest.raises(InputError, match=match):
        read_table(data, NAMES)
