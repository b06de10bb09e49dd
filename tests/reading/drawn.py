"""Fields, lattices and scores for the tests of the reading core: drawn, or made up to be small."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrpipe.geometry import Box, identity
from ocrpipe.reading.decode import Scores
from ocrpipe.reading.segment import SHAPE_NAMES
from ocrpipe.reading.symbols import SYMBOLS
from ocrpipe.records import FieldImage, FieldSpec, Lattice

Picture = NDArray[np.uint8]

AMOUNT = FieldSpec("amount", "amount")
DIGITS = FieldSpec("digits", "digits", cells=20)
"""Any digits: with cells the grammar holds digits alone."""


def paper(height: int, width: int) -> Picture:
    return np.full((height, width), 255, np.uint8)


def field_of(pixels: Picture, spec: FieldSpec = AMOUNT, box: Box | None = None) -> FieldImage:
    height, width = pixels.shape
    return FieldImage(spec, pixels, identity(), box or Box(0, 0, width, height), 200.0)


def zero(page: Picture, x: float, y: float = 30, *, wide: float = 11, high: float = 18, pen: int = 3) -> None:
    cv2.ellipse(page, (round(x), round(y)), (round(wide), round(high)), 0, 0, 360, 0, pen, cv2.LINE_AA)


def one(page: Picture, x: int, y: int = 30, *, high: int = 18, pen: int = 3) -> None:
    cv2.line(page, (x, y - high), (x, y + high), 0, pen, cv2.LINE_AA)


def text(page: Picture, words: str, x: int, y: int = 48, *, size: float = 1.6, pen: int = 3) -> None:
    cv2.putText(page, words, (x, y), cv2.FONT_HERSHEY_SIMPLEX, size, 0, pen, cv2.LINE_AA)


def lattice_of(
    spec: FieldSpec, nodes: int, spans: Sequence[tuple[int, int]], *, point: int | None = None, ink_share: float = 0.1
) -> Lattice:
    """A lattice that shows nothing: its scores are made up."""
    count = len(spans)
    starts, ends = (np.array([span[i] for span in spans], np.int32).reshape(count) for i in (0, 1))
    return Lattice(
        field_of(paper(60, 200), spec),
        nodes,
        starts,
        ends,
        np.zeros((count, 32, 32), np.uint8),
        np.zeros((count, 4), np.float32),
        np.zeros((count, len(SHAPE_NAMES)), np.float32),
        ink_share,
        identity(),
        (0.0, 0.0, 200.0, 36.0),
        point,
    )


def sure_scores(spelling: Sequence[str], *, sure: float = 0.97) -> Scores:
    """Scores of edges that each show one symbol nearly for certain, and hardly look like a wrong cut."""
    table = np.full((len(spelling), len(SYMBOLS)), np.log((1 - sure) / len(SYMBOLS)))
    for row, symbol in zip(table, spelling, strict=True):
        row[SYMBOLS.index(symbol)] = np.log(sure)
    return Scores(table, np.full(len(spelling), np.log(1e-3)))


def chain(spec: FieldSpec, spelling: Sequence[str], *, point: int | None = None) -> Lattice:
    """One edge a symbol, one after another."""
    return lattice_of(spec, len(spelling) + 1, [(i, i + 1) for i in range(len(spelling))], point=point)
