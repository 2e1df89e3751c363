"""Factors to a picture: rays into the solids, soft light from a white studio.

Each pixel is the mean of 3×3 rays. From where a ray lands it looks twice into the studio
and once to the lamp, which gives soft shadows at little cost.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from latent.furniture.chairs import chair
from latent.furniture.factors import CHAIRS, Factors, number
from latent.furniture.rays import LOOKS, RAYS, SIZE, Rays, Tracer, camera, dot, strata_of
from latent.furniture.surfaces import ROLES, stuffs_of, texture
from latent.furniture.tables import table


@dataclass(frozen=True)
class Scene:
    """Solids ready to be looked at.

    Args:
        triangles: shape (T, 3, 3), float32, in metres.
        roles: shape (T,), an index into `ROLES`: of what stuff a triangle is.
        along: shape (T,), 0, 1 or 2: the axis along which the grain of its solid runs.
    """

    triangles: np.ndarray
    roles: np.ndarray
    along: np.ndarray


def build(factors: Factors) -> Scene:
    """The solids of a piece of furniture, standing on the floor."""
    parts = chair(factors) if factors["kind"] in CHAIRS else table(factors)
    sizes = [len(solid) for _, solid in parts]
    along = [np.ptp(solid.reshape(-1, 3), axis=0).argmax() for _, solid in parts]
    return Scene(
        np.concatenate([solid for _, solid in parts]).astype(np.float32),
        np.repeat([ROLES.index(role) for role, _ in parts], sizes),
        np.repeat(along, sizes),
    )


def render(factors: Factors) -> np.ndarray:
    """A picture of a piece of furniture as a catalogue shows it, on white.

    Args:
        factors: every factor, as `draw` gives them.

    Returns:
        Shape (64, 64, 3), uint8, the same for the same factors.

    Raises:
        InputError: the libraries that render are not installed.
    """
    scene = build(factors)
    tracer = Tracer(scene.triangles)
    origin, ahead = camera(scene.triangles, factors)
    hit, distance = tracer.nearest(origin, ahead)
    rays = Rays(ahead, strata_of(factors))
    seen = hit >= 0
    colour = np.ones((len(ahead), 3))
    at = origin + ahead * distance[:, None]
    colour[seen] = _shade(scene, factors, tracer, at[seen], hit[seen], rays.only(seen))
    if number(factors, "shadow") > 0:
        under = ~seen & (ahead[:, 2] < -1e-3)
        floor = origin + ahead[under] * (-origin[2] / ahead[under, 2])[:, None]
        dark = np.zeros(len(ahead))
        dark[under] = _shadow(scene, factors, tracer, floor, rays.only(under))
        dark = _blurred(dark, ~seen)[~seen]
        colour[~seen] -= number(factors, "shadow") * dark[:, None]
    rows = np.clip(colour, 0, 1).reshape(SIZE, RAYS, SIZE, RAYS, 3)
    pixels = np.zeros((SIZE, SIZE, 3))
    for i, j in np.ndindex(RAYS, RAYS):
        pixels += rows[:, i, :, j]
    return (pixels / RAYS**2 * 255).round().astype(np.uint8)


def _shade(
    scene: Scene, f: Factors, tracer: Tracer, at: np.ndarray, hit: np.ndarray, rays: Rays
) -> np.ndarray:
    """Colours (N, 3) in sRGB of points `at` (N, 3) that rays see on triangles `hit` (N,)."""
    role, stuffs = scene.roles[hit], stuffs_of(f)
    albedo = np.stack([stuffs[name].colour for name in ROLES])[role]  # (N, 3)
    gloss = np.array([stuffs[name].gloss for name in ROLES])[role][:, None]
    metal = np.array([stuffs[name].metal for name in ROLES])[role][:, None]
    kinds = np.array([stuffs[name].texture for name in ROLES])[role]
    albedo = albedo * texture(at, scene.along[hit], kinds, f)
    normal = _normals(scene.triangles)[hit]
    normal *= -np.sign(dot(normal, rays.ahead))  # towards the camera
    lit, studio, open_ = _light(f, tracer, at + normal * 2e-3, normal, rays)
    # colours bleed: where no studio is seen, there is furniture, most of it of the main stuff
    studio = studio + (1 - open_) * 0.55 * stuffs["main"].colour
    lamp, share = _lamp(f), 0.15 + 0.5 * number(f, "contrast")
    warm = number(f, "warmth") * np.array([0.05, 0.0, -0.07]) + 1
    light = ((1 - share) * studio + share * lit / max(lamp[2], 0.6)) * warm
    mirror = rays.ahead - 2 * dot(rays.ahead, normal) * normal
    facing = np.clip(-dot(rays.ahead, normal), 0, 1)
    fresnel = 0.04 + 0.96 * (1 - facing) ** 5  # Schlick's approximation for lacquer
    streak = np.clip(dot(mirror, lamp), 0, 1) ** 30
    chrome = 0.25 + 0.75 * np.clip(0.5 + 0.6 * np.sin(5 * mirror[:, 2:] + 2 * mirror[:, :1]), 0, 1)
    linear = albedo * ((1 - metal) * light + metal * (0.25 * light + 0.85 * chrome))
    linear += gloss * (fresnel * _studio(mirror) * 0.6 * open_ + 0.35 * share * streak * (lit > 0))
    return np.clip(linear * number(f, "exposure") * 1.05, 0, 1) ** (1 / 2.2)


def _light(
    f: Factors, tracer: Tracer, at: np.ndarray, normal: np.ndarray, rays: Rays
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What reaches points (N, 3): light of the lamp, of the studio, the share of it seen.

    Each of shape (N, 1).
    """
    to_lamp = _near(_lamp(f), number(f, "light_softness") * rays.strata[0])
    lit = tracer.free(at, to_lamp)[:, None]
    lit *= np.clip(dot(normal, to_lamp), 0, 1)
    studio, open_ = np.zeros((len(at), 1)), np.zeros((len(at), 1))
    for stratum in rays.strata:
        out = _near(normal, stratum)  # cosine-weighted, as the points are even on the sphere
        free = tracer.free(at, out)[:, None]
        studio += free * _studio(out) / LOOKS
        open_ += free / LOOKS
    return lit, studio, open_


def _normals(triangles: np.ndarray) -> np.ndarray:
    corners = triangles.astype(np.float64)
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    return normals / (np.linalg.norm(normals, axis=1, keepdims=True) + 1e-12)


def _lamp(f: Factors) -> np.ndarray:
    """The direction of the lamp, shape (3,)."""
    turn, rise = np.radians(number(f, "light_azimuth")), np.radians(number(f, "light_elevation"))
    return np.array([np.sin(turn) * np.cos(rise), -np.cos(turn) * np.cos(rise), np.sin(rise)])


def _near(axis: np.ndarray, offset: np.ndarray) -> np.ndarray:
    """Directions (N, 3) to the ends of axes plus offsets."""
    near = axis + offset
    return near / (np.sqrt(dot(near, near)) + 1e-9)


def _studio(towards: np.ndarray) -> np.ndarray:
    """Light (N, 1) that comes from there: white above, a little less from the floor."""
    return 0.85 + 0.25 * towards[:, 2:]


def _shadow(scene: Scene, f: Factors, tracer: Tracer, floor: np.ndarray, rays: Rays) -> np.ndarray:
    """How dark the floor is at these points, (N,) in [0, 1]."""
    low, high = scene.triangles.reshape(-1, 3).min(0), scene.triangles.reshape(-1, 3).max(0)
    beside = np.linalg.norm(np.maximum(np.maximum(low - floor, floor - high)[:, :2], 0), axis=1)
    reach = 0.5 * high[2] + 0.05
    near = np.flatnonzero(beside < reach)
    start = floor[near] + (0, 0, 1e-3)
    up = np.array([0.0, 0.0, 1.0])
    covered = np.mean([1 - tracer.free(start, _near(up, s[near])) for s in rays.strata], 0)
    soft = number(f, "light_softness") + 0.1
    behind = 1 - tracer.free(start, _near(_lamp(f), soft * rays.strata[0, near]))
    dark = np.zeros(len(floor))
    fading = (1 - beside[near] / reach) ** 2
    dark[near] = (0.42 * covered + 0.3 * number(f, "contrast") * behind) * fading
    return dark


def _blurred(values: np.ndarray, known: np.ndarray) -> np.ndarray:
    """A picture's values (192·192,) averaged over about three pixels, where they are known."""
    sums = np.stack([values * known, known]).reshape(2, SIZE * RAYS, SIZE * RAYS)
    for axis in (1, 2, 1, 2):
        nothing = np.zeros_like(np.take(sums, [0], axis))
        summed = np.cumsum(np.concatenate([nothing, sums], axis), axis)
        reach, n = 4, SIZE * RAYS
        high = np.minimum(np.arange(n) + reach + 1, n)
        low = np.maximum(np.arange(n) - reach, 0)
        sums = np.take(summed, high, axis) - np.take(summed, low, axis)
    return (sums[0] / np.maximum(sums[1], 1e-9)).ravel()
