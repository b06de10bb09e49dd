"""Checks of other countries: dates in cells, marks inside boxes, dark panels, rivals."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from ocrpipe.fields.locate import locate_check, look
from ocrpipe.fields.locate_marks import marks_in
from ocrpipe.geometry import Box, quad_of
from ocrpipe.records import Document, Place
from tests.fields.test_locate import DPI, INK, PAPER, assert_found, draw_check, paper, rule, upright_of, write

Pixels = NDArray[np.uint8]
LEFT, TOP, PITCH, HIGH = 4.0, 0.3, 0.2, 0.2
"""Of the row of cells, inches."""


def upright_line(pixels: Pixels, x: float, y0: float, y1: float) -> None:
    pixels[round(y0 * DPI) : round(y1 * DPI), round(x * DPI) : round(x * DPI) + 2] = INK


def frame(pixels: Pixels, box: Box) -> None:
    for y in (box.y0, box.y1):
        rule(pixels, box.x0, y, box.x1)
    for x in (box.x0, box.x1):
        upright_line(pixels, x, box.y0, box.y1)


def check(amount: str = "63.20", *, boxed: bool = True) -> Pixels:
    """The drawn check, its upper right corner and its rule for the date clear."""
    pixels, _ = draw_check(amount, boxed=boxed)
    pixels[: round(0.85 * DPI), round(3.4 * DPI) :] = PAPER
    return pixels


def with_cells(legend: str, figures: str, *, kind: str = "joined") -> Pixels:
    pixels = check()
    gap = 0.08 if kind == "grouped" else 0.0
    passed = [gap * sum(a != b for a, b in pairwise(legend[: k + 1])) for k in range(len(legend))]
    for k, (letter, figure, shift) in enumerate(zip(legend, figures, passed, strict=True)):
        x = LEFT + k * PITCH + shift
        wide = PITCH - 0.04 if kind == "apart" else PITCH
        for at in (x, x + wide):
            upright_line(pixels, at, TOP, TOP + HIGH)
        rule(pixels, x, TOP + HIGH - 0.01, x + wide + 0.01)
        if kind != "comb":
            rule(pixels, x, TOP, x + wide)
        write(pixels, figure, x + 0.05, TOP + 0.16, 0.11)
        write(pixels, letter, x + 0.05, TOP + HIGH + 0.11, 0.07, 1)
    return pixels


def place_of(document: Document | None, name: str) -> Place | None:
    assert document is not None
    return next((place for place in document.places if place.spec.name == name), None)


def on_page(document: Document, place: Place, box: Box | None) -> Box:
    """A box of the place's own frame, inches on the page."""
    assert box is not None
    x0, y0, _, _, x1, y1, _, _ = quad_of(box, document.upright.to_page @ place.to_upright)
    return Box(x0 / DPI, y0 / DPI, x1 / DPI, y1 / DPI)


@pytest.mark.parametrize("kind", ["joined", "apart", "comb"])
@pytest.mark.parametrize("legend", ["DDMMYYYY", "MMDDYYYY", "YYYYMMDD", "DDMMYY"])
def test_date_is_found_in_its_cells_and_read_in_the_order_of_the_legend(legend: str, kind: str) -> None:
    document = locate_check(upright_of(with_cells(legend, "26051994"[: len(legend)], kind=kind)))
    date = place_of(document, "date")
    assert document is not None and date is not None
    assert (date.spec.cells, date.spec.format) == (len(legend), legend)
    box = on_page(document, date, date.box)
    assert abs(box.x0 - LEFT) < 0.05 and abs(box.x1 - LEFT - len(legend) * PITCH) < 0.05
    assert abs(box.y0 - TOP) < 0.05 and abs(box.y1 - TOP - HIGH) < 0.05
    shown = on_page(document, date, date.shown)
    assert shown.x0 < LEFT - 1.5 * PITCH and shown.y1 > TOP + 1.7 * HIGH


def test_cells_in_groups_are_read_as_they_stand() -> None:
    date = place_of(locate_check(upright_of(with_cells("YYYYMMDD", "19940526", kind="grouped"))), "date")
    assert date is not None and (date.spec.cells, date.spec.format) == (0, "YYYYMMDD")


def test_longer_rows_of_cells_are_no_date() -> None:
    pixels = check()
    for k in range(13):
        upright_line(pixels, 3.2 + k * PITCH, TOP, TOP + HIGH)
    for y in (TOP, TOP + HIGH):
        rule(pixels, 3.2, y, 3.2 + 12 * PITCH)
    date = place_of(locate_check(upright_of(pixels)), "date")
    assert date is None or not date.spec.cells


def test_heavy_print_is_no_row_of_cells() -> None:
    pixels = check()
    write(pixels, "MILLINHILLTHIMBLE", 3.6, 0.5, 0.15, 4)
    rule(pixels, 3.5, 0.53, 5.8)
    date = place_of(locate_check(upright_of(pixels)), "date")
    assert date is None or not date.spec.cells


def test_date_on_a_rule_is_found_behind_its_label() -> None:
    pixels, _ = draw_check("63.20", boxed=True)
    extent = write(pixels, "11-23-2004", 4.0, 0.74, 0.12)
    document = locate_check(upright_of(pixels))
    date = place_of(document, "date")
    assert document is not None and date is not None and date.spec.format == "M/D/Y"
    assert on_page(document, date, date.box).scaled(DPI).intersection(extent).area > 0.95 * extent.area


def test_check_number_is_found_at_the_upper_right() -> None:
    pixels, _ = draw_check("63.20", boxed=True)
    document = locate_check(upright_of(pixels))
    number = place_of(document, "number")
    assert document is not None and number is not None
    box = on_page(document, number, number.box)
    assert box.x0 < 5.2 and box.x1 > 5.45 and box.y0 < 0.27 and box.y1 > 0.33


def test_a_mark_inside_its_box_is_shown_but_not_read() -> None:
    pixels = check("")
    pixels[round(0.85 * DPI) : round(1.4 * DPI), round(4.25 * DPI) :] = PAPER
    outer = Box(4.1, 0.95, 5.85, 1.3)
    frame(pixels, outer)
    mark = write(pixels, "$", 4.18, 1.2, 0.14)
    truth = write(pixels, "1,407.95", 4.5, 1.23, 0.2)
    document = locate_check(upright_of(pixels))
    assert_found(document, truth)
    amount = place_of(document, "amount")
    assert document is not None and amount is not None and amount.spec.currency == "USD"
    assert on_page(document, amount, amount.box).scaled(DPI).intersection(mark).area < 0.4 * mark.area
    assert on_page(document, amount, amount.shown).intersection(outer).area > 0.95 * outer.area


def test_what_may_be_an_unknown_mark_is_read_once_with_and_once_without() -> None:
    pixels = check("")
    pixels[round(0.85 * DPI) : round(1.4 * DPI), round(4.25 * DPI) :] = PAPER
    frame(pixels, Box(4.1, 0.95, 5.85, 1.3))
    write(pixels, "Kr", 4.16, 1.2, 0.13)
    truth = write(pixels, "140795", 4.7, 1.2, 0.15)
    document = locate_check(upright_of(pixels))
    assert document is not None
    lefts = [on_page(document, p, p.box).x0 for p in document.places if p.spec.name == "amount"]
    assert len(lefts) == 2 and min(lefts) < 4.2 and abs(max(lefts) - truth.x0 / DPI) < 0.1


@pytest.mark.parametrize("tone", [205, 40])
def test_amounts_are_found_on_tinted_and_on_dark_panels(tone: int) -> None:
    pixels = check("", boxed=False)
    pixels[round(0.85 * DPI) : round(1.4 * DPI), round(4.3 * DPI) :] = PAPER
    panel = Box(4.4, 0.95, 5.8, 1.3).scaled(DPI)
    pixels[panel.slices(pixels.shape)] = tone
    stroke = np.full_like(pixels, 255)
    truth = write(stroke, "**1,407.95", 4.5, 1.2, 0.14)
    pixels[stroke < 128] = 250 if tone < 128 else INK
    assert_found(locate_check(upright_of(pixels)), truth)


def test_lines_of_a_deposit_slip_are_no_amounts() -> None:
    pixels = check("", boxed=False)
    pixels[round(0.3 * DPI) : round(2.0 * DPI), round(4.2 * DPI) :] = PAPER
    for k in range(5):
        frame(pixels, Box(4.4, 0.4 + 0.28 * k, 5.8, 0.68 + 0.28 * k))
        write(pixels, "120.00", 4.8, 0.62 + 0.28 * k, 0.12)
    document = locate_check(upright_of(pixels))
    assert document is None or all(place.box is None for place in document.places if place.spec.name == "amount")


@pytest.mark.parametrize(("text", "currency"), [("$", "USD"), ("S$", "SGD"), ("RM", "MYR"), ("Rs", "INR")])
def test_marks_name_their_currency(text: str, currency: str) -> None:
    pixels = paper(6.0, 2.75)
    mask = np.zeros_like(pixels)
    face, scale = cv2.FONT_HERSHEY_SIMPLEX, 0.2 * DPI / 21
    cv2.putText(mask, text, (600, 300), face, scale, 255, 3, cv2.LINE_AA)
    pixels[mask > 80] = INK
    view = look(upright_of(pixels))
    assert view is not None
    marks = marks_in(view, Box(0, 0, view.width, view.height))
    assert marks and marks[0].currency == currency
