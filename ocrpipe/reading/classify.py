"""All candidates of many lattices through the networks, in batches."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from ocrpipe.errors import UsageError
from ocrpipe.reading.decode import Scores
from ocrpipe.reading.networks.layers import folded
from ocrpipe.reading.networks.lenet5 import KINDS, LeNet
from ocrpipe.reading.networks.sdnn import Sdnn
from ocrpipe.reading.networks.shapes import ShapeNet
from ocrpipe.reading.sweep import Sweep
from ocrpipe.reading.symbols import DIGITS, JUNK, NETWORK_CLASSES, NOISE, SCRIBBLE, SHAPE_CLASSES, SYMBOLS
from ocrpipe.records import Lattice

_BATCH = 256
"""Larger batches lose more to page faults than they gain."""
FLOOR = 1e-7
"""No probability in the score table is less."""


class Classifier:
    """LeNet-5 for what a crop shows, the shape network for what size and place tell, the sweep for whole fields."""

    def __init__(self, lenet: LeNet, shapes: ShapeNet, sdnn: Sdnn) -> None:
        self.lenet = folded(lenet).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.shapes = shapes.eval()
        self.sweep = Sweep(sdnn)

    @classmethod
    def from_file(cls, weights: Path) -> Classifier:
        """Reads what `save` wrote; UsageError where it does not fit."""
        with safe_open(weights, "pt") as file:
            kind = (file.metadata() or {}).get("lenet", "")
        if kind not in KINDS:
            raise UsageError(f"{weights}: weights of LeNet {kind!r}; this version knows {', '.join(KINDS)}")
        tensors = load_file(weights)
        networks = {"lenet": folded(LeNet(kind)), "shapes": ShapeNet(), "sdnn": folded(Sdnn())}
        try:
            for name, network in networks.items():
                own = {k.removeprefix(f"{name}."): v for k, v in tensors.items() if k.startswith(f"{name}.")}
                network.load_state_dict(own)
        except RuntimeError as error:
            raise UsageError(f"{weights}: not weights of this version's networks: {error}") from error
        return cls(**networks)  # type: ignore[arg-type]

    def save(self, weights: Path) -> None:
        """Safetensors with the prefixes `lenet.`, `shapes.` and `sdnn.`, and in their metadata which LeNet it is."""
        networks = {"lenet": self.lenet, "shapes": self.shapes, "sdnn": self.sweep.sdnn}
        tensors = {f"{name}.{k}": v.contiguous() for name, net in networks.items() for k, v in net.state_dict().items()}
        save_file(tensors, weights, metadata={"lenet": self.lenet.kind})

    def scores(self, lattices: Sequence[Lattice]) -> list[Scores]:
        """One `Scores` for each lattice, with frames where it carries a strip; how they are batched changes nothing."""
        swept = iter(self.sweep.frames([lattice.strip for lattice in lattices if lattice.strip is not None]))
        frames = [None if lattice.strip is None else next(swept) for lattice in lattices]
        sizes = [len(lattice.starts) for lattice in lattices]
        if not sum(sizes):
            return [Scores(np.zeros((0, len(SYMBOLS))), np.zeros(0)) for _ in lattices]
        crops = np.concatenate([lattice.crops for lattice in lattices])
        shapes = np.concatenate([lattice.shapes for lattice in lattices])
        table, junk = combined(
            self.crop_probabilities(crops), self._shape_probabilities(shapes), self.shapes.prior.double().numpy()
        )
        cuts = np.cumsum(sizes)[:-1]
        return [Scores(*three) for three in zip(np.split(table, cuts), np.split(junk, cuts), frames, strict=True)]

    def digit_probabilities(self, crops: NDArray[np.uint8], temperature: float = 1.0) -> NDArray[np.float64]:
        """(N, 10) of LeNet-5 on (N, 32, 32) crops that each hold one digit: what else it knows has no say.

        The `temperature` of a card makes of its softmax how often it is right (Guo, Pleiss, Sun & Weinberger 2017)."""
        ten = self.crop_probabilities(crops)[:, : len(DIGITS)] ** (1 / temperature)
        return np.asarray(ten / np.maximum(ten.sum(axis=1, keepdims=True), np.finfo(np.float64).tiny))

    @torch.inference_mode()
    def crop_probabilities(self, crops: NDArray[np.uint8]) -> NDArray[np.float64]:
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
    return np.log(np.maximum(table, FLOOR)), np.log(np.maximum(joint[:, JUNK], FLOOR))
