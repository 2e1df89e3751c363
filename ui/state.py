"""Every session-state key and its default."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from latent.images import Prepared


class Key(StrEnum):
    """Names in the session state; buttons and uploaders have theirs here too."""

    MODEL = "latent.model"
    METHOD = "latent.method"
    DIMS = "latent.dims"
    A = "latent.a"
    B = "latent.b"
    NUMBER_A = "latent.number_a"
    NUMBER_B = "latent.number_b"
    LABEL_A = "latent.label_a"
    LABEL_B = "latent.label_b"
    NEXT = "latent.next"
    PATH = "latent.path"
    N_STEPS = "latent.n_steps"
    STEP = "latent.step"
    METRIC = "latent.metric"
    UPLOAD = "latent.upload"
    UPLOAD_ERROR = "latent.upload_error"
    UPLOADER = "latent.uploader"
    RANDOM_A = "latent.random_a"
    RANDOM_B = "latent.random_b"
    SWAP = "latent.swap"
    USE_A = "latent.use_a"
    USE_B = "latent.use_b"
    MAP = "latent.map"


@dataclass(frozen=True)
class Upload:
    """An image that the visitor brought: kept for the visit, in memory alone."""

    name: str
    prepared: Prepared


State = MutableMapping[Any, Any]
Point = int | Upload  # a gallery image by its number, or an image of one's own

ANY_LABEL = "any"

DEFAULTS: dict[Key, Any] = {
    Key.MODEL: "mnist-vae",
    Key.METHOD: "umap",
    Key.DIMS: 2,
    Key.A: 60_003,
    Key.B: 60_018,
    Key.NUMBER_A: 60_003,
    Key.NUMBER_B: 60_018,
    Key.LABEL_A: ANY_LABEL,
    Key.LABEL_B: ANY_LABEL,
    Key.NEXT: "A",
    Key.PATH: "lerp",
    Key.N_STEPS: 9,
    Key.STEP: 50,
    Key.METRIC: "euclidean",
    Key.UPLOAD: None,
    Key.UPLOAD_ERROR: None,
}

POINT = {"A": Key.A, "B": Key.B}
NUMBER = {"A": Key.NUMBER_A, "B": Key.NUMBER_B}
LABEL = {"A": Key.LABEL_A, "B": Key.LABEL_B}
RANDOM = {"A": Key.RANDOM_A, "B": Key.RANDOM_B}
USE = {"A": Key.USE_A, "B": Key.USE_B}


def init(state: State) -> None:
    """Fill missing keys and reassign the rest.

    Streamlit drops a widget's key once a page without that widget runs;
    assigning it, even to itself, keeps it.
    """
    for key, default in DEFAULTS.items():
        state[key] = state.get(key, default)


def choose(state: State, side: str, point: Point) -> None:
    """Make `point` A or B, and keep the number beside it in step."""
    state[POINT[side]] = point
    if isinstance(point, int):
        state[NUMBER[side]] = point


def choose_next(state: State, point: int) -> None:
    """A click on the map: it sets A, the one after it B, and so on in turn."""
    side = state[Key.NEXT]
    choose(state, side, point)
    state[Key.NEXT] = "B" if side == "A" else "A"


def choose_random(state: State, side: str, labels: np.ndarray, class_names: list[str]) -> None:
    """Draw an image of the label chosen beside the button."""
    wanted = state[LABEL[side]]
    among = np.arange(len(labels))
    if wanted in class_names:
        among = np.flatnonzero(labels == class_names.index(wanted))
    choose(state, side, int(np.random.default_rng().choice(among)))


def swap(state: State) -> None:
    """Exchange A and B."""
    a, b = state[Key.A], state[Key.B]
    choose(state, "A", b)
    choose(state, "B", a)
