"""What the networks are built of: a map, the largest of each window, batch norm while they learn, SiLU."""

from __future__ import annotations

from copy import deepcopy
from functools import reduce
from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ocrpipe.reading.networks.plans import Map, Plan

Net = TypeVar("Net", bound=nn.Module)


class Norm(nn.BatchNorm2d):
    """Batch norm of (N, C) or (N, C, H, W) whose gain is never negative, so that it commutes with a maximum."""

    def forward(self, x: Tensor) -> Tensor:
        return F.batch_norm(
            x, self.running_mean, self.running_var, self.weight.abs(), self.bias, self.training, self.momentum or 0.0,
            self.eps,
        )  # fmt: skip


class Layer(nn.Module):
    """A convolution or linear map and what follows it. The largest of each window is taken first: norm and SiLU then
    cost a quarter. SiLU falls a little below zero, so this order is another function than the usual one, as good."""

    def __init__(self, linear: nn.Conv2d | nn.Linear, pool: tuple[int, int] | None = None) -> None:
        super().__init__()
        self.map = linear
        self.norm: nn.Module = Norm(len(linear.weight))
        self.pool = pool

    def forward(self, x: Tensor) -> Tensor:
        x = self.map(x)
        if self.pool:
            x = F.max_pool2d(x, self.pool) if self.training else _largest(x, self.pool)
        return F.silu(self.norm(x))


def built(plan: Plan) -> nn.Sequential:
    """The layers of a plan, untaught, with norms until `folded`."""
    return nn.Sequential(*(_module(step) if isinstance(step, Map) else nn.Flatten() for step in plan))


def linear_of(step: Map) -> nn.Linear:
    """The map of a bare step."""
    return nn.Linear(step.inputs, step.outputs)


def _module(step: Map) -> nn.Module:
    if step.kernel is None:
        return linear_of(step) if step.bare else Layer(linear_of(step))
    return Layer(nn.Conv2d(step.inputs, step.outputs, step.kernel, step.stride, step.padding), step.pool)


def _largest(x: Tensor, pool: tuple[int, int]) -> Tensor:
    """What `max_pool2d` finds in windows side by side, row by row and column by column: with channels last and few of
    them, in a tenth of its time. Where values are equal their gradients would be others."""
    high, wide = pool
    rows, columns = x.shape[2] // high * high, x.shape[3] // wide * wide
    x = reduce(torch.maximum, (x[:, :, i:rows:high, :columns] for i in range(high)))
    return reduce(torch.maximum, (x[:, :, :, i::wide] for i in range(wide)))


def folded(net: Net) -> Net:
    """A copy that computes in evaluation mode what `net` does, each norm folded into the map before it:
    w' = w |γ| / σ, b' = (b - μ) |γ| / σ + β."""
    plain = deepcopy(net).eval()
    for layer in plain.modules():
        if isinstance(layer, Layer) and isinstance(layer.norm, Norm):
            norm, linear = layer.norm, layer.map
            assert norm.running_mean is not None and norm.running_var is not None and linear.bias is not None
            with torch.no_grad():
                gain = norm.weight.abs() / torch.sqrt(norm.running_var + norm.eps)
                linear.weight.mul_(gain.reshape(-1, *[1] * (linear.weight.ndim - 1)))
                linear.bias.copy_((linear.bias - norm.running_mean) * gain + norm.bias)
            layer.norm = nn.Identity()
    return plain
