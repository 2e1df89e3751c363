"""Shipped maps beside scikit-learn's t-SNE on the same codes: `python -m benchmarks.maps`.

It takes some minutes a model.
"""

from __future__ import annotations

import sys

from latent import load_space, model_names
from latent.data import TEST
from latent.maps import QUALITY_K
from latent.metrics import continuity, trustworthiness

MARGIN = 0.005  # by how much a shipped t-SNE may fall behind


def main() -> int:
    """Print a table and fail where a shipped 2-D t-SNE falls behind by more than `MARGIN`."""
    from sklearn.manifold import TSNE

    behind = 0
    for name in model_names():
        space = load_space(name)
        if "tsne2" not in space.map_names:
            continue
        codes = space.gallery.codes[space.gallery.split == TEST]
        xy = TSNE(random_state=0, n_jobs=-1).fit_transform(codes)
        theirs = trustworthiness(codes, xy, QUALITY_K), continuity(codes, xy, QUALITY_K)
        print(f"{name} sklearn t-SNE  {theirs[0]:.4f}  {theirs[1]:.4f}")
        for title, info in space.maps_info.items():
            print(f"{name} {title:13}  {info['trustworthiness']:.4f}  {info['continuity']:.4f}")
        ours = space.maps_info["tsne2"]
        behind += ours["trustworthiness"] < theirs[0] - MARGIN
        behind += ours["continuity"] < theirs[1] - MARGIN
    return 1 if behind else 0


if __name__ == "__main__":
    sys.exit(main())
