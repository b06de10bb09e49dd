"""The chain of directories of a TIFF, walked before anything else is read: it may loop, end early or never end."""

from __future__ import annotations

import struct
from typing import BinaryIO

from ocrpipe.scans.raster import Refused

_MOST_TAGS = 4_096
"""tifffile's own limit."""


def count_directories(handle: BinaryIO, size: int, most: int) -> tuple[int, Refused | None]:
    """How many directories there are, and what ended the chain before its proper end."""
    handle.seek(0)
    head = handle.read(16)
    order = "<" if head[:2] == b"II" else ">"
    big = head[2:4] in (b"+\0", b"\0+")
    if len(head) < (16 if big else 8):
        raise Refused("truncated", "the TIFF ends inside its header")
    if big and struct.unpack_from(order + "HH", head, 4) != (8, 0):
        raise Refused("unreadable", "the TIFF's header is damaged")
    pointer, count_format, entry = ("Q", "Q", 20) if big else ("I", "H", 12)
    link, counter = struct.Struct(order + pointer), struct.Struct(order + count_format)
    (at,) = link.unpack_from(head, 8 if big else 4)
    seen: set[int] = set()
    while at:
        if at in seen:
            return len(seen), Refused("unreadable", "the TIFF's directories form a loop")
        if len(seen) >= most:
            raise Refused("too_large", f"more pages than max_pages = {most}")
        if at + counter.size > size:
            return len(seen), Refused("truncated", "a TIFF directory lies behind the end of the file")
        handle.seek(at)
        (tags,) = counter.unpack(handle.read(counter.size))
        after = at + counter.size + entry * tags
        if after + link.size > size:
            return len(seen), Refused("truncated", "the TIFF ends inside a directory")
        if not 0 < tags <= _MOST_TAGS:
            return len(seen), Refused("unreadable", f"a TIFF directory has {tags} entries")
        seen.add(at)
        handle.seek(after)
        (at,) = link.unpack(handle.read(link.size))
    return len(seen), None
