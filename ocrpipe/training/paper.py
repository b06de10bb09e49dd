"""Paper: its tone and light, security prints, and the form's own lines."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ocrpipe.training.layout import Placed
from ocrpipe.training.wording import Wording

Plane = NDArray[np.float32]


def paper(shape: tuple[int, ...], faint: bool, rng: Generator, strange: bool = False) -> Plane:
    """A tone, light across it, and what is printed on it against forgery; `strange` paper bears prints that no other
    does."""
    rows, columns = shape
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    tone = float(rng.uniform(150, 250))
    shade = 3.0 if rng.random() < 0.06 else 1.0  # as under a phone
    sheet = tone * (
        1
        + shade * float(rng.normal(0, 0.06)) * (x / columns - 0.5)
        + shade * float(rng.normal(0, 0.04)) * (y / rows - 0.5)
    )
    if not faint:
        if strange and rng.random() < 0.75:
            print_ = _HELD_OUT[int(rng.integers(len(_HELD_OUT)))]
            sheet *= 1 - float(rng.uniform(0.03, 0.16)) * print_(x, y, rng)
        else:
            for _ in range(int(rng.integers(0, 4))):
                sheet *= 1 - float(rng.uniform(0.01, 0.12)) * _waves(x, y, rng)
            if rng.random() < 0.25:
                print_ = _TAUGHT[int(rng.integers(len(_TAUGHT)))]
                sheet *= 1 - float(rng.uniform(0.03, 0.2)) * print_(x, y, rng)
    return np.asarray(np.minimum(sheet, 255), np.float32)


def _waves(x: Plane, y: Plane, rng: Generator) -> Plane:
    period, angle = float(rng.uniform(2.5, 9)), float(rng.uniform(0, np.pi))
    along = x * np.float32(np.cos(angle)) + y * np.float32(np.sin(angle))
    across = y * np.float32(np.cos(angle)) - x * np.float32(np.sin(angle))
    bend = float(rng.uniform(0, 6)) * np.sin(across / float(rng.uniform(8, 40)))
    wave = 0.5 + 0.5 * np.sin((along + bend) * (2 * np.pi / period))
    return np.asarray(wave ** int(rng.integers(1, 4)), np.float32)


def _guilloche(x: Plane, y: Plane, rng: Generator) -> Plane:
    """A band of thin lines that swing through each other."""
    rows, columns = x.shape
    canvas = np.zeros((rows, columns), np.uint8)
    at = np.arange(-4, columns + 8, 4)
    swing, period = float(rng.uniform(0.1, 0.6)) * rows, float(rng.uniform(25, 160))
    for i in range(int(rng.integers(6, 20))):
        level = rows * (0.5 + 0.5 * np.sin(0.7 * i)) + swing * np.sin(at * (2 * np.pi / period) + i * 0.45)
        points = np.round(np.stack([at, level], axis=1) * 16).astype(np.int32)
        cv2.polylines(canvas, [points], False, 255, 1, cv2.LINE_AA, shift=4)
    return canvas.astype(np.float32) / np.float32(255)


def _halftone(x: Plane, y: Plane, rng: Generator) -> Plane:
    period = float(rng.uniform(3, 7))
    turn = np.pi / period * np.array([np.cos(0.6), np.sin(0.6)], np.float32) * 2
    dots = np.sin(x * turn[0] + y * turn[1]) * np.sin(y * turn[0] - x * turn[1])
    return np.asarray(np.clip(2 * dots - float(rng.uniform(0, 1)), 0, 1), np.float32)


def _microprint(x: Plane, y: Plane, rng: Generator) -> Plane:
    """Small words, line after line."""
    size = float(rng.uniform(0.22, 0.4))
    words = "".join(chr(c) for c in rng.integers(65, 91, 14)) + " "
    (wide, tall), base = cv2.getTextSize(words, cv2.FONT_HERSHEY_SIMPLEX, size, 1)
    tile = np.zeros((tall + base + int(rng.integers(0, 8)), wide), np.uint8)
    cv2.putText(tile, words, (0, tall), cv2.FONT_HERSHEY_SIMPLEX, size, 255, 1, cv2.LINE_AA)
    pair = np.concatenate([tile, np.roll(tile, wide // 3, axis=1)])
    rows, columns = x.shape
    page = np.tile(pair, (rows // len(pair) + 1, columns // wide + 1))[:rows, :columns]
    return page.astype(np.float32) / np.float32(255)


def _crosshatch(x: Plane, y: Plane, rng: Generator) -> Plane:
    period, slope = float(rng.uniform(4, 9)), float(rng.uniform(0.4, 2.0))
    step = np.float32(2 * np.pi / period)
    lines = np.maximum(np.sin((x * slope + y) * step), np.sin((x * slope - y) * step))
    return np.asarray(np.clip(4 * lines - 3, 0, 1), np.float32)


def _rings(x: Plane, y: Plane, rng: Generator) -> Plane:
    """Circles around a few centres."""
    rows, columns = x.shape
    canvas = np.zeros((rows, columns), np.uint8)
    step = int(rng.integers(4, 9))
    for _ in range(int(rng.integers(1, 4))):
        centre = int(rng.integers(0, columns)), int(rng.integers(0, rows))
        for radius in range(step, 90, step):
            cv2.circle(canvas, centre, radius, 255, 1, cv2.LINE_AA)
    return canvas.astype(np.float32) / np.float32(255)


def _weave(x: Plane, y: Plane, rng: Generator) -> Plane:
    """Strokes up and down in turn, like a basket."""
    size, period = int(rng.integers(7, 14)), float(rng.uniform(2.5, 4.5))
    field = ((x // size + y // size) % 2).astype(bool)
    step = np.float32(2 * np.pi / period)
    return np.asarray(np.where(field, np.sin(x * step), np.sin(y * step)) * 0.5 + 0.5, np.float32)


def _fibres(x: Plane, y: Plane, rng: Generator) -> Plane:
    """Blotches and short hairs, as in recycled paper."""
    rows, columns = x.shape
    coarse = rng.random((rows // 5 + 2, columns // 5 + 2), np.float32)
    canvas = (cv2.resize(coarse, (columns, rows)) * 128).astype(np.uint8)
    for _ in range(rows * columns // 900):
        begin = np.array([rng.integers(0, columns), rng.integers(0, rows)])
        cv2.line(canvas, begin.tolist(), (begin + rng.integers(-7, 8, 2)).tolist(), 255, 1, cv2.LINE_AA)
    return canvas.astype(np.float32) / np.float32(255)


_Print = Callable[[Plane, Plane, Generator], Plane]
_TAUGHT: tuple[_Print, ...] = (_guilloche, _halftone, _microprint, _crosshatch)
_HELD_OUT: tuple[_Print, ...] = (_rings, _weave, _fibres)


def printed_lines(placed: Placed, wording: Wording, height: float, rng: Generator) -> Plane:
    """Combs and boxes around the field's box; rules and scraps of neighbours on free crops."""
    rows, columns = placed.ink.shape
    canvas = np.zeros((rows, columns), np.uint8)
    thick = int(rng.choice([1, 2, 3], p=[0.4, 0.4, 0.2]))
    box = placed.box
    lean = float(rng.normal(0, 0.004))

    def rule(x0: float, y0: float, x1: float, y1: float) -> None:
        points = np.round(np.array([(x0, y0), (x1, y1)]) * 16).astype(np.int32)
        cv2.line(canvas, points[0].tolist(), points[1].tolist(), 255, thick, cv2.LINE_AA, shift=4)

    if wording.spec.cells:
        dx, dy = rng.normal(0, max(0.6, 0.02 * height), 2)  # a template is seldom quite where the print is
        pitch = box.width / wording.spec.cells
        for edge in (box.y0, box.y1):
            rule(box.x0 + dx, edge + dy, box.x1 + dx, edge + dy + lean * box.width)
        for i in range(wording.spec.cells + 1):
            rule(box.x0 + i * pitch + dx, box.y0 + dy, box.x0 + i * pitch + dx, box.y1 + dy)
    else:
        if rng.random() < 0.5:
            # tails and tall slashes go through it
            y = min(rows - float(rng.uniform(0.02, 0.3)) * height, placed.foot + float(rng.uniform(0.1, 0.6)) * height)
            if rng.random() < 0.15:  # the line that the writing stands on, and its points and commas too
                y = placed.foot + float(rng.normal(0, 0.04)) * height
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
