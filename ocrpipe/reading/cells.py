"""Which cell of a comb the ink belongs to."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ocrpipe.compiled import compiled
from ocrpipe.geometry import Box
from ocrpipe.reading.pieces import (
    AREA,
    BEGIN,
    DOT,
    OWNER,
    PIECE,
    X0,
    X1,
    Y0,
    Y1,
    Ink,
    Pieces,
    Table,
    gathered,
    room,
    share,
    take,
)

_BAR = 8
"""Most rows, px, of a bar that may be what is left of a printed line, its soft edges included."""
_EDGE = 0.1
"""How far from the edge of the cells such a bar may lie, as a share of their height; half as far from the line between
two cells, as a share of their pitch."""


def in_cells(parts: Pieces, box: Box, cells: int, cents_cells: int) -> tuple[Pieces, int | None]:
    """One piece for each inked cell, and the node before which a printed decimal point stands.

    A component goes to the cell that holds most of it; only what reaches over more than a third of the
    next cell is cut at the line between them. What a printed line has left is no writing.
    """
    owners, inked = np.empty(len(parts.ink), np.int32), np.zeros(cells, np.bool_)
    shares, place = room(parts), (box.x0, box.y0, box.width, box.height)
    shares = shares[: _shared_out(parts.table, parts.ink, place, cells, owners, shares)]
    shares = shares[: _without_sides(shares, box.x0, box.width / cells, inked)]
    count = int(np.count_nonzero(inked))
    point = int(np.count_nonzero(inked[: cells - cents_cells])) if cents_cells else count
    return Pieces(*gathered(shares, count, parts.table, parts.ink, owners)), point if point < count else None


@compiled
def _shared_out(
    table: Table, ink: Ink, box: tuple[float, float, float, float], cells: int, owners: NDArray[np.int32], shares: Table
) -> int:  # pragma: no cover - compiled
    """Writes the shares of components that the cells get, in a box given by its left, top, width and height, and to the
    `owners` to which cell each pixel of `ink` belongs; how many shares there are."""
    left, pitch = box[0], box[2] / cells
    count = 0
    reach = np.empty(cells, np.int64)
    for k in range(len(table)):
        if table[k, DOT] or _is_edge(table, k, box[1], box[3]):  # dirt, the rest of a line, a printed decimal point
            continue
        x0, x1, since = table[k, X0], table[k, X1], count
        home = _cell((x0 + x1) / 2, left, pitch, cells)
        first, last = _cell(x0, left, pitch, cells), _cell(x1 - 1, left, pitch, cells)
        if first == last:
            count = take(table, k, shares, count)
            shares[since, PIECE] = home
            continue
        height, width, begin = int(table[k, Y1] - table[k, Y0]), int(x1 - x0), int(table[k, BEGIN])
        for cell in range(cells):
            reach[cell] = 0
        for x in range(width):
            reach[_cell(x0 + x, left, pitch, cells)] += 1
        for x in range(width):
            cell = _cell(x0 + x, left, pitch, cells)
            for y in range(height):
                owners[begin + y * width + x] = home if reach[cell] <= pitch / 3 else cell
        count = share(table, k, ink, owners, cells, shares, count)
        for i in range(since, count):
            shares[i, PIECE] = shares[i, OWNER]
    return count


@compiled
def _cell(x: float, left: float, pitch: float, cells: int) -> int:  # pragma: no cover - compiled
    return int(min(max((x - left) / pitch, 0.0), cells - 1.0))


@compiled
def _is_edge(parts: Table, i: int, top: float, high: float) -> bool:  # pragma: no cover - compiled
    """A thin bar that lies along the upper or lower edge of the cells: what a box drawn a little off has left."""
    height, width = parts[i, Y1] - parts[i, Y0], parts[i, X1] - parts[i, X0]
    middle = (parts[i, Y0] + parts[i, Y1]) / 2
    near = min(abs(middle - top), abs(middle - (top + high))) < _EDGE * high
    return bool(near and height <= _BAR and width >= 3 * height)


@compiled
def _is_side(parts: Table, i: int, left: float, pitch: float) -> bool:  # pragma: no cover - compiled
    """A thin bar that stands along the line between two cells, `left` being that before its own."""
    height, width = parts[i, Y1] - parts[i, Y0], parts[i, X1] - parts[i, X0]
    centre = (parts[i, X0] + parts[i, X1]) / 2
    near = min(abs(centre - left), abs(centre - left - pitch)) < _EDGE / 2 * pitch
    return bool(near and width <= _BAR and height >= 3 * width)


@compiled
def _without_sides(
    shares: Table, left: float, pitch: float, inked: NDArray[np.bool_]
) -> int:  # pragma: no cover - compiled
    """Drops what stands along the lines between cells, but where there is little else in its cell; numbers the cells
    that are `inked`. How many shares are left."""
    cells = len(inked)
    written, all_ink, number = np.empty(cells), np.empty(cells), np.empty(cells, np.int64)
    for cell in range(cells):
        written[cell] = all_ink[cell] = 0
    for i in range(len(shares)):
        cell = int(shares[i, PIECE])
        inked[cell] = True
        all_ink[cell] += shares[i, AREA]
        if not _is_side(shares, i, left + cell * pitch, pitch):
            written[cell] += shares[i, AREA]
    pieces = 0
    for cell in range(cells):
        number[cell] = pieces
        pieces += inked[cell]
    kept = 0
    for i in range(len(shares)):
        cell = int(shares[i, PIECE])
        if written[cell] > 0.5 * all_ink[cell] and _is_side(shares, i, left + cell * pitch, pitch):
            continue
        for column in range(shares.shape[1]):
            shares[kept, column] = shares[i, column]
        shares[kept, PIECE] = number[cell]
        kept += 1
    return kept
