"""The nouns that pass between the stages, in the order in which a scan becomes rows.

Page pixels are (H, W) uint8, 0 ink … 255 paper. Points are (x, y); `to_page` maps the pixels of a
part to the pixels of the decoded page. Arrays are checked where they enter a record.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from ocrpipe.geometry import Box, Quad, Transform, quad_of, resample, scaling, translation

PlacedKind = Literal["amount", "amount_digits", "zip", "digits", "date", "micr"]
"""What has a place of its own on a page."""
Kind = Literal[PlacedKind, "micr_routing", "micr_account", "micr_serial", "micr_amount", "micr_transaction"]
"""Those, and the parts of a MICR line."""
PLACED: tuple[PlacedKind, ...] = get_args(PlacedKind)
WRITTEN: tuple[PlacedKind, ...] = PLACED[:-1]
"""What a lattice reads: all of them but the MICR line."""
KINDS: tuple[Kind, ...] = get_args(Kind)
Status = Literal["accepted", "review", "blank", "skipped", "failed"]
Stage = Literal["find", "decode", "straighten", "registration", "locate", "reading"]
Reason = Literal[
    # failed
    "unreadable",  # the file cannot be opened or decoded
    "truncated",  # the file ends before its picture does
    "encrypted",  # a password is needed
    "too_large",  # more pixels or pages than the settings allow
    "crashed",  # reading the file killed its worker or met a bug; the log says more
    "distorted",  # a sheet is curled, in shadow or seen too obliquely to be flattened
    "registration",  # the page does not fit its template within the residual limit
    "not_found",  # the field was not found on the page
    "unknown",  # no template and no locator claims the page
    # review
    "low_confidence",  # below the threshold of the promised error
    "blank_required",  # blank, but the template requires a value
    "blank_unsure",  # perhaps blank
    "no_reading",  # ink, but nothing that the grammar of the kind allows
    "out_of_range",  # outside the template's minimum and maximum
    "checksum",  # the check digit does not fit
    "cross_check",  # the MICR line says otherwise
    "uncalibrated",  # the calibration sample cannot carry the promise
    # skipped
    "blank_page",  # a sheet without writing, such as a duplex back
]


def _check(name: str, array: NDArray[Any], dtype: type, ndim: int) -> None:
    if array.dtype != dtype or array.ndim != ndim:
        raise TypeError(f"{name}: expected {ndim} dimensions of {dtype.__name__}, got {array.ndim} of {array.dtype}")


@dataclass(frozen=True, slots=True, eq=False)
class ScanFile:
    """A file that was found; `name` is relative to its source root with POSIX separators,
    bytes that are no UTF-8 percent-encoded."""

    path: Path
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Failure:
    """Expected trouble with a scan. False in a condition; becomes a row."""

    stage: Stage
    reason: Reason
    detail: str

    def __bool__(self) -> bool:
        return False


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """One decoded page: (H, W) uint8 with square pixels, the file's orientation and polarity applied."""

    source: str
    source_sha256: str
    index: int
    pixels: NDArray[np.uint8]
    dpi: float
    dpi_from: Literal["file", "inferred"]

    def __post_init__(self) -> None:
        _check("Page.pixels", self.pixels, np.uint8, 2)

    @property
    def width(self) -> int:
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        return int(self.pixels.shape[0])


@dataclass(frozen=True, slots=True, eq=False)
class BadPage:
    """A page (or, with index 0 and nothing before it, a whole file) that could not be decoded."""

    source: str
    source_sha256: str
    index: int
    failure: Failure


@dataclass(frozen=True, slots=True, eq=False)
class Upright:
    """How a page lies: nothing is warped until a part of it is read.

    The page shows the sheet turned clockwise by `rotation_deg` (0, 90, 180 or 270) and by a further `skew_deg`
    (negative: counter-clockwise); turning it back by both makes it upright. `to_page` maps upright pixels to page
    pixels, `width` × `height` is the upright sheet without the scanner bed.
    """

    page: Page
    rotation_deg: int
    skew_deg: float
    to_page: Transform
    width: int
    height: int

    def region(self, box: Box, scale: float = 1.0) -> NDArray[np.uint8]:
        """Draws `box` (upright pixels) of the straightened page, `scale` times as large."""
        width, height = max(1, round(box.width * scale)), max(1, round(box.height * scale))
        return resample(self.page.pixels, self.to_page @ self.region_to_upright(box, scale), width, height)

    def region_to_upright(self, box: Box, scale: float = 1.0) -> Transform:
        """Pixels of `region(box, scale)` → upright pixels."""
        return np.asarray(translation(box.x0, box.y0) @ scaling(1 / scale, 1 / scale), np.float64)


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """What a template says of a field, apart from where it is."""

    name: str
    kind: Kind
    cells: int = 0
    """Boxes for one character each; 0 where the writing is free."""
    cents_cells: int = 0
    """How many of the cells, at the right end, hold hundredths (amounts in cells)."""
    digits: tuple[int, int] | None = None
    """Fewest and most digits."""
    format: str | None = None
    """Dates: the order of D, M and Y with separators as written, such as `DDMMYYYY` or `MM/DD/YY`; single letters,
    as in `M/D/Y`, where zeros and centuries may be left out."""
    required: bool = False
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    checksum: Literal["aba", "luhn"] | None = None
    currency: str | None = None
    sensitive: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """Where a field lies on an upright page, or why it was not found there."""

    spec: FieldSpec
    box: Box | None
    to_upright: Transform
    """Pixels of the box's own frame → upright pixels (a registered field may lean a little)."""
    failure: Failure | None = None
    shown: Box | None = None
    """The field as people see it, with its frame, label and legend, in the box's own frame; the box where None."""
    evidence: float = 1.0
    """0 … 1: how much speaks for this place by itself. Several places of one name are rivals; reading decides."""
    inverse: bool = False
    """Light characters on a dark ground: its picture is turned into dark ones on a light ground."""


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """A page (or one of several checks on it) claimed by a template or a locator."""

    index: int
    template: str
    upright: Upright
    places: tuple[Place, ...]
    evidence: float
    """How well page and template fit: 0 not at all … 1; the largest wins."""
    page_to_template: Transform | None = None
    residual_px: float | None = None
    """Registration: root mean square distance of matched points, in pixels of the page."""


@dataclass(frozen=True, slots=True, eq=False)
class FieldImage:
    """The pixels of one field: (H, W) uint8, 0 ink … 255 paper, upright.

    `box` is the field proper; around it the crop shows a margin for strokes that overshoot.
    """

    spec: FieldSpec
    pixels: NDArray[np.uint8]
    to_page: Transform
    box: Box
    dpi: float
    shown: Box | None = None
    """The field as people see it, with frame, label and legend, which may reach beyond the picture."""

    def __post_init__(self) -> None:
        _check("FieldImage.pixels", self.pixels, np.uint8, 2)

    @property
    def quad(self) -> Quad:
        return quad_of(self.shown or self.box, self.to_page)


@dataclass(frozen=True, slots=True, eq=False)
class Lattice:
    """Every way that a field's ink may be cut into characters.

    Nodes 0 … `nodes` - 1 run from left to right. Edges are in ascending order of `starts`; edge i
    spans `starts[i]` → `ends[i]` and is the candidate character whose picture is `crops[i]`, whose
    place is `boxes[i]` (x0, y0, x1, y1 in field pixels) and whose size and place on the line are
    `shapes[i]`.
    """

    field: FieldImage
    nodes: int
    starts: NDArray[np.int32]
    ends: NDArray[np.int32]
    crops: NDArray[np.uint8]
    """(E, 32, 32), ink high."""
    boxes: NDArray[np.float32]
    """(E, 4)."""
    shapes: NDArray[np.float32]
    """(E, S); see `reading.segment.SHAPE_NAMES`."""
    ink_share: float
    """Share of ink pixels in the cleaned field: what tells a blank one."""
    to_frame: Transform
    """Field pixels → the frame of `reading.segment`, in which characters are upright and equally tall."""
    span: tuple[float, float, float, float]
    """Where the line of writing lies in that frame: left, top, right, bottom."""
    point: int | None = None
    """The node at which the form has a decimal point printed between cells."""
    strip: NDArray[np.uint8] | None = None
    """(48, W) the writing in gray, for the second reader (`reading.strip`); None where the lattice alone reads."""

    def __post_init__(self) -> None:
        _check("Lattice.crops", self.crops, np.uint8, 3)
        _check("Lattice.shapes", self.shapes, np.float32, 2)


@dataclass(frozen=True, slots=True, eq=False)
class MicrStrip:
    """A line of E-13B, level and of one size: (24, W) uint8, 0 paper … 255 ink."""

    ink: NDArray[np.uint8]
    to_picture: Transform
    """Strip pixels → pixels of the picture that it was cut from; on its way through the line, the page."""
    evidence: float
    """0 … 1: how sure it is that there is a line, by how many characters keep the pitch and how well."""

    def __post_init__(self) -> None:
        _check("MicrStrip.ink", self.ink, np.uint8, 2)


@dataclass(frozen=True, slots=True)
class Character:
    """One character of a reading; `prob` is the network's, not calibrated."""

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
