"""`python -m latent enrol NAMES.npz NAME IMAGE…` and `recognise NAMES.npz IMAGE…`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import numpy as np

from latent.encoder import Encoder, encoder_names
from latent.errors import InputError
from latent.files import written_whole
from latent.images import prepare
from latent.place_command import images_of
from latent.recognition import (
    FALSE_REJECTS,
    enrol,
    held_back,
    known_classes,
    load,
    nobody,
    recognise,
    save,
    together,
    trial,
    weights_of,
)


@click.command("enrol")
@click.argument("names", type=click.Path(path_type=Path))
@click.argument("name")
@click.argument("files", nargs=-1, required=True)
@click.option("--model", help="Whose codes to use for a new file; default the first one taught "
              "by contrast.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def enrol_command(
    names: Path, name: str, files: tuple[str, ...], model: str | None, as_json: bool
) -> None:
    """Show images, or those of folders, under a NAME, and keep that in the file NAMES.

    The file is made if need be. What cannot be read is said, and the others go on.
    """
    if names.suffix != ".npz":
        raise InputError(f"The file of names ends in .npz; got {names.name!r}.")
    encoder = _encoder(names, model)
    enrolled = load(names.read_bytes(), encoder) if names.exists() else nobody(encoder)
    rows: list[dict[str, Any]] = []
    for file in (image for given in files for image in images_of(given)):
        try:
            x = _prepared(file, encoder)
            enrolled = enrol(enrolled, name, x, encoder.encode(x))
            rows.append({"file": file, "ok": True})
        except InputError as error:
            rows.append({"file": file, "ok": False, "error": str(error)})
    taken = sum(row["ok"] for row in rows)
    if taken:
        try:
            with written_whole(names) as part:
                part.write_bytes(save(enrolled, encoder))
        except OSError as error:
            raise InputError(f"{names} cannot be written: {error.strerror}.") from error
    counts = {one: len(which) for one, which in enrolled.classes.items()}
    if as_json:
        print(json.dumps({"model": encoder.name, "names": counts, "files": rows}))
    else:
        for row in rows:
            print(f"{row['file']}: {name if row['ok'] else row['error']}")
        print(f"{names}: " + ", ".join(f"{one} ({count})" for one, count in counts.items()))
    if not taken:
        raise InputError("None of these images could be enrolled.")


@click.command("recognise")
@click.argument("names", type=click.Path(path_type=Path))
@click.argument("files", nargs=-1, required=True)
@click.option("--only-shown", is_flag=True,
              help="Know nothing but NAMES, not the classes of the model's training.")  # fmt: skip
@click.option("--false-rejects", type=click.FloatRange(0.001, 0.5), default=FALSE_REJECTS,
              show_default=True,
              help="Share of known images that may be called strangers.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def recognise_command(
    names: Path, files: tuple[str, ...], only_shown: bool, false_rejects: float, as_json: bool
) -> None:
    """Say which of the NAMES each image bears, or that it is a stranger."""
    if not names.exists():
        raise InputError(
            f"{names} is not there. Make it: python -m latent enrol {names} NAME IMAGE"
        )
    encoder = _encoder(names, None)
    enrolled = load(names.read_bytes(), encoder)
    base = None if only_shown else known_classes(encoder, held_back(encoder))
    classes = together(encoder, base, enrolled)
    threshold = trial(encoder, held_back(encoder)).threshold(false_rejects)
    rows: list[dict[str, Any]] = []
    for file in (image for given in files for image in images_of(given)):
        try:
            x = _prepared(file, encoder)
        except InputError as error:
            rows.append({"file": file, "ok": False, "error": str(error)})
            continue
        found = recognise(encoder.encode(x)[0], classes, enrolled, threshold)
        rows.append({
            "file": file, "ok": True, "name": None if found.stranger else found.name,
            "nearest": found.name, "distance": round(found.distance, 4),
            "threshold": round(threshold, 4),
        })  # fmt: skip
    if as_json:
        print(json.dumps(rows, ensure_ascii=False))
    else:
        for row in rows:
            said = row.get("error") or row["name"] or f"a stranger, least unlike {row['nearest']}"
            print(f"{row['file']}: {said}")
    if not any(row["ok"] for row in rows):
        raise InputError("None of these images could be read.")


def _encoder(names: Path, model: str | None) -> Encoder:
    """That of a file of names, or for a new file the one that is asked for."""
    found = encoder_names()
    if not names.exists():
        if model is None and not found:
            raise InputError("There is no model yet. Train one: python -m latent train mnist-vae")
        return Encoder.named(model or found[0])
    weights = weights_of(names.read_bytes())
    for name in found:
        encoder = Encoder.named(name)
        if encoder.fingerprint == weights:
            if model not in (None, name):
                raise InputError(f"{names} was made with {name}. Leave out --model, or name that.")
            return encoder
    raise InputError(f"{names} was made with a model that is not at hand; there are: "
                     f"{', '.join(found)}.")  # fmt: skip


def _prepared(file: str, encoder: Encoder) -> np.ndarray:
    try:
        data = Path(file).read_bytes()
    except OSError as error:
        raise InputError(f"It cannot be read: {error.strerror}.") from error
    return prepare(data, encoder.config["preprocessing"]).x[None]
