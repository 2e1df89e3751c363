"""Recipes and the training loop.

A recipe is all that a training run depends on besides the data, so that the same
recipe gives the same figures elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from tqdm import tqdm

from latent.autoencoder import Architecture, Autoencoder, Layer
from latent.checkpoints import load_checkpoint, save_checkpoint
from latent.errors import InputError


@dataclass(frozen=True)
class Recipe:
    """One way to train one model.

    Args:
        name: of the model, and of its bundle.
        kind: "ae" or "vae".
        latent_dim: numbers in a code.
        loss: reconstruction term, summed over pixels: "squared_error" or
            "cross_entropy" (in nats).
        beta: weight of the KL term; 0 for an ae.
        epochs: passes over the training split.
        learning_rate: highest one of a one-cycle schedule.
        augmented: share of the images that are changed a little in each pass.
        batch: images a step.
        seed: of weights, order and augmentation.
    """

    name: str
    kind: str
    latent_dim: int
    loss: str
    beta: float
    epochs: int
    learning_rate: float = 2e-3
    augmented: float = 0.7
    batch: int = 128
    seed: int = 0


RECIPES = {
    recipe.name: recipe
    for recipe in (
        Recipe("mnist-ae", "ae", 16, "squared_error", beta=0.0, epochs=55),
        Recipe("mnist-vae", "vae", 16, "cross_entropy", beta=0.7, epochs=45),
        Recipe("mnist-vae-2d", "vae", 2, "cross_entropy", beta=0.6, epochs=18, augmented=0.5),
    )
}


def digit_architecture(kind: str, latent_dim: int) -> Architecture:
    """Networks for 28×28 digits, small enough for a browser.

    Encoder 4.3 M and decoder 2.7 M multiply-adds. The decoder ends in a convolution
    and a pixel shuffle, which equals a transposed convolution and trains twice as fast
    on a CPU.
    """
    encoder: tuple[Layer, ...] = (
        ("conv", 1, 32, 4, 2, 1),
        ("silu",),
        ("conv", 32, 64, 4, 2, 1),
        ("silu",),
        ("conv", 64, 64, 3, 1, 1),
        ("silu",),
        ("flatten",),
        ("linear", 3136, 256),
        ("silu",),
        ("linear", 256, latent_dim * (2 if kind == "vae" else 1)),
    )
    decoder: tuple[Layer, ...] = (
        ("linear", latent_dim, 288),
        ("silu",),
        ("linear", 288, 3136),
        ("silu",),
        ("unflatten", 64, 7, 7),
        ("conv_transpose", 64, 32, 4, 2, 1),
        ("silu",),
        ("conv", 32, 4, 3, 1, 1),
        ("pixel_shuffle", 2),
        ("sigmoid",),
    )
    return Architecture(kind, (1, 28, 28), latent_dim, encoder, decoder)


def find_recipe(name: str) -> Recipe:
    """The recipe of that name.

    Raises:
        InputError: there is none.
    """
    if name not in RECIPES:
        raise InputError(f"Unknown recipe {name!r}; choose one of: {', '.join(RECIPES)}.")
    return RECIPES[name]


def train(recipe: Recipe, x: np.ndarray, checkpoint: Path, *, progress: bool = True) -> Autoencoder:
    """Train a model, going on from `checkpoint` where one is left.

    Weights are averaged exponentially over the last 500 steps or so, which gives a
    lower error than the last step's at no cost.

    Args:
        recipe: what to train.
        x: training images, shape (N, C, H, W), float32 in [0, 1]; at least one batch.
        checkpoint: file written after each epoch; a run that was killed resumes from it.
        progress: show a bar on standard error.

    Returns:
        The model with averaged weights.

    Raises:
        InputError: the checkpoint is damaged or of another recipe.
    """
    with torch.random.fork_rng():  # initial weights come from torch's global generator
        torch.manual_seed(recipe.seed)
        model = Autoencoder(digit_architecture(recipe.kind, recipe.latent_dim))
    model.to(memory_format=torch.channels_last)
    average = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.998))
    optimizer = torch.optim.AdamW(model.parameters(), weight_decay=1e-4, fused=True)
    first = load_checkpoint(checkpoint, asdict(recipe), average, optimizer)
    steps = len(x) // recipe.batch
    with tqdm(total=recipe.epochs * steps, initial=first * steps, disable=not progress) as bar:
        for epoch in range(first, recipe.epochs):
            bar.set_description(f"{recipe.name} epoch {epoch + 1}/{recipe.epochs}")
            for terms in _epoch(model, average, optimizer, recipe, torch.from_numpy(x), epoch):
                bar.update()
                if bar.n % 20 == 0:
                    bar.set_postfix({key: f"{value.item():.4g}" for key, value in terms.items()})
            save_checkpoint(checkpoint, asdict(recipe), average, optimizer, epoch + 1)
    trained = average.module
    assert isinstance(trained, Autoencoder)
    return trained.eval()


def learning_rate(highest: float, done: float) -> float:
    """One cycle: up in the first tenth of the run, then down along a cosine to a thousandth.

    Source: Smith and Topin 2018, arXiv:1708.07120.
    """
    if done < 0.1:
        return highest * (0.05 + 9.5 * done)
    return highest * (0.001 + 0.999 * 0.5 * (1 + np.cos(np.pi * (done - 0.1) / 0.9)))


def loss(
    model: Autoencoder, x: Tensor, recipe: Recipe, noise: torch.Generator, *, ramp: float
) -> dict[str, Tensor]:
    """What a step minimises, a mean over the batch.

    Args:
        model: the network.
        x: images, shape (B, C, H, W).
        recipe: loss and β.
        noise: draws z from the posterior.
        ramp: factor on β; it rises from 0.1 to 1 so that no number of the code dies early.

    Returns:
        "loss" = reconstruction + ramp · β · "kl" and, beside it, "mse" a pixel.

    Source: Kingma and Welling 2014, arXiv:1312.6114; β: Higgins et al. 2017.
    """
    mu, logvar = model.posterior(x)
    kl = torch.zeros(())
    z = mu
    if logvar is not None:
        z = mu + torch.exp(0.5 * logvar) * torch.randn(mu.shape, generator=noise)
        kl = 0.5 * (mu.square() + logvar.exp() - 1 - logvar).sum(1).mean()
    logits = model.logits(z)
    error = functional.mse_loss(torch.sigmoid(logits), x)
    if recipe.loss == "squared_error":
        reconstruction = error * x[0].numel()
    else:
        summed = functional.binary_cross_entropy_with_logits(logits, x, reduction="sum")
        reconstruction = summed / len(x)
    return {"loss": reconstruction + ramp * recipe.beta * kl, "mse": error.detach(), "kl": kl}


def augment(x: Tensor, share: float, noise: torch.Generator) -> Tensor:
    """Write the same digits with a slightly different hand.

    A share of the images is turned (±8°), scaled (±7 %), sheared (±0.12), shifted
    (±0.6 pixels), bent (a smooth random field) and drawn with a thinner or bolder pen.
    All parameters are drawn for each image; torchvision's transforms draw one set a batch.

    Args:
        x: images, shape (B, 1, H, W).
        share: of the images that are changed, in [0, 1].
        noise: source of randomness.

    Returns:
        Images of the same shape, in [0, 1].

    Source: elastic fields: Simard, Steinkraus and Platt 2003.
    """

    def draw(*shape: int) -> Tensor:
        return torch.rand(len(x), *shape, generator=noise) * 2 - 1

    angle, shear = draw() * 0.14, draw() * 0.12
    scale = 1 + draw(2) * 0.07
    theta = torch.zeros(len(x), 2, 3)
    theta[:, 0, 0] = torch.cos(angle) * scale[:, 0]
    theta[:, 0, 1] = -torch.sin(angle) + shear
    theta[:, 1, 0] = torch.sin(angle)
    theta[:, 1, 1] = torch.cos(angle) * scale[:, 1]
    theta[:, :, 2] = draw(2) * 0.6 * 2 / x.shape[-1]
    grid = functional.affine_grid(theta, list(x.shape), align_corners=False)
    bend = functional.interpolate(draw(2, 5, 5) * 0.09, x.shape[-2:], mode="bicubic")
    moved = functional.grid_sample(grid=grid + bend.movedim(1, 3), input=x, align_corners=False)
    bold = functional.max_pool2d(moved, 3, 1, 1)
    thin = -functional.max_pool2d(-moved, 3, 1, 1)
    weight = draw(1, 1, 1) * 0.4
    pen = torch.where(weight > 0, bold, thin)
    redrawn = moved + (weight.abs() - 0.1).clamp(min=0) * (pen - moved)
    chosen = torch.rand(len(x), 1, 1, 1, generator=noise) < share
    return torch.where(chosen, redrawn, x)


def _epoch(
    model: Autoencoder,
    average: AveragedModel,
    optimizer: torch.optim.Optimizer,
    recipe: Recipe,
    images: Tensor,
    epoch: int,
) -> Iterator[dict[str, Tensor]]:
    """Go through all images once, giving the terms of the loss after each step.

    Order and augmentation depend on seed and epoch alone: resuming changes nothing.
    """
    noise = torch.Generator().manual_seed(recipe.seed * 100_000 + epoch)
    steps = len(images) // recipe.batch
    order = torch.randperm(len(images), generator=noise)
    for step, indices in enumerate(order[: steps * recipe.batch].split(recipe.batch)):
        batch = images[indices]
        if recipe.augmented:
            batch = augment(batch, recipe.augmented, noise)
        batch = batch.contiguous(memory_format=torch.channels_last)
        optimizer.param_groups[0]["lr"] = learning_rate(
            recipe.learning_rate, (epoch + step / steps) / recipe.epochs
        )
        terms = loss(model, batch, recipe, noise, ramp=min(1.0, epoch / 3 + 0.1))
        optimizer.zero_grad()
        terms["loss"].backward()
        nn.utils.clip_grad_norm_(model.parameters(), 50.0)
        optimizer.step()
        average.update_parameters(model)
        yield terms
