"""The best readings of a lattice under a grammar, and how sure the lattice is of each.

A path takes every piece exactly once. Its score is the sum over its edges of log p(symbol | edge) − α log p(junk |
edge): with α = 1 the path says of every candidate that it does not take that it is junk, so that long and short paths
compare. The Viterbi path gives the characters; the posterior of a value is the forward sum over all its segmentations
and spellings over the forward sum of the whole grammar (LeCun et al. 1998, section VI on over-segmentation, VIII on
the forward algorithm). The posterior of the second reader is the same with alignments of frames in place of
segmentations; the two are multiplied, as for independent witnesses.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ocrpipe.geometry import apply
from ocrpipe.reading.frames import heard, score
from ocrpipe.reading.frames import scores as frame_scores
from ocrpipe.reading.grammar import compile_pattern, grammar_of, value_of
from ocrpipe.reading.search import Edges, Grammar, Hypotheses, backward, beam, paths
from ocrpipe.reading.symbols import NOISE, SCRIBBLE, SYMBOLS
from ocrpipe.records import FieldSpec, Lattice
from ocrpipe.rows import Character

BEAM = 24
_NOISE = SYMBOLS.index(NOISE)
_INDEX = {symbol: i for i, symbol in enumerate(SYMBOLS)}
LEAST_JUNK = -9.0
"""No candidate is thought less likely to be junk than this (nats)."""
_UNHEARD = -25.0
"""The log probability of a value that a reader cannot spell: it may be wrong, but not for certain."""

_CORNERS = [0, 1, 2, 1, 2, 3, 0, 3]
"""x0, y0, x1, y1 as the corners of a quad: their columns."""

Steps = list[tuple[int, int]]
"""A path: (edge, symbol) from left to right."""


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
    """The way that the first value takes through the lattice: edges with the symbols that they spell, dirt too."""


def decode(lattice: Lattice, scores: Scores, weights: Weights) -> Decoded:
    """All that the decision needs to know of a field; the values are empty where no path obeys the grammar."""
    if lattice.nodes == 1:
        return Decoded((("", 1.0),), "", (), 0.0)
    spec = lattice.field.spec
    grammar = grammar_of(spec)
    table = scores.log_prob - weights.alpha * np.maximum(scores.log_junk, LEAST_JUNK)[:, None]
    edges = Edges(
        lattice.nodes, lattice.starts.astype(np.int64), lattice.ends.astype(np.int64), table,
        -1 if lattice.point is None else lattice.point,
    )  # fmt: skip
    blank = _blank_score(lattice, table)
    beta = backward(edges, grammar)
    total = np.logaddexp.reduce(grammar.start + beta[0])
    anything = np.logaddexp(backward(edges._replace(point=-1), _ANY_STRING)[0, 0], blank)
    found, spelt = _values(spec, edges, grammar, beta)
    found[""] = blank
    every = np.logaddexp(total, blank)
    first = {value: float(at - every) for value, at in found.items() if at > -np.inf}
    joint, second, fits = first, None, 0.0
    if scores.frames is not None:
        second, fits = _second(spec, grammar, scores.frames, first, spelt, edges, every)
        joint = {value: first[value] + weights.second * second[value] for value in first}
    ranked = sorted(joint.items(), key=lambda item: -item[1])
    sum_of_all = np.logaddexp.reduce([0.0] if second is None else list(joint.values()))
    values = tuple((value, float(np.exp(min(0.0, score - sum_of_all)))) for value, score in ranked)
    best = values[0][0] if values else ""
    text, steps = spelt.get(best, ("", []))
    if steps is None:
        (steps,) = _steps(_spelling(edges, text), edges) or [[]]
    apart = None if second is None else (first.get(best, _UNHEARD), second.get(best, _UNHEARD), fits)
    characters = _characters(lattice, scores, steps)
    return Decoded(values, text, characters, float(total - anything), apart, path=tuple(steps))


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
    spec: FieldSpec, grammar: Grammar, frames: NDArray[np.float64], first: dict[str, float],
    spelt: dict[str, tuple[str, Steps | None]], edges: Edges, every: float,
) -> tuple[dict[str, float], float]:  # fmt: skip
    """Log probabilities by the second reader of all values that either reader proposes, and the grammar's share in
    what it reads. Values that only the second proposes are added to `first` and `spelt` as the lattice scores them.

    A point that the form prints is in no frame: the second reader hears the figures alone, and the lattice knows how
    many of them stand behind the point.
    """
    cents = edges.nodes - 1 - edges.point if edges.point >= 0 else 0
    alone = second_alone(spec, grammar, frames, cents)
    second = dict(alone.log_prob)
    for value, text in alone.texts.items():
        if value not in first:
            hypotheses = _spelling(edges, text)
            whole = hypotheses.score[hypotheses.ends].max(initial=-np.inf)  # one text, one end
            first[value] = max(float(whole - every), _UNHEARD) if every > -np.inf else _UNHEARD
            spelt[value] = text, None
    unheard = [value for value in first if value not in second]
    texts = [spelt[value][0].replace(".", "") if cents else spelt[value][0] for value in unheard]
    for value, log_prob in zip(unheard, frame_scores(frames, [_symbols(text) for text in texts]), strict=True):
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


def second_alone(spec: FieldSpec, grammar: Grammar, frames: NDArray[np.float64], cents: int = 0) -> Alone:
    """The second reader's `frames` (T, 18) of a field, of which so many figures stand behind a printed point."""
    blank = score(frames, ())
    read = heard(frames, _FIGURES if spec.cents_cells else grammar, BEAM)
    all_of_it = float(np.logaddexp(read.total, blank))
    log_prob: dict[str, float] = {"": blank - all_of_it}
    texts: dict[str, str] = {}
    for symbols, log_of_text in read.texts:
        text = "".join(SYMBOLS[s] for s in symbols)
        if cents:
            text = f"{text[:-cents]}.{text[-cents:]}"
        value = value_of(spec, text)
        if value is not None:
            log_prob[value] = float(np.logaddexp(log_prob.get(value, -np.inf), log_of_text - all_of_it))
            texts.setdefault(value, text)
    return Alone(log_prob, texts, read.total, all_of_it)


def _symbols(text: str) -> tuple[int, ...]:
    return tuple(_INDEX[char] for char in text)


def chain(symbols: tuple[int, ...]) -> Grammar:
    """The automaton of one text."""
    return _chain_of(len(symbols))._replace(symbol=np.array(symbols, np.int64))


@lru_cache(maxsize=64)
def _chain_of(count: int) -> Grammar:
    """The automaton of a text of so many symbols, whichever they are."""
    start, final = np.full(count + 1, -np.inf), np.full(count + 1, -np.inf)
    start[0] = final[count] = 0.0
    first = np.minimum(np.arange(count + 2), count)
    return Grammar(first, np.zeros(count, np.int64), np.arange(1, count + 1), np.zeros(count), start, final)


def _values(
    spec: FieldSpec, edges: Edges, grammar: Grammar, beta: NDArray[np.float64]
) -> tuple[dict[str, float], dict[str, tuple[str, Steps | None]]]:
    """Values with the forward sums of all their texts, and the likeliest text and path of each."""
    hypotheses = beam(edges, grammar, beta, BEAM)
    found: dict[str, float] = {}
    spelt: dict[str, tuple[str, Steps | None]] = {}
    likeliest: dict[str, float] = {}
    sums, bests = hypotheses.score[hypotheses.ends].tolist(), hypotheses.best[hypotheses.ends].tolist()
    printed = _edges_behind_point(edges)
    for steps, whole, best in zip(_steps(hypotheses, edges), sums, bests, strict=True):
        text = _text(steps, printed)
        value = value_of(spec, text)
        if value is None:
            continue
        found[value] = float(np.logaddexp(found[value], whole)) if value in found else whole
        if best > likeliest.get(value, -np.inf):
            likeliest[value], spelt[value] = best, (text, steps)
    return found, spelt


def _spelling(edges: Edges, text: str) -> Hypotheses:
    """One text as the lattice spells it."""
    one_text = chain(_symbols(text))
    return beam(edges, one_text, backward(edges, one_text), BEAM)


def _steps(hypotheses: Hypotheses, edges: Edges) -> list[Steps]:
    """The paths of all texts that reach the end."""
    through = paths(hypotheses, edges.nodes - 1)[:, ::-1]
    taken, named = hypotheses.edge[through].tolist(), hypotheses.symbol[through].tolist()
    both = zip(through.tolist(), taken, named, strict=True)
    return [[(e, s) for i, e, s in zip(*path, strict=True) if i >= 0] for path in both]


def _edges_behind_point(edges: Edges) -> set[int]:
    """Edges before which the form prints a decimal point."""
    return set(np.flatnonzero(edges.starts == edges.point).tolist()) if edges.point >= 0 else set()


def _text(steps: Steps, printed: set[int]) -> str:
    """What a path spells, with the decimal point that the form prints before some edges."""
    spelt = ""
    for edge, symbol in steps:
        spelt += "." if edge in printed else ""
        spelt += SYMBOLS[symbol] if symbol != _NOISE else ""
    return spelt


def _blank_score(lattice: Lattice, table: NDArray[np.float64]) -> float:
    """All pieces are dirt."""
    single = lattice.ends - lattice.starts == 1
    return float(table[single, _NOISE].sum()) if single.sum() == lattice.nodes - 1 else -np.inf


def _characters(lattice: Lattice, scores: Scores, steps: Steps) -> tuple[Character, ...]:
    drawn = [(edge, symbol) for edge, symbol in steps if symbol != _NOISE]
    if not drawn:
        return ()
    edges, symbols = np.array(drawn).T
    probs = np.exp(scores.log_prob[edges, symbols]).tolist()
    corners = lattice.boxes[edges][:, _CORNERS].astype(np.float64).reshape(-1, 2)
    quads = apply(lattice.field.to_page, corners).reshape(-1, 8).tolist()
    return tuple(
        Character(SYMBOLS[symbol], prob, (x0, y0, x1, y1, x2, y2, x3, y3))
        for (_, symbol), prob, (x0, y0, x1, y1, x2, y2, x3, y3) in zip(drawn, probs, quads, strict=True)
    )


def _any_string() -> Grammar:
    """The automaton of all strings: one state."""
    symbols = np.array([i for i, s in enumerate(SYMBOLS) if s not in (NOISE, SCRIBBLE)], np.int64)
    here = np.zeros(len(symbols), np.int64)
    return Grammar(np.array([0, len(symbols)]), symbols, here, np.zeros(len(symbols)), np.zeros(1), np.zeros(1))


_ANY_STRING = _any_string()
_FIGURES = compile_pattern("d{1,11}")
