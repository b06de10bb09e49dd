"""Checks of the euro's south and of Latin America: the amount at the top right, the place and day beneath the words."""

from __future__ import annotations

from ocrpipe.geometry import Box
from ocrpipe.training.sheets.chance import between, figures, odds, pick
from ocrpipe.training.sheets.check_parts import Check
from ocrpipe.training.sheets.micr import band_foot, micr_text
from ocrpipe.training.sheets.ornaments import logo
from ocrpipe.training.sheets.words import ABROAD, halves, legal_amount, street


def continental(check: Check) -> None:
    """Euros: words first, the payee under them, the amount's box beside."""
    sheet, rng, facts = check.sheet, check.rng, check.facts
    x0, x1 = between(rng, 0.25, 0.4), sheet.width - between(rng, 0.25, 0.4)
    y = between(rng, 0.3, 0.4)
    logo(sheet, Box(x0, y - 0.15, x0 + 0.4, y + 0.25), check.label_dark, rng)
    check.print(x0 + 0.5, y, facts.bank, between(rng, 11, 15), bold=True)
    box = Box(x1 - between(rng, 1.4, 1.8), y - 0.1, x1, y + between(rng, 0.2, 0.3))
    check.amount(box, pick(rng, ("outside", "inside", "screened")), pick(rng, ("€", "€", "EUR")), between(rng, 12, 18))
    label = check.label(x0, y + 0.65, pick(rng, ("Pay against this cheque", "Amount in words")), 6.5)
    lefts = label.x1 + 0.08, x0
    for i, (part, left) in enumerate(zip(halves(legal_amount(facts.amount.value, rng)), lefts, strict=True)):
        line_y = y + 0.65 + 0.33 * i
        sheet.rule(left, line_y, x1, line_y, dark=check.label_dark, width=0.006)
        if part:
            check.words(left + 0.1, line_y - 0.03, part, between(rng, 0.14, 0.19), x1 - left - 0.3)
    payee_y = y + 1.33
    label = check.label(x0, payee_y, pick(rng, ("to the order of", "to", "payable to")), 6.5)
    sheet.rule(label.x1 + 0.08, payee_y, x1, payee_y, dark=check.label_dark, width=0.006)
    check.words(label.x1 + 0.15, payee_y - 0.03, facts.payee, between(rng, 0.15, 0.2), 4.0)
    day_y = payee_y + between(rng, 0.3, 0.4)
    place = check.words(x1 - 2.6, day_y - 0.03, pick(rng, ABROAD), 0.15, 1.0)
    check.date_line(max(place.x1 + 0.3, x1 - 1.5), x1, day_y, "DMY", pick(rng, ("on", "the", "date")), "left")
    _issuer(check, x0, day_y)
    check.sign(x1 - 2.2, x1, sheet.height - between(rng, 0.7, 0.8), pick(rng, ("", "Signature")))
    _line(check, "euro")


def southern(check: Check) -> None:
    """Pesos: mostly no cents, the date in cells or on a line, the number at the top."""
    sheet, rng, facts = check.sheet, check.rng, check.facts
    x0, x1 = between(rng, 0.25, 0.4), sheet.width - between(rng, 0.2, 0.35)
    y = between(rng, 0.3, 0.4)
    head = check.print(x0, y, facts.bank.upper(), between(rng, 11, 15), bold=True)
    check.print(x0, y + 0.14, f"{street(rng)}, {pick(rng, ABROAD)}", 6)
    check.number(max(x0 + between(rng, 2.8, 3.4), head.x1 + 1.0), y, 9, pick(rng, ("Serie", "N°", "No.")))
    box = Box(x1 - between(rng, 1.4, 1.9), y - 0.12, x1, y + between(rng, 0.18, 0.28))
    check.amount(box, pick(rng, ("outside", "inside", "screened", "open", "line")), "$", between(rng, 12, 18))
    day_y = box.y1 + between(rng, 0.35, 0.45)
    if odds(rng, 0.5):
        wide, gap = between(rng, 0.16, 0.2), between(rng, 0.05, 0.15)
        legend = pick(rng, ("below", "above", "inside"))
        check.date_cells(x1 - 8 * wide - 2 * gap, day_y, wide, 1.15 * wide, "DDMMYYYY", "", legend, gap)
    else:
        check.date_line(x1 - 1.6, x1, day_y, "DMY", pick(rng, ("FECHA", "Fecha")), pick(rng, ("left", "below")))
    pay_y = day_y + between(rng, 0.3, 0.4)
    label = check.label(x0, pay_y, "PAGUESE A LA ORDEN DE", 6)
    sheet.rule(label.x1 + 0.06, pay_y, x1 - 0.8, pay_y, dark=check.label_dark, width=0.006)
    check.words(label.x1 + 0.12, pay_y - 0.03, facts.payee, between(rng, 0.14, 0.2), x1 - label.x1 - 1.2)
    check.label(x1, pay_y, "O AL PORTADOR", 6, right=True)
    label = check.label(x0, pay_y + 0.35, "LA SUMA DE", 6)
    sheet.rule(label.x1 + 0.06, pay_y + 0.35, x1, pay_y + 0.35, dark=check.label_dark, width=0.006)
    words = legal_amount(facts.amount.value, rng)
    check.words(label.x1 + 0.12, pay_y + 0.32, words, between(rng, 0.13, 0.18), x1 - label.x1 - 0.3)
    _issuer(check, x0, pay_y + 0.65)
    check.sign(x1 - 2.2, x1, sheet.height - between(rng, 0.68, 0.78), pick(rng, ("FIRMA", "")))
    _line(check, "latin")


def _issuer(check: Check, x: float, y: float) -> None:
    check.print(x, y, check.facts.drawer.upper(), 7.5)
    check.print(x, y + 0.13, f"{figures(check.rng, 3)}-{figures(check.rng, 7)}", 7)


def _line(check: Check, country: str) -> None:
    cents = int(check.facts.amount.value.replace(".", ""))
    text = micr_text(country, check.facts.number, cents, check.rng)
    check.micr(text, between(check.rng, 0.5, 1.3), band_foot(check.sheet.height, check.rng))
