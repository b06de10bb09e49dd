"""Decodes one file in a process of its own, so that what it takes, and a death, are that file's alone."""

from __future__ import annotations

import json
import os
import resource
import signal
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ocrpipe.records import BadPage, ScanFile
from ocrpipe.scans.decode import decode
from ocrpipe.settings import Settings

MEMORY = 4 << 30
SECONDS = 60


@dataclass(frozen=True)
class Outcome:
    """How decoding a file ended and what it took."""

    good: int
    failures: tuple[tuple[str, str], ...]
    """Reason and detail of each page that failed."""
    died: str
    """How the process ended, where it did not end well."""
    seconds: float
    """Of the processor."""
    memory: int
    """Bytes at the peak beyond what the process began with."""


def decoded_alone(path: Path, settings: Settings) -> Outcome:
    """Decodes `path` in a fork with limits on memory and time."""
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        _work(path, settings, theirs)
    os.close(theirs)
    with os.fdopen(ours, "rb") as pipe:
        said = pipe.read()
    _, status, usage = os.wait4(child, 0)
    code = os.waitstatus_to_exitcode(status)
    died = "" if code == 0 else signal.Signals(-code).name if code < 0 else f"exit {code}"
    told = json.loads(said) if not died else {"good": 0, "failures": [], "begun": usage.ru_maxrss}
    return Outcome(
        told["good"],
        tuple((reason, detail) for reason, detail in told["failures"]),
        died,
        usage.ru_utime + usage.ru_stime,
        max(0, usage.ru_maxrss - told["begun"]) * 1024,
    )


def _work(path: Path, settings: Settings, pipe: int) -> None:
    """The child's life; it never returns."""
    code = 1
    with suppress(BaseException):
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        signal.alarm(SECONDS)
        begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        good, failures = 0, []
        for page in decode(ScanFile(path, path.name), settings):
            if isinstance(page, BadPage):
                failures.append((page.failure.reason, page.failure.detail))
            else:
                good += 1
        os.write(pipe, json.dumps({"good": good, "failures": failures[:5000], "begun": begun}).encode())
        code = 0
    os._exit(code)
