"""A digit classifier that judges decoded images; it is no model to explore.

Its bundle holds weights and the features of the test images, nothing else.
"""

from __future__ import annotations

import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from tqdm import tqdm

from latent import bundle
from latent.augmentation import another_hand
from latent.autoencoder import Layer, batches, build, halved
from latent.data import TEST, TRAIN, Dataset
from latent.errors import InputError
from latent.metrics import frechet_distance
from latent.space import models_root
from latent.training import learning_rate

NAME = "mnist-classifier"
EPOCHS, BATCH, SEED, LEARNING_RATE = 8, 128, 0, 2e-3
FEATURES = 64
LAYERS: tuple[Layer, ...] = (
    *halved(1, 32),
    *halved(32, 64),
    ("flatten",),
    ("linear", 3136, FEATURES),
    ("silu",),
    ("linear", FEATURES, 10),
)


class Classifier:
    """Tell digits apart, and describe images by the features that it does so with."""

    def __init__(self, network: nn.Sequential, test_features: np.ndarray) -> None:
        self.network = network.eval()
        self.test_features = test_features

    @torch.inference_mode()
    def probabilities(self, x: np.ndarray) -> np.ndarray:
        """Probability of each class.

        Args:
            x: images, shape (B, C, H, W), float32 in [0, 1].

        Returns:
            Shape (B, 10), float32; rows sum to 1.
        """
        return np.concatenate([self.network(part).softmax(1).numpy() for part in batches(x)])

    def features(self, x: np.ndarray) -> np.ndarray:
        """Values of the last hidden layer, shape (B, 64), float32, of images (B, C, H, W)."""
        return features(self.network, x)

    def frechet_distance(self, x: np.ndarray) -> float:
        """Fréchet distance of images to the test split, between features of this classifier.

        It is no Inception FID: see `latent.metrics.frechet_distance`.

        Args:
            x: images, shape (B, C, H, W), float32 in [0, 1]; more than 64 of them.
        """
        return frechet_distance(self.features(x), self.test_features)


def load_classifier() -> Classifier:
    """Load the shipped classifier.

    Raises:
        InputError: its bundle is missing or altered.
    """
    folder = models_root() / NAME
    config = bundle.read_config(folder, kinds=(bundle.CLASSIFIER,))
    bundle.check_files(folder, config)
    try:
        network = build(tuple(map(tuple, config["architecture"]["layers"])))
        network.load_state_dict(load_file(folder / bundle.WEIGHTS))
    except (KeyError, TypeError, ValueError, RuntimeError, SafetensorError) as error:
        raise InputError(f"{folder / bundle.WEIGHTS} does not fit the architecture.") from error
    features = bundle.read_arrays(folder / bundle.GALLERY, ("codes",))["codes"]
    return Classifier(network, features.astype(np.float32))


def train_classifier(data: Dataset, folder: Path) -> dict[str, Any]:
    """Train the classifier on augmented digits and write its bundle.

    It takes minutes, so there is no checkpoint.

    Returns:
        "test_accuracy".
    """
    labels = data.labels[data.split == TRAIN].astype(np.int64)
    trained = fit_network(data.x(TRAIN), labels, len(np.unique(data.labels)))
    return _export(trained.half().float(), data, folder)


def fit_network(x: np.ndarray, labels: np.ndarray, n_classes: int) -> nn.Sequential:
    """Train a classifier on augmented images.

    Args:
        x: digits, shape (N, 1, 28, 28), float32 in [0, 1].
        labels: their classes, shape (N,), from 0 on.
        n_classes: how many there are.

    Returns:
        Layers with averaged weights; the last one gives a number for each class.
    """
    with torch.random.fork_rng():
        torch.manual_seed(SEED)
        network = build([*LAYERS[:-1], ("linear", FEATURES, n_classes)])
    images, expected = torch.from_numpy(x), torch.from_numpy(labels.astype(np.int64))
    average = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(0.998))
    optimizer = torch.optim.AdamW(network.parameters(), weight_decay=1e-2, fused=True)
    noise = torch.Generator().manual_seed(SEED)
    steps = EPOCHS * (len(images) // BATCH)
    for step in tqdm(range(steps), NAME):
        if step % (len(images) // BATCH) == 0:
            order = torch.randperm(len(images), generator=noise)
        chosen = order[torch.arange(step * BATCH, (step + 1) * BATCH) % len(images)]
        optimizer.param_groups[0]["lr"] = learning_rate(LEARNING_RATE, step / steps)
        logits = network(another_hand(images[chosen], 0.8, noise))
        optimizer.zero_grad()
        functional.cross_entropy(logits, expected[chosen], label_smoothing=0.02).backward()
        optimizer.step()
        average.update_parameters(network)
    trained = average.module
    assert isinstance(trained, nn.Sequential)
    return trained.eval()


@torch.inference_mode()
def features(network: nn.Sequential, x: np.ndarray) -> np.ndarray:
    """Values of the last hidden layer, shape (B, 64), float32, of images (B, C, H, W)."""
    return np.concatenate([network[:-1](part).numpy() for part in batches(x)])


def _export(network: nn.Sequential, data: Dataset, folder: Path) -> dict[str, Any]:
    x = data.x(TEST)
    classifier = Classifier(network, np.empty((0, FEATURES), np.float32))
    expected = data.labels[data.split == TEST]
    metrics = {"test_accuracy": float((classifier.probabilities(x).argmax(1) == expected).mean())}
    config = {
        "name": NAME,
        "title": "Digits · classifier",
        "kind": bundle.CLASSIFIER,
        "image_shape": list(x.shape[1:]),
        "latent_dim": FEATURES,
        "preprocessing": "mnist-digit",
        "class_names": [str(digit) for digit in range(10)],
        "architecture": {"layers": LAYERS},
        "recipe": {
            "epochs": EPOCHS,
            "batch": BATCH,
            "seed": SEED,
            "learning_rate": LEARNING_RATE,
            "data": "MNIST",
            "data_sha256": data.sha256(),
            "versions": {"python": platform.python_version(), "torch": version("torch")},
        },
        "licence": "Weights and features: MIT. Trained on MNIST, CC BY-SA 3.0.",
        "metrics": metrics,
    }
    gallery = {
        "codes": classifier.features(x).astype(np.float16),
        "labels": expected,
        "split": data.split[data.split == TEST],
    }
    bundle.write_bundle(folder, config, network, gallery)
    return metrics
