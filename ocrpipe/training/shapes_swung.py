"""Digits whose strokes swing into each other, as a quick pen makes them (1 2 5 7 9); see `shapes_open`."""

from __future__ import annotations

from math import pi

import numpy as np

from ocrpipe.training.curves import Knobs, arc, curled, joined, smooth
from ocrpipe.training.writers import Strokes


def one_swung(k: Knobs) -> Strokes:
    """A curl at the foot of a long upstroke, and a stem down from its top."""
    reach, fall, lean = k(0.2, 0.45), k(0.35, 0.75), k(-0.08, 0.08)
    up = smooth([(0, fall), (reach * 0.45, fall * 0.62 + k(-0.06, 0.08)), (reach, 0)])
    turn = k(0.5, 1.5) * pi * (-1 if k.chance(0.35) else 1)
    return [joined(curled(up, k(0.05, 0.11), turn), smooth([(reach, 0), (reach - lean, 0.5), (reach - lean, 1.0)]))]


def one_bridged(k: Knobs) -> Strokes:
    """Upstroke and stem meet in a round top, like half of an n."""
    wide, fall, lean = k(0.2, 0.36), k(0.3, 0.7), k(-0.06, 0.08)
    top = [(0.0, fall), (wide * 0.35, fall * 0.35), (wide * 0.75, 0.0), (wide, 0.14)]
    return [k.line([*top, (wide - lean * 0.4, 0.5), (wide - lean, 1.0)], 0.015)]


def two_large_loop(k: Knobs) -> Strokes:
    """The head is a loop nearly half as high as the line."""
    radius, far = k(0.15, 0.24), k(0.4, 0.75)
    tall, begin = radius * k(1.0, 1.25), k(0.15, 0.5) * pi
    head = arc((radius, tall), (radius, tall), -begin, begin - 2.1 * pi, 14)
    x, y = (float(v) for v in head[-1])
    neck = smooth([(x, y), (x * 0.8, 0.62), (0.0, 0.97)])
    low = k(0.04, 0.14)
    return [joined(head, neck, smooth([(0.0, 0.97), (far * 0.3, 0.97 - low), (far, k(0.94, 1.04))]))]


def five_check(k: Knobs) -> Strokes:
    """A tick: its belly is a corner, and its bar goes on from the upstroke."""
    wide, notch = k(0.3, 0.6), k(0.08, 0.2)
    down = smooth([(0, k(0.35, 0.6)), (notch * 0.5, 0.7), (notch, 1.0)])
    up = smooth([(notch, 1.0), ((notch + wide) * 0.5, 0.45), (wide, 0.04)])
    return [joined(down, up, smooth([(wide, 0.04), (wide + k(0.05, 0.4), k(-0.02, 0.06))]))]


def seven_short(k: Knobs) -> Strokes:
    """Half a cross: a head no wider than a flag, a bowed stem, and always a bar."""
    head, dip, lean = k(0.14, 0.3), k(0.0, 0.12), k(0.0, 0.2)
    flag = smooth([(0, dip + k(0.0, 0.08)), (head * 0.5, dip * 0.4), (head, 0.0)])
    level, half = k(0.4, 0.6), k(0.18, 0.36)
    bar = smooth([(head - half, level), (head, level + k(-0.05, 0.05)), (head + half, level + k(-0.06, 0.04))])
    return [joined(flag, smooth([(head, 0.0), (head - lean * 0.3, 0.45), (head - lean, 1.0)])), bar]


def nine_knotted(k: Knobs) -> Strokes:
    """A small knot where the loop goes over into the stem."""
    rx, ry, knot = k(0.16, 0.25), k(0.18, 0.27), k(0.04, 0.09)
    loop = arc((rx, ry), (rx, ry), k(0.1, 0.5) * pi, 2 * pi - k(0.0, 0.3) * pi)
    x, y = (float(v) for v in loop[-1])
    tied = arc((x + knot, y), (knot, knot * 1.2), pi, -k(1.4, 2.0) * pi, 10)
    low = y + 1.2 * knot
    return [joined(loop, tied, smooth([(x, low), (x - 0.01, 0.6), (x - k(0.0, 0.25), 1.0)]))]


def nine_leaf(k: Knobs) -> Strokes:
    """The loop is a leaf that leans over, narrower than high or lying, and may begin within itself."""
    long, slim, turn = k(0.24, 0.36), k(0.1, 0.17), k(0.1, 0.35) * pi
    begin = k(-0.3, 0.4) * pi
    leaf = arc((0, 0), (long, slim), begin, 2 * pi - begin + k(-0.2, 0.1) * pi, 14)
    back = np.array([(np.cos(turn), -np.sin(turn)), (np.sin(turn), np.cos(turn))])
    leaf = np.asarray(leaf @ back, np.float32)
    leaf -= leaf.min(axis=0)
    x, y = (float(v) for v in leaf[-1])
    return [joined(leaf, smooth([(x, y), (x - 0.02, 0.6), (x - k(0.0, 0.25), 1.0)]))]
