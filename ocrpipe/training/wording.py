"""What people write into a field, and how: the texts that drawn fields show, with their canonical values.

From general knowledge of how amounts, ZIP codes, dates and identifiers are written in the Americas, Europe
and South Asia. A text is a list of marks; `raised` marks are small and high, as cents before `/100` are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from numpy.random import Generator

from ocrpipe.codes import Kind
from ocrpipe.records import FieldSpec


@dataclass(frozen=True, slots=True)
class Mark:
    """One character to draw; `tight` ones hang together with the zero before them (linked zeros), and `form` asks
    for a special one: a `long` dash, a `tall` slash, or a word or sign for an `x`, ink that is no figure."""

    char: str
    scale: float = 1.0
    raised: float = 0.0
    tight: bool = False
    form: str = ""


@dataclass(frozen=True, slots=True)
class Wording:
    """A field's text and what it should be read as."""

    spec: FieldSpec
    marks: tuple[Mark, ...]
    value: str
    printable: bool = True


_INDIAN = 0.25
"""Share of the sums without cents."""
_CURRENCIES = ("Rs", "₹", "£", "€")


def _marks(text: str, scale: float = 1.0, raised: float = 0.0) -> list[Mark]:
    return [Mark(char, scale, raised) for char in text]


def grouped(whole: str, separator: str, indian: bool = False) -> str:
    head, tail = whole[:-3], whole[-3:]
    step = 2 if indian else 3
    groups: list[str] = []
    while head:
        groups.insert(0, head[-step:])
        head = head[:-step]
    return separator.join([*groups, tail])


def whole_sum(rng: Generator) -> str:
    """Sums of money: every length about as likely, round ones frequent, first digits after Benford."""
    length = int(rng.choice([1, 2, 3, 4, 5, 6, 7], p=[0.04, 0.16, 0.24, 0.24, 0.18, 0.1, 0.04]))
    digits = [str(min(9, int(10 ** rng.random()))), *(str(int(v)) for v in rng.integers(0, 10, length - 1))]
    if length > 2 and rng.random() < 0.3:
        zeros = int(rng.integers(1, length))
        digits[-zeros:] = ["0"] * zeros
    return "".join(digits)


def _linked_zeros(marks: list[Mark], rng: Generator) -> list[Mark]:
    """Runs of zeros that many people write in one movement, often small."""
    chain, small = rng.random() < 0.45, rng.random() < 0.27
    scale = float(rng.uniform(0.4, 0.8)) if small else 1.0
    drawn = []
    for i, m in enumerate(marks):
        run = m.char == "0" and ((i and marks[i - 1].char == "0") or (i + 1 < len(marks) and marks[i + 1].char == "0"))
        if run and m.raised == 0:
            drawn.append(Mark("0", m.scale * scale, m.raised, tight=chain and i > 0 and marks[i - 1].char == "0"))
        else:
            drawn.append(m)
    return drawn


def _lead(rng: Generator, dollars: float) -> list[Mark]:
    """A currency sign in a share of `dollars`; seldom one that the alphabet lacks."""
    place = rng.random()
    if place < dollars:
        return _marks("$")
    return [Mark("x", form=str(rng.choice(_CURRENCIES)))] if place < dollars + 0.04 else []


def _closing(tail: str, rng: Generator) -> list[Mark]:
    """Closing strokes, whose dashes many people draw long and whose slashes tall."""
    forms = {"-": "long" if rng.random() < 0.25 else "", "/": "tall" if rng.random() < 0.4 else ""}
    return [Mark(char, form=forms.get(char, "")) for char in tail]


def amount(rng: Generator, kind: Kind = "amount") -> Wording:
    """A sum with cents in one of its written forms; as `amount_digits`, often one without cents."""
    whole = whole_sum(rng)
    cents = "00" if rng.random() < 0.2 else f"{int(rng.integers(0, 100)):02d}"
    style = float(rng.random())
    lead = _lead(rng, 0.12)
    if kind == "amount_digits" or style < 0.3:
        return round_amount(whole, rng, kind)
    return with_cents(whole, cents, style, lead, rng)


def with_cents(whole: str, cents: str, style: float, lead: list[Mark], rng: Generator) -> Wording:
    """A sum with a decimal point (`style` 0.3 … 0.72), a dash (to 0.8) or a fraction of a hundred (to 1)."""
    printable = True
    separator = "," if rng.random() < 0.7 else ""
    shown = grouped(whole, separator) if len(whole) > 3 else whole
    if style < 0.72:
        text = _marks(f"{shown}.{cents}")
        if rng.random() < 0.12:
            text += _closing("-", rng)
        if rng.random() < 0.15:
            text = _marks("*" * int(rng.integers(1, 4))) + text
            text += _marks("**") if rng.random() < 0.3 else []
    elif style < 0.8:
        text = _marks(f"{shown}-{cents}")
    else:
        printable = False
        raised = float(rng.uniform(0.0, 0.6)) if rng.random() < 0.6 else 0.0
        scale = float(rng.uniform(0.5, 0.8)) if raised else float(rng.uniform(0.65, 1.0))
        if rng.random() < 0.2:
            small, cents = _marks("xx", 0.8, raised * 0.6), "00"
            if rng.random() < 0.35:
                small = [Mark("x", 0.9, raised * 0.6, form="no")]
        else:
            small = _marks(cents, scale, raised)
        below = "xx" if rng.random() < 0.06 else "100"
        text = [*_marks(shown), *small, *_marks("/"), *_marks(below, scale)]
        if rng.random() < 0.15:
            text.insert(len(shown), Mark("."))
    marks = (*lead, *_linked_zeros(text, rng))
    printable = printable and not any(m.form for m in marks)
    return Wording(FieldSpec("amount", "amount", currency="USD"), marks, f"{whole}.{cents}", printable)


def round_amount(whole: str, rng: Generator, kind: Kind) -> Wording:
    """Sums without cents, as in South America and India: `12.500.-`, `1,25,000/-`, `4500=`."""
    if rng.random() < _INDIAN:
        return crores(rng, kind)
    form = rng.random()
    if len(whole) > 3 and form < 0.75:
        separator = "." if rng.random() < 0.65 else ","
        indian = len(whole) > 5 and rng.random() < 0.3
        shown = grouped(whole, separator, indian)
    else:
        shown = whole
    tail = str(rng.choice(["", "/-", "-", ".-", "=", ".", ",", "/="], p=[0.4, 0.16, 0.1, 0.1, 0.06, 0.08, 0.06, 0.04]))
    lead = _lead(rng, 0.06)
    value = whole if kind == "amount_digits" else f"{whole}.00"
    marks = (*lead, *_linked_zeros(_marks(shown), rng), *_closing(tail, rng))
    return Wording(FieldSpec(kind, kind), marks, value, printable=not any(m.form for m in marks))


def crores(rng: Generator, kind: Kind) -> Wording:
    """Sums as India writes them, in thousands, lakhs and crores, mostly round: `2,50,00,000/-`; some leave the crores
    with their lakhs: `250,00,000/-`."""
    length = int(rng.choice([3, 4, 5, 6, 7, 8, 9, 10], p=[0.05, 0.12, 0.2, 0.2, 0.17, 0.13, 0.09, 0.04]))
    figures = [str(min(9, int(10 ** rng.random()))), *(str(int(v)) for v in rng.integers(0, 10, length - 1))]
    if rng.random() < 0.75:
        zeros = int(rng.integers(length // 3, length))
        figures[length - zeros :] = ["0"] * zeros
    whole = "".join(figures)
    separator = "," if rng.random() < 0.85 else "."
    shown = grouped(whole, separator, indian=True) if rng.random() < 0.85 else whole
    if shown.count(separator) > 2 and shown.index(separator) == 1 and rng.random() < 0.5:
        shown = shown.replace(separator, "", 1)
    tail = str(rng.choice(["/-", "/=", "-", "", ".", "="], p=[0.58, 0.08, 0.09, 0.18, 0.04, 0.03]))
    lead = [Mark("x", form=str(rng.choice(["Rs", "₹"])))] if rng.random() < 0.12 else []
    value = whole if kind == "amount_digits" else f"{whole}.00"
    marks = (*lead, *_linked_zeros(_marks(shown), rng), *_closing(tail, rng))
    return Wording(FieldSpec(kind, kind), marks, value, printable=not any(m.form for m in marks))


def zip_code(rng: Generator) -> Wording:
    digits = "".join(str(v) for v in rng.integers(0, 10, 9))
    text = digits[:5] + ("-" + digits[5:] if rng.random() < 0.25 else "")
    return Wording(FieldSpec("zip", "zip"), tuple(_marks(text)), text)


def digits(rng: Generator, cells: bool) -> Wording:
    length = int(rng.integers(1, 13))
    text = "".join(str(v) for v in rng.integers(0, 10, length))
    blank = int(rng.integers(0, 3)) if cells else 0
    spec = FieldSpec("digits", "digits", cells=length + blank if cells else 0)
    return Wording(spec, tuple(_marks(text)), text)


def amount_in_cells(rng: Generator) -> Wording:
    whole, cents = whole_sum(rng)[:6], f"{int(rng.integers(0, 100)):02d}"
    spec = FieldSpec("amount", "amount", cells=len(whole) + 2 + int(rng.integers(0, 4)), cents_cells=2)
    return Wording(spec, tuple(_marks(whole + cents)), f"{whole}.{cents}")


def day(rng: Generator, cells: bool) -> Wording:
    separator = str(rng.choice(["/", "-", "."]))
    layout, pattern = (("DD{}MM{}YYYY", "%d{}%m{}%Y"), ("MM{}DD{}YY", "%m{}%d{}%y"))[int(rng.integers(2))]
    if cells:
        separator, layout, pattern = "", "DDMMYYYY", "%d%m%Y"
    # two digits of a year stand for 1969 to 2068, whatever the hand may have meant
    first = date(1930, 1, 1) if layout.endswith("YYYY") else date(1969, 1, 1)
    when = date.fromordinal(int(rng.integers(first.toordinal(), date(2039, 1, 1).toordinal())))
    if rng.random() < 0.7:
        when = when.replace(year=int(rng.integers(2005, 2032)), day=min(when.day, 28))
    text = when.strftime(pattern.replace("{}", separator))
    spec = FieldSpec("date", "date", cells=8 if cells else 0, format=layout.replace("{}", separator))
    return Wording(spec, tuple(_marks(text)), str(when))


def zip_in_cells(rng: Generator) -> Wording:
    text = "".join(str(v) for v in rng.integers(0, 10, 5 if rng.random() < 0.7 else 9))
    value = text if len(text) == 5 else f"{text[:5]}-{text[5:]}"
    return Wording(FieldSpec("zip", "zip", cells=len(text)), tuple(_marks(text)), value)


MAKERS: dict[str, tuple[float, Callable[[Generator], Wording]]] = {
    "amount": (0.28, amount),
    "amount_digits": (0.24, lambda rng: amount(rng, "amount_digits")),
    "zip": (0.12, zip_code),
    "digits": (0.08, lambda rng: digits(rng, cells=False)),
    "date": (0.05, lambda rng: day(rng, cells=False)),
    "digits in cells": (0.1, lambda rng: digits(rng, cells=True)),
    "amount in cells": (0.05, amount_in_cells),
    "date in cells": (0.05, lambda rng: day(rng, cells=True)),
    "zip in cells": (0.03, zip_in_cells),
}
"""What is drawn for each calibration profile, and its share in what the networks are taught on."""


def anything(rng: Generator) -> Wording:
    """One of `MAKERS` by its share."""
    names = list(MAKERS)
    shares = [MAKERS[name][0] for name in names]
    return MAKERS[names[int(rng.choice(len(names), p=shares))]][1](rng)
