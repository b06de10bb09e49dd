"""Teaching LeNet-5 and the shape network on drawn fields.

Both learn from what the segmenter proposes; scanned digits by themselves join LeNet's batches. Every epoch is
saved, so that a killed training goes on where it was. Selection is on validation writers.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from ocrpipe.reading.networks.layers import folded
from ocrpipe.reading.networks.lenet5 import LeNet
from ocrpipe.reading.networks.plans import Kind
from ocrpipe.reading.networks.shapes import ShapeNet
from ocrpipe.reading.segment import CROP, fit_crop
from ocrpipe.training.bending import bent
from ocrpipe.training.examples import Examples
from ocrpipe.training.learning import Epoch, Learning
from ocrpipe.training.pen import draw
from ocrpipe.training.writers import Writer

_BATCH = 256
_ALONE_TIMES = 8
"""How often an epoch shows each isolated digit: there are many more candidates from fields."""
_ALONE_HEIGHT = 36.0
NAMES: dict[Kind, str] = {"lenet5": "LeNet-5", "lenet5-wide": "wide LeNet"}
BENT_IN_FIELDS = 0.45
"""How hard candidates from drawn fields are bent, against isolated digits: their drawing has varied them already."""

Alone = tuple[NDArray[np.uint8], NDArray[np.int8]]
"""Isolated digits: crops (N, 32, 32) and labels (N,)."""


def isolated(writers: list[Writer]) -> Alone:
    """All scanned glyphs of `writers` as crops (N, 32, 32) with labels (N,)."""
    crops, labels = [], []
    for writer in writers:
        for digit, glyphs in writer.glyphs.items():
            crops += [fit_crop(glyph) for glyph in glyphs]
            labels += [int(digit)] * len(glyphs)
    return np.array(crops, np.uint8).reshape(-1, CROP, CROP), np.array(labels, np.int8)


def drawn_alone(writers: list[Writer], seed: int) -> Alone:
    """All pen samples of `writers`, each drawn once by itself under some pen."""
    rng = np.random.default_rng(seed)
    crops, labels = [], []
    for writer in writers:
        for digit, samples in writer.strokes.items():
            masks = [
                draw(strokes, _ALONE_HEIGHT, float(rng.uniform(0.06, 0.17)) * _ALONE_HEIGHT) for strokes in samples
            ]
            crops += [fit_crop((255 * mask).astype(np.uint8)) for mask in masks]
            labels += [int(digit)] * len(masks)
    return np.array(crops, np.uint8).reshape(-1, CROP, CROP), np.array(labels, np.int8)


def both_of(first: Alone, second: Alone) -> Alone:
    return np.concatenate([first[0], second[0]]), np.concatenate([first[1], second[1]])


def train_lenet(
    kind: Kind, examples: Examples, alone: Alone, validation: Examples, alone_validation: Alone,
    epochs: int, seed: int, checkpoint: Path, told: Callable[[Epoch], None],
) -> LeNet:  # fmt: skip
    """A LeNet with batch norm folded. Isolated digits are bent harder: they come from fewer scans and pens."""
    crops = torch.from_numpy(np.concatenate([examples.crops, *[alone[0]] * _ALONE_TIMES]))
    labels = torch.from_numpy(np.concatenate([examples.labels, *[alone[1]] * _ALONE_TIMES]).astype(np.int64))
    strengths = torch.ones(len(labels))
    strengths[: len(examples.labels)] = BENT_IN_FIELDS
    steps = len(labels) // _BATCH
    learning = Learning(lambda: LeNet(kind), seed, epochs, steps, checkpoint)
    learning.net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    while learning.done < epochs:
        generator = torch.Generator().manual_seed(seed * 1000 + learning.done)
        order = torch.randperm(len(labels), generator=generator)
        learning.net.train()
        for step in range(steps):
            index = order[step * _BATCH : (step + 1) * _BATCH]
            x = varied(crops[index].float().unsqueeze(1) / 255, strengths[index], generator)
            learning.step(F.cross_entropy(learning.net(x), labels[index], label_smoothing=0.01))
        loss, mean = learning.save(), folded(learning.mean)
        errors = {
            "candidates": error(mean, validation.crops, validation.labels),
            "digits by themselves": error(mean, *alone_validation),
        }
        told(Epoch(NAMES[kind], learning.done, epochs, loss, errors))
    return folded(learning.mean)


def varied(x: Tensor, strength: Tensor, generator: torch.Generator) -> Tensor:
    """(N, 1, 32, 32) each distorted in its own way, by its `strength` (N,): turn, shear, scale and shift as between
    hands and scans, and a smooth warp."""
    n = len(x)

    def spread(sigma: float) -> Tensor:
        return torch.randn(n, generator=generator) * sigma * strength

    turn, shear = spread(0.13), spread(0.2)
    sx, sy = torch.exp(spread(0.12)), torch.exp(spread(0.12))
    row1 = torch.stack([sx * torch.cos(turn), shear - torch.sin(turn), spread(0.06)], dim=1)
    row2 = torch.stack([torch.sin(turn), sy * torch.cos(turn), spread(0.06)], dim=1)
    net = torch.randn(n, 2, 5, 5, generator=generator) * 0.05 * strength.reshape(n, 1, 1, 1)
    return bent(x, torch.stack([row1, row2], dim=1), net)


@torch.no_grad()
def error(net: LeNet, crops: NDArray[np.uint8], labels: NDArray[np.int8]) -> float:
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
