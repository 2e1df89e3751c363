"""Plotly figures."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

BAR = "#4269d0"  # stands out on white and on near-black


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
