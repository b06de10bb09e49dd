"""From scores to values with posteriors: what a lattice says, and how sure it is."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocrpipe.reading import decode as module
from ocrpipe.reading.decode import Decoded, Scores, Weights, decode
from ocrpipe.reading.symbols import NOISE, SYMBOLS
from ocrpipe.records import FieldSpec, Lattice
from tests.reading.drawn import AMOUNT, DIGITS, chain, lattice_of, sure_scores

CELLS = FieldSpec("amount", "amount", cells=6, cents_cells=2)
ZIP = FieldSpec("zip", "zip")

ONE = Weights(1.0, 1.0)


def read(spec: FieldSpec, spelling: str, **options: int) -> tuple[str, float]:
    """The best value of a chain of nearly certain symbols, and its posterior."""
    return decode(chain(spec, spelling, **options), sure_scores(spelling), ONE).values[0]


@pytest.mark.parametrize(
    ("spec", "spelling", "value"),
    [
        (AMOUNT, "1,234.56", "1234.56"),
        (AMOUNT, "123456/100", "1234.56"),
        (AMOUNT, "**1,234.56**", "1234.56"),
        (AMOUNT, "~$12~.50~", "12.50"),
        (ZIP, "02139-1234", "02139-1234"),
        (ZIP, "~02~139", "02139"),
        (FieldSpec("date", "date", format="MM/DD/YYYY"), "03/14/2024", "2024-03-14"),
        (DIGITS, "0042", "0042"),
    ],
)
def test_sure_symbols_are_read_as_they_stand(spec: FieldSpec, spelling: str, value: str) -> None:
    best, posterior = read(spec, spelling)
    assert best == value and posterior > 0.8


def test_the_grammar_overrules_the_network() -> None:
    """A slash where only a digit can stand: the next best is taken."""
    scores = sure_scores("0213/")
    scores.log_prob[4, SYMBOLS.index("9")] = np.log(0.02)
    assert decode(chain(ZIP, "0213/"), scores, ONE).values[0][0] == "02139"


def test_a_day_that_is_none_is_no_value() -> None:
    decoded = decode(
        chain(FieldSpec("date", "date", cells=8, format="DDMMYYYY"), "30022024"), sure_scores("30022024", sure=0.9), ONE
    )
    assert all(value != "2024-02-30" for value, _ in decoded.values)


def test_where_no_path_obeys_the_grammar_there_is_at_best_a_blank() -> None:
    decoded = decode(chain(ZIP, "021"), sure_scores("021"), ONE)
    assert [value for value, _ in decoded.values] == [""] and decoded.characters == ()


def test_an_empty_lattice_is_blank_for_certain() -> None:
    assert decode(lattice_of(AMOUNT, 1, []), Scores(np.zeros((0, len(SYMBOLS))), np.zeros(0)), ONE).values == (
        ("", 1.0),
    )


@pytest.mark.parametrize(
    "spec",
    [AMOUNT, ZIP, DIGITS, CELLS],
)
def test_dirt_alone_is_blank(spec: FieldSpec) -> None:
    value, posterior = read(spec, "~~~")
    assert value == "" and posterior > 0.9


@pytest.mark.parametrize(("spelling", "point", "value"), [("1234", 2, "12.34"), ("05", 0, "0.05"), ("123", 1, "1.23")])
def test_a_form_prints_the_decimal_point(spelling: str, point: int, value: str) -> None:
    decoded = decode(chain(CELLS, spelling, point=point), sure_scores(spelling), ONE)
    assert decoded.values[0][0] == value
    assert "".join(character.text for character in decoded.characters) == spelling


def test_cells_without_cents_are_whole() -> None:
    assert read(CELLS, "12")[0] == "12.00"


def test_a_printed_point_costs_nothing() -> None:
    """Neither a posterior below 1 nor the share of the grammar speaks against a point that the form prints."""
    decoded = decode(chain(CELLS, "1234", point=2), sure_scores("1234"), ONE)
    assert decoded.log_grammar_nats > -1


def test_characters_are_those_of_the_best_path() -> None:
    """Two pieces that together are a 7, each alone a wrong cut."""
    lattice = lattice_of(DIGITS, 4, [(0, 1), (0, 2), (1, 2), (2, 3)])
    scores = sure_scores("17~5")
    scores.log_junk[[0, 2]] = np.log(0.5)
    decoded = decode(lattice, scores, ONE)
    assert (decoded.values[0][0], decoded.text) == ("75", "75")
    assert [c.text for c in decoded.characters] == ["7", "5"]
    assert all(c.prob == pytest.approx(0.97, abs=0.01) for c in decoded.characters)


def test_alpha_weighs_what_a_path_passes_by() -> None:
    """One edge for two: with junk counted, many likely characters outweigh one; without, a longer path costs more."""
    lattice = lattice_of(DIGITS, 3, [(0, 1), (0, 2), (1, 2)])
    scores = sure_scores("171", sure=0.8)
    scores.log_junk[:] = np.log([0.01, 0.2, 0.01])
    assert decode(lattice, scores, Weights(0.0, 1.0)).values[0][0] == "7"
    assert decode(lattice, scores, ONE).values[0][0] == "11"


@st.composite
def scored(draw: st.DrawFn, spec: FieldSpec) -> tuple[Lattice, Scores]:
    nodes = draw(st.integers(2, 5))
    single = [(i, i + 1) for i in range(nodes - 1)]
    double = [(i, i + 2) for i in range(nodes - 2)]
    spans = sorted(single + draw(st.lists(st.sampled_from(double), unique=True) if double else st.just([])))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    table = np.log(rng.dirichlet(np.full(len(SYMBOLS), 0.3), len(spans)) + 1e-7)
    junk = np.log(rng.uniform(1e-3, 1, len(spans)))
    point = draw(st.none() | st.integers(0, nodes - 2)) if spec.cents_cells else None
    return lattice_of(spec, nodes, spans, point=point), Scores(table, junk)


SPECS = st.sampled_from([AMOUNT, DIGITS, CELLS, FieldSpec("a", "amount_digits"), FieldSpec("d", "digits")])


@settings(max_examples=200)
@given(SPECS.flatmap(scored), st.sampled_from([0.0, 0.3, 1.0]))
def test_posteriors_are_shares_of_one_whole(case: tuple[Lattice, Scores], alpha: float) -> None:
    decoded = decode(*case, Weights(alpha, 1.0))
    posteriors = [posterior for _, posterior in decoded.values]
    values = [value for value, _ in decoded.values]
    assert sum(posteriors) <= 1 + 1e-6
    assert posteriors == sorted(posteriors, reverse=True) and len(set(values)) == len(values)
    assert all(0 <= posterior <= 1 for posterior in posteriors)


@settings(max_examples=60)
@given(scored(DIGITS), st.sampled_from([0.0, 0.5, 1.0]))
def test_posteriors_of_digits_are_those_of_every_path(case: tuple[Lattice, Scores], alpha: float) -> None:
    lattice, scores = case
    table = scores.log_prob - alpha * np.maximum(scores.log_junk, -9)[:, None]
    spans = list(zip(lattice.starts.tolist(), lattice.ends.tolist(), strict=True))

    def segmentations(node: int) -> list[list[int]]:
        if node == lattice.nodes - 1:
            return [[]]
        return [[e, *rest] for e, (i, j) in enumerate(spans) if i == node for rest in segmentations(j)]

    sums: dict[str, float] = {}
    blank = sum(table[e, SYMBOLS.index(NOISE)] for e, (i, j) in enumerate(spans) if j - i == 1)
    for edges in segmentations(0):
        for symbols in product([*range(10), SYMBOLS.index(NOISE)], repeat=len(edges)):
            text = "".join(SYMBOLS[s] for s in symbols if SYMBOLS[s] != NOISE)
            score = sum(table[e, s] for e, s in zip(edges, symbols, strict=True))
            if text:
                sums[text] = float(np.logaddexp(sums.get(text, -np.inf), score))
    whole = np.logaddexp.reduce([*sums.values(), blank])
    expected = {value: float(np.exp(score - whole)) for value, score in {**sums, "": blank}.items()}
    with patch.object(module, "BEAM", 10_000):  # a beam that loses nothing
        found = dict(decode(lattice, scores, Weights(alpha, 1.0)).values)
    for value, posterior in expected.items():
        assert found.get(value, 0.0) == pytest.approx(posterior, abs=2e-3)


@given(st.permutations(range(6)))
def test_the_order_of_edges_changes_no_reading(order: list[int]) -> None:
    """Of those from one node; from node to node they ascend."""
    spans = [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]
    order.sort(key=lambda i: spans[i][0])
    rng = np.random.default_rng(5)
    scores = Scores(np.log(rng.dirichlet(np.ones(len(SYMBOLS)), 6)), np.log(rng.uniform(0.01, 1, 6)))
    plain = decode(lattice_of(DIGITS, 4, spans), scores, ONE)
    shuffled = decode(
        lattice_of(DIGITS, 4, [spans[i] for i in order]), Scores(scores.log_prob[order], scores.log_junk[order]), ONE
    )
    assert shuffled.text == plain.text
    assert dict(shuffled.values) == pytest.approx(dict(plain.values))


def frames_of(spelling: str, *, sure: float = 0.97) -> np.ndarray:
    """(T, 18) of a swept network that shows one symbol after another, a blank between them."""
    other = np.log((1 - sure) / (len(SYMBOLS) - 1))
    frames = np.full((2 * len(spelling) + 1, len(SYMBOLS)), other)
    frames[::2, -1] = np.log(sure)
    for i, symbol in enumerate(spelling):
        frames[2 * i + 1, SYMBOLS.index(symbol)] = np.log(sure)
    return frames


def both(lattice_says: str, second_says: str, *, sure: float = 0.97, second: float = 1.0) -> Decoded:
    scores = replace(sure_scores(lattice_says, sure=sure), frames=frames_of(second_says))
    return decode(chain(DIGITS, lattice_says), scores, Weights(1.0, second))


def test_readers_that_agree_are_surer_than_one() -> None:
    decoded = both("1997", "1997", sure=0.8)
    alone = decode(chain(DIGITS, "1997"), sure_scores("1997", sure=0.8), ONE)
    assert decoded.values[0][0] == alone.values[0][0] == "1997"
    assert decoded.values[0][1] > alone.values[0][1]
    assert alone.apart is None and decoded.apart is not None and max(decoded.apart[:2]) <= 0


def test_the_surer_reader_wins() -> None:
    assert both("1997", "1991", sure=0.4).values[0][0] == "1991"
    assert both("1997", "1991", sure=0.99, second=0.1).values[0][0] == "1997"


def test_a_value_of_the_second_reader_is_laid_over_the_lattice() -> None:
    """The lattice would never propose it, but can spell it: the characters have boxes."""
    decoded = both("1997", "1991", sure=0.4)
    assert [c.text for c in decoded.characters] == list("1991")


def test_the_second_reader_hears_no_printed_point() -> None:
    lattice = chain(CELLS, "1234", point=2)
    agree, differ = (
        decode(lattice, replace(sure_scores("1234", sure=0.4), frames=frames_of(figures)), Weights(1.0, 1.0))
        for figures in ("1234", "1294")
    )
    assert (agree.values[0][0], agree.text) == ("12.34", "12.34") and agree.values[0][1] > differ.values[0][1]
    assert differ.values[0][0] == "12.94"
    without_cents = replace(sure_scores("12", sure=0.4), frames=frames_of("12"))
    assert decode(chain(CELLS, "12"), without_cents, Weights(1.0, 1.0)).values[0][0] == "12.00"


def test_what_the_lattice_cannot_spell_has_no_characters() -> None:
    decoded = both("199", "1991", sure=0.4, second=4.0)
    assert decoded.values[0][0] == "1991" and decoded.text == "1991" and decoded.characters == ()


def test_shares_of_both_readers_sum_to_at_most_one() -> None:
    decoded = both("1997", "4821", sure=0.6)
    assert sum(share for _, share in decoded.values) == pytest.approx(1.0)
    assert all(share >= 0 for _, share in decoded.values)


def test_blank_frames_speak_for_a_blank_field() -> None:
    scores = replace(sure_scores("~~", sure=0.5), frames=frames_of(""))
    value, share = decode(chain(DIGITS, "~~"), scores, ONE).values[0]
    assert value == "" and share > 0.9
