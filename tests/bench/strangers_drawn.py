"""Amounts in pens, on papers and from scanners that no training has seen: what a review learns from.

`nib`: a split one, whose strokes are dark at their rims and pale within, on recycled paper with blotches and flecks;
the scanner sees 125 dpi, drags bands of shadow along and saves small JPEGs. `marker`: a broad one that bleeds, at 120
dpi, in black and white. `pale`: a soft pen on paper with fine stripes and blotches, at 110 dpi, in smaller JPEGs.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
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
Picture = NDArray[np.uint8]
_DPI_SHARE = 125 / 200
_HEIGHT = 34.0
"""Of the writing at 200 dpi, px."""


def draw_fields(folder: Path, digits: Path, stranger: str, count: int, seed: int) -> dict[str, str]:
    """Writes `count` pictures of amounts by a stranger into `folder`, and truth.csv; file → value."""
    told: dict[str, str] = {}
    for ink, value, rng in written(digits, count, seed):
        name = f"{len(told):04}.png"
        pixels, _ = STRANGERS[stranger](ink, rng)
        cv2.imwrite(str(folder / name), pixels)
        told[name] = value
    with (folder / "truth.csv").open("w", newline="") as table:
        writer = csv.writer(table)
        writer.writerow(("file", "page", "field", "value"))
        writer.writerows((name, 0, "amount", value) for name, value in told.items())
    return told


def written(digits: Path, count: int, seed: int) -> Iterator[tuple[Plane, str, Generator]]:
    """Ink at 200 dpi of amounts by writers who taught nothing, what they are, and what to go on drawing with."""
    drawer = Drawer(load(digits, "validation"), print_fonts())
    rng = np.random.default_rng(seed)
    while count:
        wording = amount(rng)
        if any(not (mark.char.isdigit() or mark.char in "$.,-/") for mark in wording.marks):
            continue
        glyphs = drawer.written(wording, drawer.hand(wording, _HEIGHT, rng), rng)
        yield on_line(glyphs, wording, _HEIGHT, rng, by_hand=True).ink, wording.value, rng
        count -= 1


def nib(ink: Plane, rng: Generator) -> tuple[Picture, float]:
    """Pixels and dpi of ink that a stranger wrote and scanned."""
    sheet = _recycled(ink.shape, rng) * (1 - 0.8 * _split(ink, rng))
    return _scanned(sheet, rng), 125.0


def marker(ink: Plane, rng: Generator) -> tuple[Picture, float]:
    wide = int(rng.integers(3, 6))
    broad = cv2.dilate(ink, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (wide, wide)))
    bled = cv2.GaussianBlur(broad, (0, 0), float(rng.uniform(0.8, 2)))
    light = 1 - np.clip(1.2 * bled, 0, 1) * float(rng.uniform(0.75, 1)) + rng.normal(0, 0.12, ink.shape)
    small = _smaller(light, 0.6)
    return np.asarray((small > rng.uniform(0.4, 0.7)) * 255, np.uint8), 120.0


def pale(ink: Plane, rng: Generator) -> tuple[Picture, float]:
    rows, columns = ink.shape
    stripes = 8 * np.sin(np.arange(columns) / rng.uniform(1.5, 3))
    blotches = cv2.resize(rng.normal(0, 12, (rows // 20 + 2, columns // 20 + 2)).astype(np.float32), (columns, rows))
    small = _smaller(190 + stripes + blotches - 70 * cv2.GaussianBlur(ink, (0, 0), 1.3), 0.55)
    return _saved(small + rng.normal(0, 7, small.shape), 30), 110.0


STRANGERS: dict[str, Callable[[Plane, Generator], tuple[Picture, float]]] = {"nib": nib, "marker": marker, "pale": pale}


def _smaller(sheet: NDArray[np.floating], share: float) -> Plane:
    rows, columns = sheet.shape
    size = round(columns * share), round(rows * share)
    return np.asarray(cv2.resize(sheet.astype(np.float32), size, interpolation=cv2.INTER_AREA), np.float32)


def _saved(sheet: NDArray[np.floating], quality: int) -> Picture:
    """As a JPEG of this quality shows it."""
    _, code = cv2.imencode(".jpg", np.clip(sheet, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(code, cv2.IMREAD_GRAYSCALE), np.uint8)


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


def _scanned(sheet: Plane, rng: Generator) -> Picture:
    rows, columns = sheet.shape
    size = round(columns * _DPI_SHARE), round(rows * _DPI_SHARE)
    small = cv2.resize(cv2.GaussianBlur(sheet, (0, 0), 0.9), size, interpolation=cv2.INTER_AREA)
    bands = cv2.resize(rng.normal(0, 8, (1, size[0] // 3 + 2)).astype(np.float32), size)
    return _saved(small + bands + rng.normal(0, 6, small.shape), 35)
