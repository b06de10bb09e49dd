"""From the picture of a check's lower edge to strips in which every line of E-13B has one size and lies level.

Where the line lies is found again, finer than it was located: all that the picture need do is to show it.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrpipe.e13b import Comb, combs
from ocrpipe.geometry import rotation, scaling, translation
from ocrpipe.records import FieldImage, MicrStrip

PITCH = 16
"""Distance of two characters in a strip, px."""
HEIGHT = 24
"""Rows of a strip; the characters take up the middle 15."""
_MARGIN = PITCH
"""Before the first ink and behind the last, px."""
_REACH = 14 * PITCH
"""How far beyond the parts that keep the pitch the line may go on: what touches foreign ink was not seen. Px."""
_FIND_DPI = 95
"""Where parts are sought a picture need not be finer: a hundredth of an inch tells the pitch of a line."""
_FAINTEST = 40
"""Depth of the faintest ink, of 255."""
_FULL = 230
"""What most of the line's ink has in a strip, of 255."""
_LEAST_PX = 12
"""A picture lower or narrower than this holds no line that can be read."""
_INK = 0.5
"""Depth from which on there is ink, as a share of what most of the line's ink has."""
_PAPER_IN = 0.06
"""Wider than any stroke of E-13B, so that the lightest gray around is that of the paper."""

Gray = NDArray[np.uint8]


def micr_strip(image: FieldImage) -> MicrStrip | None:
    """The line in a field's picture, in pixels of its page; None where there is none."""
    found = strips(image.pixels, image.dpi)
    return replace(found[0], to_picture=image.to_page @ found[0].to_picture) if found else None


def strips(picture: Gray, dpi: float, most: int = 1) -> list[MicrStrip]:
    """The lines of E-13B in `picture` (H, W; 0 ink … 255 paper), surest first; `dpi` may be off by a tenth."""
    if min(picture.shape) < _LEAST_PX:
        return []
    paper = _paper(picture, dpi)
    return [_strip(picture, paper, comb, dpi) for comb in combs(_parts(picture, paper, dpi), most)]


def _paper(picture: Gray, dpi: float) -> Gray:
    """(H / 4, W / 4): the shade of the paper, which strokes and small print leave alone."""
    small = cv2.resize(picture, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    reach = max(3, round(_PAPER_IN * dpi / 4)) | 1
    light = cv2.dilate(small, np.ones((reach, reach), np.uint8))
    return np.asarray(cv2.blur(light, (2 * reach + 1, 2 * reach + 1)), np.uint8)


def _depth(gray: Gray, paper: Gray) -> Gray:
    """(H, W) 0 paper … 255 black: how much darker than the paper of the same place."""
    around = np.maximum(cv2.resize(paper, gray.shape[::-1], interpolation=cv2.INTER_LINEAR), 24)
    return np.asarray(cv2.bitwise_not(cv2.divide(gray, around, scale=255)), np.uint8)


def _parts(picture: Gray, paper: Gray, dpi: float) -> NDArray[np.float64]:
    """(N, 4) bounding boxes of connected ink, inches."""
    times = max(1, int(dpi / _FIND_DPI))
    size = picture.shape[1] // times, picture.shape[0] // times
    small = picture if times == 1 else np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    depth = _depth(small, paper)
    level, dark = cv2.threshold(depth, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    if level < _FAINTEST:
        _, dark = cv2.threshold(depth, _FAINTEST, 255, cv2.THRESH_BINARY)
    outlines, _ = cv2.findContours(dark, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    boxes = np.array([cv2.boundingRect(line) for line in outlines], np.float64).reshape(-1, 4)
    corners = np.column_stack((boxes[:, :2], boxes[:, :2] + boxes[:, 2:]))
    return np.asarray(corners * (picture.shape[1] / size[0] / dpi), np.float64)


def _strip(picture: Gray, paper: Gray, comb: Comb, dpi: float) -> MicrStrip:
    scale = PITCH / (comb.pitch * dpi)
    left = min(comb.x0 * dpi, _REACH / scale)
    right = min(picture.shape[1] - comb.x1 * dpi, _REACH / scale)
    x = comb.x0 * dpi - left
    width = round((comb.x1 * dpi + right - x) * scale) + 2 * _MARGIN
    start = translation(x, (comb.y + comb.slope * x / dpi) * dpi)
    lean = rotation(float(np.degrees(np.arctan(comb.slope))), (0.0, 0.0))
    to_picture = start @ lean @ scaling(1 / scale, 1 / scale) @ translation(-_MARGIN, -(HEIGHT - 1) / 2)
    depth, top = _depth_around(picture, paper, comb, dpi)
    if scale < 0.85:  # else fine bars would fall between the points that are looked at
        depth = np.asarray(cv2.GaussianBlur(depth, (0, 0), 0.35 / scale), np.uint8)
    to_depth = (translation(0, -top) @ to_picture)[:2]
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    ink = np.asarray(cv2.warpAffine(depth, to_depth, (width, HEIGHT), flags=flags, borderValue=0), np.uint8)
    middle = ink[(HEIGHT - PITCH) // 2 : (HEIGHT + PITCH) // 2]
    begin, end = round(left * scale) + _MARGIN, width - _MARGIN - round(right * scale)
    full = max(float(np.percentile(middle[:, begin:end], 94)), float(_FAINTEST))
    inked = np.flatnonzero(middle.max(axis=0) > _INK * full)
    first = max(0, min(begin, *inked[:1].tolist()) - _MARGIN)
    last = min(width, max(end, *inked[-1:].tolist()) + _MARGIN)
    ink = np.asarray(cv2.convertScaleAbs(ink[:, first:last], alpha=_FULL / full), np.uint8)
    return MicrStrip(ink, np.asarray(to_picture @ translation(first, 0), np.float64), comb.evidence)


def _depth_around(picture: Gray, paper: Gray, comb: Comb, dpi: float) -> tuple[Gray, int]:
    """The depth of the rows that the line can touch, and the first of them."""
    ends = [comb.y + comb.slope * x for x in (0.0, picture.shape[1] / dpi)]
    first = 4 * max(0, int((min(ends) - comb.pitch) * dpi / 4))
    last = min(len(picture), 4 * int((max(ends) + comb.pitch) * dpi / 4 + 2))
    return _depth(picture[first:last], paper[first // 4 : -(-last // 4)]), first
