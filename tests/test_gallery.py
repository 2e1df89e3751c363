"""The gallery: the data set as codes, and what is wrong with one that makes no sense."""

from __future__ import annotations

import numpy as np
import pytest

from latent import InputError, LatentSpace, bundle
from latent.data import TEST, TRAIN


def test_the_gallery_is_in_32_bits_and_counts_its_images(tiny_space):
    gallery = tiny_space.gallery
    assert len(gallery) == 300
    assert {gallery.codes.dtype, gallery.logvar.dtype, gallery.reconstruction_error.dtype} == {
        np.dtype(np.float32)
    }
    assert ((gallery.split == TRAIN).sum(), (gallery.split == TEST).sum()) == (200, 100)


def test_an_ae_has_no_logvar(ae_space):
    assert ae_space.gallery.logvar is None


def test_the_gallery_knows_how_well_each_image_is_reconstructed(tiny_space, tiny_data):
    x_hat = tiny_space.decode(tiny_space.gallery.codes)
    expected = np.square(x_hat - tiny_data.x()).mean((1, 2, 3))
    np.testing.assert_allclose(tiny_space.gallery.reconstruction_error, expected, rtol=2e-3)


def test_encoding_the_data_again_gives_the_gallery(tiny_space, tiny_data):
    mu, logvar = tiny_space.autoencoder.encode(tiny_data.x())
    np.testing.assert_allclose(tiny_space.gallery.codes, mu, rtol=2e-3, atol=2e-3)
    steps = np.abs(tiny_space.gallery.logvar - logvar) * 16  # how finely it is stored
    assert steps.max() < 0.52
    np.testing.assert_array_equal(tiny_space.gallery.labels, tiny_data.labels)
    np.testing.assert_array_equal(tiny_space.gallery.split, tiny_data.split)


NAN_CODES = np.full((300, 4), np.nan, np.float16)
LABELS = np.zeros(300, np.uint8)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"codes": np.ones((300, 5), np.float16)}, "the array 'codes' has shape .* needs .300, 4"),
        ({"codes": np.ones((299, 4), np.float16)}, "the array 'codes' has shape .* needs .300, 4"),
        ({"codes": np.ones((300, 4), np.int32)}, "the array 'codes' holds no finite numbers"),
        ({"codes": NAN_CODES}, "the array 'codes' holds no finite numbers"),
        ({"logvar": NAN_CODES}, "the array 'logvar' holds no finite numbers"),
        (
            {"logvar": np.ones((300, 3), np.float16)},
            "the array 'logvar' has shape .* needs .300, 4",
        ),
        ({"split": np.ones(3, np.uint8)}, "the array 'split' has shape .3,., needs .300,"),
        ({"split": LABELS + 2}, "the array 'split' holds more than 0 and 1"),
        ({"split": LABELS.astype(float)}, "the array 'split' holds no finite numbers of its kind"),
        ({"reconstruction_error": np.ones((300, 1))}, "the array 'reconstruction_error' has shape"),
        ({"factor.width": np.ones(3)}, "the factor 'width' has shape .3,., needs .300,"),
        ({"factor.width": LABELS.astype(float) + np.inf}, "the factor 'width' holds no finite"),
        ({"labels": LABELS + 10}, "the array 'labels' names a class that the config lacks"),
        (
            {"labels": LABELS.astype(float)},
            "the array 'labels' holds no finite numbers of its kind",
        ),
        ({"labels": LABELS.astype(int) - 1}, "the array 'labels' names a class that the config la"),
        ({"labels": LABELS[:, None]}, "the array 'labels' has shape .300, 1., needs .300,"),
        ({"labels": np.array(3)}, "the array '(labels|codes)' has shape"),
    ],
)
def test_a_gallery_that_makes_no_sense_is_named_with_its_array(own_folder, alter, arrays, message):
    alter(own_folder, gallery=arrays)
    with pytest.raises(InputError, match=f"gallery.npz: {message}"):
        LatentSpace(own_folder)


@pytest.mark.parametrize("name", ["codes", "labels", "split", "reconstruction_error"])
def test_a_gallery_without_one_of_its_arrays_is_named(own_folder, alter, name):
    alter(own_folder, gallery={}, without=(name,))
    with pytest.raises(InputError, match=f"gallery.npz: the array '{name}' is missing"):
        LatentSpace(own_folder)


def test_an_empty_gallery_is_refused(own_folder, alter):
    arrays = bundle.read_arrays(own_folder / bundle.GALLERY)
    alter(own_folder, gallery={name: array[:0] for name, array in arrays.items()})
    with pytest.raises(InputError, match="gallery.npz: the array '.*' has shape .0"):
        LatentSpace(own_folder)
