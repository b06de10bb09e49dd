"""Who is shown what next, and what their keys do: the queue, the record and the leases together.

An item is leased to the person who is shown it, so that two never key the same one at once, unless they are meant to.
Threads may share a desk.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import RLock
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ocrpipe.fields.template import Template
from ocrpipe.records import FieldSpec
from ocrpipe.review.keyed import Keyed, keyed
from ocrpipe.review.queue import MOST_AUDITED, PARTS, Order, Part, Queue
from ocrpipe.review.record import VERDICTS, Action, Entry, FieldKey, Record
from ocrpipe.review.settling import Settlement, settled

LEASE_S = 300.0
"""An item that was shown goes to others when nothing was heard of it for so long."""
_STATES = ("open", "disputed", "settled")


class Refused(Exception):
    """Why a key did nothing, in words for a person."""


class Gone(Exception):
    """Why an item is not this person's any more, in words for them."""


class Person(NamedTuple):
    """Somebody at a browser; one person may sit at two."""

    name: str
    session: str


@dataclass(frozen=True, slots=True)
class Keying:
    """What a person did with an item."""

    item: int
    action: Action
    text: str = ""
    seconds: float = 0.0
    confirmed: bool = False
    """Whether the person was shown that the machine reads something else, and stays with it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of it; `again` is the machine's reading where the person is asked once more."""

    entry: Entry
    state: str
    again: str | None = None


class Desk:
    """Gives out items and takes in decisions."""

    def __init__(
        self, results: Path, audit: float, record: Record, double_key: bool, templates: Sequence[Template],
        most_audited: int = MOST_AUDITED,
    ) -> None:  # fmt: skip
        """Reads the rows that need a person, and what the record says of them already."""
        self.queue = Queue.of(results, audit, most_audited)
        self.record = record
        self.double_key = double_key
        self._specs = {(t.name, spec.name): spec for t in templates for spec in t.specs}
        self._lock = RLock()
        count = len(self.queue)
        self._state = np.zeros(count, np.int8)
        self._leased_until = np.zeros(count)
        self._leased_to: dict[int, str] = {}
        self._skipped: defaultdict[str, set[int]] = defaultdict(set)
        self._entered: defaultdict[str, NDArray[np.bool_]] = defaultdict(lambda: np.zeros(count, np.bool_))
        self._entries: defaultdict[FieldKey, list[Entry]] = defaultdict(list)
        self._done: defaultdict[str, dict[int, Entry]] = defaultdict(dict)
        for entry in record.entries():
            self._note(entry)
        for key in self._entries:
            self._settle(key)

    # --- what is next ---------------------------------------------------------------------------------------------

    def take(
        self, person: Person, count: int, order: Order, chosen: Mapping[str, str], held: Sequence[int]
    ) -> list[int]:
        """Leases up to `count` items to a person, those on which two others differ first, beside those `held`, whose
        leases go on."""
        with self._lock:
            now = time.monotonic()
            for item in held:
                if self._leased_to.get(item) == person.session:
                    self._leased_until[item] = now + LEASE_S
            free = self._open_to(person, now) & self.queue.mask(dict(chosen))
            free[list(held)] = False
            skipped = self._skipped[person.name]
            fresh = free.copy()
            fresh[list(skipped)] = False
            if not fresh.any() and not held:  # once round: what was skipped comes again
                skipped.clear()
                fresh = free
            in_order = self.queue.orders[order]
            waiting = in_order[fresh[in_order]]
            disputed = self._state[waiting] == _STATES.index("disputed")
            found = [int(i) for i in np.concatenate([waiting[disputed], waiting[~disputed]])[:count]]
            for item in found:
                self._lease(item, person, now)
            return found

    def _open_to(self, person: Person, now: float) -> NDArray[np.bool_]:
        """(N,) items that are not settled, not at somebody else's browser, and not keyed by this person before."""
        free: NDArray[np.bool_] = (self._state != _STATES.index("settled")) & ~self._entered[person.name]
        for item in np.flatnonzero(free & (self._leased_until > now)):
            free[item] = self._leased_to[int(item)] == person.session
        return free

    def _lease(self, item: int, person: Person, now: float) -> None:
        self._leased_to[item], self._leased_until[item] = person.session, now + LEASE_S

    def give_back(self, person: Person) -> None:
        """All leases of a person's browser end."""
        with self._lock:
            for item in [item for item, holder in self._leased_to.items() if holder == person.session]:
                self._end_lease(item)

    def _end_lease(self, item: int) -> None:
        self._leased_to.pop(item, None)
        self._leased_until[item] = 0.0

    # --- what a person does ---------------------------------------------------------------------------------------

    def check(self, item: int, text: str) -> Keyed:
        """What a text would mean for an item."""
        row = self.queue.row(item)
        return keyed(self.spec_of(row), text, () if self.is_blind(item) else runners_up(row))

    def decide(self, person: Person, keying: Keying) -> Outcome:
        """Puts on the record what a person did; Refused where it is no value, Gone where the item is not theirs."""
        with self._lock:
            item, value = keying.item, None
            if self._leased_to.get(item) != person.session:
                raise Gone("The field before went to somebody else meanwhile, and was not saved.")
            if keying.action == "value":
                said = self.check(item, keying.text)
                if said.value is None:
                    raise Refused(said.trouble)
                value = said.value
            blind = self.is_blind(item) and not keying.confirmed
            read = self.queue.row(item)["value"]
            if blind and not self.double_key and keying.action in ("value", "blank") and value != read:
                entry = self._entry(person.name, item, "first", value=value, seconds=keying.seconds, blind=True)
                return Outcome(self._keep(entry), _STATES[self._state[item]], read or "blank")
            if keying.action == "skip":
                self._skipped[person.name].add(item)
            entry = self._entry(person.name, item, keying.action, value=value, seconds=keying.seconds, blind=blind)
            entry = self._keep(entry)
            self._end_lease(item)
            return Outcome(entry, _STATES[self._state[item]])

    def undo(self, person: Person) -> int:
        """Takes back a person's last decision; the item, which is theirs again."""
        with self._lock:
            mine = self._done[person.name]
            if not mine:
                raise Refused("nothing to undo")
            last = mine[max(mine)]
            item = self.queue.number_of[last.key]
            holder = self._leased_to.get(item)
            if holder not in (None, person.session) and self._leased_until[item] > time.monotonic():
                raise Refused("somebody else is at this field now")
            self._keep(self._entry(person.name, item, "undo", undoes=last.number))
            self._lease(item, person, time.monotonic())
            return item

    def _entry(
        self, who: str, item: int, action: Action, *, value: str | None = None, undoes: int | None = None,
        seconds: float = 0.0, blind: bool = False,
    ) -> Entry:  # fmt: skip
        row = self.queue.row(item)
        return Entry(
            self.queue.keys[item], who, action, value, undoes, max(0.0, min(seconds, 3_600.0)), blind,
            row["source"], row["kind"], row["value"], row["status"], row["confidence"], row["model"], row["run_id"],
        )  # fmt: skip

    def _keep(self, entry: Entry) -> Entry:
        """On the record, then in memory."""
        kept = self.record.append(entry)
        self._note(kept)
        self._settle(kept.key)
        return kept

    def _note(self, entry: Entry) -> None:
        self._entries[entry.key].append(entry)
        if entry.key not in self.queue.number_of:  # of an earlier batch, and not in question any more
            return
        if entry.action in VERDICTS:
            self._done[entry.who][entry.number] = entry
        elif entry.undoes is not None:
            self._done[entry.who].pop(entry.undoes, None)

    def _settle(self, key: FieldKey) -> None:
        item = self.queue.number_of.get(key)
        if item is None:
            return
        now = settled(self._entries[key], self.double_key)
        self._state[item] = _STATES.index(now.state)
        for who in {entry.who for entry in self._entries[key]}:
            self._entered[who][item] = any(entry.who == who for entry in now.by)

    # --- what is known of an item ---------------------------------------------------------------------------------

    def part(self, item: int) -> Part:
        """Why it is in the queue."""
        return PARTS[int(self.queue.parts[item])]

    def is_blind(self, item: int) -> bool:
        """Whether a person keys it without a proposal: the audit sample, and all of it where two must agree by
        themselves."""
        if self.double_key:
            return bool(self._state[item] != _STATES.index("disputed"))
        return self.part(item) == "audit"

    def settlement(self, item: int) -> Settlement:
        """How far it has come."""
        with self._lock:
            return settled(self._entries[self.queue.keys[item]], self.double_key)

    def spec_of(self, row: Mapping[str, Any]) -> FieldSpec:
        """What may stand in a field: as its template says, where the review was given it, else as any of its kind."""
        return self._specs.get((row["template"], row["field"])) or FieldSpec(row["field"], row["kind"])

    def counts(self, chosen: Mapping[str, str]) -> dict[str, Any]:
        """How many items there are and how many are left, and of the latter how many in each facet."""
        with self._lock:
            left = self._state != _STATES.index("settled")
            kept = self.queue.mask(dict(chosen))
            return {
                "items": int(kept.sum()), "left": int((left & kept).sum()), "facets": self.queue.counts(left),
                "disputed": int((self._state == _STATES.index("disputed")).sum()),
            }  # fmt: skip

    def all_settled(self) -> list[tuple[int, Settlement]]:
        """The items that are settled, and how."""
        with self._lock:
            items = np.flatnonzero(self._state == _STATES.index("settled")).tolist()
            return [(item, self.settlement(item)) for item in items]

    def entries(self) -> dict[FieldKey, list[Entry]]:
        """Everything on the record, in order, by field."""
        with self._lock:
            return {key: list(entries) for key, entries in self._entries.items()}


def runners_up(row: Mapping[str, Any]) -> list[str]:
    """Values that the machine thought of, besides its reading."""
    return [one["value"] for one in row["alternatives"] or () if one["value"]]


def reads_blank(row: Mapping[str, Any]) -> bool:
    """Whether the machine says that nothing is written there."""
    return row["value"] is None and row["status"] != "failed" and row["reason"] != "no_reading"
