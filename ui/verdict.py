"""How sure the label of an image is, and whether it is unlike all that the model has seen."""

from __future__ import annotations

from typing import Any

import streamlit as st

from latent.errors import InputError
from latent.placement import Placement, percent
from latent.space import LatentSpace
from latent.standard import SHARES, Standard
from ui import frame, live
from ui.state import Key

LEAST, MOST = 0.005, float(SHARES[-1])  # share of false alarms that may be asked for


def draw(space: LatentSpace, found: Placement) -> None:
    """Draw both answers, with the threshold of the second to move."""
    live.verdict(
        Key.VERDICT, values(space, found, st.session_state[Key.FALSE_ALARMS]), on_alarms=_moved
    )


def unlike(found: Placement) -> bool:
    """Whether an image is unlike all that the model knows, where the visitor set the threshold."""
    return found.novelty > 1 - float(st.session_state[Key.FALSE_ALARMS])


def values(space: LatentSpace, found: Placement, alarms: float) -> dict[str, Any]:
    """What the browser draws.

    Args:
        space: the model.
        found: where the image lands in it.
        alarms: share of the test images that the verdict may call unlike.
    """
    standard = space.standard
    return {
        "votes": [[label, count] for label, count in found.votes.items()],
        "voters": sum(found.votes.values()),
        "confidence": round(found.confidence, 4),
        "sure": _sure(found),
        "bins": [
            [round(one.confidence, 4), round(one.accuracy, 4), one.count]
            for one in standard.reliability.bins
        ],
        "calibrated": _calibrated(standard),
        "alarms": alarms,
        "novelty": round(found.novelty, 5),
        "reasons": _reasons(found),
        "curve": _curve(standard),
        "cost": _cost(space, standard),
    }


def _sure(found: Placement) -> str:
    count, voters = found.votes[found.label], sum(found.votes.values())
    return (
        f"{count} of the {voters} nearest images are labelled {found.label}. If it is an image of "
        f"the kind that the model knows, that is right with a probability of "
        f"{percent(found.confidence)}."
    )


def _calibrated(standard: Standard) -> str:
    measured = standard.reliability
    if not measured.bins:
        return "There are no test images on which the probability could be checked."
    return (
        f"Can this probability be believed? {measured.images:,} test images that did not set it: "
        "a dot for each range of it, the larger the more images. On the dashed line it is right "
        f"as often as it says; in the mean it is off by {100 * measured.ece:.1f} points. The "
        "upright line is this image."
    )


def _reasons(found: Placement) -> str:
    redrawn = f"It is redrawn worse than {found.error_percentile:.0f} % of the test images"
    away = (
        f"and it lies farther from its nearest codes than {found.distance_percentile:.0f} % of them"
    )
    unsure, together = "", "both together are"
    if found.doubt_percentile is not None:
        unsure = f"the encoder is less sure of it than of {found.doubt_percentile:.0f} %, "
        together = "all of it together is"
    return (
        f"{redrawn}, {unsure}{away}. Judged among those with its label, {together} more unusual "
        f"than in {percent(found.novelty)} of all."
    )


def _curve(standard: Standard) -> dict[str, Any]:
    curve = {name: shares.round(4).tolist() for name, shares in standard.novelty_curve.items()}
    return {"alarms": curve.pop("false_alarms"), "caught": curve}


def _cost(space: LatentSpace, standard: Standard) -> str:
    if not standard.strangers:
        return (
            "What a threshold catches was not measured for this model: "
            f"python -m latent calibrate {space.name}"
        )
    seen = (
        "In its training the model was shown noise, digits in pieces and bars put together at "
        "random, to learn what not to be sure of; it was shown none of these very pictures."
        if space.taught_to_doubt
        else "The model has seen none of them."
    )
    return (
        "A false alarm: a test image that would be called unlike. Move the line to the left and "
        "there are fewer, but more strangers slip through; each curve is one kind of them. "
        f"{seen}"
    )


def _moved() -> None:
    with frame.errors_shown():
        st.session_state[Key.FALSE_ALARMS] = read_alarms(st.session_state[Key.VERDICT]["alarms"])


def read_alarms(value: Any) -> float:
    """Check what came from the threshold.

    Raises:
        InputError: it is no share that can be asked for.
    """
    if isinstance(value, int | float) and LEAST <= value <= MOST:
        return float(value)
    raise InputError(
        f"The share of false alarms goes from {LEAST:.1%} to {MOST:.0%}. Move the threshold again."
    )
