"""What the browser computes of a mixture, against Python."""

from __future__ import annotations

import base64
import json

import numpy as np
import pytest
from playwright.sync_api import Page

from latent.em import nearest_center, run_em, run_kmeans, start_at
from latent.mixture import KINDS, Mixture, log_density, responsibilities
from tests.browser.test_twins import ask
from ui.live.em_parcels import run_parcel

TRACE = """const bytes = Uint8Array.from(atob(data), c => c.charCodeAt(0));
  const trace = new Trace(unpack(bytes));"""


def points(n: int, d: int) -> np.ndarray:
    rng = np.random.default_rng(d)
    return (rng.integers(0, 3, (n, 1)) + rng.normal(size=(n, d))).astype(np.float32)


def run_of(x: np.ndarray, kind: str, k: int = 4):
    start, centers = start_at(x, k, kind, "random", np.random.default_rng(0))
    return run_em(x, start, max_steps=8), run_kmeans(x, centers)


def sent(x: np.ndarray, kind: str) -> tuple:
    run, means = run_of(x, kind)
    parcel = run_parcel(run, means, lambda codes: codes[:, :2], np.eye(2, x.shape[1]))
    return run, means, base64.b64encode(parcel.data).decode()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("d", [2, 5])
def test_responsibilities_and_owners_are_those_of_python(page: Page, kind: str, d: int) -> None:
    x = points(200, d)
    run, means, data = sent(x, kind)
    last = len(run.mixtures) - 1
    found = ask(
        page,
        {"gaussians": "Trace", "parcel": "unpack"},
        f"""([data, flat, steps, count]) => {{
          {TRACE}
          const points = Float32Array.from(flat);
          return steps.map((step) => [
            ...trace.responsibilities(step, points, 0, count, new Float32Array(4 * count)),
            ...trace.owners(Math.min(step, trace.meansSteps), points, new Uint8Array(count)),
          ]);
        }}""",
        [data, x.ravel().tolist(), [0, 3, last], len(x)],
    )
    for row, step in zip(found, (0, 3, last), strict=True):
        resp, owners = row[:800].reshape(200, 4), row[800:]
        assert np.abs(resp - responsibilities(run.mixtures[step], x)).max() < 1e-4
        centers = means.centers[min(step, len(means.centers) - 1)]
        assert (owners == nearest_center(x, centers)).mean() > 0.99  # 32 bits may break a tie


def test_before_the_first_step_all_are_equally_responsible(page: Page) -> None:
    x = points(10, 2)
    _, _, data = sent(x, "full")
    found = ask(
        page,
        {"gaussians": "Trace", "parcel": "unpack"},
        f"""([data, flat]) => {{
          {TRACE}
          return Array.from(trace.responsibilities(-1, Float32Array.from(flat), 0, 10,
                                                   new Float32Array(40)));
        }}""",
        [data, x.ravel().tolist()],
    )
    assert (found == 0.25).all()


@pytest.mark.parametrize("kind", KINDS)
def test_draws_of_a_component_have_its_mean_and_covariance(page: Page, kind: str) -> None:
    x = points(300, 3)
    run, _, data = sent(x, kind)
    noise = np.random.default_rng(1).normal(size=(20_000, 3))
    draws = ask(
        page,
        {"gaussians": "Trace", "parcel": "unpack"},
        f"""([data, noise]) => {{
          {TRACE}
          return noise.map((row) => Array.from(trace.drawn(5, 1, row, new Float32Array(3))));
        }}""",
        [data, noise.tolist()],
    )
    mixture = run.mixtures[5]
    covariance = mixture.whole_covariances()[1]
    scale = np.sqrt(np.diag(covariance).max())
    assert np.abs(draws.mean(0) - mixture.means[1]).max() < 0.03 * scale
    assert np.abs(np.cov(draws.T) - covariance).max() < 0.05 * scale**2


def test_density_and_its_lines_are_those_of_the_mixture(page: Page) -> None:
    x = points(400, 2)
    run, _, data = sent(x, "full")
    mixture: Mixture = run.mixtures[6]
    asked = x[:50]
    found = ask(
        page,
        {"gaussians": "Trace", "contours": "shadows, densityAt, levelsOf, contours",
         "parcel": "unpack"},
        f"""([data, asked, flat]) => {{
          {TRACE}
          const parts = shadows(trace, 6);
          const levels = levelsOf(parts, Float32Array.from(flat));
          const lines = contours(parts, [-4, -4, 6, 6], levels);
          return [JSON.stringify({{
            densities: asked.map(([x, y]) => densityAt(parts, x, y)), levels, lines,
          }})];
        }}""",
        [data, asked.tolist(), x.ravel().tolist()],
    )  # fmt: skip
    answer = json.loads(str(found[0]))
    assert answer["densities"] == pytest.approx(np.exp(log_density(mixture, asked)), rel=1e-4)
    everywhere = np.exp(log_density(mixture, x))
    for level, share in zip(answer["levels"], (0.5, 0.8, 0.95), strict=True):
        assert (everywhere >= level).mean() == pytest.approx(share, abs=0.01)
    for level, line in zip(answer["levels"], answer["lines"], strict=True):
        ends = np.array(line).reshape(-1, 2)
        assert len(ends) > 20
        # between the corners of a cell a line is straight and the density is not
        assert np.exp(log_density(mixture, ends)) == pytest.approx(level, rel=0.12)
