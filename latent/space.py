"""LatentSpace: an autoencoder with its gallery and its maps."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from latent import bundle
from latent.cache import fingerprint
from latent.data import TRAIN
from latent.errors import InputError
from latent.gallery import LOGVAR, read_gallery
from latent.graph import NeighbourGraph, neighbour_graph
from latent.made import described, is_key, load
from latent.neighbours import Searched, nearest, on_sphere
from latent.numpy_network import NumpyNetwork
from latent.paths import walk
from latent.placement import Placement, place, read_standard, tally
from latent.plan import DISTORTION, FORMULAS, LABEL, Plan, fit_formula
from latent.projections import Drawn, Projection, make_projection
from latent.runtime import NotPortableError, portable
from latent.standard import Standard

if TYPE_CHECKING:
    from latent.autoencoder import Autoencoder

KEPT = 8  # made maps in memory
VOTERS = 10  # nearest codes that vote for a label, unless the config says otherwise


class LatentSpace:
    """A pretrained autoencoder, the codes of its data set, and maps of them.

    Load one with `load_space`. It is shared between threads and never changes.
    The network is read from disk by the first `encode` or `decode`; torch is imported by the
    first `decode`, and where the network has layers that only torch runs.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = bundle.read_config(folder)
        bundle.check_files(folder, self.config)
        self.name: str = self.config["name"]
        self.latent_dim: int = self.config["latent_dim"]
        self.image_shape: tuple[int, int, int] = tuple(self.config["image_shape"])
        self.class_names: list[str] = self.config["class_names"]
        self.voters: int = self.config.get("voters", VOTERS)
        self.voting_units: str = self.config.get("voting_units", "prior")
        self.colour_numbers: int = self.config.get("colour_numbers", 0)
        self.gallery = read_gallery(
            folder, self.latent_dim, len(self.class_names), self.config.get("factor_words")
        )
        self.maps_info = bundle.read_maps_info(folder)
        self._projections: dict[str, Projection] = {}
        self._searched: dict[int, Searched] = {}  # by array, all of which live as long as this
        self._made: dict[str, Projection] = {}
        self._lock = threading.Lock()

    @cached_property
    def autoencoder(self) -> Autoencoder:
        """The network.

        Raises:
            InputError: the weights do not fit the architecture in the config.
        """
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        from latent.autoencoder import Architecture, Autoencoder

        path = self.folder / bundle.WEIGHTS
        try:
            network = Autoencoder(Architecture.from_config(self.config))
            network.load_state_dict(load_file(path))
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(
                f"{self.folder / bundle.CONFIG}: the field 'architecture' is wrong: {error}."
            ) from error
        except (SafetensorError, RuntimeError) as error:
            raise InputError(f"{path} does not fit the architecture: {_line(error)}") from error
        return network.eval()

    @cached_property
    def _encoder(self) -> NumpyNetwork | None:
        return self._in_numpy("encoder")

    @cached_property
    def _decoder(self) -> NumpyNetwork | None:
        return self._in_numpy("decoder")

    def _in_numpy(self, part: str) -> NumpyNetwork | None:
        """A part of the network without torch, unless it has layers that only torch runs."""
        with suppress(NotPortableError):
            return NumpyNetwork(portable(self.folder, part, limit=None, precision=np.float32))
        return None

    @property
    def center(self) -> np.ndarray | None:
        """What great circles go around: the mean of the codes for an ae, 0 for a vae."""
        return self.gallery.codes.mean(0) if self.config["kind"] == "ae" else None

    @cached_property
    def _resolution(self) -> np.ndarray:
        """How finely the encoder resolves each number, 1 in the mean, shape (latent_dim,)."""
        logvar = self.gallery.logvar
        if logvar is None:
            return np.ones(self.latent_dim, np.float32)
        resolution = np.sqrt(np.exp(-logvar.astype(np.float64)).mean(axis=0))
        return (resolution / resolution.mean()).astype(np.float32)

    def resolved(self, codes: np.ndarray) -> np.ndarray:
        """Codes, shape (B, latent_dim), in whose distances a number counts as it is resolved.

        The encoder of a vae says how finely it writes down each number; what it writes
        finely matters to the picture. Codes of an ae stay as they are.
        """
        return codes * self._resolution

    def in_voting_units(self, codes: np.ndarray) -> np.ndarray:
        """Codes, shape (B, latent_dim), as their distances count where neighbours vote.

        In "prior" units they are as they are, in "posterior" units as `resolved` gives
        them. Which of the two a model uses stands in its config; models/README.md says what
        either gives.
        """
        return codes if self.voting_units == "prior" else self.resolved(codes)

    @cached_property
    def resolved_codes(self) -> np.ndarray:
        """Codes of the gallery as `resolved` gives them."""
        return self.resolved(self.gallery.codes)

    @property
    def voting_codes(self) -> np.ndarray:
        """Codes of the gallery as `in_voting_units` gives them."""
        return self.gallery.codes if self.voting_units == "prior" else self.resolved_codes

    @cached_property
    def directions(self) -> np.ndarray:
        """Codes of the gallery on a sphere, where cosine similarity is a distance."""
        return on_sphere(self.gallery.codes, 0)

    def searched(self, codes: np.ndarray) -> Searched:
        """The gallery's codes in one of their units, ready for the nearest to be found."""
        found = self._searched.get(id(codes))
        return found or self._searched.setdefault(id(codes), Searched(codes))

    @property
    def taught_to_doubt(self) -> bool:
        """Whether its encoder was taught to be unsure of what the model does not know."""
        taught = self.config["kind"] == "vae" and self.config.get("taught_to_doubt")
        return bool(taught) and self.gallery.logvar is not None

    @cached_property
    def standard(self) -> Standard:
        """How the test images fare, against which an image is judged.

        It ships with a model; else the first use makes it, which takes some seconds.
        """
        return read_standard(self)

    @cached_property
    def fingerprint(self) -> str:
        """A name for the gallery's codes and split, 32 hexadecimal digits: what maps depend on."""
        return fingerprint(self.gallery.codes, self.gallery.split)

    @property
    def map_names(self) -> list[str]:
        """Names of the maps in the bundle, as method and dimensions: "umap2"."""
        return list(self.maps_info)

    def encode(self, images: np.ndarray) -> np.ndarray:
        """Codes of images.

        Args:
            images: shape (B, C, H, W), float32 in [0, 1].

        Returns:
            mu, shape (B, latent_dim), float32: of each image the same to the last bit,
            whatever is encoded with it.

        Raises:
            InputError: images of another shape than the model's.
        """
        return self.posterior(images)[0]

    def posterior(self, images: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """Codes of images as `encode` gives them, and how unsure the encoder is of each.

        Returns:
            mu, and ln σ² of the same shape, None for an ae.

        Raises:
            InputError: images of another shape than the model's.
        """
        if images.ndim != 4 or images.shape[1:] != self.image_shape:
            raise InputError(
                f"{self.name} needs images of shape (B, {', '.join(map(str, self.image_shape))}); "
                f"got {images.shape}. Prepare them with latent.images.prepare()."
            )
        run = self._encoder or self.autoencoder.encode_each
        rows = run(images)
        logvar = np.clip(rows[:, self.latent_dim :], *LOGVAR)
        return rows[:, : self.latent_dim], logvar if logvar.shape[1] else None

    def decode(self, codes: np.ndarray) -> np.ndarray:
        """Images of codes.

        Args:
            codes: shape (B, latent_dim), float32.

        Returns:
            Images, shape (B, C, H, W), float32 in [0, 1].

        Raises:
            InputError: codes of another width, or not finite.
        """
        if codes.ndim != 2 or codes.shape[1] != self.latent_dim:
            raise InputError(
                f"{self.name} needs codes of shape (B, {self.latent_dim}); got {codes.shape}."
            )
        if not np.isfinite(codes).all():
            raise InputError(f"{self.name} needs finite codes; got NaN or infinity.")
        return self.autoencoder.decode(codes)

    def decode_each(self, codes: np.ndarray) -> np.ndarray:
        """As `decode`, but each the same to the last bit whatever is decoded with it.

        It needs no torch, and is slower than `decode` for many codes.
        """
        if self._decoder is None:
            return self.autoencoder.decode_each(codes)
        return self._decoder(codes)

    def code(self, index: int) -> np.ndarray:
        """Code of a gallery image, shape (latent_dim,).

        Raises:
            InputError: no image has that number.
        """
        if not 0 <= index < len(self.gallery):
            raise InputError(
                f"{self.name} has no image {index}; choose a number from 0 to "
                f"{len(self.gallery) - 1}."
            )
        code: np.ndarray = self.gallery.codes[index]
        return code

    def neighbours(
        self, code: np.ndarray, k: int = VOTERS, metric: str = "euclidean"
    ) -> tuple[np.ndarray, np.ndarray]:
        """Gallery indices and distances of the k codes nearest to one of shape (latent_dim,)."""
        indices, distances = nearest(self.gallery.codes, code[None], k, metric)
        return indices[0], distances[0]

    def walk(self, z0: np.ndarray, z1: np.ndarray, n_steps: int, path: str = "lerp") -> np.ndarray:
        """Codes from one to another, shape (n_steps, latent_dim); see `latent.paths`."""
        graph = self.graph if path == "graph" else None
        return walk(path, z0, z1, n_steps, self.center, graph)

    @cached_property
    def graph(self) -> NeighbourGraph:
        """The neighbour graph of the training codes, which ways along the data follow.

        The first use on a machine makes it, which takes some seconds; later ones read it
        from the cache. Where no image is one of training, it is made of all codes.
        """
        codes = self.gallery.codes[self.gallery.split == TRAIN]
        return neighbour_graph(codes if len(codes) else self.gallery.codes)

    def map(self, name: str) -> Projection:
        """A map of the gallery: `xy` for its images, `transform` for other codes.

        Args:
            name: of a map of the bundle, or the key of one that was made (`latent.made`).

        Raises:
            InputError: no such map, or the file that holds it is wrong.
        """
        if is_key(name):
            return self._made_map(name)
        self._check_name(name)
        with self._lock:
            if name not in self._projections:
                self._projections[name] = self._load_map(name)
            return self._projections[name]

    def map_info(self, name: str) -> dict[str, Any]:
        """What is known of a map: an entry of `maps.json`, or the like of a made map.

        Raises:
            InputError: no such map.
        """
        if is_key(name):
            return described(self, name).info
        self._check_name(name)
        info: dict[str, Any] = self.maps_info[name]
        return info

    def distortion(self, name: str) -> np.ndarray | None:
        """Of each point of a map the share of its true neighbours that it lost, if measured.

        Returns:
            Shape (N,), uint8, in steps of 1/254; see `latent.fidelity.distortion`.

        Raises:
            InputError: no such map, or a file is damaged.
        """
        if is_key(name):
            return load(self, name).get("distortion")
        path = self.folder / bundle.MAPS
        found = bundle.read_arrays(path) if path.is_file() else {}
        lost = found.get(name + DISTORTION)
        fits = lost is not None and lost.shape == (len(self.gallery),) and lost.dtype == np.uint8
        return lost if fits else None

    def place(self, image: np.ndarray) -> Placement:
        """Find where an image lands among those of the gallery.

        Args:
            image: shape (C, H, W), float32 in [0, 1], prepared as the model was trained.

        Returns:
            The same to the last bit for the same image, alone or among others, on one
            machine and one set of versions.

        Raises:
            InputError: an image of another shape than the model's.
        """
        return place(self, image, max(VOTERS, self.voters))

    def place_all(self, images: np.ndarray) -> list[Placement]:
        """Where each of some images lands, shape (B, C, H, W): what `place` says of each."""
        return [self.place(image) for image in images]

    def warm_up(self) -> None:
        """Read and compute everything that `place` needs, which takes a second or two."""
        self.place(np.zeros(self.image_shape, np.float32))

    def vote(self, indices: np.ndarray) -> str:
        """Class name that most of these gallery images have; the nearest decides a tie."""
        return self.class_names[tally(self, indices)[0]]

    def _check_name(self, name: str) -> None:
        if name not in self.maps_info:
            raise InputError(
                f"{self.name} has no map {name[:40]!r}; choose one of: {', '.join(self.map_names)}."
            )

    def _made_map(self, key: str) -> Projection:
        """A map from the cache; the latest few are kept."""
        with self._lock:
            if key in self._made:
                return self._made[key]
            plan = described(self, key).plan
            if plan.method in FORMULAS:
                drawn = fit_formula(plan, self.gallery)
            else:
                empty = make_projection(plan.method, plan.dims, plan.seed, dict(plan.parameters))
                assert isinstance(empty, Drawn)
                drawn = empty.restore(self.gallery.codes, load(self, key)["xy"])
            while len(self._made) >= KEPT:
                self._made.pop(next(iter(self._made)))
            self._made[key] = drawn
            return drawn

    def _load_map(self, name: str) -> Projection:
        info = self.maps_info[name]
        try:
            method, dims, seed = info["method"], info["dims"], info["seed"]
            projection = make_projection(method, dims, seed)
        except (KeyError, TypeError) as error:
            raise InputError(
                f"{self.folder / bundle.MAPS_INFO}: the entry {name!r} lacks {error}."
            ) from error
        if not isinstance(projection, Drawn):
            labels = str(info.get("labels", LABEL))
            return fit_formula(Plan(method, dims, seed, labels=labels), self.gallery)
        path = self.folder / bundle.MAPS
        xy = bundle.read_arrays(path, (name,))[name]
        if xy.dtype.kind != "f":
            raise InputError(f"{path}: the array {name!r} holds no coordinates.")
        return projection.restore(self.gallery.codes, xy.astype(np.float32))


def models_root() -> Path:
    """Folder that holds the bundles: `LATENT_MODELS`, or `models` beside the package."""
    return Path(os.environ.get("LATENT_MODELS") or Path(__file__).parent.parent / "models")


def model_names() -> list[str]:
    """Names of the models to explore in `models_root()`, sorted.

    Auxiliary ones, such as the classifier that judges decoded digits, are left out; a
    damaged one is kept, so that loading it says what is wrong.
    """
    found = sorted(path.parent for path in models_root().glob(f"*/{bundle.CONFIG}"))
    return [folder.name for folder in found if not bundle.is_auxiliary(folder)]


def model_folder(name: str) -> Path:
    """Folder of a bundle, given by its name or by the folder itself.

    Raises:
        InputError: there is none.
    """
    if name in model_names():
        return models_root() / name
    with suppress(OSError, ValueError):  # a name too long, or with a zero byte in it
        if (Path(name) / bundle.CONFIG).is_file():
            return Path(name)
    known = ", ".join(model_names()) or "none yet"
    raise InputError(f"Unknown model {name[:80]!r}; choose a bundle's folder or one of: {known}.")


def load_space(name: str) -> LatentSpace:
    """Load a bundle by its name or folder.

    Raises:
        InputError: no such bundle, or a file of it is missing, altered or wrong; the
            message names file and field.
    """
    return LatentSpace(model_folder(name))


def originals_folder(root: Path, data_sha256: str) -> Path | None:
    """The bundle that holds originals of a data set, if one in the folder does."""
    for path in sorted(root.glob(f"*/{bundle.IMAGES}")):
        with suppress(InputError):
            if bundle.read_config(path.parent).get("recipe", {}).get("data_sha256") == data_sha256:
                return path.parent
    return None


def siblings(space: LatentSpace) -> list[str]:
    """Models of the very same images, this one included, those with the fewest numbers first.

    An image has the same number in all of their galleries. A damaged model is left out.
    """
    own = space.config
    found = {space.name: space.latent_dim}
    for name in model_names():
        with suppress(InputError):
            config = bundle.read_config(model_folder(name))
            if _images(config) is not None and _images(config) == _images(own):
                found[name] = config["latent_dim"]
    return sorted(found, key=lambda name: (found[name], name))


def _images(config: dict[str, Any]) -> tuple[Any, ...] | None:
    """What two models of the same images have in common."""
    fingerprint = config.get("recipe", {}).get("data_sha256")
    return fingerprint and (fingerprint, config["image_shape"], config["preprocessing"])


def describe(name: str) -> dict[str, Any]:
    """What the config of a bundle says of it, without reading the files beside it."""
    config = bundle.read_config(model_folder(name))
    return {
        "model": name,
        "title": config["title"],
        "kind": config["kind"],
        "latent_dim": config["latent_dim"],
        "image_shape": config["image_shape"],
        "preprocessing": config["preprocessing"],
        "data_sha256": config.get("recipe", {}).get("data_sha256"),
        "maps": list(bundle.read_maps_info(model_folder(name))),
        "metrics": config["metrics"],
    }


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
