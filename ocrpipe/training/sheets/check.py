"""Whole checks: a layout, its facts, who fills it in, and what lies about on it besides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from numpy.random import Generator

from ocrpipe.training.drawing import Drawer
from ocrpipe.training.sheets import check_computer, check_india, check_latin, check_strange, check_us, check_world
from ocrpipe.training.sheets.chance import between, figures, odds, pick
from ocrpipe.training.sheets.check_parts import Check, Facts
from ocrpipe.training.sheets.faces import MACHINES, ORDINARY, STRANGE, STRANGE_MACHINES, face_of
from ocrpipe.training.sheets.figures import amount_of, any_day, scribe_of
from ocrpipe.training.sheets.lettering import by_hand, person, script_of
from ocrpipe.training.sheets.ornaments import border, sprayed, stamp, watermark
from ocrpipe.training.sheets.scan import DrawnSheet, is_bitonal, scan
from ocrpipe.training.sheets.sheet import Sheet
from ocrpipe.training.sheets.words import MEMOS, bank, firm


@dataclass(frozen=True, slots=True)
class Layout:
    """A family of checks: its share, size (inches, least and most), country, how many are filled in by machines, how
    many digits its number has, and what draws it."""

    share: float
    width: tuple[float, float]
    height: tuple[float, float]
    country: str
    machined: float
    digits: tuple[int, int]
    draw: Callable[[Check], None]


LAYOUTS: dict[str, Layout] = {
    "us-personal": Layout(0.2, (5.95, 6.25), (2.7, 2.85), "us", 0.1, (3, 4), check_us.personal),
    "us-business": Layout(0.13, (8.0, 8.6), (3.0, 3.6), "us", 0.7, (4, 6), check_us.business),
    "us-stub": Layout(0.04, (9.0, 12.9), (2.9, 3.1), "us", 0.2, (4, 5), check_us.stubbed),
    "us-columns": Layout(0.06, (8.2, 8.6), (3.4, 3.67), "us", 1.0, (4, 7), check_computer.columns),
    "us-voucher": Layout(0.03, (8.5, 8.5), (10.5, 11.0), "us", 0.95, (4, 6), check_us.voucher),
    "india-cts": Layout(0.22, (7.9, 8.05), (3.58, 3.7), "india", 0.25, (6, 6), check_india.cts),
    "uk": Layout(0.08, (7.5, 8.1), (3.2, 3.6), "uk", 0.3, (6, 6), check_world.british),
    "ireland": Layout(0.04, (7.5, 8.1), (3.2, 3.6), "euro", 0.3, (6, 6), check_world.british),
    "canada": Layout(0.07, (6.2, 8.3), (2.75, 3.5), "canada", 0.35, (3, 5), check_world.canadian),
    "malaysia": Layout(0.04, (6.9, 7.4), (3.4, 3.6), "malaysia", 0.3, (6, 6), check_world.malay),
    "euro": Layout(0.03, (6.6, 7.2), (3.0, 3.5), "euro", 0.35, (7, 7), check_latin.continental),
    "latin": Layout(0.04, (6.6, 7.6), (2.9, 3.4), "latin", 0.3, (6, 7), check_latin.southern),
    "singapore": Layout(0.02, (6.9, 7.4), (3.4, 3.6), "singapore", 0.3, (6, 6), check_world.malay),
}
"""What ordinary checks look like."""
STRANGE_LAYOUTS: dict[str, Layout] = {
    "gulf": Layout(0.3, (7.4, 8.0), (3.3, 3.6), "gulf", 0.4, (6, 6), check_strange.gulf),
    "giro": Layout(0.25, (6.6, 7.4), (3.2, 3.5), "euro", 0.3, (7, 7), check_strange.giro),
    "payroll": Layout(0.25, (8.0, 8.6), (3.3, 3.7), "us", 0.95, (5, 7), check_strange.payroll),
    "money-order": Layout(0.2, (7.4, 8.2), (3.2, 3.6), "us", 1.0, (9, 11), check_computer.money_order),
}
"""What only strange ones do."""


def draw_check(rng: Generator, hands: Drawer, *, strange: bool = False, layout: str | None = None) -> DrawnSheet:
    """A scanned check with the truth of its `amount`, `date` (where figures tell it), `number` and `micr`.

    A `strange` one has a layout, fonts and paper that ordinary ones never have; `layout` asks for one of `LAYOUTS` or
    `STRANGE_LAYOUTS`.
    """
    if layout is None:
        layouts = STRANGE_LAYOUTS if strange else LAYOUTS
        layout = str(rng.choice(list(layouts), p=[family.share for family in layouts.values()]))
    family = (LAYOUTS | STRANGE_LAYOUTS)[layout]
    sheet = Sheet(between(rng, *family.width), between(rng, *family.height), bitonal=is_bitonal(rng))
    check = _begun(sheet, layout, family, hands, strange, rng)
    if odds(rng, 0.12) and layout not in ("us-stub", "us-voucher", "giro"):
        border(sheet, between(rng, 0.06, 0.13), between(rng, 0.4, 0.8), rng, sheet.height - between(rng, 0.55, 0.7))
    if odds(rng, 0.15):
        watermark(sheet, pick(rng, ("VOID", "COPY", check.facts.bank, check.facts.bank)), check.face.bold, rng)
    family.draw(check)
    _beside(check)
    return scan(sheet, "check", layout, rng, strange=strange)


def _begun(sheet: Sheet, layout: str, family: Layout, hands: Drawer, strange: bool, rng: Generator) -> Check:
    scribe = scribe_of(hands, rng)
    by_machine = odds(rng, family.machined)
    labels = face_of(rng, STRANGE if strange else ORDINARY)
    drawer = person(rng) if layout == "us-personal" or odds(rng, 0.4) else firm(rng)
    number = figures(rng, int(rng.integers(family.digits[0], family.digits[1] + 1)))
    facts = Facts(
        amount_of(family.country, rng), any_day(rng), number,
        person(rng) if odds(rng, 0.5) else firm(rng), drawer, bank(rng), pick(rng, MEMOS),
    )  # fmt: skip
    return Check(
        sheet, facts, family.country,
        face=labels if odds(rng, 0.5) else face_of(rng, STRANGE if strange else ORDINARY), labels=labels,
        print_dark=between(rng, 0.05, 0.3), label_dark=between(rng, 0.1, 0.4 if sheet.bitonal else 0.62),
        scribe=scribe, script=script_of(rng, scribe.pen),
        machine=face_of(rng, STRANGE_MACHINES if strange else MACHINES) if by_machine else None,
        pen_dark=between(rng, 0.1, 0.35 if sheet.bitonal else 0.55), strange=strange, rng=rng,
    )  # fmt: skip


def _beside(check: Check) -> None:
    """Stamps and scribbles that no printer and no writer of checks planned; they keep off the amount."""
    sheet, rng = check.sheet, check.rng
    amount = next(t.shown for t in sheet.truths if t.name == "amount")
    if odds(rng, 0.15):
        stamp(
            sheet, between(rng, 0.8, max(1.0, amount.x0 - 1.2)), between(rng, 0.4, sheet.height - 0.5), check.face, rng
        )
    if odds(rng, 0.12):
        sprayed(sheet, face_of(rng, MACHINES), rng)
    if odds(rng, 0.1):
        one = by_hand(pick(rng, MEMOS), between(rng, 0.15, 0.3), check.script, rng)
        sheet.write(one, between(rng, 0.1, sheet.width / 2), between(rng, 0.3, sheet.height - 0.3), check.pen_dark)
