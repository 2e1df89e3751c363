"""MNIST on disk: what is read, and what is said of a folder without it."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import numpy as np
import pytest

from latent import InputError, data
from latent.data import TEST, TRAIN, data_root, download_mnist, has_mnist, load_dataset, load_mnist

TRAIN_IMAGES = "train-images-idx3-ubyte"
TEST_LABELS = "t10k-labels-idx1-ubyte"


def raw(root: Path) -> Path:
    return root / "MNIST" / "raw"


def unpacked(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes())


def test_images_come_back_as_they_were_written(tiny_mnist, tiny_data):
    loaded = load_mnist()
    for name in ("images", "labels", "split"):
        np.testing.assert_array_equal(getattr(loaded, name), getattr(tiny_data, name))
        assert getattr(loaded, name).dtype == np.uint8


def test_files_may_be_unpacked(tiny_mnist, tiny_data):
    for path in raw(tiny_mnist).glob("*.gz"):
        path.with_suffix("").write_bytes(unpacked(path))
        path.unlink()
    assert has_mnist()
    np.testing.assert_array_equal(load_mnist().images, tiny_data.images)


def test_torchvision_reads_the_same_from_the_same_files(tiny_mnist, tiny_data):
    from torchvision.datasets.mnist import read_image_file, read_label_file

    for path in raw(tiny_mnist).glob("*.gz"):
        path.with_suffix("").write_bytes(unpacked(path))
    loaded, folder = load_mnist(), raw(tiny_mnist)
    theirs = read_image_file(str(folder / TRAIN_IMAGES)).numpy()
    np.testing.assert_array_equal(loaded.images[loaded.split == TRAIN], theirs)
    theirs = read_label_file(str(folder / TEST_LABELS)).numpy()
    np.testing.assert_array_equal(loaded.labels[loaded.split == TEST], theirs)


def test_the_real_data_set_has_70_000_images():
    assert [count for *_, count in data.MNIST_FILES.values()] == [60_000, 10_000]


def test_images_for_a_network_are_between_zero_and_one(tiny_data):
    x = tiny_data.x()
    assert x.shape == (300, 1, 28, 28)
    assert x.dtype == np.float32
    np.testing.assert_array_equal((x * 255).round()[:, 0], tiny_data.images)
    np.testing.assert_array_equal(np.concatenate([tiny_data.x(TRAIN), tiny_data.x(TEST)]), x)
    assert len(tiny_data.x(TEST)) == 100


def test_the_fingerprint_is_that_of_pixels_and_labels(tiny_data):
    expected = hashlib.sha256(tiny_data.images.tobytes() + tiny_data.labels.tobytes())
    assert tiny_data.sha256() == expected.hexdigest()


def test_the_data_folder_is_named_by_a_variable(monkeypatch, tmp_path):
    monkeypatch.setenv("LATENT_DATA", str(tmp_path))
    assert data_root() == tmp_path
    monkeypatch.delenv("LATENT_DATA")
    assert data_root() == Path("data")


@pytest.mark.parametrize("root", ["empty", "nowhere", "file"])
def test_a_folder_without_mnist_is_named_with_what_to_do(tmp_path, root):
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("")
    assert not has_mnist(tmp_path / root)
    with pytest.raises(
        InputError, match=f"No MNIST in .*{root}. Set LATENT_DATA to a folder with M"
    ):
        load_mnist(tmp_path / root)


@pytest.mark.parametrize("name", [n for *names, _ in data.MNIST_FILES.values() for n in names])
def test_one_missing_file_is_a_folder_without_mnist(tiny_mnist, name):
    (raw(tiny_mnist) / f"{name}.gz").unlink()
    assert not has_mnist()
    with pytest.raises(InputError, match="No MNIST in"):
        load_mnist()


@pytest.mark.parametrize("extra", [-1, 1, -100])
def test_a_file_of_another_length_is_named(tiny_mnist, extra):
    path = raw(tiny_mnist) / f"{TEST_LABELS}.gz"
    content = unpacked(path)
    content = content[:extra] if extra < 0 else content + bytes(extra)
    path.write_bytes(gzip.compress(content))
    message = f"{TEST_LABELS} in .*raw has {108 + extra} bytes, needs 108. Fetch it again"
    with pytest.raises(InputError, match=message):
        load_mnist()


def test_a_file_of_another_kind_is_named_though_its_length_fits(tiny_mnist):
    path = raw(tiny_mnist) / f"{TEST_LABELS}.gz"
    path.write_bytes(gzip.compress(b"not an index file" * 6 + bytes(6)))
    with pytest.raises(InputError, match=f"{TEST_LABELS} in .*raw"):
        load_mnist()


def test_labels_that_are_no_digits_are_named(tiny_mnist):
    path = raw(tiny_mnist) / f"{TEST_LABELS}.gz"
    path.write_bytes(gzip.compress(unpacked(path)[:-1] + b"\x0a"))
    with pytest.raises(InputError, match=f"{TEST_LABELS} in .*raw"):
        load_mnist()


@pytest.mark.parametrize("damage", ["truncated", "no gzip", "empty", "altered"])
def test_a_damaged_archive_is_named(tiny_mnist, damage):
    path = raw(tiny_mnist) / f"{TRAIN_IMAGES}.gz"
    content = bytearray(path.read_bytes())
    if damage == "altered":
        content[50:90] = b"\xff" * 40
    path.write_bytes(
        {
            "truncated": content[: len(content) // 2],
            "no gzip": b"<html>404</html>",
            "empty": b"",
            "altered": content,
        }[damage]
    )
    with pytest.raises(InputError, match=f"{TRAIN_IMAGES} in .*raw (cannot be read|has 0 bytes)"):
        load_mnist()


def refuse_to_download(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    import torchvision.datasets

    class MNIST:
        def __init__(self, root: str, *, download: bool) -> None:
            raise error

    monkeypatch.setattr(torchvision.datasets, "MNIST", MNIST)


@pytest.mark.parametrize("error", [RuntimeError("Error downloading it"), OSError("no route")])
def test_a_download_that_fails_says_where_to_put_the_files(tmp_path, monkeypatch, error):
    refuse_to_download(monkeypatch, error)
    message = (
        f"No MNIST in .* and it cannot be downloaded .{error}.. Put its four files into MNIST/"
    )
    with pytest.raises(InputError, match=message):
        download_mnist(tmp_path)


def test_nothing_is_downloaded_where_mnist_is(tiny_mnist, monkeypatch):
    refuse_to_download(monkeypatch, RuntimeError("was asked"))
    download_mnist()
    download_mnist(tiny_mnist)


def test_a_data_set_that_nobody_knows_is_named():
    with pytest.raises(InputError, match="Unknown data set 'faces'; choose one of: mnist, furn"):
        load_dataset("faces")


def test_mnist_is_not_fetched_where_it_is_only_to_be_read(tmp_path, monkeypatch):
    refuse_to_download(monkeypatch, RuntimeError("was asked"))
    with pytest.raises(InputError, match="No MNIST in"):
        load_dataset("mnist", tmp_path, fetch=False)


def test_chosen_images_keep_their_causes(tiny_furniture):
    few = tiny_furniture.only(np.array([7, 250]))
    np.testing.assert_array_equal(few.images, tiny_furniture.images[[7, 250]])
    assert few.split.tolist() == [0, 1]
    assert few.factors["width"].tolist() == tiny_furniture.factors["width"][[7, 250]].tolist()
    assert few.words == tiny_furniture.words
