"""Digits that begin with a curl or loop, or go their own way, as much of Latin America, Europe, India and Africa writes
them (1 2 3 4 5 6 9); see `shapes_open`."""

from __future__ import annotations

from math import pi

import numpy as np

from ocrpipe.training.curves import Knobs, Line, arc, curled, joined, smooth
from ocrpipe.training.writers import Strokes

# --- 1 -------------------------------------------------------------------------------------------------------


def _script(k: Knobs, fall: float, reach: float, wide: float, crossing: float, foot: Line | None = None) -> Strokes:
    """An upstroke from `fall` that turns back over the top and comes down across itself at `crossing`."""
    x, lean = reach * 0.6, k(-0.06, 0.06)  # a foot near the upstroke's makes an 8
    points = [
        (0.0, fall),
        (x, crossing),
        (x + wide, crossing * 0.4),
        (x + wide * 0.6, 0.0),
        (x, crossing * 0.4),
        (x, crossing),
        (x - lean * 0.4, (crossing + 1) * 0.55),
        (x - lean, 1.0),
    ]
    line = k.line(points, 0.012)
    return [line if foot is None else joined(line, foot + line[-1])]


def one_script(k: Knobs) -> Strokes:
    """Like a script l: a slender loop down to the middle."""
    return _script(k, k(0.5, 0.8), k(0.25, 0.5), k(0.13, 0.26), k(0.36, 0.56))


def one_eyelet(k: Knobs) -> Strokes:
    """A small loop where upstroke and stem meet."""
    return _script(k, k(0.3, 0.7), k(0.25, 0.5), k(0.12, 0.2), k(0.2, 0.32))


def one_letter(k: Knobs) -> Strokes:
    """A script l with its foot: leans to the right, and runs out there."""
    out = k(0.06, 0.14)
    foot = smooth([(0.0, 0.0), (out * 0.5, 0.02), (out, -k(0.02, 0.08))])
    line = _script(k, k(0.5, 0.7), k(0.4, 0.55), k(0.16, 0.26), k(0.4, 0.52), foot)[0]
    return [line + (1 - line[:, 1:]) * np.array((k(0.0, 0.2), 0), np.float32)]


def one_large_flag(k: Knobs) -> Strokes:
    """A flag as wide as another digit, bowed or straight, steep enough to be no 7."""
    reach, bend, lean = k(0.32, 0.55), k(-0.08, 0.12), k(-0.06, 0.1)
    fall = reach * k(0.95, 1.5)
    flag = smooth([(0, fall), (reach * 0.5, fall * 0.5 + bend), (reach, 0)])
    return [joined(flag, smooth([(reach, 0), (reach - lean * 0.5 + k(-0.03, 0.03), 0.5), (reach - lean, 1.0)]))]


def one_snake(k: Knobs) -> Strokes:
    """A short hook and a stem like ʃ."""
    bow, reach = k(0.03, 0.08), k(0.06, 0.16)
    return [
        smooth([(0, k(0.08, 0.22)), (reach, 0.0), (reach + bow, 0.22), (reach - bow, 0.75), (reach - bow + 0.06, 1.0)])
    ]


# --- 2 -------------------------------------------------------------------------------------------------------


def _bare_two(k: Knobs, wide: float) -> Line:
    """Head, neck and a foot with or without a loop."""
    far, loop = wide * k(1.0, 1.5), k(0.06, 0.2)
    head = k.line([(0.06, 0.2), (wide * 0.5, 0.0), (wide, 0.2), (wide * 0.75, 0.5), (0.03, 0.97)], 0.015)
    if k.chance(0.5):
        return joined(head, smooth([(0.03, 0.97), (far * 0.5, 0.97 - loop * 0.4), (far, k(0.92, 1.02))]))
    knot = [(-0.05, 0.95 - loop * 0.5), (0.06, 0.96 - loop), (0.26, 0.93), (far * 0.75, 1.0), (far, k(0.9, 1.0))]
    return joined(head, smooth([(0.03, 0.97), *knot]))


def two_first_curl(k: Knobs) -> Strokes:
    return [curled(_bare_two(k, k(0.36, 0.5)), k(0.05, 0.08), k(0.7, 1.5) * pi)]


def two_first_loop(k: Knobs) -> Strokes:
    """A closed loop hangs at the head."""
    return [curled(_bare_two(k, k(0.42, 0.6)), k(0.08, 0.13), k(1.4, 1.9) * pi)]


def two_scrolled(k: Knobs) -> Strokes:
    """The head begins within itself and winds outward."""
    wide, far = k(0.42, 0.54), k(0.5, 0.75)
    head = [(wide * 0.55, 0.3), (wide * 0.3, 0.34), (0.04, 0.22), (wide * 0.3, 0.02), (wide * 0.85, 0.04)]
    neck = [(wide, 0.26), (wide * 0.7, 0.6), (0.0, 0.98)]
    return [joined(k.line([*head, *neck], 0.012), smooth([(0.0, 0.98), (far * 0.4, 0.92), (far, 1.0)]))]


# --- 3 -------------------------------------------------------------------------------------------------------


def _bare_three(k: Knobs, wide: float, middle: float) -> Line:
    head = k.line([(0.06, 0.16), (wide * 0.45, 0.0), (wide * 0.85, 0.17), (wide * 0.4, middle)], 0.012)
    bowl = [(wide * 0.4, middle), (wide * 0.95, middle + 0.16), (wide * 0.9, 0.86), (wide * 0.45, 1.0), (-0.02, 0.9)]
    return joined(head, smooth(bowl))


def three_first_curl(k: Knobs) -> Strokes:
    return [curled(_bare_three(k, k(0.4, 0.52), k(0.4, 0.5)), k(0.04, 0.08), k(0.7, 1.6) * pi)]


def three_both_curls(k: Knobs) -> Strokes:
    """Curled in at both ends."""
    line = curled(_bare_three(k, k(0.42, 0.54), k(0.4, 0.5)), k(0.04, 0.07), k(0.7, 1.2) * pi)
    return [curled(line[::-1], k(0.05, 0.09), -k(0.5, 0.9) * pi)[::-1]]


# --- 4 -------------------------------------------------------------------------------------------------------


def four_u(k: Knobs) -> Strokes:
    """Like a u whose right side runs on."""
    wide, arm = k(0.3, 0.46), k(0.46, 0.62)
    cup = [(0.0, k(0.0, 0.1)), (0.0, arm * 0.7), (wide * 0.3, arm), (wide * 0.75, arm - 0.06), (wide, 0.1)]
    return [joined(k.line(cup, 0.012), smooth([(wide, 0.1), (wide - 0.01, 0.5), (wide - k(0.0, 0.12), k(1.0, 1.15))]))]


def four_looped(k: Knobs) -> Strokes:
    """One movement: down, across, and by a loop at the right into the stem."""
    wide, arm, stem = k(0.42, 0.56), k(0.52, 0.66), k(0.42, 0.6)
    x = wide * stem
    first = joined(smooth([(x * k(0.6, 0.95), 0.0), (0, arm)]), smooth([(0, arm), (wide * 0.8, arm - 0.01)]))
    tip = arm - k(0.26, 0.4)
    loop = [
        (wide * 0.8, arm - 0.01),
        (wide, arm - 0.08),
        (x + 0.07, tip),
        (x + 0.01, tip + 0.05),
        (x - 0.01, arm + 0.1),
    ]
    return [joined(first, smooth([*loop, (x - k(0.02, 0.1), 1.0)]))]


# --- 5 -------------------------------------------------------------------------------------------------------


def five_sharp(k: Knobs) -> Strokes:
    """A long bar on a narrow, sharp body that leans."""
    bar, lean, belly = k(0.4, 0.85), k(0.08, 0.2), k(0.1, 0.2)
    top = smooth([(lean + bar, k(-0.08, 0.04)), (lean + bar * 0.5, 0.0), (lean, 0.02)])
    stem = smooth([(lean, 0.02), (lean * 0.5, 0.4)])
    body = [(lean * 0.5, 0.4), (lean + belly, 0.46), (lean + belly * 1.3, 0.72), (lean * 0.6, 0.97), (-0.08, 0.96)]
    return [joined(top, stem, smooth(body))]


def five_long_s(k: Knobs) -> Strokes:
    """An S with a straight head."""
    far, wide = k(0.45, 0.7), k(0.3, 0.42)
    points = [(far, k(-0.04, 0.05)), (far * 0.6, 0.0), (0.12, 0.06), (0.05, 0.26), (0.14, 0.42)]
    return [k.line([*points, (wide, 0.6), (wide * 0.95, 0.88), (wide * 0.35, 1.0), (-0.06, 0.92)], 0.015)]


def five_tick(k: Knobs) -> Strokes:
    """Like √ indeed: hardly a belly, and the end swings far to the left."""
    stem, bar = k(0.28, 0.36), k(0.5, 0.85)
    top = smooth([(stem + bar, 0.0), (stem, 0.0)])
    body = [(stem, 0.0), (stem - 0.1, 0.38), (stem + 0.05, 0.46), (stem + 0.08, 0.72), (0.16, 1.0), (-0.12, 0.86)]
    return [joined(top, k.line(body, 0.015))]


# --- 6 -------------------------------------------------------------------------------------------------------


def six_curled(k: Knobs) -> Strokes:
    """A small curl before the stem."""
    wide, top = k(0.34, 0.48), k(0.46, 0.56)
    loop = [(0.0, 0.75), (wide * 0.4, 1.0), (wide, 0.82), (wide * 0.8, top + 0.04), (wide * 0.3, top), (0.02, 0.78)]
    body = k.line([(wide * 0.8, 0.05), (wide * 0.4, 0.1), (0.05, 0.45), *loop], 0.012)
    return [curled(body, k(0.03, 0.06), -k(0.5, 1.0) * pi)]


# --- 9 -------------------------------------------------------------------------------------------------------


def nine_scrolled(k: Knobs) -> Strokes:
    """Begins within its loop and winds outward."""
    rx, ry, turns = k(0.19, 0.28), k(0.2, 0.29), k(2.5, 3.0)
    scroll = arc((0, 0), (rx, ry), 0.2 - turns * pi + 2 * pi, turns * pi, 16)
    grown = np.clip(np.linspace(0.35, 1.65, len(scroll)), 0, 1)[:, None]
    scroll = np.asarray(scroll * grown + np.array((rx, ry)), np.float32)
    x, y = (float(v) for v in scroll[-1])
    return [joined(scroll, smooth([(x, y), (x - 0.01, 0.55), (x - k(0.0, 0.2), 1.0)]))]


def nine_open(k: Knobs) -> Strokes:
    """The loop falls short of the stem, or nearly."""
    rx, ry, gap = k(0.17, 0.25), k(0.19, 0.27), k(0.02, 0.09)
    loop = arc((rx, ry), (rx, ry), k(0.35, 0.6) * pi, (2 - k(0.35, 0.5)) * pi)
    right = 2 * rx + gap
    end, stem = loop[-1], k(0.0, 0.2)
    into = smooth(
        [(float(end[0]), float(end[1])), (right, ry * 0.4), (right, ry), (right - stem * 0.4, 0.6), (right - stem, 1)]
    )
    return [joined(loop, into)]


def nine_hooked(k: Knobs) -> Strokes:
    """With a short, sharp hook at the foot."""
    rx, ry, lean = k(0.17, 0.25), k(0.19, 0.27), k(0.0, 0.15)
    loop = arc((rx, ry), (rx, ry), k(0.2, 0.7), 2 * pi - 0.2)
    foot = (2 * rx - lean, 1.0)
    stem = smooth([(2 * rx, ry * 0.6), (2 * rx - lean * 0.5, 0.55), foot])
    return [joined(loop, stem, smooth([foot, (foot[0] - k(0.08, 0.2), 1 - k(0.02, 0.12))]))]
