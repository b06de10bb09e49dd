"""Checks of the United States that a computer prints whole: date, number and amount under their words, in columns."""

from __future__ import annotations

from ocrpipe.geometry import Box
from ocrpipe.training.sheets.chance import between, figures, odds, pick
from ocrpipe.training.sheets.check_parts import Check
from ocrpipe.training.sheets.micr import band_foot, micr_text
from ocrpipe.training.sheets.ornaments import logo, matrix_code
from ocrpipe.training.sheets.words import address, legal_amount, street, town


def columns(check: Check) -> None:
    """A row of columns at the right: words above, values below; the payee's address stands where a window shows it."""
    sheet, rng, facts = check.sheet, check.rng, check.facts
    x0, x1 = between(rng, 0.3, 0.5), sheet.width - between(rng, 0.3, 0.5)
    y = between(rng, 0.3, 0.4)
    if odds(rng, 0.4):
        logo(sheet, Box(x0, y - 0.15, x0 + 0.5, y + 0.35), check.label_dark, rng)
    for i, line in enumerate((facts.drawer.upper(), *address(rng))):
        check.print(x0 + 0.6, y + 0.14 * i, line, 9 if i == 0 else 7.5, bold=i == 0)
    check.print(x0 + 3.2, y, facts.bank.upper(), 8)
    check.print(x0 + 3.2, y + 0.13, town(rng), 6.5)
    column = odds(rng, 0.5)  # the number in the row, or at the top right
    if not column:
        check.number(x1, y + 0.05, between(rng, 9, 13), pick(rng, ("", "CHECK NO.")))
    wide, high = between(rng, 1.3, 1.6), between(rng, 0.22, 0.32)
    top = y + between(rng, 0.45, 0.75)
    amount = Box(x1 - wide, top, x1, top + high)
    check.amount(amount, pick(rng, ("labelled", "labelled", "screened", "outside", "dark")), "$", 10)
    date_x = amount.x0 - between(rng, 1.2, 1.6)
    check.date_line(date_x, date_x + 0.95, amount.y1 - 0.03, "MDY", pick(rng, ("DATE", "Check Date")), "above")
    if column:
        check.label(date_x - 1.3, top - 0.05, "CHECK NO.", 6.5)
        check.number(date_x - 0.5, amount.y1 - 0.07, 9)
    legal_y = amount.y1 + between(rng, 0.3, 0.4)
    check.label(x0, legal_y, pick(rng, ("PAY", "PAY EXACTLY", "THE SUM OF")), 7)
    whole, cents = facts.amount.value.split(".")
    exact = f"*** {int(whole):,} DOLLARS {cents} CENTS ***"
    words = exact if odds(rng, 0.4) else legal_amount(facts.amount.value, rng) + " " + "*" * int(rng.integers(0, 20))
    check.words(x0 + 0.9, legal_y, words, between(rng, 0.15, 0.18), x1 - x0 - 1.0)
    for i, line in enumerate(("TO THE", "ORDER", "OF")):
        check.label(x0, legal_y + 0.28 + 0.1 * i, line, 6)
    for i, line in enumerate((facts.payee, street(rng), town(rng))):
        check.words(x0 + 0.9, legal_y + 0.3 + 0.16 * i, line.upper(), 0.16, 3.2)
    check.sign(x1 - 2.5, x1, sheet.height - between(rng, 0.72, 0.85), pick(rng, ("AUTHORIZED SIGNATURE", "")))
    text = micr_text("us-business", facts.number, int(facts.amount.value.replace(".", "")), rng)
    check.micr(text, x0 + between(rng, 0.3, 1.2), band_foot(sheet.height, rng))


def money_order(check: Check) -> None:
    """A post office's or a shop's: the amount printed near the middle, the lines of payee and buyer blank or not."""
    sheet, rng, facts = check.sheet, check.rng, check.facts
    x0, x1 = 0.35, sheet.width - 0.35
    check.print(x0, 0.42, pick(rng, ("MONEY ORDER", "CASHIER'S CHECK", "INTERNATIONAL MONEY ORDER")), 16, bold=True)
    check.number(x1, 0.35, 11, "SERIAL")
    date_x = x0 + between(rng, 0.1, 0.4)
    check.date_line(date_x, date_x + 1.2, 0.95, pick(rng, ("YMD", "MDY")), "ISSUED", "above")
    check.label(date_x + 1.6, 0.73, "OFFICE", 6.5)
    check.words(date_x + 1.6, 0.92, figures(rng, 6), 0.15, 1.0)
    middle = sheet.width * between(rng, 0.45, 0.6)
    box = Box(middle, 0.68, middle + 1.7, 1.0)
    check.amount(box, pick(rng, ("labelled", "dark", "screened", "inside")), "$", 12)
    whole, cents = facts.amount.value.split(".")
    check.words(middle, 1.2, f"{int(whole)} DOLLARS & {cents} CENTS {'*' * 8}", 0.15, x1 - middle)
    for i, word in enumerate(("PAY TO", "ADDRESS", "FROM", "MEMO")):
        line_y = 1.5 + 0.33 * i
        label = check.label(x0, line_y, word, 7)
        sheet.rule(label.x1 + 0.06, line_y, x0 + 3.6, line_y, dark=check.label_dark)
        if odds(rng, 0.7):
            check.words(label.x1 + 0.15, line_y - 0.03, facts.payee if i == 0 else street(rng), 0.17, 2.6)
    if odds(rng, 0.5):
        matrix_code(sheet, Box(x1 - 0.7, 1.5, x1, 2.2), check.label_dark, rng)
    text = micr_text("us-business", facts.number, int(facts.amount.value.replace(".", "")), rng)
    check.micr(text, between(rng, 0.5, 1.2), band_foot(sheet.height, rng))
