"""What goes to the browser and what comes back, without a browser."""

from __future__ import annotations

import json

import numpy as np
import pytest

from latent import InputError, LatentSpace
from latent.gallery import Gallery
from latent.projections import Drawn
from latent.trust import usual_distances
from ui import live
from ui.live import parcels
from ui.live.choice import pinned, read_choice
from ui.live.groupings import groupings
from ui.state import Spot, token

GOOD = {
    "seq": 3, "a": {"index": 5}, "b": None, "more": [], "path": "lerp", "next": "B", "t": 0.25,
}  # fmt: skip


def header(parcel: parcels.Parcel) -> dict:
    length = int.from_bytes(parcel.data[:4], "little")
    return json.loads(parcel.data[4 : 4 + length])


def test_arrays_lie_aligned_where_the_header_says() -> None:
    arrays = {"a": np.arange(3, dtype=np.uint8), "b": np.arange(4, dtype=np.float32)}
    parcel = parcels.pack("codes", arrays, {"word": "é"})
    fields = header(parcel)
    start = len(parcel.data) - 8 - 16
    assert start % 8 == 0
    at = start + fields["arrays"]["b"]["offset"]
    assert np.array_equal(np.frombuffer(parcel.data[at : at + 16], "<f4"), np.arange(4))
    assert (fields["word"], fields["version"]) == ("é", parcel.version)


def drawn(xy: np.ndarray) -> Drawn:
    """A map that nobody checked."""
    projection = Drawn(dims=2)
    projection.xy = xy
    return projection


LABELS, ERRORS = np.zeros(4, np.uint8), np.zeros(4, np.float32)


@pytest.mark.parametrize(
    ("send", "words"),
    [
        (lambda: parcels.map_parcel("pca2", drawn(np.zeros((3, 2), np.float32)), 4), "each of 4"),
        (lambda: parcels.map_parcel("pca2", drawn(np.full((4, 2), np.nan)), 4), "no numbers"),
        (lambda: parcels.codes_parcel(np.full((4, 2), np.inf)), "no numbers"),
        (lambda: parcels.codes_parcel(np.empty((0, 2))), "at least two images; got 0"),
        (lambda: parcels.codes_parcel(np.zeros((1, 2))), "at least two images; got 1"),
        (lambda: parcels.gallery_parcel(LABELS + 2, ERRORS, ["x", "y"]), "from 0 to 1"),
        (lambda: parcels.gallery_parcel(LABELS, ERRORS[:3], ["x"]), "4 labels and 3 errors"),
    ],
)  # fmt: skip
def test_what_the_browser_could_not_draw_is_refused_first(send, words: str) -> None:
    with pytest.raises(InputError, match=words):
        send()


def gallery(**factors: np.ndarray) -> Gallery:
    n = len(next(iter(factors.values())))
    blank = np.zeros(n, np.uint8)
    words = {"legs": [f"kind {i}" for i in range(12)]}
    return Gallery(np.zeros((n, 2), np.float32), blank, blank, blank * 0.0, None, factors, words)


def test_words_group_by_frequency_and_the_rarest_fall_together() -> None:
    legs = np.repeat(np.arange(12, dtype=np.uint8), np.arange(1, 13))
    (grouping,) = groupings(gallery(legs=legs))
    assert grouping.names == [f"kind {i}" for i in range(11, 2, -1)] + ["other"]
    counts = np.bincount(grouping.of)
    assert counts.tolist() == [*range(12, 3, -1), 1 + 2 + 3]
    assert (grouping.of[legs == 11] == 0).all()


def test_sizes_group_into_bins_of_equal_count_and_what_has_no_such_part_is_none() -> None:
    height = np.linspace(0.1, 0.7, 60).astype(np.float32)
    height[::3] = 0
    (grouping,) = groupings(gallery(back_height=height))
    assert (grouping.title, grouping.ordered) == ("Back height (m)", True)
    assert grouping.names[-1] == "none"
    counts = np.bincount(grouping.of)
    assert counts[-1] == 20
    assert counts[:-1].sum() == 40
    assert np.ptp(counts[:-1]) <= 1
    for name, number in zip(grouping.names[:-1], range(6), strict=True):
        low, high = (float(part) for part in name.split(" to "))
        inside = height[grouping.of == number]
        assert low - 0.005 <= inside.min() <= inside.max() <= high + 0.005


def test_a_cause_that_is_the_same_for_all_is_no_grouping() -> None:
    same = np.full(20, 0.4, np.float32)
    assert groupings(gallery(width=same, back_height=0 * same)) == []


def test_a_choice_is_read_as_it_was_made(tiny_space: LatentSpace) -> None:
    kept = Spot("mnist-vae", "umap2", (1.0, 2.0), (0.0,) * 4)
    spot = {"code": [0.5] * 4, "spot": [1.5, -2], "map": "umap2"}
    choice = read_choice({**GOOD, "b": spot}, tiny_space, {})
    assert (choice.a, choice.next, choice.percent) == (5, "B", 25)
    assert choice.b == Spot("mnist-vae", "umap2", (1.5, -2.0), (0.5,) * 4)
    named = {**GOOD, "b": {"token": token(kept)}}
    assert read_choice(named, tiny_space, {token(kept): kept}).b is kept
    longer = read_choice({**GOOD, "more": [{"index": 7}, spot], "path": "graph"}, tiny_space, {})
    assert longer.more == (7, choice.b)
    assert longer.path == "graph"


@pytest.mark.parametrize(
    "change",
    [
        {"a": {"index": 10**6}}, {"a": {"index": -1}}, {"a": {"token": "none"}}, {"a": 5},
        {"a": {"code": [0.0] * 3, "spot": [0, 0], "map": "umap2"}},
        {"a": {"code": [float("nan")] * 4, "spot": [0, 0], "map": "umap2"}},
        {"a": {"code": [0.0] * 4, "spot": [0, 0], "map": "other"}},
        {"path": "detour"}, {"path": ["lerp"]}, {"more": None}, {"more": [None]},
        {"more": [{"index": 1}] * 7}, {"more": [{"index": -1}]}, {"next": "C"},
        {"t": 2}, {"t": "x"}, {"seq": None},
    ],
)  # fmt: skip
def test_a_choice_that_no_page_sends_is_refused(tiny_space: LatentSpace, change: dict) -> None:
    with pytest.raises(InputError, match="Reload the page"):
        read_choice({**GOOD, **change}, tiny_space, {})


def test_points_are_pinned_as_the_browser_reads_them() -> None:
    spot = Spot("mnist-vae", "umap2", (1.0, 2.0), (0.0,) * 4)
    assert pinned(None, None) is None
    assert pinned(7, None) == {"index": 7}
    assert pinned(spot, [0.0] * 4) == {
        "code": [0.0] * 4, "token": token(spot), "spot": [1.0, 2.0], "map": "umap2",
    }  # fmt: skip


def test_usual_distances_are_those_from_test_to_train(tiny_space: LatentSpace) -> None:
    gallery = tiny_space.gallery
    test, train = gallery.codes[gallery.split == 1], gallery.codes[gallery.split == 0]
    brute = np.sqrt(((test[:, None] - train[None]) ** 2).sum(2)).min(1)
    found = usual_distances(gallery)
    assert found[[0, 50, 100]] == pytest.approx(np.percentile(brute, [0, 50, 100]), rel=1e-4)


def test_a_joined_script_defines_what_it_uses_before_it_and_imports_nothing() -> None:
    script = live.joined("explorer")
    assert "\nimport " not in script
    assert script.count("export ") == 1
    assert script.index("class Network") < script.index("class Model") < script.index("export ")
