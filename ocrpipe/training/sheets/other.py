"""Papers that are neither checks nor envelopes, from which nothing may be read without a template.

Letters, invoices, forms, receipts, statements, cards, tickets, tables, music, pictures, noise: what lies in the same
trays, or in anybody's.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.random import Generator

from ocrpipe.training.sheets import other_forms, other_pages, other_small
from ocrpipe.training.sheets.chance import between
from ocrpipe.training.sheets.faces import ORDINARY, face_of
from ocrpipe.training.sheets.lettering import script_of
from ocrpipe.training.sheets.other_pages import Leaf
from ocrpipe.training.sheets.pictures import noise, photograph
from ocrpipe.training.sheets.scan import DrawnSheet, is_bitonal, scan
from ocrpipe.training.sheets.sheet import Sheet

_LETTER, _A4, _HALF = (8.5, 11.0), (8.27, 11.69), (5.5, 8.5)
_CARD, _SLIP = (3.5, 2.0), (3.1, 7.0)

Size = tuple[float, float]
PAGES: dict[str, tuple[float, Size, Callable[[Leaf], None]]] = {
    "letter": (0.1, _LETTER, other_pages.letter),
    "handwriting": (0.06, _A4, other_pages.handwriting),
    "statement": (0.06, _LETTER, other_pages.statement),
    "numbers": (0.05, _A4, other_pages.numbers),
    "music": (0.03, _A4, other_pages.music),
    "graph-paper": (0.03, _A4, other_pages.graph_paper),
    "dirt": (0.03, _HALF, other_pages.dirt),
    "invoice": (0.1, _LETTER, other_forms.invoice),
    "form": (0.08, _LETTER, other_forms.form),
    "filled-form": (0.1, _A4, other_forms.filled_form),
    "tax-form": (0.05, _LETTER, other_forms.tax_form),
    "deposit-slip": (0.05, (6.0, 2.75), other_forms.deposit_slip),
    "receipt": (0.07, _SLIP, other_small.receipt),
    "business-card": (0.03, _CARD, other_small.business_card),
    "ticket": (0.04, (5.5, 2.0), other_small.ticket),
    "gift-voucher": (0.05, (8.0, 3.5), other_small.gift_voucher),
    "calendar": (0.04, (8.0, 5.5), other_small.calendar),
    "envelope-back": (0.03, (9.5, 4.125), other_small.envelope_back),
}
"""How often against the others, size in inches (give or take a twentieth), and what draws it."""
PICTURES: dict[str, float] = {"photograph": 0.1, "noise": 0.05}


def draw_other(rng: Generator, *, layout: str | None = None) -> DrawnSheet:
    """A scanned paper of another kind, with no field; `layout` asks for one of `PAGES` or `PICTURES`.

    A deposit slip may bear a MICR line, which is then told as a field.
    """
    if layout is None:
        weights = {name: weight for name, (weight, _, _) in PAGES.items()} | PICTURES
        layout = str(rng.choice(list(weights), p=np.array(list(weights.values())) / sum(weights.values())))
    if layout in PICTURES:
        picture = photograph(rng) if layout == "photograph" else noise(rng)
        dpi = between(rng, 150, 300)
        return DrawnSheet(picture, dpi, None if rng.random() < 0.4 else float(round(dpi)), "other", layout, ())
    _, size, draw = PAGES[layout]
    width, height = (float(v) for v in np.array(size) * rng.uniform(0.95, 1.05, 2))
    if rng.random() < 0.05:
        width, height = height, width
    sheet = Sheet(width, height, bitonal=is_bitonal(rng))
    face = face_of(rng, ORDINARY)
    dark = between(rng, 0.1, 0.4 if sheet.bitonal else 0.6)
    draw(Leaf(sheet, face, script_of(rng, between(rng, 0.04, 0.1)), between(rng, 0.05, 0.35), dark, rng))
    return scan(sheet, "other", layout, rng)
