"""Command line: `python -m latent COMMAND`."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import numpy as np

from latent import bundle
from latent.errors import InputError
from latent.space import LatentSpace, describe, load_space, model_names, models_root

NEAREST_SHOWN = 5

data_option = click.option(
    "--data", type=click.Path(path_type=Path), help="Folder with MNIST/raw; default LATENT_DATA."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")


@click.group()
def cli() -> None:
    """Latent Explorer: train, measure and use autoencoders."""


@cli.command()
@json_option
def models(as_json: bool) -> None:
    """List the models at hand."""
    rows = [describe(name) for name in model_names()]
    if as_json:
        _print_json(rows)
        return
    for row in rows:
        print(f"{row['model']:16} {row['title']}; maps: {', '.join(row['maps']) or 'none'}")
    if not rows:
        print(f"No models in {models_root()}. Train one: python -m latent train mnist-vae")


@cli.command()
@click.argument("recipe")
@data_option
@click.option("--out", type=click.Path(path_type=Path), help="Where bundles go; default models/.")
@click.option("--runs", type=click.Path(path_type=Path), default=Path("runs"), show_default=True,
              help="Where checkpoints go, from which a killed run resumes.")  # fmt: skip
@click.option("--epochs", type=click.IntRange(1), help="Instead of the recipe's own number.")
@click.option("--threads", type=click.IntRange(1), help="Cores to use; default all.")
def train(
    recipe: str,
    data: Path | None,
    out: Path | None,
    runs: Path,
    epochs: int | None,
    threads: int | None,
) -> None:
    """Train the model RECIPE and write its bundle."""
    from dataclasses import replace

    import torch

    from latent.data import TRAIN, download_mnist, load_mnist
    from latent.export import export
    from latent.training import find_recipe
    from latent.training import train as run

    if recipe == "mnist-classifier":
        _train_classifier(data, out, threads)
        return
    chosen = find_recipe(recipe)
    if epochs is not None:
        chosen = replace(chosen, epochs=epochs)
    if threads is not None:
        torch.set_num_threads(threads)
    download_mnist(data)
    dataset = load_mnist(data)
    folder = (out or models_root()) / recipe
    with _writing(folder):
        network = run(chosen, dataset.x(TRAIN), runs / f"{recipe}.safetensors")
        figures = export(chosen, network, dataset, folder)
    print(f"{folder}: test MSE {figures['test_mse']:.5f}, "
          f"10-NN accuracy {figures['knn_accuracy']:.4f}")  # fmt: skip
    print(f"Its UMAP and t-SNE maps: python -m latent project {folder}")


def _train_classifier(data: Path | None, out: Path | None, threads: int | None) -> None:
    import torch

    from latent.classifier import NAME, train_classifier
    from latent.data import download_mnist, load_mnist

    if threads is not None:
        torch.set_num_threads(threads)
    download_mnist(data)
    folder = (out or models_root()) / NAME
    figures = train_classifier(load_mnist(data), folder)
    print(f"{folder}: test accuracy {figures['test_accuracy']:.4f}")


@cli.command()
@click.argument("model")
@data_option
@click.option("--pictures", "folder", type=click.Path(path_type=Path),
              help="Folder for pictures of reconstructions and ways.")  # fmt: skip
@json_option
def evaluate(model: str, data: Path | None, folder: Path | None, as_json: bool) -> None:
    """Measure MODEL on the test split, beside PCA on the same images."""
    from latent.classifier import load_classifier
    from latent.data import load_mnist
    from latent.evaluation import evaluate as measure
    from latent.evaluation import evaluate_draws, evaluate_pca, evaluate_ways, pictures

    space = load_space(model)
    dataset = load_mnist(data)
    load_classifier()  # complains before the long part, not after it
    figures = measure(space, dataset)
    figures |= evaluate_ways(space) | evaluate_draws(space)
    figures["pca"] = evaluate_pca(dataset)
    if folder:
        with _writing(folder):
            for title, picture in pictures(space).items():
                _save_picture(folder / f"{space.name}-{title}.png", picture)
    if as_json:
        _print_json(figures)
        return
    for name, value in figures.items():
        if name == "pca":
            for row in value:
                print(f"PCA {row['components']:3}: test MSE {row['test_mse']:.5f}, "
                      f"10-NN accuracy {row['knn_accuracy']:.4f}")  # fmt: skip
        elif name == "maps":
            for title, info in value.items():
                print(f"map {title}: trustworthiness {info.get('trustworthiness')}, "
                      f"continuity {info.get('continuity')} "
                      f"({info.get('measured_on', 'not measured')})")  # fmt: skip
        else:
            print(f"{name}: {value}")


@cli.command()
@click.argument("model")
@click.option("--method", help="pca, tsne, umap or latent; default all that a bundle ships.")
@click.option("--dims", type=int, help="2 or 3; default both.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option("--fit-on", type=int, help="Fit on that many random images, place the rest.")
@json_option
def project(
    model: str, method: str | None, dims: int | None, seed: int, fit_on: int | None, as_json: bool
) -> None:
    """Fit maps of MODEL and write them into its bundle."""
    from latent.maps import add_map, shipped_maps
    from latent.projections import make_projection

    space = load_space(model)
    if method is None:
        wanted = [(m, d) for m, d in shipped_maps(space.latent_dim) if dims in (None, d)]
    else:
        wanted = [(method, d) for d in ([dims] if dims is not None else (2, 3))]
    if dims not in (None, 2, 3):
        raise InputError(f"A map has 2 or 3 dimensions; got {dims}.")
    if not wanted:
        raise InputError(f"{space.name} ships no map in {dims}-D; name a --method or leave --dims.")
    for name, size in wanted:
        make_projection(name, size)  # complains before the first long fit, not after it
    done = {}
    for name, size in wanted:
        done[f"{name}{size}"] = info = add_map(space, name, size, seed, fit_on)
        if not as_json:
            print(f"{name}{size}: {info['seconds']} s, fitted on {info['fitted_on']}, "
                  f"trustworthiness {info.get('trustworthiness')}")  # fmt: skip
    if as_json:
        _print_json(done)


@cli.command()
@click.argument("model")
@click.argument("files", nargs=-1, required=True)
@json_option
def place(model: str, files: tuple[str, ...], as_json: bool) -> None:
    """Say where images land in MODEL: a row for every file."""
    space = load_space(model)
    rows = [_place_file(space, name) for name in files]
    if as_json:
        _print_json(rows)
    for row in [] if as_json else rows:
        if row["ok"]:
            near = ", ".join(f"{n['label']} (#{n['index']})" for n in row["neighbours"])
            print(f"{row['file']}: {row['label']}; error above {row['error_percentile']:.0f} % "
                  f"of test images; nearest {near}")  # fmt: skip
        else:
            print(f"{row['file']}: {row['error']}")
    if not any(row["ok"] for row in rows):
        raise InputError(f"None of {len(rows)} files was placed; the first: {rows[0]['error']}")


@cli.command()
@click.argument("model")
@click.argument("a")
@click.argument("b")
@click.option("--path", "path_name", default="lerp", show_default=True, help="lerp or slerp.")
@click.option("--steps", type=click.IntRange(2, 1000), default=9, show_default=True)
@click.option("--out", type=click.Path(path_type=Path), required=True,
              help="strip.png, morph.gif or codes.npz.")  # fmt: skip
def interpolate(model: str, a: str, b: str, path_name: str, steps: int, out: Path) -> None:
    """Walk from code A to code B in MODEL and save what is seen.

    A and B are each the number of a gallery image, an image file, an .npz with an array
    "codes", or a code as base64.
    """
    from latent.words import code_from_words

    if out.suffix not in WRITERS:
        raise InputError(f"--out ends in one of: {', '.join(WRITERS)}; got {out.name!r}.")
    space = load_space(model)
    ends = code_from_words(space, a), code_from_words(space, b)
    codes = space.walk(*ends, steps, path_name)
    with _writing(out):
        WRITERS[out.suffix](out, codes, space.decode(codes))
    print(f"{out}: {steps} steps from {a[:40]} to {b[:40]}")


@contextmanager
def _writing(out: Path) -> Iterator[None]:
    """What stands in the way of writing to `out` is the user's to mend."""
    try:
        yield
    except OSError as error:
        raise InputError(f"{out} cannot be written: {error.strerror or error}.") from error


def _save_picture(out: Path, pixels: np.ndarray) -> None:
    from PIL import Image

    from latent.files import written_whole

    with written_whole(out) as part:
        Image.fromarray(pixels).save(part)


def _write_strip(out: Path, codes: np.ndarray, images: np.ndarray) -> None:
    from latent.images import strip

    _save_picture(out, strip(images))


def _write_gif(out: Path, codes: np.ndarray, images: np.ndarray) -> None:
    """A loop there and back, each image four times its size."""
    from PIL import Image

    from latent.files import written_whole
    from latent.images import to_uint8

    frames = [
        Image.fromarray(frame).resize((frame.shape[1] * 4, frame.shape[0] * 4))
        for frame in to_uint8(np.concatenate([images, images[-2:0:-1]]))
    ]
    with written_whole(out) as part:
        frames[0].save(part, save_all=True, append_images=frames[1:], duration=80, loop=0)


def _write_codes(out: Path, codes: np.ndarray, images: np.ndarray) -> None:
    bundle.write_arrays(out, {"codes": codes, "images": images})


WRITERS = {".png": _write_strip, ".gif": _write_gif, ".npz": _write_codes}


def _place_file(space: LatentSpace, name: str) -> dict[str, Any]:
    from latent.images import prepare

    try:
        data = Path(name).read_bytes()
        placed = space.place(prepare(data, space.config["preprocessing"]).x)
    except OSError as error:
        return {"file": name, "ok": False, "error": f"cannot be read: {error.strerror}."}
    except InputError as error:
        return {"file": name, "ok": False, "error": str(error)}
    labels = space.gallery.labels
    near = list(zip(placed.neighbours, placed.distances, strict=True))[:NEAREST_SHOWN]
    return {
        "file": name,
        "ok": True,
        "label": placed.label,
        "confidence": None,
        "error_percentile": placed.error_percentile,
        "novel": None,
        "neighbours": [
            {"index": int(i), "label": space.class_names[labels[i]], "distance": float(d)}
            for i, d in near
        ],
        "map": {
            title: space.map(title).transform(placed.code[None])[0].tolist()
            for title in space.map_names
        },
    }


def _print_json(document: Any) -> None:
    print(json.dumps(document, ensure_ascii=False))


def main() -> None:
    """Run the command line; what a user can mend becomes one line and exit code 2."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a file's name may be no UTF-8
            stream.reconfigure(errors="backslashreplace")
    try:
        cli.main(standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        print(error.format_message())
    except click.ClickException as error:
        _fail(error.format_message())
    except click.Abort:
        _fail("stopped.")
    except InputError as error:
        _fail(str(error))


def _fail(message: str) -> None:
    print(f"error: {' '.join(message.split())}", file=sys.stderr)
    sys.exit(2)


if __name__ == "__main__":
    main()
