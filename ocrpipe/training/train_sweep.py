"""Teaching the second reader on drawn strips: CTC loss over whole fields, no cut ever labelled."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from ocrpipe.reading.networks.layers import folded
from ocrpipe.reading.networks.sdnn import CLASSES, Sdnn
from ocrpipe.training.bending import bent
from ocrpipe.training.examples import Strips
from ocrpipe.training.learning import Epoch, Learning

_BATCH_COLUMNS = 48 * 224
"""Strips of one width share a batch, as many as make this many columns together."""
_LEAST_BATCH = 8
_BLANK = CLASSES - 1


@dataclass(frozen=True, slots=True, eq=False)
class _Lines:
    """Strips by number."""

    strips: Strips
    left: NDArray[np.int64]
    first: NDArray[np.int64]

    @classmethod
    def of(cls, strips: Strips) -> _Lines:
        return cls(strips, np.cumsum(strips.widths) - strips.widths, np.cumsum(strips.lengths) - strips.lengths)

    def batch(self, members: NDArray[np.int64]) -> tuple[Tensor, Tensor, Tensor]:
        """(N, 1, 48, W) float, the symbols of all one after another, and how many each has."""
        s = self.strips
        pixels = [s.pixels[:, self.left[i] : self.left[i] + s.widths[i]] for i in members]
        written = [s.symbols[self.first[i] : self.first[i] + s.lengths[i]] for i in members]
        x = torch.from_numpy(np.stack(pixels)).float().div_(255).unsqueeze(1)
        return x, torch.from_numpy(np.concatenate(written).astype(np.int64)), torch.from_numpy(s.lengths[members])

    def batches(self, rng: np.random.Generator) -> Iterator[NDArray[np.int64]]:
        """All strips once, in batches of one width, in any order."""
        groups = []
        for width in np.unique(self.strips.widths):
            members = rng.permutation(np.flatnonzero(self.strips.widths == width))
            size = max(_LEAST_BATCH, _BATCH_COLUMNS // int(width))
            groups += [members[at : at + size] for at in range(0, len(members), size)]
        groups = [group for group in groups if len(group) >= _LEAST_BATCH]
        yield from (groups[i] for i in rng.permutation(len(groups)))


def train_sweep(
    strips: Strips, validation: Strips, epochs: int, seed: int, checkpoint: Path, told: Callable[[Epoch], None]
) -> Sdnn:
    """An Sdnn with batch norm folded, taught on (48, W) strips and what they say."""
    lines, held = _Lines.of(strips), _Lines.of(validation)
    steps = sum(1 for _ in lines.batches(np.random.default_rng(0)))
    learning = Learning(Sdnn, seed, epochs, steps, checkpoint)
    learning.net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    while learning.done < epochs:
        generator = torch.Generator().manual_seed(seed * 1000 + learning.done)
        learning.net.train()
        for members in lines.batches(np.random.default_rng((seed, learning.done))):
            x, written, lengths = lines.batch(members)
            with torch.autocast("cpu", torch.bfloat16):  # half the time on processors that have it, as good a network
                log_prob = learning.net(varied_strips(x, generator))
            learning.step(_loss(log_prob, written, lengths))
        loss = learning.save()
        told(Epoch("SDNN", learning.done, epochs, loss, {"fields": _error(folded(learning.mean), held)}))
    return folded(learning.mean)


def _loss(log_prob: Tensor, written: Tensor, lengths: Tensor) -> Tensor:
    frames = torch.full((len(log_prob),), log_prob.shape[1])
    return F.ctc_loss(log_prob.transpose(0, 1), written, frames, lengths, blank=_BLANK, zero_infinity=True)


def varied_strips(x: Tensor, generator: torch.Generator) -> Tensor:
    """What the frame may get wrong and a scanner may change: height, width, lean and place of the line, contrast. (A
    smooth warp beside these taught less: 28.0 against 27.2 % of validation fields misread after a short training.)"""
    n, _, rows, columns = x.shape

    def spread(sigma: float) -> Tensor:
        return torch.randn(n, generator=generator) * sigma

    sx, sy = torch.exp(spread(0.08)), torch.exp(spread(0.08))
    shear = spread(0.08) * rows / columns
    zero = torch.zeros(n)
    across = torch.stack([sx, shear, spread(6.0) / columns], dim=1)
    down = torch.stack([zero, sy, spread(4.0) / rows], dim=1)
    x = bent(x, torch.stack([across, down], dim=1))
    gamma = torch.exp(spread(0.2)).reshape(n, 1, 1, 1)
    gain = (1 + spread(0.1)).reshape(n, 1, 1, 1)
    return (x.clamp_min(1e-4) ** gamma * gain).clamp_(0, 1)


@torch.no_grad()
def _error(net: Sdnn, lines: _Lines) -> float:
    """Share of strips whose likeliest frames, repeats merged and blanks dropped, do not spell what is written."""
    wrong = count = 0
    for members in lines.batches(np.random.default_rng(0)):
        x, written, lengths = lines.batch(members)
        for frames, text in zip(net(x).argmax(2), torch.split(written, lengths.tolist()), strict=True):
            merged = torch.unique_consecutive(frames)
            wrong += merged[merged != _BLANK].tolist() != text.tolist()
            count += 1
    return wrong / max(count, 1)
