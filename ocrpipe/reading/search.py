"""Sums over all paths through a lattice, compiled: under a grammar, and of given texts.

A node and a state of the grammar make a cell. Nothing here knows what the symbols mean, except noise, which spells
nothing, and the point, which a form may print between cells. Sums run from the right and are kept as multiples of a
scale per node (Rabiner 1989, section V A), so that no logarithm is taken in a loop.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ocrpipe.compiled import compiled
from ocrpipe.reading.symbols import NOISE, SYMBOLS

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Texts = NDArray[np.uint8]
"""(N, longest): a text in each row, as indices of `SYMBOLS`; what is behind its last symbol means nothing."""

_NOISE = SYMBOLS.index(NOISE)
_POINT = SYMBOLS.index(".")
LARGEST, SMALLEST = 1e280, 1e-280
"""The likeliest cell of a node or frame is scaled to the one; what is then below the other, 1,289 nats less, is
impossible."""
NEGLIGIBLE = 12.0
"""A step through which less than exp(-12) of the whole sum flows is not taken."""
_NEGLIGIBLE = float(np.exp(-NEGLIGIBLE))


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


class Bundles(NamedTuple):
    """Moves that differ in their symbol alone, as those of any digit do, taken together. Bundles of state s are
    first[s] … first[s + 1] - 1; bundle b has the moves move[b] … move[b + 1] - 1 of the grammar, each at weight[b]
    nats, prob[b] as a probability. Its symbols are the bits of masks[choice[b]]; different sets are few."""

    first: Ints
    move: Ints
    choice: Ints
    target: Ints
    weight: Floats
    prob: Floats
    masks: Ints


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


@compiled
def bundled(grammar: Grammar) -> Bundles:  # pragma: no cover - compiled
    states, moves = grammar.start.shape[0], grammar.symbol.shape[0]
    first, move = np.empty(states + 1, np.int64), np.empty(moves + 1, np.int64)
    choice, target, weight = np.empty(moves, np.int64), np.empty(moves, np.int64), np.empty(moves, np.float64)
    prob, masks = np.empty(moves, np.float64), np.empty(moves, np.int64)
    count, sets = 0, 0
    for s in range(states):
        first[s] = count
        k = grammar.first[s]
        while k < grammar.first[s + 1]:
            move[count], target[count], weight[count] = k, grammar.target[k], grammar.weight[k]
            prob[count], mask = np.exp(weight[count]), 0
            while (
                k < grammar.first[s + 1]
                and grammar.target[k] == target[count]
                and grammar.weight[k] == weight[count]
                and not mask >> grammar.symbol[k] & 1
            ):
                mask |= 1 << grammar.symbol[k]
                k += 1
            same = 0
            while same < sets and masks[same] != mask:
                same += 1
            masks[same], choice[count] = mask, same
            sets = max(sets, same + 1)
            count += 1
    first[states], move[count] = count, moves
    return Bundles(first, move, choice, target, weight, prob, masks[:sets])


@compiled
def backward(edges: Edges, grammar: Grammar) -> Floats:  # pragma: no cover - compiled
    """(nodes, states): log of the sum over all ways to go on from a node in a state and to end well.

    At [0, s] it is the sum over all paths and texts that begin in state s. Where a point is printed, a node's row
    tells of what comes after the point.
    """
    return sums_ahead(edges, grammar, bundled(grammar))


@compiled
def sums_ahead(edges: Edges, grammar: Grammar, bundles: Bundles) -> Floats:  # pragma: no cover - compiled
    """What `backward` says, of a grammar whose moves are bundled."""
    states, symbols = grammar.start.shape[0], edges.table.shape[1]
    sums = np.empty((edges.nodes, states), np.float64)
    logs = np.empty(edges.nodes, np.float64)  # of the scales
    after, gain = np.empty(states, np.float64), np.empty(symbols, np.float64)
    chosen = np.empty(bundles.masks.shape[0], np.float64)  # gains, summed over the symbols of a set
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
            for i in range(chosen.shape[0]):
                chosen[i] = 0.0
                for c in range(symbols):
                    if bundles.masks[i] >> c & 1:
                        chosen[i] += gain[c]
            for s in range(states):
                total = gain[_NOISE] * ahead[s]
                for b in range(bundles.first[s], bundles.first[s + 1]):
                    total += chosen[bundles.choice[b]] * bundles.prob[b] * ahead[bundles.target[b]]
                sums[node, s] += total
        if node == edges.point:
            for s in range(states):
                after[s], sums[node, s] = sums[node, s], 0.0
            for s in range(states):
                for k in range(grammar.first[s], grammar.first[s + 1]):
                    if grammar.symbol[k] == _POINT:
                        sums[node, s] += np.exp(grammar.weight[k]) * after[grammar.target[k]]
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
def spelling(edges: Edges, texts: Texts, lengths: Ints) -> Floats:  # pragma: no cover - compiled
    """(N,): log of the sum over the paths that spell each of the `texts`, but for steps through which a negligible
    share of it flows: a text has what the beam would have found for it.

    Of one text, a state is how many of its symbols have been spelt. From the right, the sums ahead; then from the left,
    what share of the whole flows where.
    """
    count, symbols = edges.table.shape
    gain, peak = np.empty((count, symbols), np.float64), np.empty(count, np.float64)
    for edge in range(count):
        peak[edge] = -np.inf
        for c in range(symbols):
            peak[edge] = max(peak[edge], edges.table[edge, c])
        for c in range(symbols):
            gain[edge, c] = np.exp(edges.table[edge, c] - peak[edge])
    last, width = edges.nodes - 1, texts.shape[1] + 1
    sums, share = np.empty((edges.nodes, width), np.float64), np.empty((edges.nodes, width), np.float64)
    logs, ratio = np.empty(edges.nodes, np.float64), np.empty(count, np.float64)  # of the scales; of an edge's two
    found = np.empty(texts.shape[0], np.float64)
    for i in range(texts.shape[0]):
        text, length, at = texts[i], lengths[i], count
        for node in range(last, -1, -1):
            for spelt in range(length + 1):
                sums[node, spelt] = LARGEST if node == last and spelt == length else 0.0
                share[node, spelt] = 1.0 if node == 0 and spelt == 0 else 0.0
            logs[node] = -np.log(LARGEST) if node == last else -np.inf
            end_of_own = at
            while at > 0 and edges.starts[at - 1] == node:
                at -= 1
                logs[node] = max(logs[node], peak[at] + logs[edges.ends[at]])
            if logs[node] == -np.inf:
                continue
            for edge in range(at, end_of_own):
                ahead, gains = sums[edges.ends[edge]], gain[edge]
                ratio[edge] = np.exp(peak[edge] + logs[edges.ends[edge]] - logs[node])
                for spelt in range(length + 1):
                    ways = gains[_NOISE] * ahead[spelt]
                    if spelt < length:
                        ways += gains[text[spelt]] * ahead[spelt + 1]
                    sums[node, spelt] += ratio[edge] * ways
            largest = 0.0
            for spelt in range(length + 1):
                if node == edges.point:  # from the left: what stands right is still from before the point
                    goes_on = spelt < length and text[spelt] == _POINT
                    sums[node, spelt] = sums[node, spelt + 1] if goes_on else 0.0
                largest = max(largest, sums[node, spelt])
            if largest == 0.0:
                logs[node] = -np.inf
                continue
            for spelt in range(length + 1):
                sums[node, spelt] *= LARGEST / largest
                if sums[node, spelt] < SMALLEST:
                    sums[node, spelt] = 0.0
            for edge in range(at, end_of_own):
                ratio[edge] *= LARGEST / largest
            logs[node] += np.log(largest / LARGEST)
        found[i] = -np.inf
        if logs[0] == -np.inf or sums[0, 0] == 0.0:
            continue
        for edge in range(count):
            node, end = edges.starts[edge], edges.ends[edge]
            for spelt in range(length + 1):
                if share[node, spelt] > 0.0:
                    here = share[node, spelt] / sums[node, spelt] * ratio[edge]
                    after = spelt + 1 if node == edges.point else spelt
                    stays = here * gain[edge, _NOISE] * sums[end, after]
                    if stays > _NEGLIGIBLE:
                        share[end, after] += stays
                    if after < length:
                        goes = here * gain[edge, text[after]] * sums[end, after + 1]
                        if goes > _NEGLIGIBLE:
                            share[end, after + 1] += goes
        flown = share[last, length - 1 if edges.point == last else length]
        if flown > 0.0:
            found[i] = np.log(sums[0, 0]) + logs[0] + np.log(flown)
    return found


@compiled
def scaled(row: Floats, factor: float) -> None:  # pragma: no cover - compiled
    for i in range(row.shape[0]):
        row[i] *= factor
        if row[i] < SMALLEST:
            row[i] = 0.0


@compiled
def doubled(rows: Any) -> Any:  # pragma: no cover - compiled
    """The rows in the first half of an array; a slice assigned to would take numba a second to compile."""
    larger = np.empty((2 * rows.shape[0], rows.shape[1]), rows.dtype)
    for i in range(rows.shape[0]):
        for column in range(rows.shape[1]):
            larger[i, column] = rows[i, column]
    return larger
