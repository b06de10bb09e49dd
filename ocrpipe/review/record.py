"""What people decided, for good: who, when, how long, before, after, from which pixels, read by which model.

An append-only table beside the results, in SQLite. Every entry is forced to disk before the call returns, so that
`kill -9` and a power cut lose nothing. A field is named by the hash of its file, so that decisions outlive a batch that
is run again, and hold for every copy of the scan.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterator
from dataclasses import astuple, dataclass, fields, replace
from pathlib import Path
from threading import Lock
from typing import Literal, NamedTuple

from ocrpipe.errors import OutputError, UsageError

Action = Literal["value", "blank", "unreadable", "first", "skip", "undo"]
"""The field says `value`, is blank, or cannot be read by a person either; `first` is what somebody keyed who had not
been shown that the machine reads something else, and was asked once more; `skip` leaves it for later; `undo` takes the
entry `undoes` back."""
VERDICTS: frozenset[Action] = frozenset(("value", "blank", "unreadable"))
"""Actions that say what a field is."""


class FieldKey(NamedTuple):
    """A field of a scan, whatever the scan's name."""

    image_sha256: str
    page: int
    document: int
    field: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that one person did."""

    key: FieldKey
    who: str
    action: Action
    value: str | None = None
    """Canonical, as in the results."""
    undoes: int | None = None
    seconds: float = 0.0
    """From the picture to the key."""
    blind: bool = False
    """Keyed without having seen what the machine, or anybody else, read."""
    source: str = ""
    kind: str = ""
    before: str | None = None
    """The machine's reading."""
    before_status: str = ""
    confidence: float | None = None
    model: str | None = None
    run_id: str | None = None
    at: str = ""
    """ISO 8601, UTC; the record's own clock writes it."""
    number: int = 0
    """In the order of the record; it numbers them itself."""


_COLUMNS = (
    "image_sha256 TEXT NOT NULL, page INTEGER NOT NULL, document INTEGER NOT NULL, field TEXT NOT NULL, "
    "who TEXT NOT NULL, action TEXT NOT NULL, value TEXT, undoes INTEGER, seconds REAL NOT NULL, "
    "blind INTEGER NOT NULL, source TEXT NOT NULL, kind TEXT NOT NULL, before TEXT, before_status TEXT NOT NULL, "
    "confidence REAL, model TEXT, run_id TEXT, at TEXT NOT NULL"
)
_NAMES = [column.split()[0] for column in _COLUMNS.split(", ")]
_SCHEMA = f"""
CREATE TABLE entries (number INTEGER PRIMARY KEY AUTOINCREMENT, {_COLUMNS});
CREATE TRIGGER entries_stay BEFORE UPDATE ON entries BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END;
CREATE TRIGGER entries_remain BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END;
PRAGMA user_version = 1;
"""
_INSERT = f"INSERT INTO entries ({', '.join(_NAMES)}) VALUES ({', '.join('?' * len(_NAMES))})"
_SELECT = f"SELECT {', '.join(_NAMES)}, number FROM entries ORDER BY number"


def record_path(results: Path) -> Path:
    """Where the decisions on `results` are kept.

    >>> record_path(Path("out/results.parquet")).name, record_path(Path("nightly/")).name
    ('results.reviews.sqlite', 'nightly.reviews.sqlite')
    """
    return results.with_name(results.name.removesuffix(".parquet") + ".reviews.sqlite")


class Record:
    """The table of entries, open for one process; threads may share it."""

    def __init__(self, path: Path) -> None:
        """Opens the record `path`, or begins it with access for nobody else.

        Raises
        ------
        UsageError
            Where it is no record of this version.
        OutputError
            Where it cannot be written.
        """
        self.path = path
        self._lock = Lock()
        try:
            path.touch(mode=0o600)
            self._store = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            self._store.execute("PRAGMA journal_mode = WAL")
            self._store.execute("PRAGMA synchronous = FULL")  # in WAL mode, NORMAL would lose the last keystrokes
            (version,) = self._store.execute("PRAGMA user_version").fetchone()
            if version == 0:
                self._store.executescript(f"BEGIN; {_SCHEMA} COMMIT;")
        except sqlite3.DatabaseError as error:
            raise _trouble(path, error) from error
        except OSError as error:
            raise OutputError(f"{path}: cannot be written: {error.strerror}") from error
        if version not in (0, 1):
            raise UsageError(f"{path}: written by a later version of ocrpipe (record version {version}); update it")

    def append(self, entry: Entry) -> Entry:
        """The entry as it stands in the record, on disk, with its number and time."""
        at = dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
        whole = replace(entry, at=at)
        with self._lock:
            try:
                row = self._store.execute(_INSERT, (*whole.key, *astuple(whole)[1:-1]))
            except sqlite3.DatabaseError as error:
                raise _trouble(self.path, error) from error
        assert row.lastrowid is not None
        return replace(whole, number=row.lastrowid)

    def entries(self) -> Iterator[Entry]:
        """All of them, in the order in which they were made."""
        with self._lock:
            rows = self._store.execute(_SELECT).fetchall()
        for sha256, page, document, field, *rest in rows:
            told = dict(zip(_REST, rest, strict=True))
            yield Entry(FieldKey(sha256, page, document, field), **{**told, "blind": bool(told["blind"])})

    def close(self) -> None:
        """Folds the write-ahead log into the file."""
        with self._lock:
            self._store.close()


_REST = [field.name for field in fields(Entry)][1:]


def _trouble(path: Path, error: sqlite3.DatabaseError) -> UsageError | OutputError:
    if isinstance(error, sqlite3.OperationalError):
        return OutputError(f"{path}: cannot be written: {error}")
    return UsageError(f"{path}: expected the record of a review: {error}; restore it, or move it away to begin anew")
