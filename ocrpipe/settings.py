"""Frozen settings of a run. An unknown key is an error, never ignored."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Settings(BaseModel):
    """What decides the rows of a run, apart from the files, the templates and the model's weights."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_error: float = Field(0.01, gt=0, lt=1)
    """Largest share of wrong values among accepted ones, with 95 % confidence."""
    max_pixels: int = Field(150_000_000, gt=0)
    """A page with more is a failure row (a US letter page at 1200 dpi has 135 million)."""
    max_pages: int = Field(2_000, gt=0)
    """A file with more pages than this is a failure row."""
    max_file_bytes: int = Field(1 << 30, gt=0)
    readers: tuple[Literal["lattice"]] | tuple[Literal["lattice"], Literal["sdnn"]] = ("lattice", "sdnn")
    """Who reads fields."""
    crops: Literal["review", "all", "none"] = "review"
    """Whose field pictures go to the crops file."""
