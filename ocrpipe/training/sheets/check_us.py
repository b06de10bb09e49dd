"""Checks of the United States: personal ones, business ones with and without a stub, and vouchers on letter paper.

Sizes and zones: ANSI X9.100-160-1 (6 to 6.25 × 2.75 inches personal, 8 to 8.75 × 3 to 3.67 business; the amount's area
on the right, its middle about 1.5 inches above the lower edge).
"""

from __future__ import annotations

from ocrpipe.geometry import Box
from ocrpipe.training.sheets.chance import between, figures, odds, pick
from ocrpipe.training.sheets.check_parts import Check
from ocrpipe.training.sheets.faces import POINT
from ocrpipe.training.sheets.figures import any_day
from ocrpipe.training.sheets.micr import band_foot, micr_text
from ocrpipe.training.sheets.ornaments import bars, logo, perforation, sums, table
from ocrpipe.training.sheets.words import address, legal_amount, street, town


def personal(check: Check) -> None:
    """Six inches wide, mostly filled in by hand."""
    _form(check, Box(0, 0, check.sheet.width, check.sheet.height), "us-personal")


def business(check: Check) -> None:
    """Filled in by machines more often than not."""
    _form(check, Box(0, 0, check.sheet.width, check.sheet.height), "us-business")


def stubbed(check: Check) -> None:
    """Three to a page in a binder: a stub on the left, torn off later or never."""
    sheet, rng = check.sheet, check.rng
    stub = between(rng, 1.6, 0.42 * sheet.width)
    perforation(sheet, stub, 0, stub, sheet.height, check.label_dark)
    check.label(0.2, 0.25, check.facts.number, 9)
    y = 0.55
    for word in ("DATE", "TO", "FOR", "BALANCE", "DEPOSITS", "TOTAL", "THIS CHECK", "BALANCE"):
        if y > sheet.height - 0.2:
            break
        check.label(0.15, y, word, 6)
        sheet.rule(0.75, y, stub - 0.15, y, dark=check.label_dark, width=0.005)
        if odds(rng, 0.4):
            check.words(stub - 0.9, y - 0.02, sums(rng), 0.11, 0.7)
        y += between(rng, 0.24, 0.36)
    _form(check, Box(stub, 0, sheet.width, sheet.height), "us-business")


def voucher(check: Check) -> None:
    """A letter page: a check in one of its thirds, a list of what it pays in the others."""
    sheet, rng = check.sheet, check.rng
    third = sheet.height / 3
    place = pick(rng, (0, 0, 1, 2))
    for i in range(3):
        top = i * third
        if i == place:
            _form(check, Box(0, top, sheet.width, top + third), "us-business")
            continue
        if i:
            perforation(sheet, 0, top, sheet.width, top, check.label_dark)
        check.print(0.5, top + 0.4, check.facts.drawer.upper(), 9)
        check.label(sheet.width - 0.6, top + 0.4, check.facts.number, 9, right=True)
        rows = [
            [figures(rng, 6), any_day(rng).strftime("%m/%d/%Y"), sums(rng), sums(rng)]
            for _ in range(int(rng.integers(1, 9)))
        ]
        rows.append(["", "", "TOTAL", sums(rng, "$")])
        high = min(0.2 * (len(rows) + 1), third - 0.8)
        box = Box(0.5, top + 0.55, sheet.width - 0.5, top + 0.55 + high)
        table(sheet, box, ["Invoice", "Date", "Gross", "Net Amount"], rows, check.face, check.label_dark, rng)


def _form(check: Check, place: Box, kind: str) -> None:
    """A check in a part of the sheet."""
    sheet, rng, facts = check.sheet, check.rng, check.facts
    small = kind == "us-personal"
    x0, x1, top = place.x0 + between(rng, 0.2, 0.4), place.x1 - between(rng, 0.2, 0.4), place.y0
    points = between(rng, 7, 10)
    y = top + between(rng, 0.25, 0.38)
    head = x0
    if odds(rng, 0.3):
        logo(sheet, Box(x0, y - 0.12, x0 + 0.45, y + 0.33), check.label_dark, rng)
        head += 0.55
    check.print(head, y, facts.drawer if odds(rng, 0.6) else facts.drawer.upper(), points, bold=odds(rng, 0.6))
    for i, line in enumerate(address(rng)):
        check.print(head, y + (i + 1) * points * POINT * 1.15, line, 0.85 * points)
    check.number(x1, y, between(rng, 8, 13), pick(rng, ("", "", "", "No.", "CHECK NO.", "Check Number")))
    if odds(rng, 0.6):
        check.label(
            x1 - between(rng, 0, 0.6),
            y + 0.14,
            f"{figures(rng, 2)}-{figures(rng, 4)}/{figures(rng, 3)}0",
            5.5,
            right=True,
        )
    if not small and odds(rng, 0.7):
        middle = (place.x0 + place.x1) / 2 - 0.3
        check.print(middle, y, facts.bank.upper(), points * 0.9)
        check.print(middle, y + 0.13, town(rng), 0.75 * points)

    base = place.y1 - between(rng, 1.35, 1.6) if small else place.y1 - between(rng, 1.4, 2.0)
    wide, high = between(rng, 0.95, 1.3) if small else between(rng, 1.1, 1.7), between(rng, 0.22, 0.34)
    style = pick(rng, ("outside", "outside", "outside", "line", "inside", "screened", "open", "labelled", "dark"))
    if style == "dark" and (check.machine is None or small):
        style = "outside"
    box = Box(x1 - wide, base - high, x1, base)
    check.amount(box, style, "$", between(rng, 10, 18))
    date_y = base - high - between(rng, 0.12, 0.3)
    date_x = x1 - between(rng, 0.0, 0.9) - (date_wide := between(rng, 1.0, 1.5))
    if date_y < y + 0.2:
        date_y = y + 0.22
    where = pick(rng, ("left", "left", "left", "below", ""))
    check.date_line(date_x, date_x + date_wide, date_y, "MDY", pick(rng, ("DATE", "Date", "DATE:")), where)

    ledge = box.x0 - between(rng, 0.25, 0.4)
    one = "Pay to the" if odds(rng, 0.5) else "PAY TO THE"
    check.label(x0, base - 0.1, one, 6)
    label = check.label(x0, base, one.replace("Pay to the", "Order of").replace("PAY TO THE", "ORDER OF"), 6)
    sheet.rule(label.x1 + 0.05, base, ledge, base, dark=check.label_dark)
    check.words(label.x1 + 0.12, base - 0.03, facts.payee, between(rng, 0.14, 0.22), ledge - label.x1 - 0.2)

    legal_y = base + between(rng, 0.27, 0.38)
    dollars = check.label(x1, legal_y, pick(rng, ("DOLLARS", "Dollars")), between(rng, 6, 9), right=True)
    sheet.rule(x0, legal_y, dollars.x0 - 0.05, legal_y, dark=check.label_dark)
    words = legal_amount(facts.amount.value, rng)
    if check.machine and odds(rng, 0.5):
        whole, cents = facts.amount.value.split(".")
        words = f"***{int(whole):,} DOLLARS AND {cents} CENTS***" if odds(rng, 0.5) else f"{words.upper()} ****"
    check.words(x0 + between(rng, 0, 0.2), legal_y - 0.03, words, between(rng, 0.13, 0.19), dollars.x0 - x0 - 0.3)
    if odds(rng, 0.25):
        check.label(
            dollars.x0, legal_y + 0.13, pick(rng, ("Security features. Details on back.", "VOID AFTER 90 DAYS")), 4.5
        )

    foot_y = place.y1 - between(rng, 0.52, 0.72)
    bank_y = (legal_y + foot_y) / 2
    if small or odds(rng, 0.3):
        check.print(x0, bank_y, facts.bank, points, bold=True)
        if odds(rng, 0.6):
            check.print(x0, bank_y + 0.11, town(rng), 0.7 * points)
    elif check.machine and odds(rng, 0.6):  # the payee's address, for a window
        for i, line in enumerate((facts.payee, street(rng), town(rng))):
            check.words(x0 + 0.5, bank_y - 0.1 + 0.15 * i, line, 0.15, 3.0)
    middle = (place.x0 + place.x1) / 2
    check.label(x0, foot_y, pick(rng, ("For", "MEMO", "Memo", "FOR")), 6.5)
    sheet.rule(x0 + 0.35, foot_y, middle - 0.4, foot_y, dark=check.label_dark)
    if odds(rng, 0.6):
        check.note(x0 + 0.45, foot_y - 0.03, between(rng, 0.1, 0.17), middle - x0 - 1.0)
    check.sign(max(middle + 0.1, x1 - 2.6), x1, foot_y, pick(rng, ("", "", "AUTHORIZED SIGNATURE", "MP")))
    if not small and odds(rng, 0.12):
        bars(sheet, Box(x1 - 0.12, place.y0 + 0.5, x1 + 0.1, place.y0 + 1.1), check.label_dark, rng, upright=False)
    text = micr_text(kind, facts.number, int(facts.amount.value.replace(".", "")), rng)
    foot = place.y0 + band_foot(place.height, rng)
    if small and odds(rng, 0.6):
        check.micr(text, x0 + between(rng, 0, 0.3), foot)
    else:
        check.micr(text, place.x1 - between(rng, 0.3, 2.0), foot, right=True)
