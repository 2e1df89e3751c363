"""Tables: solids with the part they belong to, from factors."""

from __future__ import annotations

import numpy as np

from latent.furniture.factors import Factors, number
from latent.furniture.legs import Stand, standing
from latent.furniture.solids import Parts, box, outline, slab


def table(f: Factors) -> Parts:
    """A table's parts: `main` the top and what is under it, `legs`, `wheels`."""
    whim = np.random.default_rng(int(number(f, "detail")))
    width, depth, height = (number(f, name) for name in ("width", "depth", "height"))
    thick = number(f, "top_thickness")
    edge = outline(width, depth, number(f, "roundness"))
    parts: Parts = [("main", slab(edge, height - thick, height))]
    under = height - thick
    round_top = number(f, "roundness") > 0.5
    room = 0.72 if round_top else 1.0
    overhang = whim.uniform(0, 0.08) if f["legs"] != "panel" else 0.0
    w, d = width * room - 2 * overhang, depth * room - 2 * overhang
    parts += standing(Stand(f, w, d, under, whim))
    apron = np.clip(0.1 * height + 0.02, 0.03, 0.11) * whim.uniform(0.6, 1.2)
    if f["apron"] == "yes" and f["legs"] not in ("pedestal", "star"):
        parts += _apron(f, w, d, under, apron, round_top)
    if f["shelf"] == "yes" and f["legs"] not in ("pedestal", "star"):
        at, t = height * whim.uniform(0.18, 0.45), min(thick, 0.025)
        inner = outline(w * 0.97, d * 0.97, number(f, "roundness"))
        parts.append(("main" if whim.random() < 0.8 else "legs", slab(inner, at, at + t)))
    if f["leaves"] == "yes":
        drop = min(width * 0.45, height * whim.uniform(0.3, 0.7))
        for side in (-1, 1):
            x = side * (width / 2 - 0.004)
            low, high = sorted((x, x + side * max(thick, 0.018)))
            parts.append(("main", box([low, -depth / 2, height - drop], [high, depth / 2, height])))
    if number(f, "drawers") > 0:
        parts += _drawers(f, w, d, under, whim)
    return parts


def _apron(f: Factors, w: float, d: float, under: float, deep: float, round_top: bool) -> Parts:
    """A frame below the top: four boards or, under a round top, a ring."""
    if round_top:
        ring = outline(w * 1.1, d * 1.1, 1)
        return [("main", slab(ring, under - deep * 0.8, under))]
    t = min(0.02, number(f, "leg_thickness"))
    x, y = w / 2 - t * 0.6, d / 2 - t * 0.6
    return [
        ("main", box([-x, side * y - t / 2, under - deep], [x, side * y + t / 2, under]))
        for side in (-1, 1)
    ] + [
        ("main", box([side * x - t / 2, -y, under - deep], [side * x + t / 2, y, under]))
        for side in (-1, 1)
    ]


def _drawers(f: Factors, w: float, d: float, under: float, whim: np.random.Generator) -> Parts:
    """Up to three drawers in a row under the top; more of them in cabinets at the sides."""
    n = int(number(f, "drawers"))
    inset, gap = number(f, "leg_thickness") * 1.1, 0.008
    x, y = w / 2 - inset, d / 2 - 0.01
    if n <= 3:
        deep = min(whim.uniform(0.09, 0.16), under * 0.4)
        one_side = whim.random() < 0.3
        left = 0.15 * x if one_side else -x
        parts: Parts = [("main", box([left, -y, under - deep], [x, y, under]))]
        size = (x - left) / n
        rows = [(left + i * size, left + (i + 1) * size, under - deep, under) for i in range(n)]
    else:
        share = whim.uniform(0.26, 0.36) * w
        both = whim.random() < 0.6
        deep = min(under * whim.uniform(0.55, 0.97), 0.6)
        spans = [(-x, -x + share), (x - share, x)][0 if both else 1 :]
        count = -(-n // len(spans))
        parts = [("main", box([a, -y, under - deep], [b, y, under])) for a, b in spans]
        rows = [
            (a, b, under - deep * (i + 1) / count, under - deep * i / count)
            for a, b in spans
            for i in range(count)
        ]
    for a, b, low, high in rows:
        front = box([a + gap, -y - 0.016, low + gap], [b - gap, -y - 0.002, high - gap])
        parts.append(("main", front))
        middle, at = (a + b) / 2, (low + high) / 2
        reach = 0.012 if whim.random() < 0.5 else (b - a) * 0.18
        near, far = (
            (middle - reach, -y - 0.03, at - 0.008),
            (middle + reach, -y - 0.014, at + 0.008),
        )
        parts.append(("handles", box(near, far)))
    return parts
