"""Distortions that make of one picture of writing another by an equally likely hand, scanner or frame."""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor
from torch.nn import functional as F


def bent(x: Tensor, turned: Tensor, net: Tensor | None = None) -> Tensor:
    """(N, 1, H, W), each sampled where its matrix of `turned` (N, 2, 3) and its `net` send the points.

    `net` (N, 2, knots down, knots across) pulls them smoothly to and fro (Simard, Steinkraus & Platt 2003). Both are in
    the coordinates of `grid_sample`, -1 … 1 along each side. As products of matrices they cost a tenth of what
    torch's own functions do.
    """
    n, _, rows, columns = x.shape
    grid = (turned @ _plane(rows, columns)).reshape(n, 2, rows, columns)
    if net is not None:
        grid = grid + _spline(net.shape[2], rows).T @ net @ _spline(net.shape[3], columns)
    return F.grid_sample(x, grid.permute(0, 2, 3, 1), align_corners=False)


@lru_cache(maxsize=64)
def _plane(rows: int, columns: int) -> Tensor:
    """(3, rows · columns) x, y and 1 of every point."""
    x = (torch.arange(columns) + 0.5) * 2 / columns - 1
    y = (torch.arange(rows) + 0.5) * 2 / rows - 1
    return torch.stack([x.repeat(rows), y.repeat_interleave(columns), torch.ones(rows * columns)])


@lru_cache(maxsize=64)
def _spline(knots: int, points: int) -> Tensor:
    """(knots, points) how much each knot pulls each point."""
    each = torch.eye(knots).reshape(knots, 1, 1, knots)
    return F.interpolate(each, size=(1, points), mode="bicubic", align_corners=True).reshape(knots, points)
