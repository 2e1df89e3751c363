"""How well a model places images of one's own: `python -m benchmarks.photos MODEL FOLDER`.

FOLDER has a folder for each class, named as the model names it (`chair`, `table`; `0` to
`9`), with image files in it. Each is prepared and placed as `python -m latent place`
does it. A file that cannot be placed counts as wrong.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

from latent import InputError, LatentSpace, load_space
from latent.images import prepare


def measure(space: LatentSpace, folder: Path) -> dict[str, Any]:
    """Place every file of a labelled folder.

    Returns:
        "classes": for each that has a folder "images", "accuracy" and "refused" (files
        that cannot be placed); "balanced_accuracy": mean of the accuracies; "mse": mean
        squared error a pixel of the reconstructions of all that were placed.

    Raises:
        InputError: no class has a folder with files in it.
    """
    classes: dict[str, dict[str, float]] = {}
    errors: list[float] = []
    for name in space.class_names:
        files = [path for path in sorted((folder / name).glob("*")) if path.is_file()]
        if not files:
            continue
        right = refused = 0
        for path in files:
            try:
                placed = space.place(prepare(path.read_bytes(), space.config["preprocessing"]).x)
            except InputError as error:
                refused += 1
                print(f"{path}: {error}", file=sys.stderr)
                continue
            right += placed.label == name
            errors.append(placed.error)
        classes[name] = {"images": len(files), "accuracy": right / len(files), "refused": refused}
    if not classes:
        names = ", ".join(space.class_names)
        raise InputError(f"{folder} has none of the folders {names} with images in it.")
    return {
        "classes": classes,
        "balanced_accuracy": float(np.mean([row["accuracy"] for row in classes.values()])),
        "mse": float(np.mean(errors)) if errors else float("nan"),
    }


def main() -> int:
    """Print the figures; 2 with one line where there is nothing to measure."""
    if len(sys.argv) != 3:
        print("usage: python -m benchmarks.photos MODEL FOLDER", file=sys.stderr)
        return 2
    try:
        space = load_space(sys.argv[1])
        figures = measure(space, Path(sys.argv[2]))
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    for name, row in figures["classes"].items():
        refused = f", {row['refused']} could not be placed" if row["refused"] else ""
        print(f"{name}: {row['accuracy']:.4f} of {row['images']} images{refused}")
    print(f"balanced accuracy ({space.voters} nearest): {figures['balanced_accuracy']:.4f}")
    print(f"mean squared error a pixel: {figures['mse']:.5f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
