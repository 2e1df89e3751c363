"""Recognising what was shown a few times: names are given, and nothing is trained.

A class is the mean of its codes. An image belongs to the class whose mean is nearest, and is a
stranger where even that one is farther away than a threshold.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from latent import bundle
from latent.data import TEST, TRAIN
from latent.errors import InputError
from latent.gallery import FACTOR

if TYPE_CHECKING:
    from latent.encoder import Encoder

FALSE_REJECTS = 0.0265  # share of known images that may be called strangers, unless told otherwise
MOST, LONGEST = 1_000, 40  # images in all; letters of a name
NEAREST = 5  # enrolled images that an answer shows
MAX_BYTES = 50_000_000  # of a file with enrolled images
MOST_UNPACKED = 200_000_000  # bytes of what is in it
KIND = "kind"  # the cause by which images are told apart, where causes are known
FIELDS = ("names", "codes", "images", "weights", "digest")


@dataclass(frozen=True)
class Enrolled:
    """Images that were shown under a name.

    Args:
        names: of each image.
        codes: shape (n, latent_dim), float32.
        images: as they were prepared, shape (n, C, H, W), uint8.
    """

    names: tuple[str, ...]
    codes: np.ndarray
    images: np.ndarray

    def __len__(self) -> int:
        return len(self.names)

    @property
    def classes(self) -> dict[str, np.ndarray]:
        """For every name the indices of its images, in the order in which names came."""
        names = np.array(self.names)
        return {name: np.flatnonzero(names == name) for name in dict.fromkeys(self.names)}


@dataclass(frozen=True)
class Classes:
    """What an image is compared with.

    Args:
        names: of each class.
        means: of its codes, shape (K, latent_dim), float32.
        counts: images that each is the mean of, shape (K,); inf where there are very many.
    """

    names: tuple[str, ...]
    means: np.ndarray
    counts: np.ndarray

    def distances(self, codes: np.ndarray) -> np.ndarray:
        """How far codes (n, latent_dim) are from every class, (n, K).

        The mean of n images is itself off by the spread of the class divided by √n, so that an
        image of that class is √(1 + 1/n) times as far from it as from the true mean. That is
        divided out: a class that was shown once is not at a disadvantage.
        """
        apart = np.linalg.norm(codes[:, None] - self.means[None], axis=2)
        scaled: np.ndarray = apart / np.sqrt(1 + 1 / self.counts)
        return scaled


@dataclass(frozen=True)
class Answer:
    """What an image was recognised as.

    Args:
        name: of the nearest class.
        distance: to its mean.
        stranger: whether that is too far.
        ranking: names of all classes, nearest first.
        distances: to their means, in that order, shape (K,).
        nearest: indices of the nearest enrolled images, nearest first.
        apart: distances to them.
    """

    name: str
    distance: float
    stranger: bool
    ranking: tuple[str, ...]
    distances: np.ndarray
    nearest: np.ndarray
    apart: np.ndarray


@dataclass(frozen=True)
class Trial:
    """How far known images and strangers lie from the nearest class.

    Args:
        known: test images of the classes at hand, shape (n,).
        strangers: test images of classes that were held back, shape (m,).
    """

    known: np.ndarray
    strangers: np.ndarray

    def threshold(self, false_rejects: float = FALSE_REJECTS) -> float:
        """The distance beyond which that share of the known images lies."""
        return float(np.quantile(self.known, 1 - false_rejects))

    def rates(self, threshold: float) -> tuple[float, float]:
        """Shares of known images that are refused and of strangers that are taken in."""
        return float((self.known > threshold).mean()), float((self.strangers <= threshold).mean())


def nobody(encoder: Encoder) -> Enrolled:
    """Where nothing was shown yet."""
    shape = (0, *encoder.image_shape)
    return Enrolled((), np.empty((0, encoder.latent_dim), np.float32), np.empty(shape, np.uint8))


def enrol(enrolled: Enrolled, name: str, x: np.ndarray, codes: np.ndarray) -> Enrolled:
    """Add images under a name.

    Args:
        enrolled: what was shown before.
        name: new or known.
        x: prepared images, shape (n, C, H, W), float32 in [0, 1].
        codes: theirs, shape (n, latent_dim).

    Raises:
        InputError: no name, too long a one, too many images, or an image that is there
            already, under this or another name.
    """
    name = checked_name(name)
    if len(enrolled) + len(x) > MOST:
        raise InputError(f"At most {MOST:,} images can be enrolled. Remove some first.")
    images = to_uint8_chw(x)
    for i, image in enumerate(images):
        same = np.flatnonzero((enrolled.images == image).all((1, 2, 3)))
        if len(same):
            owner = enrolled.names[int(same[0])]
            raise InputError(
                f"This image is enrolled as {owner!r} already. "
                + ("Show another one." if owner == name else "Remove it there first.")
            )
        if any((image == other).all() for other in images[:i]):
            raise InputError("Two of these images are the same. Show each once.")
    return Enrolled(
        (*enrolled.names, *[name] * len(x)),
        np.concatenate([enrolled.codes, codes.astype(np.float32)]),
        np.concatenate([enrolled.images, images]),
    )


def rename(enrolled: Enrolled, old: str, new: str) -> Enrolled:
    """Call a class something else; with the name of another one both become one.

    Raises:
        InputError: nothing has the old name, or the new one is no name.
    """
    _check_there(enrolled, old)
    new = checked_name(new)
    names = tuple(new if name == old else name for name in enrolled.names)
    return Enrolled(names, enrolled.codes, enrolled.images)


def remove(enrolled: Enrolled, name: str, which: Sequence[int] | None = None) -> Enrolled:
    """Take a class out, or only some of its images, by their indices.

    Raises:
        InputError: nothing has that name.
    """
    _check_there(enrolled, name)
    own = enrolled.classes[name]
    gone = own if which is None else np.intersect1d(own, np.asarray(which, np.int64))
    kept = np.setdiff1d(np.arange(len(enrolled)), gone)
    return Enrolled(
        tuple(enrolled.names[i] for i in kept), enrolled.codes[kept], enrolled.images[kept]
    )


def class_names(encoder: Encoder) -> tuple[str, ...]:
    """What a model's images are told apart by: their kind where that is known, else their label."""
    words = encoder.config.get("factor_words", {}).get(KIND)
    return tuple(str(name) for name in words or encoder.config["class_names"])


def held_back(encoder: Encoder) -> tuple[str, ...]:
    """Classes that play the strangers: the last two, where enough others are left."""
    names = class_names(encoder)
    return names[-2:] if len(names) > 3 else ()


def known_classes(encoder: Encoder, without: Sequence[str] = ()) -> Classes:
    """The classes that a model knows from its training, as means of its training codes.

    Args:
        encoder: its bundle holds a gallery, or means.
        without: names of classes to leave out.
    """
    arrays = bundle.read_arrays(encoder.folder / bundle.GALLERY, ("codes", "labels", "split"))
    names = class_names(encoder)
    if "means" in arrays:
        found = dict(zip(arrays["means_of"].tolist(), arrays["means"], strict=True))
    else:
        train = arrays["split"] == TRAIN
        codes, labels = arrays["codes"][train].astype(np.float32), _labels(arrays)[train]
        found = {int(label): codes[labels == label].mean(0) for label in np.unique(labels)}
    kept = [label for label in found if names[label] not in without]
    empty = np.empty((0, encoder.latent_dim), np.float32)
    means = np.stack([found[label] for label in kept]) if kept else empty
    return Classes(
        tuple(names[label] for label in kept), encoder.finished(means), np.full(len(kept), np.inf)
    )


def _labels(arrays: dict[str, np.ndarray]) -> np.ndarray:
    """Of every image of a gallery its class, as `class_names` counts them."""
    return arrays.get(f"{FACTOR}{KIND}", arrays["labels"])


def together(encoder: Encoder, known: Classes | None, enrolled: Enrolled) -> Classes:
    """All classes that an image is compared with; a known one that was shown too counts as shown.

    Args:
        encoder: whose codes they are.
        known: from its training; None to begin with nothing.
        enrolled: by somebody.
    """
    shown = {name: enrolled.codes[which].mean(0) for name, which in enrolled.classes.items()}
    names, means, counts = [], [], []
    for name, mean in zip(known.names, known.means, strict=True) if known else ():
        if name not in shown:
            names.append(name)
            means.append(mean)
            counts.append(np.inf)
    names += list(shown)
    counts += [len(which) for which in enrolled.classes.values()]
    means += list(encoder.finished(np.stack(list(shown.values())))) if shown else []
    stacked = np.stack(means) if means else np.empty((0, encoder.latent_dim), np.float32)
    return Classes(tuple(names), stacked.astype(np.float32), np.array(counts, float))


def recognise(code: np.ndarray, classes: Classes, enrolled: Enrolled, threshold: float) -> Answer:
    """Which class a code belongs to.

    Args:
        code: shape (latent_dim,).
        classes: at least one.
        enrolled: images to name as the nearest ones.
        threshold: distance from which it is a stranger.

    Raises:
        InputError: there is no class yet.
    """
    if not classes.names:
        raise InputError("Nothing is known yet. Show something and give it a name.")
    distances = classes.distances(code[None])[0]
    order = np.argsort(distances, kind="stable")
    apart = np.linalg.norm(enrolled.codes - code, axis=1)
    near = np.argsort(apart, kind="stable")[:NEAREST]
    return Answer(
        name=classes.names[int(order[0])],
        distance=float(distances[order[0]]),
        stranger=bool(distances[order[0]] > threshold),
        ranking=tuple(classes.names[int(i)] for i in order),
        distances=distances[order],
        nearest=near,
        apart=apart[near],
    )


def distances_to_nearest(codes: np.ndarray, classes: Classes) -> np.ndarray:
    """Of every code (n, latent_dim) the distance to the nearest class, shape (n,)."""
    return classes.distances(codes).min(1)


def trial(encoder: Encoder, strangers: Sequence[str]) -> Trial:
    """Try the threshold on test images: some classes are known, some were held back.

    Args:
        encoder: its bundle holds test codes.
        strangers: names of the classes that were held back.

    Raises:
        InputError: no class is left on one of the sides.
    """
    arrays = bundle.read_arrays(encoder.folder / bundle.GALLERY, ("codes", "labels", "split"))
    test = arrays["split"] == TEST
    codes = arrays["codes"][test].astype(np.float32)
    names = np.array(class_names(encoder))
    strange = np.isin(names[_labels(arrays)[test]], strangers)
    if strange.all() or not strange.any():
        raise InputError("A trial needs test images of known classes and of others.")
    apart = distances_to_nearest(codes, known_classes(encoder, strangers))
    return Trial(apart[~strange], apart[strange])


def save(enrolled: Enrolled, encoder: Encoder) -> bytes:
    """Everything that was enrolled, as the bytes of an `.npz`, from which `load` gives it back."""
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, **_document(enrolled, encoder.fingerprint))
    return file.getvalue()


def load(data: bytes, encoder: Encoder) -> Enrolled:
    """What was enrolled before, from a file that `save` wrote.

    Raises:
        InputError: it is no such file, was altered, or belongs to another model.
    """
    found, weights = _read(data)
    if weights != encoder.fingerprint or found.images.shape[1:] != encoder.image_shape:
        raise InputError(
            f"These images were enrolled with another model than {encoder.name}, and codes of two "
            "models do not compare. Choose that model."
        )
    return found


def weights_of(data: bytes) -> str:
    """Fingerprint of the encoder with which a file that `save` wrote was made.

    Raises:
        InputError: it is no such file, or was altered.
    """
    return _read(data)[1]


def _read(data: bytes) -> tuple[Enrolled, str]:
    """What a file holds, and the fingerprint of its encoder."""
    damaged = "This is no file of enrolled images, or it was altered. Choose one saved here."
    if len(data) > MAX_BYTES:
        raise InputError(damaged)
    arrays = bundle.arrays_of(data, MOST_UNPACKED, damaged)
    if any(name not in arrays for name in FIELDS):
        raise InputError(damaged)
    names, codes, images, weights = (arrays[name] for name in FIELDS[:4])
    fits = (
        names.ndim == 1 and names.dtype.kind == weights.dtype.kind == "U" and len(names) <= MOST
        and codes.shape[:1] == images.shape[:1] == names.shape and codes.ndim == 2
        and codes.dtype == np.float32 and np.isfinite(codes).all()
        and images.dtype == np.uint8 and images.ndim == 4
    )  # fmt: skip
    if not fits:
        raise InputError(damaged)
    found = Enrolled(tuple(checked_name(str(name)) for name in names), codes, images)
    if str(_document(found, str(weights))["digest"]) != str(arrays["digest"]):
        raise InputError(damaged)
    return found, str(weights)


def checked_name(name: str) -> str:
    """A name without spaces around it.

    Raises:
        InputError: nothing is left of it, or it is too long.
    """
    name = " ".join(name.split())
    if not name or len(name) > LONGEST:
        raise InputError(f"A name has 1 to {LONGEST} letters; got {len(name)}.")
    return name


def to_uint8_chw(x: np.ndarray) -> np.ndarray:
    """Images (n, C, H, W), float32 in [0, 1], in 8 bits."""
    return np.clip(np.rint(x * 255), 0, 255).astype(np.uint8)


def _document(enrolled: Enrolled, weights: str) -> dict[str, np.ndarray]:
    names = np.array(enrolled.names, dtype=f"<U{LONGEST}")
    shape = f"{enrolled.codes.shape} {enrolled.images.shape}"
    parts = (
        names.tobytes(),
        shape.encode(),
        enrolled.codes.tobytes(),
        enrolled.images.tobytes(),
        weights.encode(),
    )
    digest = hashlib.sha256(b"".join(parts)).hexdigest()
    return {
        "names": names, "codes": enrolled.codes, "images": enrolled.images,
        "weights": np.array(weights), "digest": np.array(digest),
    }  # fmt: skip


def _check_there(enrolled: Enrolled, name: str) -> None:
    if name not in enrolled.names:
        known = ", ".join(enrolled.classes) or "nothing yet"
        raise InputError(f"Nothing is enrolled as {name[:LONGEST]!r}; there is: {known}.")
