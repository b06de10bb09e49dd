"""What the entries of a field make of it.

One person settles a field. With double keying, two do, who have not seen each other's entry and say the same; where
they differ, a third who has seen both settles it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from ocrpipe.review.record import VERDICTS, Entry

State = Literal["open", "disputed", "settled"]


@dataclass(frozen=True, slots=True)
class Settlement:
    """How far a field has come. `by` are the entries that count, one a person, in order."""

    state: State
    by: tuple[Entry, ...]
    verdict: Entry | None = None
    """The entry that holds good, where it is settled."""


_OPEN = Settlement("open", ())


def standing(entries: Iterable[Entry]) -> list[Entry]:
    """The entries of one field that nobody took back, without those that say nothing of it."""
    kept: dict[int, Entry] = {}
    for entry in entries:
        if entry.action == "undo" and entry.undoes is not None:
            kept.pop(entry.undoes, None)
        elif entry.action in VERDICTS:
            kept[entry.number] = entry
    return list(kept.values())


def settled(entries: Iterable[Entry], double_key: bool) -> Settlement:
    """What all `entries` of one field say together.

    >>> from ocrpipe.review.record import FieldKey
    >>> key = FieldKey("f00d", 0, 0, "amount")
    >>> keyed = [Entry(key, who, "value", value, number=n)
    ...          for n, (who, value) in enumerate([("ann", "12.00"), ("bob", "17.00"), ("eve", "17.00")], 1)]
    >>> [settled(keyed[:n], double_key=True).state for n in (0, 1, 2, 3)]
    ['open', 'open', 'disputed', 'settled']
    >>> settled(keyed[:1], double_key=False).verdict.value
    '12.00'
    """
    last_of = {entry.who: entry for entry in standing(entries)}
    by = tuple(sorted(last_of.values(), key=lambda entry: entry.number))
    if not by:
        return _OPEN
    if not double_key:
        return Settlement("settled", by, by[-1])
    for i, entry in enumerate(by):
        if any(_same(entry, earlier) for earlier in by[:i]) or i == 2:
            return Settlement("settled", by, entry)
    return Settlement("disputed" if len(by) == 2 else "open", by)


def _same(one: Entry, other: Entry) -> bool:
    return (one.action, one.value) == (other.action, other.value)
