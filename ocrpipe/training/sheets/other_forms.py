"""Forms and accounts: invoices, applications blank and filled in, tax forms, deposit slips."""

from __future__ import annotations

import numpy as np

from ocrpipe.geometry import Box
from ocrpipe.training.sheets.chance import between, figures, odds, pick
from ocrpipe.training.sheets.figures import any_day, in_print_cells
from ocrpipe.training.sheets.lettering import by_hand, person
from ocrpipe.training.sheets.micr import band_foot, micr_writing
from ocrpipe.training.sheets.ornaments import sums, table
from ocrpipe.training.sheets.other_pages import Leaf
from ocrpipe.training.sheets.sheet import Truth
from ocrpipe.training.sheets.words import TOWNS, address, bank, firm, street

_ASKED = (
    "Name", "Date of birth", "Address", "City", "State", "ZIP code", "Telephone", "Account number", "Amount",
    "Employer", "Date", "Policy number", "Reference", "Place", "Occupation", "Passport",
)  # fmt: skip


def invoice(leaf: Leaf) -> None:
    """Goods in a table, subtotal, tax, and a total behind its mark."""
    rng, sheet = leaf.rng, leaf.sheet
    y, mark = leaf.heading(), pick(rng, ("$", "£", "€", "₹", "RM ", "Rs. "))
    leaf.print(0.8, y, pick(rng, ("INVOICE", "Invoice", "STATEMENT", "Bill", "TAX INVOICE")), 18, bold=True)
    for i, (word, value) in enumerate(
        (("Invoice no.", figures(rng, 6)), ("Date", any_day(rng).strftime("%d/%m/%Y")), ("Account", figures(rng, 9)))
    ):
        leaf.print(sheet.width - 2.2, y + 0.18 * i, word, 9, right=True)
        leaf.print(sheet.width - 0.8, y + 0.18 * i, value, 9, right=True)
    for i, line in enumerate((firm(rng), *address(rng))):
        leaf.print(0.8, y + 0.35 + 0.16 * i, line, 9)
    rows = [
        [
            figures(rng, 4),
            firm(rng).split()[1],
            str(int(rng.integers(1, 40))),
            sums(rng),
            sums(rng, mark if odds(rng, 0.3) else ""),
        ]
        for _ in range(int(rng.integers(2, 14)))
    ]
    top = y + 1.3
    foot = min(top + 0.25 * (len(rows) + 1), sheet.height - 1.8)
    box = Box(0.8, top, sheet.width - 0.8, foot)
    table(sheet, box, ["Item", "What", "Count", "Each", "Sum"], rows, leaf.face, leaf.print_dark, rng)
    for i, word in enumerate(("Subtotal", "Tax", "TOTAL")):
        at = foot + 0.3 + 0.24 * i
        leaf.print(sheet.width - 2.2, at, word, 10, bold=i == 2, right=True)
        leaf.print(sheet.width - 0.85, at, sums(rng, mark), 10, bold=i == 2, right=True)
    if odds(rng, 0.4):
        sheet.frame(Box(sheet.width - 2.1, foot + 0.6, sheet.width - 0.78, foot + 0.86), dark=leaf.print_dark)


def form(leaf: Leaf) -> None:
    """Blank: words, lines, boxes and cells."""
    _form(leaf, filled=False)


def filled_form(leaf: Leaf) -> None:
    """Filled in by hand."""
    _form(leaf, filled=True)


def _form(leaf: Leaf, *, filled: bool) -> None:
    rng, sheet = leaf.rng, leaf.sheet
    band = odds(rng, 0.4)
    if band:
        sheet.screen(Box(0.4, 0.4, sheet.width - 0.4, 0.95), 0.7, rng)
    leaf.print(
        0.7,
        0.78,
        f"APPLICATION FOR {pick(rng, ('RELIEF', 'CREDIT', 'ADMISSION', 'REFUND', 'TRANSFER'))}",
        15,
        bold=True,
    )
    y = 1.5
    columns = int(rng.integers(1, 3))
    wide = (sheet.width - 1.4) / columns
    while y < sheet.height - 0.9:
        for c in range(columns):
            x, word = 0.7 + c * wide, pick(rng, _ASKED)
            style = int(rng.integers(3))
            answer = figures(rng, int(rng.integers(4, 11))) if odds(rng, 0.4) else pick(rng, (person(rng), street(rng)))
            if style == 0:
                end = leaf.print(x, y, word, 8).x1
                sheet.rule(end + 0.08, y + 0.02, x + wide - 0.2, y + 0.02, dark=leaf.pale_dark)
                begin = end + 0.15
            elif style == 1:
                sheet.frame(Box(x, y - 0.28, x + wide - 0.2, y + 0.08), dark=leaf.pale_dark)
                leaf.print(x + 0.04, y - 0.19, word, 6)
                begin = x + 0.3
            else:
                leaf.print(x, y - 0.3, word, 7)
                count = min(int(rng.integers(4, 12)), int((wide - 0.3) / 0.22))
                for i in range(count):
                    sheet.frame(Box(x + 0.22 * i, y - 0.24, x + 0.22 * (i + 1), y + 0.02), dark=leaf.pale_dark)
                if filled:
                    lefts = [0.22 * i for i in range(count)]
                    one = in_print_cells(figures(rng, count), leaf.face.regular, lefts, 0.22, 0.26)
                    sheet.write(one, x, y + 0.02, leaf.pale_dark)
                continue
            if filled and odds(rng, 0.85):
                one = by_hand(answer, 0.17, leaf.script, rng).fitted(x + wide - 0.2 - begin)
                sheet.write(one, begin, y - 0.01, leaf.pale_dark)
        y += between(rng, 0.42, 0.6)


def tax_form(leaf: Leaf) -> None:
    """Numbered lines with money columns in cells at the right edge."""
    rng, sheet = leaf.rng, leaf.sheet
    leaf.print(0.5, 0.75, f"Form {figures(rng, 4)}", 20, bold=True)
    leaf.print(2.4, 0.65, f"Return of income for the year {int(rng.integers(1985, 2031))}", 13, bold=True)
    sheet.rule(0.5, 0.9, sheet.width - 0.5, 0.9, width=0.02, dark=leaf.print_dark)
    y = 1.25
    for i in range(1, 60):
        if y > sheet.height - 0.7:
            break
        leaf.print(0.7, y, f"{i}", 9, bold=True, right=True)
        leaf.paragraph(0.9, y, between(rng, 2.0, sheet.width - 3.4), 1, 8.5)
        right = sheet.width - 0.5
        sheet.frame(Box(right - 1.5, y - 0.16, right, y + 0.05), dark=leaf.pale_dark, width=0.006)
        sheet.rule(right - 0.35, y - 0.16, right - 0.35, y + 0.05, dark=leaf.pale_dark, width=0.006)
        leaf.print(right - 1.55, y, str(i), 8, right=True)
        if odds(rng, 0.4):
            leaf.print(right - 0.4, y, f"{int(10 ** rng.uniform(1, 5)):,}", 9, right=True)
            leaf.print(right - 0.05, y, figures(rng, 2), 9, right=True)
        y += between(rng, 0.2, 0.3)


def deposit_slip(leaf: Leaf) -> None:
    """As large as a check: a column of sums in cells, a name, and a MICR line half of the time."""
    rng, sheet = leaf.rng, leaf.sheet
    leaf.print(0.3, 0.35, pick(rng, ("DEPOSIT TICKET", "DEPOSIT SLIP", "Paying-in slip")), 11, bold=True)
    name, state = pick(rng, TOWNS)
    for i, line in enumerate((person(rng), street(rng), f"{name}, {state} {figures(rng, 5)}")):
        leaf.print(0.3, 0.6 + 0.14 * i, line, 8)
    leaf.print(0.3, 1.2, "DATE", 6)
    sheet.rule(0.65, 1.2, 2.0, 1.2, dark=leaf.pale_dark)
    leaf.print(0.3, 1.8, bank(rng), 10, bold=True)
    right, wide = sheet.width - 0.3, 1.7
    for i, word in enumerate(("CASH", "CHECKS", "", "", "TOTAL", "LESS CASH", "NET DEPOSIT")):
        y = 0.3 + 0.24 * i
        sheet.frame(Box(right - wide, y, right, y + 0.24), dark=leaf.pale_dark, width=0.008)
        sheet.rule(right - 0.4, y, right - 0.4, y + 0.24, dark=leaf.pale_dark, width=0.008)
        leaf.print(right - wide - 0.05, y + 0.17, word, 6.5, right=True)
        if odds(rng, 0.5):
            leaf.print(right - 0.05, y + 0.18, sums(rng), 10, right=True)
    if odds(rng, 0.5):
        text = f"T{figures(rng, 9)}T {figures(rng, int(rng.integers(6, 12)))}U {figures(rng, 2)}"
        one = micr_writing(text, False, rng)
        x, foot = between(rng, 0.4, 1.0), band_foot(sheet.height, rng)
        seen = sheet.write(one, x, foot, float(np.clip(leaf.print_dark, 0.05, 0.3)))
        sheet.tell(Truth("micr", "micr", text, seen, seen, True), one, x, foot)
