"""A line in the manner of E-13B, drawn by hand on its published grid.

ANSI X9.100-20 (ISO 1004-1): modules of 0.013 inch, characters 9 modules high (0.117 inch), eight
to the inch, aligned on their right edges. The shapes are a plain approximation, made for these
samples; a reader-sorter would not be pleased.
"""

from __future__ import annotations

from drawing.sheet import Sheet

MODULE = 0.013
PITCH = 0.125

GLYPHS = {
    "0": "1111111 1000001 1000001 1000001 1000001 1000001 1000001 1000001 1111111",
    "1": "0110 0010 0010 0010 0010 1111 1111 1111 1111",
    "2": "1111 0001 0001 0001 1111 1000 1000 1000 1111",
    "3": "11110 00010 00010 00010 11111 00011 00011 00011 11111",
    "4": "110000 110000 110000 110000 110011 111111 000011 000011 000011",
    "5": "11111 10000 10000 10000 11111 00001 00001 00001 11111",
    "6": "110000 100000 100000 100000 111111 100001 100001 100001 111111",
    "7": "11111 10001 00001 00001 00111 00100 00100 00100 00100",
    "8": "0111110 0100010 0100010 0100010 1111111 1100011 1100011 1100011 1111111",
    "9": "111111 100001 100001 100001 111111 000011 000011 000011 000011",
    "T": "1000000 1000011 1000011 1000000 1000000 1000000 1000011 1000011 1000000",
    "U": "0000000 0000000 1001000 1001000 1001011 1001011 1001011 0000011 0000000",
}


def micr_line(sheet: Sheet, x: float, text: str, bottom: float = 0.31) -> None:
    """Prints `text` (digits, T transit, U on-us, spaces) with its feet `bottom` inches above the lower edge."""
    top = sheet.height - bottom - 9 * MODULE
    for place, letter in enumerate(text):
        if letter == " ":
            continue
        rows = GLYPHS[letter].split()
        left = x + (place + 1) * PITCH - len(rows[0]) * MODULE
        for r, row in enumerate(rows):
            for c, bit in enumerate(row):
                if bit == "1":
                    x0, y0 = left + c * MODULE, top + r * MODULE
                    sheet.fill(x0, y0, x0 + MODULE, y0 + MODULE)
