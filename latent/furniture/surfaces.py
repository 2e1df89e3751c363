"""What furniture is made of: colour, gloss, grain."""

from __future__ import annotations

import colorsys
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from latent.furniture.factors import Factors, number

ROLES = ("main", "legs", "pad", "wheels", "handles")  # parts, each of one stuff


@dataclass(frozen=True)
class Stuff:
    """What a part is made of.

    Args:
        colour: shape (3,), linear RGB in [0, 1].
        gloss: how much of a coat of lacquer it has, in [0, 1].
        metal: how much of a mirror it is, in [0, 1].
        texture: "plain", "wood", "cloth" or "wicker".
    """

    colour: np.ndarray
    gloss: float
    metal: float
    texture: str


SURFACES = {
    "wood": (0.35, 0.0, "wood"),
    "painted": (0.5, 0.0, "plain"),
    "plastic": (0.7, 0.0, "plain"),
    "leather": (0.7, 0.0, "cloth"),
    "fabric": (0.0, 0.0, "cloth"),
    "wicker": (0.1, 0.0, "wicker"),
    "metal": (0.6, 0.9, "plain"),
}


def stuffs_of(f: Mapping[str, str | float]) -> dict[str, Stuff]:
    """What each part is made of."""

    def stuff(material: str, prefix: str) -> Stuff:
        h, s, lightness = (f[f"{prefix}{name}"] for name in ("hue", "saturation", "lightness"))
        rgb = colorsys.hls_to_rgb(float(h), float(lightness), float(s))
        gloss, metal, texture = SURFACES[material]
        return Stuff(np.clip(rgb, 0.01, 0.985) ** 2.2, gloss, metal, texture)

    main = stuff(str(f["material"]), "")
    legs = main if f["leg_material"] == "same" else stuff(str(f["leg_material"]), "leg_")
    rubber = Stuff(np.full(3, 0.03), 0.3, 0.0, "plain")
    handles = Stuff(np.full(3, 0.03 if main.colour.mean() > 0.2 else 0.4), 0.5, 0.0, "plain")
    pad = stuff("fabric", "pad_")
    return {"main": main, "legs": legs, "pad": pad, "wheels": rubber, "handles": handles}


def texture(at: np.ndarray, along: np.ndarray, kinds: np.ndarray, f: Factors) -> np.ndarray:
    """Grain, cloth and wicker as a factor on the colour of points.

    Args:
        at: points, shape (N, 3), in metres.
        along: the axis of the grain at each, shape (N,), 0, 1 or 2.
        kinds: the texture at each, shape (N,), words as `Stuff` has them.
        f: factors.

    Returns:
        Shape (N, 1), about 1.
    """
    strength, phase = number(f, "texture"), number(f, "detail") % 97
    factor = np.ones(len(at))
    wood, cloth, wicker = (kinds == kind for kind in ("wood", "cloth", "wicker"))
    p, axis, rows = at[wood], along[wood], np.arange(wood.sum())
    x, y, z = (p[rows, (axis + k) % 3] for k in range(3))
    bend = np.sin(3 * x + phase) + 0.5 * np.sin(7 * x + 11 * y + phase)
    grain = np.sin(38 * y + 31 * z + 1.3 * bend) + 0.6 * np.sin(95 * y + 80 * z + bend + phase)
    factor[wood] = 1 + 0.13 * strength * grain
    p = at[cloth]
    folds = np.sin(p @ [23.0, 19, 17] + phase) * np.sin(p @ [-13.0, 29, 21])
    factor[cloth] = 1 + 0.06 * strength * folds
    p = at[wicker] * 2 * np.pi / 0.035
    weave = np.sin(p[:, 0] + p[:, 1]) * np.sin(p[:, 2] + 0.5 * p[:, 1])
    factor[wicker] = 1 - (0.1 + 0.4 * strength) * (weave > 0)
    return factor[:, None]
