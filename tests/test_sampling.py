"""Draws: where they come from, what is nearest to them, and how good they are as a whole."""

from __future__ import annotations

import numpy as np
import pytest

from latent import LatentSpace
from latent.errors import InputError
from latent.priors import mixture_of
from latent.sampling import draw, frechet_distance, source_of


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def test_the_nearest_image_is_the_nearest_by_brute_force(ae_space: LatentSpace) -> None:
    found = draw(ae_space, source_of(ae_space, "mixture"), 20, rng())
    apart = np.linalg.norm(found.codes[:, None] - ae_space.gallery.codes, axis=2)
    assert found.nearest.tolist() == apart.argmin(1).tolist()
    assert found.distances == pytest.approx(apart.min(1), rel=1e-4)


def test_draws_from_one_component_gather_around_its_mean(ae_space: LatentSpace) -> None:
    mixture = mixture_of(ae_space)
    which = len(mixture) - 1
    found = draw(ae_space, source_of(ae_space, "component", component=which), 4000, rng())
    spread = np.sqrt(np.trace(mixture.whole_covariances()[which]))
    assert np.linalg.norm(found.codes.mean(0) - mixture.means[which]) < 0.1 * spread
    assert not found.components.any()


def test_draws_around_an_image_have_its_posterior(tiny_space: LatentSpace) -> None:
    found = draw(tiny_space, source_of(tiny_space, "image", image=5), 4000, rng())
    logvar = tiny_space.gallery.logvar
    assert logvar is not None
    assert found.codes.mean(0) == pytest.approx(tiny_space.code(5), abs=0.1)
    assert found.codes.std(0) == pytest.approx(np.exp(0.5 * logvar[5]), rel=0.1)


def test_around_an_image_of_an_ae_draws_go_as_far_as_its_neighbours(ae_space: LatentSpace) -> None:
    found = draw(ae_space, source_of(ae_space, "image", image=5), 2000, rng())
    apart = np.linalg.norm(found.codes - ae_space.code(5), axis=1)
    _, near = ae_space.neighbours(ae_space.code(5), 6)
    assert np.sqrt(np.square(apart).mean()) == pytest.approx(
        np.sqrt(np.square(near[1:]).mean()), rel=0.05
    )


def test_temperature_scales_how_far_draws_stray(tiny_space: LatentSpace) -> None:
    source = source_of(tiny_space, "prior")
    cold, usual, hot = (draw(tiny_space, source, 50, rng(), t).codes for t in (0.0, 1.0, 2.0))
    assert not cold.any()
    assert hot == pytest.approx(2 * usual, rel=1e-5)


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (lambda s: source_of(s, "moon"), "choose one of: prior, mixture"),
        (lambda s: source_of(s, "prior"), "has no prior"),
        (lambda s: source_of(s, "component", component=99), "components 1 to"),
        (lambda s: source_of(s, "component", component=-1), "got 0"),
        (lambda s: source_of(s, "image", image=9999), "has no image 9999"),
        (lambda s: draw(s, source_of(s, "gaussian"), 0, rng()), "At least one draw"),
        (lambda s: draw(s, source_of(s, "gaussian"), 1, rng(), -0.1), "between 0 and 3"),
        (lambda s: draw(s, source_of(s, "gaussian"), 1, rng(), np.nan), "between 0 and 3"),
        (lambda s: frechet_distance(s, source_of(s, "gaussian"), 10, rng()), "more than 64"),
    ],
)
def test_what_cannot_be_drawn_is_a_sentence(ae_space: LatentSpace, call, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        call(ae_space)


class Plain:
    """A classifier whose features are four pixels."""

    test_features = np.random.default_rng(1).standard_normal((500, 4)).astype(np.float32)

    def features(self, x: np.ndarray) -> np.ndarray:
        return x[:, 0, 14, 10:14]


def test_the_frechet_distance_is_that_of_the_features_and_can_be_stopped(
    ae_space: LatentSpace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from latent.metrics import frechet_distance as between

    monkeypatch.setattr("latent.classifier.load_classifier", Plain)
    source, told = source_of(ae_space, "mixture"), []
    found = frechet_distance(ae_space, source, 1200, rng(), told.append)
    codes = draw(ae_space, source, 1200, rng()).codes
    features = ae_space.decode(codes)[:, 0, 14, 10:14]
    assert found == pytest.approx(between(features, Plain.test_features), rel=1e-4)
    assert told == sorted(told)
    assert len(told) == 4

    def stop(share: float) -> None:
        raise StopIteration

    with pytest.raises(StopIteration):
        frechet_distance(ae_space, source, 1200, rng(), stop)


def test_furniture_has_no_frechet_distance(tiny_furniture_folder) -> None:
    space = LatentSpace(tiny_furniture_folder / "furniture-vae")
    with pytest.raises(InputError, match="draws no digits"):
        frechet_distance(space, source_of(space, "prior"), 100, rng())
