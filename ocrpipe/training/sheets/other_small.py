"""Small papers, some of them as large as checks: receipts, cards, tickets, vouchers, calendars, envelopes' backs."""

from __future__ import annotations

import calendar as almanac

import numpy as np

from ocrpipe.geometry import Box
from ocrpipe.training.sheets import postal
from ocrpipe.training.sheets.chance import between, figures, odds, pick
from ocrpipe.training.sheets.faces import in_print
from ocrpipe.training.sheets.figures import any_day, date_text
from ocrpipe.training.sheets.lettering import by_hand, person
from ocrpipe.training.sheets.ornaments import bars, border, logo, matrix_code, perforation, stamp, sums
from ocrpipe.training.sheets.other_pages import Leaf
from ocrpipe.training.sheets.words import MEMOS, address, firm


def receipt(leaf: Leaf) -> None:
    """A till's roll: goods, sums, a total, a code."""
    rng, sheet = leaf.rng, leaf.sheet
    middle, mark = sheet.width / 2, pick(rng, ("$", "", "£", "€", "Rs "))
    for i, line in enumerate((firm(rng).upper(), *address(rng), f"TEL {figures(rng, 10)}")):
        head = in_print(line, leaf.face.regular, 9)
        sheet.write(head, middle - head.width / 2, 0.4 + 0.16 * i, leaf.print_dark)
    y = 1.4
    while y < sheet.height - 2.0:
        leaf.print(0.2, y, pick(rng, MEMOS).upper(), 9)
        leaf.print(sheet.width - 0.2, y, sums(rng, mark if odds(rng, 0.3) else ""), 9, right=True)
        y += 0.17
    for word in ("SUBTOTAL", "TAX", "TOTAL", "CASH", "CHANGE"):
        leaf.print(0.2, y, word, 10, bold=word == "TOTAL")
        leaf.print(sheet.width - 0.2, y, sums(rng, mark), 10, bold=word == "TOTAL", right=True)
        y += 0.2
    leaf.print(0.2, y, date_text(any_day(rng), "MDY", rng) + f"  {figures(rng, 2)}:{figures(rng, 2)}", 9)
    if odds(rng, 0.6):
        bars(sheet, Box(0.4, y + 0.2, sheet.width - 0.4, y + 0.6), leaf.print_dark, rng, upright=True)


def business_card(leaf: Leaf) -> None:
    """A name, a firm, an address, numbers."""
    rng, sheet = leaf.rng, leaf.sheet
    logo(sheet, Box(0.2, 0.2, 0.7, 0.7), leaf.print_dark, rng)
    leaf.print(0.9, 0.45, firm(rng), 12, bold=True)
    leaf.print(0.3, 1.0, person(rng), 11)
    for i, line in enumerate((*address(rng), f"{figures(rng, 3)}-{figures(rng, 3)}-{figures(rng, 4)}")):
        leaf.print(0.3, 1.25 + 0.14 * i, line, 8)


def ticket(leaf: Leaf) -> None:
    """Row, seat, price, date, and a stub behind a perforation."""
    rng, sheet = leaf.rng, leaf.sheet
    stub = sheet.width - between(rng, 1.1, 1.5)
    perforation(sheet, stub, 0, stub, sheet.height, leaf.print_dark)
    border(sheet, 0.08, leaf.pale_dark, rng, sheet.height - 0.08)
    leaf.print(0.3, 0.45, pick(rng, ("ADMIT ONE", "GRAND CONCERT", "NIGHT TRAIN", "RAFFLE")), 18, bold=True)
    leaf.print(0.3, 0.75, f"{date_text(any_day(rng), 'DMY', rng)}   {figures(rng, 2)}:00", 10)
    leaf.print(0.3, 1.0, f"ROW {figures(rng, 2)}   SEAT {figures(rng, 2)}", 12)
    leaf.print(stub - 0.2, 1.3, sums(rng, pick(rng, ("$", "£", "€"))), 13, bold=True, right=True)
    leaf.print(stub + 0.15, 0.4, f"No. {figures(rng, 6)}", 9)
    bars(sheet, Box(0.3, sheet.height - 0.5, stub - 1.4, sheet.height - 0.2), leaf.print_dark, rng, upright=True)


def gift_voucher(leaf: Leaf) -> None:
    """A value in a box and a signature's line, as on a check, but no check: no date to fill in, no MICR line."""
    rng, sheet = leaf.rng, leaf.sheet
    border(sheet, 0.15, leaf.pale_dark, rng, sheet.height - 0.15)
    leaf.print(0.6, 0.7, pick(rng, ("GIFT VOUCHER", "Gift Certificate", "COUPON", "Store credit")), 26, bold=True)
    for i, word in enumerate(("To", "From", "Given by")):
        y = 1.3 + 0.45 * i
        leaf.print(0.6, y, word, 10)
        sheet.rule(1.3, y, 4.6, y, dark=leaf.pale_dark)
        if odds(rng, 0.6):
            sheet.write(by_hand(person(rng), 0.2, leaf.script, rng).fitted(3.2), 1.4, y - 0.03, leaf.pale_dark)
    box = Box(sheet.width - 2.5, 1.2, sheet.width - 0.6, 1.8)
    if odds(rng, 0.6):
        sheet.frame(box, dark=leaf.print_dark)
    value = f"{pick(rng, ('$', '£', '€', '₹', 'RM'))}{int(rng.choice((5, 10, 20, 25, 50, 100, 250, 500)))}"
    leaf.print(box.x1 - 0.15, box.y1 - 0.15, value + pick(rng, ("", ".00")), 26, bold=True, right=True)
    leaf.print(0.6, sheet.height - 0.4, f"No. {figures(rng, 8)}   {firm(rng)}   valid for one year", 8)
    if odds(rng, 0.4):
        matrix_code(sheet, Box(sheet.width - 1.3, 2.1, sheet.width - 0.6, 2.8), leaf.print_dark, rng)


def calendar(leaf: Leaf) -> None:
    """A month's days in cells."""
    rng, sheet = leaf.rng, leaf.sheet
    when = any_day(rng)
    leaf.print(0.5, 0.6, when.strftime("%B %Y"), 22, bold=True)
    weeks = almanac.monthcalendar(when.year, when.month)
    wide, high = (sheet.width - 1) / 7, (sheet.height - 1.4) / len(weeks)
    for column, word in enumerate(("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")):
        leaf.print(0.6 + column * wide, 0.9, word, 9)
    for row, week in enumerate(weeks):
        for column, day in enumerate(week):
            x, y = 0.5 + column * wide, 1.0 + row * high
            sheet.frame(Box(x, y, x + wide, y + high), dark=leaf.pale_dark, width=0.007)
            if day:
                leaf.print(x + 0.08, y + 0.25, str(day), 13)
            if day and odds(rng, 0.1):
                sheet.write(by_hand(pick(rng, MEMOS), 0.13, leaf.script, rng).fitted(wide), x, y + 0.5, leaf.pale_dark)


def envelope_back(leaf: Leaf) -> None:
    """Flaps, perhaps a sender's address along the edge or a stamp of the post."""
    rng, sheet = leaf.rng, leaf.sheet
    tip = np.array((sheet.width / 2, sheet.height * between(rng, 0.4, 0.65)))
    flap = np.array([(0, 0), tip, (sheet.width, 0)], np.float32)
    sheet.strokes([flap], width=0.015, dark=0.7)
    if odds(rng, 0.6):
        sides = [np.array([(x, sheet.height), tip], np.float32) for x in (0.0, sheet.width)]
        sheet.strokes(sides, width=0.012, dark=0.75)
    if odds(rng, 0.4):
        leaf.print(between(rng, 1, 3), 0.3, ", ".join([firm(rng), *address(rng)]), 8)
    if odds(rng, 0.4):
        stamp(sheet, between(rng, 2, 7), between(rng, 1, 3), leaf.face, rng)
    if odds(rng, 0.3):
        postal.bar_code(sheet, 1.0, sheet.height - 0.3, 0.5, rng)
