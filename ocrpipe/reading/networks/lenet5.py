"""LeNet-5 (LeCun, Bottou, Bengio & Haffner, 1998, fig. 2), with the habits of thirty years later, and a wider one.

From the paper: 32×32 input, 6-16-120-84 features, 5×5 kernels, halving by 2×2 windows. Ours: every C3 map sees
every S2 map, max pooling, SiLU, batch norm while training (folded into the weights afterwards), a plain linear output
of 14 classes.
"""

from __future__ import annotations

from typing import Literal, get_args

from torch import Tensor, nn

from ocrpipe.reading.networks.layers import Layer
from ocrpipe.reading.symbols import NETWORK_CLASSES

Kind = Literal["lenet5", "lenet5-wide"]
KINDS: tuple[Kind, ...] = get_args(Kind)
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
        classes = len(NETWORK_CLASSES)
        if kind == "lenet5":
            self.layers = nn.Sequential(
                Layer(nn.Conv2d(1, 6, 5), pool=2),  # C1, S2: (N, 6, 14, 14)
                Layer(nn.Conv2d(6, 16, 5), pool=2),  # C3, S4: (N, 16, 5, 5)
                nn.Flatten(),
                Layer(nn.Linear(400, 120)),  # C5
                Layer(nn.Linear(120, 84)),  # F6
                nn.Linear(84, classes),
            )
        else:  # two 3×3 kernels see what one 5×5 does, for less (Simonyan & Zisserman 2015)
            self.layers = nn.Sequential(
                Layer(nn.Conv2d(1, 16, 5, stride=2, padding=2)),  # (N, 16, 16, 16)
                Layer(nn.Conv2d(16, 32, 3, padding=1), pool=2),  # (N, 32, 8, 8)
                Layer(nn.Conv2d(32, 48, 3, padding=1)),
                Layer(nn.Conv2d(48, 64, 3, padding=1), pool=2),  # (N, 64, 4, 4)
                Layer(nn.Conv2d(64, 64, 3)),  # (N, 64, 2, 2)
                nn.Flatten(),
                nn.Linear(256, classes),
            )

    def forward(self, crops: Tensor) -> Tensor:
        logits: Tensor = self.layers(crops)
        return logits
