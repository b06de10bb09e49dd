"""Laying a prepared blank on a page by its print."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrpipe.fields.fitting import Fit, affine, consensus, distances, evidence_of, scale_of
from ocrpipe.fields.patches import Blank, Level, ink_of, match, softened
from ocrpipe.fields.sheet import Sheet, centred, turned
from ocrpipe.fields.template import MM_PER_INCH, Template
from ocrpipe.geometry import Transform, apply, translation

MID_REACH_INCH, FINE_REACH_INCH = 0.12, 0.03
"""How far off a patch may lie after the first guess, and after the fit at 100 dpi."""
TRACED, CONFIRMED = 0.4, 0.6
"""Correlation at which a patch may take part in the search for a fit, and at which it counts as found."""
MID_NOISE_INCH, FINE_NOISE_INCH = 0.005, 0.002
LEAST_AGREED = 0.2
"""Share of the patches that must agree at 100 dpi before any is looked at closely."""
GUESSES = 3
LEAST_LIKENESS = 0.06
"""Correlation of whole pictures below which a first guess is not worth following."""


def guesses(template: Template, blank: Blank, sheet: Sheet) -> list[tuple[Sheet, Transform]]:
    """The likeliest ways in which the form may lie on the page, best first: (sheet as turned, template → upright).

    The ink of page and form, at some 30 dpi, is correlated over all shifts by FFT; turned by a half,
    and by quarters where the page lies across; at the scale of the stated resolutions, and where page
    and form have one shape, at the scale of their sizes, since resolutions are sometimes misstated.
    """
    candidates: list[tuple[float, Sheet, Transform]] = []
    page, form = sheet.upright, template
    across = (page.width > page.height) != (form.width > form.height)
    for degrees in (0, 90, 180, 270) if across else (0, 180):
        at = turned(sheet, degrees)
        if not _roomy(template, at):
            continue
        for scale in _scales(template, at):
            start = centred(at.upright, template, scale)
            candidates += [(likeness, at, start @ shift) for likeness, shift in _shifts(blank, at, start)]
    candidates.sort(key=lambda candidate: -candidate[0])
    enough = max(LEAST_LIKENESS, 0.4 * max((likeness for likeness, _, _ in candidates), default=0.0))
    return [(at, to_upright) for likeness, at, to_upright in candidates[:GUESSES] if likeness >= enough]


def _roomy(template: Template, sheet: Sheet) -> bool:
    """Whether the form can be on the sheet: not on a much smaller one, unless its shape says that the
    resolution is misstated. Spares the comparison of a letter page with a check."""
    stated = sheet.upright.page.dpi / template.dpi
    across, down = sheet.upright.width / template.width, sheet.upright.height / template.height
    return min(across, down) > 0.6 * stated or abs(math.log(across / down)) < 0.2


def _scales(template: Template, sheet: Sheet) -> list[float]:
    """Upright pixels per template pixel."""
    stated = sheet.upright.page.dpi / template.dpi
    across, down = sheet.upright.width / template.width, sheet.upright.height / template.height
    by_size = math.sqrt(across * down)
    differs = abs(math.log(by_size / stated)) > 0.03
    return [stated, by_size] if differs and abs(math.log(across / down)) < 0.04 else [stated]


def _shifts(blank: Blank, sheet: Sheet, start: Transform) -> list[tuple[float, Transform]]:
    """The two best shifts of the form, in template pixels, with the correlation at each."""
    width, height = blank.canvas
    ink = ink_of(sheet.drawn(start @ blank.canvas_to_template, width, height))
    spectrum = cv2.dft(ink / (np.linalg.norm(ink) + 1e-9))
    product = cv2.mulSpectrums(spectrum, blank.spectrum, 0, conjB=True)
    likeness = cv2.dft(product, flags=cv2.DFT_INVERSE | cv2.DFT_SCALE | cv2.DFT_REAL_OUTPUT)
    found = []
    for _ in range(2):
        _, best, _, (x, y) = cv2.minMaxLoc(likeness)
        dx, dy = (x + width // 2) % width - width // 2, (y + height // 2) % height - height // 2
        to_template = blank.canvas_to_template
        found.append((float(best), to_template @ translation(dx, dy) @ np.linalg.inv(to_template)))
        rows, columns = np.arange(y - 4, y + 5) % height, np.arange(x - 4, x + 5) % width
        likeness[np.ix_(rows, columns)] = 0
    return found


def by_patches(blank: Blank, template: Template, sheet: Sheet, start: Transform) -> Fit | None:
    """Improves a first guess, template → upright, patch by patch; None where hardly any patch agrees."""
    sought = len(blank.mid.pictures)
    moved, scores = _at_mid(blank.mid, sheet, start)
    traced = scores >= TRACED
    if traced.sum() < max(4, LEAST_AGREED * sought):
        return None
    tolerance = 2 * MID_NOISE_INCH * template.dpi
    agreed = consensus(blank.mid.centres[traced], moved[traced], 2 * tolerance)
    if agreed is None or agreed.sum() < max(4, LEAST_AGREED * sought):
        return None
    source, target = blank.mid.centres[traced][agreed], moved[traced][agreed]
    to_upright = start @ affine(source, target, MID_NOISE_INCH * template.dpi)

    targets, scores = _at_fine(blank.fine, sheet, to_upright)
    strong = scores >= CONFIRMED
    if strong.sum() < 4:
        return None
    page_dpi = scale_of(to_upright) * template.dpi
    source, target = blank.fine.centres[strong], targets[strong]
    to_upright = affine(source, target, FINE_NOISE_INCH * page_dpi)
    off = distances(to_upright, source, target)
    near = off <= 2 * template.residual_limit_mm * page_dpi / MM_PER_INCH
    weights = blank.weights[strong]
    evidence = evidence_of(float(weights[near].sum()), float(blank.weights.sum()))
    residual_px = float(np.sqrt(np.average(off**2, weights=weights)))
    return Fit(sheet, to_upright, evidence, residual_px, int(near.sum()), sought)


def _at_mid(level: Level, sheet: Sheet, to_upright: Transform) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where each patch is found, (N, 2) in the template pixels of the first guess, and how well, (N,)."""
    reach = round(MID_REACH_INCH * level.dpi)
    corner = level.to_template @ translation(-reach, -reach)
    picture = softened(sheet.drawn(to_upright @ corner, level.width + 2 * reach, level.height + 2 * reach))
    moves, scores = np.zeros((len(level.boxes), 2)), np.zeros(len(level.boxes))
    for i, (box, patch) in enumerate(zip(level.boxes, level.pictures, strict=True)):
        x, y, (rows, columns) = int(box.x0), int(box.y0), patch.shape
        window = picture[y : y + rows + 2 * reach, x : x + columns + 2 * reach]
        dx, dy, scores[i] = match(window, patch)
        moves[i] = dx - reach, dy - reach
    return level.centres + moves * level.to_template[0, 0], scores


def _at_fine(level: Level, sheet: Sheet, to_upright: Transform) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where each patch is found, (N, 2) upright pixels, and how well; only their surroundings are drawn."""
    reach = round(FINE_REACH_INCH * level.dpi)
    moves, scores = np.zeros((len(level.boxes), 2)), np.zeros(len(level.boxes))
    for i, (box, patch) in enumerate(zip(level.boxes, level.pictures, strict=True)):
        rows, columns = patch.shape
        corner = to_upright @ level.to_template @ translation(box.x0 - reach, box.y0 - reach)
        dx, dy, scores[i] = match(softened(sheet.sharp(corner, columns + 2 * reach, rows + 2 * reach)), patch)
        moves[i] = dx - reach, dy - reach
    return apply(to_upright, level.centres + moves * level.to_template[0, 0]), scores
