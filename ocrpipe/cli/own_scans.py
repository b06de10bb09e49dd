"""What `ocrpipe calibrate` does once its options are understood: scans and truth → readings → refitted profiles."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ocrpipe.cli.progress import Progress
from ocrpipe.codes import WRITTEN
from ocrpipe.engines.base import Engine, Line
from ocrpipe.evaluation.matching import Result, Truth, canonical, match
from ocrpipe.evaluation.numbers import equal_mass_bins, expected_calibration_error
from ocrpipe.operation.drift import kind_of
from ocrpipe.reading.decide import NEVER_ACCEPTED, Profile, Rates, profile_name
from ocrpipe.reading.model import Card
from ocrpipe.records import ScanFile
from ocrpipe.rows import Row
from ocrpipe.training.recalibrate import Readings, Refit, card_of, confidences, log_loss, refit, write_model
from ocrpipe.training.reviews import Reviewed

PROMISES = (0.001, 0.005, 0.01, 0.02, 0.05)
"""Those that the card tells of."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The readings of each profile whose values are known, and what else there was."""

    readings: Mapping[str, Readings]
    without: Mapping[str, int]
    """Truth rows without a reading to calibrate on, by reason."""
    extra: int
    """Fields that were read, and that the truth does not have."""
    rates: Mapping[str, Rates]
    """How many fields of a kind were read as blank or not at all, for later runs to be held against."""

    @property
    def fields(self) -> int:
        return sum(len(readings.right) for readings in self.readings.values())

    @property
    def files(self) -> int:
        return len({file for readings in self.readings.values() for file in readings.files})


@dataclass(frozen=True, slots=True)
class Change:
    """A profile before and after, and what the card says of that."""

    before: Profile | None
    after: Profile
    behind: Readings
    """Those behind the thresholds."""
    figures: Mapping[str, Any]


def read(line: Line, files: Sequence[ScanFile], engine: Engine) -> list[Row]:
    """The line over the scans, as `run` does it; nothing is written."""
    rows: list[Row] = []
    pages = 0
    with Progress(len(files), quiet=False) as progress:
        for done in engine.run(line, files, stopping=lambda: False):
            rows += done.rows
            pages += done.pages
            progress.file_done(pages)
    return rows


@dataclass(frozen=True, slots=True)
class Known:
    """A field whose value is known, the row that reads it, and how it was drawn."""

    value: str
    row: Row | None
    weight: float = 1.0
    fair: bool = True


def sample_of(truths: Sequence[Truth], rows: Iterable[Row]) -> Sample:
    """Readings that are right or wrong, by profile; a scan that is there twice counts once."""
    row_of = {_key(result := _result(row)): (row, result) for row in rows}
    matched = match(truths, [result for _, result in row_of.values()])
    known = [Known(pair.truth.value, row_of[_key(pair.result)][0] if pair.result else None) for pair in matched.pairs]
    return _sampled(known, {}, matched.extra, _rates(row for row, _ in row_of.values()))


def sample_of_reviewed(reviewed: Reviewed, rows: Iterable[Row]) -> Sample:
    """The same of what people decided in a review; how many fields are blank, the scans with decisions do not tell."""
    row_of = {_key(_result(row)): row for row in rows}
    known = [Known(one.value, row_of.get(one.key), one.weight, one.fair) for one in reviewed.decided]
    return _sampled(known, reviewed.without, 0, {})


def _sampled(every: Iterable[Known], left_out: Mapping[str, int], extra: int, rates: Mapping[str, Rates]) -> Sample:
    gathered: defaultdict[str, list[_Told]] = defaultdict(list)
    without = Counter(left_out)
    seen: set[tuple[str, int, int, str]] = set()
    for known in every:
        row = known.row
        if row is None or row.spec is None or row.reading is None or row.reading.value is None:
            without[_why(row)] += 1
            continue
        if row.spec.kind not in WRITTEN:
            without["in MICR lines, whose reader has a card of its own"] += 1
            continue
        if row.decision.reason in NEVER_ACCEPTED:
            without["to review in any case (range, checksum, MICR line, required)"] += 1
            continue
        file = row.context.source_sha256 or row.context.source
        same = file, row.context.page, row.context.document, row.spec.name
        if same in seen:
            without["in a file that is there twice"] += 1
            continue
        seen.add(same)
        value, kind = row.reading.value, row.spec.kind
        name = profile_name(row.spec if value else None, row.reading.second, row.reading.located)
        right = canonical(value, kind) == canonical(known.value, kind)
        gathered[name].append((row.reading.features, right, file, known.weight, known.fair))
    readings = {name: _readings(told) for name, told in sorted(gathered.items())}
    return Sample(readings, without, extra, rates)


_Told = tuple[tuple[float, ...], bool, str, float, bool]


def _rates(rows: Iterable[Row]) -> dict[str, Rates]:
    """Of all fields on the scans, as they were read: whoever wrote the truth may have left out what is blank."""
    values: defaultdict[str, list[str | None]] = defaultdict(list)
    for row in rows:
        if row.spec is not None and row.spec.kind in WRITTEN and row.reading is not None:
            values[kind_of(row)].append(row.reading.value)
    return {kind: Rates(len(read), read.count(""), read.count(None)) for kind, read in sorted(values.items())}


def _key(result: Result) -> tuple[str, int, int, str | None]:
    return result.source, result.page, result.document, result.field


def _result(row: Row) -> Result:
    context, decision = row.context, row.decision
    name, kind = (row.spec.name, row.spec.kind) if row.spec else (None, None)
    return Result(
        context.source, context.page, context.document, name, kind, context.template,
        decision.status, decision.reason, decision.value, decision.confidence,
    )  # fmt: skip


def _why(row: Row | None) -> str:
    if row is None:
        return "not found on the scans"
    return "nothing legible" if row.decision.reason == "no_reading" else "failed"


def _readings(told: Sequence[_Told]) -> Readings:
    features, right, files, weights, fair = zip(*told, strict=True)
    if all(fair):
        return Readings(np.array(features), np.array(right), files)
    return Readings(np.array(features), np.array(right), files, np.array(weights), np.array(fair))


def changes(sample: Sample, card: Card) -> dict[str, Change]:
    """Every profile that the sample can refit."""
    changed = {}
    for name, own in sample.readings.items():
        before = card.calibration.profiles.get(name)
        one = refit(own, before)
        if one is not None:
            changed[name] = Change(before, one.profile, own.part(one.behind), _figures(own, one, before))
    return changed


def _figures(own: Readings, one: Refit, before: Profile | None) -> dict[str, Any]:
    """Errors of the confidence are measured on fields that it was not fitted on."""
    held, behind, after = own.part(one.held), own.part(one.behind), one.profile
    figures: dict[str, Any] = {
        "fields": after.fields,
        "files": len(set(behind.files)),
        "exact": round(float(behind.right.mean()), 4),
        "held_fields": len(held.right),
    }
    for when, profile in (("before", before), ("after", after)):
        if profile is not None:
            confidence = confidences(profile, held.features)
            ece = expected_calibration_error(equal_mass_bins(confidence, held.right)) or 0.0
            figures[when] = {"ece": round(ece, 4), "log_loss": round(log_loss(confidence, held.right), 4)}
    carried = {promise: after.carried(promise) for promise in PROMISES}
    figures["promises"] = {
        f"{promise:g}": entry and {"threshold": entry[0], "coverage": round(entry[1] / after.fields, 4)}
        for promise, entry in carried.items()
    }
    return figures


def save(path: Path, card: Card, sample: Sample, changed: Mapping[str, Change]) -> None:
    """Writes the calibrated model: its card says what it is calibrated on, and from which model it is."""
    files = f"{sample.files:,} file{'s' * (sample.files != 1)}"
    name = f"own scans: {sample.fields:,} fields of {files}, {dt.date.today():%Y-%m-%d}"
    profiles = {profile: change.after for profile, change in changed.items()}
    figures = {profile: change.figures for profile, change in changed.items()}
    write_model(path, card_of(card, path.stem, name, profiles, figures, sample.rates), card.weights)
