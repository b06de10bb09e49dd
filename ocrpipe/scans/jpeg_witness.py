"""One more row of blocks behind a JPEG's last, at which it shows whether the data before was read to its end.

libjpeg returns a whole picture whatever the data. It murmurs where data is missing, and says nothing where some is left
over, as after a sector of zeros, which makes too many blocks. So the height is raised by one row of blocks that hold
nothing (the codes for "no change" and "end of block"), which come out of one gray where the data before was used up.

The codes must begin at the very bit where the data ends. `row_behind` takes it that the last block ends with its "end
of block" and ones, as nearly all do; where that fails, `row_behind_mark` is sure, but costs a tenth of the decoding:
it puts a restart mark between, at which libjpeg itself murmurs of what is left over.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

_BASELINE = 0xFFC0
_MOST_UNITS = 65_535
_MOST_ROWS = 65_500
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
    end_of_block: str
    """How the picture's last block should end."""
    spectrum: int
    """Where the scan's header tells which coefficients it holds."""


def row_behind(data: bytes, parts: Parts) -> bytes | None:
    """The picture with a row behind it; None where there is no saying where it should begin."""
    plan = _plan(data, parts)
    if plan is None or not plan.end_of_block.endswith("0"):
        return None
    tail = data[max(parts.end - 4, parts.scan) : parts.end].replace(b"\xff\0", b"\xff")
    bits = "".join(format(byte, "08b") for byte in tail)
    used = bits.rstrip("1")
    if len(bits) - len(used) > 7 or not used.endswith(plan.end_of_block) or tail[-1:] == b"\xff":
        return None
    begun = used[len(used) // 8 * 8 :]
    before = parts.end - 1 if begun else parts.end
    return _written(data, parts, plan, data[plan.spectrum + 3 : before], _bytes(begun + plan.codes), b"")


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
    chosen = [(data[at + 5 + 2 * i], data[at + 6 + 2 * i]) for i in range(count)]
    wide, tall = (1, 1) if count == 1 else (max(s[0] for s in sizes.values()), max(s[1] for s in sizes.values()))
    across, down = -(-parts.width // (8 * wide)), -(-parts.height // (8 * tall))
    nothing = _nothing_codes(parts.huffman)
    unit, last = "", ""
    for number, tables in chosen:
        same, last = nothing.get(tables >> 4, ""), nothing.get(0x10 | tables & 15, "")
        if not same or not last or number not in sizes:
            return None
        unit += (same + last) * (1 if count == 1 else sizes[number][0] * sizes[number][1])
    rows = 8 * tall * down + 1
    return _Plan(rows, across * down, unit * across, last, at + 5 + 2 * count) if rows <= _MOST_ROWS else None


def _nothing_codes(segments: tuple[bytes, ...]) -> dict[int, str]:
    """The code of symbol 0 in each Huffman table: "no change" in a DC table, "end of block" in an AC table."""
    found: dict[int, str] = {}
    for body in segments:
        at = 0
        while at + 17 <= len(body):
            counts = body[at + 1 : at + 17]
            place, code, first = body[at + 17 : at + 17 + sum(counts)].find(0), 0, 0
            for bits, count in enumerate(counts, 1):
                if first <= place < first + count:
                    found[body[at]] = format(code + place - first, f"0{bits}b")
                    break
                code, first = (code + count) << 1, first + count
            at += 17 + sum(counts)
    return found


def _bytes(bits: str) -> bytes:
    """Filled up with ones; 0xFF is followed by 0, so that it is no mark."""
    bits += "1" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\0")
