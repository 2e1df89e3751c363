"""Plotly figures of representations: what they are worth, and maps of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from ui.charts import BAR, SECOND

# ten colours that can be told apart on white and on near-black
DIGITS = ("#4269d0", "#efb118", "#ff725c", "#6cc5b0", "#3ca951", "#ff8ab7", "#a463f2", "#97bbf5",
          "#9c6b4e", "#9498a0")  # fmt: skip
PALE = "rgba(140,145,155,0.22)"


def ladder(rows: Sequence[dict[str, Any]], asked: str) -> go.Figure:
    """What each representation is worth, one below the other, with its interval.

    Args:
        rows: as `latent.comparison.compare` gives them.
        asked: the name of a figure with an interval, "few.5" for one of several.
    """
    name, _, count = asked.partition(".")
    figure = go.Figure()
    titles = [_titled(row) for row in rows]
    for labels, colour in ((False, BAR), (True, SECOND)):
        own = [row for row in rows if row["labels"] == labels]
        values = np.array([row[name][count] if count else row[name] for row in own]).reshape(-1, 3)
        figure.add_scatter(
            x=values[:, 0], y=[_titled(row) for row in own], mode="markers+text",
            text=[f"{value:.1%}" for value in values[:, 0]], textposition="middle left",
            textfont={"size": 11}, marker={"color": colour, "size": 9}, showlegend=False,
            cliponaxis=False,
            error_x={"type": "data", "symmetric": False, "array": values[:, 2] - values[:, 0],
                     "arrayminus": values[:, 0] - values[:, 1], "thickness": 1.2, "width": 3},
            hovertemplate="%{y}: %{x:.1%}<extra></extra>",
        )  # fmt: skip
    return figure.update_layout(
        margin={"l": 0, "r": 10, "t": 0, "b": 0}, height=40 + 24 * len(rows),
        xaxis={"tickformat": ".0%", "fixedrange": True, "range": [0, 1.01]},
        yaxis={"type": "category", "categoryorder": "array", "categoryarray": titles[::-1],
               "fixedrange": True, "automargin": True, "showgrid": False},
    )  # fmt: skip


def _titled(row: dict[str, Any]) -> str:
    return f"{row['title'].rpartition(',')[0] or row['title']} · {row['numbers']:,}"


def scatter(xy: np.ndarray, labels: np.ndarray, chosen: np.ndarray | None = None) -> go.Figure:
    """A map, dots in the colour of their label; where some are chosen, the others fade.

    Args:
        xy: shape (n, 2).
        labels: shape (n,), from 0 to 9.
        chosen: indices, or None.
    """
    colours = np.array([DIGITS[label] for label in labels], object)
    sizes = np.full(len(xy), 5)
    if chosen is not None:
        lit = np.zeros(len(xy), bool)
        lit[chosen] = True
        colours[~lit], sizes[lit] = PALE, 8
    figure = go.Figure(go.Scattergl(
        x=xy[:, 0], y=xy[:, 1], mode="markers", text=[str(label) for label in labels],
        marker={"color": colours.tolist(), "size": sizes.tolist()},
        unselected={"marker": {"opacity": 0.2}}, hovertemplate="%{text}<extra></extra>",
        showlegend=False,
    ))  # fmt: skip
    for label in np.unique(labels):
        x, y = np.median(xy[labels == label], axis=0)
        figure.add_annotation(x=float(x), y=float(y), text=f"<b>{label}</b>", showarrow=False,
                              font={"size": 15}, bgcolor="rgba(128,128,128,0.25)")  # fmt: skip
    hidden = {"visible": False}
    return figure.update_layout(
        margin={"l": 0, "r": 0, "t": 0, "b": 0}, height=420, dragmode="lasso",
        xaxis=hidden, yaxis={**hidden, "scaleanchor": "x"},
    )  # fmt: skip
