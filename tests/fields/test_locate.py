"""Checks and envelopes are found by what is on them; other papers are nobody's."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import skimage
from numpy.typing import NDArray

from ocrpipe.fields.locate import locate_check, locate_envelope, look
from ocrpipe.fields.locate_marks import likeness as likeness_of
from ocrpipe.fields.locate_view import View, boxes_of
from ocrpipe.geometry import Box, identity, quad_of, rotation
from ocrpipe.records import Document, Page, Upright

SAMPLES = Path(__file__).parents[2] / "samples"
PICTURES = Path(skimage.__file__).parent / "data"
DPI = 200.0
INK, PAPER = 30, 235


def upright_of(pixels: NDArray[np.uint8], dpi: float = DPI) -> Upright:
    page = Page("page", "0" * 64, 0, np.ascontiguousarray(pixels), dpi, "file")
    return Upright(page, 0, 0.0, identity(), page.width, page.height)


def upside_down(upright: Upright) -> Upright:
    turn = rotation(180, ((upright.width - 1) / 2, (upright.height - 1) / 2))
    return Upright(upright.page, 180, 0.0, upright.to_page @ turn, upright.width, upright.height)


def paper(width: float, height: float) -> NDArray[np.uint8]:
    return np.full((round(height * DPI), round(width * DPI)), PAPER, np.uint8)


def write(pixels: NDArray[np.uint8], text: str, x: float, y: float, height: float, weight: int = 2) -> Box:
    """Draws `text` with its baseline at y (inches), capitals `height` inches high; the extent in pixels."""
    scale = height * DPI / 21
    mask = np.zeros_like(pixels)
    at = round(x * DPI), round(y * DPI)
    cv2.putText(mask, text, at, cv2.FONT_HERSHEY_SIMPLEX, scale, 255, weight, cv2.LINE_AA)
    pixels[mask > 80] = INK
    left, top, wide, high = cv2.boundingRect((mask > 80).astype(np.uint8))
    return Box(left, top, left + wide, top + high)


def rule(pixels: NDArray[np.uint8], x0: float, y: float, x1: float) -> None:
    pixels[round(y * DPI) : round(y * DPI) + 2, round(x0 * DPI) : round(x1 * DPI)] = INK


def draw_check(amount: str, *, boxed: bool, micr: bool = True) -> tuple[NDArray[np.uint8], Box | None]:
    """A check of no bank's layout, 6 by 2.75 inches, and where its amount is written."""
    pixels = paper(6.0, 2.75)
    write(pixels, "Fern Street Bakery", 0.3, 0.35, 0.1)
    write(pixels, "7741", 5.2, 0.35, 0.1)
    write(pixels, "Date", 3.6, 0.75, 0.06, 1)
    rule(pixels, 3.95, 0.76, 5.0)
    write(pixels, "Pay to", 0.3, 1.2, 0.06, 1)
    rule(pixels, 0.8, 1.22, 4.2)
    write(pixels, "Oak Lane Mill", 1.0, 1.18, 0.12)
    write(pixels, "$", 4.35, 1.2, 0.14)
    rule(pixels, 4.55, 1.24, 5.75)
    if boxed:
        rule(pixels, 4.55, 0.92, 5.75)
        for x in (4.55, 5.75):
            pixels[round(0.92 * DPI) : round(1.24 * DPI), round(x * DPI) : round(x * DPI) + 2] = INK
    extent = write(pixels, amount, 4.65, 1.18, 0.16) if amount else None
    rule(pixels, 0.3, 1.6, 5.0)
    write(pixels, "Dollars", 5.1, 1.6, 0.07, 1)
    rule(pixels, 3.6, 2.2, 5.7)
    for k, letter in enumerate("004417004A09110053A44178126" if micr else ""):
        feet, right = 2.75 - 0.31, 0.7 + 0.125 * (k + 1)
        wide = 0.09 if letter == "0" else 0.052
        x0, x1 = round((right - wide) * DPI), round(right * DPI)
        y0, y1 = round((feet - 0.117) * DPI), round(feet * DPI)
        if letter != "A":
            pixels[y0:y1, x0:x1] = INK
            pixels[y0 + 3 : y1 - 3, x0 + 3 : x1 - 3] = PAPER
    return pixels, extent


def draw_envelope(zip_code: str, rise: float = 0.0) -> tuple[NDArray[np.uint8], Box]:
    """A number 10 envelope and where its ZIP code is written, `rise` inches above the city's line."""
    pixels = paper(9.5, 4.125)
    write(pixels, "Fern Street Bakery", 0.4, 0.45, 0.09)
    write(pixels, "Salem OR 97301", 0.4, 0.6, 0.09)
    cv2.rectangle(pixels, (1700, 50), (1850, 230), INK, 2)
    write(pixels, "STAMP", 8.65, 0.75, 0.08, 1)
    for i, line in enumerate(("Oak Lane Mill", "18 Harbor Road", "Eugene, OR")):
        write(pixels, line, 4.0, 2.1 + 0.3 * i, 0.14)
    return pixels, write(pixels, zip_code, 5.35, 2.7 - rise, 0.17)


def assert_found(document: Document | None, truth: Box) -> None:
    """At least 90 % of `truth` (page pixels) is in the field, which is at most six times as large."""
    assert document is not None
    place = document.places[0]
    assert place.failure is None and place.box is not None
    x0, y0, _, _, x1, y1, _, _ = quad_of(place.box, document.upright.to_page @ place.to_upright)
    found = Box(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
    assert found.intersection(truth).area >= 0.9 * truth.area
    assert found.area <= 6 * truth.area


@pytest.mark.parametrize("boxed", [True, False])
@pytest.mark.parametrize("amount", ["63.20", "1,407.95", "**88.10", "250 00/100"])
def test_amount_is_found_behind_its_mark(amount: str, boxed: bool) -> None:
    pixels, truth = draw_check(amount, boxed=boxed)
    document = locate_check(upright_of(pixels))
    assert truth is not None
    assert_found(document, truth)
    assert document is not None and document.template == "check"
    assert document.places[0].spec.kind == "amount" and document.places[0].spec.currency == "USD"


def test_amount_is_found_without_a_mark_in_a_box() -> None:
    pixels, truth = draw_check("912.45", boxed=True)
    pixels[200:245, 860:905] = PAPER
    assert truth is not None
    assert_found(locate_check(upright_of(pixels)), truth)


def test_empty_amount_box_is_a_place_to_look_at() -> None:
    pixels, _ = draw_check("", boxed=True)
    document = locate_check(upright_of(pixels))
    assert document is not None and document.places[0].box is not None
    assert document.places[0].box.width > 1.0 * DPI


def test_check_without_any_sign_of_an_amount_says_so() -> None:
    pixels, _ = draw_check("", boxed=False)
    pixels[150:260, 850:1160] = PAPER
    document = locate_check(upright_of(pixels))
    assert document is not None
    (place,) = (place for place in document.places if place.spec.name == "amount")
    assert place.box is None and place.failure is not None and place.failure.reason == "not_found"


def test_check_shows_more_evidence_the_right_way_up() -> None:
    upright = upright_of(draw_check("63.20", boxed=True)[0])
    right, wrong = locate_check(upright), locate_check(upside_down(upright))
    assert right is not None and right.evidence > 0.8
    assert wrong is None or wrong.evidence < 0.5


def test_micr_line_adds_to_the_evidence() -> None:
    with_line = locate_check(upright_of(draw_check("63.20", boxed=True)[0]))
    without = locate_check(upright_of(draw_check("63.20", boxed=True, micr=False)[0]))
    assert with_line is not None
    assert without is None or with_line.evidence > without.evidence + 0.4


@pytest.mark.parametrize("zip_code", ["97401", "97401-2208"])
@pytest.mark.parametrize("rise", [0.0, 0.08])
def test_zip_code_is_found_at_the_end_of_the_address(zip_code: str, rise: float) -> None:
    pixels, truth = draw_envelope(zip_code, rise)
    document = locate_envelope(upright_of(pixels))
    assert_found(document, truth)
    assert document is not None and document.template == "envelope"


def test_envelope_shows_more_evidence_the_right_way_up() -> None:
    upright = upright_of(draw_envelope("97401")[0])
    right, wrong = locate_envelope(upright), locate_envelope(upside_down(upright))
    assert right is not None and right.evidence > 0.8
    assert wrong is None or wrong.evidence < right.evidence - 0.2


def test_checks_and_envelopes_are_told_apart() -> None:
    check, envelope = upright_of(draw_check("63.20", boxed=True)[0]), upright_of(draw_envelope("97401")[0])
    assert locate_check(envelope) is None
    claimed = locate_envelope(check)
    assert claimed is None or claimed.evidence < 0.7


def test_one_look_serves_both_locators() -> None:
    upright = upright_of(draw_check("63.20", boxed=True)[0])
    seen = locate_check(upright, look(upright))
    alone = locate_check(upright)
    assert seen is not None and alone is not None and seen.evidence == alone.evidence


@pytest.mark.parametrize("name", ["checks/printed-line.tif", "envelopes/printed.tif", "checks/handwritten-box.png"])
def test_samples_are_known_for_what_they_are(name: str) -> None:
    pixels = cv2.imread(str(SAMPLES / name), cv2.IMREAD_GRAYSCALE)
    assert pixels is not None
    skew = {"checks/printed-line.tif": -1.1, "envelopes/printed.tif": -0.6, "checks/handwritten-box.png": 1.8}[name]
    upright = upright_of(np.asarray(pixels, np.uint8))
    lean = rotation(skew, ((upright.width - 1) / 2, (upright.height - 1) / 2))
    upright = Upright(upright.page, 0, skew, lean, upright.width, upright.height)
    locate = locate_check if name.startswith("checks") else locate_envelope
    document = locate(upright)
    assert document is not None and document.places[0].box is not None


def draw_letter(width: float, height: float) -> NDArray[np.uint8]:
    pixels = paper(width, height)
    words = (
        "your order of May",
        "has been sent",
        "we thank you",
        "and remain with",
        "kind regards",
        "for $1,200.00 paid",
    )
    for i, y in enumerate(np.arange(1.0, height - 0.8, 0.22)):
        write(pixels, " ".join(words[(i + k) % 6] for k in range(3)), 0.9, float(y), 0.1, 1)
    return pixels


def noise(seed: int) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).normal(180, 40, (560, 1200)).clip(0, 255).astype(np.uint8)


def photograph(name: str) -> NDArray[np.uint8]:
    picture = cv2.imread(str(PICTURES / name), cv2.IMREAD_GRAYSCALE)
    assert picture is not None
    return np.asarray(cv2.resize(picture, (1200, 560)), np.uint8)


@pytest.mark.parametrize(
    "pixels",
    [
        draw_letter(8.5, 11.0),
        noise(1),
        noise(2),
        photograph("camera.png"),
        photograph("coffee.png"),
        photograph("astronaut.png"),
        paper(6.0, 2.75),
        np.zeros((560, 1200), np.uint8),
        np.full((1, 1), 255, np.uint8),
    ],
    ids=["letter", "noise", "more noise", "camera", "coffee", "astronaut", "blank", "black", "one pixel"],
)
def test_other_papers_are_nobodys(pixels: NDArray[np.uint8]) -> None:
    upright = upright_of(pixels)
    for way in (upright, upside_down(upright)):
        assert locate_check(way) is None
        assert locate_envelope(way) is None


def view_of(text: str) -> View:
    pixels = paper(6.0, 2.75)
    write(pixels, text, 1.0, 1.5, 0.2)
    view = look(upright_of(pixels))
    assert view is not None
    return view


def test_dollar_sign_is_liker_to_a_dollar_than_other_signs_are() -> None:
    def likeness(text: str) -> float:
        view = view_of(text)
        return float(likeness_of(view, view.parts)[0].max())

    assert likeness("$") > 0.9
    assert max(likeness(sign) for sign in "S8B5360A4") < 0.5 * likeness("$")


def test_boxes_of_nested_parts_are_all_found() -> None:
    mask = np.zeros((60, 60), np.uint8)
    cv2.rectangle(mask, (5, 5), (55, 55), 255, 1)
    mask[20:30, 20:40] = 255
    assert sorted(boxes_of(mask, 2)[:, 0].tolist()) == [0.05, 0.2]
