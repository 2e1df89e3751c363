"""Maps of a gallery: fitted, measured, and written into a bundle beside the codes."""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from typing import Any

import numpy as np

from latent import bundle
from latent.fidelity import distortion
from latent.neighbours import nearest
from latent.parameters import Progress
from latent.plan import (
    DISTORTION,
    FORMULAS,
    LABEL,
    Plan,
    fit_formula,
    fitted_indices,
    fitted_words,
    read_plan,
)
from latent.projections import PLACED_BY, Drawn, Projection, make_projection
from latent.quality import K, at_k, measure, measured_on
from latent.space import LatentSpace
from latent.truth import true_neighbours

QUALITY_K = K
LIBRARIES = {"tsne": "openTSNE", "umap": "umap-learn"}


def shipped_maps(latent_dim: int) -> list[tuple[str, int]]:
    """Methods and dimensions that a bundle ships: only what says more than the codes do."""
    if latent_dim <= 3:
        return [("latent", latent_dim)]
    return [(method, dims) for method in ("pca", "tsne", "umap") for dims in (2, 3)]


def make_map(
    space: LatentSpace, plan: Plan, progress: Progress | None = None
) -> tuple[Projection, dict[str, Any]]:
    """Fit a map of the whole gallery.

    Args:
        space: the model.
        plan: as `read_plan` gives it.
        progress: told the share of the work that is done.

    Returns:
        The map, and what is known of it: method, dims, seed, parameters, what it was
        fitted on, seconds, library.

    Raises:
        InputError: these codes cannot be mapped like that.
    """
    start = time.perf_counter()
    projection = _fitted(space, plan, progress)
    info: dict[str, Any] = {
        "method": plan.method,
        "dims": plan.dims,
        "seed": plan.seed,
        "parameters": dict(plan.parameters),
        "fitted_on": fitted_words(plan, space.gallery),
        "seconds": round(time.perf_counter() - start, 1),
    }
    if plan.labels != LABEL:
        info["labels"] = plan.labels
    if plan.method in LIBRARIES:
        info["library"] = f"{LIBRARIES[plan.method]} {version(LIBRARIES[plan.method])}"
    return projection, info


def measured(
    space: LatentSpace, xy: np.ndarray, progress: Progress | None = None
) -> dict[str, Any]:
    """What is said of a map's quality: "measured_on", two figures to quote, and all curves.

    Args:
        space: the model.
        xy: where its gallery lies, shape (N, 2 or 3), as it is stored.
        progress: told the share of the work that is done.

    Returns:
        Nothing for a gallery that is too small.
    """
    quality = measure(space.gallery, xy, progress)
    if quality is None:
        return {}
    return {
        "measured_on": f"the {len(measured_on(space.gallery)):,} test codes, k = {K}",
        "trustworthiness": at_k(quality, "trustworthiness"),
        "continuity": at_k(quality, "continuity"),
        "quality": quality,
    }


def add_map(
    space: LatentSpace,
    method: str,
    dims: int,
    seed: int = 0,
    fit_on: int | None = None,
    parameters: Mapping[str, object] | None = None,
    labels: str = LABEL,
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
        parameters: of the method, by name.
        labels: that LDA tells apart: "label" or the name of a cause.

    Returns:
        The map's entry in `maps.json`: method, dims, seed, parameters, what it was fitted
        on, seconds, trustworthiness and continuity (k = 15) on the test codes, and all
        that `latent.quality` measures.

    Raises:
        InputError: unknown method, or one that cannot map these codes.
    """
    asked = {"method": method, "dims": dims, "seed": seed, "sample": fit_on,
             "parameters": parameters or {}, "labels": labels}  # fmt: skip
    plan = read_plan(asked, space)
    projection, info = make_map(space, plan)
    stored = isinstance(projection, Drawn)
    xy = projection.xy.astype(np.float16).astype(np.float32) if stored else projection.xy
    name = f"{method}{dims}"
    arrays = {name: xy.astype(np.float16)} if stored else {}
    info |= {"seed": seed, **measured(space, xy)}
    _write(space, {name: info}, arrays | _distortion(space, name, xy))
    return info


def measure_maps(space: LatentSpace) -> dict[str, Any]:
    """Measure every map of a bundle again and write down what is found.

    Args:
        space: the model; load it again to see the figures.

    Returns:
        The entries of `maps.json`.

    Raises:
        InputError: a map of the bundle is damaged.
    """
    infos: dict[str, Any] = {}
    arrays: dict[str, np.ndarray] = {}
    for name, info in space.maps_info.items():
        xy = space.map(name).xy
        infos[name] = {**info, **measured(space, xy)}
        arrays |= _distortion(space, name, xy)
    _write(space, infos, arrays)
    return infos


def in_steps(shares: np.ndarray) -> np.ndarray:
    """Shares in [0, 1] as steps of 1/254, uint8."""
    return np.rint(shares * 254).astype(np.uint8)


def _fitted(space: LatentSpace, plan: Plan, progress: Progress | None) -> Projection:
    if plan.method in FORMULAS:
        return fit_formula(plan, space.gallery)
    codes, chosen = space.gallery.codes, fitted_indices(plan, space.gallery)
    projection = make_projection(plan.method, plan.dims, plan.seed, dict(plan.parameters))
    assert isinstance(projection, Drawn)
    if len(chosen) == len(codes):
        return projection.fit(codes, progress=progress)
    with ThreadPoolExecutor(1) as beside:  # where the others go depends on codes alone
        near = beside.submit(nearest, codes[chosen], codes, PLACED_BY)
        projection.fit(codes[chosen], progress=progress)
        return projection.restore(codes, projection.among(*near.result()))


def _distortion(space: LatentSpace, name: str, xy: np.ndarray) -> dict[str, np.ndarray]:
    lost = distortion(true_neighbours(space.gallery.codes), xy)
    return {name + DISTORTION: in_steps(lost)}


def _write(space: LatentSpace, infos: dict[str, Any], found: dict[str, np.ndarray]) -> None:
    """Add maps to what the bundle holds by now, which may be more than at the start."""
    path = space.folder / bundle.MAPS
    named = bundle.MAPS in bundle.read_config(space.folder)["files"]
    arrays = bundle.read_arrays(path) if named else {}
    infos = {**bundle.read_maps_info(space.folder), **infos}
    bundle.write_maps(space.folder, {**arrays, **found}, dict(sorted(infos.items())))
