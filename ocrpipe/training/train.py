"""Teaching LeNet-5 and the shape network on drawn fields.

Both learn from what the segmenter proposes; scanned digits by themselves join LeNet's batches. Every epoch is
saved, so that a killed training goes on where it was. Selection is on validation writers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from ocrpipe.reading.networks.lenet5 import LeNet5, TrainableLeNet5
from ocrpipe.reading.networks.shapes import ShapeNet
from ocrpipe.reading.segment import fit_crop
from ocrpipe.training.examples import Examples
from ocrpipe.training.writers import Writer

_BATCH = 256
_EMA = 0.999
_ALONE_TIMES = 5
"""How often an epoch shows each isolated digit: there are twenty times more candidates from fields."""

Alone = tuple[NDArray[np.uint8], NDArray[np.int8]]
"""Isolated digits: crops (N, 32, 32) and labels (N,)."""


@dataclass(frozen=True, slots=True)
class Epoch:
    """What a training prints: mean loss, and the shares of validation candidates and of isolated validation digits that
    are misread."""

    number: int
    loss: float
    error: float
    alone_error: float


def isolated(writers: list[Writer]) -> Alone:
    """All scanned glyphs of `writers` as crops (N, 32, 32) with labels (N,)."""
    crops, labels = [], []
    for writer in writers:
        for digit, glyphs in writer.glyphs.items():
            crops += [fit_crop(glyph) for glyph in glyphs]
            labels += [int(digit)] * len(glyphs)
    return np.array(crops, np.uint8), np.array(labels, np.int8)


def train_lenet(
    examples: Examples, alone: Alone, validation: Examples, alone_validation: Alone,
    epochs: int, seed: int, checkpoint: Path, told: Callable[[Epoch], None],
) -> LeNet5:  # fmt: skip
    """A LeNet-5 with batch norm folded: AdamW, one-cycle rate, an exponential mean of the weights."""
    crops = torch.from_numpy(np.concatenate([examples.crops, *[alone[0]] * _ALONE_TIMES]))
    labels = torch.from_numpy(np.concatenate([examples.labels, *[alone[1]] * _ALONE_TIMES]).astype(np.int64))
    torch.manual_seed(seed)
    net, mean = TrainableLeNet5(), TrainableLeNet5()
    mean.load_state_dict(net.state_dict())
    steps = len(labels) // _BATCH
    optimiser = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 4e-3, total_steps=epochs * steps + 1, pct_start=0.15)
    first = 0
    if checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True)
        net.load_state_dict(saved["net"])
        mean.load_state_dict(saved["mean"])
        optimiser.load_state_dict(saved["optimiser"])
        schedule.load_state_dict(saved["schedule"])
        first = saved["epoch"]
    for epoch in range(first, epochs):
        generator = torch.Generator().manual_seed(seed * 1000 + epoch)
        order = torch.randperm(len(labels), generator=generator)
        net.train()
        total = 0.0
        for step in range(steps):
            index = order[step * _BATCH : (step + 1) * _BATCH]
            x = _shaken(crops[index].float().unsqueeze(1) / 255, generator)
            loss = F.cross_entropy(net(x), labels[index], label_smoothing=0.01)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(net.parameters(), 2.0)
            optimiser.step()
            schedule.step()
            total += float(loss.detach())
            _follow(mean, net, min(_EMA, (1 + epoch * steps + step) / (10 + epoch * steps + step)))
        part = checkpoint.with_suffix(".part")
        torch.save(
            {"net": net.state_dict(), "mean": mean.state_dict(), "optimiser": optimiser.state_dict(),
             "schedule": schedule.state_dict(), "epoch": epoch + 1},
            part,
        )  # fmt: skip
        part.rename(checkpoint)
        folded = mean.folded()
        errors = _error(folded, validation.crops, validation.labels), _error(folded, *alone_validation)
        told(Epoch(epoch + 1, total / steps, *errors))
    return mean.folded()


def _shaken(x: Tensor, generator: torch.Generator) -> Tensor:
    """Small affine distortions, another for each crop: shear, turn, scale and shift as between two scans."""
    n = len(x)
    turn = torch.randn(n, generator=generator) * 0.05
    shear = torch.randn(n, generator=generator) * 0.08
    sx, sy = (torch.exp(torch.randn(n, generator=generator) * 0.06) for _ in range(2))
    shift = torch.randn(n, 2, generator=generator) * 0.035
    row1 = torch.stack([sx * torch.cos(turn), shear - torch.sin(turn), shift[:, 0]], dim=1)
    row2 = torch.stack([torch.sin(turn), sy * torch.cos(turn), shift[:, 1]], dim=1)
    grid = F.affine_grid(torch.stack([row1, row2], dim=1), [n, 1, 32, 32], align_corners=False)
    return F.grid_sample(x, grid, align_corners=False)


@torch.no_grad()
def _follow(mean: nn.Module, net: nn.Module, decay: float) -> None:
    for ours, theirs in zip(mean.state_dict().values(), net.state_dict().values(), strict=True):
        if ours.dtype.is_floating_point:
            ours.lerp_(theirs, 1 - decay)
        else:
            ours.copy_(theirs)


@torch.no_grad()
def _error(net: LeNet5, crops: NDArray[np.uint8], labels: NDArray[np.int8]) -> float:
    """Share of crops whose likeliest class is wrong."""
    x = torch.from_numpy(crops)
    guessed = torch.cat([net(part.float().unsqueeze(1) / 255).argmax(1) for part in torch.split(x, 2048)])
    return float((guessed.numpy() != labels).mean())


def train_shapes(examples: Examples, epochs: int, seed: int) -> ShapeNet:
    """The shape network: under two thousand weights, a minute."""
    torch.manual_seed(seed)
    net = ShapeNet()
    net.prior = torch.bincount(torch.from_numpy(examples.places.astype(np.int64)), minlength=len(net.prior)) / len(
        examples.places
    )
    shapes = torch.from_numpy(examples.shapes)
    places = torch.from_numpy(examples.places.astype(np.int64))
    optimiser = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=1e-3)
    steps = len(places) // 1024
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 1e-2, total_steps=epochs * steps + 1)
    for epoch in range(epochs):
        order = torch.randperm(len(places), generator=torch.Generator().manual_seed(seed * 1000 + epoch))
        for step in range(steps):
            index = order[step * 1024 : (step + 1) * 1024]
            noisy = shapes[index] * (1 + 0.05 * torch.randn(len(index), shapes.shape[1]))
            loss = F.cross_entropy(net(noisy), places[index])
            optimiser.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            schedule.step()
    return net.eval()
