"""The small marks: a point, a comma, a dash or dirt, told by size and place on the line alone."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ocrpipe.reading.segment import SHAPE_NAMES
from ocrpipe.reading.symbols import MARK_CLASSES


class MarkNet(nn.Module):
    """(N, S) shapes (`segment.SHAPE_NAMES`) → (N, 5) logits over `symbols.MARK_CLASSES`."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden = nn.Linear(len(SHAPE_NAMES) + 3, 24)
        self.hidden2 = nn.Linear(24, 24)
        self.out = nn.Linear(24, len(MARK_CLASSES))

    def forward(self, shapes: Tensor) -> Tensor:
        height, width, ink = shapes[:, 0], shapes[:, 1], shapes[:, 4]
        logs = torch.stack([torch.log(v.clamp_min(0.01)) for v in (height, width, ink)], dim=1)
        x = torch.tanh(self.hidden(torch.cat([shapes, logs], dim=1)))
        logits: Tensor = self.out(torch.tanh(self.hidden2(x)))
        return logits
