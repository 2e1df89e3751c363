"""Plotly figures of how far to trust maps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from ui.charts import BAR, SECOND

COLOURS = (BAR, SECOND)
CURVES = {
    "trustworthiness": "Trustworthiness",
    "continuity": "Continuity",
    "kept": "Neighbours kept",
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
    figure.update_xaxes(title="k", fixedrange=True)
    figure.update_yaxes(fixedrange=True)
    return figure.update_layout(
        margin={"l": 0, "r": 0, "t": 60, "b": 0}, height=300,
        legend={"orientation": "h", "y": 1.3, "x": 0},
    )  # fmt: skip


def shepard(found: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> go.Figure:
    """Distances of pairs in the codes and on the map, of one or two maps side by side.

    Those on a map are in units of their median, since a map has no unit of its own.
    """
    figure = make_subplots(1, len(found), subplot_titles=[_text(title) for title in found],
                           horizontal_spacing=0.12)  # fmt: skip
    for i, ((far, shown), colour) in enumerate(zip(found.values(), COLOURS, strict=False)):
        figure.add_scatter(
            x=far.round(3), y=(shown / max(float(np.median(shown)), 1e-12)).round(3), row=1,
            col=i + 1, mode="markers", marker={"size": 3, "color": colour, "opacity": 0.25},
            hoverinfo="skip", showlegend=False,
        )  # fmt: skip
    figure.update_xaxes(title="in the codes", fixedrange=True, rangemode="tozero")
    figure.update_yaxes(fixedrange=True, rangemode="tozero")
    figure.update_yaxes(title="on the map", col=1)
    return figure.update_layout(margin={"l": 0, "r": 0, "t": 40, "b": 0}, height=300)


def _text(words: str) -> str:
    """Plotly takes HTML: what a visitor wrote is shown letter by letter."""
    shown = words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return shown.replace("%{", "% {")
