"""The best readings of a lattice under a grammar, and how sure the lattice is of each.

A path takes every piece exactly once. Its score is the sum over its edges of log p(symbol | edge) − α log p(junk | edge):
with α = 1 the path says of every candidate it does not take that it is junk, so long and short paths compare.
The Viterbi path gives the characters; the posterior of a value is the forward sum over all its segmentations
and spellings over the forward sum of the whole grammar (LeCun et al. 1998, section VIII, eq. 19).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ocrpipe.geometry import Box, quad_of
from ocrpipe.reading.grammar import Grammar, grammar_of, value_of
from ocrpipe.reading.symbols import NOISE, SCRIBBLE, SYMBOLS
from ocrpipe.records import Character, Lattice

BEAM = 24
_NOISE = SYMBOLS.index(NOISE)
_POINT = SYMBOLS.index(".")
_UNLIKELY = 12.0
"""A symbol this many nats below the best of its edge is not followed by the beam."""


@dataclass(frozen=True, slots=True)
class Scores:
    """Of one lattice: (E, 18) float64 natural logs over `SYMBOLS`, and (E,) the same of "a wrong cut"."""

    log_prob: NDArray[np.float64]
    log_junk: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Decoded:
    """Values with their posteriors, likeliest first; "" is the blank field."""

    values: tuple[tuple[str, float], ...]
    text: str
    characters: tuple[Character, ...]
    log_grammar_nats: float
    """Forward sum under the grammar over the forward sum of any string: how well the ink fits the kind."""


def decode(lattice: Lattice, scores: Scores, alpha: float, temperature: float) -> Decoded:
    """All that the decision needs to know of a lattice; the values are empty where no path obeys the grammar."""
    spec = lattice.field.spec
    pieces = lattice.nodes - 1
    if pieces == 0:
        return Decoded((("", 1.0),), "", (), 0.0)
    grammar = grammar_of(spec)
    table = (scores.log_prob - alpha * np.maximum(scores.log_junk, -9.0)[:, None]) / temperature
    point = -1 if lattice.point is None else lattice.point
    starts, ends = lattice.starts.astype(np.int64), lattice.ends.astype(np.int64)
    arguments = (grammar.first, grammar.symbol, grammar.target, grammar.weight, grammar.start, grammar.final)
    total = _forward(lattice.nodes, starts, ends, table, point, _NOISE, _POINT, *arguments)
    blank = _blank_score(lattice, table)
    every = np.logaddexp(total, blank)
    anything = np.logaddexp(_forward(lattice.nodes, starts, ends, table, -1, _NOISE, _POINT, *_ANYTHING), blank)
    paths = _beam(lattice.nodes, starts, ends, table, point, BEAM, *arguments)

    found: dict[str, float] = {"": float(blank)}
    spelt: dict[str, tuple[float, str, list[tuple[int, int]]]] = {}
    for score, best, steps in paths:
        text = _text(steps, starts, point)
        value = value_of(spec, text)
        if value is None:
            continue
        found[value] = float(np.logaddexp(found.get(value, -np.inf), score))
        if best > spelt.get(value, (-np.inf,))[0]:
            spelt[value] = (best, text, steps)
    ranked = sorted(found.items(), key=lambda item: -item[1])
    values = tuple((value, float(np.exp(min(0.0, score - every)))) for value, score in ranked if score > -np.inf)
    top = values[0][0] if values else ""
    _, text, steps = spelt.get(top, (0.0, "", []))
    return Decoded(values, text, _characters(lattice, scores, steps), float(total - anything))


def _text(steps: list[tuple[int, int]], starts: NDArray[np.int64], point: int) -> str:
    """What a path spells, with the decimal point that the form prints at node `point`."""
    spelt = ""
    for edge, symbol in steps:
        spelt += "." if starts[edge] == point else ""
        spelt += SYMBOLS[symbol] if symbol != _NOISE else ""
    return spelt


def _blank_score(lattice: Lattice, table: NDArray[np.float64]) -> float:
    """All pieces are dirt."""
    single = lattice.ends - lattice.starts == 1
    return float(table[single, _NOISE].sum()) if single.sum() == lattice.nodes - 1 else -np.inf


def _characters(lattice: Lattice, scores: Scores, steps: list[tuple[int, int]]) -> tuple[Character, ...]:
    drawn = []
    for edge, symbol in steps:
        if edge < 0 or symbol == _NOISE:
            continue
        quad = quad_of(Box(*(float(v) for v in lattice.boxes[edge])), lattice.field.to_page)
        drawn.append(Character(SYMBOLS[symbol], float(np.exp(scores.log_prob[edge, symbol])), quad))
    return tuple(drawn)


def _any_string() -> tuple[NDArray[np.int32], ...]:
    """The automaton of all strings: one state."""
    symbols = np.array([i for i, s in enumerate(SYMBOLS) if s not in (NOISE, SCRIBBLE)], np.int32)
    zero = np.zeros(len(symbols), np.int32)
    return np.array([0, len(symbols)], np.int32), symbols, zero, np.zeros(len(symbols)), np.zeros(1), np.zeros(1)


_ANYTHING = _any_string()


def _beam(
    nodes: int, starts: NDArray[np.int64], ends: NDArray[np.int64], table: NDArray[np.float64], point: int, width: int,
    first: NDArray[np.int32], symbol: NDArray[np.int32], target: NDArray[np.int32], weight: NDArray[np.float64],
    start: NDArray[np.float64], final: NDArray[np.float64],
) -> list[tuple[float, float, list[tuple[int, int]]]]:  # fmt: skip
    """The `width` likeliest texts: (forward score, Viterbi score, Viterbi steps as (edge, symbol)), best first."""
    scores, best, back_edge, back_symbol, back_from, finals = _search(
        nodes, starts, ends, table, point, width, _NOISE, _POINT, _UNLIKELY, first, symbol, target, weight, start, final
    )
    paths = []
    for end in finals:
        steps = []
        here = int(end)
        while back_from[here] >= 0:
            steps.append((int(back_edge[here]), int(back_symbol[here])))
            here = int(back_from[here])
        paths.append((float(scores[end]), float(best[end]), steps[::-1]))
    return paths


@njit(cache=True)  # type: ignore[untyped-decorator]
def _logadd(a: float, b: float) -> float:  # pragma: no cover - compiled
    if a < b:
        a, b = b, a
    if b == -np.inf:
        return a
    return a + np.log1p(np.exp(b - a))


@njit(cache=True)  # type: ignore[untyped-decorator]
def _forward(nodes, starts, ends, table, point, noise, dot, first, symbol, target, weight, start, final):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Log of the sum over all paths and texts of the grammar."""
    states = start.shape[0]
    alpha = np.full((nodes, states), -np.inf)
    alpha[0] = start
    order = np.argsort(starts, kind="mergesort")
    at = 0
    for node in range(nodes):
        if node == point:
            moved = np.full(states, -np.inf)
            for s in range(states):
                if alpha[node, s] == -np.inf:
                    continue
                for k in range(first[s], first[s + 1]):
                    if symbol[k] == dot:
                        moved[target[k]] = _logadd(moved[target[k]], alpha[node, s] + weight[k])
            alpha[node] = moved
        while at < order.shape[0] and starts[order[at]] == node:
            edge = order[at]
            at += 1
            end = ends[edge]
            for s in range(states):
                here = alpha[node, s]
                if here == -np.inf:
                    continue
                alpha[end, s] = _logadd(alpha[end, s], here + table[edge, noise])
                for k in range(first[s], first[s + 1]):
                    score = here + table[edge, symbol[k]] + weight[k]
                    alpha[end, target[k]] = _logadd(alpha[end, target[k]], score)
    total = -np.inf
    for s in range(states):
        total = _logadd(total, alpha[nodes - 1, s] + final[s])
    return total


@njit(cache=True)  # type: ignore[untyped-decorator]
def _search(nodes, starts, ends, table, point, width, noise, dot, unlikely, first, symbol, target, weight, start, final):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Beam over (node, state, text): texts that meet are summed (forward) and the better one kept (Viterbi)."""
    room = 1 << 12
    state = np.empty(room, np.int64)
    text = np.empty(room, np.int64)
    at_node = np.empty(room, np.int64)
    score = np.empty(room, np.float64)
    best = np.empty(room, np.float64)
    back_edge = np.empty(room, np.int64)
    back_symbol = np.empty(room, np.int64)
    back_from = np.empty(room, np.int64)
    used = 0
    for s in range(start.shape[0]):
        if start[s] > -np.inf:
            state[used], text[used], at_node[used] = s, 1, 0
            score[used] = best[used] = start[s]
            back_edge[used] = back_symbol[used] = back_from[used] = -1
            used += 1
    order = np.argsort(starts, kind="mergesort")
    at = 0
    kept = np.empty(0, np.int64)
    for node in range(nodes):
        # gather what has arrived here, sum what spells the same, keep the best
        count = 0
        for i in range(used):
            if at_node[i] == node:
                count += 1
        mine = np.empty(count, np.int64)
        count = 0
        for i in range(used):
            if at_node[i] == node:
                mine[count] = i
                count += 1
        keys = np.empty(count, np.int64)
        for i in range(count):
            keys[i] = text[mine[i]] * 131 + state[mine[i]]
        by_key = np.argsort(keys, kind="mergesort")
        survivors = np.empty(count, np.int64)
        n = 0
        for j in range(count):
            i = mine[by_key[j]]
            if n and keys[by_key[j]] == keys[by_key[j - 1]]:
                k = survivors[n - 1]
                score[k] = _logadd(score[k], score[i])
                if best[i] > best[k]:
                    best[k], back_edge[k] = best[i], back_edge[i]
                    back_symbol[k], back_from[k] = back_symbol[i], back_from[i]
            else:
                survivors[n] = i
                n += 1
        survivors = survivors[:n]
        rank = np.argsort(-score[survivors], kind="mergesort")
        kept = survivors[rank[: min(width, n)]]
        if node == point:
            for j in range(kept.shape[0]):
                i = kept[j]
                where = -1
                for k in range(first[state[i]], first[state[i] + 1]):
                    if symbol[k] == dot:
                        where = k
                if where < 0:
                    score[i] = best[i] = -np.inf
                else:
                    state[i] = target[where]
        if node == nodes - 1:
            break
        while at < order.shape[0] and starts[order[at]] == node:
            edge = order[at]
            at += 1
            top = table[edge].max()
            for j in range(kept.shape[0]):
                i = kept[j]
                if score[i] == -np.inf:
                    continue
                low, high = first[state[i]], first[state[i] + 1]
                if used + (high - low) + 1 >= room:
                    room *= 2
                    state, text, at_node = _grown(state, room), _grown(text, room), _grown(at_node, room)
                    back_edge, back_symbol = _grown(back_edge, room), _grown(back_symbol, room)
                    back_from, score, best = _grown(back_from, room), _grown_float(score, room), _grown_float(best, room)
                for k in range(low, high + 1):
                    sym = noise if k == high else symbol[k]
                    value = table[edge, sym]
                    if value < top - unlikely and sym != noise:
                        continue
                    gain = value + (0.0 if k == high else weight[k])
                    state[used] = state[i] if k == high else target[k]
                    text[used] = text[i] if k == high else text[i] * 1000003 + sym + 7
                    at_node[used] = ends[edge]
                    score[used], best[used] = score[i] + gain, best[i] + gain
                    back_edge[used], back_symbol[used], back_from[used] = edge, sym, i
                    used += 1
    # texts that end well
    for j in range(kept.shape[0]):
        i = kept[j]
        score[i] += final[state[i]]
        best[i] += final[state[i]]
    good = kept[score[kept] > -np.inf]
    return score, best, back_edge, back_symbol, back_from, good[np.argsort(-score[good], kind="mergesort")]


@njit(cache=True)  # type: ignore[untyped-decorator]
def _grown(array, room):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    larger = np.empty(room, np.int64)
    larger[: array.shape[0]] = array
    return larger


@njit(cache=True)  # type: ignore[untyped-decorator]
def _grown_float(array, room):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    larger = np.empty(room, np.float64)
    larger[: array.shape[0]] = array
    return larger
