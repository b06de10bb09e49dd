"""Proves that no hostile input costs anything but its own row.

    python -m tests.hostile.prove [FOLDER]

Each input is decoded alone in a process with limits on memory and time; then the whole corpus, with good scans in
between, goes through the real line on two worker processes, and once through the command line. What does not end as the
corpus says is printed, and is the exit status; so is what takes more than its share.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from ocrpipe.engines.processes import ProcessesEngine
from ocrpipe.pipeline import Line
from ocrpipe.records import ScanFile
from ocrpipe.rows import Row
from ocrpipe.scans.sources import find
from ocrpipe.settings import Settings
from tests.hostile.alone import Outcome, decoded_alone
from tests.hostile.cases import REFUSED, Case
from tests.hostile.corpus import cases, write

MOST_SECONDS, MOST_MEMORY = 10.0, 1536 << 20
NOISE = re.compile(r"0x[0-9a-f]{6}|<[A-Za-z.]+ |Error\(|OpenCV\(|Traceback|\n")
"""What is for programmers, in a detail that is for people."""


def complaints_of(case: Case, outcome: Outcome) -> list[str]:
    """What is wrong with how decoding a file by itself ended."""
    said = [f"{reason}: {detail}" for reason, detail in outcome.failures]
    ended = f"{outcome.good} pages and {said[:3]}"
    found = _wording(outcome.failures)
    if outcome.died:
        found.append(f"the process died of {outcome.died}")
    elif case.ending.scan and not case.ending.allows(outcome.good, [reason for reason, _ in outcome.failures]):
        found.append(f"ended in {ended}")
    if outcome.seconds > MOST_SECONDS:
        found.append(f"took {outcome.seconds:.0f} s of the processor")
    if outcome.memory > MOST_MEMORY:
        found.append(f"took {outcome.memory >> 20} MB")
    return found


def _wording(failures: Iterable[tuple[str, str | None]]) -> list[str]:
    return [f"says {detail!r} to people" for _, detail in failures if not detail or NOISE.search(detail)]


def alone(chosen: Sequence[Case], folder: Path) -> dict[str, list[str]]:
    """Complaints by case, each decoded in a process of its own."""
    found = {}
    for case in chosen:
        if case.ending.scan:
            found[case.name] = complaints_of(case, decoded_alone(folder / case.name, Settings()))
    return {name: complaints for name, complaints in found.items() if complaints}


def through_the_line(chosen: Sequence[Case], folder: Path) -> dict[str, list[str]]:
    """Complaints by case after all of them went through the line together, as `ocrpipe run` does it."""
    line = Line.build(Settings(), (), builtin=True, field=None, model="lenet5")
    files = find([str(folder)]).files
    for case in chosen:
        if case.meanwhile is not None:
            case.meanwhile(folder / case.name)
    rows: defaultdict[str, list[Row]] = defaultdict(list)
    for done in ProcessesEngine(2).run(line, files, lambda: False):
        rows[_key(done.file)] += done.rows
    said = {
        name: [(row.context.page, row.decision.reason, row.decision.detail) for row in found]
        for name, found in rows.items()
    }
    return judged(chosen, {_key(file) for file in files}, said)


Said = dict[str, list[tuple[int, str | None, str | None]]]
"""Page, reason and detail of each row, by the file's name."""


def judged(chosen: Sequence[Case], listed: set[str], said: Said) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for case in chosen:
        if not case.ending.scan:
            continue
        rows = said.get(case.name, [])
        failed = [(reason, detail) for _, reason, detail in rows if reason in REFUSED]
        good = {page for page, reason, _ in rows if reason not in (*REFUSED, "crashed")}
        crashed = [detail for _, reason, detail in rows if reason == "crashed"]
        complaints = [f"crashed: {detail}" for detail in crashed] + _wording((str(r), d) for r, d in failed)
        if case.name not in listed:
            complaints.append("was not listed")
        elif not crashed and not case.ending.allows(len(good), [str(reason) for reason, _ in failed]):
            complaints.append(f"ended in rows for {len(good)} pages and {failed[:3]}")
        if complaints:
            found[case.name] = complaints
    for name in sorted(set(said) - {case.name for case in chosen}):
        found[name] = ["has rows, and is no case"]
    return found


def _key(file: ScanFile) -> str:
    """The case's name: the path in the corpus, as the file system decodes it."""
    parts = file.path.parts
    return "/".join(parts[parts.index("corpus") + 1 :])


def through_the_command(folder: Path, out: Path) -> list[str]:
    """Complaints after `ocrpipe run` over the corpus: its exit status, its words and its rows."""
    import pyarrow.parquet as pq

    command = [
        sys.executable,
        "-c",
        "from ocrpipe.cli import main; main()",
        "run",
        str(folder),
        "--out",
        str(out),
        "--jobs",
        "2",
    ]
    ran = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    found = [] if ran.returncode == 4 else [f"exit status {ran.returncode}: {ran.stderr[-500:]}"]
    if "Traceback" in ran.stderr or "libpng" in ran.stderr or "Corrupt JPEG" in ran.stderr:
        found.append(f"says to people: {ran.stderr[-2000:]}")
    if out.exists():
        listed = {file.name for file in find([str(folder)]).files}
        rows = set(pq.read_table(out, columns=["source"])["source"].to_pylist())
        found += [f"{name!r} has no row" for name in sorted(listed - rows)]
    return found


def main(folder: Path) -> int:
    import cv2

    cv2.setNumThreads(1)
    corpus = folder / "corpus"
    corpus.mkdir(parents=True)
    write(cases(), corpus)
    print(f"{len(cases())} hostile inputs in {corpus}")
    steady = tuple(case for case in cases() if case.meanwhile is None)
    wrong = [("alone", name, words) for name, words in alone(steady, corpus).items()]
    print(f"each alone: {len(wrong)} not as they should be", flush=True)
    command = through_the_command(corpus, folder / "results.parquet")
    print(f"the command line: {len(command)} complaints", flush=True)
    together = through_the_line(cases(), corpus)
    print(f"all through the line: {len(together)} not as they should be", flush=True)
    wrong += [("line", name, words) for name, words in together.items()]
    for where, name, words in wrong:
        print(f"{where}: {name!r}: {'; '.join(words)}")
    for words in command:
        print(f"command: {words}")
    return bool(wrong or command)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else temporary)))
