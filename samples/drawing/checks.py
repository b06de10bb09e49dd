"""Checks of banks that do not exist."""

from __future__ import annotations

from dataclasses import dataclass

from numpy.random import Generator

from drawing.micr import micr_line
from drawing.sheet import Extent, Sheet


@dataclass(frozen=True)
class CheckLayout:
    """Where a printer of checks puts things; inches, the amount's place from the right and bottom edges."""

    width: float = 6.0
    height: float = 2.75
    amount_right: float = 0.3
    amount_bottom: float = 1.45
    amount_width: float = 1.1
    amount_height: float = 0.3
    boxed: bool = True
    mark: str = "$"
    mark_font: str = "sans-bold"
    mark_size: float = 13.0
    mark_gap: float = 0.05
    text_font: str = "sans"
    text_size: float = 6.5
    payee_right_of: str = "Pay to the\norder of"
    dollars_word: str = "Dollars"
    micr_x: float = 0.7
    ink: int = 255


@dataclass(frozen=True)
class CheckWords:
    """What is written on a check; `amount` as written, without the mark."""

    drawer: tuple[str, ...]
    bank: str
    number: str
    routing: str
    account: str
    date: str
    payee: str
    amount: str
    legal: str
    memo: str
    signature: str
    pen: str = "breip"
    machine: str | None = None
    """The printer's font; None writes by hand."""
    figure_height: float = 0.17


def draw_check(layout: CheckLayout, words: CheckWords, rng: Generator) -> tuple[Sheet, Extent]:
    """The sheet and the extent of the written amount."""
    sheet = Sheet(layout.width, layout.height, rng)
    font, size, ink = layout.text_font, layout.text_size, layout.ink
    bold = font + "-bold" if font in ("sans", "serif") else font
    sheet.text(0.3, 0.3, words.drawer[0], size + 3, bold)
    for i, line in enumerate(words.drawer[1:]):
        sheet.text(0.3, 0.43 + i * 0.12, line, size + 0.5, font)
    sheet.text(layout.width - 0.75, 0.3, words.number, size + 5, bold)

    base = layout.height - layout.amount_bottom
    date_x = layout.width - layout.amount_right - 2.0
    sheet.text(date_x, base - 0.46, "Date", size, font, ink)
    sheet.line(date_x + 0.3, base - 0.45, date_x + 1.5, base - 0.45, ink=ink)
    _enter(sheet, date_x + 0.4, base - 0.48, words.date, words, 0.12)

    x1 = layout.width - layout.amount_right
    x0 = x1 - layout.amount_width
    if layout.boxed:
        sheet.frame(x0, base - layout.amount_height, x1, base, ink=ink)
    else:
        sheet.line(x0, base, x1, base, ink=ink)
    left, _, right, _ = sheet.text(-5, 0, layout.mark, layout.mark_size, layout.mark_font)
    mark_y = base - layout.amount_height / 2 + layout.mark_size / 72 * 0.36
    mark_x = x0 - layout.mark_gap - (right - left)
    sheet.text(mark_x, mark_y, layout.mark, layout.mark_size, layout.mark_font, ink)

    for i, line in enumerate(layout.payee_right_of.split("\n")):
        sheet.text(0.3, base - 0.1 + i * 0.1, line, size, font, ink)
    sheet.line(0.95, base, mark_x - 0.12, base, ink=ink)
    _enter(sheet, 1.05, base - 0.04, words.payee, words, 0.14)

    line_y = base + 0.36
    dollars_x = layout.width - layout.amount_right - 0.55
    sheet.line(0.3, line_y, dollars_x - 0.06, line_y, ink=ink)
    sheet.text(dollars_x, line_y, layout.dollars_word, size + 1, font, ink)
    _enter(sheet, 0.4, line_y - 0.04, words.legal, words, 0.13)

    foot = layout.height - 0.6
    sheet.text(0.3, foot - 0.28, words.bank, size + 1.5, bold)
    sheet.text(0.3, foot, "For", size, font, ink)
    sheet.line(0.5, foot, 2.2, foot, ink=ink)
    _enter(sheet, 0.6, foot - 0.03, words.memo, words, 0.11)
    sheet.line(layout.width - 2.4, foot, layout.width - 0.3, foot, ink=ink)
    sheet.write(layout.width - 2.2, foot - 0.02, words.signature, 0.2, words.pen)
    micr_line(sheet, layout.micr_x, micr_text(words))

    room = layout.amount_height if layout.boxed else 0.3
    lift = max(0.03, (room - words.figure_height) / 2)
    if words.machine:
        points = words.figure_height / 0.66 * 72
        return sheet, sheet.text(x0 + 0.07, base - lift, words.amount, points, words.machine)
    return sheet, sheet.write(x0 + 0.07, base - lift, words.amount, words.figure_height, words.pen)


def micr_text(words: CheckWords) -> str:
    """The line as US business checks order it: serial, routing number, account."""
    return f"U{words.number.zfill(6)}U T{words.routing}T {words.account}U"


def _enter(sheet: Sheet, x: float, y: float, text: str, words: CheckWords, height: float) -> None:
    if words.machine:
        sheet.text(x, y, text, height / 0.9 * 72, words.machine)
    else:
        sheet.write(x, y, text, height, words.pen)
