"""A seat and its back: a board with posts and slats, a pad, or one bent shell."""

from __future__ import annotations

import numpy as np

from latent.furniture.factors import Factors, number
from latent.furniture.solids import (
    Parts,
    bar,
    box,
    cushion,
    mirrored,
    outline,
    sheet,
    slab,
    smooth,
    tube,
)


class Seat:
    """A seat and the back above it.

    Args:
        f: factors of a chair.
        whim: decides what no factor does.
    """

    def __init__(self, f: Factors, whim: np.random.Generator) -> None:
        self.f, self.whim = f, whim
        self.width, self.depth = number(f, "width"), number(f, "depth")
        self.height, self.thick = number(f, "height"), number(f, "top_thickness")
        self.back_height, self.curve = number(f, "back_height"), number(f, "curve")
        self.lean = float(np.tan(np.radians(number(f, "tilt"))))
        self.full = f["upholstery"] == "full"
        self.frame = min(number(f, "leg_thickness"), 0.045)
        self.taper = whim.uniform(0.72, 1.12) if f["back"] in ("solid", "spindles") else 1.0

    def parts(self) -> Parts:
        """The seat with its back."""
        return self._shell() if self.f["back"] == "shell" else self._board() + self._back()

    def at(self, x: float, up: float) -> np.ndarray:
        """A point of the back, shape (3,): `x` across and `up` from the seat, in metres."""
        share = up / max(self.back_height, 0.05)
        across = x * (1 + (self.taper - 1) * share)
        bent = self.curve * (1 - (2 * x / self.width) ** 2)
        y = self.depth / 2 - self.frame / 2 + up * self.lean + bent
        return np.array([across, y, self.height + up])

    def _panel(
        self, x: float, low: float, high: float, thick: float, edge: float = 0.0
    ) -> np.ndarray:
        """A bent board of the back, its corners cut by the more the larger `edge` is, in [0, 1]."""
        rows = np.linspace(low, high, 9)
        from_end = np.minimum(rows - low, high - rows) / max(high - low, 1e-6)
        narrow = 1 - 0.35 * edge * np.clip(1 - from_end / 0.25, 0, 1) ** 2
        grid = [
            [self.at(side * x * share, up) for side in np.linspace(-1, 1, 9)]
            for up, share in zip(rows, narrow, strict=True)
        ]
        return sheet(np.array(grid), thick)

    def _board(self) -> Parts:
        """The seat, with a pad on it where there is one."""
        roundness = number(self.f, "roundness")
        roundness = roundness if roundness > 0.75 and self.f["kind"] == "stool" else roundness * 0.4
        edge = outline(self.width, self.depth, roundness)
        edge = edge * np.where(edge[:, 1:] > 0, (self.whim.uniform(0.85, 1), 1), 1)
        low, top = self.height - self.thick, self.height
        if self.full:
            return [("main", cushion(edge, low, top + 0.01, softness=self.whim.uniform(0.15, 0.6)))]
        parts: Parts = [("main", slab(edge, low, top))]
        if self.f["upholstery"] == "seat":
            swell = self.whim.uniform(0.02, 0.05)
            parts.append(("pad", cushion(edge * 0.94, top - 0.005, top + swell)))
        if self.thick < 0.03 and self.f["legs"] in ("straight", "tapered"):
            x, y = self.width / 2 - 0.02, self.depth / 2 - 0.02
            parts.append(("main", box([-x, -y, low - 0.045], [x, y, low])))
        return parts

    def _back(self) -> Parts:
        """The back that the factors ask for, between two posts unless it is upholstered."""
        kind = self.f["back"]
        if kind == "none":
            return []
        gap = self.whim.choice([0.0, 0.35, 0.55]) * self.back_height
        if self.full and kind == "solid":
            return self._cushioned(gap)
        parts = self._posts()
        deep = self.whim.uniform(0.04, 0.11)
        if kind == "solid":
            x, thin = self._between()
            panel = self._panel(x, gap, self.back_height, thin)
            return [*parts, ("main", panel), *self._headrest()]
        return parts + self._filling(deep)

    def _between(self) -> tuple[float, float]:
        """Half the distance of the posts, and how thick what is between them is."""
        return self.width / 2 - self.frame / 2, self.frame * 0.55

    def _cushioned(self, gap: float) -> Parts:
        thick = float(np.clip(self.thick * 0.9, 0.03, 0.14))
        low = gap if self.f["kind"] in ("swivel", "stool") else -self.thick * 0.6
        edge = self.whim.uniform(0, 1)
        parts: Parts = [
            ("main", self._panel(self.width / 2 * 0.96, low, self.back_height, thick, edge))
        ]
        if low > 0:
            parts.append(("legs", bar(self.at(0, -0.05), self.at(0, low + 0.06), 0.06, 0.025)))
        return parts + self._headrest()

    def _posts(self) -> Parts:
        x, _ = self._between()
        start = -self.height * 0.3 if self.f["legs"] in ("straight", "tapered") else -self.thick
        line = [
            self.at(x, max(up, 0)) + np.array([0, 0, min(up, 0)])
            for up in (start, 0, self.back_height / 2, self.back_height)
        ]
        return [("main", mirrored(tube(line, self.frame, square=bool(self.whim.random() < 0.6))))]

    def _filling(self, deep: float) -> Parts:
        """What is between the posts below a rail of that depth: rungs, a cross, slats, spindles."""
        kind, high, n = self.f["back"], self.back_height, int(number(self.f, "slats"))
        x, thin = self._between()
        if kind == "ladder":
            each = high / (n + 0.5)
            tall = each * self.whim.uniform(0.35, 0.75)
            tops = [high - i * each for i in range(min(n, 6))]
            return [("main", self._panel(x, top - tall, top, thin)) for top in tops]
        rail = ("main", self._panel(x, high - deep, high, thin))
        if kind == "cross":
            parts: Parts = [("main", self._panel(x, high * 0.1, high * 0.2, thin))]
            for side in (-1, 1):
                ends = self.at(-side * x, high * 0.2), self.at(side * x, high - deep)
                parts.append(("main", bar(*ends, 0.02, 0.035, square=True)))
            return [*parts, rail]
        flat = kind == "slats"
        wide = min(self.width * 0.5 / n, 0.09) if flat else 0.013
        low = 0.0 if not flat or self.whim.random() < 0.5 else high * 0.15
        parts = []
        for place in np.linspace(-x, x, n + 2)[1:-1]:
            ends = self.at(place, low), self.at(place, high - deep / 2)
            parts.append(("main", bar(*ends, wide, 0.013, square=flat)))
        if not flat and self.whim.random() < 0.4:
            bow = [self.at(place, high - thin) for place in np.linspace(-x, x, 7)]
            rail = ("main", tube(bow, 0.03))
        return [*parts, rail]

    def _headrest(self) -> Parts:
        if self.f["headrest"] == "no":
            return []
        high = self.back_height
        rest = self._panel(self.width * 0.27, high + 0.03, high + 0.17, 0.06, 0.8)
        holder = bar(self.at(0, high - 0.1), self.at(0, high + 0.08), 0.05, 0.02)
        return [("main", rest), ("legs", holder)]

    def _shell(self) -> Parts:
        """Seat and back in one bent sheet, a bucket where it is curved."""
        grid = self._surface()
        thick = float(np.clip(self.thick * (1.0 if self.full else 0.5), 0.01, 0.14))
        parts: Parts = [("main", sheet(grid, thick))]
        if self.f["upholstery"] == "seat":
            pad = outline(self.width * 0.8, self.depth * 0.75, 0.5)
            parts.append(("pad", cushion(pad, self.height - 0.01, self.height + 0.03)))
        return parts + self._headrest()

    def _surface(self) -> np.ndarray:
        """The middle of a shell from its front edge to its top, shape (26, 13, 3)."""
        d, h, high, lean = self.depth / 2, self.height, self.back_height, self.lean
        profile = smooth(
            [
                (0, -d, h - 0.025),
                (0, -d * 0.85, h),
                (0, 0, h - 0.02),
                (0, d * 0.55, h - 0.01),
                (0, d * 0.8 + high * 0.12 * lean, h + 0.12 * high + 0.02),
                (0, d * 0.76 + high * 0.5 * lean, h + 0.5 * high),
                (0, d * 0.72 + high * lean, h + high),
            ],
            26,
        )
        share = np.linspace(0, 1, len(profile))
        roundness, narrow = number(self.f, "roundness"), self.whim.uniform(0.7, 1.0)
        half = self.width / 2 * (1 + (narrow - 1) * share)
        half *= 1 - 0.55 * roundness * np.clip((share - 0.78) / 0.22, 0, 1) ** 2.2
        half *= 1 - 0.2 * roundness * np.clip((0.15 - share) / 0.15, 0, 1) ** 2
        bucket = self.curve * (1.2 if self.f["kind"] in ("chair", "stool") else 2.4)
        across = np.linspace(-1, 1, 13)
        grid = np.zeros((len(profile), 13, 3))
        grid[..., 0] = half[:, None] * across
        grid[..., 1:] = profile[:, None, 1:]
        upright = np.clip((share - 0.4) / 0.3, 0, 1)[:, None]
        middle = np.sin(np.pi * np.clip(share * 1.15, 0, 1)) ** 0.5
        lift = bucket * middle[:, None] * np.abs(across) ** 2.5  # the sides rise out of the seat
        grid[..., 2] += lift * (1 - upright * 0.8)
        grid[..., 1] -= lift * upright
        return grid
