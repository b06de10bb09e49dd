"""Fax strips, Group 4 (ITU-T T.6) and Group 3 (T.4), handled so that damage shows.

T.6 has no checksum and no marks to synchronise on: after a wrong bit every decoder goes on, drawing nonsense or
white paper without a word. So the end mark of each strip is replaced by one coded row of solid black. Where the
decoder finds that row right behind the last one, it read every row to its end; where it does not, the strip is
damaged or cut short.

T.4 without marks, each row on a byte of its own (compression 2 of TIFF), is treated likewise. Otherwise T.4 has a mark
before each row, so a wrong bit spoils a row or two, as on any fax, and is let pass; rows that are missing are not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

import imagecodecs
import numpy as np
from numpy.typing import NDArray

from ocrpipe.scans.raster import Refused

_END_OF_BLOCK = "000000000001" * 2
_END_OF_BLOCK_BITS = bytes(int(bit) for bit in _END_OF_BLOCK)
_LAST_BYTES = 8
_MOST_ZEROS = 7
"""No code ends in more."""
_HORIZONTAL = "001"
_NO_WHITE = "00110101"
_BLACK_64 = "0000001111" + "0000110111"  # the make-up code for 64, then a run of 0 to end it
_BLACK = {1: "010", 2: "11", 3: "10", 4: "011"}


def decode_group4(strip: bytes, rows: int, columns: int) -> NDArray[np.bool_]:
    """(rows, columns) bool, True where the code says black; refuses a strip that does not end where it should."""
    sentinel = _black_row(columns)
    for whole, bits in _without_end(strip):
        tail = bits + sentinel + _END_OF_BLOCK
        tail += "0" * (-len(tail) % 8)
        code = whole + int(tail, 2).to_bytes(len(tail) // 8, "big")
        try:
            decoded = imagecodecs.ccittfax4_decode(code, rows + 1, columns).view(np.bool_)
        except imagecodecs.Ccittfax4Error:
            continue
        if decoded.shape == (rows + 1, columns) and decoded[rows].all():
            return np.asarray(decoded[:rows], np.bool_)
    raise Refused("unreadable", "a Group 4 strip is damaged or cut short")


def check_group3(strip: bytes, rows: int) -> None:
    """Refuses a strip with fewer end-of-line marks than rows (writers that leave out all of them are let pass)."""
    bits = np.unpackbits(np.frombuffer(strip, np.uint8)).tobytes()
    marks = sum(1 for _ in re.finditer(rb"\0{11}\x01", bits))
    if 0 < marks < rows:
        raise Refused("truncated", f"a Group 3 strip has {marks} of {rows} rows")
    if marks == 0 and bits.count(1) < rows:  # every code has a one in it
        raise Refused("truncated", "a Group 3 strip has no rows")


def decode_modified_huffman(strip: bytes, rows: int, columns: int) -> NDArray[np.bool_]:
    """(rows, columns) bool as `decode_group4`. Each row is coded by itself and begins on a whole byte, so that one of
    solid black at the end shows whether all before it were read to their ends."""
    bits = _black_row(columns).replace(_HORIZONTAL + _NO_WHITE, _NO_WHITE)
    sentinel = int(bits + "0" * (-len(bits) % 8), 2).to_bytes((len(bits) + 7) // 8, "big")
    bare = strip.rstrip(b"\0")
    for padded in (strip, bare, bare + b"\0"):  # a row may end in zeros, and there may be more of them behind the last
        decoded = np.asarray(imagecodecs.ccittrle_decode(padded + sentinel, rows + 1, columns), np.bool_)
        if decoded.shape == (rows + 1, columns) and decoded[rows].all():
            return decoded[:rows]
    raise Refused("unreadable", "a strip of run lengths is damaged or cut short")


def _without_end(strip: bytes) -> Iterator[tuple[bytes, str]]:
    """The strip without end mark and padding: whole bytes, then bits. Some writers leave the mark out: then any number
    of the last zeros may be padding, and each is a candidate."""
    bare = strip.rstrip(b"\0")
    whole, last = bare[:-_LAST_BYTES], bare[-_LAST_BYTES:]
    bits = "".join(format(byte, "08b") for byte in last).rstrip("0")
    if bits.endswith(_END_OF_BLOCK):
        yield whole, bits.removesuffix(_END_OF_BLOCK)
        return
    yield from _before_first_end(strip)
    zeros = 8 * (len(strip) - len(whole)) - len(bits)
    for padding in range(min(zeros, _MOST_ZEROS) + 1):
        yield whole, bits + "0" * padding


def _before_first_end(strip: bytes) -> Iterator[tuple[bytes, str]]:
    """The same where there is something else behind the end mark, as in PDF files that Pillow writes."""
    bits = np.unpackbits(np.frombuffer(strip, np.uint8))
    length = bits.tobytes().find(_END_OF_BLOCK_BITS)
    if length > 0:
        yield strip[: length // 8], "".join(map(str, bits[length // 8 * 8 : length]))


@cache
def _black_row(columns: int) -> str:
    """The code of one black row, whatever the row above it: runs of black with no white between them."""
    rest = columns % 64
    runs = [_BLACK_64] * (columns // 64) + [_BLACK[4]] * (rest // 4) + ([_BLACK[rest % 4]] if rest % 4 else [])
    return "".join(_HORIZONTAL + _NO_WHITE + run for run in runs)
