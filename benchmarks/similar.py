"""Finding what is alike: `python -m benchmarks similar`.

Parts of it need what is not in the repository, and are left out with a line that says so: rendered
furniture below `LATENT_DATA` (20,000 pieces, and the test designs rendered once more), and a folder
of photos that `LATENT_PHOTOS` names.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from playwright.sync_api import Page

from benchmarks.live import row
from latent import InputError, collection, load_space
from latent.colours import histograms
from latent.data import TEST, data_root, load_dataset
from latent.decoding import decode
from latent.encoder import Encoder
from latent.images import prepare_pixels
from latent.neighbours import Searched, unit
from latent.place_command import images_of
from latent.search import (
    NAME,
    SIDE,
    Pieces,
    Wish,
    guessed_kinds,
    is_strange,
    pictures_of,
    pieces_of,
    ranked,
    rendered,
)
from latent.strangers import known as shown
from latent.strangers import letters, noise, texture
from tests.browser.conftest import browsing, open_page, serving

CATALOGUE = 20_000  # pieces among which a design is looked for
SHARE = 0.2  # weight of colour that the page begins with
CODES, WIDTH, K = 1_000_000, 32, 10
QUERIES = 200
PHOTOS, LARGE = 2_000, (900, 1200)  # photos to index, and their size in pixels
JUDGEMENTS = 24


def measure() -> list[dict[str, Any]]:
    """All rows."""
    encoder = Encoder.named(NAME)
    rows = strange(encoder) + million() + indexing(encoder) + judging()
    for part in (designs, photos):
        try:
            rows += part(encoder)
        except InputError as error:
            print(f"similar: {part.__name__} is left out: {error}", file=sys.stderr)
    return rows


def designs(encoder: Encoder) -> list[dict[str, Any]]:
    """A design that training never saw, from another side in other colours, among 20,000."""
    from latent.designs import UNSEEN
    from latent.furniture.again import render_again

    data = load_dataset("furniture", fetch=False)
    tests = np.flatnonzero(data.split == TEST)
    folder = data_root() / "furniture"
    queries = _x(render_again(data, tests, UNSEEN, folder))
    catalogue = data.only(np.arange(len(data.labels) - CATALOGUE, len(data.labels)))
    own = tests - (len(data.labels) - CATALOGUE)
    x = catalogue.x()
    shares = {
        f"{NAME}": (encoder.many(x), encoder.many(queries)),
        "furniture-vae": _coded("furniture-vae", x, queries),
        "pixels": (x.reshape(len(x), -1), queries.reshape(len(queries), -1)),
    }
    rows = []
    for name, (codes, asked) in shares.items():
        places = _places(codes, asked, own)
        limit = 10 if name == NAME else None
        rows += [
            row(f"similar: design in new colour and view not among the first 10 of 20,000, {name}",
                100 * (places >= 10).mean(), "%", limit),
            row(f"similar: the same not among the first 100, {name}",
                100 * (places >= 100).mean(), "%"),
        ]  # fmt: skip
    return rows


def _coded(name: str, *x: np.ndarray) -> tuple[np.ndarray, ...]:
    other = Encoder.named(name)
    return tuple(other.many(part) for part in x)


def _places(codes: np.ndarray, queries: np.ndarray, own: np.ndarray) -> np.ndarray:
    """Of every query how many codes are nearer than its own, shape (Q,)."""
    squares, places = np.einsum("nd,nd->n", codes, codes), []
    for start in range(0, len(queries), 200):
        apart = squares - 2 * (queries[start : start + 200] @ codes.T)  # and |q|², for all alike
        mine = apart[np.arange(len(apart)), own[start : start + 200]]
        places.append((apart < mine[:, None]).sum(1))
    return np.concatenate(places)


def _x(images: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(np.moveaxis(images, 3, 1), np.float32) / 255


def photos(encoder: Encoder) -> list[dict[str, Any]]:
    """Real photos in other colours and in a mirror: whether the original is found first."""
    folder = os.environ.get("LATENT_PHOTOS")
    if not folder:
        raise InputError("LATENT_PHOTOS names no folder with photos of furniture.")
    files = images_of(folder)
    pixels = [decode(Path(file).read_bytes(), "white", SIDE) for file in files]
    how = encoder.config["preprocessing"]
    pieces = pieces_of(encoder, files, np.stack([prepare_pixels(p, how).x for p in pixels]))
    rng = np.random.default_rng(0)
    queries = [recoloured(p, rng)[:, ::-1] for p in pixels]
    asked = pieces_of(encoder, files, np.stack([prepare_pixels(p, how).x for p in queries]))
    rows = []
    for words, share in (("shape alone", 0.0), (f"colour counts {SHARE:.0%}", SHARE)):
        first = [
            ranked(pieces, Wish(shape, colour, share), 1).indices[0]
            for shape, colour in zip(asked.shapes, asked.colours, strict=True)
        ]
        wrong = 100 * (np.array(first) != np.arange(len(files))).mean()
        limit = 5 if share == 0 else None
        rows.append(row(f"similar: recoloured and mirrored photo, original not first, {words}",
                        wrong, "%", limit))  # fmt: skip
    rows += [
        row("similar: photos", len(files), ""),
        row("similar: photos to which no rendered piece is said to be alike",
            _refused(pieces.shapes, rendered(encoder).pieces, encoder), "%"),
    ]  # fmt: skip
    labels = np.array([Path(file).parent.name for file in files])
    if set(labels) == {"chair", "table"}:
        seats = np.isin(
            guessed_kinds(encoder, pieces.shapes), ("chair", "armchair", "swivel", "stool")
        )
        rows.append(row("similar: photos of chairs guessed to be tables, or vice versa",
                        100 * (seats != (labels == "chair")).mean(), "%"))  # fmt: skip
    return rows


def recoloured(pixels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The same photo with its hues turned by 60° to 300°, and more or less saturated."""
    hsv = np.asarray(Image.fromarray(pixels).convert("HSV")).astype(int)
    hsv[..., 0] = (hsv[..., 0] + rng.integers(43, 213)) % 256
    hsv[..., 1] = np.clip(hsv[..., 1] * rng.uniform(0.5, 1.8), 0, 255)
    return np.asarray(Image.fromarray(hsv.astype(np.uint8), "HSV").convert("RGB"))


def strange(encoder: Encoder) -> list[dict[str, Any]]:
    """How often the page says that nothing is alike, of pieces and of what is none."""
    known = rendered(encoder).pieces
    rng = np.random.default_rng(1)
    digits = shown(load_space("mnist-vae"), rng)[:100]
    kinds: dict[str, list[np.ndarray]] = {
        "digits": digits,
        "noise": [noise(rng) for _ in range(100)],
        "textures": [texture(rng) for _ in range(100)],
        "letters": letters(rng)[:100],
    }
    how = encoder.config["preprocessing"]
    rows = []
    for kind, drawn in kinds.items():
        x = np.stack([prepare_pixels(picture, how).x for picture in drawn])
        asked = Pieces(("",) * len(x), unit(encoder.many(x)), histograms(x))
        rows.append(row(f"similar: {kind} to which something is said to be alike",
                        100 - _refused(asked.shapes, known, encoder), "%"))  # fmt: skip
    return rows


def _refused(shapes: np.ndarray, known: Pieces, encoder: Encoder) -> float:
    """Share of shapes, in per cent, to which nothing in a catalogue is said to be alike."""
    return 100 * float(np.mean([is_strange(known, Wish(s, s, 0), encoder) for s in shapes]))


def million() -> list[dict[str, Any]]:
    """A million codes of 32 numbers: the gallery of a model, jittered."""
    codes = load_space("furniture-vae").gallery.codes
    rng = np.random.default_rng(0)
    many = codes[rng.integers(len(codes), size=CODES)]
    many = (many + 0.05 * rng.standard_normal(many.shape)).astype(np.float32)
    assert many.shape == (CODES, WIDTH)
    searched = Searched(many)
    queries = many[rng.choice(CODES, QUERIES)] + 0.02 * rng.standard_normal((QUERIES, WIDTH))
    taken, right = [], []
    for query in queries.astype(np.float32):
        start = time.perf_counter()
        found, _ = searched.nearest(query, K)
        taken.append(1000 * (time.perf_counter() - start))
        exact = np.argsort(np.square(many.astype(np.float64) - query).sum(1), kind="stable")[:K]
        right.append(len(np.intersect1d(found, exact)) / K)
        if len(right) == 20:  # the exact answer takes long; the times of all are wanted
            break
    for query in queries[20:].astype(np.float32):
        start = time.perf_counter()
        searched.nearest(query, K)
        taken.append(1000 * (time.perf_counter() - start))
    held = many.nbytes + CODES * 4
    return [
        row("similar: nearest 10 of 1,000,000 codes of 32 numbers, p95",
            np.percentile(taken, 95), "ms", 20),
        row("similar: the same, median", np.median(taken), "ms"),
        row("similar: of the exact 10 nearest missed", 100 * (1 - np.mean(right)), "%", 5),
        row("similar: memory for 1,000,000 codes", held / 1e6, "MB", 1000),
    ]  # fmt: skip


def indexing(encoder: Encoder) -> list[dict[str, Any]]:
    """Photos a second on the command line, and a run that is killed."""
    with tempfile.TemporaryDirectory() as root:
        folder, out = Path(root) / "photos", Path(root) / "catalogue"
        _write_photos(encoder, folder)
        start = time.perf_counter()
        _index(folder, out)
        rate = PHOTOS / (time.perf_counter() - start)
        names = list(collection.read(out).names)
        again = Path(root) / "killed"
        process = subprocess.Popen(_command(folder, again), stdout=subprocess.PIPE)
        while not list(again.glob("part-*")):
            time.sleep(0.05)
        time.sleep(0.3)
        process.send_signal(signal.SIGKILL)
        process.wait()
        before = len(collection.read(again).names)
        _index(folder, again)
        resumed = list(collection.read(again).names)
    twice = len(resumed) - len(set(resumed))
    return [
        row("similar: a photo of 1,200 × 900 pixels indexed, start included", 1000 / rate, "ms",
            10),
        row("similar: photos indexed when the run was killed", before, ""),
        row("similar: photos lost or indexed twice by going on", twice
            + len(set(names) ^ set(resumed)), "", 0),
    ]  # fmt: skip


def _write_photos(encoder: Encoder, folder: Path) -> None:
    """Renders enlarged to the size of a photo, as JPEG."""
    folder.mkdir()
    files = pictures_of(encoder, rendered(encoder).pieces.names[:PHOTOS])
    for i, file in enumerate(files):
        picture = Image.fromarray(decode(file)).resize((LARGE[0], LARGE[0]))
        photo = Image.new("RGB", LARGE[::-1], "white")
        photo.paste(picture, ((LARGE[1] - LARGE[0]) // 2, 0))
        photo.save(folder / f"{i:04d}.jpg", quality=85)


def _command(folder: Path, out: Path) -> list[str]:
    return [sys.executable, "-m", "latent", "index", str(folder), "--out", str(out), "--json"]


def _index(folder: Path, out: Path) -> dict[str, Any]:
    done = subprocess.run(_command(folder, out), capture_output=True, check=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def judging() -> list[dict[str, Any]]:
    """From "More" or "Less" to the new ranking on the screen."""
    with browsing() as browser, serving() as address:
        page = browser.new_context(viewport={"width": 1440, "height": 1300}).new_page()
        open_page(page, address)
        open_page(page, f"{address}/similar")
        page.wait_for_selector(".results .piece", timeout=120_000)
        page.wait_for_timeout(3_000)
        taken = [_judged(page, i) for i in range(JUDGEMENTS)]
    return [
        row('similar: "more like this" to the new ranking on the screen, p95',
            np.percentile(taken, 95), "ms", 300),
        row("similar: the same, median", np.median(taken), "ms"),
    ]  # fmt: skip


# the time from a click until the order of what was found has changed and is drawn
WATCH = """() => {
  const root = globalThis.latentBoard.kept.get('results');
  const order = () => [...root.querySelectorAll('.name')].map((name) => name.textContent).join();
  const before = order();
  globalThis.ranked = null;
  const start = performance.now();
  const observer = new MutationObserver(() => {
    if (order() === before) return;
    observer.disconnect();
    requestAnimationFrame(() => { globalThis.ranked = performance.now() - start; });
  });
  observer.observe(root, {childList: true, subtree: true, characterData: true});
}"""


def _judged(page: Page, i: int) -> float:
    piece = page.locator(".results .piece").nth(5 + i % 6)
    page.evaluate(WATCH)
    piece.locator(".more" if i % 2 == 0 else ".less").click()
    page.wait_for_function("globalThis.ranked !== null", timeout=10_000)
    page.wait_for_timeout(400)
    return float(page.evaluate("globalThis.ranked"))


PARTS: dict[str, Callable[[Encoder], list[dict[str, Any]]]] = {
    "designs": designs, "photos": photos, "strange": strange, "indexing": indexing,
    "million": lambda _: million(), "judging": lambda _: judging(),
}  # fmt: skip


def main() -> int:
    """Print the rows of the parts that are named: `python -m benchmarks.similar designs`."""
    encoder = Encoder.named(NAME)
    for name in sys.argv[1:] or PARTS:
        for found in PARTS[name](encoder):
            print(f"{found['name']:90} {found['value']:9.2f} {found['unit']}"
                  f"{'' if found['ok'] else '  MISSED'}", flush=True)  # fmt: skip
    print(f"memory at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3:.0f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
