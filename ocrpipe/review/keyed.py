"""What a person types: a value of the field's kind, or why it is none.

Stricter than what the machine reads off paper, where hands take liberties: a typist has a keyboard, and a slip of the
finger must not pass for a value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ocrpipe.codes import Kind
from ocrpipe.reading.grammar import value_of
from ocrpipe.records import FieldSpec

_AMOUNT = re.compile(r"(\d{1,15}|\d{1,3}(,\d{3}){1,4}|\d{1,2}(,\d{2}){1,5},\d{3})?(\.\d{0,2})?")
"""1234.5 · 1,234,567.50 · 12,34,567 · .50"""
_FIGURES = re.compile(r"\d+([-./ ]?\d+)*")
_ISO = re.compile(r"\d{4}-\d\d-\d\d")
_MICR = re.compile(r"[0-9TAUD ]+")
_ROUTING = re.compile(r"\d{6,9}|\d{2,5}-\d{3,5}")


@dataclass(frozen=True, slots=True)
class Keyed:
    """A text that is a value, which may stand for a runner-up, or what is wrong with it."""

    value: str | None
    trouble: str = ""
    runner_up: int | None = None
    """The number, from 1, of the runner-up that a lone figure chooses."""


def keyed(spec: FieldSpec, text: str, runners_up: Sequence[str] = ()) -> Keyed:
    """What `text` says of a field.

    A lone figure that is no whole value of the field chooses the runner-up of that number.

    >>> amount = FieldSpec("amount", "amount")
    >>> keyed(amount, "$1,234.5").value, keyed(amount, "12.3.4").trouble
    ('1234.50', 'no amount: figures, and up to two behind a point')
    >>> keyed(amount, "2", ["17.00", "11.00"]).value, keyed(amount, "2.", ["17.00", "11.00"]).value
    ('11.00', '2.00')
    """
    written = text.strip()
    value = _value(spec, written)
    if len(written) == 1 and written.isascii() and written.isdigit() and (value is None or spec.kind == "amount"):
        number = int(written)
        if 1 <= number <= len(runners_up):
            return Keyed(runners_up[number - 1], runner_up=number)
    if value is None:
        return Keyed(None, _trouble(spec))
    return Keyed(value)


def _value(spec: FieldSpec, text: str) -> str | None:
    kind = spec.kind
    if kind in ("amount", "micr_amount"):
        bare = text.removeprefix("$").strip()
        whole = _AMOUNT.fullmatch(bare) and re.search(r"\d", bare)
        return value_of(FieldSpec(spec.name, "amount"), bare.replace(",", "").rstrip(".")) if whole else None
    if kind == "date":
        return text if _ISO.fullmatch(text) and value_of(_ISO_DATE, text) else value_of(spec, text)
    if kind == "micr":
        return text.strip() if _MICR.fullmatch(text) else None
    if kind == "micr_routing":
        return text if _ROUTING.fullmatch(text) else None
    if not _FIGURES.fullmatch(text):
        return None
    figures = re.sub(r"\D", "", text)
    if kind == "zip":
        return value_of(spec, figures) if len(figures) in (5, 9) else None
    if kind.startswith("micr_"):
        return text
    low, high = spec.digits or (1, spec.cells or len(figures))
    return figures if low <= len(figures) <= high else None


_ISO_DATE = FieldSpec("", "date", format="YYYY-MM-DD")

_WORDS: Mapping[Kind, str] = {
    "amount": "no amount: figures, and up to two behind a point",
    "amount_digits": "no amount's figures: digits alone",
    "zip": "no ZIP code: five figures, or nine",
    "digits": "no number: digits alone",
    "date": "no day: as 2024-07-28, or as the form has it",
    "micr": "no MICR line: figures, T, A, U, D and spaces",
    "micr_routing": "no routing number",
    "micr_account": "no account: figures and dashes",
    "micr_serial": "no serial number: figures and dashes",
    "micr_amount": "no amount: figures, and up to two behind a point",
    "micr_transaction": "no transaction code: figures",
}


def _trouble(spec: FieldSpec) -> str:
    if spec.kind == "digits" and (spec.digits or spec.cells):
        low, high = spec.digits or (1, spec.cells)
        count = str(low) if low == high else f"{low} to {high}"
        return f"no number of {count} figures"
    if spec.kind == "date" and spec.format:
        return f"no day: as 2024-07-28, or as the form has it, {spec.format}"
    return _WORDS[spec.kind]
