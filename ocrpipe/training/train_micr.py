"""Teaching the reader of MICR lines, on windows of drawn lines. Every epoch is saved."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from ocrpipe.reading.micr_strip import HEIGHT
from ocrpipe.reading.networks.layers import folded
from ocrpipe.reading.networks.micr import CLASSES, STRIDE, MicrNet
from ocrpipe.training.bending import bent
from ocrpipe.training.learning import Epoch, Learning
from ocrpipe.training.micr_examples import NONE, UNTOLD, MicrExamples

_WINDOW = 256
"""Pixels of a line that are shown at once."""
_BATCH = 16
_EDGE = 8
"""Frames at either end of a window that miss what lies beyond; nothing is asked of them."""
_NONE_SHARE = 0.5
"""Weight of a frame that shows no character; there are several to each that does."""


def train_micr(
    examples: MicrExamples, validation: MicrExamples, epochs: int, seed: int, checkpoint: Path,
    told: Callable[[Epoch], None],
) -> MicrNet:  # fmt: skip
    """The network with batch norm folded."""
    ink, labels = torch.from_numpy(examples.ink), torch.from_numpy(examples.labels.astype(np.int64))
    weights = torch.ones(CLASSES)
    weights[NONE] = _NONE_SHARE
    windows = ink.shape[1] // _WINDOW - 1
    steps = windows // _BATCH
    learning = Learning(MicrNet, seed, epochs, steps, checkpoint)
    learning.net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    while learning.done < epochs:
        began = time.monotonic()
        generator = torch.Generator().manual_seed(seed * 1000 + learning.done)
        first = STRIDE * int(torch.randint(_WINDOW // STRIDE, (1,), generator=generator))
        order = torch.randperm(windows, generator=generator)
        learning.net.train()
        for step in range(steps):
            starts = first + _WINDOW * order[step * _BATCH : (step + 1) * _BATCH]
            x = _varied(_windows(ink, starts, _WINDOW).unsqueeze(1).float() / 255, generator)
            wanted = _windows(labels[None], starts // STRIDE, _WINDOW // STRIDE).squeeze(1)
            wanted[:, :_EDGE], wanted[:, -_EDGE:] = UNTOLD, UNTOLD
            logits = learning.net(x).reshape(-1, CLASSES)
            learning.step(F.cross_entropy(logits, wanted.reshape(-1), weights, ignore_index=UNTOLD))
        loss, mean = learning.save(), folded(learning.mean)
        errors = {"frames": error(mean, validation)}
        told(Epoch("MICR lines", learning.done, epochs, loss, errors, time.monotonic() - began))
    return folded(learning.mean)


def _windows(row: Tensor, starts: Tensor, size: int) -> Tensor:
    """(N, H, size) of (H, W)."""
    return torch.stack([row[:, start : start + size] for start in starts.tolist()])


def _varied(x: Tensor, generator: torch.Generator) -> Tensor:
    """(N, 1, 24, W) each a little off its level and height, leaning, and inked otherwise."""
    n = len(x)

    def spread(sigma: float) -> Tensor:
        return torch.randn(n, generator=generator) * sigma

    zero, one = torch.zeros(n), torch.ones(n)
    lean = spread(0.03) * HEIGHT / x.shape[3]
    turned = torch.stack(
        [
            torch.stack([one, lean, zero], dim=1),
            torch.stack([spread(0.02), torch.exp(spread(0.035)), spread(0.05)], dim=1),
        ],
        dim=1,
    )
    gain = torch.exp(spread(0.12)).reshape(n, 1, 1, 1)
    return (bent(x, turned) * gain).clamp(0, 1)


@torch.no_grad()
def error(net: MicrNet, examples: MicrExamples) -> float:
    """Share of the frames asked about whose likeliest class is wrong."""
    wrong = asked = 0
    part = 64 * _WINDOW
    for start in range(0, examples.ink.shape[1], part):
        ink = torch.from_numpy(examples.ink[:, start : start + part])
        wanted = torch.from_numpy(examples.labels[start // STRIDE : (start + part) // STRIDE])
        guessed = net((ink.float() / 255)[None, None]).argmax(2)[0]
        asked += int((wanted != UNTOLD).sum())
        wrong += int(((guessed != wanted) & (wanted != UNTOLD)).sum())
    return wrong / max(asked, 1)
