"""What size and place on the line say of a candidate, whatever it looks like.

A crop is normalised in size, so LeNet-5 cannot see that a loop is too small for a zero, that a stroke is too tall for
a one, or that a blot is a decimal point. This network sees nothing else.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ocrpipe.reading.segment import SHAPE_NAMES
from ocrpipe.reading.symbols import SHAPE_CLASSES


class ShapeNet(nn.Module):
    """(N, S) shapes (`segment.SHAPE_NAMES`) → (N, 7) logits over `symbols.SHAPE_CLASSES`.

    `prior` (7,) holds the shares of the classes in what it was taught, so that its verdict can be joined with
    LeNet's as odds.
    """

    prior: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(len(SHAPE_NAMES) + 3, 32)
        self.second = nn.Linear(32, 32)
        self.out = nn.Linear(32, len(SHAPE_CLASSES))
        self.register_buffer("prior", torch.full((len(SHAPE_CLASSES),), 1 / len(SHAPE_CLASSES)))

    def forward(self, shapes: Tensor) -> Tensor:
        logs = torch.log(shapes[:, [0, 1, 4]].clamp_min(0.01))  # height, width, ink
        x = torch.tanh(self.first(torch.cat([shapes, logs], dim=1)))
        logits: Tensor = self.out(torch.tanh(self.second(x)))
        return logits
