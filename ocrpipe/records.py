"""The nouns that pass between the stages, in the order in which a scan becomes something to read; `rows` goes on.

Page pixels are (H, W) uint8, 0 ink … 255 paper. Points are (x, y); `to_page` maps the pixels of a
part to the pixels of the decoded page. Arrays are checked where they enter a record.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ocrpipe.codes import Kind, Reason, Stage
from ocrpipe.geometry import Box, Quad, Transform, means, quad_of, resample, scaling, translation
from ocrpipe.remote import Remote


def _check(name: str, array: NDArray[Any], dtype: type, ndim: int) -> None:
    if array.dtype != dtype or array.ndim != ndim:
        raise TypeError(f"{name}: expected {ndim} dimensions of {dtype.__name__}, got {array.ndim} of {array.dtype}")


@dataclass(frozen=True, slots=True, eq=False)
class ScanFile:
    """A file that was found; `name` is relative to its source root with POSIX separators,
    bytes that are no UTF-8 percent-encoded."""

    path: Path | Remote
    name: str
    listed: Version | None = None
    """What the listing of an object store has said of it; a million objects are not asked one by one."""

    def sha256(self) -> str:
        """Of the content; empty where it cannot be read."""
        try:
            with self.path.open("rb") as content:
                return hashlib.file_digest(content, "sha256").hexdigest()
        except OSError:
            return ""


@dataclass(frozen=True, slots=True)
class Version:
    """What the file system or the object store says of a file's content without reading it."""

    size: int
    mtime_ns: int

    @classmethod
    def of(cls, path: Path | Remote) -> Version | None:
        """None where there is no such file."""
        try:
            if isinstance(path, Remote):
                found = path.status()
                return found and cls(*found)
            status = path.stat()
        except OSError:
            return None
        return cls(status.st_size, status.st_mtime_ns)


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
    _smaller: dict[int, NDArray[np.uint8]] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        _check("Page.pixels", self.pixels, np.uint8, 2)

    def smaller(self, times: int) -> NDArray[np.uint8]:
        """The page as means of `times` × `times` pixels; made once for all who ask."""
        if times not in self._smaller:
            self._smaller[times] = means(self.pixels, times)
        return self._smaller[times]

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
    darkness: tuple[NDArray[np.float32], float] | None = None
    """How dark the field and its pen are (`fields.clean.Darkness`): what the first look leaves to further ones."""

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
