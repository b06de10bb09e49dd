"""Finds the ZIP code of an envelope's destination without a template.

The Postal Service reads the address in a rectangle at the centre and lower right of the face (Domestic
Mail Manual 202): a block of a few lines with a common left edge, the return address at the top
left, postage at the top right, clear space below. The ZIP code ends the block's last line; it is
often larger than the city, raised, or in another hand.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ocrpipe.fields.locate_view import CEILING, VIEW_DPI, Boxes, View, boxes_of, look, place, plateau, union
from ocrpipe.geometry import Box
from ocrpipe.ranks import median, quantile
from ocrpipe.records import Document, FieldSpec, Place, Upright

ZIP = FieldSpec(name="zip", kind="zip")
LEAST_EVIDENCE = 0.6
EDGE = 0.3
"""Nobody writes here, but edges of the sheet and of the scanner's bed leave marks; inches."""
MOST_PARTS = 900
"""An envelope carries an address, not a page of text."""
_MOST_RIVALS, _RIVAL = 3, 0.6
"""Places that are read at most, and the least fit of one as a share of the best one's."""
_POOR, _NO_DIGITS = 0.05, -9.0


@dataclass(frozen=True, slots=True, eq=False)
class _Line:
    parts: Boxes
    """From left to right."""
    box: Box
    letter: float
    """Height of its taller letters, inches."""


@dataclass(frozen=True, slots=True, eq=False)
class _Tail:
    """What may be the ZIP code, and how much it looks like one: 0 entirely, less the less."""

    parts: Boxes
    score: float

    @property
    def fit(self) -> float:
        """0 … 1."""
        return float(np.clip(1 + self.score / 3, _POOR, 1))


def locate_envelope(upright: Upright, view: View | None = None) -> Document | None:
    """The page as an envelope with its one field `zip` (at most three rivals, best first); None where it does not
    look like one.

    `view` spares a second look at a page that another locator has seen.
    """
    view = view or look(upright)
    if view is None or len(view.parts) < 5:
        return None
    # Nothing on an envelope is written on rules, and taking them out would hurt heavy writing.
    view = replace(view, ink=view.dark, parts=boxes_of(view.dark, 2))
    shape = plateau(view.width / view.height, 1.3, 2.7, 0.4) * plateau(view.width, 5.0, 12.5, 1.5)
    if shape == 0:
        return None
    lines = _lines(view)
    scored = [(_stands_as_destination(block, view), block) for block in _blocks(lines)]
    if not scored:
        return None
    standing, block = max(scored, key=lambda pair: pair[0])
    tails = _zips(block, lines)
    evidence = shape * _quiet(view, block) * (0.5 * standing + 0.35 * _corners(view) + 0.15 * tails[0].fit)
    if evidence < LEAST_EVIDENCE:
        return None
    places = tuple(_place(tail, upright) for tail in tails)
    return Document(0, "envelope", upright, places, float(CEILING * evidence))


def _place(tail: _Tail, upright: Upright) -> Place:
    box = union(tail.parts)
    margin = max(0.05, 0.2 * box.height)
    return place(ZIP, box.expanded(margin, margin), upright, evidence=tail.fit)


def _lines(view: View) -> list[_Line]:
    """Parts chained to their neighbours on the same level."""
    parts = view.parts
    high, wide = parts[:, 3] - parts[:, 1], parts[:, 2] - parts[:, 0]
    clear = (parts[:, 1] > 0.15) & (parts[:, 3] < view.height - 0.15)
    parts = parts[clear & (high > 0.025) & (high < 0.6) & (wide < 3.0) & ((high > 0.05) | (wide > 0.035))]
    parts = parts[np.argsort(parts[:, 0])]
    if not 0 < len(parts) <= MOST_PARTS:
        return []
    high = parts[:, 3] - parts[:, 1]
    taller = np.maximum(high[:, None], high)
    middle = (parts[:, 1] + parts[:, 3]) / 2
    gap = np.maximum(parts[:, None, 0], parts[:, 0]) - np.minimum(parts[:, None, 2], parts[:, 2])
    # Specks and points belong to the letter they touch upon, not to one far off.
    reach = np.where(np.minimum(high[:, None], high) > 0.4 * taller, 2.2, 0.8) * taller
    near = (gap < reach) & (abs(middle[:, None] - middle) < 0.45 * taller)
    return _joined([_line(parts[group]) for group in _groups(near)])


def _joined(lines: list[_Line]) -> list[_Line]:
    """Pieces right of a line, somewhat higher or lower, added to the nearest such line: a raised ZIP code."""
    whole: list[_Line] = []
    for piece in sorted(lines, key=lambda line: line.box.x0):
        found, nearest = None, np.inf
        for i, line in enumerate(whole):
            tall = max(line.letter, piece.letter)
            away = abs(line.box.centre[1] - piece.box.centre[1]) / tall
            if -0.05 < piece.box.x0 - line.box.x1 < 4 * tall and away < min(0.95, nearest):
                found, nearest = i, away
        if found is None:
            whole.append(piece)
        else:
            whole[found] = _line(np.concatenate((whole[found].parts, piece.parts)))
    return whole


def _line(parts: Boxes) -> _Line:
    return _Line(parts, union(parts), quantile(parts[:, 3] - parts[:, 1], 0.75))


def _groups(linked: NDArray[np.bool_]) -> list[NDArray[np.intp]]:
    """Connected groups of a symmetric (N, N) relation."""
    left = np.ones(len(linked), bool)
    groups = []
    for seed in range(len(linked)):
        if not left[seed]:
            continue
        group = np.zeros(len(linked), bool)
        group[seed] = True
        fresh = group
        while fresh.any():
            fresh = linked[fresh].any(axis=0) & left & ~group
            group |= fresh
        left &= ~group
        groups.append(np.flatnonzero(group))
    return groups


def _blocks(lines: list[_Line]) -> list[list[_Line]]:
    """Lines under one another, each block from top to bottom; rows of bars (postal codes) are no lines."""
    texts = [line for line in lines if _is_text(line)]
    texts.sort(key=lambda line: line.box.centre[1])
    if not texts:
        return []
    linked = np.array([[_stacked(one, other) for other in texts] for one in texts], bool)
    return [[texts[i] for i in group] for group in _groups(linked | linked.T)]


def _stacked(upper: _Line, lower: _Line) -> bool:
    letter = max(upper.letter, lower.letter)
    gap = lower.box.y0 - upper.box.y1
    overlap = min(upper.box.x1, lower.box.x1) - max(upper.box.x0, lower.box.x0)
    alike = letter < 2.0 * min(upper.letter, lower.letter)
    close = -0.6 * letter < gap < max(0.2, 2.8 * letter)
    return alike and close and overlap > 0.3 * min(upper.box.width, lower.box.width)


def _is_text(line: _Line) -> bool:
    """Neither dirt nor POSTNET or Intelligent Mail bars, which are dozens of thin strokes."""
    wide = line.parts[:, 2] - line.parts[:, 0]
    bars = len(wide) > 25 and median(wide) < 0.045
    return (
        (len(wide) > 1 or line.box.width > 2 * line.letter) and line.box.width > 0.3 and line.letter > 0.05 and not bars
    )


def _stands_as_destination(block: list[_Line], view: View) -> float:
    """0 … 1 by place, number of lines and a left edge more even than the right."""
    box = union(np.concatenate([line.parts for line in block]))
    x, y = box.centre
    lies = plateau(x / view.width, 0.36, 0.72, 0.25) * plateau(y / view.height, 0.42, 0.8, 0.22)
    lies *= plateau(box.x0 / view.width, 0.2, 0.7, 0.1)
    count = len(block)
    number = 0.35 if count == 1 else 0.85 if count == 2 else plateau(count, 3, 6, 5)
    left, right = np.array([line.box.x0 for line in block]), np.array([line.box.x1 for line in block])
    even = plateau(float(np.abs(left - median(left)).mean()), 0, 0.1, 0.5)
    ragged = 1.0 if count == 1 else float(np.clip(0.7 + right.std() - left.std(), 0.3, 1.0))
    size = plateau(box.width, 0.8, 0.6 * view.width, 0.8)
    return lies * number * size * (0.5 + 0.5 * even) * ragged * _lettered(block)


def _lettered(block: list[_Line]) -> float:
    """1 for lines of several letters of like size, down to 0 for the chance rows of a picture."""
    letters = np.array([line.letter for line in block])
    alike = plateau(float(letters.max() / letters.min()), 1.0, 2.0, 1.5)
    written = np.concatenate([line.parts for line in block])
    tall = float((written[:, 3] - written[:, 1] > 0.5 * median(letters)).sum()) / len(block)
    return alike * plateau(median(letters), 0.07, 0.36, 0.06) * plateau(tall, 3.5, 99.0, 2.0)


def _quiet(view: View, block: list[_Line]) -> float:
    """1 where little stands outside the block and the upper corners, falling with what does."""
    box = union(np.concatenate([line.parts for line in block])).expanded(0.3, 0.3)
    letter = median(np.array([line.letter for line in block]))
    parts = view.parts[(view.parts[:, 3] - view.parts[:, 1]) > 0.6 * letter]
    x, y = (parts[:, 0] + parts[:, 2]) / 2, (parts[:, 1] + parts[:, 3]) / 2
    inside = (x > box.x0) & (x < box.x1) & (y > box.y0) & (y < box.y1)
    corner = (y < 0.42 * view.height) & ((x < 0.45 * view.width) | (x > 0.6 * view.width))
    bars = (y > 0.8 * view.height) & (parts[:, 2] - parts[:, 0] < 0.045)
    margin = (np.minimum(x, view.width - x) < EDGE) | (np.minimum(y, view.height - y) < EDGE)
    rest = float((~(inside | corner | bars | margin)).sum())
    text = max(1.0, float(inside.sum()))
    # A picture has ink everywhere; the upper right quarter is left out for stamps.
    rows, columns = view.ink.shape
    paper = view.ink.copy()
    paper[: rows // 2, columns // 2 :] = 0
    edge = round(EDGE * VIEW_DPI)
    paper = paper[edge:-edge, edge:-edge]
    dark = float(np.count_nonzero(paper)) / paper.size
    return float(np.clip(1.25 - rest / text, 0, 1)) * plateau(dark, 0.0, 0.05, 0.03)


def _corners(view: View) -> float:
    """Return address at the top left, postage at the top right: half each."""
    parts = view.parts[(view.parts[:, 3] - view.parts[:, 1]) > 0.04]
    x, y = (parts[:, 0] + parts[:, 2]) / 2 / view.width, (parts[:, 1] + parts[:, 3]) / 2 / view.height
    sender = float(((x < 0.42) & (y < 0.35)).sum() >= 6)
    postage = float(((x > 0.68) & (y < 0.4)).sum() >= 1)
    return 0.5 * (sender + postage)


def _zips(block: list[_Line], lines: list[_Line]) -> list[_Tail]:
    """Where the ZIP may be, best first: at the end of the last line, or right of it on a level of its own."""
    last = block[-1]
    found = [_best_tail(last.parts)]
    found += [_tail(line.parts, line.box.x0 - last.box.x1) for line in lines if _beside(line, last)]
    kept: list[_Tail] = []
    for tail in sorted(found, key=lambda one: -one.score):
        if len(kept) == _MOST_RIVALS or (kept and tail.fit < _RIVAL * kept[0].fit):
            break
        kept.append(tail)
    return kept


def _beside(piece: _Line, line: _Line) -> bool:
    """Whether a piece stands right of a line, higher or lower by up to a line's distance."""
    tall = max(line.letter, piece.letter)
    away = abs(line.box.centre[1] - piece.box.centre[1])
    return -0.5 * tall < piece.box.x0 - line.box.x1 < 5 * tall and 0 < away < 2 * tall


def _best_tail(parts: Boxes) -> _Tail:
    """The right end of a line, from one of its gaps on, that looks most like five or nine digits. A part of a ZIP reads
    as well as the whole: looks decide here, not the reading."""
    ends = np.maximum.accumulate(parts[:, 2])
    found = []
    for start in range(len(parts)):
        gap = float(parts[start, 0] - ends[start - 1]) if start else 0.3
        if start == 0 or gap >= -0.03:
            found.append(_tail(parts[start:], gap, whole=start == 0))
    return max(found, key=lambda one: one.score)


def _tail(parts: Boxes, gap: float, *, whole: bool = False) -> _Tail:
    """A ZIP code alone on its line is rare."""
    return _Tail(parts, _digits_score(parts, gap) - (1.5 if whole else 0.0))


def _digits_score(tail: Boxes, gap: float) -> float:
    """Larger for a run of five or nine equally tall characters behind a gap wider than those inside."""
    high, wide = tail[:, 3] - tail[:, 1], tail[:, 2] - tail[:, 0]
    letter = quantile(high, 0.7)
    full = high > 0.5 * letter
    if np.rint(wide[full] / (0.55 * letter)).sum() < 3:
        return _NO_DIGITS
    # A part is one character or, where it is wide, perhaps several that touch.
    fewest, most = float(full.sum()), float(np.maximum(1, np.rint(wide[full] / (0.55 * letter))).sum())
    length = min(max(0.0, fewest - n, n - most) + extra for n, extra in ((5, 0.0), (9, 0.2)))
    uneven = float(high[full].std() / high[full].mean())
    inner = tail[1:, 0] - np.maximum.accumulate(tail[:, 2])[:-1]
    beside_dash = ~(full[1:] & full[:-1])
    widest = float(np.where(beside_dash, 0.4 * inner, inner).max(initial=0.0))
    apart = float(np.clip((gap - widest) / letter, -1.5, 0.5))
    return -1.0 * length - 3.0 * uneven + 1.2 * min(gap / letter, 1.2) + 1.5 * apart
