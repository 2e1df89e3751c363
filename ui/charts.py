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
MARKS = {"A": "#c2255c", "B": "#0b7285", "yours": "#c2255c"}
WAY = "#868e96"


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
                              line={"color": WAY, "width": 2}))  # fmt: skip
    badges = [_badge(name, at(spot), MARKS[name]) for name, spot in marks]
    hidden = {"visible": False}
    return go.Figure(traces).update_layout(
        margin={"l": 0, "r": 0, "t": 0, "b": 0}, height=560,
        dragmode="pan", clickmode="event+select",
        legend={"itemsizing": "constant", "orientation": "h", "y": -0.01, "title": None},
        xaxis=hidden, yaxis={**hidden, "scaleanchor": "x"},
        annotations=badges if len(axes) == 2 else [],
        scene={**dict.fromkeys(("xaxis", "yaxis", "zaxis"), hidden),
               "annotations": badges if len(axes) == 3 else []},
    )  # fmt: skip


def _badge(name: str, at: dict[str, np.ndarray], colour: str) -> dict[str, object]:
    """A letter on a coloured ground, above all dots."""
    return {
        **at,
        "text": f"<b>{name}</b>",
        "font": {"color": "white", "size": 14},
        "bgcolor": colour,
        "bordercolor": "white",
        "borderwidth": 1.5,
        "borderpad": 4,
        "showarrow": True,
        "arrowcolor": colour,
        "arrowhead": 6,
        "arrowwidth": 2,
        "ax": 0,
        "ay": -26,
    }


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
