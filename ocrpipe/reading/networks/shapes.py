"""What size and place on the line say of a candidate, whatever it looks like.

A crop is normalised in size, so LeNet-5 cannot see that a loop is too small for a zero, that a stroke is too tall for
a one, or that a blot is a decimal point. This network sees nothing else.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ocrpipe.reading.networks.layers import linear_of
from ocrpipe.reading.networks.plans import LEAST, LOGS, SHAPES
from ocrpipe.reading.symbols import SHAPE_CLASSES


class ShapeNet(nn.Module):
    """(N, S) shapes (`segment.SHAPE_NAMES`) → (N, 7) logits over `symbols.SHAPE_CLASSES`.

    `prior` (7,) holds the shares of the classes in what it was taught, so that its verdict can be joined with
    LeNet's as odds.
    """

    prior: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second, self.out = map(linear_of, SHAPES.values())
        self.register_buffer("prior", torch.full((len(SHAPE_CLASSES),), 1 / len(SHAPE_CLASSES)))

    def forward(self, shapes: Tensor) -> Tensor:
        logs = torch.log(shapes[:, LOGS].clamp_min(LEAST))
        x = torch.tanh(self.first(torch.cat([shapes, logs], dim=1)))
        logits: Tensor = self.out(torch.tanh(self.second(x)))
        return logits
