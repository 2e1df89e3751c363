"""Command line: `python -m latent COMMAND`."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import numpy as np

from latent.bundle import is_auxiliary
from latent.cluster_command import cluster
from latent.compare_command import command as compare
from latent.errors import InputError
from latent.furniture.command import render
from latent.interpolate_command import interpolate
from latent.maps_command import maps, project
from latent.place_command import calibrate, json_option, place
from latent.recognise_command import enrol_command, recognise_command
from latent.repair_command import repair
from latent.sample_command import sample
from latent.similar_command import index, similar
from latent.space import describe, load_space, model_names, models_root

if TYPE_CHECKING:
    from latent.autoencoder import Autoencoder
    from latent.data import Dataset
    from latent.recipes import Recipe

data_option = click.option(
    "--data",
    type=click.Path(path_type=Path),
    help="Folder with MNIST/raw or furniture in it; default LATENT_DATA.",
)


@click.group()
def cli() -> None:
    """Latent Explorer: train, measure and use autoencoders."""


for command in (
    render, project, maps, cluster, place, calibrate, interpolate, repair, sample, compare,
    enrol_command, recognise_command, index, similar,
):  # fmt: skip
    cli.add_command(command)


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

    from latent.data import data_root, load_dataset
    from latent.export import export
    from latent.recipes import find_recipe
    from latent.speed import keep_memory

    keep_memory()
    if threads is not None:
        torch.set_num_threads(threads)
    if recipe in OTHERS:
        kept = runs / f"{recipe}.pt"
        _train_other(recipe, data, (out or models_root()) / recipe, kept, epochs)
        return
    chosen = find_recipe(recipe)
    if epochs is not None:
        chosen = replace(chosen, epochs=epochs)
    dataset = load_dataset(chosen.data, data)
    folder = (out or models_root()) / recipe
    with _writing(folder):
        network = _run(chosen, dataset, (data or data_root()) / chosen.data, runs)
        figures = export(chosen, network, dataset, folder)
    print(f"{folder}: test MSE {figures['test_mse']:.5f}")
    if is_auxiliary(folder):
        return
    print(f"{figures['voters']}-NN accuracy {figures['knn_accuracy']:.4f}")
    print(f"Its UMAP and t-SNE maps: python -m latent project {folder}")


def _run(recipe: Recipe, dataset: Dataset, renders: Path, runs: Path) -> Autoencoder:
    """Train what a recipe says, and first what it begins with."""
    from latent.data import TRAIN
    from latent.lessons import lesson_of
    from latent.training import train

    before, checkpoint = None, runs / f"{recipe.name}.safetensors"
    if recipe.before and not checkpoint.exists():
        _run(recipe.before, dataset, renders, runs)
        before = runs / f"{recipe.before.name}.safetensors"
    if recipe.pictures == "once":
        x, causes = dataset.x(TRAIN), dataset.causes(TRAIN)
    else:
        from latent.furniture.twice import more, twice

        shown = {"twice": twice, "more": more}[recipe.pictures](dataset, renders)
        x, causes = np.moveaxis(shown.images, 3, 1), shown.factors
    return train(recipe, x, checkpoint, lesson_of(recipe, len(x), causes), before=before)


# no autoencoders, with trainings of their own
OTHERS = ("mnist-classifier", "mnist-contrast", "furniture-contrast")


def _train_other(
    recipe: str, data: Path | None, folder: Path, kept: Path, epochs: int | None
) -> None:
    from latent.data import data_root, load_dataset

    if recipe == "furniture-contrast":
        from latent.designs import EPOCHS, train_designs

        renders = (data or data_root()) / "furniture"
        with _writing(folder):
            figures = train_designs(
                load_dataset("furniture", data), renders, folder, kept, epochs or EPOCHS
            )
        print(f"{folder}: {figures['again_first_10']:.1%} of test designs are found among the "
              "first 10 of 2,000 in other colours and from another side")  # fmt: skip
        return
    dataset = load_dataset("mnist", data)
    with _writing(folder):
        if recipe == "mnist-classifier":
            from latent.classifier import train_classifier

            print(
                f"{folder}: test accuracy {train_classifier(dataset, folder)['test_accuracy']:.4f}"
            )
            return
        from latent.contrast import train_contrast

        print(f"{folder}: 10-NN accuracy on the digits that it was shown "
              f"{train_contrast(dataset, folder)['knn_accuracy']:.4f}")  # fmt: skip


@cli.command()
@click.argument("model")
@data_option
@click.option("--pictures", "folder", type=click.Path(path_type=Path),
              help="Folder for pictures of reconstructions and ways.")  # fmt: skip
@json_option
def evaluate(model: str, data: Path | None, folder: Path | None, as_json: bool) -> None:
    """Measure MODEL on the test split, beside PCA on the same images.

    For rendered furniture also what codes say of the causes of an image, and whether a
    chair is nearer to itself in another colour than to a table in its own.
    """
    from latent.evaluation import pictures
    from latent.report import data_of, lines, report

    space = load_space(model)
    dataset = data_of(space, data)
    figures = report(space, dataset, data)
    if folder:
        own = dataset if dataset.factors else None  # renders are ours to show, MNIST is not
        with _writing(folder):
            for title, picture in pictures(space, own).items():
                _save_picture(folder / f"{space.name}-{title}.png", picture)
    if as_json:
        _print_json(figures)
        return
    for line in lines(figures):
        print(line)


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
