"""Handwritten words: joined letters and block letters, moved as a pen moves, and signatures.

No free collection of handwritten words is at hand. Joined letters are rough movements of a school hand, told in units
of the small letters' height (y up from the line); block letters are OpenCV's stroke fonts, each letter bent by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ocrpipe.training.curves import smooth
from ocrpipe.training.sheets.chance import between, odds, pick
from ocrpipe.training.sheets.sheet import INK_DPI, Writing, uneven

_LETTERS = {
    "a": "75 80 40 100 10 50 30 0 65 40 75 95 75 20 100 0",
    "b": "35 120 50 200 25 200 20 80 25 5 60 10 65 70 45 80 85 70",
    "c": "65 75 40 100 10 50 35 0 75 15", "d": "70 80 40 100 10 50 30 0 70 50 85 200 80 50 95 0",
    "e": "20 35 60 75 40 100 12 50 35 0 75 15", "f": "35 120 50 200 25 190 25 0 20 -100 40 -90 35 -10 70 10",
    "g": "70 80 40 100 10 50 30 0 65 40 75 90 70 -60 40 -100 20 -70 60 -20 100 0",
    "h": "35 120 50 200 25 200 20 60 20 0 35 70 60 95 70 40 75 0 95 10", "i": "20 50 30 95 30 20 55 0",
    "j": "20 50 35 95 30 -50 5 -100 -5 -70 30 -20 60 0", "k": "35 120 50 200 25 200 20 0 30 60 60 95 35 50 70 0 90 10",
    "l": "35 120 50 200 25 200 20 50 45 0 60 10", "m": "15 90 20 0 35 80 55 95 60 0 75 80 95 95 105 20 125 0",
    "n": "15 90 20 0 35 80 60 95 70 20 90 0", "o": "40 100 10 50 35 0 65 50 45 95 90 85",
    "p": "20 90 20 -100 25 50 50 100 70 50 40 0 90 10", "q": "70 80 40 100 10 50 30 0 70 60 70 -100 90 -60 95 0",
    "r": "15 80 30 100 50 85 50 20 75 0", "s": "30 80 40 100 45 60 60 20 35 0 15 10 75 10",
    "t": "30 100 35 160 30 30 50 0 65 10", "u": "15 95 20 20 40 0 65 40 70 95 75 20 95 0",
    "v": "15 90 40 0 65 90 90 85", "w": "10 95 25 0 50 70 65 0 90 90 110 85", "x": "15 85 50 0 75 10",
    "y": "15 95 25 20 50 10 65 95 60 -60 30 -100 15 -70 60 -15 85 0", "z": "15 90 60 95 20 0 50 -50 20 -90 20 -50 80 0",
}  # fmt: skip
"""Points x y in hundredths, from the left end of each letter; the last is where the next one begins."""
_THICKEST = 0.11
"""A pen that leaves small letters their loops."""
_TALL = frozenset("bdfhklt")
_BLOCK_PX = 21.0
"""Height of a capital of OpenCV's stroke fonts at scale 1."""


@dataclass(frozen=True, slots=True)
class Script:
    """How somebody writes words: joined or in block letters, leaning, wide, with a pen whose width is a share of the
    capitals' height."""

    joined: bool
    lean: float
    wide: float
    pen: float
    unrest: float
    capitals: bool


def script_of(rng: Generator, pen: float) -> Script:
    """A new hand; `pen` is the width of its pen as a share of the height of its figures."""
    joined = odds(rng, 0.6)
    wide, unrest = between(rng, 0.75, 1.25), between(rng, 0.03, 0.12)
    return Script(joined, between(rng, -0.1, 0.5), wide, min(pen, _THICKEST), unrest, odds(rng, 0.5))


def by_hand(words: str, height: float, script: Script, rng: Generator) -> Writing:
    """`words` with capitals about `height` inches tall; tight, one owner."""
    lines = _joined(words, script, rng) if script.joined else _blocks(words, script, rng)
    return _drawn([line * np.float32(height) for line in lines], script.pen * height, rng)


def signature(name: str, height: float, script: Script, rng: Generator) -> Writing:
    """A name in haste, most letters lost in waves, or loops, often with a stroke beneath."""
    lines: list[NDArray[np.float32]]
    if odds(rng, 0.5):
        short = name[: int(rng.integers(3, 9))]
        lines = [line * np.array((1.3, 1.0), np.float32) for line in _joined(short, script, rng)]
    else:
        count = int(rng.integers(6, 16))
        x = np.cumsum(np.abs(rng.normal(0.22, 0.2, count))) + 0.5 * rng.normal(0, 0.5, count)
        y = 0.3 * rng.normal(0, 1, count) * np.linspace(1.6, 0.5, count) - 0.4
        lines = [smooth(np.stack([x, y], axis=1))]
    if odds(rng, 0.4):
        far = max(float(line[:, 0].max()) for line in lines)
        lines.append(smooth([(far, 0.1), (-0.2, between(rng, 0.1, 0.4)), (far * 0.6, 0.2), (far * 1.15, 0.05)]))
    return _drawn([line * np.float32(height) for line in lines], script.pen / 6, rng)


def _joined(words: str, script: Script, rng: Generator) -> list[NDArray[np.float32]]:
    """Polylines in heights of a capital, y down, the line at 0."""
    lines: list[NDArray[np.float32]] = []
    points: list[tuple[float, float]] = []
    bars: list[NDArray[np.float32]] = []
    x, size = 0.0, 0.5
    for char in words:
        told = _LETTERS.get(char.lower())
        if told is None:
            if points:
                lines.append(smooth(points))
            points = []
            if char.isdigit():
                strokes = _block_letter(char)
                lines += [np.asarray(0.9 * line + (x + 0.05, 0.0), np.float32) for line in strokes]
                x += 0.9 * _reach(strokes) - 0.15
            elif char in ".,":
                lines.append(smooth([(x + 0.05, -0.02), (x + 0.08, 0.03)]))
            x += 0.35
            continue
        large = char.isupper()
        unit = size * ((0.95 if char.lower() in _TALL else 1.8) if large else 1.0)
        knots = np.array([int(v) for v in told.split()], float).reshape(-1, 2) / 100
        knots = knots * (unit * script.wide, unit) * rng.normal(1, script.unrest, 2)
        knots += rng.normal(0, 0.3 * script.unrest * size, knots.shape)
        points += [(x + float(kx) + script.lean * float(ky), -float(ky)) for kx, ky in knots]
        if char in "tx":
            bars.append(smooth([(x + 0.1, -1.2 * size), (x + 0.45, -1.25 * size)]))
        elif char in "ij":
            bars.append(smooth([(x + 0.2, -1.5 * size), (x + 0.22, -1.47 * size)]))
        x += float(knots[-1, 0])
        if large or odds(rng, 0.15):  # the pen is lifted
            lines.append(smooth(points))
            points = []
            x += 0.04
    if points:
        lines.append(smooth(points))
    return [*lines, *bars] or [np.zeros((2, 2), np.float32)]


def _blocks(words: str, script: Script, rng: Generator) -> list[NDArray[np.float32]]:
    lines: list[NDArray[np.float32]] = []
    words = words.upper() if script.capitals else words
    x = 0.0
    for char in words:
        if char == " ":
            x += 0.5 * script.wide
            continue
        size = np.array((script.wide, 1.0)) * rng.normal(1, script.unrest, 2)
        turn = float(rng.normal(0, script.unrest))
        lean = np.array([(1, 0), (-script.lean, 1)])
        bend = np.array([(np.cos(turn), np.sin(turn)), (-np.sin(turn), np.cos(turn))]) @ lean
        shift = np.array((x, float(rng.normal(0, 0.4 * script.unrest))))
        strokes = _block_letter(char)
        lines += [np.asarray((line * size) @ bend + shift, np.float32) for line in strokes]
        x += _reach(strokes) * script.wide + between(rng, 0.1, 0.28)
    return lines or [np.zeros((2, 2), np.float32)]


def _reach(strokes: list[NDArray[np.float64]]) -> float:
    return max((float(line[:, 0].max()) for line in strokes), default=0.0)


@cache
def _block_letter(char: str) -> list[NDArray[np.float64]]:
    """Polylines (N, 2) of a letter whose capitals are 1 tall: OpenCV tells no points of its stroke letters, so they are
    drawn one pixel wide and followed there and back."""
    canvas = np.zeros((90, 90), np.uint8)
    cv2.putText(canvas, char, (20, 65), cv2.FONT_HERSHEY_SIMPLEX, 2.0, 255, 1, cv2.LINE_8)
    traces, _ = cv2.findContours(canvas, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    lines = [np.concatenate([trace, trace[:1]]).reshape(-1, 2).astype(np.float64) for trace in traces]
    left = min((float(line[:, 0].min()) for line in lines), default=0.0)
    return [(line - (left, 65)) / (2 * _BLOCK_PX) for line in lines]


def _drawn(lines: list[NDArray[np.float32]], pen: float, rng: Generator) -> Writing:
    """Lines (N, 2) in inches, y down from the line of writing."""
    every = np.concatenate(lines)
    low = np.floor((every.min(axis=0) - pen / 2) * INK_DPI).astype(int) - 1
    size = np.ceil((every.max(axis=0) + pen / 2) * INK_DPI).astype(int) + 2 - low
    canvas = np.zeros((int(size[1]), int(size[0])), np.uint8)
    thick = max(1, round(pen * INK_DPI))
    paths = [np.rint((line * INK_DPI - low) * 16).astype(np.int32) for line in lines]
    cv2.polylines(canvas, paths, False, 255, thick, cv2.LINE_AA, shift=4)
    ink = canvas.astype(np.float32) / np.float32(255)
    return Writing(uneven(ink, rng), (ink > 0.3).astype(np.int16), float(-low[1]))


NAMES = (
    "Alma", "Bruno", "Clara", "Devika", "Edwin", "Farah", "Gita", "Harold", "Imran", "Joan", "Kavita", "Liam", "Mei",
    "Nora", "Omar", "Priya", "Quentin", "Rosa", "Sunil", "Tessa", "Uma", "Victor", "Wanda", "Xavier", "Yusuf", "Zoe",
)  # fmt: skip
SURNAMES = (
    "Abbott", "Bhatt", "Castellano", "Desai", "Ellery", "Fairweather", "Gupta", "Holloway", "Iyer", "Jansen",
    "Kulkarni", "Lindqvist", "Mercer", "Nandi", "Osborne", "Pereira", "Quigley", "Rao", "Santos", "Tan",
    "Underhill", "Vance", "Wong", "Yeo", "Zimmer",
)  # fmt: skip


def person(rng: Generator) -> str:
    """Somebody's name."""
    middle = f" {chr(int(rng.integers(65, 91)))}." if odds(rng, 0.3) else ""
    return f"{pick(rng, NAMES)}{middle} {pick(rng, SURNAMES)}"
