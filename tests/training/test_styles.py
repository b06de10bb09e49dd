"""Digit shapes: every one leaves ink, one hand repeats itself, counters survive the pen, strangers stay strange."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import pytest

from ocrpipe.training.chains import chain
from ocrpipe.training.curves import HELD, Knobs, arc, curled
from ocrpipe.training.marks import strokes_of
from ocrpipe.training.pen import draw, open_pen
from ocrpipe.training.shapes_bent import bend_of
from ocrpipe.training.shapes_looped import eight_wide
from ocrpipe.training.shapes_ornamented import HELD_OUT, TAUGHT, Ornament
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
    "4 four_closed": 1, "0 zero_flat": 1, "0 zero_tiny": 1, "0 zero_lens": 1, "6 six_curled": 1,
}  # fmt: skip
LOW = {"zero_flat", "zero_tiny", "zero_sliver", "zero_lens"}
"""Zeros that are meant not to be as high as the line."""


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
        least = 0.12 if SHAPES[name].__name__ in LOW else 0.6
        assert least < np.ptp(points[:, 1]) < 1.4 and np.ptp(points[:, 0]) < 1.6
        assert points[:, 1].min() > -0.3 and points[:, 1].max() < 1.35
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
        for char, shape in style_of(np.random.default_rng(seed)).shapes.items():
            assert shape in FAMILIES[char].taught


def test_strangers_mix_what_is_held_out_with_what_is_taught() -> None:
    styles = [style_of(np.random.default_rng(seed), strange=True) for seed in range(300)]
    unfamiliar = [shape in FAMILIES[char].held_out for s in styles for char, shape in s.shapes.items()]
    assert np.mean(unfamiliar) == pytest.approx(0.5, abs=0.05)


def test_flags_bring_bars() -> None:
    styles = [style_of(np.random.default_rng(seed)) for seed in range(2_000)]
    flagged = [s for s in styles if "1" in s.shapes]
    plain = [s for s in styles if "1" not in s.shapes]
    assert len(flagged) / len(styles) == pytest.approx(FAMILIES["1"].share, abs=0.05)
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
        assert 0.45 < np.ptp(crossed[1][:, 0]) / np.ptp(seven[0][:, 0]) < 1.4


@pytest.mark.parametrize("strange", [False, True])
def test_a_bend_keeps_counters_and_height(strange: bool) -> None:
    ring, figure = (
        [arc((0.3, 0.5), (0.3, 0.5), 0, 6.29, 24)],
        eight_wide(Knobs(np.full(HELD, 0.5), np.random.default_rng(0))),
    )
    hollow = holes(draw(figure, 200, 3))
    for seed in range(150):
        bend = bend_of(np.random.default_rng(seed), strange)
        for char, lines, count in (("0", ring, 1), ("8", figure, hollow)):
            bent = bend(char, lines)
            assert holes(draw(bent, 200, 3)) == count
            before, after = np.ptp(np.concatenate(lines), axis=0), np.ptp(np.concatenate(bent), axis=0)
            assert 0.5 < after[0] / before[0] < 1.6
            assert after[1] == pytest.approx(before[1], rel=1e-3) or bend.rounding


def test_each_hand_bends_in_its_own_way_and_strangers_more() -> None:
    lines = [arc((0.3, 0.5), (0.3, 0.5), 0, 6.29, 24)]
    plane = np.column_stack([lines[0], np.ones(len(lines[0]))])
    moved: dict[bool, list[float]] = {False: [], True: []}
    for strange, far in moved.items():
        for seed in range(200):
            bend, other = (bend_of(np.random.default_rng(s), strange) for s in (seed, seed + 1_000))
            one, again = bend("3", lines), bend("3", lines)
            assert all(np.array_equal(a, b) for a, b in zip(one, again, strict=True))
            if not bend.rounding:
                affine = plane @ np.linalg.lstsq(plane, one[0], rcond=None)[0]
                far.append(float(np.abs(one[0] - affine).mean()))
            if bend.moves.any() and other.moves.any():
                assert not np.allclose(bend.moves, other.moves)
                assert not np.allclose(bend.moves[3], bend.moves[4])
    assert 0.08 < np.mean([f < 0.002 for f in moved[False]]) < 0.25, "some hands bend nothing"
    assert np.median(moved[True]) > 1.2 * np.median(moved[False]) and max(moved[True]) < 0.15


def test_a_curl_runs_smoothly_into_its_line_on_the_side_asked_for() -> None:
    line = np.array([(0, 0), (1, 0)], np.float32)
    for turn in (2.0, -2.0):
        curl = curled(line, 0.1, turn)
        assert np.array_equal(curl[-2:], line)
        assert np.sign(curl[:-2, 1].sum()) == np.sign(turn) and np.abs(curl[:-2]).max() <= 0.21
        last = curl[-2] - curl[-3]
        assert last[0] > 0 and abs(last[1]) < 0.3 * last[0]


def test_ornaments_are_rare_and_strangers_have_their_own() -> None:
    taught, held_out = ({o.add for kinds in groups for o in kinds} for groups in (TAUGHT, HELD_OUT))
    assert not taught & held_out
    for strange, share, kinds in ((False, 0.23, taught), (True, 0.3, taught | held_out)):
        styles = [style_of(np.random.default_rng(seed), strange) for seed in range(1_500)]
        assert np.mean([bool(s.ornaments) for s in styles]) == pytest.approx(share, abs=0.05)
        used = {o.add for s in styles for added in s.ornaments.values() for o in added}
        assert used == kinds
        assert all(char in o.chars for s in styles for char, added in s.ornaments.items() for o in added)


@pytest.mark.parametrize("ornament", [o for groups in (*TAUGHT, *HELD_OUT) for o in groups])
def test_an_ornament_is_added_to_the_digit_that_stays(ornament: Ornament) -> None:
    added = 0
    for char in ornament.chars:
        for seed in range(12):
            k = Knobs(hand(seed), np.random.default_rng(0))
            variants = [*FAMILIES[char].taught, *FAMILIES[char].held_out]
            lines = traced(char) if seed < 4 else variants[seed % len(variants)](k)
            now = ornament.add(lines, k, char)
            every, was = np.concatenate(now), np.concatenate(lines)
            added += len(every) > len(was) or not np.allclose(every, was)
            assert np.isfinite(every).all() and all(line.dtype == np.float32 for line in now)
            assert np.ptp(every[:, 1]) < np.ptp(was[:, 1]) + 0.45 and np.ptp(every[:, 0]) < np.ptp(was[:, 0]) + 0.7
            assert len(every) < 300
    assert added >= 3


def test_a_bar_that_comes_last_takes_no_tail() -> None:
    tails = [o for o in TAUGHT[1] if "7" in o.chars]
    crossed = [*traced("7"), np.array([(0.1, 0.5), (0.5, 0.5)], np.float32)]
    for ornament in tails:
        kept = ornament.add(crossed, Knobs(hand(1), np.random.default_rng(0)), "7")
        assert all(np.array_equal(a, b) for a, b in zip(kept, crossed, strict=True))


def test_a_hand_forms_a_digit_alike_each_time() -> None:
    """Ornaments and bends come with the hand; only the jitter of a moment is new."""
    adorned = [s for s in (style_of(np.random.default_rng(seed)) for seed in range(400)) if "2" in s.ornaments]
    assert len(adorned) >= 15
    within, between = [], []
    for style, other in pairwise(adorned):
        one, again, strange = (
            np.concatenate(s.formed("2", traced("2"), np.random.default_rng(seed)))
            for s, seed in ((style, 1), (style, 2), (other, 1))
        )
        at = np.linspace(0, 1, 40)
        places = [line[(at * (len(line) - 1)).astype(int)] for line in (one, again, strange)]
        within.append(np.abs(places[0] - places[1]).mean())
        between.append(np.abs(places[0] - places[2]).mean())
    assert np.mean(within) < 0.5 * np.mean(between)


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


def test_some_hands_let_a_run_of_zeros_dwindle_and_no_stranger_does() -> None:
    zero = pen_writer().strokes["0"][0]
    for strange, least, most in ((False, 0.2, 0.6), (True, 0.0, 0.0)):
        dwindled = []
        for seed in range(100):
            parts = chain(4, Knobs(hand(seed), np.random.default_rng(seed)), zero, strange)
            tall = [max(float(np.ptp(line[:, 1])) for line in part) for part in parts]
            assert min(tall) > 0.18
            dwindled.append(tall[-1] < 0.9 * tall[0])
        assert least <= np.mean(dwindled) <= most


def test_every_mark_of_the_wordings_can_be_drawn() -> None:
    kinds = {
        (m.char, m.form)
        for maker in ("amount", "amount_digits")
        for seed in range(600)
        for m in MAKERS[maker][1](np.random.default_rng(seed)).marks
        if not m.char.isdigit()
    }
    assert {"", "long", "tall", "no", "Rs", "₹", "£", "€"} == {form for _, form in kinds}
    for char, form in sorted(kinds):
        for seed in range(20):
            lines, top = strokes_of(char, form, Knobs(hand(seed), np.random.default_rng(seed)))
            assert np.isfinite(np.concatenate(lines)).all() and -0.7 < top < 1.1
            assert draw(lines, 30, 3).max() > 0.9
