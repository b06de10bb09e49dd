"""`ocrpipe evaluate`: results against the truth."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ocrpipe.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ocrpipe.evaluation.matching import Result, Truth
    from ocrpipe.evaluation.summary import Evaluation, Summary

_TEXT = ("template", "kind")
_NUMBERS = (
    "fields", "missing", "exact", "accepted", "wrong among accepted", "95 % interval", "blank precision",
    "blank recall", "digit error", "ECE", "AURC", "coverage at 1 %",
)  # fmt: skip


def evaluate(
    results: Annotated[Path, typer.Argument(help="What `ocrpipe run` wrote.", metavar="RESULTS.parquet")],
    truth: Annotated[Path, typer.Argument(help="A table with the columns file,page,field,value.", metavar="TRUTH.csv")],
    fields: Annotated[
        str | None, typer.Option(help="Only these fields of the truth.", metavar="NAME[,NAME]...")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, with the curves.")] = False,
    report: Annotated[
        Path | None, typer.Option(help="Write the curves and the worst errors here.", metavar="DIR")
    ] = None,
) -> None:
    """Say how right RESULTS are, per kind and template.

    Every row of the truth counts: a missing result is a miss. An empty value means that the field is blank.
    "exact" takes the best value of a row, whether it was accepted or sent to review.

    \b
        ocrpipe evaluate results.parquet truth.csv --report report/
    """
    from ocrpipe.evaluation import summary
    from ocrpipe.evaluation.matching import match, read_results, read_truth

    truths, found = read_truth(truth), read_results(results)
    _check_names(truths, found, truth, results)
    names = frozenset(name.strip() for name in (fields or "").split(",")) - {""}
    unknown = names - {row.field for row in truths}
    if unknown:
        raise UsageError(f"--fields: {truth} has no field {', '.join(sorted(unknown))}")
    matched = match(truths, found, names)
    evaluation = summary.evaluate(matched)
    if report:
        from ocrpipe.evaluation.report import write_report
        from ocrpipe.results.writer import crops_path

        write_report(report, evaluation, matched, crops_path(results))
    if as_json:
        print(json.dumps(evaluation.as_json(), indent=1, allow_nan=False))
    else:
        _print(evaluation)


def _check_names(truths: list[Truth], found: list[Result], truth: Path, results: Path) -> None:
    """Results of another folder would be all misses: an operator's mistake, not a measurement."""
    if truths and found and not {row.file for row in truths} & {row.source for row in found}:
        raise UsageError(
            f"no file of {truth} is in {results}: the truth says {truths[0].file!r}, the results {found[0].source!r}; "
            "names in the truth are relative to the SOURCE of the run"
        )


def _print(evaluation: Evaluation) -> None:
    from ocrpipe.cli.tables import print_table

    print_table((*_TEXT, *_NUMBERS), _lines(evaluation), right=_NUMBERS)
    if evaluation.extra:
        print(f"{evaluation.extra} result rows are for fields that the truth does not have.")
    if evaluation.unclaimed:
        print(f"No result row claims these fields of the truth, all misses: {', '.join(evaluation.unclaimed)}.")


def _lines(evaluation: Evaluation) -> Iterator[list[str]]:
    for template, kinds in evaluation.templates.items():
        for kind, summary in kinds.items():
            yield [template, kind, *_cells(summary)]
    for kind, summary in evaluation.kinds.items():
        yield ["all", kind, *_cells(summary)]
    yield ["all", "all", *_cells(evaluation.overall)]


def _cells(summary: Summary) -> list[str]:
    from ocrpipe.evaluation.numbers import coverage_at

    low, high = summary.accepted_error_interval
    return [
        str(summary.fields),
        str(summary.missing),
        _percent(summary.exact_share),
        _percent(summary.accepted_share),
        _percent(summary.accepted_error),
        f"{low:.1%} – {high:.1%}" if summary.accepted else "–",
        _percent(summary.blank_precision),
        _percent(summary.blank_recall),
        _percent(summary.digit_error),
        "–" if summary.ece is None else f"{summary.ece:.3f}",
        "–" if summary.aurc is None else f"{summary.aurc:.3f}",
        _percent(coverage_at(summary.curve, 0.01)),
    ]


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"
