"""Events of a run as JSON, one object a line on stderr, for whatever collects logs.

No event holds a value that was read, a runner-up or a text: logs travel further than results. What a failure says of a
field that its template calls sensitive is left out.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
import sys
import traceback
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from ocrpipe.operation.report import Report, Run
from ocrpipe.operation.summary import comparison_of, control_totals_of, counts_of, statuses_of
from ocrpipe.rows import Row

_JSON_WANTED = "OCRPIPE_LOG_JSON"
"""Tells worker processes, which inherit it, what `listening` was told."""
_EVENTS = logging.getLogger("ocrpipe.events")


@contextmanager
def listening(*, json: bool, quiet: bool) -> Iterator[None]:
    """What is logged goes to stderr, also that of worker processes: all of it as events, or ocrpipe's own as words for
    people, who want errors alone when it is to be quiet. What a library says of a bad scan names no file, and the
    scan's row says it better."""
    handler = _handler(json)
    handler.setLevel(logging.ERROR if quiet and not json else logging.NOTSET)
    logging.getLogger().addHandler(handler)
    logging.captureWarnings(True)
    before = _EVENTS.level
    _EVENTS.setLevel(logging.INFO)
    if json:
        os.environ[_JSON_WANTED] = "1"
    try:
        yield
    finally:
        os.environ.pop(_JSON_WANTED, None)
        _EVENTS.setLevel(before)
        logging.captureWarnings(False)
        logging.getLogger().removeHandler(handler)


def listen_as_parent() -> None:
    """In a worker process: logs as the process does that started it."""
    logging.getLogger().addHandler(_handler(_JSON_WANTED in os.environ))
    logging.captureWarnings(True)


def _handler(json: bool) -> logging.Handler:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Json() if json else logging.Formatter("ocrpipe: %(message)s"))
    if not json:
        handler.addFilter(logging.Filter("ocrpipe"))
    return handler


def tell(event: str, told: Mapping[str, Any], level: int = logging.INFO) -> None:
    """One event; `listening` to JSON comes first."""
    _EVENTS.log(level, event, extra={"told": told})


class _Json(logging.Formatter):
    """A log record as one line."""

    def format(self, record: logging.LogRecord) -> str:
        at = dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds")
        line: dict[str, Any] = {"time": at, "level": record.levelname.lower()}
        if record.name == _EVENTS.name:
            line |= {"event": record.msg, **getattr(record, "told", {})}
        else:
            line |= {"event": "log", "logger": record.name, "message": record.getMessage()}
        if record.exc_info:
            line["traceback"] = "".join(traceback.format_exception(*record.exc_info))
        return json.dumps(line, default=str)


def tell_run(run: Run, files: int) -> None:
    """What begins."""
    about = {"run_id": run.run_id, "results": str(run.results), "model": run.model, "calibration": run.calibration}
    tell("run", about | {"max_error": run.max_error, "files": files})


def tell_file(name: str, rows: Sequence[Row], pages: int, seconds: Mapping[str, float]) -> None:
    """A file that is done, after what went wrong in it."""
    tell_failures(rows)
    reasons = Counter(row.decision.reason for row in rows if row.decision.reason)
    about = {
        "source": name,
        "pages": pages,
        "rows": statuses_of(Counter(row.decision.status for row in rows)),
        "reasons": dict(sorted(reasons.items())),
        "seconds": {stage: round(taken, 4) for stage, taken in seconds.items()},
    }
    tell("file", about)


def tell_failures(rows: Sequence[Row]) -> None:
    """One event for all fields of a sheet that failed for the same reason."""
    for told in _failures(rows):
        tell("failure", told, logging.WARNING)


def _failures(rows: Sequence[Row]) -> Iterator[dict[str, Any]]:
    fields: dict[tuple[Any, ...], list[str]] = {}
    for row in rows:
        context, decision = row.context, row.decision
        if decision.status == "failed":
            detail = None if row.spec and row.spec.sensitive else decision.detail
            cause = context.source, context.page, context.document, context.template, decision.reason, detail
            fields.setdefault(cause, []).extend([row.spec.name] if row.spec else [])
    for cause, names in fields.items():
        yield dict(zip(("source", "page", "document", "template", "reason", "detail"), cause, strict=True)) | {
            "fields": names
        }


def tell_done(report: Report) -> None:
    """What the run has come to, after what has drifted."""
    for level, differences in ((logging.WARNING, report.drift.warnings), (logging.INFO, report.drift.notes)):
        for one in differences:
            tell("drift", {"message": one.words} | comparison_of(one), level)
    tell(
        "done",
        {
            "run_id": report.run and report.run.run_id,
            "exit_status": report.exit_status,
            "error": report.error,
            "seconds": round(report.seconds, 3),
            **counts_of(report.totals),
            "control_totals": control_totals_of(report.totals),
        },
        logging.ERROR if report.error else logging.INFO,
    )
