"""Every session-state key and its default."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from latent.recognition import FALSE_REJECTS
from latent.standard import FALSE_ALARMS
from ui.uploads import Tray, Upload


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
    ROUNDS = "latent.rounds"
    N_STEPS = "latent.n_steps"
    STEP = "latent.step"
    NUMBER_NEXT = "latent.number_next"
    ADD_STOP = "latent.add_stop"
    KEEP = "latent.keep"
    STOP = "latent.stop"
    ADDRESSED = "latent.addressed"
    STANDS = "latent.stands"
    VIEW = "latent.view"
    MORE = "latent.more"
    CLOSED = "latent.closed"
    COMPARE = "latent.compare"
    OTHER_MODEL = "latent.other_model"
    METRIC = "latent.metric"
    TRAY = "latent.tray"
    UPLOADER_ROUND = "latent.uploader_round"
    CAMERA_ROUND = "latent.camera_round"
    UPLOADER = "latent.uploader"
    CAMERA = "latent.camera"
    CAMERA_ON = "latent.camera_on"
    PASTE = "latent.paste"
    PAD = "latent.pad"
    PAD_SEQ = "latent.pad_seq"
    PENDING = "latent.pending"
    TRAY_CHOICE = "latent.tray_choice"
    OWN_LABEL = "latent.own_label"
    VERDICT = "latent.verdict"
    FALSE_ALARMS = "latent.false_alarms"
    REMOVE = "latent.remove"
    TURN = "latent.turn"
    MIRRORED = "latent.mirrored"
    INVERT = "latent.invert"
    CUT_OUT = "latent.cut_out"
    STROKE = "latent.stroke"
    GUESS = "latent.guess"
    SWITCHES = "latent.switches"
    REMOVE_ALL = "latent.remove_all"
    DOWNLOAD_NPZ = "latent.download_npz"
    DOWNLOAD_CSV = "latent.download_csv"
    MINE_A = "latent.mine_a"
    MINE_B = "latent.mine_b"
    OWN_A = "latent.own_a"
    OWN_B = "latent.own_b"
    RANDOM_A = "latent.random_a"
    RANDOM_B = "latent.random_b"
    USE_A = "latent.use_a"
    USE_B = "latent.use_b"
    EXPLORER = "latent.explorer"
    ROWS = "latent.rows"
    TRAVERSAL = "latent.traversal"
    MOVES = "latent.moves"
    PLANE = "latent.plane"
    REACH = "latent.reach"
    IMAGE = "latent.image"
    RANDOM_IMAGE = "latent.random_image"
    START_MEAN = "latent.start_mean"
    START_DRAW = "latent.start_draw"
    START_A = "latent.start_a"
    START_B = "latent.start_b"
    TRAVERSE = "latent.traverse"
    REDRAWN = "latent.redrawn"
    CHAIRS_MODEL = "latent.chairs_model"
    PIECE_A = "latent.piece_a"
    PIECE_B = "latent.piece_b"
    PIECE_TABLE = "latent.piece_table"
    PIECE_NUMBER_A = "latent.piece_number_a"
    PIECE_NUMBER_B = "latent.piece_number_b"
    PIECE_NUMBER_TABLE = "latent.piece_number_table"
    PHOTO_A = "latent.photo_a"
    PHOTO_B = "latent.photo_b"
    PHOTO_TABLE = "latent.photo_table"
    PHOTO_ROUND = "latent.photo_round"
    PHOTO_ERROR = "latent.photo_error"
    NO_PHOTO_A = "latent.no_photo_a"
    NO_PHOTO_B = "latent.no_photo_b"
    NO_PHOTO_TABLE = "latent.no_photo_table"
    RANDOM_TRIPLE = "latent.random_triple"
    WALK = "latent.walk"
    WALK_STEP = "latent.walk_step"
    WALK_SEQ = "latent.walk_seq"
    BETWEEN = "latent.between"
    GROUPED = "latent.grouped"
    BLOBS = "latent.blobs"
    BLOB_COUNT = "latent.blob_count"
    GROUPED_COUNT = "latent.grouped_count"
    GROUPED_LABEL = "latent.grouped_label"
    COMPONENTS = "latent.components"
    COVARIANCE = "latent.covariance"
    INIT = "latent.init"
    RESTARTS = "latent.restarts"
    EM_STEPS = "latent.em_steps"
    EM_SEED = "latent.em_seed"
    REPLAYED = "latent.replayed"
    CLIMB = "latent.climb"
    STOP_CLIMB = "latent.stop_climb"
    CLIMB_AGAIN = "latent.climb_again"
    CLUSTERS = "latent.clusters"
    MOST_COMPONENTS = "latent.most_components"
    COUNT_COMPONENTS = "latent.count_components"
    COUNTING = "latent.counting"
    STOP_COUNTING = "latent.stop_counting"
    TAKE_COUNT = "latent.take_count"
    REPAIRED = "latent.repaired"
    REPAIRED_MINE = "latent.repaired_mine"
    ANY_REPAIRED = "latent.any_repaired"
    HIDDEN = "latent.hidden"
    HIDDEN_SEQ = "latent.hidden_seq"
    HIDE = "latent.hide"
    MASK_FILE = "latent.mask_file"
    MASK_ROUND = "latent.mask_round"
    MASK = "latent.mask"
    COVER = "latent.cover"
    LIKELY = "latent.likely"
    MATCH = "latent.match"
    TRAVERSE_VIEW = "latent.traverse_view"
    SOURCE = "latent.source"
    COMPONENT = "latent.component"
    TEMPERATURE = "latent.temperature"
    DRAW_SEED = "latent.draw_seed"
    DRAW_AGAIN = "latent.draw_again"
    MEASURE_DRAWS = "latent.measure_draws"
    MEASURING = "latent.measuring"
    STOP_MEASURING = "latent.stop_measuring"
    MAKE_METHOD = "latent.make_method"
    MAKE_DIMS = "latent.make_dims"
    MAKE_SEED = "latent.make_seed"
    MAKE_SAMPLE = "latent.make_sample"
    MAKE_LABELS = "latent.make_labels"
    MAKE_METRIC = "latent.make_metric"
    MAKE_PERPLEXITY = "latent.make_perplexity"
    MAKE_NEIGHBOURS = "latent.make_neighbours"
    MAKE_MIN_DIST = "latent.make_min_dist"
    MAKE = "latent.make"
    MAKING = "latent.making"
    STOP_MAKING = "latent.stop_making"
    MAP_NAME = "latent.map_name"
    MAP_NAMES = "latent.map_names"
    NEAR_BY = "latent.near_by"
    BESIDE = "latent.beside"
    MEASURE = "latent.measure"
    NEXT_SEED = "latent.next_seed"
    WANTED = "latent.wanted"
    COMPARED_BY = "latent.compared_by"
    RUNG_LEFT = "latent.rung_left"
    RUNG_RIGHT = "latent.rung_right"
    LASSO = "latent.lasso"
    LOOKED_INTO = "latent.looked_into"
    ANY_LOOKED_INTO = "latent.any_looked_into"
    DOWNLOAD_LADDER = "latent.download_ladder"
    RECOGNISER = "latent.recogniser"
    ENROLLED = "latent.enrolled"
    ENROL = "latent.enrol"
    ENROL_ALL = "latent.enrol_all"
    ENROL_PROBLEM = "latent.enrol_problem"
    NEW_NAME = "latent.new_name"
    RENAME = "latent.rename"
    RENAME_NOW = "latent.rename_now"
    FORGET = "latent.forget"
    FORGET_LAST = "latent.forget_last"
    BEGIN_WITH = "latent.begin_with"
    FALSE_REJECTS = "latent.false_rejects"
    SHOWN_FROM = "latent.shown_from"
    SHOWN_IMAGE = "latent.shown_image"
    ANY_SHOWN = "latent.any_shown"
    SAVE_ENROLLED = "latent.save_enrolled"
    LOAD_ENROLLED = "latent.load_enrolled"
    LOAD_ROUND = "latent.load_round"
    SHELF = "latent.shelf"
    PHOTOS = "latent.photos"
    SHELF_FILES = "latent.shelf_files"
    SHELF_ROUND = "latent.shelf_round"
    CLEAR_SHELF = "latent.clear_shelf"
    TABLE_FILE = "latent.table_file"
    TABLE_ROUND = "latent.table_round"
    CLEAR_TABLE = "latent.clear_table"
    SHELF_KINDS = "latent.shelf_kinds"
    SPAN = "latent.span"
    LOOK_FROM = "latent.look_from"
    LOOKED_FOR = "latent.looked_for"
    ANY_LOOKED_FOR = "latent.any_looked_for"
    COLOUR_SHARE = "latent.colour_share"
    RESULTS = "latent.results"
    FOUND_COUNT = "latent.found_count"
    MORE_FOUND = "latent.more_found"
    JUDGED = "latent.judged"
    FORGET_JUDGED = "latent.forget_judged"


@dataclass(frozen=True)
class Spot:
    """A code that no image has: a spot on a map, or one made with the sliders.

    Args:
        model: that its code belongs to.
        map_name: of the map; None for a code that was not chosen on one.
        xy: where on it, two coordinates.
        code: latent_dim numbers.
    """

    model: str
    map_name: str | None
    xy: tuple[float, float] | None
    code: tuple[float, ...]


@dataclass(frozen=True)
class Traversal:
    """A code under the sliders.

    Args:
        model: that it belongs to.
        words: what it started from.
        start: its latent_dim numbers at the start, to which a reset leads back.
        code: as the sliders stand.
    """

    model: str
    words: str
    start: tuple[float, ...]
    code: tuple[float, ...]


State = MutableMapping[Any, Any]
# a gallery image by its number, a spot on a map, an image of one's own, or nothing yet
Point = int | Spot | Upload | None

ANY_LABEL = "any"
STEP_CHOICES = (5, 7, 9, 13, 17)  # images from stop to stop
STOPS = "ABCDEFGH"  # the letters of all that a way may have

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
    Key.NUMBER_NEXT: 60_060,
    Key.ADDRESSED: False,
    Key.STANDS: False,
    Key.ROUNDS: {},
    Key.VIEW: None,
    Key.MORE: (),
    Key.CLOSED: False,
    Key.COMPARE: True,
    Key.OTHER_MODEL: None,
    Key.METRIC: "euclidean",
    Key.TRAY: None,
    Key.UPLOADER_ROUND: 0,
    Key.CAMERA_ROUND: 0,
    Key.CAMERA_ON: False,
    Key.PAD_SEQ: 0,
    Key.PENDING: None,
    Key.FALSE_ALARMS: FALSE_ALARMS,
    Key.SWITCHES: False,
    Key.TRAVERSAL: None,
    Key.MOVES: 0,
    Key.PLANE: None,
    Key.REACH: 3,
    Key.IMAGE: 60_000,
    Key.CHAIRS_MODEL: None,
    Key.PIECE_A: None,
    Key.PIECE_B: None,
    Key.PIECE_TABLE: None,
    Key.PIECE_NUMBER_A: 0,
    Key.PIECE_NUMBER_B: 0,
    Key.PIECE_NUMBER_TABLE: 0,
    Key.PHOTO_ROUND: 0,
    Key.PHOTO_ERROR: None,
    Key.WALK_STEP: 50,
    Key.WALK_SEQ: 0,
    Key.GROUPED: "blobs",
    Key.BLOBS: "overlapping",
    Key.BLOB_COUNT: 500,
    Key.GROUPED_COUNT: 2_000,
    Key.GROUPED_LABEL: "label",
    Key.COMPONENTS: 3,
    Key.COVARIANCE: "full",
    Key.INIT: "random",
    Key.RESTARTS: 4,
    Key.EM_STEPS: 200,
    Key.EM_SEED: 0,
    Key.REPLAYED: 0,
    Key.CLIMB: None,
    Key.MOST_COMPONENTS: 15,
    Key.COUNTING: None,
    Key.REPAIRED: 60_000,
    Key.REPAIRED_MINE: None,
    Key.HIDDEN: None,
    Key.HIDDEN_SEQ: 0,
    Key.MASK_ROUND: 0,
    Key.COVER: "ground",
    Key.LIKELY: "prior",
    Key.MATCH: "usual",
    Key.TRAVERSE_VIEW: "code",
    Key.SOURCE: "prior",
    Key.COMPONENT: 1,
    Key.TEMPERATURE: 1.0,
    Key.DRAW_SEED: 0,
    Key.MEASURING: None,
    Key.MAKE_METHOD: "umap",
    Key.MAKE_DIMS: 2,
    Key.MAKE_SEED: 0,
    Key.MAKE_SAMPLE: 10_000,
    Key.MAKE_LABELS: "label",
    Key.MAKE_METRIC: "euclidean",
    Key.MAKE_PERPLEXITY: 30.0,
    Key.MAKE_NEIGHBOURS: 15,
    Key.MAKE_MIN_DIST: 0.1,
    Key.MAKING: None,
    Key.MAP_NAMES: {},
    Key.NEAR_BY: "euclidean",
    Key.BESIDE: None,
    Key.WANTED: None,
    Key.COMPARED_BY: "knn",
    Key.RUNG_LEFT: "pixels",
    Key.RUNG_RIGHT: "mnist-contrast",
    Key.LOOKED_INTO: 60_000,
    Key.RECOGNISER: None,
    Key.ENROLLED: {},
    Key.ENROL_PROBLEM: None,
    Key.NEW_NAME: "",
    Key.BEGIN_WITH: True,
    Key.FALSE_REJECTS: FALSE_REJECTS,
    Key.SHOWN_FROM: "drawn",
    Key.SHOWN_IMAGE: 60_061,
    Key.LOAD_ROUND: 0,
    Key.SHELF: "rendered",
    Key.PHOTOS: None,
    Key.SHELF_ROUND: 0,
    Key.TABLE_ROUND: 0,
    Key.LOOK_FROM: "catalogue",
    Key.LOOKED_FOR: 0,
    Key.COLOUR_SHARE: 20,
    Key.FOUND_COUNT: 12,
    Key.JUDGED: ("", {}),
}

POINT = {"A": Key.A, "B": Key.B}
NUMBER = {"A": Key.NUMBER_A, "B": Key.NUMBER_B}
LABEL = {"A": Key.LABEL_A, "B": Key.LABEL_B}
RANDOM = {"A": Key.RANDOM_A, "B": Key.RANDOM_B}
ROUND = {
    Key.UPLOADER: Key.UPLOADER_ROUND, Key.CAMERA: Key.CAMERA_ROUND, Key.MASK_FILE: Key.MASK_ROUND,
    Key.LOAD_ENROLLED: Key.LOAD_ROUND, Key.SHELF_FILES: Key.SHELF_ROUND,
    Key.TABLE_FILE: Key.TABLE_ROUND,
}  # fmt: skip
MINE = {"A": Key.MINE_A, "B": Key.MINE_B}
OWN = {"A": Key.OWN_A, "B": Key.OWN_B}
USE = {"A": Key.USE_A, "B": Key.USE_B}
TOLD = {  # parameters of a map
    "perplexity": Key.MAKE_PERPLEXITY, "n_neighbors": Key.MAKE_NEIGHBOURS,
    "min_dist": Key.MAKE_MIN_DIST, "metric": Key.MAKE_METRIC,
}  # fmt: skip
START = {"A": Key.START_A, "B": Key.START_B}

ROLES = ("A", "B", "table")  # the three of Two chairs
PIECE = {"A": Key.PIECE_A, "B": Key.PIECE_B, "table": Key.PIECE_TABLE}
PIECE_NUMBER = {
    "A": Key.PIECE_NUMBER_A, "B": Key.PIECE_NUMBER_B, "table": Key.PIECE_NUMBER_TABLE,
}  # fmt: skip
PHOTO = {"A": Key.PHOTO_A, "B": Key.PHOTO_B, "table": Key.PHOTO_TABLE}
NO_PHOTO = {"A": Key.NO_PHOTO_A, "B": Key.NO_PHOTO_B, "table": Key.NO_PHOTO_TABLE}


def init(state: State) -> None:
    """Fill missing keys and reassign the rest.

    Streamlit drops a widget's key once a page without that widget runs;
    assigning it, even to itself, keeps it.
    """
    for key, default in DEFAULTS.items():
        # a fresh copy: what is put into it belongs to this visit alone
        state[key] = state.get(key, dict(default) if isinstance(default, dict) else default)


def tray(state: State) -> Tray:
    """The images that the visitor brought."""
    found: Tray | None = state[Key.TRAY]
    if found is None:
        found = state[Key.TRAY] = Tray()
    return found


def round_key(state: State, key: Key) -> str:
    """Key of an uploader or camera: a new one is empty, which is the only way to empty it."""
    return f"{key}.{state[ROUND[key]]}"


def shown_key(state: State, key: Key) -> str:
    """Key of the widget that shows what stands under `key`."""
    return f"{key}.shown.{state[Key.ROUNDS].get(key, (0, None, None))[0]}"


def fresh(state: State, key: Key, among: str = "") -> tuple[str, Any]:
    """Key of that widget, and the value that it begins with, before it is drawn.

    It is another widget once the value was chosen elsewhere, or `among` others. Were it the
    same one, the browser might take the new value back: each of its messages has what all
    widgets say, and one may be under way.
    """
    rounds = state[Key.ROUNDS]
    count, first, before = rounds.get(key, (0, None, None))
    if before != among or state.get(shown_key(state, key), first) != state[key]:
        count, first, _ = rounds[key] = count + 1, state[key], among
    return shown_key(state, key), first


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
    state[Key.MORE] = tuple(
        point % count if isinstance(point, int) else point
        for point in state[Key.MORE]
        if not isinstance(point, Spot) or point.model == model
    )


def set_stops(state: State, points: list[Point]) -> None:
    """Make these A, B, and what is met after them; at least two."""
    for side, point in zip("AB", points, strict=False):
        choose(state, side, point)
    state[Key.MORE] = tuple(points[2:])


def stop_key(what: str, i: int) -> str:
    """Key of a button that does something to a stop."""
    return f"{Key.STOP}.{what}.{i}"


def keep_key(suffix: str) -> str:
    """Key of the button that downloads a file of that kind."""
    return f"{Key.KEEP}{suffix}"


def stops(state: State) -> list[Point]:
    """A, B, and what is met after them."""
    return [state[Key.A], state[Key.B], *state[Key.MORE]]


def choose_piece(state: State, role: str, piece: int | Upload) -> None:
    """Make `piece` one of the three of Two chairs, and keep the number beside it in step."""
    state[PIECE[role]] = piece
    if isinstance(piece, int):
        state[PIECE_NUMBER[role]] = piece


def photo_key(state: State, role: str) -> str:
    """Key of an uploader: a new one is empty, which is the only way to empty it."""
    return f"{PHOTO[role]}.{state[Key.PHOTO_ROUND]}"


def clear_uploaders(state: State) -> None:
    """Empty the uploaders of Two chairs; photos that are among the three stay."""
    state[Key.PHOTO_ROUND] += 1
    state[Key.PHOTO_ERROR] = None


def fit_pieces(state: State, count: int) -> None:
    """Give the three of Two chairs a meaning in the model that is shown now.

    Args:
        state: of the session.
        count: images of its gallery; a number beyond it is brought inside.
    """
    for role in ROLES:
        state[PIECE_NUMBER[role]] %= count
        piece = state[PIECE[role]]
        if isinstance(piece, int):
            choose_piece(state, role, piece % count)


def choose_random(state: State, side: str, labels: np.ndarray, class_names: list[str]) -> None:
    """Draw an image of the label chosen beside the button."""
    wanted = state[LABEL[side]]
    among = np.arange(len(labels))
    if wanted in class_names:
        among = np.flatnonzero(labels == class_names.index(wanted))
    choose(state, side, int(np.random.default_rng().choice(among)))
