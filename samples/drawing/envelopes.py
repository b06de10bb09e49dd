"""Envelopes: return address, stamp, and an address with its ZIP code."""

from __future__ import annotations

from dataclasses import dataclass

from numpy.random import Generator

from drawing.sheet import Extent, Sheet


@dataclass(frozen=True)
class EnvelopeLayout:
    """Inches; the ZIP code follows the city after `zip_gap`, raised by `zip_rise`."""

    width: float = 9.5
    height: float = 4.125
    address_x: float = 4.0
    address_y: float = 2.0
    pitch: float = 0.33
    letter: float = 0.16
    zip_letter: float = 0.2
    zip_gap: float = 0.25
    zip_rise: float = 0.0
    stamp: str = "frame"
    """`frame`, `postmark`, `permit` or empty."""
    sender: tuple[str, ...] = ("Larkspur Water District", "P.O. Box 77", "Elk Grove CA 95624")


def draw_envelope(
    layout: EnvelopeLayout, address: tuple[str, ...], zip_code: str, rng: Generator, *, pen: str, machine: str | None
) -> tuple[Sheet, Extent]:
    """The sheet and the extent of the ZIP code; `machine` is a print font, or None for handwriting."""
    sheet = Sheet(layout.width, layout.height, rng)
    for i, line in enumerate(layout.sender):
        sheet.text(0.35, 0.4 + 0.14 * i, line, 8, "sans")
    _stamp(sheet, layout)
    end = (0.0, 0.0, layout.address_x, 0.0)
    for i, line in enumerate(address):
        y = layout.address_y + i * layout.pitch
        if machine:
            end = sheet.text(layout.address_x, y, line, layout.letter / 0.7 * 72, machine)
        else:
            end = sheet.write(layout.address_x + rng.uniform(-0.05, 0.05), y, line, layout.letter, pen)
    y = layout.address_y + (len(address) - 1) * layout.pitch
    x = end[2] + layout.zip_gap
    if machine:
        return sheet, sheet.text(x, y, zip_code, layout.letter / 0.7 * 72, machine)
    return sheet, sheet.write(x, y - layout.zip_rise, zip_code, layout.zip_letter, pen)


def _stamp(sheet: Sheet, layout: EnvelopeLayout) -> None:
    right = layout.width - 0.3
    if layout.stamp == "frame":
        sheet.frame(right - 0.85, 0.25, right, 1.2)
        sheet.text(right - 0.7, 0.65, "PLACE", 8)
        sheet.text(right - 0.72, 0.8, "STAMP", 8)
    elif layout.stamp == "permit":
        sheet.frame(right - 1.2, 0.25, right, 0.95)
        for i, line in enumerate(("PRSRT STD", "U.S. POSTAGE PAID", "PERMIT NO. 18")):
            sheet.text(right - 1.1, 0.45 + 0.16 * i, line, 7)
    elif layout.stamp == "postmark":
        sheet.fill(right - 0.8, 0.25, right, 1.15, ink=110)
        sheet.frame(right - 0.8, 0.25, right, 1.15, ink=200)
        for k in range(5):
            sheet.line(right - 2.2, 0.4 + 0.13 * k, right - 0.3, 0.43 + 0.13 * k, 0.02, ink=170)
