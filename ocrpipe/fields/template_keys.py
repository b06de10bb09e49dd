"""The keys of a template file, as pydantic models: an unknown key fails, so that no typo vanishes."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from ocrpipe.codes import PlacedKind

UNITS = ("mm", "rel", "px")

Length = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Coordinate = Annotated[float, Field(allow_inf_nan=False)]
Sides = tuple[Coordinate, Coordinate, Length, Length]
"""x, y, width, height."""
Name = Annotated[str, StringConstraints(pattern=r"^[^\s/][^/\n\r\t]*$", max_length=100)]


class Keys(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    def has(self, stem: str) -> bool:
        return any(getattr(self, f"{stem}_{unit}") is not None for unit in UNITS)


def lengths_of(keys: Keys, stem: str) -> tuple[str, Any]:
    """The one unit in which `stem` is given, and what is given."""
    unit = next(unit for unit in UNITS if getattr(keys, f"{stem}_{unit}") is not None)
    return unit, getattr(keys, f"{stem}_{unit}")


def one_unit(keys: Keys, stem: str, *, needed: bool = True) -> None:
    given = sum(getattr(keys, f"{stem}_{unit}") is not None for unit in UNITS)
    if given > 1 or (needed and given == 0):
        names = ", ".join(f"{stem}_{unit}" for unit in UNITS)
        raise ValueError(f"expected {'exactly' if needed else 'at most'} one of {names}; got {given}")


class PageKeys(Keys):
    size_mm: tuple[Length, Length] | None = None
    size_px: tuple[Length, Length] | None = None
    dpi: Annotated[float, Field(ge=50, le=1200)] = 200.0
    """Template pixels per inch: the unit of `_px`, and the resolution at which the blank is compared."""

    @model_validator(mode="after")
    def _check(self) -> PageKeys:
        if (self.size_mm is None) == (self.size_px is None):
            raise ValueError("expected exactly one of size_mm, size_px")
        if self.size_px is not None and "dpi" not in self.model_fields_set:
            raise ValueError("expected dpi beside size_px")
        return self


class FiducialKeys(Keys):
    at_mm: Annotated[list[tuple[Coordinate, Coordinate]], Field(min_length=3)]
    """Centres of the marks."""
    shape: Literal["square", "circle", "cross"] = "square"
    size_mm: Length
    search_mm: Length = 15.0


class RegisterKeys(Keys):
    blank: str | None = None
    on_mm: list[Sides] | None = None
    on_rel: list[Sides] | None = None
    on_px: list[Sides] | None = None
    fiducials: FiducialKeys | None = None

    @model_validator(mode="after")
    def _check(self) -> RegisterKeys:
        one_unit(self, "on", needed=False)
        if self.blank is None and self.has("on"):
            raise ValueError("expected blank: the boxes of on_* are parts of its picture")
        return self


class AnchorKeys(Keys):
    text_mm: Sides | None = None
    text_rel: Sides | None = None
    text_px: Sides | None = None
    """The part of the blank that shows the text."""
    mark: str | None = None
    """A picture of the mark."""
    dpi: Annotated[float, Field(ge=50, le=1200)] | None = None
    """Resolution of the mark's picture; by default the template's."""
    line: Literal["horizontal", "vertical"] | None = None
    search_mm: Sides | None = None
    search_rel: Sides | None = None
    search_px: Sides | None = None

    @model_validator(mode="after")
    def _check(self) -> AnchorKeys:
        one_unit(self, "search")
        one_unit(self, "text", needed=False)
        if self.has("text") + (self.mark is not None) + (self.line is not None) != 1:
            raise ValueError("expected exactly one of text_mm (or text_rel, text_px), mark, line")
        if self.dpi is not None and self.mark is None:
            raise ValueError("expected dpi only beside mark")
        return self


class FieldKeys(Keys):
    name: Name
    kind: PlacedKind
    box_mm: Sides | None = None
    box_rel: Sides | None = None
    box_px: Sides | None = None
    anchor: AnchorKeys | None = None
    cells: Annotated[int, Field(ge=0, le=100)] = 0
    cents_cells: Annotated[int, Field(ge=0)] = 0
    digits: Annotated[int, Field(ge=1)] | tuple[Annotated[int, Field(ge=1)], Annotated[int, Field(ge=1)]] | None = None
    format: str | None = None
    required: bool = False
    range: tuple[Decimal, Decimal] | None = None
    checksum: Literal["aba", "luhn"] | None = None
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] | None = None
    sensitive: bool = False

    @model_validator(mode="after")
    def _check(self) -> FieldKeys:
        one_unit(self, "box")
        if isinstance(self.digits, tuple) and self.digits[0] > self.digits[1]:
            raise ValueError(f"expected digits = [fewest, most]; got [{self.digits[0]}, {self.digits[1]}]")
        if self.cents_cells and (self.kind != "amount" or self.cents_cells >= self.cells):
            raise ValueError("expected cents_cells only in an amount, fewer than its cells")
        if (self.kind == "date") != (self.format is not None):
            raise ValueError("expected format in a date, and only there")
        if self.format is not None and not is_date_format(self.format):
            raise ValueError(f'expected format with DD, MM and YYYY or YY once each; got "{self.format}"')
        if self.range is not None and (self.kind in ("zip", "date") or self.range[0] > self.range[1]):
            raise ValueError("expected range = [least, most], in an amount or digits")
        if self.checksum is not None and self.kind != "digits":
            raise ValueError("expected checksum only where kind is digits")
        if self.currency is not None and not self.kind.startswith("amount"):
            raise ValueError("expected currency only in an amount")
        return self


class TemplateKeys(Keys):
    name: Name
    residual_limit_mm: Length = 0.5
    """Root mean square distance of matched print beyond which the page is failed rather than misread."""
    page: PageKeys
    register_: Annotated[RegisterKeys, Field(alias="register")] = RegisterKeys()
    fields: Annotated[list[FieldKeys], Field(min_length=1)]

    @model_validator(mode="after")
    def _check(self) -> TemplateKeys:
        names = [field.name for field in self.fields]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"expected a different name for each field; got twice: {', '.join(twice)}")
        register, loose = self.register_, [f.name for f in self.fields if f.anchor is None]
        if register.blank is None and any(field.anchor and field.anchor.has("text") for field in self.fields):
            raise ValueError("expected register.blank: an anchor's text is a part of its picture")
        if register.blank is None and register.fiducials is None and loose:
            raise ValueError(
                f"expected register.blank or register.fiducials, or an anchor for each field; "
                f"without: {', '.join(loose)}"
            )
        return self


def is_date_format(text: str) -> bool:
    """Whether `text` names day, month and year once each, perhaps separated.

    >>> is_date_format("DDMMYYYY"), is_date_format("MM/DD/YY"), is_date_format("MM/YYYY")
    (True, True, False)
    """
    parts = re.findall(r"D+|M+|Y+", text)
    rest = re.sub(r"[DMY]", "", text)
    return sorted(parts) in (["DD", "MM", "YY"], ["DD", "MM", "YYYY"]) and re.fullmatch(r"[ ./-]*", rest) is not None
