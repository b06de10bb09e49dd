"""What lies on the scanner's bed or on the desk: whatever differs from the picture's rim and is as large as a sheet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrpipe.ranks import median, quantile

Outline = NDArray[np.int32]
"""(N, 1, 2) x, y: a closed line as OpenCV follows it."""

SEARCH_DPI = 50.0
_LONGEST_PX = 640
_RIM_PX = 2
_LEAST_RIM = 0.02
"""A shade that holds less of the rim than this is dirt or a stroke, not a bed."""
_LEAST_GAP = 12.0
"""Gray levels between two shades of the rim that are told apart."""
_LEAST_STEP = 6.0
"""Gray levels by which a sheet differs from its bed at least."""
_SPREAD = 3.5
"""So many standard deviations of the bed's own texture are still bed."""
_MOST_SIGMA = 28.0
"""What is rougher than this is a picture, or ink that reaches the rim."""
_LIGHT, _NOISE_SIGMA = 150.0, 1.2
_PAPER_STEP = 60.0
_NORMAL = 1.4826
"""Standard deviation over the median of what is off, of a normal scatter."""
_HOLD = np.diag((1e-9, 0.005, 0.005))
"""Against slopes of a bed that shows at one side only."""
_COARSE_SIGMA = 4.0
"""A bed that is rougher than this has grain, which is rubbed out before outlines are followed."""


@dataclass(frozen=True, slots=True, eq=False)
class Bed:
    """One reading of the picture: which of its pixels (search scale) are bed."""

    gray: NDArray[np.uint8]
    """(h, w) the search picture."""
    lying: NDArray[np.uint8]
    """(h, w), 1 where something lies that is not bed."""
    level: float
    sigma: float
    rim_share: float
    """How much of the picture's rim the bed holds."""


def search_picture(gray: NDArray[np.uint8], dpi: float) -> tuple[NDArray[np.uint8], int]:
    """The picture in which sheets are sought, and by which whole factor it is smaller than `gray`."""
    factor = max(1, round(dpi / SEARCH_DPI), -(-max(gray.shape) // _LONGEST_PX))
    height, width = gray.shape[0] // factor, gray.shape[1] // factor
    if factor == 1 or min(height, width) < 8:
        return gray, 1
    part = gray[: height * factor, : width * factor]
    return np.asarray(cv2.resize(part, (width, height), interpolation=cv2.INTER_AREA), np.uint8), factor


def beds(gray: NDArray[np.uint8]) -> Iterator[Bed]:
    """Every shade that the rim may have as a bed, the darker first; last a light bed under noise, which is smoothed
    away together with narrow gaps. `gray` is (h, w) uint8, the search picture."""
    x, y, shade = _rim(gray)
    one = _plane(x, y, shade, gray.shape)
    for held in _shades(shade, one.rms) or [np.ones(len(shade), bool)]:
        plane = one if held.all() else _plane(x[held], y[held], shade[held], gray.shape)
        if plane.sigma <= _MOST_SIGMA:
            yield _bed(gray, plane, shade[held], float(held.mean()))
    if one.level > _LIGHT and _NOISE_SIGMA < one.sigma < _COARSE_SIGMA:
        smooth = np.asarray(cv2.blur(gray, (3, 3)), np.uint8)
        x, y, shade = _rim(smooth)
        yield _bed(smooth, _plane(x, y, shade, gray.shape), shade, 1.0)


def _bed(gray: NDArray[np.uint8], plane: _Plane, shade: NDArray[np.float32], rim_share: float) -> Bed:
    step = float(np.clip(_SPREAD * plane.sigma, _LEAST_STEP, 60))
    lying = _unlike(gray, plane, step)
    if plane.sigma > _COARSE_SIGMA:
        lying = _without_grain(gray, lying, plane)
    return Bed(gray, lying, median(shade), plane.sigma, rim_share)


def _rim(gray: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """x, y and shade of the picture's outermost pixels."""
    height, width = gray.shape
    rows, columns = np.arange(height), np.arange(width)
    near, last_row, last_column = _RIM_PX - 1, height - _RIM_PX, width - _RIM_PX
    x = np.concatenate([columns, columns, np.full(height, near), np.full(height, last_column)])
    y = np.concatenate([np.full(width, near), np.full(width, last_row), rows, rows])
    return x.astype(np.float32), y.astype(np.float32), gray[y, x].astype(np.float32)


def _shades(shade: NDArray[np.float32], rms: float) -> list[NDArray[np.bool_]]:
    """The rim as two shades, each a mask over its pixels (Otsu's threshold between them); empty where it is one,
    from which even light strays by `rms`."""
    level, _ = cv2.threshold(shade.astype(np.uint8), 0, 255, cv2.THRESH_OTSU)
    dark = shade <= level
    if not _LEAST_RIM <= float(dark.mean()) <= 1 - _LEAST_RIM:
        return []
    low, high = shade[dark], shade[~dark]
    within = float(np.sqrt((low.var() * len(low) + high.var() * len(high)) / len(shade)))
    if high.mean() - low.mean() < _LEAST_GAP or rms < 1.2 * within:
        return []
    return [dark, ~dark]


@dataclass(frozen=True, slots=True)
class _Plane:
    """The shade of a bed under uneven light: `level` at the picture's top left, and its slopes."""

    level: float
    along_x: float
    along_y: float
    sigma: float
    """How far most pixels scatter about it."""
    rms: float
    """How far all do."""


def _plane(
    x: NDArray[np.float32], y: NDArray[np.float32], shade: NDArray[np.float32], shape: tuple[int, ...]
) -> _Plane:
    """Slopes are held down where a bed shows at one side only and they mean little; what lies off (dirt, a sheet of
    much the same shade) is left out at the second fit."""
    height, width = shape[:2]
    terms = np.ones((len(x), 3))
    terms[:, 1], terms[:, 2] = x / width - 0.5, y / height - 0.5
    solved = _solved(terms, shade)
    off = np.abs(shade - terms @ solved)
    kept = np.flatnonzero(off <= 3 * _NORMAL * median(off) + 2)
    rms = float(np.sqrt(off @ off / len(off)))
    terms, shade = terms[kept], shade[kept]
    solved = _solved(terms, shade)
    sigma = _NORMAL * median(np.abs(shade - terms @ solved))
    level = solved[0] - 0.5 * solved[1] - 0.5 * solved[2]
    return _Plane(float(level), float(solved[1] / width), float(solved[2] / height), sigma, rms)


def _solved(terms: NDArray[np.float64], shade: NDArray[np.float32]) -> NDArray[np.float64]:
    """(3,): the shares of `terms` (N, 3) in `shade` (N,) by least squares."""
    mean = float(shade.mean())
    answer = np.linalg.solve(terms.T @ terms + _HOLD * len(terms), terms.T @ (shade - mean))
    answer[0] += mean
    return np.asarray(answer, np.float64)


def _unlike(gray: NDArray[np.uint8], plane: _Plane, step: float) -> NDArray[np.uint8]:
    """1 where the picture differs from the bed's plane by more than `step`."""
    height, width = gray.shape
    level, along_x, along_y = plane.level, plane.along_x, plane.along_y
    if abs(along_x) * width + abs(along_y) * height < 3:  # as good as even: one comparison with two numbers
        middle = level + along_x * width / 2 + along_y * height / 2
        alike = cv2.inRange(gray, np.array(max(0.0, middle - step)), np.array(min(255.0, middle + step)))
        return np.asarray(cv2.threshold(alike, 0, 1, cv2.THRESH_BINARY_INV)[1], np.uint8)
    row = (along_x * np.arange(width)).astype(np.float32)
    column = (level + along_y * np.arange(height)).astype(np.float32)
    ground = np.clip(column[:, None] + row[None, :], 0, 255).astype(np.uint8)
    return np.asarray(cv2.threshold(cv2.absdiff(gray, ground), step, 1, cv2.THRESH_BINARY)[1], np.uint8)


def _without_grain(gray: NDArray[np.uint8], lying: NDArray[np.uint8], plane: _Plane) -> NDArray[np.uint8]:
    """Rubs out what is thin; on a bed far darker than the paper also whatever is nearer to the bed than to paper."""
    middle = plane.level + plane.along_x * gray.shape[1] / 2 + plane.along_y * gray.shape[0] / 2
    light = gray[(lying > 0) & (gray > middle)]
    paper = quantile(light, 0.75) if len(light) else middle
    if paper > middle + _PAPER_STEP:
        lying = np.asarray(cv2.threshold(gray, 0.5 * (paper + middle), 1, cv2.THRESH_BINARY)[1], np.uint8)
    return np.asarray(cv2.morphologyEx(lying, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)), np.uint8)


def outlines(bed: Bed) -> list[Any]:
    """The outer outlines of everything that lies on the bed; what is inside of them is not looked at."""
    found, _ = cv2.findContours(bed.lying, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return list(found)
