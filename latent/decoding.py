"""Untrusted bytes to pixels, and a worker process in which that happens.

A decoder written in C may crash, hang or ask for all memory. Here it may: `serve` answers
one file after the other in a process of its own, which `latent.reading` starts, limits and,
if need be, kills.
"""

from __future__ import annotations

import io
import math
import os
import struct
import sys
import warnings
from contextlib import suppress
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageCms, UnidentifiedImageError

from latent.errors import InputError

FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF")
LISTED = "PNG, JPEG, WebP, BMP, GIF or TIFF"
MAX_BYTES = 20_000_000
MAX_PIXELS = 40_000_000
MAX_SIDE = 1_600  # pixels; what is larger is shrunk before anything else is done with it
MEMORY = 1_500_000_000  # bytes of address space, of which Python and its libraries take a third
REQUEST, ANSWER = struct.Struct(">BHI"), struct.Struct(">BII")
GROUNDS = (None, "white", "black")
PIXELS, REFUSAL = 0, 1  # what an answer holds

# how files begin that people take for images of pixels
OTHERS = {
    b"PK\x03\x04": "a zip archive. Unpack it and choose an image from it",
    b"%!PS": "a PostScript drawing. Save it as PNG",
    b"\xc5\xd0\xd3\xc6": "a PostScript drawing. Save it as PNG",
    b"%PDF": "a PDF. Save the page as PNG",
    b"8BPS": "a Photoshop file. Save it as PNG",
    b"\x1f\x8b": "a compressed archive. Unpack it and choose an image from it",
}
MAGIC = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*")  # and WebP and BMP
UPRIGHT = {  # what the EXIF orientation asks for
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
ORIENTATION = 0x0112


def check_bytes(data: bytes) -> None:
    """Refuse what can be refused without looking at it.

    Raises:
        InputError: no bytes, or too many.
    """
    if not data:
        raise InputError(f"This file is empty. Choose a {LISTED} image.")
    if len(data) > MAX_BYTES:
        raise InputError(
            f"This file has {math.ceil(len(data) / 1e5) / 10:.1f} MB; at most "
            f"{MAX_BYTES / 1e6:.0f} MB are read. Save it smaller."
        )


def decode(data: bytes, ground: str | None = None, most: int = MAX_SIDE) -> np.ndarray:
    """Decode an image, after checking everything that can be checked before.

    Args:
        data: a file of one of `FORMATS`.
        ground: colour below a see-through image; default black below a light one, white
            below a dark one.
        most: pixels a side; what is larger is shrunk.

    Returns:
        The first frame, turned as its EXIF data says, its colours as sRGB: shape (H, W, 3),
        uint8.

    Raises:
        InputError: empty, too many bytes or pixels, another format, or damaged.
    """
    check_bytes(data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of what is refused below
            return np.asarray(_decoded(data, ground, most))
    except UnidentifiedImageError as error:
        raise InputError(_not_listed(data)) from error
    except InputError:
        raise
    except Image.DecompressionBombError as error:  # Pillow's own limit lies above ours
        raise InputError(
            f"This image has more than {MAX_PIXELS / 1e6:.0f} million pixels. Save it smaller."
        ) from error
    except MemoryError as error:
        raise InputError("This image takes too much memory to decode. Save it smaller.") from error
    # hostile bytes raise whatever a dozen parsers think of
    except Exception as error:
        raise InputError(
            "This image is damaged and cannot be read to its end. Save it again."
        ) from error


def _not_listed(data: bytes) -> str:
    bitmap = data.startswith(b"BM") and not any(data[6:10])
    if data.startswith(MAGIC) or data[8:12] == b"WEBP" or bitmap:
        return "This image is damaged, or of a rare kind that is not read. Save it again as PNG."
    start = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    for magic, what in OTHERS.items():
        if data.startswith(magic):
            return f"This is no {LISTED} image but {what}."
    if start[:1] == b"<" and b"<svg" in start.lower():
        return f"This is no {LISTED} image but an SVG drawing. Save it as PNG."
    if data[4:8] == b"ftyp":
        return f"This is no {LISTED} image but a HEIC or AVIF photo or a film. Save it as JPEG."
    return f"This is no {LISTED} image. Save it as one of these."


def _decoded(data: bytes, ground: str | None, most: int) -> Image.Image:
    image: Image.Image = Image.open(io.BytesIO(data), formats=FORMATS)
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise InputError(
            f"This image has {width} × {height} pixels; at most "
            f"{MAX_PIXELS / 1e6:.0f} million are read. Save it smaller."
        )
    # a large JPEG is shrunk while it is decoded; a small picture is not worth the finer way
    least = 2 * most if most == MAX_SIDE else most
    image.draft("", (least, least))
    image.load()
    profile = image.info.get("icc_profile")
    turn = UPRIGHT.get(_orientation(image))
    image = _plain(image)
    image.thumbnail((most, most), reducing_gap=2)
    image = _opaque(_srgb(image, profile), ground)
    return image if turn is None else image.transpose(turn)


def _orientation(image: Image.Image) -> int:
    with suppress(Exception):  # damaged EXIF data are none
        return int(image.getexif().get(ORIENTATION, 1))
    return 1


def _plain(image: Image.Image) -> Image.Image:
    """An image whose channels have 8 bits and are grey, red-green-blue or print colours."""
    if image.mode.startswith("I;16"):
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    if image.mode in ("I", "F", "LAB", "HSV"):
        kind = "32-bit" if image.mode in ("I", "F") else image.mode
        raise InputError(f"This image has {kind} channels, which is not read. Save it as 8-bit.")
    if image.has_transparency_data:
        return image if image.mode in ("LA", "RGBA") else image.convert("RGBA")
    if image.mode in ("L", "RGB", "CMYK"):
        return image
    return image.convert("L" if image.mode == "1" else "RGB")


def _srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """The image as "RGB" or "RGBA", its embedded colour profile applied if it has a sound one."""
    alpha = image.getchannel("A") if image.mode in ("LA", "RGBA") else None
    plain = image.convert({"LA": "L", "RGBA": "RGB"}[image.mode]) if alpha else image
    converted = None
    if profile:
        with suppress(ImageCms.PyCMSError, OSError, ValueError, TypeError):
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            if "sRGB" not in ImageCms.getProfileDescription(source):
                target = ImageCms.createProfile("sRGB")
                converted = ImageCms.profileToProfile(plain, source, target, outputMode="RGB")
    if converted is None:
        converted = plain if plain.mode == "RGB" else plain.convert("RGB")
    if alpha:
        converted.putalpha(alpha)
    return converted


def _opaque(image: Image.Image, ground: str | None) -> Image.Image:
    """Lay a see-through image on a ground.

    If none is named: on black if what shows of it is light, else on white.
    """
    if image.mode == "RGB":
        return image
    if ground is None:
        pixels = np.asarray(image, np.float32)
        shown = pixels[..., 3].sum()
        lightness = (pixels[..., :3].mean(2) * pixels[..., 3]).sum() / max(shown, 1)
        ground = "black" if lightness > 127 else "white"
    below = Image.new("RGBA", image.size, ground)
    return Image.alpha_composite(below, image).convert("RGB")


def serve() -> None:
    """Answer requests on standard input with pixels or a refusal on standard output."""
    _limit_memory()
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    Image.init()  # readers of formats are imported by the first file otherwise
    while header := requests.read(REQUEST.size):
        ground, most, size = REQUEST.unpack(header)
        _answer(answers, requests.read(size), GROUNDS[ground], most)


def _answer(answers: BinaryIO, data: bytes, ground: str | None, most: int) -> None:
    try:
        pixels = decode(data, ground, most)
        answers.write(ANSWER.pack(PIXELS, *pixels.shape[:2]) + pixels.tobytes())
    except InputError as error:
        words = str(error).encode()
        answers.write(ANSWER.pack(REFUSAL, len(words), 0) + words)
    answers.flush()


def _limit_memory() -> None:
    """Let an allocation beyond `MEMORY` fail; on systems without such limits nothing happens."""
    if os.name == "posix":
        import resource

        with suppress(ValueError, OSError):  # a stricter limit is set already
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
