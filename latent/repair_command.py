"""`python -m latent repair MODEL IMAGE --mask MASK --out DIR`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import numpy as np
from PIL import Image

from latent.errors import InputError
from latent.files import written_whole
from latent.images import prepare, stack, strip, to_uint8
from latent.inpaint import MOST, NOISE, Inpainter, Repair
from latent.masks import COVERS, MASKS, check_mask, covered, make_mask, read_mask
from latent.originals import picture_of
from latent.priors import PRIORS, own_prior, prior_of
from latent.space import LatentSpace, load_space


@click.command()
@click.argument("model")
@click.argument("image")
@click.option("--mask", required=True, metavar="MASK",
              help=f"{', '.join(MASKS)}, or an image whose light pixels are hidden.")  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder for pictures.")
@click.option("--cover", default="ground", show_default=True, help=", ".join(COVERS) + ".")
@click.option("--from", "prior", help=f"Which codes are likely: {' or '.join(PRIORS)}; default "
              "the model's own prior, where it has none the mixture.")  # fmt: skip
@click.option("--count", type=click.IntRange(1, 64), default=MOST, show_default=True,
              help="Completions, at most.")  # fmt: skip
@click.option("--noise", type=float, default=NOISE, show_default=True,
              help="How far visible pixels may be missed; more leaves more open.")  # fmt: skip
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def repair(
    model: str,
    image: str,
    mask: str,
    out: Path,
    cover: str,
    prior: str | None,
    count: int,
    noise: float,
    seed: int,
    as_json: bool,
) -> None:
    """Hide a part of IMAGE and complete it in several ways from what remains.

    IMAGE is the number of a gallery image or an image file. The folder gets covered.png,
    plain.png (what encoding the covered image and decoding it gives), a picture of each
    completion, expected.png (their mean) and overview.png (all of them).
    """
    space = load_space(model)
    rng = np.random.default_rng(seed)
    x = _image(space, image)
    hidden = check_mask(_mask(mask, x.shape[1:], rng), x.shape[1:])
    given = covered(x, hidden, cover, rng)
    prior = prior or own_prior(space)
    found = Inpainter(space, prior_of(space, prior)).infer(x, hidden, rng, most=count, noise=noise)
    plain = space.decode(space.encode(given[None]))[0]
    files = _write(out, x, hidden, given, plain, found)
    report = {"model": space.name, "image": image, "mask": mask, "cover": cover, "from": prior,
              "noise": noise, "seed": seed, "hidden_share": float(hidden.mean()),
              **_figures(space, x, hidden, plain, found, files)}  # fmt: skip
    if as_json:
        print(json.dumps(report, ensure_ascii=False))
        return
    for line in _lines(out, report):
        print(line)


def _image(space: LatentSpace, words: str) -> np.ndarray:
    """Pixels of a gallery image or of a file, (C, H, W)."""
    if words.strip().removeprefix("-").isdecimal() and len(words) < 12:
        return picture_of(space, int(words))[0]
    return prepare(_bytes(words), space.config["preprocessing"]).x


def _mask(words: str, shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    if words in MASKS or not Path(words).suffix:
        return make_mask(words, shape, rng)
    return read_mask(_bytes(words))


def _bytes(name: str) -> bytes:
    try:
        return Path(name).read_bytes()
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "this is no name of a file"
        raise InputError(f"{name[:80]!r} cannot be read: {why}.") from error


def _write(
    out: Path,
    x: np.ndarray,
    hidden: np.ndarray,
    given: np.ndarray,
    plain: np.ndarray,
    found: Repair,
) -> list[str]:
    """Write all pictures; the names of those of the completions."""
    whole = [np.where(hidden, image, x) for image in found.images]
    expected = np.where(hidden, found.mean, x)
    names = [f"completion-{number:02}.png" for number in range(1, len(whole) + 1)]
    pictures = dict(zip(names, map(to_uint8, whole), strict=True))
    pictures |= {
        "covered.png": to_uint8(given), "plain.png": to_uint8(plain),
        "expected.png": to_uint8(expected),
        "overview.png": _overview([x, given, plain, expected, *whole]),
    }  # fmt: skip
    try:
        for name, pixels in pictures.items():
            with written_whole(out / name) as part:
                Image.fromarray(pixels).save(part)
    except OSError as error:
        raise InputError(f"{out} cannot be written: {error.strerror or error}.") from error
    return names


def _overview(images: list[np.ndarray], across: int = 10) -> np.ndarray:
    """All images in rows; the last row is filled up with white."""
    blank = np.ones_like(images[0])
    images = images + [blank] * (-len(images) % across)
    rows = [images[i : i + across] for i in range(0, len(images), across)]
    return stack([strip(np.stack(row)) for row in rows])


def _figures(
    space: LatentSpace,
    x: np.ndarray,
    hidden: np.ndarray,
    plain: np.ndarray,
    found: Repair,
    files: list[str],
) -> dict[str, Any]:
    def error(image: np.ndarray) -> float:
        return float(np.square(image - x)[:, hidden].mean())

    return {
        "effective_draws": found.effective,
        "error": {"plain": error(plain), "expected": error(found.mean)},
        "completions": [
            {
                "file": file, "probability": float(probability), "error": error(image),
                "label": space.vote(space.neighbours(code, space.voters)[0]),
                "code": code.tolist(),
            }
            for file, probability, image, code in zip(
                files, found.probabilities, found.images, found.codes, strict=True
            )
        ],
    }  # fmt: skip


def _lines(out: Path, report: dict[str, Any]) -> list[str]:
    errors = report["error"]
    lines = [
        f"{out}: {len(report['completions'])} completions of {report['image'][:40]}, "
        f"{report['hidden_share']:.0%} hidden",
        f"squared error on the hidden part: encoded and decoded {errors['plain']:.4f}, "
        f"mean of the completions {errors['expected']:.4f}",
    ]
    for row in report["completions"]:
        lines.append(f"{row['file']}: {row['probability']:.1%}, like {row['label']}, "
                     f"error {row['error']:.4f}")  # fmt: skip
    return lines
