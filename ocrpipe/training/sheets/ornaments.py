"""What printers and offices add to paper: logos, bar codes, stamps, borders, perforations, tables."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ocrpipe.geometry import Box
from ocrpipe.training.curves import arc, smooth
from ocrpipe.training.sheets.chance import between, figures, odds, pick
from ocrpipe.training.sheets.faces import Face, in_print
from ocrpipe.training.sheets.sheet import INK_DPI, Plane, Sheet, Writing

_STAMPS = (
    "PAID",
    "RECEIVED",
    "VOID",
    "COPY",
    "FOR DEPOSIT ONLY",
    "A/C PAYEE ONLY",
    "NOT NEGOTIABLE",
    "APPROVED",
    "POSTED",
)


def logo(sheet: Sheet, box: Box, dark: float, rng: Generator) -> None:
    """A mark of a firm: rings, bars, a shield, an initial's worth of curves."""
    x, y = box.centre
    r = min(box.width, box.height) / 2
    kind = int(rng.integers(5))
    if kind == 0:
        rings = [arc((x, y), (r * s, r * s), 0, 2 * np.pi, 30) for s in rng.uniform(0.3, 1, int(rng.integers(1, 4)))]
        sheet.strokes(rings, width=between(rng, 0.01, 0.05), dark=dark)
    elif kind == 1:
        for i in range(int(rng.integers(2, 6))):
            high = r * between(rng, 0.6, 2)
            sheet.fill(Box(x - r + 0.4 * r * i, y + r - high, x - r + 0.4 * r * i + 0.25 * r, y + r), dark)
    elif kind == 2:
        angles = np.sort(rng.uniform(0, 2 * np.pi, int(rng.integers(3, 9))))
        points = np.stack([x + r * np.cos(angles), y + r * np.sin(angles)], axis=1)
        polygon(sheet, points, dark)
    elif kind == 3:
        waves = [
            smooth([(x - r, y + d), (x - r / 3, y - r / 3 + d), (x + r / 3, y + r / 3 + d), (x + r, y + d)])
            for d in np.linspace(-r / 2, r / 2, int(rng.integers(2, 6)))
        ]
        sheet.strokes(waves, width=between(rng, 0.015, 0.05), dark=dark)
    else:
        sheet.fill(Box(x - r, y - r, x + r, y + r), dark)
        sheet.light[_part(sheet, Box(x - r / 2, y - r / 3, x + r / 2, y + r / 3))] = 1


def polygon(sheet: Sheet, points: NDArray[np.float64], dark: float) -> None:
    """A filled one, (N, 2) inches."""
    low = points.min(axis=0)
    size = np.ceil((points.max(axis=0) - low) * INK_DPI).astype(int) + 3
    canvas = np.zeros((int(size[1]), int(size[0])), np.uint8)
    cv2.fillPoly(canvas, [np.rint((points - low) * INK_DPI).astype(np.int32)], 255, cv2.LINE_AA)
    sheet.lay(canvas.astype(np.float32) / np.float32(255), float(low[0]), float(low[1]), dark)


def _part(sheet: Sheet, box: Box) -> tuple[slice, slice]:
    return box.scaled(INK_DPI).slices(sheet.light.shape)


def bars(sheet: Sheet, box: Box, dark: float, rng: Generator, *, upright: bool) -> None:
    """A bar code: bars of one to four modules; `upright` ones stand side by side."""
    module = between(rng, 0.008, 0.014)
    at, end = (box.x0, box.x1) if upright else (box.y0, box.y1)
    while at < end:
        wide = module * int(rng.integers(1, 5))
        sheet.fill(Box(at, box.y0, at + wide, box.y1) if upright else Box(box.x0, at, box.x1, at + wide), dark)
        at += wide + module * int(rng.integers(1, 4))


def matrix_code(sheet: Sheet, box: Box, dark: float, rng: Generator) -> None:
    """A two-dimensional code's squares."""
    count = int(rng.integers(14, 30))
    cells = (rng.random((count, count)) < 0.5).astype(np.float32)
    cells[0], cells[:, 0] = 1, 1
    size = max(count, round(box.width * INK_DPI)), max(count, round(box.height * INK_DPI))
    sheet.lay(np.asarray(cv2.resize(cells, size, interpolation=cv2.INTER_NEAREST), np.float32), box.x0, box.y0, dark)


def turned(ink: Plane, degrees: float) -> Plane:
    """A coverage on a canvas large enough for it turned counter-clockwise."""
    rows, columns = ink.shape
    c, s = abs(np.cos(np.deg2rad(degrees))), abs(np.sin(np.deg2rad(degrees)))
    size = int(columns * c + rows * s) + 2, int(columns * s + rows * c) + 2
    turn = cv2.getRotationMatrix2D((columns / 2, rows / 2), degrees, 1.0)
    turn[:, 2] += (size[0] / 2 - columns / 2, size[1] / 2 - rows / 2)
    return np.asarray(cv2.warpAffine(ink, turn, size, flags=cv2.INTER_LINEAR), np.float32)


def stamp(sheet: Sheet, x: float, y: float, face: Face, rng: Generator) -> None:
    """A rubber stamp that leans, with its centre at (x, y), paler than print and worn."""
    words = pick(rng, _STAMPS)
    if odds(rng, 0.4):
        words += f" {int(rng.integers(1, 13)):02d}/{int(rng.integers(1, 29)):02d}/{int(rng.integers(1999, 2031))}"
    text = in_print(words, face.bold, between(rng, 9, 20)).ink
    ink = np.pad(text, int(rng.integers(8, 25)))
    if odds(rng, 0.7):
        ink[:4], ink[-4:], ink[:, :4], ink[:, -4:] = 1, 1, 1, 1
    coarse = rng.standard_normal((ink.shape[0] // 8 + 2, ink.shape[1] // 8 + 2), np.float32)
    worn = np.clip(1.2 + 0.6 * cv2.resize(coarse, ink.shape[::-1]), 0.2, 1)
    leaning = turned(np.asarray(ink * worn, np.float32), between(rng, -18, 18))
    half = np.array(leaning.shape[::-1]) / (2 * INK_DPI)
    sheet.lay(leaning, x - float(half[0]), y - float(half[1]), between(rng, 0.5, 0.85))


def watermark(sheet: Sheet, words: str, font: str, rng: Generator) -> None:
    """Large pale words across the sheet, as in pantographs and on banks' own paper; none where pixels are bitonal."""
    if sheet.bitonal:
        return
    pale, points = between(rng, 0.82, 0.95), between(rng, 18, 48)
    one = turned(in_print(words, font, points).ink, between(rng, -30, 30))
    high, wide = (side / INK_DPI for side in one.shape)
    step_x, step_y = wide * between(rng, 1.05, 1.6), high * between(rng, 0.9, 1.5)
    single = odds(rng, 0.4)
    for y in [sheet.height / 2 - high / 2] if single else np.arange(0, sheet.height, step_y).tolist():
        for x in [sheet.width / 2 - wide / 2] if single else np.arange(-wide / 2, sheet.width, step_x).tolist():
            sheet.lay(one, x, y, pale)


def sprayed(sheet: Sheet, face: Face, rng: Generator) -> None:
    """A line that a bank's own machine prints on what it has handled: its figures are no field."""
    day = f"{int(rng.integers(1, 29)):02d}{int(rng.integers(1, 13)):02d}20{figures(rng, 2)}"
    text = f"{figures(rng, int(rng.integers(6, 16)))} {day}"
    one = in_print(text, face.regular, between(rng, 6, 9))
    dark = between(rng, 0.2, 0.6)
    if odds(rng, 0.4):
        x = between(rng, 0.03, 0.12) if odds(rng, 0.5) else sheet.width - one.height - between(rng, 0.03, 0.12)
        side = one.turned(pick(rng, (1, 3)))
        sheet.write(side, x, min(sheet.height - 0.05, side.height + between(rng, 0.1, 0.6)), dark)
    else:
        x = between(rng, 0.2, max(0.3, sheet.width - one.width - 0.2))
        sheet.write(one, x, pick(rng, (0.13, sheet.height - 0.5)) + between(rng, -0.03, 0.03), dark)


def border(sheet: Sheet, inset: float, dark: float, rng: Generator, foot: float) -> None:
    """Around the sheet, down to `foot` inches: lines, dots or a braid."""
    box = Box(inset, inset, sheet.width - inset, foot)
    kind = int(rng.integers(4))
    if kind == 0:
        sheet.frame(box, width=between(rng, 0.01, 0.03), dark=dark)
    elif kind == 1:
        sheet.frame(box, width=0.01, dark=dark)
        sheet.frame(box.expanded(-0.05, -0.05), width=0.015, dark=dark)
    else:
        swing, step = between(rng, 0.02, 0.05), between(rng, 0.01, 0.02)
        lines = []
        for phase in (0.0, np.pi) if kind == 2 else (0.0, 2.0, 4.0):
            for a, b, level in ((box.x0, box.x1, box.y0), (box.x0, box.x1, box.y1)):
                t = np.arange(a, b, step)
                lines.append(np.stack([t, level + swing * np.sin(t * 30 + phase)], axis=1).astype(np.float32))
            for a, b, level in ((box.y0, box.y1, box.x0), (box.y0, box.y1, box.x1)):
                t = np.arange(a, b, step)
                lines.append(np.stack([level + swing * np.sin(t * 30 + phase), t], axis=1).astype(np.float32))
        sheet.strokes(lines, width=0.008, dark=dark)


def perforation(sheet: Sheet, x0: float, y0: float, x1: float, y1: float, dark: float) -> None:
    """A dashed line from (x0, y0) to (x1, y1)."""
    length = float(np.hypot(x1 - x0, y1 - y0))
    ends = np.arange(0, length, 0.08) / length
    step = 0.04 / length
    begin, way = np.array((x0, y0)), np.array((x1 - x0, y1 - y0))
    sheet.strokes(
        [np.array([begin + t * way, begin + (t + step) * way], np.float32) for t in ends], width=0.007, dark=dark
    )


def micro_rule(sheet: Sheet, x0: float, x1: float, y: float, words: str, font: str, dark: float) -> Box:
    """A line that is words half a point high, as on signature lines."""
    one = in_print((words + " ") * 3, font, 2.2)
    count = max(1, int((x1 - x0) / one.width))
    return sheet.lay(np.tile(one.ink, (1, count)), x0, y, dark)


def sums(rng: Generator, mark: str = "") -> str:
    """An amount of money in print that is no field."""
    return f"{mark}{int(10 ** rng.uniform(1, 4.5)):,}.{int(rng.integers(0, 100)):02d}"


def table(
    sheet: Sheet, box: Box, heads: list[str], rows: list[list[str]], font: Face, dark: float, rng: Generator
) -> None:
    """Words in columns, numbers to the right; with lines, with shades, or bare."""
    style, points = int(rng.integers(3)), min(9.0, box.height / (len(rows) + 1) * 72 * 0.62)
    step, wide = box.height / (len(rows) + 1), box.width / len(heads)
    for r, cells in enumerate([heads, *rows]):
        y = box.y0 + (r + 1) * step
        if style == 1 and r % 2 == 1:
            sheet.screen(Box(box.x0, y - step, box.x1, y), 0.9, rng)
        for c, text in enumerate(cells):
            one: Writing = in_print(text or " ", font.bold if r == 0 else font.regular, points)
            number = (text if r else rows[0][c])[-1:].isdigit()  # heads follow what is beneath them
            x = box.x0 + (c + 1) * wide - one.width - 0.05 if number else box.x0 + c * wide + 0.05
            sheet.write(one, x, y - 0.3 * step, dark)
        if style == 0 or r == 0:
            sheet.rule(box.x0, y, box.x1, y, width=0.006, dark=dark)
    if style == 0:
        for c in range(len(heads) + 1):
            sheet.rule(box.x0 + c * wide, box.y0, box.x0 + c * wide, box.y1, width=0.006, dark=dark)
