"""A lattice as it is drawn: the line of writing upright, its nodes, and its likelier arcs with what each may be."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrpipe.geometry import Box, apply
from ocrpipe.looks import Look
from ocrpipe.reading.classify import Classifier
from ocrpipe.reading.symbols import NETWORK_CLASSES, NOISE, SCRIBBLE, SYMBOLS
from ocrpipe.records import Lattice
from ocrpipe.trying.plain import plane, share

MOST_ARCS = 40
LEAST_LIKELY = 0.02
"""An arc that is less likely to be any character, or dirt, is drawn only if the path takes it."""
_MARGIN = 6
"""Around the writing, px of the frame."""
_SCRIBBLE, _NOISE = SYMBOLS.index(SCRIBBLE), SYMBOLS.index(NOISE)

Floats = NDArray[np.float64]


def drawn(look: Look, path: tuple[tuple[int, int], ...], classifier: Classifier) -> dict[str, Any]:
    """The frame in which the field was cut, with nodes at their places there (x) and arcs from left to right."""
    lattice = look.lattice
    path = _with_dirt(lattice, path)
    bounds = bounds_in_frame(lattice)
    if not len(bounds):
        return {"frame": None, "nodes": [], "arcs": [], "path": [], "left_out": 0, "classes": [], "symbols": []}
    (left, top), (right, bottom) = bounds[:, :2].min(axis=0) - _MARGIN, bounds[:, 2:].max(axis=0) + _MARGIN
    corner = np.floor([left, top]).astype(int)
    size = np.ceil([right, bottom]).astype(int) - corner
    likely = np.exp(look.scores.log_prob)
    likely[:, _SCRIBBLE] = 0  # what is nothing else may always be that
    edges = _likelier(likely.max(axis=1), {edge for edge, _ in path})
    seen = classifier.crop_probabilities(lattice.crops[edges])
    symbols = dict(enumerate(likely.argmax(axis=1).tolist())) | dict(path)
    boxes = bounds - [*corner, *corner]
    return {
        "frame": plane(_in_frame(lattice, corner, size)),
        "nodes": [round(float(x) - int(corner[0]), 1) for x in _places(lattice, bounds)],
        "arcs": [
            _arc(look, edge, symbols[edge], box, of_crop)
            for edge, box, of_crop in zip(edges, boxes[edges], seen, strict=True)
        ],
        "path": [edges.index(edge) for edge, _ in path],
        "left_out": len(lattice.starts) - len(edges),
        "classes": NETWORK_CLASSES,
        "symbols": SYMBOLS,
    }


def _arc(look: Look, edge: int, symbol: int, box: Floats, shown: Floats) -> dict[str, Any]:
    """A candidate taken as `symbol`: its nodes, its place, its crop, what LeNet says of that (`shown`, 14 classes), and
    what both networks say together (`joined`, 18 symbols)."""
    lattice, joined = look.lattice, np.exp(look.scores.log_prob[edge])
    return {
        "start": int(lattice.starts[edge]), "end": int(lattice.ends[edge]), "box": [round(float(v), 1) for v in box],
        "symbol": SYMBOLS[symbol], "prob": share(joined[symbol]), "crop": plane(lattice.crops[edge]),
        "shown": [share(p) for p in shown], "joined": [share(p) for p in joined],
    }  # fmt: skip


def bounds_in_frame(lattice: Lattice) -> Floats:
    """(E, 4) x0, y0, x1, y1 of the candidates in the frame.

    The lattice keeps boxes in the field, each around what the shear made of a rectangle here: its left and its right
    side touch the box at opposite ends.
    """
    x0, y0, x1, y1 = lattice.boxes.astype(np.float64).T
    at_left, at_right = (y0, y1) if lattice.to_frame[0, 1] < 0 else (y1, y0)
    left = apply(lattice.to_frame, np.stack([x0, at_left], axis=1))[:, 0]
    right = apply(lattice.to_frame, np.stack([x1, at_right], axis=1))[:, 0]
    top, bottom = (apply(lattice.to_frame, np.stack([x0, y], axis=1))[:, 1] for y in (y0, y1))
    return np.stack([left, top, right, bottom], axis=1)


def upright(lattice: Lattice) -> NDArray[np.uint8]:
    """(H, W), 0 ink … 255 paper: the whole cleaned field in the frame in which it is cut."""
    height, width = lattice.field.pixels.shape
    corners = apply(lattice.to_frame, Box(0, 0, width, height).corners())
    low = np.floor(corners.min(axis=0)).astype(int)
    return _in_frame(lattice, low, np.ceil(corners.max(axis=0)).astype(int) - low)


def _in_frame(lattice: Lattice, corner: NDArray[np.int_], size: NDArray[np.int_]) -> NDArray[np.uint8]:
    """The cleaned field in the frame, from `corner` on."""
    to_part = lattice.to_frame[:2].copy()
    to_part[:, 2] -= corner
    width, height = (int(v) for v in size)
    return np.asarray(cv2.warpAffine(lattice.field.pixels, to_part, (width, height), borderValue=255), np.uint8)


def _places(lattice: Lattice, bounds: Floats) -> Floats:
    """(nodes,) x in the frame: half way between the piece before and the piece behind, never running back."""
    single = np.flatnonzero(lattice.ends - lattice.starts == 1)
    pieces = bounds[single[np.argsort(lattice.starts[single])]]
    between = (pieces[:-1, 2] + pieces[1:, 0]) / 2
    return np.maximum.accumulate([pieces[0, 0], *between, pieces[:, 2].max()])


def _with_dirt(lattice: Lattice, path: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
    """The way through the whole lattice: every piece between the characters is dirt by itself."""
    if not path:
        return ()
    single = {int(lattice.starts[edge]): int(edge) for edge in np.flatnonzero(lattice.ends - lattice.starts == 1)}
    whole, node = [], 0
    for edge, symbol in path:
        whole += [(single[between], _NOISE) for between in range(node, int(lattice.starts[edge]))]
        whole.append((edge, symbol))
        node = int(lattice.ends[edge])
    return (*whole, *((single[between], _NOISE) for between in range(node, lattice.nodes - 1)))


def _likelier(likely: Floats, on_path: set[int]) -> list[int]:
    """Edges worth a look, in their order from left to right; `likely` (E,) is the share of what each is likeliest."""
    ranked = [int(edge) for edge in np.argsort(-likely, kind="stable")[:MOST_ARCS] if likely[edge] >= LEAST_LIKELY]
    return sorted(on_path.union(ranked))
