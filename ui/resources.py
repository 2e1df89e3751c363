"""Everything that is cached, shared by all visitors and never changed."""

from __future__ import annotations

import atexit
import gc
import tempfile
import threading
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from latent import climbs, data, reading, recognition
from latent import comparison as comparing
from latent.blobs import draw_blobs
from latent.bundle import read_images
from latent.cache import fingerprint
from latent.climbs import Settings, Start
from latent.clusters import Agreement, agreement
from latent.concentration import Spread
from latent.concentration import concentration as concentration_of
from latent.em import nearest_center
from latent.encoder import Encoder
from latent.errors import InputError
from latent.fidelity import nearest_shown, shepard
from latent.images import read_webp
from latent.importance import Importance
from latent.importance import importance as measured
from latent.inpaint import Inpainter, Repair
from latent.jobs import Runner
from latent.made import Made, finished, sweep
from latent.mixture import Mixture, responsibilities
from latent.paths import TRAIL
from latent.priors import prior_of
from latent.quality import K, measured_on
from latent.recognition import Classes, Trial
from latent.runtime import NotPortableError, portable
from latent.sampling import Draws, draw, source_of
from latent.search import pictures_of, rendered
from latent.space import LatentSpace, load_space, originals_folder
from latent.space import siblings as siblings_of
from latent.trust import usual_distances
from latent.ways import WAYS, TestCodes, Way, at_steps, follow, through
from ui.live import parcels
from ui.live.groupings import groupings
from ui.live.line import Line
from ui.live.line import ways_parcel as packed_ways
from ui.live.parcels import Parcel
from ui.shelves import Shelf, webp_address
from ui.wording import kind_word


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


@st.cache_resource(show_spinner=False)
def _shipped_images(name: str) -> dict[int, bytes]:
    """Originals that ship with a model of the same images, by gallery index."""
    model = space(name)
    fingerprint = model.config.get("recipe", {}).get("data_sha256", "")
    folder = originals_folder(model.folder.parent, fingerprint)
    return read_images(folder) if folder else {}


def original(name: str, index: int) -> np.ndarray | None:
    """Original of a gallery image, (C, H, W), float32, where it ships or is on disk."""
    model = space(name)
    if model.config["preprocessing"] == "mnist-digit":
        found = _mnist() if data.has_mnist() else None
        if found is None or len(found) != len(model.gallery):
            return None
        return found[index][None].astype(np.float32) / 255
    shipped = _shipped_images(name).get(index)
    return None if shipped is None else read_webp(shipped)


def with_originals(name: str) -> np.ndarray:
    """Indices of the gallery images that ship with their original, sorted; often none."""
    return np.array(sorted(_shipped_images(name)), np.int64)


@st.cache_data(max_entries=256, show_spinner=False)
def pictures(name: str, indices: tuple[int, ...]) -> np.ndarray:
    """Pictures of gallery images, (n, C, H, W), float32: originals, else decoded ones."""
    found = [original(name, index) for index in indices]
    known = [image for image in found if image is not None]
    if known and len(known) == len(found):
        return np.stack(known)
    model = space(name)
    return model.decode_each(model.gallery.codes[list(indices)])  # few, and without torch


def have_originals(name: str, indices: Iterable[int]) -> bool:
    """Whether every one of these gallery images has its original here."""
    return all(original(name, int(index)) is not None for index in indices)


@st.cache_resource(show_spinner=False)
def gallery_parcels(name: str) -> list[Parcel]:
    """What the browser knows of every image: what is needed first is first."""
    model = space(name)
    gallery = model.gallery
    return [
        parcels.gallery_parcel(
            gallery.labels, gallery.reconstruction_error, model.class_names, groupings(gallery)
        ),
        parcels.codes_parcel(gallery.codes),
    ]


@st.cache_resource(show_spinner=False)
def decoder_parcel(name: str, slot: str = "decoder") -> Parcel | None:
    """The decoder for a place on the board, unless the browser cannot run it."""
    with suppress(NotPortableError):
        return parcels.decoder_parcel(portable(space(name).folder, "decoder"), slot)
    return None


@st.cache_resource(show_spinner=False)
def encoder_parcel(name: str) -> Parcel | None:
    """The encoder, unless the browser cannot run it within a frame."""
    with suppress(NotPortableError):
        return parcels.decoder_parcel(portable(space(name).folder, "encoder"), "encoder")
    return None


def runs_in_browser(name: str) -> bool:
    """Whether the browser decodes; else the server does, for a way at a time."""
    return decoder_parcel(name) is not None


def siblings(name: str) -> list[str]:
    """Models of the very same images, this one included; those that cannot be read are left out."""
    found = []
    for other in siblings_of(space(name)):
        with suppress(InputError):
            found.append(space(other).name)
    return found


@st.cache_resource(show_spinner=False)
def encoder(name: str) -> Encoder:
    """The encoder of a bundle by itself, of an auxiliary one too."""
    return Encoder.named(name)


def encoder_title(name: str) -> str:
    """What a bundle that encodes is called on the pages."""
    return str(encoder(name).config["title"])


@st.cache_resource(show_spinner=False)
def known_classes(name: str) -> Classes:
    """The classes that a model knows from its training, but those that are held back."""
    return recognition.known_classes(encoder(name), recognition.held_back(encoder(name)))


@st.cache_resource(show_spinner=False)
def recognition_trial(name: str) -> Trial | None:
    """How well a threshold tells known classes from others; None where nothing can be tried."""
    with suppress(InputError):
        return recognition.trial(encoder(name), recognition.held_back(encoder(name)))
    return None


@st.cache_data(max_entries=512, show_spinner=False)
def code_of(name: str, x: np.ndarray) -> np.ndarray:
    """The code that an encoder gives an image (C, H, W), shape (latent_dim,)."""
    return encoder(name).encode(x[None])[0]


@st.cache_resource(show_spinner="Reading the catalogue …")
def rendered_shelf(name: str) -> Shelf:
    """The test renders that an encoder's bundle knows, with their pictures."""
    own = encoder(name)
    known = rendered(own)
    files = pictures_of(own, known.pieces.names)
    return Shelf(
        known.pieces,
        tuple(
            f"{kind_word(kind).capitalize()} {name}"
            for kind, name in zip(known.kinds, known.pieces.names, strict=True)
        ),
        known.kinds, known.sizes,
        [webp_address(file) for file in files], guessed=False,
    )  # fmt: skip


@st.cache_resource(show_spinner=False)
def comparison() -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """What `python -m latent compare` found when it was last run."""
    return comparing.shipped()


@st.cache_resource(max_entries=32, show_spinner=False)
def importance(name: str) -> Importance:
    """How much each number of the model's codes matters."""
    gallery = space(name).gallery
    return measured(gallery.codes, gallery.logvar)


@st.cache_resource(max_entries=32, show_spinner=False)
def map_parcel(name: str, map_name: str) -> Parcel:
    """Where the images lie on one map."""
    return parcels.map_parcel(map_name, space(name).map(map_name), len(space(name).gallery))


@st.cache_resource(max_entries=32, show_spinner=False)
def distortion_parcel(name: str, map_name: str, measured_on: str | None) -> Parcel | None:
    """How much of its neighbourhood each point lost on a map, once that is measured.

    Args:
        name: of the model.
        map_name: of the map.
        measured_on: as the map's entry says; None as long as it is not measured.
    """
    lost = space(name).distortion(map_name)
    return None if lost is None else parcels.distortion_parcel(lost)


@st.cache_resource(max_entries=32, show_spinner=False)
def concentration(name: str) -> tuple[list[Spread], list[Spread]]:
    """How distances concentrate with dimension: of a model's codes, and of random ones."""
    return concentration_of(space(name).gallery.codes)


@st.cache_resource(show_spinner=False)
def runner() -> Runner:
    """The processes in which maps are made."""
    sweep()
    return Runner()


def made_maps(name: str) -> list[Made]:
    """The maps that were made of a model, the latest first."""
    return finished(space(name))


@st.cache_data(max_entries=64, show_spinner=False)
def shown_near(name: str, map_name: str) -> np.ndarray:
    """Nearest points on a map of each of the images that maps are measured on, (N, 15)."""
    chosen = measured_on(space(name).gallery)
    return nearest_shown(space(name).map(map_name).xy[chosen], K)


@st.cache_data(max_entries=64, show_spinner=False)
def distances(name: str, map_name: str, metric: str) -> tuple[np.ndarray, np.ndarray]:
    """Distances of 20,000 pairs of images in the codes and on a map."""
    gallery = space(name).gallery
    chosen = measured_on(gallery)
    xy = space(name).map(map_name).xy[chosen]
    return shepard(gallery.codes[chosen], xy, 20_000, metric=metric)


@st.cache_resource(max_entries=32, show_spinner=False)
def usual(name: str) -> list[float]:
    """How far real images lie from those that the model learned from, in percentiles."""
    distances: list[float] = usual_distances(space(name).gallery).tolist()
    return distances


@dataclass(frozen=True)
class Grouped:
    """Points for a mixture, by what it takes to get them again.

    Args:
        model: whose codes; None for blobs.
        preset: of blobs.
        count: of points.
    """

    model: str | None
    preset: str
    count: int


def points_of(grouped: Grouped) -> np.ndarray:
    """The points themselves, shape (N, D), float32."""
    if grouped.model is None:
        return draw_blobs(grouped.preset, grouped.count, seed=0).points
    return space(grouped.model).gallery.codes[some_images(grouped.model, grouped.count)]


@st.cache_resource(max_entries=32, show_spinner=False)
def some_images(name: str, count: int) -> np.ndarray:
    """Gallery indices drawn at random, always the same, sorted, shape (count,)."""
    total = len(space(name).gallery)
    return np.sort(np.random.default_rng(0).choice(total, min(count, total), replace=False))


def climb_file(grouped: Grouped, how: Settings) -> Path:
    """Where a process leaves all starts of a mixture, whether or not they are there yet."""
    return _climbs() / f"{fingerprint(points_of(grouped), repr(how))}.npz"


@st.cache_resource(max_entries=4, show_spinner="Running EM from each start …")
def em_runs(grouped: Grouped, how: Settings) -> list[Start]:
    """Every start of a mixture with all its steps: from a file, or computed here.

    Raises:
        InputError: no mixture can be fitted to that.
    """
    file = climb_file(grouped, how)
    return climbs.read(file) if file.exists() else climbs.climb(points_of(grouped), how)


@st.cache_resource(show_spinner=False)
def climber() -> Runner:
    """The processes in which EM runs and numbers of components are compared.

    In threads of this one every small step would hold up the pages of all visitors.
    """
    return Runner(compiles=False)


def make_room(folder: Path, kept: int = 8) -> None:
    """Remove all but the newest files of a folder of this server's."""
    for file in sorted(folder.iterdir(), key=lambda file: file.stat().st_mtime)[:-kept]:
        file.unlink(missing_ok=True)


@st.cache_resource(show_spinner=False)
def _climbs() -> Path:
    """A folder that is gone when the server ends."""
    folder = tempfile.TemporaryDirectory(prefix="latent-climbs-")
    atexit.register(folder.cleanup)
    return Path(folder.name)


@st.cache_data(max_entries=16, show_spinner="Comparing with the labels …")
def agreements(
    grouped: Grouped, how: Settings, replayed: int, labels: np.ndarray, n_classes: int
) -> tuple[Agreement, Agreement]:
    """What the end of a start, and of k-means beside it, know of the labels."""
    x, start = points_of(grouped), em_runs(grouped, how)[replayed]
    soft = responsibilities(start.run.mixtures[-1], x).argmax(axis=1)
    hard = nearest_center(x, start.means.centers[-1])
    k = how.components
    return agreement(soft, labels, k, n_classes), agreement(hard, labels, k, n_classes)


@st.cache_resource(max_entries=16, show_spinner="Finding which codes are likely …")
def prior(name: str, which: str) -> Mixture:
    """What says which codes of a model are likely; see `latent.priors`."""
    return prior_of(space(name), which)


@st.cache_data(max_entries=32, show_spinner="Drawing …")
def draws(
    name: str, source: str, component: int, image: int, count: int, temperature: float, seed: int
) -> tuple[Draws, np.ndarray]:
    """Draws from a source, the same for the same question, and their images (n, C, H, W)."""
    model = space(name)
    drawn_from = source_of(model, source, component=component, image=image)
    found = draw(model, drawn_from, count, np.random.default_rng(seed), temperature)
    return found, model.decode(found.codes)


@st.cache_resource(max_entries=4, show_spinner="Decoding codes to start from …")
def inpainter(name: str, which: str) -> Inpainter:
    """What completes images for a model."""
    return Inpainter(space(name), prior(name, which))


@st.cache_data(max_entries=32, show_spinner="Completing the image …")
def repaired(name: str, which: str, x: np.ndarray, hidden: np.ndarray, noise: float) -> Repair:
    """Completions of an image, the same for the same question."""
    return inpainter(name, which).infer(x, hidden, np.random.default_rng(0), noise=noise)


@st.cache_resource(max_entries=32, show_spinner=False)
def test_codes(name: str) -> TestCodes:
    """The test codes of a model, and how far they lie from one another."""
    return TestCodes(space(name))


@st.cache_resource(max_entries=256, show_spinner=False)
def trail_of(line: Line) -> np.ndarray:
    """Codes of the way along the data over some stops, with straight lines between."""
    return through(space(line.model), "graph", line.stops, TRAIL, closed=line.closed)


@st.cache_resource(max_entries=64, show_spinner=False)
def trail_parcel(line: Line) -> Parcel:
    """The way along the data alone, before anything is measured."""
    return packed_ways(line, {}, trail_of(line), runs_in_browser(line.model))


@st.cache_resource(max_entries=256, show_spinner=False)
def way_of(line: Line, name: str) -> Way:
    """A way over some stops, measured.

    Raises:
        InputError: the way cannot be gone.
    """
    model = space(line.model)
    codes = at_steps(trail_of(line), line.steps) if name == "graph" else None
    return follow(
        model, name, line.stops, line.steps,
        closed=line.closed, tests=test_codes(line.model), codes=codes,
    )  # fmt: skip


@st.cache_resource(max_entries=64, show_spinner=False)
def ways_parcel(line: Line) -> Parcel:
    """All ways over some stops, as the browser takes them."""
    found: dict[str, Way | str] = {}
    for name in WAYS:
        try:
            found[name] = way_of(line, name)
        except InputError as error:
            found[name] = str(error)
    return packed_ways(line, found, trail_of(line), runs_in_browser(line.model))


@st.cache_resource(show_spinner=False)
def _readers() -> dict[tuple[LatentSpace, bool, bool], threading.Thread]:
    """What reads in the background; a model that is loaded anew has a reader of its own."""
    return {}


def warm_up(name: str, *, graph: bool = False, placing: bool = False) -> None:
    """Make ready in the background, once, what the next step needs: torch and the network.

    Args:
        name: of the model.
        graph: its neighbour graph too, which somebody has to make the first time.
        placing: instead of torch, what decodes files and what finds the neighbours of a code.
    """
    wanted = space(name), graph, placing
    if wanted not in _readers():
        reader = threading.Thread(target=_read, args=wanted, daemon=True)
        if _readers().setdefault(wanted, reader) is reader:  # nobody else was quicker
            reader.start()


def warming(name: str) -> bool:
    """Whether network and graph are still being read."""
    reader = _readers().get((space(name), True, False))
    return reader is not None and reader.is_alive()


def warm(name: str) -> bool:
    """Whether they are there."""
    return {"autoencoder", "graph"} <= set(vars(space(name)))


def _read(model: LatentSpace, graph: bool, placing: bool) -> None:
    with suppress(InputError):  # the page that needs it shows the same error
        if placing:
            reading.warm_up()
            model.warm_up()
        else:
            _ = model.autoencoder, graph and model.graph
    gc.freeze()  # what has been read stays: a collection that looks at it takes 0.4 s each time
