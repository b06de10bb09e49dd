"""The reader of MICR lines: a LeNet swept along the line (LeCun, Bottou, Bengio & Haffner 1998, section VII).

Print of one pitch and one height needs no alignment that is learnt: each frame says which character stands with the
middle of its cell there, or that none does.
"""

from __future__ import annotations

from torch import Tensor, nn

from ocrpipe.reading.networks.layers import built, linear_of
from ocrpipe.reading.networks.plans import MICR

STRIDE = MICR.stride
CLASSES = MICR.out.outputs
"""The symbols, then none: paper, the space between two characters, foreign ink."""
PARAMETERS = 17_179
"""Norms folded."""


class MicrNet(nn.Module):
    """(N, 1, 24, W) float, ink 0 … 1 → (N, W / 2, 15) logits; with norms until `layers.folded`.

    A frame sees 30 pixels, its own cell and half of each neighbour.
    """

    def __init__(self) -> None:
        super().__init__()
        self.layers = built(MICR.layers)
        self.out = linear_of(MICR.out)

    def forward(self, strips: Tensor) -> Tensor:
        logits: Tensor = self.out(self.layers(strips).squeeze(2).transpose(1, 2))
        return logits
