"""How a page lies: quarter turns, skew, and where the sheet ends and the scanner's bed begins.

Nothing is warped here except a reduced picture; `Upright.to_page` says where every upright pixel comes from.
"""

from __future__ import annotations

from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrpipe.geometry import Box, Transform, apply, identity, rotation, scaling, translation
from ocrpipe.records import Page, Upright
from ocrpipe.scans.ink import Reduced, reduced
from ocrpipe.scans.skew import skew_of

_SIGN_IN = (0.04, 0.40)
"""Extent of the pieces of ink that count as signs of writing: not specks, not rules."""
_BRIDGE_IN = 0.06
"""A gap that lies between the signs of a word but seldom between two lines."""
_LEAST_SIGNS = 6
_LEAST_LOG_RATIO = 0.12
_UP_LOG_RATIO = 0.05


def straighten(page: Page) -> Upright:
    """Finds turn, skew and sheet. 0 against 90° is well founded; up against down only a guess from where the rows
    of writing begin (a page reads from a straight left margin), so later stages also try `turned(upright, 180)`.
    """
    view = reduced(page)
    signs, count = _signs(view)
    sideways = count >= _LEAST_SIGNS and _runs_sideways(signs, view.dpi)
    ink, sheet, signs = (np.rot90(part) if sideways else part for part in (view.ink, view.sheet, signs))
    skew_deg = skew_of(np.ascontiguousarray(ink), sheet)
    upside_down = count >= _LEAST_SIGNS and _is_upside_down(np.ascontiguousarray(signs), skew_deg)
    # np.rot90 turned counter-clockwise, as one undoes a page that was turned clockwise by 90°
    turn_deg = (90 if sideways else 0) + (180 if upside_down else 0)
    return _upright(page, view, turn_deg % 360, skew_deg)


def turned(upright: Upright, degrees: Literal[90, 180, 270]) -> Upright:
    """The same sheet, taken to lie by a further `degrees` clockwise: it is turned back by as much."""
    frame, width, height = _quarter_turn(upright.width, upright.height, degrees)
    return Upright(
        upright.page,
        (upright.rotation_deg + degrees) % 360,
        upright.skew_deg,
        upright.to_page @ frame,
        width,
        height,
    )


def _quarter_turn(width: int, height: int, degrees: int) -> tuple[Transform, int, int]:
    """Maps the pixels of a width × height picture turned counter-clockwise by `degrees` to those of the picture
    itself; also the turned picture's width and height."""
    last_x, last_y = width - 1.0, height - 1.0
    match degrees % 360:
        case 90:
            return np.array([(0.0, -1.0, last_x), (1.0, 0.0, 0.0), (0.0, 0.0, 1.0)]), height, width
        case 180:
            return np.array([(-1.0, 0.0, last_x), (0.0, -1.0, last_y), (0.0, 0.0, 1.0)]), width, height
        case 270:
            return np.array([(0.0, 1.0, 0.0), (-1.0, 0.0, last_y), (0.0, 0.0, 1.0)]), height, width
        case _:
            return identity(), width, height


def _upright(page: Page, view: Reduced, turn_deg: int, skew_deg: float) -> Upright:
    frame, width, height = _quarter_turn(page.width, page.height, turn_deg)
    lean = rotation(skew_deg, ((width - 1) / 2, (height - 1) / 2))
    box = _sheet_box(np.rot90(view.sheet, turn_deg // 90), skew_deg).scaled(view.factor)
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


def _span(profile: NDArray[np.int32]) -> tuple[int, int]:
    full = np.flatnonzero(profile >= 0.5 * profile.max())
    return int(full[0]), int(full[-1]) + 1


def _signs(view: Reduced) -> tuple[NDArray[np.uint8], int]:
    """The ink without specks, rules and boxes, and the number of its pieces."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(view.ink, connectivity=8, ltype=cv2.CV_16U)
    extent = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]) / view.dpi
    kept = (extent >= _SIGN_IN[0]) & (extent <= _SIGN_IN[1])
    kept[0] = False
    return kept.astype(np.uint8)[labels], int(kept.sum())


def _runs_sideways(signs: NDArray[np.uint8], dpi: float) -> bool:
    """Whether gaps between signs are bridged rather from top to bottom than from left to right."""
    reach = 1 + 2 * max(1, round(_BRIDGE_IN * dpi / 2))
    along, across = (
        cv2.connectedComponents(cv2.dilate(signs, np.ones(shape, np.uint8)), connectivity=8, ltype=cv2.CV_16U)[0] + 2
        for shape in ((1, reach), (reach, 1))
    )
    return float(np.log(along / across)) > _LEAST_LOG_RATIO


def _is_upside_down(signs: NDArray[np.uint8], skew_deg: float) -> bool:
    """Whether rows of writing end, rather than begin, below each other.

    The columns in which words begin and in which they end are counted; left alignment makes the first profile the
    more peaked one (Σ counts²), and the last one where the page stands on its head.
    """
    height, width = signs.shape
    frame = rotation(skew_deg, ((width - 1) / 2, (height - 1) / 2))
    flags = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
    straight = cv2.warpAffine(signs, frame[:2], (width, height), flags=flags)
    words = cv2.morphologyEx(straight, cv2.MORPH_CLOSE, np.ones((1, 15), np.uint8))
    begins, ends = (
        cv2.blur(cv2.reduce(edges, 0, cv2.REDUCE_SUM, dtype=cv2.CV_32F), (3, 1))
        for edges in (cv2.subtract(words[:, 1:], words[:, :-1]), cv2.subtract(words[:, :-1], words[:, 1:]))
    )
    return float(np.log(((ends**2).sum() + 1) / ((begins**2).sum() + 1))) > _UP_LOG_RATIO
