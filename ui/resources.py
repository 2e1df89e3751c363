"""Everything that is cached, shared by all visitors and never changed."""

from __future__ import annotations

import threading
from contextlib import suppress

import numpy as np
import streamlit as st

from latent import data
from latent.errors import InputError
from latent.runtime import NotPortableError, portable
from latent.space import LatentSpace, load_space
from latent.trust import usual_distances
from ui.live import parcels
from ui.live.parcels import Parcel


@st.cache_resource(show_spinner="Reading the model …")
def space(name: str) -> LatentSpace:
    """A model with its gallery and maps; the network itself is read by its first use."""
    return load_space(name)


@st.cache_resource(show_spinner=False)
def _mnist() -> np.ndarray | None:
    try:
        return data.load_mnist().images
    except InputError:
        return None


def originals(name: str) -> np.ndarray | None:
    """Original images of a model's gallery, (N, H, W) uint8, where the data set is on disk."""
    model = space(name)
    images = (
        _mnist() if data.has_mnist() and model.config["preprocessing"] == "mnist-digit" else None
    )
    return images if images is not None and len(images) == len(model.gallery) else None


@st.cache_data(max_entries=256, show_spinner=False)
def pictures(name: str, indices: tuple[int, ...]) -> np.ndarray:
    """Pictures of gallery images, (n, C, H, W), float32: originals, else decoded ones."""
    found = originals(name)
    if found is not None:
        return found[list(indices)][:, None].astype(np.float32) / 255
    model = space(name)
    return model.decode(model.gallery.codes[list(indices)])


@st.cache_resource(show_spinner=False)
def gallery_parcels(name: str) -> list[Parcel]:
    """The gallery and, where the browser can run it, the decoder: what is needed first is first."""
    model = space(name)
    gallery = model.gallery
    found = [
        parcels.gallery_parcel(gallery.labels, gallery.reconstruction_error, model.class_names),
        parcels.codes_parcel(gallery.codes),
    ]
    with suppress(NotPortableError):
        found.append(parcels.decoder_parcel(portable(model.folder, "decoder")))
    return found


def runs_in_browser(name: str) -> bool:
    """Whether the browser decodes; else the server does, for a way at a time."""
    return any(parcel.slot == "decoder" for parcel in gallery_parcels(name))


@st.cache_resource(max_entries=32, show_spinner=False)
def map_parcel(name: str, map_name: str) -> Parcel:
    """Where the images lie on one map."""
    return parcels.map_parcel(map_name, space(name).map(map_name), len(space(name).gallery))


@st.cache_resource(max_entries=32, show_spinner=False)
def usual(name: str) -> list[float]:
    """How far real images lie from those that the model learned from, in percentiles."""
    distances: list[float] = usual_distances(space(name).gallery).tolist()
    return distances


def warm_up(name: str) -> None:
    """Import torch and read the network in the background, so that the next step is quick."""
    model = space(name)
    if "autoencoder" not in vars(model):  # a cached_property that nobody has asked for
        threading.Thread(target=_read_network, args=(model,), daemon=True).start()


def _read_network(model: LatentSpace) -> None:
    with suppress(InputError):  # the page that needs it shows the same error
        _ = model.autoencoder
