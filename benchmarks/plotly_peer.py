"""The peer: as many points in a Plotly chart in Streamlit, whose click Python answers."""

import numpy as np
import plotly.graph_objects as go
import streamlit as st

rng = np.random.default_rng(0)
xy = rng.standard_normal((70_000, 2)).astype(np.float32)
figure = go.Figure(go.Scattergl(x=xy[:, 0], y=xy[:, 1], mode="markers", marker={"size": 3}))
figure.update_layout(height=640, clickmode="event+select")
chosen = st.plotly_chart(figure, on_select="rerun", key="map")
st.text(str(chosen["selection"]["point_indices"]))
