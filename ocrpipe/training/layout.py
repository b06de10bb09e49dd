"""Characters set on a line by kerning, or into cells; every pixel keeps its owner."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ocrpipe.geometry import Box
from ocrpipe.training.pen import Glyph
from ocrpipe.training.wording import Wording

_GAPS = ((0.1, 0.45), (0.0, 0.14), (-0.06, 0.02), (-0.15, -0.03))
_GAP_SHARES = (0.45, 0.32, 0.15, 0.08)
"""Between neighbours, in heights: apart, close, touching, run into each other."""
_HASTY = 0.2
"""Share of hands that do not mind the lines of cells."""


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """Characters on a canvas: coverage and owners (H, W), the field's box in it, and the row that they stand on."""

    ink: NDArray[np.float32]
    owners: NDArray[np.int16]
    box: Box
    foot: float


def on_line(glyphs: list[Glyph], wording: Wording, height: float, rng: Generator, by_hand: bool = True) -> Placed:
    """Strung by kerning: the gap is measured where two neighbours come closest, row by row. Print never touches."""
    low, high = _GAPS[int(rng.choice(len(_GAPS), p=_GAP_SHARES)) if by_hand else int(rng.integers(2))]
    nearest = -0.06 if rng.random() < 0.15 else 0.0  # marks may touch, but only a little
    drift = float(rng.normal(0, 0.03))
    wobble = float(rng.uniform(0, 0.05)) * height
    bow, period, phase = abs(float(rng.normal(0, 0.05))) * height, float(rng.uniform(3, 9)) * height, rng.uniform(0, 6)
    pad = int(height * 1.6)
    rows = int(height * 1.2) + 2 * pad
    right = np.full(rows, -1e6)
    spots: list[tuple[int, int]] = []
    x = 0.0
    for glyph, m in zip(glyphs, wording.marks, strict=True):
        sway = drift * x + bow * float(np.sin(phase + x / period)) + float(rng.normal(0, wobble))
        y = int(np.clip(pad + glyph.top + sway, 0, rows - glyph.mask.shape[0] - 1))
        left = _left_profile(glyph.mask)
        reach = right[y : y + len(left)]
        gap = float(rng.uniform(-0.08, 0.02) if m.tight else rng.uniform(low, high)) * height
        touch = float((reach - left).max())
        overlap = 0.6
        if not m.char.isdigit() or (spots and not wording.marks[len(spots) - 1].char.isdigit()):
            gap, overlap = max(gap, float(rng.uniform(nearest, 0.2)) * height), 0.15
        start = max(touch + gap, x - overlap * height) if touch > -1e5 else x + 0.2 * height
        if spots and m.char.isdigit() and wording.marks[len(spots) - 1].char.isdigit():
            before = spots[-1][0] + glyphs[len(spots) - 1].mask.shape[1] / 2
            start = max(start, before + 0.3 * height * min(m.scale, 1.0) - glyph.mask.shape[1] / 2)
        start = max(start, 0.0)
        column = round(start)
        if glyph.after and spots:
            column = max(0, spots[-1][0] + glyph.after[0])
            y = int(np.clip(spots[-1][1] + glyph.after[1], 0, rows - glyph.mask.shape[0] - 1))
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
    return replace(placed, foot=margin_y[0] + pad + height - top)


def _left_profile(mask: NDArray[np.float32]) -> NDArray[np.float64]:
    """First inked column of each row; infinity where the row is empty."""
    core = mask > 0.3
    return np.where(core.any(axis=1), core.argmax(axis=1), np.inf).astype(np.float64)


def in_cells(glyphs: list[Glyph], wording: Wording, height: float, rng: Generator) -> Placed:
    """One character a cell, as people fill them: with room around it and nearly in the middle, since the box asks for
    it; the hasty come closer to the lines and now and then write over them."""
    cells = wording.spec.cells
    hasty = rng.random() < _HASTY
    tall = int(height / float(np.clip(rng.normal(0.8 if hasty else 0.66, 0.1), 0.42, 1.0)))
    pitch = int(tall / rng.uniform(1.0, 1.55))
    glyphs = [_narrowed(glyph, pitch * (1.1 if hasty else 0.88)) for glyph in glyphs]
    margin = max(4, int(0.12 * tall))
    first = cells - len(glyphs) if wording.spec.cents_cells or rng.random() < 0.5 else 0
    off = rng.normal(0, 0.04, 2)
    unsteady = 0.08 if hasty else 0.045
    spots = []
    for i, glyph in enumerate(glyphs):
        h, w = glyph.mask.shape
        centre = margin + (first + i + 0.5 + off[0] + rng.normal(0, unsteady)) * pitch
        y = margin + (tall - h) / 2 + (off[1] + rng.normal(0, unsteady)) * tall
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


def _stacked(glyphs: list[Glyph], spots: list[tuple[int, int]], shape: tuple[int, int]) -> Placed:
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
    return Placed(ink, owners, Box(0, 0, shape[1], shape[0]), float(shape[0]))
