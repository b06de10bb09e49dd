"""All candidates of many lattices through the networks, in batches."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file

from ocrpipe.errors import UsageError
from ocrpipe.reading.decode import Scores
from ocrpipe.reading.networks.lenet5 import LeNet5
from ocrpipe.reading.networks.shapes import ShapeNet
from ocrpipe.reading.symbols import JUNK, NETWORK_CLASSES, NOISE, SCRIBBLE, SHAPE_CLASSES, SYMBOLS
from ocrpipe.records import Lattice

_BATCH = 256
"""Larger batches lose more to page faults than they gain."""
_FLOOR = 1e-7


class Classifier:
    """LeNet-5 for what a crop shows, the shape network for what size and place tell."""

    def __init__(self, lenet: LeNet5, shapes: ShapeNet) -> None:
        self.lenet = lenet.eval().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.shapes = shapes.eval()

    @classmethod
    def from_file(cls, weights: Path) -> Classifier:
        """Reads safetensors with the prefixes `lenet.` and `shapes.`; UsageError where they do not fit."""
        tensors = load_file(weights)
        lenet, shapes = LeNet5(), ShapeNet()
        try:
            lenet.load_state_dict({k[6:]: v for k, v in tensors.items() if k.startswith("lenet.")})
            shapes.load_state_dict({k[7:]: v for k, v in tensors.items() if k.startswith("shapes.")})
        except RuntimeError as error:
            raise UsageError(f"{weights}: not weights of this version's LeNet-5: {error}") from error
        return cls(lenet, shapes)

    def tensors(self) -> dict[str, torch.Tensor]:
        """What `from_file` reads."""
        lenet = {f"lenet.{k}": v.contiguous() for k, v in self.lenet.state_dict().items()}
        return lenet | {f"shapes.{k}": v for k, v in self.shapes.state_dict().items()}

    def scores(self, lattices: list[Lattice]) -> list[Scores]:
        """One `Scores` for each lattice; how they are batched changes nothing."""
        sizes = [len(lattice.starts) for lattice in lattices]
        if not sum(sizes):
            return [Scores(np.zeros((0, len(SYMBOLS))), np.zeros(0)) for _ in lattices]
        crops = np.concatenate([lattice.crops for lattice in lattices])
        shapes = np.concatenate([lattice.shapes for lattice in lattices])
        table, junk = combined(
            self._probabilities(crops), self._shape_probabilities(shapes), self.shapes.prior.double().numpy()
        )
        cuts = np.cumsum(sizes)[:-1]
        return [Scores(*pair) for pair in zip(np.split(table, cuts), np.split(junk, cuts), strict=True)]

    @torch.inference_mode()
    def _probabilities(self, crops: NDArray[np.uint8]) -> NDArray[np.float64]:
        """(N, 14) of LeNet-5 on (N, 32, 32) crops."""
        parts = [
            torch.softmax(self.lenet(part.float().div_(255).unsqueeze(1)), dim=1)
            for part in torch.split(torch.from_numpy(crops), _BATCH)
        ]
        return torch.cat(parts).double().numpy()

    @torch.inference_mode()
    def _shape_probabilities(self, shapes: NDArray[np.float32]) -> NDArray[np.float64]:
        return torch.softmax(self.shapes(torch.from_numpy(shapes)), dim=1).double().numpy()


def combined(
    shown: NDArray[np.float64], placed: NDArray[np.float64], prior: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Logs over `SYMBOLS` (N, 18), and of being a wrong cut (N,).

    The shape network's verdict on marks and dirt stands; what is left is shared out by the product of both networks'
    odds, p(c | crop) · p(shape class of c | size, place) / prior, as for independent evidence.
    """
    place = {char: SHAPE_CLASSES.index(char) for char in SHAPE_CLASSES}
    group = [place.get(char, place["character"]) for char in NETWORK_CLASSES]
    joint = shown * placed[:, group] / prior[group]
    visible = placed[:, [place["junk"], place["/"], place["character"]]].sum(axis=1)
    joint *= (visible / np.maximum(joint.sum(axis=1), 1e-30))[:, None]
    columns = {char: joint[:, i] for i, char in enumerate(NETWORK_CLASSES)}
    columns |= {char: placed[:, place[char]] for char in (".", ",", "-")}
    columns |= {SCRIBBLE: joint[:, JUNK], NOISE: placed[:, place["noise"]]}
    table = np.stack([columns[symbol] for symbol in SYMBOLS], axis=1)
    return np.log(np.maximum(table, _FLOOR)), np.log(np.maximum(joint[:, JUNK], _FLOOR))
