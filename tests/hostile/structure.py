"""Where the parts of a file begin and end, and how to change one without touching the others."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass


def truncations(content: bytes, ends: list[int]) -> Iterator[tuple[str, bytes]]:
    """`content` cut at each place of `ends`, named by the place."""
    for at in sorted(set(ends)):
        if 0 < at < len(content):
            yield f"{at:06d}", content[:at]


def flipped(content: bytes, at: int, bit: int = 0) -> bytes:
    changed = bytearray(content)
    changed[at] ^= 1 << bit
    return bytes(changed)


def patched(content: bytes, at: int, new: bytes) -> bytes:
    return content[:at] + new + content[at + len(new) :]


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_chunks(content: bytes) -> list[tuple[int, bytes, int]]:
    """Where each chunk starts, its kind and the length of its body."""
    found, at = [], 8
    while at + 12 <= len(content):
        size, kind = struct.unpack_from(">I4s", content, at)
        found.append((at, kind, size))
        at += 12 + size
    return found


def png_of(width: int, height: int, rows: bytes, *, bits: int = 8, colour: int = 0, more: bytes = b"") -> bytes:
    """A PNG with a header of our choice around filtered rows."""
    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    chunks = png_chunk(b"IHDR", header) + more + png_chunk(b"IDAT", zlib.compress(rows)) + png_chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def with_png_size(content: bytes, width: int, height: int) -> bytes:
    """The same with another size and a header whose checksum is right."""
    header = struct.pack(">II", width, height) + content[24:29]
    return content[:8] + png_chunk(b"IHDR", header) + content[33:]


def jpeg_segments(content: bytes) -> list[tuple[int, int]]:
    """Where each segment of the header starts and its mark; the last is the first scan."""
    found, at = [], 2
    while True:
        mark, size = struct.unpack_from(">HH", content, at)
        found.append((at, mark))
        if mark == 0xFFDA:
            return found
        at += 2 + size


def jpeg_data(content: bytes) -> int:
    """Where the coded data of the first scan starts."""
    at = jpeg_segments(content)[-1][0]
    return int(at + 2 + struct.unpack_from(">H", content, at + 2)[0])


def with_jpeg_size(content: bytes, width: int, height: int) -> bytes:
    at = next(at for at, mark in jpeg_segments(content) if mark in (0xFFC0, 0xFFC2))
    return patched(content, at + 5, struct.pack(">HH", height, width))


@dataclass(frozen=True)
class Entry:
    """An entry of a TIFF directory (classic, little-endian)."""

    at: int
    tag: int
    kind: int
    count: int
    value: int


def tiff_directories(content: bytes) -> list[tuple[int, list[Entry], int]]:
    """Each directory of a little-endian classic TIFF: where it starts, its entries, where its link stands."""
    found = []
    (at,) = struct.unpack_from("<I", content, 4)
    while at:
        (count,) = struct.unpack_from("<H", content, at)
        entries = [
            Entry(place, *struct.unpack_from("<HHII", content, place))
            for place in range(at + 2, at + 2 + 12 * count, 12)
        ]
        link = at + 2 + 12 * count
        found.append((at, entries, link))
        (at,) = struct.unpack_from("<I", content, link)
    return found


def entry(content: bytes, tag: int, page: int = 0) -> Entry:
    return next(entry for entry in tiff_directories(content)[page][1] if entry.tag == tag)


def with_entry(
    content: bytes, tag: int, *, kind: int | None = None, count: int | None = None, value: int | None = None
) -> bytes:
    """The same with the entry of `tag` in the first directory changed."""
    old = entry(content, tag)
    new = struct.pack(
        "<HHII",
        tag,
        old.kind if kind is None else kind,
        old.count if count is None else count,
        (old.value if value is None else value) & 0xFFFFFFFF,
    )
    return patched(content, old.at, new)


def with_added_entries(content: bytes, added: list[tuple[int, int, int, int]]) -> bytes:
    """The same with a new first directory at its end that holds `added` (tag, kind, count, value) besides."""
    _, entries, link = tiff_directories(content)[0]
    rows = [(one.tag, one.kind, one.count, one.value) for one in entries if one.tag not in {row[0] for row in added}]
    rows = sorted(rows + added)
    padded = content + b"\0" * (len(content) % 2)
    directory = struct.pack("<H", len(rows)) + b"".join(struct.pack("<HHII", *row) for row in rows)
    return patched(padded, 4, struct.pack("<I", len(padded))) + directory + content[link : link + 4]


def strips(content: bytes, page: int = 0) -> list[tuple[int, int]]:
    """Offset and length of every strip (or tile) of a page."""
    _, entries, _ = tiff_directories(content)[page]
    columns = []
    for tags in ((273, 324), (279, 325)):
        one = next(entry for entry in entries if entry.tag in tags)
        form = {3: "H", 4: "I", 16: "Q"}[one.kind]
        size = struct.calcsize("<" + form) * one.count
        raw = content[one.at + 8 : one.at + 8 + size] if size <= 4 else content[one.value : one.value + size]
        columns.append(struct.unpack(f"<{one.count}{form}", raw))
    return list(zip(*columns, strict=True))


def pdf_marks(content: bytes) -> list[int]:
    """Where objects, streams, the table and the trailer of a PDF begin and end."""
    words = rb"\d+ 0 obj|endobj|stream\r?\n|endstream|xref\n|trailer|startxref|%%EOF"
    return [place for found in re.finditer(words, content) for place in found.span()]
