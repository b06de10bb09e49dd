"""`ocrpipe evaluate`: results against the truth, or the network against single digits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ocrpipe.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from ocrpipe.evaluation.digit_sets import DigitSet
    from ocrpipe.evaluation.digits import DigitFigures
    from ocrpipe.evaluation.matching import Result, Truth
    from ocrpipe.evaluation.summary import Evaluation, Summary
    from ocrpipe.reading.model import Card

_TEXT = ("template", "kind")
_NUMBERS = (
    "fields", "missing", "exact", "accepted", "wrong among accepted", "95 % interval", "blank precision",
    "blank recall", "digit error", "ECE", "AURC", "coverage at 1 %",
)  # fmt: skip


_DIGIT_NUMBERS = ("count", "wrong", "error", "95 % interval")
_MOST_CONFUSED = 10


def evaluate(
    results: Annotated[
        Path | None, typer.Argument(help="What `ocrpipe run` wrote.", metavar="RESULTS.parquet", show_default=False)
    ] = None,
    truth: Annotated[
        Path | None,
        typer.Argument(help="A table with the columns file,page,field,value.", metavar="TRUTH.csv", show_default=False),
    ] = None,
    fields: Annotated[
        str | None, typer.Option(help="Only these fields of the truth.", metavar="NAME[,NAME]...")
    ] = None,
    digits: Annotated[
        Path | None,
        typer.Option(
            help="Instead of RESULTS and TRUTH: an IDX file of pictures, USPS or LIBSVM text, or a folder with "
            "pictures in the folders 0 to 9.",
            metavar="FILE",
        ),
    ] = None,
    labels: Annotated[
        Path | None,
        typer.Option(help="With --digits: the IDX labels, where they are not named as MNIST's.", metavar="FILE"),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(help="With --digits: the network that reads them; lenet5 if not given.", metavar="NAME_OR_FILE"),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, with curves and matrix.")] = False,
    report: Annotated[
        Path | None, typer.Option(help="Write curves or matrix, and the worst errors, here.", metavar="DIR")
    ] = None,
) -> None:
    """Say how right RESULTS are, per kind and template.

    Every row of the truth counts: a missing result is a miss. An empty value means that the field is blank.
    "exact" takes the best value of a row, whether it was accepted or sent to review.

    \b
        ocrpipe evaluate results.parquet truth.csv --report report/

    With --digits, say how well the network tells single digits: ten classes, nothing sent to review.

    \b
        ocrpipe evaluate --digits t10k-images-idx3-ubyte.gz --report digits/
    """
    if digits is not None:
        if results is not None or fields is not None:
            raise UsageError("--digits brings its own truth; leave out RESULTS, TRUTH and --fields, or --digits")
        _evaluate_digits(digits, labels, model, report, as_json=as_json)
        return
    if results is None or truth is None:
        raise UsageError("nothing to evaluate; give RESULTS.parquet and TRUTH.csv, or --digits FILE")
    if labels is not None or model is not None:
        raise UsageError("--labels and --model go with --digits FILE; leave them out")
    _evaluate_results(results, truth, fields, report, as_json=as_json)


def _evaluate_results(results: Path, truth: Path, fields: str | None, report: Path | None, *, as_json: bool) -> None:
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

        write_report(report, evaluation, matched, results)
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


def _evaluate_digits(path: Path, labels: Path | None, model: str | None, report: Path | None, *, as_json: bool) -> None:
    from ocrpipe.evaluation.digit_sets import read_digits
    from ocrpipe.evaluation.digits import figures
    from ocrpipe.reading.model import DEFAULT_MODEL, load_card

    card = load_card(model or DEFAULT_MODEL)
    digits = read_digits(path, labels)
    found = figures(digits.labels, _probabilities(digits, card))
    if report:
        from ocrpipe.evaluation.digit_report import write_digit_report

        write_digit_report(report, found, digits.images)
    blank = sum(not image.any() for image in digits.images)
    if as_json:
        told = {"set": str(path), "model": card.name, "dark_ink": digits.dark_ink, "blank": blank}
        print(json.dumps(told | found.as_json(digits.names), indent=1, allow_nan=False))
    else:
        ink = "dark ink on light" if digits.dark_ink else "light ink on dark"
        print(f"{path}, {ink}, read by {card.name}")
        _print_digits(found)
        if blank:
            print(f"Pictures that show nothing: {blank}. The network guessed, and they count.")


def _probabilities(digits: DigitSet, card: Card) -> NDArray[np.float64]:
    """(N, 10) of the network on digits brought to its crop as it was taught; of an empty crop where there is no ink."""
    import numpy as np

    from ocrpipe.digits import ink_box
    from ocrpipe.reading.classify import Classifier
    from ocrpipe.reading.segment import CROP, fit_crop

    crops = np.zeros((len(digits.images), CROP, CROP), np.uint8)
    for crop, image in zip(crops, digits.images, strict=True):
        if image.any():
            crop[:] = fit_crop(ink_box(image))
    return Classifier.from_file(card.weights).digit_probabilities(crops, card.digit_temperature)


def _print_digits(found: DigitFigures) -> None:
    from ocrpipe.cli.tables import print_table
    from ocrpipe.evaluation.numbers import clopper_pearson

    counts = {str(digit): found.of_digit(digit) for digit in range(10)} | {"all": (found.count, found.wrong)}
    rows = []
    for digit, (count, wrong) in counts.items():
        low, high = clopper_pearson(wrong, count)
        error = (f"{wrong / count:.2%}", f"{low:.2%} – {high:.2%}") if count else ("–", "–")
        rows.append([digit, str(count), str(wrong), *error])
    print_table(("digit", *_DIGIT_NUMBERS), rows, right=_DIGIT_NUMBERS)
    pairs = found.most_confused()[:_MOST_CONFUSED]
    if pairs:
        print("Most confused: " + ", ".join(f"{pair.label} → {pair.guess} ({pair.count})" for pair in pairs) + ".")
    print(f"ECE {found.ece:.4f}")
