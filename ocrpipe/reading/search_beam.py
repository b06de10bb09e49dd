"""The beam over a lattice, compiled: it follows the best texts from the left.

What a text has is summed with what `search` says is still to come.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ocrpipe.compiled import compiled
from ocrpipe.reading.search import NEGLIGIBLE, Bundles, Edges, Floats, Grammar, Ints, Texts, doubled, sums_ahead
from ocrpipe.reading.symbols import NOISE, SCRIBBLE, SYMBOLS

_NOISE = SYMBOLS.index(NOISE)
_POINT = SYMBOLS.index(".")
_SCRIBBLE = SYMBOLS.index(SCRIBBLE)
_BUCKETS = 128
"""Of texts that may be equal."""


class Seen(NamedTuple):
    """Texts that obey a grammar, as a lattice spells them, likeliest first but for what `final` adds: of text i, with
    lengths[i] symbols, the forward and Viterbi score and on the better path the edge of each symbol (-1: of a point
    that is printed). `total` is the log of the sum over all texts, `anything` that over all strings without scribble,
    `blank` what it has that all pieces are dirt. Nats."""

    texts: Texts
    lengths: Ints
    score: Floats
    best: Floats
    edge: Ints
    total: float
    anything: float
    blank: float


class _Hypotheses(NamedTuple):
    """Texts under way: forward and Viterbi scores, and where the better path came from; `ends` are those
    that reach the last node."""

    score: Floats
    best: Floats
    edge: Ints
    symbol: Ints
    previous: Ints
    ends: Ints


@compiled
def seen(edges: Edges, grammar: Grammar, bundles: Bundles, width: int) -> Seen:  # pragma: no cover - compiled
    """The likeliest texts of a lattice, at most `width` at a node. They are not merged where they end in several
    states."""
    beta = sums_ahead(edges, grammar, bundles)
    largest, whole = -np.inf, 0.0
    for s in range(grammar.start.shape[0]):
        largest = max(largest, grammar.start[s] + beta[0, s])
    if largest > -np.inf:
        for s in range(grammar.start.shape[0]):
            whole += np.exp(grammar.start[s] + beta[0, s] - largest)
    hypotheses = _followed(edges, grammar, bundles, beta, largest - NEGLIGIBLE, width)
    ends = hypotheses.ends
    score, best = np.empty(ends.shape[0], np.float64), np.empty(ends.shape[0], np.float64)
    for i in range(ends.shape[0]):
        score[i], best[i] = hypotheses.score[ends[i]], hypotheses.best[ends[i]]
    texts, lengths, edge = _spelt(hypotheses, edges)
    total = largest + np.log(whole) if whole > 0.0 else -np.inf
    return Seen(texts, lengths, score, best, edge, total, _anything(edges), _blank(edges))


@compiled
def _anything(edges: Edges) -> float:  # pragma: no cover - compiled
    """Log of the sum over all paths and all symbols but scribble."""
    ahead = np.empty(edges.nodes, np.float64)
    ahead[edges.nodes - 1] = 0.0
    at = edges.starts.shape[0]
    for node in range(edges.nodes - 2, -1, -1):
        largest, whole, end_of_own = -np.inf, 0.0, at
        while at > 0 and edges.starts[at - 1] == node:
            at -= 1
            for c in range(edges.table.shape[1]):
                if c != _SCRIBBLE:
                    largest = max(largest, edges.table[at, c] + ahead[edges.ends[at]])
        if largest > -np.inf:
            for edge in range(at, end_of_own):
                for c in range(edges.table.shape[1]):
                    if c != _SCRIBBLE:
                        whole += np.exp(edges.table[edge, c] + ahead[edges.ends[edge]] - largest)
        ahead[node] = largest + np.log(whole) if whole > 0.0 else -np.inf
    return float(ahead[0])


@compiled
def _blank(edges: Edges) -> float:  # pragma: no cover - compiled
    """All pieces are dirt; -inf where not every piece is an edge by itself."""
    count, whole = 0, 0.0
    for edge in range(edges.starts.shape[0]):
        if edges.ends[edge] - edges.starts[edge] == 1:
            count += 1
            whole += edges.table[edge, _NOISE]
    return whole if count == edges.nodes - 1 else -np.inf


@compiled
def _followed(
    edges: Edges, grammar: Grammar, bundles: Bundles, beta: Floats, least: float, width: int
) -> _Hypotheses:  # pragma: no cover - compiled
    """The likeliest texts: those that meet at a node in one state are summed, and the better path kept.

    At each node the `width` hypotheses stay through which most of the whole sum flows: what they have plus what
    `beta` (of `backward`) says is still to come.
    """
    first, symbol, target, weight = grammar.first, grammar.symbol, grammar.target, grammar.weight
    # Of hypothesis i: columns of `whole` are state, text (hashed), the next one at the same node, edge, symbol,
    # previous, and of those in the same bucket the one before.
    whole = np.empty((max(1 << 10, grammar.start.shape[0]), 7), np.int64)
    scores = np.empty((whole.shape[0], 2), np.float64)  # forward, Viterbi
    queues = np.empty((edges.nodes, 2), np.int64)  # the first hypothesis at a node and the last
    for node in range(edges.nodes):
        queues[node, 0], queues[node, 1] = -1, -1
    used = _begun(whole, scores, queues, grammar.start)
    likeliest = np.empty(bundles.masks.shape[0], np.float64)  # of the symbols of a set
    at = 0
    kept = np.empty(0, np.int64)
    for node in range(edges.nodes):
        kept = _gathered(whole, scores, queues[node, 0], beta[node], width)
        if node == edges.point:
            for i in kept:
                for k in range(first[whole[i, 0]], first[whole[i, 0] + 1]):
                    if symbol[k] == _POINT:
                        whole[i, 0] = target[k]
                        break
        while at < edges.starts.shape[0] and edges.starts[at] == node:
            edge, end = at, edges.ends[at]
            at += 1
            for c in range(likeliest.shape[0]):
                likeliest[c] = -np.inf
                for s in range(edges.table.shape[1]):
                    if bundles.masks[c] >> s & 1:
                        likeliest[c] = max(likeliest[c], edges.table[edge, s])
            for i in kept:
                state, text = whole[i, 0], whole[i, 1]
                if used + first[state + 1] - first[state] + 1 >= whole.shape[0]:
                    whole, scores = doubled(whole), doubled(scores)
                forward, viterbi = scores[i, 0], scores[i, 1]
                for b in range(bundles.first[state], bundles.first[state + 1]):
                    ahead = bundles.weight[b] + beta[end, bundles.target[b]]
                    if not forward + likeliest[bundles.choice[b]] + ahead > least:
                        continue
                    for k in range(bundles.move[b], bundles.move[b + 1]):
                        gain = edges.table[edge, symbol[k]] + weight[k]
                        if forward + gain + beta[end, target[k]] > least:
                            whole[used, 0], whole[used, 1] = target[k], text * 1000003 + symbol[k] + 7
                            whole[used, 3], whole[used, 4], whole[used, 5] = edge, symbol[k], i
                            scores[used, 0], scores[used, 1] = forward + gain, viterbi + gain
                            _queued(whole, queues, used, end)
                            used += 1
                gain = edges.table[edge, _NOISE]
                if forward + gain + beta[end, state] > least:
                    whole[used, 0], whole[used, 1] = state, text
                    whole[used, 3], whole[used, 4], whole[used, 5] = edge, _NOISE, i
                    scores[used, 0], scores[used, 1] = forward + gain, viterbi + gain
                    _queued(whole, queues, used, end)
                    used += 1
    for i in kept:
        scores[i, 0] += grammar.final[whole[i, 0]]
        scores[i, 1] += grammar.final[whole[i, 0]]
    return _Hypotheses(scores[:, 0], scores[:, 1], whole[:, 3], whole[:, 4], whole[:, 5], kept)


@compiled
def _begun(whole: Ints, scores: Floats, queues: Ints, start: Floats) -> int:  # pragma: no cover - compiled
    """An empty text in each state where one may begin, all at the first node; how many there are."""
    used = 0
    for s in range(start.shape[0]):
        if start[s] > -np.inf:
            whole[used, 0], whole[used, 1], whole[used, 2] = s, 1, used + 1
            whole[used, 3], whole[used, 4], whole[used, 5] = -1, -1, -1
            scores[used, 0], scores[used, 1] = start[s], start[s]
            used += 1
    if used > 0:
        whole[used - 1, 2] = -1
        queues[0, 0], queues[0, 1] = 0, used - 1
    return used


@compiled
def _queued(whole: Ints, queues: Ints, new: int, node: int) -> None:  # pragma: no cover - compiled
    """Hypothesis `new` is the last that arrives at `node`."""
    whole[new, 2] = -1
    if queues[node, 0] < 0:
        queues[node, 0] = new
    else:
        whole[queues[node, 1], 2] = new
    queues[node, 1] = new


@compiled
def _gathered(whole: Ints, scores: Floats, queue: int, beta: Floats, width: int) -> Ints:  # pragma: no cover - compiled
    """What has arrived at a node, from hypothesis `queue` on: equal texts in equal states summed, and the `width` most
    promising of them, best first; `beta` (states,) is that of the node."""
    apart, latest = np.empty(whole.shape[0], np.int64), np.empty(_BUCKETS, np.int64)
    for bucket in range(_BUCKETS):
        latest[bucket] = -1
    count, i = 0, queue
    while i >= 0:
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
        i = whole[i, 2]
    kept = 0
    best, promise = np.empty(min(width, count), np.int64), np.empty(min(width, count), np.float64)
    for j in range(count):
        new = scores[apart[j], 0] + beta[whole[apart[j], 0]]
        if kept == width and not new > promise[kept - 1]:
            continue
        kept = min(kept + 1, width)
        place = kept - 1
        while place > 0 and promise[place - 1] < new:
            best[place], promise[place] = best[place - 1], promise[place - 1]
            place -= 1
        best[place], promise[place] = apart[j], new
    return best


@compiled
def _logadd(a: float, b: float) -> float:  # pragma: no cover - compiled
    if a < b:
        a, b = b, a
    if b == -np.inf:
        return a
    return float(a + np.log1p(np.exp(b - a)))


@compiled
def _spelt(found: _Hypotheses, edges: Edges) -> tuple[Texts, Ints, Ints]:  # pragma: no cover - compiled
    """The texts of `ends`, with the point that the form prints before some edges; their lengths; and the edges."""
    count = found.ends.shape[0]
    texts, edge = np.empty((count, edges.nodes), np.uint8), np.empty((count, edges.nodes), np.int64)
    lengths = np.empty(count, np.int64)
    for i in range(count):
        length, here = 0, found.ends[i]
        while found.previous[here] >= 0:  # from the right
            if found.symbol[here] != _NOISE:
                texts[i, length], edge[i, length] = found.symbol[here], found.edge[here]
                length += 1
            if edges.starts[found.edge[here]] == edges.point:
                texts[i, length], edge[i, length] = _POINT, -1
                length += 1
            here = found.previous[here]
        for left in range(length // 2):
            right = length - 1 - left
            texts[i, left], texts[i, right] = texts[i, right], texts[i, left]
            edge[i, left], edge[i, right] = edge[i, right], edge[i, left]
        lengths[i] = length
    return texts, lengths, edge
