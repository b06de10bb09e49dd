"""The numbers of a set of single digits: ten classes, nothing rejected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ocrpipe.evaluation.numbers import Bin, clopper_pearson, equal_mass_bins, expected_calibration_error


@dataclass(frozen=True, slots=True)
class Confused:
    """How often a digit was read as another."""

    label: int
    guess: int
    count: int


@dataclass(frozen=True, slots=True, eq=False)
class DigitFigures:
    """What was read of N digits."""

    labels: NDArray[np.int64]
    guesses: NDArray[np.int64]
    confidence: NDArray[np.float64]
    """The softmax over ten classes, of the guess."""
    confusion: NDArray[np.int64]
    """(10, 10): label down, guess across."""
    ece: float | None
    """Expected calibration error over 15 equal-mass bins of the confidence."""
    bins: tuple[Bin, ...]

    @property
    def count(self) -> int:
        return len(self.labels)

    @property
    def wrong(self) -> int:
        return int((self.guesses != self.labels).sum())

    @property
    def error(self) -> float:
        return self.wrong / self.count

    @property
    def interval(self) -> tuple[float, float]:
        """95 % Clopper-Pearson interval of the error."""
        return clopper_pearson(self.wrong, self.count)

    def of_digit(self, digit: int) -> tuple[int, int]:
        """How many there are of a digit, and how many of them were misread."""
        row = self.confusion[digit]
        return int(row.sum()), int(row.sum() - row[digit])

    def most_confused(self) -> list[Confused]:
        """All pairs that were ever confused, the most frequent first."""
        pairs = [Confused(int(i), int(j), int(self.confusion[i, j])) for i, j in np.argwhere(self.confusion) if i != j]
        return sorted(pairs, key=lambda pair: (-pair.count, pair.label, pair.guess))

    def worst(self) -> list[int]:
        """Places in the set of the misread ones, the surest first."""
        wrong = np.flatnonzero(self.guesses != self.labels)
        return [int(i) for i in wrong[np.argsort(-self.confidence[wrong], kind="stable")]]

    def as_json(self, names: Sequence[str]) -> dict[str, Any]:
        """Counts, shares and the whole matrix in plain types; `names` say which picture is which."""
        return {
            "digits": self.count,
            "wrong": self.wrong,
            "error": self.error,
            "error_interval_95": list(self.interval),
            "ece": self.ece,
            "per_digit": {str(digit): self._digit_json(digit) for digit in range(10)},
            "confusion": self.confusion.tolist(),
            "most_confused": [
                {"label": pair.label, "guess": pair.guess, "count": pair.count} for pair in self.most_confused()
            ],
            "reliability": [{"confidence": b.confidence, "accuracy": b.accuracy, "count": b.count} for b in self.bins],
            "errors": [
                {
                    "picture": names[i],
                    "label": int(self.labels[i]),
                    "guess": int(self.guesses[i]),
                    "confidence": float(self.confidence[i]),
                }
                for i in self.worst()
            ],
        }

    def _digit_json(self, digit: int) -> dict[str, Any]:
        count, wrong = self.of_digit(digit)
        return {
            "digits": count,
            "wrong": wrong,
            "error": wrong / count if count else None,
            "error_interval_95": list(clopper_pearson(wrong, count)),
        }


def figures(labels: NDArray[np.int64], probabilities: NDArray[np.float64]) -> DigitFigures:
    """Sums up (N, C ≥ 10) probabilities whose first ten columns are the digits; the others have no say.

    >>> figures(np.array([1, 7]), np.eye(14)[[1, 1]]).most_confused()
    [Confused(label=7, guess=1, count=1)]
    """
    ten = probabilities[:, :10]
    ten = ten / np.maximum(ten.sum(axis=1, keepdims=True), np.finfo(np.float64).tiny)
    guesses = ten.argmax(axis=1).astype(np.int64)
    confidence = ten.max(axis=1)
    bins = equal_mass_bins(confidence, guesses == labels)
    confusion = np.bincount(10 * labels + guesses, minlength=100).reshape(10, 10).astype(np.int64)
    return DigitFigures(labels, guesses, confidence, confusion, expected_calibration_error(bins), tuple(bins))
