"""`python -m latent place` and `calibrate`."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import numpy as np

from latent.errors import InputError
from latent.placement import percent
from latent.space import LatentSpace, load_space

NEAREST_SHOWN = 5
SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff")
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")


@click.command()
@click.argument("model")
@click.argument("files", nargs=-1, required=True)
@json_option
def place(model: str, files: tuple[str, ...], as_json: bool) -> None:
    """Say where images land in MODEL: a row for every file.

    FILES are image files and folders; of a folder every image below it is taken, in the
    order of the names.
    """
    from tqdm import tqdm

    space = load_space(model)
    names = [name for given in files for name in images_of(given)]
    quiet = True if len(names) < 2 else None  # None: where standard error is no terminal
    rows = [
        _row(space, name)
        for name in tqdm(names, "placed", unit=" images", disable=quiet, leave=False)
    ]
    if as_json:
        print(json.dumps(rows, ensure_ascii=False))
    for row in [] if as_json else rows:
        print(_line(row))
    if not any(row["ok"] for row in rows):
        raise InputError(f"None of {len(rows)} files was placed; the first: {rows[0]['error']}")


def images_of(given: str) -> list[str]:
    """The file itself, or the images below a folder, in the order of their names."""
    found: list[str] = []
    for below, folders, files in os.walk(given):  # of a file: nothing
        folders.sort()
        found += [
            str(Path(below) / name)
            for name in sorted(files)
            if Path(name).suffix.lower() in SUFFIXES
        ]
    return found or [given]  # a folder without images gets a row that says so


def _row(space: LatentSpace, name: str) -> dict[str, Any]:
    from latent.images import prepare

    if os.path.isdir(name):
        wanted = ", ".join(SUFFIXES)
        return {"file": name, "ok": False, "error": f"no file in it ends in one of: {wanted}."}
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
        "confidence": placed.confidence,
        "votes": placed.votes,
        "error": placed.error,
        "error_percentile": placed.error_percentile,
        "distance": placed.distance,
        "distance_percentile": placed.distance_percentile,
        "doubt": placed.doubt,
        "doubt_percentile": placed.doubt_percentile,
        "novel": placed.novel,
        "novelty": placed.novelty,
        "code": placed.code.tolist(),
        "neighbours": [
            {"index": int(i), "label": space.class_names[labels[i]], "distance": float(d)}
            for i, d in near
        ],
        "map": {title: xy.tolist() for title, xy in placed.coordinates.items()},
    }


def _line(row: dict[str, Any]) -> str:
    name = "".join(letter if letter.isprintable() else "·" for letter in row["file"])
    if not row["ok"]:
        return f"{name}: {row['error']}"
    near = ", ".join(f"{n['label']} (#{n['index']})" for n in row["neighbours"])
    unlike = "; unlike all that the model knows" if row["novel"] else ""
    return (
        f"{name}: {row['label']} ({percent(row['confidence'])}){unlike}; error above "
        f"{row['error_percentile']:.0f} % of test images; nearest {near}"
    )


@click.command()
@click.argument("model")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@json_option
def calibrate(model: str, seed: int, as_json: bool) -> None:
    """Place the test images of MODEL, and strangers, and store in it what is usual.

    From this `place` takes the confidence of a label and the verdict whether an image is
    unlike all that the model knows. A model that lacks it makes do with 2,000 test images.
    """
    from latent.placement import measured, write_standard
    from latent.standard import FALSE_ALARMS
    from latent.strangers import novelties, strangers

    space = load_space(model)
    # what is compared with the strangers is what will be stored, not what was
    space.standard = standard = measured(space)
    pictures = strangers(space, np.random.default_rng(seed))
    found = {kind: novelties(space, those) for kind, those in pictures.items()}
    write_standard(space, replace(standard, strangers=found))
    unlike = {
        kind: float((novelty > 1 - FALSE_ALARMS).mean())
        for kind, novelty in {"test images": standard.novelties, **found}.items()
    }
    ece = standard.reliability.ece
    if as_json:
        print(json.dumps({"model": space.name, "ece": ece, "unlike": unlike}))
        return
    print(f"{space.name}: expected calibration error {ece:.4f}; called unlike:")
    for kind, share in unlike.items():
        print(f"  {share:6.1%} of {kind}")
