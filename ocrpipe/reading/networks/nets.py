"""Networks at work, whatever runs them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Net = Callable[[NDArray[Any]], NDArray[np.float32]]
"""A batch in, what the network says of each of its members out."""


@dataclass(frozen=True, slots=True)
class Nets:
    """Those that read fields."""

    lenet: Net
    """(N, 32, 32) uint8 crops → (N, 14) probabilities."""
    crops_at_once: int
    """With how many of them a runtime is fastest: what it keeps between layers then stays near the processor."""
    shapes: Net
    """(N, S) float32 shapes → (N, 7) probabilities."""
    prior: NDArray[np.float64]
    """(7,): the shares of the shape classes in what the shape network was taught."""
    sdnn: Net
    """(N, 48, W) uint8 strips → (N, W / 4, 18) log probabilities."""
