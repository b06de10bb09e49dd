from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from ocrpipe.codes import Status
from ocrpipe.errors import UsageError
from ocrpipe.evaluation.matching import Pair, Result, Truth, canonical, match, read_results, read_truth
from ocrpipe.evaluation.report import worst_errors, write_report
from ocrpipe.evaluation.summary import evaluate, summarise
from tests.builders import row_of, write_results


def result(
    source: str = "a.png",
    field: str | None = "amount",
    value: str | None = "12.00",
    status: Status = "accepted",
    *,
    kind: str = "amount",
    confidence: float | None = 0.9,
    document: int = 0,
    template: str = "check",
) -> Result:
    return Result(source, 0, document, field, kind, template, status, None, value, confidence)


def pair(truth: str, value: str | None, status: Status = "accepted", kind: str = "amount") -> Pair:
    return Pair(Truth("a.png", 0, "amount", truth), result(value=value, status=status, kind=kind))


@pytest.mark.parametrize(
    ("kind", "read", "truth", "equal"),
    [
        ("amount", "1234.50", "1234.5", True),
        ("amount", "1234.50", "1,234.50", True),
        ("amount", "1234.50", "1234.05", False),
        ("amount", "100.00", "100", True),
        ("amount", "1" * 60, "1" * 60, True),
        ("amount", "NaN", "NaN", True),
        ("amount", "12", "Infinity", False),
        ("amount_digits", "0100", "100", False),
        ("zip", "02139", "2139", False),
        ("zip", "02139-1234", "02139-1234", True),
        ("digits", "007", "7", False),
        ("date", "2015-01-15", "2015-01-15", True),
    ],
)
def test_values_are_equal_as_their_kind_is(kind: str, read: str, truth: str, equal: bool) -> None:
    assert (canonical(read, kind) == canonical(truth, kind)) is equal
    assert pair(truth, read, kind=kind).right is equal


def test_a_review_row_may_hold_the_right_value() -> None:
    assert pair("12", "12.00", "review").right


def test_a_blank_truth_wants_the_status_blank() -> None:
    assert pair("", None, "blank").right
    assert not pair("", None, "review").right
    assert not pair("", "1.00", "accepted").right
    assert not pair("1", None, "blank").right


def test_the_truth_is_the_denominator() -> None:
    truths = [
        Truth("a.png", 0, "amount", "12"),
        Truth("a.png", 0, "micr", "123", "micr"),
        Truth("b.png", 0, "zip", "1"),
    ]
    matched = match(truths, [result(), result(field=None), result("c.png", "zip", kind="zip")])
    assert len(matched.pairs) == 3 and matched.extra == 1 and matched.unclaimed == ("micr",)
    found = evaluate(matched)
    assert (found.overall.fields, found.overall.exact, found.overall.missing) == (3, 1, 2)
    assert {kind: s.exact for kind, s in found.kinds.items()} == {"amount": 1, "micr": 0, "unknown": 0}
    assert list(found.templates) == ["check", "none"]


def test_chosen_fields_restrict_both_sides() -> None:
    truths = [Truth("a.png", 0, "amount", "12"), Truth("a.png", 0, "micr", "123")]
    matched = match(truths, [result(), result(field="zip")], fields={"amount"})
    assert len(matched.pairs) == 1 and matched.extra == 0 and matched.unclaimed == ()


def test_documents_of_one_page_come_in_order() -> None:
    truths = [Truth("a.png", 0, "amount", "1"), Truth("a.png", 0, "amount", "2"), Truth("a.png", 0, "amount", "3")]
    matched = match(truths, [result(value="2.00", document=1), result(value="1.00", document=0)])
    assert [p.right for p in matched.pairs] == [True, True, False]
    assert matched.pairs[2].result is None


def test_the_numbers_of_a_small_batch_by_hand() -> None:
    pairs = [
        Pair(Truth("1", 0, "amount", "10.00"), result(value="10.00", confidence=0.99)),
        Pair(Truth("2", 0, "amount", "20.00"), result(value="21.00", confidence=0.97)),
        Pair(Truth("3", 0, "amount", "30"), result(value="30.00", status="review", confidence=0.6)),
        Pair(Truth("4", 0, "amount", ""), result(value=None, status="blank", confidence=0.95)),
        Pair(Truth("5", 0, "amount", "5.00"), result(value=None, status="blank", confidence=0.9)),
        Pair(Truth("6", 0, "amount", ""), result(value="1.00", status="review", confidence=0.4)),
        Pair(Truth("7", 0, "amount", "7.00"), None),
    ]
    s = summarise(pairs)
    assert (s.fields, s.missing, s.exact, s.accepted, s.accepted_wrong) == (7, 1, 3, 2, 1)
    assert (s.blank_precision, s.blank_recall) == (0.5, 0.5)
    assert s.accepted_error == 0.5 and s.accepted_error_interval == (
        pytest.approx(0.0126, abs=1e-4),
        pytest.approx(0.9874, abs=1e-4),
    )
    assert (s.digits, s.digit_edits) == (4 + 4 + 4 + 3 + 3, 1 + 3 + 3 + 3)
    assert s.curve[-1].coverage == pytest.approx(6 / 7)
    assert s.aurc == pytest.approx((0 + 1 / 2 + 1 / 3 + 2 / 4 + 2 / 5 + 3 / 6 + 4 / 7) / 7)
    json.dumps(evaluate(match([], [])).as_json(), allow_nan=False)


def test_truth_tables_are_read_as_they_come(tmp_path: Path) -> None:
    table = tmp_path / "truth.csv"
    table.write_bytes('\ufefffile,page,layout,field,value\n./a b.png,1,x,amount, 12.5 \n"c,\n.png",0,x,zip,\n'.encode())
    assert read_truth(table) == [Truth("a b.png", 1, "amount", "12.5"), Truth("c,\n.png", 0, "zip", "")]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"file,page,value\n", "missing: field"),
        (b"", "missing: file, page, field, value"),
        (b"file,page,field,value\na,one,amount,1\n", "line 2: page: expected a whole number, got 'one'"),
        (b"file,page,field,value\na,1\n", "line 2: expected file, page, field and value"),
        (b"file,page,field,value\n\xff,1,a,1\n", "UTF-8"),
    ],
)
def test_a_bad_truth_table_is_named(tmp_path: Path, content: bytes, words: str) -> None:
    table = tmp_path / "truth.csv"
    table.write_bytes(content)
    with pytest.raises(UsageError, match=r"truth\.csv") as caught:
        read_truth(table)
    assert words in str(caught.value)


@pytest.mark.parametrize("content", [None, b"", b"file,page,field,value\n"])
def test_results_that_are_none_are_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "r.parquet"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UsageError, match=r"r\.parquet"):
        read_results(path)


def test_the_report_shows_the_surest_errors_and_escapes_names(tmp_path: Path) -> None:
    out, bad = tmp_path / "r.parquet", "<script>alert(1)</script>.png"
    picture = np.zeros((10, 20), np.uint8)
    rows = [
        row_of(bad, value="21.00", confidence=0.999, picture=picture),
        row_of("b.png", value="<b>", confidence=0.5),
        row_of("c.png", value="5.00", confidence=0.7),
    ]
    write_results(out, rows, crops="all")
    truths = [Truth(bad, 0, "amount", "20"), Truth("b.png", 0, "amount", "2"), Truth("c.png", 0, "amount", "5")]
    matched = match(truths, read_results(out))
    assert [p.truth.file for p in worst_errors(matched.pairs)] == [bad, "b.png"]
    write_report(tmp_path / "report", evaluate(matched), matched, out)
    page = (tmp_path / "report" / "index.html").read_text("utf-8")
    assert "<script>" not in page and "<b>" not in page and "&lt;script&gt;" in page
    assert page.count("data:image/png;base64,") == 1
    assert page.index("0.9990") < page.index("0.5000")
    for name in ("risk_coverage.svg", "reliability.svg"):
        assert (tmp_path / "report" / name).read_text("utf-8").startswith("<svg")
