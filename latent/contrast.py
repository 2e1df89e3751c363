"""An encoder taught by contrast: images of one label are pulled together, others apart.

It draws nothing. What it is good for is telling whether two images are of one kind, also of
kinds that it never saw; so it is taught some of the digits only.
"""

from __future__ import annotations

import platform
from collections.abc import Sequence
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
from latent.augmentation import another_hand
from latent.autoencoder import Layer, build, halved, kept
from latent.comparison import HELD_BACK
from latent.data import TEST, TRAIN, Dataset
from latent.export import ABOUT
from latent.outsiders import no_digits
from latent.training import learning_rate

NAME = "mnist-contrast"
EPOCHS, BATCH, SEED, LEARNING_RATE, TEMPERATURE = 12, 192, 0, 2e-3, 0.1
WIDTH = 32  # of the head
EVERY, FINE = (
    2,
    256,
)  # test codes ship of every second image, in steps of 1/256: a third of the size
NO_DIGITS = 32  # of a step's pictures
# What is taught to tell kinds apart forgets what does not; the layer before keeps more of it and
# knows new kinds better (Chen et al. 2020, arXiv:2002.05709). But only the last one puts aside what
# shows no digit. A code is both, each of length 1, the last one times this; it was chosen so that
# both figures of `python -m benchmarks recognition` hold.
HEAD_WEIGHT = 0.42
LAYERS: tuple[Layer, ...] = (
    *halved(1, 32),
    *halved(32, 64),
    *kept(64, 64),
    ("flatten",),
    ("linear", 3136, 128),
)
HEAD: tuple[Layer, ...] = (("silu",), ("linear", 128, WIDTH))
# Digits lying on their side are kinds of their own: twice as many kinds to tell apart, and the
# more an encoder has seen, the better it tells new ones. No digit is turned upside down, since
# a 6 would be a 9. Those that look the same on either side are turned to one of them alone.
TWO_SIDED = (3, 4, 6, 7)
QUARTER, THREE_QUARTERS = 100, 200  # added to the label of a turned digit


def train_contrast(
    data: Dataset, folder: Path, held_back: Sequence[int] = HELD_BACK
) -> dict[str, Any]:
    """Train on augmented digits and write the bundle.

    It takes some minutes, so there is no checkpoint.

    Args:
        data: digits.
        folder: where the bundle goes.
        held_back: digits that it is not shown.

    Returns:
        "trained_on": the digits that it was shown, and "knn_accuracy" on their test images.
    """
    seen = (data.split == TRAIN) & ~np.isin(data.labels, held_back)
    shown = data.only(seen)
    network = fit_network(shown.x(), shown.labels)
    return _export(network.half().float(), data, shown, folder)


def fit_network(x: np.ndarray, labels: np.ndarray) -> nn.ModuleDict:
    """Train an encoder.

    Args:
        x: digits, shape (N, 1, 28, 28), float32 in [0, 1]; at least one batch.
        labels: theirs, shape (N,).

    Returns:
        "encoder", which gives 128 numbers an image, and the "head" behind it, which gives 32;
        with averaged weights.
    """
    with torch.random.fork_rng():
        torch.manual_seed(SEED)
        network = build([*LAYERS, *HEAD])
    images, told = torch.from_numpy(x), torch.from_numpy(labels.astype(np.int64))
    average = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(0.998))
    optimizer = torch.optim.AdamW(network.parameters(), weight_decay=1e-2, fused=True)
    noise = torch.Generator().manual_seed(SEED)
    steps = EPOCHS * (len(images) // BATCH)
    for step in tqdm(range(steps), NAME):
        if step % (len(images) // BATCH) == 0:
            order = torch.randperm(len(images), generator=noise)
        chosen = order[torch.arange(step * BATCH, (step + 1) * BATCH) % len(images)]
        optimizer.param_groups[0]["lr"] = learning_rate(LEARNING_RATE, step / steps)
        upright, kinds = images[chosen], told[chosen]
        turned, turned_kinds = lying(upright, kinds, noise)
        drawn = another_hand(torch.cat([upright, turned]), 0.9, noise)
        strange = no_digits(images[order[torch.randint(len(order), (NO_DIGITS,), generator=noise)]],
                            noise)  # fmt: skip
        alone = -1 - torch.arange(NO_DIGITS)  # each a kind of its own
        optimizer.zero_grad()
        codes = network(torch.cat([drawn, strange]))
        loss(codes, torch.cat([kinds, turned_kinds, alone]), TEMPERATURE).backward()
        optimizer.step()
        average.update_parameters(network)
    trained = average.module
    assert isinstance(trained, nn.Sequential)
    # a slice would keep its layers' numbers
    parts = {"encoder": trained[: len(LAYERS)], "head": nn.Sequential(*trained[len(LAYERS) :])}
    return nn.ModuleDict(parts).eval()


def loss(codes: Tensor, labels: Tensor, temperature: float) -> Tensor:
    """How badly codes of one label are told from the others, by their directions.

    Args:
        codes: shape (B, D), of any length.
        labels: shape (B,).
        temperature: the lower, the more the nearest of the others count.

    Returns:
        Mean over the codes that have a partner of the same label: of −ln of the share that
        a partner has of the similarity to all others, a mean over partners.

    Source: Khosla et al. 2020, arXiv:2004.11362, equation 2.
    """
    directions = functional.normalize(codes, dim=1)
    alike = directions @ directions.T / temperature
    itself = torch.eye(len(codes), dtype=torch.bool)
    share = alike - torch.logsumexp(alike.masked_fill(itself, -torch.inf), 1, keepdim=True)
    partners = (labels[:, None] == labels[None]) & ~itself
    count = partners.sum(1)
    own = count > 0
    return -(torch.where(partners, share, 0.0).sum(1)[own] / count[own]).mean()


def lying(x: Tensor, labels: Tensor, noise: torch.Generator) -> tuple[Tensor, Tensor]:
    """About half of some digits, turned by a quarter to the left or to the right.

    Args:
        x: shape (B, 1, S, S).
        labels: shape (B,).
        noise: says which, and where to.

    Returns:
        The turned ones, and the kinds that they are now.
    """
    chosen = torch.rand(len(x), generator=noise) < 0.5
    x, labels = x[chosen], labels[chosen]
    sided = torch.isin(labels, torch.tensor(TWO_SIDED))
    other = sided & (torch.rand(len(x), generator=noise) < 0.5)
    turned = torch.where(other[:, None, None, None], x.rot90(3, (2, 3)), x.rot90(1, (2, 3)))
    return turned, labels + torch.where(other, THREE_QUARTERS, QUARTER)


def _export(network: nn.ModuleDict, data: Dataset, shown: Dataset, folder: Path) -> dict[str, Any]:
    from latent.encoder import Encoder
    from latent.metrics import knn_accuracy

    about = ABOUT["mnist"]
    config: dict[str, Any] = {
        "name": NAME,
        "title": "Digits by contrast",
        "kind": bundle.CONTRAST,
        "image_shape": list(shown.x()[:1].shape[1:]),
        "latent_dim": LAYERS[-1][2] + WIDTH,
        "preprocessing": about.preprocessing,
        "class_names": about.class_names,
        "architecture": {"encoder": LAYERS, "decoder": [], "head": HEAD},
        "head_weight": HEAD_WEIGHT,
        "averaged_over": "places",
        "recipe": {
            "epochs": EPOCHS,
            "batch": BATCH,
            "seed": SEED,
            "learning_rate": LEARNING_RATE,
            "temperature": TEMPERATURE,
            "data": "MNIST",
            "data_sha256": data.sha256(),
            "versions": {"python": platform.python_version(), "torch": version("torch")},
        },
        "licence": about.licence,
        "metrics": {},
    }
    tests = data.only(np.flatnonzero(data.split == TEST)[::EVERY])
    gallery = {"codes": np.empty(0), "labels": tests.labels, "split": tests.split}
    bundle.write_bundle(folder, config, network, gallery)
    encoder = Encoder(folder)
    known = np.unique(shown.labels)
    codes, taught = encoder.many(tests.x()), encoder.many(shown.x())
    own = np.isin(tests.labels, known)
    config["metrics"] = {
        "trained_on": known.tolist(),
        "knn_accuracy": knn_accuracy(taught, shown.labels, codes[own], tests.labels[own]),
    }
    means = np.stack([taught[shown.labels == label].mean(0) for label in known])
    gallery |= {
        "codes": (np.rint(codes * FINE) / FINE).astype(np.float16),
        "means": encoder.finished(means).astype(np.float32),
        "means_of": known,
    }
    bundle.write_bundle(folder, config, network, gallery)
    metrics: dict[str, Any] = config["metrics"]
    return metrics
