"""Plotly figures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

# ten hues that stay apart on white and on near-black
COLOURS = (
    "#4269d0", "#efb118", "#ff725c", "#6cc5b0", "#3ca951",
    "#ff8ab7", "#a463f2", "#97bbf5", "#9c6b4e", "#9498a0",
)  # fmt: skip
MARKS = {"A": "#d6336c", "B": "#0b7285", "way": "#868e96", "yours": "#d6336c"}


def map_figure(
    xy: np.ndarray,
    groups: Sequence[tuple[str, np.ndarray]],
    marks: Sequence[tuple[str, np.ndarray]],
    way: np.ndarray | None = None,
) -> go.Figure:
    """A map of the gallery.

    Args:
        xy: where images lie, shape (N, 2 or 3).
        groups: a name and the indices of its images; each gets a colour and a legend entry.
        marks: a name and a spot, shape (2 or 3,), drawn on top.
        way: spots of the steps between two marks, shape (T, 2 or 3).
    """
    scatter = go.Scattergl if xy.shape[1] == 2 else go.Scatter3d
    axes = "xyz"[: xy.shape[1]]

    def at(points: np.ndarray) -> dict[str, np.ndarray]:
        return dict(zip(axes, points.T, strict=True))

    traces = [
        scatter(**at(xy[members]), name=name, mode="markers", customdata=members,
                marker={"size": 4 if len(axes) == 2 else 2, "color": colour, "opacity": 0.65},
                hovertemplate=f"{name} · image %{{customdata}}<extra></extra>")
        for (name, members), colour in zip(groups, COLOURS, strict=False)
    ]  # fmt: skip
    if way is not None:
        traces.append(scatter(**at(way), mode="lines", showlegend=False, hoverinfo="skip",
                              line={"color": MARKS["way"], "width": 2}))  # fmt: skip
    # as SVG in 2-D: a WebGL layer would draw the letters below the dots
    mark = go.Scatter if len(axes) == 2 else go.Scatter3d
    for name, spot in marks:
        traces.append(mark(**at(spot[None]), name=name, mode="markers+text", text=[name],
                              showlegend=False, hoverinfo="skip", textposition="top center",
                              marker={"size": 13 if len(axes) == 2 else 7, "color": MARKS[name],
                                      "line": {"width": 2, "color": "white"}},
                              textfont={"size": 17, "color": MARKS[name]}))  # fmt: skip
    hidden = {"visible": False}
    return go.Figure(traces).update_layout(
        margin={"l": 0, "r": 0, "t": 0, "b": 0}, height=560,
        dragmode="pan", clickmode="event+select",
        legend={"itemsizing": "constant", "orientation": "h", "y": -0.01, "title": None},
        xaxis=hidden, yaxis={**hidden, "scaleanchor": "x"},
        scene={f"{axis}axis": hidden for axis in "xyz"},
    )  # fmt: skip


def code_bars(code: np.ndarray) -> go.Figure:
    """A code as a row of bars, one for each of its numbers, shape (latent_dim,)."""
    numbers = [str(i + 1) for i in range(len(code))]
    bars = go.Bar(x=numbers, y=code, marker_color=COLOURS[0],
                  hovertemplate="number %{x}: %{y:.2f}<extra></extra>")  # fmt: skip
    reach = max(3.0, float(np.abs(code).max()) * 1.05)
    return go.Figure(bars).update_layout(
        margin={"l": 0, "r": 0, "t": 6, "b": 0}, height=190, bargap=0.25,
        xaxis={"type": "category", "fixedrange": True},
        yaxis={"range": [-reach, reach], "zeroline": True, "fixedrange": True},
    )  # fmt: skip
