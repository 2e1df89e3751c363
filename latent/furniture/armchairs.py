"""What armchairs have beyond chairs: padded arms down to the frame, or a frame of bent wood."""

from __future__ import annotations

import numpy as np

from latent.furniture.factors import Factors, number
from latent.furniture.legs import Stand, standing
from latent.furniture.seats import Seat
from latent.furniture.solids import (
    Parts,
    bar,
    cushion,
    mirrored,
    outline,
    sheet,
    smooth,
    tube,
)

TUB = 0.62  # roundness above which an upholstered armchair is a tub


def bentwood(f: Factors, seat: Seat, whim: np.random.Generator) -> Parts:
    """A frame of bent wood or tube at each side: arm, front, and a runner or a rocker."""
    x, z = seat.width / 2 + 0.02, seat.height + whim.uniform(0.12, 0.24) * (f["arms"] != "none")
    front, rear = -seat.depth / 2 - 0.03, seat.depth / 2 + 0.05
    metal = f["leg_material"] == "metal"
    wide = 0.022 if metal else whim.uniform(0.03, 0.06)
    high = wide if metal else 0.024
    low = high / 2
    arm = [(rear * 0.8, z - 0.02), (0.0, z), (front + 0.08, z + 0.005), (front + 0.015, z - 0.05)]
    straight: list[np.ndarray] = []
    if f["legs"] == "rocker":
        ends = whim.uniform(0.07, 0.14)
        rocker = [
            (front - 0.08, low + ends),
            (front * 0.45, low + 0.015),
            (0.03, low),
            (rear * 0.6, low + 0.02),
            (rear + 0.2, low + ends),
        ]
        bent = [smooth(_in_plane(x, arm), 16), smooth(_in_plane(x, rocker), 20)]
        straight = [
            _in_plane(x, [(front + 0.015, z - 0.05), (front + 0.03, low + ends * 0.4)]),
            _in_plane(x, [(rear * 0.75, z - 0.02), (rear * 0.85, low + 0.03)]),
        ]
    else:
        runner = [(front + 0.01, low + 0.07), (front + 0.06, low + 0.005), (0.0, low), (rear, low)]
        bent = [smooth(_in_plane(x, arm + runner), 36)]
        if whim.random() < 0.5:
            back = [(rear * 0.8, z - 0.02), (rear * 0.55, seat.height - 0.05)]
            straight = [_in_plane(x, [*back, (front * 0.2, low + 0.2)])]
    solids = [tube(path, wide, high, square=not metal) for path in bent]
    solids += [tube(path, wide, high, square=True) for path in straight]
    sides: Parts = [("legs", mirrored(solid)) for solid in solids]
    y, under = -seat.depth / 2 + 0.1, seat.height - seat.thick - 0.01
    return sides + [
        ("legs", bar((-x, at, under), (x, at, under), 0.04, 0.025, square=True)) for at in (y, -y)
    ]


def _in_plane(x: float, points: list[tuple[float, float]]) -> np.ndarray:
    """Points (y, z) as (x, y, z)."""
    return np.array([(x, y, z) for y, z in points])


def club(f: Factors, whim: np.random.Generator) -> Parts:
    """An upholstered armchair whose arms go down to the frame: boxy, or a tub where it is round."""
    w, d, h = (number(f, name) for name in ("width", "depth", "height"))
    foot = 0.0 if f["legs"] == "plinth" else whim.uniform(0.07, 0.21)
    if f["legs"] in ("sled", "star", "pedestal"):
        foot = max(0.16, h - 0.2)
    up = whim.uniform(0.1, 0.26) * (f["arms"] != "none")  # of the arms above the seat
    tub = number(f, "roundness") > TUB
    parts = (_tub if tub else _boxy)(f, foot, up, whim)
    if not foot:
        return parts
    thick = min(number(f, "leg_thickness"), 0.05)
    room, top = (0.66 if tub else 0.92), foot + 0.02
    if not tub and f["legs"] in ("straight", "sled") and whim.random() < 0.35:
        room, top = 1.02, h + up * 0.85  # a frame that holds the arms from outside
    short: Factors = {**f, "stretchers": "no", "leg_thickness": thick}
    return parts + standing(Stand(short, w * room, d * room, top, whim))


def _boxy(f: Factors, foot: float, up: float, whim: np.random.Generator) -> Parts:
    """A base, a seat cushion, a back, arms, at times a pillow."""
    w, d, h, high = (number(f, name) for name in ("width", "depth", "height", "back_height"))
    lean = float(np.tan(np.radians(number(f, "tilt")))) * 0.6
    arm = whim.uniform(0.05, min(0.19, w * 0.22)) * (f["arms"] != "none")
    soft, thick = whim.uniform(0.15, 0.6), whim.uniform(0.12, 0.22)
    base = h - float(np.clip(number(f, "top_thickness"), 0.08, 0.18))
    inner = w - 2 * arm
    below = outline(w - arm * 0.5, d * 0.96, 0.1)
    seat = outline(inner, d - thick * 0.8, 0.25)
    behind = outline(w - 2 * arm * whim.choice([0.0, 1.0]), thick, 0.3)
    back = cushion(behind, h - 0.1, h + high, softness=soft)
    back[..., 1] += d / 2 - thick / 2 + (back[..., 2] - h) * lean
    parts: Parts = [
        ("main", cushion(below, foot, base + 0.01, softness=0.1)),
        ("main", cushion(seat, base, h + 0.02, (0, -thick * 0.4), softness=soft)),
        ("main", back),
    ]
    if arm:
        edge, place = outline(arm, d, number(f, "roundness") * 0.5), (w / 2 - arm / 2, 0.0)
        rest = cushion(edge, foot, h + up, place, softness=soft * 0.8)
        parts.append(("main", mirrored(rest)))
    if whim.random() < 0.35:
        pillow = cushion(outline(inner * 0.85, 0.14, 0.6), h, h + high * 0.75, softness=0.9)
        pillow[..., 1] += d / 2 - thick - 0.05 + (pillow[..., 2] - h) * (lean + 0.15)
        parts.append(("pad" if whim.random() < 0.2 else "main", pillow))
    return parts


def _tub(f: Factors, foot: float, up: float, whim: np.random.Generator) -> Parts:
    """A wall bent round a round seat, highest at the back."""
    w, d, h, high = (number(f, name) for name in ("width", "depth", "height", "back_height"))
    thick = whim.uniform(0.05, 0.12)
    turn = np.linspace(-118, 118, 33)  # degrees, from the back to both sides
    angle = np.radians(turn + 90)
    behind = np.clip((np.cos(turn * np.pi / 180 * 0.9) + 0.25) / 1.25, 0, 1)
    top = h + up + (high - up) * behind ** whim.uniform(0.6, 2.0)
    low = foot if whim.random() < 0.6 else max(foot, h - 0.16)
    rows = np.linspace(0, 1, 8)[:, None]
    flare = 0.85 + 0.15 * rows
    across = (w - thick) / 2 * np.cos(angle) * flare
    along = (d - thick) / 2 * np.sin(angle) * flare
    wall = np.stack([across, along, low + (top - low) * rows], 2)  # (8, 33, 3)
    edge = outline(w * 0.86, d * 0.86, 0.9)
    base = max(foot, h - whim.uniform(0.14, 0.3)) if low > foot else foot
    return [
        ("main", sheet(wall, thick)),
        ("main", cushion(edge, base, h - 0.08, softness=0.1)),
        ("main", cushion(edge, h - 0.12, h + 0.02, (0, -0.02), softness=0.5)),
    ]
