"""Where an image lands: alone, in a batch, and in another process."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

from latent import InputError, LatentSpace, bundle
from latent.placement import measured, percent, write_standard
from latent.standard import Standard
from tests.conftest import digit_images

ARRAYS = ("code", "reconstruction", "neighbours", "distances", "cosine_neighbours",
          "cosine_distances")  # fmt: skip


def bits(placed) -> bytes:
    """All that a placement says, to the last bit."""
    parts = [getattr(placed, name).tobytes() for name in ARRAYS]
    parts += [xy.tobytes() for xy in placed.coordinates.values()]
    numbers = [placed.error, placed.confidence, placed.distance, placed.novelty]
    return b"".join(parts) + np.array(numbers).tobytes() + placed.label.encode()


def test_an_image_lands_on_the_same_bits_alone_and_in_a_batch(tiny_space, tiny_data):
    x = tiny_data.x()[200:240]
    together = tiny_space.place_all(x)
    for image, placed in zip(x, together, strict=True):
        assert bits(placed) == bits(tiny_space.place(image))
    np.testing.assert_array_equal(tiny_space.encode(x), [placed.code for placed in together])


@pytest.mark.parametrize("threads", ["1", "3"])
def test_another_process_finds_the_same_bits(tiny_folder, tiny_data, tiny_space, threads):
    program = (
        "import sys, numpy as np; from latent import load_space; "
        "from tests.test_placement import bits; "
        "x = np.frombuffer(sys.stdin.buffer.read(), np.float32).reshape(1, 28, 28); "
        "sys.stdout.write(bits(load_space(sys.argv[1]).place(x)).hex())"
    )
    x = tiny_data.x()[231]
    answer = subprocess.run(
        [sys.executable, "-c", program, str(tiny_folder)],
        input=x.tobytes(),
        capture_output=True,
        check=True,
        env={**os.environ, "OMP_NUM_THREADS": threads},
    )
    assert bytes.fromhex(answer.stdout.decode()) == bits(tiny_space.place(x))


def test_neighbours_by_both_metrics_are_those_of_the_space(tiny_space, tiny_data):
    placed = tiny_space.place(tiny_data.x()[250])
    near = tiny_space.neighbours(placed.code, 10)
    np.testing.assert_array_equal(placed.neighbours, near[0])
    same_way = tiny_space.neighbours(placed.code, 10, "cosine")
    np.testing.assert_array_equal(placed.cosine_neighbours, same_way[0])
    np.testing.assert_allclose(placed.cosine_distances, same_way[1], atol=1e-6)


@pytest.mark.parametrize("units", ["prior", "posterior"])
def test_coordinates_are_those_of_each_map_alone(own_folder, tiny_data, units):
    config = bundle.read_config(own_folder)
    bundle.seal(own_folder, config | {"voting_units": units})
    space = LatentSpace(own_folder)
    for image in (*tiny_data.x()[200:204], digit_images(1, seed=9)[0][0][None] / np.float32(255)):
        placed = space.place(image)
        assert set(placed.coordinates) == set(space.map_names)
        for name, xy in placed.coordinates.items():
            alone = space.map(name).transform(placed.code[None])[0]
            np.testing.assert_array_equal(xy, alone)


def test_votes_are_those_of_the_nearest_and_the_label_leads_them(tiny_space, tiny_data):
    placed = tiny_space.place(tiny_data.x()[250])
    labels = tiny_space.gallery.labels[placed.neighbours[: tiny_space.voters]]
    assert sum(placed.votes.values()) == tiny_space.voters
    for name, count in placed.votes.items():
        assert count == (labels == tiny_space.class_names.index(name)).sum()
    assert placed.votes[placed.label] == max(placed.votes.values())
    share = placed.votes[placed.label] / tiny_space.voters
    assert placed.confidence == tiny_space.standard.confidence(share)


def test_noise_is_unlike_all_that_the_model_knows_and_a_digit_is_not(tiny_space, tiny_data):
    noise = np.random.default_rng(0).random((1, 28, 28), np.float32)
    assert tiny_space.place(noise).novel
    found = [placed.novel for placed in tiny_space.place_all(tiny_data.x()[200:260])]
    assert np.mean(found) < 0.2


@pytest.mark.parametrize(
    ("share", "words"),
    [(0, "0 %"), (0.5, "50 %"), (0.9, "90 %"), (0.954, "95.4 %"), (0.9996, "99.9 %"), (1, "100 %")],
)
def test_a_share_is_never_rounded_up_to_all_of_it(share, words):
    assert percent(share) == words


def test_a_standard_by_brute_force(tiny_space):
    gallery, found = tiny_space.gallery, measured(tiny_space)
    for i, image in enumerate(np.flatnonzero(gallery.split)[:20]):
        distances = np.linalg.norm(gallery.codes - gallery.codes[image], axis=1)
        distances[image] = np.inf
        near = np.argsort(distances, kind="stable")[: tiny_space.voters]
        counts = np.bincount(gallery.labels[near], minlength=10)
        assert found.shares[i] == pytest.approx(counts.max() / tiny_space.voters)
        resolved = tiny_space.resolved(gallery.codes)
        distances = np.sort(np.linalg.norm(resolved - resolved[image], axis=1))[1:6]
        assert found.distances[i] == pytest.approx(distances.mean(), rel=1e-5)


def test_a_sample_stands_in_for_all_test_images(tiny_space):
    assert len(measured(tiny_space, sample=30).errors) == 30


def test_a_stored_standard_is_read_again(own_folder):
    space = LatentSpace(own_folder)
    standard = measured(space)
    fields = {name: getattr(standard, name) for name in ("errors", "distances", "voted", "shares")}
    strangers = {"noise": np.array([0.5, 1], np.float32)}
    write_standard(space, Standard(**fields, truth=standard.truth, strangers=strangers))
    again = LatentSpace(own_folder).standard
    np.testing.assert_array_equal(again.novelties, standard.novelties)
    np.testing.assert_array_equal(again.strangers["noise"], [0.5, 1])


def test_an_encoder_that_was_taught_to_doubt_is_asked(own_folder, alter, tiny_data):
    image = tiny_data.x()[250]
    plain = LatentSpace(own_folder).place(image)
    assert (plain.doubt, plain.doubt_percentile) == (None, None)
    alter(own_folder, config={"taught_to_doubt": True})
    space = LatentSpace(own_folder)
    logvar = space.autoencoder.encode(image[None])[1]
    placed, known = space.place(image), space.gallery.logvar[space.gallery.split == 1].mean(1)
    assert placed.doubt == pytest.approx(logvar.mean(), rel=1e-4)
    assert placed.doubt_percentile == pytest.approx(100 * (known < placed.doubt).mean())
    label = space.class_names.index(placed.label)
    for standard in (space.standard, measured(space)):
        np.testing.assert_allclose(standard.doubts, known, rtol=1e-6)
    judged = space.standard.novelty(placed.error, placed.distance, label, placed.doubt)
    assert placed.novelty == judged
    strange = space.place(np.random.default_rng(0).random((1, 28, 28), np.float32))
    assert strange.novelty > 0.95


def test_a_standard_that_does_not_fit_is_refused(own_folder):
    space = LatentSpace(own_folder)
    short = {name: np.ones(3) for name in ("distances", "voted", "shares")}
    bundle.write_arrays(own_folder / bundle.STANDARD, short)
    bundle.seal(own_folder, bundle.read_config(own_folder))
    with pytest.raises(InputError, match=r"standard.npz: the array 'distances' does not fit the"):
        _ = LatentSpace(own_folder).standard
    assert space.standard.strangers == {}
