"""`python -m latent sample MODEL --from prior --count 64 --out grid.png`."""

from __future__ import annotations

import json
from pathlib import Path

import click
import numpy as np
from PIL import Image

from latent import bundle
from latent.errors import InputError
from latent.files import written_whole
from latent.images import stack, strip
from latent.priors import own_prior
from latent.sampling import SOURCES, draw, frechet_distance, source_of
from latent.space import LatentSpace, load_space

MEASURED_ON = 10_000  # draws for --frechet


@click.command()
@click.argument("model")
@click.option("--from", "source", help=f"{', '.join(SOURCES)}; default the model's own prior, "
              "where it has none the mixture.")  # fmt: skip
@click.option("--component", type=click.IntRange(1), help="Which, for --from component.")
@click.option("--image", type=click.IntRange(0), help="Around which, for --from image.")
@click.option("--count", type=click.IntRange(1, 10_000), default=64, show_default=True)
@click.option("--temperature", type=float, default=1.0, show_default=True,
              help="Below 1 keeps to the middle.")  # fmt: skip
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option("--out", type=click.Path(path_type=Path), required=True,
              help="grid.png, or draws.npz with codes and images.")  # fmt: skip
@click.option("--frechet", is_flag=True,
              help=f"Measure {MEASURED_ON:,} more draws against the test images.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def sample(
    model: str,
    source: str | None,
    component: int | None,
    image: int | None,
    count: int,
    temperature: float,
    seed: int,
    out: Path,
    frechet: bool,
    as_json: bool,
) -> None:
    """Draw codes that no image of MODEL gave, decode them, and name the nearest image of each."""
    if out.suffix not in (".png", ".npz"):
        raise InputError(f"--out ends in .png or .npz; got {out.name!r}.")
    space = load_space(model)
    source = source or own_prior(space)
    asked = {"component": component, "image": image}
    if source in asked and asked[source] is None:
        raise InputError(f"--from {source} needs --{source}.")
    drawn_from = source_of(space, source, image=image,
                           component=None if component is None else component - 1)  # fmt: skip
    rng = np.random.default_rng(seed)
    found = draw(space, drawn_from, count, rng, temperature)
    _write(out, space, found.codes)
    labels = space.gallery.labels
    report = {
        "model": space.name, "from": source, "count": count, "temperature": temperature,
        "seed": seed, "out": str(out),
        "draws": [
            {"nearest": int(index), "label": space.class_names[labels[index]],
             "distance": float(distance)}
            for index, distance in zip(found.nearest, found.distances, strict=True)
        ],
    }  # fmt: skip
    if frechet:
        report["frechet_distance"] = frechet_distance(space, drawn_from, MEASURED_ON, rng)
    if as_json:
        print(json.dumps(report, ensure_ascii=False))
        return
    print(f"{out}: {count} draws from {source}, {np.median(found.distances):.3f} from the nearest "
          "image (median)")  # fmt: skip
    if frechet:
        print(f"Fréchet distance of {MEASURED_ON:,} draws to the test images, classifier's "
              f"features: {report['frechet_distance']:.2f}")  # fmt: skip


def _write(out: Path, space: LatentSpace, codes: np.ndarray) -> None:
    images = space.decode(codes)
    try:
        if out.suffix == ".npz":
            bundle.write_arrays(out, {"codes": codes, "images": images})
            return
        with written_whole(out) as part:
            Image.fromarray(grid(images)).save(part)
    except OSError as error:
        raise InputError(f"{out} cannot be written: {error.strerror or error}.") from error


def grid(images: np.ndarray) -> np.ndarray:
    """Images (n, C, H, W) in rows, nearly as many as in a row; the last is filled with white."""
    across = int(np.ceil(np.sqrt(len(images))))
    blank = np.ones((-len(images) % across, *images.shape[1:]), images.dtype)
    filled = np.concatenate([images, blank])
    return stack([strip(row) for row in np.split(filled, len(filled) // across)])
