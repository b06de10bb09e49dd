"""A sheet of paper before it is scanned: inks in inches from its top left corner, and the truth of its fields.

Inks are laid on a plane of `INK_DPI`, finer than most scans, so that the scan decides how sharp an edge is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ocrpipe.geometry import Box
from ocrpipe.training.sheets.chance import between, odds

INK_DPI = 300.0
_SEEN = 0.3
"""Coverage from which on ink belongs to what is written."""

Plane = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Writing:
    """Characters that hang together: coverage 0 … 1 (H, W) at `INK_DPI`, the owners of its pixels (H, W) int16
    (0 nobody, i + 1 character i), and the row that the characters stand on."""

    ink: Plane
    owners: NDArray[np.int16]
    foot: float

    @property
    def width(self) -> float:
        """Inches."""
        return float(self.ink.shape[1]) / INK_DPI

    @property
    def height(self) -> float:
        """Inches."""
        return float(self.ink.shape[0]) / INK_DPI

    def fitted(self, width: float, height: float = np.inf) -> Writing:
        """Itself, or smaller where it is wider or taller than so many inches."""
        scale = min(1.0, width / self.width, height / self.height)
        if scale == 1.0:
            return self
        rows, columns = self.ink.shape
        size = max(1, round(columns * scale)), max(1, round(rows * scale))
        ink = np.asarray(cv2.resize(self.ink, size, interpolation=cv2.INTER_AREA), np.float32)
        owners = np.asarray(cv2.resize(self.owners, size, interpolation=cv2.INTER_NEAREST), np.int16)
        return Writing(ink, owners, self.foot * scale)

    def turned(self, quarters: int) -> Writing:
        """Turned counter-clockwise; it stands on its lower edge."""
        ink, owners = (np.ascontiguousarray(np.rot90(part, quarters)) for part in (self.ink, self.owners))
        return Writing(np.asarray(ink, np.float32), np.asarray(owners, np.int16), float(len(ink)))


@dataclass(frozen=True, slots=True)
class Truth:
    """A field of a sheet; boxes in inches. `inverse`: light characters on dark ground."""

    name: str
    kind: str
    value: str
    box: Box
    shown: Box
    printed: bool
    inverse: bool = False


def uneven(ink: Plane, rng: Generator) -> Plane:
    """Ink as a pen leaves it: its ball does not roll everywhere alike."""
    skips, grain = (0.3, 3) if odds(rng, 0.07) else (0.12, 6)
    rows, columns = ink.shape
    coarse = rng.standard_normal((rows // grain + 2, columns // grain + 2), np.float32)
    return np.asarray(ink * np.clip(1 - skips * abs(cv2.resize(coarse, (columns, rows))), 0, 1), np.float32)


def around(*boxes: Box) -> Box:
    """The smallest box that holds all of them."""
    return Box(min(b.x0 for b in boxes), min(b.y0 for b in boxes), max(b.x1 for b in boxes), max(b.y1 for b in boxes))


class Sheet:
    """`light` (H, W) float32: the share of the paper's light that the inks on it leave, 1 where there is none.

    `owners` (H, W) int16 numbers the characters of all fields, so that a scan that loses one can be told.
    """

    def __init__(self, width: float, height: float, *, bitonal: bool) -> None:
        self.width, self.height, self.bitonal = width, height, bitonal
        shape = round(height * INK_DPI), round(width * INK_DPI)
        self.light = np.ones(shape, np.float32)
        self.owners = np.zeros(shape, np.int16)
        self.truths: list[Truth] = []

    def lay(self, ink: Plane, x: float, y: float, dark: float) -> Box:
        """Lays a coverage with its top left corner at (x, y); `dark` is the light that full coverage leaves.

        Returns the extent of what can be seen of it.
        """
        column, row = round(x * INK_DPI), round(y * INK_DPI)
        rows, columns = self.light.shape
        y0, y1 = max(row, 0), min(row + ink.shape[0], rows)
        x0, x1 = max(column, 0), min(column + ink.shape[1], columns)
        if y0 >= y1 or x0 >= x1:
            return Box(x, y, x, y)
        part = ink[y0 - row : y1 - row, x0 - column : x1 - column]
        self.light[y0:y1, x0:x1] *= 1 - part * np.float32(1 - dark)
        seen = part > _SEEN
        ys, xs = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
        if ys.size == 0:
            return Box(x, y, x, y)
        return Box(x0 + xs[0], y0 + ys[0], x0 + xs[-1] + 1, y0 + ys[-1] + 1).scaled(1 / INK_DPI)

    def write(self, writing: Writing, x: float, foot: float, dark: float) -> Box:
        """Lays writing that begins at x and stands on `foot`."""
        return self.lay(writing.ink, x, foot - writing.foot / INK_DPI, dark)

    def tell(self, truth: Truth, writing: Writing, x: float, foot: float) -> None:
        """Notes a field and whose ink is where; `x` and `foot` as it was written."""
        self.truths.append(truth)
        column, row = round(x * INK_DPI), round((foot - writing.foot / INK_DPI) * INK_DPI)
        rows, columns = self.light.shape
        y0, y1 = max(row, 0), min(row + len(writing.ink), rows)
        x0, x1 = max(column, 0), min(column + writing.ink.shape[1], columns)
        if y0 < y1 and x0 < x1:
            part = writing.owners[y0 - row : y1 - row, x0 - column : x1 - column]
            own = self.owners[y0:y1, x0:x1]
            last = int(self.owners.max())
            own[part > 0] = part[part > 0] + last

    def rule(self, x0: float, y0: float, x1: float, y1: float, *, width: float = 0.008, dark: float = 0.3) -> Box:
        """A straight line, `width` inches thick."""
        return self.strokes([np.array([(x0, y0), (x1, y1)], np.float32)], width=width, dark=dark)

    def strokes(self, lines: list[NDArray[np.float32]], *, width: float, dark: float) -> Box:
        """Polylines (N, 2) in inches under a round pen."""
        every = np.concatenate(lines)
        low = np.floor((every.min(axis=0) - width) * INK_DPI).astype(int) - 1
        size = np.ceil((every.max(axis=0) + width) * INK_DPI).astype(int) + 2 - low
        canvas = np.zeros((int(size[1]), int(size[0])), np.uint8)
        thick = max(1, round(width * INK_DPI))
        for line in lines:
            points = np.rint((line * INK_DPI - low - 0.5) * 16).astype(np.int32)
            cv2.polylines(canvas, [points], False, 255, thick, cv2.LINE_AA, shift=4)
        return self.lay(canvas.astype(np.float32) / np.float32(255), low[0] / INK_DPI, low[1] / INK_DPI, dark)

    def frame(self, box: Box, *, width: float = 0.01, dark: float = 0.3) -> Box:
        """The four sides of a box."""
        corners = box.corners()
        return self.strokes([np.concatenate([corners, corners[:1]]).astype(np.float32)], width=width, dark=dark)

    def fill(self, box: Box, dark: float) -> Box:
        """A field of one tone."""
        shape = max(1, round(box.height * INK_DPI)), max(1, round(box.width * INK_DPI))
        return self.lay(np.ones(shape, np.float32), box.x0, box.y0, dark)

    def screen(self, box: Box, dark: float, rng: Generator) -> Box:
        """A field of a light tone: dots, lines or an even tint. On bitonal scans it must stay pale to be read."""
        if self.bitonal or odds(rng, 0.4):
            return self.fill(box, max(dark, 0.9) if self.bitonal else dark)
        shape = max(1, round(box.height * INK_DPI)), max(1, round(box.width * INK_DPI))
        y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
        step = np.float32(2 * np.pi / between(rng, 4, 9))
        tone = np.sin((x + y) * step) if odds(rng, 0.3) else np.sin(x * step) * np.sin(y * step)
        return self.lay(np.asarray(np.clip(2 * tone + 0.3, 0, 1), np.float32), box.x0, box.y0, dark)


def side_by_side(writings: list[Writing], gaps: list[float]) -> Writing:
    """Several writings on one line, `gaps[i]` inches before the i-th; each character keeps an owner of its own."""
    up = max(w.foot for w in writings)
    down = max(len(w.ink) - w.foot for w in writings)
    wide = sum(round(g * INK_DPI) + w.ink.shape[1] for w, g in zip(writings, gaps, strict=True))
    ink = np.zeros((round(up + down) + 1, max(1, wide)), np.float32)
    owners = np.zeros(ink.shape, np.int16)
    x, last = 0, 0
    for one, gap in zip(writings, gaps, strict=True):
        x += round(gap * INK_DPI)
        y = round(up - one.foot)
        part = slice(y, y + len(one.ink)), slice(x, x + one.ink.shape[1])
        np.maximum(ink[part], one.ink, out=ink[part])
        owners[part] = np.where(one.owners > 0, one.owners + last, owners[part])
        x, last = x + one.ink.shape[1], last + int(one.owners.max(initial=0))
    return replace(writings[0], ink=ink, owners=owners, foot=up)
