"""`ocrpipe train --from-reviews`, over real forms: what is written, and when nothing is."""

from __future__ import annotations

import csv
import hashlib
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ocrpipe import cli
from ocrpipe.cli import train_reviews
from ocrpipe.geometry import Box, identity
from ocrpipe.looks import lattice_of
from ocrpipe.pipeline import Line
from ocrpipe.reading.decide import FEATURE_NAMES
from ocrpipe.reading.model import load_card
from ocrpipe.reading.networks.lenet5 import LeNet
from ocrpipe.reading.networks.sdnn import Sdnn
from ocrpipe.reading.networks.shapes import ShapeNet
from ocrpipe.records import FieldImage, FieldSpec, ScanFile
from ocrpipe.rows import Reading
from ocrpipe.settings import Settings
from ocrpipe.training.confirmed import Confirmed, confirmed
from ocrpipe.training.crossfit import Relearnt
from ocrpipe.training.reviews import Decided
from ocrpipe.training.teach import Course
from tests.cli.conftest import Outcome
from tests.command import FORM, SAMPLES

_KINDS = {"account": "digits", "date": "date", "zip": "zip", "invoice": "digits"}
_FORMS = 9
Train = Callable[..., Outcome]


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Scans of one form, no two alike, and what people decided of them."""
    folder = tmp_path_factory.mktemp("night")
    page = cv2.imread(str(SAMPLES / "forms" / "one-page.jpg"), cv2.IMREAD_GRAYSCALE)
    assert page is not None
    with (SAMPLES / "expected.csv").open(newline="") as table:
        truth = {row["field"]: row["value"] for row in csv.DictReader(table) if row["file"] == "forms/one-page.jpg"}
    rows = []
    for number in range(_FORMS):
        noise = np.random.default_rng(number).normal(0, 4, page.shape)
        _, code = cv2.imencode(".jpg", np.clip(page + noise, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 80])
        (folder / f"{number}.jpg").write_bytes(code.tobytes())
        digest = hashlib.sha256(code.tobytes()).hexdigest()
        rows += [
            {
                "source": f"{number}.jpg", "source_sha256": digest, "page": 0, "document": 0, "field": field,
                "kind": _KINDS.get(field, "amount"), "value": value or None, "status": "accepted" if value else "blank",
                "machine_status": "review", "review_part": "review", "reviewed_at": 0,
            }
            for field, value in truth.items()
        ]  # fmt: skip
    pq.write_table(pa.Table.from_pylist(rows), folder / "reviewed.parquet")
    return folder


@pytest.fixture
def train(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], night: Path) -> Train:
    monkeypatch.setenv("COLUMNS", "200")

    def call(course: Course, *arguments: object) -> Outcome:
        monkeypatch.setattr(train_reviews, "Course", lambda: course)
        given = ("train", night, "--from-reviews", night / "reviewed.parquet", "--template", FORM, *arguments)
        monkeypatch.setattr(sys, "argv", ["ocrpipe", *map(str, given)])
        with pytest.raises(SystemExit) as exit_:
            cli.main()
        code = exit_.value.code
        return Outcome(code if isinstance(code, int) else 0, *capsys.readouterr())

    return call


def test_a_taught_model_says_what_it_was_and_is(train: Train, night: Path, tmp_path: Path) -> None:
    done = train(Course(most=6, fields=4), "--out", tmp_path / "ours")
    assert done.code == 0, done.err
    card, before = load_card(str(tmp_path / "ours.json")), load_card("lenet5")
    assert card.name == "ours" and card.weights_sha256 != before.weights_sha256
    told = card.raw["figures"]["retrained"]
    assert card.raw["figures"].keys() == {"retrained"}  # of the old readers' figures, none is left
    assert card.raw["calibration"]["profiles"]["blank"]["sample"] == "none since the readers were taught"
    assert told["fields"] == 6 * _FORMS and told["kinds"]["amount"]["fields"] == 2 * _FORMS
    assert told["kinds"]["all"]["before"] > 0.8
    assert (
        set(before.raw["data"]) < set(card.raw["data"]) and "reviews: 54 fields of 9 documents" in card.raw["data"][-1]
    )
    profiles = card.calibration.profiles
    assert profiles.keys() == before.calibration.profiles.keys()
    assert all(profile.threshold(0.01) is None for profile in profiles.values())  # no promise rests on what is no more
    assert profiles["blank"].fields == 0 < before.calibration.profiles["blank"].fields
    assert max(profile.fields for profile in profiles.values()) >= _FORMS and not card.calibration.agreements
    assert "Nothing is accepted at 1%" in done.out and "--data mnist" in done.out
    line = Line.build(Settings(crops="none"), (str(FORM),), True, None, str(tmp_path / "ours.json"))
    (page,) = line.prepare_file(ScanFile(night / "0.jpg", "0.jpg"))
    assert {row.decision.reason for row in line.recognise(page)} == {"uncalibrated"}
    again = train(Course(most=1), "--out", tmp_path / "ours.safetensors")
    assert again.code == 5 and "--overwrite" in again.err


def test_a_model_that_got_worse_is_not_written_unless_told(train: Train, tmp_path: Path) -> None:
    harm = Course(most=8, fields=4, first=0.3, kept=1.0)
    refused = train(harm, "--out", tmp_path / "worse")
    assert refused.code == 2 and "that did not teach them" in refused.err and not list(tmp_path.iterdir())
    told = train(harm, "--out", tmp_path / "worse", "--even-if-worse")
    assert (
        told.code == 0 and load_card(str(tmp_path / "worse.json")).raw["figures"]["retrained"]["kinds"]["all"]["broken"]
    )


def test_too_little_teaches_nothing(train: Train, night: Path, tmp_path: Path) -> None:
    (night / "0.jpg").rename(tmp_path / "0.jpg")
    try:
        done = train(Course(most=1), "--out", tmp_path / "few")
    finally:
        (tmp_path / "0.jpg").rename(night / "0.jpg")
    assert done.code == 2 and "48 fields to learn from (6 not found on the scans" in done.err
    assert "50 are the fewest" in done.err


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["scans/", "--digits", "d"], "go with --from-reviews"),
        (["--from-reviews", "r.parquet"], "wants the scans"),
        (["--digits", "d", "--even-if-worse"], "go with --from-reviews"),
        (["s", "--from-reviews", "r.parquet", "--as", "zip", "--template", str(FORM), "--out", "new"], "excludes"),
        ([], "give --digits DIR"),
    ],
)
def test_what_does_not_go_together_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], given: list[str], words: str
) -> None:
    monkeypatch.setattr(sys, "argv", ["ocrpipe", "train", *given])
    with pytest.raises(SystemExit) as exit_:
        cli.main()
    assert exit_.value.code == 2 and words in " ".join(capsys.readouterr().err.split())


def test_a_checked_field_counts_for_all_that_it_stands_for() -> None:
    """Three doubts mended, and one of the accepted broken, of which one in twenty was checked."""
    spec, page = FieldSpec("amount", "amount"), np.full((40, 60), 240, np.uint8)
    image = FieldImage(spec, page, identity(), Box(0, 0, 60, 40), 200.0)
    weights = (1.0, 1.0, 1.0, 20.0)
    fields = [
        Confirmed(
            Decided(f"{n}.png", f"{n:064x}", 0, 0, "amount", "5.00", w, n > 1), image, lattice_of(image, True), None
        )
        for n, w in enumerate(weights)
    ]
    right, wrong = (Reading(value, value, (), (), (0.0,) * len(FEATURE_NAMES), True) for value in ("5.00", "6.00"))
    learnt = Relearnt((LeNet(), ShapeNet(), Sdnn()), 4, (wrong, wrong, wrong, right), (right, right, right, wrong))
    told = train_reviews._figures(load_card("lenet5"), fields, learnt)["kinds"]["all"]
    assert (told["mended"], told["broken"]) == (3, 1)
    assert (told["before"], told["after"]) == (pytest.approx(20 / 23, abs=1e-4), pytest.approx(3 / 23, abs=1e-4))


def test_a_scan_that_has_changed_teaches_nothing(night: Path) -> None:
    line = Line.build(Settings(crops="none"), (str(FORM),), True, None, "lenet5")
    digest = hashlib.sha256((night / "0.jpg").read_bytes()).hexdigest()
    decided = [
        Decided("0.jpg", digest, 0, 0, "zip", "02139", 1.0, True),
        Decided("0.jpg", "f" * 64, 0, 0, "amount_due", "1.00", 1.0, True),
        Decided("0.jpg", digest, 0, 0, "no_such_field", "1", 1.0, True),
    ]
    steps: list[None] = []
    found = list(confirmed(line, [ScanFile(night / "0.jpg", "0.jpg")], decided, lambda: steps.append(None)))
    assert [one.decided.field for one in found] == ["zip"] and len(steps) == 1


def test_of_too_many_fields_whole_documents_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train_reviews, "MOST", 4)
    decided = [Decided(f"{n % 4}.png", f"{n % 4:064x}", 0, 0, str(n), "1", 1.0, True) for n in range(12)]
    kept = train_reviews._some(decided)
    assert sorted((one.source, one.field) for one in kept) == sorted(
        (f"{n % 4}.png", str(n)) for n in range(12) if n % 4 < 2
    )
