"""What is done: for every source, which content was read with which settings, and how it ended.

A source is done while its content (by hash) and the fingerprint of settings, templates and models are those of its
entry. Size and time of change spare the hashing of files that nobody has touched.
"""

from __future__ import annotations

import datetime as dt
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ocrpipe.errors import UsageError
from ocrpipe.records import ScanFile, Version
from ocrpipe.remote import SCHEME, Remote
from ocrpipe.rows import FileRows

ENTRIES = pa.schema(
    [
        pa.field("source", pa.string(), nullable=False),
        pa.field("path", pa.binary()),
        pa.field("size", pa.int64()),
        pa.field("mtime_ns", pa.int64()),
        pa.field("sha256", pa.string(), nullable=False),
        pa.field("fingerprint", pa.string(), nullable=False),
        pa.field("failed", pa.bool_(), nullable=False),
        pa.field("pages", pa.int32(), nullable=False),
        pa.field("rows", pa.int32(), nullable=False),
        pa.field("run_id", pa.string(), nullable=False),
        pa.field("processed_at", pa.timestamp("us", tz="UTC"), nullable=False),
    ]
)
"""`path` is absolute, in the bytes of the file system, or the URI of an object; it tells a scan that moved from
another one of its name."""
_SETTLED_NS = 2_000_000_000
"""A file changed less than this before it was read may have changed again within the clock's grain."""
_AT_ONCE = 4_096


def entries_of(done: Sequence[FileRows], fingerprint: str, run_id: str, now: dt.datetime) -> pa.Table:
    """One entry a file."""
    return pa.Table.from_pylist(
        [
            {
                "source": one.file.name,
                "path": _place(one.file.path),
                "size": one.version.size if one.version else None,
                "mtime_ns": one.version.mtime_ns if one.version else None,
                "sha256": one.rows[0].context.source_sha256 if one.rows else "",
                "fingerprint": fingerprint,
                "failed": any(row.decision.status == "failed" for row in one.rows),
                "pages": one.pages,
                "rows": len(one.rows),
                "run_id": run_id,
                "processed_at": now,
            }
            for one in done
        ],
        schema=ENTRIES,
    )


@dataclass(slots=True)
class Sifted:
    """What a run finds to do."""

    todo: list[ScanFile] = field(default_factory=list)
    done: int = 0
    """Files that were read before and are the same."""
    young: int = 0
    """Files left for the next run, because they changed a moment ago."""


class Ledger:
    """The latest entry of every source."""

    def __init__(self, tables: Sequence[pa.Table]) -> None:
        """Of tables of `ENTRIES`, of which the later ones hold good."""
        self.entries = _latest(pa.concat_tables([ENTRIES.empty_table(), *tables]).combine_chunks())

    def sift(self, files: Sequence[ScanFile], fingerprint: str, *, retry_failed: bool, min_age_s: float) -> Sifted:
        """Which of `files` are new or changed, or to be tried again.

        UsageError where a name stands for another file than before, and both are still there: the rows of one would
        take the place of the other's.
        """
        sifted = Sifted()
        now_ns = time.time_ns()
        for file, entry in self._with_entries(files):
            version = file.listed or Version.of(file.path)
            if version and 0 <= now_ns - version.mtime_ns < min_age_s * 1e9:
                sifted.young += 1
            elif entry is None or not _same_content(file, version, entry):
                if entry is not None:
                    _check_name(file, entry)
                sifted.todo.append(file)
            elif entry["fingerprint"] != fingerprint or (retry_failed and entry["failed"]):
                sifted.todo.append(file)
            else:
                sifted.done += 1
        return sifted

    def _with_entries(self, files: Sequence[ScanFile]) -> Iterator[tuple[ScanFile, dict[str, Any] | None]]:
        places = pc.index_in(pa.array([file.name for file in files], pa.string()), self.entries["source"])
        for at in range(0, len(files), _AT_ONCE):
            entries = self.entries.take(places[at : at + _AT_ONCE]).to_pylist()
            for file, entry in zip(files[at : at + _AT_ONCE], entries, strict=True):
                yield file, entry if entry["source"] is not None else None


def _same_content(file: ScanFile, version: Version | None, entry: Mapping[str, Any]) -> bool:
    """By size and time, where they can be trusted, else by hash. What could not be read has no hash and is no match."""
    if version is None or not entry["sha256"]:
        return False
    untouched = (version.size, version.mtime_ns) == (entry["size"], entry["mtime_ns"])
    read_ns = entry["processed_at"].timestamp() * 1e9
    return (untouched and read_ns - version.mtime_ns > _SETTLED_NS) or bool(file.sha256() == entry["sha256"])


def _check_name(file: ScanFile, entry: Mapping[str, Any]) -> None:
    before = os.fsdecode(entry["path"])
    there = Remote.named(before) if before.startswith(SCHEME) else Path(before)
    if entry["path"] != _place(file.path) and Version.of(there) is not None:
        raise UsageError(
            f"{file.path}: the results hold rows of {before} under the same name, {file.name}. Read both folders in "
            "one run, which then tells them apart by their folders, or give another --out"
        )


def _place(path: Path | Remote) -> bytes:
    """What tells a scan from another one of its name."""
    return os.fsencode(path.uri if isinstance(path, Remote) else path.absolute())


def superseded(sources: Sequence[pa.Array]) -> Iterator[tuple[int, pa.Array]]:
    """The number of each array some of whose strings a later one has, too, and those strings."""
    together = pa.chunked_array(sources, pa.string())
    owner = np.repeat(np.arange(len(sources)), [len(some) for some in sources])
    lost = np.setdiff1d(np.arange(len(together)), _last_places(together))
    for number in np.unique(owner[lost]):
        yield int(number), together.take(pa.array(lost[owner[lost] == number])).combine_chunks()


def _latest(entries: pa.Table) -> pa.Table:
    """The last entry of each source, in the order of the table."""
    return entries.take(pa.array(_last_places(entries["source"]))).combine_chunks()


def _last_places(strings: pa.ChunkedArray) -> NDArray[np.int64]:
    """Where each of the different strings stands last, ascending."""
    numbered = pa.table({"string": strings, "place": np.arange(len(strings))})
    return np.sort(numbered.group_by("string").aggregate([("place", "max")])["place_max"].to_numpy())
