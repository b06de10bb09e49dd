"""The pieces of a field's ink: nothing lost, nothing twice, in reading order."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ocrpipe.geometry import Box
from ocrpipe.reading.cells import in_cells
from ocrpipe.reading.components import components
from ocrpipe.reading.pieces import Piece, cut
from tests.reading.drawn import Picture, one, paper, zero


def pieces_of(ink: Picture) -> list[Piece]:
    return cut(components(ink, Box(0, 0, ink.shape[1], ink.shape[0]))).each()


def test_a_narrow_component_is_one_piece() -> None:
    ink = paper(50, 30)
    one(ink, 15, 25)
    assert len(pieces_of(255 - ink)) == 1


def test_cut_pieces_are_the_whole_component() -> None:
    page = paper(60, 160)
    for i in range(4):
        zero(page, 25 + 24 * i)
    ink = 255 - page
    pieces = pieces_of(ink)
    drawn = np.zeros_like(ink)
    for piece in pieces:
        view = drawn[piece.y0 : piece.y1, piece.x0 : piece.x1]
        assert not (view[piece.ink > 127] > 127).any()  # no pixel twice
        np.maximum(view, piece.ink, out=view)
    lost = ((ink > 127) & (drawn <= 127)).sum()
    assert len(pieces) > 4 and lost < 0.02 * (ink > 127).sum()
    assert all(a.cut_right == pytest.approx(b.cut_left) for a, b in pairwise(pieces))
    assert pieces[0].cut_left == 0 and pieces[-1].cut_right == 0 and all(p.cut_right > 0 for p in pieces[:-1])


@given(
    hnp.arrays(np.uint8, hnp.array_shapes(min_dims=2, max_dims=2, max_side=24), elements=st.sampled_from([0, 90, 200]))
)
def test_components_are_those_of_opencv_with_their_soft_edges(ink: Picture) -> None:
    count, labels, stats, _ = cv2.connectedComponentsWithStats((ink > 127).view(np.uint8))
    near = np.ones((3, 3), np.uint8)
    expected = [
        np.where(cv2.dilate((labels == i).astype(np.uint8), near) & ((labels == i) | (labels == 0)), ink, 0)
        for i in range(1, count)
        if stats[i, cv2.CC_STAT_AREA] >= 5
    ]
    found = components(ink, Box(-1, -1, 25, 25)).each()
    assert len(found) == len(expected)
    for piece, whole in zip(found, expected, strict=True):
        assert np.array_equal(whole[piece.y0 : piece.y1, piece.x0 : piece.x1], piece.ink)
        assert whole.sum() == piece.ink.sum()


def test_what_lies_outside_the_box_is_no_part() -> None:
    ink = paper(60, 100)
    one(ink, 20, 30)
    one(ink, 80, 30)
    assert [piece.centre for piece in components(255 - ink, Box(0, 0, 50, 60)).each()] == [pytest.approx(20, abs=1)]


def test_cells_hold_parts_in_reading_order() -> None:
    page = paper(60, 100)
    one(page, 70)
    one(page, 30)
    parts = components(255 - page, Box(0, 0, 100, 60))
    turned = parts._replace(table=parts.table[::-1].copy())
    for some in parts, turned:
        pieces, point = in_cells(some, Box(0, 0, 100, 60), 2, 1)
        assert [round(piece.centre) for piece in pieces.each()] == [30, 70] and point == 1


def test_what_a_printed_line_has_left_is_no_part_of_a_digit() -> None:
    """The foot of a box under one digit, a line between cells beside another; alone in its cell a 1 may stand there."""
    page = paper(60, 150)
    for x in (25, 75):
        one(page, x)
    page[54:57, 8:46] = 0
    page[12:48, 50:53] = 0
    page[12:48, 100:103] = 0
    parts = components(255 - page, Box(0, 0, 150, 60))
    pieces = in_cells(parts, Box(0, 0, 150, 60), 3, 0)[0].each()
    assert len(parts.table) == 5 and [round(piece.centre) for piece in pieces] == [26, 76, 102]
    assert all(piece.ink.shape[1] < 12 and piece.height < 45 for piece in pieces)
