"""Chairs, armchairs, swivel chairs and stools, from factors."""

from __future__ import annotations

import numpy as np

from latent.furniture.armchairs import bentwood, club
from latent.furniture.factors import Factors, number
from latent.furniture.legs import Stand, standing
from latent.furniture.seats import Seat
from latent.furniture.solids import Parts, bar, cushion, mirrored, outline, smooth, tube


def chair(f: Factors) -> Parts:
    """A chair's parts: `main` the seat and back, `legs`, `pad`, `wheels`."""
    whim = np.random.default_rng(int(number(f, "detail")))
    bent = f["legs"] in ("cantilever", "rocker")
    if (f["arms"] == "closed" or f["legs"] == "plinth") and not bent:
        return club(f, whim)
    seat = Seat(f, whim)
    parts = seat.parts()
    if bent:
        return parts + bentwood(f, seat, whim)
    room = 0.8 if f["back"] == "shell" and f["legs"] not in ("sled", "crossed") else 0.98
    under = seat.height - seat.thick
    w, d = seat.width * room, seat.depth * room
    parts += standing(Stand(f, w, d, under + 0.01, whim))
    if f["kind"] == "stool" and f["legs"] in ("sled", "pedestal"):
        at = under * whim.uniform(0.3, 0.45)
        reach = d / 2 - 0.02 if f["legs"] == "sled" else seat.depth * 0.3
        parts.append(("legs", bar((-w / 2, -reach, at), (w / 2, -reach, at), 0.02)))
    if f["arms"] == "open":
        parts += _swivel_arms(seat, whim) if f["kind"] == "swivel" else _arms(f, seat, whim)
    return parts


def _arms(f: Factors, seat: Seat, whim: np.random.Generator) -> Parts:
    """Rests on supports of the frame's stuff."""
    up = whim.uniform(0.16, 0.25)
    x, front = seat.width / 2 + 0.015, -seat.depth / 2 * whim.uniform(0.35, 0.95)
    shell = f["back"] == "shell"
    rear = seat.depth * 0.25 if shell else seat.at(seat.width / 2, up)[1]
    z, low = seat.height + up, seat.height - seat.thick
    thick = max(seat.frame, 0.025)
    path = [(x, front + 0.02, low), (x, front, z - 0.03), (x, front + 0.02, z), (x, rear, z)]
    if shell:
        path += [(x, rear + 0.03, z - 0.04), (x, rear + 0.02, low)]
    flat = whim.random() < 0.5
    solids = [tube(path, thick * (1.4 if flat else 0.8), thick * 0.8, square=flat)]
    if f["legs"] in ("straight", "tapered") and whim.random() < 0.7:
        solids.append(bar((x, front + 0.02, low), (x, front + 0.01, 0), thick, square=flat))
    role = "legs" if seat.full or shell else "main"
    return [(role, mirrored(solid)) for solid in solids]


def _swivel_arms(seat: Seat, whim: np.random.Generator) -> Parts:
    """Padded rests on brackets from under the seat."""
    x, z = seat.width / 2 + 0.015 + 0.03, seat.height + whim.uniform(0.16, 0.25)
    low = seat.height - seat.thick
    bracket = smooth([(x - 0.08, 0, low), (x, 0, low), (x, 0, z)], 8)
    rest = cushion(outline(0.055, seat.depth * 0.55, 0.4), z, z + 0.03, (x, 0))
    return [("legs", mirrored(tube(bracket, 0.045, 0.025))), ("legs", mirrored(rest))]
