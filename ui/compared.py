"""Maps beside one another on a page: the table, the verdict, curves and distances."""

from __future__ import annotations

from typing import Any

import streamlit as st

from latent.fidelity import agreement
from latent.made import is_key
from latent.neighbours import METRICS
from latent.plan import FORMULAS
from latent.quality import K, at_k
from latent.space import LatentSpace
from ui import fidelity_charts, frame, naming, resources
from ui.belief import Judged, verdict
from ui.state import Key

COLUMNS = {
    "trustworthiness": f"Trustworthiness at {K} neighbours: 1 if no stranger was drawn among a "
    "point's nearest dots. Venna and Kaski 2001.",
    "continuity": f"Continuity at {K} neighbours: 1 if none of a point's nearest codes was torn "
    "away from it. Venna and Kaski 2001.",
    "kept": f"Of an image's {K} nearest codes the share that is among its {K} nearest dots.",
    "distances": "Rank correlation between distances in the codes and on the map: 1 if what is "
    "farther apart is always drawn farther apart.",
    "labels": "Share of images whose ten nearest dots name the right label. In the codes it is the "
    "figure in the last column.",
    "labels in codes": "Share of images whose ten nearest codes name the right label. A map whose "
    "figure is higher draws groups cleaner than they are.",
    "seeds agree": f"Share of a point's {K} nearest dots that a map made alike, with another seed, "
    "shows too. Empty: nobody made one.",
}


def section(space: LatentSpace, map_name: str) -> None:
    """The table of all maps, then two of them in words and pictures."""
    infos = every_map(space)
    chosen = st.segmented_control(
        "Near means", METRICS, key=Key.NEAR_BY, required=True, format_func=str.capitalize,
        help="What a map is measured against: how far apart two codes are, or how far apart their "
        "directions are. A map made by one of them may fail by the other.",
    )  # fmt: skip
    metric = chosen or METRICS[0]
    _table(space, infos, metric, map_name)
    measured = [name for name, info in infos.items() if "quality" in info]
    if map_name not in measured:
        how = "" if is_key(map_name) else f": `python -m latent maps {space.name} --measure`"
        st.info(f"The chosen map has not been measured yet{how}.", icon=":material/info:")
        return
    others = [name for name in measured if name != map_name]
    if not others:
        st.caption("Make a second map to compare it with this one.")
        return
    if st.session_state[Key.BESIDE] not in others:
        st.session_state[Key.BESIDE] = _opposite(infos, map_name, others)
    titles = {name: naming.title(name, infos[name]) for name in infos}
    beside: str = st.selectbox(
        f"Compare {titles[map_name]} with", others, key=Key.BESIDE,
        format_func=titles.__getitem__, width=420,
    )  # fmt: skip
    pair = [_judged(name, infos[name]) for name in (map_name, beside)]
    head, *rest = verdict(pair[0], pair[1], metric)
    st.markdown(head)
    st.markdown("\n".join(f"- {line}" for line in rest))
    _pictures(space, {name: infos[name] for name in (map_name, beside)}, metric)


def every_map(space: LatentSpace) -> dict[str, dict[str, Any]]:
    """What is known of every map of a model: those of its bundle, then those made of it."""
    made = {one.key: one.info for one in resources.made_maps(space.name)}
    return {**space.maps_info, **made}


def seeds_agree(space: LatentSpace, infos: dict[str, dict[str, Any]]) -> dict[str, float]:
    """For each map made alike with several seeds how far it agrees with the others, mean."""
    alike: dict[str, list[str]] = {}
    for name, info in infos.items():
        if info["method"] not in FORMULAS:
            what = (info["method"], info["dims"], sorted(info["parameters"].items()))
            alike.setdefault(repr((what, info["fitted_on"])), []).append(name)
    found = {}
    for names in alike.values():
        shown = {name: resources.shown_near(space.name, name) for name in names if len(names) > 1}
        for name, own in shown.items():
            shares = [agreement(own, other, K) for n, other in shown.items() if n != name]
            found[name] = sum(shares) / len(shares)
    return found


def _table(
    space: LatentSpace, infos: dict[str, dict[str, Any]], metric: str, map_name: str
) -> None:
    agree = seeds_agree(space, infos)
    rows = []
    for name, info in infos.items():
        row: dict[str, Any] = {"": "●" if name == map_name else "", "map": naming.title(name, info)}
        row["fitted on"] = info["fitted_on"].removesuffix(", the rest placed")
        quality = info.get("quality")
        if quality:
            for column in ("trustworthiness", "continuity", "kept"):
                row[column] = at_k(quality, column, metric)
            row["distances"] = quality[metric]["rank_correlation"]
            row["labels"] = quality["label_accuracy"]["map"]
            row["labels in codes"] = quality["label_accuracy"]["codes"]
        elif metric == "euclidean":
            row |= {c: info[c] for c in ("trustworthiness", "continuity") if c in info}
        row["seeds agree"] = 1.0 if info["method"] in FORMULAS else agree.get(name)
        rows.append({column: row.get(column) for column in ("", "map", *COLUMNS, "fitted on")})
    config: dict[str, Any] = {
        name: st.column_config.NumberColumn(
            format="%.3f" if name in ("trustworthiness", "continuity", "distances") else "percent",
            help=words,
        )
        for name, words in COLUMNS.items()
    }
    config[""] = st.column_config.TextColumn(width=30, help="● marks the map that is chosen.")
    st.dataframe(rows, column_config=config, hide_index=True, placeholder="")
    st.caption(
        f"Measured on {next((i['measured_on'] for i in infos.values() if 'measured_on' in i), '')}"
        f", against {metric} neighbours. Higher is better everywhere; ● is the chosen map."
    )


def _opposite(infos: dict[str, dict[str, Any]], name: str, others: list[str]) -> str:
    """A map to compare with: one of another method in as many dimensions, if there is one."""

    def rank(other: str) -> tuple[bool, bool]:
        return (infos[other]["dims"] != infos[name]["dims"],
                infos[other]["method"] == infos[name]["method"])  # fmt: skip

    return min(others, key=rank)


def _judged(name: str, info: dict[str, Any]) -> Judged:
    return Judged(frame.plain(naming.title(name, info)), info["dims"], info["quality"])


def _pictures(space: LatentSpace, pair: dict[str, dict[str, Any]], metric: str) -> None:
    titles = {name: naming.title(name, info) for name, info in pair.items()}
    if len(set(titles.values())) < len(titles):  # two maps of one name of the visitor's own
        titles = {name: f"{title} ({name[:6]})" for name, title in titles.items()}
    curves, plots = st.columns([3, 2], gap="large")
    with curves:
        st.markdown("**Over the size of a neighbourhood**")
        figure = fidelity_charts.curves(
            {titles[name]: info["quality"] for name, info in pair.items()}, metric
        )
        st.plotly_chart(figure, config={"displayModeBar": False})
    with plots:
        st.markdown("**Distances: Shepard plot**")
        found = {titles[name]: resources.distances(space.name, name, metric) for name in pair}
        st.plotly_chart(fidelity_charts.shepard(found), config={"displayModeBar": False})
    st.caption(
        "Left: at small *k* only the closest count, at large *k* the broad shape does. Right: "
        "pairs of images, darker where there are many; if the map kept distances, they would lie "
        "on a rising line. A cloud means that far on the map says little about far in the codes."
    )
