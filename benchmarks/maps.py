"""Shipped maps beside scikit-learn's t-SNE and umap-learn's UMAP at their defaults, measured on
the same test codes: `python -m benchmarks.maps [MODEL …]`, some minutes a model.

`python -m benchmarks.maps steps` is about maps of 10,000 codes that a visitor makes: what they
lose by fewer steps than the libraries' own.
"""

from __future__ import annotations

import sys
import warnings

import numpy as np

from latent import load_space, model_names
from latent.data import TEST
from latent.maps import QUALITY_K
from latent.metrics import continuity, trustworthiness
from latent.plan import CROWD, fitted_indices, read_plan
from latent.projections import make_projection

MARGIN = 0.005  # by how much a shipped map may fall behind
SEEDS = (0, 1, 2)


def main() -> int:
    """Print a table and fail where a shipped map falls behind its library by more than `MARGIN`."""
    if sys.argv[1:] == ["steps"]:
        return steps()
    behind = 0
    for name in sys.argv[1:] or model_names():
        space = load_space(name)
        for title, info in space.maps_info.items():
            print(
                f"{name} {title:13}  {info['trustworthiness']:.4f}  {info['continuity']:.4f}",
                flush=True,
            )
        test = space.gallery.split == TEST
        codes = space.gallery.codes[test]
        # as our t-SNE is: of many images the test codes alone, where our UMAP is of all
        fitted = test if len(test) > CROWD else np.ones_like(test)
        for title, library in (("tsne2", "sklearn t-SNE"), ("umap2", "umap-learn")):
            if title not in space.map_names:
                continue
            xy = _default(title, space.gallery.codes[fitted])[test[fitted]]
            theirs = trustworthiness(codes, xy, QUALITY_K), continuity(codes, xy, QUALITY_K)
            print(f"{name} {library:13}  {theirs[0]:.4f}  {theirs[1]:.4f}", flush=True)
            ours = space.maps_info[title]
            behind += ours["trustworthiness"] < theirs[0] - MARGIN
            behind += ours["continuity"] < theirs[1] - MARGIN
    return 1 if behind else 0


def steps(model: str = "mnist-vae") -> int:
    """Print figures of our maps of 10,000 codes beside the libraries' own, seed by seed."""
    space = load_space(model)
    behind = 0
    for method in ("umap", "tsne"):
        for seed in SEEDS:
            plan = read_plan({"method": method, "dims": 2, "seed": seed, "sample": 10_000}, space)
            codes = space.gallery.codes[fitted_indices(plan, space.gallery)]
            ours, theirs = (
                (trustworthiness(codes, xy, QUALITY_K), continuity(codes, xy, QUALITY_K))
                for xy in (
                    make_projection(method, 2, seed).fit(codes).xy, _library(method, codes, seed)
                )
            )  # fmt: skip
            print(f"{method} seed {seed}: trustworthiness {ours[0]:.4f} ({theirs[0]:.4f}), "
                  f"continuity {ours[1]:.4f} ({theirs[1]:.4f})", flush=True)  # fmt: skip
            behind += ours[0] < theirs[0] - MARGIN or ours[1] < theirs[1] - MARGIN
    return 1 if behind else 0


def _library(method: str, codes: np.ndarray, seed: int) -> np.ndarray:
    """The map of the library that we use, at its defaults but the seed."""
    if method == "umap":
        return _default("umap2", codes, seed)
    import openTSNE

    return np.asarray(openTSNE.TSNE(random_state=seed, n_jobs=-1).fit(codes))


def _default(title: str, codes: np.ndarray, seed: int = 0) -> np.ndarray:
    """The library's map of these codes, all at its defaults but the seed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a seed makes umap-learn use one core
        if title == "tsne2":
            from sklearn.manifold import TSNE

            return TSNE(random_state=seed, n_jobs=-1).fit_transform(codes)
        import umap

        return umap.UMAP(random_state=seed).fit_transform(codes)


if __name__ == "__main__":
    sys.exit(main())
