"""Stops to be met one after the other, and the parcel of what was found of the ways over them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from latent.cache import fingerprint
from latent.ways import PIXELS, Way
from ui.live.parcels import Parcel, pack


@dataclass(frozen=True)
class Line:
    """Stops to be met one after the other.

    Args:
        model: its name.
        stops: codes, shape (S, latent_dim).
        steps: images from each to the next, both included.
        closed: on from the last to the first.
    """

    model: str
    stops: np.ndarray
    steps: int
    closed: bool

    @property
    def stamp(self) -> str:
        """What is found for these stops belongs to no others."""
        return fingerprint(self.model, self.stops, self.steps, self.closed)[:16]


def ways_parcel(
    line: Line, found: Mapping[str, Way | str], trail: np.ndarray | None, drawn: bool
) -> Parcel:
    """All ways over the stops, for the browser.

    Args:
        line: the stops.
        found: by the name of each way what was measured, or why it cannot be gone.
        trail: codes of the one along the data with straight lines between, (n, latent_dim).
        drawn: the browser decodes by itself; else the pictures go along.
    """
    ways = {name: way for name, way in found.items() if isinstance(way, Way)}
    arrays: dict[str, np.ndarray] = {}
    if trail is not None:
        arrays["codes.graph"] = trail
    if PIXELS in ways:
        arrays[f"codes.{PIXELS}"] = ways[PIXELS].codes
    if not drawn:
        arrays |= {f"images.{name}": _pixels(way.images) for name, way in ways.items()}
    figures = {
        name: {
            "length": way.length, "worst": way.worst, "jump": way.largest_change,
            "percentiles": way.percentiles.tolist(), "changes": way.changes.tolist(),
        }
        for name, way in ways.items()
    }  # fmt: skip
    return pack("ways", arrays, {
        "stamp": line.stamp, "latent_dim": line.stops.shape[1], "figures": figures,
        "failed": {name: why for name, why in found.items() if isinstance(why, str)},
    })  # fmt: skip


def _pixels(images: np.ndarray) -> np.ndarray:
    """Images in [0, 1] as bytes, channels first as they are."""
    return np.rint(images.clip(0, 1) * 255).astype(np.uint8)
