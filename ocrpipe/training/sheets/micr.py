"""The MICR line of a whole check: what it says in each country, and its print laid into the clear band.

Clear band: ANSI X9.100-160-1, 5/8 inch high along the lower edge, the line's characters between 3/16 and 7/16 inch from
that edge and its right end 5/16 ± 1/16 inch from the right one; other countries took these measures over.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.random import Generator

from ocrpipe.training.micr_lines import FINE_DPI, printed_line, set_line
from ocrpipe.training.micr_wording import account_part, gap, routing
from ocrpipe.training.sheets.chance import between, figures, odds
from ocrpipe.training.sheets.sheet import INK_DPI, Writing


def micr_text(country: str, serial: str, cents: int, rng: Generator) -> str:
    """T transit, A amount, U on-us, D dash; with as many spaces as are printed. The amount is encoded now and then.

    United States ANSI X9.100-160-2, India CTS-2010, Canada CPA 006 (transit - institution); the others after the
    pattern of British lines (serial, sort code with a dash, account).
    """
    amount = f" {gap(rng)}A{cents:010d}A" if odds(rng, 0.3) else ""
    space = gap(rng) or " "
    match country:
        case "us-personal":
            account, right = account_part(rng), odds(rng, 0.75)
            on_us = f"{account}{gap(rng)}{serial}" if right else f"{serial}{space}{account}"
            return f"T{routing(rng)}T{gap(rng)}{on_us}{amount}"
        case "us-business":
            auxiliary = serial.zfill(int(rng.integers(5, 9)))
            return f"U{auxiliary}U{gap(rng)}T{routing(rng)}T{gap(rng)}{account_part(rng)}{amount}"
        case "india":
            return f"U{serial}U{space}{figures(rng, 9)}T{space}{figures(rng, 6)}U {figures(rng, 2)}{amount}"
        case "canada":
            house = f"{int(rng.integers(1, 900)):03d}"
            account = f"{figures(rng, 3)}D{figures(rng, 3)}D{figures(rng, 1)}"
            return f"U{serial}U{space}T{figures(rng, 5)}D{house}T{space}{account}U{amount}"
        case "asia":
            return (
                f"U{serial}U{space}{figures(rng, 2)}D{figures(rng, 5)}T{space}{figures(rng, int(rng.integers(9, 13)))}U"
            )
        case _:  # Britain, Ireland and others
            tail = f"{space}{figures(rng, 2)}" if odds(rng, 0.5) else ""
            return f"U{serial}U{space}{figures(rng, 2)}D{figures(rng, 4)}T{space}{figures(rng, 8)}U{tail}{amount}"


def micr_writing(text: str, strange: bool, rng: Generator) -> Writing:
    """The line's print, tight; it stands on the characters' feet."""
    ink, owned, _ = set_line(text, rng)
    ink = printed_line(ink, strange, rng)
    scale = INK_DPI / FINE_DPI
    size = round(ink.shape[1] * scale), round(ink.shape[0] * scale)
    small = np.asarray(cv2.resize(ink, size, interpolation=cv2.INTER_AREA), np.float32)
    owners = np.asarray(cv2.resize(owned, size, interpolation=cv2.INTER_NEAREST), np.int16)
    ys, xs = (np.flatnonzero(owners.any(axis=axis)) for axis in (1, 0))
    part = slice(ys[0], ys[-1] + 1), slice(xs[0], xs[-1] + 1)
    return Writing(small[part].copy(), owners[part].copy(), float(ys[-1] + 1 - ys[0]))


def band_foot(height: float, rng: Generator) -> float:
    """Where the characters' feet stand on a document `height` inches high."""
    return height - between(rng, 0.19, 0.29)
