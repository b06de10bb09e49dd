"""The three EXIF tags that matter to a scan: orientation and the two densities."""

from __future__ import annotations

import struct
from dataclasses import dataclass

_ORIENTATION, _X_DENSITY, _Y_DENSITY, _UNIT = 0x112, 0x11A, 0x11B, 0x128


@dataclass(frozen=True, slots=True)
class Exif:
    orientation: int = 1
    density: tuple[float, float] | None = None


def parse_exif(block: bytes) -> Exif:
    """Reads the first directory of an EXIF block (a small TIFF); damage counts as absence."""
    block = block.removeprefix(b"Exif\0\0")
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(block[:4])
    if order is None:
        return Exif()
    try:
        (start,) = struct.unpack_from(order + "I", block, 4)
        (count,) = struct.unpack_from(order + "H", block, start)
        shorts: dict[int, int] = {}
        ratios: dict[int, float] = {}
        for entry in range(start + 2, start + 2 + 12 * count, 12):
            tag, kind, _ = struct.unpack_from(order + "HHI", block, entry)
            if tag in (_ORIENTATION, _UNIT) and kind == 3:
                (shorts[tag],) = struct.unpack_from(order + "H", block, entry + 8)
            elif tag in (_X_DENSITY, _Y_DENSITY) and kind == 5:
                (at,) = struct.unpack_from(order + "I", block, entry + 8)
                above, below = struct.unpack_from(order + "II", block, at)
                ratios[tag] = above / below if below else 0.0
    except struct.error:
        return Exif()
    density = None
    if ratios.get(_X_DENSITY) and ratios.get(_Y_DENSITY):
        to_inch = 2.54 if shorts.get(_UNIT) == 3 else 1.0
        density = ratios[_X_DENSITY] * to_inch, ratios[_Y_DENSITY] * to_inch
    return Exif(shorts.get(_ORIENTATION, 1), density)
