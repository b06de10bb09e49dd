"""Whole drawn sheets know where their fields lie and what they say."""

from __future__ import annotations

import re
from datetime import date

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from ocrpipe.e13b import SYMBOLS
from ocrpipe.reading.micr_fields import fields_of
from ocrpipe.training.drawing import Drawer, print_fonts
from ocrpipe.training.sheets import DrawnSheet, draw_check, draw_envelope, draw_other
from ocrpipe.training.sheets.check import LAYOUTS, STRANGE_LAYOUTS
from ocrpipe.training.sheets.envelope import FAMILIES, STRANGE_FAMILIES
from ocrpipe.training.sheets.other import PAGES, PICTURES
from ocrpipe.training.sheets.words import in_words
from tests.training.drawn import pen_writer, scanned_writer

if not print_fonts():
    pytest.skip("wants print fonts such as Debian's fonts-dejavu", allow_module_level=True)


@pytest.fixture(scope="module")
def hands() -> Drawer:
    return Drawer([pen_writer(), scanned_writer()], print_fonts())


def inside(picture: NDArray[np.uint8], corners: NDArray[np.float64]) -> NDArray[np.uint8]:
    """The pixels within a field's corners, upright."""
    width, height = (max(2, round(float(np.hypot(*(corners[i] - corners[0]))))) for i in (1, 3))
    target = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    turn = cv2.getPerspectiveTransform(corners.astype(np.float32), target)
    return np.asarray(cv2.warpPerspective(picture, turn, (width, height), borderValue=255), np.uint8)


def assert_sound(sheet: DrawnSheet) -> None:
    picture = sheet.picture
    assert picture.dtype == np.uint8 and picture.ndim == 2 and picture.flags["C_CONTIGUOUS"]
    assert 120 < sheet.dpi < 330
    size = np.array(picture.shape[::-1])
    for field in sheet.fields:
        assert field.corners.shape == field.shown.shape == (4, 2) and field.value
        assert (field.corners > -8).all() and (field.corners < size + 8).all()
        assert cv2.contourArea(field.shown.astype(np.float32)) >= 0.99 * cv2.contourArea(
            field.corners.astype(np.float32)
        )
        held = inside(picture, field.corners).astype(float)
        assert np.ptp(np.percentile(held, (2, 98))) > 25, (field.name, "no ink")


@pytest.mark.parametrize("layout", [*LAYOUTS, *STRANGE_LAYOUTS])
def test_every_layout_of_checks_holds_its_fields(hands: Drawer, layout: str) -> None:
    for seed in range(3):
        sheet = draw_check(np.random.default_rng(seed), hands, strange=layout in STRANGE_LAYOUTS, layout=layout)
        assert (sheet.kind, sheet.layout) == ("check", layout)
        assert_sound(sheet)
        names = [field.name for field in sheet.fields]
        assert len(names) == len(set(names)) and {"amount", "micr"} <= set(names)
        values = {field.name: field.value for field in sheet.fields}
        assert set(values["micr"]) <= set(SYMBOLS + " ") and "  " not in values["micr"]
        whole, cents = values["amount"].split(".")
        assert whole.isdigit() and len(cents) == 2 and (whole == "0" or whole[0] != "0")
        if "date" in values:
            date.fromisoformat(values["date"])
        if "number" in values:
            groups = re.split("[TUDA ]", values["micr"])
            assert values["number"] in [group.lstrip("0") for group in groups]


@pytest.mark.parametrize("layout", ["us-personal", "us-business", "india-cts"])
def test_the_magnetic_line_says_what_the_check_says(hands: Drawer, layout: str) -> None:
    for seed in range(8):
        values = {f.name: f.value for f in draw_check(np.random.default_rng(seed), hands, layout=layout).fields}
        parsed = fields_of(values["micr"])
        assert parsed.country == ("IN" if layout == "india-cts" else "US") and parsed.check_digit is not False
        if "number" in values and "micr_serial" in parsed.fields:
            assert parsed.fields["micr_serial"].value.lstrip("0") == values["number"]
        if "micr_amount" in parsed.fields:
            assert parsed.fields["micr_amount"].value == values["amount"]


def test_the_seed_decides_the_check(hands: Drawer) -> None:
    one, same, other = (draw_check(np.random.default_rng(seed), hands) for seed in (4, 4, 5))
    assert np.array_equal(one.picture, same.picture) and one.told_dpi == same.told_dpi
    for a, b in zip(one.fields, same.fields, strict=True):
        assert (a.name, a.value) == (b.name, b.value) and np.array_equal(a.corners, b.corners)
    assert one.picture.shape != other.picture.shape or not np.array_equal(one.picture, other.picture)


def test_strange_checks_have_layouts_of_their_own(hands: Drawer) -> None:
    assert not set(LAYOUTS) & set(STRANGE_LAYOUTS)
    for seed in range(6):
        assert draw_check(np.random.default_rng(seed), hands, strange=True).layout in STRANGE_LAYOUTS


@pytest.mark.parametrize("family", [*FAMILIES, *STRANGE_FAMILIES])
def test_every_kind_of_envelope_holds_its_zip_code(hands: Drawer, family: str) -> None:
    for seed in range(4):
        sheet = draw_envelope(np.random.default_rng(seed), hands, strange=family in STRANGE_FAMILIES, layout=family)
        assert (sheet.kind, sheet.layout) == ("envelope", family)
        assert_sound(sheet)
        (field,) = sheet.fields
        assert (field.name, field.kind) == ("zip", "zip") and re.fullmatch(r"\d{5}(-\d{4})?", field.value)


@pytest.mark.parametrize("layout", [*PAGES, *PICTURES])
def test_other_papers_have_nothing_to_read(layout: str) -> None:
    sheet = draw_other(np.random.default_rng(1), layout=layout)
    assert (sheet.kind, sheet.layout) == ("other", layout)
    assert sheet.picture.dtype == np.uint8 and min(sheet.picture.shape) > 200
    assert {field.name for field in sheet.fields} <= ({"micr"} if layout == "deposit-slip" else set())


def test_the_seed_decides_envelopes_and_other_papers(hands: Drawer) -> None:
    for seed in range(2):
        one, same = (draw_envelope(np.random.default_rng(seed), hands) for _ in range(2))
        assert np.array_equal(one.picture, same.picture) and one.fields[0].value == same.fields[0].value
    one, same = (draw_other(np.random.default_rng(3), layout="form") for _ in range(2))
    assert np.array_equal(one.picture, same.picture)


@pytest.mark.parametrize("layouts", [LAYOUTS, STRANGE_LAYOUTS, FAMILIES, STRANGE_FAMILIES])
def test_the_shares_of_the_layouts_make_a_whole(layouts: dict[str, object]) -> None:
    assert sum(layout.share for layout in layouts.values()) == pytest.approx(1)  # type: ignore[attr-defined]


def test_sums_in_words() -> None:
    assert in_words(0) == "zero" and in_words(19) == "nineteen" and in_words(100) == "one hundred"
    assert in_words(40_021) == "forty thousand twenty-one"
    assert in_words(25_000_000, indian=True) == "two crore fifty lakh"
