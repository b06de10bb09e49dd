"""The rates that docs/scaling.md counts with: `python -m tests.bench.scaling FOLDER`.

CPU seconds, rows and bytes a file of FOLDER, on one core with the networks loaded; then the ledger of a million
made-up entries: its size, and what it takes to open it and to find every file in it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import resource
import sys
import tempfile
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from ocrpipe.engines.base import one_thread
from ocrpipe.engines.serial import SerialEngine
from ocrpipe.pipeline import Line
from ocrpipe.records import ScanFile, Version
from ocrpipe.results.ledger import ENTRIES, Ledger
from ocrpipe.results.output import Output
from ocrpipe.results.schema import Stamp
from ocrpipe.results.store import Store
from ocrpipe.scans.sources import find
from ocrpipe.settings import Settings

ENTRIES_MADE = 1_000_000


def never() -> bool:
    return False


def reading(folder: str) -> None:
    """What a file costs."""
    line = Line.build(Settings(), (), builtin=True, field=None, model="lenet5")
    files = find([folder]).files
    list(SerialEngine().run(line, files[:4], never))  # loads the networks
    with tempfile.TemporaryDirectory() as out:
        stamp = Stamp.now(0.01, "m", "c")
        store = Store(Output.named(f"{out}/r/"), stamp, crops="review", fingerprint={"model": "m"}, overwrite=False)
        rows, start = 0, time.process_time()
        for done in SerialEngine().run(line, files, never):
            rows += len(done.rows)
            store.add(done)
        store.finish()
        seconds = time.process_time() - start
        of_rows, of_pictures = (
            sum(path.stat().st_size for path in Path(out).glob(f"{name}/*/*.parquet")) for name in ("r", "r.crops")
        )
    scans, count = sum(Version.of(file.path).size for file in files), len(files)  # type: ignore[union-attr]
    print(f"{count} files of {scans / count / 1e3:.0f} kB: {seconds / count:.3f} CPU s, {rows / count:.1f} rows, "
          f"{of_rows / count / 1e3:.1f} kB of rows, {of_pictures / count / 1e3:.1f} kB of pictures a file; "
          f"memory {memory_mb()} MB")  # fmt: skip


def ledger() -> None:
    """What a million files weigh that are done."""
    now, mtime_ns = dt.datetime.now(dt.UTC), 1_795_000_000_000_000_000
    names = [f"2026-11-21/branch-{i % 400:03}/{i:08}.tif" for i in range(ENTRIES_MADE)]
    files = [
        ScanFile(Path("/scans") / name, name, Version(20_000 + i * 7919 % 70_000, mtime_ns + i * 86_400_019))
        for i, name in enumerate(names)
    ]
    fingerprint = f"lenet5@0123456789ab micr@0123456789ab drawn {'0' * 64}"
    table = pa.table(
        {
            "source": names,
            "path": [str(file.path).encode() for file in files],
            "size": [file.listed.size for file in files if file.listed],
            "mtime_ns": [file.listed.mtime_ns for file in files if file.listed],
            "sha256": [hashlib.sha256(name.encode()).hexdigest() for name in names],
            "fingerprint": [fingerprint] * ENTRIES_MADE,
            "failed": [False] * ENTRIES_MADE,
            "pages": [1] * ENTRIES_MADE,
            "rows": [5 + i % 6 for i in range(ENTRIES_MADE)],
            "run_id": [Stamp.now(0.01, "m", "c").run_id] * ENTRIES_MADE,
            "processed_at": [now + dt.timedelta(seconds=i // 12) for i in range(ENTRIES_MADE)],
        }
    ).cast(ENTRIES)
    with tempfile.NamedTemporaryFile() as file:
        pq.write_table(table, file.name, compression="zstd", row_group_size=32_768)
        size = Path(file.name).stat().st_size
        start = time.process_time()
        opened = Ledger([pq.read_table(file.name).cast(ENTRIES)])
        open_s, start = time.process_time() - start, time.process_time()
        done = opened.sift(files, fingerprint, retry_failed=False, min_age_s=0).done
    print(f"ledger of {done} files: {size / 1e6:.0f} MB in its file, {opened.entries.nbytes / 1e6:.0f} MB in memory, "
          f"opened in {open_s:.1f} CPU s, sifted in {time.process_time() - start:.1f}; "
          f"memory {memory_mb()} MB")  # fmt: skip


def memory_mb() -> int:
    """The most that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    one_thread()
    reading(sys.argv[1])
    ledger()
