"""What the bytes of a PDF tell before PDFium reads it: the dictionaries of streams are never compressed."""

from __future__ import annotations

import re
from collections.abc import Iterator

_DRAWS_OTHERS = re.compile(rb"/Form\b|/Pattern\b|/Shading|/ShadingType|/Type3|/ObjStm")
"""Names of what is drawn in its turn, and of where such may hide."""
_OTHERWISE_WRITTEN = re.compile(rb"#[0-9a-fA-F]{2}")
"""A character of a name by its number, so that the name is not found."""
_FEW_FILTERS = 3
"""The word stands three times where there are two filters with parameters."""
_LITTLE_DRAWING = 16_000
"""Bytes; compressed ones unpack to a thousand times their size at most."""


def is_plain(content: bytes) -> bool:
    """Whether drawing cannot take long: nothing that draws other things, and hardly anything but images."""
    if _DRAWS_OTHERS.search(content):
        return False
    drawing = 0
    for text, size in _parts(content):
        head = text.rpartition(b" obj")[2]
        if head.count(b"Decode") > _FEW_FILTERS or _OTHERWISE_WRITTEN.search(text):
            return False
        if b"/Image" not in head:
            drawing += size
    return drawing <= _LITTLE_DRAWING


def text_of(content: bytes) -> bytes:
    """All that is no stream's data."""
    return b"".join(text for text, _ in _parts(content))


def _parts(content: bytes) -> Iterator[tuple[bytes, int]]:
    """What stands before each stream, and how many bytes that has; last what stands behind all of them."""
    at = 0
    while (begin := _stream_begins(content, at)) >= 0:
        end = content.find(b"endstream", begin)
        end = len(content) if end < 0 else end
        yield content[at:begin], end - begin
        at = end + len(b"endstream")
    yield content[at:], 0


def _stream_begins(content: bytes, at: int) -> int:
    """Where the next stream's data begins; less than 0 where there is none."""
    while (at := content.find(b"stream", at)) >= 0:
        at += len(b"stream")
        if content[at : at + 1] in (b"\n", b"\r"):
            return at
    return at
