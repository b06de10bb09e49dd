"""The documents on a page: each sheet that lies in the picture, upright by itself, or why it cannot be flattened.

A page that is one sheet, or on which nothing is certain, is one document, as `straighten` has it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ocrpipe.geometry import quarter_turn, resample, rotation, scaling, translation
from ocrpipe.marks import marks_of
from ocrpipe.records import Failure, Page, Upright
from ocrpipe.scans.edges import scaled
from ocrpipe.scans.flatten import Flat, flatten
from ocrpipe.scans.ink import WORK_DPI, Reduced, reduced_sheet
from ocrpipe.scans.pitch import pitch_dpi
from ocrpipe.scans.resolution import sheet_resolution
from ocrpipe.scans.sheets import find_sheets
from ocrpipe.scans.skew import skew_of
from ocrpipe.scans.straighten import straighten
from ocrpipe.scans.turns import is_upside_down, runs_sideways, signs_of

_MARGIN_PX = 6
"""Bed that is shown around a sheet, so that its sides count as lines."""
_MOST_LEAN_DEG = 1.5
"""Print leans against its sheet by less than this; a hand may lean more, and the sheet's sides then decide."""


def documents(page: Page, view: Reduced) -> list[Upright | Failure]:
    """One upright sheet, or one failure, for each document on the page, from top to bottom, then left to right; `view`
    is the page `reduced`."""
    gray, factor = view.gray, view.factor
    found = find_sheets(gray, page.dpi / factor, page.dpi_from == "file")
    if not found.sheets and not found.troubles:
        return [measured(straighten(page, view))]
    made: list[tuple[tuple[float, float], Upright | Failure]] = []
    for sheet in found.sheets:
        corners = scaled(sheet.corners, factor)
        flat = flatten(corners, (page.width, page.height))
        at = float(corners[:, 0].mean()), float(corners[:, 1].mean())
        if flat is None:
            made.append((at, _failure("the sheet is seen too obliquely: take the picture from straight above")))
        else:
            made.append((at, measured(upright_of(page, gray, factor, flat))))
    for trouble in found.troubles:
        at = trouble.middle[0] * factor, trouble.middle[1] * factor
        made.append((at, _failure(f"a sheet lies here whose edges are not clear: {trouble.why}")))
    line = max(1.0, page.height / 16)  # sheets side by side stand in one line
    return [one for _, one in sorted(made, key=lambda item: (round(item[0][1] / line), item[0][0]))]


def upright_of(page: Page, gray: NDArray[np.uint8], factor: float, flat: Flat) -> Upright:
    """The sheet, its writing level and (as far as can be guessed) the right way up.

    `gray` is the page `factor` times smaller. Where the file is silent, the sheet's own size says how fine it is.
    """
    if page.dpi_from == "inferred":
        page = replace(page, dpi=sheet_resolution(flat.width, flat.height, page.dpi, None).dpi)
    scale = min(1 / factor, WORK_DPI / page.dpi)
    width, height = max(1, round(flat.width * scale)), max(1, round(flat.height * scale))
    to_flat = scaling(flat.width / width, flat.height / height) @ translation(-_MARGIN_PX, -_MARGIN_PX)
    to_gray = scaling(1 / factor, 1 / factor) @ flat.to_page @ to_flat
    shown = resample(gray, to_gray, width + 2 * _MARGIN_PX, height + 2 * _MARGIN_PX)
    sheet = np.zeros_like(shown)
    sheet[_MARGIN_PX : _MARGIN_PX + height, _MARGIN_PX : _MARGIN_PX + width] = 1
    view = reduced_sheet(shown, sheet, 1 / scale, page.dpi * scale)
    depth, paper, marks = view.depth, view.sheet, view.marks
    signs = signs_of(marks, view.dpi)
    turns = 1 if bool(signs) and runs_sideways(signs) else 0
    if turns:
        depth, paper, marks = np.rot90(depth), np.rot90(paper), marks_of(np.rot90(view.ink))
        signs = signs_of(marks, view.dpi)
    lean = skew_of(depth, marks.runs, paper)
    lean = lean if abs(lean) <= _MOST_LEAN_DEG else 0.0
    turn_deg = 90 * turns + (180 if bool(signs) and is_upside_down(signs, lean) else 0)
    frame, wide, high = quarter_turn(flat.width, flat.height, turn_deg)
    to_page = flat.to_page @ frame @ rotation(lean, ((wide - 1) / 2, (high - 1) / 2))
    return Upright(page, turn_deg, flat.skew_deg + lean, to_page, wide, high)


def measured(upright: Upright) -> Upright:
    """The same with the resolution that its print tells, where the file does not say any."""
    page = upright.page
    if page.dpi_from == "file":
        return upright
    pitch = pitch_dpi(upright)
    if pitch is None:
        return upright
    dpi = sheet_resolution(upright.width, upright.height, page.dpi, pitch).dpi
    return replace(upright, page=replace(page, dpi=dpi)) if dpi != page.dpi else upright


def _failure(detail: str) -> Failure:
    stage: Literal["straighten"] = "straighten"
    return Failure(stage, "distorted", detail)
