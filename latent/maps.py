"""Maps of a bundle: fitted once, measured, and written beside the codes."""

from __future__ import annotations

import time
from importlib.metadata import version
from typing import Any

import numpy as np

from latent import bundle
from latent.data import TEST
from latent.errors import InputError
from latent.metrics import continuity, trustworthiness
from latent.projections import Drawn, make_projection
from latent.space import LatentSpace

QUALITY_K = 15
CROWD = 30_000  # images from which t-SNE is fitted on the test split alone
LIBRARIES = {"tsne": "openTSNE", "umap": "umap-learn"}


def shipped_maps(latent_dim: int) -> list[tuple[str, int]]:
    """Methods and dimensions that a bundle ships: only what says more than the codes do."""
    if latent_dim <= 3:
        return [("latent", latent_dim)]
    return [(method, dims) for method in ("pca", "tsne", "umap") for dims in (2, 3)]


def add_map(
    space: LatentSpace, method: str, dims: int, seed: int = 0, fit_on: int | None = None
) -> dict[str, Any]:
    """Fit a map of the gallery and write it into the bundle.

    Args:
        space: the model; load it again to see the new map.
        method: a name of `latent.projections.PROJECTIONS`.
        dims: 2 or 3.
        seed: of the fit and of the sample.
        fit_on: fit on that many randomly chosen images and place the rest. If None, UMAP
            is fitted on all of them, and so is t-SNE on up to 30,000; on more it is fitted
            on the test split: at a fixed perplexity its neighbourhoods shrink as images are
            added.

    Returns:
        The map's entry in `maps.json`: method, dims, seed, parameters, what it was fitted
        on, seconds, trustworthiness and continuity (k = 15) on the test codes.

    Raises:
        InputError: unknown method, or one that cannot map these codes.
    """
    projection = make_projection(method, dims, seed)
    codes = space.gallery.codes
    chosen, fitted_on = _fitted(space, method, seed, fit_on)
    if chosen is not None and not isinstance(projection, Drawn):
        raise InputError(f"{method} is always fitted on all images; leave out the sample.")
    start = time.perf_counter()
    projection.fit(codes if chosen is None else codes[chosen])
    xy = projection.xy if chosen is None else projection.transform(codes)
    xy = xy.astype(np.float16).astype(np.float32)  # as it is stored
    info: dict[str, Any] = {
        "method": method,
        "dims": dims,
        "seed": seed,
        "parameters": {
            name: getattr(projection, name)
            for name in ("perplexity", "n_neighbors", "min_dist")
            if hasattr(projection, name)
        },
        "fitted_on": fitted_on,
        "seconds": round(time.perf_counter() - start, 1),
    }
    if method in LIBRARIES:
        info["library"] = f"{LIBRARIES[method]} {version(LIBRARIES[method])}"
    test = space.gallery.split == TEST
    if test.sum() > 2 * QUALITY_K:
        info["measured_on"] = f"the {test.sum():,} test codes, k = {QUALITY_K}"
        info["trustworthiness"] = round(trustworthiness(codes[test], xy[test], QUALITY_K), 4)
        info["continuity"] = round(continuity(codes[test], xy[test], QUALITY_K), 4)
    _write(space, f"{method}{dims}", info, xy if isinstance(projection, Drawn) else None)
    return info


def _fitted(
    space: LatentSpace, method: str, seed: int, fit_on: int | None
) -> tuple[np.ndarray | None, str]:
    """Which images a map is fitted on, and that in words."""
    n = len(space.gallery)
    if fit_on is not None and not 3 <= fit_on <= n:
        raise InputError(f"A map of {space.name} is fitted on 3 to {n} images; got {fit_on}.")
    if fit_on is not None and fit_on < n:
        chosen = np.sort(np.random.default_rng(seed).permutation(n)[:fit_on])
        return chosen, f"{fit_on:,} images drawn at random, the rest placed"
    if fit_on is None and method == "tsne" and n > CROWD:
        test = np.flatnonzero(space.gallery.split == TEST)
        return test, f"the {len(test):,} test images, the rest placed"
    return None, f"all {n:,} images"


def _write(space: LatentSpace, name: str, info: dict[str, Any], xy: np.ndarray | None) -> None:
    """Add one map to what the bundle holds by now, which may be more than at the start."""
    path = space.folder / bundle.MAPS
    named = bundle.MAPS in bundle.read_config(space.folder)["files"]
    arrays = bundle.read_arrays(path) if named else {}
    if xy is not None:
        arrays[name] = xy.astype(np.float16)
    infos = {**bundle.read_maps_info(space.folder), name: info}
    bundle.write_maps(space.folder, arrays, dict(sorted(infos.items())))
