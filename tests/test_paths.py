"""Paths against closed forms."""

from __future__ import annotations

import re

import numpy as np
import pytest

from latent import InputError
from latent.graph import build
from latent.paths import PATHS, lerp, on_trail, slerp, trail, traverse, walk

RNG = np.random.default_rng(0)
GRAPHS = {width: build(RNG.standard_normal((80, width), np.float32)) for width in (3, 5)}


def pair(width: int = 5) -> tuple[np.ndarray, np.ndarray]:
    z = RNG.standard_normal((2, width), np.float32)
    return z[0], z[1]


@pytest.mark.parametrize("name", PATHS)
@pytest.mark.parametrize("n_steps", [2, 3, 9])
def test_every_path_includes_both_ends_and_gives_n_steps(name, n_steps):
    z0, z1 = pair()
    path = walk(name, z0, z1, n_steps, None, GRAPHS[5])
    assert path.shape == (n_steps, 5)
    assert path.dtype == np.float32
    np.testing.assert_allclose(path[[0, -1]], [z0, z1], atol=1e-6)


@pytest.mark.parametrize("name", PATHS)
def test_every_path_backwards_is_the_path_between_exchanged_ends(name):
    z0, z1 = pair()
    there, back = (walk(name, *ends, 7, None, GRAPHS[5]) for ends in ((z0, z1), (z1, z0)))
    np.testing.assert_allclose(there[::-1], back, atol=1e-5)


@pytest.mark.parametrize("name", PATHS)
def test_every_path_between_a_code_and_itself_stays_there(name):
    z0 = GRAPHS[5].codes[7]
    path = walk(name, z0, z0, 4, None, GRAPHS[5])
    np.testing.assert_allclose(path, np.tile(z0, (4, 1)), atol=1e-6)


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
        walk(name, np.ones(3), z1, n_steps, None, GRAPHS[3])


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
    with pytest.raises(
        InputError, match="Unknown path 'detour'; choose one of: lerp, slerp, graph"
    ):
        walk("detour", np.ones(3), np.zeros(3), 5)


def half_circle() -> np.ndarray:
    angle = np.linspace(0, np.pi, 200)
    return np.stack([np.cos(angle), np.sin(angle)], axis=1).astype(np.float32)


def test_the_way_along_the_data_keeps_to_it_where_the_straight_line_leaves_it():
    codes = half_circle()
    path = walk("graph", codes[0], codes[-1], 17, None, build(codes))
    radius = np.linalg.norm(path, axis=1)
    assert np.abs(walk("lerp", codes[0], codes[-1], 17)).min() < 1e-6  # it meets the middle
    assert radius.min() > 0.6
    assert np.all(path[:, 1] >= -1e-6)
    np.testing.assert_allclose(path[:, 0], -path[::-1, 0], atol=0.02)  # as symmetric as the data


def test_steps_along_the_data_are_equal_in_length():
    z0, z1 = pair()
    codes = trail(GRAPHS[5], z0, z1)
    lengths = np.linalg.norm(np.diff(codes, axis=0), axis=1)
    np.testing.assert_allclose(lengths, lengths.mean(), rtol=0.02)


def test_smoothing_lets_a_half_wave_fade_as_heat_does():
    """One half wave of height h over a line of length 1 keeps exp(−π² · 0.05) of it."""
    x = np.linspace(0, 1, 400)
    codes = np.stack([x, 0.01 * np.sin(np.pi * x)], axis=1).astype(np.float32)
    path = walk("graph", codes[0], codes[-1], 9, None, build(codes))
    assert path[4, 1] / 0.01 == pytest.approx(np.exp(-0.05 * np.pi**2), rel=0.02)


def test_the_way_along_the_data_asks_for_a_graph():
    with pytest.raises(InputError, match=r"graph\(\) needs the neighbour graph .* Take Latent"):
        walk("graph", np.ones(3), np.zeros(3), 5)


def test_on_a_trail_a_share_lies_between_the_codes_around_it():
    codes = np.array([[0.0, 0.0], [2.0, 0.0], [2.0, 4.0]], np.float32)
    found = on_trail(codes, np.array([0, 0.25, 0.5, 0.75, 1]))
    np.testing.assert_array_equal(found, [[0, 0], [1, 0], [2, 0], [2, 2], [2, 4]])


def test_traverse_moves_one_number_in_equal_steps_and_no_other():
    codes = traverse(np.array([9.0, 8.0, 7.0]), 1, 5, mean=1, std=2, reach=3)
    np.testing.assert_array_equal(codes, [[9, v, 7] for v in (-5, -2, 1, 4, 7)])
    assert codes.dtype == np.float32


def test_traverse_reaches_three_standard_deviations_of_the_prior_unless_told():
    np.testing.assert_array_equal(traverse(np.zeros(2), 0, 7)[:, 0], np.arange(-3, 4))


@pytest.mark.parametrize("dim", [-1, 3])
def test_traverse_refuses_a_number_that_the_code_lacks(dim):
    with pytest.raises(InputError, match=rf"one of its numbers; got shape \(3,\) and {dim}"):
        traverse(np.zeros(3), dim, 5)


def test_traverse_refuses_a_single_step():
    with pytest.raises(InputError, match=r"traverse\(\) needs at least 2 steps"):
        traverse(np.zeros(3), 0, 1)
