"""Checks of India under the Cheque Truncation System: CTS-2010 (Reserve Bank of India, 2010).

202 × 92 mm; the date in eight cells at the top right, the amount in a box behind the rupee's sign, the account number
in a box at the left, the void pantograph and the ultra-violet logo not seen by scanners; the clear band 18 mm high.
"""

from __future__ import annotations

from ocrpipe.geometry import Box
from ocrpipe.training.sheets.chance import between, figures, odds, pick
from ocrpipe.training.sheets.check_parts import Check
from ocrpipe.training.sheets.faces import POINT
from ocrpipe.training.sheets.micr import band_foot, micr_text
from ocrpipe.training.sheets.ornaments import logo
from ocrpipe.training.sheets.sheet import Sheet
from ocrpipe.training.sheets.words import ABROAD, firm, legal_amount, street


def cts(check: Check) -> None:
    """The standard's layout, as banks vary it."""
    sheet, rng, facts = check.sheet, check.rng, check.facts
    x0, x1 = between(rng, 0.2, 0.4), sheet.width - between(rng, 0.2, 0.4)
    _head(check, x0)
    wide, high = between(rng, 0.155, 0.2), between(rng, 0.19, 0.25)
    gap = pick(rng, (0.0, 0.0, 0.0, between(rng, 0.02, 0.08)))
    cells_y = between(rng, 0.36, 0.55)
    legend = pick(rng, ("below", "below", "below", "above", "inside", ""))
    begin = x1 - 8 * wide - 2 * gap
    check.date_cells(begin, cells_y, wide, high, "DDMMYYYY", pick(rng, ("DATE", "Date", "")), legend, gap)
    if odds(rng, 0.5):
        check.label(
            begin - 0.3,
            cells_y - high - 0.08,
            pick(rng, ("VALID FOR THREE MONTHS ONLY", "Valid for 3 months from date of issue")),
            5,
        )

    pay_y = between(rng, 0.85, 1.05)
    label = check.label(x0, pay_y, pick(rng, ("PAY", "Pay", "PAY")), 8)
    sheet.rule(label.x1 + 0.06, pay_y, x1 - 0.6, pay_y, dark=check.label_dark, width=0.006)
    check.words(label.x1 + 0.2, pay_y - 0.03, facts.payee, between(rng, 0.15, 0.24), 4.5)
    check.label(x1, pay_y, pick(rng, ("OR BEARER", "OR ORDER", "Or Bearer")), 7, right=True)
    if odds(rng, 0.3):
        _crossed(sheet, check, x0)

    legal_y = pay_y + between(rng, 0.33, 0.42)
    label = check.label(x0, legal_y, pick(rng, ("RUPEES", "Rupees")), 8)
    sheet.rule(label.x1 + 0.06, legal_y, x1, legal_y, dark=check.label_dark, width=0.006)
    words = legal_amount(facts.amount.value, rng, indian=True)
    check.words(label.x1 + 0.15, legal_y - 0.03, words, between(rng, 0.14, 0.21), x1 - label.x1 - 0.5)

    box_high, box_wide = between(rng, 0.27, 0.38), between(rng, 1.5, 2.1)
    amount_y = legal_y + between(rng, 0.1, 0.2) + box_high
    sheet.rule(x0, amount_y - 0.05, x1 - box_wide - 0.4, amount_y - 0.05, dark=check.label_dark, width=0.006)
    style = pick(rng, ("outside", "inside", "inside", "outside", "screened", "open"))
    mark = pick(rng, ("₹", "₹", "₹", "Rs.", "Rs"))
    check.amount(Box(x1 - box_wide, amount_y - box_high, x1, amount_y), style, mark, between(rng, 11, 17))

    _account(check, x0, amount_y + between(rng, 0.2, 0.3))
    sign_y = sheet.height - between(rng, 0.78, 0.9)
    check.sign(
        x1 - 2.2,
        x1 - 0.1,
        sign_y,
        pick(rng, ("Please sign above", "Authorised Signatories", "PLEASE SIGN ABOVE THIS LINE")),
    )
    if odds(rng, 0.6):
        check.label(x1 - 0.5, sign_y - 0.5, f"For {facts.drawer.upper()}", 6.5, right=True)
    if odds(rng, 0.5):
        check.label(x0, sheet.height - 0.75, "Payable at par at all branches of the bank in India", 5.5)
    if odds(rng, 0.35):  # beside the cells, or at the side of the account
        place = (begin - 0.7, cells_y) if odds(rng, 0.6) else (x1 - 2.6, sign_y)
        check.number(*place, 7.5, pick(rng, ("", "Cheque No.")))
    text = micr_text("india", facts.number, int(facts.amount.value.replace(".", "")), rng)
    check.micr(text, between(rng, 1.4, 2.3), band_foot(sheet.height, rng))


def _head(check: Check, x0: float) -> None:
    """The bank, its branch, its IFS code."""
    sheet, rng, facts = check.sheet, check.rng, check.facts
    y = between(rng, 0.28, 0.4)
    logo(sheet, Box(x0, y - 0.15, x0 + 0.4, y + 0.25), check.label_dark, rng)
    check.print(x0 + 0.5, y, facts.bank.upper() if odds(rng, 0.5) else facts.bank, between(rng, 10, 15), bold=True)
    points = between(rng, 5, 6.5)
    branch = f"{pick(rng, ABROAD)} Branch, {street(rng)}, {pick(rng, ABROAD)} - {figures(rng, 6)}"
    check.print(x0 + 0.5, y + 0.13, branch, points)
    letters = "".join(chr(int(c)) for c in rng.integers(65, 91, 4))
    check.print(x0 + 0.5, y + 0.14 + points * POINT * 1.2, f"RTGS / NEFT IFSC : {letters}0{figures(rng, 6)}", points)


def _account(check: Check, x0: float, y: float) -> None:
    """The account number in its box."""
    sheet, rng = check.sheet, check.rng
    label = check.label(x0, y, pick(rng, ("A/C No.", "A/c. No.", "A/C NO.")), 8)
    number = figures(rng, int(rng.integers(11, 17)))
    box = Box(label.x1 + 0.06, y - 0.2, label.x1 + between(rng, 1.9, 2.5), y + 0.07)
    if odds(rng, 0.75):
        sheet.frame(box, width=0.008, dark=check.label_dark)
    check.print(box.x0 + 0.1, y, number, between(rng, 9, 12), bold=odds(rng, 0.5))
    if odds(rng, 0.5):
        check.label(box.x1 + 0.1, y, pick(rng, ("SB A/C", "CURRENT A/C", firm(rng))), 6)


def _crossed(sheet: Sheet, check: Check, x0: float) -> None:
    """Two slanting lines in the corner: for the payee's account only."""
    far = between(check.rng, 0.5, 1.0)
    for off in (0.0, 0.12):
        sheet.rule(x0 - 0.2, far + off, x0 + far - 0.2 + off, 0.02, dark=check.pen_dark, width=0.012)
    if odds(check.rng, 0.6):
        check.words(x0 + 0.02, 0.6, "A/c payee", 0.11, 0.9)
