"""Browser components: what the finger is on is computed there, without the server.

Python sends large arrays once (`send`), pins what is small and may change (`pin`), and
hears of finished choices alone (`explorer`, `traverse`, `walk`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from ui.live.parcels import Parcel

HERE = Path(__file__).parent
IMPORT = re.compile(r'^import [^;]*? from "\./(\w+)\.js";\n', re.MULTILINE | re.DOTALL)


def joined(name: str) -> str:
    """One script of a module and all that it imports.

    A component's script is a `blob:` address, from which relative imports fail. So the
    modules follow one another, each behind those it needs, in one scope.
    """
    order: list[str] = []

    def visit(module: str) -> None:
        if module not in order:
            source = (HERE / f"{module}.js").read_text("utf-8")
            for needed in IMPORT.findall(source):
                visit(needed)
            order.append(module)

    visit(name)
    sources = [(HERE / f"{module}.js").read_text("utf-8") for module in order]
    *needed, last = (IMPORT.sub("", source) for source in sources)
    return "\n".join([*(re.sub(r"^export ", "", source, flags=re.MULTILINE) for source in needed),
                      last])  # fmt: skip


def with_way(name: str, start: str, end: str, words: tuple[str, str]) -> tuple[str, str]:
    """HTML and CSS of a component that has a way in it.

    Args:
        name: of the component's files.
        start: a letter for the near end of the slider.
        end: one for its far end.
        words: what the two stand for, to those who cannot see them.
    """
    way = (HERE / "way.html").read_text("utf-8")
    filled = way.format_map({"start": start, "end": end, "from": words[0], "to": words[1]})
    html = (HERE / f"{name}.html").read_text("utf-8").replace("<!-- way -->", filled)
    css = [(HERE / f"{part}.css").read_text("utf-8") for part in ("way", name)]
    return html, "\n".join(css)


_inbox = st.components.v2.component("latent_inbox", js=joined("inbox"))
_html, _css = with_way("explorer", "A", "B", ("A", "B"))
_explorer = st.components.v2.component(
    "latent_explorer", html=_html, css=_css, js=joined("explorer")
)

_html, _css = with_way("walk", "A", "T", ("chair A", "the table"))
_walk = st.components.v2.component("latent_walk", html=_html, css=_css, js=joined("walk"))

_traverse = st.components.v2.component(
    "latent_traverse",
    html=(HERE / "traverse.html").read_text("utf-8"),
    css=(HERE / "traverse.css").read_text("utf-8"),
    js=joined("traverse"),
)

_redrawn = st.components.v2.component(
    "latent_redrawn",
    html='<div class="cards"></div>',
    css=(HERE / "redrawn.css").read_text("utf-8"),
    js=joined("redrawn"),
)

_rows = st.components.v2.component(
    "latent_rows",
    html='<div class="rows"></div>',
    css=(HERE / "rows.css").read_text("utf-8"),
    js=joined("rows"),
)

_clusters = st.components.v2.component(
    "latent_clusters",
    html=(HERE / "clusters.html").read_text("utf-8"),
    css=(HERE / "clusters.css").read_text("utf-8"),
    js=joined("clusters"),
)


_pad = st.components.v2.component(
    "latent_pad",
    html=(HERE / "pad.html").read_text("utf-8"),
    css=(HERE / "pad.css").read_text("utf-8"),
    js=joined("pad"),
)

_mask = st.components.v2.component(
    "latent_mask",
    html=(HERE / "mask.html").read_text("utf-8"),
    css=(HERE / "mask.css").read_text("utf-8"),
    js=joined("mask"),
)

_tray = st.components.v2.component(
    "latent_tray",
    html=(HERE / "tray.html").read_text("utf-8"),
    css=(HERE / "tray.css").read_text("utf-8"),
    js=joined("tray"),
)

_results = st.components.v2.component(
    "latent_results",
    html='<div class="results"></div>',
    css=(HERE / "results.css").read_text("utf-8"),
    js=joined("results"),
)

_verdict = st.components.v2.component(
    "latent_verdict",
    html=(HERE / "verdict.html").read_text("utf-8"),
    css=(HERE / "verdict.css").read_text("utf-8"),
    js=joined("verdict"),
)

_paste = st.components.v2.component(
    "latent_paste",
    html=(HERE / "paste.html").read_text("utf-8"),
    css=(HERE / "paste.css").read_text("utf-8"),
    js=joined("paste"),
)


def send(parcel: Parcel, key: str) -> None:
    """Send large arrays; a rerun with the same parcel sends nothing."""
    _inbox(key=key, data=parcel.data)


def pin(slot: str, values: dict[str, Any], key: str) -> None:
    """Send what is small; it replaces what was in that slot of the page's board."""
    _inbox(key=key, data=_whole({"slot": slot, **values}))


def _whole(values: dict[str, Any]) -> dict[str, Any]:
    """Values below one key: Streamlit asks of each key whether a table is below it.

    Of a list it takes most of a millisecond to say no.
    """
    return {"whole": values}


def explorer(
    key: str, on_choice: Callable[[], None], on_stand: Callable[[], None] = lambda: None
) -> None:
    """Draw the map and the way, from what lies on the page's board.

    Args:
        key: in the session state; `on_choice` finds what was chosen under it.
        on_choice: called when a choice is finished.
        on_stand: called when the map first stands, and later each time that what was
            chosen on it has been answered and is drawn: what can wait comes now.
    """
    _explorer(key=key, on_choice_change=on_choice, on_stand_change=on_stand)


def rows(key: str) -> None:
    """Draw the rows of images that lie on the page's board."""
    _rows(key=key)


def traverse(key: str, on_move: Callable[[], None]) -> None:
    """Draw the sliders and all that follows them, from what lies on the page's board.

    Args:
        key: in the session state; `on_move` finds the code under it.
        on_move: called when a movement is finished.
    """
    _traverse(key=key, on_move_change=on_move)


def redrawn(key: str, slot: str = "redrawn") -> None:
    """Draw pictures side by side, from what lies in that slot of the page's board."""
    _redrawn(key=key, data={"slot": slot})


def walk(key: str, on_step: Callable[[], None]) -> None:
    """Draw a way without a map, from what lies on the page's board.

    Args:
        key: in the session state; `on_step` finds where the slider is under it.
        on_step: called when the slider has come to rest.
    """
    _walk(key=key, on_step_change=on_step)


def clusters(key: str) -> None:
    """Draw a run of EM, from what lies on the page's board."""
    _clusters(key=key)


def pad(key: str, on_drawing: Callable[[], None]) -> None:
    """Draw the sheet, from what lies on the page's board.

    Args:
        key: in the session state; `on_drawing` finds the drawing under it.
        on_drawing: called when the pen has come to rest.
    """
    _pad(key=key, on_drawing_change=on_drawing)


def mask(key: str, values: dict[str, Any], on_mask: Callable[[], None]) -> None:
    """Draw an image of which a part can be hidden with a brush.

    Args:
        key: in the session state; `on_mask` finds the mask under it.
        values: "image" (a name that changes with it), "shape", "pixels" and "hidden" (base64
            of bytes, one a value and one a pixel) and "seq" (number of the mask).
        on_mask: called when the brush has come to rest.
    """
    _mask(key=key, data=_whole(values), on_mask_change=on_mask)


def tray(
    key: str, images: list[dict[str, Any]], chosen: int, on_choice: Callable[[], None]
) -> None:
    """Draw the visitor's images side by side.

    Args:
        key: in the session state; `on_choice` finds the number of an image under it.
        images: for each "number", "words", "picture" (an address) and "unlike", whether
            the model has seen nothing like it.
        chosen: number of the one that is shown below.
        on_choice: called when another is chosen.
    """
    values = {"images": images, "chosen": chosen}
    _tray(key=key, data=_whole(values), on_choice_change=on_choice)


def results(
    key: str,
    pieces: list[dict[str, Any]],
    on_choice: Callable[[], None],
    on_judgement: Callable[[], None],
) -> None:
    """Draw what was found, the most like one first.

    Args:
        key: in the session state; the two functions find what was said under it.
        pieces: for each "number", "name", "picture" (an address), "shape" and "colour" (how
            alike, at most 1) and "mark" (1 for more like this, -1 for less, 0 for neither).
        on_choice: called with "choice", a number, when a picture was clicked.
        on_judgement: called with "judgement", a number and its new mark.
    """
    _results(key=key, data=_whole({"pieces": pieces}), on_choice_change=on_choice,
             on_judgement_change=on_judgement)  # fmt: skip


def verdict(key: str, values: dict[str, Any], on_alarms: Callable[[], None]) -> None:
    """Draw how sure a label is, and whether the image is unlike all that the model has seen.

    Args:
        key: in the session state; `on_alarms` finds the share of false alarms under it.
        values: what `ui.verdict` puts together.
        on_alarms: called when the threshold was moved and rests.
    """
    _verdict(key=key, data=_whole(values), on_alarms_change=on_alarms)


def paste(key: str, most: int, on_images: Callable[[], None]) -> None:
    """A button that takes what is in the clipboard; Ctrl-V anywhere on the page does the same.

    Args:
        key: in the session state; `on_images` finds what was pasted under it.
        most: bytes of an image beyond which it is refused at once.
        on_images: called when something was pasted.
    """
    _paste(key=key, data={"most": most}, on_images_change=on_images)
