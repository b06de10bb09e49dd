"""What a review teaches, in numbers: `python -m tests.bench.roundtrip [--stranger nib] [--fields 8000] [--keep DIR]`.

600 amounts in a pen, on a paper and from a scanner that no training has seen (`tests.bench.strangers_drawn`). 200 of
them are read, and reviewed by replaying their truth through the endpoints of the page. From the export, the model is
calibrated anew; taught further; and taught further and calibrated on drawn fields (so many of each kind: `--fields`).
Then the old model and the new ones read the other 400: exact reads, coverage at 1 % (the largest share that could be
accepted with one wrong in a hundred), and what each promise accepts and how many of those are wrong. Nothing here is a
test.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from ocrpipe.evaluation.matching import match, read_results, read_truth
from ocrpipe.evaluation.numbers import clopper_pearson, coverage_at
from ocrpipe.evaluation.summary import evaluate
from tests.bench.line import print_table
from tests.bench.strangers_drawn import STRANGERS, draw_fields
from tests.command import COMMAND
from tests.review.served import Visitor, served

DIGITS = Path(__file__).parents[3] / "shared" / "digits"
PROMISES = (0.01, 0.02, 0.05, 0.1)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--stranger", choices=STRANGERS, default="nib")
    parser.add_argument("--fields", type=int, default=8_000)
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    if not DIGITS.is_dir():
        sys.exit(f"{DIGITS} is not there: nothing to draw from")
    with tempfile.TemporaryDirectory() as folder:
        _tell(options.keep or Path(folder), options.stranger, options.seed, options.fields)


def _tell(folder: Path, stranger: str, seed: int, fields: int) -> None:
    reviewed, others = folder / "reviewed", folder / "others"
    for part in (reviewed, others):
        part.mkdir(parents=True)
    truth = draw_fields(reviewed, DIGITS, stranger, 200, seed)
    draw_fields(others, DIGITS, stranger, 400, seed + 1)
    results = folder / "results.parquet"
    _command("run", f"{reviewed}/*.png", "--as", "amount", "--out", str(results), "--quiet")
    print(f"{review(results, truth)} fields were keyed through the page's endpoints")
    _command("review", str(results), "--audit", "1", "--export")
    export = ["--from-reviews", str(folder / "reviewed.parquet")]
    own = [f"{reviewed}/*.png", *export, "--as", "amount"]
    _command("calibrate", *own, "--out", str(folder / "calibrated"))
    _command("train", *own, "--out", str(folder / "taught"), "--even-if-worse")
    drawn = ["--digits", str(DIGITS), "--calibration-fields", str(fields), "--sheets", "10"]
    _command("train", *own, *drawn, "--out", str(folder / "taught, drawn"), "--even-if-worse")
    models = {"shipped": "lenet5"} | {
        name: str(folder / f"{name}.json") for name in ("calibrated", "taught", "taught, drawn")
    }
    rows = [row for name, model in models.items() for row in _rows(name, model, others, folder)]
    print_table(("model", "promise", "exact", "coverage at 1 %", "ECE", "accepted", "wrong", "95 % interval"), rows)


def review(results: Path, truth: Mapping[str, str]) -> int:
    """Replays the truth through the endpoints, as somebody keys who checks every accepted field, too."""
    keyed = 0
    with served(results, audit=1.0) as doors:
        visitor = Visitor(doors, "replayed")
        while items := visitor.next():
            item = items[0]
            value = truth[item["source"]]
            if visitor.key(item["id"], value)["again"] is not None:
                visitor.key(item["id"], value, confirmed=True)
            keyed += 1
    return keyed


def _rows(name: str, model: str, scans: Path, folder: Path) -> list[tuple[object, ...]]:
    rows = []
    for promise in PROMISES:
        out = folder / f"{name}-{promise}.parquet"
        _command(
            "run", f"{scans}/*.png", "--as", "amount", "--model", model, "--max-error", str(promise), "--out", str(out),
            "--quiet",
        )  # fmt: skip
        matched = match(read_truth(scans / "truth.csv"), read_results(out))
        whole = evaluate(matched).overall
        accepted = [pair for pair in matched.pairs if pair.status in ("accepted", "blank")]
        wrong = sum(not pair.right for pair in accepted)
        low, high = clopper_pearson(wrong, len(accepted))
        rows.append(
            (
                name, f"{promise:.0%}", _percent(whole.exact_share), _percent(coverage_at(whole.curve, 0.01)),
                f"{whole.ece or 0:.3f}",
                f"{len(accepted) / len(matched.pairs):.1%}", str(wrong), f"{low:.1%} – {high:.1%}",
            )
        )  # fmt: skip
    return rows


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"


def _command(*words: str) -> None:
    subprocess.run([*COMMAND, *words], check=True)


if __name__ == "__main__":
    main()
