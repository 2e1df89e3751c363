"""A folder of rendered furniture: written in shards by all cores, read as arrays."""

from __future__ import annotations

import json
import os
import signal
import zipfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
from tqdm import tqdm

from latent.data import TEST, TRAIN, Dataset
from latent.errors import InputError
from latent.files import write_json, written_whole
from latent.furniture.drawing import draw
from latent.furniture.factors import CHAIRS, NAMES, Factors, check, words
from latent.furniture.rays import SIZE, require_libraries
from latent.furniture.render import build, render
from latent.furniture.shown import SYMMETRIES, extent, symmetry

VERSION = 1  # of what the same seed renders to; raise it when pictures change
SHARD = 250  # images a file: what a killed run loses at most, a core
ABOUT = "furniture.json"
EXTENT = "extent"  # the longest side of the box around a piece, in metres: no factor, but known
CLASS_NAMES = ("chair", "table")
ARRAYS = ("images", *NAMES, EXTENT)  # of each file
TEST_IMAGES = 2000  # the last ones; of fewer than 20,000 images a tenth


def factors_of(index: int, seed: int, fixed: Mapping[str, str | float] | None = None) -> Factors:
    """The factors of image `index` of a seed, whatever else is rendered."""
    return draw(np.random.default_rng([seed, index]), fixed)


def factors_at(data: Dataset, index: int) -> Factors:
    """The factors of an image that was read back, as `render` takes them."""
    return {
        name: data.words[name][data.factors[name][index]]
        if name in data.words
        else float(data.factors[name][index])
        for name in NAMES
    }


def render_folder(
    out: Path,
    count: int,
    seed: int,
    fixed: Mapping[str, str | float] | None = None,
    *,
    workers: int | None = None,
    progress: bool = True,
) -> None:
    """Render images into a folder, going on where a killed run ended.

    Args:
        out: the folder; shards that are there are kept.
        count: images; more than the folder was begun with go on from there.
        seed: image i depends on seed and i alone.
        fixed: factors that every image gets.
        workers: processes; default one a core.
        progress: show a bar on standard error.

    Raises:
        InputError: a fixed factor is not allowed, the folder holds other images, or the
            libraries that render are not installed.
    """
    fixed = dict(fixed or {})
    check(fixed)
    require_libraries()
    _begin(out, {"version": VERSION, "seed": seed, "fixed": fixed}, count)
    shards = [(start, min(start + SHARD, count)) for start in range(0, count, SHARD)]
    missing = [span for span in shards if not (out / _name(span)).exists()]
    done = count - sum(stop - start for start, stop in missing)
    with (
        tqdm(total=count, initial=done, disable=not progress, unit=" images") as bar,
        worker_pool(workers) as pool,
    ):
        jobs = [pool.submit(_render_shard, out, span, seed, fixed) for span in missing]
        for job in as_completed(jobs):
            bar.update(job.result())


@contextmanager
def worker_pool(workers: int | None = None) -> Iterator[ProcessPoolExecutor]:
    """Processes that render, one a core unless told otherwise.

    They end with this process, however it ends. Where the block fails, what has not begun
    is left undone.
    """
    # spawned, not forked: the parent may have threads, and a fork would copy their locks
    spawn = get_context("spawn")
    with ProcessPoolExecutor(workers or os.cpu_count(), spawn, _end_with_parent) as pool:
        try:
            yield pool
        except BaseException:  # a full disk, or Ctrl-C
            pool.shutdown(cancel_futures=True)
            raise


def _end_with_parent() -> None:
    """End a worker whose run was killed; it would wait for ever for its next job.

    Ctrl-C is for the run, which lets each worker finish its file.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    assert parent is not None

    def watch() -> None:
        parent.join()
        os._exit(1)

    Thread(target=watch, daemon=True).start()


def _begin(out: Path, run: dict[str, Any], count: int) -> None:
    """Say in the folder what it holds; refuse one that holds something else."""
    path = out / ABOUT
    if path.exists():
        about = _about(out)
        there = {name: about.get(name) for name in run}
        if there != run:
            raise InputError(f"{out} holds other renders ({there}). Choose another --out.")
        if about["count"] > count:
            raise InputError(
                f"{out} holds {about['count']} images, more than --count {count}. "
                "Choose another --out."
            )
    elif out.exists() and any(out.iterdir()):
        raise InputError(f"{out} is not empty and holds no renders. Choose another --out.")
    names = {name: words(name) for name in NAMES if words(name)}
    write_json(path, {**run, "count": count, "size": SIZE, "words": names})


def _name(span: tuple[int, int]) -> str:
    return f"{span[0]:06d}-{span[1]:06d}.npz"


def _render_shard(
    out: Path, span: tuple[int, int], seed: int, fixed: Mapping[str, str | float]
) -> int:
    """Render and write one shard; how many images it has."""
    drawn = [factors_of(i, seed, fixed) for i in range(*span)]
    arrays = {"images": np.stack([render(factors) for factors in drawn])}
    extents = [extent(build(factors).triangles) for factors in drawn]
    arrays[EXTENT] = np.array(extents, np.float32)
    for name in NAMES:
        values = [factors[name] for factors in drawn]
        if words(name):
            arrays[name] = np.array([words(name).index(str(v)) for v in values], np.uint8)
        else:
            arrays[name] = np.array(values, np.float32)
    with written_whole(out / _name(span)) as part:
        np.savez_compressed(part, **arrays)  # type: ignore[arg-type]
    return len(drawn)


def load_furniture(root: Path) -> Dataset:
    """Read what `render_folder` wrote.

    The last 2,000 images are the test split, or the last tenth of fewer than 20,000. Beside
    the factors there are two causes that follow from them: "extent", the longest side of
    the box around a piece in metres, and "symmetry", one of `SYMMETRIES`.

    Args:
        root: the folder.

    Raises:
        InputError: the folder holds no renders, lacks some, or a file is damaged.
    """
    about = _about(root)
    count = about["count"]
    spans = [(start, min(start + SHARD, count)) for start in range(0, count, SHARD)]
    shards = [_read_shard(root / _name(span), span[1] - span[0]) for span in spans]
    joined = {name: np.concatenate([s[name] for s in shards]) for name in ARRAYS}
    chairs = [words("kind").index(kind) for kind in CHAIRS]
    split = np.full(count, TRAIN, np.uint8)
    split[count - min(TEST_IMAGES, count // 10) :] = TEST
    named: dict[str, tuple[str, ...]] = {name: words(name) for name in NAMES if words(name)}
    joined["symmetry"] = symmetry(joined, named)
    return Dataset(
        images=joined.pop("images"),
        labels=np.where(np.isin(joined["kind"], chairs), 0, 1).astype(np.uint8),
        split=split,
        factors=joined,
        words={**named, "symmetry": SYMMETRIES},
    )


def _about(root: Path) -> dict[str, Any]:
    path = root / ABOUT
    try:
        about = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise InputError(
            f"No rendered furniture in {root}. Render it: "
            f"python -m latent render furniture --out {root}"
        ) from error
    except ValueError as error:
        raise InputError(f"{path} is damaged. Render into another folder.") from error
    if not isinstance(about, dict) or not isinstance(about.get("count"), int):
        raise InputError(f"{path} is damaged. Render into another folder.")
    if about.get("version") != VERSION:
        raise InputError(
            f"{path} is of version {about.get('version')}, needs {VERSION}. "
            "Render into another folder."
        )
    return about


def _read_shard(path: Path, n: int) -> dict[str, np.ndarray]:
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in ARRAYS}
    except FileNotFoundError as error:
        raise InputError(f"{path} is missing. Run the same render command again.") from error
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise InputError(_damaged(path)) from error
    shapes = {name: array.shape for name, array in arrays.items()}
    if shapes != dict.fromkeys(ARRAYS, (n,)) | {"images": (n, SIZE, SIZE, 3)}:
        raise InputError(_damaged(path))
    return arrays


def _damaged(path: Path) -> str:
    return f"{path} is damaged. Remove it and run the same render command again."
