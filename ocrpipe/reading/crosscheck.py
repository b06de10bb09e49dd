"""What two marks of one check say of each other: its amount and the encoded one, its number and the MICR serial.

Two readings that agree are wrong together far less often than either alone; how often, was counted on drawn checks
(`training.located`), and the promise is tested on that count as thresholds are. Two that differ go to a person.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from ocrpipe.reading.decide import Agreement
from ocrpipe.rows import Decision, Row

PAIRS = (("amount", "micr_amount"), ("number", "micr_serial"))
"""A field, and the part of the MICR line that repeats it."""


def crosschecked(rows: Sequence[Row], agreements: dict[str, Agreement], max_error: float) -> list[Row]:
    """The rows of many documents, in their order, each pair of `PAIRS` judged by what its two say of each other."""
    of_document: defaultdict[int, dict[str, int]] = defaultdict(dict)
    for i, row in enumerate(rows):
        if row.spec is not None:
            of_document[id(row.context)][row.spec.name] = i
    told = list(rows)
    for places in of_document.values():
        for field, part in PAIRS:
            if field in places and part in places:
                one, other = rows[places[field]], rows[places[part]]
                judged = _judged(one, other, agreements.get(field, Agreement(0, 0)), max_error)
                told[places[field]], told[places[part]] = judged
    return told


def agreed(row: Row, part: Row) -> str | None:
    """The value that a field and a part of the MICR line have in common, be it a runner-up of the field's."""
    if row.reading is None or part.decision.value is None:
        return None
    values = [row.decision.value, *(value for value, _ in row.reading.alternatives)]
    return next((value for value in values if value and _same(value, part.decision.value)), None)


def _same(value: str, other: str) -> bool:
    """Numbers of checks are encoded with zeros before them; an amount's value is the same in both."""
    return len(value) <= len(other) and value.lstrip("0") == other.lstrip("0")


def _judged(row: Row, part: Row, agreement: Agreement, max_error: float) -> tuple[Row, Row]:
    common = agreed(row, part)
    if common is not None:
        sure = agreement.carries(max_error)
        return _raised(row, common, agreement, sure), _raised(part, part.decision.value, agreement, sure)
    if row.decision.value is not None and part.decision.status == "accepted":
        detail = f"the MICR line says {part.decision.value}"
        return replace(row, decision=replace(row.decision, status="review", reason="cross_check", detail=detail)), part
    return row, part


def _raised(row: Row, value: str | None, agreement: Agreement, sure: bool) -> Row:
    """At least as sure as checks are that agree so; what is to be reviewed for a reason of its own stays so. No
    threshold decided, so there is none in the row."""
    was = row.decision
    if not sure or was.reason not in (None, "low_confidence", "uncalibrated"):
        return row
    if was.status == "accepted" and was.value == value:
        return row
    confidence = max(was.confidence or 0.0, agreement.confidence)
    return replace(row, decision=Decision("accepted", None, None, value, confidence, None))
