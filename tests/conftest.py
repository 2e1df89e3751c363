"""Fixtures: three tiny trained bundles, the images they were trained on, and an MNIST folder.

Everything is seeded and made here: no downloads and no shipped weights.
"""

from __future__ import annotations

import gzip
import io
import os
import shutil
import struct
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import latent.data
from latent import LatentSpace, bundle
from latent.data import TEST, TRAIN, Dataset

# read when torch and numba arrive: where cores are shared, threads that wait for each other
# make these tiny networks twenty times slower, and sums of one thread repeat to the last bit
os.environ["OMP_NUM_THREADS"] = os.environ["NUMBA_NUM_THREADS"] = "1"
# nothing of the tests lands in the user's own cache, nor the other way round
os.environ["LATENT_CACHE"] = tempfile.mkdtemp(prefix="latent-explorer-tests-")

TRAIN_COUNT, TEST_COUNT = 200, 100
TINY = {"mnist-ae": ("ae", 4), "mnist-vae": ("vae", 4), "mnist-vae-2d": ("vae", 2)}

# the seven bars of a pocket calculator as (top, left, height, width), and those each digit lights
BARS = {
    "a": (5, 9, 2, 10),
    "b": (5, 17, 9, 2),
    "c": (14, 17, 9, 2),
    "d": (21, 9, 2, 10),
    "e": (14, 9, 9, 2),
    "f": (5, 9, 9, 2),
    "g": (13, 9, 2, 10),
}
LIT = ("abcdef", "bc", "abged", "abgcd", "fgbc", "afgcd", "afgedc", "abc", "abcdefg", "abgfcd")


def digit_images(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Pocket-calculator digits, shifted and with noise: (N, 28, 28) and (N,), uint8."""
    rng = np.random.default_rng(seed)
    labels = np.arange(count, dtype=np.uint8) % 10
    images = np.zeros((count, 28, 28), np.float32)
    for image, label in zip(images, labels, strict=True):
        for bar in LIT[label]:
            top, left, height, width = BARS[bar]
            image[top : top + height, left : left + width] = rng.uniform(0.9, 1)
        image[:] = np.roll(image, rng.integers(-1, 2, 2), (0, 1))
    images *= 1 - 0.1 * rng.random(images.shape, np.float32)
    return (images * 255).astype(np.uint8), labels


def write_mnist(root: Path, data: Dataset) -> Path:
    """Write a data set as the four gzipped IDX files of MNIST."""
    raw = root / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for split, (image_file, label_file, _) in latent.data.MNIST_FILES.items():
        chosen = data.split == split
        for name, values in ((image_file, data.images[chosen]), (label_file, data.labels[chosen])):
            header = struct.pack(f">BBBB{values.ndim}I", 0, 0, 8, values.ndim, *values.shape)
            (raw / f"{name}.gz").write_bytes(gzip.compress(header + values.tobytes(), 1))
    return root


def png(pixels: np.ndarray, **options: object) -> bytes:
    """Pixels of shape (H, W[, C]), uint8 or uint16, as the bytes of a PNG."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", **options)
    return file.getvalue()


@pytest.fixture(scope="session")
def tiny_data() -> Dataset:
    """200 training and 100 test images of ten classes."""
    train, test = digit_images(TRAIN_COUNT, seed=1), digit_images(TEST_COUNT, seed=2)
    split = np.repeat(np.array([TRAIN, TEST], np.uint8), (TRAIN_COUNT, TEST_COUNT))
    return Dataset(np.concatenate([train[0], test[0]]), np.concatenate([train[1], test[1]]), split)


@pytest.fixture(scope="session")
def tiny_models_folder(tmp_path_factory: pytest.TempPathFactory, tiny_data: Dataset) -> Path:
    """Folder with the bundles of `TINY`, trained and written by the project's own code.

    Shared by all tests: read only. `own_folder` is a copy to alter.
    """
    from latent.export import export

    root = tmp_path_factory.mktemp("models")
    for name, (kind, latent_dim) in TINY.items():
        recipe = tiny_recipe(name, kind, latent_dim)
        export(recipe, trained(recipe, tiny_data.x(TRAIN)), tiny_data, root / name)
        if latent_dim > 2:
            add_drawn_maps(root / name)
    return root


@pytest.fixture
def tiny_models(tiny_models_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """`LATENT_MODELS` names the folder of the tiny bundles."""
    monkeypatch.setenv("LATENT_MODELS", str(tiny_models_folder))
    return tiny_models_folder


@pytest.fixture
def run_latent(
    tiny_models: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> Callable[..., tuple[int, str, str]]:  # fmt: skip
    """Run a command in this process, in a folder of its own: exit code, output, errors."""
    from latent.__main__ import main

    monkeypatch.chdir(tmp_path)

    def run(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["latent", *map(str, words)])
        try:
            main()
        except SystemExit as end:
            return int(end.code or 0), *capsys.readouterr()
        return 0, *capsys.readouterr()

    return run


@pytest.fixture(scope="session")
def tiny_folder(tiny_models_folder: Path) -> Path:
    """The tiny vae with 4 numbers; read only."""
    return tiny_models_folder / "mnist-vae"


@pytest.fixture(scope="session")
def tiny_space(tiny_folder: Path) -> LatentSpace:
    """The tiny vae with 4 numbers, loaded."""
    return LatentSpace(tiny_folder)


@pytest.fixture(scope="session")
def ae_space(tiny_models_folder: Path) -> LatentSpace:
    """The tiny ae with 4 numbers, loaded."""
    return LatentSpace(tiny_models_folder / "mnist-ae")


@pytest.fixture(scope="session")
def plane_space(tiny_models_folder: Path) -> LatentSpace:
    """The tiny vae with 2 numbers, loaded."""
    return LatentSpace(tiny_models_folder / "mnist-vae-2d")


@pytest.fixture
def own_folder(tiny_folder: Path, tmp_path: Path) -> Path:
    """A copy of the tiny vae's bundle that the test may alter."""
    return Path(shutil.copytree(tiny_folder, tmp_path / "models" / "mnist-vae"))


@pytest.fixture
def tiny_mnist(tiny_data: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """`LATENT_DATA` names a folder with the tiny images in MNIST's files."""
    files = {
        split: (*names, int((tiny_data.split == split).sum()))
        for split, (*names, _) in latent.data.MNIST_FILES.items()
    }
    monkeypatch.setattr(latent.data, "MNIST_FILES", files)
    root = write_mnist(tmp_path / "data", tiny_data)
    monkeypatch.setenv("LATENT_DATA", str(root))
    return root


FURNITURE_WORDS = {"kind": ("chair", "dining"), "legs": ("straight", "splayed")}


@pytest.fixture(scope="session")
def tiny_furniture() -> Dataset:
    """200 training and 100 test pieces made of a few rectangles, with their causes."""
    n = TRAIN_COUNT + TEST_COUNT
    rng = np.random.default_rng(3)
    kind = rng.integers(0, 2, n).astype(np.uint8)
    width, height = (rng.uniform(0.4, 0.8, n).astype(np.float32) for _ in range(2))
    colour = rng.integers(20, 200, (n, 3))
    images = np.full((n, 64, 64, 3), 255, np.uint8)
    for i, image in enumerate(images):
        left, right = round(32 - 32 * width[i]), round(32 + 32 * width[i])
        top = 34 if kind[i] == 0 else round(44 - 20 * height[i])
        for x in (left, right - 4):
            image[top:60, x : x + 4] = colour[i]
        image[top : top + 5, left:right] = colour[i]
        if kind[i] == 0:  # a chair has a back
            image[round(30 - 26 * height[i]) : top, left : left + 6] = colour[i]
    split = np.repeat(np.array([TRAIN, TEST], np.uint8), (TRAIN_COUNT, TEST_COUNT))
    factors = {
        "kind": kind,
        "legs": rng.integers(0, 2, n).astype(np.uint8),
        "width": width,
        "height": height,
        "back_height": np.where(kind == 0, height, 0).astype(np.float32),
        "hue": colour[:, 0].astype(np.float32) / 255,
        "azimuth": rng.uniform(-60, 60, n).astype(np.float32),
    }
    return Dataset(images, kind, split, factors, FURNITURE_WORDS)


@pytest.fixture(scope="session")
def tiny_furniture_folder(
    tmp_path_factory: pytest.TempPathFactory, tiny_furniture: Dataset
) -> Path:
    """Folder with tiny furniture-ae and furniture-vae, made like `tiny_models_folder`."""
    from latent.export import export

    root = tmp_path_factory.mktemp("furniture-models")
    for name, kind in {"furniture-ae": "ae", "furniture-vae": "vae"}.items():
        recipe = replace(tiny_recipe(name, kind, 4), data="furniture")
        # after 150 steps a code tells chair from table on some processors, on others hardly
        network = trained(recipe, tiny_furniture.x(TRAIN), steps=250)
        export(recipe, network, tiny_furniture, root / name)
        add_drawn_maps(root / name)
    return root


@pytest.fixture(scope="session")
def tiny_designs_folder(
    tmp_path_factory: pytest.TempPathFactory, tiny_furniture: Dataset, tiny_furniture_folder: Path
) -> Path:
    """`tiny_furniture_folder` with an encoder for designs: that of the ae, without its decoder."""
    import torch
    from safetensors.numpy import load_file, save_file

    from latent.colours import histograms
    from latent.encoder import Encoder
    from latent.outsiders import no_furniture

    root = tmp_path_factory.mktemp("designs-models")
    shutil.copytree(tiny_furniture_folder, root, dirs_exist_ok=True)
    folder = Path(shutil.copytree(root / "furniture-ae", root / "furniture-contrast"))
    for name in (bundle.IMAGES, bundle.MAPS, bundle.MAPS_INFO, bundle.STANDARD):
        (folder / name).unlink(missing_ok=True)
    own = {k: v for k, v in load_file(folder / bundle.WEIGHTS).items() if "encoder" in k}
    save_file(own, folder / bundle.WEIGHTS)
    config = bundle.read_config(folder)
    config |= {
        "name": "furniture-contrast", "title": "Furniture by contrast", "kind": bundle.CONTRAST,
        "averaged_over": "sides", "alike": 0.0,
        "factor_words": {"kind": list(FURNITURE_WORDS["kind"])},
    }  # fmt: skip
    config["architecture"]["decoder"] = []
    bundle.seal(folder, config)
    tests = tiny_furniture.only(tiny_furniture.split == TEST)
    codes = Encoder(folder).many(tests.x())
    kinds = np.unique(tests.factors["kind"])
    strangers = no_furniture(torch.from_numpy(tests.x()), torch.Generator().manual_seed(0))
    bundle.write_arrays(folder / bundle.GALLERY, {
        "codes": codes.astype(np.float16), "labels": tests.labels, "split": tests.split,
        "strangers": Encoder(folder).many(strangers.numpy()).astype(np.float16),
        "indices": np.flatnonzero(tiny_furniture.split == TEST),
        "colours": (histograms(tests.x()) * 255).round().astype(np.uint8),
        "means": np.stack([codes[tests.factors["kind"] == kind].mean(0) for kind in kinds]),
        "means_of": kinds,
        **{f"factor.{name}": tests.factors[name] for name in ("kind", "width", "height")},
    })  # fmt: skip
    bundle.seal(folder, config)
    return root


@pytest.fixture
def tiny_designs(tiny_designs_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The app finds the tiny furniture models, and the tiny encoder for designs among them."""
    monkeypatch.setenv("LATENT_MODELS", str(tiny_designs_folder))
    return tiny_designs_folder


@pytest.fixture(scope="session")
def quick_tsne() -> Iterator[None]:
    """openTSNE with a fifth of its steps, on one thread: a fit takes seconds, not half a minute.

    It stays so for the rest of the run; a test that fits t-SNE asks for it.
    """
    import openTSNE

    steps = {"n_jobs": 1, "n_iter": 100, "early_exaggeration_iter": 50}
    with pytest.MonkeyPatch.context() as patch:
        whole = openTSNE.TSNE
        patch.setattr(openTSNE, "TSNE", lambda **options: whole(**{**options, **steps}))
        yield


@pytest.fixture(scope="session", autouse=True)
def cold_workers() -> Iterator[None]:
    """No process compiles in the background what no test waits for."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("latent.jobs.Worker.warm_up", lambda worker: None)
        yield


@pytest.fixture(autouse=True)
def main_module(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that a test has run does not stay `__main__`: processes begin by importing that."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture(scope="session", autouse=True)
def patient_pages() -> Iterator[None]:
    """A page that a test runs alone has nobody to draw it again: it waits for EM to end."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ui.climbs.PATIENCE", 60.0)
        yield


@pytest.fixture(scope="session")
def alter() -> Callable[..., None]:
    """Change a file of a bundle and seal it again, as somebody would who makes their own."""
    return alter_bundle


def tiny_recipe(name: str, kind: str, latent_dim: int):
    """What `trained` takes two seconds for."""
    from latent.recipes import Recipe

    beta = 0.2 if kind == "vae" else 0.0
    return Recipe(
        name, kind, latent_dim, "cross_entropy", beta, epochs=50, learning_rate=1.2e-2, batch=50
    )


def trained(recipe, x: np.ndarray, steps: int = 150):
    """A tiny network after a few steps; `latent.training.train` averages over more than that."""
    import torch

    from latent.autoencoder import Autoencoder
    from latent.training import loss

    noise = torch.Generator().manual_seed(recipe.seed)
    with torch.random.fork_rng():
        torch.manual_seed(recipe.seed)
        network = Autoencoder(TINY_ARCHITECTURES[recipe.data](recipe.kind, recipe.latent_dim))
    optimizer = torch.optim.Adam(network.parameters(), recipe.learning_rate)
    images = torch.from_numpy(x)
    for step in range(steps):
        batch = images[torch.randperm(len(x), generator=noise)[: recipe.batch]]
        optimizer.zero_grad()
        loss(network, batch, recipe, noise, ramp=step / steps)["loss"].backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 50.0)
        optimizer.step()
    return network.eval()


def tiny_architecture(kind: str, latent_dim: int):
    """The layer kinds of the real networks, at a hundredth of their size."""
    from latent.autoencoder import Architecture

    encoder = (
        ("conv", 1, 4, 4, 2, 1),
        ("silu",),
        ("conv", 4, 8, 4, 2, 1),
        ("silu",),
        ("flatten",),
        ("linear", 392, 24),
        ("silu",),
        ("linear", 24, latent_dim * (2 if kind == "vae" else 1)),
    )
    decoder = (
        ("linear", latent_dim, 24),
        ("silu",),
        ("linear", 24, 392),
        ("silu",),
        ("unflatten", 8, 7, 7),
        ("conv_transpose", 8, 8, 4, 2, 1),
        ("silu",),
        ("conv", 8, 4, 3, 1, 1),
        ("pixel_shuffle", 2),
        ("sigmoid",),
    )
    return Architecture(kind, (1, 28, 28), latent_dim, encoder, decoder)


def tiny_furniture_architecture(kind: str, latent_dim: int):
    """For 64×64 colour images."""
    from latent.autoencoder import Architecture

    encoder = (
        ("conv", 3, 8, 4, 4, 0),
        ("silu",),
        ("flatten",),
        ("linear", 2048, 24),
        ("silu",),
        ("linear", 24, latent_dim * (2 if kind == "vae" else 1)),
    )
    decoder = (
        ("linear", latent_dim, 24),
        ("silu",),
        ("linear", 24, 2048),
        ("silu",),
        ("unflatten", 8, 16, 16),
        ("conv_transpose", 8, 8, 4, 2, 1),
        ("silu",),
        ("conv", 8, 12, 3, 1, 1),
        ("pixel_shuffle", 2),
        ("sigmoid",),
    )
    return Architecture(kind, (3, 64, 64), latent_dim, encoder, decoder)


TINY_ARCHITECTURES = {"mnist": tiny_architecture, "furniture": tiny_furniture_architecture}


def add_drawn_maps(folder: Path) -> None:
    """Add t-SNE and UMAP maps that nobody fitted: codes turned and bent, which costs nothing."""
    codes = LatentSpace(folder).gallery.codes
    info = bundle.read_maps_info(folder)
    arrays = {}
    for seed, method in enumerate(("tsne", "umap")):
        turn = np.random.default_rng(seed).standard_normal((codes.shape[1], 3))
        for dims in (2, 3):
            bent = codes @ turn[:, :dims] + np.tanh(codes[:, :dims])
            arrays[f"{method}{dims}"] = bent.astype(np.float16)
            info[f"{method}{dims}"] = {
                "method": method,
                "dims": dims,
                "seed": seed,
                "parameters": {},
                "fitted_on": f"all {len(codes)} images",
                "seconds": 0.0,
                "trustworthiness": 0.9,
                "continuity": 0.9,
                "measured_on": f"the {TEST_COUNT} test codes, k = 15",
            }
    bundle.write_maps(folder, arrays, dict(sorted(info.items())))


def alter_bundle(
    folder: Path,
    *,
    config: dict[str, object] | None = None,
    gallery: dict[str, np.ndarray] | None = None,
    maps: dict[str, np.ndarray] | None = None,
    maps_info: dict[str, object] | None = None,
    without: tuple[str, ...] = (),
) -> None:
    """Replace entries of a bundle's files, drop those in `without`, and seal it."""
    for file, changes in ((bundle.GALLERY, gallery), (bundle.MAPS, maps)):
        if changes is not None:
            arrays = {**bundle.read_arrays(folder / file), **changes}
            kept = {name: a for name, a in arrays.items() if name not in without}
            bundle.write_arrays(folder / file, kept)
    if maps_info is not None:
        bundle.write_json(folder / bundle.MAPS_INFO, maps_info)
    fields = {**bundle.read_config(folder), **(config or {})}
    bundle.seal(folder, {key: value for key, value in fields.items() if key not in without})
