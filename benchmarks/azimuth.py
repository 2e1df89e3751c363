"""How well a linear map of codes tells from where a piece is seen, and whom it tells it badly:
`python -m benchmarks.azimuth MODEL`.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from latent import InputError, load_space
from latent.data import TRAIN
from latent.disentanglement import probed
from latent.furniture.shown import shown
from latent.gallery import Gallery

WORST = 40
NEARLY_SQUARE, SQUARE = 0.8, 0.9  # shorter by longer side
DRAWS = 1000  # of test pieces with replacement: how much of a figure is their choice


def measure(gallery: Gallery) -> dict[str, Any]:
    """Fit on the training codes, judge on the test codes of pieces that have an azimuth.

    Args:
        gallery: codes with the causes of their images, as `latent.furniture` names them.

    Returns:
        "count" of pieces judged; "degrees", their errors, sorted; "cosine_r2" and
        "cosine_between", where it lies in 95 % of draws of as many pieces; "worst_share", what
        part of the cosine's squared error the worst `WORST` have; "hard" and "others": "count",
        "share" of that error and "cosine_r2" of tables that are seen alike from two sides and
        are nearly square, or have a front and are square, and of all other pieces.

    Source: the bootstrap: Efron 1979.
    """
    factors = gallery.factors
    turn = np.deg2rad(shown(factors)["azimuth"].astype(np.float64))
    places = np.column_stack([np.sin(turn), np.cos(turn)])
    judged, said = probed(gallery.codes, places, gallery.split == TRAIN)
    apart = np.arctan2(said[:, 0], said[:, 1]) - turn[judged]
    cosine = places[judged, 1]
    missed = np.square(said[:, 1] - cosine)

    def r2(of: np.ndarray) -> float:
        return float(1 - missed[of].sum() / np.square(cosine[of] - cosine[of].mean()).sum())

    def group(of: np.ndarray) -> dict[str, float]:
        share = float(missed[of].sum() / missed.sum())
        return {"count": int(of.sum()), "share": share, "cosine_r2": r2(of)}

    rng, n = np.random.default_rng(0), len(missed)
    drawn = [r2(rng.integers(0, n, n)) for _ in range(DRAWS)]
    table, alike = gallery.labels[judged] == 1, factors["symmetry"][judged]
    sides = np.stack([factors["width"][judged], factors["depth"][judged]])
    oblong = sides.min(0) / sides.max(0)
    hard = table & (
        ((alike == 1) & (oblong > NEARLY_SQUARE) & (oblong <= SQUARE))
        | ((alike == 0) & (oblong > SQUARE))
    )
    return {
        "count": n,
        "degrees": np.sort(np.rad2deg(np.abs(np.arctan2(np.sin(apart), np.cos(apart))))),
        "cosine_r2": r2(np.ones(n, bool)),
        "cosine_between": np.quantile(drawn, [0.025, 0.975]).tolist(),
        "worst_share": float(np.sort(missed)[::-1][:WORST].sum() / missed.sum()),
        "hard": group(hard),
        "others": group(~hard),
    }


def main() -> int:
    """Print the figures; 2 with one line where there is nothing to measure."""
    if len(sys.argv) != 2:
        print("usage: python -m benchmarks.azimuth MODEL", file=sys.stderr)
        return 2
    try:
        gallery = load_space(sys.argv[1]).gallery
        if not {"azimuth", "symmetry", "width", "depth"} <= set(gallery.factors):
            raise InputError(f"{sys.argv[1]} does not know from where its images are seen.")
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    figures = measure(gallery)
    degrees = figures["degrees"]
    print(
        f"{figures['count']} test pieces: off by {np.median(degrees):.1f}° (median), "
        f"{(degrees < 10).mean():.1%} by less than 10°"
    )
    low, high = figures["cosine_between"]
    print(f"R² of the cosine: {figures['cosine_r2']:.3f} ({low:.3f} to {high:.3f})")
    print(f"of its squared error the worst {WORST} pieces have {figures['worst_share']:.0%}")
    for name, title in (("hard", "tables that are nearly square"), ("others", "all others")):
        row = figures[name]
        print(
            f"{title}: {row['count']} pieces, {row['share']:.0%} of the error, "
            f"R² of the cosine {row['cosine_r2']:.3f}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
