"""`python -m latent compare MODEL… --json`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from latent.comparison import FEW, compare, write
from latent.comparison import shipped as shipped_comparison
from latent.data import load_dataset
from latent.errors import InputError

MODELS = ("mnist-ae", "mnist-vae", "mnist-vae-2d", "mnist-dae", "mnist-contrast")


@click.command("compare")
@click.argument("models", nargs=-1)
@click.option("--data", type=click.Path(path_type=Path),
              help="Folder with MNIST/raw in it; default LATENT_DATA.")  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path),
              help="Folder for what the page Compare shows.")  # fmt: skip
@click.option("--shipped", is_flag=True, help="Print what was measured before; needs no data.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(
    models: tuple[str, ...], data: Path | None, out: Path | None, shipped: bool, as_json: bool
) -> None:
    """Put ways to write digits down as numbers to one test: pixels, plain questions, PCA,
    layers of an encoder, and the codes of MODELS (default all of digits that ship).

    It takes about a quarter of an hour.
    """
    if shipped:
        document = shipped_comparison()[0]
    else:
        dataset = load_dataset("mnist", data)
        document, arrays = compare(
            models or MODELS, dataset, lambda words: print(words, file=sys.stderr, flush=True)
        )
        if out is not None:
            try:
                write(out, document, arrays)
            except OSError as error:
                raise InputError(f"{out} cannot be written: {error.strerror}.") from error
    if as_json:
        print(json.dumps(document, ensure_ascii=False))
        return
    for line in table(document["rungs"]):
        print(line)


def table(rows: list[dict[str, Any]]) -> list[str]:
    """The comparison as the lines of a Markdown table; accuracies in percent."""
    few = " | ".join(f"{n} label{'s' * (n > 1)}" for n in FEW)
    head = f"| | numbers | ms | 10 votes | straight cuts | {few} | 8 or 9, unseen | error a pixel |"
    lines = [head, "|---" + "|---:" * (6 + len(FEW)) + "|"]
    for row in rows:
        figures = [_percent(row[name]) for name in ("knn", "probe")]
        figures += [_percent(row["few"][str(n)]) for n in FEW] + [_percent(row["unseen"])]
        mse = "" if row["mse"] is None else f"{row['mse']:.4f}"
        lines.append(f"| {row['title']} | {row['numbers']:,} | {row['ms']:.3f} | "
                     f"{' | '.join(figures)} | {mse} |")  # fmt: skip
    return lines


def _percent(found: list[float]) -> str:
    """A value and half the width of its interval."""
    value, low, high = found
    return f"{100 * value:.1f} ± {50 * (high - low):.1f}"
