"""What some hands add to their digits, collected or not: curls and hooks at the start, tails and flicks at the end.

Each leaves a digit alone whose stroke does not begin or end where the ornament belongs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import pi

import numpy as np

from ocrpipe.training.curves import Knobs, Line, curled, smooth
from ocrpipe.training.writers import Strokes


@dataclass(frozen=True, slots=True)
class Ornament:
    """An addition and the digits that may take it."""

    chars: str
    add: Callable[[Strokes, Knobs, str], Strokes]


def _begins_on_top(line: Line) -> bool:
    return bool(line[0, 1] < line[:, 1].min() + 0.4 * np.ptp(line[:, 1]))


def _ends_below(strokes: Strokes) -> bool:
    """Whether the last stroke ends at the foot: a bar or an arm that comes last takes no tail."""
    foot = max(float(line[:, 1].max()) for line in strokes)
    return bool(strokes[-1][-1, 1] > foot - 0.25)


def _turned_in(char: str) -> float:
    """1 for digits that begin clockwise, -1 for the others."""
    return -1.0 if char in "69" else 1.0


def _entered(strokes: Strokes, radius: float, turn: float) -> Strokes:
    return [curled(strokes[0], radius, turn), *strokes[1:]] if _begins_on_top(strokes[0]) else strokes


def _left(strokes: Strokes, char: str, radius: float, turn: float) -> Strokes:
    """With an arc after the end, clockwise for `turn` > 0; stems take it only where they still go down."""
    run = strokes[-1][-1] - strokes[-1][-min(5, len(strokes[-1]))]
    if not _ends_below(strokes) or (char in "1479" and run[1] < abs(run[0])):
        return strokes
    return [*strokes[:-1], curled(strokes[-1][::-1], radius, -turn)[::-1]]


def curl(strokes: Strokes, k: Knobs, char: str) -> Strokes:
    """A first curl, that may close to a loop."""
    return _entered(strokes, k(0.035, 0.08 if char == "7" else 0.12), _turned_in(char) * k(0.6, 1.9) * pi)


def hook(strokes: Strokes, k: Knobs, char: str) -> Strokes:
    """The pen comes from the other side."""
    return _entered(strokes, k(0.06, 0.16), -_turned_in(char) * k(0.35, 0.7) * pi)


def flag(strokes: Strokes, k: Knobs, char: str) -> Strokes:
    """An upstroke before a 1 that is but a stem."""
    stem = strokes[0]
    if len(strokes) > 1 or np.ptp(stem[:, 0]) > 0.3 or stem[0, 1] > 0.1:
        return strokes
    reach, bend = k(0.12, 0.4), k(-0.06, 0.08)
    fall = reach * k(0.9, 2.0)
    start, top = (float(stem[0, 0]) - reach, fall), (float(stem[0, 0]), float(stem[0, 1]))
    between = (start[0] + reach * 0.5, (start[1] + top[1]) / 2 + bend)
    return [np.concatenate([smooth([start, between, top]), stem])]


def foot(strokes: Strokes, k: Knobs, char: str) -> Strokes:
    """A serif that the stem of a 1 stands on."""
    if not _ends_below(strokes) or len(strokes) > 1:
        return strokes
    x, y = (float(v) for v in strokes[0][-1])
    left, right, tilt = k(0.08, 0.28), k(0.08, 0.28), k(-0.05, 0.05)
    return [*strokes, smooth([(x - left, y + tilt), (x, y), (x + right, y - tilt)])]


def flick(strokes: Strokes, k: Knobs, char: str) -> Strokes:
    """The end runs out of its way: to the right below a stem, up or down from the foot of a 2."""
    most = {"2": 0.2, "4": 0.12, "9": 0.12}.get(char, 0.08)  # a 1 or 7 with a long foot is a 2
    turn = k(0.25, 0.5) * pi
    return _left(strokes, char, k(0.06, most), turn if char == "2" and k.chance(0.5) else -turn)


def hanging(strokes: Strokes, k: Knobs, char: str) -> Strokes:
    """A stem that runs on below the line, bending to either side a little, a belly far to the left."""
    radius, length = k(0.5, 1.2), k(0.12, 0.36)
    bends = 1.0 if char in "35" or k.chance(0.7) else -1.0
    return _left(strokes, char, radius, bends * length / radius)


def swept(strokes: Strokes, k: Knobs, char: str) -> Strokes:
    """The end sweeps to the left."""
    return _left(strokes, char, k(0.08, 0.2 if char == "9" else 0.12), k(0.3, 0.7) * pi)


def hat(strokes: Strokes, k: Knobs, char: str) -> Strokes:
    """A 5's bar that reaches far to the right, and sometimes flies above its stem."""
    reach, rise = k(0.1, 0.55), k(-0.04, 0.1)
    flying = (k(0.0, 0.1), k(0.02, 0.08)) if k.chance(0.4) else (0.0, 0.0)
    for i, line in enumerate(strokes):
        low, high = line.min(axis=0), line.max(axis=0)
        if len(strokes) > 1 and high[1] < 0.3:
            wide = max(float(high[0] - low[0]), 0.05)
            grown = (line - low) * np.array((1 + reach / wide, 1), np.float32) + low
            moved = np.asarray(grown + np.array((flying[0], -flying[1]), np.float32), np.float32)
            return [*strokes[:i], moved, *strokes[i + 1 :]]
    first = strokes[0]
    if first[0, 1] > 0.2 or first[0, 0] < first[:, 0].min() + 0.6 * np.ptp(first[:, 0]):
        return strokes
    x, y = (float(v) for v in first[0])
    bar = smooth([(x + reach, y - rise), (x + reach * 0.5, y - rise * 0.3), (x, y)])
    return [np.concatenate([bar, first]), *strokes[1:]]


def barb(strokes: Strokes, k: Knobs, char: str) -> Strokes:
    """A straight tick into the start."""
    if not _begins_on_top(strokes[0]):
        return strokes
    x, y = (float(v) for v in strokes[0][0])
    aside = k(0.0, 0.1) * -_turned_in(char)
    tick = smooth([(x + aside, y + k(0.1, 0.2)), (x, y)])
    return [np.concatenate([tick, strokes[0]]), *strokes[1:]]


def knot(strokes: Strokes, k: Knobs, char: str) -> Strokes:
    """The end winds up in a small curl."""
    outward = -1.0 if char == "2" and k.chance(0.5) else 1.0
    return _left(strokes, char, k(0.04, 0.08), outward * k(1.0, 1.7) * pi)


TAUGHT = (
    (
        Ornament("239", curl), Ornament("2379", curl), Ornament("12379", hook), Ornament("1", flag),
        Ornament("5", hat),
    ),
    (
        Ornament("1", foot), Ornament("12479", flick), Ornament("13579", hanging), Ornament("479", hanging),
        Ornament("1479", swept),
    ),
)  # fmt: skip
HELD_OUT = ((Ornament("2379", barb),), (Ornament("24579", knot),))
"""Each: what may stand at the start, and at the end."""
