from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ocrpipe.geometry import Box, apply, identity, quad_of, resample, rotation, scaling, translation

NUMBER = st.floats(-500, 500)
POINTS = st.lists(st.tuples(NUMBER, NUMBER), min_size=1, max_size=8).map(np.array)
BOXES = st.tuples(NUMBER, NUMBER, st.floats(0, 300), st.floats(0, 300)).map(
    lambda b: Box(b[0], b[1], b[0] + b[2], b[1] + b[3])
)


def gradient(height: int = 40, width: int = 60) -> np.ndarray:
    rows, columns = np.mgrid[0:height, 0:width]
    return (3 * columns + rows).astype(np.uint8)


@given(POINTS, st.floats(-180, 180), NUMBER, NUMBER, st.floats(0.2, 5), st.floats(0.2, 5))
def test_a_transform_and_its_inverse_bring_points_home(
    points: np.ndarray, angle: float, dx: float, dy: float, sx: float, sy: float
) -> None:
    there = rotation(angle, (dx, dy)) @ scaling(sx, sy) @ translation(dx, dy)
    assert apply(np.linalg.inv(there), apply(there, points)) == pytest.approx(points, abs=1e-6)


def test_a_quarter_turn_is_clockwise_on_the_page() -> None:
    """y points down: from the right the hand goes to the bottom."""
    assert apply(rotation(90, (10, 10)), np.array([(20.0, 10.0)])) == pytest.approx(np.array([(10, 20)]))


def test_what_is_applied_first_stands_last() -> None:
    point = np.array([(1.0, 0.0)])
    assert apply(translation(10, 0) @ scaling(2, 2), point) == pytest.approx(np.array([(12.5, 0.5)]))


@given(st.floats(0.2, 5), st.floats(0.2, 5))
def test_scaling_keeps_the_corner_of_the_first_pixel(sx: float, sy: float) -> None:
    assert apply(scaling(sx, sy), np.array([(-0.5, -0.5)])) == pytest.approx(-0.5)


def test_a_homography_divides() -> None:
    transform = np.array([(1.0, 0, 0), (0, 1, 0), (0.01, 0, 1)])
    assert apply(transform, np.array([(100.0, 50.0)])) == pytest.approx(np.array([(50, 25)]))


@given(BOXES)
def test_quads_go_clockwise_from_the_top_left(box: Box) -> None:
    assert quad_of(box, identity()) == (box.x0, box.y0, box.x1, box.y0, box.x1, box.y1, box.x0, box.y1)


@given(BOXES, BOXES)
def test_an_intersection_lies_in_both(one: Box, other: Box) -> None:
    both = one.intersection(other)
    assert both == other.intersection(one) and both.area <= min(one.area, other.area) + 1e-9
    if both.area:
        assert one.x0 <= both.x0 < both.x1 <= one.x1 and other.y0 <= both.y0 < both.y1 <= other.y1


@given(BOXES, st.floats(0, 50), st.floats(0, 50))
def test_an_expanded_box_keeps_its_centre(box: Box, dx: float, dy: float) -> None:
    larger = box.expanded(dx, dy)
    assert larger.centre == pytest.approx(box.centre)
    assert (larger.width, larger.height) == pytest.approx((box.width + 2 * dx, box.height + 2 * dy))


@given(BOXES)
def test_slices_never_leave_the_array(box: Box) -> None:
    assume(box.x1 > -0.5 and box.y1 > -0.5)  # see below
    array = np.zeros((30, 50))
    rows, columns = box.slices(array.shape)
    part = array[rows, columns]
    assert rows.start >= 0 and rows.stop <= 30 and columns.start >= 0 and columns.stop <= 50
    assert part.shape[0] <= box.height + 1 and part.shape[1] <= box.width + 1


@pytest.mark.parametrize("box", [Box(5, -9, 10, -2), Box(-9, 5, -2, 10), Box(-90, -90, -1, -1)])
def test_a_box_left_of_or_above_the_array_has_no_part(box: Box) -> None:
    assert np.zeros((30, 50))[box.slices((30, 50))].size == 0


def test_rows_are_y_and_columns_are_x() -> None:
    assert Box(2, 3, 10, 7).slices((20, 30)) == (slice(3, 7), slice(2, 10))


def test_the_identity_shows_the_picture() -> None:
    assert np.array_equal(resample(gradient(), identity(), 60, 40), gradient())


@given(st.integers(-80, 80), st.integers(-60, 60))
def test_a_shift_shows_the_part_and_paper_around_it(dx: int, dy: int) -> None:
    shown = resample(gradient(), translation(dx, dy), 20, 10, border=7)
    expected = np.full((10, 20), 7, np.uint8)
    for row in range(10):
        for column in range(20):
            if 0 <= row + dy < 40 and 0 <= column + dx < 60:
                expected[row, column] = gradient()[row + dy, column + dx]
    assert np.array_equal(shown, expected)


def test_a_smaller_picture_is_averaged() -> None:
    checks = np.indices((80, 80)).sum(axis=0).astype(np.uint8) % 2 * 255
    small = resample(checks, scaling(4, 4), 20, 20)
    assert np.abs(small[2:-2, 2:-2].astype(int) - 127).max() <= 2


def test_a_perspective_is_drawn() -> None:
    tilted = np.array([(1.0, 0, 0), (0, 1, 0), (0.002, 0, 1)])
    shown = resample(gradient(), tilted, 30, 20)
    for x, y in ((5, 5), (20, 10)):
        (px, py), *_ = apply(tilted, np.array([(float(x), float(y))]))
        assert shown[y, x] == pytest.approx(3 * px + py, abs=2)
