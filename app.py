"""Latent Explorer: page setup and navigation, nothing else."""

import streamlit as st

st.set_page_config(page_title="Latent Explorer", page_icon=":material/bubble_chart:", layout="wide")

st.navigation(
    {
        "Explore": [
            st.Page(
                "pages/explore.py", title="Explore", icon=":material/bubble_chart:", default=True
            ),
            st.Page("pages/traverse.py", title="Traverse", icon=":material/tune:"),
            st.Page("pages/maps.py", title="Maps", icon=":material/map:"),
        ],
        "Place": [st.Page("pages/place.py", title="Place", icon=":material/add_photo_alternate:")],
        "Understand": [
            st.Page("pages/two_chairs.py", title="Two chairs", icon=":material/chair:"),
            st.Page("pages/clusters.py", title="Clusters", icon=":material/workspaces:"),
            st.Page("pages/repair.py", title="Repair", icon=":material/healing:"),
        ],
    }
).run()
