"""What people decided, as a sample of the fields that a machine meets.

Decisions are no fair sample: what the machine doubted was all looked at, of what it accepted a few in a hundred. So
every decision has a weight, how many fields it stands for; and some of them, the random checks of the accepted and as
small a share of the others, together are such a sample as if they had been drawn from all fields alike. Confidence may
be fitted to all of them by weight; promises rest on the fair sample alone, for the exact tests of `decide` know no
weights.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ocrpipe.codes import WRITTEN
from ocrpipe.errors import UsageError

_COLUMNS = (
    "source", "source_sha256", "page", "document", "field", "kind", "value", "status", "machine_status", "review_part",
    "reviewed_at",
)  # fmt: skip
_PROMISED = ("accepted", "blank")


@dataclass(frozen=True, slots=True)
class Decided:
    """One field whose value people have settled."""

    source: str
    source_sha256: str
    page: int
    document: int
    field: str
    value: str
    """Empty where the field is blank."""
    weight: float
    """How many fields it stands for."""
    fair: bool
    """Whether it is one of the fair sample."""

    @property
    def key(self) -> tuple[str, int, int, str]:
        return self.source, self.page, self.document, self.field


@dataclass(frozen=True, slots=True)
class Reviewed:
    """The decisions that teach, and what else there was, by reason."""

    decided: tuple[Decided, ...]
    without: dict[str, int]


def read_reviewed(path: Path) -> Reviewed:
    """What `ocrpipe review --export` wrote; UsageError where it is something else.

    Kinds of which some are still undecided are left out: people work in an order of their own, and what they have come
    to is not like what they have not.
    """
    try:
        table = pq.read_table(path, columns=list(_COLUMNS))
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror or error}") from error
    except pa.ArrowInvalid as error:
        raise UsageError(f"{path}: expected what `ocrpipe review … --export` wrote: {error}") from error
    if missing := set(_COLUMNS) - set(table.column_names):
        raise UsageError(
            f"{path}: expected what `ocrpipe review … --export` wrote; missing: {', '.join(sorted(missing))}"
        )
    of_kind: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in table.to_pylist():
        if row["kind"] in WRITTEN and row["machine_status"] in ("review", *_PROMISED):
            of_kind[row["kind"]].append(row)
    without: Counter[str] = Counter()
    decided: list[Decided] = []
    for kind, rows in sorted(of_kind.items()):
        decided += _decided(kind, rows, without)
    return Reviewed(tuple(decided), dict(without))


def _decided(kind: str, rows: Sequence[dict[str, Any]], without: Counter[str]) -> Iterable[Decided]:
    doubted = [row for row in rows if row["machine_status"] == "review"]
    checked = [row for row in rows if row["review_part"] == "audit"]
    promised = sum(row["machine_status"] in _PROMISED for row in rows)
    open_ = sum(row["reviewed_at"] is None for row in [*doubted, *checked])
    if open_:
        without[f"of kind {kind}, of which {open_:,} wait for a person: decide them all"] += len(rows) - open_
        return
    if promised and not checked:
        without[f"of kind {kind}, of which no accepted field was checked: review with --audit"] += len(rows)
        return
    share = len(checked) / promised if promised else 1.0
    for row in [*doubted, *checked]:
        if row["status"] not in _PROMISED:
            without["unreadable to people, too"] += 1
            continue
        audit = row["review_part"] == "audit"
        fair = audit or _hashed(row) < share
        yield Decided(
            row["source"], row["source_sha256"], row["page"], row["document"], row["field"], row["value"] or "",
            1 / share if audit else 1.0, fair,
        )  # fmt: skip


def _hashed(row: dict[str, Any]) -> float:
    """A number in [0, 1) that is random, and the same tomorrow."""
    key = repr((row["source_sha256"], row["page"], row["document"], row["field"]))
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=6).digest(), "big") / (1 << 48)
