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
    FROM,
    OWNER,
    PIECE,
    X0,
    X1,
    Y0,
    Y1,
    Pieces,
    Table,
    gathered,
    shares_of,
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
    home, most = np.empty(len(parts.table), np.int64), np.zeros(len(parts.table), np.int64)
    _share_out(parts.table, (box.x0, box.y0, box.width, box.height), cells, owners, home, most)
    shares = shares_of(parts, owners, most, np.zeros(len(parts.ink)))
    shares = shares[: _without_lines(shares, home, box.x0, box.width / cells, inked)]
    count = int(np.count_nonzero(inked))
    point = int(np.count_nonzero(inked[: cells - cents_cells])) if cents_cells else count
    return Pieces(*gathered(shares, count, parts.table, parts.ink, owners)), point if point < count else None


@compiled
def _share_out(
    table: Table,
    box: tuple[float, float, float, float],
    cells: int,
    owners: NDArray[np.int32],
    home: NDArray[np.int64],
    most: NDArray[np.int64],
) -> None:  # pragma: no cover - compiled
    """Writes the cell that holds the middle of each component, -1 where it is no writing, and what `shares_of` is
    given; the box is given by its left, top, width and height."""
    left, pitch = box[0], box[2] / cells
    reach = np.empty(cells, np.int64)
    for k in range(len(table)):
        x0, x1 = table[k, X0], table[k, X1]
        home[k] = _cell((x0 + x1) / 2, left, pitch, cells)
        if table[k, DOT] or _is_edge(table, k, box[1], box[3]):  # dirt, the rest of a line, a printed decimal point
            home[k] = -1
            continue
        if _cell(x0, left, pitch, cells) == _cell(x1 - 1, left, pitch, cells):
            continue
        most[k] = cells
        height, width, begin = int(table[k, Y1] - table[k, Y0]), int(x1 - x0), int(table[k, BEGIN])
        for cell in range(cells):
            reach[cell] = 0
        for x in range(width):
            reach[_cell(x0 + x, left, pitch, cells)] += 1
        for x in range(width):
            cell = _cell(x0 + x, left, pitch, cells)
            for y in range(height):
                owners[begin + y * width + x] = home[k] if reach[cell] <= pitch / 3 else cell


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
def _without_lines(
    shares: Table, home: NDArray[np.int64], left: float, pitch: float, inked: NDArray[np.bool_]
) -> int:  # pragma: no cover - compiled
    """Drops what is no writing, and what stands along the lines between cells, but where there is little else in its
    cell; numbers the cells that are `inked`. How many shares are left."""
    cells = len(inked)
    written, all_ink, number = np.empty(cells), np.empty(cells), np.empty(cells, np.int64)
    aside = np.empty(len(shares), np.bool_)
    for cell in range(cells):
        written[cell] = all_ink[cell] = 0
    for i in range(len(shares)):
        cell = home[int(shares[i, FROM])]
        if cell >= 0 and shares[i, OWNER] >= 0:
            cell = int(shares[i, OWNER])
        shares[i, PIECE] = cell
        if cell >= 0:
            inked[cell] = True
            aside[i] = _is_side(shares, i, left + cell * pitch, pitch)
            all_ink[cell] += shares[i, AREA]
            written[cell] += 0.0 if aside[i] else shares[i, AREA]
    pieces = 0
    for cell in range(cells):
        number[cell] = pieces
        pieces += inked[cell]
    kept = 0
    for i in range(len(shares)):
        cell = int(shares[i, PIECE])
        if cell < 0 or (aside[i] and written[cell] > 0.5 * all_ink[cell]):
            continue
        for column in range(PIECE):
            shares[kept, column] = shares[i, column]
        shares[kept, PIECE] = number[cell]
        kept += 1
    return kept
