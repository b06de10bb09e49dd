"""Fields whose values people have confirmed, as what readers can be taught with.

A value says what a field means, not how it is written: 12.00 stands there as `12.00`, `$12/-` or `12 00/100`. So a
lesson has all texts of the value that the field may hold, and any of them will do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocrpipe.reading.classify import Classifier
from ocrpipe.reading.decode import LEAST_JUNK, Scores
from ocrpipe.reading.frames import scores as frame_scores
from ocrpipe.reading.grammar import grammar_of, pattern_of, value_of
from ocrpipe.reading.search import Edges, Grammar, bundled, spelling
from ocrpipe.reading.search_beam import seen
from ocrpipe.reading.symbols import SYMBOLS
from ocrpipe.reading.texts import rows, strings
from ocrpipe.records import Lattice
from ocrpipe.training.examples import Written

_TEXTS = 128
"""So many texts of a field are searched for those that have its value."""
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
    """One for each lattice; None where nothing is written, or where no way to cut it spells the value."""
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
    """Texts that have the value, and what the grammar takes off for each, nats."""
    spec = lattice.field.spec
    if spec.cents_cells:  # the point is printed: figures are all that is written
        return ["".join(char for char in value if char.isdigit())], [0.0]
    grammar = grammar_of(spec)
    found = seen(edges, grammar, bundled(grammar), _TEXTS)
    proposed = strings(found.texts, found.lengths)
    kept = [i for i, text in enumerate(proposed) if value_of(spec, text) == value]
    texts = [proposed[i] for i in kept]
    weights = np.minimum(found.score[kept] - spelling(edges, *rows(texts)), 0.0).tolist() if texts else []
    plain = "".join(char for char in value if char in SYMBOLS)
    if plain not in texts and value_of(spec, plain) == value:
        texts, weights = [*texts, plain], [*weights, 0.0]
    return texts, weights


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
