"""A cheque of an Indian bank that does not exist, laid out as CTS-2010 wants it."""

from __future__ import annotations

from dataclasses import dataclass

from numpy.random import Generator

from drawing.micr import micr_line
from drawing.sheet import Sheet

WIDTH, HEIGHT = 8.0, 3.66
CELL = 0.2
"""Side of a cell of the date, inches (5 mm)."""


@dataclass(frozen=True)
class ChequeWords:
    """What is written on a cheque; `date` as its eight figures, `amount` as written."""

    bank: str
    branch: str
    serial: str
    sort_code: str
    base: str
    transaction: str
    account: str
    date: str
    payee: str
    rupees: tuple[str, str]
    amount: str
    holder: str
    pen: str

    @property
    def micr(self) -> str:
        return f"U{self.serial}U {self.sort_code}T {self.base}U {self.transaction}"


def draw_cheque(words: ChequeWords, rng: Generator) -> Sheet:
    sheet = Sheet(WIDTH, HEIGHT, rng)
    sheet.text(0.75, 0.36, words.bank, 15, "sans-bold")
    sheet.fill(0.42, 0.18, 0.56, 0.38, 190)
    sheet.fill(0.5, 0.24, 0.64, 0.44, 120)
    sheet.text(0.75, 0.52, words.branch, 6.5, "sans")
    sheet.text(2.9, 0.62, "VALID FOR THREE MONTHS FROM THE DATE OF ISSUE", 5.5, "sans-bold")
    _date(sheet, WIDTH - 0.35 - 8 * CELL, 0.26, words)
    sheet.text(0.3, 1.02, "PAY", 7, "sans")
    _ruled(sheet, 0.62, 1.04, 6.25, words.payee, 1.3, words.pen)
    sheet.text(6.35, 1.02, "OR BEARER", 7, "sans")
    sheet.text(0.3, 1.4, "RUPEES", 7, "sans")
    _ruled(sheet, 0.8, 1.42, 5.7, words.rupees[0], 1.2, words.pen)
    _ruled(sheet, 0.3, 1.78, 5.3, words.rupees[1], 0.5, words.pen)
    sheet.frame(5.8, 1.38, WIDTH - 0.3, 1.8)
    sheet.text(5.88, 1.66, "\u20b9", 14, "dejavu")
    sheet.write(6.2, 1.69, words.amount, 0.19, words.pen)
    sheet.frame(0.45, 1.98, 2.6, 2.2)
    sheet.text(0.52, 2.13, "A/C NO.", 6.5, "sans")
    sheet.line(1.02, 1.98, 1.02, 2.2)
    sheet.text(1.2, 2.14, words.account, 8, "mono")
    sheet.text(3.0, 2.86, "Payable at par at all branches in India", 5.5, "sans")
    sheet.write(6.1, 2.55, words.holder.split()[-1], 0.26, words.pen)
    sheet.text(6.2, 2.76, words.holder.upper(), 6, "sans")
    sheet.text(6.25, 2.87, "Please sign above", 5, "sans-bold")
    micr_line(sheet, 2.0, words.micr, bottom=0.2)
    return sheet


def _date(sheet: Sheet, x: float, y: float, words: ChequeWords) -> None:
    sheet.text(x - 0.36, y + 0.13, "DATE", 6.5, "sans")
    for place, (figure, legend) in enumerate(zip(words.date, "DDMMYYYY", strict=True)):
        left = x + place * CELL
        sheet.frame(left, y, left + CELL, y + 0.22)
        sheet.text(left + 0.07, y + 0.33, legend, 6, "sans")
        sheet.write(left + 0.05, y + 0.19, figure, 0.15, words.pen)


def _ruled(sheet: Sheet, x: float, y: float, end: float, written: str, start: float, pen: str) -> None:
    sheet.line(x, y, end, y, 0.006)
    if written:
        sheet.write(start, y - 0.04, written, 0.15, pen)
