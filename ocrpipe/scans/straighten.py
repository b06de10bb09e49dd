"""How a page lies: quarter turns, skew, and where the sheet ends and the scanner's bed begins.

Nothing is warped here except a reduced picture; `Upright.to_page` says where every upright pixel comes from.
"""

from __future__ import annotations

from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrpipe.geometry import Box, quarter_turn, rotation, translation
from ocrpipe.marks import marks_of
from ocrpipe.records import Page, Upright
from ocrpipe.scans.ink import Reduced, reduced
from ocrpipe.scans.skew import skew_of
from ocrpipe.scans.turns import is_upside_down, runs_sideways, signs_of


def straighten(page: Page, view: Reduced | None = None) -> Upright:
    """Finds turn, skew and sheet. 0 against 90° is well founded; up against down only a guess, so later
    stages also try `turned(upright, 180)` and choose by what they find.

    `view` spares a second reduction of a page that something else has looked at.
    """
    view = view or reduced(page)
    depth, sheet, marks = view.depth, view.sheet, view.marks
    signs = signs_of(marks, view.dpi)
    sideways = bool(signs) and runs_sideways(signs)
    if sideways:
        depth, sheet, marks = np.rot90(depth), np.rot90(sheet), marks_of(np.rot90(view.ink))
        signs = signs_of(marks, view.dpi)
    skew_deg = skew_of(depth, marks.runs, sheet)
    upside_down = bool(signs) and is_upside_down(signs, skew_deg)
    return _upright(page, view, (90 if sideways else 0) + (180 if upside_down else 0), skew_deg)


def turned(upright: Upright, degrees: Literal[90, 180, 270]) -> Upright:
    """The same sheet, taken to lie by a further `degrees` clockwise: it is turned back by as much."""
    frame, width, height = quarter_turn(upright.width, upright.height, degrees)
    return Upright(
        upright.page,
        (upright.rotation_deg + degrees) % 360,
        upright.skew_deg,
        upright.to_page @ frame,
        width,
        height,
    )


def _upright(page: Page, view: Reduced, turn_deg: int, skew_deg: float) -> Upright:
    frame, width, height = quarter_turn(page.width, page.height, turn_deg)
    lean = rotation(skew_deg, ((width - 1) / 2, (height - 1) / 2))
    sheet = np.rot90(view.sheet, turn_deg // 90)
    small = _sheet_box(sheet, skew_deg)
    along_x, along_y = width / sheet.shape[1], height / sheet.shape[0]
    box = Box(small.x0 * along_x, small.y0 * along_y, small.x1 * along_x, small.y1 * along_y)
    to_page = frame @ lean @ translation(box.x0, box.y0)
    return Upright(page, turn_deg, skew_deg, to_page, max(1, round(box.width)), max(1, round(box.height)))


def _sheet_box(sheet: NDArray[np.uint8], skew_deg: float) -> Box:
    """The sheet, in reduced pixels of the frame that is turned about the picture's centre by the skew.

    Its sides are where half of the sheet's greatest width or height is reached, so wedges that the skew cut from
    the corners, and dirt on the bed, move nothing.
    """
    height, width = sheet.shape
    if sheet.all():
        return Box(0, 0, width, height)
    upright = sheet
    if skew_deg:
        frame = rotation(skew_deg, ((width - 1) / 2, (height - 1) / 2))
        upright = np.asarray(
            cv2.warpAffine(
                np.ascontiguousarray(sheet),
                frame[:2],
                (width, height),
                flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP,
                borderMode=cv2.BORDER_CONSTANT,
                borderValue=0,
            ),
            np.uint8,
        )
    y0, y1 = _span(cv2.reduce(np.ascontiguousarray(upright), 1, cv2.REDUCE_SUM, dtype=cv2.CV_32S).ravel())
    x0, x1 = _span(cv2.reduce(np.ascontiguousarray(upright), 0, cv2.REDUCE_SUM, dtype=cv2.CV_32S).ravel())
    return Box(x0, y0, x1, y1)


def _span(profile: NDArray[Any]) -> tuple[int, int]:
    full = np.flatnonzero(profile >= 0.5 * profile.max())
    return int(full[0]), int(full[-1]) + 1
