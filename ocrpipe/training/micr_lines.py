"""Whole MICR lines, drawn: characters of E-13B on their pitch, printed well or badly, in the lower part of a check.

The drawing knows where each character stands and which pixels are its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ocrpipe.e13b import HEIGHT_IN, MODULE_IN, PITCH_IN
from ocrpipe.geometry import Transform, apply, rotation, scaling, translation
from ocrpipe.training.e13b import COLUMNS, FINE, ROWS, glyph
from ocrpipe.training.micr_clutter import Band, clutter
from ocrpipe.training.micr_wording import wording
from ocrpipe.training.paper import paper
from ocrpipe.training.scanner import scanned

FINE_DPI = FINE / MODULE_IN
"""Of a line as it is set."""
_ROOM = 3 * FINE
"""Around the line in its fine drawing, px."""
_SCANS = 4
"""How often somebody tries to scan a line so that it can be read."""
_CONTRAST, _SHOWN = 14, 0.45
"""Gray levels by which ink is darker than most of the picture, and the share of a character that must be."""

Plane = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class DrawnLine:
    """A picture with a line of E-13B in it."""

    picture: NDArray[np.uint8]
    """(H, W) 0 ink … 255 paper."""
    dpi: float
    """As a file would say it: not quite the true one."""
    text: str
    """With single spaces between groups."""
    centres: NDArray[np.float64]
    """(N, 2) the middle of each character's cell, which ends at its right edge; spaces left out. Pixels."""
    owners: NDArray[np.int16]
    """(H, W): 0 nobody, i + 1 character i."""


def draw_line(rng: Generator, *, strange: bool = False, text: str | None = None) -> DrawnLine:
    """One line; a `strange` one is printed, soiled and scanned in ways that an ordinary one never is, on papers that
    teach nothing."""
    text = wording(rng) if text is None else text
    bitonal = rng.random() < 0.35
    dpi = _resolution(bitonal, rng)
    ink, owned, cells = set_line(text, rng)
    ink = printed_line(ink, strange, rng)
    to_fine, shape = _frame(ink.shape, dpi, rng)
    to_picture = np.asarray(np.linalg.inv(to_fine), np.float64)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    soft = cv2.GaussianBlur(ink, (0, 0), 0.4 * FINE_DPI / dpi)
    coverage = np.asarray(cv2.warpAffine(soft, to_fine[:2], shape[::-1], flags=flags), np.float32)
    nearest = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
    owners = np.asarray(cv2.warpAffine(owned, to_fine[:2], shape[::-1], flags=nearest), np.int16)
    centres = apply(to_picture, cells)
    middle, half = float(centres[:, 1].mean()), HEIGHT_IN * dpi / 2
    band = Band(shape, dpi, middle - half, middle + half)
    for _ in range(_SCANS):
        sheet = clutter(paper(shape, faint=bitonal, rng=rng, strange=strange), band, strange, rng)
        dark = float(rng.uniform(0.05, 0.35) if rng.random() < 0.85 else rng.uniform(0.35, 0.6))
        picture = scanned(np.asarray(sheet * (1 - coverage * (1 - dark)), np.float32), bitonal, rng)
        if _is_whole(picture, owners, len(cells)):
            break
    told = dpi * (1 + float(rng.normal(0, 0.004) if rng.random() < 0.8 else rng.uniform(-0.08, 0.08)))
    return DrawnLine(picture, told, " ".join(text.split()), centres, owners)


def _resolution(bitonal: bool, rng: Generator) -> float:
    if rng.random() < 0.55:
        return 200.0
    return float(rng.uniform(160 if bitonal else 100, 300))


def set_line(text: str, rng: Generator) -> tuple[Plane, NDArray[np.int16], NDArray[np.float64]]:
    """The line in `FINE` pixels to a square, the owners of its ink, and the middles of its cells (N, 2)."""
    careless = float(rng.choice((0.3, 1.0, 2.5), p=(0.4, 0.45, 0.15)))
    pitch = PITCH_IN * FINE_DPI
    rows, columns = ROWS * FINE + 2 * _ROOM, round((len(text) + 3) * pitch) + 2 * _ROOM
    ink, owners = np.zeros((rows, columns), np.float32), np.zeros((rows, columns), np.int16)
    cells, right = [], _ROOM + pitch
    for before, symbol in zip(" " + text, text, strict=False):
        right += pitch * (1 + float(rng.normal(0, 0.008)) * careless)
        if symbol == " ":
            if before != " " and rng.random() < 0.2:  # the next group is from another machine
                right += pitch * float(rng.uniform(-0.2, 0.5))
            continue
        dx, dy = rng.normal(0, (0.02 * pitch, 0.015 * pitch)) * careless
        sink = float(rng.choice((0, 2.5))) * FINE if symbol == "D" else 0.0  # seen at mid-height and on the line
        x = round(right + dx) - COLUMNS * FINE
        y = round(np.clip(_ROOM + dy + sink, 0, 2 * _ROOM))
        drawn = glyph(symbol)
        part = ink[y : y + len(drawn), x : x + drawn.shape[1]]
        np.maximum(part, drawn, out=part)
        cells.append((x + COLUMNS * FINE / 2 - 0.5, y - sink + ROWS * FINE / 2 - 0.5))
        owners[y : y + len(drawn), x : x + drawn.shape[1]][drawn > 0] = len(cells)
    return ink, owners, np.array(cells)


def printed_line(ink: Plane, strange: bool, rng: Generator) -> Plane:
    """Corners rounded, strokes too bold or too light, unevenly inked, worn, or broken by streaks."""
    rows, columns = ink.shape
    soft = np.asarray(cv2.GaussianBlur(ink, (0, 0), FINE * float(rng.uniform(0.2, 0.45))), np.float32)
    weight = rng.random()
    level = 0.5
    if weight < 0.2:
        level = float(rng.uniform(0.12, 0.4))
    elif weight < 0.4:
        level = float(rng.uniform(0.55, 0.66))
    grain = FINE * float(rng.uniform(2.5, 6) if strange else rng.uniform(0.5, 2.5))
    coarse = rng.standard_normal((int(rows / grain) + 2, int(columns / grain) + 2), np.float32)
    uneven = float(rng.uniform(0, 0.16)) * cv2.resize(coarse, (columns, rows), interpolation=cv2.INTER_CUBIC)
    printed = np.asarray(np.clip((soft - level - uneven) * float(rng.uniform(3, 10)) + 0.5, 0, 1), np.float32)
    if rng.random() < 0.2:
        _wear(printed, strange, rng)
    return printed


def _wear(printed: Plane, strange: bool, rng: Generator) -> None:
    """Takes ink away: flakes, or streaks along the line or across it."""
    rows, columns = printed.shape
    flakes = rng.random() < 0.6
    for _ in range(int(rng.integers(5, columns // FINE)) if flakes else 0):
        spot = int(rng.integers(0, columns)), int(rng.integers(0, rows))
        radius = round(FINE * float(rng.uniform(0.2, 0.9)))
        cv2.circle(printed, spot, radius, float(rng.uniform(0, 0.4)), -1)
    for _ in range(0 if flakes else int(rng.integers(1, 4))):
        thick = round(FINE * float(rng.uniform(0.2, 0.7)))
        if strange:
            at = int(rng.integers(0, columns))
            printed[:, at : at + thick] *= float(rng.uniform(0, 0.5))
        else:
            at = int(rng.integers(0, rows))
            printed[at : at + thick] *= float(rng.uniform(0, 0.5))


def _frame(fine: tuple[int, ...], dpi: float, rng: Generator) -> tuple[Transform, tuple[int, int]]:
    """Picture pixels → fine pixels of the line, and the picture's shape: the line somewhere in it, leaning a little,
    not quite as wide as it should be."""
    rows, columns = fine
    scale = dpi / FINE_DPI
    left, right = (float(v) * dpi for v in rng.uniform(0.1, 0.8, 2))
    above, below = (float(v) * dpi for v in rng.uniform(0.05, 0.25, 2))
    width, height = round(columns * scale + left + right), round(rows * scale + above + below)
    stretch = 1 + float(rng.normal(0, 0.006))
    lean = float(rng.normal(0, 0.3) if rng.random() < 0.8 else rng.uniform(-1.2, 1.2))
    middle = (columns - 1) / 2, (rows - 1) / 2
    to_picture = translation(left, above) @ scaling(scale * stretch, scale) @ rotation(lean, middle)
    return np.asarray(np.linalg.inv(to_picture), np.float64), (height, width)


def _is_whole(picture: NDArray[np.uint8], owners: NDArray[np.int16], count: int) -> bool:
    """Whether a scan still shows all characters."""
    dark = (picture < np.median(picture) - _CONTRAST).ravel()
    sizes = np.bincount(owners.ravel(), minlength=count + 1)[1:]
    shown = np.bincount(owners.ravel(), weights=dark, minlength=count + 1)[1:]
    return bool((shown >= _SHOWN * sizes).all())
