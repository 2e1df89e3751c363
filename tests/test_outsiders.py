"""Pictures that show no digit: pieces of digits, random fields, bars."""

from __future__ import annotations

import numpy as np
import torch
from scipy.ndimage import label

from latent.data import TEST, Dataset
from latent.outsiders import (
    BARS,
    FEWEST,
    FRAME,
    bars,
    fields,
    in_pieces,
    no_digits,
    no_digits_and_bars,
    no_furniture,
)


def noise(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_all_kinds_are_there_and_the_same_seed_draws_the_same(tiny_data: Dataset) -> None:
    x = torch.from_numpy(tiny_data.x(TEST)[:22])
    for make, pieces in ((no_digits, 11), (no_digits_and_bars, 5)):
        made = make(x, noise())
        assert made.shape == x.shape
        assert 0 <= float(made.min()) <= float(made.max()) <= 1
        assert torch.equal(made[:pieces], in_pieces(x[:pieces], noise()))
        assert torch.equal(made, make(x, noise()))
        assert not torch.equal(made, make(x, noise(1)))
        assert make(x[:1], noise()).shape == (1, 1, 28, 28)
    assert torch.equal(made[:11], no_digits(x[:11], noise()))


def test_pieces_are_the_squares_of_a_digit_in_another_order(tiny_data: Dataset) -> None:
    x = torch.from_numpy(tiny_data.x(TEST)[:10])

    def squares(picture: torch.Tensor) -> list[list[float]]:
        cut = picture[0].numpy().reshape(4, 7, 4, 7).swapaxes(1, 2).reshape(16, 49)
        return sorted(cut.tolist())

    for before, after in zip(x, in_pieces(x, noise()), strict=True):
        assert squares(before) == squares(after)
        assert not torch.equal(before, after)


def test_fields_go_from_single_pixels_to_broad_clouds() -> None:
    made = fields(200, noise()).numpy()
    step = np.abs(np.diff(made, axis=3)).mean((1, 2, 3)) / made.std((1, 2, 3))
    assert step.min() < 0.1
    assert step.max() > 0.8


def test_bars_hang_together_and_fill_the_frame_of_a_digit() -> None:
    made = bars(300, noise()).numpy()[:, 0]
    alone = [label(picture > 0.12, np.ones((3, 3)))[1] for picture in made]
    assert np.mean(np.equal(alone, 1)) > 0.97  # a thin pale one may fade at its end
    sides = []
    for picture in made:
        y, x = np.nonzero(picture > 0.2)
        sides.append(max(np.ptp(y), np.ptp(x)) + 1)
        for low, high in ((y.min(), y.max()), (x.min(), x.max())):
            assert abs((low + high) / 2 - 13.5) <= 3  # the middle, but for the width of bars
    assert FRAME <= np.median(sides) <= FRAME + 4
    assert max(sides) <= 26
    assert FEWEST < BARS
    assert 0.05 < made.mean() < 0.3  # about as much ink as digits


def test_what_is_no_furniture_is_pieces_fields_and_scribbles_in_colour():
    x = torch.rand(9, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    made = no_furniture(x, torch.Generator().manual_seed(1))
    assert made.shape == x.shape
    assert made.min() >= 0
    assert made.max() <= 1
    pieces, fields, scribbles = made.split(3)
    # the pixels of the piece, elsewhere, their colours kept
    torch.testing.assert_close(pieces.mean((2, 3)), x[:3].mean((2, 3)), rtol=1e-4, atol=1e-5)
    assert not torch.equal(pieces, x[:3])
    # elsewhere one colour laid on white, more or less of it
    for each in (*fields, *scribbles):
        ink = (1 - each).flatten(1)
        share = ink / ink.amax(1, keepdim=True).clamp(min=1e-6)
        torch.testing.assert_close(share[0], share[1], rtol=1e-3, atol=1e-3)
    # strokes leave most of the paper white
    assert ((scribbles > 0.99).all(1).float().mean((1, 2)) > 0.3).all()
