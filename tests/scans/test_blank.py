from __future__ import annotations

import cv2
import numpy as np
import pytest

from ocrpipe.scans.blank import is_blank
from ocrpipe.scans.ink import reduced

from .conftest import draw_letter, page_of
from .test_straighten import bedded, speckled


def test_a_white_sheet_is_blank() -> None:
    assert is_blank(reduced(page_of(np.full((900, 1300), 255, np.uint8))))


def test_specks_are_no_writing() -> None:
    assert is_blank(reduced(page_of(speckled())))


def test_what_shines_through_is_no_writing() -> None:
    mirrored = cv2.GaussianBlur(draw_letter()[:, ::-1], (0, 0), 2)
    assert is_blank(reduced(page_of((235 - (255 - mirrored.astype(int)) * 0.12).astype(np.uint8))))


@pytest.mark.parametrize("bed", [0, 30])
def test_the_dark_bed_is_no_writing(bed: int) -> None:
    assert is_blank(reduced(page_of(bedded(speckled(), bed))))


def test_uneven_light_is_no_writing() -> None:
    shade = np.linspace(0.6, 1.0, 1300)[None] * np.linspace(0.85, 1.0, 900)[:, None]
    assert is_blank(reduced(page_of((245 * shade).astype(np.uint8))))


def test_a_fold_is_no_writing() -> None:
    sheet = speckled()
    cv2.line(sheet, (0, 450), (1299, 452), 120, 2)
    assert is_blank(reduced(page_of(sheet)))


def test_punched_holes_are_no_writing() -> None:
    sheet = speckled()
    for y in (200, 700):
        cv2.circle(sheet, (80, y), 25, 10, -1)
    assert is_blank(reduced(page_of(sheet)))


@pytest.mark.parametrize("text", ["7", "1", "42.50"])
@pytest.mark.parametrize("pen", [20, 120])
def test_one_short_number_is_writing(text: str, pen: int) -> None:
    sheet = speckled()
    cv2.putText(sheet, text, (600, 450), cv2.FONT_HERSHEY_SIMPLEX, 1.1, pen, 3, cv2.LINE_AA)
    assert not is_blank(reduced(page_of(sheet)))


def test_a_thin_number_in_black_and_white_is_writing() -> None:
    sheet = np.full((900, 1300), 255, np.uint8)
    cv2.putText(sheet, "31", (600, 450), cv2.FONT_HERSHEY_SIMPLEX, 0.9, 0, 1)
    assert not is_blank(reduced(page_of(sheet)))
