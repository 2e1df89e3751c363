"""What a made map is called: as its maker of this visit named it, else by what it is."""

from __future__ import annotations

from typing import Any

import streamlit as st

from latent.made import Made
from latent.parameters import PARAMETERS
from latent.projections import TITLES
from ui.state import Key

LONGEST = 40  # letters of a name


def short(made: Made) -> str:
    """For a list: the visitor's own name, else method and what is not at its default."""
    own: str | None = st.session_state[Key.MAP_NAMES].get(made.key)
    if own:
        return own
    told = unusual(made.info)
    return f"{TITLES[made.plan.method]}, {', '.join(told)}" if told else (
        f"{TITLES[made.plan.method]}, made here"
    )  # fmt: skip


def title(name: str, info: dict[str, Any]) -> str:
    """Of any map, with its dimensions: plain text, which may hold a visitor's words."""
    own: str | None = st.session_state[Key.MAP_NAMES].get(name)
    told = [] if name == f"{info['method']}{info['dims']}" else unusual(info)
    return own or ", ".join([f"{TITLES[info['method']]} {info['dims']}-D", *told])


def unusual(info: dict[str, Any]) -> list[str]:
    """What a map was told that is not at its default, and its seed where it has one."""
    words = []
    for parameter in PARAMETERS[info["method"]]:
        value = info["parameters"].get(parameter.name, parameter.default)
        if parameter.choices and value != parameter.default:
            words.append(str(value))
        elif value != parameter.default:
            words.append(f"{parameter.title.lower()} {value:g}")
    if "labels" in info:
        words.append(f"by {info['labels']}")
    if info["fitted_on"].endswith("at random, the rest placed"):
        words.append(f"{info['fitted_on'].split()[0]} images")
    return [*words, f"seed {info['seed']}"] if PARAMETERS[info["method"]] else words


def keep(name: str, words: str) -> None:
    """Take a visitor's own name for a map: for this visit, and nowhere else."""
    own = " ".join("".join(letter for letter in words if letter.isprintable()).split())[:LONGEST]
    names = dict(st.session_state[Key.MAP_NAMES])
    names[name] = own
    st.session_state[Key.MAP_NAMES] = {key: value for key, value in names.items() if value}
