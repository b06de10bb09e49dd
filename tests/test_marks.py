"""The pieces of a mask against OpenCV's."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ocrpipe.marks import marks_of, mended, runs_of


def blots(seed: int, share: float) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.asarray(cv2.blur(rng.random((90, 130)), (3, 3)) < share, np.uint8)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.42, 0.5, 1.1])
def test_pieces_are_those_of_opencv(share: float) -> None:
    mask = blots(1, share)
    marks = marks_of(mask)
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    assert sorted(map(tuple, stats[1:].tolist())) == sorted(map(tuple, marks.places.tolist()))
    drawn = np.zeros_like(mask)
    for row, first, behind in marks.runs:
        drawn[row, first:behind] = 1
    assert np.array_equal(drawn, mask)


@pytest.mark.parametrize("shape", [(1, 7), (5, 1), (3, 9)])
def test_bridging_is_dilating(shape: tuple[int, int]) -> None:
    mask = blots(2, 0.36)
    count, _ = cv2.connectedComponents(cv2.dilate(mask, np.ones(shape, np.uint8)), connectivity=8)
    assert marks_of(mask).bridged(shape[1], shape[0]) == count - 1


def test_some_pieces_alone() -> None:
    marks = marks_of(blots(3, 0.4))
    large = marks.places[:, 4] > 20
    some = marks.only(large)
    assert np.array_equal(some.places, marks.places[large])
    areas = np.bincount(some.piece, weights=some.runs[:, 2] - some.runs[:, 1])
    assert np.array_equal(areas, some.places[:, 4])


def test_nothing_has_no_runs() -> None:
    assert runs_of(np.zeros((3, 4), np.uint8)).shape == (0, 3)


@pytest.mark.parametrize(("gap", "length"), [(3, 20), (7, 9), (13, 50), (7, 32)])
def test_mending_is_closing_and_opening_along_rows(gap: int, length: int) -> None:
    mask = blots(4, 0.47)
    closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((1, gap), np.uint8))
    opened = cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    assert np.array_equal(mended(runs_of(mask), mask.shape[1], gap, length), runs_of(np.asarray(opened, np.uint8)))
