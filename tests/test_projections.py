"""Maps: one contract for every entry of the registry, and each against an independent answer."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import decomposition, manifold
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from latent import InputError
from latent.linear import LDA, PCA, Latent
from latent.metrics import trustworthiness
from latent.neighbours import unit
from latent.projections import (
    PLACED_BY,
    PROJECTIONS,
    TITLES,
    TSNE,
    UMAP,
    Drawn,
    Isomap,
    make_projection,
)

WIDTHS = {"latent": 2}  # of the codes that a method is given; the others take any


def clouds(width: int, count: int = 160, seed: int = 0) -> np.ndarray:
    """Codes around four far centres, in turn: shape (count, width), float32."""
    rng = np.random.default_rng(seed)
    centres = 8 * rng.standard_normal((4, width))
    around = centres[np.arange(count) % 4] + rng.standard_normal((count, width))
    return around.astype(np.float32)


def kinds(codes: np.ndarray) -> np.ndarray:
    """Which of the four centres each of `clouds` lies around."""
    return np.arange(len(codes)) % 4


@pytest.fixture(scope="session")
def fitted(quick_tsne):
    """Every projection of the registry, really fitted in 2-D, with its codes."""
    return {
        name: (make_projection(name, 2, seed=3).fit(codes, kinds(codes)), codes)
        for name in PROJECTIONS
        for codes in [clouds(WIDTHS.get(name, 4))]
    }


@pytest.fixture(params=PROJECTIONS)
def case(request, fitted):
    """A fitted projection, and the codes that it was fitted on."""
    return fitted[request.param]


def test_every_projection_has_a_title():
    assert set(TITLES) == set(PROJECTIONS)


def test_fit_gives_every_code_a_finite_point(case):
    drawn, codes = case
    assert drawn.dims == 2
    assert drawn.xy.shape == (len(codes), 2)
    assert drawn.xy.dtype == np.float32
    assert np.isfinite(drawn.xy).all()


def test_transform_leaves_fitted_points_unmoved(case):
    drawn, codes = case
    np.testing.assert_allclose(drawn.transform(codes), drawn.xy, atol=1e-5)


def test_transform_treats_each_code_alone_and_the_same_every_time(case):
    drawn, codes = case
    new = clouds(codes.shape[1], 20, seed=7)
    together = drawn.transform(new)
    assert together.shape == (20, 2)
    assert together.dtype == np.float32
    alone = np.concatenate([drawn.transform(code[None]) for code in new])
    np.testing.assert_allclose(together, alone, atol=1e-5)
    np.testing.assert_array_equal(drawn.transform(new[::-1])[::-1], drawn.transform(new))


def test_transform_puts_a_new_code_among_its_own_kind(case):
    drawn, codes = case
    new = codes + np.float32(1e-3)
    kind = np.arange(len(codes)) % 4
    centres = np.stack([drawn.xy[kind == k].mean(0) for k in range(4)])  # (4, 2)
    distance = np.linalg.norm(drawn.transform(new)[:, None] - centres, axis=2)
    assert (distance.argmin(1) == kind).mean() > 0.97


def test_inverse_transform_gives_codes_that_are_finite_and_of_their_width(case):
    drawn, codes = case
    back = drawn.inverse_transform(drawn.xy[:7] + np.float32(0.01))
    assert back.shape == (7, codes.shape[1])
    assert back.dtype == np.float32
    assert np.isfinite(back).all()


def test_an_exact_inverse_is_undone_by_transform_anywhere(case):
    drawn, _ = case
    spots = np.random.default_rng(0).uniform(-9, 9, (30, 2)).astype(np.float32)
    there_and_back = drawn.transform(drawn.inverse_transform(spots))
    agrees = np.abs(there_and_back - spots).max() < 1e-4
    assert agrees == drawn.exact_inverse


def test_an_inverse_that_is_not_exact_gives_a_fitted_point_its_own_code(case):
    drawn, codes = case
    if not drawn.exact_inverse:
        np.testing.assert_allclose(drawn.inverse_transform(drawn.xy), codes, atol=1e-6)


def test_neighbours_in_the_codes_are_neighbours_on_the_map(case):
    drawn, codes = case
    assert trustworthiness(codes, drawn.xy, 10) > 0.75


def test_a_map_may_be_asked_for_no_codes(case):
    drawn, codes = case
    assert drawn.transform(codes[:0]).shape == (0, 2)
    assert drawn.inverse_transform(drawn.xy[:0]).shape == (0, codes.shape[1])


@pytest.mark.parametrize("dims", [2, 3])
@pytest.mark.parametrize("name", PROJECTIONS)
def test_make_projection_gives_the_dimensions_and_the_seed_it_was_asked_for(name, dims):
    drawn = make_projection(name, dims, seed=5)
    assert (drawn.dims, drawn.seed) == (dims, 5)


@pytest.mark.parametrize("name", ["tSNE", "", "mds"])
def test_an_unknown_projection_is_refused_beside_those_that_are_there(name):
    message = f"Unknown projection '{name}'; choose one of: latent, pca, lda, tsne, umap, isomap"
    with pytest.raises(InputError, match=message):
        make_projection(name, 2)


@pytest.mark.parametrize("dims", [0, 1, 4, -2])
def test_a_map_of_other_than_2_or_3_dimensions_is_refused(dims):
    with pytest.raises(InputError, match=f"A map has 2 or 3 dimensions; got {dims}"):
        make_projection("pca", dims)


@pytest.mark.parametrize("dims", [2, 3])
def test_pca_agrees_with_scikit_learn(dims):
    codes = clouds(6)
    ours, theirs = PCA(dims).fit(codes), decomposition.PCA(dims).fit(codes.astype(np.float64))
    signs = np.sign((ours.components * theirs.components_).sum(1))
    np.testing.assert_allclose(ours.components, theirs.components_ * signs[:, None], atol=1e-6)
    np.testing.assert_allclose(ours.xy, theirs.transform(codes) * signs, atol=1e-4)
    np.testing.assert_allclose(ours.explained, theirs.explained_variance_ratio_, rtol=1e-6)
    np.testing.assert_allclose(
        ours.inverse_transform(ours.xy),
        theirs.inverse_transform(theirs.transform(codes)),
        atol=1e-4,
    )


def test_pca_of_mirrored_codes_has_the_same_directions():
    codes = clouds(5)
    ours, mirrored = PCA(3).fit(codes), PCA(3).fit(-codes)
    np.testing.assert_allclose(ours.components, mirrored.components, atol=1e-6)
    largest = np.abs(ours.components).argmax(1)
    assert (ours.components[np.arange(3), largest] > 0).all()


def test_pca_of_as_many_dimensions_as_a_code_has_loses_nothing():
    codes = clouds(3)
    drawn = PCA(3).fit(codes)
    np.testing.assert_allclose(drawn.inverse_transform(drawn.xy), codes, atol=1e-5)
    assert drawn.explained.sum() == pytest.approx(1)


def test_pca_of_codes_that_are_all_equal_stays_finite():
    drawn = PCA(2).fit(np.ones((9, 4), np.float32))
    np.testing.assert_array_equal(drawn.xy, 0)
    assert np.isfinite(drawn.explained).all()


def test_pca_refuses_more_dimensions_than_a_code_has():
    with pytest.raises(
        InputError, match="PCA cannot give 3 dimensions from codes of 2. Ask for at"
    ):
        PCA(3).fit(clouds(2))


def test_the_latent_map_is_the_codes():
    codes = clouds(3)
    drawn = Latent(3).fit(codes)
    np.testing.assert_array_equal(drawn.xy, codes)
    np.testing.assert_array_equal(drawn.transform(codes[:2]), codes[:2])
    np.testing.assert_array_equal(drawn.inverse_transform(codes[:2]), codes[:2])


def test_the_latent_map_refuses_codes_of_another_width():
    with pytest.raises(
        InputError, match="'latent' in 2-D needs codes of 2 numbers; these have 4. C"
    ):
        Latent(2).fit(clouds(4))


def test_a_drawn_map_puts_a_new_code_at_the_median_of_its_five_nearest():
    codes, xy = clouds(4), np.random.default_rng(1).standard_normal((160, 2), np.float32)
    drawn = Drawn(2).restore(codes, xy)
    for code in clouds(4, 10, seed=5):
        nearest = np.argsort(np.linalg.norm(codes - code, axis=1))[:PLACED_BY]
        np.testing.assert_allclose(
            drawn.transform(code[None])[0], np.median(xy[nearest], axis=0), atol=1e-6
        )


def test_a_drawn_map_gives_a_spot_the_weighted_mean_of_the_five_nearest_codes():
    codes = np.diag([1, 2, 3, 4, 5, 6]).astype(np.float32)
    xy = np.array([[1, 0], [0, 2], [-3, 0], [0, -4], [5, 0], [99, 99]], np.float32)
    weights = 1 / np.array([1, 4, 9, 16, 25])
    expected = [*(weights / weights.sum() * [1, 2, 3, 4, 5]), 0]
    back = Drawn(2).restore(codes, xy).inverse_transform(np.zeros((1, 2), np.float32))
    np.testing.assert_allclose(back, [expected], rtol=1e-5)


@pytest.mark.parametrize("xy", [np.zeros((159, 2)), np.zeros((160, 3)), np.full((160, 2), np.inf)])
def test_a_drawn_map_refuses_coordinates_that_do_not_fit_its_codes(xy):
    message = "A map of 160 codes in 2-D needs finite coordinates of shape .160, 2.; got .*Compute"
    with pytest.raises(InputError, match=message):
        Drawn(2).restore(clouds(4), xy)


def test_tsne_refuses_a_perplexity_that_the_codes_are_too_few_for():
    with pytest.raises(
        InputError, match="below a third of the number of codes; got 30 for 60. Choo"
    ):
        TSNE(2).fit(clouds(4, 60))


def test_umap_refuses_more_neighbours_than_there_are_codes():
    with pytest.raises(
        InputError, match="UMAP needs 2 ≤ n_neighbors < 12, the number of codes; got"
    ):
        UMAP(2).fit(clouds(4, 12))


@pytest.mark.usefixtures("quick_tsne")
def test_tsne_draws_in_space_too():
    codes = clouds(4, 60)
    drawn = TSNE(3, perplexity=10).fit(codes)
    assert drawn.xy.shape == (60, 3)
    assert trustworthiness(codes, drawn.xy, 5) > 0.9


@pytest.mark.parametrize("dims", [2, 3])
def test_lda_agrees_with_scikit_learn(dims):
    codes = clouds(6)
    ours = LDA(dims).fit(codes, kinds(codes))
    theirs = LinearDiscriminantAnalysis(n_components=dims).fit(codes, kinds(codes))
    expected = theirs.transform(codes)  # of another length, which it scales by what it counts
    scale = np.linalg.norm(ours.xy[:, 0]) / np.linalg.norm(expected[:, 0])
    signs = np.sign((ours.xy * expected).sum(0))
    np.testing.assert_allclose(ours.xy, expected * signs * scale, atol=1e-3)
    groups = [ours.xy[kinds(codes) == kind] for kind in range(4)]
    within = sum(np.cov(g.T) * (len(g) - 1) for g in groups) / (len(codes) - 4)
    np.testing.assert_allclose(within, np.eye(dims), atol=1e-4)
    np.testing.assert_allclose(ours.explained, theirs.explained_variance_ratio_, rtol=1e-5)


def test_lda_goes_back_to_the_likeliest_code_of_a_spot():
    codes = clouds(5)
    drawn = LDA(2).fit(codes, kinds(codes))
    spot = np.array([[1.5, -2.0]], np.float32)
    likeliest = drawn.inverse_transform(spot)
    of = np.eye(4)[kinds(codes)]
    within = codes - of @ (of.T @ codes / of.sum(0)[:, None])
    precision = np.linalg.inv(within.T @ within)
    free = np.linalg.svd(drawn.components)[2][2:]  # moves that the map does not see
    for move in np.concatenate([free, -free]):
        other = likeliest + 0.1 * move
        np.testing.assert_allclose(drawn.transform(other.astype(np.float32)), spot, atol=1e-4)
        far = [(z - drawn.mean) @ precision @ (z - drawn.mean).T for z in (likeliest, other)]
        assert far[0] < far[1]


def test_lda_of_a_number_that_never_varies_stays_finite():
    codes = np.concatenate([clouds(3), np.ones((160, 1), np.float32)], axis=1)
    assert np.isfinite(LDA(2).fit(codes, kinds(codes)).xy).all()


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (None, "LDA needs a label for every code; got none. Choose pca"),
        (np.zeros(160, int), "LDA of 1 classes and codes of 4 numbers gives at most 0 dim"),
        (np.arange(160) % 2, "LDA of 2 classes .* gives at most 1 dimensions; got dims 2"),
    ],
)
def test_lda_refuses_labels_that_are_too_few(labels, message):
    with pytest.raises(InputError, match=message):
        LDA(2).fit(clouds(4), labels)


@pytest.mark.parametrize("dims", [2, 3])
def test_isomap_agrees_with_scikit_learn(dims):
    codes = np.random.default_rng(0).random((120, 4), np.float32)
    ours = Isomap(dims, n_neighbors=8).fit(codes).xy
    theirs = manifold.Isomap(n_neighbors=8, n_components=dims).fit_transform(codes)
    np.testing.assert_allclose(np.abs(ours), np.abs(theirs), atol=2e-4)


def test_isomap_unrolls_a_spiral():
    turn = np.linspace(1, 9, 300)
    length = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(_spiral(turn).T)))])
    drawn = Isomap(2, n_neighbors=4).fit(_spiral(turn).astype(np.float32))
    assert abs(np.corrcoef(drawn.xy[:, 0], length)[0, 1]) > 0.999


def _spiral(turn: np.ndarray) -> np.ndarray:
    return np.stack([turn * np.cos(turn), turn * np.sin(turn)], axis=1)


def test_isomap_under_cosine_does_not_see_how_long_a_code_is():
    codes = clouds(4, 60)
    longer = codes * np.random.default_rng(0).uniform(1, 9, (60, 1)).astype(np.float32)
    xy = [Isomap(2, n_neighbors=6, metric="cosine").fit(z).xy for z in (codes, longer)]
    np.testing.assert_allclose(xy[0], xy[1], atol=1e-3)


def test_isomap_refuses_more_codes_than_their_distances_have_room_for():
    many = np.broadcast_to(np.float32(0), (10_001, 4))
    with pytest.raises(InputError, match="at most 10,000 codes; got 10,001. Fit it on a sample"):
        Isomap(2).fit(many)


@pytest.mark.parametrize("name", set(PROJECTIONS) - {"latent"})
def test_codes_that_are_no_numbers_are_refused(name):
    codes = clouds(4)
    codes[3, 1] = np.nan
    with pytest.raises(InputError, match="needs finite codes; 1 of 160 hold NaN or infinity"):
        make_projection(name, 2).fit(codes, kinds(codes))


@pytest.mark.parametrize(
    ("method", "given", "message"),
    [
        ("tsne", {"perplexity": "wide"}, "perplexity is a number from 2 to 500; got 'wide'"),
        ("tsne", {"perplexity": float("nan")}, "perplexity is a number from 2 to 500; got 'nan'"),
        ("umap", {"n_neighbors": 2.5}, "n_neighbors is a whole number from 2 to 500; got '2.5'"),
        ("umap", {"min_dist": -1}, "min_dist is a number from 0 to 0.99; got '-1'"),
        ("isomap", {"metric": "<b>"}, "metric is one of: euclidean, cosine; got '<b>'"),
        ("pca", {"metric": "cosine"}, "pca has no parameter 'metric'; it has: none"),
        ("umap", {"<script>": 1}, "umap has no parameter '<script>'; it has: n_neighbors, min_d"),
    ],
)
def test_a_parameter_that_makes_no_sense_is_named_with_its_range(method, given, message):
    with pytest.raises(InputError, match=message):
        make_projection(method, 2, parameters=given)


def test_parameters_reach_the_projection():
    drawn = make_projection("umap", 3, 4, {"n_neighbors": "20", "metric": "cosine"})
    assert (drawn.n_neighbors, drawn.min_dist, drawn.metric, drawn.seed) == (20, 0.1, "cosine", 4)


@pytest.mark.usefixtures("quick_tsne")
@pytest.mark.parametrize("method", ["tsne", "umap", "isomap"])
def test_a_long_fit_tells_how_far_it_is(method):
    shares = []
    codes = clouds(4, 60)
    parameters = {"perplexity": 10} if method == "tsne" else {"n_neighbors": 8}
    make_projection(method, 2, parameters=parameters).fit(codes, progress=shares.append)
    assert len(shares) > 1
    assert shares == sorted(shares)
    assert 0 <= shares[0] <= shares[-1] <= 1


def test_under_cosine_umap_and_tsne_follow_neighbours_by_angle(monkeypatch):
    asked = {}

    class Told:
        def __init__(self, **options):
            asked.update(options)

        def fit(self, codes, affinities=None):
            asked["affinities"] = affinities
            return np.zeros((len(codes), 2))

        fit_transform = fit

    monkeypatch.setattr("openTSNE.TSNE", Told)
    monkeypatch.setattr("umap.UMAP", Told)
    codes = clouds(4, 200)
    cosines = unit(codes) @ unit(codes).T
    np.fill_diagonal(cosines, -2)  # nobody is a neighbour of itself
    expected = np.argsort(-cosines, axis=1)
    near = {}
    for method in ("tsne", "umap"):
        make_projection(method, 2, parameters={"metric": "cosine"}).fit(codes)
        if method == "tsne":
            near[method] = asked["affinities"].knn_index.indices[:, :14]
        else:
            near[method] = asked["precomputed_knn"][0][:, 1:]
    for found in near.values():
        assert (np.sort(found, 1) == np.sort(expected[:, :14], 1)).mean() > 0.99


def test_tsne_of_codes_that_are_there_twice_keeps_each_out_of_its_own_neighbours(monkeypatch):
    found = {}

    class Told:
        def __init__(self, **options):
            pass

        def fit(self, codes, affinities):
            found["near"] = affinities.knn_index.indices
            return np.zeros((len(codes), 2))

    monkeypatch.setattr("openTSNE.TSNE", Told)
    TSNE(2).fit(np.repeat(clouds(4, 60), 2, axis=0))
    assert not (found["near"] == np.arange(len(found["near"]))[:, None]).any()
