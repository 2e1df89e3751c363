"""What a map is made from: method, dimensions, seed, parameters, images. Checked before the fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from latent.cache import fingerprint
from latent.data import TEST, TRAIN
from latent.errors import InputError
from latent.gallery import Gallery
from latent.parameters import Value, checked_parameters
from latent.projections import (
    ISOMAP_MOST,
    PROJECTIONS,
    TITLES,
    Drawn,
    Projection,
    make_projection,
)

if TYPE_CHECKING:
    from latent.space import LatentSpace

FORMULAS = ("latent", "pca", "lda")  # computed when loaded; no sample, nothing to store
CROWD = 30_000  # images from which t-SNE is fitted on the test split alone
FEWEST = 10  # images that a map can be fitted on
DISTORTION = ".distortion"  # how the names of arrays of maps.npz end
LABEL = "label"  # the model's own classes, beside the causes that are words
VERSION = 3  # of how maps are made: with another one, finished maps are made again


@dataclass(frozen=True)
class Plan:
    """A map that can be made, as far as it can be told before.

    Args:
        method: a name of `latent.projections.PROJECTIONS`.
        dims: 2 or 3.
        seed: of the fit and of the sample.
        parameters: names and values, sorted; see `latent.parameters`.
        sample: images drawn at random to fit on, the rest is placed; None for all that the
            method takes.
        labels: that LDA tells apart: "label", or the name of a cause that is a word.
    """

    method: str
    dims: int
    seed: int = 0
    parameters: tuple[tuple[str, Value], ...] = ()
    sample: int | None = None
    labels: str = LABEL

    def document(self) -> dict[str, Any]:
        """The plan as JSON takes it."""
        return {**asdict(self), "parameters": dict(self.parameters)}

    def key(self, space: LatentSpace) -> str:
        """A name for the map that comes of it: 32 hexadecimal digits of codes and plan."""
        labels = grouped(space.gallery, self.labels) if self.method == "lda" else None
        return fingerprint(VERSION, space.fingerprint, labels, repr(self))


def read_plan(document: Mapping[str, Any], space: LatentSpace) -> Plan:
    """A plan from what somebody asks for, complete and in one form.

    Args:
        document: the fields of a `Plan`, "parameters" as a mapping; what is left out is at
            its default.
        space: the model.

    Raises:
        InputError: this model cannot have such a map; the message names the parameter and
            its range.
    """
    unknown = sorted(set(document) - {*Plan.__dataclass_fields__})
    if unknown:
        raise InputError(f"A map is not told {str(unknown[0])[:40]!r}; it has: "
                         f"{', '.join(Plan.__dataclass_fields__)}.")  # fmt: skip
    method = document.get("method")
    dims, seed, sample = (_whole(document, name) for name in ("dims", "seed", "sample"))
    parameters = document.get("parameters") or {}
    labels = document.get("labels", LABEL)
    if method not in PROJECTIONS:
        make_projection(str(method)[:40], 2)  # which says what there is
    if dims is None or not isinstance(parameters, Mapping) or not isinstance(labels, str):
        raise InputError("A map needs a method, dims 2 or 3, and parameters by their names.")
    if not 0 <= (seed or 0) < 2**32:
        raise InputError(f"seed is a whole number from 0 to {2**32 - 1}; got {seed}.")
    make_projection(str(method), dims)
    checked_parameters(str(method), parameters)
    plan = Plan(str(method), dims, seed or 0, (), sample, labels if method == "lda" else LABEL)
    _check_dims(plan, space)
    plan = _fitting(plan, space)
    count = len(fitted_indices(plan, space.gallery))
    told = checked_parameters(plan.method, parameters, count)
    return replace(plan, parameters=tuple(sorted(told.items())))


def possible(space: LatentSpace) -> dict[str, list[int]]:
    """The methods that can map these codes, each with the dimensions that it can give."""
    width = space.latent_dim
    found = {
        "latent": [width] if width in (2, 3) else [],
        "lda": [dims for dims in (2, 3) if groups_for(space, dims)],
    }
    every = {method: found.get(method, [d for d in (2, 3) if d <= width]) for method in PROJECTIONS}
    return {method: dims for method, dims in every.items() if dims}


def groups_for(space: LatentSpace, dims: int) -> list[str]:
    """What LDA can tell apart in so many dimensions: the label, causes that are words."""
    if dims > space.latent_dim:
        return []
    names = [LABEL, *space.gallery.words]
    return [n for n in names if len(np.unique(grouped(space.gallery, n))) > dims]


def grouped(gallery: Gallery, by: str) -> np.ndarray:
    """Which group each image belongs to, shape (N,).

    Raises:
        InputError: the gallery knows no such grouping.
    """
    if by == LABEL:
        return gallery.labels
    if by not in gallery.words:
        known = ", ".join([LABEL, *gallery.words])
        raise InputError(f"labels is one of: {known}; got {by[:40]!r}.")
    return gallery.factors[by]


def fitted_indices(plan: Plan, gallery: Gallery) -> np.ndarray:
    """The gallery images that the map is fitted on, sorted."""
    n = len(gallery)
    if plan.method == "lda" and (gallery.split == TRAIN).any():
        return np.flatnonzero(gallery.split == TRAIN)
    if plan.sample is not None and plan.sample < n:
        return np.sort(np.random.default_rng(plan.seed).permutation(n)[: plan.sample])
    if plan.sample is None and plan.method == "tsne" and n > CROWD:
        return np.flatnonzero(gallery.split == TEST)
    return np.arange(n)


def fitted_words(plan: Plan, gallery: Gallery) -> str:
    """Which images a map is fitted on, in words."""
    count = len(fitted_indices(plan, gallery))
    if count == len(gallery):
        return f"all {count:,} images"
    if plan.method == "lda":
        return f"the {count:,} training images, the rest placed"
    if plan.sample is None:
        return f"the {count:,} test images, the rest placed"
    return f"{count:,} images drawn at random, the rest placed"


def fit_formula(plan: Plan, gallery: Gallery) -> Projection:
    """A map with a formula, of the whole gallery.

    Raises:
        InputError: these codes cannot be mapped like that.
    """
    projection = make_projection(plan.method, plan.dims, plan.seed, dict(plan.parameters))
    assert not isinstance(projection, Drawn)
    chosen = fitted_indices(plan, gallery)
    labels = grouped(gallery, plan.labels)[chosen] if plan.method == "lda" else None
    projection.fit(gallery.codes[chosen], labels)
    if len(chosen) < len(gallery):
        projection.xy = projection.transform(gallery.codes)
    return projection


def _check_dims(plan: Plan, space: LatentSpace) -> None:
    groups = len(np.unique(grouped(space.gallery, plan.labels)))
    if plan.method == "lda" and groups <= plan.dims:
        others = [name for name in groups_for(space, plan.dims) if name != plan.labels]
        what = f"the {groups} classes of {plan.labels!r}" if groups > 1 else "a single class"
        raise InputError(
            f"LDA of {what} gives at most {groups - 1} dimensions; got dims {plan.dims}. Choose "
            + (f"labels {', '.join(others)}." if others else "another method.")
        )
    width = space.latent_dim
    if plan.method != "latent" and plan.dims > width:
        raise InputError(
            f"{TITLES[plan.method]} cannot give {plan.dims} dimensions from codes of {width}. "
            f"Ask for at most {width}."
        )
    if plan.method == "latent" and plan.dims != width:
        make_projection("latent", plan.dims).fit(space.gallery.codes[:1])  # which says why not


def _fitting(plan: Plan, space: LatentSpace) -> Plan:
    """The plan with the sample that its method takes, in one form for all who mean the same."""
    n = len(space.gallery)
    most = min(n, ISOMAP_MOST) if plan.method == "isomap" else n
    sample = plan.sample
    if sample is not None and not FEWEST <= sample <= most:
        raise InputError(
            f"A map of {space.name} by {plan.method} is fitted on {FEWEST} to {most} images; got "
            f"sample {sample}."
        )
    if plan.method in FORMULAS:
        if sample not in (None, n):
            raise InputError(f"{plan.method} is always fitted on all images; leave out the sample.")
        return replace(plan, sample=None, seed=0)
    if sample is None and not (plan.method == "tsne" and n > CROWD):
        sample = most
    return replace(plan, sample=sample)


def _whole(document: Mapping[str, Any], name: str) -> int | None:
    value = document.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or value % 1:
        raise InputError(f"{name} is a whole number; got {str(value)[:40]!r}.")
    return int(value)
