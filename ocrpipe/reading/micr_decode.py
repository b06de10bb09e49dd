"""From what each frame of a strip may be to the line: a dynamic programme over places on, or near, the pitch.

A path is a row of characters, each at one frame. It earns the log odds of each character against none, and pays
for every distance that is neither a pitch nor, with a space, some more of them. Foreign ink that looks a little like
a character earns little, and lies off the pitch.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocrpipe.compiled import compiled
from ocrpipe.e13b import SYMBOLS

PITCH_FRAMES = 8.0
NEAREST, SPACED = 5, 12
"""Frames to the next character: least, and from which on there is a space between."""
_UNEVEN = 0.8
"""Standard deviation of a pitch, frames, the rounding to frames included."""
_SPACE_NATS, _OFF_PITCH, _OFF_MOST = 1.5, 1.2, 3.0
"""What a space costs; how far off the pitch what follows may begin (standard deviation, frames), and what that costs
at most: groups that were printed by different machines keep no common pitch."""
_SEEN = -4.0
"""Frames that hold a character with less than this log probability are passed over."""
_NEAR = 2
"""Frames on either side of a character's place at which it may stand as well."""
_FLOOR = 1e-6

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class MicrPath:
    """The likeliest row of characters of a strip."""

    text: str
    """With single spaces between groups."""
    frames: Ints
    """(N,) where each character stands, spaces left out."""
    probs: Floats
    """(N, 14) what each may be, sums to 1."""
    log_prob: float
    """Of the text among all texts, nats."""
    present: Floats
    """(N,) probability that any character stands there at all."""
    unread: float
    """Probability that the likeliest character stands where the path has none."""
    uneven: float
    """Root mean square of the distances' deviations from the pitch within groups, frames."""


_NOTHING = MicrPath("", np.zeros(0, np.int64), np.zeros((0, len(SYMBOLS))), 0.0, np.zeros(0), 0.0, 0.0)


def likeliest(log_probs: NDArray[np.float32]) -> MicrPath:
    """Reads (F, 15) log probabilities over `SYMBOLS` and none."""
    logs = np.maximum(log_probs.astype(np.float64), np.log(_FLOOR))
    nothing = np.log(np.maximum(1 - np.exp(logs[:, -1]), _FLOOR))
    seen = np.flatnonzero(nothing > _SEEN)
    odds = logs[seen, :-1] - logs[seen, -1:]
    before, total = _best_and_sum(seen, odds)
    path = []
    node = int(before[-1])
    while node >= 0:
        path.append(node)
        node = int(before[node])
    if not path:
        return _NOTHING
    nodes = np.array(path[::-1], np.int64)
    symbols = odds[nodes].argmax(axis=1)
    frames = seen[nodes]
    steps = np.diff(frames)
    letters = [SYMBOLS[symbol] for symbol in symbols]
    gaps = ["", *(" " if step >= SPACED else "" for step in steps)]
    ratios = np.exp(odds[nodes] - odds[nodes].max(axis=1, keepdims=True))
    within = steps[steps < SPACED] - PITCH_FRAMES
    return MicrPath(
        "".join(gap + letter for gap, letter in zip(gaps, letters, strict=True)),
        frames,
        ratios / ratios.sum(axis=1, keepdims=True),
        min(0.0, _sum_of_text(seen, odds, nodes, symbols) - total),
        1 - np.exp(logs[frames, -1]),
        _rest(frames, logs),
        float(np.sqrt((within**2).mean())) if len(within) else 0.0,
    )


def _rest(frames: Ints, logs: Floats) -> float:
    """The most that a frame away from every character of the path makes of one."""
    away = abs(np.arange(len(logs))[:, None] - frames[None, :]).min(axis=1) > 3
    return float(1 - np.exp(logs[away, -1].min())) if away.any() else 0.0


@compiled
def _step(distance: int) -> float:  # pragma: no cover - compiled
    """Nats that the way from one character to the next costs, as a negative number."""
    if distance < SPACED:
        off = (distance - PITCH_FRAMES) / _UNEVEN
        return -0.5 * off * off
    rest = distance % PITCH_FRAMES
    if rest > PITCH_FRAMES / 2:
        rest = PITCH_FRAMES - rest
    off = rest / _OFF_PITCH
    cost: float = _SPACE_NATS + min(0.5 * off * off, _OFF_MOST)
    return -cost


@compiled
def _joined(one: float, other: float) -> float:  # pragma: no cover - compiled
    """log(exp one + exp other)."""
    if one < other:
        one, other = other, one
    joined: float = one + np.log1p(np.exp(other - one))
    return joined


@compiled
def _best_and_sum(seen: Ints, odds: Floats) -> tuple[Ints, float]:  # pragma: no cover - compiled
    """For each node the one before it on the best path to it (-1: it is the first), and as an added last element the
    best path's end; then the log sum over all paths, the empty one included."""
    count = len(seen)
    before = np.empty(count + 1, np.int64)
    best, sums = np.empty(count), np.empty(count)
    end, end_score, total = -1, 0.0, 0.0
    for i in range(count):
        top, every = odds[i, 0], odds[i, 0]
        for s in range(1, odds.shape[1]):
            top, every = max(top, odds[i, s]), _joined(every, odds[i, s])
        reach, into, before[i] = 0.0, 0.0, -1
        for j in range(i):
            distance = seen[i] - seen[j]
            if distance >= NEAREST:
                cost = _step(distance)
                into = _joined(into, sums[j] + cost)
                if best[j] + cost > reach:
                    reach, before[i] = best[j] + cost, j
        best[i], sums[i] = top + reach, every + into
        total = _joined(total, sums[i])
        if best[i] > end_score:
            end, end_score = i, best[i]
    before[count] = end
    return before, total


@compiled
def _sum_of_text(seen: Ints, odds: Floats, nodes: Ints, symbols: Ints) -> float:  # pragma: no cover - compiled
    """Log sum over the paths that spell the symbols at the nodes or next to them."""
    count = len(seen)
    sums, last = np.full(count, -np.inf), np.full(count, -np.inf)
    total = 0.0
    for k in range(len(nodes)):
        total = -np.inf
        for i in range(count):
            sums[i] = -np.inf
            if abs(seen[i] - seen[nodes[k]]) <= _NEAR:
                into = 0.0 if k == 0 else -np.inf
                if k > 0:
                    spaced = seen[nodes[k]] - seen[nodes[k - 1]] >= SPACED
                    for j in range(i):
                        distance = seen[i] - seen[j]
                        if last[j] > -np.inf and distance >= NEAREST and (distance >= SPACED) == spaced:
                            into = (
                                last[j] + _step(distance)
                                if into == -np.inf
                                else _joined(into, last[j] + _step(distance))
                            )
                if into > -np.inf:
                    sums[i] = odds[i, symbols[k]] + into
                    total = sums[i] if total == -np.inf else _joined(total, sums[i])
        last, sums = sums, last
    return total
