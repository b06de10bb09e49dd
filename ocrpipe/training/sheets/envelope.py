"""Envelopes of the United States: return address, postage, destination with its ZIP code.

Places of address, postage and bar code: USPS Publication 25 (Designing Letter and Reply Mail) and Domestic Mail Manual
602; sizes of the trade (#6¾ 6.5 × 3.625, #9, #10 9.5 × 4.125, A2, A6, A7, 6 × 9 inches).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from ocrpipe.geometry import Box
from ocrpipe.training.drawing import Drawer
from ocrpipe.training.sheets import postal
from ocrpipe.training.sheets.chance import between, figures, odds, pick
from ocrpipe.training.sheets.faces import MACHINES, ORDINARY, STRANGE, STRANGE_MACHINES, face_of, in_print
from ocrpipe.training.sheets.figures import in_print_cells, scribe_of
from ocrpipe.training.sheets.lettering import by_hand, script_of
from ocrpipe.training.sheets.mail import Mail
from ocrpipe.training.sheets.scan import DrawnSheet, is_bitonal, scan
from ocrpipe.training.sheets.sheet import Sheet, around
from ocrpipe.training.sheets.words import MEMOS, firm
from ocrpipe.training.wording import Wording, zip_code

_SIZES_IN = (
    (9.5, 4.125),
    (9.5, 4.125),
    (9.5, 4.125),
    (6.5, 3.625),
    (8.875, 3.875),
    (5.75, 4.375),
    (7.25, 5.25),
    (6.5, 4.75),
)
_LARGE_IN = (9.0, 6.0)


def _letter(mail: Mail) -> None:
    """Written or printed onto the paper itself."""
    rng, sheet = mail.rng, mail.sheet
    by_person = mail.machine is None
    if odds(rng, 0.85):
        mail.sender(printed=not by_person or odds(rng, 0.25))
    mail.postage()
    height = between(rng, 0.13, 0.22) if by_person else between(rng, 0.095, 0.14)
    height = min(height, 0.045 * sheet.height)
    pitch = height * (between(rng, 1.7, 2.3) if by_person else between(rng, 1.45, 1.9))
    lines, last = mail.destination()
    x = sheet.width * between(rng, 0.3, 0.5)
    room = (len(lines) + 1) * pitch
    y = float(np.clip(sheet.height * between(rng, 0.42, 0.55), 1.25, max(1.3, sheet.height - 0.55 - room))) + height
    mail.extras(mail.block(x, y, sheet.width - x - 0.25, height, pitch, lines, last))


def _window(mail: Mail) -> None:
    """Printed on what is inside, seen through a window, with what a mailer's computer puts above it."""
    rng, sheet = mail.rng, mail.sheet
    if odds(rng, 0.8):
        mail.sender(printed=True)
    mail.postage()
    x, y = between(rng, 0.7, 0.42 * sheet.width), sheet.height * between(rng, 0.42, 0.5)
    box = Box(
        x, y, min(x + between(rng, 3.6, 4.6), sheet.width - 0.3), min(y + between(rng, 1.1, 1.5), sheet.height - 0.3)
    )
    sheet.screen(box, between(rng, 0.86, 0.97), rng)
    sheet.frame(box, width=between(rng, 0.008, 0.02), dark=between(rng, 0.45, 0.85))
    lines, last = mail.destination()
    if odds(rng, 0.35):
        lines.insert(0, f"{'*' * int(rng.integers(4, 12))}AUTO**5-DIGIT {figures(rng, 5)}")
    height = min(between(rng, 0.085, 0.12), box.height / (len(lines) + 2) / 1.5)
    pitch = 1.5 * height
    left, top = box.x0 + between(rng, 0.1, 0.4), box.y0 + between(rng, 0.08, 0.15) + height
    block = mail.block(left, top, box.x1 - left - 0.1, height, pitch, lines, last)
    if odds(rng, 0.4) and block.y1 + 0.2 < box.y1:
        postal.bar_code(sheet, left, block.y1 + 0.18, mail.print_dark, rng)


def _label(mail: Mail) -> None:
    """A label with its own frame and words, large and bold; strange ones only."""
    rng, sheet = mail.rng, mail.sheet
    mail.postage()
    x, y = sheet.width * between(rng, 0.25, 0.35), sheet.height * between(rng, 0.32, 0.4)
    box = Box(x, y, min(x + 4.4, sheet.width - 0.2), sheet.height - between(rng, 0.25, 0.5))
    sheet.frame(box, width=between(rng, 0.01, 0.04), dark=mail.print_dark)
    sheet.write(in_print("FROM: " + firm(rng), mail.face.regular, 7), x + 0.1, y + 0.16, mail.print_dark)
    sheet.rule(x, y + 0.23, box.x1, y + 0.23, dark=mail.print_dark)
    sheet.write(in_print("TO:", mail.face.bold, 9), x + 0.1, y + 0.42, mail.print_dark)
    lines, last = mail.destination()
    pitch = min(0.3, (box.height - 0.6) / (len(lines) + 2))
    mail.block(x + 0.5, y + 0.45 + 0.5 * pitch, box.width - 0.6, 0.55 * pitch, pitch, lines, last)


def _card(mail: Mail) -> None:
    """A postcard: a message on the left half, the address on ruled lines at the right, its ZIP code in cells."""
    rng, sheet = mail.rng, mail.sheet
    postal.stamp(sheet, sheet.width - 0.25, 0.2, mail.face, rng)
    middle = sheet.width * between(rng, 0.48, 0.53)
    sheet.rule(middle, 0.3, middle, sheet.height - 0.3, dark=mail.print_dark)
    for i in range(int(rng.integers(4, 9))):
        words = " ".join(pick(rng, (*MEMOS, "dear", "we are", "the sea", "love from")) for _ in range(3))
        one = by_hand(words, 0.13, mail.script, rng).fitted(middle - 0.4)
        sheet.write(one, 0.2, 0.5 + 0.3 * i, mail.pen_dark)
    lines, last = mail.destination()
    left, y, pitch = middle + 0.2, sheet.height * 0.45, 0.32
    for i, words in enumerate([*lines[:3], last]):
        sheet.rule(left, y + i * pitch, sheet.width - 0.2, y + i * pitch, dark=mail.print_dark, width=0.006)
        sheet.write(
            mail.line(words, 0.15).fitted(sheet.width - left - 0.3), left + 0.05, y + i * pitch - 0.03, mail.dark
        )
    text = mail.zip.value.replace("-", "")
    wide, high = between(rng, 0.19, 0.23), between(rng, 0.24, 0.28)
    lefts = [i * wide + (0.12 if i > 4 else 0.0) for i in range(len(text))]
    foot = min(y + 4 * pitch + 0.15, sheet.height - 0.15)
    x = max(left, sheet.width - 0.25 - lefts[-1] - wide)
    cells = [sheet.frame(Box(x + a, foot - high, x + a + wide, foot), dark=mail.print_dark) for a in lefts]
    if mail.machine:
        one = in_print_cells(text, mail.machine.regular, lefts, wide, high)
    else:
        marks = tuple(m for m in mail.zip.marks if m.char != "-")
        one = mail.scribe.in_cells(Wording(mail.zip.spec, marks, text), lefts, wide, high, rng)
    mail.tell(one, seen := sheet.write(one, x, foot, mail.dark), around(seen, *cells), x, foot)


@dataclass(frozen=True, slots=True)
class Family:
    """A kind of envelope: its share, how many are printed, and what draws it."""

    share: float
    machined: float
    draw: Callable[[Mail], None]


FAMILIES = {"letter": Family(0.78, 0.4, _letter), "window": Family(0.22, 1.0, _window)}
STRANGE_FAMILIES = {"label": Family(0.5, 0.7, _label), "card": Family(0.5, 0.15, _card)}


def draw_envelope(rng: Generator, hands: Drawer, *, strange: bool = False, layout: str | None = None) -> DrawnSheet:
    """A scanned envelope with the truth of its `zip`.

    A `strange` one is of a kind, of fonts and paper that ordinary ones never are; `layout` asks for one of `FAMILIES`
    or `STRANGE_FAMILIES`.
    """
    if layout is None:
        families = STRANGE_FAMILIES if strange else FAMILIES
        layout = str(rng.choice(list(families), p=[family.share for family in families.values()]))
    family = (FAMILIES | STRANGE_FAMILIES)[layout]
    width, height = _LARGE_IN if odds(rng, 0.06) else pick(rng, _SIZES_IN)
    if layout in STRANGE_FAMILIES:
        width, height = max(width, 5.5), max(height, 3.9)
    sheet = Sheet(width, height, bitonal=is_bitonal(rng))
    scribe = scribe_of(hands, rng)
    machines = STRANGE_MACHINES if strange else (*MACHINES, *ORDINARY[:6])
    mail = Mail(
        sheet, face_of(rng, STRANGE if strange else ORDINARY),
        face_of(rng, machines) if odds(rng, family.machined) else None,
        scribe, script_of(rng, scribe.pen), between(rng, 0.1, 0.35 if sheet.bitonal else 0.55),
        between(rng, 0.05, 0.35), zip_code(rng), rng,
    )  # fmt: skip
    family.draw(mail)
    return scan(sheet, "envelope", layout, rng, strange=strange)
