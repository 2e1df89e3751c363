"""The command line: what it prints, what it leaves, and one line for what is wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from PIL import Image

import latent.training
from latent import LatentSpace, bundle, strangers
from latent.__main__ import main
from latent.evaluation import PCA_SIZES
from latent.keep import as_file
from latent.recipes import ARCHITECTURES, RECIPES
from latent.ways import WAYS, follow
from latent.words import code_to_words
from tests.conftest import png, tiny_architecture

HEAVY = ("torch", "torchvision", "sklearn", "umap", "openTSNE", "streamlit", "embreex")


class Answer(NamedTuple):
    code: int
    out: str
    err: str

    def document(self):
        """The one JSON document on standard output."""
        assert (self.code, self.err) == (0, "")
        return json.loads(self.out)

    def complaint(self) -> str:
        """The one line on standard error of a command that failed."""
        assert self.code == 2, self.err
        assert self.out == ""
        assert self.err.startswith("error: ")
        assert self.err.endswith("\n")
        assert self.err.count("\n") == 1
        return self.err


@pytest.fixture
def ask(tiny_models, monkeypatch, capsys, tmp_path):
    """Run a command in this process, in a folder of its own."""
    monkeypatch.chdir(tmp_path)

    def run(*words: object) -> Answer:
        monkeypatch.setattr(sys, "argv", ["latent", *map(str, words)])
        code = 0
        try:
            main()
        except SystemExit as end:
            code = end.code
        return Answer(code, *capsys.readouterr())

    return run


@pytest.fixture
def own_model(own_folder, monkeypatch) -> Path:
    """The bundle that `mnist-vae` means is one that may be altered."""
    monkeypatch.setenv("LATENT_MODELS", str(own_folder.parent))
    return own_folder


def in_a_process(*words: str, models: Path, **options) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LATENT_MODELS": str(models)},
        **options,
    )


def test_models_in_a_process_of_its_own_exits_0_and_needs_no_heavy_library(tiny_models_folder):
    code = (
        "import sys; sys.argv = ['latent', 'models', '--json']\n"
        "import latent\nfrom latent.__main__ import main\nmain()\n"
        f"print([name for name in {HEAVY} if name in sys.modules], file=sys.stderr)"
    )
    answer = in_a_process("-c", code, models=tiny_models_folder)
    assert (answer.returncode, answer.stderr) == (0, "[]\n")
    assert [row["model"] for row in json.loads(answer.stdout)] == [
        "mnist-ae",
        "mnist-vae",
        "mnist-vae-2d",
    ]


def test_python_m_latent_is_the_command(tiny_models_folder):
    answer = in_a_process("-m", "latent", "models", models=tiny_models_folder)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout.startswith("mnist-ae ")
    assert len(answer.stdout.splitlines()) == 3


def test_an_unknown_model_in_a_process_of_its_own_exits_2_with_one_line(tiny_models_folder):
    words = ("-m", "latent", "place", "mnist", "x.png")
    answer = in_a_process(*words, models=tiny_models_folder)
    assert answer.returncode == 2
    assert answer.stdout == ""
    assert answer.stderr == (
        "error: Unknown model 'mnist'; choose a bundle's folder or one of: "
        "mnist-ae, mnist-vae, mnist-vae-2d.\n"
    )


def test_models_lists_what_is_at_hand(ask):
    lines = ask("models").out.splitlines()
    assert [line.split()[0] for line in lines] == ["mnist-ae", "mnist-vae", "mnist-vae-2d"]
    assert lines[0].endswith("maps: pca2, pca3, tsne2, tsne3, umap2, umap3")
    rows = ask("models", "--json").document()
    assert [row["latent_dim"] for row in rows] == [4, 4, 2]
    assert all(0 < row["metrics"]["test_mse"] < 0.1 for row in rows)


def test_without_models_it_says_how_to_get_one(ask, monkeypatch, tmp_path):
    monkeypatch.setenv("LATENT_MODELS", str(tmp_path / "none"))
    answer = ask("models")
    assert answer.code == 0
    assert "python -m latent train mnist-vae" in answer.out
    assert ask("models", "--json").document() == []


def test_help_exits_0(ask):
    answer = ask("--help")
    assert answer.code == 0
    for command in ("models", "render", "train", "evaluate", "project", "place", "interpolate"):
        assert command in answer.out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("fly",), "No such command 'fly'"),
        (("models", "--fast"), "No such option"),
        (("place", "mnist-vae"), "Missing argument 'FILES...'"),
        (("place",), "Missing argument 'MODEL'"),
        (
            ("place", "mnist", "x.png"),
            "Unknown model 'mnist'; choose a bundle's folder or one of: ",
        ),
        (("render", "cars", "--out", "o"), "No such command 'cars'"),
        (("render", "furniture"), "Missing option '--out'"),
        (("render", "furniture", "--out", "o", "--set", "hue"), "--set takes FACTOR=VALUE"),
        (("render", "furniture", "--out", "o", "--set", "hue=2"), "'hue' is from 0 to 1; got 2.0"),
        (
            ("render", "furniture", "--out", "o", "--set", "kind=sofa"),
            "'kind' is one of: chair, armchair, swivel, stool, dining, round, coffee, desk, ",
        ),
        (
            ("render", "furniture", "--out", "o", "--set", "size=2"),
            "Unknown factor 'size'; choose one of: kind, width, ",
        ),
        (("evaluate", "nothing"), "Unknown model 'nothing'"),
        (("evaluate", "x" * 300), "Unknown model 'xxx"),
        (("project", "mnist"), "Unknown model 'mnist'"),
        (
            ("project", "mnist-vae", "--method", "magic"),
            "Unknown projection 'magic'; choose one of",
        ),
        (("project", "mnist-vae", "--method", "pca", "--dims", 5), "has 2 or 3 dimensions; got 5"),
        (("project", "mnist-vae", "--dims", 5), "A map has 2 or 3 dimensions; got 5"),
        (("project", "mnist-vae", "--dims", "two"), "'two' is not a valid integer"),
        (("project", "mnist-vae", "--method", "latent"), "Choose pca, tsne or umap"),
        (
            ("project", "mnist-vae", "--method", "pca", "--fit-on", 999),
            "10 to 300 images; got sample 999",
        ),
        (("project", "mnist-vae", "--method", "pca", "--seed", -1), "-1 is not in the range x>=0"),
        (
            ("train", "gan"),
            "Unknown recipe 'gan'; choose one of: mnist-ae, mnist-vae, mnist-vae-2d",
        ),
        (("train", "mnist-ae", "--epochs", 0), "0 is not in the range x>=1"),
        (("interpolate", "mnist", 1, 2, "--out", "a.png"), "Unknown model 'mnist'"),
        (("interpolate", "mnist-vae", 1, 2), "Missing option '--out'. Name a file, or ask for"),
        (("interpolate", "mnist-vae", 1, "--out", "a.png"), "from 2 to 8 stops; got 1"),
        (("interpolate", "mnist-vae", *range(9), "--out", "a.png"), "from 2 to 8 stops; got 9"),
        (
            ("interpolate", "mnist-vae", 1, 2, "--out", "a.jpg"),
            "one of: .png, .gif, .mp4, .npz, .csv",
        ),
        (
            ("interpolate", "mnist-vae", 1, 2, "--out", "a"),
            "one of: .png, .gif, .mp4, .npz, .csv",
        ),
        (
            ("interpolate", "mnist-vae", 1, 300, "--out", "a.png"),
            "has no image 300; choose a number",
        ),
        (("interpolate", "mnist-vae", "--out", "a.png", "--", -1, 2), "has no image -1"),
        (
            ("interpolate", "mnist-vae", "no.png", 2, "--out", "a.png"),
            "no.png cannot be read: No su",
        ),
        (("interpolate", "mnist-vae", "no.npz", 2, "--out", "a.png"), "no.npz is missing"),
        (
            ("interpolate", "mnist-vae", "what?", 2, "--out", "a.png"),
            "'what?' is no code of mnist-va",
        ),
        (
            ("interpolate", "mnist-vae", 1, 2, "--steps", 1, "--out", "a.png"),
            "not in the range 2<=x",
        ),
        (
            ("interpolate", "mnist-vae", 1, 2, "--path", "bee", "--out", "a.png"),
            "Unknown path 'bee'; choose one of: lerp, slerp",
        ),
    ],
)
def test_what_a_command_cannot_do_is_one_line_and_leaves_nothing(ask, tmp_path, words, message):
    assert message in ask(*words).complaint()
    assert list(tmp_path.iterdir()) == []


def test_no_command_at_all_prints_the_help_in_lines(ask):
    answer = ask()
    assert "models" in answer.out + answer.err
    assert (answer.out + answer.err).count("\n") > 5


@pytest.mark.parametrize("name", [bundle.WEIGHTS, bundle.GALLERY, bundle.MAPS, bundle.MAPS_INFO])
@pytest.mark.parametrize("damage", ["missing", "truncated"])
@pytest.mark.parametrize("command", [("place", "x.png"), ("project",), ("evaluate",)])
def test_a_damaged_bundle_is_one_line_that_names_the_file(ask, own_model, name, damage, command):
    path = own_model / name
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-9])
    complaint = ask(command[0], "mnist-vae", *command[1:]).complaint()
    assert name in complaint
    assert "Fetch the bundle again" in complaint


@pytest.mark.parametrize("command", ["models", "evaluate", "place", "interpolate"])
def test_a_bundle_of_another_format_is_one_line(ask, own_model, tmp_path, command):
    config = json.loads((own_model / bundle.CONFIG).read_text("utf-8"))
    (own_model / bundle.CONFIG).write_text(json.dumps({**config, "format": 99}), "utf-8")
    words = {
        "models": (),
        "evaluate": ("mnist-vae",),
        "place": ("mnist-vae", "x.png"),
        "interpolate": ("mnist-vae", 1, 2, "--out", "a.png"),
    }[command]
    assert "config.json: format is 99, this version reads 1" in ask(command, *words).complaint()


def test_a_data_folder_without_mnist_is_one_line(ask, tmp_path, monkeypatch):
    complaint = ask("evaluate", "mnist-vae", "--data", tmp_path).complaint()
    assert f"No MNIST in {tmp_path}. Set LATENT_DATA" in complaint
    monkeypatch.setenv("LATENT_DATA", str(tmp_path / "elsewhere"))
    assert "elsewhere. Set LATENT_DATA" in ask("evaluate", "mnist-vae").complaint()


def test_training_without_data_that_can_be_fetched_is_one_line(ask, tmp_path, monkeypatch):
    import torchvision.datasets

    def offline(*_: object, **__: object) -> None:
        raise RuntimeError("no route to host")

    monkeypatch.setattr(torchvision.datasets, "MNIST", offline)
    complaint = ask("train", "mnist-ae", "--data", tmp_path / "d", "--out", "o").complaint()
    assert "it cannot be downloaded (no route to host). Put its four files into" in complaint
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def digits(tmp_path, tiny_data) -> list[Path]:
    """Image files of two test images."""
    paths = [tmp_path / "three.png", tmp_path / "four.png"]
    for path, index in zip(paths, (203, 204), strict=True):
        path.write_bytes(png(tiny_data.images[index]))
    return paths


def test_place_gives_a_row_for_every_file(ask, digits, tiny_space):
    rows = ask("place", "mnist-vae", *digits, "--json").document()
    for row, path, index in zip(rows, digits, (203, 204), strict=True):
        assert (row["file"], row["ok"]) == (str(path), True)
        assert row["label"] in tiny_space.class_names
        assert 0 < row["confidence"] < 1
        assert row["novel"] == (row["novelty"] > 0.95)
        assert 0 <= row["error_percentile"] <= 100
        assert len(row["neighbours"]) == 5
        assert row["neighbours"][0]["index"] == index
        assert row["neighbours"][0]["label"] == str(tiny_space.gallery.labels[index])
        assert row["neighbours"][0]["distance"] < 0.01
        assert {name: len(spot) for name, spot in row["map"].items()} == {
            name: int(name[-1]) for name in tiny_space.map_names
        }


def test_a_placed_file_lies_on_the_map_where_its_code_does(ask, digits, tiny_space, tiny_data):
    row = ask("place", "mnist-vae", digits[0], "--json").document()[0]
    code = tiny_space.encode(tiny_data.x()[203:204])
    for name in tiny_space.map_names:
        expected = tiny_space.map(name).transform(code)[0]
        np.testing.assert_allclose(row["map"][name], expected, atol=1e-4)


def test_place_without_json_prints_a_line_for_every_file(ask, digits):
    (digits[1].parent / "notes.txt").write_text("Dear diary")
    answer = ask("place", "mnist-vae", *digits, "notes.txt")
    assert (answer.code, answer.err) == (0, "")
    lines = answer.out.splitlines()
    assert len(lines) == 3
    assert lines[0].startswith(f"{digits[0]}: ")
    assert "nearest " in lines[0]
    assert (
        lines[2]
        == "notes.txt: This is no PNG, JPEG, WebP, BMP, GIF or TIFF image. Save it as one of these."
    )


def test_place_takes_the_images_below_a_folder_in_the_order_of_their_names(ask, digits, tmp_path):
    folder = tmp_path / "album"
    for name in ("b/2.png", "b/1.PNG", "a.png", "c.jpg", "notes.txt", "b/c/3.png"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(digits[0].read_bytes())
    rows = ask("place", "mnist-vae", str(folder), "--json").document()
    found = [str(Path(row["file"]).relative_to(folder)) for row in rows]
    assert found == ["a.png", "c.jpg", "b/1.PNG", "b/2.png", "b/c/3.png"]
    assert all(row["ok"] for row in rows)


def test_calibrate_stores_what_is_usual_and_what_strangers_get(
    ask, own_folder, monkeypatch, tiny_space
):
    monkeypatch.setattr(strangers, "COUNT", 6)
    figures = ask("calibrate", str(own_folder), "--json").document()
    assert {"test images", "noise", "textures", "shuffled digits", "letters"} <= set(
        figures["unlike"]
    )
    stored = LatentSpace(own_folder).standard
    assert figures["ece"] == pytest.approx(stored.reliability.ece, abs=1e-6)
    np.testing.assert_array_equal(stored.voted, tiny_space.standard.voted)
    np.testing.assert_allclose(stored.distances, tiny_space.standard.distances, rtol=1e-6)
    assert {len(novelty) for novelty in stored.strangers.values()} <= set(range(7))


def test_files_that_cannot_be_placed_get_their_own_rows_beside_one_that_can(ask, digits, tmp_path):
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "half.png").write_bytes(digits[0].read_bytes()[:-30])
    (tmp_path / "notes.txt").write_text("Dear diary")
    (tmp_path / "white.png").write_bytes(png(np.full((40, 40), 255, np.uint8)))
    (tmp_path / "folder.png").mkdir()
    bad = {
        "nowhere.png": "cannot be read: No such file",
        "empty.png": "This file is empty",
        "half.png": "This image is damaged",
        "notes.txt": "This is no PNG, JPEG, WebP, BMP, GIF or TIFF image",
        "white.png": "Nothing stands out from the background",
        "folder.png": "no file in it ends in one of: .png, .jpg",
        "x" * 300: "cannot be read: File name too long",
    }
    rows = ask("place", "mnist-vae", *bad, digits[0], "--json").document()
    assert [row["ok"] for row in rows] == [False] * len(bad) + [True]
    for row, (name, message) in zip(rows, bad.items(), strict=False):
        assert set(row) == {"file", "ok", "error"}
        assert row["file"] == name
        assert message in row["error"]


def test_place_exits_2_where_no_file_was_placed_and_still_gives_the_rows(ask):
    answer = ask("place", "mnist-vae", "a.png", "b.png", "--json")
    assert answer.code == 2
    assert [row["ok"] for row in json.loads(answer.out)] == [False, False]
    assert answer.err.startswith("error: None of 2 files was placed; the first: cannot be read")
    assert answer.err.count("\n") == 1


def test_a_file_name_that_is_no_text_still_gets_its_row(ask, digits, tmp_path):
    strange = tmp_path / "d\udcff.png"
    strange.write_bytes(digits[0].read_bytes())
    assert ask("place", "mnist-vae", strange).code == 0
    assert len(ask("place", "mnist-vae", strange, "--json").document()) == 1


def test_a_model_may_be_named_by_its_folder(ask, digits, tiny_folder):
    assert ask("place", tiny_folder, digits[0], "--json").document()[0]["ok"]


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image)


@pytest.mark.parametrize("path", ["lerp", "slerp"])
def test_interpolate_saves_the_codes_of_the_way(ask, tiny_space, path):
    answer = ask("interpolate", "mnist-vae", 3, 44, "--path", path, "--steps", 7, "--out", "c.npz")
    assert (answer.code, answer.err) == (0, "")
    saved = bundle.read_arrays(Path("c.npz"))
    expected = tiny_space.walk(tiny_space.code(3), tiny_space.code(44), 7, path)
    np.testing.assert_array_equal(saved["codes"], expected)
    np.testing.assert_allclose(saved["images"], tiny_space.decode(expected), atol=1e-6)


def test_interpolate_saves_a_strip_of_what_is_seen(ask, tiny_space):
    assert ask("interpolate", "mnist-vae", 3, 44, "--out", "new/s.png").code == 0
    strip = pixels(Path("new/s.png"))
    assert strip.shape == (28, 9 * 28 + 8 * 2)
    last = tiny_space.decode(tiny_space.code(44)[None])[0, 0]
    np.testing.assert_allclose(strip[:, -28:] / 255, last, atol=1 / 255)


@pytest.mark.parametrize(("steps", "frames"), [(2, 2), (3, 4), (9, 16)])
def test_interpolate_saves_a_loop_there_and_back(ask, steps, frames):
    assert ask("interpolate", "mnist-vae", 3, 44, "--steps", steps, "--out", "m.gif").code == 0
    with Image.open("m.gif") as image:
        assert image.n_frames == frames
        assert image.size == (112, 112)
        assert image.info["loop"] == 0


@pytest.mark.parametrize("name", ["morph.mp4", "table.csv", "all.png", "all.npz"])
def test_interpolate_keeps_all_ways_over_several_stops(ask, tiny_space, name):
    words = ("interpolate", "mnist-vae", 3, 44, 7, "--round", "--steps", 4, "--path", "all")
    answer = ask(*words, "--out", name, "--json").document()
    stops = tiny_space.gallery.codes[[3, 44, 7]]
    ways = [follow(tiny_space, way, stops, 4, closed=True) for way in WAYS]
    assert Path(name).read_bytes() == as_file(Path(name).suffix, ways, closed=True)
    assert (answer["model"], answer["stops"], answer["round"]) == ("mnist-vae", 3, True)
    assert [way["path"] for way in answer["ways"]] == list(WAYS)
    for found, way in zip(answer["ways"], ways, strict=True):
        assert found == way.figures()
        assert len(found["percentiles"]) == 10


def test_interpolate_says_how_far_a_way_leaves_the_data(ask):
    answer = ask("interpolate", "mnist-vae", 3, 44, "--path", "all", "--out", "s.png")
    lines = answer.out.splitlines()
    assert lines[0] == "s.png: 9 steps over 3, 44"
    assert [line.split()[0] for line in lines[1:]] == list(WAYS)
    assert all("worst step at percentile" in line for line in lines[1:])


def test_ends_may_be_a_number_a_file_an_npz_and_a_code_in_words(ask, tiny_space, digits):
    words = code_to_words(tiny_space.code(5))
    ask("interpolate", "mnist-vae", digits[0], words, "--steps", 3, "--out", "one.npz")
    one = bundle.read_arrays(Path("one.npz"))["codes"]
    np.testing.assert_allclose(one[0], tiny_space.code(203), atol=5e-3)
    np.testing.assert_allclose(one[-1], tiny_space.code(5), atol=1e-6)
    ask("interpolate", "mnist-vae", "one.npz", 5, "--steps", 3, "--out", "two.npz")
    np.testing.assert_allclose(bundle.read_arrays(Path("two.npz"))["codes"], one, atol=1e-6)


def test_a_way_that_slerp_cannot_go_is_one_line_and_no_file(ask, tmp_path):
    ends = np.array([[1, 0, 0, 0], [-1, 0, 0, 0]], np.float32)
    words = [code_to_words(end) for end in ends]
    complaint = ask("interpolate", "mnist-vae", *words, "--path", "slerp", "--out", "a.png")
    assert "slerp() needs codes that are not opposite. Take lerp" in complaint.complaint()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("out", ["file/a.png", "file/a.gif", "file/a.npz", "taken.png"])
def test_a_place_that_cannot_be_written_is_one_line_and_leaves_nothing(ask, tmp_path, out):
    (tmp_path / "file").write_text("in the way")
    (tmp_path / "taken.png").mkdir()
    complaint = ask("interpolate", "mnist-vae", 1, 2, "--out", out).complaint()
    assert out.split("/")[0] in complaint
    assert {path.name for path in tmp_path.iterdir()} == {"file", "taken.png"}


def test_project_writes_the_maps_that_it_was_asked_for(ask, own_model):
    done = ask("project", "mnist-vae", "--method", "pca", "--json").document()
    assert list(done) == ["pca2", "pca3"]
    assert done["pca2"]["trustworthiness"] == pytest.approx(
        LatentSpace(own_model).maps_info["pca2"]["trustworthiness"]
    )
    answer = ask("project", own_model, "--method", "pca", "--dims", 3)
    assert answer.out.startswith("pca3: ")
    assert answer.out.count("\n") == 1


@pytest.mark.usefixtures("quick_tsne")
def test_project_fits_tsne_into_a_bundle(ask, own_model):
    words = ("--method", "tsne", "--dims", 3, "--fit-on", 100, "--seed", 4, "--json")
    done = ask("project", "mnist-vae", *words).document()
    assert done["tsne3"]["seed"] == 4
    assert done["tsne3"]["fitted_on"] == "100 images drawn at random, the rest placed"
    xy = LatentSpace(own_model).map("tsne3").xy
    assert xy.shape == (300, 3)


def test_a_model_of_two_numbers_is_its_own_map(ask, tiny_models_folder, tmp_path, monkeypatch):
    import shutil

    shutil.copytree(tiny_models_folder / "mnist-vae-2d", tmp_path / "two")
    done = ask("project", "two", "--json").document()
    assert list(done) == ["latent2"]
    assert "A map has" not in ask("project", "two", "--dims", 2).err
    complaint = ask("project", "two", "--method", "pca", "--dims", 3).complaint()
    assert "PCA cannot give 3 dimensions from codes of 2" in complaint


@pytest.fixture
def _sure(monkeypatch) -> None:
    """A classifier that takes everything for a zero; the real one has its own tests."""

    class Sure:
        def probabilities(self, x: np.ndarray) -> np.ndarray:
            return np.eye(10, dtype=np.float32)[np.zeros(len(x), int)]

        def frechet_distance(self, x: np.ndarray) -> float:
            return float(len(x))

    monkeypatch.setattr("latent.classifier.load_classifier", Sure)
    monkeypatch.setattr("latent.evaluation.WAYS", 20)
    monkeypatch.setitem(PCA_SIZES, "mnist", (2, 16))


@pytest.mark.usefixtures("tiny_mnist", "_sure")
def test_evaluate_gives_the_figures_of_the_config_beside_pca(ask, tiny_space):
    figures = ask("evaluate", "mnist-vae", "--json").document()
    assert figures["model"] == "mnist-vae"
    for name in ("latent_dim", "test_mse", "knn_accuracy", "decoder_parameters", "decoder_macs"):
        assert figures[name] == pytest.approx(tiny_space.config["metrics"][name], rel=1e-4)
    assert [row["components"] for row in figures["pca"]] == [2, 16]
    assert figures["midpoints_recognised"] == 1
    assert figures["classifier_frechet_reconstructions"] == 100


@pytest.mark.usefixtures("tiny_mnist", "_sure")
def test_evaluate_prints_a_line_for_every_figure_even_of_maps_that_nobody_measured(
    ask, own_model, alter
):
    info = bundle.read_maps_info(own_model)["pca2"]
    bare = {name: info[name] for name in ("method", "dims", "seed")}
    alter(own_model, maps_info={"pca2": info, "pca3": {**bare, "dims": 3}})
    answer = ask("evaluate", "mnist-vae", "--pictures", "shown")
    assert (answer.code, answer.err) == (0, "")
    assert "test_mse: 0.0" in answer.out
    assert f"map pca2: trustworthiness {info['trustworthiness']}" in answer.out
    assert "PCA  16: test MSE 0.0" in answer.out
    assert {path.name for path in Path("shown").iterdir()} == {
        "mnist-vae-reconstructions.png",
        "mnist-vae-ways.png",
    }


@pytest.fixture
def _furniture(ask, tiny_furniture, tiny_furniture_folder, tmp_path, monkeypatch) -> None:
    """Tiny furniture where models and data are looked for, with random triples."""
    monkeypatch.setenv("LATENT_MODELS", str(tiny_furniture_folder))
    monkeypatch.setenv("LATENT_DATA", str(tmp_path / "data"))
    monkeypatch.setattr("latent.furniture.dataset.load_furniture", lambda _: tiny_furniture)
    images = np.random.default_rng(0).integers(0, 256, (4, 3, 64, 64, 3)).astype(np.uint8)
    monkeypatch.setattr("latent.causes.render_triples", lambda *_: images)
    monkeypatch.setattr("latent.classifier.load_classifier", lambda: pytest.fail("was asked"))
    monkeypatch.setattr("latent.evaluation.WAYS", 5)
    monkeypatch.setattr("latent.disentanglement.TREES", 3)
    monkeypatch.setitem(PCA_SIZES, "furniture", (2, 16))


@pytest.mark.usefixtures("_furniture")
def test_evaluate_of_furniture_gives_what_codes_say_of_causes(ask):
    figures = ask("evaluate", "furniture-vae", "--json").document()
    assert (figures["model"], figures["voters"]) == ("furniture-vae", 5)
    assert [row["components"] for row in figures["pca"]] == [2, 16]
    assert {"width", "back_height", "azimuth_sine"} < set(figures["probe_r2"])
    assert set(figures["disentanglement"]) == {"furniture-ae", "furniture-vae"}
    assert figures["triples"]["count"] == 4
    assert {"step_change", "largest_step_change"} < set(figures)
    assert not {"midpoints_recognised", "classifier_frechet_reconstructions"} & set(figures)


@pytest.mark.usefixtures("_furniture")
def test_evaluate_of_furniture_prints_lines_and_saves_pictures_in_colour(ask):
    answer = ask("evaluate", "furniture-ae", "--pictures", "shown")
    assert (answer.code, answer.err) == (0, "")
    for begin in ("test_mse: 0.", "linear probe of width: R² 0.", "kind by a linear classifier",
                  "furniture-vae: MIG 0.", "PCA  16: test MSE 0."):  # fmt: skip
        assert f"\n{begin}" in answer.out
    assert "of 4 triples" in answer.out
    shown = pixels(Path("shown/furniture-ae-reconstructions.png"))
    assert shown.shape == (3 * 130, 3 * (10 * 64 + 9 * 2), 3)
    assert pixels(Path("shown/furniture-ae-ways.png")).shape[2] == 3


def test_train_writes_a_bundle_that_loads_and_resumes_for_free(
    ask, tiny_mnist, tmp_path, monkeypatch
):
    monkeypatch.setitem(ARCHITECTURES, "mnist", tiny_architecture)
    words = ("train", "mnist-ae", "--epochs", 2, "--threads", 1, "--out", "m", "--runs", "r")
    answer = ask(*words)
    assert answer.code == 0
    assert "test MSE 0." in answer.out
    space = LatentSpace(tmp_path / "m" / "mnist-ae")
    assert space.map_names == ["pca2", "pca3"]
    assert space.config["recipe"]["epochs"] == 2
    assert space.config["recipe"]["seed"] == 0
    sealed = (space.folder / bundle.CONFIG).read_text("utf-8")
    monkeypatch.setattr(latent.training, "loss", lambda *_, **__: pytest.fail("trained again"))
    assert ask(*words).code == 0
    assert (space.folder / bundle.CONFIG).read_text("utf-8") == sealed
    assert "is of another recipe" in ask(*words, "--epochs", 3).err


@pytest.mark.usefixtures("tiny_mnist")
def test_train_begins_with_what_the_recipe_says_comes_before(ask, tmp_path, monkeypatch):
    monkeypatch.setitem(ARCHITECTURES, "mnist", tiny_architecture)
    first = replace(RECIPES["mnist-ae"], name="first", epochs=1)
    then = replace(first, name="mnist-ae", learning_rate=0.0, before=first)
    monkeypatch.setitem(RECIPES, "mnist-ae", then)
    words = ("train", "mnist-ae", "--threads", 1, "--out", "m", "--runs", "r")
    assert ask(*words).code == 0
    assert sorted(path.name for path in Path("r").iterdir()) == [
        "first.safetensors", "mnist-ae.safetensors",
    ]  # fmt: skip
    # at a rate of 0 nothing changes any more
    monkeypatch.setitem(RECIPES, "mnist-ae", first)
    assert ask("train", "mnist-ae", "--threads", 1, "--out", "n", "--runs", "r").code == 0
    one, other = (LatentSpace(tmp_path / out / "mnist-ae") for out in ("m", "n"))
    np.testing.assert_array_equal(one.gallery.codes, other.gallery.codes)
    assert one.config["recipe"]["before"]["name"] == "first"
    # the run before is needed no more
    Path("r/first.safetensors").unlink()
    monkeypatch.setitem(RECIPES, "mnist-ae", then)
    assert ask(*words).code == 0
    assert not Path("r/first.safetensors").exists()


@pytest.mark.usefixtures("tiny_mnist")
def test_a_damaged_checkpoint_is_one_line(ask, tmp_path):
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "mnist-ae.safetensors").write_bytes(b"half")
    complaint = ask("train", "mnist-ae", "--out", "m").complaint()
    assert "mnist-ae.safetensors is damaged. Remove it to start afresh" in complaint
    assert not (tmp_path / "m").exists()


def test_render_writes_a_folder_that_loads(ask, tmp_path):
    from latent.furniture.dataset import load_furniture

    words = ("render", "furniture", "--count", 3, "--seed", 7, "--workers", 1, "--out", "chairs")
    answer = ask(*words, "--set", "kind=chair", "--set", "hue=0.5")
    assert (answer.code, answer.out) == (0, "chairs: 3 images\n")
    data = load_furniture(tmp_path / "chairs")
    assert data.labels.tolist() == [0, 0, 0]
    assert set(data.factors["hue"]) == {0.5}
    assert ask(*words).complaint().startswith("error: chairs holds other renders")


def test_render_into_a_place_that_cannot_be_written_is_one_line(ask, tmp_path):
    (tmp_path / "file").write_text("in the way")
    words = ("render", "furniture", "--count", 3, "--out")
    assert "file" in ask(*words, "file").complaint()
    assert "file/under" in ask(*words, "file/under").complaint()
