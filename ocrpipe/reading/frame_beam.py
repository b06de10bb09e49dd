"""The beam over the frames of a swept net, compiled: it follows the best texts from the left.

It keeps for each beginning of a text what ends in a blank apart from what ends in its last symbol (Hannun et al. 2014,
arXiv:1408.2873), and knows from the look-ahead how much of each still comes to a good end.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ocrpipe.compiled import compiled
from ocrpipe.reading.frame_sums import BLANK, Ahead, Arrivals
from ocrpipe.reading.search import Floats, Grammar, Ints, doubled

_NEGLIGIBLE = float(np.exp(-10.0))
"""A step through which less flows than this share of what the likeliest text holds is not followed."""


class Tree(NamedTuple):
    """Texts with all that they begin with: text i is text parent[i], which comes before it, and symbol[i]; text 0 is
    empty. Those of `ends` are whole."""

    parent: Ints
    symbol: Ints
    ends: Ints


@compiled
def follow(
    prob: Floats, grammar: Grammar, arrivals: Arrivals, ahead: Ahead, width: int
) -> Tree:  # pragma: no cover - compiled
    """The beam, in shares of the whole sum: a hypothesis holds what flows through it, and hands all of it on, in
    each frame, in the proportions that the look-ahead gives."""
    first, symbol, of_move = grammar.first, grammar.symbol, arrivals.of_move
    frames, states = prob.shape[0], grammar.start.shape[0]
    # In this frame: what move k hands on of what is behind a state; of state s, the most of that, and in which frame
    # it was told.
    gain, most, told = np.empty(symbol.shape[0], np.float64), np.empty(states, np.float64), np.empty(states, np.int64)
    for s in range(states):
        told[s] = -1
    # Of text i: columns are parent, symbol, the last text that goes on from it, the text before with the same parent,
    # the last hypothesis with this text (perhaps of an earlier frame).
    tree = np.empty((1 << 10, 5), np.int64)
    # Of hypothesis i: columns of `held` are state, text, arrival (-1: none yet), the one before with the same text;
    # of `share`: behind a blank, behind the last symbol. `before` and `flow` are those of the frame before.
    held, share = np.empty((max(1 << 8, states), 4), np.int64), np.empty((max(1 << 8, states), 2), np.float64)
    before, flow = np.empty(held.shape, np.int64), np.empty(share.shape, np.float64)
    row = np.empty(prob.shape[1], np.float64)
    grown, count = 1, _begun(held, share, tree, grammar.start, ahead.after_blank)
    for t in range(frames + 1):
        count = _best(held, share, count, width)
        if t == frames:
            break
        held, share, before, flow = before, flow, held, share
        largest, arriving = 0.0, 0
        for h in range(count):
            largest = max(largest, flow[h, 0] + flow[h, 1])
        least = largest * _NEGLIGIBLE
        for c in range(row.shape[0]):
            row[c] = prob[t, c] / ahead.scale[t]
        for h in range(count):
            s, text, arrival, last = before[h, 0], before[h, 1], before[h, 2], -1
            moves = first[s + 1] - first[s]
            while arriving + moves + 1 > held.shape[0]:
                held, share = doubled(held), doubled(share)
            while grown + moves > tree.shape[0]:
                tree = doubled(tree)
            behind_blank = behind_symbol = stays = 0.0
            if flow[h, 0] > 0:
                behind_blank = flow[h, 0] / ahead.after_blank[t, s]
            if flow[h, 1] > 0:
                behind_symbol = flow[h, 1] / ahead.after_symbol[t, arrival]
                last = arrivals.symbol[arrival]
                stays = behind_symbol * (row[last] * ahead.after_symbol[t + 1, arrival])
            waits = (behind_blank + behind_symbol) * (row[BLANK] * ahead.after_blank[t + 1, s])
            if waits + stays > least:
                i = _found(held, share, arriving, tree, s, text, arrival)
                arriving = max(arriving, i + 1)
                share[i, 0] += waits
                share[i, 1] += stays
            if told[s] != t:
                told[s], most[s] = t, 0.0
                for k in range(first[s], first[s + 1]):
                    gain[k] = arrivals.weight[k] * (row[symbol[k]] * ahead.after_symbol[t + 1, of_move[k]])
                    most[s] = max(most[s], gain[k])
            if not (behind_blank + behind_symbol) * most[s] > least:
                continue
            for k in range(first[s], first[s + 1]):
                goes = gain[k] * (behind_blank if symbol[k] == last else behind_blank + behind_symbol)
                if goes > least:
                    onto = of_move[k]
                    child = _child(tree, grown, text, symbol[k])
                    grown = max(grown, child + 1)
                    i = _found(held, share, arriving, tree, arrivals.state[onto], child, onto)
                    arriving = max(arriving, i + 1)
                    share[i, 1] += goes
        count = arriving
    return _pruned(tree, held, count)


@compiled
def _pruned(tree: Ints, held: Ints, count: int) -> Tree:  # pragma: no cover - compiled
    """What leads to the texts of the hypotheses, each of them once, whatever states they are in."""
    grown = 0  # what leads to a text comes before it
    for h in range(count):
        grown = max(grown, held[h, 1] + 1)
    number = np.empty(grown, np.int64)  # -1: leads to none; 1: leads to one, 2: is one
    for text in range(grown):
        number[text] = -1
    for h in range(count):
        number[held[h, 1]] = 2
        text = tree[held[h, 1], 0]
        while text >= 0 and number[text] < 0:
            number[text] = 1
            text = tree[text, 0]
    parent, symbol, ends = np.empty(grown, np.int64), np.empty(grown, np.int64), np.empty(count, np.int64)
    kept, whole = 0, 0
    for text in range(grown):
        if number[text] > 0:
            if number[text] == 2:
                ends[whole] = kept
                whole += 1
            parent[kept] = number[tree[text, 0]] if text > 0 else -1
            symbol[kept] = tree[text, 1]
            number[text] = kept
            kept += 1
    return Tree(parent[:kept], symbol[:kept], ends[:whole])


@compiled
def _begun(
    held: Ints, share: Floats, tree: Ints, start: Floats, after_blank: Floats
) -> int:  # pragma: no cover - compiled
    """One text, empty, and a hypothesis in each state where it may begin; how many these are."""
    count, whole = 0, 0.0
    for s in range(start.shape[0]):
        begins = np.exp(start[s]) * after_blank[0, s]
        if begins > 0:
            held[count, 0], held[count, 1], held[count, 2], held[count, 3] = s, 0, -1, count - 1
            share[count, 0], share[count, 1] = begins, 0.0
            whole += begins
            count += 1
    for i in range(count):
        share[i, 0] /= whole
    tree[0, 0], tree[0, 1], tree[0, 2], tree[0, 3], tree[0, 4] = -1, -1, -1, -1, count - 1
    return count


@compiled
def _found(
    held: Ints, share: Floats, count: int, tree: Ints, state: int, text: int, arrival: int
) -> int:  # pragma: no cover - compiled
    """Where the hypothesis with this text in this state is, at the end where it is new."""
    last = tree[text, 4]
    if last >= count or (last >= 0 and held[last, 1] != text):  # of an earlier frame
        last = -1
    i: int = last
    while i >= 0:
        if held[i, 0] == state:
            return i
        i = held[i, 3]
    held[count, 0], held[count, 1], held[count, 2], held[count, 3] = state, text, arrival, last
    share[count, 0], share[count, 1] = 0.0, 0.0
    tree[text, 4] = count
    return count


@compiled
def _child(tree: Ints, grown: int, text: int, symbol: int) -> int:  # pragma: no cover - compiled
    """The text that goes on from `text` with `symbol`, at the end where it is new."""
    child: int = tree[text, 2]
    while child >= 0:
        if tree[child, 1] == symbol:
            return child
        child = tree[child, 3]
    tree[grown, 0], tree[grown, 1], tree[grown, 2], tree[grown, 3], tree[grown, 4] = text, symbol, -1, tree[text, 2], -1
    tree[text, 2] = grown
    return grown


@compiled
def _best(held: Ints, share: Floats, count: int, width: int) -> int:  # pragma: no cover - compiled
    """Brings the `width` hypotheses with the largest shares to the front; how many there are."""
    if count <= width:
        return count
    whole, disordered = np.empty(count, np.float64), np.empty(count, np.float64)
    for i in range(count):
        whole[i] = disordered[i] = share[i, 0] + share[i, 1]
    bar = _ranked(disordered, count - width)
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
