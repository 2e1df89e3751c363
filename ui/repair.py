"""Repair on a page: the image, the mask, and what may lie behind it."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import numpy as np
import streamlit as st

from latent.errors import InputError
from latent.images import to_uint8
from latent.inpaint import NOISE, Repair
from latent.masks import check_mask, covered, make_mask, read_mask
from latent.priors import PRIORS, own_prior
from latent.space import LatentSpace
from ui import frame, live, pictures, resources, state
from ui.pictures import Figure
from ui.state import Key

MATCHES = {"exact": NOISE / 4, "usual": NOISE, "rough": 4 * NOISE}
UNSURE = 0.25  # of a pixel's range: a standard deviation that is drawn in full
FEW = 10  # draws that say so little are told to
LIKELY_LABEL = 0.005  # a label less probable than that is not named


def fit_choices(space: LatentSpace) -> None:
    """Give the choices a meaning in the model that is shown now, before they are drawn."""
    session = st.session_state
    if session[Key.REPAIRED] >= len(space.gallery):  # rather one whose original is at hand
        known = resources.with_originals(space.name)
        session[Key.REPAIRED] = int(known[0]) if len(known) else 0
    if session[Key.REPAIRED_MINE] not in state.tray(session).images:
        session[Key.REPAIRED_MINE] = None


def image(space: LatentSpace) -> tuple[np.ndarray, str]:
    """The chosen image, (C, H, W), and what it is called.

    Raises:
        InputError: the visitor's image does not fit the model.
    """
    session = st.session_state
    images = state.tray(session).images
    number = session[Key.REPAIRED_MINE]
    if number in images:
        return images[number].x(space), f"your image {images[number].title}"
    index = session[Key.REPAIRED]
    known = resources.have_originals(space.name, [index])
    kind = "original" if known else "as the model decodes it: the original is not at hand"
    label = space.class_names[space.gallery.labels[index]]
    return resources.pictures(space.name, (index,))[0], f"image {index}, labelled {label} ({kind})"


def mask(space: LatentSpace) -> np.ndarray:
    """The mask as it stands, (H, W), bool; a fresh visit hides the lower half."""
    session, shape = st.session_state, space.image_shape[1:]
    hidden: np.ndarray | None = session[Key.HIDDEN]
    if hidden is None or hidden.shape != shape:
        hide(space, "lower")
    found: np.ndarray = session[Key.HIDDEN]
    return found


def hide(space: LatentSpace, name: str) -> None:
    """Take a ready mask."""
    _take(make_mask(name, space.image_shape[1:], np.random.default_rng()))


def take_file(space: LatentSpace) -> None:
    """Take a mask from a file that has come since the last run; say what is wrong with it."""
    session = st.session_state
    given = session.get(state.round_key(session, Key.MASK_FILE))
    if given is None:
        return
    session[Key.MASK_ROUND] += 1
    with frame.errors_shown():
        _take(check_mask(read_mask(given.getvalue()), space.image_shape[1:]))


def canvas(space: LatentSpace, x: np.ndarray, hidden: np.ndarray) -> None:
    """The image under the brush."""
    pixels = np.round(np.clip(x, 0, 1) * 255).astype(np.uint8).tobytes()
    live.mask(Key.MASK, {
        "image": hashlib.sha256(pixels).hexdigest()[:16],
        "shape": list(x.shape),
        "pixels": _base64(pixels),
        "hidden": _base64(hidden.astype(np.uint8).tobytes()),
        "seq": st.session_state[Key.HIDDEN_SEQ],
    }, on_mask=lambda: _painted(space))  # fmt: skip


def likely(space: LatentSpace) -> list[str]:
    """What may say which codes are likely; the choice is brought among them."""
    session = st.session_state
    found = list(PRIORS) if own_prior(space) == "prior" else ["mixture"]
    if session[Key.LIKELY] not in found:
        session[Key.LIKELY] = found[0]
    return found


def infer(space: LatentSpace, x: np.ndarray, hidden: np.ndarray) -> Repair:
    """Completions, as the choices on the page ask for them.

    Raises:
        InputError: the mask hides all or nothing.
    """
    check_mask(hidden, space.image_shape[1:])
    session = st.session_state
    noise = MATCHES[session[Key.MATCH]]
    return resources.repaired(space.name, session[Key.LIKELY], x, hidden, noise)


def compare(space: LatentSpace, x: np.ndarray, hidden: np.ndarray, found: Repair) -> None:
    """What plain encoding and decoding gives, and the mean of what inference does."""
    given = covered(x, hidden, st.session_state[Key.COVER], np.random.default_rng(0))
    plain = space.decode(space.encode(given[None]))[0]
    unsure = np.where(hidden, found.spread / UNSURE, 0).max(axis=0, keepdims=True)
    pictures.row([
        Figure(to_uint8(x), "The whole image", "The model is not shown it."),
        Figure(to_uint8(given), "What is given", "The hidden part is painted over."),
        Figure(to_uint8(plain), "Encoded and decoded",
               f"Takes the paint for part of it. Error {error(plain, x, hidden):.3f}"),
        Figure(to_uint8(np.where(hidden, found.mean, x)), "Mean of all guesses",
               f"Blurred where they differ. Error {error(found.mean, x, hidden):.3f}"),
        Figure(to_uint8(1 - np.clip(unsure, 0, 1)), "Where they differ", "The darker, the more."),
    ], side=6)  # fmt: skip
    st.caption("Error: mean squared difference from the whole image on the hidden part.")


def completions(space: LatentSpace, x: np.ndarray, hidden: np.ndarray, found: Repair) -> None:
    """Every completion with its probability."""
    labels = [space.vote(space.neighbours(code, space.voters)[0]) for code in found.codes]
    st.subheader("What may lie behind the mask", anchor=False)
    st.markdown(verdict(found.probabilities, labels))
    pictures.row([
        Figure(
            to_uint8(np.where(hidden, picture, x)), f"{percent(probability)} · like {label}",
            f"error {error(picture, x, hidden):.3f}",
        )
        for picture, probability, label in zip(
            found.images, found.probabilities, labels, strict=True
        )
    ], side=6.5)  # fmt: skip
    st.caption(
        "Each picture keeps what is visible and fills in the rest. Its percentage is the "
        "probability, given what is seen, that the hidden part is more like this picture than "
        f"like any other here; {found.draws} weighted draws estimate it, which "
        f"{worth(found.effective)}. *Like* is what most of the images with the nearest codes are "
        "labelled."
    )


def worth(effective: float) -> str:
    """How much the draws say, in words."""
    rough = ": the percentages are rough" if effective < FEW else ""
    if effective < 1.5:
        return f"say hardly more than a single draw straight from the answer would{rough}"
    return f"say as much as {effective:.0f} draws straight from the answer would{rough}"


def error(picture: np.ndarray, x: np.ndarray, hidden: np.ndarray) -> float:
    """Mean squared error on the hidden part."""
    return float(np.square(picture - x)[:, hidden].mean())


def verdict(probabilities: np.ndarray, labels: list[str]) -> str:
    """How probable each label is, in a sentence."""
    sums: dict[str, float] = {}
    for probability, label in zip(probabilities, labels, strict=True):
        sums[label] = sums.get(label, 0.0) + float(probability)
    named = sorted(((share, label) for label, share in sums.items()), reverse=True)
    told = [
        f"**{frame.plain(label)}** {percent(share)}"
        for share, label in named
        if share >= LIKELY_LABEL
    ]
    if len(told) == 1:
        return f"All of it points one way: {told[0]}. What differs is how it is drawn."
    return f"What remains is ambiguous: {', '.join(told)}."


def percent(share: float) -> str:
    """A probability in words: never 0 % or 100 % for what is neither."""
    if share < 0.01:
        return "below 1 %"
    return f"{share:.0%}".replace("%", " %") if share <= 0.99 else "over 99 %"


def read_hidden(value: Any, shape: tuple[int, int]) -> tuple[int, np.ndarray]:
    """Check what came from the brush: the number of the mask, and the mask, (H, W), bool.

    Raises:
        InputError: it is not as the page's own script sends it.
    """
    try:
        seq, content = int(value["seq"]), base64.b64decode(value["hidden"], validate=True)
        if len(content) != shape[0] * shape[1]:
            raise ValueError
    except (KeyError, OverflowError, TypeError, ValueError) as wrong:
        raise InputError("The brush sent a mask that cannot be read. Reload the page.") from wrong
    return seq, (np.frombuffer(content, np.uint8) > 0).reshape(shape)


def _painted(space: LatentSpace) -> None:
    """The brush has come to rest; what cannot be read is said and changes nothing."""
    session = st.session_state
    with frame.errors_shown():
        seq, hidden = read_hidden(session[Key.MASK]["mask"], space.image_shape[1:])
        session[Key.HIDDEN], session[Key.HIDDEN_SEQ] = hidden, seq


def _take(hidden: np.ndarray) -> None:
    session = st.session_state
    session[Key.HIDDEN] = hidden
    session[Key.HIDDEN_SEQ] += 1  # newer than what the browser knows


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
