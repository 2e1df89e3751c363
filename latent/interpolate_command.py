"""`python -m latent interpolate`."""

from __future__ import annotations

import json
from pathlib import Path

import click
import numpy as np

from latent.errors import InputError
from latent.files import written_whole
from latent.keep import as_file, check_suffix
from latent.place_command import json_option
from latent.space import load_space
from latent.ways import WAYS, TestCodes, Way, check, follow
from latent.words import code_from_words

ALL = "all"


@click.command()
@click.argument("model")
@click.argument("stops", nargs=-1, required=True)
@click.option("--path", "path_name", default="lerp", show_default=True,
              help=f"{', '.join(WAYS)} (a cross-fade, to compare with), or {ALL}.")  # fmt: skip
@click.option("--steps", type=click.IntRange(2, 1000), default=9, show_default=True,
              help="Images from each stop to the next, both included.")  # fmt: skip
@click.option("--round", "closed", is_flag=True, help="On from the last stop to the first.")
@click.option("--out", type=click.Path(path_type=Path),
              help="strip.png, morph.gif, morph.mp4, codes.npz or table.csv.")  # fmt: skip
@json_option
def interpolate(
    model: str,
    stops: tuple[str, ...],
    path_name: str,
    steps: int,
    closed: bool,
    out: Path | None,
    as_json: bool,
) -> None:
    """Walk from code to code in MODEL, save what is seen and measure it.

    STOPS are two or more, each the number of a gallery image, an image file, an .npz with
    an array "codes", or a code as base64.
    """
    if out is None and not as_json:
        raise InputError("Missing option '--out'. Name a file, or ask for --json.")
    if out is not None:
        check_suffix(out.suffix, out.name)
    names = WAYS if path_name == ALL else (path_name,)
    for name in names:
        check(name, stops, steps)
    space = load_space(model)
    codes = np.stack([code_from_words(space, words) for words in stops])
    tests = TestCodes(space)
    ways = [follow(space, name, codes, steps, closed=closed, tests=tests) for name in names]
    if out is not None:
        _write(out, as_file(out.suffix, ways, closed))
    if as_json:
        figures = [way.figures() for way in ways]
        document = {"model": space.name, "stops": len(stops), "round": closed, "steps": steps}
        print(json.dumps({**document, "ways": figures}, ensure_ascii=False))
        return
    over = ", ".join(words[:40] for words in stops)
    print(f"{out}: {len(ways[0].codes)} steps over {over}{' and round' if closed else ''}")
    for way in ways:
        print(_line(way))


def _line(way: Way) -> str:
    return (
        f"{way.name:7} length {way.length:.2f}, worst step at percentile {way.worst:.0f} of the "
        f"test codes, largest change {way.largest_change:.3f}"
    )


def _write(out: Path, content: bytes) -> None:
    try:
        with written_whole(out) as part:
            part.write_bytes(content)
    except OSError as error:  # what stands in the way is the user's to mend
        raise InputError(f"{out} cannot be written: {error.strerror or error}.") from error
