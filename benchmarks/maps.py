"""Shipped maps beside scikit-learn's t-SNE and umap-learn's UMAP at their defaults, on the
same test codes: `python -m benchmarks.maps`.

It takes some minutes a model.
"""

from __future__ import annotations

import sys
import warnings

import numpy as np

from latent import load_space, model_names
from latent.data import TEST
from latent.maps import QUALITY_K
from latent.metrics import continuity, trustworthiness

MARGIN = 0.005  # by how much a shipped map may fall behind


def main() -> int:
    """Print a table and fail where a shipped map falls behind its library by more than `MARGIN`."""
    behind = 0
    for name in model_names():
        space = load_space(name)
        for title, info in space.maps_info.items():
            print(f"{name} {title:13}  {info['trustworthiness']:.4f}  {info['continuity']:.4f}")
        codes = space.gallery.codes[space.gallery.split == TEST]
        for title, library in (("tsne2", "sklearn t-SNE"), ("umap2", "umap-learn")):
            if title not in space.map_names:
                continue
            xy = _default(title, codes)
            theirs = trustworthiness(codes, xy, QUALITY_K), continuity(codes, xy, QUALITY_K)
            print(f"{name} {library:13}  {theirs[0]:.4f}  {theirs[1]:.4f}")
            ours = space.maps_info[title]
            behind += ours["trustworthiness"] < theirs[0] - MARGIN
            behind += ours["continuity"] < theirs[1] - MARGIN
    return 1 if behind else 0


def _default(title: str, codes: np.ndarray) -> np.ndarray:
    """The library's map of these codes, all at its defaults but the seed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a seed makes umap-learn use one core
        if title == "tsne2":
            from sklearn.manifold import TSNE

            return TSNE(random_state=0, n_jobs=-1).fit_transform(codes)
        from umap import UMAP

        return UMAP(random_state=0).fit_transform(codes)


if __name__ == "__main__":
    sys.exit(main())
