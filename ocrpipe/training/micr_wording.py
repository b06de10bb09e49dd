"""What MICR lines say: the fields of US checks as ANSI X9.100-160-2 orders them, of Indian ones (CTS-2010), of British.

Written with T transit, A amount, U on-us, D dash, as printed, with any number of spaces.
"""

from __future__ import annotations

from collections.abc import Callable

from numpy.random import Generator

from ocrpipe.e13b import SYMBOLS
from ocrpipe.reading.micr_fields import ABA_WEIGHTS


def wording(rng: Generator) -> str:
    """What one line says; now and then anything at all, so that nobody relies on the order."""
    return _MAKERS[int(rng.choice(len(_MAKERS), p=(0.28, 0.22, 0.26, 0.14, 0.1)))](rng)


def _figures(count: int, rng: Generator) -> str:
    return "".join(str(d) for d in rng.integers(0, 10, count))


def routing(rng: Generator) -> str:
    """Nine digits, of which the last makes the ABA's sum a multiple of ten."""
    eight = _figures(8, rng)
    total = sum(w * int(d) for w, d in zip(ABA_WEIGHTS, eight, strict=False))
    return eight + str(-total % 10)


def gap(rng: Generator) -> str:
    return " " * int(rng.choice((0, 1, 2, 3, 6), p=(0.12, 0.6, 0.16, 0.08, 0.04)))


def account_part(rng: Generator) -> str:
    figures = _figures(int(rng.integers(5, 14)), rng)
    for _ in range(int(rng.integers(1, 3)) if rng.random() < 0.35 else 0):
        at = int(rng.integers(2, len(figures) - 1))
        figures = figures[:at] + ("D" if rng.random() < 0.7 else " ") + figures[at:]
    return figures.replace("  ", " ") + "U"


def _amount(rng: Generator) -> str:
    return " " + gap(rng) + f"A{int(10 ** rng.uniform(2, 8)):010d}A" if rng.random() < 0.35 else ""


def _business(rng: Generator) -> str:
    """The serial on the left, between on-us symbols."""
    serial = f"U{_figures(int(rng.integers(4, 11)), rng)}U"
    return f"{serial}{gap(rng)}T{routing(rng)}T{gap(rng)}{account_part(rng)}{_amount(rng)}"


def _personal(rng: Generator) -> str:
    """The serial on the right of the account, or left of it."""
    account, serial = account_part(rng), _figures(int(rng.integers(3, 7)), rng)
    on_us = f"{serial}{gap(rng) or ' '}{account}" if rng.random() < 0.2 else f"{account}{gap(rng)}{serial}"
    return f"T{routing(rng)}T{gap(rng)}{on_us}{_amount(rng)}"


def _indian(rng: Generator) -> str:
    """Serial, sort code of city, bank and branch, account base, transaction code; an amount where it was encoded."""
    begin = "T" if rng.random() < 0.1 else ""
    code = f"{begin}{_figures(9, rng)}T"
    amount = _amount(rng) if rng.random() < 0.4 else ""
    return f"U{_figures(6, rng)}U{gap(rng) or ' '}{code}{gap(rng) or ' '}{_figures(6, rng)}U {_figures(2, rng)}{amount}"


def _british(rng: Generator) -> str:
    """Serial, sort code with a dash, account, a transaction code at times; so in Ireland and much of Asia, too."""
    sort_code = f"{_figures(2, rng)}D{_figures(int(rng.integers(4, 6)), rng)}T"
    account = f"{_figures(int(rng.integers(8, 13)), rng)}U"
    tail = f" {_figures(2, rng)}" if rng.random() < 0.5 else ""
    return f"U{_figures(6, rng)}U{gap(rng) or ' '}{sort_code}{gap(rng) or ' '}{account}{tail}{_amount(rng)}"


def _anything(rng: Generator) -> str:
    groups = []
    for _ in range(int(rng.integers(2, 6))):
        groups.append("".join(SYMBOLS[int(i)] for i in rng.integers(0, len(SYMBOLS), int(rng.integers(2, 13)))))
    return " ".join(groups)


_MAKERS: tuple[Callable[[Generator], str], ...] = (_business, _personal, _indian, _british, _anything)
