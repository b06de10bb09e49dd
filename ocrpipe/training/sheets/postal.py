"""What the post puts on envelopes: stamps, meters, permits, postmarks, bar codes."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from ocrpipe.geometry import Box
from ocrpipe.training.curves import arc, smooth
from ocrpipe.training.sheets.chance import between, figures, odds, pick
from ocrpipe.training.sheets.faces import Face, in_print
from ocrpipe.training.sheets.ornaments import matrix_code, polygon, turned
from ocrpipe.training.sheets.sheet import INK_DPI, Sheet
from ocrpipe.training.sheets.words import TOWNS

_BARS_AN_INCH = 21.8
_FULL, _HALF = 0.125, 0.05
"""Height of POSTNET's bars, inches."""
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")


def stamp(sheet: Sheet, right: float, top: float, face: Face, rng: Generator) -> Box:
    """A postage stamp with its picture and its value; teeth at its edges."""
    wide, high = between(rng, 0.7, 1.1), between(rng, 0.8, 1.1)
    box = Box(right - wide, top, right, top + high)
    shape = round(high * INK_DPI), round(wide * INK_DPI)
    coarse = rng.random((int(rng.integers(3, 9)), int(rng.integers(3, 9)))).astype(np.float32)
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    rows = np.clip((y / shape[0] * coarse.shape[0]).astype(int), 0, len(coarse) - 1)
    columns = np.clip((x / shape[1] * coarse.shape[1] + np.sin(y / 25)).astype(int), 0, coarse.shape[1] - 1)
    picture = coarse[rows, columns]
    sheet.lay(np.asarray(picture * 0.8, np.float32), box.x0, box.y0, 0.35 if sheet.bitonal else 0.2)
    teeth = [
        np.array([(a, edge), (a + 0.025, edge)], np.float32)
        for edge in (box.y0 - 0.05, box.y1 + 0.05) for a in np.arange(box.x0 - 0.05, box.x1 + 0.05, 0.06)
    ]  # fmt: skip
    sheet.strokes(teeth, width=0.025, dark=0.6)
    value = pick(rng, ("USA FOREVER", "55", "USA 29", "37 USA", "FOREVER", "49"))
    sheet.write(in_print(value, face.bold, between(rng, 7, 14)).fitted(wide - 0.1), box.x0 + 0.05, box.y1 - 0.06, 0.05)
    return box


def postmark(sheet: Sheet, at: Box, face: Face, rng: Generator) -> None:
    """A round date stamp and waves over a stamp, to its left."""
    r = between(rng, 0.4, 0.55)
    x, y = at.x0 - between(rng, 0.2, 1.2), at.centre[1] + between(rng, -0.2, 0.2)
    dark = between(rng, 0.25, 0.6)
    rings = [arc((x, y), (r, r), 0, 2 * np.pi, 40)]
    if odds(rng, 0.5):
        rings.append(arc((x, y), (0.65 * r, 0.65 * r), 0, 2 * np.pi, 40))
    sheet.strokes(rings, width=0.012, dark=dark)
    name, state = pick(rng, TOWNS)
    day = f"{int(rng.integers(1, 29))} {pick(rng, _MONTHS)}"
    for i, word in enumerate((f"{name.upper()} {state}", day, f"{int(rng.integers(1990, 2031))}", figures(rng, 5))):
        one = in_print(word, face.regular, 6.5).fitted(1.6 * r)
        sheet.write(one, x - one.width / 2, y - 0.25 * r + 0.22 * r * i, dark)
    if odds(rng, 0.75):
        count = int(rng.integers(4, 8))
        far = min(at.x1 + 0.1, x + r + 2.2)
        ends = np.linspace(x + r + 0.05, far, 12)
        swing = between(rng, 0, 0.07)
        waves = [
            smooth(np.stack([ends, y - r + 2 * r * (i + 0.5) / count + swing * np.sin(np.arange(12) * 1.9)], axis=1))
            for i in range(count)
        ]
        sheet.strokes(waves, width=0.014, dark=dark)


def meter(sheet: Sheet, right: float, top: float, face: Face, rng: Generator) -> None:
    """A postage meter's print: a code, an eagle's worth of ink, value, date, and the ZIP code it was mailed from."""
    dark = between(rng, 0.1, 0.5)
    if odds(rng, 0.5):
        matrix_code(sheet, Box(right - 2.3, top, right - 1.6, top + 0.7), dark, rng)
    else:
        angles = np.linspace(0, 2 * np.pi, 17)[:-1]
        radii = 0.35 * np.where(np.arange(16) % 2, 1.0, between(rng, 0.4, 0.8))
        points = np.stack([right - 1.95 + radii * np.cos(angles), top + 0.35 + radii * np.sin(angles)], axis=1)
        polygon(sheet, points, dark)
    lines = (
        "US POSTAGE", f"$ {int(rng.integers(0, 3)):02d}.{int(rng.integers(20, 99))}0", f"ZIP {figures(rng, 5)}",
        f"{figures(rng, 4)} {pick(rng, _MONTHS)} {int(rng.integers(1, 29)):02d} {int(rng.integers(2000, 2031))}",
    )  # fmt: skip
    for i, line in enumerate(lines):
        sheet.write(in_print(line, face.bold, 13 if i == 1 else 7), right - 1.45, top + 0.12 + 0.19 * i, dark)
    if odds(rng, 0.4):
        sheet.frame(Box(right - 2.4, top - 0.06, right + 0.05, top + 0.8), dark=dark)


def permit(sheet: Sheet, right: float, top: float, face: Face, rng: Generator) -> None:
    """A permit imprint in its frame."""
    name, state = pick(rng, TOWNS)
    lines = (
        pick(rng, ("PRSRT STD", "FIRST-CLASS MAIL", "NONPROFIT ORG")), "U.S. POSTAGE", "PAID",
        pick(rng, (f"{name.upper()} {state}", f"ZIP CODE {figures(rng, 5)}")), f"PERMIT NO. {figures(rng, 3)}",
    )  # fmt: skip
    dark = between(rng, 0.1, 0.4)
    sheet.frame(Box(right - 1.15, top, right, top + 0.75), dark=dark)
    for i, line in enumerate(lines):
        one = in_print(line, face.regular, 7).fitted(1.05)
        sheet.write(one, right - 0.575 - one.width / 2, top + 0.15 + 0.135 * i, dark)


def bar_code(sheet: Sheet, x: float, foot: float, dark: float, rng: Generator) -> Box:
    """POSTNET (USPS Publication 25: bars of two heights) or an Intelligent Mail barcode (USPS-B-3200: 65 of four)."""
    new = odds(rng, 0.5)
    count = 65 if new else pick(rng, (32, 52, 62))
    lines = []
    for i in range(count):
        at = x + i / _BARS_AN_INCH
        if new:
            low, high = pick(rng, ((0.0, _FULL), (0.0, 0.085), (0.04, _FULL), (0.04, 0.085)))
        else:
            low, high = 0.0, _FULL if i in (0, count - 1) or odds(rng, 0.4) else _HALF
        lines.append(np.array([(at, foot - low), (at, foot - high)], np.float32))
    return sheet.strokes(lines, width=0.02, dark=dark)


def leaning_words(sheet: Sheet, words: str, font: str, points: float, x: float, y: float, rng: Generator) -> None:
    """A rubber stamp's words, or a sticker's."""
    sheet.lay(turned(in_print(words, font, points).ink, between(rng, -12, 12)), x, y, between(rng, 0.3, 0.7))
