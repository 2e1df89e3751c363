"""Paths against closed forms."""

from __future__ import annotations

import re

import numpy as np
import pytest

from latent import InputError
from latent.paths import PATHS, lerp, slerp, walk

RNG = np.random.default_rng(0)


def pair(width: int = 5) -> tuple[np.ndarray, np.ndarray]:
    z = RNG.standard_normal((2, width), np.float32)
    return z[0], z[1]


@pytest.mark.parametrize("name", PATHS)
@pytest.mark.parametrize("n_steps", [2, 3, 9])
def test_every_path_includes_both_ends_and_gives_n_steps(name, n_steps):
    z0, z1 = pair()
    path = walk(name, z0, z1, n_steps)
    assert path.shape == (n_steps, 5)
    assert path.dtype == np.float32
    np.testing.assert_allclose(path[[0, -1]], [z0, z1], atol=1e-6)


@pytest.mark.parametrize("name", PATHS)
def test_every_path_backwards_is_the_path_between_exchanged_ends(name):
    z0, z1 = pair()
    np.testing.assert_allclose(walk(name, z0, z1, 7)[::-1], walk(name, z1, z0, 7), atol=1e-6)


def test_lerp_gives_the_middle_and_quarters_of_a_line():
    path = lerp(np.array([0.0, 4.0]), np.array([8.0, 0.0]), 5)
    np.testing.assert_array_equal(path, [[0, 4], [2, 3], [4, 2], [6, 1], [8, 0]])


def test_slerp_between_axes_gives_sine_and_cosine():
    angle = np.linspace(0, np.pi / 2, 7)
    path = slerp(np.array([1.0, 0.0]), np.array([0.0, 1.0]), 7)
    np.testing.assert_allclose(path, np.stack([np.cos(angle), np.sin(angle)], 1), atol=1e-7)


def test_slerp_keeps_norm_between_codes_of_equal_norm():
    z0, z1 = pair(16)
    z1 *= np.linalg.norm(z0) / np.linalg.norm(z1)
    norms = np.linalg.norm(slerp(z0, z1, 11), axis=1)
    np.testing.assert_allclose(norms, np.linalg.norm(z0), rtol=1e-5)


def test_slerp_turns_by_equal_angles_and_changes_length_evenly():
    z0, z1 = pair(16)
    path = slerp(z0, 3 * z1, 9).astype(np.float64)
    length = np.linalg.norm(path, axis=1)
    cosine = (path[1:] * path[:-1]).sum(1) / (length[1:] * length[:-1])
    angles = np.arccos(cosine)
    np.testing.assert_allclose(angles, angles.mean(), rtol=1e-4)
    np.testing.assert_allclose(np.diff(length), np.diff(length).mean(), rtol=1e-4)


def test_slerp_goes_around_its_center():
    z0, z1 = pair()
    center = RNG.standard_normal(5)
    expected = center + slerp(z0 - center, z1 - center, 6)
    np.testing.assert_allclose(slerp(z0, z1, 6, center), expected, atol=1e-6)


def test_lerp_does_not_depend_on_a_center():
    z0, z1 = pair()
    np.testing.assert_array_equal(lerp(z0, z1, 4, np.ones(5)), lerp(z0, z1, 4))


def test_slerp_on_one_ray_is_straight():
    z0, _ = pair()
    np.testing.assert_allclose(slerp(z0, 2 * z0, 5), lerp(z0, 2 * z0, 5), atol=1e-6)


def test_slerp_between_a_code_and_itself_stays_there():
    z0, _ = pair()
    np.testing.assert_allclose(slerp(z0, z0, 4), np.tile(z0, (4, 1)), atol=1e-6)


@pytest.mark.parametrize("name", PATHS)
@pytest.mark.parametrize(
    ("z1", "n_steps", "message"),
    [
        (np.ones(4), 5, r"needs two codes of one shape; got \(3,\) and \(4,\). Encode both"),
        (np.ones((1, 3)), 5, r"needs two codes of one shape; got \(3,\) and \(1, 3\)"),
        (np.ones(3), 1, "needs at least 2 steps, both ends included; got 1"),
        (np.ones(3), -3, "needs at least 2 steps, both ends included; got -3"),
    ],
)
def test_every_path_refuses_codes_of_two_shapes_and_too_few_steps(name, z1, n_steps, message):
    with pytest.raises(InputError, match=re.escape(name) + r"\(\) " + message):
        walk(name, np.ones(3), z1, n_steps)


def test_slerp_refuses_a_code_at_the_center():
    with pytest.raises(InputError, match="codes away from the center. Take lerp"):
        slerp(np.zeros(3), np.ones(3), 5)
    with pytest.raises(InputError, match="codes away from the center. Take lerp"):
        slerp(np.ones(3), np.zeros(3), 5, center=np.ones(3))


def test_slerp_refuses_opposite_codes():
    z0, _ = pair()
    with pytest.raises(InputError, match="codes that are not opposite. Take lerp"):
        slerp(z0, -2 * z0, 5)


def test_walk_names_the_paths_that_it_knows():
    with pytest.raises(InputError, match="Unknown path 'detour'; choose one of: lerp, slerp"):
        walk("detour", np.ones(3), np.zeros(3), 5)
