"""Small pictures as part of a page's HTML: one message, no request, nothing kept on the server."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
import streamlit as st
from PIL import Image

LEAST = 5.0  # rem that a caption needs, however narrow its picture is
CRISP = 128  # pixels of a side up to which they are shown as squares instead of being smoothed


@dataclass(frozen=True)
class Figure:
    """A picture with words below.

    Args:
        pixels: shape (H, W), (H, W, 3) or, with transparency, (H, W, 4), uint8.
        name: what it is.
        note: a little more; also from outside, it is escaped.
    """

    pixels: np.ndarray
    name: str
    note: str = ""


def address(pixels: np.ndarray) -> str:
    """Pixels, uint8, as in a `Figure`, as an address that holds all of them."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", compress_level=1)
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


def joined(images: Sequence[np.ndarray], axis: int, gap: int = 2) -> np.ndarray:
    """Put pictures below or beside each other, with nothing between: the page shows through.

    Args:
        images: of one shape, (H, W) or (H, W, 3), uint8.
        axis: 0 below, 1 beside each other.
        gap: pixels between two.

    Returns:
        One picture, shape (H', W', 4), uint8.
    """
    parts: list[np.ndarray] = []
    for image in images:
        colours = np.dstack([image] * 3) if image.ndim == 2 else image
        opaque = np.dstack([colours, np.full(colours.shape[:2], 255, np.uint8)])
        side = [*opaque.shape]
        side[axis] = gap
        parts += [opaque, np.zeros(side, np.uint8)]
    return np.concatenate(parts[:-1], axis=axis)


def row(figures: Sequence[Figure], side: float = 7.5) -> None:
    """Show pictures side by side.

    Args:
        figures: from left to right.
        side: of the square that each is fitted into, in rem.
    """
    found = "".join(_figure(figure, side) for figure in figures)
    st.html(f'<div style="display: flex; flex-wrap: wrap; gap: 1rem">{found}</div>')


def strips(figures: Sequence[Figure], height: float = 2.6) -> None:
    """Show wide pictures one below the other, each with its name beside it.

    Args:
        figures: from top to bottom.
        height: of each, in rem; a narrow screen shows them smaller.
    """
    rows = []
    for figure in figures:
        name, note = escape(figure.name), escape(figure.note)
        wide = height * figure.pixels.shape[1] / figure.pixels.shape[0]
        rows.append(
            f'<div style="font-size: 0.8rem; line-height: 1.3"><b>{name}</b><br>'
            f'<span style="opacity: 0.7">{note}</span></div>'
            f'<img src="{address(figure.pixels)}" alt="{name}" style="width: {wide:.2f}rem; '
            'max-width: 100%; image-rendering: pixelated">'
        )
    st.html(
        '<div style="display: grid; grid-template-columns: minmax(7rem, 15rem) minmax(0, 1fr); '
        f'gap: 0.5rem 1rem; align-items: center">{"".join(rows)}</div>'
    )


def tiles(images: np.ndarray, side: float) -> None:
    """Show many pictures (n, H, W), uint8, without words, as many in a row as fit.

    Args:
        images: from left to right.
        side: of each, in rem.
    """
    found = "".join(
        f'<img src="{address(image)}" alt="" style="width: {side}rem; height: {side}rem; '
        f'image-rendering: pixelated; border-radius: 0.15rem; outline: 1px solid {EDGE}">'
        for image in images
    )
    st.html(f'<div style="display: flex; flex-wrap: wrap; gap: 0.4rem">{found}</div>')


def _figure(figure: Figure, side: float) -> str:
    height, width = figure.pixels.shape[:2]
    across = side * min(1, width / height)
    slot = max(across, min(side, LEAST))
    crisp = "image-rendering: pixelated; " if max(height, width) <= CRISP else ""
    name, note = escape(figure.name), escape(figure.note)
    return (
        f'<figure style="margin: 0; width: {slot:.2f}rem; font-size: 0.8rem; line-height: 1.3">'
        f'<div style="height: {side}rem; display: grid; align-items: center">'
        f'<img src="{address(figure.pixels)}" alt="{name}" style="width: {across:.2f}rem; '
        f'{crisp}border-radius: 0.25rem; outline: 1px solid {EDGE}"></div>'
        f'<figcaption style="margin-top: 0.3rem; overflow-wrap: anywhere"><b>{name}</b>'
        f'<br><span style="opacity: 0.7">{note}</span></figcaption></figure>'
    )


EDGE = "color-mix(in srgb, currentColor 15%, transparent)"
