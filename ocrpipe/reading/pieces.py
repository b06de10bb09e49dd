"""The pieces of a field's ink: connected components, cut along seams of least ink or shared out among cells.

They stand in arrays, a row and a picture for each, since a field has dozens of them and each stage is one compiled loop
over all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ocrpipe.compiled import compiled
from ocrpipe.reading.seams import seams_of

MIN_AREA = 5
"""Less dark pixels are a speck."""
_UNCUT_WIDTH = 13
"""A component narrower or lower than this (characters are 36 px tall) is one piece."""
_CUT_STEP = 4
"""Least distance between two cuts, px."""

Ink = NDArray[np.uint8]
Table = NDArray[np.float64]
X0, Y0, X1, Y1, DOT, AREA, CUT_LEFT, CUT_RIGHT, BEGIN = range(9)
"""The columns of `Pieces.table`."""
FROM, OWNER, PIECE = range(9, 12)
"""Further columns of a table of shares, which are what components give to pieces: the component, the owner whose pixels
they are (-1: all), and the piece."""


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """A part of the ink: (h, w) uint8 at (x0, y0), 0 outside the part."""

    x0: int
    y0: int
    ink: Ink
    area: int
    cut_left: float = 0.0
    """What the cut at its left went through, in pen widths; 0 where nothing was cut."""
    cut_right: float = 0.0
    dot: bool = False
    """A component of its own, too small to be part of a digit: a point, or dirt."""

    @property
    def x1(self) -> int:
        return self.x0 + int(self.ink.shape[1])

    @property
    def y1(self) -> int:
        return self.y0 + int(self.ink.shape[0])

    @property
    def height(self) -> int:
        return int(self.ink.shape[0])

    @property
    def centre(self) -> float:
        return (self.x0 + self.x1) / 2


class Pieces(NamedTuple):
    """All pieces of a field, for compiled code."""

    table: Table
    """(P, 9): of each x0, y0, x1, y1, whether a dot, its area, the cuts at both sides, and where its picture begins."""
    ink: Ink
    """The pictures one after another, row by row."""

    def each(self) -> list[Piece]:
        found = []
        for x0, y0, x1, y1, dot, area, cut_left, cut_right, begin in self.table.tolist():
            height, width = int(y1 - y0), int(x1 - x0)
            ink = self.ink[int(begin) :][: height * width].reshape(height, width)
            found.append(Piece(int(x0), int(y0), ink, int(area), cut_left, cut_right, bool(dot)))
        return found


def cut(parts: Pieces) -> Pieces:
    """The components in pieces, from left to right; one piece where they are narrow."""
    owners, most = np.empty(len(parts.ink), np.int32), np.zeros(len(parts.table), np.int64)
    costs = np.empty(len(parts.ink), np.float64)
    _cut(parts.table, parts.ink, owners, most, costs)
    shares = shares_of(parts, owners, most, costs)
    shares = shares[np.argsort(shares[:, X0] + shares[:, X1], kind="stable")]
    shares[:, PIECE] = np.arange(len(shares))
    return Pieces(*gathered(shares, len(shares), parts.table, parts.ink, owners))


@compiled
def _cut(
    table: Table, ink: Ink, owners: NDArray[np.int32], most: NDArray[np.int64], costs: NDArray[np.float64]
) -> None:  # pragma: no cover - compiled
    """Writes what `shares_of` is given."""
    for k in range(len(table)):
        height, width = int(table[k, Y1] - table[k, Y0]), int(table[k, X1] - table[k, X0])
        if width < _UNCUT_WIDTH or height < _UNCUT_WIDTH:
            continue
        begin = int(table[k, BEGIN])
        picture = ink[begin : begin + height * width].reshape(height, width)
        seams, through = seams_of(picture, _pen_width(picture, table[k, AREA]), _CUT_STEP)
        if len(seams):
            most[k] = len(seams) + 1
            _count_seams(seams, width, begin, owners)
        for i in range(len(seams)):
            costs[begin + i] = through[i]


def shares_of(parts: Pieces, owners: NDArray[np.int32], most: NDArray[np.int64], costs: NDArray[np.float64]) -> Table:
    """(N, 12): what the owners of the components' pixels have of them, where `most` (C,) says how many there may be;
    a whole component where it says 0. From where the picture of a component begins, there are in `owners` those of its
    pixels, and in `costs` those of the cuts between them.
    """
    room = len(parts.table) + int(parts.table[:, AREA].sum()) // MIN_AREA  # none is less than a speck
    shares = np.empty((room, 12), np.float64)
    return shares[: _share(parts.table, parts.ink, owners, most, costs, shares)]


@compiled
def _share(
    table: Table,
    ink: Ink,
    owners: NDArray[np.int32],
    most: NDArray[np.int64],
    costs: NDArray[np.float64],
    shares: Table,
) -> int:  # pragma: no cover - compiled
    """Writes the shares, without faint edges; how many there are."""
    count = 0
    for k in range(len(table)):
        if not most[k]:
            for column in range(BEGIN):
                shares[count, column] = table[k, column]
            shares[count, FROM], shares[count, OWNER] = k, -1
            count += 1
            continue
        height, width, at = int(table[k, Y1] - table[k, Y0]), int(table[k, X1] - table[k, X0]), int(table[k, BEGIN])
        extents = np.empty((most[k], 5), np.int64)
        for owner in range(most[k]):
            extents[owner, 0], extents[owner, 1] = width, height
            extents[owner, 2] = extents[owner, 3] = extents[owner, 4] = 0
        for y in range(height):
            for x in range(width):
                if ink[at] > 32:
                    own = owners[at]
                    extents[own, 0], extents[own, 1] = min(extents[own, 0], x), min(extents[own, 1], y)
                    extents[own, 2], extents[own, 3] = max(extents[own, 2], x + 1), y + 1
                    extents[own, 4] += ink[at] > 127
                at += 1
        begin = int(table[k, BEGIN])
        for owner in range(most[k]):
            if extents[owner, 4] < MIN_AREA:
                continue
            for side in range(4):
                shares[count, side] = table[k, side % 2] + extents[owner, side]
            shares[count, DOT], shares[count, AREA] = 0, extents[owner, 4]
            shares[count, CUT_LEFT] = costs[begin + owner - 1] if owner > 0 else 0.0
            shares[count, CUT_RIGHT] = costs[begin + owner] if owner < most[k] - 1 else 0.0
            shares[count, FROM], shares[count, OWNER] = k, owner
            count += 1
    return count


@compiled
def gathered(
    shares: Table, count: int, source: Table, ink: Ink, owners: NDArray[np.int32]
) -> tuple[Table, Ink]:  # pragma: no cover - compiled
    """The table and the pictures of so many pieces, which have the shares of components; as if nothing had been cut
    between several shares of one piece."""
    table = np.empty((count, 9), np.float64)
    for k in range(count):
        table[k, AREA] = 0
        table[k, X0] = table[k, Y0] = np.inf
        table[k, X1] = table[k, Y1] = -np.inf
    for i in range(len(shares)):
        k = int(shares[i, PIECE])
        for column in (X0, Y0):
            table[k, column] = min(table[k, column], shares[i, column])
        for column in (X1, Y1):
            table[k, column] = max(table[k, column], shares[i, column])
        table[k, AREA] += shares[i, AREA]
        for column in (DOT, CUT_LEFT, CUT_RIGHT):
            table[k, column] = shares[i, column]
    size = 0
    for k in range(count):
        table[k, BEGIN] = size
        size += int((table[k, X1] - table[k, X0]) * (table[k, Y1] - table[k, Y0]))
    pictures = np.empty(size, np.uint8)
    for i in range(size):
        pictures[i] = 0
    for i in range(len(shares)):
        k, part, owner = int(shares[i, PIECE]), int(shares[i, FROM]), int(shares[i, OWNER])
        across, beside = int(table[k, X1] - table[k, X0]), int(source[part, X1] - source[part, X0])
        for y in range(int(shares[i, Y0]), int(shares[i, Y1])):
            to = int(table[k, BEGIN] - table[k, X0]) + (y - int(table[k, Y0])) * across
            since = int(source[part, BEGIN] - source[part, X0]) + (y - int(source[part, Y0])) * beside
            for x in range(int(shares[i, X0]), int(shares[i, X1])):
                if owner < 0 or owners[since + x] == owner:
                    pictures[to + x] = max(pictures[to + x], ink[since + x])
    return table, pictures


@compiled
def _pen_width(ink: Ink, area: float) -> float:  # pragma: no cover - compiled
    """Twice the mean distance from ink to paper along the stroke's middle, about 2 · area / outline."""
    height, width = ink.shape
    outline = 0
    for y in range(height):
        for x in range(width):
            if ink[y, x] > 127:
                inner = 0 < y < height - 1 and 0 < x < width - 1
                for v in range(y - 1, y + 2):
                    for u in range(x - 1, x + 2):
                        inner = inner and ink[v, u] > 127
                outline += not inner
    return min(max(2.0 * area / max(outline, 1), 2.0), 9.0)


@compiled
def _count_seams(
    seams: NDArray[np.int32], width: int, at: int, sides: NDArray[np.int32]
) -> None:  # pragma: no cover - compiled
    """Writes to `sides`, from `at` on, how many of the seams (K, h) lie to the left of each pixel, or on it."""
    for y in range(seams.shape[1]):
        for x in range(width):
            sides[at + x] = 0
        for k in range(len(seams)):
            for x in range(seams[k, y], width):
                sides[at + x] += 1
        at += width
