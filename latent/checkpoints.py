"""Checkpoints of a training run, from which it resumes after being killed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor
from torch.optim import Optimizer
from torch.optim.swa_utils import AveragedModel

from latent.errors import InputError
from latent.files import written_whole

AVERAGE = "average."


def save_checkpoint(
    path: Path, recipe: dict[str, Any], average: AveragedModel, optimizer: Optimizer, epoch: int
) -> None:
    """Write weights, their average and Adam's moments as safetensors, whole or not at all.

    Args:
        path: file to write.
        recipe: what is being trained; another one will not resume from this file.
        average: the averaged model.
        optimizer: an Adam with one parameter group.
        epoch: epochs done.
    """
    tensors = {f"{AVERAGE}{key}": value for key, value in average.state_dict().items()}
    for index, parameter in enumerate(optimizer.param_groups[0]["params"]):
        tensors[f"weight.{index}"] = parameter.detach()
        for key, value in optimizer.state[parameter].items():
            tensors[f"adam.{index}.{key}"] = value
    whole = {key: value.clone().contiguous() for key, value in tensors.items()}
    metadata = {"recipe": json.dumps(recipe), "epoch": str(epoch)}
    with written_whole(path) as part:
        save_file(whole, part, metadata)


def load_checkpoint(
    path: Path, recipe: dict[str, Any], average: AveragedModel, optimizer: Optimizer
) -> int:
    """Fill model, average and optimizer in place.

    Returns:
        Epochs done; 0 where there is no checkpoint.

    Raises:
        InputError: the checkpoint is damaged or of another recipe.
    """
    if not path.exists():
        return 0
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
        saved = json.loads(metadata["recipe"])
    except (SafetensorError, KeyError, ValueError) as error:
        raise InputError(f"{path} is damaged. Remove it to start afresh.") from error
    if saved != recipe:
        raise InputError(f"{path} is of another recipe. Remove it to start afresh.")
    average.load_state_dict(
        {key.removeprefix(AVERAGE): t for key, t in tensors.items() if key.startswith(AVERAGE)}
    )
    for index, parameter in enumerate(optimizer.param_groups[0]["params"]):
        # the layout must be the parameter's own: a fused Adam walks both side by side
        moments = {
            key: tensors[f"adam.{index}.{key}"].to(memory_format=_layout(parameter))
            for key in ("exp_avg", "exp_avg_sq")
        }
        optimizer.state[parameter] = {"step": tensors[f"adam.{index}.step"], **moments}
        parameter.data.copy_(tensors[f"weight.{index}"])
    return int(metadata["epoch"])


def _layout(parameter: Tensor) -> torch.memory_format:
    return torch.channels_last if parameter.dim() == 4 else torch.contiguous_format
