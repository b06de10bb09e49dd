from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from ocrpipe.geometry import Box, apply
from ocrpipe.scans.blank import is_blank
from ocrpipe.scans.ink import reduced
from ocrpipe.scans.straighten import straighten, turned

from .conftest import draw_letter, leaning, page_of

LETTER = draw_letter()


@given(st.floats(-9.5, 9.5))
@settings(max_examples=25, deadline=None)
def test_a_known_skew_is_found_within_a_tenth_of_a_degree(degrees: float) -> None:
    upright = straighten(page_of(leaning(LETTER, degrees)))
    assert upright.rotation_deg == 0
    assert upright.skew_deg == pytest.approx(degrees, abs=0.1)


@pytest.mark.parametrize("quarter", [0, 1, 2, 3])
@pytest.mark.parametrize("degrees", [-4.0, 0.0, 3.0])
def test_quarter_turns_are_found_with_skew(quarter: int, degrees: float) -> None:
    clockwise = np.rot90(leaning(LETTER, degrees), -quarter)
    upright = straighten(page_of(clockwise))
    assert upright.rotation_deg == 90 * quarter
    assert upright.skew_deg == pytest.approx(degrees, abs=0.1)


@pytest.mark.parametrize("quarter", [0, 1, 2, 3])
def test_the_region_of_an_upright_page_shows_the_sheet_as_it_was(quarter: int) -> None:
    upright = straighten(page_of(np.rot90(leaning(LETTER, 2.5), -quarter)))
    assert (upright.width, upright.height) == (LETTER.shape[1], LETTER.shape[0])
    seen = upright.region(Box(100, 100, 900, 500)).astype(int)
    assert np.abs(seen - LETTER[100:500, 100:900]).mean() < 8


def test_a_page_that_lies_straight_maps_to_itself(letter: np.ndarray) -> None:
    upright = straighten(page_of(letter))
    corners = np.array([(0.0, 0.0), (1299.0, 899.0)])
    assert np.abs(apply(upright.to_page, corners) - corners).max() < 1.5


@given(st.sampled_from([90, 180, 270]), st.sampled_from([90, 180, 270]))
@settings(max_examples=9, deadline=None)
def test_turns_add_up(first: int, second: int) -> None:
    upright = straighten(page_of(leaning(LETTER, 1.0)))
    twice = turned(turned(upright, first), second)
    total = (first + second) % 360
    assert twice.rotation_deg == total
    once = turned(upright, total) if total else upright
    assert np.allclose(twice.to_page, once.to_page)
    assert (twice.width, twice.height) == (once.width, once.height)


def test_turned_shows_what_rot90_shows(letter: np.ndarray) -> None:
    upright = straighten(page_of(letter))
    for degrees in (90, 180, 270):
        side = turned(upright, degrees)
        seen = side.region(Box(0, 0, side.width, side.height))
        expected = np.rot90(upright.region(Box(0, 0, upright.width, upright.height)), degrees // 90)
        assert np.abs(seen.astype(int) - expected).max() <= 2


def bedded(sheet: np.ndarray, bed: int, margin: int = 60) -> np.ndarray:
    return np.pad(sheet, margin, constant_values=bed)


@pytest.mark.parametrize("bed", [0, 25, 90])
@pytest.mark.parametrize("degrees", [0.0, 3.0, -2.0])
def test_a_dark_bed_is_cropped(bed: int, degrees: float) -> None:
    upright = straighten(page_of(leaning(bedded(LETTER, bed), degrees, border=bed)))
    assert upright.width == pytest.approx(LETTER.shape[1], abs=20)
    assert upright.height == pytest.approx(LETTER.shape[0], abs=20)
    assert upright.skew_deg == pytest.approx(degrees, abs=0.1)


def test_a_gray_sheet_on_a_light_bed_is_cropped() -> None:
    gray = (LETTER * 0.75).astype(np.uint8)
    upright = straighten(page_of(bedded(gray, 245)))
    assert upright.width == pytest.approx(LETTER.shape[1], abs=20)
    assert upright.height == pytest.approx(LETTER.shape[0], abs=20)


def test_uneven_light_is_no_bed() -> None:
    shade = np.linspace(0.7, 1.0, LETTER.shape[1])
    upright = straighten(page_of((LETTER * shade).astype(np.uint8)))
    assert (upright.width, upright.height) == (LETTER.shape[1], LETTER.shape[0])


def speckled(seed: int = 1, specks: int = 60) -> np.ndarray:
    rng = np.random.default_rng(seed)
    sheet = np.clip(rng.normal(235, 4, (900, 1300)), 0, 255).astype(np.uint8)
    for y, x in rng.integers(0, (890, 1290), (specks, 2)):
        size = rng.integers(1, 6)
        sheet[y : y + size, x : x + size] = 30
    return sheet


@pytest.mark.parametrize("seed", range(4))
def test_without_writing_nothing_is_turned(seed: int) -> None:
    upright = straighten(page_of(speckled(seed)))
    assert (upright.rotation_deg, upright.skew_deg) == (0, 0.0)


@given(arrays(np.uint8, array_shapes(min_dims=2, max_dims=2, max_side=40)), st.sampled_from([50.0, 200.0, 600.0]))
@settings(max_examples=60, deadline=None)
def test_any_picture_however_small_has_an_answer(pixels: np.ndarray, dpi: float) -> None:
    upright = straighten(page_of(pixels, dpi))
    assert upright.width >= 1
    assert upright.height >= 1
    assert abs(upright.skew_deg) <= 10.1
    is_blank(reduced(page_of(pixels, dpi)))


def test_even_thousands_of_signs_stay_quick_and_right() -> None:
    dense = draw_letter(1700, 2200)
    upright = straighten(page_of(np.rot90(leaning(dense, 1.2), -1)))
    assert upright.rotation_deg % 180 == 90
    assert upright.skew_deg == pytest.approx(1.2, abs=0.1)
