"""The compiled walks against a walk over every path, written as plainly as it can be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ocrpipe.reading.grammar import compile_pattern
from ocrpipe.reading.search import Edges, Grammar, backward, bundled, spelling
from ocrpipe.reading.search_beam import Seen, seen
from ocrpipe.reading.symbols import NOISE, SCRIBBLE, SYMBOLS
from ocrpipe.reading.texts import rows, strings

NOISE_AT, POINT_AT = SYMBOLS.index(NOISE), SYMBOLS.index(".")
ALPHABET = "012.-"
WIDE = 100_000
"""A beam that loses nothing."""

Path = tuple[str, float]
"""What a path spells, and its score in nats."""


@st.composite
def lattices(draw: st.DrawFn, *, point: bool = False) -> Edges:
    """Two to five nodes, a way through by single pieces (now and then with a hole), and longer edges."""
    nodes = draw(st.integers(2, 5))
    every = [(i, j) for i in range(nodes) for j in range(i + 1, min(i + 3, nodes - 1) + 1)]
    spans = draw(st.lists(st.sampled_from(every), min_size=1, max_size=7, unique=True))
    if draw(st.booleans()):
        spans = list(dict.fromkeys([*spans, *((i, i + 1) for i in range(nodes - 1))]))
    spans.sort(key=lambda span: span[0])
    table = np.random.default_rng(draw(st.integers(0, 2**32))).uniform(-5, 0, (len(spans), len(SYMBOLS)))
    at = draw(st.integers(0, nodes - 1)) if point else -1
    starts, ends = (np.array([span[i] for span in spans], np.int64) for i in (0, 1))
    return Edges(nodes, starts, ends, table, at)


@st.composite
def automata(draw: st.DrawFn) -> Grammar:
    """One to three states with any moves; of equal symbols from one state at most one, so that a text is derived
    in one way."""
    states = draw(st.integers(1, 3))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    first, symbol, target, weight = [0], [], [], []
    for _ in range(states):
        for char in draw(st.lists(st.sampled_from(ALPHABET), max_size=4, unique=True)):
            symbol.append(SYMBOLS.index(char))
            target.append(int(rng.integers(states)))
            weight.append(-float(rng.uniform(0, 3)))
        first.append(len(symbol))
    final = np.where(rng.random(states) < 0.3, -np.inf, -rng.uniform(0, 2, states))
    start = np.full(states, -np.inf)
    start[0] = 0.0
    ints = [np.array(part, np.int64) for part in (first, symbol, target)]
    return Grammar(*ints, np.array(weight, np.float64), start, final)


def paths(edges: Edges, grammar: Grammar, node: int = 0, state: int = 0, spelt: str = "", score: float = 0.0,
          *, printed: bool = False) -> Iterator[Path]:  # fmt: skip
    """Every complete path: the point that the form prints, noise, or a move of the grammar, edge after edge."""
    moves = range(grammar.first[state], grammar.first[state + 1])
    if node == edges.point and not printed:
        for k in moves:
            if grammar.symbol[k] == POINT_AT:
                state_, gain = int(grammar.target[k]), float(grammar.weight[k])
                yield from paths(edges, grammar, node, state_, spelt + ".", score + gain, printed=True)
        return
    if node == edges.nodes - 1 and grammar.final[state] > -np.inf:
        yield spelt, score + float(grammar.final[state])
    for e in np.flatnonzero(edges.starts == node):
        end, here = int(edges.ends[e]), edges.table[e]
        yield from paths(edges, grammar, end, state, spelt, score + float(here[NOISE_AT]))
        for k in moves:
            s = int(grammar.symbol[k])
            gain = float(here[s] + grammar.weight[k])
            yield from paths(edges, grammar, end, int(grammar.target[k]), spelt + SYMBOLS[s], score + gain)


def read(edges: Edges, grammar: Grammar, width: int = WIDE) -> Seen:
    return seen(edges, grammar, bundled(grammar), width)


def spelt_by(edges: Edges, grammar: Grammar, width: int = WIDE) -> dict[str, tuple[float, float]]:
    """Of each text that the beam completes: forward and Viterbi score."""
    found = read(edges, grammar, width)
    texts: dict[str, tuple[float, float]] = {}
    for i, spelt in enumerate(strings(found.texts, found.lengths)):
        if found.score[i] == -np.inf:
            continue
        taken = found.edge[i, : found.lengths[i]]
        assert all(e >= 0 or char == "." for e, char in zip(taken, spelt, strict=True))
        assert (np.diff(edges.starts[taken[taken >= 0]]) > 0).all()
        spelt += "." if edges.point == edges.nodes - 1 else ""
        whole, best = texts.get(spelt, (-np.inf, -np.inf))
        texts[spelt] = float(np.logaddexp(whole, found.score[i])), max(best, float(found.best[i]))
    return texts


def by_text(found: Iterator[Path]) -> dict[str, tuple[float, float]]:
    scores: dict[str, list[float]] = defaultdict(list)
    for spelt, score in found:
        scores[spelt].append(score)
    return {spelt: (float(np.logaddexp.reduce(of)), max(of)) for spelt, of in scores.items()}


def total_of(edges: Edges, grammar: Grammar) -> float:
    """The sum over all paths and texts, in nats."""
    return float(np.logaddexp.reduce(grammar.start + backward(edges, grammar)[0]))


def same(found: dict[str, tuple[float, float]], expected: dict[str, tuple[float, float]]) -> None:
    """Shares of the whole sum agree but for what the beam neglects (each time less than exp(-12) of it), and the
    better paths exactly."""
    total = np.logaddexp.reduce([whole for whole, _ in expected.values()]) if expected else 0.0
    assert found.keys() <= expected.keys()
    for spelt, (whole, best) in expected.items():
        whole_, best_ = found.get(spelt, (-np.inf, -np.inf))
        assert whole_ <= whole + 1e-9 and best_ <= best + 1e-9
        assert np.exp(whole_ - total) == pytest.approx(np.exp(whole - total), abs=1e-3)
        if best - total > -11.9:
            assert best_ == pytest.approx(best, abs=1e-9)


@settings(max_examples=150)
@given(lattices(), automata())
def test_both_walks_agree_with_every_path(edges: Edges, grammar: Grammar) -> None:
    expected = by_text(paths(edges, grammar))
    same(spelt_by(edges, grammar), expected)
    total = np.logaddexp.reduce([whole for whole, _ in expected.values()]) if expected else -np.inf
    assert total_of(edges, grammar) == pytest.approx(total, abs=1e-9)


@settings(max_examples=150)
@given(lattices(point=True), automata())
def test_the_sum_passes_a_printed_point_at_its_node_and_nowhere_else(edges: Edges, grammar: Grammar) -> None:
    every = [score for _, score in paths(edges, grammar)]
    expected = np.logaddexp.reduce(every) if every else -np.inf
    assert total_of(edges, grammar) == pytest.approx(expected, abs=1e-9)


@settings(max_examples=150)
@given(lattices(point=True), st.sampled_from(["d{0,3}(.d{1,2})?", "d{1,2}(<1>-)?.dd", "d{1,3}"]))
def test_the_beam_passes_a_printed_point_at_its_node_and_nowhere_else(edges: Edges, pattern: str) -> None:
    assume(edges.point > 0 or pattern.startswith("d{0"))  # a form that begins with a point has a grammar that does
    grammar = compile_pattern(pattern)
    same(spelt_by(edges, grammar), by_text(paths(edges, grammar)))


@given(lattices(), st.integers(0, 2**32))
def test_the_order_of_edges_is_no_matter(edges: Edges, seed: int) -> None:
    grammar = compile_pattern("d{1,3}(<1>-d)?")
    order = np.random.default_rng(seed).permutation(len(edges.starts))
    order = order[np.argsort(edges.starts[order], kind="stable")]  # that of edges from one node
    shuffled = Edges(edges.nodes, edges.starts[order], edges.ends[order], edges.table[order], edges.point)
    assert total_of(shuffled, grammar) == pytest.approx(total_of(edges, grammar), abs=1e-9)
    same(spelt_by(shuffled, grammar), spelt_by(edges, grammar))


@given(lattices(), st.integers(1, 12))
def test_a_narrow_beam_never_says_more_than_there_is(edges: Edges, width: int) -> None:
    grammar = compile_pattern("d{1,4}")
    found = read(edges, grammar, width)
    assert len(found.lengths) <= width and found.total == pytest.approx(total_of(edges, grammar))
    if len(found.score):
        assert np.logaddexp.reduce(found.score) <= found.total + 1e-9


@settings(max_examples=150)
@given(lattices(point=True), st.lists(st.text(ALPHABET, max_size=5), max_size=6))
def test_a_text_has_the_sum_over_the_paths_that_spell_it(edges: Edges, texts: list[str]) -> None:
    """But for what is negligible; a point that the form prints is one of its symbols."""
    for text, found in zip(texts, spelling(edges, *rows(texts)), strict=True):
        one_text = compile_pattern("".join(f"[{char}]" for char in text))
        every = [score for _, score in paths(edges, one_text)]
        expected = np.logaddexp.reduce(every) if every else -np.inf
        assert found <= expected + 1e-9 and found == pytest.approx(expected, abs=1e-3)


@given(lattices(point=True))
def test_what_a_lattice_has_in_all_heeds_no_printed_point(edges: Edges) -> None:
    found, plain = read(edges, compile_pattern("d")), edges._replace(point=-1)
    table = plain.table.copy()
    table[:, SYMBOLS.index(SCRIBBLE)] = -np.inf
    strings_ = compile_pattern("[" + "".join(SYMBOLS[:-2]) + "]*")
    assert found.anything == pytest.approx(total_of(plain._replace(table=table), strings_))
    singles = edges.ends - edges.starts == 1
    whole = edges.table[singles, NOISE_AT].sum() if singles.sum() == edges.nodes - 1 else -np.inf
    assert found.blank == pytest.approx(whole)


def chained(*rows: dict[str, float], point: int = -1) -> Edges:
    """One edge after another; what a row does not name is out of reach."""
    table = np.full((len(rows), len(SYMBOLS)), -50.0)
    for i, row in enumerate(rows):
        for char, score in row.items():
            table[i, SYMBOLS.index(char)] = score
    count = np.arange(len(rows), dtype=np.int64)
    return Edges(len(rows) + 1, count, count + 1, table, point)


def test_noise_spells_nothing() -> None:
    edges = chained({"1": -1.0}, {NOISE: -2.0}, {"2": -3.0})
    assert spelt_by(edges, compile_pattern("dd"))["12"] == pytest.approx((-6.0, -6.0))


def test_equal_texts_are_one_hypothesis_and_keep_the_better_path() -> None:
    """A 1 and a speck, or the two together a 1: one text."""
    table = np.full((3, len(SYMBOLS)), -50.0)
    table[0, 1], table[1, 1], table[2, NOISE_AT] = -1.0, -0.5, -1.0
    edges = Edges(3, np.array([0, 0, 1]), np.array([1, 2, 2]), table, -1)
    found = read(edges, compile_pattern("d"))
    best = found.score.argmax()
    assert found.score[best] == pytest.approx(np.logaddexp(-2.0, -0.5))
    assert found.best[best] == pytest.approx(-0.5) and found.edge[best, 0] == 1


def test_merging_leaves_room_in_the_beam() -> None:
    """Twenty ways to spell 1 must not push out the one way to spell 2."""
    ways = 20
    table = np.full((ways + 1, len(SYMBOLS)), -50.0)
    table[:ways, 1], table[ways, 2] = -1.0, -3.0
    zeros = np.zeros(ways + 1, np.int64)
    texts = spelt_by(Edges(2, zeros, zeros + 1, table, -1), compile_pattern("d"), width=2)
    assert texts["1"][0] == pytest.approx(-1 + np.log(ways)) and texts["2"][0] == pytest.approx(-3)


def test_without_a_way_through_there_is_no_text() -> None:
    edges = Edges(3, np.array([0]), np.array([1]), np.zeros((1, len(SYMBOLS))), -1)
    grammar = compile_pattern("d*")
    assert total_of(edges, grammar) == -np.inf and not spelt_by(edges, grammar)


def test_many_hypotheses_grow_the_store() -> None:
    """More than it begins with (2,048): 3 digits with all ten figures alike."""
    table = np.full((3, len(SYMBOLS)), -3.0)
    count = np.arange(3, dtype=np.int64)
    texts = spelt_by(Edges(4, count, count + 1, table, -1), compile_pattern("ddd"))
    assert len(texts) == 1000 and {whole for whole, _ in texts.values()} == {-9}
