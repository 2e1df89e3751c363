"""`python -m latent index DIR --out CATALOGUE` and `similar CATALOGUE IMAGE`."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from pathlib import Path

import click
import numpy as np

from latent import collection
from latent.colours import histograms
from latent.encoder import Encoder
from latent.errors import InputError
from latent.neighbours import unit
from latent.place_command import images_of, json_option
from latent.search import (
    NAME,
    Pieces,
    Wish,
    guessed_kinds,
    is_strange,
    learned,
    pieces_of,
    ranked,
    read_photo,
)
from latent.table import read_table

BATCH = 128  # pictures a part: what a killed run has to do again, at most
Stamp = tuple[int, int]  # size of a file in bytes, and when it was changed


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, metavar="CATALOGUE",
              help="Folder of the catalogue; made if need be.")  # fmt: skip
@click.option("--model", default=NAME, show_default=True, help="Whose codes to use.")
@click.option("--prune", is_flag=True, help="Cross out what is not in DIR any more.")
@json_option
def index(folder: Path, out: Path, model: str, prune: bool, as_json: bool) -> None:
    """Add the images below DIR to a CATALOGUE, for `similar` to search.

    Only what is new or has changed is read. A killed run goes on from where it was.
    """
    from tqdm import tqdm

    if not folder.is_dir():
        raise InputError(f"{folder} is no folder. Name one with images in it.")
    began = time.monotonic()
    encoder = _encoder(model)
    collection.begin(out, encoder)
    with collection.held(out):
        known = collection.read(out).stamps
        there = _stamps(folder)
        if not there and not prune:
            raise InputError(f"{folder} holds no image. Name a folder with images in it.")
        wanted = [name for name, stamp in there.items() if known.get(name) != stamp]
        changed = [name for name in wanted if name in known]
        refused: list[dict[str, str]] = []
        bar = tqdm(total=len(wanted), unit=" images", disable=None, leave=False)
        _encode_on_one_core()
        with bar, ThreadPoolExecutor(1 + (os.cpu_count() or 1)) as readers:
            for batch, read in _read_ahead(readers, wanted, encoder):
                refused += [
                    {"file": name, "error": str(x)}
                    for name, x in zip(batch, read, strict=True) if isinstance(x, InputError)
                ]  # fmt: skip
                good = {
                    name: x for name, x in zip(batch, read, strict=True)
                    if not isinstance(x, InputError)
                }  # fmt: skip
                collection.cross_out(out, [name for name in good if name in known])
                _append(out, encoder, good, there)
                bar.update(len(batch))
        gone = [name for name in known if prune and name not in there]
        collection.cross_out(out, gone)
        total = len(collection.read(out).names)
    seconds = time.monotonic() - began
    bad = {row["file"] for row in refused}
    figures = {
        "catalogue": str(out), "model": encoder.name, "images": total,
        "added": len([n for n in wanted if n not in known and n not in bad]),
        "changed": len([n for n in changed if n not in bad]),
        "removed": len(gone), "refused": refused, "seconds": round(seconds, 2),
    }  # fmt: skip
    if as_json:
        print(json.dumps(figures, ensure_ascii=False))
        return
    for row in refused:
        print(f"{_shown(row['file'])}: {row['error']}")
    print(f"{out}: {total:,} images; {figures['added']:,} added, {figures['changed']:,} changed, "
          f"{len(gone):,} removed, {len(refused):,} refused, in {seconds:.1f} s")  # fmt: skip


@click.command()
@click.argument("catalogue", type=click.Path(path_type=Path))
@click.argument("image")
@click.option("--count", type=click.IntRange(1, 1000), default=10, show_default=True)
@click.option("--colour", "share", type=click.FloatRange(0, 1), default=0.2, show_default=True,
              help="0 for the same shape, 1 for the same colour.")  # fmt: skip
@click.option("--kind", "kinds", multiple=True,
              help="Only pieces of this kind, as guessed; may be repeated.")  # fmt: skip
@click.option("--table", type=click.Path(path_type=Path),
              help="CSV file with numbers of pieces; files in its first column.")  # fmt: skip
@click.option("--between", "spans", type=(str, float, float), multiple=True,
              metavar="COLUMN LOW HIGH", help="Only where the table says so.")  # fmt: skip
@click.option("--like", "liked", multiple=True, metavar="FILE",
              help="More like this piece of the catalogue; may be repeated.")  # fmt: skip
@click.option("--unlike", "disliked", multiple=True, metavar="FILE",
              help="Less like this one; may be repeated.")  # fmt: skip
@json_option
def similar(
    catalogue: Path, image: str, count: int, share: float, kinds: tuple[str, ...],
    table: Path | None, spans: tuple[tuple[str, float, float], ...], liked: tuple[str, ...],
    disliked: tuple[str, ...], as_json: bool,
) -> None:  # fmt: skip
    """Find the pieces of a CATALOGUE that are most like IMAGE."""
    encoder = collection.encoder_of(catalogue)
    pieces = collection.read(catalogue).pieces
    if not len(pieces):
        raise InputError(f"{catalogue} is empty. Add images: python -m latent index DIR "
                         f"--out {catalogue}")  # fmt: skip
    query = pieces_of(encoder, [image], read_photo(_bytes(image), encoder)[1][None])
    first = Wish(query.shapes[0], query.colours[0], share)
    wish = learned(first, pieces, _rows(pieces, liked), _rows(pieces, disliked))
    among = _among(encoder, pieces, kinds, table, spans)
    if not among.any():
        raise InputError("No piece passes these filters. Widen them.")
    found = ranked(pieces, wish, count, among)
    strange = is_strange(pieces, first, encoder)
    rows = [
        {"file": pieces.names[i], "score": round(float(score), 4), "shape": round(float(shape), 4),
         "colour": round(float(colour), 4)}
        for i, score, shape, colour in zip(
            found.indices, found.scores, found.shapes, found.colours, strict=True)
    ]  # fmt: skip
    if as_json:
        answer = {"image": image, "nothing_alike": strange, "colour": round(wish.share, 4)}
        print(json.dumps({**answer, "found": rows}, ensure_ascii=False))
        return
    if strange:
        print("Nothing here is like it. What is least unlike:")
    for row in rows:
        print(f"{row['score']:6.3f}  shape {row['shape']:6.3f}  colour {row['colour']:6.3f}  "
              f"{_shown(row['file'])}")  # fmt: skip


def _encoder(model: str) -> Encoder:
    encoder = Encoder.named(model)
    if encoder.image_shape[0] != 3:
        raise InputError(f"{model} takes no pictures in colour. Use {NAME}.")
    return encoder


def _stamps(folder: Path) -> dict[str, Stamp]:
    """Of every image below a folder its size and when it was changed, by its whole path."""
    found = {}
    for given in images_of(str(folder.resolve())):
        path = Path(given)
        if path.is_file():
            state = path.stat()
            found[given] = (state.st_size, state.st_mtime_ns)
    return found


def _batches(names: list[str]) -> Iterator[list[str]]:
    rest = iter(names)
    while batch := list(islice(rest, BATCH)):
        yield batch


def _encode_on_one_core() -> None:
    """Leave the other cores to those who read: together that is a tenth faster."""
    import torch

    torch.set_num_threads(1)


def _read_ahead(
    readers: ThreadPoolExecutor, names: list[str], encoder: Encoder
) -> Iterator[tuple[list[str], list[np.ndarray | InputError]]]:
    """Names and pictures in batches; the next one is read while the last one is worked on."""
    waiting: list[tuple[list[str], list[Future[np.ndarray | InputError]]]] = []
    for batch in _batches(names):
        waiting.append((batch, [readers.submit(_read, name, encoder) for name in batch]))
        if len(waiting) > 1:
            yield _done(*waiting.pop(0))
    for begun in waiting:
        yield _done(*begun)


def _done(
    names: list[str], reading: list[Future[np.ndarray | InputError]]
) -> tuple[list[str], list[np.ndarray | InputError]]:
    return names, [job.result() for job in reading]


def _read(name: str, encoder: Encoder) -> np.ndarray | InputError:
    try:
        return read_photo(_bytes(name), encoder)[1]
    except InputError as error:
        return error


def _append(
    out: Path, encoder: Encoder, good: dict[str, np.ndarray], there: dict[str, Stamp]
) -> None:
    if not good:
        return
    x = np.stack(list(good.values()))
    stamps = np.array([there[name] for name in good], np.int64)
    collection.append(out, collection.Part(
        tuple(good), stamps[:, 0], stamps[:, 1], unit(encoder.many(x)), histograms(x),
    ))  # fmt: skip


def _bytes(name: str) -> bytes:
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise InputError(f"{name} cannot be read: {error.strerror}.") from error


def _rows(pieces: Pieces, files: Sequence[str]) -> list[int]:
    """Where files stand in a catalogue."""
    places = {name: i for i, name in enumerate(pieces.names)}
    found = []
    for file in files:
        place = places.get(file, places.get(str(Path(file).resolve())))
        if place is None:
            raise InputError(f"{file} is not in this catalogue. Name one of the files found.")
        found.append(place)
    return found


def _among(
    encoder: Encoder, pieces: Pieces, kinds: Sequence[str], table: Path | None,
    spans: Sequence[tuple[str, float, float]],
) -> np.ndarray:  # fmt: skip
    """Which pieces pass the filters, (N,)."""
    among = np.ones(len(pieces), bool)
    if kinds:
        known = encoder.config.get("factor_words", {}).get("kind", [])
        for kind in kinds:
            if kind not in known:
                raise InputError(f"--kind is one of: {', '.join(known)}; got {kind!r}.")
        among &= np.isin(guessed_kinds(encoder, pieces.shapes), kinds)
    if spans and table is None:
        raise InputError("--between needs the numbers of the pieces. Name a CSV file with --table.")
    columns = read_table(_bytes(str(table)), pieces.names).columns if table else {}
    for name, low, high in spans:
        if name not in columns:
            raise InputError(
                f"The table has no column of numbers {name!r}; it has {', '.join(columns)}."
            )
        among &= (columns[name] >= low) & (columns[name] <= high)
    return among


def _shown(name: str) -> str:
    return "".join(letter if letter.isprintable() else "·" for letter in name)
