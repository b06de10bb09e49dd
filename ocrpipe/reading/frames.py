"""What a swept net reads, frame by frame, under a grammar.

In every frame the net names a symbol or the blank. A text is what stays when symbols that repeat are taken once and
blanks are dropped; its probability is the sum over all its alignments (Graves et al. 2006, "Connectionist temporal
classification", ICML), here times that of its ways through a weighted automaton. Nothing here knows what the symbols
mean.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ocrpipe.compiled import compiled
from ocrpipe.reading.frame_beam import Tree, follow
from ocrpipe.reading.frame_sums import BLANK, Arrivals, look_ahead
from ocrpipe.reading.search import LARGEST, Floats, Grammar, Ints, Texts, scaled

_UNSCALED = 4
"""In so many frames no sum falls out of a number's range: a net would have to deny all of the texts by 300 nats a
frame."""


class Heard(NamedTuple):
    """Texts that obey a grammar, with their lengths and the log of the sum over all alignments and all ways through
    the automaton; and in `total` the log of that sum over all texts. Nats."""

    texts: Texts
    lengths: Ints
    score: Floats
    total: float


def heard(prob: Floats, grammar: Grammar, arrivals: Arrivals, width: int) -> Heard:
    """The likeliest texts that obey the grammar; no texts and -inf where none fits into the frames.

    `prob`: (T, 18), the blank last. Of all beginnings in all states, the `width` are followed through which most of
    the whole sum flows, so that none ends where the grammar cannot. The beam chooses the texts; their sums are exact,
    and posteriors over `total`.
    """
    ahead = look_ahead(prob, grammar, arrivals)
    if ahead.total == -np.inf:
        return Heard(np.empty((0, 0), np.uint8), np.empty(0, np.int64), np.empty(0, np.float64), -np.inf)
    return Heard(*_told(prob, grammar, arrivals, follow(prob, grammar, arrivals, ahead, width)), ahead.total)


@compiled
def _told(
    prob: Floats, grammar: Grammar, arrivals: Arrivals, tree: Tree
) -> tuple[Texts, Ints, Floats]:  # pragma: no cover - compiled
    """The texts of a tree, their lengths and their sums."""
    score, ways = _forward(prob, tree), _allowed(grammar, arrivals, tree)
    for i in range(score.shape[0]):
        score[i] += ways[i]
    texts, lengths = _spelt(tree)
    return texts, lengths, score


@compiled
def scores(prob: Floats, texts: Texts, lengths: Ints) -> Floats:  # pragma: no cover - compiled
    """(N,): log of the sum over all alignments of each of the `texts`; -inf where it does not fit into the frames."""
    return _forward(prob, _planted(texts, lengths))


@compiled
def _planted(texts: Texts, lengths: Ints) -> Tree:  # pragma: no cover - compiled
    """The texts as a tree: what they begin with in common is there once."""
    most = 1
    for i in range(lengths.shape[0]):
        most += lengths[i]
    parent, symbol, ends = np.empty(most, np.int64), np.empty(most, np.int64), np.empty(lengths.shape[0], np.int64)
    child, sibling = np.empty(most, np.int64), np.empty(most, np.int64)  # the last one, and the one before it
    parent[0], symbol[0], child[0], count = -1, -1, -1, 1
    for i in range(lengths.shape[0]):
        here = 0
        for at in range(lengths[i]):
            after = child[here]
            while after >= 0 and symbol[after] != texts[i, at]:
                after = sibling[after]
            if after < 0:
                after = count
                parent[after], symbol[after], sibling[after], child[after] = here, texts[i, at], child[here], -1
                child[here] = after
                count += 1
            here = after
        ends[i] = here
    return Tree(parent[:count], symbol[:count], ends)


@compiled
def _spelt(tree: Tree) -> tuple[Texts, Ints]:  # pragma: no cover - compiled
    """The texts of a tree and their lengths."""
    lengths = np.empty(tree.ends.shape[0], np.int64)
    longest = 0
    for i in range(lengths.shape[0]):
        lengths[i], text = 0, tree.ends[i]
        while text > 0:
            lengths[i] += 1
            text = tree.parent[text]
        longest = max(longest, lengths[i])
    texts = np.empty((lengths.shape[0], longest), np.uint8)
    for i in range(lengths.shape[0]):
        text = tree.ends[i]
        for at in range(lengths[i] - 1, -1, -1):
            texts[i, at] = tree.symbol[text]
            text = tree.parent[text]
    return texts, lengths


@compiled
def _forward(prob: Floats, tree: Tree) -> Floats:  # pragma: no cover - compiled
    """(ends,): Graves et al. 2006, section 4.1: alpha over a text with a blank before, between and behind its symbols;
    for what several texts begin with, once."""
    parent, symbol, count = tree.parent, tree.symbol, tree.parent.shape[0]
    behind_symbol, behind_blank = np.empty(count, np.float64), np.empty(count, np.float64)
    for i in range(count):
        behind_symbol[i], behind_blank[i] = 0.0, LARGEST if i == 0 else 0.0
    logs = -np.log(LARGEST)
    for t in range(prob.shape[0]):
        for i in range(count - 1, 0, -1):  # from the leaves: a parent is still of the frame before
            last = parent[i]
            here = behind_symbol[i] + behind_blank[last]
            if symbol[last] != symbol[i]:
                here += behind_symbol[last]
            behind_blank[i] = (behind_blank[i] + behind_symbol[i]) * prob[t, BLANK]
            behind_symbol[i] = here * prob[t, symbol[i]]
        behind_blank[0] *= prob[t, BLANK]
        if t % _UNSCALED == 0:
            largest = 0.0
            for i in range(count):
                largest = max(largest, behind_symbol[i], behind_blank[i])
            if largest == 0.0:
                break
            logs += np.log(largest / LARGEST)
            scaled(behind_symbol, LARGEST / largest)
            scaled(behind_blank, LARGEST / largest)
    sums = np.empty(tree.ends.shape[0], np.float64)
    for i in range(sums.shape[0]):
        whole = behind_blank[tree.ends[i]] + behind_symbol[tree.ends[i]]
        sums[i] = np.log(whole) + logs if whole > 0.0 else -np.inf
    return sums


@compiled
def _allowed(grammar: Grammar, arrivals: Arrivals, tree: Tree) -> Floats:  # pragma: no cover - compiled
    """(ends,): log of the sum over all ways of a text through the automaton."""
    states, count = grammar.start.shape[0], tree.parent.shape[0]
    ways = np.empty((count, states), np.float64)
    for s in range(states):
        ways[0, s] = np.exp(grammar.start[s])
    for i in range(1, count):
        for s in range(states):
            ways[i, s] = 0.0
        for s in range(states):
            here = ways[tree.parent[i], s]
            if here > 0.0:
                for k in range(grammar.first[s], grammar.first[s + 1]):
                    if grammar.symbol[k] == tree.symbol[i]:
                        ways[i, grammar.target[k]] += here * arrivals.weight[k]
    sums = np.empty(tree.ends.shape[0], np.float64)
    for i in range(sums.shape[0]):
        whole = 0.0
        for s in range(states):
            whole += ways[tree.ends[i], s] * np.exp(grammar.final[s])
        sums[i] = np.log(whole)
    return sums
