"""`--report DIR`: the curves, and a page of the worst errors with their pictures.

The most confident wrong ones come first: they are what a threshold cannot hold back.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

from ocrpipe.errors import OutputError
from ocrpipe.evaluation.matching import Matched, Pair, Result
from ocrpipe.evaluation.summary import Evaluation, Summary, thinned
from ocrpipe.evaluation.svg import Series, chart
from ocrpipe.results.reading import CropKey, read_pictures

WORST = 60

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>ocrpipe: evaluation</title>
<style>
body {{ font: 15px/1.4 sans-serif; margin: 2em; color: #222; }}
table {{ border-collapse: collapse; }} td, th {{ padding: .3em .8em; border-bottom: 1px solid #ddd; text-align: left; }}
td.number {{ text-align: right; font-variant-numeric: tabular-nums; }} code {{ font-size: 15px; }}
img {{ max-height: 72px; max-width: 480px; border: 1px solid #bbb; }} small {{ color: #666; }}
</style></head><body>
<h1>{title}</h1>
<p>{words}</p>
<p>{risk_coverage}{reliability}</p>
<h2>The worst errors</h2>
<p>Wrong readings, the most confident first ({shown} of {wrong}).</p>
<table><tr><th>picture<th>read<th>truth<th>confidence<th>status<th>field<th>where</tr>
{rows}
</table></body></html>
"""


def write_report(folder: Path, evaluation: Evaluation, matched: Matched, results: Path) -> None:
    """Writes index.html, risk_coverage.svg and reliability.svg; the pictures of `results` may be gone."""
    worst = worst_errors(matched.pairs)
    pictures = read_pictures(results, {_crop_key(pair.result) for pair in worst[:WORST] if pair.result})
    curves, bins = risk_coverage_chart(evaluation), reliability_chart(evaluation.overall)
    page = _PAGE.format(
        title="Evaluation",
        words=_words(evaluation.overall),
        risk_coverage=curves,
        reliability=bins,
        shown=min(WORST, len(worst)),
        wrong=len(worst),
        rows="\n".join(_row(pair, pictures) for pair in worst[:WORST]),
    )
    try:
        folder.mkdir(exist_ok=True)
        for name, text in (("index.html", page), ("risk_coverage.svg", curves), ("reliability.svg", bins)):
            (folder / name).write_text(text, "utf-8")
    except OSError as error:
        raise OutputError(f"{folder}: cannot be written: {error.strerror}") from error


def worst_errors(pairs: Sequence[Pair]) -> list[Pair]:
    """Wrong ones with a confidence, the surest first."""
    wrong = [pair for pair in pairs if not pair.right and pair.confidence is not None]
    return sorted(wrong, key=lambda pair: (-(pair.confidence or 0.0), pair.truth.key))


def risk_coverage_chart(evaluation: Evaluation) -> str:
    """Risk against coverage, overall and for each kind."""
    groups = {"all": evaluation.overall, **(evaluation.kinds if len(evaluation.kinds) > 1 else {})}
    series = [
        Series(name, [(point.coverage, point.risk) for point in thinned(summary.curve)])
        for name, summary in groups.items()
        if summary.curve
    ]
    highest = max((point.risk for summary in groups.values() for point in summary.curve), default=0.0)
    return chart("Risk and coverage", "share accepted", "share wrong among accepted", series, 1.0, max(highest, 0.01))


def reliability_chart(summary: Summary) -> str:
    """Accuracy against confidence in equal-mass bins; on the diagonal the machine knows what it knows."""
    points = [(b.confidence, b.accuracy) for b in summary.bins]
    diagonal = Series("ideal", [(0.0, 0.0), (1.0, 1.0)], dashed=True)
    return chart("Reliability", "confidence", "share right", [Series("bins", points, dots=True), diagonal], 1.0, 1.0)


def _crop_key(result: Result) -> CropKey:
    return result.source, result.page, result.document, result.field


def _row(pair: Pair, pictures: Mapping[CropKey, bytes]) -> str:
    png = pictures.get(_crop_key(pair.result)) if pair.result else None
    picture = f'<img alt="" src="data:image/png;base64,{base64.b64encode(png).decode()}">' if png else "–"
    cells = [
        picture,
        f"<code>{escape(pair.value or '–')}</code>",
        f"<code>{escape(pair.truth.value or '(blank)')}</code>",
        f"{pair.confidence:.4f}",
        escape(pair.status),
        f"{escape(pair.truth.field)} <small>{escape(pair.kind)}</small>",
        f"{escape(pair.truth.file)}, page {pair.truth.page} <small>{escape(pair.template)}</small>",
    ]
    return "<tr>" + "".join(f"<td>{cell}" for cell in cells) + "</tr>"


def _words(summary: Summary) -> str:
    words = f"{summary.exact} of {summary.fields} fields read exactly; {summary.accepted} accepted"
    if summary.accepted:
        low, high = summary.accepted_error_interval
        words += f", {summary.accepted_wrong} of them wrong (95 % interval {low:.2%} to {high:.2%})"
    return words + "."
