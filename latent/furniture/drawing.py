"""Draws of furniture as catalogues have it: shapes, colours, views and light that go together."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from latent.furniture.factors import CHAIRS, KINDS, Choice, Factors, Number, check, choice, number

# of a catalogue, how much each kind makes up
SHARES = dict(zip(KINDS, (4, 3.3, 1.7, 1.6, 3.6, 2.6, 2.2, 1.2, 1.4), strict=True))
# (lightness from, to, reddest hue) of pale, middling and dark wood
WOODS = ((0.58, 0.84, 0.075), (0.3, 0.6, 0.05), (0.06, 0.3, 0.02))
# (hue from, to, saturation from, to, lightness from, to, share) of plain paint and cloth
PLAIN = (
    (0, 1, 0, 0.2, 0.88, 1, 0.36),  # white
    (0, 1, 0, 0.15, 0.06, 0.22, 0.29),  # black
    (0, 1, 0, 0.1, 0.16, 0.88, 0.19),  # grey
    (0.03, 0.13, 0.1, 0.5, 0.15, 0.85, 0.16),  # beige and brown
)
PREFIXES = ("", "leg_", "pad_")  # of the colours of the whole, the legs and a seat pad
BRIGHT = (0, 1, 0.25, 0.85, 0.15, 0.68)


def draw(rng: np.random.Generator, fixed: Mapping[str, str | float] | None = None) -> Factors:
    """Draw a piece of furniture, its colours, view and light.

    Args:
        rng: source of randomness.
        fixed: factors that are given, not drawn.

    Returns:
        Every factor of `NAMES`. Numbers are rounded to 32 bits, as they are stored, so
        that what is read back renders the same image.

    Raises:
        InputError: a fixed factor is unknown or not allowed.
    """
    given = dict(fixed or {})
    kinds = check(given)
    kind = Choice({kind: SHARES[kind] for kind in kinds}).draw(rng)
    drawn: Factors = {"kind": kind}
    for name, spec in KINDS[kind].items():
        drawn[name] = given.get(name, spec.draw(rng))
    for step in (_draw_shape, _draw_colours, _draw_view):
        drawn |= step(drawn, rng)
        drawn |= given
    return {
        name: value if isinstance(value, str) else float(np.float32(value))
        for name, value in drawn.items()
    }


def _draw_shape(drawn: Factors, rng: np.random.Generator) -> Factors:
    return (_chair_shape if drawn["kind"] in CHAIRS else _table_shape)(drawn, rng)


def _chair_shape(drawn: Factors, rng: np.random.Generator) -> Factors:
    """What depends on something else drawn: no armchair of bare wood, no low bent lounger."""
    new: Factors = {"back_height": 0.0} if drawn["back"] == "none" else {}
    if drawn["legs"] in ("cantilever", "rocker"):
        if drawn["arms"] == "closed":
            new["arms"] = "open"
        if rng.random() < 0.6:
            high = rng.uniform(0.55, 0.8)
            new |= {"back": "shell", "upholstery": "full", "back_height": high}
    elif drawn["arms"] == "closed" or drawn["legs"] == "plinth":
        new["upholstery"] = "full"
        if rng.random() < 0.65:  # low and wide, as most are
            new |= {"back_height": rng.uniform(0.24, 0.46), "width": rng.uniform(0.7, 0.98)}
    elif drawn["kind"] == "armchair":  # without arms to hold it, a low back looks like a bench
        new["back_height"] = max(number(drawn, "back_height"), 0.36)
    if new.get("upholstery", drawn["upholstery"]) == "full":
        new["material"] = choice("fabric 5, leather 2.5").draw(rng)
    elif drawn["material"] in ("fabric", "leather"):
        new["material"] = choice("wood 5, painted 4, plastic 2").draw(rng)
    if drawn["kind"] == "swivel" and drawn["leg_material"] == "same":
        new["leg_material"] = choice("painted 4, metal 3, same 1").draw(rng)
    return new


def _table_shape(drawn: Factors, rng: np.random.Generator) -> Factors:
    """As deep as wide, or less; small ones for a corner; legs no clumsier than the size bears."""
    spec = KINDS[str(drawn["kind"])]
    deep, leg = spec["depth"], spec["leg_thickness"]
    assert isinstance(deep, Number)
    assert isinstance(leg, Number)
    width = number(drawn, "width")
    share = rng.choice([1.0, rng.uniform(0.45, 1)], p=[0.35, 0.65])
    if drawn["kind"] == "round":
        share = rng.choice([1.0, rng.uniform(0.5, 1)], p=[0.8, 0.2])
    depth = float(np.clip(width * share, deep.low, deep.high))
    if drawn["kind"] in ("round", "dining") and rng.random() < 0.3:
        width = rng.uniform(0.45, 0.8)
        depth = width if rng.random() < 0.7 else rng.uniform(0.42, 0.8)
    thick = min(number(drawn, "leg_thickness"), 0.11 * min(width, depth))
    return {"width": width, "depth": depth, "leg_thickness": max(thick, leg.low)}


def _draw_colours(drawn: Factors, rng: np.random.Generator) -> Factors:
    """A colour for each part, as its material has it."""
    new: Factors = {}
    if drawn["leg_material"] == "same" and drawn["material"] in ("fabric", "leather", "wicker"):
        new["leg_material"] = choice("wood 5, painted 4, metal 2").draw(rng)
    for prefix in PREFIXES:
        new |= draw_colour(prefix, drawn | new, rng)
    return new


def draw_colour(prefix: str, drawn: Factors, rng: np.random.Generator) -> Factors:
    """Hue, saturation and lightness of a part as catalogues have them for its material.

    Args:
        prefix: of the part's factors, one of `PREFIXES`.
        drawn: has the materials of the piece.
        rng: source of randomness.
    """
    materials = {"": "material", "leg_": "leg_material"}
    material = drawn[materials[prefix]] if prefix in materials else "fabric"
    drawn_colour = _draw_colour(str(material), rng, 0.9 if prefix == "leg_" else 0.74)
    names = [f"{prefix}{name}" for name in ("hue", "saturation", "lightness")]
    return dict(zip(names, drawn_colour, strict=True))


def _draw_colour(
    material: str, rng: np.random.Generator, plainness: float
) -> tuple[float, float, float]:
    if material in ("wood", "wicker"):
        low, high, reddest = WOODS[rng.integers(3)]
        lightness = rng.uniform(low, high)
        return rng.uniform(reddest, 0.11), rng.uniform(0.22, 0.65), lightness
    if material == "metal":
        return rng.uniform(0, 1), rng.uniform(0, 0.06), rng.uniform(0.45, 0.85)
    shares = [share * plainness for *_, share in PLAIN]
    chosen = rng.choice(len(PLAIN) + 1, p=[*shares, 1 - plainness])
    a, b, c, d, e, f = (*(plain[:6] for plain in PLAIN), BRIGHT)[chosen]
    return rng.uniform(a, b), rng.uniform(c, d), rng.uniform(e, f)


def _draw_view(drawn: Factors, rng: np.random.Generator) -> Factors:
    """Mostly from three quarters, as catalogues show furniture; some frontal, some from aside."""
    kind = rng.choice(4, p=[0.72, 0.12, 0.08, 0.08])
    side = rng.choice([-1, 1])
    azimuth = [rng.normal(35, 9), rng.uniform(0, 8), rng.uniform(60, 90), rng.uniform(8, 60)][kind]
    low = drawn["kind"] in CHAIRS
    return {
        "azimuth": float(np.clip(side * azimuth, -90, 90)),
        "elevation": float(np.clip(rng.normal(14 if low else 17, 7), 1, 40)),
        "lens": float(np.clip(rng.gamma(4, 6), 8, 50)),
        "shadow": 0.0 if rng.random() < 0.5 else rng.uniform(0.15, 1),
        "margin": float(np.clip(rng.normal(0.06, 0.015), 0, 0.12)),
        "shift_x": float(np.clip(rng.normal(0, 0.012), -0.05, 0.05)),
        "shift_y": float(np.clip(rng.normal(0, 0.012), -0.05, 0.05)),
        "exposure": float(np.clip(rng.normal(0.97, 0.07), 0.8, 1.25)),
        "warmth": float(np.clip(rng.normal(0, 0.35), -1, 1)),
    }
