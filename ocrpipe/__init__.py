"""Reads the figures on scanned paper: amounts, ZIP codes, dates and digit fields, with a promise about errors."""

__version__ = "0.1.0"
