"""Each numeric function in JavaScript against its twin in Python."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page

from latent import LatentSpace
from latent.paths import walk
from latent.runtime import portable
from tests.conftest import TINY, digit_images
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


@pytest.mark.parametrize("name", TINY)
@pytest.mark.parametrize("part", ["encoder", "decoder"])
def test_the_browser_computes_what_torch_computes(
    page: Page, tiny_models_folder: Path, name: str, part: str
) -> None:
    space = LatentSpace(tiny_models_folder / name)
    if part == "decoder":
        given = space.gallery.codes[:256]
        expected = space.decode(given)
    else:
        given = digit_images(256, seed=5)[0][:, None].astype(np.float32) / 255
        mu, logvar = space.autoencoder.encode(given)
        expected = mu
    exported = portable(space.folder, part)
    parcel = parcels.decoder_parcel(exported)
    found = ask(
        page,
        {"network": "Network", "parcel": "unpack"},
        """([data, inputs]) => {
          const {layers, arrays} = unpack(Uint8Array.from(atob(data), c => c.charCodeAt(0)));
          const network = new Network(layers, arrays.weights);
          return inputs.map(input => Array.from(network.run(Float32Array.from(input))));
        }""",
        [base64.b64encode(parcel.data).decode(), given.reshape(256, -1).tolist()],
    )
    if part == "encoder" and logvar is not None:
        found = found[:, : space.latent_dim]  # mu, logvar side by side
    assert np.abs(found - expected.reshape(256, -1)).max() <= 1e-3


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
