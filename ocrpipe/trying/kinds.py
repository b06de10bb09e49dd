"""What one may draw: the kinds of fields, each with an example and what reads it in a batch."""

from __future__ import annotations

from dataclasses import dataclass

from ocrpipe.records import FieldSpec


@dataclass(frozen=True, slots=True)
class Kind:
    """A choice on the page; `batch` is the option of `ocrpipe run` that reads pictures in the same way."""

    words: str
    example: str
    spec: FieldSpec
    batch: str | None = None


KINDS: dict[str, Kind] = {
    "digit": Kind("One digit", "7", FieldSpec("digit", "digits", digits=(1, 1))),
    "amount": Kind("Amount", "17.40", FieldSpec("amount", "amount"), "--as amount"),
    "amount_digits": Kind(
        "Amount without cents", "1,740", FieldSpec("amount_digits", "amount_digits"), "--as amount_digits"
    ),
    "zip": Kind("ZIP code", "02139", FieldSpec("zip", "zip"), "--as zip"),
    "digits": Kind("Digits, any number", "4711", FieldSpec("digits", "digits"), "--as digits"),
    "date": Kind("Date, eight figures", "28072024", FieldSpec("date", "date"), "--as date"),
    "day_first": Kind("Date, day first", "28/7/24", FieldSpec("day_first", "date", format="D/M/Y")),
    "month_first": Kind("Date, month first", "7/28/24", FieldSpec("month_first", "date", format="M/D/Y")),
}
