"""Laying a prepared blank on a page by its print."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrpipe.fields.fitting import Fit, affine, consensus, distances, evidence_of, scale_of
from ocrpipe.fields.matching import match_all
from ocrpipe.fields.patches import Blank, Level, ink_of
from ocrpipe.fields.sheet import Sheet, centred, turned
from ocrpipe.fields.template import MM_PER_INCH, Template
from ocrpipe.geometry import Box, Transform, apply, translation

TRACED, CONFIRMED = 0.4, 0.6
"""Correlation at which a patch may take part in the search for a fit, and at which it counts as found."""
MID_NOISE_INCH, FINE_NOISE_INCH = 0.005, 0.002
LEAST_AGREED = 0.2
"""Share of the patches that must agree at 100 dpi before any is looked at closely."""
FEW_MID, FEW_FINE = 24, 32
"""Patches that are looked for first: what they tell alike needs no others."""
MOST_AGREE, SURE_EVIDENCE = 0.7, 0.6
"""Share of the few that must agree at 100 dpi, and the least evidence of them, that make the others needless."""
GUESSES = 3
LIKELY = 0.3
"""Correlation of whole pictures that lets a guess be followed before others are made; few wrong ones have it."""
LEAST_LIKENESS = 0.06
"""Correlation of whole pictures below which a first guess is not worth following."""

Candidate = tuple[float, Sheet, Transform]
"""Correlation, the sheet as turned, template → upright."""
Draw = Callable[[Transform, NDArray[np.float64], tuple[int, int]], NDArray[np.uint8]]
"""Shows what the pixels of several parts of a picture are mapped to, as `geometry.resampled_parts` does."""


def guesses(template: Template, blank: Blank, sheet: Sheet) -> Iterator[tuple[Sheet, Transform]]:
    """The likeliest ways in which the form may lie on the page, best first: (sheet as turned, template → upright).

    The ink of page and form, at some 30 dpi, is correlated over all shifts by FFT; turned by a half,
    and by quarters where the page lies across; at the scale of the stated resolutions, and where page
    and form have one shape, at the scale of their sizes, since resolutions are sometimes misstated.
    What is likely as the page lies comes before anything else is tried.
    """
    candidates: list[Candidate] = []
    tried: Candidate | None = None
    page, form = sheet.upright, template
    across = (page.width > page.height) != (form.width > form.height)
    for degrees in (0, 90, 180, 270) if across else (0, 180):
        at = turned(sheet, degrees)
        if not _roomy(template, at):
            continue
        for scale in _scales(template, at):
            candidates += _shifted(template, blank, at, scale)
        candidates.sort(key=lambda candidate: -candidate[0])
        if degrees == 0 and candidates[0][0] > LIKELY:
            tried = candidates[0]
            yield tried[1:]
    enough = max(LEAST_LIKENESS, 0.4 * candidates[0][0]) if candidates else 0.0
    likely = [candidate for candidate in candidates[:GUESSES] if candidate[0] >= enough and candidate is not tried]
    yield from (candidate[1:] for candidate in likely)


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


def _shifted(template: Template, blank: Blank, sheet: Sheet, scale: float) -> list[Candidate]:
    """The two best shifts of the form at a scale, with the correlation at each."""
    (width, height), to_template = blank.canvas, blank.canvas_to_template
    start = centred(sheet.upright, template, scale)
    to_upright = start @ to_template
    picture = sheet.sketched(to_upright, width, height)
    seen = Box(0, 0, sheet.upright.width, sheet.upright.height).corners()
    first, last = np.rint(apply(np.asarray(np.linalg.inv(to_upright), np.float64), seen)).astype(int)[[0, 2]]
    ink = ink_of(_only(picture, *first.tolist(), *last.tolist()))
    spectrum = cv2.dft(ink / (np.linalg.norm(ink) + 1e-9))
    product = cv2.mulSpectrums(spectrum, blank.spectrum, 0, conjB=True)
    likeness = cv2.dft(product, flags=cv2.DFT_INVERSE | cv2.DFT_SCALE | cv2.DFT_REAL_OUTPUT)
    found: list[Candidate] = []
    for _ in range(2):
        _, best, _, (x, y) = cv2.minMaxLoc(likeness)
        dx, dy = (x + width // 2) % width - width // 2, (y + height // 2) % height - height // 2
        found.append((float(best), sheet, to_upright @ translation(dx, dy) @ np.linalg.inv(to_template)))
        rows, columns = np.arange(y - 4, y + 5) % height, np.arange(x - 4, x + 5) % width
        likeness[np.ix_(rows, columns)] = 0
    return found


def _only(picture: NDArray[np.uint8], x0: int, y0: int, x1: int, y1: int) -> NDArray[np.uint8]:
    """The sheet; beside it lies the scanner's bed, whose edges are no print."""
    alone = np.full_like(picture, 255)
    inside = slice(max(0, y0), max(0, y1)), slice(max(0, x0), max(0, x1))
    alone[inside] = picture[inside]
    return alone


def by_patches(blank: Blank, template: Template, sheet: Sheet, start: Transform) -> Fit | None:
    """Improves a first guess, template → upright, patch by patch; None where hardly any patch agrees.

    Some of the patches are looked for first, and the others where those leave doubt.
    """
    to_upright = _at_mid(blank, template, sheet, start, FEW_MID)
    if to_upright is None:
        to_upright = _at_mid(blank, template, sheet, start)
    if to_upright is None:
        return None
    laid = _at_fine(blank, template, sheet, to_upright, FEW_FINE)
    if laid is None or laid.evidence < SURE_EVIDENCE:
        laid = _at_fine(blank, template, sheet, to_upright)
    return laid


def _at_mid(
    blank: Blank, template: Template, sheet: Sheet, start: Transform, few: int | None = None
) -> Transform | None:
    """Template → upright by the patches at 100 dpi; None where too few of them agree, or of the `few` first not nearly
    all."""
    level = blank.mid
    moved, scores = _found(level, sheet.drawn_parts, start, few)
    traced = scores >= TRACED
    least = max(4, (LEAST_AGREED if few is None else MOST_AGREE) * len(scores))
    if traced.sum() < least:
        return None
    agreed = consensus(level.centres[: len(scores)][traced], moved[traced], 4 * MID_NOISE_INCH * template.dpi)
    if agreed is None or agreed.sum() < least:
        return None
    source, target = level.centres[: len(scores)][traced][agreed], moved[traced][agreed]
    return start @ affine(source, target, MID_NOISE_INCH * template.dpi)


def _at_fine(
    blank: Blank, template: Template, sheet: Sheet, to_upright: Transform, few: int | None = None
) -> Fit | None:
    """The fit by the patches at up to 200 dpi, or by the `few` first of them."""
    level = blank.fine
    moved, scores = _found(level, sheet.sharp_parts, to_upright, few)
    strong = scores >= CONFIRMED
    if strong.sum() < 4:
        return None
    page_dpi = scale_of(to_upright) * template.dpi
    source, target = level.centres[: len(scores)][strong], apply(to_upright, moved[strong])
    to_upright = affine(source, target, FINE_NOISE_INCH * page_dpi)
    off = distances(to_upright, source, target)
    near = off <= 2 * template.residual_limit_mm * page_dpi / MM_PER_INCH
    weights = blank.weights[: len(scores)]
    evidence = evidence_of(float(weights[strong][near].sum()), float(weights.sum()))
    residual_px = float(np.sqrt(np.average(off**2, weights=weights[strong])))
    return Fit(sheet, to_upright, evidence, residual_px, int(near.sum()), len(scores))


def _found(
    level: Level, draw: Draw, to_upright: Transform, few: int | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where each of the patches, or of the `few` first, is found, (N, 2) in the template pixels of the guess, and how
    well, (N,); only their surroundings are drawn."""
    patches = level.patches.first(few)
    corners = np.array([(box.x0, box.y0) for box in level.boxes[:few]]) - patches.reach
    found = match_all(draw(to_upright @ level.to_template, corners, patches.shape), patches)
    moves = (found[:, :2] - patches.reach) * level.to_template[0, 0]
    return level.centres[: len(found)] + moves, found[:, 2]
