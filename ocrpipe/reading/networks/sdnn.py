"""The second reader: a LeNet swept over the field (space displacement neural network).

LeCun, Bottou, Bengio & Haffner (1998), section VII: a convolutional network is applied at every place of an
uncut field, at little more than the cost of its convolutions, and its outputs are read as a sequence. Ours sums over
all alignments with the blank of connectionist temporal classification (Graves, Fernández, Gomez & Schmidhuber 2006).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ocrpipe.reading.symbols import SYMBOLS

CLASSES = len(SYMBOLS)
"""The symbols without noise, then the blank of CTC in its column."""
STRIDE = 4
"""Pixels of the strip to a frame."""
PARAMETERS = 165_610
_SHAPES = ((1, 12, 5, 5), (12, 32, 3, 3), (32, 48, 3, 3), (48, 64, 3, 3), (64, 112, 3, 3), (112, 96, 1, 5))
"""Channels in and out, rows and columns of each kernel."""


class Sdnn(nn.Module):
    """The network as shipped and run: (N, 1, 48, W) float, ink 0 … 1 → (N, W / 4, 18) log probabilities."""

    def __init__(self) -> None:
        super().__init__()
        self.convs = nn.ModuleList(
            nn.Conv2d(i, o, (rows, columns), padding=(0 if layer == 4 else rows // 2, columns // 2))
            for layer, (i, o, rows, columns) in enumerate(_SHAPES)
        )
        self.out = nn.Linear(_SHAPES[-1][1], CLASSES)
        assert sum(p.numel() for p in self.parameters()) == PARAMETERS

    def forward(self, strips: Tensor) -> Tensor:
        return swept(strips, list(self.convs), self.out)


class TrainableSdnn(nn.Module):
    """The same with batch norm before each activation; `folded()` gives the network to ship."""

    def __init__(self) -> None:
        super().__init__()
        self.base = Sdnn()
        self.norms = nn.ModuleList(nn.BatchNorm2d(shape[1]) for shape in _SHAPES)

    def forward(self, strips: Tensor) -> Tensor:
        layers: list[nn.Module] = [nn.Sequential(c, n) for c, n in zip(self.base.convs, self.norms, strict=True)]
        return swept(strips, layers, self.base.out)

    def folded(self) -> Sdnn:
        """An Sdnn that computes the same in evaluation mode: w' = w γ/σ, b' = (b − μ) γ/σ + β."""
        plain = Sdnn()
        plain.load_state_dict(self.base.state_dict())
        for i, (conv, norm) in enumerate(zip(plain.convs, self.norms, strict=True)):
            assert isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d)
            plain.convs[i] = nn.utils.fusion.fuse_conv_bn_eval(conv.eval(), norm.eval())
        return plain.eval()


def swept(strips: Tensor, layers: list[nn.Module], out: nn.Module) -> Tensor:
    """Halved twice along the line and four times across it; what is left across is taken in by one kernel."""
    silu, pool = nn.functional.silu, nn.functional.max_pool2d
    x = pool(silu(layers[0](strips)), 2)  # (N, 12, 24, W/2)
    x = pool(silu(layers[1](x)), 2)  # (N, 32, 12, W/4)
    x = pool(silu(layers[2](x)), (2, 1))  # (N, 48, 6, W/4)
    x = pool(silu(layers[3](x)), (2, 1))  # (N, 64, 3, W/4)
    x = silu(layers[4](x))  # (N, 112, 1, W/4)
    x = silu(layers[5](x))  # (N, 96, 1, W/4)
    return torch.log_softmax(out(x.squeeze(2).transpose(1, 2)), dim=2)
