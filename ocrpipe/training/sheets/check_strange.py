"""Checks as ordinary sheets never show them: held out, so that what is promised can be measured on other printers."""

from __future__ import annotations

from ocrpipe.geometry import Box
from ocrpipe.training.sheets.chance import between, figures, odds, pick
from ocrpipe.training.sheets.check_parts import Check
from ocrpipe.training.sheets.micr import band_foot, micr_text
from ocrpipe.training.sheets.ornaments import border, logo, matrix_code
from ocrpipe.training.sheets.words import address, legal_amount, street, town


def gulf(check: Check) -> None:
    """The amount in the middle of the right edge under the words, the date in cells with slashes at the top left."""
    sheet, rng, facts = check.sheet, check.rng, check.facts
    x0, x1 = 0.3, sheet.width - 0.3
    wide = between(rng, 0.17, 0.21)
    check.date_cells(x0 + 0.5, 0.5, wide, wide * 1.15, "DDMMYYYY", "Date", "above", 0.14)
    check.print(x1, 0.32, facts.bank, 15, bold=True, right=True)
    check.print(x1, 0.47, f"P.O. Box {figures(rng, 4)}, {street(rng)}", 6, right=True)
    check.number(x1, 0.65, 8, "Cheque No.")
    label = check.label(x0, 1.0, "Pay against this cheque to", 7)
    sheet.rule(label.x1 + 0.05, 1.0, x1, 1.0, dark=check.label_dark)
    check.words(label.x1 + 0.2, 0.97, facts.payee, 0.19, 3.5)
    label = check.label(x0, 1.38, "the sum of", 7)
    sheet.rule(label.x1 + 0.05, 1.38, x1, 1.38, dark=check.label_dark)
    check.words(label.x1 + 0.2, 1.35, legal_amount(facts.amount.value, rng), 0.17, 5.0)
    box = Box(x1 - 1.9, 1.5, x1, 1.5 + between(rng, 0.33, 0.42))
    check.amount(box, pick(rng, ("inside", "screened")), pick(rng, ("AED", "QR", "BD")), 11)
    check.print(x0, 2.0, f"Account {figures(rng, 12)}", 9)
    check.print(x0, 2.2, facts.drawer.upper(), 8)
    check.sign(x1 - 2.4, x1, sheet.height - 0.8, "Signature")
    _line(check, "asia")


def giro(check: Check) -> None:
    """A payment slip with a check: the amount at the left, large, under its word; the date at the lower right."""
    sheet, rng, facts = check.sheet, check.rng, check.facts
    x0, x1 = 0.3, sheet.width - 0.3
    border(sheet, 0.1, check.label_dark, rng, sheet.height - 0.65)
    check.print(x0 + 0.1, 0.4, facts.bank.upper(), 13, bold=True)
    check.number(x1 - 0.1, 0.4, 10, "N°")
    check.amount(Box(x0 + 0.5, 0.75, x0 + 2.6, 1.08), pick(rng, ("outside", "labelled")), "€", 15)
    label = check.label(x0 + 0.1, 1.4, "to", 8)
    sheet.rule(label.x1 + 0.1, 1.4, x1 - 0.2, 1.4, dark=check.label_dark)
    check.words(label.x1 + 0.2, 1.37, facts.payee, 0.18, 4.0)
    sheet.rule(x0 + 0.1, 1.75, x1 - 0.2, 1.75, dark=check.label_dark)
    check.words(x0 + 0.2, 1.72, legal_amount(facts.amount.value, rng), 0.16, 5.0)
    check.date_line(x1 - 2.0, x1 - 0.3, 2.15, "DMY", "Date", "left")
    for i, line in enumerate((facts.drawer, *address(rng))):
        check.print(x0 + 0.1, 2.05 + 0.13 * i, line, 7)
    check.sign(x1 - 2.2, x1 - 0.3, sheet.height - 0.72, "")
    _line(check, "euro")


def payroll(check: Check) -> None:
    """All by machine: date, number, pay period and amount in a row of labelled cells across the middle."""
    sheet, rng, facts = check.sheet, check.rng, check.facts
    x0, x1 = 0.35, sheet.width - 0.35
    logo(sheet, Box(x0, 0.2, x0 + 0.5, 0.7), check.label_dark, rng)
    check.print(x0 + 0.65, 0.38, facts.drawer.upper(), 10, bold=True)
    check.print(x0 + 0.65, 0.53, town(rng), 7)
    check.number(x1, 0.38, 12)
    top, high = 1.15, between(rng, 0.3, 0.4)
    wide = (x1 - x0) / 4
    sheet.screen(Box(x0, top - 0.17, x1, top), 0.75, rng)
    for i, word in enumerate(("PAY PERIOD", "EMPLOYEE", "DATE", "")):
        sheet.frame(Box(x0 + i * wide, top, x0 + (i + 1) * wide, top + high), dark=check.label_dark)
        check.label(x0 + i * wide + 0.05, top - 0.05, word, 6.5)
    check.words(x0 + 0.1, top + 0.22, f"week {figures(rng, 2)}", 0.16, wide)
    check.words(x0 + wide + 0.1, top + 0.22, figures(rng, 5), 0.16, wide)
    check.date_line(x0 + 2 * wide + 0.1, x0 + 3 * wide - 0.1, top + high - 0.06, "MDY", "", "")
    style = pick(rng, ("labelled", "dark")) if check.machine else "labelled"
    check.amount(Box(x0 + 3 * wide, top, x1, top + high), style, "$", 11)
    check.label(x0, top + high + 0.25, "PAY EXACTLY", 7)
    check.words(x0 + 0.9, top + high + 0.25, legal_amount(facts.amount.value, rng).upper(), 0.16, 5.0)
    for i, line in enumerate((facts.payee.upper(), street(rng).upper(), town(rng).upper())):
        check.words(x0 + 0.9, top + high + 0.5 + 0.15 * i, line, 0.16, 3.5)
    check.sign(x1 - 2.4, x1, sheet.height - 0.75, "AUTHORIZED SIGNATURE")
    if odds(rng, 0.5):
        matrix_code(sheet, Box(x1 - 0.5, 0.5, x1, 1.0 - 0.05), check.label_dark, rng)
    _line(check, "us-business")


def _line(check: Check, country: str) -> None:
    cents = int(check.facts.amount.value.replace(".", ""))
    text = micr_text(country, check.facts.number, cents, check.rng)
    check.micr(text, between(check.rng, 0.5, 1.4), band_foot(check.sheet.height, check.rng))
