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
LARGEST, SMALLEST = 1e280, 1e-280
"""The likeliest cell of a node or frame is scaled to the one; what is then below the other, 1,289 nats less, is
impossible."""
_NEGLIGIBLE = 12.0
"""A text through which less than exp(-12) of the whole sum flows is not followed."""
_BUCKETS = 128
"""Of texts that may be equal."""


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
    tells of what comes after the point. Sums are kept as multiples of a scale per node (Rabiner 1989, section V A), so
    that no logarithm is taken in a loop.
    """
    first, symbol, target = grammar.first, grammar.symbol, grammar.target
    states, symbols = grammar.start.shape[0], edges.table.shape[1]
    weight = np.empty(symbol.shape[0], np.float64)
    for k in range(weight.shape[0]):
        weight[k] = np.exp(grammar.weight[k])
    sums = np.empty((edges.nodes, states), np.float64)
    logs = np.empty(edges.nodes, np.float64)  # of the scales
    after, gain = np.empty(states, np.float64), np.empty(symbols, np.float64)
    at = edges.starts.shape[0]
    for node in range(edges.nodes - 1, -1, -1):
        is_last = node == edges.nodes - 1
        for s in range(states):
            sums[node, s] = np.exp(grammar.final[s]) * LARGEST if is_last else 0.0
        logs[node] = -np.log(LARGEST) if is_last else -np.inf
        end_of_own = at
        while at > 0 and edges.starts[at - 1] == node:
            at -= 1
            for c in range(symbols):
                logs[node] = max(logs[node], edges.table[at, c] + logs[edges.ends[at]])
        if logs[node] == -np.inf:
            continue
        for edge in range(end_of_own - 1, at - 1, -1):
            ahead = sums[edges.ends[edge]]
            for c in range(symbols):
                gain[c] = np.exp(edges.table[edge, c] + logs[edges.ends[edge]] - logs[node])
            for s in range(states):
                total = gain[_NOISE] * ahead[s]
                for k in range(first[s], first[s + 1]):
                    total += gain[symbol[k]] * weight[k] * ahead[target[k]]
                sums[node, s] += total
        if node == edges.point:
            for s in range(states):
                after[s], sums[node, s] = sums[node, s], 0.0
            for s in range(states):
                for k in range(first[s], first[s + 1]):
                    if symbol[k] == _POINT:
                        sums[node, s] += weight[k] * after[target[k]]
        largest = 0.0
        for s in range(states):
            largest = max(largest, sums[node, s])
        if largest == 0.0:
            logs[node] = -np.inf
            continue
        scaled(sums[node], LARGEST / largest)
        logs[node] += np.log(largest / LARGEST)
    for node in range(edges.nodes):
        for s in range(states):
            sums[node, s] = np.log(sums[node, s]) + logs[node] if sums[node, s] > 0.0 else -np.inf
    return sums


@compiled
def scaled(row: Floats, factor: float) -> None:  # pragma: no cover - compiled
    for i in range(row.shape[0]):
        row[i] *= factor
        if row[i] < SMALLEST:
            row[i] = 0.0


@compiled
def beam(edges: Edges, grammar: Grammar, beta: Floats, width: int) -> Hypotheses:  # pragma: no cover - compiled
    """The likeliest texts: those that meet at a node in one state are summed, and the better path kept.

    At each node the `width` hypotheses stay through which most of the whole sum flows: what they have plus what
    `beta` (of `backward`) says is still to come.
    """
    first, symbol, target, weight = grammar.first, grammar.symbol, grammar.target, grammar.weight
    # Of hypothesis i: columns of `whole` are state, text (hashed), node, edge, symbol, previous, and of those in the
    # same bucket the one before.
    whole = np.empty((max(1 << 10, grammar.start.shape[0]), 7), np.int64)
    scores = np.empty((whole.shape[0], 2), np.float64)  # forward, Viterbi
    used = _begun(whole, scores, grammar.start)
    least = -np.inf
    for s in range(grammar.start.shape[0]):
        least = max(least, grammar.start[s] + beta[0, s] - _NEGLIGIBLE)
    at = 0
    kept = np.empty(0, np.int64)
    for node in range(edges.nodes):
        kept = _gathered(whole, scores, used, node, beta[node], width)
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
def paths(found: Hypotheses, most: int) -> Ints:  # pragma: no cover - compiled
    """(ends, most): the hypotheses that each text grew through, from the last one back, then -1."""
    through = np.empty((found.ends.shape[0], most), np.int64)
    for k in range(through.shape[0]):
        here = found.ends[k]
        for i in range(most):
            if here >= 0 and found.previous[here] < 0:
                here = -1
            through[k, i] = here
            if here >= 0:
                here = found.previous[here]
    return through


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
    """What has arrived at `node`: equal texts in equal states summed, and the `width` most promising of them; `beta`
    (states,) is that of the node."""
    apart, promise = np.empty(used, np.int64), np.empty(used, np.float64)
    latest = np.empty(_BUCKETS, np.int64)
    for bucket in range(_BUCKETS):
        latest[bucket] = -1
    count = 0
    for i in range(used):
        if whole[i, 2] != node:
            continue
        bucket = whole[i, 1] % _BUCKETS
        twin = latest[bucket]
        while twin >= 0 and (whole[twin, 0] != whole[i, 0] or whole[twin, 1] != whole[i, 1]):
            twin = whole[twin, 6]
        if twin < 0:
            apart[count] = i
            count += 1
            whole[i, 6] = latest[bucket]
            latest[bucket] = i
        else:
            scores[twin, 0] = _logadd(scores[twin, 0], scores[i, 0])
            if scores[i, 1] > scores[twin, 1]:
                scores[twin, 1] = scores[i, 1]
                for column in range(3, 6):
                    whole[twin, column] = whole[i, column]
    for j in range(count):
        promise[j] = scores[apart[j], 0] + beta[whole[apart[j], 0]]
    best = np.empty(min(width, count), np.int64)
    for rank in range(best.shape[0]):
        top = rank
        for j in range(rank + 1, count):
            if promise[j] > promise[top]:
                top = j
        apart[rank], apart[top] = apart[top], apart[rank]
        promise[rank], promise[top] = promise[top], promise[rank]
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
