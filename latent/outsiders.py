"""Pictures that show no digit, or no furniture: to learn in training what is not known.

Source: outlier exposure: Hendrycks, Mazeika and Dietterich 2019, arXiv:1812.04606.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

SIDE = 28
BARS = 7  # of a picture, at most
FEWEST = 3  # of them: two may well be a digit
FRAME = 18  # pixels that they fill from end to end; with their width about as many as a digit


def no_digits(x: Tensor, noise: torch.Generator) -> Tensor:
    """Digits in pieces and random fields, half of each.

    Args:
        x: digits, shape (B, 1, 28, 28).
        noise: source of randomness.

    Returns:
        As many pictures, in [0, 1].
    """
    half = len(x) // 2
    return torch.cat([in_pieces(x[:half], noise), fields(len(x) - half, noise)])


def no_digits_and_bars(x: Tensor, noise: torch.Generator) -> Tensor:
    """The same, with bars in place of every second picture.

    An encoder that knows pieces and fields still takes furniture and letters for digits.
    """
    half = len(x) // 2
    return torch.cat([no_digits(x[:half], noise), bars(len(x) - half, noise)])


def in_pieces(x: Tensor, noise: torch.Generator) -> Tensor:
    """Images (B, C, S, S) cut into 16 squares that are put together in another order."""
    side = x.shape[-1] // 4
    squares = functional.unfold(x, side, stride=side)  # (B, C · side², 16)
    order = torch.rand(len(x), 1, 16, generator=noise).argsort(2).expand_as(squares)
    return functional.fold(squares.gather(2, order), x.shape[2:], side, stride=side)


def fields(count: int, noise: torch.Generator, side: int = SIDE) -> Tensor:
    """Random fields, from single pixels to broad clouds, (count, 1, side, side)."""
    made = []
    for _ in range(count):
        cells = int(torch.randint(2, SIDE + 1, (), generator=noise))
        coarse = torch.rand(1, 1, cells, cells, generator=noise)
        field = functional.interpolate(coarse, (side, side), mode="bilinear")[0]
        sharp = 1 + 9 * torch.rand((), generator=noise)
        level = 0.5 + 0.3 * torch.rand((), generator=noise)
        made.append(torch.sigmoid(sharp * 4 * (field - level)))
    return torch.stack(made) if made else torch.empty(0, 1, side, side)


def no_furniture(x: Tensor, noise: torch.Generator) -> Tensor:
    """Furniture in pieces, coloured fields and coloured scribbles on white, a third of each.

    Args:
        x: furniture, shape (B, 3, S, S); S a multiple of 4.
        noise: source of randomness.

    Returns:
        As many pictures, in [0, 1].
    """
    third, side = len(x) // 3, x.shape[-1]
    rest = len(x) - third
    ink = torch.cat([fields(third, noise, side), scribbles(rest - third, noise, side)])
    colour = torch.rand(rest, 3, 1, 1, generator=noise)
    return torch.cat([in_pieces(x[:third], noise), 1 - ink * (1 - colour)])


def scribbles(count: int, noise: torch.Generator, side: int) -> Tensor:
    """Curved strokes, thin and thick, (count, 1, side, side): heights at which clouds are cut."""

    def draw(*shape: int) -> Tensor:
        return torch.rand(count, *shape, generator=noise)

    cloud = functional.interpolate(draw(1, 5, 5), (side, side), mode="bicubic")
    level, half = 0.3 + 0.4 * draw(1, 1, 1), 0.02 + 0.1 * draw(1, 1, 1)
    return torch.sigmoid((half - (cloud - level).abs()) * 80)


def bars(count: int, noise: torch.Generator) -> Tensor:
    """Three to seven straight bars that hang together, framed as digits are: (count, 1, 28, 28).

    Some lie, some stand, the others lean; they are thin and thick, pale and dark.
    What is built of boards and legs, or of the strokes of a letter, looks like that.
    """

    def draw(*shape: int) -> Tensor:
        return torch.rand(count, *shape, generator=noise)

    several = (FEWEST + (BARS - FEWEST + 1) * draw(1)).floor()
    there = torch.arange(BARS) < several  # (count, BARS)
    ends = _hanging_together(draw, there)
    half, ink = 0.5 + 2.2 * draw(BARS, 1, 1).square(), 0.35 + 0.65 * draw(BARS, 1, 1)
    along = (ends[:, :, 1] - ends[:, :, 0])[:, :, None, None]
    pixels = torch.stack(torch.meshgrid(*2 * [torch.arange(float(SIDE))], indexing="ij"), -1)
    from_start = pixels - ends[:, :, :1, None]
    share = (from_start * along).sum(-1) / (along.square().sum(-1) + 1e-3)
    apart = (from_start - share.clamp(0, 1)[..., None] * along).norm(dim=-1)
    drawn = torch.sigmoid(3 * (half - apart)) * ink
    return (drawn * there[:, :, None, None]).amax(1, keepdim=True)


def _hanging_together(draw: Callable[..., Tensor], there: Tensor) -> Tensor:
    """Both ends of bars (count, BARS, 2, 2), y and x: each but the first begins on another.

    Those that are there fill a square of 18 pixels in the middle.
    """
    found = [torch.stack([draw(2), draw(2)], 1)]
    rows = torch.arange(len(there))
    for i in range(1, BARS):
        before = torch.stack(found, 1)[rows, (draw() * i).long()]  # (count, 2, 2)
        start = before[:, 0] + draw(1) * (before[:, 1] - before[:, 0])
        end, kind = draw(2), draw(1)
        end = torch.where(kind < 1 / 3, torch.stack([start[:, 0], end[:, 1]], 1), end)
        end = torch.where(kind > 2 / 3, torch.stack([end[:, 0], start[:, 1]], 1), end)
        found.append(torch.stack([start, end], 1))
    ends = torch.stack(found, 1)
    outside = ~there[:, :, None, None]
    low = ends.masked_fill(outside, torch.inf).amin((1, 2))[:, None, None]
    high = ends.masked_fill(outside, -torch.inf).amax((1, 2))[:, None, None]
    size = FRAME / (high - low).amax(-1, keepdim=True).clamp(min=0.1)
    return (ends - (low + high) / 2) * size + (SIDE - 1) / 2
