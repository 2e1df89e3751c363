"""What colours an image shows, as a soft histogram in a space where distances are seen."""

from __future__ import annotations

import numpy as np

SOFT = 16.0  # how far a pixel spreads over the anchors, in units of Lab: about a shade
WHITE = 97.0  # lightness from which a pixel without colour is ground
COLOURLESS = 4.0  # chroma below which a pixel has no colour
LEAST = 0.01  # share of the pixels that must stand out; else all count
HUES = 12


def anchors() -> np.ndarray:
    """Colours that an image is compared with, shape (K, 3), in Lab.

    Five greys from black to white, and twelve hues, each dark, pale and vivid: evenly over what
    screens show. Few enough to be named and shown, close enough that a shade falls between two.
    """
    turns = np.arange(HUES) * 2 * np.pi / HUES
    found = [(light, 0.0, 0.0) for light in (8, 30, 52, 74, 95)]
    for light, chroma in ((30, 30), (55, 30), (80, 25), (55, 65)):
        found += [(light, chroma * np.cos(turn), chroma * np.sin(turn)) for turn in turns]
    return np.array(found, np.float32)


ANCHORS = anchors()


def histograms(x: np.ndarray) -> np.ndarray:
    """Which colours images on white show, and how much of each.

    Args:
        x: shape (B, 3, H, W), float32 in [0, 1], sRGB.

    Returns:
        Shape (B, K), float32: the square roots of the shares of `ANCHORS`, so that every row
        has length 1 and the product of two rows is their Bhattacharyya coefficient, 1 for the
        same colours and 0 for none in common. White ground does not count.

    Source: Swain and Ballard 1991 for histograms; Bhattacharyya 1943 for the coefficient.
    """
    rows = [_histogram(image) for image in x]
    return np.stack(rows) if rows else np.empty((0, len(ANCHORS)), np.float32)


def _histogram(image: np.ndarray) -> np.ndarray:
    every_second = np.moveaxis(image[:, ::2, ::2], 0, 2)  # a quarter of the pixels says the same
    lab = to_lab(every_second.reshape(-1, 3))  # (n, 3)
    shown = (lab[:, 0] < WHITE) | (np.hypot(lab[:, 1], lab[:, 2]) > COLOURLESS)
    if shown.mean() >= LEAST:
        lab = lab[shown]
    # |p − a|² without an array of all differences
    squared = (lab**2).sum(1)[:, None] - 2 * lab @ ANCHORS.T + (ANCHORS**2).sum(1)
    weights = np.exp((squared.min(1, keepdims=True) - squared) / (2 * SOFT**2))  # (n, K)
    shares = (weights / weights.sum(1, keepdims=True)).mean(0)
    roots: np.ndarray = np.sqrt(shares).astype(np.float32)
    return roots / np.linalg.norm(roots)


def to_lab(rgb: np.ndarray) -> np.ndarray:
    """sRGB in [0, 1], shape (n, 3), as CIE Lab (D65), float32: L from 0 to 100.

    Source: IEC 61966-2-1 and CIE 15; in Lab equal distances look about equally different.
    """
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    xyz = linear @ _TO_XYZ / _D65
    cubes = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    lab = np.stack([116 * cubes[:, 1] - 16, 500 * (cubes[:, 0] - cubes[:, 1]),
                    200 * (cubes[:, 1] - cubes[:, 2])], axis=1)  # fmt: skip
    return lab.astype(np.float32)


def to_rgb(lab: np.ndarray) -> np.ndarray:
    """CIE Lab, shape (n, 3), as sRGB, uint8; what a screen cannot show is brought inside."""
    y = (lab[:, 0] + 16) / 116
    cubes = np.stack([y + lab[:, 1] / 500, y, y - lab[:, 2] / 200], axis=1)
    xyz = np.where(cubes > 6 / 29, cubes**3, 3 * (6 / 29) ** 2 * (cubes - 4 / 29)) * _D65
    linear = np.clip(xyz @ np.linalg.inv(_TO_XYZ), 0, 1)
    rgb = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return (np.clip(rgb, 0, 1) * 255).round().astype(np.uint8)


_TO_XYZ = np.array([
    [0.4124564, 0.2126729, 0.0193339],
    [0.3575761, 0.7151522, 0.1191920],
    [0.1804375, 0.0721750, 0.9503041],
])  # fmt: skip
_D65 = np.array([0.95047, 1.0, 1.08883])
