"""Files to keep of the ways that a page shows, and the commands that make the same ones."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from functools import partial

import numpy as np
import streamlit as st

from latent.errors import InputError
from latent.keep import as_file
from latent.space import LatentSpace
from latent.ways import WAYS, TestCodes, Way, follow
from latent.words import code_to_words
from ui import parts, state
from ui.state import Key, Point

FILM_STEPS = 25  # from stop to stop: two seconds
FILMS = (".gif", ".mp4")
FILES = {
    ".png": ("Strip", "strip.png", ":material/image:", "The strips, one below the other."),
    ".gif": ("GIF", "morph.gif", ":material/gif_box:", "The chosen way as a film that loops."),
    ".mp4": ("MP4", "morph.mp4", ":material/movie:", "The chosen way as a film, in few bytes."),
    ".npz": ("Codes", "codes.npz", ":material/data_array:", "Codes and images, for NumPy."),
    ".csv": ("Table", "table.csv", ":material/table:", "Distance, percentile and change of every "
             "step."),
}  # fmt: skip


def draw(space: LatentSpace) -> None:
    """Buttons for all files, and what to type for the same ones."""
    points: list[Point] = [p for p in state.stops(st.session_state) if p is not None]
    closed = st.session_state[Key.CLOSED]
    st.subheader("Keep it", anchor=False)
    row = st.container(horizontal=True)
    for suffix, (title, name, icon, help_text) in FILES.items():
        row.download_button(
            title, _maker(space, points, suffix), name, key=state.keep_key(suffix), icon=icon,
            help=help_text, on_click="ignore",
        )  # fmt: skip
    st.caption(
        "The address in the browser holds all of this: *Copy link* below the map copies it. Here "
        "is what to type for the same files; the name's ending decides what is written."
    )
    words = [_words(space, point) for point in points]
    lines = [command(space.name, words, _path(s), _steps(s), closed, FILES[s][1])
             for s in (".png", ".mp4")]  # fmt: skip
    st.code("\n".join(lines), language="bash", wrap_lines=True)


def command(model: str, words: list[str], path: str, steps: int, closed: bool, out: str) -> str:
    """What to type for a file; codes in words may begin with a dash, hence the `--`."""
    given = ["--path", path, "--steps", str(steps), *(["--round"] if closed else []), "--out", out]
    end = ["--"] if any(word.startswith("-") for word in words) else []
    return shlex.join(["python", "-m", "latent", "interpolate", *given, *end, model, *words])


def contents(
    space: LatentSpace, stops: np.ndarray, path: str, steps: int, closed: bool, suffix: str
) -> bytes:
    """Bytes of a file, as the command line writes them.

    Raises:
        InputError: none of the ways can be gone, or there is no program for films.
    """
    tests, found = TestCodes(space), list[Way]()
    for name in WAYS if path == "all" else (path,):
        try:
            found.append(follow(space, name, stops, steps, closed=closed, tests=tests))
        except InputError:
            if path != "all":
                raise
    return as_file(suffix, found, closed)


def _maker(space: LatentSpace, points: list[Point], suffix: str) -> Callable[[], bytes]:
    """Makes a file once its button is pressed; it runs where there is no session to ask."""
    return partial(
        contents, space, np.stack([_code(space, point) for point in points]), _path(suffix),
        _steps(suffix), st.session_state[Key.CLOSED], suffix,
    )  # fmt: skip


def _path(suffix: str) -> str:
    session = st.session_state
    return "all" if session[Key.COMPARE] and suffix not in FILMS else session[Key.PATH]


def _steps(suffix: str) -> int:
    return FILM_STEPS if suffix in FILMS else int(st.session_state[Key.N_STEPS])


def _words(space: LatentSpace, point: Point) -> str:
    return str(point) if isinstance(point, int) else code_to_words(_code(space, point))


def _code(space: LatentSpace, point: Point) -> np.ndarray:
    """As the words have it: what is no image of the gallery in 16 bits."""
    assert point is not None
    code = parts.code_of(space, point)
    return code if isinstance(point, int) else code.astype(np.float16).astype(np.float32)
