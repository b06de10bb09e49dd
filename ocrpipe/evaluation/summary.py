"""The numbers of a group of fields, and how they are told to people and to programs."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ocrpipe.evaluation.matching import Matched, Pair, canonical
from ocrpipe.evaluation.numbers import (
    Bin,
    CurvePoint,
    aurc,
    clopper_pearson,
    coverage_at,
    edit_distance,
    equal_mass_bins,
    expected_calibration_error,
    risk_coverage,
)

RISKS = (0.001, 0.01, 0.05)
_CURVE_POINTS = 200


@dataclass(frozen=True, slots=True)
class Summary:
    """Shares are of `fields`, the number of truth rows, unless they say otherwise; None where undefined."""

    fields: int
    missing: int
    """Truth rows without a result row: misses."""
    exact: int
    """Best value right, whatever its status; blank for a blank truth."""
    accepted: int
    accepted_wrong: int
    accepted_error_interval: tuple[float, float]
    """95 % Clopper-Pearson interval of the error among accepted."""
    blank_claimed: int
    blank_true: int
    blank_right: int
    digits: int
    """Digits in the truth."""
    digit_edits: int
    """Edit distance of the best values to the truth, over digits alone."""
    ece: float | None
    """Expected calibration error over 15 equal-mass bins of the fields with a confidence."""
    aurc: float | None
    curve: tuple[CurvePoint, ...]
    bins: tuple[Bin, ...]

    @property
    def exact_share(self) -> float | None:
        return _share(self.exact, self.fields)

    @property
    def accepted_share(self) -> float | None:
        return _share(self.accepted, self.fields)

    @property
    def accepted_error(self) -> float | None:
        return _share(self.accepted_wrong, self.accepted)

    @property
    def blank_precision(self) -> float | None:
        return _share(self.blank_right, self.blank_claimed)

    @property
    def blank_recall(self) -> float | None:
        return _share(self.blank_right, self.blank_true)

    @property
    def digit_error(self) -> float | None:
        return _share(self.digit_edits, self.digits)

    def as_json(self) -> dict[str, Any]:
        """Counts, shares and curves in plain types."""
        return {
            "fields": self.fields,
            "missing": self.missing,
            "exact": self.exact,
            "exact_share": self.exact_share,
            "accepted": self.accepted,
            "accepted_share": self.accepted_share,
            "accepted_wrong": self.accepted_wrong,
            "accepted_error": self.accepted_error,
            "accepted_error_interval_95": list(self.accepted_error_interval),
            "blank_claimed": self.blank_claimed,
            "blank_true": self.blank_true,
            "blank_precision": self.blank_precision,
            "blank_recall": self.blank_recall,
            "digits": self.digits,
            "digit_error": self.digit_error,
            "ece": self.ece,
            "aurc": self.aurc,
            "coverage_at_risk": {str(risk): coverage_at(self.curve, risk) for risk in RISKS},
            "risk_coverage": [
                {"threshold": p.threshold, "coverage": p.coverage, "risk": p.risk} for p in thinned(self.curve)
            ],
            "reliability": [{"confidence": b.confidence, "accuracy": b.accuracy, "count": b.count} for b in self.bins],
        }


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All groups of one evaluation."""

    overall: Summary
    kinds: Mapping[str, Summary]
    templates: Mapping[str, Mapping[str, Summary]]
    """Template → kind → summary; the template "none" holds fields without a row."""
    extra: int
    unclaimed: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "overall": self.overall.as_json(),
            "kinds": {kind: summary.as_json() for kind, summary in self.kinds.items()},
            "templates": {
                template: {kind: summary.as_json() for kind, summary in kinds.items()}
                for template, kinds in self.templates.items()
            },
            "extra_rows": self.extra,
            "fields_without_rows": list(self.unclaimed),
        }


def evaluate(matched: Matched) -> Evaluation:
    """Sums up all pairs, each kind, and each kind of each template."""
    templates = {
        template: {kind: summarise(of_kind) for kind, of_kind in _grouped(pairs, lambda pair: pair.kind).items()}
        for template, pairs in _grouped(matched.pairs, lambda pair: pair.template).items()
    }
    kinds = {kind: summarise(pairs) for kind, pairs in _grouped(matched.pairs, lambda pair: pair.kind).items()}
    return Evaluation(summarise(matched.pairs), kinds, templates, matched.extra, matched.unclaimed)


def summarise(pairs: Sequence[Pair]) -> Summary:
    """The numbers of one group."""
    right = np.array([pair.right for pair in pairs], bool)
    confidence = np.array([-np.inf if pair.confidence is None else pair.confidence for pair in pairs], float)
    known = np.isfinite(confidence)
    accepted = np.array([pair.status == "accepted" for pair in pairs], bool)
    claimed = np.array([pair.status == "blank" for pair in pairs], bool)
    blank = np.array([not pair.truth.value for pair in pairs], bool)
    wrong = int((accepted & ~right).sum())
    bins = equal_mass_bins(confidence[known], right[known])
    return Summary(
        fields=len(pairs),
        missing=sum(pair.result is None for pair in pairs),
        exact=int(right.sum()),
        accepted=int(accepted.sum()),
        accepted_wrong=wrong,
        accepted_error_interval=clopper_pearson(wrong, int(accepted.sum())),
        blank_claimed=int(claimed.sum()),
        blank_true=int(blank.sum()),
        blank_right=int((claimed & blank).sum()),
        digits=sum(len(_digits(pair.truth.value, pair.kind)) for pair in pairs),
        digit_edits=sum(
            edit_distance(_digits(pair.value or "", pair.kind), _digits(pair.truth.value, pair.kind)) for pair in pairs
        ),
        ece=expected_calibration_error(bins),
        aurc=aurc(confidence, right),
        curve=tuple(risk_coverage(confidence, right)),
        bins=tuple(bins),
    )


def thinned(curve: Sequence[CurvePoint]) -> list[CurvePoint]:
    """At most 200 points of a curve, the last among them."""
    if len(curve) <= _CURVE_POINTS:
        return list(curve)
    return [curve[round(i)] for i in np.linspace(0, len(curve) - 1, _CURVE_POINTS)]


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _digits(value: str, kind: str) -> str:
    """The digits of a value, those of an amount with its cents, so that 5 and 5.00 have the same."""
    if kind == "amount" and re.fullmatch(r"\d+(\.\d)?", plain := canonical(value, kind)):
        value = f"{plain}0" if "." in plain else f"{plain}.00"
    return re.sub("[^0-9]", "", value)


def _grouped(pairs: Sequence[Pair], by: Callable[[Pair], str]) -> dict[str, list[Pair]]:
    groups: defaultdict[str, list[Pair]] = defaultdict(list)
    for pair in pairs:
        groups[by(pair)].append(pair)
    return dict(sorted(groups.items()))
