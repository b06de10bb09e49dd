"""The two walks over a lattice, compiled: the sum over all paths, from the right, and the beam that follows the best
texts, from the left.

A node and a state of the grammar make a cell. Nothing here knows what the
symbols mean, except noise, which spells nothing, and the point, which a form may print between cells.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ocrpipe.compiled import compiled
from ocrpipe.reading.symbols import NOISE, SYMBOLS

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_NOISE = SYMBOLS.index(NOISE)
_POINT = SYMBOLS.index(".")


_NEGLIGIBLE = 12.0
"""A text through which less than exp(-12) of the whole sum flows is not followed."""


class Grammar(NamedTuple):
    """A weighted automaton. Moves of state s are first[s] … first[s + 1] - 1; weights are nats, at most 0.
    `start` and `final` are -inf where a text can neither begin nor end."""

    first: Ints
    symbol: Ints
    target: Ints
    weight: Floats
    start: Floats
    final: Floats


class Edges(NamedTuple):
    """A lattice as the walks see it: edge i leads from starts[i] (in ascending order) to ends[i] and spells symbol s
    at table[i, s] nats. At node `point` (-1: nowhere) a point is printed."""

    nodes: int
    starts: Ints
    ends: Ints
    table: Floats
    point: int


class Hypotheses(NamedTuple):
    """Texts under way: forward and Viterbi scores, and where the better path came from; `ends` are those
    that reach the last node."""

    score: Floats
    best: Floats
    edge: Ints
    symbol: Ints
    previous: Ints
    ends: Ints


@compiled
def _logadd(a: float, b: float) -> float:  # pragma: no cover - compiled
    if a < b:
        a, b = b, a
    if b == -np.inf:
        return a
    return float(a + np.log1p(np.exp(b - a)))


@compiled
def backward(edges: Edges, grammar: Grammar) -> Floats:  # pragma: no cover - compiled
    """(nodes, states): log of the sum over all ways to go on from a node in a state and to end well.

    At [0, s] it is the sum over all paths and texts that begin in state s. Where a point is printed, a node's row
    tells of what comes after the point.
    """
    first, symbol, target, weight = grammar.first, grammar.symbol, grammar.target, grammar.weight
    states = grammar.start.shape[0]
    beta = np.empty((edges.nodes, states), np.float64)
    after = np.empty(states, np.float64)
    for node in range(edges.nodes):
        for s in range(states):
            beta[node, s] = grammar.final[s] if node == edges.nodes - 1 else -np.inf
    at = edges.starts.shape[0] - 1
    for node in range(edges.nodes - 1, -1, -1):
        while at >= 0 and edges.starts[at] == node:
            edge = at
            at -= 1
            end = edges.ends[edge]
            for s in range(states):
                total = beta[node, s]
                if beta[end, s] > -np.inf:
                    total = _logadd(total, edges.table[edge, _NOISE] + beta[end, s])
                for k in range(first[s], first[s + 1]):
                    if beta[end, target[k]] > -np.inf:
                        total = _logadd(total, edges.table[edge, symbol[k]] + weight[k] + beta[end, target[k]])
                beta[node, s] = total
        if node == edges.point:
            for s in range(states):
                after[s], beta[node, s] = beta[node, s], -np.inf
            for s in range(states):
                for k in range(first[s], first[s + 1]):
                    if symbol[k] == _POINT:
                        beta[node, s] = _logadd(beta[node, s], weight[k] + after[target[k]])
    return beta


@compiled
def beam(edges: Edges, grammar: Grammar, beta: Floats, width: int) -> Hypotheses:  # pragma: no cover - compiled
    """The likeliest texts: those that meet at a node in one state are summed, and the better path kept.

    At each node the `width` hypotheses stay through which most of the whole sum flows: what they have plus what
    `beta` (of `backward`) says is still to come.
    """
    first, symbol, target, weight = grammar.first, grammar.symbol, grammar.target, grammar.weight
    # Of hypothesis i: columns of `whole` are state, text (hashed), node, edge, symbol, previous.
    whole = np.empty((max(1 << 11, grammar.start.shape[0]), 6), np.int64)
    scores = np.empty((whole.shape[0], 2), np.float64)  # forward, Viterbi
    used = _begun(whole, scores, grammar.start)
    least = -np.inf
    for s in range(grammar.start.shape[0]):
        least = max(least, grammar.start[s] + beta[0, s] - _NEGLIGIBLE)
    at = 0
    kept = np.empty(0, np.int64)
    for node in range(edges.nodes):
        kept = _gathered(whole, scores, used, node, beta, width)
        if node == edges.point:
            for i in kept:
                for k in range(first[whole[i, 0]], first[whole[i, 0] + 1]):
                    if symbol[k] == _POINT:
                        whole[i, 0] = target[k]
                        break
        while at < edges.starts.shape[0] and edges.starts[at] == node:
            edge, end = at, edges.ends[at]
            at += 1
            for i in kept:
                low, high = first[whole[i, 0]], first[whole[i, 0] + 1]
                if used + high - low + 1 >= whole.shape[0]:
                    whole, scores = doubled(whole), doubled(scores)
                for k in range(low, high + 1):  # the last one is noise
                    state = whole[i, 0] if k == high else target[k]
                    taken = _NOISE if k == high else symbol[k]
                    gain = edges.table[edge, taken] + (0.0 if k == high else weight[k])
                    if not scores[i, 0] + gain + beta[end, state] > least:
                        continue
                    text = whole[i, 1] if k == high else whole[i, 1] * 1000003 + taken + 7
                    whole[used, 0], whole[used, 1], whole[used, 2] = state, text, end
                    whole[used, 3], whole[used, 4], whole[used, 5] = edge, taken, i
                    scores[used, 0], scores[used, 1] = scores[i, 0] + gain, scores[i, 1] + gain
                    used += 1
    for i in kept:
        scores[i, 0] += grammar.final[whole[i, 0]]
        scores[i, 1] += grammar.final[whole[i, 0]]
    return Hypotheses(scores[:, 0], scores[:, 1], whole[:, 3], whole[:, 4], whole[:, 5], kept)


@compiled
def _begun(whole: Ints, scores: Floats, start: Floats) -> int:  # pragma: no cover - compiled
    """An empty text in each state where one may begin; how many there are."""
    used = 0
    for s in range(start.shape[0]):
        if start[s] > -np.inf:
            whole[used, 0], whole[used, 1], whole[used, 2] = s, 1, 0
            whole[used, 3], whole[used, 4], whole[used, 5] = -1, -1, -1
            scores[used, 0], scores[used, 1] = start[s], start[s]
            used += 1
    return used


@compiled
def _gathered(
    whole: Ints, scores: Floats, used: int, node: int, beta: Floats, width: int
) -> Ints:  # pragma: no cover - compiled
    """What has arrived at `node`: equal texts in equal states summed, and the `width` most promising of them."""
    apart = np.empty(used, np.int64)
    count = 0
    for i in range(used):
        if whole[i, 2] != node:
            continue
        twin = -1
        for j in range(count):
            if whole[apart[j], 0] == whole[i, 0] and whole[apart[j], 1] == whole[i, 1]:
                twin = apart[j]
                break
        if twin < 0:
            apart[count] = i
            count += 1
        else:
            scores[twin, 0] = _logadd(scores[twin, 0], scores[i, 0])
            if scores[i, 1] > scores[twin, 1]:
                scores[twin, 1] = scores[i, 1]
                for column in range(3, 6):
                    whole[twin, column] = whole[i, column]
    best = np.empty(min(width, count), np.int64)
    for rank in range(best.shape[0]):
        top = rank
        for j in range(rank + 1, count):
            promise = scores[apart[j], 0] + beta[node, whole[apart[j], 0]]
            if promise > scores[apart[top], 0] + beta[node, whole[apart[top], 0]]:
                top = j
        apart[rank], apart[top] = apart[top], apart[rank]
        best[rank] = apart[rank]
    return best


@compiled
def doubled(rows: Any) -> Any:  # pragma: no cover - compiled
    """The rows in the first half of an array; a slice assigned to would take numba a second to compile."""
    larger = np.empty((2 * rows.shape[0], rows.shape[1]), rows.dtype)
    for i in range(rows.shape[0]):
        for column in range(rows.shape[1]):
            larger[i, column] = rows[i, column]
    return larger
