"""Images changed a little while training, so that networks do not learn them by heart."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

Augmentation = Callable[[Tensor, float, torch.Generator], Tensor]


def another_hand(x: Tensor, share: float, noise: torch.Generator) -> Tensor:
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


def another_photo(x: Tensor, share: float, noise: torch.Generator) -> Tensor:
    """Take the same photos once more: turned (±2°), scaled (±5 %), shifted (±1.5 pixels).

    Args:
        x: images on white, shape (B, C, H, W).
        share: of the images that are changed, in [0, 1].
        noise: source of randomness.

    Returns:
        Images of the same shape, in [0, 1].
    """

    def draw(*shape: int) -> Tensor:
        return torch.rand(len(x), *shape, generator=noise) * 2 - 1

    angle, scale = draw() * 0.035, 1 + draw() * 0.05
    theta = torch.zeros(len(x), 2, 3)
    theta[:, 0, 0] = theta[:, 1, 1] = torch.cos(angle) * scale
    theta[:, 1, 0] = torch.sin(angle)
    theta[:, 0, 1] = -torch.sin(angle)
    theta[:, :, 2] = draw(2) * 1.5 * 2 / x.shape[-1]
    grid = functional.affine_grid(theta, list(x.shape), align_corners=False)
    moved = 1 - functional.grid_sample(1 - x, grid, align_corners=False)  # white comes in
    chosen = torch.rand(len(x), 1, 1, 1, generator=noise) < share
    return torch.where(chosen, moved.clamp(0, 1), x)


def recoloured(x: Tensor, noise: torch.Generator) -> Tensor:
    """The same photos in other colours: channels in another order, each paler or darker.

    Each channel bends by a curve of its own that leaves white white and black black.

    Args:
        x: images on white, shape (B, 3, H, W), in [0, 1].
        noise: source of randomness.
    """

    def draw(*shape: int) -> Tensor:
        return torch.rand(len(x), *shape, generator=noise) * 2 - 1

    ink = (1 - x)[torch.arange(len(x))[:, None], draw(3).argsort(1)]
    ink = ink + 0.35 * (draw(3, 1, 1) + draw(1, 1, 1)) * ink * (1 - ink)
    return (1 - ink).clamp(0, 1)


AUGMENTATIONS: dict[str, Augmentation] = {"mnist": another_hand, "furniture": another_photo}
