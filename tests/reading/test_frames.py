"""The compiled sums over frames against every alignment and every way through the automaton, written as plainly as
they can be, and against torch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import groupby, product

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from ocrpipe.reading.frame_sums import BLANK, arrivals_of
from ocrpipe.reading.frames import heard, scores
from ocrpipe.reading.grammar import compile_pattern, pattern_of
from ocrpipe.reading.search import Grammar
from ocrpipe.reading.symbols import SYMBOLS
from ocrpipe.records import FieldSpec

ALPHABET = [SYMBOLS.index(char) for char in "012.-"]
PATTERNS = [
    "d{0,3}", "dd", "d*", "11", "1[12]0?", "d{1,3}(<1>-d)?", "d(<0.5>.dd)?(<2>-)?", "(d|<1>dd|<0.2>[01])*", "<3>1|1.?",
]  # fmt: skip
WIDE = 100_000
"""A beam that is cut nowhere."""

Frames = NDArray[np.float64]
Text = tuple[int, ...]


def texts(log_prob: Frames, grammar: Grammar, width: int) -> list[tuple[Text, float]]:
    """Best first."""
    found = heard(np.exp(log_prob.astype(np.float64)), grammar, arrivals_of(grammar), width)
    spelt = (tuple(text[:length]) for text, length in zip(found.texts.tolist(), found.lengths, strict=True))
    return sorted(zip(spelt, found.score.tolist(), strict=True), key=lambda item: -item[1])


def total(log_prob: Frames, grammar: Grammar) -> float:
    return heard(np.exp(log_prob.astype(np.float64)), grammar, arrivals_of(grammar), 1).total


def score(log_prob: Frames, text: Sequence[int]) -> float:
    row = np.array(text, np.uint8).reshape(1, -1)
    return float(scores(np.exp(log_prob.astype(np.float64)), row, np.array([len(text)]))[0])


@st.composite
def frames(draw: st.DrawFn, most: int = 4) -> Frames:
    """Up to `most` frames over five symbols and the blank, from flat to nearly certain; now and then one is out."""
    count, spread = draw(st.integers(0, most)), draw(st.sampled_from([0.1, 2.0, 8.0]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    log_prob = np.full((count, len(SYMBOLS)), -np.inf)
    log_prob[:, [*ALPHABET, BLANK]] = rng.normal(0, spread, (count, len(ALPHABET) + 1))
    log_prob[rng.random(log_prob.shape) < 0.05] = -np.inf
    whole = np.logaddexp.reduce(log_prob, axis=1, keepdims=True)
    return np.where(np.isfinite(whole), log_prob - np.where(np.isfinite(whole), whole, 0), -np.inf)


@st.composite
def automata(draw: st.DrawFn) -> Grammar:
    """One to three states with any moves, so that a text may be derived in many ways; any state may begin."""
    states = draw(st.integers(1, 3))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    counts = [draw(st.integers(0, 5)) for _ in range(states)]
    moves = sum(counts)
    return Grammar(
        np.cumsum([0, *counts]), rng.choice(ALPHABET, moves), rng.integers(0, states, moves), -rng.uniform(0, 3, moves),
        np.where(rng.random(states) < 0.3, -np.inf, -rng.uniform(0, 2, states)),
        np.where(rng.random(states) < 0.3, -np.inf, -rng.uniform(0, 2, states)),
    )  # fmt: skip


GRAMMARS = st.sampled_from(PATTERNS).map(compile_pattern) | automata()


def spelt_by_all(log_prob: Frames) -> dict[Text, float]:
    """Of every text: the sum over all its alignments."""
    sums: dict[Text, list[float]] = defaultdict(list)
    for alignment in product([*ALPHABET, BLANK], repeat=len(log_prob)):
        text = tuple(symbol for symbol, _ in groupby(alignment) if symbol != BLANK)
        sums[text].append(float(sum(log_prob[t, symbol] for t, symbol in enumerate(alignment))))
    return {text: float(np.logaddexp.reduce(each)) for text, each in sums.items()}


def allowed(grammar: Grammar, text: Text) -> float:
    """The sum over all ways of a text through the automaton."""

    here = grammar.start
    for symbol in text:
        there = np.full(len(here), -np.inf)
        for state in np.flatnonzero(here > -np.inf):
            for k in range(grammar.first[state], grammar.first[state + 1]):
                if grammar.symbol[k] == symbol:
                    to = grammar.target[k]
                    there[to] = np.logaddexp(there[to], here[state] + grammar.weight[k])
        here = there
    return float(np.logaddexp.reduce(here + grammar.final))


def every_text(log_prob: Frames, grammar: Grammar) -> dict[Text, float]:
    sums = {text: of + allowed(grammar, text) for text, of in spelt_by_all(log_prob).items()}
    return {text: of for text, of in sums.items() if of > -np.inf}


def summed(found: list[tuple[Text, float]]) -> float:
    return float(np.logaddexp.reduce([of for _, of in found])) if found else -np.inf


def symbols(text: str) -> Text:
    return tuple(SYMBOLS.index(char) for char in text)


def spelling(found: list[tuple[Text, float]]) -> list[str]:
    return ["".join(SYMBOLS[symbol] for symbol in text) for text, _ in found]


def showing(*shown: str, sure: float = 0.97, other: float = 1e-4) -> Frames:
    """Frames that each show the symbols named, equally likely, or (a space) the blank."""
    prob = np.full((len(shown), len(SYMBOLS)), other)
    for t, chars in enumerate(shown):
        for char in chars:
            prob[t, BLANK if char == " " else SYMBOLS.index(char)] = sure / len(chars)
    log_prob: Frames = np.log(prob / prob.sum(axis=1, keepdims=True))
    return log_prob


@settings(max_examples=150, deadline=None)
@given(frames(), GRAMMARS)
def test_the_total_is_the_sum_over_every_alignment_and_every_way(log_prob: Frames, grammar: Grammar) -> None:
    expected = list(every_text(log_prob, grammar).items())
    assert total(log_prob, grammar) == pytest.approx(summed(expected), abs=1e-9)


@settings(max_examples=150, deadline=None)
@given(frames(), GRAMMARS)
def test_a_wide_beam_finds_every_text_but_the_negligible(log_prob: Frames, grammar: Grammar) -> None:
    expected, found = every_text(log_prob, grammar), texts(log_prob, grammar, WIDE)
    assert len(dict(found)) == len(found) and dict(found).keys() <= expected.keys()
    assert [of for _, of in found] == sorted(dict(found).values(), reverse=True)
    for text, of in found:
        assert of == pytest.approx(expected[text], abs=1e-9)
    whole = summed(list(expected.items()))
    assert np.exp(summed(found) - whole) == pytest.approx(1, abs=5e-3) if expected else not found


@settings(max_examples=100, deadline=None)
@given(frames(), GRAMMARS, st.integers(1, 4))
def test_a_narrow_beam_always_finds_something_and_never_says_more_than_there_is(
    log_prob: Frames, grammar: Grammar, width: int
) -> None:
    expected, found = every_text(log_prob, grammar), texts(log_prob, grammar, width)
    assert min(1, len(expected)) <= len(found) <= width
    for text, of in found:
        assert of == pytest.approx(expected[text], abs=1e-9)
    assert summed(found) <= total(log_prob, grammar) + 1e-9


@settings(max_examples=20, deadline=None)
@given(frames(most=5))
def test_the_score_is_the_sum_over_every_alignment(log_prob: Frames) -> None:
    for text, of in spelt_by_all(log_prob).items():
        assert score(log_prob, text) == pytest.approx(of, abs=1e-9)


@settings(max_examples=50, deadline=None)
@given(frames(most=6), st.lists(st.lists(st.sampled_from(ALPHABET), max_size=5), max_size=9))
def test_texts_that_begin_alike_are_scored_as_each_by_itself(log_prob: Frames, some: list[list[int]]) -> None:
    lengths = np.array([len(text) for text in some], np.int64)
    rows = np.full((len(some), lengths.max(initial=0)), 255, np.uint8)  # what is behind a text means nothing
    for row, text in zip(rows, some, strict=True):
        row[: len(text)] = text
    together = scores(np.exp(log_prob), rows, lengths)
    np.testing.assert_allclose(together, [score(log_prob, text) for text in some], atol=1e-9)


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 40), st.integers(0, 12), st.sampled_from([0.5, 3.0, 8.0]), st.integers(0, 2**32))
def test_the_score_agrees_with_torch(count: int, length: int, spread: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    log_prob = torch.log_softmax(torch.from_numpy(rng.normal(0, spread, (count, len(SYMBOLS)))), 1)
    text = rng.integers(0, 4, length)
    lengths = torch.tensor([count]), torch.tensor([length])
    loss = torch.nn.functional.ctc_loss(
        log_prob[:, None], torch.from_numpy(text)[None], *lengths, blank=BLANK, reduction="none"
    )
    assert score(log_prob.numpy(), text.tolist()) == pytest.approx(-float(loss), abs=1e-7)


@settings(max_examples=50, deadline=None)
@given(st.sampled_from(["amount", "amount_digits", "zip", "date", "digits"]), st.integers(10, 60),
       st.sampled_from([0.02, 0.1, 1.0]), st.integers(0, 2**32))  # fmt: skip
def test_the_beam_of_a_field_is_sound(kind: str, count: int, concentration: float, seed: int) -> None:
    """On frames of any kind: texts obey the grammar, and their sums are those of the texts."""
    grammar = compile_pattern(pattern_of(FieldSpec("field", kind)))  # type: ignore[arg-type]
    rng = np.random.default_rng(seed)
    log_prob = np.log(rng.dirichlet(np.full(len(SYMBOLS), concentration), count) + 1e-12)
    found = texts(log_prob, grammar, 16)
    assert 0 < len(found) <= 16 and summed(found) <= total(log_prob, grammar) + 1e-9
    for text, of in found:
        assert of == pytest.approx(score(log_prob, text) + allowed(grammar, text), abs=1e-7)


def test_a_symbol_that_repeats_needs_a_blank_between() -> None:
    grammar = compile_pattern("d{1,2}")
    assert spelling(texts(showing("1", "1", "1"), grammar, 8))[0] == "1"
    assert spelling(texts(showing("1", " ", "1"), grammar, 8))[0] == "11"
    assert score(showing("1", "1"), symbols("11")) == -np.inf
    assert texts(showing("1", "1"), compile_pattern("11"), 8) == []
    assert total(showing("1", "1"), compile_pattern("11")) == -np.inf


def test_what_rounding_would_swallow_is_summed_anew() -> None:
    """After 1, another 1 is all but certain and yet impossible: the whole less that is not 0 but e^-50."""
    log_prob = np.full((2, len(SYMBOLS)), -np.inf)
    log_prob[:, SYMBOLS.index("1")], log_prob[:, SYMBOLS.index("2")] = 0.0, -50.0
    grammar = compile_pattern("1[12]")
    assert total(log_prob, grammar) == pytest.approx(-50)
    assert dict(texts(log_prob, grammar, 8)) == {symbols("12"): pytest.approx(-50)}


@pytest.mark.parametrize("width", [1, 4])
@pytest.mark.parametrize(
    "shown", [[*"1 2 3 4 5 6 7"], [*"1  2  3"], [" "] * 100, [*"1234"] * 20, [*"7" * 9], ["12"] * 30, ["/", "-"] * 5]
)
def test_no_beginning_is_followed_into_a_dead_end(shown: list[str], width: int) -> None:
    """Whatever the frames show, a ZIP code has five digits."""
    found = texts(showing(*shown), compile_pattern("d{5}"), width)
    assert 1 <= len(found) <= width and all(len(text) == 5 for text, _ in found)


def test_weights_of_one_text_on_several_ways_are_summed() -> None:
    log_prob = showing("1")
    ways = compile_pattern("1|<1>1")
    ((text, of),) = texts(log_prob, ways, 8)
    assert text == (1,) and of == pytest.approx(log_prob[0, 1] + np.log(1 + np.exp(-1)))
    assert total(log_prob, ways) == pytest.approx(of)
    ends = np.array([0.0, -np.inf]), np.array([-np.inf, 0.0])
    twice = Grammar(np.array([0, 3, 3]), np.array([1, 1, 2]), np.ones(3, np.int64), np.array([-0.5, -0.5, 0]), *ends)
    assert spelling(texts(showing("12"), twice, 1)) == ["1"]


@pytest.mark.parametrize("width", [1, 8])
def test_a_weight_decides_between_equals(width: int) -> None:
    assert spelling(texts(showing("12"), compile_pattern("(<1>1|2)"), width)) == ["2", "1"][:width]
    assert spelling(texts(showing("12"), compile_pattern("(1|<1>2)"), width)) == ["1", "2"][:width]
    begins = np.array([-1.0, 0.0, -np.inf]), np.array([-np.inf, -np.inf, 0.0])
    grammar = Grammar(np.array([0, 1, 2, 2]), np.array([1, 2]), np.array([2, 2]), np.zeros(2), *begins)
    assert spelling(texts(showing("12"), grammar, width)) == ["2", "1"][:width]


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32))
def test_the_beam_keeps_those_with_the_largest_sums(seed: int) -> None:
    """Nine texts, some of them by many alignments, of which the last frame's cut leaves five; no cut before."""
    log_prob = np.full((3, len(SYMBOLS)), -np.inf)
    for t, shown in enumerate([[0], [0, 1], [0, 1, 2]]):
        log_prob[t, [*shown, BLANK]] = np.log(np.random.default_rng([seed, t]).dirichlet(np.full(len(shown) + 1, 3.0)))
    grammar = compile_pattern("([012](<0.5>[012])?)?")
    expected = sorted(every_text(log_prob, grammar).items(), key=lambda item: -item[1])
    assert len(expected) == 9
    assert [text for text, _ in texts(log_prob, grammar, 5)] == [text for text, _ in expected[:5]]


def test_no_frames_spell_the_empty_text() -> None:
    nothing = np.zeros((0, len(SYMBOLS)))
    assert score(nothing, ()) == pytest.approx(0) and score(nothing, (1,)) == -np.inf
    assert dict(texts(nothing, compile_pattern("<2>1?"), 8)) == {(): pytest.approx(-2)}
    assert total(nothing, compile_pattern("<2>1?")) == pytest.approx(-2)
    assert texts(nothing, compile_pattern("1"), 8) == [] and total(nothing, compile_pattern("1")) == -np.inf


def test_many_texts_grow_the_store() -> None:
    """More than it begins with (256 hypotheses, 1,024 texts): 3 digits with all ten figures alike."""
    log_prob = np.full((3, len(SYMBOLS)), -3.0)
    found = texts(log_prob, compile_pattern("ddd"), WIDE)
    assert len(found) == 10 * 9 * 9  # without a blank, neighbours differ
    assert {round(of, 9) for _, of in found} == {-9.0}


def test_a_net_that_is_too_sure_does_not_run_out_of_numbers() -> None:
    """300 frames of which each says e^-60 of all but the blank; the grammar wants what none of them shows."""
    log_prob = np.full((300, len(SYMBOLS)), -60.0, np.float32)
    log_prob[:, BLANK] = 0
    ((text, of),) = texts(log_prob, compile_pattern("2{15}"), 16)
    assert text == symbols("2" * 15) and total(log_prob, compile_pattern("2{15}")) == pytest.approx(of)
    assert -15 * 60 < of < -12 * 60 and score(log_prob, text) == pytest.approx(of)
    log_prob[::20, BLANK], log_prob[::20, 1] = -60, 0
    assert score(log_prob, [1] * 15) == pytest.approx(0, abs=1e-6)
