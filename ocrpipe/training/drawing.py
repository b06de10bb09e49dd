"""Whole fields, drawn: one hand's characters strung on a line, over paper, boxes and rules, through a scanner.

The drawing knows which pixel belongs to which character, so every candidate that the segmenter proposes
can be labelled, and it knows the value, so a decision can be calibrated.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ocrpipe.geometry import Box, identity
from ocrpipe.records import FieldImage
from ocrpipe.training.pen import Glyph, Hand, digit, mark, printed
from ocrpipe.training.wording import Wording, anything
from ocrpipe.training.writers import Writer

_FONT_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
_FONT_NAMES = ("Liberation", "DejaVu", "Free", "GNUTypewriter")


@dataclass(frozen=True, slots=True, eq=False)
class DrawnField:
    """A field, what it says, and who owns its ink: `owners` (H, W) int16, 0 nobody, i + 1 character i."""

    field: FieldImage
    wording: Wording
    owners: NDArray[np.int16]

    @property
    def chars(self) -> list[str]:
        return [m.char for m in self.wording.marks]


def print_fonts() -> list[Path]:
    """Upright print fonts of the system; an empty list where none of the known families is installed."""
    found = [p for folder in _FONT_FOLDERS for p in folder.rglob("*.[to]tf") if p.name.startswith(_FONT_NAMES)]
    return sorted(p for p in found if "Math" not in p.name)


class Drawer:
    """Draws fields in the hands of `writers`; pen writers more often than scanned glyphs."""

    def __init__(self, writers: list[Writer], fonts: list[Path]) -> None:
        self._pens = [w for w in writers if w.strokes]
        self._scanned = [w for w in writers if w.glyphs]
        self._fonts = fonts

    def draw(self, rng: Generator, wording: Wording | None = None, blank: float = 0.0) -> DrawnField:
        """One field; `blank` is the chance that nothing is written in it."""
        wording = wording or anything(rng)
        if rng.random() < blank:
            wording = replace(wording, marks=(), value="")
        height = float(rng.uniform(18, 46)) if not wording.spec.cells else float(rng.uniform(22, 50))
        glyphs = self._glyphs(wording, height, rng)
        placed = (
            _in_cells(glyphs, wording, height, rng) if wording.spec.cells else _on_line(glyphs, wording, height, rng)
        )
        return _developed(placed, wording, height, rng)

    def _hand(self, wording: Wording, height: float, rng: Generator) -> Hand:
        pool = self._pens if rng.random() < 0.7 and self._pens else self._scanned
        needed = {m.char for m in wording.marks if m.char.isdigit()}
        writer = pool[int(rng.integers(len(pool)))]
        while not needed <= writer.digits:
            writer = pool[int(rng.integers(len(pool)))]
        flag = rng.random() < 0.35
        pen = float(rng.uniform(0.045, 0.13) if rng.random() < 0.8 else rng.uniform(0.13, 0.2))
        return Hand(
            writer, height, pen * height, float(rng.normal(0, 0.12)),
            float(rng.uniform(0.8, 1.25)), flag, rng.random() < (0.75 if flag else 0.15),
        )  # fmt: skip

    def _glyphs(self, wording: Wording, height: float, rng: Generator) -> list[Glyph]:
        if wording.printable and self._fonts and rng.random() < 0.12:
            font = self._fonts[int(rng.integers(len(self._fonts)))]
            return [printed(font, m.char, round(height)) for m in wording.marks]
        hand = self._hand(wording, height, rng)
        drawn = []
        for m in wording.marks:
            glyph = digit(hand, m.char, m.scale, rng) if m.char.isdigit() else mark(hand, m.char, m.scale, rng)
            sink = -m.raised * height * 0.5 if m.raised else 0.0
            if m.scale < 1 and not m.raised and rng.random() < 0.3:
                sink = -(1 - m.scale) * height * 0.6
            drawn.append(replace(glyph, top=glyph.top + sink))
        return drawn


@dataclass(frozen=True, slots=True, eq=False)
class _Placed:
    """Characters on a canvas: coverage and owners (H, W), the field's box in it."""

    ink: NDArray[np.float32]
    owners: NDArray[np.int16]
    box: Box


def _on_line(glyphs: list[Glyph], wording: Wording, height: float, rng: Generator) -> _Placed:
    """Strung by kerning: the gap is measured where two neighbours come closest, row by row."""
    low, high = ((0.1, 0.45), (0.0, 0.14), (-0.06, 0.02))[int(rng.choice(3, p=[0.47, 0.35, 0.18]))]
    drift = float(rng.normal(0, 0.03))
    wobble = float(rng.uniform(0, 0.05)) * height
    pad = int(height * 1.6)
    rows = int(height * 1.2) + 2 * pad
    right = np.full(rows, -1e6)
    spots: list[tuple[int, int]] = []
    x = 0.0
    for glyph, m in zip(glyphs, wording.marks, strict=True):
        y = int(np.clip(pad + glyph.top + drift * x + rng.normal(0, wobble), 0, rows - glyph.mask.shape[0] - 1))
        left = _left_profile(glyph.mask)
        reach = right[y : y + len(left)]
        gap = float(rng.uniform(-0.08, 0.02) if m.tight else rng.uniform(low, high)) * height
        touch = float((reach - left).max())
        overlap = 0.6
        if not m.char.isdigit() or (spots and not wording.marks[len(spots) - 1].char.isdigit()):
            gap, overlap = max(gap, float(rng.uniform(0.0, 0.2)) * height), 0.15
        start = max(touch + gap, x - overlap * height) if touch > -1e5 else x + 0.2 * height
        start = max(start, 0.0)
        column = round(start)
        spots.append((column, y))
        inked = glyph.mask.shape[1] - _left_profile(glyph.mask[:, ::-1])
        near = np.where(np.isfinite(inked), column + inked, -1e6)
        # a neighbour a few rows above or below counts too
        for shift in (-3, 0, 3):
            a, b = max(0, y + shift), min(rows, y + shift + len(near))
            right[a:b] = np.maximum(right[a:b], near[a - y - shift : b - y - shift])
        x = column + glyph.mask.shape[1]
    width = int(max([s[0] + g.mask.shape[1] for s, g in zip(spots, glyphs, strict=True)], default=height * 4))
    top = min([s[1] for s in spots], default=pad)
    bottom = max([s[1] + g.mask.shape[0] for s, g in zip(spots, glyphs, strict=True)], default=int(pad + height))
    # tight crops as an annotator cuts them, or a roomy box as a form prints it
    roomy = rng.random() < 0.5
    margin_x = (
        int(rng.uniform(0.3, 1.5 if roomy else 0.5) * height),
        int(rng.uniform(0.2, 6.0 if roomy else 0.5) * height),
    )
    margin_y = [int(rng.uniform(0.05, 0.6 if roomy else 0.25) * height) for _ in range(2)]
    shape = bottom - top + sum(margin_y), width + sum(margin_x)
    placed = _stacked(glyphs, [(sx + margin_x[0], sy - top + margin_y[0]) for sx, sy in spots], shape)
    return replace(placed, box=Box(0, 0, shape[1], shape[0]))


def _left_profile(mask: NDArray[np.float32]) -> NDArray[np.float64]:
    """First inked column of each row; infinity where the row is empty."""
    core = mask > 0.3
    return np.where(core.any(axis=1), core.argmax(axis=1), np.inf).astype(np.float64)


def _in_cells(glyphs: list[Glyph], wording: Wording, height: float, rng: Generator) -> _Placed:
    """One character a cell, not always in its middle, now and then over its lines."""
    cells = wording.spec.cells
    pitch = int(height * rng.uniform(0.85, 1.5))
    glyphs = [_narrowed(glyph, 1.1 * pitch) for glyph in glyphs]
    tall = int(height * rng.uniform(1.15, 1.7))
    margin = max(4, int(0.12 * tall))
    first = cells - len(glyphs) if wording.spec.cents_cells or rng.random() < 0.5 else 0
    spots = []
    for i, glyph in enumerate(glyphs):
        h, w = glyph.mask.shape
        centre = margin + (first + i + 0.5) * pitch + rng.normal(0, 0.08) * pitch
        y = margin + (tall - h) / 2 + rng.normal(0, 0.06) * tall
        spots.append((int(centre - w / 2), int(y)))
    shape = tall + 2 * margin, cells * pitch + 2 * margin
    return replace(_stacked(glyphs, spots, shape), box=Box(margin, margin, shape[1] - margin, shape[0] - margin))


def _narrowed(glyph: Glyph, width: float) -> Glyph:
    """People write as narrow as a cell makes them."""
    rows, columns = glyph.mask.shape
    if columns <= width:
        return glyph
    narrow = cv2.resize(glyph.mask, (max(1, int(width)), rows), interpolation=cv2.INTER_AREA)
    return replace(glyph, mask=np.asarray(narrow, np.float32))


def _stacked(glyphs: list[Glyph], spots: list[tuple[int, int]], shape: tuple[int, int]) -> _Placed:
    ink = np.zeros(shape, np.float32)
    owners = np.zeros(shape, np.int16)
    for i, (glyph, (x, y)) in enumerate(zip(glyphs, spots, strict=True)):
        h, w = glyph.mask.shape
        y0, y1, x0, x1 = max(y, 0), min(y + h, shape[0]), max(x, 0), min(x + w, shape[1])
        if y0 >= y1 or x0 >= x1:
            continue
        part = glyph.mask[y0 - y : y1 - y, x0 - x : x1 - x]
        view, own = ink[y0:y1, x0:x1], owners[y0:y1, x0:x1]
        own[(part > view) & (part > 0.25)] = i + 1
        np.maximum(view, part, out=view)
    return _Placed(ink, owners, Box(0, 0, shape[1], shape[0]))


def _developed(placed: _Placed, wording: Wording, height: float, rng: Generator) -> DrawnField:
    """Paper, print, ink and scanner."""
    rows, columns = placed.ink.shape
    bitonal = rng.random() < 0.25
    paper = _paper(rows, columns, faint=bitonal, rng=rng)
    line = float(rng.uniform(0.2, 0.75))
    paper = paper * (1 - _printed_lines(placed, wording, height, rng) * (1 - line))
    pen = float(rng.uniform(0.15, 0.68)) if not bitonal else float(rng.uniform(0.1, 0.35))
    uneven = cv2.resize(
        rng.normal(0, 0.12, (max(2, rows // 6), max(2, columns // 6))).astype(np.float32), (columns, rows)
    )
    coverage = np.clip(placed.ink * (1 - np.abs(uneven)), 0, 1)
    picture = paper * (1 - coverage * (1 - pen))
    for _ in range(int(rng.integers(1, 5)) if rng.random() < 0.25 else 0):  # dust
        spot = int(rng.integers(0, columns)), int(rng.integers(0, rows))
        cv2.circle(picture, spot, int(rng.integers(0, 3)), float(rng.uniform(0, 80)), -1)
    picture = cv2.GaussianBlur(picture, (0, 0), float(rng.uniform(0.35, 1.0)))
    picture = picture + rng.normal(0, float(rng.uniform(0, 7)), picture.shape)
    pixels = np.clip(picture, 0, 255).astype(np.uint8)
    if bitonal:
        level = int(np.median(pixels) * rng.uniform(0.55, 0.8))
        pixels = np.where(pixels < level, 0, 255).astype(np.uint8)
        specks = rng.random(pixels.shape) < rng.uniform(0, 0.0015)
        pixels[specks] = 255 - pixels[specks]
    elif rng.random() < 0.7:
        _, code = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(35, 96))])
        pixels = cv2.imdecode(code, cv2.IMREAD_GRAYSCALE)
    field = FieldImage(wording.spec, np.ascontiguousarray(pixels, np.uint8), identity(), placed.box, 200.0)
    return DrawnField(field, wording, placed.owners)


def _paper(rows: int, columns: int, faint: bool, rng: Generator) -> NDArray[np.float32]:
    """A tone, a shade across it, and up to three families of security waves."""
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    tone = float(rng.uniform(150, 250))
    paper = tone * (
        1 + float(rng.normal(0, 0.06)) * (x / columns - 0.5) + float(rng.normal(0, 0.04)) * (y / rows - 0.5)
    )
    for _ in range(0 if faint else int(rng.integers(0, 4))):
        period, angle = float(rng.uniform(2.5, 9)), float(rng.uniform(0, np.pi))
        along = x * np.cos(angle) + y * np.sin(angle)
        across = y * np.cos(angle) - x * np.sin(angle)
        bend = float(rng.uniform(0, 6)) * np.sin(across / float(rng.uniform(8, 40)))
        wave = 0.5 + 0.5 * np.sin((along + bend) * 2 * np.pi / period)
        paper = paper * (1 - float(rng.uniform(0.01, 0.12)) * wave ** int(rng.integers(1, 4)))
    return np.asarray(paper, np.float32)


def _printed_lines(placed: _Placed, wording: Wording, height: float, rng: Generator) -> NDArray[np.float32]:
    """Combs and boxes around the field's box; rules and scraps of neighbours on free crops."""
    rows, columns = placed.ink.shape
    canvas = np.zeros((rows, columns), np.uint8)
    thick = int(rng.integers(1, 4))
    box = placed.box
    lean = float(rng.normal(0, 0.004))

    def rule(x0: float, y0: float, x1: float, y1: float) -> None:
        points = np.round(np.array([(x0, y0), (x1, y1)]) * 16).astype(np.int32)
        cv2.line(canvas, points[0].tolist(), points[1].tolist(), 255, thick, cv2.LINE_AA, shift=4)

    if wording.spec.cells:
        dx, dy = rng.normal(0, 0.6, 2)
        pitch = box.width / wording.spec.cells
        for edge in (box.y0, box.y1):
            rule(box.x0 + dx, edge + dy, box.x1 + dx, edge + dy + lean * box.width)
        for i in range(wording.spec.cells + 1):
            rule(box.x0 + i * pitch + dx, box.y0 + dy, box.x0 + i * pitch + dx, box.y1 + dy)
    else:
        if rng.random() < 0.5:
            y = rows - float(rng.uniform(0.02, 0.3)) * height
            rule(-5, y, columns + 5, y + lean * columns)
        if rng.random() < 0.25:
            y = float(rng.uniform(0.0, 0.12)) * height
            rule(-5, y, columns + 5, y + lean * columns)
        if rng.random() < 0.2:
            x = columns - float(rng.uniform(0.0, 0.15)) * height
            rule(x, -5, x, rows + 5)
        if rng.random() < 0.2:
            x = float(rng.uniform(0.0, 0.15)) * height
            rule(x, -5, x, rows + 5)
        if rng.random() < 0.15:  # feet of a label above, heads of one below
            for _ in range(int(rng.integers(2, 12))):
                x = float(rng.uniform(0, columns))
                rule(x, -3, x + float(rng.uniform(0, 6)), float(rng.uniform(1, 4)))
    return canvas.astype(np.float32) / np.float32(255)
