"""What one may draw: kinds of fields that `--as` knows, some more, and a field of the operator's own form."""

from __future__ import annotations

from dataclasses import dataclass

from ocrpipe.codes import WRITTEN
from ocrpipe.errors import UsageError
from ocrpipe.fields.template import Template
from ocrpipe.records import FieldSpec

OWN = "own"


@dataclass(frozen=True, slots=True)
class Kind:
    """A choice on the page: its name there, a hint for whoever has chosen it, and what is read."""

    words: str
    hint: str
    spec: FieldSpec


def _kind(words: str, example: str, spec: FieldSpec, batch: bool = True) -> Kind:
    """One that a `batch` reads in the same way, or none does."""
    read = f" Read as “ocrpipe run --as {spec.kind}” reads a picture of one field." if batch else ""
    return Kind(words, f"Such as {example}.{read}", spec)


KINDS: dict[str, Kind] = {
    "digit": _kind("One digit", "7", FieldSpec("digit", "digits", digits=(1, 1)), batch=False),
    "amount": _kind("Amount", "17.40", FieldSpec("amount", "amount")),
    "amount_digits": _kind("Amount without cents", "1,740", FieldSpec("amount_digits", "amount_digits")),
    "zip": _kind("ZIP code", "02139", FieldSpec("zip", "zip")),
    "digits": _kind("Digits, any number", "4711", FieldSpec("digits", "digits")),
    "date": _kind("Date, eight figures", "28072024", FieldSpec("date", "date")),
    "day_first": _kind("Date, day first", "28/7/24", FieldSpec("day_first", "date", format="D/M/Y"), batch=False),
    "month_first": _kind("Date, month first", "7/28/24", FieldSpec("month_first", "date", format="M/D/Y"), batch=False),
}


def kind_of(template: Template, name: str) -> Kind:
    """A field of a form, with its format, its bounds and its cells; UsageError where there is none of that name."""
    specs = {spec.name: spec for spec in template.specs if spec.kind in WRITTEN}
    if name not in specs:
        raise UsageError(f"--field {name}: {template.name} has {', '.join(specs) or 'nothing that is written'}")
    cells = specs[name].cells
    hint = f" A picture of it ends where its {cells} cells end." if cells else ""
    return Kind(f"{name} of {template.name}", f"Read by what {template.name} says of {name}.{hint}", specs[name])
