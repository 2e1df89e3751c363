"""What of its causes a picture can show: proportions, and a side to be seen from.

A picture is framed to its content, so that a doll's chair looks like a chair: it shows sizes
as shares of the piece's own, and it shows from where a piece is seen as far as the piece does
not look the same from elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from latent.furniture.factors import CHAIRS

# from how many sides a piece looks the same, in the order of their index
SYMMETRIES = ("one front", "two sides alike", "four sides alike", "alike all round")
SIZES = ("width", "depth", "height", "back_height", "leg_thickness")
SQUARE = 0.9  # shorter by longer side from which nobody tells which is which
ROUND = 0.8  # roundness from which a top has no sides
SIDED = ("sled", "panel", "trestle", "crossed", "column")  # frames, one at each side


def extent(triangles: np.ndarray) -> float:
    """The longest side of the box around a piece, shape (T, 3, 3), upright: in its own unit."""
    return float(np.ptp(triangles.reshape(-1, 3), axis=0).max())


def symmetry(factors: Mapping[str, np.ndarray], words: Mapping[str, Sequence[str]]) -> np.ndarray:
    """From how many sides pieces look the same.

    A back, arms and drawers make one front. Of the others a square top looks the same from
    four sides and a round one from all, unless legs or leaves are at two sides of it; what
    is left looks the same from two.

    Args:
        factors: as `load_furniture` gives them, each (N,).
        words: of those that are one of several.

    Returns:
        Shape (N,), uint8, an index into `SYMMETRIES`.
    """

    def is_one_of(name: str, *those: str) -> np.ndarray:
        return np.isin(factors[name], [words[name].index(word) for word in those])

    fronted = ~is_one_of("back", "none") | ~is_one_of("arms", "none")
    fronted |= ~is_one_of("kind", *CHAIRS) & (factors["drawers"] > 0)
    sided = is_one_of("legs", *SIDED) | is_one_of("leaves", "yes")
    square = ~sided & (_oblong(factors) > SQUARE)
    rounded = square & (factors["roundness"] > ROUND)
    return np.select([fronted, rounded, square], [0, 3, 2], 1).astype(np.uint8)


def shown(factors: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Sizes and azimuth as pictures show them.

    Args:
        factors: each (N,), of them `SIZES`, "extent", "symmetry" and "azimuth" as far as
            they are known.

    Returns:
        Those of `SIZES`, as shares of the longest side of the box around the piece (as they
        are where "extent" is not known), NaN for the height of a back that is not there;
        and "azimuth", in degrees, of the front, or of a longer side where pieces have two
        fronts, NaN where a piece looks the same from four sides or from all. Of a piece
        without a front `width` is the longer side. Each (N,), float32.
    """
    known = {name: factors[name].astype(np.float32) for name in SIZES if name in factors}
    if "azimuth" in factors:
        known["azimuth"] = factors["azimuth"].astype(np.float32)
    if "back_height" in known:
        known["back_height"][known["back_height"] == 0] = np.nan
    if {"symmetry", "width", "depth", "azimuth"} <= set(factors):
        known |= _longer_side_first(known, factors["symmetry"])
    if "extent" in factors:
        known |= {name: known[name] / factors["extent"] for name in SIZES if name in known}
    return known


def _longer_side_first(known: Mapping[str, np.ndarray], alike: np.ndarray) -> dict[str, np.ndarray]:
    """Width, depth and azimuth of pieces, where those without a front are turned by 90°."""
    width, depth, azimuth = known["width"], known["depth"], known["azimuth"]
    squarish = _oblong(known) > SQUARE
    turned = (depth > width) & ((alike > 1) | ((alike == 1) & ~squarish))
    quarter = np.where(azimuth > 0, azimuth - 90, azimuth + 90)
    return {
        "width": np.where(turned, depth, width),
        "depth": np.where(turned, width, depth),
        "azimuth": np.where(alike > 1, np.nan, np.where(turned, quarter, azimuth)),
    }


def _oblong(factors: Mapping[str, np.ndarray]) -> np.ndarray:
    """The shorter side of pieces by the longer one, (N,)."""
    width, depth = factors["width"], factors["depth"]
    return np.minimum(width, depth) / np.maximum(width, depth)
