"""The nouns in which reading ends: what is ready to be read, what it says, whether to believe it, and the row.

Follows on `records`, and has its conventions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ocrpipe.codes import Reason, Status
from ocrpipe.geometry import Quad, Transform
from ocrpipe.records import Document, FieldImage, FieldSpec, Lattice, MicrStrip, Page, ScanFile, Version


class Character(NamedTuple):
    """One character of a reading; `prob` is the network's, not calibrated.

    A tuple, because workers send thousands of them a second: it is pickled at a third of the cost of a dataclass.
    """

    text: str
    prob: float
    quad: Quad


@dataclass(frozen=True, slots=True)
class Reading:
    """What a field says, before anyone decides whether to believe it."""

    value: str | None
    """Canonical (`1234.56`, `02139`, ISO date); None where no path obeys the grammar."""
    text: str
    """As written."""
    alternatives: tuple[tuple[str, float], ...]
    """Runners-up and their posterior probabilities, likeliest first, not calibrated."""
    characters: tuple[Character, ...]
    features: tuple[float, ...]
    """What predicts error, in the order of `reading.decide.FEATURE_NAMES`."""
    second: bool = False
    """Whether the second reader has read it, too."""
    located: bool = False
    """Whether a locator found the field, which may err; where a template gives the place, it does not."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a reading is believed. `confidence` is the calibrated probability that `value` is right."""

    status: Status
    reason: Reason | None
    detail: str | None
    value: str | None
    confidence: float | None
    threshold: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Context:
    """What every row of a document says of its page."""

    source: str
    source_sha256: str
    page: int
    document: int = 0
    template: str | None = None
    page_width: int | None = None
    page_height: int | None = None
    dpi: float | None = None
    page_to_template: Transform | None = None
    skew_deg: float | None = None
    rotation_deg: int | None = None
    registration_residual_px: float | None = None

    @classmethod
    def of(cls, page: Page, document: Document | None = None) -> Context:
        """What a page says of itself, and a document on it of how it lies there."""
        of_page = cls(
            page.source, page.source_sha256, page.index, page_width=page.width, page_height=page.height, dpi=page.dpi
        )
        if document is None:
            return of_page
        upright = document.upright
        return replace(
            of_page, document=document.index, template=document.template, skew_deg=upright.skew_deg,
            rotation_deg=upright.rotation_deg, page_to_template=document.page_to_template,
            registration_residual_px=document.residual_px,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A field ready to be recognised, or the reason why there is nothing to recognise."""

    context: Context
    spec: FieldSpec | None
    lattice: Lattice | None = None
    outcome: Decision | None = None
    """Already decided: a failure or a skipped sheet."""
    image: FieldImage | None = field(default=None, repr=False)
    """The field as it was cropped, before anything was cleaned away; there is one where there is something to read."""
    strip: MicrStrip | None = None
    """A MICR line, instead of a lattice."""
    evidence: float | None = None
    """That of a place which a locator found, 0 … 1; None where a template or the operator gave it."""


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One row of the results."""

    context: Context
    spec: FieldSpec | None
    decision: Decision
    reading: Reading | None = None
    quad: Quad | None = None
    picture: NDArray[np.uint8] | None = field(default=None, repr=False)
    """The field as it was cropped, for the crops file."""


@dataclass(frozen=True, slots=True)
class FileRows:
    """All rows of a file, how many pages it had, and what they took."""

    file: ScanFile
    rows: list[Row]
    pages: int
    seconds: Mapping[str, float]
    """By stage. What a batch of fields took together is shared out evenly among them."""
    version: Version | None
    """Of the file as it was read; None where it could not be found."""
    changed: bool = False
    """While it was read: the rows are of no file that ever was whole."""
    stored: bool = False
    """Whether the engine has written the rows itself; then readings, places and pictures are left out here."""
