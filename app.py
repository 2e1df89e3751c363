"""Latent Explorer: page setup and navigation, nothing else."""

import streamlit as st

from ui import navigation

st.set_page_config(page_title="Latent Explorer", page_icon=":material/bubble_chart:", layout="wide")
navigation.run()
