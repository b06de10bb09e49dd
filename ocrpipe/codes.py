"""Closed lists of words: kinds of fields, and what rows say of themselves. Downstream jobs match on them."""

from __future__ import annotations

from typing import Literal, get_args

PlacedKind = Literal["amount", "amount_digits", "zip", "digits", "date", "micr"]
"""What has a place of its own on a page."""
Kind = Literal[PlacedKind, "micr_routing", "micr_account", "micr_serial", "micr_amount", "micr_transaction"]
"""Those, and the parts of a MICR line."""
PLACED: tuple[PlacedKind, ...] = get_args(PlacedKind)
WRITTEN: tuple[PlacedKind, ...] = PLACED[:-1]
"""What a lattice reads: all of them but the MICR line."""
KINDS: tuple[Kind, ...] = get_args(Kind)
Status = Literal["accepted", "review", "blank", "skipped", "failed"]
Stage = Literal["find", "decode", "straighten", "registration", "locate", "reading"]
Reason = Literal[
    # failed
    "unreadable",  # the file cannot be opened or decoded
    "truncated",  # the file ends before its picture does
    "encrypted",  # a password is needed
    "too_large",  # more pixels or pages than the settings allow
    "crashed",  # reading the file killed its worker or met a bug; the log says more
    "timeout",  # no page of it was finished in the time that a page may take
    "distorted",  # a sheet is curled, in shadow or seen too obliquely to be flattened
    "registration",  # the page does not fit its template within the residual limit
    "not_found",  # the field was not found on the page
    "unknown",  # no template and no locator claims the page
    "illegible",  # a person could not read it either (in reviewed results)
    # review
    "low_confidence",  # below the threshold of the promised error
    "blank_required",  # blank, but the template requires a value
    "blank_unsure",  # perhaps blank
    "no_reading",  # ink, but nothing that the grammar of the kind allows
    "out_of_range",  # outside the template's minimum and maximum
    "checksum",  # the check digit does not fit
    "cross_check",  # the MICR line says otherwise
    "uncalibrated",  # the calibration sample cannot carry the promise
    # skipped
    "blank_page",  # a sheet without writing, such as a duplex back
]
