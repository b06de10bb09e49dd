"""The pieces of a field's ink: nothing lost, nothing twice, in reading order."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from ocrpipe.geometry import Box
from ocrpipe.reading.pieces import components, cut, in_cells, labelled
from tests.reading.drawn import Picture, one, paper, zero


def pieces_of(ink: Picture) -> list:
    return [piece for part in components(ink, Box(0, 0, ink.shape[1], ink.shape[0])) for piece in cut(part)]


def test_a_narrow_component_is_one_piece() -> None:
    ink = paper(50, 30)
    one(ink, 15, 25)
    assert len(pieces_of(255 - ink)) == 1


def test_cut_pieces_are_the_whole_component() -> None:
    page = paper(60, 160)
    for i in range(4):
        zero(page, 25 + 24 * i)
    ink = 255 - page
    [part] = components(ink, Box(0, 0, 160, 60))
    pieces = cut(part)
    drawn = np.zeros_like(ink)
    for piece in pieces:
        view = drawn[piece.y0 : piece.y1, piece.x0 : piece.x1]
        assert not (view[piece.ink > 127] > 127).any()  # no pixel twice
        np.maximum(view, piece.ink, out=view)
    lost = ((ink > 127) & (drawn <= 127)).sum()
    assert len(pieces) > 4 and lost < 0.02 * (ink > 127).sum()
    assert all(a.cut_right == pytest.approx(b.cut_left) for a, b in pairwise(pieces))
    assert pieces[0].cut_left == 0 and pieces[-1].cut_right == 0 and all(p.cut_right > 0 for p in pieces[:-1])


def test_more_components_than_sixteen_bits_can_count() -> None:
    dots = np.zeros((600, 600), bool)
    dots[::2, ::2] = True
    _, stats, _ = labelled(dots)
    assert len(stats) == 1 + 300**2


def test_what_lies_outside_the_box_is_no_part() -> None:
    ink = paper(60, 100)
    one(ink, 20, 30)
    one(ink, 80, 30)
    assert [piece.centre for piece in components(255 - ink, Box(0, 0, 50, 60))] == [pytest.approx(20, abs=1)]


def test_cells_hold_parts_in_reading_order() -> None:
    page = paper(60, 100)
    one(page, 70)
    one(page, 30)
    parts = components(255 - page, Box(0, 0, 100, 60))
    pieces, point = in_cells(parts[::-1], Box(0, 0, 100, 60), 2, 1)
    assert [round(piece.centre) for piece in pieces] == [30, 70] and point == 1


def test_what_a_printed_line_has_left_is_no_part_of_a_digit() -> None:
    """The foot of a box under one digit, a line between cells beside another; alone in its cell a 1 may stand there."""
    page = paper(60, 150)
    for x in (25, 75):
        one(page, x)
    page[54:57, 8:46] = 0
    page[12:48, 50:53] = 0
    page[12:48, 100:103] = 0
    parts = components(255 - page, Box(0, 0, 150, 60))
    pieces, _ = in_cells(parts, Box(0, 0, 150, 60), 3, 0)
    assert len(parts) == 5 and [round(piece.centre) for piece in pieces] == [26, 76, 102]
    assert all(piece.ink.shape[1] < 12 and piece.height < 45 for piece in pieces)
