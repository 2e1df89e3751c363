"""Similar on a page: the catalogue, what is looked for, what is found, and what is valued."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from latent.colours import histograms
from latent.decoding import MAX_BYTES
from latent.encoder import Encoder, encoder_names
from latent.errors import InputError
from latent.neighbours import unit
from latent.place_command import SUFFIXES
from latent.reading import plain_name
from latent.search import (
    NAME,
    Found,
    Wish,
    is_strange,
    learned,
    ranked,
    valued,
)
from ui import frame, intake, live, placed, resources, shelves, state, valuing
from ui.shelves import Photos, Shelf
from ui.state import Key
from ui.wording import kind_word

SHOWN, STEP = 12, 12  # pieces at first, and more at a time
SHELVES = {"rendered": "Rendered furniture", "own": "Your photos"}
SOURCES = {"catalogue": "From the catalogue", "brought": "Your own image"}
UNITS = {"width": "Width, m", "depth": "Depth, m", "height": "Height, m",
         "back_height": "Height of the back, m"}  # fmt: skip


@dataclass(frozen=True)
class Query:
    """What is looked for.

    Args:
        token: differs for every other image.
        title: what it is called.
        picture: an address.
        shape: shape (D,).
        colour: shape (K,).
        piece: its number, where it is in the catalogue.
    """

    token: str
    title: str
    picture: str
    shape: np.ndarray
    colour: np.ndarray
    piece: int | None


def begin(title: str, lead: str) -> Encoder:
    """Draw the page's heading.

    Returns:
        The encoder that knows designs. Where it cannot be loaded the page shows why and stops.
    """
    frame.head(title, lead)
    if NAME not in encoder_names():
        st.info(
            f"This page needs the model {NAME}, which is not here. Train it: "
            f"`python -m latent train {NAME}`", icon=":material/info:",
        )  # fmt: skip
        st.stop()
    with frame.errors_shown():
        return resources.encoder(NAME)
    st.stop()


def catalogue(encoder: Encoder) -> Shelf:
    """The choice of a catalogue, and what a visitor brings to one of their own."""
    st.segmented_control(
        "Catalogue", list(SHELVES), key=Key.SHELF, required=True, format_func=SHELVES.__getitem__
    )
    if st.session_state[Key.SHELF] == "rendered":
        shelf = resources.rendered_shelf(encoder.name)
        st.caption(
            f"{len(shelf):,} chairs and tables that this project rendered. The encoder was taught "
            "with others."
        )
        return shelf
    return _own(encoder)


def _own(encoder: Encoder) -> Shelf:
    session = st.session_state
    photos = session[Key.PHOTOS]
    if photos is None:
        photos = session[Key.PHOTOS] = shelves.empty(encoder)
    _take(encoder, photos)
    st.container(key="latent-ways-shelf").file_uploader(  # frame.STYLE knows it
        f"Bring photos, or ZIPs of them, up to {MAX_BYTES / 1e6:.0f} MB a file: they stay in "
        "memory for this visit",
        type=[suffix[1:] for suffix in (*SUFFIXES, ".zip")], accept_multiple_files=True,
        key=state.round_key(session, Key.SHELF_FILES),
    )  # fmt: skip
    if not len(photos.pieces):
        _refusals(photos)
        return photos.shelf()
    row = st.container(horizontal=True, vertical_alignment="center", gap="small")
    row.markdown(f"**{len(photos.pieces):,} photos**", width="content")
    row.button("Remove all", key=Key.CLEAR_SHELF, icon=":material/delete_sweep:",
               on_click=_cleared)  # fmt: skip
    _refusals(photos)
    with st.popover("A table with numbers", icon=":material/table:"):
        st.markdown(
            "A CSV file whose first column names the photos and whose other columns hold numbers, "
            "such as a price or a width. Each such column becomes a filter."
        )
        st.file_uploader("Table", type="csv", key=state.round_key(session, Key.TABLE_FILE),
                         on_change=_tabled)  # fmt: skip
        if photos.table is not None:
            st.button("Remove the table", key=Key.CLEAR_TABLE, on_click=_untabled)
    _about_table(photos)
    return photos.shelf()


def _take(encoder: Encoder, photos: Photos) -> None:
    """Take what was brought; a run that is given up meanwhile goes on with the next one."""
    session = st.session_state
    files = session.get(state.round_key(session, Key.SHELF_FILES)) or []
    if not files:
        return
    photos.refused = []
    brought = shelves.unpacked(photos, [(file.name, file.getvalue()) for file in files])
    bar = st.progress(0.0, "Looking at your photos")
    for count, (name, data) in enumerate(brought, start=1):
        try:
            photos.take(encoder, name, data)
        except InputError as error:
            photos.refuse(name, str(error))
        bar.progress(count / len(brought), f"Photo {count:,} of {len(brought):,}")
    bar.empty()
    session[state.ROUND[Key.SHELF_FILES]] += 1
    intake.release(files)


def _refusals(photos: Photos) -> None:
    """What could not be taken, as a line that opens."""
    if not photos.refused:
        return
    with st.expander(f"{len(photos.refused):,} could not be taken", icon=":material/error:"):
        st.dataframe(
            {"file": [name for name, _ in photos.refused],
             "why": [why for _, why in photos.refused]}, hide_index=True,
        )  # fmt: skip


def _about_table(photos: Photos) -> None:
    """How far the table fits, and why not."""
    with frame.errors_shown():
        table = photos.numbers()
        if table is None:
            return
        words = [f"The table has numbers for {table.matched:,} of {len(photos.pieces):,} photos."]
        if table.unmatched:
            first = frame.plain(plain_name(table.unmatched[0]))
            words.append(f"{len(table.unmatched):,} of its names are not here, such as {first}.")
        if table.left_out:
            left = frame.plain(", ".join(plain_name(name) for name in table.left_out[:3]))
            words.append(f"No numbers: {left}.")
        st.caption(" ".join(words))


def query(encoder: Encoder, shelf: Shelf) -> Query | None:
    """What is looked for: a piece of the catalogue, or an image of the visitor's own."""
    session = st.session_state
    st.segmented_control(
        "Look for", list(SOURCES), key=Key.LOOK_FROM, required=True,
        format_func=SOURCES.__getitem__,
    )  # fmt: skip
    if session[Key.LOOK_FROM] == "catalogue":
        return _piece(shelf)
    tray = state.tray(session)
    found, where = intake.arrived(), st.empty()
    intake.ways(encoder)
    intake.take_all(encoder, tray, found, where)
    intake.refusals(tray)
    if tray.images:
        placed.tray_pictures(encoder, tray)
    upload = tray.shown
    if upload is None:
        return None
    with frame.errors_shown():
        x = upload.x(encoder)
        shape = unit(resources.code_of(encoder.name, x)[None])[0]
        token = f"{session[Key.SHELF]}.{state.token(upload)}"
        return Query(token, upload.title, upload.thumbnail(encoder), shape,
                     histograms(x[None])[0], None)  # fmt: skip
    return None


def _piece(shelf: Shelf) -> Query | None:
    session = st.session_state
    if not len(shelf):
        return None
    session[Key.LOOKED_FOR] = min(session[Key.LOOKED_FOR], len(shelf) - 1)
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="small")
    row.number_input("Piece", 0, len(shelf) - 1, key=Key.LOOKED_FOR, width=140)
    row.button("Random piece", key=Key.ANY_LOOKED_FOR, icon=":material/casino:",
               on_click=_any_piece, args=[len(shelf)])  # fmt: skip
    number = session[Key.LOOKED_FOR]
    return Query(
        f"{session[Key.SHELF]}.{shelf.pieces.names[number]}", shelf.titles[number],
        shelf.pictures[number], shelf.pieces.shapes[number], shelf.pieces.colours[number], number,
    )  # fmt: skip


def card(query: Query) -> None:
    """What is looked for, as a picture."""
    st.html(
        '<div style="display: flex; gap: 1rem; align-items: center">'
        f'<img src="{query.picture}" alt="" style="width: 7rem; height: 7rem; object-fit: contain; '
        'background: #fff; border-radius: 0.5rem; padding: 0.3rem">'
        f'<div style="font-size: 0.85rem; overflow-wrap: anywhere"><b>{escape(query.title)}</b><br>'
        '<span style="opacity: 0.7">Click any picture that is found to look for that one '
        "instead.</span></div></div>"
    )


def weight() -> None:
    """The slider from shape to colour."""
    st.slider(
        "What counts", 0, 100, step=5, key=Key.COLOUR_SHARE, format="%d %% colour",
        help="0: the same shape, in whatever colour, from whatever side. 100: the same colours, "
        "whatever it is. Shape is a code of 64 numbers, taught by contrast; colour is a histogram.",
    )  # fmt: skip
    st.html(
        '<div style="display: flex; justify-content: space-between; font-size: 0.8rem; '
        'opacity: 0.7; margin-top: -0.9rem"><span>same shape</span><span>same colour</span></div>'
    )


def filters(shelf: Shelf) -> np.ndarray:
    """Which pieces may be found, (N,)."""
    among = np.ones(len(shelf), bool)
    session = st.session_state
    names = [str(name) for name in np.unique(shelf.kinds)]
    chosen: list[str] = st.pills(
        "Only these kinds" + (" (as the model guesses)" if shelf.guessed else ""), names,
        selection_mode="multi", format_func=kind_word,
        key=f"{Key.SHELF_KINDS}.{session[Key.SHELF]}",
    )  # fmt: skip
    if chosen:
        among &= np.isin(shelf.kinds, chosen)
    spans = {name: _span(values) for name, values in shelf.columns.items()}
    spans = {name: span for name, span in spans.items() if span[0] < span[1]}
    if spans:
        with st.expander("Only within these numbers"):
            for name, (low, high) in spans.items():
                step = _step(low, high)
                key = f"{Key.SPAN}.{session[Key.SHELF]}.{name}.{low}.{high}"
                least, most = st.slider(
                    frame.plain(UNITS.get(name, name)), low, high, (low, high), step, key=key
                )
                values = shelf.columns[name]
                if (least, most) != (low, high):  # what has no number passes until one is asked for
                    among &= (values >= least) & (values <= most)
    return among


def _span(values: np.ndarray) -> tuple[float, float]:
    """From the least to the most number of a column, in whole steps of its slider."""
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    step = _step(low, high)
    return float(np.floor(low / step) * step), float(np.ceil(high / step) * step)


def _step(low: float, high: float) -> float:
    return float(10 ** np.floor(np.log10(max(high - low, 1e-9) / 20)))


def answer(
    encoder: Encoder, shelf: Shelf, query: Query, among: np.ndarray, beside: DeltaGenerator
) -> None:
    """What is most like it, and beside that what likes and dislikes have changed."""
    session = st.session_state
    judged = judgements(query)
    first = Wish(query.shape, query.colour, session[Key.COLOUR_SHARE] / 100)
    liked, disliked = ([n for n, mark in judged.items() if mark == sign] for sign in (1, -1))
    wish = learned(first, shelf.pieces, liked, disliked)
    if query.piece is not None:
        among = among & (np.arange(len(shelf)) != query.piece)
    if not among.any():
        st.info("No piece passes these filters. Widen them.", icon=":material/filter_alt_off:")
        return
    if is_strange(shelf.pieces, first, encoder) and query.piece is None:
        st.warning(
            "**Nothing here is like it.** What is least unlike:", icon=":material/search_off:"
        )
    found = ranked(shelf.pieces, wish, session[Key.FOUND_COUNT], among)
    live.results(
        Key.RESULTS, _cards(shelf, found, judged), on_choice=_chosen,
        on_judgement=lambda: _judged(query, len(shelf)),
    )  # fmt: skip
    if among.sum() > len(found.indices):
        st.button(f"Show {STEP} more", key=Key.MORE_FOUND, on_click=_more)
    if judged:
        with beside:
            now = valued(first, wish, shelf.pieces, shelf.kinds)
            valuing.show(now, first, shelf, judged)


def _cards(shelf: Shelf, found: Found, judged: dict[int, int]) -> list[dict[str, object]]:
    rows = zip(found.indices.tolist(), found.shapes.tolist(), found.colours.tolist(), strict=True)
    return [
        {"number": i, "name": shelf.titles[i], "picture": shelf.pictures[i],
         "shape": round(shape, 3), "colour": round(colour, 3), "mark": judged.get(i, 0)}
        for i, shape, colour in rows
    ]  # fmt: skip


def judgements(query: Query) -> dict[int, int]:
    """What was said of pieces while this was looked for: 1 for more like this, -1 for less."""
    token, judged = st.session_state[Key.JUDGED]
    return dict(judged) if token == query.token else {}


def _judged(query: Query, count: int) -> None:
    session = st.session_state
    with frame.errors_shown():
        value = session[Key.RESULTS]["judgement"]
        try:
            number, mark = int(value["number"]), int(value["mark"])
        except (KeyError, TypeError, ValueError) as error:
            raise InputError("The page sent something unreadable. Reload it.") from error
        if not 0 <= number < count or mark not in (-1, 0, 1):
            raise InputError("This piece is not here any more. Choose another one.")
        judged = judgements(query)
        judged.pop(number, None)
        if mark:
            judged[number] = mark
        session[Key.JUDGED] = (query.token, judged)


def _chosen() -> None:
    session = st.session_state
    number = session[Key.RESULTS]["choice"]
    if isinstance(number, int) and number >= 0:
        session[Key.LOOKED_FOR], session[Key.LOOK_FROM] = number, "catalogue"
        session[Key.FOUND_COUNT] = SHOWN


def _any_piece(count: int) -> None:
    st.session_state[Key.LOOKED_FOR] = int(np.random.default_rng().integers(count))


def _more() -> None:
    st.session_state[Key.FOUND_COUNT] += STEP


def _cleared() -> None:
    st.session_state[Key.PHOTOS] = None
    valuing.forget()


def _tabled() -> None:
    session = st.session_state
    file = session[state.round_key(session, Key.TABLE_FILE)]
    photos: Photos | None = session[Key.PHOTOS]
    if file is not None and photos is not None:
        photos.table = file.getvalue()
        session[state.ROUND[Key.TABLE_FILE]] += 1


def _untabled() -> None:
    photos: Photos | None = st.session_state[Key.PHOTOS]
    if photos is not None:
        photos.table = None
