"""The training loop."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import asdict
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from tqdm import tqdm

from latent.augmentation import AUGMENTATIONS, recoloured
from latent.autoencoder import Autoencoder
from latent.checkpoints import load_checkpoint, save_checkpoint
from latent.errors import InputError
from latent.lessons import Lesson
from latent.normalising import MEASURED_ON, folded, measure, normalised
from latent.outsiders import no_digits_and_bars
from latent.recipes import Recipe, architecture
from latent.speed import quick

STRANGE = 4  # images of a step for one that shows nothing known
RECOLOURED = 4  # images of a step for one that is seen in other colours, too


def train(
    recipe: Recipe,
    x: np.ndarray,
    checkpoint: Path,
    lesson: Lesson | None = None,
    *,
    before: Path | None = None,
    progress: bool = True,
) -> Autoencoder:
    """Train a model, going on from `checkpoint` where one is left.

    Weights are averaged exponentially over the last 500 steps or so, which gives a
    lower error than the last step's at no cost.

    Args:
        recipe: what to train.
        x: training images, shape (N, C, H, W), float32 in [0, 1], or uint8; at least one batch.
        checkpoint: file written after each epoch; a run that was killed resumes from it.
        lesson: what the codes are told beside the images; see `latent.lessons.lesson_of`.
        before: checkpoint of the finished run of `recipe.before`, where it has one.
        progress: show a bar on standard error.

    Returns:
        The model with averaged weights.

    Raises:
        InputError: the checkpoint is damaged or of another recipe.
    """
    with torch.random.fork_rng():  # initial weights come from torch's global generator
        torch.manual_seed(recipe.seed)
        model = Autoencoder(architecture(recipe))
        if recipe.normalised:
            model.encoder = normalised(model.architecture.encoder)
        if lesson:  # part of the model, so that it is averaged and checkpointed with it
            model.head = lesson.head(recipe.latent_dim)
    model.to(memory_format=torch.channels_last)
    if before and recipe.before:
        _begin_with(before, recipe.before, model)
    average, optimizer = _average_of(model), _optimizer_of(model)
    first = load_checkpoint(checkpoint, asdict(recipe), average, optimizer)
    steps = len(x) // recipe.batch
    with tqdm(total=recipe.epochs * steps, initial=first * steps, disable=not progress) as bar:
        for epoch in range(first, recipe.epochs):
            bar.set_description(f"{recipe.name} epoch {epoch + 1}/{recipe.epochs}")
            for terms in _epoch(
                model, average, optimizer, recipe, lesson, torch.from_numpy(x), epoch
            ):
                bar.update()
                if bar.n % 20 == 0:
                    bar.set_postfix({key: f"{value.item():.4g}" for key, value in terms.items()})
            save_checkpoint(checkpoint, asdict(recipe), average, optimizer, epoch + 1)
    trained = average.module
    assert isinstance(trained, Autoencoder)
    if lesson:
        del trained.head
    if recipe.normalised:
        measure(trained.encoder, _some_batches(recipe, torch.from_numpy(x)))
        trained.encoder = folded(trained.encoder)
    return trained.eval()


def _average_of(model: Autoencoder) -> AveragedModel:
    return AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.998))


def _optimizer_of(model: Autoencoder) -> torch.optim.Optimizer:
    return torch.optim.AdamW(model.parameters(), weight_decay=1e-4, fused=True)


def _begin_with(checkpoint: Path, recipe: Recipe, model: Autoencoder) -> None:
    """Give a model the averaged weights of a run of the same networks."""
    average = _average_of(model)
    if load_checkpoint(checkpoint, asdict(recipe), average, _optimizer_of(model)) < recipe.epochs:
        raise InputError(f"{checkpoint} has not all of its epochs. Finish that run first.")
    model.load_state_dict(average.module.state_dict())


def learning_rate(highest: float, done: float) -> float:
    """One cycle: up in the first tenth of the run, then down along a cosine to a thousandth.

    Source: Smith and Topin 2018, arXiv:1708.07120.
    """
    if done < 0.1:
        return highest * (0.05 + 9.5 * done)
    return highest * (0.001 + 0.999 * 0.5 * (1 + np.cos(np.pi * (done - 0.1) / 0.9)))


def loss(
    model: Autoencoder,
    x: Tensor,
    recipe: Recipe,
    noise: torch.Generator,
    *,
    ramp: float,
    seen: Tensor | None = None,
    lesson: Callable[[Tensor], Tensor] | None = None,
    strange: Tensor | None = None,
    other: Tensor | None = None,
) -> dict[str, Tensor]:
    """What a step minimises, a mean over the batch.

    Args:
        model: the network.
        x: images to draw, shape (B, C, H, W).
        recipe: loss and β.
        noise: draws z from the posterior.
        ramp: factor on β; it rises from 0.1 to 1 so that no number of the code dies early.
        seen: what the encoder is given, same shape; default `x`.
        lesson: a term that depends on mu, shape (B, latent_dim).
        strange: pictures of which the encoder of a vae should be no surer than the prior is,
            wherever it puts them; shape (S, C, H, W).
        other: the first ones of what is seen, in other colours; shape (R, C, H, W).

    Returns:
        "loss" = reconstruction + ramp · β · "kl" + "lesson" + `recipe.unsure` · "sure"
        + `recipe.recoloured` · "colour" and, beside it, "mse" a pixel.

    Source: Kingma and Welling 2014, arXiv:1312.6114; β: Higgins et al. 2017.
    """
    given = x if seen is None else seen
    with quick() if recipe.normalised else nullcontext():
        out = model.posterior(given if other is None else torch.cat([given, other]))
    mu, logvar = (None if part is None else part.float() for part in out)
    assert mu is not None
    kl = told = sure = colour = torch.zeros(())
    if other is not None:
        colour = sway(mu[: len(x)], mu[len(x) :], recipe.colour_numbers)
        mu, logvar = mu[: len(x)], None if logvar is None else logvar[: len(x)]
    z = mu
    if logvar is not None:
        z = mu + torch.exp(0.5 * logvar) * torch.randn(mu.shape, generator=noise)
        kl = 0.5 * (mu.square() + logvar.exp() - 1 - logvar).sum(1).mean()
    if lesson:
        told = lesson(mu)
    with quick() if recipe.normalised else nullcontext():
        logits = model.logits(z).float()
    error = functional.mse_loss(torch.sigmoid(logits), x)
    if recipe.loss == "squared_error":
        reconstruction = error * x[0].numel()
    else:
        summed = functional.binary_cross_entropy_with_logits(logits, x, reduction="sum")
        reconstruction = summed / len(x)
    if strange is not None:
        of_strange = model.posterior(strange)[1]
        assert of_strange is not None
        sure = of_strange.square().mean()  # 0 where σ is that of the prior
    whole = reconstruction + ramp * recipe.beta * kl + told + recipe.unsure * sure
    whole = whole + recipe.recoloured * colour
    terms = {"kl": kl, "lesson": told, "sure": sure, "colour": colour}
    return {"loss": whole, "mse": error.detach(), **terms}


def sway(mu: Tensor, other: Tensor, colour_numbers: int) -> Tensor:
    """How much codes change with the colours of what is seen, but for the last numbers.

    Args:
        mu: codes of a batch, shape (B, latent_dim).
        other: codes of its first images in other colours, shape (R, latent_dim).
        colour_numbers: last numbers that may change.

    Returns:
        Squared change as a share of the number's variance in the batch, mean over the numbers.
    """
    change = (mu[: len(other)] - other).square().mean(0)
    share = change / mu.var(0).clamp(min=1e-6)
    return share[: mu.shape[1] - colour_numbers].mean()


def _epoch(
    model: Autoencoder,
    average: AveragedModel,
    optimizer: torch.optim.Optimizer,
    recipe: Recipe,
    lesson: Lesson | None,
    images: Tensor,
    epoch: int,
) -> Iterator[dict[str, Tensor]]:
    """Go through all images once, giving the terms of the loss after each step.

    Order and augmentation depend on seed and epoch alone: resuming changes nothing.
    """
    noise = torch.Generator().manual_seed(recipe.seed * 100_000 + epoch)
    augment = AUGMENTATIONS[recipe.data]
    steps = len(images) // recipe.batch
    order = torch.randperm(len(images), generator=noise)
    for step, indices in enumerate(order[: steps * recipe.batch].split(recipe.batch)):
        done = (epoch + step / steps) / recipe.epochs
        x, mirrored = _batch(images, indices), None
        if recipe.mirrored:
            mirrored = torch.rand(len(x), generator=noise) < 0.5
            x[mirrored] = x[mirrored].flip(3)
        seen = x
        if recipe.augmented:
            seen = augment(x, recipe.augmented, noise).contiguous(memory_format=torch.channels_last)
        optimizer.param_groups[0]["lr"] = learning_rate(recipe.learning_rate, done)
        drawn = x if recipe.restores else seen
        if recipe.spoilt:
            seen = spoil(seen, recipe.spoilt, noise).contiguous(memory_format=torch.channels_last)
        few = seen[: len(x) // RECOLOURED]
        terms = loss(
            model,
            drawn,
            recipe,
            noise,
            ramp=1.0 if recipe.before else min(1.0, epoch / 3 + 0.1),
            seen=seen,
            lesson=partial(_told, model, lesson, indices, done, mirrored) if lesson else None,
            strange=no_digits_and_bars(x[: len(x) // STRANGE], noise) if recipe.unsure else None,
            other=recoloured(few, noise) if recipe.recoloured else None,
        )
        optimizer.zero_grad()
        terms["loss"].backward()
        nn.utils.clip_grad_norm_(model.parameters(), 50.0)
        optimizer.step()
        average.update_parameters(model)
        yield terms


def spoil(x: Tensor, strength: float, noise: torch.Generator) -> Tensor:
    """Add Gaussian noise of that standard deviation to images (B, C, H, W), kept in [0, 1].

    Source: Vincent et al. 2008, denoising autoencoders.
    """
    return (x + strength * torch.randn(x.shape, generator=noise)).clamp(0, 1)


def _told(
    model: Autoencoder,
    lesson: Lesson,
    indices: Tensor,
    done: float,
    mirrored: Tensor | None,
    mu: Tensor,
) -> Tensor:
    told = mu if lesson.direct else mu[:, : mu.shape[1] - lesson.left_out]
    return lesson.miss(model.get_submodule("head")(told), indices, done, mirrored)


def _batch(images: Tensor, indices: Tensor) -> Tensor:
    """Some images as a network takes them."""
    x = images[indices]
    if x.dtype == torch.uint8:
        x = x.float() / 255
    return x.contiguous(memory_format=torch.channels_last)


def _some_batches(recipe: Recipe, images: Tensor) -> Iterator[Tensor]:
    """Images as the encoder was shown them."""
    noise = torch.Generator().manual_seed(recipe.seed * 100_000 + recipe.epochs)
    order = torch.randperm(len(images), generator=noise)[: MEASURED_ON * recipe.batch]
    for indices in order.split(recipe.batch):
        if len(indices) > 1:
            seen = AUGMENTATIONS[recipe.data](_batch(images, indices), recipe.augmented, noise)
            yield seen.contiguous(memory_format=torch.channels_last)
