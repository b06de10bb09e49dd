"""The backward sums over the frames of a swept net and a weighted automaton, compiled: what is still to come.

A frame in which the automaton stands in a state, after a blank or after one of the symbols that lead there (an
arrival), makes a cell. Sums over what is to come are kept as multiples of a scale per frame (Rabiner 1989, section
V A), so that no logarithm is taken in a loop.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ocrpipe.compiled import compiled
from ocrpipe.reading.search import LARGEST, SMALLEST, Floats, Grammar, Ints, scaled
from ocrpipe.reading.symbols import NOISE, SYMBOLS

BLANK = SYMBOLS.index(NOISE)
"""The last column. What the lattice calls noise, a frame calls blank: both spell nothing."""
_EXACT = 1e-3
"""A difference smaller than this share of its terms is summed anew: it would be rounding."""


class Arrivals(NamedTuple):
    """How states are reached: arrival i is symbol[i] leading to state[i]. Those of state s are first[s] …
    first[s + 1] - 1; move k of the grammar makes arrival of_move[k] and weighs weight[k], a probability."""

    first: Ints
    state: Ints
    symbol: Ints
    of_move: Ints
    weight: Floats


class Ahead(NamedTuple):
    """Sums over all ways to go on from frame t of T and to end well: after_blank[t, s] in state s behind a blank (or
    at the beginning), (T + 1, states); after_symbol[t, i] behind arrival i, (T + 1, arrivals). Both are scaled:
    row t stands for itself times the product of scale[t:], (T,). `total` is the log of the sum over everything."""

    after_blank: Floats
    after_symbol: Floats
    scale: Floats
    total: float


def arrivals_of(grammar: Grammar) -> Arrivals:
    """Not compiled: it is asked for once for every grammar."""
    reached = np.stack([grammar.target, grammar.symbol], axis=1).reshape(-1, 2)
    pairs, of_move = np.unique(reached, axis=0, return_inverse=True)
    state, symbol = np.ascontiguousarray(pairs.T)
    first = np.searchsorted(state, np.arange(len(grammar.start) + 1))
    return Arrivals(first, state, symbol, of_move.reshape(-1), np.exp(grammar.weight))


@compiled
def look_ahead(prob: Floats, grammar: Grammar, arrivals: Arrivals) -> Ahead:  # pragma: no cover - compiled
    """The backward pass, exact but for what scaling takes to be impossible. `prob`: (T, 18)."""
    frames, states, count = prob.shape[0], grammar.start.shape[0], arrivals.state.shape[0]
    after_blank = np.empty((frames + 1, states), np.float64)
    after_symbol = np.empty((frames + 1, count), np.float64)
    scale = np.empty(frames, np.float64)
    for s in range(states):
        after_blank[frames, s] = np.exp(grammar.final[s]) * LARGEST
        for i in range(arrivals.first[s], arrivals.first[s + 1]):
            after_symbol[frames, i] = after_blank[frames, s]
    named = np.empty(count, np.float64)  # an arrival's symbol is named by the frame, and all is well after it
    spelling = np.empty(BLANK, np.float64)  # the same, summed over the moves from a state by their symbols
    logs = -np.log(LARGEST)
    for t in range(frames - 1, -1, -1):
        largest = 0.0
        for i in range(count):
            named[i] = prob[t, arrivals.symbol[i]] * after_symbol[t + 1, i]
        for s in range(states):
            waiting = prob[t, BLANK] * after_blank[t + 1, s]
            whole = waiting
            for c in range(BLANK):
                spelling[c] = 0.0
            for k in range(grammar.first[s], grammar.first[s + 1]):
                gain = arrivals.weight[k] * named[arrivals.of_move[k]]
                spelling[grammar.symbol[k]] += gain
                whole += gain
            after_blank[t, s] = whole
            largest = max(largest, whole)
            for i in range(arrivals.first[s], arrivals.first[s + 1]):  # the same symbol again is no new one
                others = whole - spelling[arrivals.symbol[i]]
                if others < _EXACT * whole:
                    others = waiting
                    for c in range(BLANK):
                        if c != arrivals.symbol[i]:
                            others += spelling[c]
                after_symbol[t, i] = others + named[i]
                largest = max(largest, others + named[i])
        scale[t] = largest / LARGEST
        if scale[t] < SMALLEST:
            return Ahead(after_blank, after_symbol, scale, -np.inf)
        scaled(after_blank[t], 1 / scale[t])
        scaled(after_symbol[t], 1 / scale[t])
        logs += np.log(scale[t])
    whole = 0.0
    for s in range(states):
        whole += np.exp(grammar.start[s]) * after_blank[0, s]
    return Ahead(after_blank, after_symbol, scale, np.log(whole) + logs if whole > 0 else -np.inf)
