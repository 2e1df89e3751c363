"""What comes from the sheet and the clipboard, read with distrust."""

from __future__ import annotations

import asyncio
import base64
import io
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from PIL import Image
from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartParser

from latent import InputError, LatentSpace
from ui import uploads
from ui.intake import read_drawing, read_pasted, take_all
from ui.uploads import Tray, Upload


def address(content: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(content).decode()}"


def test_a_drawing_is_read_as_it_was_sent() -> None:
    assert read_drawing({"seq": 3, "number": 2, "png": address(b"abc")}) == (3, 2, b"abc")
    assert read_drawing({"seq": 4, "number": 2, "png": None}) == (4, 2, None)


@pytest.mark.parametrize(
    "value",
    [
        None, 7, {}, {"seq": 1, "number": 1}, {"seq": "x", "number": 1, "png": None},
        {"seq": 1, "number": None, "png": None}, {"seq": 1, "number": 1, "png": 5},
        {"seq": 1, "number": 1, "png": "http://elsewhere/x.png"},
        {"seq": 1, "number": 1, "png": "data:image/png;base64,%%%"},
        {"seq": float("inf"), "number": 1, "png": None},
    ],
)  # fmt: skip
def test_a_drawing_that_cannot_be_read_is_refused(value: Any) -> None:
    with pytest.raises(InputError, match="Reload the page"):
        read_drawing(value)


def test_what_was_pasted_is_read_as_it_was_sent() -> None:
    given = [{"name": "a.png", "url": address(b"1")}, {"name": "", "url": address(b"")}]
    assert read_pasted(given) == [("a.png", b"1"), ("", b"")]


@pytest.mark.parametrize(
    "value", [None, 3, "abc", [1], [{}], [{"name": "a"}], [{"name": "a", "url": "data:,x"}],
              [{"name": "a", "url": None}]],
)  # fmt: skip
def test_what_was_pasted_and_cannot_be_read_is_refused(value: Any) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_pasted(value)


class Place:
    """Where the bar would be; another page ends it at the third image, once."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def progress(self, share: float, words: str) -> None:
        self.said.append(words)
        if len(self.said) == 3:
            raise KeyboardInterrupt

    def empty(self) -> None:
        self.said.append("done")


def picture(shade: int) -> bytes:
    file = io.BytesIO()
    image = Image.new("L", (40, 40), 255)
    image.paste(shade, (10, 5, 30, 35))
    image.save(file, "PNG")
    return file.getvalue()


def test_no_image_is_lost_when_another_page_ends_the_reading(tiny_space: LatentSpace) -> None:
    tray, where = Tray(), Place()
    waiting = [Upload(f"{i}.png", picture(10 * i)) for i in range(5)]
    waiting.insert(1, Upload("no.png", b"nothing"))
    with pytest.raises(KeyboardInterrupt):
        take_all(tiny_space, tray, waiting, where)  # type: ignore[arg-type]
    assert [upload.name for upload in tray.images.values()] == ["0.png"]
    assert [upload.name for upload in waiting] == ["1.png", "2.png", "3.png", "4.png"]
    take_all(tiny_space, tray, waiting, where)  # type: ignore[arg-type]
    assert [upload.name for upload in tray.images.values()] == [f"{i}.png" for i in range(5)]
    assert [name for name, _ in tray.refused] == ["no.png"]
    assert not waiting


def test_what_is_brought_is_never_put_into_a_file() -> None:
    assert uploads.MultiPartParser is MultiPartParser
    body = b'--x\r\nContent-Disposition: form-data; name="f"; filename="a.png"\r\n\r\n'
    body += bytes(5_000_000) + b"\r\n--x--\r\n"

    async def sent() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 1 << 16):
            yield body[start : start + (1 << 16)]

    async def read() -> bool:
        headers = Headers({"content-type": "multipart/form-data; boundary=x"})
        form = await MultiPartParser(headers, sent()).parse()
        file = form["f"]
        assert isinstance(file, UploadFile)
        assert file.size == 5_000_000
        rolled = bool(getattr(file.file, "_rolled"))  # noqa: B009
        await form.close()
        return rolled

    with ThreadPoolExecutor(1) as thread:  # this one may have a loop already
        assert thread.submit(lambda: asyncio.run(read())).result() is False
