"""The print of a blank form, prepared once for being found on pages.

Three resolutions: the whole form's ink at some 30 dpi tells roughly where it lies; small patches of
text and corners of rules, first at 100 dpi and then at up to 200 dpi, tell exactly.
Patches are compared as `matching` says, which handwriting beside the print lowers only a little.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrpipe.errors import UsageError
from ocrpipe.fields.matching import Patches, patches_of, softened
from ocrpipe.fields.template import Template
from ocrpipe.geometry import Box, Transform, apply, resample, scaling, translation

COARSE_SIDE = 320
"""Longest side of the coarse picture, in pixels: 29 dpi on a letter page."""
MID_DPI, FINE_DPI = 100.0, 200.0
MID_REACH_INCH, FINE_REACH_INCH = 0.12, 0.03
"""How far off a patch may lie after the first guess, and after the fit at 100 dpi."""
PATCH_INCH = 0.24
LEAST_PATCHES, MOST_PATCHES = 4, 64
LEAST_CONTRAST = 12.0
"""Standard deviation of a patch of the blank, in gray levels, that counts as print."""
LEAST_STRENGTH = 0.02
"""Of the strongest spot on the sheet."""


@dataclass(frozen=True, slots=True, eq=False)
class Level:
    """The patches at one resolution; `to_template` maps its pixels to template pixels."""

    dpi: float
    to_template: Transform
    width: int
    height: int
    patches: Patches
    boxes: tuple[Box, ...]
    """In this level's pixels, on whole numbers."""
    centres: NDArray[np.float64]
    """(N, 2), template pixels."""


@dataclass(frozen=True, slots=True, eq=False)
class Blank:
    """A template's blank, ready to be looked for."""

    pixels: NDArray[np.uint8]
    """The whole blank in template pixels; anchors are cut from it."""
    canvas_to_template: Transform
    canvas: tuple[int, int]
    """Width and height of the coarse picture with room to shift."""
    spectrum: NDArray[Any]
    """Of the coarse ink of unit energy, float32 as `cv2.dft` packs it."""
    mid: Level
    fine: Level
    weights: NDArray[np.float64]
    """(N,) how much each patch proves: the share of it that lies in no field, where writing is expected."""


@lru_cache(maxsize=64)
def prepare(template: Template) -> Blank | None:
    """Reads the blank and chooses its patches; None for a template without a blank.

    Raises
    ------
    UsageError
        If the picture cannot be read, is not of the page's shape, or shows too little print.
    """
    if template.blank is None:
        return None
    pixels = _read(template)
    spots = _spots(template, pixels)
    if len(spots) < LEAST_PATCHES:
        raise UsageError(
            f"{template.path.name}: register.blank: expected print to register by, at least {LEAST_PATCHES} spots "
            f"of text or corners of rules; found {len(spots)}"
        )
    print_only = np.full(pixels.shape, 255, np.uint8)
    for box in _regions(template):
        print_only[box.slices(pixels.shape)] = pixels[box.slices(pixels.shape)]
    shrink = COARSE_SIDE / max(template.width, template.height)
    width, height = (cv2.getOptimalDFTSize(round(side * shrink * 1.25)) for side in (template.width, template.height))
    # the centre of the canvas is the centre of the sheet, so that a half turn is a flip of both
    to_template = (
        translation((template.width - 1) / 2, (template.height - 1) / 2)
        @ np.diag((1 / shrink, 1 / shrink, 1.0))
        @ translation(-(width - 1) / 2, -(height - 1) / 2)
    )
    ink = ink_of(resample(print_only, to_template, width, height))
    return Blank(
        pixels, to_template, (width, height), cv2.dft(ink / (np.linalg.norm(ink) + 1e-9)),
        _level(template, pixels, spots, MID_DPI, MID_REACH_INCH),
        _level(template, pixels, spots, FINE_DPI, FINE_REACH_INCH), _weights(template, spots),
    )  # fmt: skip


def ink_of(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """How much darker than its surroundings each pixel is, (H, W) float32 of mean 0.

    The surroundings are the mean of 15 pixels about it; a scanner bed or a shadow has no inside.
    """
    darker = cv2.subtract(cv2.blur(pixels, (15, 15), borderType=cv2.BORDER_REPLICATE), pixels)
    ink = np.asarray(cv2.threshold(darker, 96, 0, cv2.THRESH_TRUNC)[1], np.float32)
    return np.asarray(ink - cv2.mean(ink)[0], np.float32)


def read_gray(template: Template, key: str, path: str) -> NDArray[np.uint8]:
    """Reads a picture that a template names."""
    data = np.fromfile(path, np.uint8)  # cv2.imread does not take every path that the system does
    pixels = cv2.imdecode(data, cv2.IMREAD_GRAYSCALE) if data.size else None
    if pixels is None:
        raise UsageError(f"{template.path.name}: {key}: expected a picture that can be read; got {path}")
    return np.asarray(pixels, np.uint8)


def _read(template: Template) -> NDArray[np.uint8]:
    """The blank in template pixels."""
    pixels = read_gray(template, "register.blank", str(template.blank))
    rows, columns = pixels.shape
    across, down = template.width / columns, template.height / rows
    if not 0.98 < across / down < 1.02:
        raise UsageError(
            f"{template.path.name}: register.blank: expected a picture of the shape of the page, "
            f"{template.width:.0f} × {template.height:.0f} px; got {columns} × {rows}"
        )
    width, height = round(template.width), round(template.height)
    if (rows, columns) == (height, width):
        return pixels
    return resample(pixels, scaling(1 / across, 1 / down), width, height)


def _regions(template: Template) -> tuple[Box, ...]:
    return template.register_on or (Box(0, 0, template.width, template.height),)


def _spots(template: Template, pixels: NDArray[np.uint8]) -> list[Box]:
    """Where patches are cut: boxes that fix both x and y, spread over the sheet, in template pixels.

    A spot's strength is the smaller eigenvalue of the gradient's covariance over a patch (Shi and
    Tomasi, "Good features to track", 1994): text and corners have it, rules and bare paper do not.
    """
    side = 2 * round(PATCH_INCH * template.dpi / 2) + 1
    soft = cv2.GaussianBlur(pixels, (0, 0), template.dpi / 150)
    gray = soft.astype(np.float32)
    contrast = np.sqrt(np.maximum(0, cv2.blur(gray**2, (side, side)) - cv2.blur(gray, (side, side)) ** 2))
    strength = cv2.cornerMinEigenVal(soft, side // 2, ksize=3)  # half a patch, so that print comes to lie inside
    strength[contrast < LEAST_CONTRAST] = 0
    usable = np.zeros(pixels.shape, bool)
    for region in _regions(template):
        usable[region.expanded(-side / 4, -side / 4).slices(pixels.shape)] = True
    strength[~usable] = 0
    strength[strength < LEAST_STRENGTH * strength.max()] = 0
    points: list[tuple[int, int]] = []
    apart = round(0.9 * side)
    while strength.max() > 0 and len(points) < 4 * MOST_PATCHES:
        x, y = cv2.minMaxLoc(strength)[3]
        points.append((x, y))
        strength[max(0, y - apart) : y + apart + 1, max(0, x - apart) : x + apart + 1] = 0
    return [_cut(template, x, y, side / 2) for x, y in _spread(points, MOST_PATCHES)]


def _cut(template: Template, x: int, y: int, half: float) -> Box:
    """The patch about a point, without what lies outside its region: handwriting, on a filled blank."""
    region = next(r for r in _regions(template) if r.x0 <= x < r.x1 and r.y0 <= y < r.y1)
    return Box(x - half, y - half, x + half, y + half).intersection(region)


def _weights(template: Template, spots: list[Box]) -> NDArray[np.float64]:
    fields = [field.box for field in template.fields if field.anchor is None]
    covered = np.array([sum(spot.intersection(box).area for box in fields) / spot.area for spot in spots])
    return np.asarray(1 - np.clip(covered, 0, 0.9), np.float64)


def _spread(points: list[tuple[int, int]], most: int) -> list[tuple[int, int]]:
    """At most `most` of the points, each the farthest from those before it, the strongest first: dense text must not
    outvote the rest of the sheet, and few of them are spread as all are."""
    if not points:
        return []
    at = np.array(points, np.float64)
    kept, distance = [0], np.hypot(*(at - at[0]).T)
    while len(kept) < min(most, len(points)):
        kept.append(int(distance.argmax()))
        distance = np.minimum(distance, np.hypot(*(at - at[kept[-1]]).T))
    return [points[i] for i in kept]


def _level(template: Template, pixels: NDArray[np.uint8], spots: list[Box], dpi: float, reach_inch: float) -> Level:
    dpi = min(dpi, template.dpi)
    to_template = scaling(template.dpi / dpi, template.dpi / dpi)
    width, height = round(template.width * dpi / template.dpi), round(template.height * dpi / template.dpi)
    picture = softened(resample(pixels, to_template, width, height))
    sheet = Box(0, 0, width, height)
    whole = [spot.scaled(dpi / template.dpi) for spot in spots]
    boxes = [Box(round(b.x0), round(b.y0), round(b.x1), round(b.y1)).intersection(sheet) for b in whole]
    centres = np.array([((b.x0 + b.x1 - 1) / 2, (b.y0 + b.y1 - 1) / 2) for b in boxes])
    patches = patches_of([picture[box.slices(picture.shape)] for box in boxes], round(reach_inch * dpi))
    return Level(dpi, to_template, width, height, patches, tuple(boxes), apply(to_template, centres))
