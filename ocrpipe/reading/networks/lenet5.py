"""LeNet-5 (LeCun, Bottou, Bengio & Haffner, 1998, fig. 2), with the habits of thirty years later.

From the paper: 32×32 input, 6-16-120-84 features, 5×5 kernels, halving by 2×2 windows. Ours: every C3 map sees
every S2 map, max pooling, SiLU, batch norm while training (folded into the weights afterwards), a plain linear output
of 14 classes.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ocrpipe.reading.symbols import NETWORK_CLASSES

PARAMETERS = 62_046


class LeNet5(nn.Module):
    """The network as shipped and run: (N, 1, 32, 32) float, ink 0 … 1 → (N, 14) logits."""

    def __init__(self) -> None:
        super().__init__()
        self.c1 = nn.Conv2d(1, 6, 5)
        self.c3 = nn.Conv2d(6, 16, 5)
        self.c5 = nn.Conv2d(16, 120, 5)
        self.f6 = nn.Linear(120, 84)
        self.out = nn.Linear(84, len(NETWORK_CLASSES))
        self.act = nn.SiLU()
        self.pool = nn.MaxPool2d(2)
        assert sum(p.numel() for p in self.parameters()) == PARAMETERS

    def forward(self, crops: Tensor) -> Tensor:
        x = self.pool(self.act(self.c1(crops)))  # (N, 6, 14, 14)
        x = self.pool(self.act(self.c3(x)))  # (N, 16, 5, 5)
        x = self.act(self.c5(x)).flatten(1)  # (N, 120)
        logits: Tensor = self.out(self.act(self.f6(x)))  # (N, 84) → (N, 14)
        return logits


class TrainableLeNet5(nn.Module):
    """The same with batch norm before each activation; `folded()` gives the network to ship."""

    def __init__(self) -> None:
        super().__init__()
        self.base = LeNet5()
        self.n1, self.n3, self.n5 = nn.BatchNorm2d(6), nn.BatchNorm2d(16), nn.BatchNorm2d(120)
        self.n6 = nn.BatchNorm1d(84)

    def forward(self, crops: Tensor) -> Tensor:
        b = self.base
        x = b.pool(b.act(self.n1(b.c1(crops))))
        x = b.pool(b.act(self.n3(b.c3(x))))
        x = b.act(self.n5(b.c5(x))).flatten(1)
        logits: Tensor = b.out(b.act(self.n6(b.f6(x))))
        return logits

    def folded(self) -> LeNet5:
        """A LeNet5 that computes the same in evaluation mode: w' = w γ/σ, b' = (b − μ) γ/σ + β."""
        plain = LeNet5()
        plain.load_state_dict(self.base.state_dict())
        with torch.no_grad():
            for layer, norm in ((plain.c1, self.n1), (plain.c3, self.n3), (plain.c5, self.n5), (plain.f6, self.n6)):
                assert isinstance(norm, nn.BatchNorm1d | nn.BatchNorm2d) and norm.running_var is not None
                assert (
                    isinstance(layer, nn.Conv2d | nn.Linear)
                    and layer.bias is not None
                    and norm.running_mean is not None
                )
                gain = norm.weight / torch.sqrt(norm.running_var + norm.eps)
                layer.weight.mul_(gain.reshape(-1, *[1] * (layer.weight.ndim - 1)))
                layer.bias.copy_((layer.bias - norm.running_mean) * gain + norm.bias)
        return plain.eval()
