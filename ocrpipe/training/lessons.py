"""Fields whose values people have confirmed, as what readers can be taught with.

A value says what a field means, not how it is written: 12.00 stands there as `12.00`, `$12/-` or `12 00/100`. So a
lesson has all texts of the value that the field may hold, and any of them will do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from ocrpipe.reading.classify import Classifier
from ocrpipe.reading.decode import LEAST_JUNK, Scores
from ocrpipe.reading.frames import scores as frame_scores
from ocrpipe.reading.grammar import grammar_of, pattern_of, value_of
from ocrpipe.reading.search import Edges, Grammar, bundled, spelling
from ocrpipe.reading.search_beam import seen
from ocrpipe.reading.symbols import DIGITS, SYMBOLS
from ocrpipe.reading.texts import rows, strings
from ocrpipe.records import FieldSpec, Lattice
from ocrpipe.training.examples import Written

_TEXTS = 32
"""So many texts with the figures of a value are looked at."""
_KEPT, _FAR = 8, 6.0
"""Texts of a lesson, and how much less likely than the likeliest they may be, nats."""
_FIGURES = "d{1,11}"
"""What stands in cells between which the form prints the point."""
_AT_ONCE = 256


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """A field with something written in it: its lattice, its strip (48, W), and the texts it may hold, as symbols."""

    written: Written
    strip: NDArray[np.uint8]
    texts: tuple[tuple[int, ...], ...]


def lessons_of(
    lattices: Sequence[Lattice], values: Sequence[str], classifier: Classifier, alpha: float
) -> list[Lesson | None]:
    """One for each lattice; None where nothing is written, or where no cut of it can spell the value."""
    found: list[Lesson | None] = []
    for at in range(0, len(lattices), _AT_ONCE):
        some = lattices[at : at + _AT_ONCE]
        scores = classifier.scores(some)
        told = zip(some, values[at : at + _AT_ONCE], scores, strict=True)
        found += [_lesson(lattice, value, seen_, alpha) for lattice, value, seen_ in told]
    return found


def _lesson(lattice: Lattice, value: str, scores: Scores, alpha: float) -> Lesson | None:
    if not value or lattice.nodes == 1 or lattice.strip is None or scores.frames is None:
        return None
    table = scores.log_prob - alpha * np.maximum(scores.log_junk, LEAST_JUNK)[:, None]
    starts, ends = lattice.starts.astype(np.int64), lattice.ends.astype(np.int64)
    edges = Edges(lattice.nodes, starts, ends, table, -1)
    spec = lattice.field.spec
    texts, weights = _spellings(edges, lattice, value)
    if not texts:
        return None
    symbols, lengths = rows(texts)
    fit = spelling(edges, symbols, lengths) + np.array(weights) + frame_scores(np.exp(scores.frames), symbols, lengths)
    best = fit.argsort()[::-1][:_KEPT]
    best = best[fit[best] > max(fit[best[0]] - _FAR, -np.inf)]
    if not len(best):
        return None
    kept = tuple(tuple(SYMBOLS.index(char) for char in texts[i]) for i in best)
    right = any_of(kept, [weights[i] for i in best])
    pattern = _FIGURES if spec.cents_cells else pattern_of(spec)
    return Lesson(
        Written(lattice.nodes, starts, ends, lattice.crops, lattice.shapes, right, pattern), lattice.strip, kept
    )


def _spellings(edges: Edges, lattice: Lattice, value: str) -> tuple[list[str], list[float]]:
    """The likeliest texts that have the value, however unlikely, and what the grammar takes off for each, nats."""
    spec = lattice.field.spec
    if spec.cents_cells:  # the point is printed: figures are all that is written
        return ["".join(char for char in value if char.isdigit())], [0.0]
    found: dict[str, float] = {}
    for figures in _figures(spec, value):
        grammar = _saying(grammar_of(spec), figures)
        told = seen(edges, grammar, bundled(grammar), _TEXTS)
        scored = zip(strings(told.texts, told.lengths), told.score.tolist(), strict=True)
        found |= {text: score for text, score in scored if value_of(spec, text) == value}
    texts = list(found)
    weights = np.minimum(np.array(list(found.values())) - spelling(edges, *rows(texts)), 0.0) if texts else np.empty(0)
    return texts, weights.tolist()


def _figures(spec: FieldSpec, value: str) -> list[str]:
    """The figures that a text of the value may have, one after another."""
    if spec.kind == "amount":
        whole, cents = value.split(".")
        bare = [whole, whole + "100"] if cents == "00" else []
        return [whole + cents, whole + cents + "100", *bare]
    if spec.kind == "date":
        year, month, day = value.split("-")
        ways = {"D": {day, day.lstrip("0")}, "M": {month, month.lstrip("0")}, "Y": {year, year[2:]}}
        order = dict.fromkeys(char for char in spec.format or "DDMMYYYY" if char in ways)
        return sorted({"".join(parts) for parts in product(*(ways[char] for char in order))})
    return ["".join(char for char in value if char.isdigit())]


def _saying(grammar: Grammar, figures: str) -> Grammar:
    """The automaton that accepts what `grammar` accepts and has these figures: a state is one of the grammar's, and how
    many of them have been written."""
    states, steps = len(grammar.start), len(figures) + 1
    source = np.repeat(np.arange(states), np.diff(grammar.first))
    figure = grammar.symbol < len(DIGITS)
    parts = []
    for done in range(steps):
        kept = np.flatnonzero(~figure | (done < len(figures) and grammar.symbol == int(figures[done : done + 1] or 0)))
        parts.append((source[kept] * steps + done, kept, grammar.target[kept] * steps + done + figure[kept]))
    begins, move, target = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.argsort(begins, kind="stable")
    start, final = np.full(states * steps, -np.inf), np.full(states * steps, -np.inf)
    start[::steps], final[steps - 1 :: steps] = grammar.start, grammar.final
    first = np.searchsorted(begins[order], np.arange(states * steps + 1))
    move = move[order]
    return Grammar(first, grammar.symbol[move], target[order], grammar.weight[move], start, final)


def any_of(texts: Sequence[tuple[int, ...]], weights: Sequence[float]) -> Grammar:
    """The automaton that accepts any of the `texts`, each at its weight (nats): one chain of states for each."""
    moves = sum(len(text) for text in texts)
    states = moves + len(texts)
    start, final = np.full(states, -np.inf), np.full(states, -np.inf)
    ends = np.cumsum([len(text) + 1 for text in texts]) - 1
    start[ends - [len(text) for text in texts]], final[ends] = weights, 0.0
    moving = np.ones(states, np.int64)
    moving[ends] = 0
    first = np.concatenate([[0], np.cumsum(moving)])
    symbols = np.array([symbol for text in texts for symbol in text], np.int64)
    return Grammar(first, symbols, np.flatnonzero(moving) + 1, np.zeros(moves), start, final)
