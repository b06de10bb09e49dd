"""Drawing single characters: trajectories under any pen, glyphs, print, and the small marks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ocrpipe.training.chains import chain
from ocrpipe.training.marks import strokes_of
from ocrpipe.training.styles import Style
from ocrpipe.training.writers import Strokes, Writer

Mask = NDArray[np.float32]
_DRAWN = 2
"""Strokes are drawn at twice the size and averaged down."""
_COUNTERED = frozenset("04689$x")
"""What encloses paper and is not itself without it; the little loops of a 2 or 3 may fill."""
_LEAST_PX = 5.0
"""Extent of the strokes of the lowest character; zeros are drawn flat, and small besides."""
_LEAST_PEN = 1.0
"""px; a pen is never made thinner for a counter's sake."""


@dataclass(frozen=True, slots=True, eq=False)
class Glyph:
    """A drawn character: coverage 0 … 1, how far its top lies below the top of the line, px, and if it hangs together
    with the one before, how far its corner lies from that one's: (right, down), px."""

    char: str
    mask: Mask
    top: float
    after: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Pressure:
    """How a pen's width follows its movement: `kind` is `ends` (thin where it lands and leaves), `down` (thin on
    upstrokes) or `nib` (thin along one diagonal); `depth` the share that the thinnest part lacks."""

    kind: str
    depth: float


@dataclass(frozen=True, slots=True)
class Hand:
    """How one field is written: everything that stays the same from character to character."""

    writer: Writer
    style: Style
    height_px: float
    pen_px: float
    slant: float
    aspect: float
    pressure: Pressure | None = None


def digit(hand: Hand, char: str, scale: float, rng: Generator) -> Glyph:
    """A digit of the hand's writer, `scale` times the line height."""
    height = hand.height_px * scale * float(rng.normal(1.0, 0.05))
    unsteady = float(rng.normal(0, 0.03)) * hand.height_px
    if not hand.writer.strokes:
        samples = hand.writer.glyphs[char]
        mask = _glyph(samples[int(rng.integers(len(samples)))], height, hand, rng)
        return Glyph(char, mask, hand.height_px - mask.shape[0] + unsteady)
    strokes = _bent(_strokes(hand, char, rng), hand, rng)
    if char == "0":
        height = _legible([strokes], height)
    pen = open_pen(strokes, height, hand.pen_px) if char in _COUNTERED else hand.pen_px
    mask, (_, top) = placed(strokes, height, pen, hand.pressure)
    sunk = hand.style.drops.get(char, 0.0) * height
    return Glyph(char, mask, hand.height_px - height + top + sunk + unsteady)


def zeros(hand: Hand, count: int, scale: float, rng: Generator) -> list[Glyph]:
    """A run of zeros that hang together."""
    height = hand.height_px * scale * float(rng.normal(1.0, 0.05))
    parts = chain(count, hand.style.knobs("0", rng), _strokes(hand, "0", rng), hand.style.strange)
    lines = iter(_bent([line for part in parts for line in part], hand, rng))
    parts = [[next(lines) for _ in part] for part in parts]
    height = _legible(parts, height)
    pen = min(open_pen(part, height, hand.pen_px) for part in parts)
    glyphs: list[Glyph] = []
    corner = 0, 0
    for part in parts:
        mask, (left, top) = placed(part, height, pen, hand.pressure)
        here = round(left), round(top)
        after = (here[0] - corner[0], here[1] - corner[1]) if glyphs else None
        glyphs.append(Glyph("0", mask, hand.height_px - height + top, after))
        corner = here
    return glyphs


def _strokes(hand: Hand, char: str, rng: Generator) -> Strokes:
    """A digit as the hand's style forms it, or else as the writer once did."""
    strokes = hand.style.strokes(char, rng)
    if strokes is None:
        samples = hand.writer.strokes[char]
        strokes = samples[int(rng.integers(len(samples)))]
    return hand.style.formed(char, strokes, rng)


def _legible(parts: list[Strokes], height: float) -> float:
    """`height`, or a larger one at which the lowest of some characters stands as high as a counter needs."""
    lowest = min(float(np.ptp(np.concatenate([line[:, 1] for line in part]))) for part in parts)
    return max(height, _LEAST_PX / max(lowest, 0.1))


def _bent(strokes: Strokes, hand: Hand, rng: Generator) -> Strokes:
    """The writer's slant and width, and a little of what differs from time to time."""
    shear = hand.slant + float(rng.normal(0, 0.05))
    turn = float(rng.normal(0, 0.05))
    aspect = hand.aspect * float(rng.normal(1.0, 0.05))
    matrix = np.array([(aspect, -shear), (0.0, 1.0)]) @ np.array(
        [(np.cos(turn), -np.sin(turn)), (np.sin(turn), np.cos(turn))]
    )
    return [np.asarray(line @ matrix.T, np.float32) for line in strokes]


def draw(strokes: Strokes, height: float, pen: float) -> Mask:
    """(h, w) coverage of strokes in units of the character's height, under a round pen of `pen` px."""
    return placed(strokes, height, pen, None)[0]


def placed(strokes: Strokes, height: float, pen: float, pressure: Pressure | None) -> tuple[Mask, tuple[float, float]]:
    """What `draw` gives under a pen that may be pressed unevenly, and where its left top corner lies, px from the
    strokes' origin."""
    canvas, lines, low = _canvas(strokes, height, pen)
    thickness = max(1, round(pen * _DRAWN))
    for line in lines:
        parts = [(line, thickness)] if pressure is None else _pressed(line, thickness, pressure)
        for points, thick in parts:
            cv2.polylines(canvas, [points], False, 255, thick, cv2.LINE_AA, shift=4)
    size = canvas.shape[1] // _DRAWN, canvas.shape[0] // _DRAWN
    mask = np.asarray(cv2.resize(canvas, size, interpolation=cv2.INTER_AREA), np.float32) / np.float32(255)
    return mask, low


def _canvas(
    strokes: Strokes, height: float, pen: float
) -> tuple[NDArray[np.uint8], list[NDArray[np.int32]], tuple[float, float]]:
    """Empty paper at twice the size, the strokes on it in sixteenths of its pixels, and its corner in px."""
    every = np.concatenate(strokes) * (height * _DRAWN)
    margin = pen * _DRAWN / 2 + 1
    low = every.min(axis=0) - margin
    size = np.maximum(np.ceil((every.max(axis=0) - low + margin) / _DRAWN).astype(int), 1) * _DRAWN
    lines = [np.round((line * (height * _DRAWN) - low) * 16).astype(np.int32) for line in strokes]
    return np.zeros((size[1], size[0]), np.uint8), lines, (float(low[0]) / _DRAWN, float(low[1]) / _DRAWN)


def _pressed(line: NDArray[np.int32], thickness: int, pressure: Pressure) -> list[tuple[NDArray[np.int32], int]]:
    """A stroke in about ten parts, each as wide as the pen is pressed there."""
    step = max(1, len(line) // 10)
    parts = []
    for begin in range(0, len(line) - 1, step):
        part = line[begin : begin + step + 1]
        run = (part[-1] - part[0]).astype(float)
        length = float(np.hypot(run[0], run[1])) or 1.0
        if pressure.kind == "ends":
            lacks = 1.0 if begin == 0 or begin + step >= len(line) - 1 else 0.0
        elif pressure.kind == "down":
            lacks = 0.5 - 0.5 * run[1] / length
        else:
            lacks = abs(run[0] - run[1]) / length / np.sqrt(2)
        parts.append((part, max(1, round(thickness * (1 - pressure.depth * lacks)))))
    return parts


def open_pen(strokes: Strokes, height: float, pen: float) -> float:
    """`pen`, or the widest pen that leaves every counter of a character open that a thin pen shows.

    A counter is as wide as the largest circle in it, from which a wider pen takes its own growth.
    """
    canvas, lines, _ = _canvas(strokes, height, 2.0)
    for line in lines:
        cv2.polylines(canvas, [line], False, 255, 1, cv2.LINE_8, shift=4)
    cv2.floodFill(canvas, None, (0, 0), 255)
    holes = (canvas == 0).astype(np.uint8)
    if not holes.any():
        return pen
    depth = cv2.distanceTransform(holes, cv2.DIST_L2, 3)
    count, parts = cv2.connectedComponents(holes, connectivity=4)
    radii = [float(depth[parts == i].max()) / _DRAWN for i in range(1, count)]
    left = max(1.25, 0.04 * height)
    limits = [np.floor(2 * (radius - left) * _DRAWN) / _DRAWN for radius in radii if radius >= 0.045 * height]
    return float(max(min([pen, *limits]), min(pen, _LEAST_PEN)))


def _glyph(glyph: NDArray[np.uint8], height: float, hand: Hand, rng: Generator) -> Mask:
    """A scanned glyph at another size and slant, with edges as sharp as at its own."""
    scale = height / glyph.shape[0] * 2
    wide = scale * hand.aspect * float(rng.normal(1.0, 0.05))
    shear = hand.slant * 0.6 + float(rng.normal(0, 0.05))
    rows = round(glyph.shape[0] * scale)
    columns = round(glyph.shape[1] * wide + abs(shear) * rows) + 4
    matrix = np.array([(wide, -shear * scale, max(shear, 0) * rows + 2), (0, scale, 0)], np.float32)
    big = cv2.warpAffine(glyph, matrix, (columns, rows), flags=cv2.INTER_CUBIC).astype(np.float32) / 255
    sharp = np.clip((big - float(rng.uniform(0.3, 0.55))) * min(scale, 3.0) + 0.5, 0, 1)
    used = np.flatnonzero((sharp > 0.1).any(axis=0))
    if used.size == 0:
        return np.ones((2, 2), np.float32)
    sharp = sharp[:, used[0] : used[-1] + 1]
    size = max(1, sharp.shape[1] // 2), max(2, rows // 2)
    return np.asarray(cv2.resize(sharp, size, interpolation=cv2.INTER_AREA), np.float32)


def mark(hand: Hand, char: str, scale: float, rng: Generator, form: str = "") -> Glyph:
    """A separator, a currency sign, a closing stroke or an x."""
    strokes, top = strokes_of(char, form, hand.style.knobs(char, rng))
    if char in "$*x=":
        strokes = _bent(strokes, hand, rng)
    line = hand.height_px
    pen = hand.pen_px
    if char == ".":
        pen = max(2.0, pen * float(rng.uniform(1.2, 1.8)))
    elif char in _COUNTERED:
        pen = open_pen(strokes, line * scale, pen)
    mask, _ = placed(strokes, line * scale, pen, hand.pressure)
    return Glyph(char, mask, line * (1 - scale) + top * line * scale)


@lru_cache(maxsize=4096)
def printed(font: Path, char: str, height_px: int) -> Glyph:
    """A character of a font whose digits are `height_px` tall."""
    from PIL import Image, ImageDraw, ImageFont  # drawing print is the one thing that needs Pillow

    probe = ImageFont.truetype(str(font), 100).getbbox("8")
    size = max(6, round(100 * height_px * 2 / (probe[3] - probe[1])))
    face = ImageFont.truetype(str(font), size)
    left, top, right, bottom = face.getbbox(char)
    image = Image.new("L", (max(2, round(right - left) + 4), max(2, round(bottom - top) + 4)))
    ImageDraw.Draw(image).text((2 - left, 2 - top), char, fill=255, font=face)
    mask = cv2.resize(
        np.asarray(image, np.uint8), (max(1, image.width // 2), max(1, image.height // 2)), interpolation=cv2.INTER_AREA
    )
    return Glyph(char, np.asarray(mask, np.float32) / np.float32(255), (top - face.getbbox("8")[1]) / 2)
