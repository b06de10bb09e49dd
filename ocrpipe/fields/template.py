"""Templates: what a form looks like and where its fields are, in TOML.

Lengths are millimetres from the sheet's top left corner (`_mm`), shares of the sheet (`_rel`) or
pixels of the template at `page.dpi` (`_px`); a box is `[x, y, width, height]`. Nothing here opens a
picture, so that a template is checked without paying for OpenCV; `register.prepare` does.

    name = "visit"
    residual_limit_mm = 0.5

    [page]
    size_mm = [215.9, 279.4]

    [register]
    blank = "visit.png"                 # a picture of the empty form, relative to this file

    [[fields]]
    name = "birthday"
    kind = "date"
    format = "DDMMYYYY"
    cells = 8
    box_mm = [20, 40, 80, 9]

Of a filled form in place of a blank, `register.on_mm` lists the parts to be compared. Marks:
`fiducials = { at_mm = [[8, 8], …], shape = "square", size_mm = 5 }`. A field with an anchor has its box
measured from the anchor's top left corner, wherever in `search` that is found:

    anchor = { mark = "dollar.png", dpi = 200, search_mm = [120, 20, 40, 20] }   # or line = "horizontal",
    box_mm = [6, -2, 45, 10]                                                     # or text_mm = a box on the blank
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from ocrpipe.errors import UsageError
from ocrpipe.fields.template_keys import AnchorKeys, FieldKeys, TemplateKeys, lengths_of
from ocrpipe.geometry import Box
from ocrpipe.records import FieldSpec

BUILTIN_NAMES = ("check", "envelope")
"""Page kinds that are known without a template file; `fields.locate` finds their fields."""

MM_PER_INCH = 25.4


@dataclass(frozen=True, slots=True)
class Anchor:
    """What a field's box is measured from: a picture or a rule that is looked for on the page.

    The origin is the top left corner of the found picture, or the left (upper) end of the rule.
    """

    kind: Literal["text", "mark", "line"]
    search: Box
    """Where it may be, in template pixels."""
    snippet: Box | None = None
    """Text: the part of the blank that shows it, in template pixels."""
    picture: Path | None = None
    """Mark: a picture of it."""
    picture_dpi: float = 0.0
    direction: Literal["horizontal", "vertical"] | None = None


@dataclass(frozen=True, slots=True)
class TemplateField:
    """A field and its box in template pixels: on the sheet, or from its anchor's origin."""

    spec: FieldSpec
    box: Box
    anchor: Anchor | None = None


@dataclass(frozen=True, slots=True)
class Fiducials:
    """Marks printed for registration; positions are centres; all lengths are template pixels."""

    at: tuple[tuple[float, float], ...]
    shape: Literal["square", "circle", "cross"]
    size: float
    search: float
    """How far from its place on the sheet a mark may be found."""


@dataclass(frozen=True, slots=True)
class Template:
    """A form; everything is in template pixels, of which there are `dpi` to the inch."""

    name: str
    path: Path
    dpi: float
    width: float
    height: float
    residual_limit_mm: float
    fields: tuple[TemplateField, ...]
    blank: Path | None = None
    register_on: tuple[Box, ...] = ()
    """Where the blank's print is fit to register by; empty: everywhere."""
    fiducials: Fiducials | None = None

    @property
    def specs(self) -> tuple[FieldSpec, ...]:
        return tuple(field.spec for field in self.fields)

    @property
    def files(self) -> tuple[Path, ...]:
        """Every file that decides what the template means, for whoever hashes settings."""
        marks = {field.anchor.picture for field in self.fields if field.anchor and field.anchor.picture}
        return (self.path, *((self.blank,) if self.blank else ()), *sorted(marks))


def load_template(path_or_name: str | Path) -> Template:
    """Reads and checks a template file.

    Raises
    ------
    UsageError
        Naming the file, the key and what was expected there.
    """
    path = Path(path_or_name)
    if not path.is_file():
        raise UsageError(_unknown(path))
    try:
        raw = tomllib.loads(path.read_text("utf-8"), parse_float=Decimal)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path.name}: expected TOML; {error}") from error
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    try:
        return _built(path, TemplateKeys.model_validate(raw))
    except ValidationError as error:
        raise UsageError("\n".join(_said(path, e) for e in error.errors())) from error


def _unknown(path: Path) -> str:
    builtin = ", ".join(BUILTIN_NAMES)
    if str(path) in BUILTIN_NAMES:
        return f"{path}: built in, without a template file; expected the path of a TOML file"
    if path.is_dir():
        return f"{path}: expected a TOML file, got a folder"
    return f"{path}: unknown template; expected the path of a TOML file or a built-in name ({builtin})"


def _said(path: Path, error: Any) -> str:
    """One line of pydantic's report in our words."""
    key = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error["loc"]).lstrip(".")
    given, kind = error["input"], error["type"]
    if kind == "missing":
        words = "expected this key, which is missing"
    elif kind == "extra_forbidden":
        words = "unknown key"
    elif kind == "literal_error":
        options = error["ctx"]["expected"].replace("'", "").replace(" or ", ", ")
        words = f"expected one of {options}; got {_shown(given)}"
    elif kind == "too_short":
        words = f"expected at least {error['ctx']['min_length']} items; got {len(given)}"
    elif kind == "value_error":
        words = str(error["ctx"]["error"])
    else:
        wanted = error["msg"].removeprefix("Input should ").removeprefix("be ").removeprefix("have ")
        words = f"expected {wanted[0].lower()}{wanted[1:]}; got {_shown(given)}"
    return f"{path.name}: {key}: {words}" if key else f"{path.name}: {words}"


def _shown(given: object) -> str:
    if isinstance(given, str):
        return f'"{given}"'
    if isinstance(given, dict):
        return "a table"
    if isinstance(given, list):
        return f"[{', '.join(_shown(item) for item in given)}]"
    return str(given)


class _Ruler:
    """Turns the file's lengths into template pixels, whose centres lie on whole numbers:
    the sheet's corner is (-0.5, -0.5)."""

    def __init__(self, keys: TemplateKeys) -> None:
        page = keys.page
        self.dpi = page.dpi
        self.width, self.height = page.size_px or [side * page.dpi / MM_PER_INCH for side in page.size_mm or ()]

    def point(self, unit: str, x: float, y: float, *, relative: bool = False) -> tuple[float, float]:
        """`relative`: a distance from an anchor, where the half pixel of the sheet's corner is no matter."""
        if unit == "px":
            return x, y
        edge = 0.0 if relative else 0.5
        if unit == "mm":
            return x * self.dpi / MM_PER_INCH - edge, y * self.dpi / MM_PER_INCH - edge
        return x * self.width - edge, y * self.height - edge

    def box(self, unit: str, sides: tuple[float, ...], *, relative: bool = False) -> Box:
        x, y, width, height = sides
        first = self.point(unit, x, y, relative=relative)
        return Box(*first, *self.point(unit, x + width, y + height, relative=relative))

    def on_sheet(self, where: str, box: Box) -> Box:
        if box.x0 < -1 or box.y0 < -1 or box.x1 > self.width + 1 or box.y1 > self.height + 1:
            raise UsageError(
                f"{where}: expected a box on the sheet of {self.width:g} × {self.height:g} px; got "
                f"[{box.x0:g}, {box.y0:g}, {box.width:g}, {box.height:g}] px"
            )
        return box


def _built(path: Path, keys: TemplateKeys) -> Template:
    ruler, register = _Ruler(keys), keys.register_
    blank = _beside(path, "register.blank", register.blank)
    unit, parts = lengths_of(register, "on") if register.has("on") else ("px", ())
    on = tuple(ruler.on_sheet(f"{path.name}: register.on_{unit}[{i}]", ruler.box(unit, b)) for i, b in enumerate(parts))
    fiducials = None
    if (marks := register.fiducials) is not None:
        at = tuple(ruler.point("mm", x, y) for x, y in marks.at_mm)
        per_mm = ruler.dpi / MM_PER_INCH
        fiducials = Fiducials(at, marks.shape, marks.size_mm * per_mm, marks.search_mm * per_mm)
    fields = tuple(_field(path, f"fields[{i}]", ruler, field) for i, field in enumerate(keys.fields))
    return Template(
        keys.name, path, ruler.dpi, ruler.width, ruler.height, keys.residual_limit_mm, fields, blank, on, fiducials
    )


def _field(path: Path, key: str, ruler: _Ruler, keys: FieldKeys) -> TemplateField:
    unit, sides = lengths_of(keys, "box")
    box = ruler.box(unit, sides, relative=keys.anchor is not None)
    if keys.anchor is None:
        ruler.on_sheet(f"{path.name}: {key}.box_{unit}", box)
    low, high = keys.range or (None, None)
    digits = (keys.digits, keys.digits) if isinstance(keys.digits, int) else keys.digits
    spec = FieldSpec(
        keys.name, keys.kind, keys.cells, keys.cents_cells, digits, keys.format, keys.required, low, high,
        keys.checksum, keys.currency, keys.sensitive,
    )  # fmt: skip
    return TemplateField(spec, box, _anchor(path, f"{key}.anchor", ruler, keys.anchor) if keys.anchor else None)


def _anchor(path: Path, key: str, ruler: _Ruler, keys: AnchorKeys) -> Anchor:
    unit, sides = lengths_of(keys, "search")
    search = ruler.on_sheet(f"{path.name}: {key}.search_{unit}", ruler.box(unit, sides))
    if keys.line is not None:
        return Anchor("line", search, direction=keys.line)
    if keys.mark is not None:
        picture = _beside(path, f"{key}.mark", keys.mark)
        return Anchor("mark", search, picture=picture, picture_dpi=keys.dpi or ruler.dpi)
    unit, sides = lengths_of(keys, "text")
    return Anchor("text", search, snippet=ruler.on_sheet(f"{path.name}: {key}.text_{unit}", ruler.box(unit, sides)))


def _beside(path: Path, key: str, name: str | None) -> Path | None:
    if name is None:
        return None
    found = path.parent / name
    if not found.is_file():
        raise UsageError(
            f'{path.name}: {key}: expected the path of a picture relative to the template; no such file: "{name}"'
        )
    return found
