"""What pages call the things that a model has seen."""

from __future__ import annotations

from dataclasses import dataclass

from ui.uploads import Prepares


@dataclass(frozen=True)
class Wording:
    """Words for one kind of image.

    Args:
        thing: one of them: "a handwritten digit".
        things: several, in plain words.
        advice: what to bring to Place.
        framed: what the preparation does.
        changes: what moving a number of the code may do.
    """

    thing: str
    things: str
    advice: str
    framed: str
    changes: str


DIGITS = Wording(
    thing="a handwritten digit",
    things="digits",
    advice="Dark ink on a light background works best: one digit, large, nothing else in the "
    "picture.",
    framed="Cut out, shrunk to 28 × 28",
    changes="turn the digit, thicken its stroke, or make it another digit",
)
FURNITURE = Wording(
    thing="a chair or a table",
    things="chairs and tables",
    advice="A photo on a light, even background works best: one chair or table, all of it, "
    "nothing else in the picture.",
    framed="Its background made white, cut out, shrunk to 64 × 64",
    changes="turn the piece, widen it, raise its back, or make a chair a table",
)
ANY = Wording(
    thing="an image",
    things="images",
    advice="Bring an image like those that the model was trained on.",
    framed="Brought into the form that the model knows",
    changes="change one thing in the picture, or several",
)
WORDINGS = {"mnist-digit": DIGITS, "furniture-photo": FURNITURE}


def wording(space: Prepares) -> Wording:
    """The words for what a model has seen."""
    return WORDINGS.get(space.config["preprocessing"], ANY)


# what kinds of furniture are called where their own word says too little
KINDS = {
    "swivel": "swivel chair", "dining": "dining table", "round": "round table",
    "coffee": "coffee table", "trestle": "trestle table",
}  # fmt: skip


def kind_word(kind: str) -> str:
    """What a kind of furniture is called."""
    return KINDS.get(kind, kind)
