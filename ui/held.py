"""What the components hold on a page: labels that EM never saw."""

from __future__ import annotations

import html

import numpy as np
import streamlit as st

from latent.climbs import Settings
from ui import resources
from ui.clustering import Data
from ui.state import Key

TABLE_STYLE = """<style>
.held { overflow-x: auto; }
.held table { width: 100%; border-collapse: separate; border-spacing: 1px; }
.held th { padding: 0.2rem 0.4rem; font-weight: 600; font-size: 0.85rem; border: 0; }
.held td { min-width: 1.9rem; padding: 0.2rem; text-align: center; border: 0; border-radius: 0.2rem;
  font-size: 0.85rem; font-variant-numeric: tabular-nums; }
</style>"""


def section(data: Data, how: Settings) -> None:
    """What the components of the replayed start know of the labels, k-means beside it."""
    st.subheader("What the components hold", anchor=False)
    st.markdown(
        f"EM never saw a label. Here every {data.noun} goes to the component most responsible for "
        "it, at the end of the run. Does a component hold one label, or several?"
    )
    soft, hard = resources.agreements(
        data.grouped, how, st.session_state[Key.REPLAYED], data.labels, len(data.names)
    )
    left, right = st.columns([3, 2], gap="large")
    left.html(confusion_table(soft.confusion, data.names))
    left.caption("Percent of what each component holds that has a label; rows sum to 100.")
    rows = {
        "Adjusted mutual information": (soft.mutual_information, hard.mutual_information),
        "Accuracy, each component its commonest label": (soft.majority, hard.majority),
        "Accuracy, each label one component": (soft.one_to_one, hard.one_to_one),
    }
    table = "| | mixture | k-means |\n|---|---|---|\n" + "\n".join(
        f"| {title} | {ours:.3f} | {theirs:.3f} |" for title, (ours, theirs) in rows.items()
    )
    right.markdown(table)
    right.caption(
        "Mutual information: what knowing the component says about the label, chance taken off; "
        "1 is all of it, 0 nothing. Accuracy: the share whose component was given their label, "
        "after the best matching of both."
    )


def confusion_table(held: np.ndarray, names: list[str]) -> str:
    """How what each component holds divides among the labels, (K, classes), as HTML."""
    share = 100 * held / np.maximum(held.sum(axis=1, keepdims=True), 1)
    head = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in names)
    rows = []
    for component, row in enumerate(share, start=1):
        cells = "".join(
            f'<td style="background: rgba(66, 105, 208, {value / 100:.2f})'
            f'{"; color: #fff" if value > 50 else ""}">{f"{value:.0f}" if value >= 1 else ""}</td>'
            for value in row
        )
        rows.append(f'<tr><th scope="row">{component}</th>{cells}</tr>')
    return (
        f"{TABLE_STYLE}<div class='held'><table><thead><tr><th></th>{head}</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )
