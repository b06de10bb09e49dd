"""Amounts in a pen, on a paper and from a scanner that no training has seen: what a review learns from.

The pen is a split nib, whose strokes are dark at their rims and pale within; the paper is recycled, with blotches and
flecks; the scanner sees 125 dpi, drags bands of shadow along and saves small JPEGs.
"""

from __future__ import annotations

import csv
from pathlib import Path

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ocrpipe.training.drawing import Drawer, print_fonts
from ocrpipe.training.layout import on_line
from ocrpipe.training.wording import amount
from ocrpipe.training.writers import load

Plane = NDArray[np.float32]
_DPI_SHARE = 125 / 200
_HEIGHT = 34.0
"""Of the writing at 200 dpi, px."""


def draw_fields(folder: Path, digits: Path, count: int, seed: int) -> dict[str, str]:
    """Writes `count` pictures of amounts by writers who taught nothing into `folder`, and truth.csv; file → value."""
    drawer = Drawer(load(digits, "validation"), print_fonts())
    rng = np.random.default_rng(seed)
    told: dict[str, str] = {}
    while len(told) < count:
        wording = amount(rng)
        if any(not (mark.char.isdigit() or mark.char in "$.,-/") for mark in wording.marks):
            continue
        glyphs = drawer.written(wording, drawer.hand(wording, _HEIGHT, rng), rng)
        placed = on_line(glyphs, wording, _HEIGHT, rng, by_hand=True)
        sheet = _recycled(placed.ink.shape, rng) * (1 - 0.8 * _split(placed.ink, rng))
        name = f"{len(told):04}.jpg"
        (folder / name).write_bytes(_scanned(sheet, rng))
        told[name] = wording.value
    with (folder / "truth.csv").open("w", newline="") as table:
        writer = csv.writer(table)
        writer.writerow(("file", "page", "field", "value"))
        writer.writerows((name, 0, "amount", value) for name, value in told.items())
    return told


def _split(ink: Plane, rng: Generator) -> Plane:
    """Pale where the two points of the nib part."""
    reach = int(rng.integers(2, 4))
    within = cv2.erode(ink, np.ones((reach, reach), np.float32))
    return np.asarray(ink * (1 - float(rng.uniform(0.55, 0.8)) * within), np.float32)


def _recycled(shape: tuple[int, ...], rng: Generator) -> Plane:
    rows, columns = shape
    blotches = cv2.resize(rng.normal(0, 9, (rows // 12 + 2, columns // 12 + 2)).astype(np.float32), (columns, rows))
    sheet = 205 + np.asarray(blotches, np.float32)
    for _ in range(rows * columns // 700):
        at = int(rng.integers(columns)), int(rng.integers(rows))
        end = at[0] + int(rng.integers(-5, 6)), at[1] + int(rng.integers(-5, 6))
        cv2.line(sheet, at, end, float(rng.uniform(120, 185)), 1, cv2.LINE_AA)
    return sheet


def _scanned(sheet: Plane, rng: Generator) -> bytes:
    rows, columns = sheet.shape
    size = round(columns * _DPI_SHARE), round(rows * _DPI_SHARE)
    small = cv2.resize(cv2.GaussianBlur(sheet, (0, 0), 0.9), size, interpolation=cv2.INTER_AREA)
    bands = cv2.resize(rng.normal(0, 8, (1, size[0] // 3 + 2)).astype(np.float32), size)
    seen = np.clip(small + bands + rng.normal(0, 6, small.shape), 0, 255).astype(np.uint8)
    _, code = cv2.imencode(".jpg", seen, [cv2.IMWRITE_JPEG_QUALITY, 35])
    return bytes(code)
