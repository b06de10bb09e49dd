"""Whether to believe a reading: calibrated confidence, and thresholds that keep a promise about errors.

The confidence is a logistic regression on what predicts error, fitted on fields of writers whom the networks
never saw. The threshold for a promised error is found by fixed-sequence Learn-then-Test (Angelopoulos, Bates,
Candès, Jordan & Lei 2022, arXiv:2110.01052, section 3 and algorithm 1): thresholds of a grid preset by coverage
are tested from the strictest on, each by the exact binomial test at 5 %, until the first fails; in large samples from
two preset starts, each at half of that.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from math import ceil, exp, fsum, lgamma, log, log1p
from typing import Any

from ocrpipe.codes import Reason
from ocrpipe.reading.decode import Decoded
from ocrpipe.reading.grammar import is_bare
from ocrpipe.reading.symbols import SCRIBBLE
from ocrpipe.records import FieldSpec, Lattice
from ocrpipe.rows import Decision, Reading

FEATURE_NAMES = (
    "posterior", "margin", "grammar", "weakest", "mean", "length", "ink", "scribbles", "bare",
    "lattice", "second", "second_grammar", "doubted", "agreeing", "place",
)  # fmt: skip
"""logit of the posterior, its lead over the runner-up (nats), the share of the grammar (nats), the log probabilities
of the weakest character and of their mean, how many there are, log of the share of ink, characters that are no
figures, and whether an amount shows neither hundredths nor a closing stroke: its point may have been lost. Where two
readers read (else 0): logits of what either alone gives the value, the grammar's share in what the second reads, and
how many of the two would rather read something else. Then which share of the looks at the field reads this value; last,
log of the evidence for the place where a locator found it (else 0)."""
BLANK = "blank"
NEVER_ACCEPTED: frozenset[Reason | None] = frozenset(("out_of_range", "checksum", "cross_check", "blank_required"))
"""Reasons for a review whatever the confidence: no promise rests on such fields."""
_LOCATED = ", located"
SIGNIFICANCE = 0.05
_APART = 1.5
"""Two sequences of tests begin at least so many times apart: of nearer ones, the second would hardly tell more."""


def reading_of(lattice: Lattice, decoded: Decoded, evidence: float | None = None) -> Reading:
    """A decoded lattice as a reading with the features that predict error; `evidence` is that of a located place."""
    located = evidence is not None
    if not decoded.values:
        return Reading(None, "", (), (), (0.0,) * len(FEATURE_NAMES), located=located)
    value, top = decoded.values[0]
    second = decoded.values[1][1] if len(decoded.values) > 1 else 0.0
    logs = [log(max(c.prob, 1e-6)) for c in decoded.characters] or [0.0]
    features = (
        _logit(top),
        _clip(log(max(top, 1e-9)) - log(max(second, 1e-9)), 0, 20),
        _clip(decoded.log_grammar_nats, -12, 0),
        max(min(logs), -8.0),
        sum(logs) / len(logs),
        float(len(decoded.characters)),
        log(lattice.ink_share + 1e-5),
        float(decoded.text.count(SCRIBBLE)),
        float(lattice.field.spec.kind == "amount" and is_bare(decoded.text)),
        *_apart(decoded),
        decoded.agreeing,
        0.0 if evidence is None else max(log(max(evidence, 1e-9)), -6.0),
    )
    second = decoded.apart is not None
    return Reading(value, decoded.text, decoded.values[1:6], decoded.characters, features, second, located)


def _apart(decoded: Decoded) -> tuple[float, float, float, float]:
    """What the two readers say each for itself."""
    if decoded.apart is None:
        return 0.0, 0.0, 0.0, 0.0
    lattice, second, fits = decoded.apart
    doubted = float(lattice < log(0.5)) + float(second < log(0.5))
    return _logit(exp(min(lattice, 0.0))), _logit(exp(min(second, 0.0))), _clip(fits, -12, 0), doubted


def decide(spec: FieldSpec, reading: Reading, calibration: Calibration, max_error: float) -> Decision:
    """Accepts, finds blank, or asks a person and says why."""
    if reading.value is None:
        return Decision("review", "no_reading", f"no path through the ink is a valid {spec.kind}", None, 0.0, None)
    blank = reading.value == ""
    profile = calibration.profile(profile_name(None if blank else spec, reading.second, reading.located))
    confidence = profile.confidence(reading.features)
    threshold = profile.threshold(max_error)
    value = reading.value or None
    if blank and spec.required:
        return Decision("review", "blank_required", "blank, but required", None, confidence, threshold)
    if blank and reading.located:
        return Decision("review", "blank_unsure", "nothing is written where it was found", None, confidence, threshold)
    trouble = None if blank else _trouble(spec, reading.value)
    if trouble:
        return Decision("review", *trouble, value, confidence, threshold)
    if threshold is None:
        detail = f"{profile.fields} calibration fields cannot carry a promise of {max_error:g}"
        return Decision("review", "uncalibrated", detail, value, confidence, None)
    if confidence >= threshold:
        return Decision("blank" if blank else "accepted", None, None, value, confidence, threshold)
    return Decision("review", "blank_unsure" if blank else "low_confidence", None, value, confidence, threshold)


def profile_name(spec: FieldSpec | None, second: bool, located: bool = False) -> str:
    """Fields in cells err otherwise than free ones, those with a second reader otherwise than those without, blank ones
    (no spec) otherwise than written ones, and located ones otherwise than those whose place is given: each is
    calibrated apart."""
    name = BLANK if spec is None else f"{spec.kind} in cells" if spec.cells else spec.kind
    return name + ", two readers" * second + _LOCATED * located


def _trouble(spec: FieldSpec, value: str) -> tuple[Any, str] | None:
    figures = [int(c) for c in value if c.isdigit()]
    if spec.minimum is not None or spec.maximum is not None:
        number = Decimal("".join(c for c in value if c.isdigit() or c == "."))
        if spec.minimum is not None and number < spec.minimum:
            return "out_of_range", f"less than {spec.minimum}"
        if spec.maximum is not None and number > spec.maximum:
            return "out_of_range", f"more than {spec.maximum}"
    if spec.checksum == "aba" and (
        len(figures) != 9 or sum(w * d for w, d in zip((3, 7, 1) * 3, figures, strict=True)) % 10
    ):
        return "checksum", "not an ABA routing number"
    if spec.checksum == "luhn" and sum(_luhn(d, i) for i, d in enumerate(reversed(figures))) % 10:
        return "checksum", "the Luhn check digit does not fit"
    return None


def _luhn(digit: int, place: int) -> int:
    return digit if place % 2 == 0 else sum(divmod(2 * digit, 10))


def _logit(prob: float) -> float:
    return _clip(log(max(prob, 1e-9)) - log(max(1 - prob, 1e-9)), -12, 12)


def _clip(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)


@dataclass(frozen=True, slots=True)
class Profile:
    """Confidence and thresholds for one kind of field, with the sample that stands behind them."""

    weights: tuple[float, ...]
    bias: float
    fields: int
    grid: tuple[tuple[float, int, int], ...]
    """(confidence, accepted at it, wrong among them), from the strictest on, chosen by coverage alone."""

    def confidence(self, features: tuple[float, ...]) -> float:
        """Calibrated probability that the value is right."""
        logit = self.bias + sum(w * f for w, f in zip(self.weights, features, strict=True))
        return 1 / (1 + exp(-_clip(logit, -30, 30)))

    def threshold(self, max_error: float) -> float | None:
        """The lowest confidence at which at most `max_error` of the accepted are wrong, with 95 % confidence;
        None where the sample cannot show it."""
        return _threshold(self, max_error)

    def carried(self, max_error: float) -> tuple[float, int, int] | None:
        """The entry of the grid that accepts most of those up to which all from one of the `starts` on pass.

        Several starts share the significance (the Bonferroni step of algorithm 1): a handful of unlucky fields among
        the surest few hundred of a large sample then does not end everything.
        """
        starts = self.starts(max_error)
        found = [self._from(start, max_error, SIGNIFICANCE / len(starts)) for start in starts]
        return max((entry for entry in found if entry), key=lambda entry: entry[1], default=None)

    def _from(self, start: int, max_error: float, significance: float) -> tuple[float, int, int] | None:
        passed = None
        for entry in self.grid:
            _, accepted, wrong = entry
            if accepted < start:
                continue
            if binomial_tail(wrong, accepted, max_error) > significance:
                break
            passed = entry
        return passed

    def starts(self, max_error: float) -> list[int]:
        """How many are accepted where a sequence of tests begins: `start`, and a quarter of a sample large enough."""
        first, quarter = self.start(max_error), self.fields // 4
        return [first, quarter] if quarter > _APART * first else [first]

    def start(self, max_error: float) -> int:
        """How many are accepted at the first threshold that is tested, preset by the sample's size alone.

        There, two wrong do not yet end the sequence (n ≈ 6.3 / error), at the latest at half of the sample. Where a
        loose promise could start much earlier, it waits for a quarter of the sample, at most for where 1 % starts.
        It never starts where it must fail even if all were right. So it never accepts less than a stricter promise,
        as far as the grid is fine.
        """
        of_two_wrong = min(ceil(6.3 / max_error), self.fields // 2)
        return max(fewest(max_error), of_two_wrong, min(ceil(6.3 / 0.01), self.fields // 4))


@lru_cache(maxsize=256)
def _threshold(profile: Profile, max_error: float) -> float | None:
    """A run asks for each of its fields, and there are but some twenty profiles."""
    passed = profile.carried(max_error)
    return None if passed is None else passed[0]


def fewest(max_error: float) -> int:
    """The fewest accepted fields that carry a promise: all of them right.

    >>> fewest(0.01), fewest(0.05)
    (299, 59)
    """
    return ceil(log(SIGNIFICANCE) / log1p(-max_error))


def binomial_tail(wrong: int, accepted: int, rate: float) -> float:
    """P(X ≤ wrong) for X binomial over `accepted` trials at `rate`."""
    ways = (lgamma(accepted + 1) - lgamma(k + 1) - lgamma(accepted - k + 1) for k in range(wrong + 1))
    logs = (way + k * log(rate) + (accepted - k) * log1p(-rate) for k, way in enumerate(ways))
    return min(1.0, fsum(exp(value) for value in logs))


@dataclass(frozen=True, slots=True)
class Agreement:
    """How many drawn checks had the two say the same, and how many of those were wrong."""

    checks: int
    wrong: int

    @property
    def confidence(self) -> float:
        """Laplace's rule of succession: the next one is right."""
        return 1 - (self.wrong + 1) / (self.checks + 2)

    def carries(self, max_error: float) -> bool:
        """Whether at most `max_error` of those that agree are wrong, with 95 % confidence."""
        return self.checks > 0 and binomial_tail(self.wrong, self.checks, max_error) <= SIGNIFICANCE


@dataclass(frozen=True, slots=True)
class Rates:
    """Of the fields of a kind on the scans of a calibration, how many were read as blank and how many not at all."""

    fields: int
    blank: int
    no_reading: int


@dataclass(frozen=True, slots=True)
class Calibration:
    """All profiles of a model."""

    name: str
    profiles: dict[str, Profile]
    agreements: dict[str, Agreement] = field(default_factory=dict)
    """Of a field with the part of the MICR line that repeats it (`reading.crosscheck`)."""
    rates: dict[str, Rates] = field(default_factory=dict)
    """By the name of the profile for one reader. None where the sample was drawn: how many fields people leave blank, a
    drawing does not tell."""
    samples: dict[str, str] = field(default_factory=dict)
    """What the fields of a profile are, where it is another sample than `name`."""

    @classmethod
    def from_card(cls, card: dict[str, Any], features: tuple[str, ...] = FEATURE_NAMES) -> Calibration:
        """Of a model's card; ValueError where it was calibrated on other features than this version's."""
        if tuple(card["features"]) != features:
            raise ValueError(f"calibrated on the features {', '.join(card['features'])}; calibrate it again")
        profiles = {
            kind: Profile(
                tuple(entry["weights"]), entry["bias"], entry["fields"],
                tuple((float(c), int(n), int(k)) for c, n, k in entry["grid"]),
            )
            for kind, entry in card["profiles"].items()
        }  # fmt: skip
        counts = card.get("cross_checks", {})
        agreements = {name: Agreement(int(one["agree"]), int(one["wrong"])) for name, one in counts.items()}
        rates = {
            kind: Rates(one["fields"], one["blank"], one["no_reading"]) for kind, one in card.get("rates", {}).items()
        }
        samples = {kind: entry["sample"] for kind, entry in card["profiles"].items() if "sample" in entry}
        return cls(card["name"], profiles, agreements, rates, samples)

    def profile(self, name: str) -> Profile:
        """The profile of a kind; that of given places for located ones where the card has none apart, and one that
        accepts nothing where it has neither."""
        nothing = Profile((0.0,) * len(FEATURE_NAMES), 0.0, 0, ())
        return self.profiles.get(name) or self.profiles.get(name.removesuffix(_LOCATED), nothing)

    def sample_of(self, name: str) -> str:
        """What stands behind that profile."""
        kind = name if name in self.profiles else name.removesuffix(_LOCATED)
        return self.samples.get(kind, self.name)
