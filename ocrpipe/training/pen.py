"""Drawing single characters: trajectories under any pen, glyphs, print, and the small marks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ocrpipe.training.marks import strokes_of
from ocrpipe.training.writers import Strokes, Writer

Mask = NDArray[np.float32]
_DRAWN = 2
"""Strokes are drawn at twice the size and averaged down."""


@dataclass(frozen=True, slots=True, eq=False)
class Glyph:
    """A drawn character: coverage 0 … 1, and how far its top lies below the top of the line, px."""

    char: str
    mask: Mask
    top: float


@dataclass(frozen=True, slots=True)
class Hand:
    """How one field is written: everything that stays the same from character to character."""

    writer: Writer
    height_px: float
    pen_px: float
    slant: float
    aspect: float
    flag_one: bool
    bar_seven: bool


def digit(hand: Hand, char: str, scale: float, rng: Generator) -> Glyph:
    """A digit of the hand's writer, `scale` times the line height."""
    height = hand.height_px * scale * float(rng.normal(1.0, 0.05))
    if hand.writer.strokes:
        if char == "1" and hand.flag_one:
            strokes = _flagged_one(rng)
        else:
            samples = hand.writer.strokes[char]
            strokes = samples[int(rng.integers(len(samples)))]
            if char == "7" and hand.bar_seven and len(strokes) == 1:
                strokes = [*strokes, np.array([(-0.05, 0.52), (0.45, 0.48)], np.float32)]
        mask = draw(_bent(strokes, hand, rng), height, hand.pen_px)
    else:
        samples_ = hand.writer.glyphs[char]
        mask = _glyph(samples_[int(rng.integers(len(samples_)))], height, hand, rng)
    return Glyph(char, mask, hand.height_px - mask.shape[0] + float(rng.normal(0, 0.03)) * hand.height_px)


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
    every = np.concatenate(strokes) * height * _DRAWN
    low = every.min(axis=0)
    size = np.ceil(every.max(axis=0) - low + pen * _DRAWN + 3).astype(int)
    canvas = np.zeros((max(size[1], 2), max(size[0], 2)), np.uint8)
    thickness = max(1, round(pen * _DRAWN))
    for line in strokes:
        points = (line * height * _DRAWN - low + pen * _DRAWN / 2 + 1) * 16
        cv2.polylines(canvas, [np.round(points).astype(np.int32)], False, 255, thickness, cv2.LINE_AA, shift=4)
    size = max(1, canvas.shape[1] // _DRAWN), max(1, canvas.shape[0] // _DRAWN)
    return np.asarray(cv2.resize(canvas, size, interpolation=cv2.INTER_AREA), np.float32) / np.float32(255)


def _flagged_one(rng: Generator) -> Strokes:
    """A 1 with an upstroke, as most of Europe, Asia and South America write it; sometimes with a foot."""
    reach, fall = float(rng.uniform(0.15, 0.5)), float(rng.uniform(0.15, 0.75))
    bend = float(rng.uniform(-0.05, 0.12))
    lines = [
        np.array([(0, fall), (reach * 0.5 + bend, fall * 0.45), (reach, 0), (reach * 0.95, 0.5), (reach * 0.9, 1)])
    ]
    if rng.random() < 0.2:
        lines.append(np.array([(reach * 0.5, 1.0), (reach * 1.5, 0.98)]))
    return [line.astype(np.float32) for line in lines]


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


def mark(hand: Hand, char: str, scale: float, rng: Generator) -> Glyph:
    """A separator, a currency sign, a closing stroke or an x."""
    strokes, top = strokes_of(char, rng)
    if char in "$*x=":
        strokes = _bent(strokes, hand, rng)
    pen = max(2.0, hand.pen_px * float(rng.uniform(1.2, 1.8))) if char == "." else hand.pen_px
    line = hand.height_px
    return Glyph(char, draw(strokes, line * scale, pen), line * (1 - scale) + top * line * scale)


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
