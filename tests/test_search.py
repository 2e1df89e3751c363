"""Searching a catalogue: against a loop, and what likes and dislikes do."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from latent import bundle
from latent.encoder import Encoder
from latent.errors import InputError
from latent.images import read_webp
from latent.search import (
    Pieces,
    Wish,
    guessed_kinds,
    is_strange,
    learned,
    nothing,
    pictures_of,
    pieces_of,
    ranked,
    rendered,
    strangeness,
    valued,
)


def unit_rows(rng: np.random.Generator, n: int, width: int) -> np.ndarray:
    rows = rng.standard_normal((n, width)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.fixture(scope="module")
def pieces() -> Pieces:
    rng = np.random.default_rng(0)
    return Pieces(
        tuple(f"p{i}" for i in range(700)), unit_rows(rng, 700, 6), np.abs(unit_rows(rng, 700, 5))
    )


def wish_of(pieces: Pieces, i: int, share: float) -> Wish:
    return Wish(pieces.shapes[i], pieces.colours[i], share)


@pytest.mark.parametrize("share", [0, 0.3, 1])
def test_the_ranking_is_that_of_a_loop(pieces: Pieces, share: float) -> None:
    wish = wish_of(pieces, 5, share)
    scores = [
        (1 - share) * float(np.dot(shape, wish.shape)) + share * float(np.dot(colour, wish.colour))
        for shape, colour in zip(pieces.shapes, pieces.colours, strict=True)
    ]
    found = ranked(pieces, wish, 20)
    assert found.indices[0] == 5
    assert found.indices.tolist() == np.argsort(-np.array(scores), kind="stable")[:20].tolist()
    np.testing.assert_allclose(found.scores, np.sort(scores)[::-1][:20], atol=1e-5)
    np.testing.assert_allclose(found.shapes, pieces.shapes[found.indices] @ wish.shape, atol=1e-6)
    np.testing.assert_allclose(
        found.colours, pieces.colours[found.indices] @ wish.colour, atol=1e-6
    )


def test_only_what_passes_a_filter_is_found(pieces: Pieces) -> None:
    among = np.zeros(len(pieces), bool)
    among[[3, 9, 600]] = True
    found = ranked(pieces, wish_of(pieces, 5, 0.5), 20, among)
    assert sorted(found.indices.tolist()) == [3, 9, 600]
    assert np.all(np.diff(found.scores) <= 0)


def test_more_like_this_brings_it_nearer_and_less_like_this_takes_it_away(pieces: Pieces) -> None:
    first = wish_of(pieces, 5, 0.3)

    def place(wish: Wish, piece: int) -> int:
        return ranked(pieces, wish, len(pieces)).indices.tolist().index(piece)

    middle = int(ranked(pieces, first, 300).indices[200])
    assert place(learned(first, pieces, [middle], []), middle) < 40
    near = int(ranked(pieces, first, 3).indices[2])
    assert place(learned(first, pieces, [], [near]), near) > 2
    same = learned(first, pieces, [], [])
    np.testing.assert_allclose(same.shape, first.shape, atol=1e-6)
    assert same.share == first.share


def test_what_the_liked_agree_in_counts_more() -> None:
    rng = np.random.default_rng(1)
    shapes, colours = unit_rows(rng, 200, 6), np.abs(unit_rows(rng, 200, 5))
    colours[1:4] = colours[0]  # like the first in colour alone
    pieces = Pieces(tuple(map(str, range(200))), shapes, colours)
    first = Wish(shapes[0], colours[0], 0.3)
    assert learned(first, pieces, [1, 2, 3], []).share > 0.5
    shapes[4:7] = shapes[0]  # and these in shape alone
    assert learned(first, pieces, [4, 5, 6], []).share < 0.2
    for end in (0.0, 1.0):  # at the ends of the slider somebody has said so
        assert learned(Wish(shapes[0], colours[0], end), pieces, [1, 5], []).share == end


def test_a_wish_stays_one_whatever_is_disliked(pieces: Pieces) -> None:
    wish = wish_of(pieces, 5, 0.5)
    for _ in range(20):
        wish = learned(wish, pieces, [], list(range(50)))
        assert np.linalg.norm(wish.shape) == pytest.approx(1, abs=1e-5)
        assert np.linalg.norm(wish.colour) == pytest.approx(1, abs=1e-5)
        assert wish.colour.min() >= 0


def test_what_is_valued_names_the_kinds_and_colours_that_gained(pieces: Pieces) -> None:
    kinds = np.where(pieces.shapes[:, 0] > 0, "right", "left")
    first = Wish(np.eye(6, dtype=np.float32)[1], np.eye(5, dtype=np.float32)[0], 0.4)
    after = Wish(
        np.array([0.6, 0.8, 0, 0, 0, 0], np.float32), np.array([0.6, 0.8, 0, 0, 0], np.float32), 0.5
    )
    now = valued(first, after, pieces, kinds)
    assert now.share == 0.5
    assert now.kinds["right"] > now.kinds["left"]
    np.testing.assert_allclose(now.colours, [-0.64, 0.64, 0, 0, 0], atol=1e-6)


@pytest.fixture
def designs(tiny_designs: Path) -> Encoder:
    return Encoder(tiny_designs / "furniture-contrast")


def test_the_rendered_pieces_are_found_by_their_own_pictures(designs: Encoder) -> None:
    known = rendered(designs)
    files = pictures_of(designs, known.pieces.names)
    x = np.stack([read_webp(file) for file in files[:20]])
    own = pieces_of(designs, known.pieces.names[:20], x)
    np.testing.assert_allclose(own.shapes, known.pieces.shapes[:20], atol=2e-3)
    np.testing.assert_allclose(own.colours, known.pieces.colours[:20], atol=1e-2)
    assert set(known.kinds) == {"chair", "dining"}
    assert set(known.sizes) == {"width", "height"}


def test_a_mirror_image_has_the_same_shape(designs: Encoder) -> None:
    x = np.random.default_rng(0).random((2, 3, 64, 64), np.float32)
    one, other = (pieces_of(designs, ["a", "b"], side) for side in (x, x[..., ::-1].copy()))
    np.testing.assert_array_equal(one.shapes, other.shapes)


def test_kinds_are_guessed_from_what_is_near(designs: Encoder) -> None:
    known = rendered(designs)
    guessed = guessed_kinds(designs, known.pieces.shapes)
    for shape, said in zip(known.pieces.shapes, guessed, strict=True):
        near = np.argsort(np.linalg.norm(known.pieces.shapes - shape, axis=1), kind="stable")[:10]
        votes = [list(known.kinds[near]).count(kind) for kind in ("chair", "dining")]
        assert said == ("chair", "dining")[int(votes[1] > votes[0])]
    assert (guessed == known.kinds).mean() > 0.7
    assert len(guessed_kinds(designs, known.pieces.shapes[:0])) == 0


def test_what_pictures_of_no_furniture_are_nearer_to_is_called_strange(designs: Encoder) -> None:
    known, strangers = rendered(designs).pieces, designs.strangers
    np.testing.assert_allclose(np.linalg.norm(strangers, axis=1), 1, rtol=1e-5)

    def wished(shape: np.ndarray) -> Wish:
        return Wish(shape, known.colours[0], 0)

    for shape in (*known.shapes[:20], *strangers[:20]):
        piece = min(np.linalg.norm(one - shape) for one in known.shapes)
        stranger = min(np.linalg.norm(one - shape) for one in strangers)
        assert strangeness(shape, known.shapes, strangers) == pytest.approx(
            piece - stranger, abs=1e-5
        )
    asked = [known.shapes[0], strangers[0]]
    assert [is_strange(known, wished(shape), designs) for shape in asked] == [False, True]
    none = nothing(designs)
    assert not is_strange(none, wished(strangers[0]), designs)


@pytest.fixture
def copied(designs: Encoder, tmp_path: Path) -> Callable[[np.ndarray | None], Encoder]:
    """The same encoder with other codes of strangers, or with none."""

    def copy(strangers: np.ndarray | None) -> Encoder:
        folder = Path(shutil.copytree(designs.folder, tmp_path / "copy"))
        arrays = bundle.read_arrays(folder / bundle.GALLERY)
        del arrays["strangers"]
        more = {} if strangers is None else {"strangers": strangers}
        bundle.write_arrays(folder / bundle.GALLERY, arrays | more)
        bundle.seal(folder, bundle.read_config(folder, kinds=bundle.ENCODING))
        return Encoder(folder)

    return copy


def test_a_bundle_without_such_pictures_calls_nothing_strange(designs: Encoder, copied) -> None:
    known, strange = rendered(designs).pieces, designs.strangers[0]
    assert not is_strange(known, Wish(strange, known.colours[0], 0), copied(None))


def test_codes_of_strangers_of_another_width_are_refused(designs: Encoder, copied) -> None:
    with pytest.raises(InputError, match="'strangers' holds no codes of furniture-contrast"):
        _ = copied(designs.strangers[:, 1:]).strangers


def test_a_model_that_knows_no_designs_is_refused(tiny_designs: Path) -> None:
    with pytest.raises(InputError, match="furniture-ae knows no designs"):
        rendered(Encoder(tiny_designs / "furniture-ae"))
