"""What a model calls unlike: `python -m benchmarks.novelty MODEL [FOLDER]`.

Strangers are drawn anew and placed as uploads are; FOLDER has images that the model should
know, such as digits drawn with a pen. `make bench` measures the digit models, and the work
of the server for one image.
"""

from __future__ import annotations

import io
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.live import row
from latent import LatentSpace, load_space
from latent.images import prepare, read_pixels
from latent.reading import warm_up
from latent.standard import FALSE_ALARMS
from latent.strangers import known, novelties, strangers

SEED = 1  # another than that of the strangers that ship
DIGITS = ("mnist-vae", "mnist-ae", "mnist-vae-2d")
PHOTOS = 60  # of 1,200 × 900 pixels


def unlike(space: LatentSpace, seed: int = SEED) -> dict[str, float]:
    """Share that is called unlike of the test images and of each kind of strangers."""
    pictures = strangers(space, np.random.default_rng(seed))
    found = {kind: novelties(space, those) for kind, those in pictures.items()}
    found = {"test images": space.standard.novelties, **found}
    return {kind: float((novelty > 1 - FALSE_ALARMS).mean()) for kind, novelty in found.items()}


def measure() -> list[dict[str, Any]]:
    """Rows of the digit models, and of the time that an image takes."""
    rows = []
    for name in DIGITS:
        space = load_space(name)
        ece = space.standard.reliability.ece
        rows.append(row(f"{name}: expected calibration error", ece, "", 0.02))
        for kind, share in unlike(space).items():
            if kind == "test images":
                rows.append(row(f"{name}: test images called unlike", 100 * share, "%", 5))
            else:
                limit = 20 if kind == "letters" else 5
                rows.append(row(f"{name}: {kind} not called unlike", 100 * (1 - share), "%", limit))
    return [*rows, *_times(load_space(DIGITS[0]))]


def _times(space: LatentSpace) -> list[dict[str, Any]]:
    """Milliseconds from the bytes of a file to its placement, once everything is warm."""
    warm_up()
    space.warm_up()
    files = []
    for digit in known(space, np.random.default_rng(SEED))[:PHOTOS]:
        file = io.BytesIO()
        sheet = Image.new("L", (1200, 900), 255)
        sheet.paste(Image.fromarray(255 - digit).resize((560, 560)), (320, 170))
        sheet.save(file, "PNG")
        files.append(file.getvalue())
    taken = []
    for file in files:
        start = time.perf_counter()
        space.place(prepare(file, space.config["preprocessing"]).x)
        taken.append(1000 * (time.perf_counter() - start))
    return [
        row("server: file of 1,200 × 900 pixels to placement, p95", np.percentile(taken, 95),
            "ms", 60),
        row("server: file of 1,200 × 900 pixels to placement, median", np.median(taken), "ms"),
    ]  # fmt: skip


def main() -> int:
    """Print the share of each kind."""
    if not 2 <= len(sys.argv) <= 3:
        print("usage: python -m benchmarks.novelty MODEL [FOLDER]", file=sys.stderr)
        return 2
    space = load_space(sys.argv[1])
    shares = unlike(space)
    if len(sys.argv) == 3:
        files = [path for path in sorted(Path(sys.argv[2]).rglob("*")) if path.is_file()]
        how = space.config["preprocessing"]
        novelty = novelties(space, (read_pixels(path.read_bytes(), how) for path in files))
        shares[sys.argv[2]] = float((novelty > 1 - FALSE_ALARMS).mean())
    for kind, share in shares.items():
        print(f"{share:7.2%} of {kind}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
