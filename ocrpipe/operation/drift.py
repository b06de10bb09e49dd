"""Whether a run's fields are like those that the model was calibrated on: promises hold on such fields alone.

The confidences of each profile are compared with the quantiles of the calibration sample that the card keeps, by the
one-sided distances of Kolmogorov and Smirnov; so are the share that reaches the threshold and, where the card states
them, the shares that are blank and unread, by Fisher's exact test. A profile has left the sample if chance alone makes
the difference in less than one run in a hundred, shared out among all comparisons of the run (Bonferroni), *and* if it
concerns a tenth of the fields: large runs find any difference significant. Fields of one sheet are of one hand and one
scanner and err together, so sheets count, not fields.

What is worse than the sample is a warning. What is better (plainer hands, cleaner scans) is told, and alarms nobody: a
confidence that means what it meant there keeps the promise all the more.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import exp
from typing import Literal

from ocrpipe.codes import WRITTEN
from ocrpipe.reading.decide import NEVER_ACCEPTED, Calibration, Profile, profile_name
from ocrpipe.rows import Row

Measure = Literal["less_sure", "surer", "accepted", "blank", "no_reading"]

FALSE_ALARMS = 0.01
"""Of runs over fields like the calibration sample, at most so many warn."""
LEAST_DIFFERENCE = 0.1
"""Share of the fields that a difference must concern."""
LEAST_SHEETS = 30
"""Fewer say nothing: at the levels above, even a third of them could be otherwise by chance."""
_LEVEL_NOISE = 1e-9
"""Confidences that are the same may differ so much between processors, and in some profiles many are the same."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One share of a run's fields beside that of the calibration sample: `seen` and `expected` by the card."""

    profile: str
    measure: Measure
    fields: int
    sheets: int
    seen: float
    expected: float
    level: float | None
    """The confidence which that share of the fields has or exceeds: where the two distributions are furthest apart, or
    the threshold; None for shares of another kind."""
    chance: float
    """How likely sheets like the sample are to differ by so much."""
    sample: str
    """What the card was calibrated on."""

    @property
    def distance(self) -> float:
        """The share of the fields that the difference concerns."""
        more = self.seen - self.expected
        return max(0.0, {"surer": more, "less_sure": -more}.get(self.measure, abs(more)))

    @property
    def worse(self) -> bool:
        """Whether more goes to people or is lost. Blank fields are suspect both ways: writing too faint, or smudges."""
        if self.measure == "accepted":
            return self.seen < self.expected
        if self.measure == "no_reading":
            return self.seen > self.expected
        return self.measure != "surer"

    @property
    def words(self) -> str:
        """What left what, and by how much."""
        confident = f"have a confidence of {self.level or 0:.3f} or more"
        told = {
            "less_sure": confident,
            "surer": confident,
            "accepted": f"reach the threshold of {self.level or 0:.3f}",
            "blank": "are blank",
            "no_reading": "hold ink that cannot be read",
        }[self.measure]
        return (
            f"{self.profile}: {self.seen:.0%} of {self.fields:,} fields {told}, "
            f"{self.expected:.0%} of the calibration sample ({self.sample})"
        )


@dataclass(frozen=True, slots=True)
class Drift:
    """All that was compared, and what of it has left the calibration sample: for the worse, and for the better."""

    compared: tuple[Comparison, ...] = ()
    warnings: tuple[Comparison, ...] = ()
    notes: tuple[Comparison, ...] = ()


@dataclass(slots=True)
class _Scores:
    """Confidences of a profile, counted between the levels of its grid: a night's run needs no more memory than one."""

    profile: Profile
    sample: str
    levels: tuple[float, ...]
    """Ascending."""
    counts: list[int]
    """Of confidences that reach 0, 1, 2 … of the levels."""
    sheets: int = 0

    @classmethod
    def of(cls, profile: Profile, sample: str) -> _Scores:
        levels = tuple(sorted(level for level, _, _ in profile.grid))
        return cls(profile, sample, levels, [0] * (len(levels) + 1))

    def add(self, confidence: float) -> None:
        self.counts[bisect_left(self.levels, confidence + _LEVEL_NOISE)] += 1

    @property
    def fields(self) -> int:
        return sum(self.counts)

    def reaching(self, level: float) -> float:
        """The share of the run's fields that have this confidence or more."""
        return sum(self.counts[bisect_left(self.levels, level) + 1 :]) / self.fields


@dataclass(slots=True)
class _Written:
    """Fields of a kind: how many are blank or cannot be read."""

    fields: int = 0
    blank: int = 0
    no_reading: int = 0
    sheets: int = 0


@dataclass(slots=True)
class Watch:
    """Takes the rows of a run, file by file, and compares them with the cards that decided them."""

    written: Calibration
    """Of fields that people write."""
    micr: Calibration
    max_error: float
    _scores: dict[str, _Scores] = field(default_factory=dict)
    _kinds: dict[str, _Written] = field(default_factory=dict)

    def add(self, rows: Sequence[Row]) -> None:
        """Takes all rows of one file."""
        sheets: set[tuple[str, int, int]] = set()
        kinds: set[tuple[str, int, int]] = set()
        for row in rows:
            spec, reading, sheet = row.spec, row.reading, (row.context.page, row.context.document)
            if spec is None or reading is None:
                continue
            if spec.kind in WRITTEN:
                kind = kind_of(row)
                self._count(kind, reading.value)
                kinds.add((kind, *sheet))
            name = self._judge(row)
            if name is not None and reading.value is not None and row.decision.reason not in NEVER_ACCEPTED:
                # not the row's own confidence: agreement with the MICR line may have raised that
                self._scores[name].add(self._scores[name].profile.confidence(reading.features))
                sheets.add((name, *sheet))
        for name, *_ in sheets:
            self._scores[name].sheets += 1
        for kind, *_ in kinds:
            self._kinds[kind].sheets += 1

    def drift(self) -> Drift:
        """What has been seen so far, compared."""
        compared = [one for scores in self._scores.items() for one in self._of_scores(*scores)]
        compared += [one for kind in self._kinds.items() for one in self._of_kind(*kind)]
        compared.sort(key=lambda one: (one.profile, one.measure))
        level = FALSE_ALARMS / max(1, len(compared))
        left = [one for one in compared if one.distance >= LEAST_DIFFERENCE and one.chance < level]
        worse, better = (tuple(one for one in left if one.worse is is_) for is_ in (True, False))
        return Drift(tuple(compared), worse, better)

    def _count(self, kind: str, value: str | None) -> None:
        written = self._kinds.setdefault(kind, _Written())
        written.fields += 1
        written.blank += value == ""
        written.no_reading += value is None

    def _judge(self, row: Row) -> str | None:
        """The name of the profile that judges a row; None where there is none, or where the row is part of another."""
        assert row.spec is not None and row.reading is not None
        calibration, name = self.written, "micr"
        if row.spec.kind == "micr":
            calibration = self.micr
        elif row.spec.kind not in WRITTEN or (row.reading.value == "" and row.reading.located):
            return None  # what is blank where a locator looked goes to review whatever its confidence
        else:
            name = profile_name(row.spec if row.reading.value else None, row.reading.second, row.reading.located)
        if name not in self._scores:
            profile = calibration.profile(name)
            if not profile.grid:
                return None
            self._scores[name] = _Scores.of(profile, calibration.sample_of(name))
        return name

    def _of_scores(self, name: str, scores: _Scores) -> Iterable[Comparison]:
        profile, fields, sheets = scores.profile, scores.fields, scores.sheets
        if sheets < LEAST_SHEETS:
            return
        size = profile.fields * sheets / fields  # so many sheets, were the sample's fields on sheets as the run's are
        levels = [(level, accepted / profile.fields) for level, accepted, _ in profile.grid]
        ahead = [(scores.reaching(level) - expected, level, expected) for level, expected in levels]
        furthest: tuple[tuple[Measure, float, tuple[float, float, float]], ...]
        furthest = ("surer", 1.0, max(ahead)), ("less_sure", -1.0, min(ahead))
        for measure, side, (lead, level, expected) in furthest:
            chance = _smirnov(max(0.0, side * lead), sheets, size)
            yield Comparison(name, measure, fields, sheets, lead + expected, expected, level, chance, scores.sample)
        carried = profile.carried(self.max_error)
        if carried is not None:
            level, seen, expected = carried[0], scores.reaching(carried[0]), carried[1] / profile.fields
            chance = _fisher(seen, sheets, expected, size)
            yield Comparison(name, "accepted", fields, sheets, seen, expected, level, chance, scores.sample)

    def _of_kind(self, kind: str, written: _Written) -> Iterable[Comparison]:
        rates = self.written.rates.get(kind)
        if rates is None or written.sheets < LEAST_SHEETS:
            return
        fields, sheets, sample = written.fields, written.sheets, self.written.name
        size = rates.fields * sheets / fields
        shares: tuple[tuple[Measure, int, int], ...] = (
            ("blank", written.blank, rates.blank),
            ("no_reading", written.no_reading, rates.no_reading),
        )
        for measure, count, of_sample in shares:
            seen, expected = count / fields, of_sample / rates.fields
            chance = _fisher(seen, sheets, expected, size)
            yield Comparison(kind, measure, fields, sheets, seen, expected, None, chance, sample)


def kind_of(row: Row) -> str:
    """The name by which a card has the rates of a field: its profile's, whoever reads it and whatever is written."""
    assert row.spec is not None and row.reading is not None
    return profile_name(row.spec, False, row.reading.located)


def _smirnov(distance: float, one: float, other: float) -> float:
    """How often chance puts two samples of these sizes so far apart to one side (Smirnov 1948: the limit for large
    samples, which errs towards silence for small ones and for distances that are measured at the levels of a grid)."""
    return exp(-2 * distance**2 * one * other / (one + other))


def _fisher(share: float, size: float, other_share: float, other_size: float) -> float:
    """How often chance parts two samples of these sizes so unevenly (Fisher's exact test, two-sided)."""
    from scipy.stats import fisher_exact

    one, other = round(size), max(1, round(other_size))
    hits, other_hits = round(share * one), round(other_share * other)
    return float(fisher_exact([[hits, one - hits], [other_hits, other - other_hits]]).pvalue)
