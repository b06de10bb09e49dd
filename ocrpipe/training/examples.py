"""What the readers learn from: what the segmenter proposes on drawn fields, labelled by who owns the ink, and whole
fields with what they say."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ocrpipe.fields.clean import Darkness, cleaned, darkness_of
from ocrpipe.geometry import Transform
from ocrpipe.looks import strip_of
from ocrpipe.reading.pieces import Piece
from ocrpipe.reading.search import Grammar
from ocrpipe.reading.segment import SHAPE_NAMES, lattice_with_pieces
from ocrpipe.reading.strip import STRIP_HEIGHT
from ocrpipe.reading.symbols import JUNK, NETWORK_CLASSES, SCRIBBLE, SHAPE_CLASSES, SYMBOLS
from ocrpipe.records import Lattice
from ocrpipe.training.drawing import Drawer, DrawnField

UNSURE = -1
_COVERED, _PURE = 0.8, 0.82
_WRONG = 0.7
"""Below this share covered or pure a candidate is certainly junk; between, nobody should be taught."""
_JUNK_PLACE = SHAPE_CLASSES.index("junk")
_JUNK_KEPT = 0.3
"""Share of junk candidates that are kept: there are several times more of them than of characters."""


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """Crops (N, 32, 32) uint8 with labels of what they show (N,), shapes (N, S) float32 with labels of what their
    size and place say (N,)."""

    crops: NDArray[np.uint8]
    labels: NDArray[np.int8]
    shapes: NDArray[np.float32]
    places: NDArray[np.int8]


@dataclass(frozen=True, slots=True, eq=False)
class Strips:
    """Whole fields for the second reader: strips side by side (48, sum of `widths`) uint8, and what they say,
    symbols one after another, `lengths` of them each."""

    pixels: NDArray[np.uint8]
    widths: NDArray[np.int32]
    symbols: NDArray[np.int8]
    lengths: NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Written:
    """A lattice and what it should spell: any text that `right` accepts, of all those of the `pattern`."""

    nodes: int
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    crops: NDArray[np.uint8]
    shapes: NDArray[np.float32]
    right: Grammar
    pattern: str


def label(drawn: DrawnField) -> tuple[Examples, Strips]:
    """All candidates of one drawn field with their labels, `UNSURE` where the cut is neither right nor wrong; and its
    strip."""
    darkness = darkness_of(drawn.field.pixels)
    lattice, pieces, to_frame = lattice_with_pieces(cleaned(drawn.field, darkness))
    return _candidates(drawn, lattice, pieces, to_frame), _strips(drawn, darkness, lattice)


def _strips(drawn: DrawnField, darkness: Darkness, lattice: Lattice) -> Strips:
    if lattice.nodes == 1:
        return Strips(*(np.empty(shape, dtype) for shape, dtype in _NO_STRIPS))
    return strips_of([(drawn, strip_of(darkness, lattice))])


def strips_of(pairs: list[tuple[DrawnField, NDArray[np.uint8]]]) -> Strips:
    """Drawn fields, each as the second reader sees it, with what they say."""
    written = [spelt(drawn) for drawn, _ in pairs]
    return Strips(
        np.concatenate([pixels for _, pixels in pairs], axis=1),
        np.array([pixels.shape[1] for _, pixels in pairs], np.int32),
        np.array([symbol for one in written for symbol in one], np.int8),
        np.array([len(one) for one in written], np.int32),
    )


def spelt(drawn: DrawnField) -> list[int]:
    """What is written, as indices of `SYMBOLS`: what no symbol stands for is a scribble."""
    return [SYMBOLS.index({"=": "-"}.get(char, char if char in SYMBOLS else SCRIBBLE)) for char in drawn.chars]


_NO_STRIPS = (((STRIP_HEIGHT, 0), np.uint8), ((0,), np.int32), ((0,), np.int8), ((0,), np.int32))


def _candidates(drawn: DrawnField, lattice: Lattice, pieces: list[Piece], to_frame: Transform) -> Examples:
    count = len(lattice.starts)
    chars = drawn.chars
    labels = np.full(count, JUNK, np.int8)
    places = np.full(count, _JUNK_PLACE, np.int8)
    if count:
        width, height = max(p.x1 for p in pieces) + 1, max(p.y1 for p in pieces) + 1
        owners = cv2.warpAffine(_with_rims(drawn.owners), to_frame[:2], (width, height), flags=cv2.INTER_NEAREST)
        owned = np.zeros((len(pieces), len(chars) + 1))
        for i, piece in enumerate(pieces):
            seen = owners[piece.y0 : piece.y1, piece.x0 : piece.x1][piece.ink > 127]
            owned[i] = np.bincount(seen, minlength=len(chars) + 1)
        # a whole piece of somebody else's, or of nobody's, belongs outside: a path can take it or skip it
        mostly, sizes = owned.argmax(axis=1), owned.sum(axis=1) * ~np.array([p.dot for p in pieces])
        totals = np.maximum(owned.sum(axis=0), 1)
        running = np.vstack([np.zeros(len(chars) + 1), owned.cumsum(axis=0)])
        for k in range(count):
            start, end = lattice.starts[k], lattice.ends[k]
            inside = running[end] - running[start]
            labels[k], places[k] = _label_one(inside, totals, chars)
            foreign = mostly[start:end] != 1 + int(inside[1:].argmax()) if chars else np.ones(1, bool)
            if end - start > 1 and (foreign & (sizes[start:end] > 0.05 * inside.sum())).any():
                labels[k], places[k] = JUNK, _JUNK_PLACE
    return Examples(lattice.crops, labels, lattice.shapes, places)


def _with_rims(owners: NDArray[np.int16]) -> NDArray[np.int16]:
    """Owners with what is nobody's within a pixel and a half given to the neighbour: blur and threshold make a stroke
    wider than it was drawn."""
    for reach in (cv2.MORPH_RECT, cv2.MORPH_CROSS):
        wider = cv2.dilate(owners, cv2.getStructuringElement(reach, (3, 3)))
        owners = np.where(owners == 0, wider, owners)
    return owners


def _label_one(inside: NDArray[np.float64], totals: NDArray[np.float64], chars: list[str]) -> tuple[int, int]:
    """What a candidate that holds `inside[i]` pixels of owner i (0: nobody) shows, and what its size and place say."""
    whole = max(inside.sum(), 1)
    if inside[0] / whole > 0.75:
        return JUNK, SHAPE_CLASSES.index("noise")
    if not chars:
        return JUNK, _JUNK_PLACE
    covered = inside / totals
    best = 1 + int((inside[1:]).argmax())
    others = [i for i in range(1, len(inside)) if i != best and covered[i] > 0.6]
    cover, pure = covered[best], inside[best] / whole
    if others or cover < _WRONG or pure < _WRONG:
        return JUNK, _JUNK_PLACE
    if cover < _COVERED or pure < _PURE:
        return UNSURE, UNSURE
    char = "-" if chars[best - 1] == "=" else chars[best - 1]
    place = SHAPE_CLASSES.index(char) if char in SHAPE_CLASSES else SHAPE_CLASSES.index("character")
    if char not in NETWORK_CLASSES:  # a small mark, or a letter such as x
        return JUNK, place if char in SHAPE_CLASSES else _JUNK_PLACE
    return NETWORK_CLASSES.index(char), place


def gather(drawer: Drawer, fields: int, rng: Generator) -> tuple[Examples, Strips]:
    """Examples of `fields` drawn fields, junk thinned, and their strips."""
    parts, strips = [], []
    for _ in range(fields):
        one, line = label(drawer.draw(rng, blank=0.04))
        strips.append(line)
        sampled = (one.places != _JUNK_PLACE) | (rng.random(len(one.places)) < _JUNK_KEPT)
        kept = (one.places != UNSURE) & sampled
        parts.append(Examples(one.crops[kept], one.labels[kept], one.shapes[kept], one.places[kept]))
    return joined(parts), side_by_side(strips)


def side_by_side(parts: list[Strips]) -> Strips:
    return Strips(
        np.concatenate([p.pixels for p in parts], axis=1),
        np.concatenate([p.widths for p in parts]),
        np.concatenate([p.symbols for p in parts]),
        np.concatenate([p.lengths for p in parts]),
    )


def joined(parts: list[Examples]) -> Examples:
    return Examples(
        np.concatenate([p.crops for p in parts]),
        np.concatenate([p.labels for p in parts]),
        np.concatenate([p.shapes for p in parts]),
        np.concatenate([p.places for p in parts]),
    )


def legible(examples: Examples) -> Examples:
    """What LeNet-5 should learn from: no remnant of a printed line that stands like a 1.

    Only size and place, which LeNet-5 cannot see, tell such a bar from a ruler-straight 1; taught as junk, it makes of
    the straightest ones anything but a 1.
    """
    height, width = examples.shapes[:, SHAPE_NAMES.index("height")], examples.shapes[:, SHAPE_NAMES.index("width")]
    bar = (examples.places == SHAPE_CLASSES.index("noise")) & (height > 0.5) & (width < 0.45 * height)
    return Examples(examples.crops[~bar], examples.labels[~bar], examples.shapes[~bar], examples.places[~bar])
