"""What a swept net reads, frame by frame, under a grammar.

In every frame the net names a symbol or the blank. A text is what stays when symbols that repeat are taken once and
blanks are dropped; its probability is the sum over all its alignments (Graves et al. 2006, "Connectionist temporal
classification", ICML), here times that of its ways through a weighted automaton. Nothing here knows what the symbols
mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ocrpipe.compiled import compiled
from ocrpipe.reading.frame_beam import Texts, follow
from ocrpipe.reading.frame_sums import BLANK, arrivals_of, look_ahead
from ocrpipe.reading.search import LARGEST, SMALLEST, Floats, Grammar, Ints


class Heard(NamedTuple):
    """Texts that obey a grammar, best first: symbols (indices of `SYMBOLS`) with the log of the sum over all alignments
    and all ways through the automaton; and in `total` the log of that sum over all texts. Nats."""

    texts: list[tuple[tuple[int, ...], float]]
    total: float


def heard(log_prob: NDArray[np.floating[Any]], grammar: Grammar, width: int) -> Heard:
    """The likeliest texts that obey the grammar; no texts and -inf where none fits into the frames.

    `log_prob`: (T, 18), nats, at most 0, the blank last. Of all beginnings in all states, the `width` are followed
    through which most of the whole sum flows, so that none ends where the grammar cannot. The beam chooses the texts;
    their sums are exact, and posteriors over `total`.
    """
    prob, arrivals = _probabilities(log_prob), arrivals_of(grammar)
    ahead = look_ahead(prob, grammar, arrivals)
    if ahead.total == -np.inf:
        return Heard([], -np.inf)
    tree = follow(prob, grammar, arrivals, ahead, width)
    texts, lengths = _spelt(tree, np.unique(tree.ends))
    sums = (_forward(prob, texts, lengths) + _allowed(grammar, texts, lengths)).tolist()
    found = [tuple(text[:length]) for text, length in zip(texts.tolist(), lengths.tolist(), strict=True)]
    return Heard(sorted(zip(found, sums, strict=True), key=lambda item: -item[1]), float(ahead.total))


def score(log_prob: NDArray[np.floating[Any]], symbols: Sequence[int]) -> float:
    """Log of the sum over all alignments of one text (indices of `SYMBOLS`, none of them the blank), in nats.

    `log_prob` as in `heard`. -inf where the text does not fit into the frames.

    >>> frames = np.log(np.full((2, 18), 0.5))
    >>> [round(float(np.exp(score(frames, text))), 2) for text in ([1], [1, 2], [1, 1])]
    [0.75, 0.25, 0.0]
    """
    return scores(log_prob, [symbols])[0]


def scores(log_prob: NDArray[np.floating[Any]], texts: Sequence[Sequence[int]]) -> list[float]:
    """The `score` of each of several texts."""
    lengths = np.array([len(text) for text in texts], np.int64)
    rows = np.zeros((len(texts), lengths.max(initial=0)), np.int64)
    for row, text in zip(rows, texts, strict=True):
        row[: len(text)] = text
    scored: list[float] = _forward(_probabilities(log_prob), rows, lengths).tolist()
    return scored


def _probabilities(log_prob: NDArray[np.floating[Any]]) -> Floats:
    return np.exp(np.ascontiguousarray(log_prob, np.float64))


@compiled
def _spelt(tree: Texts, ends: Ints) -> tuple[Ints, Ints]:  # pragma: no cover - compiled
    """The symbols of each text of `ends`, and how many they are: (N, longest), (N,). What is behind a text's last
    symbol means nothing."""
    lengths = np.empty(ends.shape[0], np.int64)
    longest = 0
    for i in range(ends.shape[0]):
        lengths[i], text = 0, ends[i]
        while text > 0:
            lengths[i] += 1
            text = tree.parent[text]
        longest = max(longest, lengths[i])
    texts = np.empty((ends.shape[0], longest), np.int64)
    for i in range(ends.shape[0]):
        text = ends[i]
        for at in range(lengths[i] - 1, -1, -1):
            texts[i, at] = tree.symbol[text]
            text = tree.parent[text]
    return texts, lengths


@compiled
def _forward(prob: Floats, texts: Ints, lengths: Ints) -> Floats:  # pragma: no cover - compiled
    """(N,): Graves et al. 2006, section 4.1: alpha over a text with a blank before, between and behind its symbols."""
    sums = np.empty(texts.shape[0], np.float64)
    alpha = np.empty(2 * texts.shape[1] + 1, np.float64)
    for i in range(texts.shape[0]):
        symbols, places = texts[i], 2 * lengths[i] + 1
        for u in range(places):
            alpha[u] = LARGEST if u == 0 else 0.0
        logs = -np.log(LARGEST)
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
            scale = largest / LARGEST
            if scale < SMALLEST:
                logs = -np.inf
                break
            for u in range(places):
                alpha[u] *= 1 / scale
                if alpha[u] < SMALLEST:
                    alpha[u] = 0.0
            logs += np.log(scale)
        whole = alpha[places - 1]
        if places > 1:
            whole += alpha[places - 2]
        sums[i] = logs if logs == -np.inf else np.log(whole) + logs
    return sums


@compiled
def _allowed(grammar: Grammar, texts: Ints, lengths: Ints) -> Floats:  # pragma: no cover - compiled
    """(N,): log of the sum over all ways of a text through the automaton."""
    states = grammar.start.shape[0]
    here, there = np.empty(states, np.float64), np.empty(states, np.float64)
    sums = np.empty(texts.shape[0], np.float64)
    for i in range(texts.shape[0]):
        for s in range(states):
            here[s] = np.exp(grammar.start[s])
        for at in range(lengths[i]):
            for s in range(states):
                there[s] = 0.0
            for s in range(states):
                if here[s] > 0:
                    for k in range(grammar.first[s], grammar.first[s + 1]):
                        if grammar.symbol[k] == texts[i, at]:
                            there[grammar.target[k]] += here[s] * np.exp(grammar.weight[k])
            here, there = there, here
        whole = 0.0
        for s in range(states):
            whole += here[s] * np.exp(grammar.final[s])
        sums[i] = np.log(whole)
    return sums
