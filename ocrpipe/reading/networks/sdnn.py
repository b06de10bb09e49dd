"""The second reader: a LeNet swept over the field (space displacement neural network).

LeCun, Bottou, Bengio & Haffner (1998), section VII: a convolutional network is applied at every place of an
uncut field, at little more than the cost of its convolutions, and its outputs are read as a sequence. Ours sums over
all alignments with the blank of connectionist temporal classification (Graves, Fernández, Gomez & Schmidhuber 2006).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ocrpipe.reading.networks.layers import Layer
from ocrpipe.reading.symbols import SYMBOLS

CLASSES = len(SYMBOLS)
"""The symbols without noise, then the blank of CTC in its column."""
STRIDE = 4
"""Pixels of the strip to a frame."""
PARAMETERS = 165_610
"""Norms folded."""


class Sdnn(nn.Module):
    """(N, 1, 48, W) float, ink 0 … 1 → (N, W / 4, 18) log probabilities; with norms until `layers.folded`.

    Halved twice along the line and four times across it; what is left across is taken in by one kernel.
    """

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            Layer(nn.Conv2d(1, 12, 5, padding=2), pool=2),  # (N, 12, 24, W/2)
            Layer(nn.Conv2d(12, 32, 3, padding=1), pool=2),  # (N, 32, 12, W/4)
            Layer(nn.Conv2d(32, 48, 3, padding=1), pool=(2, 1)),  # (N, 48, 6, W/4)
            Layer(nn.Conv2d(48, 64, 3, padding=1), pool=(2, 1)),  # (N, 64, 3, W/4)
            Layer(nn.Conv2d(64, 112, 3, padding=(0, 1))),  # (N, 112, 1, W/4)
            Layer(nn.Conv2d(112, 96, (1, 5), padding=(0, 2))),  # (N, 96, 1, W/4)
        )
        self.out = nn.Linear(96, CLASSES)

    def forward(self, strips: Tensor) -> Tensor:
        x = self.layers(strips)
        return torch.log_softmax(self.out(x.squeeze(2).transpose(1, 2)).float(), dim=2)
