"""A field that nobody wrote: drawn by the stroke generator that teaches the networks, from shapes alone.

Trained models see collected hands; these hands are made of the shapes of `training.styles`, so no digits are needed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ocrpipe.training.curves import HELD, Knobs
from ocrpipe.training.drawing import Drawer
from ocrpipe.training.styles import FAMILIES
from ocrpipe.training.wording import Mark, Wording, amount, digits, zip_code
from ocrpipe.training.writers import Writer
from ocrpipe.trying.kinds import KINDS


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """A field's picture (H, W) uint8, 0 ink … 255 paper, and the value that it was drawn to show."""

    pixels: NDArray[np.uint8]
    value: str


def sample(kind: str, rng: Generator) -> Sample:
    """A field of one of `KINDS` in a new hand, on new paper, through a scanner."""
    wording = replace(_WORDINGS[kind](rng), spec=KINDS[kind].spec)
    field = Drawer([hand(rng)], fonts=[]).draw(rng, wording).field
    return Sample(field.pixels, wording.value)


def hand(rng: Generator) -> Writer:
    """A writer who forms every digit after one of the shapes that are taught."""
    strokes = {}
    for char, family in FAMILIES.items():
        shape = family.taught[int(rng.integers(len(family.taught)))]
        strokes[char] = [shape(Knobs(rng.random(HELD), rng))]
    return Writer("drawn", strokes, {})


def _digit(rng: Generator) -> Wording:
    char = str(rng.integers(10))
    return Wording(KINDS["digit"].spec, (Mark(char),), char)


def _dated(pattern: str) -> Callable[[Generator], Wording]:
    """Days of this century so far, written after a pattern of `strftime`."""

    def made(rng: Generator) -> Wording:
        when = date(2001, 1, 1) + timedelta(days=int(rng.integers(9_000)))
        return Wording(KINDS["date"].spec, tuple(Mark(char) for char in when.strftime(pattern)), str(when))

    return made


_WORDINGS: dict[str, Callable[[Generator], Wording]] = {
    "digit": _digit,
    "amount": amount,
    "amount_digits": lambda rng: amount(rng, "amount_digits"),
    "zip": zip_code,
    "digits": lambda rng: digits(rng, cells=False),
    "date": _dated("%d%m%Y"),
    "day_first": _dated("%d/%m/%Y"),
    "month_first": _dated("%m/%d/%y"),
}
