"""One more row of blocks behind a JPEG's last, at which it shows whether the data before was read to its end.

libjpeg returns a whole picture whatever the data. It murmurs where data is missing, and says nothing where some is left
over, as after a sector of zeros, which makes too many blocks. So the height is raised by one row of blocks, by turns
darker and lighter, which come out as such where the data before was used up, and then only.

The codes must begin at the very bit where the data ends. `row_behind` takes it that the last block ends with its "end
of block" and ones, as nearly all do; where that fails, `row_behind_mark` is sure, but costs a tenth of the decoding:
it puts a restart mark between, at which libjpeg itself murmurs of what is left over.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

_BASELINE = 0xFFC0
_MOST_UNITS = 65_535
_MOST_ROWS = 65_500
_CHANGE_BITS = 6
"""At least 8 levels of gray."""
_END, _RESTART = b"\xff\xd9", b"\xff\xd0"


@dataclass(frozen=True, slots=True)
class Parts:
    """Where the parts of a JPEG lie that matter to a witness."""

    frame: int
    kind: int
    """The frame's mark."""
    width: int
    height: int
    components: dict[int, tuple[int, int]]
    """Horizontal and vertical sampling by the component's number."""
    huffman: tuple[bytes, ...]
    restarts: bool
    scan: int
    end: int
    """Where the last end-of-image mark stands."""


@dataclass(frozen=True, slots=True)
class _Plan:
    rows: int
    """The new height."""
    units: int
    """How many groups of blocks the picture has."""
    codes: str
    """The row's bits."""
    across: int
    """How many groups it has."""
    end_of_block: str
    """How the picture's last block should end."""
    spectrum: int
    """Where the scan's header tells which coefficients it holds."""


def row_behind(data: bytes, parts: Parts) -> bytes | None:
    """The picture with a row behind it; None where there is no saying where it should begin."""
    plan = _plan(data, parts)
    if plan is None or plan.across < 2 or not plan.end_of_block.endswith("0"):
        return None
    tail = data[max(parts.end - 4, parts.scan) : parts.end].replace(b"\xff\0", b"\xff")
    bits = "".join(format(byte, "08b") for byte in tail)
    used = bits.rstrip("1")
    if len(bits) - len(used) > 7 or not used.endswith(plan.end_of_block) or tail[-1:] == b"\xff":
        return None
    begun = used[len(used) // 8 * 8 :]
    before = parts.end - 1 if begun else parts.end
    return _written(data, parts, plan, data[plan.spectrum + 3 : before], _bytes(begun + plan.codes), b"")


def is_in_place(row: NDArray[np.uint8], parts: Parts) -> bool:
    """Whether the last row of pixels of a picture is that of `row_behind`."""
    wide = 8 * (1 if len(parts.components) == 1 else max(size[0] for size in parts.components.values()))
    darker, lighter = row[:: 2 * wide], row[wide :: 2 * wide]
    return bool(darker[0] != lighter[0] and (darker == darker[0]).all() and (lighter == lighter[0]).all())


def row_behind_mark(data: bytes, parts: Parts) -> bytes | None:
    """The picture with a restart mark and a row behind it; None where its kind does not allow that."""
    plan = _plan(data, parts)
    if plan is None or plan.units > _MOST_UNITS:
        return None
    interval = struct.pack(">HHH", 0xFFDD, 4, plan.units)
    coded = data[plan.spectrum + 3 : parts.end] + _RESTART
    return _written(data, parts, plan, coded, _bytes(plan.codes), interval)


def _written(data: bytes, parts: Parts, plan: _Plan, coded: bytes, row: bytes, interval: bytes) -> bytes:
    height, rest = struct.pack(">H", plan.rows), data[parts.frame + 7 : parts.scan]
    whole_spectrum = b"\0\x3f\0"  # some scanners write something else, which makes libjpeg murmur of that alone
    head = data[: parts.frame + 5], height, rest, interval, data[parts.scan : plan.spectrum], whole_spectrum
    return b"".join((*head, coded, row, _END))


def _plan(data: bytes, parts: Parts) -> _Plan | None:
    """None but for the common kind: baseline, one scan, no restart marks, tables of its own."""
    at, sizes = parts.scan, parts.components
    count = data[at + 4]
    if parts.kind != _BASELINE or parts.restarts or count != len(sizes) or min(map(min, sizes.values()), default=0) < 1:
        return None
    if count == 4 and len(set(sizes.values())) > 1:
        return None  # its gray comes of all components, and the last rows of the smaller ones of their neighbours
    chosen = [(data[at + 5 + 2 * i], data[at + 6 + 2 * i]) for i in range(count)]
    wide, tall = (1, 1) if count == 1 else (max(s[0] for s in sizes.values()), max(s[1] for s in sizes.values()))
    across, down = -(-parts.width // (8 * wide)), -(-parts.height // (8 * tall))
    tables = _codes(parts.huffman)
    units, last = ["", ""], ""
    for place, (number, chosen_tables) in enumerate(chosen):
        changes, ends = tables.get(chosen_tables >> 4, {}), tables.get(0x10 | chosen_tables & 15, {})
        size = min((size for size in changes if 0 < size < 12), key=lambda size: abs(size - _CHANGE_BITS), default=0)
        if 0 not in changes or 0 not in ends or size == 0 or number not in sizes:
            return None
        last, same = ends[0], changes[0] + ends[0]
        blocks = 1 if count == 1 else sizes[number][0] * sizes[number][1]
        for turn, bit in enumerate("01"):  # as many zeros are the most negative change, as many ones the opposite
            first = changes[size] + size * bit + last if place == 0 else same
            units[turn] += first + same * (blocks - 1)
    rows = 8 * tall * down + 1
    codes = "".join(units) * (across // 2) + units[0] * (across % 2)
    return _Plan(rows, across * down, codes, across, last, at + 5 + 2 * count) if rows <= _MOST_ROWS else None


@lru_cache(maxsize=64)
def _codes(segments: tuple[bytes, ...]) -> dict[int, dict[int, str]]:
    """The codes that are wanted, by Huffman table and symbol. In a DC table, a symbol is the number of bits that tell
    the change from the block before; in an AC table, 0 is "end of block"."""
    found: dict[int, dict[int, str]] = {}
    for body in segments:
        at = 0
        while at + 17 <= len(body):
            counts = body[at + 1 : at + 17]
            symbols = body[at + 17 : at + 17 + sum(counts)]
            places = {symbols.find(symbol): symbol for symbol in (range(1) if body[at] & 0x10 else range(12))}
            found[body[at]] = _coded(counts, places)
            at += 17 + sum(counts)
    return found


def _coded(counts: bytes, symbols: dict[int, int]) -> dict[int, str]:
    """The codes of the symbols at some places of a table that has so many codes of 1, 2 … 16 bits."""
    table: dict[int, str] = {}
    code = first = 0
    for bits, count in enumerate(counts, 1):
        for place, symbol in symbols.items():
            if first <= place < first + count:
                table[symbol] = format(code + place - first, f"0{bits}b")
        code, first = (code + count) << 1, first + count
    return table


def _bytes(bits: str) -> bytes:
    """Filled up with ones; 0xFF is followed by 0, so that it is no mark."""
    bits += "1" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\0")
