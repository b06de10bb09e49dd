"""Truth rows meet result rows: same file, page and field; the denominator is the truth."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

from ocrpipe.errors import UsageError

COLUMNS = ("file", "page", "field", "value")
RESULT_COLUMNS = ("source", "page", "document", "field", "kind", "template", "status", "reason", "value", "confidence")
Key = tuple[str, int, str]
_LARGEST_POWER = 20
"""Of ten, in an amount: beyond it, what was read is no number of money."""


@dataclass(frozen=True, slots=True)
class Truth:
    """What a person says is written there; an empty value means blank."""

    file: str
    page: int
    field: str
    value: str
    kind: str | None = None
    """From a `kind` column where the table has one: it names fields that no result row claims."""

    @property
    def key(self) -> Key:
        return self.file, self.page, self.field


@dataclass(frozen=True, slots=True)
class Result:
    """The columns of a result row that evaluation reads."""

    source: str
    page: int
    document: int
    field: str | None
    kind: str | None
    template: str | None
    status: str
    reason: str | None
    value: str | None
    confidence: float | None


@dataclass(frozen=True, slots=True)
class Pair:
    """A truth row and the result row that answers it, if there is one."""

    truth: Truth
    result: Result | None

    @property
    def kind(self) -> str:
        return (self.result and self.result.kind) or self.truth.kind or "unknown"

    @property
    def template(self) -> str:
        return (self.result and self.result.template) or "none"

    @property
    def status(self) -> str:
        return self.result.status if self.result else "missing"

    @property
    def value(self) -> str | None:
        return self.result.value if self.result else None

    @property
    def confidence(self) -> float | None:
        return self.result.confidence if self.result else None

    @property
    def right(self) -> bool:
        """The best value equals the truth, whatever its status; for a blank truth: status `blank`."""
        if not self.truth.value:
            return self.status == "blank"
        return self.value is not None and canonical(self.value, self.kind) == canonical(self.truth.value, self.kind)


@dataclass(frozen=True, slots=True)
class Matched:
    """Every truth row once; what else the results hold is counted apart."""

    pairs: tuple[Pair, ...]
    extra: int
    """Result rows with a field that the truth does not have."""
    unclaimed: tuple[str, ...]
    """Fields of the truth of which the results have no row at all, such as `micr`."""


def canonical(value: str, kind: str) -> str:
    """The form in which values are compared: amounts as numbers, all else letter by letter.

    >>> canonical("1,234.5", "amount") == canonical("1234.50", "amount")
    True
    >>> canonical("02139", "zip") == canonical("2139", "zip")
    False
    """
    if kind != "amount":
        return value
    try:
        amount = Decimal(value.replace(",", ""))
    except InvalidOperation:
        return value
    if not amount.is_finite() or amount.adjusted() > _LARGEST_POWER:
        return value
    return format(amount.normalize(), "f")


def read_truth(path: Path) -> list[Truth]:
    """Reads `file,page,field,value`; other columns are ignored, but for `kind`."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as table:
            lines = csv.DictReader(table)
            missing = [name for name in COLUMNS if name not in (lines.fieldnames or ())]
            if missing:
                raise UsageError(f"{path}: expected the columns {','.join(COLUMNS)}; missing: {', '.join(missing)}")
            return [_truth(path, lines.line_num, line) for line in lines]
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{path}: expected a CSV table in UTF-8: {error}") from error


def _truth(path: Path, number: int, line: Mapping[str, str | None]) -> Truth:
    file, page, field, value = (line[name] for name in COLUMNS)
    if not file or not field or value is None:
        raise UsageError(f"{path}, line {number}: expected file, page, field and value")
    try:
        index = int(page or "")
    except ValueError:
        raise UsageError(f"{path}, line {number}: page: expected a whole number, got {page!r}") from None
    return Truth(file.removeprefix("./"), index, field, value.strip(), line.get("kind") or None)


def read_results(path: Path) -> list[Result]:
    """Reads the columns that count from a results file or dataset."""
    from ocrpipe.results.reading import read_rows

    return [Result(**row) for row in read_rows(path, RESULT_COLUMNS).to_pylist()]


def match(truths: Sequence[Truth], results: Iterable[Result], fields: Collection[str] = ()) -> Matched:
    """Pairs truth rows with result rows; `fields`, where given, restricts both to these names.

    Where a page holds several documents, the truth rows of one field stand in the order of the documents.
    """
    truths = [truth for truth in truths if not fields or truth.field in fields]
    named = [result for result in results if result.field and (not fields or result.field in fields)]
    by_key: defaultdict[Key, list[Result]] = defaultdict(list)
    for result in sorted(named, key=lambda result: result.document, reverse=True):
        by_key[result.source, result.page, result.field or ""].append(result)
    pairs = tuple(Pair(truth, by_key[truth.key].pop() if by_key.get(truth.key) else None) for truth in truths)
    known = {result.field for result in named}
    unclaimed = sorted({truth.field for truth in truths} - {name for name in known if name})
    return Matched(pairs, sum(map(len, by_key.values())), tuple(unclaimed))
