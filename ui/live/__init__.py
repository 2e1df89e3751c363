"""Browser components: what the finger is on is computed there, without the server.

Python sends large arrays once (`send`), pins what is small and may change (`pin`), and
hears of finished choices alone (`explorer`).
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


_inbox = st.components.v2.component("latent_inbox", js=joined("inbox"))
_explorer = st.components.v2.component(
    "latent_explorer",
    html=(HERE / "explorer.html").read_text("utf-8"),
    css=(HERE / "explorer.css").read_text("utf-8"),
    js=joined("explorer"),
)

_rows = st.components.v2.component(
    "latent_rows",
    html='<div class="rows"></div>',
    css=(HERE / "rows.css").read_text("utf-8"),
    js=joined("rows"),
)


def send(parcel: Parcel, key: str) -> None:
    """Send large arrays; a rerun with the same parcel sends nothing."""
    _inbox(key=key, data=parcel.data)


def pin(slot: str, values: dict[str, Any], key: str) -> None:
    """Send what is small; it replaces what was in that slot of the page's board."""
    _inbox(key=key, data={"slot": slot, **values})


def explorer(key: str, on_choice: Callable[[], None]) -> None:
    """Draw the map and the way, from what lies on the page's board.

    Args:
        key: in the session state; `on_choice` finds what was chosen under it.
        on_choice: called when a choice is finished.
    """
    _explorer(key=key, on_choice_change=on_choice)


def rows(key: str) -> None:
    """Draw the rows of images that lie on the page's board."""
    _rows(key=key)
