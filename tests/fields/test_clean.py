"""What is printed goes, what is written stays."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from ocrpipe.fields.clean import _gradient, clean
from ocrpipe.geometry import Box, identity
from ocrpipe.records import FieldImage, FieldSpec

Picture = NDArray[np.uint8]
MARGIN, PITCH, CELLS, HIGH = 8, 44, 6, 52
BOX = Box(MARGIN, MARGIN, MARGIN + PITCH * CELLS, MARGIN + HIGH)
FREE, CELLED = FieldSpec("amount", "amount"), FieldSpec("account", "digits", cells=CELLS)


def paper(gray: int = 235) -> Picture:
    return np.full((HIGH + 2 * MARGIN, PITCH * CELLS + 2 * MARGIN), gray, np.uint8)


def boxed(page: Picture, *, comb: bool = False, thick: int = 2, gray: int = 90) -> Picture:
    """The outline of the field; with `comb` a line between its cells too."""
    corners = (int(BOX.x0), int(BOX.y0)), (int(BOX.x1), int(BOX.y1))
    cv2.rectangle(page, *corners, gray, thick)
    for i in range(1, CELLS if comb else 0):
        x = int(BOX.x0) + PITCH * i
        cv2.line(page, (x, corners[0][1]), (x, corners[1][1]), gray, thick)
    return page


def digits(page: Picture, words: str = "204718", *, y: int = 48, size: float = 1.3, gray: int = 40) -> Picture:
    for i, char in enumerate(words):
        cv2.putText(page, char, (MARGIN + PITCH * i + 9, y), cv2.FONT_HERSHEY_SIMPLEX, size, gray, 3, cv2.LINE_AA)
    return page


def cleaned(page: Picture, spec: FieldSpec = FREE, box: Box = BOX) -> Picture:
    return clean(FieldImage(spec, page, identity(), box, 200.0)).pixels


def ink(pixels: Picture) -> NDArray[np.bool_]:
    return pixels < 128


def parts(pixels: Picture, least: int = 12) -> int:
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink(pixels).astype(np.uint8))
    return int((stats[1:, cv2.CC_STAT_AREA] >= least).sum())


@pytest.mark.parametrize("spec", [FREE, CELLED])
@pytest.mark.parametrize("thick", [1, 2, 3])
@pytest.mark.parametrize("gray", [0, 90, 150])
def test_a_blank_box_is_left_without_ink(spec: FieldSpec, thick: int, gray: int) -> None:
    page = boxed(paper(), comb=spec is CELLED, thick=thick, gray=gray)
    assert ink(cleaned(page, spec)).mean() < 0.002


@pytest.mark.parametrize("spec", [FREE, CELLED])
@pytest.mark.parametrize("thick", [1, 2, 3])
def test_lines_go_and_digits_stay(spec: FieldSpec, thick: int) -> None:
    written = digits(paper())
    page = boxed(written.copy(), comb=spec is CELLED, thick=thick)
    expected = ink(written) & (written < 130)
    found = ink(cleaned(page, spec))
    assert (found & expected).sum() > 0.93 * expected.sum()
    near = cv2.dilate(expected.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    assert (found & ~near).sum() < 0.03 * expected.sum()
    assert parts(cleaned(page, spec)) == 6


@pytest.mark.parametrize("spec", [FREE, CELLED])
def test_a_stroke_that_crosses_a_line_stays_whole(spec: FieldSpec) -> None:
    page = boxed(paper(), comb=spec is CELLED)
    cv2.line(page, (80, 20), (72, HIGH + 2 * MARGIN - 1), 40, 3, cv2.LINE_AA)  # a tail through the lower line
    found = cleaned(page, spec)
    assert parts(found) == 1
    rows = np.flatnonzero(ink(found).any(axis=1))
    assert rows[0] <= 22 and rows[-1] >= HIGH + 2 * MARGIN - 3


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (7, 1), (2, 2), (3, 5), (40, 60)])
def test_gradients_are_those_of_sobel_to_the_rim(shape: tuple[int, int]) -> None:
    darkness = np.random.default_rng(1).random(shape, np.float32)
    across, down = (cv2.Sobel(darkness, cv2.CV_32F, dx, 1 - dx, ksize=3) for dx in (1, 0))
    found = np.full(shape, np.nan, np.float32)
    _gradient(darkness, found)
    assert np.allclose(found, cv2.magnitude(across, down), atol=1e-5)


def test_a_stroke_that_crosses_a_comb_stays_whole() -> None:
    page = boxed(paper(), comb=True)
    x = MARGIN + PITCH * 2
    cv2.line(page, (x - 25, 50), (x + 12, 20), 40, 3, cv2.LINE_AA)
    assert parts(cleaned(page, CELLED)) == 1


def test_a_rule_across_a_free_field_goes_and_the_writing_on_it_stays() -> None:
    page = digits(paper(), y=56)
    cv2.line(page, (0, 57), (page.shape[1], 57), 90, 2)
    found = cleaned(page)
    assert parts(found) == 6
    assert ink(found)[:, MARGIN + PITCH * 5 + 36 :].sum() == 0


def test_a_leaning_rule_goes() -> None:
    page = digits(paper(), y=46)
    cv2.line(page, (0, 58), (page.shape[1], 63), 90, 2, cv2.LINE_AA)
    assert parts(cleaned(page)) == 6


@pytest.mark.parametrize("margin", [0, 2, 4])
def test_a_tall_one_in_a_tight_crop_is_kept(margin: int) -> None:
    page = np.full((50, 40), 235, np.uint8)
    cv2.line(page, (20, margin), (20, 49 - margin), 30, 3)
    found = cleaned(page, FREE, Box(0, 0, 40, 50))
    assert ink(found)[:, 18:23].any(axis=1).sum() >= 0.9 * (50 - 2 * margin)


def test_a_one_at_the_side_of_a_tight_crop_is_kept() -> None:
    """As `--as amount` pictures are cut: the first figure stands where a box would have its side."""
    page = digits(np.full((60, 200), 235, np.uint8), " 20", y=48)
    cv2.line(page, (6, 8), (4, 50), 40, 3, cv2.LINE_AA)
    assert ink(cleaned(page, FREE, Box(0, 0, 200, 60)))[:, :9].any(axis=1).sum() > 36


def test_a_thick_rule_goes_whole() -> None:
    page = digits(paper(), y=44)
    cv2.line(page, (0, 58), (page.shape[1], 58), 20, 6)
    assert parts(cleaned(page)) == 6


def test_a_rule_from_edge_to_edge_goes_even_near_the_middle() -> None:
    """The writing stands high in a roomy crop."""
    page = np.vstack([digits(paper(), y=30, size=0.9), paper()[:20]])
    row = round(0.6 * page.shape[0])
    cv2.line(page, (0, row), (page.shape[1], row), 40, 2)
    assert parts(cleaned(page, FREE, Box(0, 0, page.shape[1], page.shape[0]))) == 6


def test_a_dash_is_no_rule() -> None:
    page = digits(paper(), "12")
    cv2.line(page, (130, 36), (160, 35), 40, 3, cv2.LINE_AA)
    assert parts(cleaned(page)) == 3


@pytest.mark.parametrize("spec", [FREE, CELLED])
@given(seed=st.integers(0, 1_000))
@settings(max_examples=10)
def test_a_blank_field_on_noisy_paper_has_hardly_any_ink(spec: FieldSpec, seed: int) -> None:
    noise = np.random.default_rng(seed).normal(0, 3, paper().shape)
    page = np.clip(boxed(paper(), comb=spec is CELLED) + noise, 0, 255).astype(np.uint8)
    assert ink(cleaned(page, spec)).mean() < 0.002


@given(gain=st.floats(0.5, 1.05))
@settings(max_examples=15)
def test_darker_paper_and_ink_alike_change_nothing(gain: float) -> None:
    page = boxed(digits(paper()), comb=True)
    other = np.round(page * gain).astype(np.uint8)
    assert (ink(cleaned(page, CELLED)) != ink(cleaned(other, CELLED))).mean() < 0.004


def test_a_shadow_across_the_paper_changes_little() -> None:
    page = digits(paper())
    shade = np.linspace(1.0, 0.6, page.shape[1])
    found, expected = (ink(cleaned(np.round(p).astype(np.uint8))) for p in (page * shade, page))
    assert (found != expected).mean() < 0.01


def test_a_pale_background_pattern_is_paper() -> None:
    y, x = np.mgrid[0 : paper().shape[0], 0 : paper().shape[1]]
    waves = 1 - 0.1 * (0.5 + 0.5 * np.sin((x + 3 * np.sin(y / 9)) * 2 * np.pi / 6))
    page = np.round(digits(paper()) * waves).astype(np.uint8)
    expected = ink(cleaned(digits(paper())))
    assert (ink(cleaned(page)) != expected).mean() < 0.015


def test_paper_is_white_and_ink_is_dark_afterwards() -> None:
    found = cleaned(digits(paper(200), gray=110))
    assert np.median(found) > 240 and found.min() < 30


def test_one_dark_pixel_is_a_picture() -> None:
    assert cleaned(np.zeros((1, 1), np.uint8), FREE, Box(0, 0, 1, 1)).shape == (1, 1)


@settings(max_examples=60)
@given(
    hnp.arrays(np.uint8, hnp.array_shapes(min_dims=2, max_dims=2, min_side=12, max_side=60)),
    st.sampled_from([FREE, CELLED]),
)
def test_any_picture_keeps_its_shape(pixels: Picture, spec: FieldSpec) -> None:
    height, width = pixels.shape
    field = FieldImage(spec, pixels, identity(), Box(0, 0, width, height), 200.0)
    before = pixels.copy()
    result = clean(field)
    assert result.pixels.shape == pixels.shape and result.pixels.dtype == np.uint8
    assert (result.spec, result.box) == (spec, field.box)
    assert np.array_equal(pixels, before)
