"""Three distances as a triangle to scale, as bars, and in words."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import numpy as np

from latent.triples import triangle
from ui.pictures import address

PAIRS = ("Chair A and chair B", "Chair A and the table", "Chair B and the table")
NAMES = ("Chair A", "Chair B", "Table")
NEAREST = "#4269d0"  # as charts.BAR: stands out on white and on near-black
LONGEST = 210.0  # units of the longest side
PICTURE, CAPTION, GAP = 68.0, 18.0, 9.0
CORNERS = ((0, 1), (0, 2), (1, 2))  # that each pair joins
WIDTH = 390.0
ALIKE = 0.02  # distances that differ by less, as a share, count as equal


@dataclass(frozen=True)
class Box:
    """Where the three pictures and corners lie, y downwards.

    Args:
        corners: shape (3, 2).
        pictures: upper left corners, shape (3, 2).
        height: of everything.
    """

    corners: np.ndarray
    pictures: np.ndarray
    height: float


def layout(sides: np.ndarray, height: float = 0.0) -> Box:
    """Place a triangle, and beside its corners pictures that never cover it or each other.

    Args:
        sides: A to B, A to the table, B to the table.
        height: to fill at least; what is lower stands in its middle.
    """
    corners = triangle(sides) * (LONGEST / max(float(sides.max()), 1e-12)) * (1, -1)
    beside = np.array([[-PICTURE - GAP, -GAP], [GAP, -GAP], [-PICTURE / 2, -PICTURE - GAP]])
    pictures = corners + beside
    low = np.minimum(pictures.min(0), corners.min(0))
    high = np.maximum(pictures.max(0) + PICTURE, corners.max(0))
    high[1] += CAPTION  # below the pictures of the two chairs
    low[1] -= CAPTION  # above that of the table
    height = max(height, float(high[1] - low[1]))
    shift = (np.array([WIDTH, height]) - low - high) / 2
    return Box(corners + shift, pictures + shift, height)


def drawing(
    title: str, unit: str, sides: np.ndarray, pictures: list[np.ndarray], height: float = 0.0
) -> str:
    """A triangle with the pictures at its corners and a bar for each side, as HTML.

    Args:
        title: of this way to measure.
        unit: what the numbers are, in a few words.
        sides: A to B, A to the table, B to the table.
        pictures: of A, B and the table, each (H, W[, 3]), uint8.
        height: of the drawing at least, as `layout` takes it.
    """
    box, nearest = layout(sides, height), nearest_pairs(sides)
    said = ", ".join(f"{pair} {side:.2f}" for pair, side in zip(PAIRS, sides, strict=True))
    # the nearest pair last, so that it lies on top
    order = sorted(range(3), key=lambda pair: pair in nearest)
    lines = "".join(_line(box, pair, pair in nearest) for pair in order)
    dots = "".join(
        f'<i style="{_at(box, x - 4.0, y - 4.0, 8.0)}; aspect-ratio: 1; border-radius: 50%; '
        'background: currentColor"></i>'
        for x, y in box.corners
    )
    images = "".join(
        f'<img src="{address(picture)}" alt="" style="{_at(box, x, y, PICTURE)}; aspect-ratio: 1; '
        "image-rendering: pixelated; border-radius: 0.25rem; "
        'box-shadow: 0 0 0 1px color-mix(in srgb, currentColor 15%, transparent)">'
        f'<span style="{_at(box, x, y + (-CAPTION if name == "Table" else PICTURE), PICTURE)}; '
        f'text-align: center; font-size: 0.8rem; line-height: 1.5">{name}</span>'
        for name, picture, (x, y) in zip(NAMES, pictures, box.pictures, strict=True)
    )
    return (
        '<figure style="margin: 0 0 0.5rem; max-width: 30rem">'
        f'<figcaption><b>{escape(title)}</b> <span style="opacity: 0.65">{escape(unit)}</span>'
        f'</figcaption><div role="img" aria-label="{escape(title)}: {escape(said)}" '
        f'style="position: relative; aspect-ratio: {WIDTH:g} / {box.height:.1f}; '
        f'margin: 0.5rem 0">{lines}{images}{dots}</div>{_bars(sides, nearest)}</figure>'
    )


def nearest_pairs(sides: np.ndarray) -> list[int]:
    """Which of the three pairs is the nearest; several where they are all but equally near."""
    return [int(i) for i in np.flatnonzero(sides <= sides.min() * (1 + ALIKE))]


def verdict(pixels: np.ndarray, codes: np.ndarray) -> str:
    """Who is nearest to whom in pixels and in codes, and which way the code shifts it.

    Args:
        pixels: A to B, A to the table, B to the table.
        codes: the same three, between codes.
    """
    if pixels.min() == 0 or codes.min() == 0:
        return "Two of the three are the same: take three different ones."
    seen, known = nearest_pairs(pixels), nearest_pairs(codes)
    if seen == known:
        words = f"In pixels and in codes alike, {_named(seen)}."
    else:
        words = f"In pixels, {_named(seen)}; in codes, {_named(known)}."
    by_pixels, by_codes = pixels[1] / pixels[0], codes[1] / codes[0]
    words += (
        f" Seen from chair A, the table is {by_pixels:.2g} times as far away as chair B in pixels, "
        f"and {by_codes:.2g} times in codes"
    )
    if by_codes > by_pixels * (1 + ALIKE):
        return f"{words}: the code brings the two chairs together."
    if by_codes < by_pixels / (1 + ALIKE):
        return f"{words}: the code brings chair A and the table together."
    return f"{words}: the code changes nothing in that."


def _named(pairs: list[int]) -> str:
    if len(pairs) == 3:
        return "all three are equally far apart"
    names = [PAIRS[pair][0].lower() + PAIRS[pair][1:] for pair in pairs]
    return f"**{'** just as **'.join(names)}** are nearest"


def _line(box: Box, pair: int, nearest: bool) -> str:
    """A side, as a bar that is turned: `st.html` lets no SVG through."""
    start, end = (box.corners[corner] for corner in CORNERS[pair])
    (x, y), (dx, dy) = start, end - start
    thick = 4.0 if nearest else 1.5
    colour = NEAREST if nearest else "color-mix(in srgb, currentColor 40%, transparent)"
    return (
        f'<i style="{_at(box, x, y, float(np.hypot(dx, dy)))}; height: {thick}px; '
        f"margin-top: {-thick / 2}px; background: {colour}; transform-origin: 0 50%; "
        f'transform: rotate({np.degrees(np.arctan2(dy, dx)):.2f}deg)"></i>'
    )


def _at(box: Box, x: float, y: float, width: float) -> str:
    """A place in the box, as shares of it, so that it may have any size."""
    return (
        f"position: absolute; left: {100 * x / WIDTH:.2f}%; top: {100 * y / box.height:.2f}%; "
        f"width: {100 * width / WIDTH:.2f}%"
    )


def _bars(sides: np.ndarray, nearest: list[int]) -> str:
    rows = []
    for pair, (name, side) in enumerate(zip(PAIRS, sides, strict=True)):
        share = 100 * side / max(float(sides.max()), 1e-12)
        colour = NEAREST if pair in nearest else "currentColor; opacity: 0.35"
        weight = 600 if pair in nearest else 400
        rows.append(
            f'<span style="font-weight: {weight}">{name}</span>'
            f'<span style="text-align: right; font-variant-numeric: tabular-nums; '
            f'font-weight: {weight}">{side:.2f}</span>'
            f'<i style="grid-column: 1 / -1; height: 0.35rem; border-radius: 1rem; '
            f'width: {share:.1f}%; background: {colour}"></i>'
        )
    return (
        '<div style="display: grid; grid-template-columns: 1fr auto; gap: 0.15rem 1rem; '
        f'font-size: 0.875rem">{"".join(rows)}</div>'
    )
