"""Digits without counters (1 2 3 5 7), as schools around the world teach them and as haste bends them.

Every shape is a function of a hand's `Knobs`, so that it differs from hand to hand and hardly within one.
From general knowledge of handwriting; x starts near 0, y runs from 0 at the top of the line to 1 at its foot.
"""

from __future__ import annotations

from math import pi

from ocrpipe.training.curves import Knobs, Line, curled, joined, smooth
from ocrpipe.training.writers import Strokes


def _stem(k: Knobs, x: float, foot: float = 1.0) -> Line:
    lean, bow = k(-0.05, 0.12), k(-0.04, 0.05)
    return smooth([(x, 0.0), (x - lean * 0.5 + bow, 0.5 * foot), (x - lean, foot)])


# --- 1 -------------------------------------------------------------------------------------------------------


def one_flag(k: Knobs) -> Strokes:
    reach, bend = k(0.12, 0.36), k(-0.05, 0.07)
    fall = reach * k(0.7, 1.6)  # a flatter flag makes a 7
    return [joined(smooth([(0, fall), (reach * 0.5, fall * 0.5 + bend), (reach, 0)]), _stem(k, reach))]


def one_long_upstroke(k: Knobs) -> Strokes:
    """Like a Λ with one thin leg: as long as the stem, as in France and much of South America."""
    reach, fall, bend = k(0.18, 0.5), k(0.5, 1.0), k(-0.06, 0.1)
    return [joined(smooth([(0, fall), (reach * 0.6, fall * 0.4 + bend), (reach, 0)]), _stem(k, reach))]


def one_wave(k: Knobs) -> Strokes:
    reach, fall = k(0.2, 0.4), k(0.2, 0.5)
    flag = smooth([(0, fall), (reach * 0.3, fall - k(0.02, 0.12)), (reach * 0.75, fall * 0.5), (reach, 0)])
    turn = k(-0.18, 0.18)
    stem = smooth([(reach, 0), (reach - 0.03, 0.45), (reach - 0.05, 0.88), (reach - 0.05 + turn, 1.0)])
    return [joined(flag, stem)]


def one_footed(k: Knobs) -> Strokes:
    """With a serif at its foot, as print has it."""
    left, right, level = k(0.12, 0.3), k(0.1, 0.3), k(0.97, 1.02)
    lines = one_flag(k)
    foot = float(lines[0][-1, 0])
    return [*lines, smooth([(foot - left, level), (foot, level + k(-0.02, 0.02)), (foot + right, level)])]


def one_looped(k: Knobs) -> Strokes:
    """The upstroke turns into the stem without a corner."""
    reach, fall = k(0.2, 0.32), k(0.4, 0.8)
    return [
        smooth(
            [(0, fall), (reach * 0.75, 0.14), (reach, 0), (reach + 0.04, 0.09), (reach - 0.02, 0.5), (reach - 0.07, 1)]
        )
    ]


def one_sickle(k: Knobs) -> Strokes:
    """A curled head instead of a flag."""
    lean = k(-0.03, 0.08)
    return [k.line([(0, k(0.1, 0.2)), (0.06, 0.02), (0.15, 0.05), (0.16, 0.4), (0.16 - lean, 1.0)], 0.02)]


# --- 2 -------------------------------------------------------------------------------------------------------


def _two(k: Knobs, loop: float, foot: list[tuple[float, float]]) -> Strokes:
    """A head, and a loop of the height `loop` where the neck meets the foot."""
    wide, start = k(0.38, 0.55), k(0.14, 0.32)
    head = [(0.02, start), (0.12, 0.05), (wide * 0.65, 0.0), (wide, 0.2), (wide * 0.75, 0.52)]
    turn = [(wide * 0.32, 0.9 - loop * 0.2), (0.06, 0.98), (-0.04, 0.95 - loop * 0.5), (0.07, 0.97 - loop)]
    return [k.line([*head, *turn, *foot], 0.018)]


def two_looped(k: Knobs) -> Strokes:
    loop, far = k(0.12, 0.26), k(0.45, 0.75)
    return _two(k, loop, [(0.3, 0.92 - loop * 0.2), (far * 0.75, 1.0), (far, k(0.9, 1.0))])


def two_looped_wavy(k: Knobs) -> Strokes:
    loop, far, wave = k(0.14, 0.28), k(0.55, 0.9), k(0.03, 0.1)
    return _two(k, loop, [(0.27, 0.94 - loop * 0.4), (far * 0.65, 0.97 + wave), (far, 0.92 - wave)])


def two_curled(k: Knobs) -> Strokes:
    """A capital Q of the copybooks: a curl for a head, too."""
    loop, far, wide = k(0.12, 0.24), k(0.5, 0.8), k(0.4, 0.55)
    head = [(0.2, 0.24), (0.09, 0.3), (0.02, 0.17), (0.2, 0.01), (wide, 0.12), (wide * 0.85, 0.5)]
    turn = [(wide * 0.35, 0.88), (0.08, 0.98), (-0.02, 0.9), (0.08, 0.96 - loop)]
    return [k.line([*head, *turn, (0.3, 0.92), (far * 0.75, 1.02), (far, 0.9)], 0.015)]


def two_angular(k: Knobs) -> Strokes:
    """Like a Z."""
    wide, back = k(0.38, 0.55), k(-0.05, 0.05)
    top = k.line([(0, k(0.06, 0.2)), (wide * 0.45, 0.0), (wide, 0.1)], 0.02)
    neck = smooth([(wide, 0.1), (wide * 0.62, 0.5), (back, 0.97)])
    return [joined(top, neck, smooth([(back, 0.97), (wide * 0.5, k(0.93, 1.0)), (wide * k(1.0, 1.4), 0.97)]))]


def two_wide_loop(k: Knobs) -> Strokes:
    loop, far = k(0.32, 0.42), k(0.6, 0.9)
    return _two(k, loop, [(0.32, 0.84), (far * 0.7, 1.0), (far, 0.95)])


def two_swan(k: Knobs) -> Strokes:
    """A narrow head, a long neck, no loop, and a wave for a foot."""
    far = k(0.6, 0.85)
    neck = k.line([(0.0, 0.22), (0.1, 0.03), (0.27, 0.05), (0.3, 0.28), (0.14, 0.7), (-0.02, 0.97)], 0.015)
    return [joined(neck, smooth([(-0.02, 0.97), (0.15, 0.87), (far * 0.6, 1.0), (far, 0.88)]))]


# --- 3 -------------------------------------------------------------------------------------------------------


def three_flat(k: Knobs) -> Strokes:
    """Z for a head."""
    wide, middle = k(0.36, 0.52), k(0.32, 0.45)
    top = smooth([(0, k(0.0, 0.08)), (wide * 0.5, k(-0.02, 0.04)), (wide, 0.02)])
    neck = smooth([(wide, 0.02), (wide * 0.4, middle)])
    bowl = k.line(
        [(wide * 0.4, middle), (wide * 0.95, middle + 0.12), (wide, 0.76), (wide * 0.55, 1.0), (0, 0.9)], 0.02
    )
    return [joined(top, neck, bowl)]


def three_looped(k: Knobs) -> Strokes:
    wide, loop = k(0.38, 0.5), k(0.08, 0.2)
    head = [(0.02, 0.16), (wide * 0.5, 0.0), (wide * 0.9, 0.16), (wide * 0.6, 0.42)]
    knot = [(wide * 0.5 - loop, 0.49), (wide * 0.5 - loop, 0.39), (wide * 0.75, 0.46)]
    return [k.line([*head, *knot, (wide, 0.72), (wide * 0.5, 1.0), (-0.02, 0.9)], 0.012)]


def three_tailed(k: Knobs) -> Strokes:
    """With a bowl that hangs below the line."""
    wide, low = k(0.36, 0.5), k(1.05, 1.25)
    head = k.line([(0, 0.1), (wide * 0.5, 0.0), (wide * 0.85, 0.16), (wide * 0.35, 0.42)], 0.02)
    bowl = k.line([(wide * 0.35, 0.42), (wide, 0.62), (wide * 0.8, 0.95), (wide * 0.1, low), (-0.1, low - 0.1)], 0.02)
    return [joined(head, bowl)]


# --- 5 -------------------------------------------------------------------------------------------------------


def five_root(k: Knobs) -> Strokes:
    """Like √: a flat belly, and a bar drawn far to the right."""
    stem, bar = k(0.22, 0.34), k(0.35, 0.8)
    top = smooth([(stem + bar, k(-0.06, 0.06)), (stem + bar * 0.5, k(-0.02, 0.03)), (stem, 0.0)])
    belly = k(0.03, 0.16)
    body = [
        (stem, 0.0),
        (stem - 0.06, 0.36),
        (stem + belly, 0.56),
        (stem + belly * 0.6, 0.84),
        (0.12, 1.0),
        (-0.03, 0.88),
    ]
    return [joined(top, k.line(body, 0.015))]


def five_s(k: Knobs) -> Strokes:
    far = k(0.44, 0.65)
    return [
        k.line(
            [(far, 0.04), (0.22, 0.0), (0.1, 0.2), (0.2, 0.4), (0.42, 0.6), (0.36, 0.92), (0.14, 1.0), (-0.03, 0.9)],
            0.02,
        )
    ]


def five_detached(k: Knobs) -> Strokes:
    """The bar comes last and does not meet the stem."""
    stem, gap, bar = k(0.06, 0.16), k(0.03, 0.14), k(0.28, 0.6)
    body = [(stem, 0.05), (stem - 0.04, 0.4), (stem + 0.2, 0.44), (0.42, 0.68), (0.28, 0.96), (-0.03, 0.93)]
    return [k.line(body, 0.018), smooth([(stem + gap, k(-0.04, 0.06)), (stem + gap + bar, k(-0.1, 0.06))])]


def five_flowing(k: Knobs) -> Strokes:
    """Bar, stem and belly in one bend, without a corner."""
    far = k(0.5, 0.75)
    return [
        k.line(
            [(far, 0.0), (0.3, 0.03), (0.16, 0.18), (0.12, 0.42), (0.36, 0.5), (0.42, 0.78), (0.2, 1.0), (-0.04, 0.9)],
            0.02,
        )
    ]


def five_angular(k: Knobs) -> Strokes:
    wide, middle = k(0.36, 0.5), k(0.38, 0.5)
    head = joined(smooth([(wide, 0), (0.04, 0.0)]), smooth([(0.04, 0.0), (0.02, middle)]))
    return [
        joined(
            head,
            smooth([(0.02, middle), (wide, middle)]),
            smooth([(wide, middle), (wide - 0.04, 0.96)]),
            smooth([(wide - 0.04, 0.96), (0, 1.0)]),
        )
    ]


# --- 7 -------------------------------------------------------------------------------------------------------


def _seven_stem(k: Knobs, wide: float) -> Line:
    foot, bow = k(0.05, 0.3), k(-0.02, 0.1)
    return smooth([(wide, 0.02), (wide - (wide - foot) * 0.6 - bow, 0.5), (foot, 1.0)])


def seven_hooked(k: Knobs) -> Strokes:
    """A small serif at the left end of the top."""
    wide, hook = k(0.42, 0.6), k(0.08, 0.22)
    serif = smooth([(k(-0.03, 0.04), hook), (0.0, 0.02)])
    return [joined(serif, smooth([(0.0, 0.02), (wide * 0.5, k(-0.01, 0.06)), (wide, 0.02)]), _seven_stem(k, wide))]


def seven_waved(k: Knobs) -> Strokes:
    wide, wave = k(0.42, 0.62), k(0.03, 0.09)
    return [
        joined(
            smooth([(0, 0.08 + wave), (wide * 0.25, 0.03 - wave * 0.3), (wide * 0.65, 0.06 + wave), (wide, 0.02)]),
            _seven_stem(k, wide),
        )
    ]


def seven_plain(k: Knobs) -> Strokes:
    wide = k(0.36, 0.6)
    return [joined(smooth([(0, k(-0.03, 0.08)), (wide, 0.02)]), _seven_stem(k, wide))]


def seven_round(k: Knobs) -> Strokes:
    wide = k(0.36, 0.52)
    return [
        k.line([(0, 0.1), (0.12, 0.0), (wide * 0.8, 0.0), (wide, 0.12), (wide * 0.65, 0.55), (wide * 0.4, 1.0)], 0.02)
    ]


def seven_clawed(k: Knobs) -> Strokes:
    """A long serif, and a foot that runs out to the right."""
    wide, hook = k(0.45, 0.6), k(0.2, 0.3)
    top = joined(smooth([(0.0, hook), (0.02, 0.02)]), smooth([(0.02, 0.02), (wide, 0.0)]))
    return [
        joined(top, smooth([(wide, 0.0), (wide * 0.55, 0.55), (wide * 0.42, 0.92), (wide * 0.42 + k(0.06, 0.16), 1.0)]))
    ]


def seven_scrolled(k: Knobs) -> Strokes:
    """A small curl hangs at the left end of the top."""
    wide = k(0.45, 0.62)
    top = smooth([(0.0, k(0.03, 0.1)), (wide * 0.5, 0.0), (wide, 0.02)])
    return [joined(curled(top, k(0.03, 0.06), k(0.5, 1.5) * pi), _seven_stem(k, wide))]


def bar_straight(k: Knobs) -> Line:
    """The bar of a 7 around (0, 0), in units of the digit's width and height."""
    half, tilt, push = k(0.25, 0.65), k(-0.1, 0.1), k(-0.12, 0.15)
    return smooth([(push - half, -tilt), (push, k(-0.01, 0.01)), (push + half, tilt)])


def bar_wavy(k: Knobs) -> Line:
    half, wave, tilt = k(0.35, 0.65), k(0.02, 0.06), k(-0.08, 0.05)
    return smooth([(-half, wave - tilt), (-half * 0.4, -wave), (half * 0.4, wave), (half, tilt - wave)])


def bar_bowed(k: Knobs) -> Line:
    """An arch, or a trough, whose ends are not level."""
    half, bow, tilt = k(0.35, 0.65), k(0.03, 0.07) * (1 if k.chance(0.5) else -1), k(-0.05, 0.08)
    return smooth([(-half, bow - tilt), (-half * 0.5, -bow * 0.3), (half * 0.4, -bow * 0.4), (half, bow + tilt)])
