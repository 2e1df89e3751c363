"""Image files made by hand: one of every kind that a visitor may bring, sound or not."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

import numpy as np
from PIL import Image, ImageCms

from tests.conftest import png

FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF")


def hook(height: int = 60, width: int = 90, ink: int = 255, paper: int = 0) -> np.ndarray:
    """A lopsided drawing 40 high and 20 wide: a stem with a foot, shape (H, W), uint8."""
    pixels = np.full((height, width), paper, np.uint8)
    pixels[8:48, 10:16] = ink
    pixels[42:48, 10:30] = ink
    return pixels


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    """An image as the bytes of a file."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def claim_size(width: int, height: int) -> bytes:
    """A PNG whose header claims a size that no data follow."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunk = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    return b"\x89PNG\r\n\x1a\n" + chunk + png(np.zeros((4, 4), np.uint8))[33:]


def bomb(side: int) -> bytes:
    """A PNG of so many pixels a side, all black, in a thousandth of its size."""
    rows = zlib.compress(bytes((side + 1) * side), 9)
    data = struct.pack(">I", len(rows)) + b"IDAT" + rows + struct.pack(">I", 0)
    header = claim_size(side, side)[:33]
    crc = struct.pack(">I", zlib.crc32(b"IDAT" + rows))
    return header + data[:-4] + crc + b"\0\0\0\0IEND" + struct.pack(">I", zlib.crc32(b"IEND"))


def swapped_profile() -> bytes:
    """A colour profile whose red is sRGB's green and the other way round."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    at = {bytes(profile[i : i + 4]): i for i in range(132, 132 + 12 * 20, 12)}
    red, green = at[b"rXYZ"] + 4, at[b"gXYZ"] + 4
    profile[red : red + 8], profile[green : green + 8] = (
        profile[green : green + 8],
        profile[red : red + 8],
    )
    for name in (b"sRGB", "sRGB".encode("utf-16-be")):  # it does not call itself sRGB either
        while name in profile:
            start = profile.index(name)
            profile[start : start + len(name)] = b"\0" * (len(name) - 1) + b"x"
    return bytes(profile)


def animated(kind: str) -> bytes:
    """Two frames, of which the first is the hook and the second something else."""
    frames = [Image.fromarray(hook()), Image.fromarray(np.rot90(hook(90, 60)).copy())]
    frames = [frame.convert("RGB") for frame in frames]
    lossless = {"lossless": True} if kind == "WEBP" else {}
    return encoded(frames[0], kind, save_all=True, append_images=frames[1:], **lossless)


def zipped() -> bytes:
    """A zip archive with an image in it."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("digit.png", png(hook()))
    return file.getvalue()


def turned() -> dict[int, bytes]:
    """The hook as photos that lie in each way that EXIF knows, by the tag that says so."""
    upright = hook()
    lying = {
        1: upright,
        2: upright[:, ::-1],
        3: np.rot90(upright, 2),
        4: upright[::-1],
        5: upright.T,
        6: np.rot90(upright),
        7: np.rot90(upright, 2).T,
        8: np.rot90(upright, -1),
    }
    files = {}
    for tag, pixels in lying.items():
        exif = Image.Exif()
        exif[0x0112] = tag
        files[tag] = encoded(Image.fromarray(np.ascontiguousarray(pixels)), exif=exif)
    return files


def depths() -> dict[str, bytes]:
    """The hook, white on black, in every kind of pixel that is read, by what it is called."""
    image = Image.fromarray(hook())
    deep = hook().astype(np.uint16) * 257
    glass = Image.merge("LA", (Image.new("L", image.size, 255), image))
    palette = Image.fromarray((hook() > 0).astype(np.uint8)).convert("P")
    palette.putpalette([255, 0, 255, 250, 250, 250])  # colour 0 is loud, and not to be seen
    return {
        "1 bit": encoded(image.convert("1")),
        "grey": encoded(image),
        "16-bit grey": png(deep),
        "16-bit TIFF": encoded(Image.fromarray(deep), "TIFF"),
        "colour": encoded(image.convert("RGB")),
        "CMYK TIFF": encoded(image.convert("RGB").convert("CMYK"), "TIFF"),
        "grey with alpha": encoded(glass),
        "colour with alpha": encoded(glass.convert("RGBA")),
        "palette": encoded(image.convert("P")),
        "palette with transparency": encoded(palette, transparency=0),
        "grey with transparency": encoded(image, transparency=0),
        "animated GIF": animated("GIF"),
        "animated WebP": animated("WEBP"),
        "animated PNG": animated("PNG"),
        "TIFF of two pages": animated("TIFF"),
        "LZW TIFF": encoded(image, "TIFF", compression="tiff_lzw"),
        "BMP": encoded(image.convert("RGB"), "BMP"),
        "GIF": encoded(image, "GIF"),
        "lossless WebP": encoded(image.convert("RGB"), "WEBP", lossless=True),
    }


def refused() -> dict[str, tuple[bytes, str]]:
    """What no model takes, and how the sentence begins that says so, by what it is called."""
    svg = b"<?xml version='1.0'?>\n<svg xmlns='http://www.w3.org/2000/svg'/>"
    whole = encoded(Image.fromarray(hook()), "JPEG", quality=95)
    heic = struct.pack(">I", 24) + b"ftypheic" + bytes(16)
    no_list = "This is no PNG, JPEG, WebP, BMP, GIF or TIFF image"
    return {
        "nothing.png": (b"", "This file is empty. Choose a PNG"),
        "text.png": (b"Dear diary", f"{no_list}. Save it as one of these."),
        "archive.png": (zipped(), f"{no_list} but a zip archive. Unpack it"),
        "drawing.svg": (svg, f"{no_list} but an SVG drawing. Save it as PNG."),
        "drawing.eps": (b"%!PS-Adobe-3.0 EPSF-3.0\n", f"{no_list} but a PostScript drawing."),
        "page.pdf": (b"%PDF-1.7\n", f"{no_list} but a PDF."),
        "photo.heic": (heic, f"{no_list} but a HEIC or AVIF photo"),
        "icon.ico": (encoded(Image.new("RGB", (16, 16)), "ICO"), f"{no_list}. Save it as"),
        "bomb.png": (bomb(12_000), "This image has 12000 × 12000 pixels; at most 40 million"),
        "giant.png": (claim_size(30_000, 30_000), "This image has more than 40 million pixels."),
        "liar.png": (claim_size(600, 600), "This image is damaged and cannot be read to its end."),
        "cut.png": (png(hook())[:-40], "This image is damaged and cannot be read to its end."),
        "cut.jpg": (whole[: len(whole) // 2], "This image is damaged and cannot be read to its"),
        "header.png": (
            b"\x89PNG\r\n\x1a\n",
            "This image is damaged, or of a rare kind that",
        ),
        "float.tiff": (
            encoded(Image.fromarray(hook().astype(np.float32)), "TIFF"),
            "This image has 32-bit channels, which is not read. Save it as 8-bit.",
        ),
        "heavy.bmp": (bytes(20_000_001), "This file has 20.1 MB; at most 20 MB are read."),
    }
