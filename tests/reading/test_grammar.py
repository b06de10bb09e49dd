"""Patterns against Python's own regular expressions, and what the written forms mean."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocrpipe.reading.grammar import compile_pattern, grammar_of, pattern_of, value_of
from ocrpipe.reading.search import Grammar
from ocrpipe.reading.symbols import SYMBOLS
from ocrpipe.records import FieldSpec

AMOUNT = FieldSpec("amount", "amount")
AMOUNT_DIGITS = FieldSpec("amount", "amount_digits")
CELLS = FieldSpec("amount", "amount", cells=8, cents_cells=2)
ZIP = FieldSpec("zip", "zip")
DATE = FieldSpec("date", "date", format="MM/DD/YYYY")


def weight_of(grammar: Grammar, text: str) -> float:
    """The likeliest derivation of `text`, in nats; -inf where it is no text of the grammar."""
    states = {s: float(w) for s, w in enumerate(grammar.start) if w > -np.inf}
    for char in text:
        after: dict[int, float] = defaultdict(lambda: -np.inf)
        for s, weight in states.items():
            for k in range(grammar.first[s], grammar.first[s + 1]):
                if SYMBOLS[grammar.symbol[k]] == char:
                    to = int(grammar.target[k])
                    after[to] = max(after[to], weight + float(grammar.weight[k]))
        states = after
    return max((w + float(grammar.final[s]) for s, w in states.items()), default=-np.inf)


def accepts(spec: FieldSpec, text: str) -> bool:
    return weight_of(grammar_of(spec), text) > -np.inf


def as_re(pattern: str) -> str:
    """The pattern in Python's words, weights left out."""
    parts = re.findall(r"<[^>]*>|\[[^]]*\]|\{[^}]*\}|.", pattern)
    words = {"d": "[0-9]", "x": r"\*", ".": r"\.", "$": r"\$", "#": r"\#"}
    kept = [part for part in parts if not part.startswith("<")]
    return "".join(
        words.get(part, "[" + re.escape(part[1:-1]) + "]" if len(part) > 1 and part[0] == "[" else part)
        for part in kept
    )


QUANTIFIERS = st.sampled_from(["", "", "?", "*", "+", "{2}", "{1,3}", "{0,2}"])
WEIGHTS = st.sampled_from(["", "", "<1>", "<0.5>", "<2>"])
ATOMS = st.sampled_from(["0", "1", "d", "x", "/", ".", "[.,]", "[12]", "[,-]"])


def sequences(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    part = st.tuples(WEIGHTS, inner, QUANTIFIERS).map("".join)
    sequence = st.lists(part, min_size=1, max_size=3).map("".join)
    return st.lists(sequence, min_size=1, max_size=2).map("|".join)


PATTERNS = sequences(ATOMS | sequences(ATOMS).map(lambda inner: f"({inner})"))
TEXTS = st.text("0123*/.,-", max_size=6)


@settings(max_examples=200)
@given(PATTERNS, st.data())
def test_patterns_take_what_regular_expressions_take(pattern: str, data: st.DataObject) -> None:
    expected = re.compile(as_re(pattern))
    grammar = compile_pattern(pattern)
    likely = st.from_regex(expected, fullmatch=True).filter(lambda text: len(text) < 15 and text.isascii())
    for text in data.draw(st.lists(TEXTS | likely, min_size=5, max_size=5)):
        assert (weight_of(grammar, text) > -np.inf) == bool(expected.fullmatch(text)), text
    assert (grammar.weight <= 0).all() and (grammar.final <= 0).all()


@pytest.mark.parametrize(
    ("pattern", "text", "weight"),
    [
        ("<1>d<2.5>d", "12", -3.5),
        ("(<1>d){3}", "123", -3),
        ("<1>(d{2})", "12", -1),
        ("d(<4>[-./]?d|d){1,3}", "1-23", -4),
        ("d(<4>[-./]?d|d){1,3}", "123", 0),
        ("(<3>1|<1>d)", "1", -1),
        ("(<3>1|<1>d)*", "112", -3),
        ("d(<2>-)?", "1", 0),
        ("d(<2>-)?", "1-", -2),
        ("d+(<1>.<1>)?d", "1.2", -2),
        ("d", "12", -np.inf),
        ("d|", "", 0),
    ],
)
def test_weights_add_up_along_the_likeliest_derivation(pattern: str, text: str, weight: float) -> None:
    assert weight_of(compile_pattern(pattern), text) == pytest.approx(weight)


def derivations(grammar: Grammar, text: str) -> int:
    ways = {int(s): 1 for s in np.flatnonzero(grammar.start > -np.inf)}
    for char in text:
        after: dict[int, int] = defaultdict(int)
        for s, count in ways.items():
            for k in range(grammar.first[s], grammar.first[s + 1]):
                if SYMBOLS[grammar.symbol[k]] == char:
                    after[int(grammar.target[k])] += count
        ways = after
    return sum(count for s, count in ways.items() if grammar.final[s] > -np.inf)


@pytest.mark.parametrize("pattern", ["d{1,20}", "d{0,3}", "d(-?d){1,5}"])
def test_a_repetition_derives_a_text_in_one_way(pattern: str) -> None:
    """Each way counts in the forward sum, so a text with more of them would seem likelier."""
    grammar = compile_pattern(pattern)
    assert derivations(grammar, "12") == derivations(grammar, "123") == 1


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,234.56", "1234.56"),
        ("1234.56", "1234.56"),
        ("$1,234.56", "1234.56"),
        ("123456/100", "1234.56"),  # 1234 56/100 with small raised cents: a space is no symbol
        ("1234.56/100", "1234.56"),
        ("**1,234.56**", "1234.56"),
        ("1234-56", "1234.56"),
        ("1,00,000/-", "100000.00"),
        ("12,34,567/-", "1234567.00"),
        ("1234##/100", "1234.00"),
        ("1234##/##", "1234.00"),
        ("$500##/100", "500.00"),
        ("1.234.567,89", "1234567.89"),
        ("12.500.-", "12500.00"),
        ("4500-", "4500.00"),
        ("4500", "4500.00"),
        ("1,234.56-", "1234.56"),
        ("07.05", "7.05"),
        ("#384.60#", "384.60"),
        ("99/100", None),
    ],
)
def test_written_forms_of_an_amount(text: str, value: str | None) -> None:
    assert accepts(AMOUNT, text) == (value is not None)
    if value is not None:
        assert value_of(AMOUNT, text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,234", "1234"),
        ("12.500.-", "12500"),
        ("1,00,000/-", "100000"),
        ("$4500-", "4500"),
        ("***4500**", "4500"),
        ("0042", "0042"),
    ],
)
def test_amount_digits_drop_separators_and_tails(text: str, value: str) -> None:
    assert accepts(AMOUNT_DIGITS, text) and value_of(AMOUNT_DIGITS, text) == value


@pytest.mark.parametrize(
    ("text", "value"), [("12.34", "12.34"), (".05", "0.05"), ("3.5", "3.50"), ("0012.00", "12.00"), (".00", None)]
)
def test_amounts_in_cells_have_the_point_of_the_form(text: str, value: str | None) -> None:
    assert accepts(CELLS, text) and value_of(CELLS, text) == value


def test_amounts_in_cells_have_nothing_but_digits() -> None:
    for text in ("1,234.56", "$12.00", "12-34", "12.345", "12/34"):
        assert not accepts(CELLS, text)
    whole = replace(CELLS, cents_cells=0)
    assert accepts(whole, "1250") and not accepts(whole, "12.50") and value_of(whole, "1250") == "1250.00"


@pytest.mark.parametrize(
    ("text", "value"), [("02139", "02139"), ("02139-1234", "02139-1234"), ("021391234", "02139-1234")]
)
def test_zip_codes(text: str, value: str) -> None:
    assert accepts(ZIP, text) and value_of(ZIP, text) == value


@pytest.mark.parametrize(
    ("digits", "takes", "leaves"),
    [
        ((5, 5), ["02139"], ["02139-1234", "021391234", "0213"]),
        ((9, 9), ["02139-1234", "021391234"], ["02139"]),
        ((5, 9), ["02139", "021391234"], ["021391"]),
    ],
)
def test_zip_codes_of_a_form_that_wants_one_kind(digits: tuple[int, int], takes: list[str], leaves: list[str]) -> None:
    spec = replace(ZIP, digits=digits)
    assert all(accepts(spec, text) for text in takes) and not any(accepts(spec, text) for text in leaves)


@given(st.integers(1, 8), st.integers(0, 4), st.booleans(), st.text("0123456789", min_size=1, max_size=14))
def test_digits_are_as_many_as_the_form_says(low: int, more: int, in_cells: bool, text: str) -> None:
    if low + more == 1 and not in_cells:
        more = 1  # one digit alone: see below
    spec = FieldSpec("account", "digits", cells=12 if in_cells else 0, digits=(low, low + more))
    assert accepts(spec, text) == (low <= len(text) <= low + more)
    assert value_of(spec, text) == text


def test_a_single_digit_is_single() -> None:
    spec = FieldSpec("grade", "digits", digits=(1, 1))
    assert accepts(spec, "7") and not accepts(spec, "77")


def test_digits_may_be_separated_where_writing_is_free() -> None:
    spec = FieldSpec("account", "digits", digits=(4, 8))
    assert value_of(spec, "12-34.5") == "12345" and accepts(spec, "12-34.5")
    assert weight_of(grammar_of(spec), "12-345") == -4
    assert not accepts(replace(spec, cells=8), "12-345")


@pytest.mark.parametrize(
    ("layout", "text", "value"),
    [
        ("MM/DD/YYYY", "03/14/2024", "2024-03-14"),
        ("MM/DD/YYYY", "3/4/2024", "2024-03-04"),
        ("MM/DD/YYYY", "03-14.2024", "2024-03-14"),
        ("DD.MM.YYYY", "14.03.2024", "2024-03-14"),
        ("DD-MM-YY", "14-03-24", "2024-03-14"),
        ("DD/MM/YY", "01/01/69", "1969-01-01"),
        ("DD/MM/YY", "01/01/68", "2068-01-01"),
        ("YYYY-MM-DD", "2024-02-29", "2024-02-29"),
        ("DDMMYYYY", "29022023", None),
        ("DDMMYYYY", "30022024", None),
        ("DDMMYYYY", "31042024", None),
        ("MMDDYYYY", "03142024", "2024-03-14"),
        ("MMDDYY", "031424", "2024-03-14"),
        ("DD MM YYYY", "14032024", "2024-03-14"),
    ],
)
def test_dates(layout: str, text: str, value: str | None) -> None:
    for cells in (0, 8) if text.isdigit() else (0,):
        spec = FieldSpec("date", "date", cells=cells, format=layout)
        assert accepts(spec, text) and value_of(spec, text) == value


@pytest.mark.parametrize("text", ["13/14/2024", "00/14", "03/32/2024", "03/14/1824", "03142024", "03/14/2024/"])
def test_what_is_no_date(text: str) -> None:
    assert not accepts(DATE, text)


@given(st.dates(date(1970, 1, 1), date(2068, 12, 31)), st.permutations(["DD", "MM", "YYYY"]), st.sampled_from("/.-"))
def test_every_day_can_be_written_and_read(day: date, order: list[str], separator: str) -> None:
    words = {"DD": f"{day:%d}", "MM": f"{day:%m}", "YYYY": f"{day:%Y}", "YY": f"{day:%y}"}
    for parts in (order, [part.replace("YYYY", "YY") for part in order]):
        for glue in ("", separator):
            spec = FieldSpec("date", "date", format=glue.join(parts))
            text = glue.join(words[part] for part in parts)
            assert accepts(spec, text) and value_of(spec, text) == day.isoformat()


@pytest.mark.parametrize("text", ["0311412024", "03/1412024", "03114/2024"])
def test_a_separator_that_looks_like_a_one(text: str) -> None:
    assert accepts(DATE, text) and value_of(DATE, text) == "2024-03-14"


@settings(max_examples=300)
@given(st.data())
def test_every_text_of_a_grammar_has_a_canonical_value(data: st.DataObject) -> None:
    spec, canonical = data.draw(
        st.sampled_from(
            [
                (AMOUNT, r"(0|[1-9]\d*)\.\d\d"),
                (CELLS, r"(0|[1-9]\d*)\.\d\d"),
                (AMOUNT_DIGITS, r"\d+"),
                (ZIP, r"\d{5}(-\d{4})?"),
                (FieldSpec("id", "digits", digits=(3, 9)), r"\d{3,9}"),
                (DATE, r"\d{4}-\d\d-\d\d"),
            ]
        )
    )
    grammar, state, text = grammar_of(spec), 0, ""
    for _ in range(data.draw(st.integers(1, 25))):
        low, high = int(grammar.first[state]), int(grammar.first[state + 1])
        if low == high or (grammar.final[state] > -np.inf and data.draw(st.booleans())):
            break
        k = data.draw(st.integers(low, high - 1))
        state, text = int(grammar.target[k]), text + SYMBOLS[grammar.symbol[k]]
    if grammar.final[state] > -np.inf:
        value = value_of(spec, text)
        assert re.fullmatch(canonical, value) if value else spec.kind in ("date", "amount"), (text, value)
        if spec.kind == "amount" and value is None:
            assert not re.search("[1-9]", text)


def test_equal_fields_share_a_grammar() -> None:
    assert grammar_of(AMOUNT) is grammar_of(FieldSpec("amount", "amount"))
    assert pattern_of(replace(AMOUNT, name="fee")) == pattern_of(AMOUNT)


@pytest.mark.parametrize(
    ("order", "text", "value"),
    [
        ("M/D/Y", "4/16/01", "2001-04-16"),
        ("M/D/Y", "04-16-2001", "2001-04-16"),
        ("D/M/Y", "3.4.2024", "2024-04-03"),
        ("M/D/Y", "3/4/1999", "1999-03-04"),
        ("M/D/Y", "16/4/01", None),
        ("M/D/Y", "4162001", None),
    ],
)
def test_dates_by_hand_leave_zeros_and_centuries_out(order: str, text: str, value: str | None) -> None:
    assert value_of(FieldSpec("date", "date", format=order), text) == value
