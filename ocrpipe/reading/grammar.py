"""What may stand in a field of each kind, and what a text of it means.

A grammar is a weighted pattern over the symbols of the lattice, compiled to an automaton without empty moves.
Patterns are regular expressions with four shorthands: `d` any digit, `x` a printed star, `#` scribble,
and `<w>` before a part, a penalty in nats for what is seldom written.
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

import numpy as np

from ocrpipe.reading.search import Grammar
from ocrpipe.reading.symbols import DIGITS, SYMBOLS
from ocrpipe.records import FieldSpec

_WHOLE = r"(d{1,5}|<1>d{6}|<2.5>d{7,9}|d{1,3}([.,]ddd){1,3}|<1>d{1,3}([.,]dd){1,3}[.,]ddd|<5>d{1,3}([.,]d{1,4}){1,3})"
"""1234 · 1,234,567 · 12,34,567 (South Asia) · groups that nobody plans but some hands show."""
_TAIL = r"(<0.7>(/?[-]|[.,][-]?|<1>[.,]/[-]))?"
"""`/-`, `-`, `.-`, `=` (a double dash is a dash), a stray point."""
_DECIMALS = r"([.,]|<0.5>[-])dd[-]?"
_FRACTION = r"[.,-]?(dd|<2>##?)/(100|<4>ddd?|<5>##?#?)|<4>[.,]?dd/"
"""`1234 56/100`, `xx/100`; a denominator that cannot be read, or none."""
_CENTS = rf"({_DECIMALS}|<0.7>({_FRACTION})|<1.5>{_TAIL})"
_SELDOM_CENTS = rf"({_TAIL}|<3>{_DECIMALS}|<4>({_FRACTION}))"
_WHOLE_CURRENCIES = {"BDT", "CLP", "INR", "JPY", "KRW", "LKR", "NPR", "PKR"}
"""Where sums are mostly written without hundredths."""


def _amount_pattern(cents: str) -> str:
    """Currency sign, protecting stars, the sum, and a closing stroke."""
    return rf"($|<7>#)?x*{_WHOLE}{cents}(<1>xx*)?(<7>#)?"


_PATTERNS = {
    "amount": _amount_pattern(_CENTS),
    "amount_digits": _amount_pattern(_TAIL),
    "zip": r"d{5}([-]dddd|<2>dddd)?",
}
_DATE_PARTS = {"DD": "(0d|[12]d|3[01])", "MM": "(0d|1[012])", "YYYY": "(19dd|20dd)", "YY": "dd"}
_FREE_DATE_PARTS = {
    "D": "([123456789]|0d|[12]d|3[01])", "M": "([123456789]|0d|1[012])", "Y": "(19dd|20dd|<0.3>dd)",
}  # fmt: skip
"""As people write them where no form says how."""
_LOOSE_DATE_PARTS = {"DD": "([123456789]|0d|[12]d|3[01])", "MM": "([123456789]|0d|1[012])"}


@lru_cache(maxsize=256)
def grammar_of(spec: FieldSpec) -> Grammar:
    """The grammar of a field; fields with equal specifications share one."""
    return compile_pattern(pattern_of(spec))


def pattern_of(spec: FieldSpec) -> str:
    """The pattern of a field's kind, bounds and format."""
    low, high = spec.digits or (1, spec.cells or 20)
    if spec.kind == "digits":
        return f"d{{{low},{high}}}" if spec.cells else f"d(<4>[-./]?d|d){{{low - 1},{high - 1}}}"
    if spec.kind == "date":
        return _date_pattern(spec.format or "DDMMYYYY", bool(spec.cells))
    if spec.kind == "zip" and spec.digits:
        return "|".join({5: "d{5}", 9: "d{5}[-]?dddd"}.get(n, f"d{{{n}}}") for n in range(low, high + 1) if n in (5, 9))
    if spec.kind == "amount" and spec.cells:
        return "(d{1,9}(.d{1,2})?|.d{1,2})" if spec.cents_cells else "d{1,9}"
    if spec.kind == "amount" and spec.currency in _WHOLE_CURRENCIES:
        return _amount_pattern(_SELDOM_CENTS)
    return _PATTERNS[spec.kind]


def _date_pattern(layout: str, cells: bool) -> str:
    parts = re.findall(r"DD|MM|YYYY|YY|.", layout)
    separated = any(part not in _DATE_PARTS for part in parts)
    known = _DATE_PARTS | _FREE_DATE_PARTS | (_LOOSE_DATE_PARTS if separated and not cells else {})
    return "".join(known.get(part, "([/.,-]|<2>1)" if part in "/-." else "") for part in parts)


def value_of(spec: FieldSpec, text: str) -> str | None:
    """The canonical value of a text that obeys the field's grammar; None where it means nothing (30 February)."""
    if spec.kind == "amount":
        return _amount(text)
    if spec.kind == "amount_digits":
        return _figures(text) or None
    figures = _figures(text)
    if spec.kind == "zip":
        return figures if len(figures) == 5 else f"{figures[:5]}-{figures[5:]}"
    if spec.kind == "date":
        return _date(spec.format or "DDMMYYYY", text, figures)
    return figures or None


def is_bare(text: str) -> bool:
    """An amount of digits and groups alone: no hundredths, no fraction, no closing stroke.

    >>> [is_bare(text) for text in ("1,234", "1,234.50", "1234/-", "12 34/100")]
    [True, False, False, False]
    """
    return not re.search(r"[/-]|[.,]\d{1,2}$", text.strip("$*#"))


_OTHER = re.compile("[^0-9]")
_GROUPS = re.compile("[0-9]+")
_POINTS = (".", ",", "-")
"""What may stand before hundredths."""
_FRACTION_BEHIND = re.compile(r"^(.*?)[.,-]?(\d\d|#{1,2})/(\d*|#*)$")


def _figures(text: str) -> str:
    return text if text.isascii() and text.isdigit() else _OTHER.sub("", text)


def _amount(text: str) -> str | None:
    if text.isascii() and text.isdigit():
        return f"{int(text)}.00"
    over_scribble = text.endswith("#") and text.rstrip("#").endswith("/")
    body = text.lstrip("$*#") if over_scribble else text.rstrip("*#").lstrip("$*#")
    fraction = _FRACTION_BEHIND.match(body) if "/" in body else None
    cents = "00"
    if fraction:
        body, cents = fraction[1], fraction[2] if fraction[2].isdigit() else "00"
    else:
        body = body.rstrip("-/")
        for behind in (1, 2):
            if body[-behind - 1 : -behind] in _POINTS and body[-behind:].isdigit():
                body, cents = body[: -behind - 1], body[-behind:].ljust(2, "0")
                break
    whole = _figures(body)
    if not whole and cents == "00":
        return None
    return f"{int(whole or '0')}.{cents}"


@lru_cache(maxsize=256)
def _date_parts(layout: str) -> tuple[str, ...]:
    return tuple(re.findall(r"DD|MM|YYYY|YY|[DMY]", layout))


def _date(layout: str, text: str, figures: str) -> str | None:
    parts = _date_parts(layout)
    groups = _GROUPS.findall(text)
    if len(groups) != 3 and "D" in parts:
        return None
    if len(groups) != 3:  # written without separators, or with one that was read as 1
        whole, written = (layout, text) if len(text) == len(layout) else ("".join(parts), figures)
        if len(written) != len(whole):
            return None
        groups = [written[begin:end] for begin, end in _spans(whole)]
    named = {part[0]: int(group) for part, group in zip(parts, groups, strict=True)}
    year = named["Y"] if named["Y"] > 99 else 2000 + named["Y"] - (100 if named["Y"] > 68 else 0)
    try:
        return date(year, named["M"], named["D"]).isoformat()
    except (ValueError, KeyError):
        return None


@lru_cache(maxsize=256)
def _spans(layout: str) -> tuple[tuple[int, int], ...]:
    """Where day, month and year stand in what is written as the layout is."""
    return tuple(m.span() for m in re.finditer(r"DD|MM|YYYY|YY", layout))


# --- patterns to automata -------------------------------------------------------------------------------------


class _Builder:
    """Thompson's construction (1968) with weighted empty moves, which `compile_pattern` takes out afterwards."""

    def __init__(self, pattern: str) -> None:
        self.pattern, self.at = pattern, 0
        self.moves: list[list[tuple[int, int]]] = []
        self.empty: list[list[tuple[int, float]]] = []

    def state(self) -> int:
        self.moves.append([])
        self.empty.append([])
        return len(self.moves) - 1

    def peek(self) -> str:
        return self.pattern[self.at : self.at + 1]

    def take(self) -> str:
        self.at += 1
        return self.pattern[self.at - 1]

    def choice(self) -> tuple[int, int]:
        begin, end = self.state(), self.state()
        while True:
            first, last = self.sequence()
            self.empty[begin].append((first, 0.0))
            self.empty[last].append((end, 0.0))
            if self.peek() != "|":
                return begin, end
            self.take()

    def sequence(self) -> tuple[int, int]:
        begin = end = self.state()
        while self.peek() and self.peek() not in "|)":
            if self.peek() == "<":
                close = self.pattern.index(">", self.at)
                costly = self.state()
                self.empty[end].append((costly, -float(self.pattern[self.at + 1 : close])))
                self.at, end = close + 1, costly
                continue
            first, last = self.repeated()
            self.empty[end].append((first, 0.0))
            end = last
        return begin, end

    def repeated(self) -> tuple[int, int]:
        mark = self.at
        first, last = self.atom()
        quantifier = self.peek()
        if quantifier and quantifier in "?*+":
            self.take()
            least, most = {"?": (0, 1), "*": (0, -1), "+": (1, -1)}[quantifier]
        elif quantifier == "{":
            close = self.pattern.index("}", self.at)
            bounds = self.pattern[self.at + 1 : close].split(",")
            least, most = int(bounds[0]), int(bounds[-1])
            self.at = close + 1
        else:
            return first, last
        after = self.at
        begin = end = self.state()
        leave = self.state()
        for count in range(max(least, 1) if most < 0 else most):
            if count:
                self.at = mark
                first, last = self.atom()
            if count >= least:
                self.empty[end].append((leave, 0.0))
            self.empty[end].append((first, 0.0))
            end = last
        if most < 0:
            self.empty[last].append((first, 0.0))
        self.empty[end].append((leave, 0.0))
        end = leave
        self.at = after
        return begin, end

    def atom(self) -> tuple[int, int]:
        char = self.take()
        if char == "(":
            first, last = self.choice()
            self.take()
            return first, last
        if char == "[":
            close = self.pattern.index("]", self.at)
            chars = self.pattern[self.at : close]
            self.at = close + 1
        else:
            chars = DIGITS if char == "d" else "*" if char == "x" else char
        begin, end = self.state(), self.state()
        self.moves[begin] = [(SYMBOLS.index(c), end) for c in chars]
        return begin, end


def compile_pattern(pattern: str) -> Grammar:
    """The automaton of a pattern: empty moves replaced by the likeliest way through them, dead states dropped."""
    builder = _Builder(pattern)
    begin, end = builder.choice()
    count = len(builder.moves)

    def reach(state: int) -> dict[int, float]:
        best = {state: 0.0}
        queue = [state]
        while queue:
            here = queue.pop()
            for there, weight in builder.empty[here]:
                if best[here] + weight > best.get(there, -np.inf):
                    best[there] = best[here] + weight
                    queue.append(there)
        return best

    closure = [reach(state) for state in range(count)]
    # states that matter: the beginning and whatever a symbol leads to
    alive = [begin, *sorted({target for moves in builder.moves for _, target in moves})]
    number = {state: i for i, state in enumerate(alive)}
    first, symbols, targets, weights = [0], [], [], []
    final = np.full(len(alive), -np.inf)
    for state in alive:
        for via, weight in sorted(closure[state].items()):
            for symbol, target in builder.moves[via]:
                symbols.append(symbol)
                targets.append(number[target])
                weights.append(weight)
        first.append(len(symbols))
        final[number[state]] = closure[state].get(end, -np.inf)
    start = np.full(len(alive), -np.inf)
    start[0] = 0.0
    return Grammar(
        np.array(first, np.int64), np.array(symbols, np.int64), np.array(targets, np.int64),
        np.array(weights, np.float64), start, final,
    )  # fmt: skip
