"""What a scanner makes of a sheet: its bed, a skew, a quarter turn, and the file's own word on its resolution."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ocrpipe.geometry import Box, Transform, apply, rotation, scaling, translation
from ocrpipe.training.drawing import is_whole
from ocrpipe.training.paper import paper
from ocrpipe.training.scanner import scanned
from ocrpipe.training.sheets.chance import between, odds, pick
from ocrpipe.training.sheets.sheet import INK_DPI, Plane, Sheet, Truth

_SCANS = 4
"""How often somebody tries to scan a sheet so that its fields can be read."""


@dataclass(frozen=True, slots=True, eq=False)
class DrawnField:
    """A field of a scanned sheet. Corners: (4, 2) float64, pixels of the picture, clockwise from the field's own top
    left; a pixel's centre lies on whole numbers."""

    name: str
    """`amount`, `date`, `number` (the check's printed one), `micr` or `zip`."""
    kind: str
    value: str
    """Canonical: `1234.56`, an ISO date, `02139-1234`, a MICR line as T, A, U, D with single spaces."""
    corners: NDArray[np.float64]
    """Tight around what is written."""
    shown: NDArray[np.float64]
    """The field as people see it, with its printed frame, mark, label and legend."""
    printed: bool


@dataclass(frozen=True, slots=True, eq=False)
class DrawnSheet:
    """A scanned sheet and the truth of it."""

    picture: NDArray[np.uint8]
    """(H, W), 0 ink … 255 paper."""
    dpi: float
    told_dpi: float | None
    """What the file says; None where it is silent."""
    kind: str
    """`check`, `envelope` or `other`."""
    layout: str
    fields: tuple[DrawnField, ...]


def is_bitonal(rng: Generator) -> bool:
    """Decided before a sheet is drawn: tints must stay pale where each pixel is black or white."""
    return odds(rng, 0.22)


def scan(sheet: Sheet, kind: str, layout: str, rng: Generator, *, strange: bool = False) -> DrawnSheet:
    """The sheet on a scanner's bed, not always upright; `strange` paper bears prints that no other does."""
    dpi = _resolution(sheet.bitonal, rng)
    to_picture, shape = _place(sheet, dpi, rng)
    light, cover, owners = _warped(sheet, to_picture, shape, dpi)
    background = _bed(shape, rng)
    stock = paper(shape, faint=sheet.bitonal, rng=rng, strange=strange)
    edge = cv2.GaussianBlur(cover, (0, 0), 0.012 * dpi) if background.mean() > 120 else cover
    shadow = 1 - between(rng, 0.05, 0.3) * np.clip(edge - cover, 0, 1)
    scene = np.asarray(background * shadow * (1 - cover) + cover * stock * light, np.float32)
    boxes = [(truth, _corners(truth.box, to_picture)) for truth in sheet.truths]
    for _ in range(_SCANS):
        picture = scanned(scene, sheet.bitonal, rng)
        if all(_is_legible(picture, owners, corners, truth) for truth, corners in boxes):
            break
    quarters = int(rng.choice(4, p=(0.8, 0.06, 0.08, 0.06)))
    fields = tuple(
        DrawnField(
            t.name, t.kind, t.value, _turned(corners, picture.shape, quarters),
            _turned(_corners(t.shown, to_picture), picture.shape, quarters), t.printed,
        )
        for t, corners in boxes
    )  # fmt: skip
    picture = np.ascontiguousarray(np.rot90(picture, quarters))
    return DrawnSheet(picture, dpi, _told(dpi, rng), kind, layout, fields)


def _resolution(bitonal: bool, rng: Generator) -> float:
    nominal = 200.0 if odds(rng, 0.6) else pick(rng, (200.0, 240.0, 300.0) if bitonal else (150.0, 200.0, 240.0, 300.0))
    return nominal * (1 + float(rng.normal(0, 0.003))) if odds(rng, 0.85) else between(rng, 160, 300)


def _told(dpi: float, rng: Generator) -> float | None:
    """Rounded as files do; a camera's or an editor's stand-in now and then."""
    place = rng.random()
    if place < 0.15:
        return None
    return (
        pick(rng, (72.0, 96.0)) if place < 0.18 else float(round(dpi / 10) * 10) if place < 0.9 else float(round(dpi))
    )


def _place(sheet: Sheet, dpi: float, rng: Generator) -> tuple[Transform, tuple[int, int]]:
    """The sheet's pixels → the picture's, and the picture's shape."""
    skew = 0.0 if odds(rng, 0.25) else float(np.clip(rng.normal(0, 0.8 if odds(rng, 0.7) else 2.2), -4, 4))
    rows, columns = sheet.light.shape
    scale = dpi / INK_DPI
    to_flat = rotation(skew, (0, 0)) @ scaling(scale, scale * (1 + float(rng.normal(0, 0.002))))
    corners = apply(to_flat, Box(-0.5, -0.5, columns - 0.5, rows - 0.5).corners())
    low, high = corners.min(axis=0), corners.max(axis=0)
    trimmed = odds(rng, 0.6)  # along the sheet's edges, or a little inside of them
    margins = (rng.uniform(-0.02, 0.05, 4) if trimmed else rng.uniform(0.05, 0.6, 4)) * dpi
    shape = round(high[1] - low[1] + margins[1] + margins[3]), round(high[0] - low[0] + margins[0] + margins[2])
    return np.asarray(translation(margins[0] - low[0], margins[1] - low[1]) @ to_flat, np.float64), shape


def _warped(
    sheet: Sheet, to_picture: Transform, shape: tuple[int, int], dpi: float
) -> tuple[Plane, Plane, NDArray[np.int16]]:
    """The sheet's light, its cover (1 where it lies) and its owners, in the picture."""
    size = shape[1], shape[0]
    soft = cv2.GaussianBlur(sheet.light, (0, 0), 0.4 * INK_DPI / dpi)
    light = cv2.warpAffine(soft, to_picture[:2], size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    cover = cv2.warpAffine(np.ones_like(sheet.light), to_picture[:2], size, flags=cv2.INTER_LINEAR)
    owners = cv2.warpAffine(sheet.owners, to_picture[:2], size, flags=cv2.INTER_NEAREST)
    return np.asarray(light, np.float32), np.asarray(cover, np.float32), np.asarray(owners, np.int16)


def _bed(shape: tuple[int, int], rng: Generator) -> Plane:
    """Dark, light or gray, a little uneven."""
    tone = pick(rng, (between(rng, 0, 35), between(rng, 235, 255), between(rng, 40, 130), between(rng, 245, 255)))
    coarse = rng.standard_normal((5, 9), np.float32) * np.float32(between(rng, 0, 3))
    return np.asarray(np.clip(tone + cv2.resize(coarse, (shape[1], shape[0])), 0, 255), np.float32)


def _corners(box: Box, to_picture: Transform) -> NDArray[np.float64]:
    return apply(to_picture, box.scaled(INK_DPI).moved(-0.5, -0.5).corners())


def _is_legible(
    picture: NDArray[np.uint8], owners: NDArray[np.int16], corners: NDArray[np.float64], truth: Truth
) -> bool:
    """Whether the scan still shows all characters of a field."""
    low, high = corners.min(axis=0), corners.max(axis=0)
    part = Box(*low, *high).expanded(3, 3).slices(picture.shape)
    owned = owners[part]
    if not owned.any():
        return False
    _, numbers = np.unique(owned, return_inverse=True)
    named = np.asarray(numbers.reshape(owned.shape) + int(owned.min() > 0), np.int16)
    return is_whole(255 - picture[part] if truth.inverse else picture[part], named)


def _turned(corners: NDArray[np.float64], shape: tuple[int, ...], quarters: int) -> NDArray[np.float64]:
    """Where points lie once the picture is turned counter-clockwise."""
    rows, columns = shape
    for _ in range(quarters):
        corners = np.column_stack([corners[:, 1], columns - 1 - corners[:, 0]])
        rows, columns = columns, rows
    return corners
