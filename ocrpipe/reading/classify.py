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
from ocrpipe.reading.networks.marks import MarkNet
from ocrpipe.reading.symbols import JUNK, MARK_CLASSES, NETWORK_CLASSES, NOISE, SCRIBBLE, SYMBOLS
from ocrpipe.records import Lattice

_BATCH = 256
"""Larger batches lose more to page faults than they gain."""
_FLOOR = 1e-7


class Classifier:
    """LeNet-5 for what a crop shows, the mark network for what is too small to be shown."""

    def __init__(self, lenet: LeNet5, marks: MarkNet) -> None:
        self.lenet = lenet.eval().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.marks = marks.eval()

    @classmethod
    def from_file(cls, weights: Path) -> Classifier:
        """Reads safetensors with the prefixes `lenet.` and `marks.`; UsageError where they do not fit."""
        tensors = load_file(weights)
        lenet, marks = LeNet5(), MarkNet()
        try:
            lenet.load_state_dict({k[6:]: v for k, v in tensors.items() if k.startswith("lenet.")})
            marks.load_state_dict({k[6:]: v for k, v in tensors.items() if k.startswith("marks.")})
        except RuntimeError as error:
            raise UsageError(f"{weights}: not weights of this version's LeNet-5: {error}") from error
        return cls(lenet, marks)

    def tensors(self) -> dict[str, torch.Tensor]:
        """What `from_file` reads."""
        lenet = {f"lenet.{k}": v.contiguous() for k, v in self.lenet.state_dict().items()}
        return lenet | {f"marks.{k}": v for k, v in self.marks.state_dict().items()}

    def scores(self, lattices: list[Lattice]) -> list[Scores]:
        """One `Scores` for each lattice; how they are batched changes nothing."""
        sizes = [len(lattice.starts) for lattice in lattices]
        if not sum(sizes):
            return [Scores(np.zeros((0, len(SYMBOLS))), np.zeros(0)) for _ in lattices]
        crops = np.concatenate([lattice.crops for lattice in lattices])
        shapes = np.concatenate([lattice.shapes for lattice in lattices])
        table, junk = combined(self._probabilities(crops), self._mark_probabilities(shapes))
        cuts = np.cumsum(sizes)[:-1]
        return [Scores(*pair) for pair in zip(np.split(table, cuts), np.split(junk, cuts), strict=True)]

    @torch.inference_mode()
    def _probabilities(self, crops: NDArray[np.uint8]) -> NDArray[np.float64]:
        """(N, 14) of LeNet-5 on (N, 32, 32) crops."""
        parts = [
            torch.softmax(self.lenet(part.float().div_(255).unsqueeze(1)), dim=1)
            for part in torch.from_numpy(crops).split(_BATCH)
        ]
        return torch.cat(parts).double().numpy()

    @torch.inference_mode()
    def _mark_probabilities(self, shapes: NDArray[np.float32]) -> NDArray[np.float64]:
        return torch.softmax(self.marks(torch.from_numpy(shapes)), dim=1).double().numpy()


def combined(shown: NDArray[np.float64], placed: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Logs over `SYMBOLS` (N, 18), and of being a wrong cut (N,): the mark network says whether a candidate is a
    mark, dirt or something to look at, LeNet-5 what the latter is."""
    other = placed[:, [MARK_CLASSES.index("other")]]
    columns = {char: (other * shown[:, [i]])[:, 0] for i, char in enumerate(NETWORK_CLASSES)}
    columns |= {char: placed[:, i] for i, char in enumerate(MARK_CLASSES) if char in SYMBOLS}
    junk = (other * shown[:, [JUNK]])[:, 0]
    columns[SCRIBBLE], columns[NOISE] = junk, placed[:, MARK_CLASSES.index("noise")]
    table = np.stack([columns[symbol] for symbol in SYMBOLS], axis=1)
    return np.log(np.maximum(table, _FLOOR)), np.log(np.maximum(junk, _FLOOR))
