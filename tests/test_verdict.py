"""What is said of an image, against what was measured."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from latent import InputError, LatentSpace
from tests.conftest import digit_images
from ui.verdict import read_alarms, values


@pytest.fixture
def said(tiny_space: LatentSpace) -> dict[str, Any]:
    image = digit_images(10, seed=9)[0][3][None].astype(np.float32) / 255
    return values(tiny_space, tiny_space.place(image), 0.05)


def test_votes_are_all_of_the_nearest(tiny_space: LatentSpace, said: dict[str, Any]) -> None:
    assert sum(count for _, count in said["votes"]) == said["voters"] == tiny_space.voters
    label, count = said["votes"][0]
    assert said["sure"].startswith(f"{count} of the 10 nearest images are labelled {label}.")


def test_bins_hold_the_test_images_that_did_not_calibrate(said: dict[str, Any]) -> None:
    assert sum(count for _, _, count in said["bins"]) == 50
    assert "50 test images" in said["calibrated"]


def test_without_measured_strangers_the_page_says_how_to_measure_them(
    said: dict[str, Any],
) -> None:
    assert said["curve"]["caught"] == {}
    assert "python -m latent calibrate mnist-vae" in said["cost"]


@pytest.mark.parametrize("value", [None, "0.1", 0, 0.3, -1, float("nan"), [0.1], True])
def test_a_threshold_that_cannot_be_is_refused(value: Any) -> None:
    with pytest.raises(InputError, match=r"from 0\.5% to 25%"):
        read_alarms(value)


def test_a_threshold_is_taken_as_it_comes() -> None:
    assert read_alarms(0.005) == 0.005
    assert read_alarms(0.25) == 0.25
