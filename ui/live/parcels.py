"""Parcels: the large arrays that a page sends to the browser once, checked before they go."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from latent.errors import InputError
from latent.linear import Latent, Linear
from latent.projections import Projection
from latent.runtime import PortableNetwork
from ui.live.groupings import Grouping

DTYPES = {"uint8": "u1", "float16": "f2", "float32": "f4"}


@dataclass(frozen=True)
class Parcel:
    """Arrays for one place on the page's board.

    Args:
        slot: that place: "codes", "gallery", "map", "decoder", "frames" or "pictures",
            or "decoder of" another model.
        version: fingerprint of the content; what is there already is not unpacked again.
        data: length of the header (32 bit), header (JSON), arrays, aligned to 8 bytes.
    """

    slot: str
    version: str
    data: bytes


def codes_parcel(codes: np.ndarray) -> Parcel:
    """The codes of the gallery, in 16 bits.

    Raises:
        InputError: fewer than two, or one is not a number.
    """
    _check_count(codes, "codes")
    _check_finite(codes, "codes")
    return pack("codes", {"codes": codes.astype(np.float16)}, {"latent_dim": codes.shape[1]})


def gallery_parcel(
    labels: np.ndarray,
    reconstruction_error: np.ndarray,
    class_names: list[str],
    groupings: Sequence[Grouping] = (),
) -> Parcel:
    """What is known of every image.

    Args:
        labels: shape (N,), an index into the class names.
        reconstruction_error: shape (N,), mean squared error a pixel.
        class_names: of the model.
        groupings: other ways to colour and filter.

    Raises:
        InputError: fewer than two images, lengths that differ, an error that is not a
            number, or a label that no class has.
    """
    _check_count(labels, "labels")
    _check_finite(reconstruction_error, "reconstruction errors")
    if len(labels) != len(reconstruction_error):
        raise InputError(
            f"The map needs a label and an error for every image; got {len(labels)} labels and "
            f"{len(reconstruction_error)} errors. Compute the gallery again."
        )
    if labels.min() < 0 or labels.max() >= len(class_names):
        raise InputError(
            f"The map needs labels from 0 to {len(class_names) - 1}, one for each class name; got "
            f"{labels.min()} to {labels.max()}. Correct the labels or name the classes."
        )
    arrays = {
        "labels": labels.astype(np.uint8),
        # as a rank in 1/255: colour needs no more, and a few bad images do not flatten the rest
        "error_rank": _ranks(reconstruction_error),
    }
    arrays |= {f"grouping.{grouping.name}": grouping.of for grouping in groupings}
    described = [
        {"name": g.name, "title": g.title, "names": g.names, "ordered": g.ordered}
        for g in groupings
    ]
    return pack("gallery", arrays, {"class_names": class_names, "groupings": described})


def map_parcel(name: str, projection: Projection, count: int) -> Parcel:
    """Where the images lie on one map.

    Args:
        name: of the map.
        projection: a fitted one.
        count: images of the gallery.

    Raises:
        InputError: another number of points than of images, or a coordinate that is no number.
    """
    xy = projection.xy
    _check_count(xy, "points")
    if xy.shape != (count, projection.dims):
        raise InputError(
            f"The map {name!r} needs a point in {projection.dims}-D for each of {count} codes; got "
            f"shape {xy.shape}. Compute the map again."
        )
    _check_finite(xy, f"coordinates of the map {name!r}")
    half = xy.astype(np.float16)
    exact = np.array_equal(half.astype(np.float32), xy)
    extras: dict[str, Any] = {"name": name, "dims": projection.dims, "linear": None}
    if isinstance(projection, Linear):
        extras["linear"] = _linear(projection.mean, projection.components, projection.basis)
    if isinstance(projection, Latent):
        same = np.eye(projection.dims)
        extras["linear"] = _linear(np.zeros(projection.dims), same, same)
    return pack("map", {"xy": half if exact else xy.astype(np.float32)}, extras)


def distortion_parcel(lost: np.ndarray) -> Parcel:
    """What each point of a map lost of its neighbourhood, shape (N,), uint8, 254 for all."""
    return pack("distortion", {"lost": lost}, {})


def decoder_parcel(network: PortableNetwork, slot: str = "decoder") -> Parcel:
    """A decoder: its layers and its weights in 16 bits."""
    return pack(slot, {"weights": network.weights}, {"layers": network.layers})


def frames_parcel(images: np.ndarray, slot: str = "frames") -> Parcel:
    """Pictures, such as the steps of a way decoded for a model that only the server can run.

    Args:
        images: shape (T, C, H, W), float32 in [0, 1].
        slot: their place on the page's board.
    """
    pixels = np.rint(images.clip(0, 1) * 255).astype(np.uint8)
    return pack(slot, {"pixels": pixels}, {"shape": list(images.shape)})


def pack(slot: str, arrays: dict[str, np.ndarray], extras: dict[str, Any]) -> Parcel:
    """Put arrays and a header in front of them into one block of bytes."""
    blocks: list[bytes] = []
    described: dict[str, Any] = {}
    offset = 0
    for name, values in arrays.items():
        raw = np.ascontiguousarray(values).astype(values.dtype.newbyteorder("<")).tobytes()
        padded = raw + b"\0" * (-len(raw) % 8)
        dtype = DTYPES[values.dtype.name]
        described[name] = {"dtype": dtype, "offset": offset, "size": values.size}
        blocks.append(padded)
        offset += len(padded)
    content = b"".join(blocks)
    fields = {"slot": slot, **extras, "arrays": described}
    version = hashlib.sha256(content + json.dumps(fields).encode()).hexdigest()[:16]
    header = json.dumps({**fields, "version": version}).encode()
    header += b" " * (-(4 + len(header)) % 8)
    return Parcel(slot, version, len(header).to_bytes(4, "little") + header + content)


def _linear(mean: np.ndarray, components: np.ndarray, basis: np.ndarray) -> dict[str, Any]:
    return {"mean": mean.tolist(), "components": components.tolist(), "basis": basis.tolist()}


def _ranks(values: np.ndarray) -> np.ndarray:
    order = np.argsort(np.argsort(values, kind="stable"), kind="stable")
    return (order * 254 // max(1, len(values) - 1)).astype(np.uint8)


def _check_count(values: np.ndarray, what: str) -> None:
    if len(values) < 2:
        raise InputError(
            f"The map needs a gallery of at least two images; got {len(values)} {what}. "
            "Make the gallery of the model again."
        )


def _check_finite(values: np.ndarray, what: str) -> None:
    bad = int((~np.isfinite(values)).sum())
    if bad:
        raise InputError(f"The {what} hold {bad} values that are no numbers. Compute them again.")
