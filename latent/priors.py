"""Which codes are likely: a model's own prior, or a mixture fitted to its training codes.

Both are a `latent.mixture.Mixture`, so whatever draws codes or weighs them takes either. The
codes of a vae were trained to follow N(0, I), which is a mixture of one round component; a
plain autoencoder has no prior, and a mixture takes its place.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import numpy as np

from latent import bundle
from latent.cache import cache_folder, fingerprint
from latent.data import TRAIN
from latent.errors import InputError
from latent.mixture import Mixture
from latent.space import LatentSpace

PRIORS = ("prior", "mixture")
COMPONENTS = 20
FITTED_ON = 10_000  # training codes, drawn at random: more change little and take longer
STEPS = 60  # of EM, at most
ARRAYS = ("weights", "means", "covariances")


def own_prior(space: LatentSpace) -> str:
    """The name in `PRIORS` of what suits a model: its prior where it has one."""
    return "prior" if space.config["kind"] == "vae" else "mixture"


def prior_of(space: LatentSpace, name: str) -> Mixture:
    """What says which codes of a model are likely.

    Args:
        space: the model.
        name: one of `PRIORS`.

    Raises:
        InputError: an unknown name; the prior of a model without one; codes that no mixture
            can be fitted to.
    """
    if name not in PRIORS:
        raise InputError(f"Unknown prior {name[:40]!r}; choose one of: {', '.join(PRIORS)}.")
    if name == "mixture":
        return mixture_of(space)
    if own_prior(space) != "prior":
        raise InputError(
            f"{space.name} is a plain autoencoder and has no prior: nothing in its training said "
            "which codes are likely. Use the mixture, which is fitted to its codes."
        )
    return standard_normal(space.latent_dim)


def standard_normal(dims: int) -> Mixture:
    """N(0, I) as a mixture of one component."""
    return Mixture(np.ones(1), np.zeros((1, dims)), np.ones(1), "spherical")


def one_gaussian(codes: np.ndarray) -> Mixture:
    """The Gaussian of the same mean and covariance as codes of shape (N, latent_dim)."""
    x = codes.astype(np.float64)
    return Mixture(np.ones(1), x.mean(0)[None], np.cov(x, rowvar=False, ddof=0)[None], "full")


def mixture_of(space: LatentSpace, components: int = COMPONENTS) -> Mixture:
    """A mixture fitted to training codes, from the cache or made and put there.

    Making it takes some seconds; reading it, some milliseconds. A cache that cannot be
    written or is damaged only costs the time.

    Args:
        space: the model.
        components: how many; fewer where there are not enough codes.

    Raises:
        InputError: codes that no mixture can be fitted to.
    """
    from latent.clusters import fit

    codes = space.gallery.codes[space.gallery.split == TRAIN]
    codes = codes if len(codes) else space.gallery.codes
    if len(codes) > FITTED_ON:
        chosen = np.random.default_rng(0).choice(len(codes), FITTED_ON, replace=False)
        codes = codes[np.sort(chosen)]
    # a component of D numbers needs more points than that to have a shape
    components = max(1, min(components, len(codes) // (2 * space.latent_dim)))
    path = cache_folder() / "mixtures" / f"{fingerprint(codes, components, STEPS)}.npz"
    found = _read(path, components, space.latent_dim)
    if found is None:
        found = fit(codes, components, max_steps=STEPS).mixture
        _write(path, found)
    return found


def _read(path: Path, components: int, dims: int) -> Mixture | None:
    """What the cache holds, unless it is damaged."""
    shapes = ((components,), (components, dims), (components, dims, dims))
    with suppress(InputError, np.linalg.LinAlgError):
        arrays = bundle.read_arrays(path, ARRAYS)
        parts = [arrays[name].astype(np.float64) for name in ARRAYS]
        if all(part.shape == shape for part, shape in zip(parts, shapes, strict=True)):
            np.linalg.cholesky(parts[2])  # raises where a covariance is none
            return Mixture(parts[0], parts[1], parts[2], "full")
    return None


def _write(path: Path, mixture: Mixture) -> None:
    with suppress(OSError):
        bundle.write_arrays(path, {name: getattr(mixture, name) for name in ARRAYS})
