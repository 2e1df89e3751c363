"""The pages and how they are grouped."""

from __future__ import annotations

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager


def run() -> None:
    """Show the menu, and run the page that is asked for."""
    st.navigation(_pages()).run()


def alone() -> bool:
    """Whether a page runs without `app.py`.

    A new server does not know yet that the app has a menu of its own. Asked first for an
    address below the app's, it takes the files in `pages/` for an app in the old style and
    runs one of them by itself.
    """
    return bool(getattr(PagesManager, "uses_pages_directory", False))


def start() -> None:
    """Tell the server of the menu, and run the page again, this time through `app.py`."""
    st.navigation(_pages())
    st.rerun()


def _pages() -> dict[str, list[st.Page]]:
    return {
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
            st.Page("pages/compare.py", title="Compare", icon=":material/balance:"),
        ],
        "Use": [
            st.Page("pages/recognise.py", title="Recognise", icon=":material/person_search:"),
            st.Page("pages/similar.py", title="Similar", icon=":material/image_search:"),
        ],
    }
