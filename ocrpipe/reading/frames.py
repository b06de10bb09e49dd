"""The texts that a swept net sees, frame by frame, compiled: what is still to come, from the right, and the beam that
follows the best texts, from the left.

In every frame the net names a symbol or the blank. A text is what stays when symbols that repeat are taken once and
blanks are dropped; its probability is the sum over all its alignments (Graves et al. 2006, "Connectionist temporal
classification", ICML), here times that of its ways through a weighted automaton. The beam keeps for each beginning of
a text what ends in a blank apart from what ends in its last symbol (Hannun et al. 2014, arXiv:1408.2873).

A frame in which the automaton stands in a state, after a blank or after one of the symbols that lead there (an
arrival), makes a cell. Sums over what is to come are kept as multiples of a scale per frame (Rabiner 1989, section
V A), so that no logarithm is taken in a loop. Nothing here knows what the symbols mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ocrpipe.compiled import compiled
from ocrpipe.reading.search import Floats, Grammar, Ints
from ocrpipe.reading.symbols import NOISE, SYMBOLS

BLANK = SYMBOLS.index(NOISE)
"""The last column. What the lattice calls noise, a frame calls blank: both spell nothing."""

_NEGLIGIBLE = float(np.exp(-10.0))
"""A step through which less flows than this share of what the likeliest text holds is not followed."""
_LARGEST, _SMALLEST = 1e280, 1e-280
"""The likeliest cell of a frame is scaled to the one; what is then below the other, 1,289 nats less, is impossible."""
_EXACT = 1e-3
"""A difference smaller than this share of its terms is summed anew: it would be rounding."""


class Arrivals(NamedTuple):
    """How states are reached: arrival i is symbol[i] leading to state[i]. Those of state s are first[s] …
    first[s + 1] - 1; move k of the grammar makes arrival of_move[k]."""

    first: Ints
    state: Ints
    symbol: Ints
    of_move: Ints


class Ahead(NamedTuple):
    """Sums over all ways to go on from frame t of T and to end well: after_blank[t, s] in state s behind a blank (or
    at the beginning), (T + 1, states); after_symbol[t, i] behind arrival i, (T + 1, arrivals). Both are scaled:
    row t stands for itself times the product of scale[t:], (T,). `total` is the log of the sum over everything."""

    after_blank: Floats
    after_symbol: Floats
    scale: Floats
    total: float


class Texts(NamedTuple):
    """Beginnings of texts as a tree: text i is text parent[i] and symbol[i]; text 0 is empty. Those of `ends` reach
    the last frame, once for each state that they reach it in."""

    parent: Ints
    symbol: Ints
    ends: Ints


def texts(log_prob: NDArray[np.floating[Any]], grammar: Grammar, width: int) -> list[tuple[tuple[int, ...], float]]:
    """The likeliest texts that obey the grammar, best first: symbols (indices of `SYMBOLS`) and the log of the sum
    over all alignments and all ways through the automaton, in nats.

    `log_prob`: (T, 18), nats, at most 0, the blank last. Of all beginnings in all states, the `width` are followed
    through which most of the whole sum flows, so that none ends where the grammar cannot. The beam chooses the texts;
    their sums are exact, and posteriors over `total`.
    """
    prob, arrivals = _probabilities(log_prob), _arrivals(grammar)
    ahead = _look_ahead(prob, grammar, arrivals)
    if ahead.total == -np.inf:
        return []
    tree = _follow(prob, grammar, arrivals, ahead, width)
    found = [_spelt(tree, end) for end in np.unique(tree.ends).tolist()]
    scored = [(tuple(text.tolist()), float(_forward(prob, text) + _allowed(grammar, text))) for text in found]
    return sorted(scored, key=lambda item: -item[1])


def total(log_prob: NDArray[np.floating[Any]], grammar: Grammar) -> float:
    """Log of the sum over all texts of the grammar, all their alignments and all ways through the automaton, in nats.

    `log_prob` as in `texts`. Exact; -inf where no text of the grammar fits into the frames.
    """
    return float(_look_ahead(_probabilities(log_prob), grammar, _arrivals(grammar)).total)


def score(log_prob: NDArray[np.floating[Any]], symbols: Sequence[int]) -> float:
    """Log of the sum over all alignments of one text (indices of `SYMBOLS`, none of them the blank), in nats.

    `log_prob` as in `texts`. -inf where the text does not fit into the frames.

    >>> frames = np.log(np.full((2, len(SYMBOLS)), 0.5))
    >>> [round(float(np.exp(score(frames, text))), 2) for text in ([1], [1, 2], [1, 1])]
    [0.75, 0.25, 0.0]
    """
    return float(_forward(_probabilities(log_prob), np.array(symbols, np.int64)))


def _probabilities(log_prob: NDArray[np.floating[Any]]) -> Floats:
    return np.exp(np.ascontiguousarray(log_prob, np.float64))


def _spelt(tree: Texts, text: int) -> Ints:
    symbols = []
    while text:
        symbols.append(int(tree.symbol[text]))
        text = int(tree.parent[text])
    return np.array(symbols[::-1], np.int64)


@compiled
def _forward(prob: Floats, symbols: Ints) -> float:  # pragma: no cover - compiled
    """Graves et al. 2006, section 4.1: alpha over the text with a blank before, between and behind its symbols."""
    places = 2 * symbols.shape[0] + 1
    alpha = np.zeros(places)
    alpha[0] = _LARGEST
    logs = -np.log(_LARGEST)
    for t in range(prob.shape[0]):
        largest = 0.0
        for u in range(places - 1, -1, -1):  # from the right: what stands left is still of the frame before
            here = alpha[u]
            if u > 0:
                here += alpha[u - 1]
            if u > 2 and u % 2 == 1 and symbols[u // 2] != symbols[u // 2 - 1]:
                here += alpha[u - 2]
            alpha[u] = here * prob[t, BLANK if u % 2 == 0 else symbols[u // 2]]
            largest = max(largest, alpha[u])
        scale = largest / _LARGEST
        if scale < _SMALLEST:
            return -np.inf
        _scaled(alpha, 1 / scale)
        logs += np.log(scale)
    return float(np.log(alpha[-2:].sum()) + logs)


@compiled
def _allowed(grammar: Grammar, symbols: Ints) -> float:  # pragma: no cover - compiled
    """Log of the sum over all ways of a text through the automaton."""
    here = np.exp(grammar.start)
    for sign in symbols:
        there = np.zeros(here.shape[0])
        for s in range(here.shape[0]):
            if here[s] > 0:
                for k in range(grammar.first[s], grammar.first[s + 1]):
                    if grammar.symbol[k] == sign:
                        there[grammar.target[k]] += here[s] * np.exp(grammar.weight[k])
        here = there
    return float(np.log((here * np.exp(grammar.final)).sum()))


@compiled
def _arrivals(grammar: Grammar) -> Arrivals:  # pragma: no cover - compiled
    states, moves = grammar.start.shape[0], grammar.symbol.shape[0]
    number = np.full((states, BLANK), -1, np.int64)
    for k in range(moves):
        number[grammar.target[k], grammar.symbol[k]] = 0
    first = np.zeros(states + 1, np.int64)
    state, symbol = np.empty(moves, np.int64), np.empty(moves, np.int64)
    count = 0
    for s in range(states):
        for c in range(BLANK):
            if number[s, c] == 0:
                number[s, c] = count
                state[count], symbol[count] = s, c
                count += 1
        first[s + 1] = count
    of_move = np.empty(moves, np.int64)
    for k in range(moves):
        of_move[k] = number[grammar.target[k], grammar.symbol[k]]
    return Arrivals(first, state[:count], symbol[:count], of_move)


@compiled
def _look_ahead(prob: Floats, grammar: Grammar, arrivals: Arrivals) -> Ahead:  # pragma: no cover - compiled
    """The backward pass, exact but for what scaling takes to be impossible. `prob`: (T, 18)."""
    frames, states, count = prob.shape[0], grammar.start.shape[0], arrivals.state.shape[0]
    weight = np.exp(grammar.weight)
    after_blank, after_symbol = np.zeros((frames + 1, states)), np.zeros((frames + 1, count))
    scale = np.ones(frames)
    for s in range(states):
        after_blank[frames, s] = np.exp(grammar.final[s]) * _LARGEST
        after_symbol[frames, arrivals.first[s] : arrivals.first[s + 1]] = after_blank[frames, s]
    named = np.empty(count)  # an arrival's symbol is named by the frame, and all is well after it
    spelling = np.zeros(BLANK)  # the same, summed over the moves from a state by their symbols
    logs = -np.log(_LARGEST)
    for t in range(frames - 1, -1, -1):
        for i in range(count):
            named[i] = prob[t, arrivals.symbol[i]] * after_symbol[t + 1, i]
        for s in range(states):
            waiting = prob[t, BLANK] * after_blank[t + 1, s]
            whole = waiting
            spelling[:] = 0.0
            for k in range(grammar.first[s], grammar.first[s + 1]):
                gain = weight[k] * named[arrivals.of_move[k]]
                spelling[grammar.symbol[k]] += gain
                whole += gain
            after_blank[t, s] = whole
            for i in range(arrivals.first[s], arrivals.first[s + 1]):  # the same symbol again is no new one
                others = whole - spelling[arrivals.symbol[i]]
                if others < _EXACT * whole:
                    others = waiting
                    for c in range(BLANK):
                        if c != arrivals.symbol[i]:
                            others += spelling[c]
                after_symbol[t, i] = others + named[i]
        scale[t] = max(after_blank[t].max(), after_symbol[t].max() if count else 0.0) / _LARGEST
        if scale[t] < _SMALLEST:
            return Ahead(after_blank, after_symbol, scale, -np.inf)
        _scaled(after_blank[t], 1 / scale[t])
        _scaled(after_symbol[t], 1 / scale[t])
        logs += np.log(scale[t])
    whole = (np.exp(grammar.start) * after_blank[0]).sum()
    return Ahead(after_blank, after_symbol, scale, np.log(whole) + logs if whole > 0 else -np.inf)


@compiled
def _scaled(row: Floats, factor: float) -> None:  # pragma: no cover - compiled
    for i in range(row.shape[0]):
        row[i] *= factor
        if row[i] < _SMALLEST:
            row[i] = 0.0


@compiled
def _follow(
    prob: Floats, grammar: Grammar, arrivals: Arrivals, ahead: Ahead, width: int
) -> Texts:  # pragma: no cover - compiled
    """The beam, in shares of the whole sum: a hypothesis holds what flows through it, and hands all of it on, in
    each frame, in the proportions that the look-ahead gives."""
    first, symbol, of_move, weight = grammar.first, grammar.symbol, arrivals.of_move, np.exp(grammar.weight)
    # Of text i: columns are parent, symbol, the last text that goes on from it, the text before with the same parent,
    # the last hypothesis with this text (perhaps of an earlier frame).
    tree = np.full((1 << 10, 5), -1, np.int64)
    grown = 1
    # Of hypothesis i: columns of `held` are state, text, arrival (-1: none yet), the one before with the same text;
    # of `share`: behind a blank, behind the last symbol.
    held, share, count = np.empty((1 << 8, 4), np.int64), np.empty((1 << 8, 2)), 0
    for s in range(grammar.start.shape[0]):
        begins = np.exp(grammar.start[s]) * ahead.after_blank[0, s]
        if begins > 0:
            held, share, i = _found(held, share, count, tree, s, 0, -1)
            count = max(count, i + 1)
            share[i, 0] = begins
    share[:count] /= share[:count].sum()
    count = _best(held, share, count, width)
    for t in range(prob.shape[0]):
        before, flow, arriving = held[:count].copy(), share[:count].copy(), 0
        least = (flow[:, 0] + flow[:, 1]).max() * _NEGLIGIBLE
        row = prob[t] / ahead.scale[t]
        for h in range(count):
            s, text, arrival, last = before[h, 0], before[h, 1], before[h, 2], -1
            behind_blank = behind_symbol = stays = 0.0
            if flow[h, 0] > 0:
                behind_blank = flow[h, 0] / ahead.after_blank[t, s]
            if flow[h, 1] > 0:
                behind_symbol = flow[h, 1] / ahead.after_symbol[t, arrival]
                last = arrivals.symbol[arrival]
                stays = behind_symbol * (row[last] * ahead.after_symbol[t + 1, arrival])
            waits = (behind_blank + behind_symbol) * (row[BLANK] * ahead.after_blank[t + 1, s])
            if waits + stays > least:
                held, share, i = _found(held, share, arriving, tree, s, text, arrival)
                arriving = max(arriving, i + 1)
                share[i, 0] += waits
                share[i, 1] += stays
            for k in range(first[s], first[s + 1]):
                onto = of_move[k]
                goes = behind_blank if symbol[k] == last else behind_blank + behind_symbol
                goes *= weight[k] * (row[symbol[k]] * ahead.after_symbol[t + 1, onto])
                if goes > least:
                    tree, child = _child(tree, grown, text, symbol[k])
                    grown = max(grown, child + 1)
                    held, share, i = _found(held, share, arriving, tree, arrivals.state[onto], child, onto)
                    arriving = max(arriving, i + 1)
                    share[i, 1] += goes
        count = _best(held, share, arriving, width)
    return Texts(tree[:, 0], tree[:, 1], held[:count, 1])


@compiled
def _found(
    held: Ints, share: Floats, count: int, tree: Ints, state: int, text: int, arrival: int
) -> tuple[Ints, Floats, int]:  # pragma: no cover - compiled
    """Where the hypothesis with this text in this state is, at the end where it is new; the store grows at need."""
    last = tree[text, 4]
    if last >= count or (last >= 0 and held[last, 1] != text):  # of an earlier frame
        last = -1
    i = last
    while i >= 0:
        if held[i, 0] == state:
            return held, share, i
        i = held[i, 3]
    if count == held.shape[0]:
        held, share = _doubled(held), _doubled(share)
    held[count, 0], held[count, 1], held[count, 2], held[count, 3] = state, text, arrival, last
    share[count] = 0.0
    tree[text, 4] = count
    return held, share, count


@compiled
def _child(tree: Ints, grown: int, text: int, symbol: int) -> tuple[Ints, int]:  # pragma: no cover - compiled
    """The text that goes on from `text` with `symbol`, at the end where it is new; the tree grows at need."""
    child = tree[text, 2]
    while child >= 0:
        if tree[child, 1] == symbol:
            return tree, child
        child = tree[child, 3]
    if grown == tree.shape[0]:
        tree = _doubled(tree)
    tree[grown, 0], tree[grown, 1], tree[grown, 2], tree[grown, 3], tree[grown, 4] = text, symbol, -1, tree[text, 2], -1
    tree[text, 2] = grown
    return tree, grown


@compiled
def _best(held: Ints, share: Floats, count: int, width: int) -> int:  # pragma: no cover - compiled
    """Brings the `width` hypotheses with the largest shares to the front; how many there are."""
    if count <= width:
        return count
    whole = np.empty(count)
    for i in range(count):
        whole[i] = share[i, 0] + share[i, 1]
    bar = _ranked(whole.copy(), count - width)
    kept, level = 0, width  # of those that reach the bar and no more, the first
    for i in range(count):
        level -= whole[i] > bar
    for i in range(count):
        if whole[i] > bar or (whole[i] == bar and level > 0):
            level -= whole[i] == bar
            for column in range(held.shape[1]):
                held[kept, column] = held[i, column]
            for column in range(share.shape[1]):
                share[kept, column] = share[i, column]
            kept += 1
    return kept


@compiled
def _ranked(values: Floats, rank: int) -> float:  # pragma: no cover - compiled
    """The value that has `rank` smaller ones, by Hoare's FIND (1961), which disorders `values`; numpy.partition would
    take numba 5 s to compile."""
    low, high = 0, values.shape[0] - 1
    while low < high:
        pivot, left, right = values[rank], low, high
        while left <= right:
            while values[left] < pivot:
                left += 1
            while pivot < values[right]:
                right -= 1
            if left <= right:
                values[left], values[right] = values[right], values[left]
                left, right = left + 1, right - 1
        if right < rank:
            low = left
        if rank < left:
            high = right
    return float(values[rank])


@compiled
def _doubled(rows: Any) -> Any:  # pragma: no cover - compiled
    larger = np.empty((2 * rows.shape[0], rows.shape[1]), rows.dtype)
    larger[: rows.shape[0]] = rows
    return larger
