"""`ocrpipe evaluate --digits`, with the shipped network."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.cli.conftest import Outcome

Run = Callable[..., Outcome]
SHARED = Path(__file__).parents[3] / "shared"
MNIST = SHARED / "digits" / "mnist" / "t10k-images-idx3-ubyte.gz"
USPS = SHARED / "bench" / "usps" / "zip.train.gz"


@pytest.fixture
def drawn(tmp_path: Path) -> Path:
    """Ten printed digits, dark on light, and a blank 7."""
    folder = tmp_path / "drawn"
    for digit in range(10):
        image = np.full((60, 50), 240, np.uint8)
        cv2.putText(image, str(digit), (8, 48), cv2.FONT_HERSHEY_SIMPLEX, 1.7, 20, 5, cv2.LINE_AA)
        (folder / str(digit)).mkdir(parents=True)
        cv2.imwrite(str(folder / str(digit) / "a.png"), image)
    cv2.imwrite(str(folder / "7" / "blank.png"), np.full((60, 50), 240, np.uint8))
    return folder


def test_digits_are_read_and_counted(ocrpipe: Run, drawn: Path) -> None:
    done = ocrpipe("evaluate", "--digits", drawn, "--json")
    told = json.loads(done.out)
    assert done.code == 0 and done.err == ""
    assert (told["digits"], told["blank"], told["dark_ink"], told["model"]) == (11, 1, True, "lenet5")
    assert told["error"] <= 4 / 11 and sum(map(sum, told["confusion"])) == 11
    assert told["error_interval_95"][0] <= told["error"] <= told["error_interval_95"][1]


def test_the_table_and_the_report(ocrpipe: Run, drawn: Path, tmp_path: Path) -> None:
    done = ocrpipe("evaluate", "--digits", drawn, "--report", tmp_path / "report")
    rows = [line.split()[:2] for line in done.out.splitlines()]
    assert done.code == 0 and ["all", "11"] in rows and ["7", "2"] in rows
    assert "dark ink on light" in done.out and "ECE 0." in done.out and "show nothing: 1" in done.out
    assert (tmp_path / "report" / "confusion.svg").read_text("utf-8").startswith("<svg")
    assert cv2.imread(str(tmp_path / "report" / "worst.png")) is not None
    (tmp_path / "file").write_text("")
    assert ocrpipe("evaluate", "--digits", drawn, "--report", tmp_path / "file").code == 5


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "give RESULTS.parquet and TRUTH.csv, or --digits FILE"),
        (("r.parquet",), "give RESULTS.parquet and TRUTH.csv, or --digits FILE"),
        (("r.parquet", "t.csv", "--digits", "x"), "leave out RESULTS"),
        (("--digits", "x", "--fields", "amount"), "leave out RESULTS"),
        (("r.parquet", "t.csv", "--labels", "x"), "go with --digits"),
        (("r.parquet", "t.csv", "--model", "lenet5"), "go with --digits"),
        (("--digits", "absent"), "absent: no such file"),
        (("--digits", "absent", "--model", "lenet6"), "shipped models: lenet5"),
    ],
)
def test_what_does_not_go_together_is_said(ocrpipe: Run, arguments: tuple[str, ...], words: str) -> None:
    done = ocrpipe("evaluate", *arguments)
    assert done.code == 2 and words in done.err and done.out == ""


@pytest.mark.parametrize(("path", "count"), [(MNIST, 10_000), (USPS, 7_291)])
def test_the_published_sets_are_read(ocrpipe: Run, path: Path, count: int) -> None:
    if not path.is_file():
        pytest.skip("wants the digits of ../shared")
    told = json.loads(ocrpipe("evaluate", "--digits", path, "--json").out)
    assert (told["digits"], told["blank"], told["dark_ink"]) == (count, 0, False)
    assert told["error"] < 0.1
