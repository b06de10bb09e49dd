"""Checks of Britain, Ireland and the euro, of Canada, of Malaysia and Singapore.

Sizes: Cheque and Credit Clearing Company standard 3 (8 × 3.5 inches, the amount in a box behind the pound's sign at the
right, sort code at the top right); Payments Canada standard 006 (6.25 … 8.5 × 2.75 … 3.66, the date in cells with their
letters beneath, the amount under it); Malaysia and Singapore 7 × 3.5, the date in six cells.
"""

from __future__ import annotations

from ocrpipe.geometry import Box
from ocrpipe.training.sheets.chance import between, figures, odds, pick
from ocrpipe.training.sheets.check_parts import Check
from ocrpipe.training.sheets.micr import band_foot, micr_text
from ocrpipe.training.sheets.ornaments import logo, perforation
from ocrpipe.training.sheets.words import ABROAD, address, halves, legal_amount, street


def british(check: Check) -> None:
    """Pounds; also Irish checks in euros, which look alike."""
    sheet, rng, facts = check.sheet, check.rng, check.facts
    x0, x1 = between(rng, 0.25, 0.5), sheet.width - between(rng, 0.2, 0.4)
    y = between(rng, 0.3, 0.42)
    logo(sheet, Box(x0, y - 0.17, x0 + 0.4, y + 0.23), check.label_dark, rng)
    check.print(x0 + 0.5, y, facts.bank, between(rng, 11, 16), bold=True)
    check.print(x0 + 0.5, y + 0.15, f"{street(rng)}, {pick(rng, ABROAD)}", 6)
    sort = f"{figures(rng, 2)}-{figures(rng, 2)}-{figures(rng, 2)}"
    check.print(x1, y - 0.05, sort, between(rng, 8, 11), bold=odds(rng, 0.5), right=True)
    if odds(rng, 0.4):
        check.number(x1 - 1.4, y - 0.05, 8, pick(rng, ("", "Cheque No.")))
    date_y = y + between(rng, 0.25, 0.4)
    where = pick(rng, ("left", "left", "below", ""))
    check.date_line(x1 - between(rng, 1.4, 1.9), x1 - 0.1, date_y, "DMY", pick(rng, ("Date", "DATE", "Date:")), where)
    pay_y = date_y + between(rng, 0.35, 0.5)
    label = check.label(x0, pay_y, "Pay", 10)
    sheet.rule(label.x1 + 0.08, pay_y, x1, pay_y, dark=check.label_dark, width=0.006)
    check.words(label.x1 + 0.2, pay_y - 0.03, facts.payee, between(rng, 0.16, 0.25), 4.2)
    if odds(rng, 0.7):
        for i in (0.0, 0.28):
            x = sheet.width * 0.45 + i
            sheet.rule(x, 0.1, x + between(rng, -0.3, 0.05), 2.1, dark=check.label_dark, width=0.008)
    box_wide, box_high = between(rng, 1.5, 1.9), between(rng, 0.33, 0.46)
    box = Box(x1 - box_wide, pay_y + between(rng, 0.18, 0.3), x1, pay_y + 0.3 + box_high)
    mark = "€" if check.country == "euro" else "£"
    check.amount(box, pick(rng, ("inside", "inside", "outside", "screened")), mark, between(rng, 14, 22))
    for i, part in enumerate(halves(legal_amount(facts.amount.value, rng))):
        line_y = pay_y + 0.36 * (i + 1)
        sheet.rule(x0, line_y, box.x0 - 0.25, line_y, dark=check.label_dark, width=0.006)
        if part:
            check.words(x0 + 0.1, line_y - 0.03, part, between(rng, 0.15, 0.2), box.x0 - x0 - 0.5)
    name = facts.drawer.upper() if odds(rng, 0.6) else facts.drawer
    check.print(x1 - 2.2, box.y1 + 0.2, name, between(rng, 7, 9))
    check.sign(x1 - 2.3, x1 - 0.1, sheet.height - between(rng, 0.72, 0.85), "")
    if odds(rng, 0.3):
        perforation(sheet, 0.12, 0, 0.12, sheet.height, check.label_dark)
    if odds(rng, 0.5):
        check.label(x0, sheet.height - 0.72, "Cheque No.      Branch sort code      Account No.", 5.5)
    text = micr_text("britain", facts.number, int(facts.amount.value.replace(".", "")), rng)
    check.micr(text, between(rng, 0.6, 1.5), band_foot(sheet.height, rng))


def canadian(check: Check) -> None:
    """Dollars; the date always in cells."""
    sheet, rng, facts = check.sheet, check.rng, check.facts
    x0, x1 = between(rng, 0.25, 0.4), sheet.width - between(rng, 0.25, 0.4)
    y = between(rng, 0.26, 0.36)
    points = between(rng, 7.5, 10)
    for i, line in enumerate((facts.drawer, *address(rng))):
        check.print(x0, y + 0.14 * i, line, points if i == 0 else 0.85 * points, bold=i == 0)
    check.number(x1, y, between(rng, 9, 13), pick(rng, ("", "", "No.")))
    wide, high = between(rng, 0.15, 0.2), between(rng, 0.17, 0.22)
    order = pick(rng, ("YYYYMMDD", "DDMMYYYY", "MMDDYYYY"))
    gap = between(rng, 0.05, 0.12)
    date_y = y + between(rng, 0.32, 0.42)
    legend = pick(rng, ("below", "below", "above"))
    check.date_cells(x1 - 8 * wide - 2 * gap, date_y, wide, high, order, "DATE", legend, gap)
    base = max(sheet.height - between(rng, 1.3, 1.55), date_y + 0.5)
    box = Box(x1 - between(rng, 1.1, 1.4), base - between(rng, 0.24, 0.32), x1, base)
    check.amount(box, pick(rng, ("outside", "outside", "inside", "line", "open")), "$", between(rng, 11, 17))
    label = check.label(x0, base, pick(rng, ("PAY TO THE ORDER OF", "Pay to the order of")), 6)
    sheet.rule(label.x1 + 0.05, base, box.x0 - 0.3, base, dark=check.label_dark)
    check.words(label.x1 + 0.1, base - 0.03, facts.payee, between(rng, 0.14, 0.2), box.x0 - label.x1 - 0.5)
    legal_y = base + between(rng, 0.27, 0.34)
    dollars = check.label(x1, legal_y, "/100 DOLLARS" if odds(rng, 0.6) else "DOLLARS", 7, right=True)
    sheet.rule(x0, legal_y, dollars.x0 - 0.05, legal_y, dark=check.label_dark)
    words = legal_amount(facts.amount.value, rng)
    check.words(x0 + 0.1, legal_y - 0.03, words, between(rng, 0.13, 0.18), dollars.x0 - x0 - 0.3)
    check.print(x0, legal_y + 0.2, facts.bank, points, bold=True)
    foot_y = sheet.height - between(rng, 0.55, 0.68)
    check.label(x0, foot_y, "MEMO", 6.5)
    sheet.rule(x0 + 0.4, foot_y, sheet.width * 0.45, foot_y, dark=check.label_dark)
    if odds(rng, 0.5):
        check.note(x0 + 0.45, foot_y - 0.03, 0.14, 1.8)
    check.sign(x1 - 2.3, x1, foot_y, pick(rng, ("", "PER")))
    text = micr_text("canada", facts.number.zfill(3), int(facts.amount.value.replace(".", "")), rng)
    check.micr(text, between(rng, 0.5, 1.0), band_foot(sheet.height, rng))


def malay(check: Check) -> None:
    """Ringgit or Singapore dollars: the date in six cells, the bank at the left, crossing lines in the corner."""
    sheet, rng, facts = check.sheet, check.rng, check.facts
    x0, x1 = between(rng, 0.2, 0.4), sheet.width - between(rng, 0.2, 0.35)
    y = between(rng, 0.3, 0.42)
    logo(sheet, Box(x0, y - 0.17, x0 + 0.42, y + 0.25), check.label_dark, rng)
    check.print(x0 + 0.5, y, facts.bank, between(rng, 11, 15), bold=True)
    check.print(x0 + 0.5, y + 0.15, f"{street(rng)}, {figures(rng, 6)} {pick(rng, ABROAD)}", 6)
    wide, high = between(rng, 0.16, 0.21), between(rng, 0.18, 0.24)
    gap = pick(rng, (0.0, between(rng, 0.03, 0.1)))
    cells_y = y + between(rng, 0.05, 0.25)
    order = pick(rng, ("DDMMYY", "DDMMYY", "DDMMYYYY"))
    begin = x1 - len(order) * wide - 2 * gap
    label = (
        pick(rng, ("TARIKH / DATE", "DATE", "Tarikh")) if check.country == "malaysia" else pick(rng, ("DATE", "Date"))
    )
    check.date_cells(begin, cells_y, wide, high, order, label, pick(rng, ("below", "below", "above", "")), gap)
    if odds(rng, 0.5) and cells_y - high > 0.3:
        check.number(x1, 0.16, 7.5, pick(rng, ("", "No.")))
    pay_y = cells_y + between(rng, 0.4, 0.55)
    label_box = check.label(x0, pay_y, "BAYAR / PAY" if check.country == "malaysia" else "PAY", 7)
    sheet.rule(label_box.x1 + 0.05, pay_y, x1 - 0.9, pay_y, dark=check.label_dark, width=0.006)
    check.words(label_box.x1 + 0.15, pay_y - 0.03, facts.payee, between(rng, 0.15, 0.22), 3.8)
    check.label(x1, pay_y, "ATAU PEMBAWA / OR BEARER" if check.country == "malaysia" else "OR BEARER", 6, right=True)
    money = "RINGGIT MALAYSIA" if check.country == "malaysia" else "SINGAPORE DOLLARS"
    box_wide, box_high = between(rng, 1.4, 1.9), between(rng, 0.3, 0.42)
    box = Box(x1 - box_wide, pay_y + between(rng, 0.2, 0.35), x1, pay_y + 0.35 + box_high)
    label_box = check.label(x0, pay_y + 0.35, money, 6)
    lefts = label_box.x1 + 0.05, x0
    for i, (part, left) in enumerate(zip(halves(legal_amount(facts.amount.value, rng)), lefts, strict=True)):
        line_y = pay_y + 0.35 * (i + 1)
        sheet.rule(left, line_y, box.x0 - 0.5, line_y, dark=check.label_dark, width=0.006)
        if part:
            check.words(left + 0.1, line_y - 0.03, part, between(rng, 0.14, 0.19), box.x0 - left - 0.7)
    mark = "RM" if check.country == "malaysia" else pick(rng, ("S$", "S$", "$"))
    check.amount(box, pick(rng, ("inside", "outside", "outside", "screened")), mark, between(rng, 11, 17))
    check.print(x1 - 2.0, box.y1 + 0.2, facts.drawer.upper(), between(rng, 6.5, 8.5))
    check.sign(x1 - 2.2, x1 - 0.1, sheet.height - between(rng, 0.72, 0.85), pick(rng, ("", "Tandatangan / Signature")))
    text = micr_text("asia", facts.number, int(facts.amount.value.replace(".", "")), rng)
    check.micr(text, between(rng, 0.6, 1.4), band_foot(sheet.height, rng))
