"""Strips: every line has one size and lies level, whatever the scan."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from ocrpipe.e13b import HEIGHT_IN, MODULE_IN, PITCH_IN
from ocrpipe.geometry import apply
from ocrpipe.reading.micr_strip import HEIGHT, PITCH, strips
from ocrpipe.training.e13b import COLUMNS, FINE, glyph

TEXT = "U123456U T021000021T 98765432U"


def picture(dpi: float, lean_deg: float = 0.0, text: str = TEXT) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """A clean line on white paper, and the middles of its cells (N, 2), px."""
    scale = dpi * MODULE_IN / FINE
    shape = round(0.7 * dpi), round((len(text) * PITCH_IN + 1) * dpi)
    page = np.full(shape, 240, np.uint8)
    centres = []
    for i, letter in enumerate(text):
        if letter == " ":
            continue
        x = 0.5 * dpi + i * PITCH_IN * dpi
        drawn = cv2.resize(255 - 225 * glyph(letter), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        top, left = round(0.3 * dpi), round(x)
        part = page[top : top + drawn.shape[0], left : left + drawn.shape[1]]
        part[:] = np.minimum(part, drawn)
        centres.append((left + COLUMNS * MODULE_IN * dpi / 2, top + HEIGHT_IN * dpi / 2))
    turn = cv2.getRotationMatrix2D((shape[1] / 2, shape[0] / 2), -lean_deg, 1.0)
    leant = cv2.warpAffine(page, turn, shape[::-1], borderValue=240)
    return np.asarray(leant, np.uint8), np.array(centres) @ turn[:, :2].T + turn[:, 2]


@pytest.mark.parametrize(("dpi", "lean_deg"), [(100, 0.0), (200, 0.0), (200, 1.0), (200, -1.0), (300, 0.5)])
def test_characters_lie_in_the_middle_at_one_pitch(dpi: float, lean_deg: float) -> None:
    page, centres = picture(dpi, lean_deg)
    (strip,) = strips(page, dpi)
    assert strip.ink.shape[0] == HEIGHT and strip.ink.dtype == np.uint8
    places = apply(np.linalg.inv(strip.to_picture), centres)
    assert abs(places[:, 1] - (HEIGHT - 1) / 2).max() < 1.5
    steps = np.diff(places[:, 0])
    assert abs(steps / PITCH - np.rint(steps / PITCH)).max() < 0.12
    rows = np.flatnonzero(strip.ink.max(axis=1) > 128)
    assert 13 <= rows[-1] - rows[0] + 1 <= 18


def test_a_resolution_that_is_off_changes_nothing() -> None:
    page, _ = picture(200)
    widths = [strips(page, told)[0].ink.shape[1] for told in (190, 200, 210)]
    assert max(widths) - min(widths) <= 4


def test_a_line_whose_ends_are_crossed_is_shown_whole() -> None:
    page, centres = picture(200)
    for x, _ in centres[:5]:
        cv2.line(page, (round(x) - 9, 20), (round(x) + 9, 120), 60, 3)
    (strip,) = strips(page, 200)
    assert apply(np.linalg.inv(strip.to_picture), centres)[0, 0] > PITCH / 2


@pytest.mark.parametrize("page", [np.full((100, 900), 230, np.uint8), np.zeros((1, 1), np.uint8)])
def test_paper_without_a_line_has_no_strip(page: NDArray[np.uint8]) -> None:
    assert strips(page, 200) == []
