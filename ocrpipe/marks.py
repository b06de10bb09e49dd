"""The pieces of ink on a reduced page, row by row: what lies next to what is told by the ends of runs, of which there
are a hundred times fewer than pixels."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrpipe.compiled import compiled

Runs = NDArray[np.int32]
"""(N, 3): row, first column, and the one behind the last, in reading order."""
Places = NDArray[np.int32]
"""(C, 5): left, top, width, height and how many pixels, of each piece."""


@dataclass(frozen=True, slots=True, eq=False)
class Marks:
    """The 8-connected pieces of a mask of `shape` (h, w)."""

    shape: tuple[int, int]
    runs: Runs
    piece: NDArray[np.int32]
    """(N,) to which piece each run belongs."""
    places: Places

    def only(self, kept: NDArray[np.bool_]) -> Marks:
        """Those pieces for which `kept` (C,) says so."""
        number = np.cumsum(kept, dtype=np.int32) - 1
        inside = kept[self.piece]
        return Marks(self.shape, self.runs[inside], number[self.piece[inside]], self.places[kept])

    def mask(self, value: int = 1) -> NDArray[np.uint8]:
        """(h, w) 0, and `value` where they are."""
        mask = np.zeros(self.shape, np.uint8)
        _paint(self.runs, value, mask)
        return mask

    def bridged(self, beside: int, below: int) -> int:
        """How many pieces there are when gaps narrower than `beside`, or lower than `below` pixels, are none."""
        return _joined(self.runs, self.shape[0], beside, below)[1]


def marks_of(mask: NDArray[np.uint8]) -> Marks:
    """The pieces of `mask`, (h, w) uint8, 0 or one other value."""
    return marks_of_runs(runs_of(mask), mask.shape)


def marks_of_runs(runs: Runs, shape: tuple[int, ...], beside: int = 1, below: int = 1) -> Marks:
    """The pieces of the mask of a `shape` (h, w) that has these runs, where gaps narrower than `beside`, or lower than
    `below` pixels, are none."""
    height, width = shape
    piece, count = _joined(runs, height, beside, below)
    places = np.empty((count, 5), np.int32)
    _place(runs, piece, places)
    return Marks((height, width), runs, piece, places)


def runs_of(mask: NDArray[np.uint8]) -> Runs:
    """Where the rows of `mask`, (h, w) uint8, are not 0 but the one other value it has."""
    if not mask.size:
        return np.zeros((0, 3), np.int32)
    beside = 8 - mask.shape[1] % 8  # rows of whole words, of which the last one ends with 0
    rows = cv2.copyMakeBorder(mask, 0, 0, 0, beside, cv2.BORDER_CONSTANT, value=0)
    found = np.empty((rows.size // 2, 3), np.int32)
    return found[: _runs(rows.ravel().view(np.uint64), rows.shape[1], found)].copy()


@compiled
def _runs(words: NDArray[np.uint64], width: int, found: Runs) -> int:  # pragma: no cover - compiled
    """Writes the runs of a mask to `found`; how many there are. `words` are eight pixels each, the first of them
    lowest; most are bare or all ink, and then one look at them is enough."""
    count, row, begin = 0, 0, 0
    last, alike = np.uint64(0), np.uint64(0)
    for i in range(len(words)):
        if words[i] == alike:
            continue
        for pixel in range(8):
            value = (words[i] >> np.uint64(8 * pixel)) & np.uint64(255)
            if value == last:
                continue
            while 8 * i + pixel >= begin + width:
                row, begin = row + 1, begin + width
            if last == 0:
                found[count, 0], found[count, 1] = row, 8 * i + pixel - begin
            else:
                found[count, 2] = 8 * i + pixel - begin
                count += 1
            last = value
        alike = last * np.uint64(0x0101010101010101)
    return count


def mended(runs: Runs, width: int, gap: int, length: int) -> Runs:
    """Runs joined where the gap is narrower than `gap`, and of those the ones of at least `length` pixels; what comes
    near to an end of the rows, `width` pixels long, may go on beyond. It is OpenCV's closing and opening along the
    rows, which moves what it opens by an even length on by a pixel."""
    found = np.empty_like(runs)
    return found[: _mend(runs, width, gap, length, found)]


@compiled
def _mend(runs: Runs, width: int, gap: int, length: int, found: Runs) -> int:  # pragma: no cover - compiled
    """Writes what `mended` says to `found`; how many runs there are."""
    count = after = 0
    while after < len(runs):
        row, left, right, beyond = runs[after, 0], runs[after, 1], runs[after, 2], 0
        after += 1
        while after < len(runs) and runs[after, 0] == row and runs[after, 1] - right < gap:
            right = runs[after, 2]
            after += 1
        if left <= gap // 2:
            left, beyond = 0, length // 2
        if right >= width - gap // 2:
            right, beyond = width, beyond + (length - 1) // 2
        if right - left + beyond < length:
            continue
        if length % 2 == 0:
            left, right = left + (left > 0), min(right + 1, width)
        found[count, 0], found[count, 1], found[count, 2] = row, left, right
        count += 1
    return count


def _joined(runs: Runs, height: int, beside: int, below: int) -> tuple[NDArray[np.int32], int]:
    """(N,) to which piece each run belongs where runs less than `beside` columns, or at most `below` rows, apart are
    one; and how many pieces there are."""
    first, piece = np.empty(height + 1, np.int32), np.empty(len(runs), np.int32)
    return piece, _join(runs, first, beside, below, piece)


@compiled
def _join(
    runs: Runs, first: NDArray[np.int32], beside: int, below: int, piece: NDArray[np.int32]
) -> int:  # pragma: no cover - compiled
    """Numbers the pieces in `piece`; `first` (h + 1) becomes the first run of each row. A run points to an earlier one
    of its piece, the first of them to itself."""
    height, begun = len(first) - 1, 0
    for run in range(len(runs)):
        piece[run] = run
        while begun <= runs[run, 0]:
            first[begun] = run
            begun += 1
    while begun <= height:
        first[begun] = len(runs)
        begun += 1
    for apart in range(below + 1):
        for row in range(height - apart):
            other, end = first[row + apart], first[row + apart + 1]
            for run in range(first[row], first[row + 1]):
                if apart == 0:
                    other = run + 1
                while other < end and runs[other, 2] + beside <= runs[run, 1]:
                    other += 1
                near = other
                while near < end and runs[near, 1] - runs[run, 2] < beside:
                    a, b = piece[run], piece[near]
                    while piece[a] != a:
                        piece[a] = piece[piece[a]]
                        a = piece[a]
                    while piece[b] != b:
                        piece[b] = piece[piece[b]]
                        b = piece[b]
                    if a < b:
                        piece[b] = a
                    else:
                        piece[a] = b
                    near += 1
    count = 0
    for run in range(len(piece)):
        if piece[run] == run:
            piece[run] = count
            count += 1
        else:
            piece[run] = piece[piece[run]]
    return count


@compiled
def _place(runs: Runs, piece: NDArray[np.int32], places: Places) -> None:  # pragma: no cover - compiled
    for i in range(len(places)):
        places[i, 0], places[i, 1] = 1 << 30, -1
        places[i, 2] = places[i, 3] = places[i, 4] = 0
    for run in range(len(runs)):
        row, left, right, i = runs[run, 0], runs[run, 1], runs[run, 2], piece[run]
        if places[i, 1] < 0:  # rows come in order
            places[i, 1] = row
        places[i, 0] = min(places[i, 0], left)
        places[i, 2] = max(places[i, 2], right)
        places[i, 3] = row + 1 - places[i, 1]
        places[i, 4] += right - left
    for i in range(len(places)):
        places[i, 2] -= places[i, 0]


@compiled
def _paint(runs: Runs, value: int, mask: NDArray[np.uint8]) -> None:  # pragma: no cover - compiled
    for run in range(len(runs)):
        for column in range(runs[run, 1], runs[run, 2]):
            mask[runs[run, 0], column] = value
