"""Recognition from a few examples: means, thresholds, names, and files that come back."""

from __future__ import annotations

import io
import zipfile

import numpy as np
import pytest
from sklearn.neighbors import NearestCentroid

from latent import InputError, LatentSpace
from latent.encoder import Encoder
from latent.recognition import (
    Classes,
    Enrolled,
    Trial,
    distances_to_nearest,
    enrol,
    known_classes,
    load,
    nobody,
    recognise,
    remove,
    rename,
    save,
    together,
    trial,
    weights_of,
)


@pytest.fixture(scope="module")
def encoder(tiny_folder) -> Encoder:
    return Encoder(tiny_folder)


def images(encoder: Encoder, count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random((count, *encoder.image_shape), np.float32)


def shown(encoder: Encoder, **counts: int) -> Enrolled:
    found = nobody(encoder)
    for seed, (name, count) in enumerate(counts.items()):
        x = images(encoder, count, seed)
        found = enrol(found, name, x, encoder.encode(x))
    return found


def test_an_image_is_of_the_class_whose_mean_is_nearest(encoder: Encoder) -> None:
    enrolled = shown(encoder, cat=4, dog=5)
    classes = together(encoder, None, enrolled)
    codes = encoder.encode(images(encoder, 30, 9))
    peer = NearestCentroid().fit(enrolled.codes, enrolled.names)
    even = Classes(classes.names, classes.means, np.full(2, np.inf))
    found = [recognise(code, even, enrolled, np.inf).name for code in codes]
    assert found == peer.predict(codes).tolist()


def test_beyond_the_threshold_it_is_a_stranger_and_the_nearest_are_named() -> None:
    enrolled = Enrolled(("a", "b", "b"), np.array([[0, 0], [4, 0], [6, 0]], np.float32),
                        np.zeros((3, 1, 2, 2), np.uint8))  # fmt: skip
    classes = Classes(("a", "b"), np.array([[0, 0], [5, 0]], np.float32), np.full(2, np.inf))
    near = recognise(np.array([1.0, 0]), classes, enrolled, threshold=1.5)
    far = recognise(np.array([2.0, 0]), classes, enrolled, threshold=1.5)
    assert (near.name, near.distance, near.stranger) == ("a", 1.0, False)
    assert (far.name, far.distance, far.stranger) == ("a", 2.0, True)
    assert far.ranking == ("a", "b")
    assert far.nearest.tolist() == [0, 1, 2]
    assert far.apart.tolist() == [2, 2, 4]


def test_a_class_shown_a_few_times_is_as_near_as_if_its_mean_were_exact() -> None:
    rng = np.random.default_rng(0)
    ratios = []
    for _ in range(200):
        shown, others = rng.standard_normal((3, 64)), rng.standard_normal((50, 64))
        few = Classes(("a",), shown.mean(0, keepdims=True), np.array([3.0]))
        many = Classes(("a",), np.zeros((1, 64)), np.array([np.inf]))
        ratios.append(few.distances(others).mean() / many.distances(others).mean())
    assert np.mean(ratios) == pytest.approx(1, abs=0.01)


def test_where_nothing_is_known_that_is_said(encoder: Encoder) -> None:
    classes = together(encoder, None, nobody(encoder))
    with pytest.raises(InputError, match="Nothing is known yet"):
        recognise(np.zeros(encoder.latent_dim), classes, nobody(encoder), 1.0)


def test_what_is_known_from_training_is_the_mean_of_its_codes(
    encoder: Encoder, tiny_space: LatentSpace
) -> None:
    gallery = tiny_space.gallery
    classes = known_classes(encoder, without=("1",))
    assert "1" not in classes.names
    train = (gallery.split == 0) & (gallery.labels == 2)
    mean = classes.means[classes.names.index("2")]
    np.testing.assert_allclose(mean, gallery.codes[train].mean(0), atol=1e-4)


def test_a_name_of_ones_own_takes_the_place_of_a_known_class(encoder: Encoder) -> None:
    base = known_classes(encoder)
    enrolled = shown(encoder, **{"2": 3, "cat": 1})
    classes = together(encoder, base, enrolled)
    assert sorted(classes.names) == sorted({*base.names, "cat"})
    mean = classes.means[classes.names.index("2")]
    np.testing.assert_allclose(mean, enrolled.codes[:3].mean(0), atol=1e-6)


def test_names_are_changed_joined_and_removed(encoder: Encoder) -> None:
    enrolled = shown(encoder, cat=2, dog=3)
    assert rename(enrolled, "dog", "cat").classes["cat"].tolist() == [0, 1, 2, 3, 4]
    assert list(rename(enrolled, "dog", " wolf ").classes) == ["cat", "wolf"]
    left = remove(enrolled, "dog", [4])
    assert {name: len(which) for name, which in left.classes.items()} == {"cat": 2, "dog": 2}
    np.testing.assert_array_equal(left.codes, enrolled.codes[:4])
    assert list(remove(enrolled, "cat").classes) == ["dog"]
    with pytest.raises(InputError, match="Nothing is enrolled as 'cow'; there is: cat, dog"):
        remove(enrolled, "cow")


def test_the_same_image_has_one_name(encoder: Encoder) -> None:
    x = images(encoder, 2)
    enrolled = enrol(nobody(encoder), "cat", x, encoder.encode(x))
    with pytest.raises(InputError, match="enrolled as 'cat' already. Remove it there first"):
        enrol(enrolled, "dog", x[:1], encoder.encode(x[:1]))
    with pytest.raises(InputError, match="enrolled as 'cat' already. Show another one"):
        enrol(enrolled, "cat", x[:1], encoder.encode(x[:1]))
    twice = np.concatenate([images(encoder, 1, 5)] * 2)
    with pytest.raises(InputError, match="Two of these images are the same"):
        enrol(enrolled, "cat", twice, encoder.encode(twice))


@pytest.mark.parametrize("name", ["", "   ", "x" * 41])
def test_what_is_no_name_is_refused(encoder: Encoder, name: str) -> None:
    x = images(encoder, 1)
    with pytest.raises(InputError, match="A name has 1 to 40 letters"):
        enrol(nobody(encoder), name, x, encoder.encode(x))


def test_a_threshold_refuses_the_share_that_is_asked_for() -> None:
    found = Trial(np.arange(1, 101, dtype=float), np.arange(50, 150, dtype=float))
    threshold = found.threshold(0.1)
    assert 90 <= threshold <= 91
    assert found.rates(threshold) == pytest.approx((0.1, 0.41))


def test_a_trial_holds_classes_back(encoder: Encoder, tiny_space: LatentSpace) -> None:
    found = trial(encoder, ("1", "3"))
    gallery = tiny_space.gallery
    test = gallery.split == 1
    strange = np.isin(gallery.labels[test], (1, 3))
    assert len(found.strangers) == strange.sum()
    assert len(found.known) == (~strange).sum()
    means = known_classes(encoder, ("1", "3"))
    expected = distances_to_nearest(gallery.codes[test][strange], means)
    np.testing.assert_allclose(found.strangers, expected, atol=1e-5)
    with pytest.raises(InputError, match="known classes and of others"):
        trial(encoder, ())


def test_what_was_saved_comes_back(encoder: Encoder) -> None:
    enrolled = shown(encoder, Zoë=2, dog=1)
    data = save(enrolled, encoder)
    found = load(data, encoder)
    assert found.names == enrolled.names
    np.testing.assert_array_equal(found.codes, enrolled.codes)
    np.testing.assert_array_equal(found.images, enrolled.images)
    assert weights_of(data) == encoder.fingerprint


def test_names_of_another_model_are_refused(encoder: Encoder) -> None:
    class Other:
        name, fingerprint, image_shape = "other", "0" * 64, encoder.image_shape

    with pytest.raises(InputError, match="another model than other"):
        load(save(shown(encoder, cat=1), encoder), Other())


def altered(data: bytes, name: str, change) -> bytes:
    """A file with one array changed, otherwise sound."""
    with np.load(io.BytesIO(data)) as arrays:
        found = {key: arrays[key] for key in arrays.files}
    found[name] = change(found[name])
    file = io.BytesIO()
    np.savez_compressed(file, **found)
    return file.getvalue()


def test_a_file_that_was_altered_is_refused(encoder: Encoder) -> None:
    data = save(shown(encoder, cat=2), encoder)
    half = len(data) // 2
    for broken in (
        b"", b"no zip", data[:half], data[:half] + b"\0" * (len(data) - half),
        altered(data, "codes", lambda codes: codes + 1),
        altered(data, "codes", lambda codes: codes * np.nan),
        altered(data, "codes", lambda codes: codes.astype(np.float64)),
        altered(data, "images", lambda images: images[:1]),
        altered(data, "names", lambda names: names[::-1].astype("U9")[:1]),
        altered(data, "digest", lambda digest: np.array("0")),
    ):  # fmt: skip
        with pytest.raises(InputError, match="no file of enrolled images, or it was altered"):
            load(broken, encoder)


def test_a_file_that_would_fill_the_memory_is_refused(encoder: Encoder) -> None:
    file = io.BytesIO()
    with (
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("codes.npy", "w", force_zip64=True) as member,
    ):
        for _ in range(250):
            member.write(b"\0" * 1_000_000)
    assert len(file.getvalue()) < 1_000_000
    with pytest.raises(InputError, match="no file of enrolled images"):
        load(file.getvalue(), encoder)
