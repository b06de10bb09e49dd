"""Locates the fields of papers that come from a hundred printers: checks and envelopes, without a template."""

from __future__ import annotations

from ocrpipe.fields.locate_check import locate_check
from ocrpipe.fields.locate_envelope import locate_envelope
from ocrpipe.fields.locate_view import View, look

__all__ = ["View", "locate_check", "locate_envelope", "look"]
