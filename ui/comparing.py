"""Representations beside each other on a page: figures, maps, what each can draw again."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from latent.comparison import FEW, SHOTS
from latent.data import TEST
from latent.encoder import Encoder
from latent.images import to_uint8
from latent.neighbours import nearest
from latent.space import LatentSpace, describe, model_names
from ui import charts, frame, ladder_charts, pictures, resources
from ui.pictures import Figure
from ui.state import Key

ASKED = {
    "knn": "10 votes",
    "probe": "Straight cuts",
    **{f"few.{n}": f"{n} label{'s' * (n > 1)} a digit" for n in FEW},
    "unseen": "Digits never seen",
}
MEANT = {
    "knn": "Share of the 10,000 test images whose ten nearest training images name the right "
    "digit: does near mean alike?",
    "probe": "Share of the test images that straight cuts through the numbers tell apart (logistic "
    "regression): is it in there, in plain sight?",
    "few": "Share of the test images whose nearest labelled image names the right digit, where "
    "only so many of each digit have a label. Mean of 100 draws.",
    "unseen": f"8 against 9, from {SHOTS} labelled images of each. What learns from labels was "
    "shown 0 to 7 only. Mean of 100 draws.",
}
NEAR = 10  # dots around a dot
SHOWN = 12  # pictures of what was chosen
CHANNELS = 32  # pictures of a layer, at most


@dataclass(frozen=True)
class Compared:
    """A comparison as it ships.

    Args:
        document: as `latent.comparison.compare` gives it.
        arrays: "RUNG.xy" and, where a rung can draw, "RUNG.drawn"; "labels" of the test
            images on the maps.
    """

    document: dict[str, Any]
    arrays: dict[str, np.ndarray]

    @property
    def labels(self) -> np.ndarray:
        """Of the test images on the maps, shape (n,)."""
        return self.arrays["labels"]

    @property
    def rungs(self) -> dict[str, dict[str, Any]]:
        """Figures by name."""
        return {row["rung"]: row for row in self.document["rungs"]}


def ladder(found: Compared) -> None:
    """The chart, what it means, and the table."""
    asked = st.segmented_control(
        "Which test", list(ASKED), key=Key.COMPARED_BY, required=True,
        format_func=ASKED.__getitem__,
    ) or "knn"  # fmt: skip
    st.caption(MEANT[asked.partition(".")[0]])
    st.plotly_chart(ladder_charts.ladder(found.document["rungs"], asked),
                    config={"displayModeBar": False})  # fmt: skip
    st.caption(
        "Behind each name: numbers an image. Bars are 95 % intervals. Orange: learned from the "
        "labels of 0 to 7."
    )
    rows = [_row(row) for row in found.document["rungs"]]
    st.dataframe(rows, column_config=_columns(), hide_index=True, placeholder="", height="content")
    left, right = st.columns([3, 1], vertical_alignment="center")
    left.caption(
        "Measured on MNIST by `python -m latent compare`; *ms* is the time for an image, in a "
        "crowd, where it was measured."
    )
    right.download_button(
        "Table as CSV", _csv(found.document["rungs"]), "representations.csv", "text/csv",
        key=Key.DOWNLOAD_LADDER, icon=":material/download:", on_click="ignore",
    )  # fmt: skip
    _words(found)


def _row(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "representation": row["title"], "numbers": row["numbers"], "bytes": row["bytes"],
        "ms": row["ms"], **{title: _value(row, asked)[0] for asked, title in ASKED.items()},
        "error a pixel": row["mse"], "labels": row["labels"], "embedding": row["embedding"],
    }  # fmt: skip


def _value(row: dict[str, Any], asked: str) -> list[float]:
    """Value, low and high end of what was asked."""
    name, _, count = asked.partition(".")
    found: list[float] = row[name][count] if count else row[name]
    return found


def _columns() -> dict[str, Any]:
    share = {title: st.column_config.NumberColumn(format="percent",
                                                  help=MEANT[asked.partition(".")[0]])
             for asked, title in ASKED.items()}  # fmt: skip
    return {
        **share,
        "representation": st.column_config.TextColumn(pinned=True),
        "numbers": st.column_config.NumberColumn(help="Numbers for an image of 784 pixels."),
        "ms": st.column_config.NumberColumn(format="%.3f"),
        "error a pixel": st.column_config.NumberColumn(
            format="%.4f", help="Mean squared error of the image drawn again. Empty: nothing can "
            "be drawn from it."),
        "labels": st.column_config.CheckboxColumn(help="Learned from labels, of 0 to 7."),
        "embedding": st.column_config.CheckboxColumn(
            help="An embedding in the strict sense: fewer numbers, made so that distances between "
            "them mean something. The codes of an autoencoder are made to be drawn from; that "
            "their distances mean something is a welcome side effect."),
    }  # fmt: skip


def _csv(rows: list[dict[str, Any]]) -> str:
    file = io.StringIO()
    names = [f"{asked}{end}" for asked in ASKED for end in ("", "_low", "_high")]
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["representation", "numbers", "bytes", "ms", *names, "mse", "labels",
                     "embedding"])  # fmt: skip
    for row in rows:
        figures = [value for asked in ASKED for value in _value(row, asked)]
        writer.writerow([row["rung"], row["numbers"], row["bytes"], row["ms"], *figures,
                         row["mse"], row["labels"], row["embedding"]])  # fmt: skip
    return file.getvalue()


def _words(found: Compared) -> None:
    """When to use which."""
    st.markdown("**When to use which**")
    rows = [{"representation": row["title"], "good for": row["keeps"], "gives up": row["gives_up"]}
            for row in found.document["rungs"]]  # fmt: skip
    st.table(rows, border="horizontal")


@frame.fragment
def maps(found: Compared) -> None:
    """Two maps of the same images: what is chosen on the left is lit up on the right."""
    st.subheader("The same images, twice", anchor=False)
    st.caption(
        "UMAP of 2,000 test digits as two ways of writing them down see them. Draw around dots on "
        "the left map, with the lasso: where are the same images on the right?"
    )
    titles = {name: row["title"] for name, row in found.rungs.items()}
    for key, other in ((Key.RUNG_LEFT, "pixels"), (Key.RUNG_RIGHT, list(titles)[-1])):
        if st.session_state[key] not in titles:
            st.session_state[key] = other
    left, right = st.columns(2, gap="large")
    one: str = left.selectbox("Left map", list(titles), key=Key.RUNG_LEFT,
                              format_func=titles.__getitem__)  # fmt: skip
    two: str = right.selectbox("Right map", list(titles), key=Key.RUNG_RIGHT,
                               format_func=titles.__getitem__)  # fmt: skip
    xy = [found.arrays[f"{name}.xy"].astype(np.float32) for name in (one, two)]
    with left:
        event = st.plotly_chart(
            ladder_charts.scatter(xy[0], found.labels), key=f"{Key.LASSO}.{one}",
            on_select="rerun", selection_mode=("lasso", "box"),
            config={"displaylogo": False, "scrollZoom": True},
        )  # fmt: skip
    chosen = np.array(sorted(event.selection.point_indices), np.int64)
    with right:
        figure = ladder_charts.scatter(xy[1], found.labels, chosen if len(chosen) else None)
        st.plotly_chart(figure, key=f"{Key.LASSO}-right", config={"displayModeBar": False})
    if not len(chosen):
        st.caption("Nothing is chosen yet.")
        return
    _chosen(found, xy, chosen)


def _chosen(found: Compared, xy: list[np.ndarray], chosen: np.ndarray) -> None:
    """What was chosen, in words and pictures."""
    kinds, counts = np.unique(found.labels[chosen], return_counts=True)
    order = np.argsort(-counts)
    most = ", ".join(f"{counts[i]} × {kinds[i]}" for i in order[:4])
    near = [nearest(places, places[chosen], NEAR + 1)[0][:, 1:] for places in xy]
    kept = np.mean([len(set(a) & set(b)) / NEAR for a, b in zip(*near, strict=True)])
    st.markdown(
        f"**{len(chosen)} images** chosen: {most}{' …' if len(order) > 4 else ''}. Of the {NEAR} "
        f"dots nearest to one of them on the left, **{kept:.0%}** are among its {NEAR} nearest on "
        "the right."
    )
    shown = chosen[np.linspace(0, len(chosen) - 1, min(SHOWN, len(chosen))).astype(int)]
    images = _test_images(found, shown)
    if images is not None:
        pictures.row([Figure(image, str(found.labels[i])) for image, i in
                      zip(images, shown, strict=True)], side=3.5)  # fmt: skip


def _test_images(found: Compared, chosen: np.ndarray) -> np.ndarray | None:
    """Pictures of test images, by a model at hand that knows the same; None without one."""
    for name in model_names():
        if describe(name)["data_sha256"] == found.document["data_sha256"]:
            tests = np.flatnonzero(resources.space(name).gallery.split == TEST)
            return to_uint8(resources.pictures(name, tuple(tests[chosen].tolist())))
    return None


def drawn(found: Compared) -> None:
    """What every rung that can draw makes of the same ten images."""
    st.subheader("What survives", anchor=False)
    st.caption(
        "One test image of each digit, drawn again from the numbers alone. The others keep too "
        "little to draw anything, or nobody taught them how; pixels are the image itself."
    )
    rows = []
    for name, row in found.rungs.items():
        images = found.arrays.get(f"{name}.drawn")
        if images is not None:
            strip = pictures.joined(list(images), axis=1)
            rows.append(Figure(strip, f"{row['title']}", f"error {row['mse']:.4f}"))
    pictures.strips(rows)


@frame.fragment
def layers(space: LatentSpace) -> None:
    """What an image becomes, layer after layer of the encoder."""
    st.subheader("From edges to a code", anchor=False)
    st.caption(
        f"One image on its way through the encoder of {frame.title_of(space.name)}. Each picture "
        "shows where one *feature* of a layer is found: the first layers answer to edges and "
        "strokes, later ones to parts and to the whole. At the end a few numbers are left."
    )
    last = len(space.gallery) - 1
    st.session_state[Key.LOOKED_INTO] = min(st.session_state[Key.LOOKED_INTO], last)
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="small")
    row.number_input("Image", 0, last, key=Key.LOOKED_INTO, width=140)
    row.button("Random image", key=Key.ANY_LOOKED_INTO, icon=":material/casino:",
               on_click=_any_image, args=[last + 1])  # fmt: skip
    x = resources.pictures(space.name, (st.session_state[Key.LOOKED_INTO],))[0]
    encoder: Encoder = resources.encoder(space.name)
    kinds = encoder.config["architecture"]["encoder"]
    figures = [Figure(to_uint8(x[None])[0], "The image", f"{x.size} numbers")]
    pictures.row(figures, side=6)
    number = 0
    for (kind, *_), values in zip(kinds, encoder.steps(x), strict=True):
        if kind in ("silu", "relu") and values.ndim == 3:
            number += 1
            count, height, width = values.shape
            st.markdown(f"**Layer {number}**: {count} features of {height} × {width}, "
                        f"{values.size:,} numbers")  # fmt: skip
            pictures.tiles(_features(values), side=3.2)
    code = encoder.encode(x[None])[0]
    st.markdown(f"**The code**: {len(code)} numbers")
    st.plotly_chart(charts.code_bars(code), config={"displayModeBar": False})


def _features(values: np.ndarray) -> np.ndarray:
    """The strongest features of a layer (C, H, W) as pictures, uint8, each on its own scale."""
    strength = np.abs(values).max((1, 2))
    chosen = np.sort(np.argsort(-strength)[:CHANNELS])
    shown = values[chosen]
    low, high = shown.min((1, 2), keepdims=True), shown.max((1, 2), keepdims=True)
    scaled: np.ndarray = ((shown - low) / np.maximum(high - low, 1e-6) * 255).astype(np.uint8)
    return scaled


def _any_image(count: int) -> None:
    st.session_state[Key.LOOKED_INTO] = int(np.random.default_rng().integers(count))
