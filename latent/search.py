"""What in a catalogue is most like an image: by shape, by colour, and by what somebody likes.

Every piece is two vectors of length 1: its shape, a code by contrast that colour and view hardly
change, and its colours, a histogram. How alike two pieces are is a weighted sum of two products,
so what is wanted is itself such a pair of vectors. Whatever somebody likes or dislikes moves them.

All pieces are compared. An index that leaves some out is built for one way of comparing, and here
each move of the slider is another.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from latent import bundle
from latent.catalogue import frame_on_white
from latent.colours import ANCHORS, histograms
from latent.errors import InputError
from latent.gallery import FACTOR
from latent.images import prepare_pixels, read_pixels
from latent.neighbours import lowest, nearest, unit
from latent.recognition import KIND

if TYPE_CHECKING:
    from latent.encoder import Encoder

NAME = "furniture-contrast"  # the encoder that is used unless another one is named
LIKED, DISLIKED = 0.75, 0.25  # how much the mean of either moves what is wanted
MOST_TRUST = 4.0  # times that agreement may raise or lower a weight
SIDE = 200  # pixels a photo is read with; it becomes 64
VOTERS = 10  # rendered pieces that say of what kind a photo is


@dataclass(frozen=True)
class Pieces:
    """A catalogue, ready to be searched.

    Args:
        names: of each piece; no two alike.
        shapes: shape (N, D), float32, each of length 1.
        colours: shape (N, K), float32, each of length 1.
    """

    names: tuple[str, ...]
    shapes: np.ndarray
    colours: np.ndarray

    def __len__(self) -> int:
        return len(self.names)

    def and_more(self, other: Pieces) -> Pieces:
        """These, and others behind them."""
        return Pieces(
            (*self.names, *other.names),
            np.concatenate([self.shapes, other.shapes]),
            np.concatenate([self.colours, other.colours]),
        )


@dataclass(frozen=True)
class Wish:
    """What is looked for.

    Args:
        shape: (D,), of length 1.
        colour: (K,), of length 1.
        share: weight of the colour from 0, the same shape, to 1, the same colour.
    """

    shape: np.ndarray
    colour: np.ndarray
    share: float


@dataclass(frozen=True)
class Found:
    """Pieces, the most like one first.

    Args:
        indices: of the pieces, shape (k,).
        scores: how alike each is in all, at most 1, shape (k,).
        shapes: how alike in shape: cosine, in [−1, 1], shape (k,).
        colours: how alike in colour: Bhattacharyya coefficient, in [0, 1], shape (k,).
    """

    indices: np.ndarray
    scores: np.ndarray
    shapes: np.ndarray
    colours: np.ndarray


@dataclass(frozen=True)
class Valued:
    """What likes and dislikes have changed.

    Args:
        share: weight of the colour now.
        kinds: for each kind how much more alike its pieces are in shape than before, shape
            (n,), by the names of the kinds.
        colours: for each of `latent.colours.ANCHORS` how much more of it is wanted, (K,).
    """

    share: float
    kinds: dict[str, float]
    colours: np.ndarray


def read_photo(data: bytes, encoder: Encoder) -> tuple[np.ndarray, np.ndarray]:
    """A photo for a catalogue, read small, which is quicker than placing one.

    Args:
        data: an image file.
        encoder: for which it is prepared.

    Returns:
        Its pixels, shape (H, W, 3), uint8, and the prepared image, (3, S, S), float32.

    Raises:
        InputError: it cannot be read.
    """
    how = encoder.config["preprocessing"]
    pixels = read_pixels(data, how, SIDE)
    if how != "furniture-photo":
        return pixels, prepare_pixels(pixels, how).x
    # what `prepare_pixels` does, without a picture of each step
    framed = frame_on_white(pixels)
    return pixels, np.moveaxis(framed, 2, 0).astype(np.float32) / 255


def pieces_of(encoder: Encoder, names: Sequence[str], x: np.ndarray) -> Pieces:
    """Shapes and colours of prepared images.

    Args:
        encoder: gives the shapes.
        names: of the images.
        x: shape (B, 3, H, W), float32 in [0, 1].
    """
    return Pieces(tuple(names), unit(encoder.encode(x)), histograms(x))


def nothing(encoder: Encoder) -> Pieces:
    """A catalogue without a piece."""
    shapes = np.empty((0, encoder.latent_dim), np.float32)
    return Pieces((), shapes, np.empty((0, len(ANCHORS)), np.float32))


def ranked(pieces: Pieces, wish: Wish, k: int, among: np.ndarray | None = None) -> Found:
    """The pieces that are most like what is wanted.

    Args:
        pieces: the catalogue.
        wish: what is wanted.
        k: pieces to return, at most as many as there are.
        among: mask (N,) of those that may be returned; default all.
    """
    scores = _scores(pieces, wish)
    if among is not None:
        scores = np.where(among, scores, -np.inf)
    count = len(scores) if among is None else int(among.sum())
    best = lowest(-scores, min(k, count))
    return Found(
        best, scores[best], pieces.shapes[best] @ wish.shape, pieces.colours[best] @ wish.colour
    )


def _scores(pieces: Pieces, wish: Wish) -> np.ndarray:
    scores = np.zeros(len(pieces), np.float32)
    if wish.share < 1:  # what does not count is not read: half of the time of a search
        scores += pieces.shapes @ (np.float32(1 - wish.share) * wish.shape)
    if wish.share > 0:
        scores += pieces.colours @ (np.float32(wish.share) * wish.colour)
    return scores


def learned(wish: Wish, pieces: Pieces, liked: Sequence[int], disliked: Sequence[int]) -> Wish:
    """What is wanted after somebody said of some pieces "more like this" or "less like this".

    What is wanted moves toward the mean of what is liked and a little away from that of what
    is not. And where the liked pieces agree with what was wanted in shape more than others do,
    shape counts more; likewise colour.

    Args:
        wish: what was wanted at first.
        pieces: the catalogue.
        liked: indices.
        disliked: indices.

    Source: Rocchio 1971 for the move, with the usual factors 0.75 and 0.25; Rui, Huang, Ortega
    and Mehrotra 1998 for weights by agreement.
    """
    moved = [wish.shape.astype(np.float32), wish.colour.astype(np.float32)]
    for part, rows in enumerate((pieces.shapes, pieces.colours)):
        if len(liked):
            moved[part] = moved[part] + LIKED * rows[list(liked)].mean(0)
        if len(disliked):
            moved[part] = moved[part] - DISLIKED * rows[list(disliked)].mean(0)
    shape, colour = moved[0], np.maximum(moved[1], 0)  # no less than nothing of a colour
    if not colour.any():
        colour = wish.colour
    return Wish(unit(shape[None])[0], unit(colour[None])[0], _share(wish, pieces, liked))


def _share(wish: Wish, pieces: Pieces, liked: Sequence[int]) -> float:
    """The weight of colour, by how well the liked pieces agree in it and how well in shape."""
    if not len(liked):
        return wish.share
    trust = []
    for rows, wanted in ((pieces.shapes, wish.shape), (pieces.colours, wish.colour)):
        apart = 1 - rows @ wanted
        among = max(float(apart.mean()), 1e-6)
        own = max(float(apart[list(liked)].mean()), 1e-6)
        trust.append(float(np.clip(among / own, 1 / MOST_TRUST, MOST_TRUST)))
    shape, colour = (1 - wish.share) * trust[0], wish.share * trust[1]
    return float(colour / (shape + colour))


def valued(before: Wish, after: Wish, pieces: Pieces, kinds: np.ndarray) -> Valued:
    """What likes and dislikes have changed, in words that mean something.

    Args:
        before: what was wanted at first.
        after: what `learned` made of it.
        pieces: the catalogue.
        kinds: name of each piece's kind, shape (N,).
    """
    gain = pieces.shapes @ (after.shape - before.shape)
    found = {str(kind): float(gain[kinds == kind].mean()) for kind in np.unique(kinds)}
    return Valued(after.share, found, after.colour**2 - before.colour**2)


def is_strange(pieces: Pieces, wish: Wish, encoder: Encoder) -> bool:
    """Whether nothing in a catalogue has a shape like the one that is looked for.

    So it is where pictures that show no furniture are so much nearer than any piece as they are
    of 3 % of new designs. The bundle holds such pictures' codes and says how much that is; by one
    that does not, nothing is strange.
    """
    limit = encoder.config.get("alike")
    if limit is None or not len(pieces) or not len(encoder.strangers):
        return False
    return strangeness(wish.shape, pieces.shapes, encoder.strangers) > limit


def strangeness(shape: np.ndarray, pieces: np.ndarray, strangers: np.ndarray) -> float:
    """How much farther the nearest piece is than the nearest picture that shows no furniture.

    A distance by itself tells little: photos lie farther from renders than renders from each
    other, and not in the direction in which scribbles lie.

    Args:
        shape: a code of length 1, shape (D,).
        pieces: codes of a catalogue, shape (N, D), N at least 1.
        strangers: codes of such pictures, shape (M, D), M at least 1.

    Returns:
        Difference of two distances, in [−2, 2].
    """
    piece, stranger = (np.linalg.norm(codes - shape, axis=1).min() for codes in (pieces, strangers))
    return float(piece - stranger)


@dataclass(frozen=True)
class Rendered:
    """The test renders of an encoder's bundle: a catalogue that is always at hand.

    Args:
        pieces: their names are the numbers of the images in the gallery of their data set.
        kinds: names of their kinds, shape (N,).
        sizes: in metres, each (N,), by name.
    """

    pieces: Pieces
    kinds: np.ndarray
    sizes: dict[str, np.ndarray]


def rendered(encoder: Encoder) -> Rendered:
    """The test renders of an encoder's bundle.

    Raises:
        InputError: the bundle has none.
    """
    kind = f"{FACTOR}{KIND}"
    words = encoder.config.get("factor_words", {}).get(KIND)
    path = encoder.folder / bundle.GALLERY
    if not words or encoder.config["kind"] != bundle.CONTRAST:
        raise InputError(f"{encoder.name} knows no designs. Use {NAME}.")
    arrays = bundle.read_arrays(path, ("codes", "colours", "indices", kind))
    sizes = {
        name.removeprefix(FACTOR): values.astype(np.float32)
        for name, values in arrays.items()
        if name.startswith(FACTOR) and name != kind
    }
    pieces = Pieces(
        tuple(map(str, arrays["indices"].tolist())),
        unit(arrays["codes"].astype(np.float32)),
        unit(arrays["colours"].astype(np.float32)),
    )
    return Rendered(pieces, np.array(words)[arrays[kind]], sizes)


def pictures_of(encoder: Encoder, names: Sequence[str]) -> list[bytes]:
    """The test renders themselves, each as the bytes of a WebP file.

    They ship with one of the models of the same kind of images. They are looked up by number and
    not by the fingerprint of their data set: another processor rounds a pixel in a million
    differently.

    Raises:
        InputError: no model at hand has them.
    """
    wanted = [int(name) for name in names]
    for path in sorted(encoder.folder.parent.glob(f"*/{bundle.IMAGES}")):
        with suppress(InputError):
            if bundle.read_config(path.parent)["preprocessing"] != encoder.config["preprocessing"]:
                continue
            files = bundle.read_images(path.parent)
            if files.keys() >= set(wanted):
                return [files[index] for index in wanted]
    raise InputError("The pictures of the rendered furniture are missing. Fetch furniture-ae.")


def guessed_kinds(encoder: Encoder, shapes: np.ndarray) -> np.ndarray:
    """Of what kind pieces are, by a vote of the ten rendered ones nearest in shape, (N,)."""
    known = rendered(encoder)
    if not len(shapes):
        return np.empty(0, known.kinds.dtype)
    names, of = np.unique(known.kinds, return_inverse=True)
    near, _ = nearest(known.pieces.shapes, shapes, VOTERS)
    votes = np.stack([(of[near] == i).sum(1) for i in range(len(names))], axis=1)  # (N, names)
    return names[votes.argmax(1)]
