"""Draws as a whole against the test images: what a prior, a mixture and one Gaussian are worth.

`python -m benchmarks.sampling` prints the Fréchet distance of 10,000 decoded draws of `mnist-ae`
and `mnist-vae` from each, over three seeds; `--components` tries other numbers of components.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from benchmarks.live import row
from latent import InputError, load_space
from latent.mixture import Mixture
from latent.priors import COMPONENTS, mixture_of, one_gaussian, own_prior, standard_normal
from latent.sampling import frechet_distance
from latent.space import LatentSpace

MODELS = ("mnist-ae", "mnist-vae")
COUNT = 10_000
SEEDS = 3
TRIED = (10, 20, 40, 80)


def sources(space: LatentSpace) -> dict[str, Mixture]:
    """What a model's codes may be drawn from."""
    found = {"one Gaussian": one_gaussian(space.gallery.codes)}
    if own_prior(space) == "prior":
        found["prior N(0, I)"] = standard_normal(space.latent_dim)
    counts = TRIED if "--components" in sys.argv else (COMPONENTS,)
    return found | {f"mixture of {k}": mixture_of(space, k) for k in counts}


def measure() -> list[dict[str, Any]]:
    """All rows; the mixture's is held against the one Gaussian's."""
    seeds = 1 if "--components" in sys.argv else SEEDS
    rows, means = [], {}
    for name in MODELS:
        space = load_space(name)
        for title, source in sources(space).items():
            found = [
                frechet_distance(space, source, COUNT, np.random.default_rng(seed))
                for seed in range(seeds)
            ]
            means[name, title] = float(np.mean(found))
            words = f"Fréchet distance of {COUNT:,} draws, {name}, {title}"
            rows.append(row(f"{words}, mean of {seeds}", means[name, title], ""))
            print(f"{words}: {np.mean(found):.2f} ({min(found):.2f} to {max(found):.2f})",
                  flush=True)  # fmt: skip
    ratio = means["mnist-ae", f"mixture of {COMPONENTS}"] / means["mnist-ae", "one Gaussian"]
    return [*rows, row("Fréchet distance, mnist-ae, mixture over one Gaussian", ratio, "", 0.5)]


def main() -> int:
    """Print the table; 2 with one line for a model that is not there, 1 for a missed figure."""
    try:
        rows = measure()
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"{rows[-1]['name']} {rows[-1]['value']:.3f} (at most {rows[-1]['limit']})")
    return 0 if rows[-1]["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
