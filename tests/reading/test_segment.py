"""From a clean field to candidate characters: cuts, joins, cells, crops."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from ocrpipe.geometry import Box
from ocrpipe.reading.crops import CROP, fit_crop
from ocrpipe.reading.pieces import Piece
from ocrpipe.reading.segment import SHAPE_NAMES, lattice_with_pieces, segment
from ocrpipe.records import FieldSpec, Lattice
from tests.reading.drawn import Picture, field_of, one, paper, text, zero

FREE = FieldSpec("account", "digits")


def spans(lattice: Lattice) -> list[tuple[int, int]]:
    return list(zip(lattice.starts.tolist(), lattice.ends.tolist(), strict=True))


def shares_of(page: Picture, parts: list[Picture]) -> tuple[Lattice, NDArray[np.float64]]:
    """The lattice of a page, and (parts, pieces): the share of each part's ink that each piece holds."""
    lattice, pieces, to_frame = lattice_with_pieces(field_of(page))
    size = max(piece.x1 for piece in pieces) + 1, max(piece.y1 for piece in pieces) + 1
    shown = [cv2.warpAffine(255 - part, to_frame[:2], size) > 127 for part in parts]
    held = [[ink[p.y0 : p.y1, p.x0 : p.x1][p.ink > 127].sum() for p in pieces] for ink in shown]
    return lattice, np.array(held, float) / np.array([ink.sum() for ink in shown])[:, None]


def zeros_on_their_own(count: int, gap: int, pen: int) -> list[Picture]:
    """Zeros on a line that goes a little down, each on a page of its own."""
    pitch = 30 + pen + gap
    pages = [paper(66, 60 + pitch * count) for _ in range(count)]
    for i, page in enumerate(pages):
        zero(page, 30 + pitch * i, 30 + i, wide=15, pen=pen)
    return pages


@pytest.mark.parametrize("pen", [2, 3, 4])
@pytest.mark.parametrize("gap", [-1, -2, -3])
def test_two_touching_zeros_are_cut_apart(gap: int, pen: int) -> None:
    """Nearly all of one lies before a cut and nearly all of the other behind it, though the walls lie on each other."""
    parts = zeros_on_their_own(2, gap, pen)
    page = np.minimum(*parts)
    assert cv2.connectedComponents((page < 128).astype(np.uint8))[0] - 1 == 1
    _, shares = shares_of(page, parts)
    assert max(min(shares[0, :k].sum(), shares[1, k:].sum()) for k in range(shares.shape[1])) > 0.85


@pytest.mark.parametrize("lean", [4, 8])
@pytest.mark.parametrize("pen", [5, 6])
def test_a_one_on_the_wall_of_a_zero_is_cut_off(pen: int, lean: int) -> None:
    """Though nothing but shallow notches at both ends tells where one stroke lies on the other."""
    one_, zero_ = paper(66, 100), paper(66, 100)
    top, foot = 40 + lean + pen - 1, 40 + pen - 1
    cv2.line(one_, (40 + lean, 14), (40, 50), 0, pen, cv2.LINE_AA)
    wall = [(foot + 4, 50), (foot, 46), (top, 18), (top + 4, 14)]
    cv2.polylines(zero_, [np.array([*wall, (66, 14), (66, 50)], np.int32)], True, 0, pen, cv2.LINE_AA)
    page = np.minimum(one_, zero_)
    assert cv2.connectedComponents((page < 128).astype(np.uint8))[0] - 1 == 1
    _, shares = shares_of(page, [one_, zero_])
    assert max(min(shares[0, :k].sum(), shares[1, k:].sum()) for k in range(shares.shape[1])) > 0.8


@pytest.mark.parametrize("pen", [2, 3, 4])
def test_each_of_linked_zeros_has_an_edge_of_its_own(pen: int) -> None:
    parts = zeros_on_their_own(4, 4, pen)
    page = np.minimum.reduce(parts)
    for i in range(3):  # written in one movement
        x = 30 + (34 + pen) * i + 16
        cv2.line(page, (x, 30 + i), (x + pen + 2, 30 + i), 0, pen)
    assert cv2.connectedComponents((page < 128).astype(np.uint8))[0] - 1 == 1
    lattice, shares = shares_of(page, parts)
    for i in range(4):
        others = np.delete(shares, i, axis=0).sum(axis=0)
        assert any(shares[i, a:b].sum() > 0.85 and others[a:b].sum() < 0.15 for a, b in spans(lattice))


def test_upright_zeros_are_not_slanted() -> None:
    page = paper(60, 90)
    zero(page, 25)  # symmetric about a row: half of the columns of a shear by a half are ties
    zero(page, 55)
    _, _, to_frame = lattice_with_pieces(field_of(page))
    assert abs(to_frame[0, 1]) < 0.2


def test_a_broken_five_can_be_joined() -> None:
    page = paper(60, 80)
    cv2.line(page, (30, 12), (48, 10), 0, 3, cv2.LINE_AA)  # the bar, apart from the rest
    cv2.line(page, (28, 17), (28, 28), 0, 3, cv2.LINE_AA)
    cv2.ellipse(page, (33, 37), (13, 11), 0, -115, 130, 0, 3, cv2.LINE_AA)
    assert cv2.connectedComponents((page < 128).astype(np.uint8))[0] - 1 >= 2
    lattice = segment(field_of(page))
    assert (0, lattice.nodes - 1) in spans(lattice)


def test_figures_far_apart_are_never_joined() -> None:
    page = paper(60, 200)
    one(page, 30)
    one(page, 120)
    lattice = segment(field_of(page))
    assert (lattice.nodes, spans(lattice)) == (3, [(0, 1), (1, 2)])


def test_a_dot_is_an_edge_of_its_own_and_never_the_end_of_another() -> None:
    page = paper(60, 120)
    zero(page, 25)
    cv2.circle(page, (45, 46), 2, 0, cv2.FILLED, cv2.LINE_AA)
    zero(page, 65)
    lattice, pieces, _ = lattice_with_pieces(field_of(page))
    [dot] = [i for i, piece in enumerate(pieces) if piece.dot]
    assert (dot, dot + 1) in spans(lattice)
    assert not [(i, j) for i, j in spans(lattice) if j - i > 1 and (i == dot or j == dot + 1)]
    shape = dict(zip(SHAPE_NAMES, lattice.shapes[spans(lattice).index((dot, dot + 1))], strict=True))
    assert shape["height"] < 0.35 and shape["width"] < 0.35 and shape["top"] > 0.6 and shape["pieces"] == 1


def test_a_dot_inside_a_character_is_left_out_of_its_crop() -> None:
    """Dirt within a zero: the edge over all pieces shows the zero alone."""
    page = paper(60, 90)
    zero(page, 40, wide=14)
    clean = segment(field_of(page))
    cv2.circle(page, (40, 30), 2, 0, cv2.FILLED)
    dirty = segment(field_of(page))
    whole = dirty.crops[spans(dirty).index((0, dirty.nodes - 1))].astype(int)
    assert np.abs(whole - clean.crops[spans(clean).index((0, clean.nodes - 1))]).max() < 40


def joined(parts: list[Piece]) -> Piece:
    """Several pieces as one, as if nothing had been cut between them."""
    x0, y0, x1, y1 = (
        f(getattr(p, side) for p in parts) for f, side in ((min, "x0"), (min, "y0"), (max, "x1"), (max, "y1"))
    )
    ink = np.zeros((y1 - y0, x1 - x0), np.uint8)
    for p in parts:
        view = ink[p.y0 - y0 : p.y1 - y0, p.x0 - x0 : p.x1 - x0]
        np.maximum(view, p.ink, out=view)
    return Piece(x0, y0, ink, sum(p.area for p in parts))


@pytest.mark.parametrize("words", ["1234.56", "$1,250.00", "8/8-8", "007"])
def test_crops_shapes_and_boxes_belong_together(words: str) -> None:
    page = paper(64, 420)
    text(page, words, 10)
    lattice = segment(field_of(page))
    count = len(lattice.starts)
    assert (lattice.crops.shape, lattice.crops.dtype) == ((count, CROP, CROP), np.uint8)
    assert lattice.shapes.shape == (count, len(SHAPE_NAMES)) and np.isfinite(lattice.shapes).all()
    assert (lattice.crops.reshape(count, -1).max(axis=1) == 255).all()
    assert (lattice.boxes[:, 0] < lattice.boxes[:, 2]).all() and (lattice.boxes[:, 1] < lattice.boxes[:, 3]).all()
    assert lattice.nodes - 1 >= len(words)
    assert lattice.ink_share == pytest.approx((page < 128).mean())


@pytest.mark.parametrize("words", ["1234.56", "8/8-8"])
def test_an_edge_shows_its_pieces_joined(words: str) -> None:
    page = paper(64, 420)
    text(page, words, 10)
    lattice, pieces, _ = lattice_with_pieces(field_of(page))
    top = np.median([piece.y0 for piece in pieces if piece.height >= 22])
    for k, (i, j) in enumerate(spans(lattice)):
        whole = joined(pieces[i:j])
        shown = joined([piece for piece in pieces[i:j] if j - i == 1 or not piece.dot])
        assert np.array_equal(lattice.crops[k], fit_crop(shown.ink))
        shape = dict(zip(SHAPE_NAMES, lattice.shapes[k], strict=True))
        assert shape["height"] == pytest.approx(whole.height / 36) and shape["top"] == pytest.approx(
            (whole.y0 - top) / 36
        )
        assert shape["ink"] == pytest.approx(whole.area / 36**2) and shape["pieces"] == j - i
        gap = whole.x0 - max((piece.x1 for piece in pieces[:i]), default=-1000)
        assert shape["gap_left"] == pytest.approx(np.clip(gap / 36, -1, 2))


def test_a_box_encloses_what_its_edge_shows() -> None:
    page = paper(60, 200)
    one(page, 30)
    zero(page, 120)
    lattice = segment(field_of(page))
    for span, expected in (((0, 1), (28, 10, 33, 50)), ((1, lattice.nodes - 1), (107, 10, 134, 50))):
        assert lattice.boxes[spans(lattice).index(span)] == pytest.approx(expected, abs=4)


@given(st.floats(0.7, 2.5))
@settings(max_examples=15)
def test_the_size_of_the_writing_is_no_matter(scale: float) -> None:
    page = paper(64, 200)
    text(page, "204", 20)
    size = round(200 * scale), round(64 * scale)
    other = np.asarray(cv2.resize(page, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR))
    heights = [segment(field_of(p)).shapes[:, 0].max() for p in (page, other)]
    assert heights[0] == pytest.approx(heights[1], abs=0.15) and heights[0] == pytest.approx(1, abs=0.25)


def test_slanted_writing_is_set_upright() -> None:
    page = paper(64, 220)
    for i in range(4):
        one(page, 40 + 40 * i)
    lean = cv2.warpAffine(page, np.array([(1, -0.4, 12), (0, 1, 0.0)]), (220, 64), borderValue=255)
    _, pieces, _ = lattice_with_pieces(field_of(np.asarray(lean, np.uint8)))
    assert len(pieces) == 4 and max(piece.ink.shape[1] for piece in pieces) < 16


@pytest.mark.parametrize("spec", [FREE, FieldSpec("amount", "amount", cells=5, cents_cells=2)])
def test_an_empty_field_is_one_node(spec: FieldSpec) -> None:
    lattice = segment(field_of(paper(40, 200), spec))
    assert lattice.nodes == 1 and lattice.ink_share == 0 and lattice.point is None
    assert lattice.crops.shape == (0, 32, 32) and lattice.shapes.shape == (0, len(SHAPE_NAMES))


@settings(max_examples=60)
@given(
    hnp.arrays(
        np.uint8, hnp.array_shapes(min_dims=2, max_dims=2, max_side=40), elements=st.sampled_from([0, 100, 255])
    ),
    st.sampled_from([FREE, FieldSpec("account", "digits", cells=4), FieldSpec("a", "amount", cells=4, cents_cells=2)]),
)
def test_any_picture_has_a_way_through(pixels: Picture, spec: FieldSpec) -> None:
    lattice = segment(field_of(pixels, spec))
    found = spans(lattice)
    assert {(i, i + 1) for i in range(lattice.nodes - 1)} <= set(found)
    assert (np.diff(lattice.starts) >= 0).all()  # the search relies on it
    assert len(set(found)) == len(found) and all(0 <= i < j < lattice.nodes for i, j in found)
    assert np.isfinite(lattice.shapes).all() and np.isfinite(lattice.boxes).all()
    assert lattice.point is None or 0 <= lattice.point < lattice.nodes - 1


# --- cells ----------------------------------------------------------------------------------------------------

PITCH, CELLS = 40, 6


def in_boxes(written: dict[int, str], *, cents: int = 0, shift: int = 0) -> Lattice:
    page = paper(60, PITCH * CELLS + 20)
    for cell, char in written.items():
        text(page, char, 10 + PITCH * cell + 6 + shift, 45, size=1.2)
    spec = FieldSpec("amount", "amount" if cents else "digits", cells=CELLS, cents_cells=cents)
    return segment(field_of(page, spec, Box(10, 5, 10 + PITCH * CELLS, 55)))


@pytest.mark.parametrize("shift", [0, -3, 4])
def test_cells_give_one_piece_each(shift: int) -> None:
    lattice = in_boxes(dict(enumerate("204718")), shift=shift)
    assert lattice.nodes == 7 and spans(lattice)[:1] == [(0, 1)]
    assert {(i, i + 1) for i in range(6)} <= set(spans(lattice))
    for i in range(6):
        box = lattice.boxes[spans(lattice).index((i, i + 1))]
        assert (box[0] + box[2]) / 2 == pytest.approx(10 + PITCH * (i + 0.5) + shift, abs=6)


@pytest.mark.parametrize(
    ("written", "point"),
    [("  1234", 2), ("123456", 4), ("    05", 0), ("  12  ", None), ("     5", 0), ("      ", None), ("1   34", 1)],
)
def test_the_point_stands_before_the_cents(written: str, point: int | None) -> None:
    lattice = in_boxes({i: char for i, char in enumerate(written) if char != " "}, cents=2)
    assert lattice.nodes == 1 + len(written.replace(" ", "")) and lattice.point == point


def test_a_stroke_over_the_line_belongs_to_the_cell_that_holds_most_of_it() -> None:
    page = paper(60, 100)
    cv2.line(page, (15, 45), (54, 12), 0, 3, cv2.LINE_AA)  # 4 px into the next cell
    zero(page, 78, 30, wide=9)
    lattice = segment(field_of(page, FieldSpec("a", "digits", cells=2), Box(10, 0, 90, 60)))
    assert lattice.nodes == 3
    assert lattice.boxes[0, 2] > 52


def test_two_linked_figures_are_cut_between_their_cells() -> None:
    page = paper(60, 100)
    zero(page, 32, wide=12)
    zero(page, 68, wide=12)
    cv2.line(page, (42, 30), (58, 30), 0, 3)
    lattice = segment(field_of(page, FieldSpec("a", "digits", cells=2), Box(10, 0, 90, 60)))
    assert lattice.nodes == 3
    assert lattice.boxes[0, 2] == pytest.approx(50, abs=3)


def test_specks_in_cells_are_no_pieces() -> None:
    page = paper(60, 260)
    cv2.circle(page, (50, 45), 2, 0, cv2.FILLED)
    text(page, "7", 96, 45, size=1.2)
    lattice = segment(field_of(page, FieldSpec("a", "digits", cells=CELLS), Box(10, 5, 250, 55)))
    assert lattice.nodes == 2


@pytest.mark.parametrize("beside", ["slash", "box"])
def test_what_stands_out_far_does_not_make_the_figures_small(beside: str) -> None:
    page = paper(160, 400)
    for x in (60, 110, 160, 210, 260):
        zero(page, x, 80)
    alone = segment(field_of(page)).shapes[:, SHAPE_NAMES.index("height")].max()
    if beside == "slash":
        one(page, 310, 80, high=60)
    else:
        cv2.rectangle(page, (20, 18), (380, 142), 0, 2)
    lattice = segment(field_of(page))
    figures = (lattice.boxes[:, 1] > 40) & (lattice.boxes[:, 3] < 120)
    assert lattice.shapes[figures, SHAPE_NAMES.index("height")].max() == pytest.approx(alone, abs=0.1)


def test_small_cents_do_not_make_the_sum_before_them_large() -> None:
    page = paper(120, 500)
    for x in (60, 120, 180):
        zero(page, x, 60, wide=20, high=36)
    for x in (250, 290, 360, 400):
        zero(page, x, 45, wide=9, high=18)
    assert segment(field_of(page)).shapes[:, SHAPE_NAMES.index("height")].max() == pytest.approx(1.05, abs=0.1)
