"""An encoder that knows a piece of furniture again: in other colours, from another side.

It is taught by contrast: pictures of one design are pulled together, all others apart. Beside that
its codes are asked for the proportions and parts of a design, which are known of renders; it learns
faster so. It draws nothing. Where an autoencoder's code holds whatever makes pixels right, colour
and view above all, this one holds what a thing is.
"""

from __future__ import annotations

import platform
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from tqdm import tqdm

from latent import bundle
from latent.augmentation import recoloured
from latent.autoencoder import Layer, halved, kept
from latent.checkpoints import load_checkpoint, save_checkpoint
from latent.colours import histograms
from latent.contrast import loss
from latent.data import TEST, TRAIN, Dataset
from latent.export import ABOUT
from latent.furniture.again import render_again
from latent.furniture.dataset import EXTENT
from latent.furniture.shown import shown
from latent.furniture.twice import twice
from latent.gallery import FACTOR
from latent.normalising import MEASURED_ON, folded, measure, normalised
from latent.outsiders import no_furniture
from latent.recognition import KIND
from latent.search import strangeness
from latent.speed import quick
from latent.training import learning_rate

NAME = "furniture-contrast"
EPOCHS, BATCH, SEED, LEARNING_RATE, TEMPERATURE = 30, 512, 0, 4e-3, 0.07
ASKED = 2.0  # weight of what codes are asked for beside the contrast
# what of a design a picture shows; of the other factors it says little
ASKED_NUMBERS = (
    "width", "depth", "height", "leg_thickness", "splay", "top_thickness", "roundness",
    "back_height", "tilt", "slats", "drawers",
)  # fmt: skip
ASKED_WORDS = (
    "kind", "legs", "back", "arms", "headrest", "upholstery", "stretchers", "apron", "shelf",
    "leaves",
)  # fmt: skip
THICKNESS = "top_thickness"
GROUP = 64  # designs most like each other that are shown together
ALL_ALIKE = 0.25  # share of the rounds before that, in which codes mean little as yet
UNSEEN = 7  # seed of the pictures that measure: test designs, never the views of training
ALIKE = 0.97  # share of new designs to which something is to count as alike
STRANGERS = 300  # pictures that show no furniture, of which codes are kept
FINE = 256  # test codes ship in steps of 1/256: smaller, and no figure changes
NUMBERS = ("width", "depth", "height", "back_height")  # metres, by which a catalogue is filtered
LATENT_DIM = 64
LAYERS: tuple[Layer, ...] = (
    *halved(3, 32),
    *halved(32, 64),
    *kept(64, 96),
    *halved(96, 160),
    *kept(160, 160),
    *halved(160, 224),
    *kept(224, 224),
    ("flatten",),
    ("linear", 3584, LATENT_DIM),
)


def train_designs(
    data: Dataset, renders: Path, folder: Path, checkpoint: Path, epochs: int = EPOCHS
) -> dict[str, Any]:
    """Render more designs, and all of them again, train, and write the bundle.

    Args:
        data: rendered furniture.
        renders: folder where pictures of the same designs are kept; more designs lie beside it.
        folder: where the bundle goes.
        checkpoint: from which a killed run goes on.
        epochs: times through all designs.

    Returns:
        "again_first", "again_first_10": of test designs rendered again, the share whose
        picture in the data set is the nearest of all test images, and among the nearest 10.
    """
    pictures = twice(data, renders)
    first, second = np.split(np.arange(len(pictures.labels)), 2)
    views = np.stack([pictures.images[first], pictures.images[second]], axis=1)
    asked = questions(pictures.only(first))
    network = fit_designs(views, asked, epochs, checkpoint)
    return _export(network.half().float(), data, renders, folder, epochs)


@dataclass(frozen=True)
class Questions:
    """What is known of designs, for codes to answer.

    Args:
        numbers: shape (N, F), float32, each column with mean 0 and deviation 1.
        words: of each factor that is one of several, which one, (N,), int64.
        counts: how many each may be.
    """

    numbers: np.ndarray
    words: tuple[np.ndarray, ...]
    counts: tuple[int, ...]

    @property
    def width(self) -> int:
        """Numbers that an answer has."""
        return self.numbers.shape[1] + sum(self.counts)


def questions(data: Dataset) -> Questions:
    """Proportions and parts of the designs of a data set.

    Sizes are asked for as pictures show them (`latent.furniture.shown`): as shares of the longest
    side. The height of a back that is not there is asked for as if it were of mean height.
    """
    told = _numbers(data)
    told = np.where(np.isnan(told), np.nanmean(told, axis=0), told)
    numbers = (told - told.mean(0)) / np.maximum(told.std(0), 1e-6)
    words = tuple(data.factors[name].astype(np.int64) for name in ASKED_WORDS)
    counts = tuple(len(data.words[name]) for name in ASKED_WORDS)
    return Questions(numbers.astype(np.float32), words, counts)


def _numbers(data: Dataset) -> np.ndarray:
    """`ASKED_NUMBERS` of a data set, (N, F), NaN where there is nothing to be asked."""
    known = data.factors | shown(data.factors)
    if {THICKNESS, EXTENT} <= set(known):
        known[THICKNESS] = known[THICKNESS] / known[EXTENT]
    return np.stack([known[name].astype(np.float64) for name in ASKED_NUMBERS], axis=1)


def answers_loss(answers: Tensor, asked: Questions, rows: np.ndarray) -> Tensor:
    """How badly questions were answered: 1 a question where nothing is known.

    Args:
        answers: shape (B, asked.width).
        asked: the questions.
        rows: of the designs that were asked for, shape (B,).
    """
    first, *words = answers.split([asked.numbers.shape[1], *asked.counts], dim=1)
    errors = [functional.mse_loss(first, torch.from_numpy(asked.numbers[rows]))]
    for given, right, count in zip(words, asked.words, asked.counts, strict=True):
        wrong = functional.cross_entropy(given, torch.from_numpy(right[rows]))
        errors.append(wrong / float(np.log(count)))
    return torch.stack(errors).mean()


def fit_designs(
    views: np.ndarray, asked: Questions, epochs: int, checkpoint: Path | None = None
) -> nn.Sequential:
    """Train an encoder to tell designs apart.

    Args:
        views: pictures of each design, shape (N, V, S, S, 3), uint8; V at least 2.
        asked: what is known of each design.
        epochs: times through all designs.
        checkpoint: written after every epoch.

    Returns:
        The encoder with averaged weights.
    """
    with torch.random.fork_rng():
        torch.manual_seed(SEED)
        network = normalised(LAYERS).to(memory_format=torch.channels_last)  # a fifth faster
        answering = nn.Linear(LATENT_DIM, asked.width)
    average = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(0.99))
    taught = [*network.parameters(), *answering.parameters()]
    optimizer = torch.optim.AdamW(taught, weight_decay=1e-2, fused=True)
    noise = torch.Generator().manual_seed(SEED)
    size = min(BATCH, len(views))
    a_round = len(views) // size
    run = {
        "name": NAME, "epochs": epochs, "designs": len(views), "pictures": views.shape[1],
        "batch": size, "learning_rate": LEARNING_RATE,
    }  # fmt: skip
    seen = torch.zeros(len(views), LATENT_DIM)  # the codes of the last round
    average.register_buffer("seen", seen)  # so that it is in the checkpoint
    first = 0
    if checkpoint is not None:
        first = load_checkpoint(checkpoint, run, average, optimizer)
    labels = torch.arange(size).repeat(2)
    for epoch in range(first, epochs):
        noise.manual_seed(SEED + epoch)  # a run that goes on draws what it would have drawn
        if epoch < ALL_ALIKE * epochs:
            order = torch.randperm(len(views), generator=noise).numpy()
        else:
            order = neighbours_together(seen.numpy(), noise)
        total = np.zeros(2)
        for step in tqdm(range(a_round), f"{NAME} {epoch + 1}/{epochs}", mininterval=10):
            done = (epoch * a_round + step) / (epochs * a_round)
            optimizer.param_groups[0]["lr"] = float(learning_rate(LEARNING_RATE, done))
            rows = order[step * size : (step + 1) * size]
            x = _batch(views[rows], noise)
            optimizer.zero_grad()
            with quick():
                codes = network(x).float()
            value = loss(codes, labels, TEMPERATURE)
            wrong = answers_loss(answering(codes), asked, np.tile(rows, 2))
            (value + ASKED * wrong).backward()
            optimizer.step()
            average.update_parameters(network)
            seen[rows] = functional.normalize(codes.detach(), dim=1).view(2, size, -1).mean(0)
            total += np.array([float(value.detach()), float(wrong.detach())])
        apart, wrong_share = total / a_round
        print(f"epoch {epoch + 1}: contrast {apart:.4f}, answers {wrong_share:.4f}", flush=True)
        if checkpoint is not None:
            save_checkpoint(checkpoint, run, average, optimizer, epoch + 1)
    trained = average.module
    assert isinstance(trained, nn.Sequential)
    noise.manual_seed(SEED - 1)
    order = torch.randperm(len(views), generator=noise).numpy()
    spans = [order[start : start + size] for start in range(0, MEASURED_ON * size, size)]
    measure(trained, (_batch(views[rows], noise) for rows in spans if len(rows) > 1))
    return folded(trained)


def neighbours_together(codes: np.ndarray, noise: torch.Generator) -> np.ndarray:
    """An order in which designs stand beside those most like them, a group after the other.

    In a step, a design is then told from its likes as well as from others; those of a random step
    are hardly ever alike, and once they are told apart nothing more is learned from them. Groups
    are the leaves of a tree of random cuts, others in each round.

    Args:
        codes: of the designs, shape (N, D).
        noise: source of randomness.

    Returns:
        Indices, shape (N,); groups of at most `GROUP` in random order.
    """
    rng = np.random.default_rng(int(torch.randint(2**31, (), generator=noise)))
    cut, groups = [rng.permutation(len(codes))], []
    while cut:
        group = cut.pop()
        if len(group) <= GROUP:
            groups.append(group)
            continue
        one, other = codes[group[:2]]  # any two, for the order in a group is random
        sides = np.argsort(codes[group] @ (one - other), kind="stable")
        for half in np.array_split(sides, 2):
            cut.append(group[np.sort(half)])
    return np.concatenate([groups[i] for i in rng.permutation(len(groups))])


def _batch(views: np.ndarray, noise: torch.Generator) -> Tensor:
    """What is shown in a step: two pictures of each design, each changed."""
    return seen_anew(two_of(views, noise), noise).contiguous(memory_format=torch.channels_last)


def two_of(views: np.ndarray, noise: torch.Generator) -> Tensor:
    """Two different pictures of each design, (2B, 3, S, S) in [0, 1]; first all first ones."""
    chosen = torch.rand(views.shape[:2], generator=noise).argsort(1)[:, :2].numpy()
    rows = np.arange(len(views))
    picked = np.concatenate([views[rows, chosen[:, 0]], views[rows, chosen[:, 1]]])
    return torch.from_numpy(picked).movedim(3, 1).float() / 255


def seen_anew(x: Tensor, noise: torch.Generator) -> Tensor:
    """Photos taken once more, some in a mirror, with other colours than they had.

    Turned (±2°), scaled (±5 %) and shifted (±1.5 pixels); the channels are put in another order,
    each is made darker or paler by a curve of its own, and a tenth of the photos become grey.
    White stays white.

    Args:
        x: images on white, shape (B, 3, S, S).
        noise: source of randomness.
    """

    def draw(*shape: int) -> Tensor:
        return torch.rand(len(x), *shape, generator=noise) * 2 - 1

    angle, scale, mirrored = draw(1, 1) * 0.035, 1 + draw(1, 1) * 0.05, draw(1, 1).sign()
    cos, sin = torch.cos(angle) * scale, torch.sin(angle) * scale
    side = x.shape[-1]
    shift = draw(2, 1, 1) * 1.5 * 2 / side
    at = (2 * torch.arange(side) + 1) / side - 1
    across, down = at[None, None, :], at[None, :, None]
    # by hand, for `affine_grid` takes ten times as long
    grid = torch.stack(
        [
            mirrored * (cos * across - sin * down + shift[:, 0]),
            sin * across + cos * down + shift[:, 1],
        ],
        dim=3,
    )
    moved = 1 - functional.grid_sample(1 - x, grid, align_corners=False)  # white comes in
    anew = recoloured(moved, noise)
    grey = draw() < -0.8
    anew[grey] = anew[grey].mean(1, keepdim=True).expand_as(anew[grey])
    return anew


def _export(
    network: nn.Sequential, data: Dataset, renders: Path, folder: Path, epochs: int
) -> dict[str, Any]:
    from latent.encoder import Encoder

    about = ABOUT["furniture"]
    tests = data.only(data.split == TEST)
    config: dict[str, Any] = {
        "name": NAME,
        "title": "Furniture by contrast",
        "kind": bundle.CONTRAST,
        "image_shape": list(tests.x()[:1].shape[1:]),
        "latent_dim": LATENT_DIM,
        "preprocessing": about.preprocessing,
        "class_names": about.class_names,
        "factor_words": {KIND: list(data.words[KIND])},
        "architecture": {"encoder": LAYERS, "decoder": []},
        "averaged_over": "sides",
        "recipe": {
            "epochs": epochs,
            "batch": BATCH,
            "seed": SEED,
            "learning_rate": LEARNING_RATE,
            "temperature": TEMPERATURE,
            "data": "furniture",
            "data_sha256": data.sha256(),
            "versions": {"python": platform.python_version(), "torch": version("torch")},
        },
        "licence": about.licence,
        "metrics": {},
    }
    gallery = {
        "codes": np.empty(0), "labels": tests.labels, "split": tests.split,
        "indices": np.flatnonzero(data.split == TEST),
        **{FACTOR + name: _stored(tests, name) for name in (KIND, *NUMBERS)},
    }  # fmt: skip
    bundle.write_bundle(folder, config, nn.ModuleDict({"encoder": network}), gallery)
    encoder = Encoder(folder)
    codes = encoder.many(tests.x())
    anew = render_again(data, np.flatnonzero(data.split == TEST), UNSEEN, renders)
    queries = encoder.many(_x(anew))
    places = _places(codes, queries)
    config["metrics"] = {
        "again_first": float((places == 0).mean()),
        "again_first_10": float((places < 10).mean()),
    }
    shown = data.only(data.split == TRAIN)
    strangers = encoder.many(_strangers(shown))
    config["alike"] = _alike(codes, strangers)
    taught, of = encoder.many(shown.x()), shown.factors[KIND]
    known = np.unique(of)
    means = np.stack([taught[of == kind].mean(0) for kind in known])
    gallery |= {
        "codes": _stored_codes(codes),
        "strangers": _stored_codes(strangers),
        "colours": (histograms(tests.x()) * 255).round().astype(np.uint8),
        "means": encoder.finished(means).astype(np.float32),
        "means_of": known,
    }
    bundle.write_bundle(folder, config, nn.ModuleDict({"encoder": network}), gallery)
    metrics: dict[str, Any] = config["metrics"]
    return metrics


def _x(images: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(np.moveaxis(images, 3, 1), np.float32) / 255


def _places(codes: np.ndarray, queries: np.ndarray) -> np.ndarray:
    """Of every query how many codes are nearer than its own."""
    apart = [np.linalg.norm(codes - query, axis=1) for query in queries]
    return np.array([int((row < row[i]).sum()) for i, row in enumerate(apart)])


def _strangers(shown: Dataset) -> np.ndarray:
    """Pictures that show no furniture, (STRANGERS, 3, S, S), some of them cut from such."""
    x = torch.from_numpy(shown.only(np.arange(len(shown.labels)) < STRANGERS).x())
    return no_furniture(x, torch.Generator().manual_seed(SEED)).numpy()


def _alike(codes: np.ndarray, strangers: np.ndarray) -> float:
    """How strange a design may be to the others, for most of them not to be called so."""
    others = (np.delete(codes, i, axis=0) for i in range(len(codes)))
    strange = [strangeness(*pair, strangers) for pair in zip(codes, others, strict=True)]
    return float(np.quantile(strange, ALIKE))


def _stored_codes(codes: np.ndarray) -> np.ndarray:
    return (np.rint(codes * FINE) / FINE).astype(np.float16)


def _stored(data: Dataset, name: str) -> np.ndarray:
    values = data.factors[name]
    return values if name in data.words else values.astype(np.float16)
