"""What a run comes to: counts, seconds, and control totals by which a batch is balanced.

A bank balances a batch item by item: so many items, of which so many amounts were accepted, which add up to so much.
An item is a field of the kind `amount`. What the MICR line repeats of it is no item of its own, and a file whose very
bytes were read before in this run has none: a check that was copied twice is still one check. Fields of different names
are balanced apart, since the amount due and the amount paid do not add up to anything.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from ocrpipe.codes import Kind, Reason, Status
from ocrpipe.rows import Row


class Account(NamedTuple):
    """What is balanced apart."""

    currency: str
    """Empty where neither a mark nor the template tells it."""
    template: str
    field: str


@dataclass(slots=True)
class Balance:
    """The items of one account. Only if all of them are accepted or blank can the sum be that of the whole batch."""

    items: Counter[Status] = field(default_factory=Counter)
    accepted_sum: Decimal = Decimal("0.00")
    sensitive: bool = False
    """A template asks that nothing be told of its values: there is no sum."""

    def add(self, row: Row) -> None:
        self.items[row.decision.status] += 1
        self.sensitive |= bool(row.spec and row.spec.sensitive)
        if row.decision.status == "accepted":
            self.accepted_sum += Decimal(row.decision.value or 0)

    @property
    def open(self) -> int:
        """Items whose amount is not known: to review or failed."""
        return self.items["review"] + self.items["failed"]

    @property
    def told_sum(self) -> Decimal | None:
        """What the accepted amounts add up to, unless it is not to be told."""
        return None if self.sensitive else self.accepted_sum


@dataclass(slots=True)
class Totals:
    """Counts of a run so far."""

    passed_over: Mapping[str, int] = field(default_factory=dict)
    """Files that are no scans, by suffix."""
    done_before: int = 0
    """Files that an earlier run has read, and that are as they were."""
    left: int = 0
    """Files for the next run: too young, or changed while they were read."""
    files: int = 0
    failed_files: int = 0
    """Those with a failed row, be it of one field."""
    repeated_files: int = 0
    """Those whose very bytes were read before in this run."""
    pages: int = 0
    documents: int = 0
    """Sheets with fields."""
    rows: Counter[Status] = field(default_factory=Counter)
    fields: Counter[tuple[Kind, Status]] = field(default_factory=Counter)
    """Rows that are of a field: not those of a whole sheet or file."""
    reasons: Counter[tuple[Status, Reason]] = field(default_factory=Counter)
    balances: defaultdict[Account, Balance] = field(default_factory=lambda: defaultdict(Balance))
    stage_seconds: Counter[str] = field(default_factory=Counter)
    """What the workers took, added up over all of them."""
    _seen: set[str] = field(default_factory=set)

    def add_file(self, rows: Sequence[Row], pages: int, seconds: Mapping[str, float]) -> None:
        """Counts a file, all of whose rows these are."""
        sha256 = rows[0].context.source_sha256 if rows else ""
        repeated = sha256 in self._seen
        if sha256:
            self._seen.add(sha256)
        self.files += 1
        self.failed_files += any(row.decision.status == "failed" for row in rows)
        self.repeated_files += repeated
        self.pages += pages
        self.stage_seconds.update(seconds)
        self.add_rows(rows)
        if not repeated:
            for row in rows:
                if row.spec is not None and row.spec.kind == "amount":
                    account = Account(row.spec.currency or "", row.context.template or "", row.spec.name)
                    self.balances[account].add(row)

    def add_rows(self, rows: Sequence[Row]) -> None:
        """Counts rows: of a file, or of a folder that cannot be listed."""
        self.documents += len({(row.context.page, row.context.document) for row in rows if row.spec is not None})
        self.rows.update(row.decision.status for row in rows)
        self.fields.update((row.spec.kind, row.decision.status) for row in rows if row.spec is not None)
        self.reasons.update((row.decision.status, row.decision.reason) for row in rows if row.decision.reason)

    @property
    def field_count(self) -> int:
        return sum(self.fields.values())

    def of_reason(self, status: Status) -> dict[Reason, int]:
        """Rows of a status by reason, the most frequent first."""
        found = [(reason, count) for (one, reason), count in self.reasons.items() if one == status]
        return dict(sorted(found, key=lambda pair: (-pair[1], pair[0])))

    def of_kind(self) -> dict[Kind, Counter[Status]]:
        """Fields by kind and status, in the order of the kinds' names."""
        kinds: dict[Kind, Counter[Status]] = {kind: Counter() for kind in sorted({kind for kind, _ in self.fields})}
        for (kind, status), count in self.fields.items():
            kinds[kind][status] += count
        return kinds
