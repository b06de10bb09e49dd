"""`--debug DIR`: what was read, drawn over the page that it was read from.

One picture shows the straightened page with its field boxes, one each field, enlarged, with the cuts
that were chosen, the digits and their probabilities. Sensitive fields are painted over in both.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrpipe.codes import Status
from ocrpipe.errors import OutputError
from ocrpipe.geometry import Quad, Transform, apply, resample, rotation, scaling, translation
from ocrpipe.rows import Row

Picture = NDArray[np.uint8]

COLOURS: dict[Status, tuple[int, int, int]] = {
    "accepted": (60, 140, 0),
    "review": (0, 120, 230),
    "blank": (150, 150, 150),
    "skipped": (150, 150, 150),
    "failed": (30, 30, 210),
}
"""Blue, green, red, as OpenCV has them."""
MASK = 160
_LONGEST_PX = 2_000
_FIELD_HEIGHT_PX = 128
_FIELD_WIDEST_PX = 2_000
_CAPTION_PX = 30
_FONT = cv2.FONT_HERSHEY_SIMPLEX


def write_overlays(folder: Path, pixels: Picture, rows: Sequence[Row]) -> None:
    """Saves the pictures of one page; `rows` are all rows of that page."""
    if not rows:
        return
    stem = overlay_stem(rows[0].context.source, rows[0].context.page)
    pictures = {f"{stem}.png": page_overlay(pixels, rows)}
    for row in rows:
        if row.spec and row.quad:
            name = re.sub(r"[^\w-]", "_", row.spec.name)
            pictures[f"{stem}.{row.context.document}-{name}.png"] = field_overlay(pixels, row)
    try:
        for name, picture in pictures.items():
            (folder / name).write_bytes(cv2.imencode(".png", picture)[1].tobytes())
    except OSError as error:
        raise OutputError(f"{folder}: cannot be written: {error.strerror}") from error


def overlay_stem(source: str, page: int) -> str:
    """A name that any file system takes and that no other page has.

    >>> overlay_stem("checks/a.png", 3)
    'checks_a.png-f527d373.page-3'
    """
    digest = hashlib.sha256(source.encode("utf-8", "backslashreplace")).hexdigest()[:8]
    return f"{re.sub(r'[^A-Za-z0-9.-]', '_', source)[-80:].lstrip('.')}-{digest}.page-{page}"


def page_overlay(pixels: Picture, rows: Sequence[Row]) -> Picture:
    """The page, turned upright by what its rows say, with the field boxes in the colour of their status."""
    context = rows[0].context
    to_view, width, height = straightened(pixels.shape, (context.rotation_deg or 0) + (context.skew_deg or 0.0))
    shrink = min(1.0, _LONGEST_PX / max(width, height))
    to_view = scaling(shrink, shrink) @ to_view
    drawn = resample(pixels, _inverse(to_view), max(1, round(width * shrink)), max(1, round(height * shrink)))
    view = np.asarray(cv2.cvtColor(drawn, cv2.COLOR_GRAY2BGR), np.uint8)
    for row in rows:
        if row.quad is None or row.spec is None:
            continue
        corners = _corners(row.quad, to_view)
        if row.spec.sensitive:
            cv2.fillPoly(view, [corners], (MASK, MASK, MASK))
        colour = COLOURS[row.decision.status]
        cv2.polylines(view, [corners], True, colour, 2, cv2.LINE_AA)
        x, y = (int(v) for v in corners.min(axis=0))
        if row.spec.kind.startswith("micr_"):  # what a part says stands over the whole line
            _write(view, row.spec.name.removeprefix("micr_"), (max(0, x), int(corners[:, 1].max()) + 20), colour, 0.55)
        else:
            _write(view, _caption(row), (max(0, x), max(16, y - 6)), colour, 0.55, backed=True)
    return view


def field_overlay(pixels: Picture, row: Row) -> Picture:
    """One field, enlarged, with its characters' boxes, and under each the digit and its probability."""
    assert row.spec is not None and row.quad is not None
    to_view, width, height = _enlarged(row.quad)
    room = 0 if row.spec.sensitive else _CAPTION_PX
    view = np.full((height + _CAPTION_PX + room, max(width, 240), 3), 255, np.uint8)
    colour = COLOURS[row.decision.status]
    if row.spec.sensitive:
        view[:height, :width] = MASK
    else:
        view[:height, :width] = resample(pixels, _inverse(to_view), width, height)[:, :, None]
        for character in row.reading.characters if row.reading else ():
            corners = _corners(character.quad, to_view)
            cv2.polylines(view[:height], [corners], True, colour, 1, cv2.LINE_AA)
            x = int(corners[:, 0].min())
            _write(view, character.text, (x, height + 20), (0, 0, 0), 0.6)
            _write(view, f"{character.prob:.2f}", (x, height + 34), (110, 110, 110), 0.3)
    _write(view, _caption(row), (4, view.shape[0] - 8), colour, 0.5)
    return view


def straightened(shape: tuple[int, ...], degrees: float) -> tuple[Transform, int, int]:
    """Page pixels → the page turned counter-clockwise by `degrees`, and the size that holds all of it."""
    height, width = shape[:2]
    turn = rotation(-degrees, ((width - 1) / 2, (height - 1) / 2))
    edge = np.array([(-0.5, -0.5), (width - 0.5, -0.5), (width - 0.5, height - 0.5), (-0.5, height - 0.5)])
    corners = apply(turn, edge)
    low, high = corners.min(axis=0), corners.max(axis=0)
    size = np.maximum(1, np.round(high - low)).astype(int)
    return translation(-low[0] - 0.5, -low[1] - 0.5) @ turn, int(size[0]), int(size[1])


def _enlarged(quad: Quad) -> tuple[Transform, int, int]:
    """Page pixels → an upright picture of the quad about 128 pixels high."""
    corners = np.array(quad).reshape(4, 2)
    wide = max(1.0, float(np.linalg.norm(corners[1] - corners[0])))
    high = max(1.0, float(np.linalg.norm(corners[3] - corners[0])))
    scale = min(_FIELD_HEIGHT_PX / high, _FIELD_WIDEST_PX / wide)
    width, height = max(1, round(wide * scale)), max(1, round(high * scale))
    right, down = (corners[1] - corners[0]) / width, (corners[3] - corners[0]) / height
    to_page = np.eye(3)
    to_page[:2] = np.column_stack([right, down, corners[0]])
    if abs(np.linalg.det(to_page)) < 1e-9:  # a quad without area
        to_page[:2, :2] = np.eye(2)
    return _inverse(to_page), width, height


def _inverse(transform: Transform) -> Transform:
    return np.asarray(np.linalg.inv(transform), np.float64)


def _corners(quad: Quad, to_view: Transform) -> NDArray[np.int32]:
    return np.round(apply(to_view, np.array(quad).reshape(4, 2))).astype(np.int32)


def _caption(row: Row) -> str:
    assert row.spec is not None
    value = "masked" if row.spec.sensitive else (row.decision.value or row.decision.reason or "")
    confidence = "" if row.decision.confidence is None else f" {row.decision.confidence:.3f}"
    return f"{row.spec.name}: {value} {row.decision.status}{confidence}"


def _write(
    view: Picture, words: str, at: tuple[int, int], colour: tuple[int, int, int], size: float, *, backed: bool = False
) -> None:
    """OpenCV's strokes know ASCII alone. `backed`: on white, where there may be print."""
    words = words.encode("ascii", "replace").decode()
    if backed:
        (width, height), below = cv2.getTextSize(words, _FONT, size, 1)
        cv2.rectangle(view, (at[0], at[1] - height - 2), (at[0] + width, at[1] + below), (255, 255, 255), cv2.FILLED)
    cv2.putText(view, words, at, _FONT, size, colour, 1, cv2.LINE_AA)
