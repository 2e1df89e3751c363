"""The bundles that ship: whole, small, and as their configs describe them."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from latent import bundle, comparison, load_space
from latent.comparison import unseen
from latent.data import TEST
from latent.encoder import Encoder
from latent.images import read_webp
from latent.recipes import RECIPES, Recipe
from latent.recognition import known_classes
from latent.search import Wish, pictures_of, pieces_of, ranked, rendered
from latent.space import originals_folder

MODELS = Path("models")
DIGITS = ("mnist-ae", "mnist-vae", "mnist-vae-2d")
FURNITURE = ("furniture-ae", "furniture-vae")
NAMES = (*DIGITS, *FURNITURE)


def test_all_models_together_stay_small() -> None:
    files = [path for path in MODELS.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 45e6
    for names, most in ((DIGITS, 24e6), (FURNITURE, 16e6)):
        theirs = [path for path in files if path.parent.name in names]
        assert 0 < sum(path.stat().st_size for path in theirs) < most


def test_the_shipped_recipes_are_those_of_the_code() -> None:
    for name in (*NAMES, "mnist-dae"):
        shipped = bundle.read_config(MODELS / name, kinds=bundle.ENCODING)["recipe"]
        # a field that is younger than the bundle is at its default there
        told = {key: shipped[key] for key in asdict(RECIPES[name]) if key in shipped}
        before = told.pop("before", None)
        assert Recipe(**told, before=before and Recipe(**before)) == RECIPES[name]


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_model_is_what_its_config_says(name: str) -> None:
    space = load_space(str(MODELS / name))
    metrics, gallery = space.config["metrics"], space.gallery
    test = gallery.split == TEST
    counts = (70_000, 10_000) if name in DIGITS else (24_000, 2_000)
    assert (len(gallery), int(test.sum())) == counts
    assert gallery.reconstruction_error[test].mean() == pytest.approx(metrics["test_mse"], rel=0.01)
    if name in DIGITS:
        assert metrics["encoder_macs"] <= 6e6
        assert metrics["decoder_parameters"] <= 1e6
    assert metrics["decoder_macs"] <= (3e6 if name in DIGITS else 6e6)
    for title, info in space.maps_info.items():
        assert space.map(title).xy.shape == (counts[0], info["dims"])


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_decoder_draws_a_picture_that_is_encoded_as_it_was(name: str) -> None:
    space = load_space(str(MODELS / name))
    codes = space.gallery.codes[space.gallery.split == TEST][:200]
    again = space.encode(space.decode(codes))
    spread = codes.std(axis=0).mean()
    assert np.abs(again - codes).mean() < 0.35 * spread


def test_the_shipped_furniture_comes_with_its_test_images_and_causes() -> None:
    spaces = [load_space(str(MODELS / name)) for name in FURNITURE]
    fingerprints = {space.config["recipe"]["data_sha256"] for space in spaces}
    assert len(fingerprints) == 1
    folder = originals_folder(MODELS, fingerprints.pop())
    assert folder is not None
    originals = bundle.read_images(folder)
    gallery = spaces[0].gallery
    assert sorted(originals) == np.flatnonzero(gallery.split == TEST).tolist()
    assert {"kind", "width", "height", "back_height", "hue", "azimuth"} <= set(gallery.factors)
    x = np.stack([read_webp(originals[index]) for index in (22_000, 23_999)])
    error = np.square(spaces[1].decode(spaces[1].encode(x)) - x).mean((1, 2, 3))
    stored = spaces[1].gallery.reconstruction_error[[22_000, 23_999]]
    np.testing.assert_allclose(error, stored, rtol=0.01)


def test_the_shipped_classifier_holds_the_features_of_the_test_images() -> None:
    folder = MODELS / "mnist-classifier"
    config = bundle.read_config(folder, kinds=("classifier",))
    bundle.check_files(folder, config)
    assert config["metrics"]["test_accuracy"] > 0.99
    assert bundle.read_arrays(folder / bundle.GALLERY)["codes"].shape == (10_000, 64)


def test_the_shipped_encoder_taught_by_contrast_tells_digits_that_it_never_saw() -> None:
    encoder = Encoder(MODELS / "mnist-contrast")
    arrays = bundle.read_arrays(encoder.folder / bundle.GALLERY)
    codes, labels = arrays["codes"].astype(np.float32), arrays["labels"]
    assert (len(codes), encoder.config["metrics"]["trained_on"]) == (5_000, list(range(8)))
    rng = np.random.default_rng(0)
    assert unseen(codes, labels, codes, labels, (8, 9), rng).mean() >= 0.95
    classes = known_classes(encoder)
    known = labels < 8
    guessed = np.array(classes.names)[classes.distances(codes[known]).argmin(1)]
    assert (guessed == labels[known].astype(str)).mean() > 0.98


@pytest.fixture(scope="module")
def designs() -> Encoder:
    return Encoder(MODELS / "furniture-contrast")


def test_the_shipped_encoder_of_designs_knows_the_renders_that_ship(designs: Encoder) -> None:
    known = rendered(designs)
    assert len(known.pieces) == 2_000
    assert designs.config["metrics"]["again_first_10"] > 0.88
    x = np.stack([read_webp(file) for file in pictures_of(designs, known.pieces.names)[::50]])
    own = pieces_of(designs, known.pieces.names[::50], x)
    np.testing.assert_allclose(own.shapes, known.pieces.shapes[::50], atol=0.01)
    np.testing.assert_allclose(own.colours, known.pieces.colours[::50], atol=0.01)


def test_in_a_mirror_and_in_other_colours_a_render_is_found_first(designs: Encoder) -> None:
    known = rendered(designs)
    x = np.stack([read_webp(file) for file in pictures_of(designs, known.pieces.names)[::20]])
    turned = np.ascontiguousarray(x[:, [2, 0, 1], :, ::-1]) ** 1.2
    asked = pieces_of(designs, known.pieces.names[::20], turned)
    first = [
        ranked(known.pieces, Wish(shape, colour, 0), 1).indices[0]
        for shape, colour in zip(asked.shapes, asked.colours, strict=True)
    ]
    assert (np.array(first) == np.arange(0, 2_000, 20)).mean() >= 0.95


def test_the_shipped_denoising_model_draws_what_it_was_shown() -> None:
    config = bundle.read_config(MODELS / "mnist-dae", kinds=(bundle.DENOISING,))
    bundle.check_files(MODELS / "mnist-dae", config)
    assert config["metrics"]["test_mse"] < 0.015
    assert bundle.read_arrays(MODELS / "mnist-dae" / bundle.GALLERY)["codes"].shape == (10_000, 16)


def test_the_shipped_comparison_has_every_rung_with_its_figures() -> None:
    document, arrays = comparison.read(MODELS / comparison.FOLDER)
    rows = {row["rung"]: row for row in document["rungs"]}
    assert {"pixels", "histogram", "questions", "random", "pca", "lda", "classifier"} <= set(rows)
    assert {"mnist-ae", "mnist-vae", "mnist-vae-2d", "mnist-dae", "mnist-contrast"} <= set(rows)
    for row in rows.values():
        for found in (row["knn"], row["probe"], row["unseen"], *row["few"].values()):
            value, low, high = found
            assert 0 <= low <= value <= high <= 1
        assert arrays[f"{row['rung']}.xy"].shape == (2_000, 2)
    assert "pixels.drawn" not in arrays
    assert rows["mnist-contrast"]["unseen"][0] >= 0.95
    assert rows["pixels"]["knn"][0] > 0.96  # as everybody finds on MNIST
