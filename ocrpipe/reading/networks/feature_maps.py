"""What a LeNet's first two convolutions make of a crop: for people who want to see what it saw.

Only torch tells; ONNX Runtime gives out nothing but the last layer.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from ocrpipe.reading.networks.files import load_readers
from ocrpipe.reading.networks.layers import Layer, folded
from ocrpipe.reading.networks.lenet5 import LeNet
from ocrpipe.reading.networks.plans import Kind

NAMES: dict[Kind, tuple[str, str]] = {"lenet5": ("C1", "C3"), "lenet5-wide": ("first", "second")}
"""What the two layers are called; C1 and C3 as in the paper."""


class Maps(NamedTuple):
    """A layer's name and what it answers, (C, H, W) float32, SiLU applied and nothing pooled yet."""

    layer: str
    answers: NDArray[np.float32]


def feature_maps(weights: Path) -> Callable[[NDArray[np.uint8]], list[Maps]]:
    """From a crop (32, 32) uint8, ink high, to the maps of the first two layers of the LeNet in a file of weights:
    of LeNet-5, C1 (6, 28, 28) and C3 (16, 10, 10). UsageError where the file does not fit."""
    kind, tensors = load_readers(weights)
    net = folded(LeNet(kind))
    net.load_state_dict({name: torch.from_numpy(array) for name, array in tensors["lenet"].items()})

    @torch.inference_mode()
    def seen(crop: NDArray[np.uint8]) -> list[Maps]:
        x = torch.from_numpy(crop).float().div(255)[None, None]
        told = []
        for name, layer in zip(NAMES[kind], net.layers, strict=False):
            assert isinstance(layer, Layer)
            told.append(Maps(name, F.silu(layer.map(x))[0].numpy()))
            x = layer(x)
        return told

    return seen
