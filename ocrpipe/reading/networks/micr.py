"""The reader of MICR lines: a LeNet swept along the line (LeCun, Bottou, Bengio & Haffner 1998, section VII).

Print of one pitch and one height needs no alignment that is learnt: each frame says which character stands with the
middle of its cell there, or that none does.
"""

from __future__ import annotations

from torch import Tensor, nn

from ocrpipe.e13b import SYMBOLS
from ocrpipe.reading.networks.layers import Layer

STRIDE = 2
"""Pixels of the strip to a frame."""
CLASSES = len(SYMBOLS) + 1
"""The symbols, then none: paper, the space between two characters, foreign ink."""
PARAMETERS = 17_179
"""Norms folded."""


class MicrNet(nn.Module):
    """(N, 1, 24, W) float, ink 0 … 1 → (N, W / 2, 15) logits; with norms until `layers.folded`.

    A frame sees 30 pixels, its own cell and half of each neighbour.
    """

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            Layer(nn.Conv2d(1, 8, 5, padding=2), pool=2),  # (N, 8, 12, W/2)
            Layer(nn.Conv2d(8, 12, 3, padding=1), pool=(2, 1)),  # (N, 12, 6, W/2)
            Layer(nn.Conv2d(12, 16, 3, padding=1), pool=(2, 1)),  # (N, 16, 3, W/2)
            Layer(nn.Conv2d(16, 32, (3, 9), padding=(0, 4))),  # (N, 32, 1, W/2)
        )
        self.out = nn.Linear(32, CLASSES)

    def forward(self, strips: Tensor) -> Tensor:
        logits: Tensor = self.out(self.layers(strips).squeeze(2).transpose(1, 2))
        return logits
