"""Finds the clear band of a check in which its MICR line lies.

ANSI X9.100-160-1: the lowest 5/8 inch of a check is kept for the line, whose characters lie between 3/16 and 7/16 inch
above the lower edge. The line shows by its characters, equally tall, level and on one pitch.
"""

from __future__ import annotations

from dataclasses import dataclass

from ocrpipe.e13b import combs
from ocrpipe.fields.locate_view import View, place, plateau
from ocrpipe.geometry import Box, identity
from ocrpipe.records import Failure, FieldSpec, Place, Upright

MICR = FieldSpec(name="micr", kind="micr")
CLEAR_BAND_IN = 0.625
_ROWS = 3
"""Lines that are judged by their place: other print may keep a pitch as well."""


@dataclass(frozen=True, slots=True)
class MicrBand:
    """The band across the whole sheet, inches from the top left of the upright page, and how sure it is (0 … 1)."""

    box: Box
    evidence: float


def micr_place(band: MicrBand | None, upright: Upright) -> Place:
    """The field `micr` of a check whose clear band is known, or why it has none."""
    if band is None:
        return Place(MICR, None, identity(), Failure("locate", "not_found", "no line of E-13B in the clear band"))
    return place(MICR, band.box, upright)


def locate_micr(view: View) -> MicrBand | None:
    """The band around the row that most looks like a MICR line, as high as the clear band and a little more where the
    row leans; None where there is no such row."""
    best: MicrBand | None = None
    low = view.parts[view.parts[:, 1] > view.height / 2]
    for comb in combs(low, _ROWS):
        middle = comb.y + comb.slope * (comb.x0 + comb.x1) / 2
        evidence = comb.evidence * plateau(view.height - middle, 0.15, 0.75, 0.6)
        if evidence > 0 and (best is None or evidence > best.evidence):
            half = CLEAR_BAND_IN / 2 + abs(comb.slope) * view.width / 2
            best = MicrBand(Box(0.0, max(0.0, middle - half), view.width, min(view.height, middle + half)), evidence)
    return best
