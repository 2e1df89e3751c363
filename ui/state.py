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
    SEQ = "latent.seq"
    PATH = "latent.path"
    N_STEPS = "latent.n_steps"
    STEP = "latent.step"
    METRIC = "latent.metric"
    UPLOAD = "latent.upload"
    UPLOAD_ERROR = "latent.upload_error"
    UPLOADER = "latent.uploader"
    RANDOM_A = "latent.random_a"
    RANDOM_B = "latent.random_b"
    USE_A = "latent.use_a"
    USE_B = "latent.use_b"
    EXPLORER = "latent.explorer"
    ROWS = "latent.rows"


@dataclass(frozen=True)
class Upload:
    """An image that the visitor brought: kept for the visit, in memory alone."""

    name: str
    prepared: Prepared


@dataclass(frozen=True)
class Spot:
    """A spot on a map that is no image.

    Args:
        model: that its code belongs to.
        map_name: of the map.
        xy: where on it, two coordinates.
        code: latent_dim numbers.
    """

    model: str
    map_name: str
    xy: tuple[float, float]
    code: tuple[float, ...]


State = MutableMapping[Any, Any]
# a gallery image by its number, a spot on a map, an image of one's own, or nothing yet
Point = int | Spot | Upload | None

ANY_LABEL = "any"

DEFAULTS: dict[Key, Any] = {
    Key.MODEL: "mnist-vae",
    Key.METHOD: "umap",
    Key.DIMS: 2,
    Key.A: 60_000,
    Key.B: 60_030,
    Key.NUMBER_A: 60_000,
    Key.NUMBER_B: 60_030,
    Key.LABEL_A: ANY_LABEL,
    Key.LABEL_B: ANY_LABEL,
    Key.NEXT: "A",
    Key.SEQ: 0,
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


def token(point: Point) -> str:
    """A word by which the browser names a point that it cannot describe, such as an upload."""
    return f"{id(point):x}"


def fit_points(state: State, model: str, count: int) -> None:
    """Give A and B a meaning in the model that is shown now.

    Args:
        state: of the session.
        model: name of the model.
        count: images of its gallery; a number beyond it is brought inside.
    """
    for side in "AB":
        point = state[POINT[side]]
        if isinstance(point, Spot) and point.model != model:
            point = DEFAULTS[POINT[side]]  # the code of a spot means nothing elsewhere
        if isinstance(point, int):
            point %= count
        choose(state, side, point)
        state[NUMBER[side]] %= count


def choose_random(state: State, side: str, labels: np.ndarray, class_names: list[str]) -> None:
    """Draw an image of the label chosen beside the button."""
    wanted = state[LABEL[side]]
    among = np.arange(len(labels))
    if wanted in class_names:
        among = np.flatnonzero(labels == class_names.index(wanted))
    choose(state, side, int(np.random.default_rng().choice(among)))
