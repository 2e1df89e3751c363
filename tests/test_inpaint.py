"""Completions of a hidden part: their probabilities, what they leave alone, what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from latent import LatentSpace, load_space
from latent.errors import InputError
from latent.explaining import Explained
from latent.inpaint import NOISE, Inpainter, distinct
from latent.masks import make_mask
from latent.mixture import Mixture, log_density
from latent.priors import standard_normal

LOWER = make_mask("lower", (28, 28), np.random.default_rng(0))


@pytest.fixture(scope="module")
def plane(plane_space: LatentSpace) -> Inpainter:
    return Inpainter(plane_space, standard_normal(2))


def image_of(space: LatentSpace, index: int) -> np.ndarray:
    return space.decode(space.code(index)[None])[0]


def grid_integral(
    inpainter: Inpainter, x: np.ndarray, hidden: np.ndarray, noise: float, images: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities of completions and the expected image, from the density on a fine grid."""
    space = inpainter.space
    line = np.linspace(-5, 5, 121)
    codes = np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2).astype(np.float32)
    decoded = space.decode(codes)
    errors = np.square(decoded - x)[:, :, ~hidden].sum(axis=(1, 2), dtype=np.float64)
    prior = -0.5 * np.square(codes.astype(np.float64)).sum(axis=1)
    log_mass = prior - errors / (2 * noise * inpainter.variance)
    mass = np.exp(log_mass - log_mass.max())
    mass /= mass.sum()
    apart = [np.square(decoded - image)[:, :, hidden].mean(axis=(1, 2)) for image in images]
    owners = np.argmin(apart, axis=0)
    return np.bincount(owners, mass, minlength=len(images)), np.einsum("n,nchw->chw", mass, decoded)


@pytest.mark.parametrize("mask", ["lower", "upper", "left", "pixels"])
def test_probabilities_are_those_of_a_grid_integral(plane: Inpainter, mask: str) -> None:
    rng = np.random.default_rng(3)
    hidden = make_mask(mask, (28, 28), rng)
    for index in (4, 17):
        x = image_of(plane.space, index)
        found = plane.infer(x, hidden, rng, noise=60.0, draws=2000)
        expected, mean = grid_integral(plane, x, hidden, 60.0, found.images)
        assert np.abs(found.probabilities - expected).max() < 0.06
        assert np.abs(found.mean - mean).max() < 0.06


def test_they_are_so_for_the_model_that_comes_along() -> None:
    space = load_space("mnist-vae-2d")
    inpainter = Inpainter(space, standard_normal(2))
    for index in (60_000, 60_017):
        x = image_of(space, index)
        found = inpainter.infer(x, LOWER, np.random.default_rng(0), draws=1500)
        expected, mean = grid_integral(inpainter, x, LOWER, NOISE, found.images)
        assert np.abs(found.probabilities - expected).max() < 0.06
        assert np.abs(found.mean - mean).max() < 0.06
        assert len(found.images) > 1


def test_some_of_these_are_ambiguous(plane: Inpainter) -> None:
    """Else the test above would compare 1 with 1."""
    found = plane.infer(image_of(plane.space, 4), LOWER, np.random.default_rng(0), noise=60.0)
    assert len(found.images) > 1
    assert found.probabilities[0] < 0.97
    assert found.effective > 20


def test_completions_are_sorted_sum_to_one_and_can_be_told_apart(tiny_space: LatentSpace) -> None:
    inpainter = Inpainter(tiny_space, standard_normal(4))
    found = inpainter.infer(image_of(tiny_space, 7), LOWER, np.random.default_rng(0), most=6)
    assert found.probabilities.sum() == pytest.approx(1)
    assert (np.diff(found.probabilities) <= 0).all()
    assert len(found.images) <= 6
    assert np.abs(tiny_space.decode(found.codes) - found.images).max() < 1e-5
    assert found.spread.min() >= 0


def test_what_is_hidden_is_never_read(tiny_space: LatentSpace) -> None:
    inpainter = Inpainter(tiny_space, standard_normal(4))
    x = image_of(tiny_space, 7)
    other = np.where(LOWER, 1 - x, x)
    one, two = (inpainter.infer(image, LOWER, np.random.default_rng(0)) for image in (x, other))
    assert (one.images == two.images).all()
    assert (one.probabilities == two.probabilities).all()


def test_a_decoded_image_is_found_again_from_its_upper_half(tiny_space: LatentSpace) -> None:
    inpainter = Inpainter(tiny_space, standard_normal(4))
    x = image_of(tiny_space, 12)
    found = inpainter.infer(x, LOWER, np.random.default_rng(0), noise=0.05)
    wrong = np.square(found.images[0] - x)[:, LOWER].mean()
    covered = np.where(LOWER, 0, x).astype(np.float32)
    plain = tiny_space.decode(tiny_space.encode(covered[None]))[0]
    assert wrong < 0.2 * np.square(plain - x)[:, LOWER].mean()


def test_tops_are_tops(tiny_space: LatentSpace) -> None:
    """No code near one explains the visible pixels better, and the gradient vanishes."""
    x = image_of(tiny_space, 20)
    visible = np.flatnonzero(~LOWER.ravel())
    prior = Mixture(np.array([0.3, 0.7]), np.array([[1.0] * 4, [-0.5] * 4]), np.ones(2),
                    "spherical")  # fmt: skip
    problem = Explained(tiny_space, prior, x.ravel()[visible], visible, 0.1)
    tops = problem.climb(tiny_space.gallery.codes[:16])

    def height(codes: np.ndarray) -> np.ndarray:
        pixels = tiny_space.decode(codes.astype(np.float32)).reshape(len(codes), -1)
        return log_density(prior, codes) - problem.misfit(pixels[:, visible])

    rng = np.random.default_rng(0)
    for code in tops.codes:
        around = code + 0.05 * rng.standard_normal((50, 4))
        assert height(around).max() < height(code[None])[0] + 0.02
    assert tops.masses.sum() == pytest.approx(1)
    assert (np.diff(tops.masses) <= 0).all()


def test_shares_are_those_of_the_nearest() -> None:
    hidden = np.array([[0.0], [10.0], [0.1], [9.0], [5.2], [0.2]])  # two tops, four draws
    weights = np.array([0.4, 0.3, 0.2, 0.1])
    chosen, shares = distinct(hidden, 2, weights, 2, alike=1.0)
    assert chosen.tolist() == [0, 1]
    assert shares.tolist() == pytest.approx([0.5, 0.5])
    chosen, shares = distinct(hidden, 2, weights, 3, alike=1.0)
    assert sorted(chosen.tolist()) == [0, 1, 4]
    assert shares.sum() == pytest.approx(1)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"hidden": np.zeros((28, 28), bool)}, "hides nothing"),
        ({"hidden": np.ones((28, 28), bool)}, "hides the whole image"),
        ({"hidden": np.ones((14, 28), bool)}, "own size"),
        ({"x": np.zeros((1, 14, 28), np.float32)}, "repairs images of shape"),
        ({"most": 0}, "At least one completion"),
        ({"noise": 0.0}, "above 0"),
        ({"noise": np.nan}, "above 0"),
    ],
)
def test_what_cannot_be_repaired_is_a_sentence(
    plane: Inpainter, change: dict[str, object], reason: str
) -> None:
    whole = {"x": np.zeros((1, 28, 28), np.float32), "hidden": LOWER}
    given = {"rng": np.random.default_rng(0), **whole, **change}
    with pytest.raises(InputError, match=reason):
        plane.infer(**given)
