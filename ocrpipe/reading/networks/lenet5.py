"""LeNet-5 (LeCun, Bottou, Bengio & Haffner, 1998, fig. 2), with the habits of thirty years later, and a wider one.

From the paper: 32×32 input, 6-16-120-84 features, 5×5 kernels, halving by 2×2 windows. Ours: every C3 map sees
every S2 map, max pooling, SiLU, batch norm while training (folded into the weights afterwards), a plain linear output
of 14 classes.
"""

from __future__ import annotations

from torch import Tensor, nn

from ocrpipe.reading.networks.layers import built
from ocrpipe.reading.networks.plans import LENETS, Kind

PARAMETERS: dict[Kind, int] = {"lenet5": 62_046, "lenet5-wide": 87_166}
"""Norms folded."""
WORDS: dict[Kind, str] = {
    "lenet5": "LeNet-5, 6-16-120-84-14, 32×32",
    "lenet5-wide": "LeNet in small kernels, 16-32-48-64-64-14, 32×32",
}


class LeNet(nn.Module):
    """Either network: (N, 1, 32, 32) float, ink 0 … 1 → (N, 14) logits; with norms until `layers.folded`."""

    def __init__(self, kind: Kind = "lenet5") -> None:
        super().__init__()
        self.kind = kind
        self.layers = built(LENETS[kind])

    def forward(self, crops: Tensor) -> Tensor:
        logits: Tensor = self.layers(crops)
        return logits
