"""What likes and dislikes have changed, in words and swatches."""

from __future__ import annotations

from html import escape

import numpy as np
import streamlit as st

from latent.colours import ANCHORS, to_rgb
from latent.search import Valued, Wish
from ui import frame
from ui.shelves import Shelf
from ui.state import Key
from ui.wording import kind_word

CHANGED, TOLD = 0.02, 3  # how much a kind or colour must have gained to be told; how many are


def show(now: Valued, first: Wish, shelf: Shelf, judged: dict[int, int]) -> None:
    """What is now valued, in words and swatches."""
    with st.container(border=True):
        row = st.container(horizontal=True, vertical_alignment="center")
        row.markdown("**What is now valued**")
        row.button("Forget it", key=Key.FORGET_JUDGED, icon=":material/undo:", on_click=forget)
        before, after = (round(100 * share) for share in (first.share, now.share))
        moved = "" if before == after else f" (the slider says {before} %)"
        st.html(
            '<div style="display: flex; height: 0.5rem; border-radius: 0.5rem; overflow: hidden">'
            f'<div style="width: {100 - after}%; background: var(--primary-color, #3b5bdb)"></div>'
            f'<div style="width: {after}%; background: #e8590c"></div></div>'
        )
        st.markdown(f"Shape {100 - after} %, colour {after} %{moved}. {_kinds(now)}")
        _swatches(now)
        for sign, words in ((1, "More like"), (-1, "Less like")):
            numbers = [number for number, mark in judged.items() if mark == sign]
            if numbers:
                pictures = "".join(
                    f'<img src="{shelf.pictures[n]}" alt="{escape(shelf.titles[n])}" style="width: '
                    '2.6rem; height: 2.6rem; object-fit: contain; background: #fff; '
                    'border-radius: 0.25rem">' for n in numbers
                )  # fmt: skip
                _line(f"<span>{words}</span>{pictures}")


def _line(content: str) -> None:
    """Words and small pictures side by side."""
    style = "display: flex; flex-wrap: wrap; gap: 0.4rem; align-items: center; font-size: 0.85rem"
    st.html(f'<div style="{style}">{content}</div>')


def _kinds(now: Valued) -> str:
    order = sorted(now.kinds, key=lambda kind: -now.kinds[kind])
    up = [kind for kind in order if now.kinds[kind] > CHANGED][:TOLD]
    down = [kind for kind in reversed(order) if now.kinds[kind] < -CHANGED][:TOLD]
    said = [f"{words}: {', '.join(map(kind_word, kinds))}." for words, kinds in
            (("Kinds that gained", up), ("that lost", down)) if kinds]  # fmt: skip
    return frame.plain(" ".join(said))


def _swatches(now: Valued) -> None:
    order = np.argsort(-now.colours)
    groups = (
        ("Colours that gained", [i for i in order[:TOLD] if now.colours[i] > CHANGED]),
        ("that lost", [i for i in order[::-1][:TOLD] if now.colours[i] < -CHANGED]),
    )
    parts = []
    for words, chosen in groups:
        if chosen:
            dots = "".join(
                f'<span style="width: 1.1rem; height: 1.1rem; border-radius: 1rem; background: '
                f'rgb({",".join(map(str, to_rgb(ANCHORS[[i]])[0]))}); outline: 1px solid '
                'color-mix(in srgb, currentColor 25%, transparent)"></span>' for i in chosen
            )  # fmt: skip
            parts.append(f"<span>{words}</span>{dots}")
    if parts:
        _line("".join(parts))


def forget() -> None:
    """Forget all that was said of pieces."""
    st.session_state[Key.JUDGED] = ("", {})
