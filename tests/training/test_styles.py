"""Digit shapes: every one leaves ink, one hand repeats itself, counters survive the pen, strangers stay strange."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import pytest

from ocrpipe.training.chains import chain
from ocrpipe.training.curves import HELD, Knobs
from ocrpipe.training.marks import strokes_of
from ocrpipe.training.pen import draw, open_pen
from ocrpipe.training.styles import FAMILIES, Shape, Style, style_of
from ocrpipe.training.wording import MAKERS
from tests.training.drawn import pen_writer
from tests.training.drawn import strokes_of as traced

SHAPES = {
    f"{char} {shape.__name__}": shape
    for char, family in FAMILIES.items()
    for shape in (*family.taught, *family.held_out)
}
COUNTERS = {
    "0 zero_overlapping": 1, "0 zero_flicked": 1, "6 six_b": 1, "6 six_large_loop": 1, "6 six_small_loop": 1,
    "8 eight_circles": 2, "8 eight_wide": 2, "8 eight_unequal": 2, "9 nine_rho": 1, "9 nine_g": 1, "9 nine_stick": 1,
    "4 four_closed": 1,
}  # fmt: skip


def hand(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).random(HELD)


def written(shape: Shape, held: np.ndarray, seed: int) -> np.ndarray:
    """All points of one occurrence."""
    return np.concatenate(shape(Knobs(held, np.random.default_rng(seed))))


def holes(mask: np.ndarray) -> int:
    """Areas of paper that ink encloses."""
    paper = np.pad(mask < 0.5, 1, constant_values=True).astype(np.uint8)
    count, _, stats, _ = cv2.connectedComponentsWithStats(paper, connectivity=4)
    return sum(stats[i, cv2.CC_STAT_AREA] >= 2 for i in range(1, count)) - 1


@pytest.mark.parametrize("name", SHAPES)
def test_every_shape_is_about_as_high_as_the_line_and_leaves_ink(name: str) -> None:
    for seed in range(30):
        lines = SHAPES[name](Knobs(hand(seed), np.random.default_rng(seed)))
        points = np.concatenate(lines)
        assert all(line.dtype == np.float32 and len(line) >= 2 for line in lines) and np.isfinite(points).all()
        assert 0.6 < np.ptp(points[:, 1]) < 1.4 and np.ptp(points[:, 0]) < 1.6
        assert draw(lines, 40, 3).max() > 0.9


@pytest.mark.parametrize("name", SHAPES)
def test_a_hand_repeats_itself_more_than_it_resembles_others(name: str) -> None:
    shape = SHAPES[name]
    within, between = [], []
    for seed in range(25):
        one, again, other = (
            written(shape, hand(seed), 1),
            written(shape, hand(seed), 2),
            written(shape, hand(seed + 99), 1),
        )
        count = min(len(one), len(again), len(other))
        at = np.linspace(0, 1, count)
        spread = [
            np.abs(one[(at * (len(o) - 1)).astype(int) % len(one)] - o[(at * (len(o) - 1)).astype(int)]).mean()
            for o in (again, other)
        ]
        within.append(spread[0])
        between.append(spread[1])
    assert np.mean(within) < 0.6 * np.mean(between)


def test_what_is_held_out_is_never_taught() -> None:
    for family in FAMILIES.values():
        assert len(set(family.taught)) >= 2 and family.held_out
        assert not set(family.taught) & set(family.held_out)
    for seed in range(60):
        for strange in (False, True):
            style = style_of(np.random.default_rng(seed), strange)
            for char, shape in style.shapes.items():
                assert shape in (FAMILIES[char].held_out if strange else FAMILIES[char].taught)


def test_flags_bring_bars() -> None:
    styles = [style_of(np.random.default_rng(seed)) for seed in range(2_000)]
    flagged = [s for s in styles if "1" in s.shapes]
    plain = [s for s in styles if "1" not in s.shapes]
    assert len(flagged) / len(styles) == pytest.approx(0.4, abs=0.05)
    assert np.mean([s.bar is not None for s in flagged]) == pytest.approx(0.75, abs=0.06)
    assert np.mean([s.bar is not None for s in plain]) == pytest.approx(0.2, abs=0.06)


def barring(seed: int) -> Style:
    rng = np.random.default_rng(seed)
    return next(style for style in iter(lambda: style_of(rng), None) if style.bar)


def test_a_bar_crosses_the_seven_that_has_none() -> None:
    rng = np.random.default_rng(0)
    for seed in range(20):
        style = barring(seed)
        seven = traced("7")
        crossed = style.barred(seven, rng)
        assert len(crossed) == 2 and len(style.barred(crossed, rng)) == 2
        assert 0.3 < crossed[1][:, 1].mean() < 0.75
        stem = seven[0][-2:, 0]
        assert crossed[1][:, 0].min() < stem.max() and crossed[1][:, 0].max() > stem.min()


@pytest.mark.parametrize("height", [14, 18, 30, 46])
@pytest.mark.parametrize("name", COUNTERS)
def test_counters_survive_the_pen(name: str, height: int) -> None:
    kept = 0
    for seed in range(20):
        lines = SHAPES[name](Knobs(hand(seed), np.random.default_rng(seed)))
        pen = open_pen(lines, height, 0.17 * height)
        assert 1.0 <= pen <= max(1.0, 0.17 * height)
        kept += holes(draw(lines, height, pen)) >= COUNTERS[name]
    assert kept >= (19 if height >= 18 else 15)


def test_a_pen_is_not_thinned_without_need() -> None:
    assert open_pen(traced("7"), 30, 5.0) == 5.0
    assert open_pen(traced("0"), 30, 2.0) == 2.0


@pytest.mark.parametrize("strange", [False, True])
def test_linked_zeros_touch_their_neighbours(strange: bool) -> None:
    zero = pen_writer().strokes["0"][0]
    for seed in range(40):
        rng = np.random.default_rng(seed)
        parts = chain(4, Knobs(hand(seed), rng), zero, strange)
        assert len(parts) == 4
        for one, after in pairwise(parts):
            a, b = np.concatenate(one), np.concatenate(after)
            assert np.linalg.norm(a[:, None] - b[None], axis=2).min() < 0.08
            assert a[:, 0].mean() < b[:, 0].mean()


def test_every_mark_of_the_wordings_can_be_drawn() -> None:
    kinds = {
        (m.char, m.form)
        for maker in ("amount", "amount_digits")
        for seed in range(600)
        for m in MAKERS[maker][1](np.random.default_rng(seed)).marks
        if not m.char.isdigit()
    }
    assert {"", "long", "no", "Rs", "₹", "£", "€"} == {form for _, form in kinds}
    for char, form in sorted(kinds):
        for seed in range(20):
            lines, top = strokes_of(char, form, Knobs(hand(seed), np.random.default_rng(seed)))
            assert np.isfinite(np.concatenate(lines)).all() and -0.5 < top < 1.1
            assert draw(lines, 30, 3).max() > 0.9
