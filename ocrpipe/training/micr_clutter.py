"""What else lies in the clear band of a check: tails of signatures, memos, stamps, rules, small print, edges.

All is drawn into coverages (H, W) float32, 0 none … 1 full, in inches times the resolution.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Plane = NDArray[np.float32]

_SCRIPTS = (cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, cv2.FONT_HERSHEY_SCRIPT_COMPLEX)
_PRINTS = (cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_PLAIN, cv2.FONT_HERSHEY_TRIPLEX, cv2.FONT_HERSHEY_DUPLEX)
_HERSHEY_PX = 21.0
"""Height of a capital of OpenCV's stroke fonts at scale 1."""


@dataclass(frozen=True, slots=True)
class Band:
    """Where clutter may go: the picture's shape and resolution, and the rows of the line, px."""

    shape: tuple[int, int]
    dpi: float
    top: float
    bottom: float


def clutter(sheet: Plane, band: Band, strange: bool, rng: Generator) -> Plane:
    """The sheet with some of it, each in its own darkness; `strange` clutter differs in kind and size."""
    for kind, chance in _CHANCES:
        if rng.random() < chance:
            canvas = np.zeros(band.shape, np.uint8)
            dark = kind(canvas, band, strange, rng)
            sheet = sheet * (1 - canvas.astype(np.float32) * np.float32((1 - dark) / 255))
    return np.asarray(sheet, np.float32)


def _curve(canvas: NDArray[np.uint8], points: NDArray[np.float64], width_px: float) -> None:
    """A smooth stroke through control points (K, 2), px."""
    t = np.linspace(0, len(points) - 1, 24 * len(points))
    x, y = (np.interp(t, np.arange(len(points)), points[:, i]) for i in (0, 1))
    kernel = np.hanning(27)[1:-1]
    kernel /= kernel.sum()
    line = np.stack([np.convolve(np.pad(v, 12, mode="edge"), kernel, "valid") for v in (x, y)], axis=1)
    cv2.polylines(
        canvas, [np.rint(line * 16).astype(np.int32)], False, 255, max(1, round(width_px)), cv2.LINE_AA, shift=4
    )


def _signature(canvas: NDArray[np.uint8], band: Band, strange: bool, rng: Generator) -> float:
    """Loops that begin above the line and hang into it."""
    columns = band.shape[1]
    for _ in range(int(rng.integers(1, 4))):
        count = int(rng.integers(4, 13))
        reach = band.dpi * float(rng.uniform(0.1, 0.9 if strange else 0.5))
        x = float(rng.uniform(0, columns)) + np.cumsum(rng.normal(0.15, 0.6, count)) * reach
        depth = float(rng.uniform(band.top - 0.1 * band.dpi, band.bottom + 0.1 * band.dpi))
        y = depth - abs(rng.normal(0, 1, count)) * band.dpi * float(rng.uniform(0.05, 0.4))
        _curve(canvas, np.stack([x, y], axis=1), band.dpi * float(rng.uniform(0.008, 0.035 if strange else 0.024)))
    return float(rng.uniform(0.05, 0.6))


def _memo(canvas: NDArray[np.uint8], band: Band, strange: bool, rng: Generator) -> float:
    """A word or two by hand, above the line or into it."""
    word = "".join(chr(c) for c in rng.integers(97, 123, int(rng.integers(4, 16))))
    scale = band.dpi * float(rng.uniform(0.1, 0.3)) / _HERSHEY_PX
    foot = band.top + band.dpi * float(rng.uniform(-0.2, 0.06))
    at = round(float(rng.uniform(-0.1, 0.8)) * band.shape[1]), round(foot)
    thick = max(1, round(band.dpi * float(rng.uniform(0.006, 0.022))))
    cv2.putText(canvas, word, at, _SCRIPTS[int(strange)], scale, 255, thick, cv2.LINE_AA)
    return float(rng.uniform(0.1, 0.6))


def _small_print(canvas: NDArray[np.uint8], band: Band, strange: bool, rng: Generator) -> float:
    """Words and figures of other faces above, below, or on the same level before or after the line."""
    figures = rng.random() < 0.5
    low, high = (48, 58) if figures else (65, 91)
    word = "".join(chr(c) if rng.random() < 0.85 else " " for c in rng.integers(low, high, int(rng.integers(4, 40))))
    height = band.dpi * float(rng.uniform(0.05, 0.13))
    above = rng.random() < 0.7
    foot = band.top - band.dpi * float(rng.uniform(0.02, 0.25)) if above else band.bottom + 1.6 * height
    at = round(float(rng.uniform(-0.1, 0.8)) * band.shape[1]), round(foot)
    face = _PRINTS[int(rng.integers(2, 4) if strange else rng.integers(0, 2))]
    thick = max(1, round(band.dpi * float(rng.uniform(0.004, 0.012))))
    cv2.putText(canvas, word, at, face, height / _HERSHEY_PX, 255, thick, cv2.LINE_AA)
    return float(rng.uniform(0.1, 0.7))


def _rule(canvas: NDArray[np.uint8], band: Band, strange: bool, rng: Generator) -> float:
    """A ruled line near by, seldom through the characters' feet or heads."""
    high = band.bottom - band.top
    if rng.random() < 0.12:
        y = float(rng.choice((band.top, band.bottom))) + float(rng.normal(0, 0.1)) * high
    else:
        away = float(rng.uniform(0.15, 1.5)) * high
        y = band.top - away if rng.random() < 0.7 else band.bottom + away
    lean, ends = float(rng.normal(0, 0.004)) * band.shape[1], np.sort(rng.uniform(-0.3, 1.3, 2)) * band.shape[1]
    points = np.rint(np.array([(ends[0], y), (ends[1], y + lean)]) * 16).astype(np.int32)
    thick = max(1, round(band.dpi * float(rng.uniform(0.004, 0.03 if strange else 0.018))))
    cv2.line(canvas, points[0].tolist(), points[1].tolist(), 255, thick, cv2.LINE_AA, shift=4)
    return float(rng.uniform(0.1, 0.75))


def _stamp(canvas: NDArray[np.uint8], band: Band, strange: bool, rng: Generator) -> float:
    """A rubber stamp across the line: a frame and words, leaning, paler than print."""
    rows, columns = band.shape
    small = np.zeros_like(canvas)
    x, y = float(rng.uniform(0, columns)), float(rng.uniform(band.top - 0.2 * band.dpi, band.bottom + 0.1 * band.dpi))
    wide, high = band.dpi * float(rng.uniform(0.5, 1.5)), band.dpi * float(rng.uniform(0.2, 0.5))
    thick = max(1, round(band.dpi * float(rng.uniform(0.01, 0.025))))
    corner, other = (round(x - wide / 2), round(y - high / 2)), (round(x + wide / 2), round(y + high / 2))
    if strange:
        cv2.ellipse(small, (round(x), round(y)), (round(wide / 2), round(high / 2)), 0, 0, 360, 255, thick, cv2.LINE_AA)
        cv2.ellipse(small, (round(x), round(y)), (round(wide / 2.6), round(high / 2.6)), 0, 0, 360, 255, 1, cv2.LINE_AA)
    else:
        cv2.rectangle(small, corner, other, 255, thick, cv2.LINE_AA)
    words = "".join(chr(c) for c in rng.integers(65, 91, int(rng.integers(4, 10))))
    scale = wide / (len(words) * 20 + 20)
    at = round(x - 0.42 * wide), round(y + 10 * scale)
    cv2.putText(small, words, at, cv2.FONT_HERSHEY_DUPLEX, scale, 255, thick, cv2.LINE_AA)
    turn = cv2.getRotationMatrix2D((x, y), float(rng.uniform(-25, 25)), 1.0)
    cv2.warpAffine(small, turn, (columns, rows), dst=canvas, flags=cv2.INTER_LINEAR)
    return float(rng.uniform(0.4, 0.85))


def _edge(canvas: NDArray[np.uint8], band: Band, strange: bool, rng: Generator) -> float:
    """The scanner's bed below the sheet, or beside it."""
    if rng.random() < 0.7:
        canvas[min(band.shape[0], round(band.bottom + band.dpi * float(rng.uniform(0.08, 0.3)))) :] = 255
    else:
        canvas[:, : round(band.dpi * float(rng.uniform(0, 0.2)))] = 255
    return float(rng.uniform(0.0, 0.5))


def _dirt(canvas: NDArray[np.uint8], band: Band, strange: bool, rng: Generator) -> float:
    """Specks, and a hair now and then."""
    rows, columns = band.shape
    for _ in range(int(rng.integers(3, 40))):
        spot = int(rng.integers(0, columns)), int(rng.integers(0, rows))
        cv2.circle(canvas, spot, round(band.dpi * float(rng.uniform(0, 0.012))), 255, -1)
    for _ in range(int(rng.integers(0, 3))):
        begin = rng.uniform((0, 0), (columns, rows))
        points = begin + np.cumsum(rng.normal(0, 0.05 * band.dpi, (5, 2)), axis=0)
        _curve(canvas, points, 1)
    return float(rng.uniform(0.1, 0.6))


_CHANCES = (
    (_edge, 0.12), (_small_print, 0.35), (_rule, 0.3), (_memo, 0.2), (_stamp, 0.12), (_signature, 0.28), (_dirt, 0.25),
)  # fmt: skip
