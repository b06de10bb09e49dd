"""What a C library says on the error stream while it works.

libjpeg goes on after corrupt data with whatever pixels come out, and libpng names the bad chunk, on the error stream
alone: OpenCV returns neither. So the stream is listened to while a picture is decoded. What somebody else writes
meanwhile (a progress bar in another thread) is passed on.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable
from functools import cache
from threading import Lock
from typing import TypeVar

Result = TypeVar("Result")

_STDERR = 2
_MURMURS = re.compile(
    r"Corrupt JPEG|Premature end|Inconsistent progression|Invalid SOS|libpng |\[ *(WARN|ERROR|INFO)|> |\s*$"
)
_one_at_a_time = Lock()


def overheard(work: Callable[[], Result]) -> tuple[Result, str]:
    """What `work` returns, and the lines that a decoder wrote meanwhile ("" where it was content)."""
    with _one_at_a_time:
        try:
            screen = os.dup(_STDERR)
        except OSError:  # a service without an error stream
            return work(), ""
        paper = _paper(os.getpid())
        os.dup2(paper, _STDERR)
        try:
            result = work()
        finally:
            os.dup2(screen, _STDERR)
            lines = _taken(paper)
            others = [line for line in lines if not _MURMURS.match(line)]
            if others:
                os.write(screen, "".join(others).encode(errors="surrogateescape"))
            os.close(screen)
    return result, "".join(line for line in lines if _MURMURS.match(line)).strip()


@cache
def _paper(process: int) -> int:
    """A file to write on, one a process, so that a child and its parent do not write on the same."""
    descriptor, name = tempfile.mkstemp() if not hasattr(os, "memfd_create") else (os.memfd_create("murmurs"), "")
    if name:
        os.unlink(name)  # noqa: PTH108 - a Path would be made for nothing else
    return descriptor


def _taken(paper: int) -> list[str]:
    size = os.fstat(paper).st_size
    if size == 0:
        return []
    os.lseek(paper, 0, os.SEEK_SET)
    text = os.read(paper, size).decode(errors="surrogateescape")
    os.lseek(paper, 0, os.SEEK_SET)
    os.ftruncate(paper, 0)
    return text.splitlines(keepends=True)
