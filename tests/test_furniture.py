"""Rendered furniture: the factors, the solids, the pictures, the folder."""

from __future__ import annotations

import colorsys
import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from latent import InputError
from latent.catalogue import frame_on_white
from latent.data import TEST, TRAIN
from latent.furniture import dataset, rays
from latent.furniture.command import parse_settings
from latent.furniture.dataset import factors_at, factors_of, load_furniture, render_folder
from latent.furniture.drawing import draw
from latent.furniture.factors import CHAIRS, KINDS, NAMES, Factors, check, number, words
from latent.furniture.render import build, render
from latent.furniture.solids import box, cushion, loft, outline, sheet, smooth, tube, turned

SEED = 5


def piece(kind: str, index: int = 0, **given: str | float) -> Factors:
    return factors_of(index, SEED, {"kind": kind, **given})


def volume(solid: np.ndarray) -> float:
    """What triangles enclose that are wound alike, by the divergence theorem."""
    # away from the origin, where a face that is missing or wound the wrong way would not count
    a, b, c = (solid.astype(float) + 5).transpose(1, 0, 2)
    return abs(float((a * np.cross(b, c)).sum() / 6))


def test_draws_name_every_factor_and_stay_within_what_check_allows():
    for index in range(200):
        drawn = factors_of(index, SEED)
        assert tuple(drawn) == NAMES
        assert check(drawn) == [drawn["kind"]]


def test_draws_hold_every_kind_of_legs_and_back():
    drawn = [factors_of(index, SEED) for index in range(800)]
    for name in ("kind", "legs", "back", "arms", "material", "leg_material"):
        assert {f[name] for f in drawn} == set(words(name))


def test_an_image_depends_on_its_seed_and_number_alone():
    assert factors_of(7, SEED) == factors_of(7, SEED)
    assert factors_of(7, SEED) != factors_of(7, SEED + 1)
    assert factors_of(7, SEED) != factors_of(8, SEED)


def test_about_half_of_the_draws_are_chairs():
    kinds = [factors_of(i, SEED)["kind"] for i in range(600)]
    assert set(kinds) == set(KINDS)
    assert 0.45 < np.mean([kind in CHAIRS for kind in kinds]) < 0.55


def test_fixed_factors_are_kept_and_choose_the_kinds_that_may_have_them():
    fixed = {"legs": "trestle", "hue": 0.6, "width": 1.5}
    for index in range(20):
        drawn = factors_of(index, SEED, fixed)
        assert drawn["kind"] == "trestle"
        assert (drawn["legs"], drawn["width"], drawn["hue"]) == ("trestle", 1.5, np.float32(0.6))


@pytest.mark.parametrize(
    ("fixed", "message"),
    [
        ({"huge": 1.0}, "Unknown factor 'huge'; choose one of: kind, width, depth, height, legs,"),
        ({"kind": "sofa"}, "'kind' is one of: chair, armchair, .*, trestle; got 'sofa'"),
        ({"hue": 3.0}, "'hue' is from 0 to 1; got 3.0"),
        ({"hue": float("nan")}, "'hue' is from 0 to 1; got nan"),
        ({"hue": "red"}, "'hue' is from 0 to 1; got 'red'"),
        ({"drawers": 2.5}, "'drawers' is a whole number from 0 to 8; got 2.5"),
        ({"legs": 3.0}, "'legs' is one of: straight, tapered, .*, column; got 3.0"),
        ({"legs": "star", "kind": "desk"}, "'legs' of desk is one of: straight, .*; got 'star'"),
        ({"kind": "desk", "shelf": "yes"}, "'shelf' of desk is one of: no; got 'yes'"),
        ({"kind": "stool", "width": 1.0}, "'width' of stool is from 0.3 to 0.46; got 1.0"),
    ],
)
def test_a_factor_that_is_not_allowed_says_what_is(fixed, message):
    with pytest.raises(InputError, match=message) as raised:
        draw(np.random.default_rng(0), fixed)
    assert "\n" not in str(raised.value)


def test_settings_are_words_or_numbers():
    assert parse_settings(("kind=desk", "hue=0.6", "drawers=2")) == {
        "kind": "desk",
        "hue": 0.6,
        "drawers": 2.0,
    }
    with pytest.raises(InputError, match="--set takes FACTOR=VALUE, such as hue=0.6; got 'hue'"):
        parse_settings(("hue",))


def test_solids_enclose_what_geometry_says():
    assert volume(box([0, 0, 0], [1, 2, 3])) == pytest.approx(6, rel=1e-5)
    cylinder = turned([(0.5, 0.0), (0.5, 2.0)])
    polygon = 28 / 2 * np.sin(2 * np.pi / 28)  # area of the polygon with 28 corners, radius 1
    assert volume(cylinder) == pytest.approx(polygon * 0.25 * 2, rel=1e-5)
    bar = tube([(0, 0, 0), (0, 3, 4)], 0.2, 0.1, square=True)
    assert volume(bar) == pytest.approx(5 * 0.2 * 0.1, rel=1e-5)
    pyramid = loft(np.array([[[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]], [[0, 0, 3]] * 4]))
    assert volume(pyramid) == pytest.approx(4 * 3 / 3, rel=1e-5)
    flat = np.stack(np.meshgrid([0.0, 1, 2], [0.0, 1], [0.0], indexing="ij"), -1)[:, :, 0]
    assert volume(sheet(flat, 0.1)) == pytest.approx(2 * 1 * 0.1, rel=1e-5)


def test_a_softer_cushion_encloses_less_and_stays_within_its_bounds():
    edge = outline(0.5, 0.4, 0.3)
    firm, soft = (cushion(edge, 0.1, 0.3, softness=s) for s in (0.1, 0.9))
    assert volume(soft) < volume(firm) < 0.5 * 0.4 * 0.2
    assert np.ptp(firm[..., 2]) <= 0.2 + 1e-6
    assert np.abs(firm[..., 0]).max() <= 0.25 + 1e-6


@pytest.mark.parametrize("roundness", [0, 0.3, 1])
def test_an_outline_has_the_size_asked_for(roundness):
    edge = outline(1.2, 0.8, roundness)
    assert np.ptp(edge, axis=0) == pytest.approx((1.2, 0.8), rel=0.01)
    x, y = edge.T
    area = 0.5 * abs(x @ np.roll(y, 1) - y @ np.roll(x, 1))
    assert area <= 1.2 * 0.8 * (np.pi / 4 if roundness == 1 else 1) + 1e-9


def test_a_smooth_curve_goes_through_its_points():
    knots = np.array([(0.0, 0, 0), (1, 0, 0), (1, 2, 0), (0, 2, 1)])
    curve = smooth(knots, 31)  # ten steps from knot to knot
    np.testing.assert_allclose(curve[::10], knots, atol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_every_piece_stands_on_the_floor_as_high_as_its_factors_say(kind):
    for index in range(25):
        f = piece(kind, index, headrest="no")
        scene = build(f)
        assert np.isfinite(scene.triangles).all()
        assert -0.03 < scene.triangles[..., 2].min() < 0.02, f
        top = number(f, "height") + number(f, "back_height")
        slack = 0.05 if kind not in CHAIRS or f["arms"] == "none" else 0.3
        assert top - 0.03 < scene.triangles[..., 2].max() < top + slack, f


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_factors_give_the_same_picture_of_a_piece_on_white(kind):
    f = piece(kind, 1, shadow=0.0)
    image = render(f)
    assert (image.shape, image.dtype) == ((64, 64, 3), np.uint8)
    np.testing.assert_array_equal(render(dict(f)), image)
    drawn = (image < 250).any(2)
    assert 0.02 < drawn.mean() < 0.85
    corners = image[[0, 0, -1, -1], [0, -1, 0, -1]]
    assert (corners == 255).all() or number(f, "margin") < 0.03


@pytest.mark.parametrize("kind", ["chair", "armchair", "dining"])
def test_another_colour_changes_the_colour_and_not_the_outline(kind):
    plain = {"material": "painted", "upholstery": "none", "leg_material": "same", "shadow": 0.0}
    plain |= {"saturation": 0.6, "lightness": 0.35, "warmth": 0.0, "exposure": 1.0, "texture": 0.0}
    red = piece(kind, 2) | plain | {"hue": 0.0}
    images = [render({**red, "hue": hue}) for hue in (0.0, 1 / 3)]
    outlines = [(image < 255).any(2) for image in images]
    np.testing.assert_array_equal(*outlines)
    inside = (images[0] < 200).all(2)
    hues = [colorsys.rgb_to_hsv(*image[inside].mean(0) / 255)[0] for image in images]
    assert min(hues[0], 1 - hues[0]) < 0.04
    assert hues[1] == pytest.approx(1 / 3, abs=0.04)


def test_a_lighter_colour_is_lighter_and_a_shadow_darkens_only_the_floor():
    f = piece("dining", 3, material="painted", leg_material="same", lightness=0.2, shadow=0.0)
    dark, light = render(f), render({**f, "lightness": 0.7})
    shadowed = render({**f, "shadow": 1.0})
    inside = (dark < 120).all(2)
    assert light[inside].mean() > dark[inside].mean() + 50
    floor = (dark == 255).all(2)
    assert (shadowed[floor] < 250).mean() > 0.02
    # a pixel at the rim sees a bit of floor too
    assert (np.abs(shadowed[inside].astype(int) - dark[inside]) <= 1).mean() > 0.97


@pytest.mark.parametrize("kind", KINDS)
def test_renders_are_framed_as_photos_are(kind):
    f = piece(kind, 4, shadow=0.0, margin=0.06, shift_x=0.0, shift_y=0.0, lightness=0.3)
    image = render({**f, "leg_material": "same", "material": "painted"})
    framed = frame_on_white(image)
    spans = [
        np.flatnonzero((picture < 235).any(2).any(axis))[[0, -1]]
        for picture in (image, framed)
        for axis in (0, 1)
    ]
    np.testing.assert_allclose(spans[:2], spans[2:], atol=2)


def test_without_the_library_it_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "embreex", None)
    rays._embree.cache_clear()
    try:
        with pytest.raises(InputError, match="pip install -r requirements-train.txt"):
            render_folder(tmp_path / "out", 10, 0)
    finally:
        rays._embree.cache_clear()
    assert not (tmp_path / "out").exists()


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Ten images in files of four."""
    root = tmp_path_factory.mktemp("renders") / "all"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dataset, "SHARD", 4)
        render_folder(root, 10, SEED, {"hue": 0.25}, workers=1, progress=False)
    return root


@pytest.fixture
def _files_of_four(monkeypatch):
    monkeypatch.setattr(dataset, "SHARD", 4)


@pytest.mark.usefixtures("_files_of_four")
def test_what_is_read_is_what_was_rendered(folder):
    data = load_furniture(folder)
    assert data.images.shape == (10, 64, 64, 3)
    assert data.split.tolist() == [TRAIN] * 9 + [TEST]
    assert data.x(TEST).shape == (1, 3, 64, 64)
    assert data.x().dtype == np.float32
    np.testing.assert_array_equal(
        (data.x()[3].transpose(1, 2, 0) * 255).round().astype(np.uint8), data.images[3]
    )
    assert set(data.factors) == {*NAMES, "extent", "symmetry"}
    for index in (0, 9):
        drawn = factors_of(index, SEED, {"hue": 0.25})
        assert factors_at(data, index) == drawn
        np.testing.assert_array_equal(render(factors_at(data, index)), data.images[index])
        high = np.ptp(build(drawn).triangles.reshape(-1, 3), axis=0).max()
        assert data.factors["extent"][index] == pytest.approx(high)
        assert data.labels[index] == (0 if drawn["kind"] in CHAIRS else 1)
    assert set(data.factors["hue"]) == {np.float32(0.25)}


def test_a_run_that_was_killed_goes_on_and_gives_the_same_bytes(folder, tmp_path):
    out = tmp_path / "killed"
    code = (
        "import sys; from pathlib import Path; from latent.furniture import dataset\n"
        "if __name__ == '__main__':\n"
        "    dataset.SHARD = 4\n"
        "    dataset.render_folder(Path(sys.argv[1]), 10, 5, {'hue': 0.25}, workers=1)\n"
    )
    script = tmp_path / "run.py"
    script.write_text(code)
    command = [sys.executable, str(script), str(out)]
    paths = {"PYTHONPATH": str(Path.cwd())}
    with subprocess.Popen(command, env=paths, stderr=subprocess.PIPE) as run:
        deadline = time.monotonic() + 60
        while not list(out.glob("0*.npz")) and time.monotonic() < deadline:
            time.sleep(0.01)
        run.kill()
    first = {path.name: path.stat().st_mtime_ns for path in out.glob("0*.npz")}
    assert 1 <= len(first) <= 2
    subprocess.run(command, env=paths, check=True, capture_output=True)
    for path in sorted(folder.iterdir()):
        assert (out / path.name).read_bytes() == path.read_bytes(), path.name
    for name, written in first.items():
        assert (out / name).stat().st_mtime_ns == written


@pytest.mark.usefixtures("_files_of_four")
@pytest.mark.parametrize(
    ("count", "seed", "fixed", "message"),
    [
        (10, SEED + 1, {"hue": 0.25}, "holds other renders .*'seed': 5"),
        (10, SEED, {}, "holds other renders .*'hue': 0.25"),
        (9, SEED, {"hue": 0.25}, "holds 10 images, more than --count 9"),
    ],
)
def test_a_folder_of_other_renders_is_refused(folder, count, seed, fixed, message):
    before = {path: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(InputError, match=message):
        render_folder(folder, count, seed, fixed, progress=False)
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_a_folder_of_something_else_is_refused(tmp_path):
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(InputError, match="is not empty and holds no renders"):
        render_folder(tmp_path, 10, 0, progress=False)


def copy_with(folder: Path, to: Path, name: str, data: bytes | None) -> Path:
    """A copy of a folder in which one file has other bytes, or is missing."""
    to.mkdir()
    for path in folder.iterdir():
        if path.name != name or data is not None:
            (to / path.name).write_bytes(path.read_bytes() if path.name != name else data or b"")
    return to


@pytest.mark.usefixtures("_files_of_four")
@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("furniture.json", None, "No rendered furniture in .* latent render furniture --out"),
        ("furniture.json", b"{", "furniture.json is damaged"),
        ("furniture.json", b'{"count": 10, "version": 0}', "is of version 0, needs 1"),
        ("000004-000008.npz", None, "000004-000008.npz is missing. Run the same render command"),
        ("000004-000008.npz", b"half", "000004-000008.npz is damaged. Remove it"),
    ],
)
def test_a_folder_that_cannot_be_read_says_which_file(folder, tmp_path, name, data, message):
    damaged = copy_with(folder, tmp_path / "damaged", name, data)
    with pytest.raises(InputError, match=message):
        load_furniture(damaged)


@pytest.mark.usefixtures("_files_of_four")
def test_the_folder_says_what_its_numbers_mean(folder):
    about = json.loads((folder / "furniture.json").read_text("utf-8"))
    assert about["words"]["kind"] == list(KINDS)
    assert (about["count"], about["seed"], about["fixed"]) == (10, SEED, {"hue": 0.25})
