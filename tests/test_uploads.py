"""The tray of a visit: what it takes, keeps, lets go and gives back."""

from __future__ import annotations

import base64
import csv
import io

import numpy as np
import pytest
from PIL import Image

from latent import InputError, LatentSpace
from tests.conftest import digit_images, png
from ui import uploads
from ui.uploads import Tray, Upload, as_csv, as_npz, harmless


def digit(number: int, name: str = "", label: str = "") -> Upload:
    content = png(255 - digit_images(10, seed=9)[0][number])
    return Upload(name or f"{number}.png", content, label=label)


def test_an_image_is_placed_as_the_core_places_it(tiny_space: LatentSpace) -> None:
    upload = digit(4)
    expected = tiny_space.place(upload.prepared(tiny_space).x)
    assert np.array_equal(upload.placed(tiny_space).code, expected.code)
    assert upload.placed(tiny_space).label == expected.label


def test_what_is_forgotten_is_made_again(tiny_space: LatentSpace) -> None:
    upload = digit(3)
    x, code = upload.x(tiny_space).copy(), upload.placed(tiny_space).code
    upload.forget()
    assert np.array_equal(upload.x(tiny_space), x)
    assert np.array_equal(upload.prepared(tiny_space).x, x)
    assert np.array_equal(upload.placed(tiny_space).code, code)


def test_a_drawing_that_goes_on_is_placed_anew(tiny_space: LatentSpace) -> None:
    upload, other = digit(3), digit(8)
    before = upload.placed(tiny_space).code
    upload.become(other)
    assert np.array_equal(upload.placed(tiny_space).code, other.placed(tiny_space).code)
    assert not np.array_equal(upload.placed(tiny_space).code, before)
    assert (upload.name, upload.data) == ("3.png", other.data)


def test_a_thumbnail_is_small_and_keeps_its_proportions(tiny_space: LatentSpace) -> None:
    pixels = np.full((300, 600), 255, np.uint8)
    pixels[50:250, 280:320] = 0
    address = Upload("wide.png", png(pixels)).thumbnail(tiny_space)
    image = Image.open(io.BytesIO(base64.b64decode(address.partition(",")[2])))
    assert image.size == (72, 36)
    assert len(address) < 4000


def test_the_last_image_taken_is_shown_and_the_one_before_it_when_it_is_removed() -> None:
    tray = Tray()
    numbers = [tray.add(digit(n)) for n in range(4)]
    assert tray.chosen == numbers[-1]
    tray.choose(numbers[1])
    tray.remove(numbers[1])
    assert tray.chosen == numbers[0]
    tray.remove(numbers[0])
    assert tray.chosen == numbers[2]
    tray.clear()
    assert (tray.chosen, tray.shown, tray.images) == (0, None, {})
    assert tray.add(digit(0)) not in numbers  # a number never means another image


def test_only_the_chosen_image_keeps_what_is_large(tiny_space: LatentSpace) -> None:
    tray = Tray()
    for n in range(3):
        upload = digit(n)
        upload.placed(tiny_space)
        tray.add(upload)
    assert [bool(upload._made) for upload in tray.images.values()] == [False, False, True]


def test_a_tray_holds_so_many_images_and_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_IMAGES", 3)
    tray = Tray()
    for n in range(3):
        tray.add(digit(n))
    with pytest.raises(InputError, match="holds 3 images"):
        tray.add(digit(3))
    tray.remove(tray.chosen)
    tray.add(digit(3))
    tray.clear()
    monkeypatch.setattr(uploads, "MOST_BYTES", 1000)
    tray.add(Upload("a", b"x" * 900))
    with pytest.raises(InputError, match="Remove some"):
        tray.add(Upload("b", b"x" * 101))
    tray.add(Upload("c", b"x" * 100))


def test_a_removed_drawing_is_told_to_its_sheet() -> None:
    tray = Tray()
    number = tray.add(Upload("drawing 7", b"", drawing=7))
    assert (tray.sheet(7), tray.sheet(8)) == (number, None)
    tray.remove(number)
    assert (tray.sheet(7), tray.gone) == (None, [7])


def test_codes_go_out_as_npz_without_pickles(tiny_space: LatentSpace) -> None:
    given = [digit(3, label="mine"), digit(5, name="ü ☃.png")]
    with np.load(io.BytesIO(as_npz(tiny_space, given)), allow_pickle=False) as found:
        assert found["codes"].dtype == np.float32
        expected = np.stack([upload.placed(tiny_space).code for upload in given])
        assert np.array_equal(found["codes"], expected)
        assert found["names"].tolist() == ["3.png", "ü ☃.png"]
        assert found["labels"].tolist() == ["mine", ""]


def test_codes_go_out_as_a_table(tiny_space: LatentSpace) -> None:
    given = [digit(3, name='a "b",\nc.png', label="=1+2"), digit(5, name="é.png")]
    text = as_csv(tiny_space, given).decode("utf-8-sig")
    head, *rows = list(csv.reader(io.StringIO(text)))
    said = ["neighbours_say", "confidence", "novelty", "error", "distance", "doubt"]
    assert head == ["name", "label", *said, "z1", "z2", "z3", "z4", "refused"]
    assert [row[:2] for row in rows] == [['a "b",\nc.png', "'=1+2"], ["é.png", ""]]
    for row, upload in zip(rows, given, strict=True):
        placed = upload.placed(tiny_space)
        assert row[2] == placed.label
        figures = [placed.confidence, placed.novelty, placed.error, placed.distance]
        assert [float(cell) for cell in row[3:7]] == figures
        assert np.array_equal(np.array(row[8:12], np.float32), placed.code)
        assert (row[7], row[12]) == ("", "")


def test_an_image_without_a_code_keeps_no_other_from_going_out(tiny_space: LatentSpace) -> None:
    file = io.BytesIO()
    Image.new("L", (40, 40), 255).save(file, "PNG")
    given = [digit(3), Upload("blank.png", file.getvalue()), digit(5)]
    rows = list(csv.reader(io.StringIO(as_csv(tiny_space, given).decode("utf-8-sig"))))[1:]
    assert [row[0] for row in rows] == ["3.png", "blank.png", "5.png"]
    assert len({len(row) for row in rows}) == 1
    assert rows[1][-1].startswith("Nothing stands out")
    assert not any(rows[1][1:-1])
    with np.load(io.BytesIO(as_npz(tiny_space, given)), allow_pickle=False) as found:
        assert found["names"].tolist() == ["3.png", "5.png"]
        assert found["codes"].shape == (2, 4)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1"])
def test_a_spreadsheet_computes_nothing_of_what_a_visitor_wrote(text: str) -> None:
    assert harmless(text) == f"'{text}"
    assert harmless("3.png") == "3.png"
