"""The alphabet of the lattice."""

from __future__ import annotations

DIGITS = "0123456789"
NETWORK_CLASSES = (*DIGITS, "/", "$", "*", "junk")
"""What LeNet-5 tells apart; junk is a wrong cut, a mark or dirt."""
JUNK = NETWORK_CLASSES.index("junk")

SHAPE_CLASSES = (".", ",", "-", "noise", "junk", "/", "character")
"""What size and place on the line tell apart; the first four are never told from a size-normalised crop."""

NOISE = "~"
"""A speck or a remnant of a line: spells nothing."""
SCRIBBLE = "#"
"""Ink that is no figure but that some grammars expect: `xx` before `/100`, a closing stroke."""
SYMBOLS = (*DIGITS, "/", "$", "*", ".", ",", "-", SCRIBBLE, NOISE)
"""Columns of the decoder's score table."""
