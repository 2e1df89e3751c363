"""Switches that say how an image is prepared, where the guess was wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from latent.images import CHOICES
from latent.space import LatentSpace
from latent.steps import Choices
from ui import frame
from ui.state import Key
from ui.uploads import Upload

TURNS = {0: "Upright", 1: "90° ↻", 2: "180°", 3: "90° ↺"}
STROKES = {"mnist": "As in MNIST", "drawn": "As drawn"}
WIDTHS = {"mnist": None, "drawn": 0.0}
FIELDS = {
    "turn": Key.TURN, "mirrored": Key.MIRRORED, "invert": Key.INVERT,
    "cut_out": Key.CUT_OUT, "stroke": Key.STROKE,
}  # fmt: skip


def draw(space: LatentSpace, upload: Upload) -> None:
    """The switches that this model's preparation has, standing as the image was prepared."""
    chosen, applied = upload.choices(space), upload.prepared(space).choices
    row = st.container(horizontal=True, gap="medium", vertical_alignment="bottom")
    whole = not applied.cut_out  # its strokes are not measured then
    for name in CHOICES[space.config["preprocessing"]]:
        st.session_state[FIELDS[name]] = _shown(name, chosen, applied)
        told = {"on_change": _changed, "args": [space, upload, name]}
        DRAWN[name](row, {**told, "disabled": whole and name == "stroke"})
    row.button(
        "Guess again", key=Key.GUESS, icon=":material/restart_alt:", disabled=chosen == Choices(),
        on_click=_guess, args=[space, upload],
    )  # fmt: skip


def _turn(row: DeltaGenerator, told: dict[str, Any]) -> None:
    row.segmented_control("Turned", list(TURNS), key=Key.TURN, required=True,
                          format_func=TURNS.__getitem__, **told)  # fmt: skip


def _mirrored(row: DeltaGenerator, told: dict[str, Any]) -> None:
    row.toggle("Mirrored", key=Key.MIRRORED, **told)


def _invert(row: DeltaGenerator, told: dict[str, Any]) -> None:
    row.toggle(
        "Inverted", key=Key.INVERT, **told,
        help="The model knows light digits on dark. On: dark and light change places.",
    )  # fmt: skip


def _cut_out(row: DeltaGenerator, told: dict[str, Any]) -> None:
    row.toggle(
        "Cut out", key=Key.CUT_OUT, **told,
        help="Off: the whole picture is shrunk, not only what stands out from its ground.",
    )  # fmt: skip


def _stroke(row: DeltaGenerator, told: dict[str, Any]) -> None:
    row.segmented_control(
        "Strokes", list(STROKES), key=Key.STROKE, required=True,
        format_func=STROKES.__getitem__, **told,
        help="Pens differ in width, and the model knows few. As in MNIST: thin strokes are made "
        "thicker and thick ones thinner.",
    )  # fmt: skip


DRAWN = {
    "turn": _turn, "mirrored": _mirrored, "invert": _invert, "cut_out": _cut_out,
    "stroke": _stroke,
}  # fmt: skip


def _shown(name: str, chosen: Choices, applied: Choices) -> Any:
    """Where a switch stands: what is guessed shows what the guess was."""
    if name == "stroke":
        return "drawn" if applied.stroke == 0 else "mnist"
    return bool(applied.invert) if name == "invert" else getattr(chosen, name)


def _changed(space: LatentSpace, upload: Upload, name: str) -> None:
    with frame.errors_shown():
        value = st.session_state[FIELDS[name]]
        changed: dict[str, Any] = {name: WIDTHS[value] if name == "stroke" else value}
        upload.choose(space, replace(upload.choices(space), **changed))


def _guess(space: LatentSpace, upload: Upload) -> None:
    with frame.errors_shown():
        upload.choose(space, Choices())
