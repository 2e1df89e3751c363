"""Distances as dimension grows, on a page: a chart whose slider moves in the browser."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from plotly.subplots import make_subplots

from latent.concentration import Spread
from latent.space import LatentSpace
from ui import resources
from ui.charts import BAR, SECOND

EDGES = np.linspace(0, 3, 61)  # of distances as multiples of their mean


def section(space: LatentSpace) -> None:
    """The chart, and how to read it."""
    st.subheader("What “near” means in many dimensions", anchor=False)
    own, random = resources.concentration(space.name)
    last, plane = own[-1], next(s for s in random if s.dims == 2)
    beside = min(random, key=lambda s: abs(s.contrast - last.contrast))
    st.markdown(
        f"The more numbers a code has, the more alike all distances become: draw two random codes "
        f"of 1,000 numbers, and they are always about equally far apart, so that the *nearest* "
        f"means little. Move the slider. On a plane distances differ by {plane.contrast:.0%} of "
        f"their mean; those of this model's {last.dims} numbers still by {last.contrast:.0%}, as "
        f"those of about {beside.dims} random ones. Cosine does not escape: random directions are "
        "all nearly at a right angle."
    )
    st.plotly_chart(figure(own, random), config={"displayModeBar": False})
    st.caption(
        "Left: how many pairs are how far apart, as a multiple of the mean. Right: standard "
        "deviation of the distances as a share of their mean. The numbers of this model's codes "
        "are taken in the order of how much they vary."
    )


def figure(own: list[Spread], random: list[Spread]) -> go.Figure:
    """Histograms for each dimension, of which the slider shows one, and the curve of all."""
    made = make_subplots(1, 2, column_widths=[0.55, 0.45], horizontal_spacing=0.12,
                         subplot_titles=["Distances of pairs", "Contrast"])  # fmt: skip
    dims = [spread.dims for spread in random]
    start = next((i for i, d in enumerate(dims) if d == own[-1].dims), 0)
    of = {spread.dims: spread for spread in own}
    for i, spread in enumerate(random):
        # beyond its own numbers a code has no more: all of them stay
        ours = of.get(spread.dims, own[-1])
        for one, title, colour in ((ours, "this model", BAR), (spread, "random codes", SECOND)):
            counts = np.histogram(one.distances, EDGES)[0] / len(one.distances)
            made.add_scatter(
                x=((EDGES[1:] + EDGES[:-1]) / 2).round(3), y=counts.round(4), name=title,
                legendgroup=title, line={"color": colour, "shape": "hvh"}, fill="tozeroy",
                visible=i == start, row=1, col=1, hoverinfo="skip",
            )  # fmt: skip
    for some, title, colour in ((own, "this model", BAR), (random, "random codes", SECOND)):
        made.add_scatter(
            x=[s.dims for s in some], y=[round(s.contrast, 4) for s in some], legendgroup=title,
            showlegend=False, mode="lines+markers", line={"color": colour}, row=1, col=2,
            hovertemplate=title + ", %{x} numbers: %{y:.2f}<extra></extra>",
        )  # fmt: skip
    made.update_xaxes(title="multiple of the mean", fixedrange=True, range=[0, 3], col=1)
    made.update_xaxes(title="numbers a code", type="log", fixedrange=True, col=2)
    made.update_yaxes(fixedrange=True, rangemode="tozero")
    made.update_yaxes(title="share of pairs", tickformat=".0%", col=1)
    return made.update_layout(
        sliders=[_slider(dims, start)], height=420, margin={"l": 0, "r": 0, "t": 60, "b": 48},
        legend={"orientation": "h", "y": 1.22, "x": 0},
    )  # fmt: skip


def _slider(dims: list[int], start: int) -> dict[str, object]:
    """One step for each dimension: it shows two histograms and leaves the curves."""
    shown = [
        [step == i for step in range(len(dims)) for _ in range(2)] + [True, True]
        for i in range(len(dims))
    ]
    return {
        "active": start,
        "currentvalue": {"prefix": "Numbers a code: "},
        "pad": {"t": 50, "b": 24},  # its own numbers do not count in its height
        "steps": [
            {"label": f"{d:,}", "method": "restyle", "args": [{"visible": visible}]}
            for d, visible in zip(dims, shown, strict=True)
        ],
    }
