"""What a map can be told: the parameters of each method, their ranges, and what they do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isfinite

import numpy as np

from latent.errors import InputError
from latent.neighbours import METRICS

Progress = Callable[[float], None]  # told the share of the work that is done, 0 to 1
Value = float | int | str


@dataclass(frozen=True)
class Parameter:
    """One thing that a method can be told.

    Args:
        name: as its class and its library call it.
        title: as a reader sees it.
        help: what it does, in words.
        default: which stands for its kind too: int, float or str.
        low: least value of a number.
        high: greatest value of a number, whatever the number of codes.
        choices: of a text.
    """

    name: str
    title: str
    help: str
    default: Value
    low: float = 0.0
    high: float = 0.0
    choices: tuple[str, ...] = ()

    def checked(self, value: object, count: int | None = None) -> Value:
        """The value, in its own kind.

        Args:
            value: as given.
            count: codes that the map is fitted on; None where that is not known yet.

        Raises:
            InputError: it is out of range or of another kind; the message names both.
        """
        if self.choices:
            if value not in self.choices:
                known = ", ".join(self.choices)
                raise InputError(f"{self.name} is one of: {known}; got {str(value)[:40]!r}.")
            return str(value)
        number = _number(value)
        high = self.most(count)
        whole = isinstance(self.default, int)
        if number is None or not self.low <= number <= high or (whole and number % 1):
            kind = "a whole number" if whole else "a number"
            among = "" if count is None else f" for {count:,} codes"
            raise InputError(
                f"{self.name} is {kind} from {self.low:g} to {high:g}{among}; "
                f"got {str(value)[:40]!r}."
            )
        return int(number) if whole else number

    def most(self, count: int | None = None) -> float:
        """Its greatest value, for a map that is fitted on so many codes."""
        if count is None or self.name not in MOST:
            return self.high
        return max(self.low, min(self.high, MOST[self.name](count)))


def _number(value: object) -> float | None:
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return None
    return number if isfinite(number) else None


# a neighbourhood has to leave most codes outside
MOST: dict[str, Callable[[int], float]] = {
    "perplexity": lambda count: (count - 2) // 3,
    "n_neighbors": lambda count: count - 1,
}

_metric = Parameter(
    "metric", "Distance",
    "What *near* means between codes. Euclidean: how far apart they are. Cosine: how far apart "
    "their directions are, whatever their length.",
    "euclidean", choices=METRICS,
)  # fmt: skip
_neighbours = Parameter(
    "n_neighbors", "Neighbours",
    "Codes that each one holds on to. Few: fine detail, and groups that fall apart. Many: the "
    "broad shape, and detail that is lost.",
    15, 2, 500,
)  # fmt: skip
PARAMETERS: dict[str, tuple[Parameter, ...]] = {
    "latent": (),
    "pca": (),
    "lda": (),
    "tsne": (
        Parameter(
            "perplexity", "Perplexity",
            "About how many neighbours each code takes into account. Small: many small islands. "
            "Large: fewer, broader ones.",
            30.0, 2, 500,
        ),
        _metric,
    ),
    "umap": (
        _neighbours,
        Parameter(
            "min_dist", "Least distance",
            "How close together points may lie. Small: dense clumps that show the groups. Large: "
            "points spread out, which shows what lies within a group.",
            0.1, 0.0, 0.99,
        ),
        _metric,
    ),
    "isomap": (_neighbours, _metric),
}  # fmt: skip


def checked_parameters(
    method: str, given: Mapping[str, object], count: int | None = None
) -> dict[str, Value]:
    """Every parameter of a method: as given, else its default.

    Args:
        method: a name of `latent.projections.PROJECTIONS`.
        given: by name.
        count: codes that the map is fitted on, if that is known.

    Raises:
        InputError: a name that the method does not have, or a value out of its range.
    """
    known = {parameter.name: parameter for parameter in PARAMETERS[method]}
    for name in given:
        if name not in known:
            raise InputError(
                f"{method} has no parameter {str(name)[:40]!r}; it has: "
                f"{', '.join(known) or 'none'}."
            )
    return {
        name: parameter.checked(given.get(name, parameter.default), count)
        for name, parameter in known.items()
    }


def check_finite(who: str, codes: np.ndarray) -> None:
    """Refuse codes that are not numbers, which would spoil a map without a word.

    Raises:
        InputError: NaN or infinity among them.
    """
    bad = int((~np.isfinite(codes)).any(axis=1).sum())
    if bad:
        raise InputError(
            f"{who} needs finite codes; {bad} of {len(codes)} hold NaN or infinity. "
            "Make the gallery of the model again."
        )
