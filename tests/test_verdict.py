"""What is said of an image, against what was measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from latent import InputError, LatentSpace
from latent.placement import measured, write_standard
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


def test_the_reasons_are_all_that_was_measured(
    tiny_space: LatentSpace, own_folder: Path, alter: Callable[..., None]
) -> None:
    image = digit_images(10, seed=9)[0][3][None].astype(np.float32) / 255
    found = tiny_space.place(image)
    said = values(tiny_space, found, 0.05)["reasons"]
    assert f"redrawn worse than {found.error_percentile:.0f} % of the test images, and" in said
    assert "both together are" in said
    alter(own_folder, config={"taught_to_doubt": True})
    space = LatentSpace(own_folder)
    found = space.place(image)
    said = values(space, found, 0.05)["reasons"]
    assert (
        f"the encoder is less sure of it than of {found.doubt_percentile:.0f} %, and it lies"
        in said
    )
    assert "all of it together is" in said


def test_what_a_model_was_taught_to_be_unsure_of_is_not_called_unseen(
    own_folder: Path, alter: Callable[..., None]
) -> None:
    image = digit_images(10, seed=9)[0][3][None].astype(np.float32) / 255
    for doubts, sentence in (
        (False, "has seen none of them"),
        (True, "was shown noise, digits in pieces"),
    ):
        alter(own_folder, config={"taught_to_doubt": doubts})
        space = LatentSpace(own_folder)
        known = {"noise": np.array([0.5, 1], np.float32)}
        write_standard(space, replace(measured(space), strangers=known))
        space = LatentSpace(own_folder)
        assert sentence in values(space, space.place(image), 0.05)["cost"]


@pytest.mark.parametrize("value", [None, "0.1", 0, 0.3, -1, float("nan"), [0.1], True])
def test_a_threshold_that_cannot_be_is_refused(value: Any) -> None:
    with pytest.raises(InputError, match=r"from 0\.5% to 25%"):
        read_alarms(value)


def test_a_threshold_is_taken_as_it_comes() -> None:
    assert read_alarms(0.005) == 0.005
    assert read_alarms(0.25) == 0.25
