"""What codes are told in training beside the images."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from latent.errors import InputError
from latent.furniture.shown import shown
from latent.recipes import Recipe

MAP_SPREAD = 0.8  # standard deviation of a map's axis as a code is told it
MAP_FADES = 0.5  # share of the run after which codes are free again
# pictures come first, then causes, and those that are hard to see get the most time
CAUSES_QUIET = 0.25
LOUDER = ((0.35, 4), (0.5, 12))  # from what share of the run on those count how many times


@dataclass(frozen=True)
class Lesson:
    """Where codes should lie, or what a linear map of them should say.

    Args:
        targets: shape (N, M), float32, for every training image; NaN where nothing is told.
        weight: of the squared distance to them, summed over M, mean over the batch.
        fades: share of the run over which the weight falls to 0; inf where it stays.
        direct: the code itself should meet the targets; else a linear map of it should,
            which is learned beside.
        left_out: last numbers of a code that such a map does not see.
        quiet: share of the run in which a quarter of the weight counts.
        hard: columns that count more often later on, as `LOUDER` says; one that stands here
            twice counts twice as much more.
        begun: whether a run before told the same: it all counts as at the end from the start.
        turned: columns whose sign is another one for a mirrored image.
    """

    targets: Tensor
    weight: float
    fades: float
    direct: bool
    left_out: int = 0
    quiet: float = 0.0
    hard: tuple[int, ...] = ()
    begun: bool = False
    turned: tuple[int, ...] = ()

    def head(self, latent_dim: int) -> nn.Module:
        """The map from codes to what they should say."""
        if self.direct:
            return nn.Identity()
        return nn.Linear(latent_dim - self.left_out, self.targets.shape[1])

    def miss(
        self, said: Tensor, indices: Tensor, done: float, mirrored: Tensor | None = None
    ) -> Tensor:
        """The weighted term of the loss.

        Args:
            said: what the head makes of the codes, shape (B, M).
            indices: of the images in the training split, shape (B,).
            done: share of the run that is done, in [0, 1].
            mirrored: which of the images are, shape (B,), bool; default none.
        """
        done = 1.0 if self.begun else done
        targets = self.targets[indices]
        if mirrored is not None:
            for column in self.turned:
                targets[mirrored, column] *= -1
        apart = torch.where(targets.isnan(), 0.0, said - targets.nan_to_num())
        weight = self.weight * max(0.0, 1 - done / self.fades) * (0.25 if done < self.quiet else 1)
        missed = apart.square().mean(0)  # of each column
        times = max((times for start, times in LOUDER if done >= start), default=1)
        return weight * (missed.sum() + (times - 1) * missed[list(self.hard)].sum())


def lesson_of(
    recipe: Recipe, count: int, factors: Mapping[str, np.ndarray] | None = None
) -> Lesson | None:
    """The lesson of a recipe, if it has one.

    Args:
        recipe: what to train.
        count: images of the training split.
        factors: causes of the training images, each (count,): float32, or uint8 for words.

    Raises:
        InputError: the recipe learns from a model that is not there or of other images,
            or from causes where none are known.
    """
    if not recipe.lesson:
        return None
    if recipe.lesson == "causes":
        if not factors:
            raise InputError(f"{recipe.name} learns from causes, and these images have none.")
        told = torch.from_numpy(causes(factors))
        return Lesson(
            told, recipe.lesson_weight, np.inf, direct=False, left_out=recipe.colour_numbers,
            quiet=CAUSES_QUIET, hard=HARD if recipe.before is None else (*HARD, COSINE),
            begun=recipe.before is not None, turned=(SINE,),
        )  # fmt: skip
    from latent.data import TRAIN
    from latent.space import load_space

    model, map_name = recipe.lesson.split("/")
    space = load_space(model)
    xy = space.map(map_name).xy[space.gallery.split == TRAIN]
    if len(xy) != count:
        raise InputError(
            f"{recipe.name} learns from {model}, which knows {len(xy)} training images, not "
            f"{count}. Train {model} on the same data first."
        )
    targets = MAP_SPREAD * (xy - xy.mean(0)) / xy.std(0)
    return Lesson(torch.from_numpy(targets), recipe.lesson_weight, MAP_FADES, direct=True)


SIZES = ("width", "depth", "height", "back_height", "leg_thickness", "elevation")
PARTS = ("kind", "legs", "back", "arms", "upholstery")
BACK, SINE, COSINE = 3, 6, 7  # of what `causes` tells: the height of a back, and the azimuth
HARD = (BACK, SINE, COSINE)
WORD = 0.3  # how loudly each word of a part is told beside a size


def causes(factors: Mapping[str, np.ndarray]) -> np.ndarray:
    """Causes of shape and view as numbers to tell, shape (N, M), float32.

    As pictures show them (`latent.furniture.shown`). Sizes, elevation, and sine and cosine of the
    azimuth in standard deviations from their mean, NaN where a piece has none; each word of a part
    as 0 or `WORD`. Colours are left out: what is told gathers by shape.
    """
    seen = {**factors, **shown(factors)}
    azimuth = np.deg2rad(seen["azimuth"].astype(np.float32))
    numbers = [seen[name].astype(np.float32) for name in SIZES] + [np.sin(azimuth), np.cos(azimuth)]
    columns = [(values - np.nanmean(values)) / np.nanstd(values) for values in numbers]
    for name in PARTS:
        words = np.eye(int(factors[name].max()) + 1, dtype=np.float32)
        columns += list(WORD * words[factors[name]].T)
    return np.stack(columns, axis=1).astype(np.float32)
