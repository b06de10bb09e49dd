"""Whole sheets, drawn with their truth: checks, envelopes, and papers that are neither.

`draw_check`, `draw_envelope` and `draw_other` give a `DrawnSheet`: a scanned picture, its resolution, and where each
field lies and what it says. Layouts are made after published standards and general knowledge of such papers.
"""

from __future__ import annotations

from ocrpipe.training.sheets.check import draw_check
from ocrpipe.training.sheets.envelope import draw_envelope
from ocrpipe.training.sheets.other import draw_other
from ocrpipe.training.sheets.scan import DrawnField, DrawnSheet

__all__ = ["DrawnField", "DrawnSheet", "draw_check", "draw_envelope", "draw_other"]
