"""Each numeric function in JavaScript against its twin in Python."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Page

from latent import InputError, LatentSpace
from latent.bundle import is_auxiliary
from latent.images import prepare
from latent.paths import TRAIL, traverse, walk
from latent.runtime import portable
from latent.ways import cross_fade, through
from tests.conftest import TINY, digit_images, png
from ui import live
from ui.live import parcels


def ask(page: Page, modules: dict[str, str], script: str, given: Any) -> np.ndarray:
    """Run a function of ours in the browser: `script` sees the named exports and `given`."""
    for module, names in modules.items():
        content = f"{live.joined(module)}\nObject.assign(globalThis, {{{names}}});"
        # each in a scope of its own, as the parts of a page are
        page.add_script_tag(content=content, type="module")
    wanted = ", ".join(modules.values())
    page.wait_for_function(f"[{', '.join(f'typeof {n}' for n in wanted.split(', '))}]"
                           ".every(kind => kind !== 'undefined')")  # fmt: skip
    return np.array(page.evaluate(script, given))


SHIPPED = sorted(path.parent.name for path in Path("models").glob("*/gallery.npz")
                 if not is_auxiliary(path.parent))  # fmt: skip


@pytest.mark.parametrize("name", [*TINY, *(f"models/{name}" for name in SHIPPED)])
@pytest.mark.parametrize("part", ["encoder", "decoder"])
def test_the_browser_computes_what_torch_computes(
    page: Page, tiny_models_folder: Path, name: str, part: str
) -> None:
    space = LatentSpace(Path(name) if "/" in name else tiny_models_folder / name)
    codes = space.gallery.codes[-256:]
    if part == "decoder":
        given, expected = codes, space.decode(codes)
    else:
        given = space.decode(codes)  # any images of its kind
        expected = np.concatenate(
            [out for out in space.autoencoder.encode(given) if out is not None], 1
        )
    exported = portable(space.folder, part, limit=10**8)
    parcel = parcels.decoder_parcel(exported)
    found = ask(
        page,
        {"network": "Network", "parcel": "unpack"},
        """([data, given, count]) => {
          const bytes = (text) => Uint8Array.from(atob(text), c => c.charCodeAt(0));
          const {layers, arrays} = unpack(bytes(data));
          const network = new Network(layers, arrays.weights);
          const inputs = new Float32Array(bytes(given).buffer);
          const size = inputs.length / count;
          const outputs = [];
          for (let i = 0; i < count; i++) {
            outputs.push(...network.run(inputs.subarray(i * size, (i + 1) * size)));
          }
          const raw = new Uint8Array(Float32Array.from(outputs).buffer);
          let text = '';
          for (const byte of raw) text += String.fromCharCode(byte);
          return btoa(text);
        }""",
        [base64.b64encode(parcel.data).decode(),
         base64.b64encode(given.astype("<f4").tobytes()).decode(), len(given)],
    )  # fmt: skip
    values = np.frombuffer(base64.b64decode(str(found)), "<f4").reshape(expected.shape)
    assert np.abs(values - expected).max() <= 1e-3


@pytest.mark.parametrize(
    ("name", "map_name"),
    [("mnist-vae", m) for m in ("umap2", "umap3", "pca2", "pca3")] + [("mnist-vae-2d", "latent2")],
)
def test_codes_are_placed_and_spots_inverted_as_in_python(
    page: Page, tiny_models_folder: Path, name: str, map_name: str
) -> None:
    space = LatentSpace(tiny_models_folder / name)
    projection, codes = space.map(map_name), space.gallery.codes
    rng = np.random.default_rng(3)
    between = codes[rng.permutation(300)] * 0.4 + codes * 0.6
    asked = np.concatenate([codes[:100], between]).astype(np.float32)
    spots = projection.transform(asked) + rng.normal(0, 0.2, (400, projection.dims))
    spots[:100] = projection.xy[:100]  # on a point itself
    parcel = parcels.map_parcel(map_name, projection, len(codes))
    found = ask(
        page,
        {"codes": "Atlas", "parcel": "unpack"},
        """([data, codes, latentDim, asked, spots]) => {
          const map = unpack(Uint8Array.from(atob(data), c => c.charCodeAt(0)));
          const rows = Float32Array.from(codes.flat());
          const atlas = new Atlas(map.arrays.xy, map.dims, rows, latentDim, map.linear);
          const spot = new Float32Array(map.dims), code = new Float32Array(latentDim);
          return asked.map((z, i) => [
            ...atlas.place(Float32Array.from(z), spot),
            ...atlas.invert(Float32Array.from(spots[i]), code),
          ]);
        }""",
        [base64.b64encode(parcel.data).decode(), codes.tolist(), space.latent_dim,
         asked.tolist(), spots.tolist()],
    )  # fmt: skip
    placed, inverted = found[:, : projection.dims], found[:, projection.dims :]
    assert np.abs(placed - projection.transform(asked)).max() <= 1e-3
    assert np.abs(inverted - projection.inverse_transform(spots)).max() <= 1e-3


@pytest.mark.parametrize("path", ["lerp", "slerp"])
def test_ways_are_those_of_python(page: Page, ae_space: LatentSpace, path: str) -> None:
    a, b, center = ae_space.code(3), ae_space.code(120), ae_space.center
    for around in (None, center):
        found = ask(
            page,
            {"paths": "along"},
            """([name, a, b, center]) => Array.from({length: 9}, (_, i) => Array.from(
              along(name, a, b, i / 8, center, new Float32Array(a.length))))""",
            [path, a.tolist(), b.tolist(), None if around is None else around.tolist()],
        )
        assert np.abs(found - walk(path, a, b, 9, around)).max() <= 1e-5


def test_a_way_along_the_data_and_a_cross_fade_are_those_of_python(
    page: Page, ae_space: LatentSpace
) -> None:
    stops = ae_space.gallery.codes[[3, 120]]
    trail = through(ae_space, "graph", stops, TRAIL)
    found = ask(
        page,
        {"paths": "onTrail, faded"},
        """([trail]) => Array.from({length: 9}, (_, i) => {
          const values = Float32Array.from(trail.flat()), width = trail[0].length;
          const code = onTrail({values, count: trail.length}, i / 8, new Float32Array(width));
          const mixed = faded(values, values.subarray(width), i / 8, new Float32Array(width));
          return [...code, ...mixed];
        })""",
        [trail.tolist()],
    )
    assert np.abs(found[:, :4] - ae_space.walk(*stops, 9, "graph")).max() <= 1e-5
    images = trail[:2].reshape(2, 1, 1, 4)
    assert np.abs(found[:, 4:] - cross_fade(images, 9).reshape(9, 4)).max() <= 1e-5


def test_a_number_is_moved_as_in_python(page: Page, ae_space: LatentSpace) -> None:
    code, mean, std = (
        ae_space.code(9),
        ae_space.gallery.codes.mean(0),
        ae_space.gallery.codes.std(0),
    )
    for dim in range(ae_space.latent_dim):
        number = {"index": dim, "mean": float(mean[dim]), "std": float(std[dim])}
        found = ask(
            page,
            {"paths": "traverse, shareOf"},
            """([code, number, reach]) => Array.from({length: 7}, (_, i) => {
              const moved = traverse(code, number, i / 6, reach, new Float32Array(code.length));
              return [...moved, shareOf(number, moved[number.index], reach)];
            })""",
            [code.tolist(), number, 2.5],
        )
        expected = traverse(code, dim, 7, mean=mean[dim], std=std[dim], reach=2.5)
        assert np.abs(found[:, :-1] - expected).max() <= 1e-5
        assert np.abs(found[:, -1] - np.linspace(0, 1, 7)).max() <= 1e-5


def sheets() -> np.ndarray:
    """Drawings as the sheet has them, (n, 280, 280): broad, narrow, tiny, at the rim."""
    digits = digit_images(10, seed=4)[0].repeat(10, 1).repeat(10, 2)
    rng = np.random.default_rng(2)
    strokes = []
    for width in (3, 8, 20, 34):
        image = Image.new("L", (280, 280), 255)
        for _ in range(3):
            line = [tuple(point) for point in rng.integers(-10, 290, (5, 2)).tolist()]
            ImageDraw.Draw(image).line(line, fill=int(rng.integers(0, 90)), width=width)
        strokes.append(np.asarray(image))
    dot = np.full((280, 280), 255, np.uint8)
    dot[264:273, 3:5] = 40
    dot[271:273, 3:9] = 90
    return np.concatenate([255 - digits, np.stack([*strokes, dot])])


def test_a_drawing_is_prepared_as_in_python(page: Page) -> None:
    given = sheets()
    expected = np.stack([prepare(png(sheet), "mnist-digit").x[0] for sheet in given])
    found = ask(
        page,
        {"preparation": "Preparation"},
        """(sheets) => {
          const preparation = new Preparation(280);
          return sheets.map((text) => {
            const grey = Uint8Array.from(atob(text), c => c.charCodeAt(0));
            const pixels = new Uint8ClampedArray(4 * grey.length);
            grey.forEach((value, i) => pixels.fill(value, 4 * i, 4 * i + 3));
            return Array.from(preparation.run(pixels));
          });
        }""",
        [base64.b64encode(sheet.tobytes()).decode() for sheet in given],
    )
    assert np.abs(found.reshape(expected.shape) - expected).max() <= 1e-4


def test_an_empty_sheet_is_nothing(page: Page) -> None:
    script = """([value]) => {
      const pixels = new Uint8Array(4 * 280 * 280).fill(255);
      pixels.fill(value, 4 * 280 * 100, 4 * 280 * 110 - 400);
      return [Number(new Preparation(280).run(pixels) === null)];
    }"""
    for value, empty in ((255, 1), (230, 1), (229, 0)):
        assert ask(page, {"preparation": "Preparation"}, script, [value])[0] == empty
        sheet = np.full((280, 280), 255, np.uint8)
        sheet.reshape(-1)[28000:30700] = value
        if empty:
            with pytest.raises(InputError, match="Nothing stands out"):
                prepare(png(sheet), "mnist-digit")
        else:
            assert prepare(png(sheet), "mnist-digit").x.max() == 1


def test_neighbours_vote_as_in_python(page: Page, tiny_space: LatentSpace) -> None:
    rng = np.random.default_rng(8)
    asked = rng.integers(0, len(tiny_space.gallery), (40, 10))
    asked = np.concatenate([asked, np.repeat(asked[:, :2], 5, 1)])  # many ties
    found = ask(
        page,
        {"votes": "elected"},
        "([asked, labels]) => asked.map(nearest => elected(nearest, labels, 10).label)",
        [asked.tolist(), tiny_space.gallery.labels.tolist()],
    )
    assert [tiny_space.class_names[label] for label in found] == [
        tiny_space.vote(row) for row in asked
    ]


def test_draws_have_the_mean_and_the_spread_of_the_posterior(page: Page) -> None:
    mean, std = [0.5, -2.0], [0.1, 1.5]
    draws = ask(
        page,
        {"posterior": "drawn"},
        "([mean, std]) => Array.from({length: 20000}, () => drawn(mean, std))",
        [mean, std],
    )
    # five standard errors of 20,000 draws
    assert np.abs((draws.mean(0) - mean) / std).max() < 5 / np.sqrt(20_000)
    assert np.abs(draws.std(0) / std - 1).max() < 5 / np.sqrt(2 * 20_000)
    beyond = (np.abs((draws - mean) / std) > 2).mean(0)
    assert np.abs(beyond - 0.0455).max() < 0.008  # as of a Gaussian


def test_weights_that_do_not_fit_are_refused(page: Page, tiny_folder: Path) -> None:
    exported = portable(tiny_folder, "decoder")
    said = ask(
        page,
        {"network": "Network"},
        """([layers, count]) => {
          try { new Network(layers, new Float32Array(count)); } catch (error) {
            return [error.message];
          }
          return [];
        }""",
        [exported.layers, exported.weights.size - 1],
    )
    assert "the weights do not fit layer" in said[0]
