"""`python -m latent render furniture`."""

from __future__ import annotations

from pathlib import Path

import click

from latent.errors import InputError


@click.group()
def render() -> None:
    """Render a data set."""


@render.command()
@click.option("--count", type=click.IntRange(1), default=24_000, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True,
              help="Folder; a killed run goes on from what is there.")  # fmt: skip
@click.option("--set", "settings", multiple=True, metavar="FACTOR=VALUE",
              help="Give every image this factor; may be repeated.")  # fmt: skip
@click.option("--workers", type=click.IntRange(1), help="Processes; default one a core.")
def furniture(
    count: int, seed: int, out: Path, settings: tuple[str, ...], workers: int | None
) -> None:
    """Render chairs and tables whose every image has known causes."""
    from latent.furniture.dataset import render_folder

    try:
        render_folder(out, count, seed, parse_settings(settings), workers=workers)
    except OSError as error:
        raise InputError(f"{out} cannot be written: {error.strerror or error}.") from error
    print(f"{out}: {count} images")


def parse_settings(settings: tuple[str, ...]) -> dict[str, str | float]:
    """`hue=0.6` as a factor and its value: a number if it reads as one.

    Raises:
        InputError: there is no `=`.
    """
    fixed: dict[str, str | float] = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals:
            raise InputError(f"--set takes FACTOR=VALUE, such as hue=0.6; got {setting!r}.")
        try:
            fixed[name] = float(value)
        except ValueError:
            fixed[name] = value
    return fixed
