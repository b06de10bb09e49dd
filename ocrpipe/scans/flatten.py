"""From four corners to a flat sheet: a turned rectangle where a scanner saw it, a homography where a phone did."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ocrpipe.geometry import Transform, rotation, translation
from ocrpipe.scans.outline import Corners
from ocrpipe.scans.resolution import known_aspect

_OFF_RECTANGLE = 0.006
"""Corners that lie off a rectangle by no more than this share of its long side come from a flat scan."""
_MOST_OBLIQUE = 1.3
"""The far side of a sheet, as a share of the near one: beyond this the far print is too coarse to trust."""
_FOCAL = (0.5, 2.5)
"""Focal lengths of phones lie between these multiples of the picture's long side."""
_USUAL_FOCAL = 0.8


@dataclass(frozen=True, slots=True, eq=False)
class Flat:
    """A sheet without turn: `to_page` maps its pixels (width × height) to those of the page."""

    to_page: Transform
    width: int
    height: int
    skew_deg: float
    """How far its upper side, as it lies, leans clockwise: -45 … 45."""
    oblique: bool
    """Seen from the side; `to_page` is then a homography, and one pixel about as large as on the page."""


def flatten(corners: Corners, picture: tuple[int, int]) -> Flat | None:
    """Corners are clockwise in pixels of a picture of `picture` (width, height); None where they are seen too
    obliquely."""
    quad = _from_top_left(corners)
    rectangle = _rectangle(quad)
    if rectangle is not None:
        return rectangle
    sides = np.roll(quad, -1, axis=0) - quad
    top, right, bottom, left = np.hypot(sides[:, 0], sides[:, 1])
    if max(top / bottom, bottom / top, left / right, right / left) > _MOST_OBLIQUE:
        return None
    aspect = known_aspect(_aspect(quad, picture))
    area = (top + bottom) * (left + right) / 4
    width, height = max(1, round(np.sqrt(area * aspect))), max(1, round(np.sqrt(area / aspect)))
    lean = float(np.degrees(np.arctan2(sides[0, 1] - sides[2, 1], sides[0, 0] - sides[2, 0])))
    return Flat(_homography(quad, width, height), width, height, lean, oblique=True)


def _from_top_left(corners: Corners) -> Corners:
    """The same corners, begun so that the first side runs to the right."""
    sides = np.roll(corners, -1, axis=0) - corners
    first = int((sides[:, 0] - np.roll(sides[:, 0], -2)).argmax())
    return np.asarray(np.roll(corners, -first, axis=0), np.float64)


def _rectangle(quad: Corners) -> Flat | None:
    """The turned rectangle nearest to four corners; None where they lie off it."""
    across = (quad[1] - quad[0] + quad[2] - quad[3]) / 2
    down = (quad[3] - quad[0] + quad[2] - quad[1]) / 2
    width, height = float(np.hypot(*across)), float(np.hypot(*down))
    # the longer pair of sides fixes the angle better, in proportion to its length
    turn = np.array((down[1], -down[0])) / max(height, 1e-9) * height
    axis = across + turn
    degrees = float(np.degrees(np.arctan2(axis[1], axis[0])))
    middle = quad.mean(axis=0)
    wide, high = max(1, round(width)), max(1, round(height))
    to_page = translation(*middle) @ rotation(degrees, (0, 0)) @ translation(-(wide - 1) / 2, -(high - 1) / 2)
    frame = np.array([(-width, -height), (width, -height), (width, height), (-width, height)]) / 2
    turned = frame @ rotation(degrees, (0, 0))[:2, :2].T + middle
    if np.abs(turned - quad).max() > max(1.5, _OFF_RECTANGLE * max(width, height)):
        return None
    return Flat(np.asarray(to_page, np.float64), wide, high, degrees, oblique=False)


def _homography(quad: Corners, width: int, height: int) -> Transform:
    frame = np.array([(-0.5, -0.5), (width - 0.5, -0.5), (width - 0.5, height - 0.5), (-0.5, height - 0.5)])
    return np.asarray(cv2.getPerspectiveTransform(frame.astype(np.float32), quad.astype(np.float32)), np.float64)


def _aspect(quad: Corners, picture: tuple[int, int]) -> float:
    """Width over height of the rectangle that is seen as `quad`, by a camera whose axis meets the picture's middle.

    Zhang and He, Whiteboard scanning and image enhancement, Digital Signal Processing 17 (2007), section 3.2. Where
    the sides hardly converge the focal length is not to be had from them, and a phone's usual one is taken.
    """
    long = float(max(picture))
    centred = (quad - (np.array(picture) - 1) / 2) / long
    one, two, four, three = (np.array((*point, 1.0)) for point in centred)  # the paper's order: a Z, not a round
    k2 = np.dot(np.cross(one, four), three) / np.dot(np.cross(two, four), three)
    k3 = np.dot(np.cross(one, four), two) / np.dot(np.cross(three, four), two)
    right, down = k2 * two - one, k3 * three - one
    focal = _USUAL_FOCAL
    if abs(right[2] * down[2]) > 1e-4:
        squared = -(right[0] * down[0] + right[1] * down[1]) / (right[2] * down[2])
        if _FOCAL[0] ** 2 < squared < _FOCAL[1] ** 2:
            focal = float(np.sqrt(squared))
    lens = np.array((1 / focal, 1 / focal, 1.0))
    return float(np.hypot.reduce(right * lens) / np.hypot.reduce(down * lens))
