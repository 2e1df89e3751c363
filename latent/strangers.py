"""Pictures of what a model cannot know, to find out how many of them it calls unlike.

Each goes through the preparation of an upload. They only measure. Some encoders are shown
pictures without a digit in training, noise among them, but others, drawn by other rules
(`latent.outsiders`).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from latent import bundle
from latent.data import TEST
from latent.errors import InputError
from latent.images import prepare_pixels, read_webp, to_uint8
from latent.space import LatentSpace, model_folder, model_names

COUNT = 300  # of each kind, as far as there are so many
SIDES = (28, 64, 200)  # pixels of the pictures that are made
LETTERS = "ACEFHKMNPRTUVWXYacefhkmnprtuvwxy"  # those that look like a digit are left out
FAMILIES = ("LiberationSans", "LiberationSerif", "LiberationMono", "LiberationSansNarrow",
            "DejaVuSans", "DejaVuSerif", "DejaVuSansMono")  # fmt: skip
KNOWS = {"mnist-digit": "digits", "furniture-photo": "furniture"}  # by preparation


def strangers(space: LatentSpace, rng: np.random.Generator) -> dict[str, list[np.ndarray]]:
    """Pictures of each kind that a model cannot know.

    Args:
        space: the model.
        rng: draws them.

    Returns:
        By kind, pictures of shape (H, W) or (H, W, 3), uint8, not yet prepared: noise,
        textures, its own images with their pixels or blocks shuffled, letters, and images
        of the other models beside it.
    """
    own = KNOWS[space.config["preprocessing"]]
    kinds = {
        "noise": [noise(rng) for _ in range(COUNT)],
        "textures": [texture(rng) for _ in range(COUNT)],
        f"shuffled {own}": [shuffled(picture, rng) for picture in known(space, rng)],
        "letters": letters(rng),
    }
    return kinds | _others(own, rng)


def _others(own: str, rng: np.random.Generator) -> dict[str, list[np.ndarray]]:
    """What the models at hand know that are of something else, each kind once."""
    found: dict[str, list[np.ndarray]] = {}
    for name in model_names():
        config = bundle.read_config(model_folder(name))
        kind = KNOWS.get(config["preprocessing"], own)
        if kind != own and kind not in found:
            found[kind] = known(LatentSpace(model_folder(name)), rng)
    return found


def known(space: LatentSpace, rng: np.random.Generator) -> list[np.ndarray]:
    """Test images of a model, (H, W[, 3]), uint8: originals where they ship, else decoded."""
    shipped = bundle.read_images(space.folder)
    chosen = rng.permutation(sorted(shipped) or np.flatnonzero(space.gallery.split == TEST))[:COUNT]
    if shipped:
        return [to_uint8(read_webp(shipped[int(index)])) for index in chosen]
    return list(to_uint8(space.decode(space.gallery.codes[chosen])))


def novelties(space: LatentSpace, pictures: Iterable[np.ndarray]) -> np.ndarray:
    """Novelty of each picture, prepared and placed as an upload is, shape (n,).

    A picture on which the preparation finds nothing is left out: it gets no verdict.
    """
    found = []
    for picture in pictures:
        try:
            x = prepare_pixels(picture, space.config["preprocessing"]).x
        except InputError:
            continue
        found.append(space.place(x).novelty)
    return np.array(found, np.float32)


def noise(rng: np.random.Generator) -> np.ndarray:
    """Even, normal, or black and white noise, (side, side), uint8."""
    shape = (rng.choice(SIDES),) * 2
    kind = rng.integers(3)
    if kind == 0:
        return rng.integers(0, 256, shape, np.uint8)
    if kind == 1:
        return np.clip(rng.normal(128, 50, shape), 0, 255).astype(np.uint8)
    return (rng.random(shape) < rng.uniform(0.1, 0.5)) * np.uint8(255)


def texture(rng: np.random.Generator) -> np.ndarray:
    """Stripes, waves, checks, rings or clouds, turned and scaled, (side, side), uint8."""
    side = int(rng.choice(SIDES))
    y, x = np.indices((side, side)) / side
    angle, frequency, (a, b) = rng.uniform(0, np.pi), rng.uniform(3, 12), rng.uniform(0, 1, 2)
    along = np.sin(2 * np.pi * (frequency * (x * np.cos(angle) + y * np.sin(angle)) + a))
    across = np.sin(2 * np.pi * (frequency * (y * np.cos(angle) - x * np.sin(angle)) + b))
    rings = np.sin(2 * np.pi * frequency * np.hypot(x - a, y - b))
    drawn = (along, along * across, np.sign(along * across), rings, _clouds(side, rng))
    picture = drawn[rng.integers(len(drawn))]
    low, high = picture.min(), picture.max()
    return ((picture - low) / (high - low) * 255).astype(np.uint8)


def _clouds(side: int, rng: np.random.Generator) -> np.ndarray:
    """Noise whose amplitude falls with its frequency."""
    frequency = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.fftfreq(side)) * side
    waves = np.fft.fft2(rng.normal(size=(side, side))) / np.maximum(frequency, 1)
    return np.real(np.fft.ifft2(waves))


def shuffled(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The picture with all pixels, or 4 × 4 blocks of it, in another order."""
    if rng.random() < 0.5:
        flat = picture.reshape(picture.shape[0] * picture.shape[1], -1)
        return rng.permutation(flat).reshape(picture.shape)
    rows, columns = picture.shape[0] // 4, picture.shape[1] // 4
    blocks = [
        picture[top : top + rows, left : left + columns]
        for top in range(0, 4 * rows, rows)
        for left in range(0, 4 * columns, columns)
    ]
    order = rng.permutation(16).reshape(4, 4)
    return np.concatenate([np.concatenate([blocks[i] for i in row], axis=1) for row in order])


def letters(rng: np.random.Generator) -> list[np.ndarray]:
    """Letters that look like no digit, black on white, in the fonts at hand."""
    drawn = [letter(font, character) for font in fonts() for character in LETTERS]
    return [drawn[i] for i in rng.permutation(len(drawn))[:COUNT]]


def letter(font: ImageFont.FreeTypeFont, character: str) -> np.ndarray:
    """One character in the middle of a white square, (160, 160), uint8."""
    image = Image.new("L", (160, 160), 255)
    ImageDraw.Draw(image).text((80, 80), character, fill=0, font=font, anchor="mm")
    return np.asarray(image)


def fonts() -> list[ImageFont.FreeTypeFont]:
    """Pillow's own font, and those of `FAMILIES` that the system has, upright, bold, slanted."""
    own: Callable[..., ImageFont.FreeTypeFont | ImageFont.ImageFont] = ImageFont.load_default
    found = [own(90)]
    for folder in _font_folders():
        for path in sorted(folder.rglob("*.ttf")):
            family, _, style = path.stem.partition("-")
            if family in FAMILIES and "Extra" not in style:
                found.append(ImageFont.truetype(str(path), 90))
    return [font for font in found if isinstance(font, ImageFont.FreeTypeFont)]


def _font_folders() -> list[Path]:
    if sys.platform == "win32":
        return [Path(os.environ.get("WINDIR", "C:/Windows")) / "Fonts"]
    if sys.platform == "darwin":
        return [Path("/Library/Fonts"), Path.home() / "Library/Fonts"]
    return [Path("/usr/share/fonts"), Path("/usr/local/share/fonts")]
