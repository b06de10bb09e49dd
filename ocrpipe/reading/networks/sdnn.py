"""The second reader: a LeNet swept over the field (space displacement neural network).

LeCun, Bottou, Bengio & Haffner (1998), section VII: a convolutional network is applied at every place of an
uncut field, at little more than the cost of its convolutions, and its outputs are read as a sequence. Ours sums over
all alignments with the blank of connectionist temporal classification (Graves, Fernández, Gomez & Schmidhuber 2006).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ocrpipe.reading.networks.layers import built, linear_of
from ocrpipe.reading.networks.plans import SDNN

CLASSES = SDNN.out.outputs
"""The symbols without noise, then the blank of CTC in its column."""
STRIDE = SDNN.stride
PARAMETERS = 165_610
"""Norms folded."""


class Sdnn(nn.Module):
    """(N, 1, 48, W) float, ink 0 … 1 → (N, W / 4, 18) log probabilities; with norms until `layers.folded`.

    Halved twice along the line and four times across it; what is left across is taken in by one kernel.
    """

    def __init__(self) -> None:
        super().__init__()
        self.layers = built(SDNN.layers)
        self.out = linear_of(SDNN.out)

    def forward(self, strips: Tensor) -> Tensor:
        x = self.layers(strips)
        return torch.log_softmax(self.out(x.squeeze(2).transpose(1, 2)).float(), dim=2)
