"""Small synthetic sets of points in 2-D, of which one knows what made every point."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from latent.errors import InputError


@dataclass(frozen=True)
class Blobs:
    """Points and the group that made each.

    Args:
        points: shape (N, 2), float32.
        groups: shape (N,), uint8.
        names: of the groups.
    """

    points: np.ndarray
    groups: np.ndarray
    names: list[str]


@dataclass(frozen=True)
class Preset:
    """A set to draw: what it is good for, and its groups.

    Args:
        title: as a page calls it.
        note: what to see in it.
        components: that suit it.
        middles: of each group.
        shapes: of each group two standard deviations and the angle of the first, degrees.
        shares: of each group; they sum to 1.
    """

    title: str
    note: str
    components: int
    middles: tuple[tuple[float, float], ...]
    shapes: tuple[tuple[float, float, float], ...]
    shares: tuple[float, ...]


PRESETS = {
    "apart": Preset(
        "Well apart", "Every point has one clear owner: soft and hard clusters agree.", 4,
        ((-3, 2), (3, 2.5), (-2.2, -2.5), (2.8, -2)), ((0.6, 0.6, 0),) * 4, (0.25,) * 4,
    ),
    "overlapping": Preset(
        "Overlapping", "Between two groups no point can be sure who made it, and a soft "
        "cluster says so.", 3,
        ((-1.5, 0), (1.5, 0.3), (0.1, 2.4)),
        ((0.9, 0.9, 0), (0.9, 0.9, 0), (0.9, 0.7, 0)), (0.35, 0.35, 0.3),
    ),
    "elongated": Preset(
        "Elongated", "Groups like cigars: k-means cuts them in half, for it knows round ones "
        "only.", 3,
        ((0, 1.6), (0, 0), (0, -1.6)), ((2.4, 0.28, 18),) * 3, (0.34, 0.33, 0.33),
    ),
    "unequal": Preset(
        "Large and small", "A wide group beside two tight ones: k-means gives its edge to the "
        "neighbours.", 3,
        ((-1.5, 0), (2.4, 1.3), (2.4, -1.3)),
        ((1.5, 1.5, 0), (0.3, 0.3, 0), (0.3, 0.3, 0)), (0.6, 0.2, 0.2),
    ),
    "ring": Preset(
        "Ring", "No Gaussian has this shape: a mixture lays several along it, and which ones "
        "depends on the start.", 6, (), (), (),
    ),
}  # fmt: skip


def draw_blobs(name: str, count: int, seed: int) -> Blobs:
    """Draw one of the presets.

    Args:
        name: key of `PRESETS`.
        count: of points.
        seed: of the draw.

    Raises:
        InputError: unknown name, or fewer than two points.
    """
    if name not in PRESETS:
        raise InputError(f"Unknown points {name[:40]!r}; choose one of: {', '.join(PRESETS)}.")
    if count < 2:
        raise InputError(f"A mixture needs at least two points; got {count}. Draw more.")
    preset, rng = PRESETS[name], np.random.default_rng(seed)
    if not preset.middles:
        return _ring(count, rng)
    groups = rng.choice(len(preset.shares), size=count, p=preset.shares)
    noise = rng.standard_normal((count, 2))
    points = np.empty((count, 2))
    for group, (middle, (long, short, angle)) in enumerate(
        zip(preset.middles, preset.shapes, strict=True)
    ):
        a = np.deg2rad(angle)
        turn = np.array([[np.cos(a), np.sin(a)], [-np.sin(a), np.cos(a)]])
        own = groups == group
        points[own] = np.array(middle) + (noise[own] * (long, short)) @ turn
    names = [f"group {group + 1}" for group in range(len(preset.middles))]
    return Blobs(points.astype(np.float32), groups.astype(np.uint8), names)


def _ring(count: int, rng: np.random.Generator) -> Blobs:
    """A ring around a small blob."""
    inner = rng.random(count) < 0.2
    angle = rng.uniform(0, 2 * np.pi, count)
    radius = 2.5 + 0.18 * rng.standard_normal(count)
    points = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    points[inner] = 0.4 * rng.standard_normal((int(inner.sum()), 2))
    return Blobs(points.astype(np.float32), inner.astype(np.uint8), ["ring", "middle"])
