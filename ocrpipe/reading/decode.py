"""The best readings of a lattice under a grammar, and how sure the lattice is of each.

A path takes every piece exactly once. Its score is the sum over its edges of log p(symbol | edge) − α log p(junk |
edge): with α = 1 the path says of every candidate that it does not take that it is junk, so that long and short paths
compare. The Viterbi path gives the characters; the posterior of a value is the forward sum over all its segmentations
and spellings over the forward sum of the whole grammar (LeCun et al. 1998, section VI on over-segmentation, VIII on
the forward algorithm). The posterior of the second reader is the same with alignments of frames in place of
segmentations; the two are multiplied, as for independent witnesses.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ocrpipe.compiled import compiled
from ocrpipe.geometry import Transform
from ocrpipe.reading.frame_sums import BLANK, Arrivals, arrivals_of
from ocrpipe.reading.frames import heard
from ocrpipe.reading.frames import scores as frame_scores
from ocrpipe.reading.grammar import compile_pattern, grammar_of, value_of
from ocrpipe.reading.search import Bundles, Edges, Floats, Grammar, Ints, bundled, chain, spelling
from ocrpipe.reading.search_beam import Seen, seen
from ocrpipe.reading.texts import rows, strings
from ocrpipe.records import FieldSpec, Lattice
from ocrpipe.rows import Character

BEAM = 24
LEAST_JUNK = -9.0
"""No candidate is thought less likely to be junk than this (nats)."""
_UNHEARD = -25.0
"""The log probability of a value that a reader cannot spell: it may be wrong, but not for certain."""

_Spelt = dict[str, tuple[str, int | None]]
"""By its value a text, and which of those that the lattice proposes it is."""


@dataclass(frozen=True, slots=True)
class Scores:
    """What the networks say of one field: of each edge of its lattice (E, 18) float64 natural logs over `SYMBOLS` and
    (E,) the same of "a wrong cut"; and where the second reader has read it, its (T, 18) `frames`."""

    log_prob: NDArray[np.float64]
    log_junk: NDArray[np.float64]
    frames: NDArray[np.float64] | None = None


@dataclass(frozen=True, slots=True)
class Weights:
    """How readers and paths are weighed: α of the path score, and how much the log posterior of the second reader
    counts against that of the lattice."""

    alpha: float
    second: float


@dataclass(frozen=True, slots=True)
class Decoded:
    """Values with their posteriors, likeliest first; "" is the blank field."""

    values: tuple[tuple[str, float], ...]
    text: str
    characters: tuple[Character, ...]
    log_grammar_nats: float
    """Forward sum under the grammar over the forward sum of any string: how well the ink fits the kind."""
    apart: tuple[float, float, float] | None = None
    """Where two readers read: what the lattice alone and the second alone give the first value (log probabilities),
    and the share of the grammar in what the second reads (nats)."""
    agreeing: float = 1.0
    """Which share of the looks at the field reads the first value."""
    path: tuple[tuple[int, int], ...] = ()
    """The way that the first value takes through the lattice: edges with the symbols that they spell; what lies between
    them is dirt."""


class _Meanings(dict[str, str | None]):
    """What the texts of a field mean; both readers propose many of them."""

    def __init__(self, spec: FieldSpec) -> None:
        self._spec = spec

    def __missing__(self, text: str) -> str | None:
        meaning = self[text] = value_of(self._spec, text)
        return meaning


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of a field before it is read: the grammar of its lattice, and that of what the second reader hears,
    as the two walk through them."""

    grammar: Grammar
    bundles: Bundles
    heard: Grammar
    arrivals: Arrivals


@lru_cache(maxsize=256)
def _known(spec: FieldSpec) -> _Known:
    grammar = grammar_of(spec)
    heard = _FIGURES if spec.cents_cells else grammar
    return _Known(grammar, bundled(grammar), heard, arrivals_of(heard))


def decode(lattice: Lattice, scores: Scores, weights: Weights) -> Decoded:
    """All that the decision needs to know of a field; the values are empty where no path obeys the grammar."""
    if lattice.nodes == 1:
        return Decoded((("", 1.0),), "", (), 0.0)
    known = _known(lattice.field.spec)
    table = scores.log_prob - weights.alpha * np.maximum(scores.log_junk, LEAST_JUNK)[:, None]
    edges = Edges(
        lattice.nodes, lattice.starts.astype(np.int64), lattice.ends.astype(np.int64), table,
        -1 if lattice.point is None else lattice.point,
    )  # fmt: skip
    read = seen(edges, known.grammar, known.bundles, BEAM)
    every = _added(read.total, read.blank)
    meanings = _Meanings(lattice.field.spec)
    found, spelt = _values(meanings, read)
    found[""] = read.blank
    first = {value: at - every for value, at in found.items() if at > -math.inf}
    joint, second, fits = first, None, 0.0
    if scores.frames is not None:
        second, fits = _second(known, meanings, scores.frames, first, spelt, edges, every)
        joint = {value: first[value] + weights.second * second[value] for value in first}
    ranked = sorted(joint.items(), key=itemgetter(1), reverse=True)
    sum_of_all = 0.0 if second is None else _summed(joint.values())
    values = tuple([(value, math.exp(min(0.0, score - sum_of_all))) for value, score in ranked])
    best = values[0][0] if values else ""
    text, at = spelt.get(best, ("", None))
    apart = None if second is None else (first.get(best, _UNHEARD), second.get(best, _UNHEARD), fits)
    characters, path = _characters(lattice, scores, text, at, edges, read)
    return Decoded(values, text, characters, read.total - _added(read.anything, read.blank), apart, path=path)


def agreed(looks: Sequence[Decoded]) -> Decoded:
    """What several looks at a field say together: each value has the mean of its posteriors, and the first is the one
    of those that some look reads first which has the most. How it is spelt tells the look that is surest of it."""
    reading = [look for look in looks if look.values]
    if not reading:
        return looks[0]
    shares: dict[str, float] = defaultdict(float)
    for look in reading:
        for value, share in look.values:
            shares[value] += share / len(looks)
    best = max(reading, key=lambda look: (shares[look.values[0][0]], look.values[0][1]))
    first = best.values[0][0]
    ranked = sorted(shares.items(), key=lambda item: (item[0] != first, -item[1]))
    agreeing = sum(look.values[0][0] == first for look in reading) / len(looks)
    return replace(best, values=tuple(ranked), agreeing=agreeing)


def _second(
    known: _Known, meanings: _Meanings, frames: NDArray[np.float64], first: dict[str, float], spelt: _Spelt,
    edges: Edges, every: float,
) -> tuple[dict[str, float], float]:  # fmt: skip
    """Log probabilities by the second reader of all values that either reader proposes, and the grammar's share in
    what it reads. Values that only the second proposes are added to `first` and `spelt` as the lattice scores them.

    A point that the form prints is in no frame: the second reader hears the figures alone, and the lattice knows how
    many of them stand behind the point.
    """
    cents = edges.nodes - 1 - edges.point if edges.point >= 0 else 0
    prob = np.exp(frames)
    alone = _alone(known, meanings, prob, float(frames[:, BLANK].sum()), cents)
    second = dict(alone.log_prob)
    unseen = {value: text for value, text in alone.texts.items() if value not in first}
    if unseen:
        for value, whole in zip(unseen, spelling(edges, *rows(list(unseen.values()))).tolist(), strict=True):
            first[value] = max(whole - every, _UNHEARD) if every > -math.inf else _UNHEARD
            spelt[value] = unseen[value], None
    unheard = [value for value in first if value not in second]
    texts = [spelt[value][0].replace(".", "") if cents else spelt[value][0] for value in unheard]
    for value, log_prob in zip(unheard, frame_scores(prob, *rows(texts)).tolist(), strict=True):
        second[value] = max(log_prob - alone.all_of_it, _UNHEARD)
    first.setdefault("", _UNHEARD)
    return second, alone.total


class Alone(NamedTuple):
    """What the second reader proposes by itself: the log probability of each value and of blank, how each value is
    spelt, and the sums behind them: of the grammar, and of that with blank (nats)."""

    log_prob: dict[str, float]
    texts: dict[str, str]
    total: float
    all_of_it: float


def second_alone(spec: FieldSpec, frames: NDArray[np.float64], cents: int = 0) -> Alone:
    """The second reader's `frames` (T, 18) of a field, of which so many figures stand behind a printed point."""
    return _alone(_known(spec), _Meanings(spec), np.exp(frames), float(frames[:, BLANK].sum()), cents)


def _alone(known: _Known, meanings: _Meanings, prob: NDArray[np.float64], blank: float, cents: int) -> Alone:
    read = heard(prob, known.heard, known.arrivals, BEAM)
    all_of_it = _added(read.total, blank)
    log_probs: dict[str, float] = {"": blank - all_of_it}
    texts: dict[str, str] = {}
    told = zip(strings(read.texts, read.lengths), read.score.tolist(), strict=True)
    for text, log_prob in sorted(told, key=itemgetter(1), reverse=True):
        if cents:
            text = f"{text[:-cents]}.{text[-cents:]}"
        value = meanings[text]
        if value is None:
            continue
        log_prob -= all_of_it
        log_probs[value] = _added(log_probs[value], log_prob) if value in log_probs else log_prob
        texts.setdefault(value, text)
    return Alone(log_probs, texts, read.total, all_of_it)


def _values(meanings: _Meanings, read: Seen) -> tuple[dict[str, float], _Spelt]:
    """Values with the forward sums of all their texts, and the likeliest text of each."""
    found: dict[str, float] = {}
    spelt: _Spelt = {}
    likeliest: dict[str, float] = {}
    texts, sums, bests = strings(read.texts, read.lengths), read.score.tolist(), read.best.tolist()
    for i, (text, whole, best) in enumerate(zip(texts, sums, bests, strict=True)):
        value = meanings[text]
        if value is None:
            continue
        found[value] = _added(found[value], whole) if value in found else whole
        if best > likeliest.get(value, -math.inf):
            likeliest[value], spelt[value] = best, (text, i)
    return found, spelt


def _added(a: float, b: float) -> float:
    """Log of the sum of what a and b are the logs of."""
    if a < b:
        a, b = b, a
    return a if b == -math.inf else a + math.log1p(math.exp(b - a))


def _summed(logs: Iterable[float]) -> float:
    largest = max(logs)
    return largest + math.log(sum(math.exp(log - largest) for log in logs))


def _characters(
    lattice: Lattice, scores: Scores, text: str, at: int | None, edges: Edges, read: Seen
) -> tuple[tuple[Character, ...], tuple[tuple[int, int], ...]]:
    """The characters of a text on its likeliest path, and that path: row `at` of what was `read`, or where the lattice
    did not propose it, as the lattice spells it."""
    if not text:
        return (), ()
    if at is None:
        ((symbols,), _) = rows([text])
        one_text = chain(tuple(symbols.tolist()))
        read, at = seen(edges, one_text, bundled(one_text), BEAM), 0
    if at >= len(read.lengths):
        return (), ()
    length = read.lengths[at]
    edge, symbol = read.edge[at, :length], read.texts[at, :length]
    placed = _placed(scores.log_prob, lattice.boxes, lattice.field.to_page, edge, symbol).tolist()
    path = [step for step in zip(edge.tolist(), symbol.tolist(), strict=True) if step[0] >= 0]
    characters = [
        Character(char, prob, (x0, y0, x1, y1, x2, y2, x3, y3))
        for char, e, (prob, x0, y0, x1, y1, x2, y2, x3, y3) in zip(text, edge.tolist(), placed, strict=True)
        if e >= 0
    ]
    return tuple(characters), tuple(path)


@compiled
def _placed(
    log_prob: Floats, boxes: NDArray[np.float32], to_page: Transform, edges: Ints, symbols: NDArray[np.uint8]
) -> Floats:  # pragma: no cover - compiled
    """(N, 9): of each of the `edges` how likely its symbol is and where the corners of its box lie on the page,
    clockwise from the top left; nothing where there is no edge (-1)."""
    found = np.empty((edges.shape[0], 9), np.float64)
    for i in range(edges.shape[0]):
        if edges[i] < 0:
            continue
        found[i, 0] = np.exp(log_prob[edges[i], symbols[i]])
        for corner in range(4):
            x = float(boxes[edges[i], 2 if corner == 1 or corner == 2 else 0])
            y = float(boxes[edges[i], 3 if corner >= 2 else 1])
            scale = to_page[2, 0] * x + to_page[2, 1] * y + to_page[2, 2]
            for axis in range(2):
                along = to_page[axis, 0] * x + to_page[axis, 1] * y + to_page[axis, 2]
                found[i, 1 + 2 * corner + axis] = along / scale
    return found


_FIGURES = compile_pattern("d{1,11}")
