"""Finds the fields of a check without a template: its courtesy amount, its date and its printed number.

A check carries a MICR line in a clear band along its lower edge (ANSI X9.100-160, CTS-2010 and others), and its amount
at the right above it. The one is evidence for the other.
"""

from __future__ import annotations

from dataclasses import replace

from ocrpipe.fields.locate_amount import MARGIN, Amount, find_amounts
from ocrpipe.fields.locate_date import Date, find_date_cells, find_free_date
from ocrpipe.fields.locate_lines import uprights
from ocrpipe.fields.locate_micr import locate_micr, micr_place
from ocrpipe.fields.locate_number import find_number
from ocrpipe.fields.locate_view import CEILING, View, look, place, plateau
from ocrpipe.geometry import Box, identity
from ocrpipe.records import Document, Failure, FieldSpec, Place, Upright

AMOUNT = FieldSpec("amount", "amount")
NUMBER = FieldSpec("number", "digits")
MICR_WEIGHT, AMOUNT_WEIGHT = 0.6, 0.4
LEAST_EVIDENCE = 0.33
"""More than an amount in mid-text can have without a MICR line."""
LEAST_AMOUNT = 0.5
"""Below this the amount counts as not found."""
_SURE_MICR = 0.5
"""A check for certain, whatever its layout."""
_LINE_ABOVE_EDGE = 0.3125
"""From the middle of the MICR line to the lower edge, inches (ANSI X9.100-160: between 3/16 and 7/16)."""
_BESIDE, _BEYOND = 0.06, 0.4
"""What is shown around a printed box, inches, and above and below it as a share of its height: hands overshoot it.
On drawn checks, the least that holds nine tenths of a box drawn a twentieth of an inch loose."""
_MARK_ROOM = 0.5
"""Before a box, where its mark may be, inches."""
_LARGEST = 5.0
"""A box is shown whole unless it is so many times as large as what is written in it."""


def locate_check(upright: Upright, view: View | None = None) -> Document | None:
    """The page as a check with the fields `amount` (at most three rivals, best first), `micr`, `date` and `number`;
    None where it does not look like a check.

    `view` spares a second look at a page that another locator has seen.
    """
    view = view or look(upright)
    if view is None or len(view.parts) < 12:
        return None
    shape = 0.5 + 0.5 * plateau(view.width / view.height, 1.75, 3.2, 0.5)
    micr = locate_micr(view)
    floor = micr.box.centre[1] + _LINE_ABOVE_EDGE if micr else view.height
    lines = uprights(view, Box(0.35 * view.width, 0.0, view.width, floor - 0.5))
    date = find_date_cells(view, lines)
    amounts = find_amounts(view, lines, floor, date.box if date else None)
    if micr and micr.evidence > _SURE_MICR and (not amounts or amounts[0].evidence < LEAST_AMOUNT):
        lines = uprights(view, Box(0.0, 0.0, view.width, floor - 0.5))
        amounts = find_amounts(view, lines, floor, date.box if date else None, anywhere=True)
    best = amounts[0].evidence if amounts else 0.0
    evidence = shape * (MICR_WEIGHT * (micr.evidence if micr else 0.0) + AMOUNT_WEIGHT * best)
    if evidence < LEAST_EVIDENCE:
        return None
    amounts = [amount for amount in amounts if amount.evidence >= LEAST_AMOUNT]
    order = _date_order(amounts[0].currency) if amounts else None
    if order is not None and date is None:
        date = find_free_date(view, amounts[0].box, order)
        if date is not None:
            taken = date.box
            amounts = [one for one in amounts if one.box.intersection(taken).area < 0.3 * one.box.area]
    places = [_of_amount(amount, view, date, upright) for amount in amounts] or [_no_amount()]
    places.append(micr_place(micr, upright))
    if date is not None:
        places.append(place(date.spec, date.box, upright, date.shown, date.evidence))
    number = find_number(view, date.box if date else None)
    if number is not None:
        places.append(place(NUMBER, number.box, upright, evidence=number.evidence))
    return Document(0, "check", upright, tuple(places), float(CEILING * evidence))


def _date_order(currency: str | None) -> str | None:
    """How the people who pay in a currency write dates; None where it is not known, for 3/4 is two days."""
    return None if currency is None else "M/D/Y" if currency == "USD" else "D/M/Y"


def _no_amount() -> Place:
    failure = Failure("locate", "not_found", "a check, but no currency mark or box with an amount was found")
    return Place(AMOUNT, None, identity(), failure)


def _of_amount(amount: Amount, view: View, date: Date | None, upright: Upright) -> Place:
    """Where cells for the date tell of a country whose banks print the mark inside the box, the box is the field; on a
    check of the United States what is written is."""
    spec = replace(AMOUNT, currency=amount.currency)
    frame, shown = amount.frame, None
    if amount.currency not in (None, "USD") or (date is not None and date.spec.cells):
        if frame is not None:
            whole = _with_mark(view, frame).expanded(_BESIDE, _BEYOND * frame.height)
            shown = _around(whole, amount.box)
    elif frame is not None:
        whole = _around(frame.expanded(_BESIDE, _BESIDE), amount.box)
        shown = whole if whole.area < _LARGEST * amount.box.expanded(-MARGIN, -MARGIN).area else None
    return replace(place(spec, amount.box, upright, shown, amount.evidence), inverse=amount.inverse)


def _with_mark(view: View, frame: Box) -> Box:
    """The frame and what is printed right before it, on its level."""
    parts = view.parts
    high, middle = parts[:, 3] - parts[:, 1], (parts[:, 1] + parts[:, 3]) / 2
    fit = (high > 0.06) & (high < 0.25) & (middle > frame.y0) & (middle < frame.y1)
    fit &= (parts[:, 0] > frame.x0 - _MARK_ROOM) & (parts[:, 2] < frame.x0 + 0.02)
    return Box(min([frame.x0, *parts[fit, 0].tolist()]), frame.y0, frame.x1, frame.y1)


def _around(one: Box, other: Box) -> Box:
    return Box(min(one.x0, other.x0), min(one.y0, other.y0), max(one.x1, other.x1), max(one.y1, other.y1))
