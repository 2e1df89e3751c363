"""Plotly figures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from latent.clusters import Count

BAR = "#4269d0"  # stands out on white and on near-black
SECOND = "#e8743b"  # so does this one, beside the other


def code_bars(code: np.ndarray) -> go.Figure:
    """A code as a row of bars, one for each of its numbers, shape (latent_dim,)."""
    numbers = [str(i + 1) for i in range(len(code))]
    bars = go.Bar(x=numbers, y=code, marker_color=BAR,
                  hovertemplate="number %{x}: %{y:.2f}<extra></extra>")  # fmt: skip
    reach = max(3.0, float(np.abs(code).max()) * 1.05)
    return go.Figure(bars).update_layout(
        margin={"l": 0, "r": 0, "t": 6, "b": 0}, height=190, bargap=0.25,
        xaxis={"type": "category", "fixedrange": True},
        yaxis={"range": [-reach, reach], "zeroline": True, "fixedrange": True},
    )  # fmt: skip


def counts(rows: Sequence[Count], shown: int, noun: str) -> go.Figure:
    """AIC, BIC and held-out surprise over numbers of components; the lowest of each marked."""
    figure = go.Figure()
    numbers = [row.components for row in rows]
    for name, title, colour, dash in (
        ("bic", "BIC", BAR, "solid"), ("aic", "AIC", BAR, "dot"),
        ("held_out", f"held-out {noun}s", SECOND, "solid"),
    ):  # fmt: skip
        values = [getattr(row, name) for row in rows]
        lowest = int(np.argmin(values))
        figure.add_scatter(
            x=numbers, y=values, name=title, mode="lines+markers",
            line={"color": colour, "dash": dash},
            marker={"size": [13 if i == lowest else 5 for i in range(len(rows))],
                    "symbol": ["star" if i == lowest else "circle" for i in range(len(rows))]},
            hovertemplate=f"{title}, %{{x}} components: %{{y:.3f}}<extra></extra>",
        )  # fmt: skip
    figure.add_vline(x=shown, line_dash="dash", line_color="#8a8f99", line_width=1)
    return figure.update_layout(
        margin={"l": 0, "r": 0, "t": 8, "b": 0}, height=300,
        legend={"orientation": "h", "y": 1.1, "x": 0},
        xaxis={"title": "components", "fixedrange": True},
        yaxis={"title": f"nats for each {noun}", "fixedrange": True},
    )  # fmt: skip
