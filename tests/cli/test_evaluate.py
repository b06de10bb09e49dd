from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Outcome

Run = Callable[..., Outcome]
TRUTH = """file,page,layout,field,kind,value
a.png,0,x,amount,amount,12.5
a.png,0,x,zip,zip,02138
a.png,0,x,micr,micr,123
sub/b.png,0,x,amount,amount,12.50
"""


@pytest.fixture
def results(ocrpipe: Run, scans: Path, tmp_path: Path) -> Path:
    out = tmp_path / "r.parquet"
    assert ocrpipe("run", scans, "--out", out, "--engine", "serial", "--quiet").code == 0
    return out


@pytest.fixture
def truth(tmp_path: Path) -> Path:
    path = tmp_path / "truth.csv"
    path.write_text(TRUTH)
    return path


def test_json_holds_the_numbers(ocrpipe: Run, results: Path, truth: Path) -> None:
    done = ocrpipe("evaluate", results, truth, "--json")
    found = json.loads(done.out)
    assert done.code == 0 and done.err == ""
    assert found["overall"]["fields"] == 4 and found["overall"]["exact"] == 2 and found["overall"]["missing"] == 1
    assert found["kinds"]["amount"]["exact_share"] == 1.0
    assert found["templates"]["check"]["zip"]["accepted_error"] == 1.0
    assert found["extra_rows"] == 1 and found["fields_without_rows"] == ["micr"]


def test_the_table_says_the_same(ocrpipe: Run, results: Path, truth: Path) -> None:
    done = ocrpipe("evaluate", results, truth)
    lines = [line.split() for line in done.out.splitlines()]
    assert ["all", "all", "4", "1", "50.0%", "75.0%", "33.3%"] in [line[:7] for line in lines]
    assert "all misses: micr" in done.out and "1 result rows are for fields" in done.out


def test_fields_restrict_the_truth(ocrpipe: Run, results: Path, truth: Path) -> None:
    found = json.loads(ocrpipe("evaluate", results, truth, "--json", "--fields", "amount,zip").out)
    assert found["overall"]["fields"] == 3 and found["fields_without_rows"] == []
    done = ocrpipe("evaluate", results, truth, "--fields", "amout")
    assert done.code == 2 and "has no field amout" in done.err


def test_the_report_is_written(ocrpipe: Run, results: Path, truth: Path, tmp_path: Path) -> None:
    assert ocrpipe("evaluate", results, truth, "--report", tmp_path / "report").code == 0
    assert "02138" in (tmp_path / "report" / "index.html").read_text("utf-8")


def test_the_truth_of_other_files_is_a_mistake(ocrpipe: Run, results: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text("file,page,field,value\nscans/a.png,0,amount,1\n")
    done = ocrpipe("evaluate", results, other)
    assert done.code == 2 and "'scans/a.png'" in done.err and "'a.png'" in done.err


def test_show_prints_rows(ocrpipe: Run, results: Path, tmp_path: Path) -> None:
    done = ocrpipe("show", results, "--rows", "3")
    assert done.out.count("0.9800") == 3 and "3 of 4 rows" in done.out
    (tmp_path / "no.parquet").write_text("no")
    assert ocrpipe("show", tmp_path / "no.parquet").code == 2
    assert ocrpipe("show", tmp_path / "absent.parquet").code == 2
