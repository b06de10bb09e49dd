"""Registration marks: filled squares, circles or crosses near the corners of a form."""

from __future__ import annotations

from itertools import combinations, product

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrpipe.fields.fitting import Fit, affine, distances, evidence_of
from ocrpipe.fields.matching import match, softened
from ocrpipe.fields.sheet import Sheet, centred, turned
from ocrpipe.fields.template import MM_PER_INCH, Fiducials, Template
from ocrpipe.geometry import Transform, apply, translation

SIDE = 24
"""Pixels along a mark as it is looked for."""
LEAST_SCORE = 0.6
CANDIDATES = 3
"""Places considered for each mark."""
SCALE_OFF, LEAN = 0.08, 0.1
"""How far the page's scale may be from the stated one, and its axes from the upright (radians)."""
NEAR_MM = 1.5
"""How near a mark must be to where the others say."""
NOISE_INCH = 0.004


Seen = tuple[float, float]
"""Where a mark's centre seems to be, in upright pixels."""


def by_fiducials(marks: Fiducials, template: Template, sheet: Sheet) -> list[Fit]:
    """The ways, at most two (as it lies and upside down), in which at least three marks agree."""
    laid = [_laid(marks, template, turned(sheet, degrees)) for degrees in (0, 180)]
    return [one for one in laid if one is not None]


def drawn(shape: str, side: int) -> NDArray[np.uint8]:
    """A mark, black on white, with a margin of a third of its `side`."""
    margin = side // 3
    picture = np.full((side + 2 * margin,) * 2, 255, np.uint8)
    middle, last = margin + side // 2, margin + side - 1
    if shape == "square":
        picture[margin : last + 1, margin : last + 1] = 0
    elif shape == "circle":
        cv2.circle(picture, (middle, middle), side // 2, 0, cv2.FILLED, cv2.LINE_AA)
    else:
        thick = max(1, side // 10)
        picture[middle - thick : middle + thick, margin : last + 1] = 0
        picture[margin : last + 1, middle - thick : middle + thick] = 0
    return picture


def _laid(marks: Fiducials, template: Template, sheet: Sheet) -> Fit | None:
    scale = sheet.upright.page.dpi / template.dpi
    start = centred(sheet.upright, template, scale)
    places = np.array(marks.at)
    seen = [_seen(marks, sheet, start, place) for place in marks.at]
    near = NEAR_MM * template.dpi / MM_PER_INCH * scale
    most: tuple[int, float] = (0, 0.0)
    pairs: list[tuple[int, Seen]] = []
    for i, j in combinations(range(len(places)), 2):
        for one, other in product(seen[i], seen[j]):
            guess = _similarity(places[[i, j]], np.array([one, other]), scale)
            if guess is None:
                continue
            expected = apply(guess, places)
            agreed = [(k, *_nearest(seen[k], expected[k])) for k in range(len(places)) if seen[k]]
            agreed = [entry for entry in agreed if entry[2] <= near]
            rank = (len(agreed), -sum(entry[2] for entry in agreed))
            if rank > most:
                most, pairs = rank, [(k, point) for k, point, _ in agreed]
    if len(pairs) < 3 or 2 * len(pairs) < len(places):
        return None
    source, target = places[[k for k, _ in pairs]], np.array([point for _, point in pairs])
    to_upright = affine(source, target, NOISE_INCH * template.dpi * scale)
    off = distances(to_upright, source, target)
    return Fit(
        sheet,
        to_upright,
        evidence_of(len(pairs), len(places)),
        float(np.sqrt((off**2).mean())),
        len(pairs),
        len(places),
    )


def _seen(marks: Fiducials, sheet: Sheet, start: Transform, place: tuple[float, float]) -> list[Seen]:
    """Up to `CANDIDATES` spots that look like a mark, near where this one belongs."""
    per_template = SIDE / marks.size
    mark = softened(drawn(marks.shape, SIDE))
    half = round(marks.search * per_template) + mark.shape[0] // 2
    to_template = translation(*place) @ np.diag((1 / per_template, 1 / per_template, 1.0)) @ translation(-half, -half)
    to_upright = start @ to_template
    window = softened(sheet.sharp(to_upright, 2 * half + 1, 2 * half + 1))
    middle = (mark.shape[0] - 1) / 2
    found = []
    for _ in range(CANDIDATES):
        x, y, score = match(window, mark)
        if score < LEAST_SCORE:
            break
        centre = apply(to_upright, np.array([(x + middle, y + middle)]))[0]
        found.append((float(centre[0]), float(centre[1])))
        rows, columns = (slice(max(0, round(v + middle) - SIDE // 2), round(v + middle) + SIDE // 2) for v in (y, x))
        window[rows, columns] = 255
    return found


def _nearest(seen: list[Seen], point: NDArray[np.float64]) -> tuple[Seen, float]:
    away, x, y = min((float(np.hypot(x - point[0], y - point[1])), x, y) for x, y in seen)
    return (x, y), away


def _similarity(source: NDArray[np.float64], target: NDArray[np.float64], scale: float) -> Transform | None:
    """The similarity through two pairs, if its scale and lean are those of a page."""
    before, after = (complex(*(points[1] - points[0])) for points in (source, target))
    if abs(before) < 1:
        return None
    factor = after / before
    if abs(abs(factor) / scale - 1) > SCALE_OFF or abs(np.angle(factor)) > LEAN:
        return None
    turn = np.array([(factor.real, -factor.imag), (factor.imag, factor.real)])
    transform = np.eye(3)
    transform[:2, :2] = turn
    transform[:2, 2] = target[0] - turn @ source[0]
    return transform
