"""All candidates of many lattices through the networks, in batches."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ocrpipe.reading.decode import Scores
from ocrpipe.reading.networks.nets import Nets
from ocrpipe.reading.networks.runtimes import Runtime, readers_from
from ocrpipe.reading.sweep import swept
from ocrpipe.reading.symbols import DIGITS, JUNK, NETWORK_CLASSES, NOISE, SCRIBBLE, SHAPE_CLASSES, SYMBOLS
from ocrpipe.records import Lattice

FLOOR = 1e-7
"""No probability in the score table is less."""


class Classifier:
    """LeNet-5 for what a crop shows, the shape network for what size and place tell, the sweep for whole fields."""

    def __init__(self, nets: Nets) -> None:
        self._nets = nets

    @classmethod
    def from_file(cls, weights: Path, runtime: Runtime = "auto") -> Classifier:
        """Reads a file of weights; UsageError where it does not fit."""
        return cls(readers_from(weights, runtime))

    def scores(self, lattices: Sequence[Lattice]) -> list[Scores]:
        """One `Scores` for each lattice, with frames where it carries a strip; how they are batched changes nothing."""
        read = iter(swept([lattice.strip for lattice in lattices if lattice.strip is not None], self._nets.sdnn))
        frames = [None if lattice.strip is None else next(read) for lattice in lattices]
        sizes = [len(lattice.starts) for lattice in lattices]
        if not sum(sizes):
            return [Scores(np.zeros((0, len(SYMBOLS))), np.zeros(0)) for _ in lattices]
        crops = np.concatenate([lattice.crops for lattice in lattices])
        shapes = np.concatenate([lattice.shapes for lattice in lattices])
        table, junk = combined(
            self.crop_probabilities(crops), self._nets.shapes(shapes).astype(np.float64), self._nets.prior
        )
        cuts = np.cumsum(sizes)[:-1]
        return [Scores(*three) for three in zip(np.split(table, cuts), np.split(junk, cuts), frames, strict=True)]

    def digit_probabilities(self, crops: NDArray[np.uint8], temperature: float = 1.0) -> NDArray[np.float64]:
        """(N, 10) of LeNet-5 on (N, 32, 32) crops that each hold one digit: what else it knows has no say.

        The `temperature` of a card makes of its softmax how often it is right (Guo, Pleiss, Sun & Weinberger 2017)."""
        ten = self.crop_probabilities(crops)[:, : len(DIGITS)] ** (1 / temperature)
        return np.asarray(ten / np.maximum(ten.sum(axis=1, keepdims=True), np.finfo(np.float64).tiny))

    def crop_probabilities(self, crops: NDArray[np.uint8]) -> NDArray[np.float64]:
        """(N, 14) of LeNet-5 on (N, 32, 32) crops."""
        if not len(crops):
            return np.empty((0, len(NETWORK_CLASSES)))
        together = self._nets.crops_at_once
        parts = [self._nets.lenet(crops[at : at + together]) for at in range(0, len(crops), together)]
        return np.concatenate(parts, dtype=np.float64)


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
