"""How distances concentrate: against closed forms and brute force."""

from __future__ import annotations

import numpy as np
import pytest

from latent import InputError
from latent.concentration import concentration, steps
from ui.concentration import figure


@pytest.fixture(scope="module")
def codes() -> np.ndarray:
    """Codes of six numbers, each half as wide as the one before, turned at random."""
    rng = np.random.default_rng(0)
    turned, _ = np.linalg.qr(rng.standard_normal((6, 6)))
    widths = 0.5 ** np.arange(6)
    return (rng.standard_normal((3000, 6)) * widths @ turned).astype(np.float32)


def test_random_codes_lose_their_contrast_with_the_root_of_the_dimension(codes):
    _, random = concentration(codes)
    assert [spread.dims for spread in random] == [1, 2, 4, 6, 8, 16, 32, 64, 128, 256, 512, 1024]
    for spread in random:
        if spread.dims >= 64:
            assert spread.contrast == pytest.approx(1 / np.sqrt(2 * spread.dims), rel=0.06)
    # half-normal distances on a line, Rayleigh distances on a plane
    assert random[0].contrast == pytest.approx(np.sqrt(np.pi / 2 - 1), rel=0.05)
    assert random[1].contrast == pytest.approx(np.sqrt(4 / np.pi - 1), rel=0.05)


def test_codes_are_taken_by_how_much_their_axes_vary(codes):
    own, _ = concentration(codes)
    assert [spread.dims for spread in own] == [1, 2, 4, 6]
    assert own[0].contrast == pytest.approx(np.sqrt(np.pi / 2 - 1), rel=0.05)
    far = np.linalg.norm(codes[:1500] - codes[1500:], axis=1)
    assert own[-1].contrast == pytest.approx(far.std() / far.mean(), rel=0.05)
    for spread in own:
        assert spread.distances.mean() == pytest.approx(1, abs=1e-5)
        assert spread.distances.std() == pytest.approx(spread.contrast, abs=1e-4)


def test_the_codes_own_dimension_is_among_the_steps():
    assert steps(20) == [1, 2, 4, 8, 16, 20, 32, 64, 128, 256, 512, 1024]
    assert steps(2000)[-1] == 1024


def test_codes_that_are_all_equal_have_no_contrast():
    own, _ = concentration(np.ones((9, 3), np.float32))
    assert [spread.contrast for spread in own] == [0, 0, 0]


@pytest.mark.parametrize(
    ("codes", "message"),
    [(np.ones((1, 3)), "at least two codes; got 1"), (np.full((9, 3), np.nan), "9 of 9 hold NaN")],
)
def test_codes_without_distances_are_refused(codes, message):
    with pytest.raises(InputError, match=message):
        concentration(codes)


def test_each_step_of_the_slider_shows_its_two_histograms_and_both_curves(codes):
    own, random = concentration(codes)
    drawn = figure(own, random)
    steps_of = drawn.layout.sliders[0].steps
    assert [step.label for step in steps_of] == [f"{spread.dims:,}" for spread in random]
    for i, step in enumerate(steps_of):
        visible = step.args[0]["visible"]
        assert [k for k, shown in enumerate(visible) if shown] == [2 * i, 2 * i + 1, 24, 25]
        shares = drawn.data[2 * i + 1].y
        assert sum(shares) == pytest.approx((random[i].distances < 3).mean(), abs=0.01)
    assert [trace.visible for trace in drawn.data[6:8]] == [True, True]  # six numbers at first
