"""Plotly figures of how far to trust maps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from ui.charts import BAR, SECOND

COLOURS = (BAR, SECOND)
CELLS = 48  # of a Shepard plot, a side
CURVES = {
    "trustworthiness": "Trustworthiness",
    "continuity": "Continuity",
    "kept": "Kept",
}


def curves(found: Mapping[str, dict[str, Any]], metric: str) -> go.Figure:
    """Trustworthiness, continuity and neighbours kept over k, of one or two maps by title."""
    figure = make_subplots(1, 3, subplot_titles=list(CURVES.values()),
                           horizontal_spacing=0.08)  # fmt: skip
    for (title, quality), colour in zip(found.items(), COLOURS, strict=False):
        for i, name in enumerate(CURVES):
            figure.add_scatter(
                x=quality["ks"], y=quality[metric][name], name=_text(title), row=1, col=i + 1,
                mode="lines+markers", marker={"size": 5}, line={"color": colour},
                showlegend=i == 0, legendgroup=_text(title),
                hovertemplate=f"{_text(title)}, k = %{{x}}: %{{y:.3f}}<extra></extra>",
            )  # fmt: skip
    figure.update_annotations(font_size=13)  # three titles side by side on a small screen
    figure.update_xaxes(title="k", fixedrange=True)
    figure.update_yaxes(fixedrange=True)
    return figure.update_layout(
        margin={"l": 0, "r": 0, "t": 60, "b": 0}, height=300,
        legend={"orientation": "h", "y": 1.3, "x": 0},
    )  # fmt: skip


def shepard(found: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> go.Figure:
    """Distances of pairs in the codes and on the map, of one or two maps side by side.

    Drawn as how many pairs fall into each cell of a grid: a dot for every pair keeps a browser
    busy whenever anything else on the page moves. Distances on a map are in units of their
    median, since a map has no unit of its own.
    """
    figure = make_subplots(1, len(found), subplot_titles=[_text(title) for title in found],
                           horizontal_spacing=0.12)  # fmt: skip
    for i, ((far, shown), colour) in enumerate(zip(found.values(), COLOURS, strict=False)):
        drawn = shown / max(float(np.median(shown)), 1e-12)
        reach = [[0.0, max(float(values.max()), 1e-12)] for values in (far, drawn)]
        pairs, across, up = np.histogram2d(far, drawn, CELLS, reach)
        figure.add_heatmap(
            x=_middles(across), y=_middles(up), z=_seen(pairs), row=1, col=i + 1,
            colorscale=[[0, _faint(colour)], [1, colour]], showscale=False,
            customdata=pairs.T, hoverongaps=False,
            hovertemplate="%{customdata:.0f} pairs<extra></extra>",
        )  # fmt: skip
    figure.update_xaxes(title="in the codes", fixedrange=True, rangemode="tozero", showgrid=False)
    figure.update_yaxes(fixedrange=True, rangemode="tozero", showgrid=False)
    figure.update_yaxes(title="on the map", col=1)
    return figure.update_layout(margin={"l": 0, "r": 0, "t": 40, "b": 0}, height=300)


def _middles(edges: np.ndarray) -> list[float]:
    return ((edges[1:] + edges[:-1]) / 2).round(4).tolist()


def _seen(pairs: np.ndarray) -> list[list[float | None]]:
    """How strong each cell is drawn; a cell without a pair is not drawn at all."""
    strength = np.sqrt(pairs.T / max(pairs.max(), 1))
    return [[float(cell) or None for cell in row] for row in strength.round(3)]


def _faint(colour: str) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.12)"


def _text(words: str) -> str:
    """Plotly takes HTML: what a visitor wrote is shown letter by letter."""
    shown = words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return shown.replace("%{", "% {")
