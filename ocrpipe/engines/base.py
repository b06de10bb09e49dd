"""What every engine does: files in, the rows of each file out.

An engine knows neither templates nor networks. It knows that a line prepares the pages of a file one
by one, that recognition is cheapest over many fields at once, and that no file may cost another its rows.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ocrpipe.clock import Clock
from ocrpipe.codes import Reason
from ocrpipe.engines.threads import ask_for_one_thread
from ocrpipe.errors import OcrpipeError
from ocrpipe.records import ScanFile, Version
from ocrpipe.rows import Context, Decision, FileRows, Prepared, Row

CROPS_AT_ONCE = 2_000
"""Character candidates that are recognised in one forward pass, unless a page has more."""
PAGES_AT_ONCE = 8

_log = logging.getLogger(__name__)


class Line(Protocol):
    """The line from scan to rows; see `pipeline.Line`. It is pickled to workers before its first use."""

    @property
    def clock(self) -> Clock:
        """Where its time goes, by stage."""

    @property
    def fingerprint(self) -> dict[str, str]:
        """Model, calibration and settings, as they are named in the results."""

    def prepare_file(self, file: ScanFile) -> Iterator[list[Prepared]]:
        """The fields of one page after another; a bad scan is a value, not an exception."""

    def recognise(self, batch: list[Prepared]) -> list[Row]:
        """The rows of whole pages, in order, each with the very context of the field that it came from: a MICR line
        makes several, rival places of one field make one."""


class Engine(Protocol):
    def run(self, line: Line, files: Sequence[ScanFile], stopping: Callable[[], bool]) -> Iterator[FileRows]:
        """The rows of every file, as they are completed, in any order; once `stopping`, of what is in hand alone."""


@dataclass(slots=True)
class _Unread:
    """What is known of a file while its pages are on their way."""

    file: ScanFile
    before: Version | None
    rows: list[Row] = field(default_factory=list)
    pages: int = 0
    seconds: Counter[str] = field(default_factory=Counter)
    crash: str | None = None
    changed: bool = False
    """While it was read: it is still being written."""


def read_share(
    line: Line, files: Iterable[ScanFile], sign: Callable[[ScanFile | None], None] = lambda _: None
) -> Iterator[FileRows]:
    """Walks `files` down the line, many pages to a batch, a long file in several batches.

    `sign` is given for life: the file whose next page is to be read, or None where a batch of all is.
    """
    batch: list[tuple[_Unread, Prepared]] = []
    crops = pages = 0
    in_batch: list[_Unread] = []
    for file in files:
        unread = _Unread(file, file.listed or Version.of(file.path))
        in_batch.append(unread)
        for page in _pages_of(line, unread, sign):
            batch += [(unread, prepared) for prepared in page]
            crops += sum(len(prepared.lattice.crops) for prepared in page if prepared.lattice)
            pages += 1
            if crops >= CROPS_AT_ONCE or pages >= PAGES_AT_ONCE:
                sign(None)
                _recognise(line, batch)
                batch, crops, pages = [], 0, 0
        unread.changed = Version.of(file.path) != unread.before
        if not batch:
            yield from map(_finished, in_batch)
            in_batch = []
    sign(None)
    _recognise(line, batch)
    yield from map(_finished, in_batch)


def _pages_of(line: Line, unread: _Unread, sign: Callable[[ScanFile | None], None]) -> Iterator[list[Prepared]]:
    pages = line.prepare_file(unread.file)
    while True:
        sign(unread.file)
        try:
            page = next(pages, None)
        except OcrpipeError:
            raise
        except Exception as error:
            unread.crash = _words(unread.file, error)
            return
        if page is None:
            return
        unread.pages += 1
        unread.seconds.update(line.clock.taken())
        yield page


def _recognise(line: Line, batch: list[tuple[_Unread, Prepared]]) -> None:
    """Rows for a batch; where it fails as a whole, file by file, so that one file costs no other its rows."""
    if not batch:
        return
    try:
        rows = line.recognise([prepared for _, prepared in batch])
    except OcrpipeError:
        raise
    except Exception as error:
        owners = list({id(unread): unread for unread, _ in batch}.values())
        if len(owners) == 1:
            owners[0].crash = _words(owners[0].file, error)
        else:
            for owner in owners:
                _recognise(line, [(unread, prepared) for unread, prepared in batch if unread is owner])
        return
    seconds = {stage: taken / len(batch) for stage, taken in line.clock.taken().items()}
    for unread, _ in batch:
        unread.seconds.update(seconds)
    owner_of = {id(prepared.context): unread for unread, prepared in batch}
    for row in rows:
        owner_of[id(row.context)].rows.append(row)


def _finished(unread: _Unread) -> FileRows:
    if unread.crash is not None:
        return given_up(unread.file, "crashed", unread.crash)
    return FileRows(unread.file, unread.rows, unread.pages, unread.seconds, unread.before, unread.changed)


def _words(file: ScanFile, error: Exception) -> str:
    _log.error("%r stopped the line", file.name, exc_info=error)
    return f"{type(error).__name__}: {error}"


def given_up(file: ScanFile, reason: Reason, detail: str) -> FileRows:
    """The one failed row of a file that stopped the line or killed its worker."""
    version = Version.of(file.path)
    context = Context(file.name, file.sha256(), page=0)
    return FileRows(file, [Row(context, None, Decision("failed", reason, detail, None, None, None))], 0, {}, version)


def one_thread() -> None:
    """Keeps this process to one thread; to be called before the networks are loaded."""
    import cv2

    ask_for_one_thread()
    cv2.setNumThreads(1)
