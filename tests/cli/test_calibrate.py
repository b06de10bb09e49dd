"""`ocrpipe calibrate`: own scans and their truth in, a model with promises about them out."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import exp
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from ocrpipe import cli
from ocrpipe.clock import Clock
from ocrpipe.reading.decide import FEATURE_NAMES, Calibration, Rates, decide
from ocrpipe.reading.model import load_card
from ocrpipe.records import FieldSpec, ScanFile
from ocrpipe.rows import Context, Decision, Prepared, Reading, Row
from ocrpipe.settings import Settings
from tests.cli.conftest import Outcome

Run = Callable[..., Outcome]
SAMPLES = Path(__file__).parents[2] / "samples"
ZEROS = (0.0,) * (len(FEATURE_NAMES) - 1)
FIELDS = ("account", "invoice", "batch", "lot")
SPECS = [
    *(FieldSpec(name, "digits") for name in FIELDS),
    FieldSpec("routing", "digits", checksum="aba"),
    FieldSpec("unread", "digits"),
]


def logit_of(file: str, field: str) -> float:
    """How sure the model is of a field: the same in the line and in the truth."""
    seed = hashlib.sha256(f"{file} {field}".encode()).digest()[:4]
    return float(np.random.default_rng(int.from_bytes(seed, "big")).normal(2, 3))


def is_right(file: str, field: str) -> bool:
    """The model is less sure than it might be: the true logit is larger by 3."""
    seed = hashlib.sha256(f"{field} of {file}".encode()).digest()[:4]
    chance = 1 / (1 + exp(-logit_of(file, field) - 3))
    return bool(np.random.default_rng(int.from_bytes(seed, "big")).random() < chance)


@dataclass(frozen=True)
class SureLine:
    """Reads "1234" in every field but the one it cannot read, and is sure of it by the first feature."""

    calibration: Calibration

    @staticmethod
    def build(
        settings: Settings,
        templates: tuple[str, ...],
        builtin: bool,
        field: FieldSpec | None,
        model: str,
        runtime: str = "auto",
    ) -> SureLine:
        return SureLine(load_card(model).calibration)

    @cached_property
    def clock(self) -> Clock:
        return Clock()

    @property
    def fingerprint(self) -> dict[str, str]:
        return {"model": "sure", "calibration": self.calibration.name}

    @property
    def card(self) -> SureLine:
        return self

    micr = card

    def prepare_file(self, file: ScanFile) -> Iterator[list[Prepared]]:
        sha = hashlib.sha256(file.path.read_bytes()).hexdigest()
        yield [Prepared(Context(file.name, sha, 0, template="slip"), spec) for spec in SPECS]

    def recognise(self, batch: list[Prepared]) -> list[Row]:
        return [self._row(prepared) for prepared in batch]

    def _row(self, prepared: Prepared) -> Row:
        context, spec = prepared.context, prepared.spec
        assert spec is not None
        if "bad" in context.source:
            return Row(context, spec, Decision("failed", "registration", "askew", None, None, None))
        value = None if spec.name == "unread" else "1234"
        logit = logit_of(context.source, spec.name)
        reading = Reading(value, "1234", (), (), (logit, *ZEROS))
        return Row(context, spec, decide(spec, reading, self.calibration, 0.01), reading)


@pytest.fixture
def calibrate(ocrpipe: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """`ocrpipe calibrate` over a line that is surer than it should be, in the folder of the scans."""
    monkeypatch.setattr(sys.modules["ocrpipe.pipeline"], "Line", SureLine)
    monkeypatch.chdir(tmp_path)

    def call(*options: object, source: str = "scans") -> Outcome:
        given = source, "--truth", "truth.csv", "--model", "old.json", "--out", "own", "--jobs", 1
        return ocrpipe("calibrate", *given, *options)

    return call


def write_scans(folder: Path, files: int, fields: Sequence[str] = FIELDS) -> None:
    """`files` scans and their truth; a wrong reading is one of which the truth says otherwise."""
    (folder / "scans").mkdir()
    rows = []
    for i in range(files):
        name = f"{i:04}.png"
        (folder / "scans" / name).write_text(name)
        rows += [(name, 0, field, "1234" if is_right(name, field) else "1284") for field in fields]
    write_truth(folder, rows)


def write_truth(folder: Path, rows: Sequence[tuple[object, ...]]) -> None:
    with (folder / "truth.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("file", "page", "field", "value"), *rows])


def read_truth(folder: Path) -> list[tuple[object, ...]]:
    with (folder / "truth.csv").open(newline="") as file:
        return [tuple(row) for row in list(csv.reader(file))[1:]]


@pytest.fixture(autouse=True)
def old_model(tmp_path: Path) -> Path:
    """Confidence is the logistic of the first feature; its thresholds come from drawn fields."""
    (tmp_path / "old.safetensors").write_bytes(b"weights")
    entry = {"weights": [1.0, *ZEROS], "bias": 0.0, "fields": 3_000, "grid": [[0.95, 1_500, 5], [0.6, 3_000, 200]]}
    card = {
        "name": "old",
        "weights_sha256": hashlib.sha256(b"weights").hexdigest(),
        "lattice": {"alpha": 0.5, "second": 1.0},
        "digit_temperature": 1.0,
        "figures": {"validation": {"exact": 0.9}, "calibration": {"zip": {"fields": 3_000}}},
        "data": ["digits of many hands"],
        "calibration": {
            "name": "drawn fields, seed 0",
            "features": list(FEATURE_NAMES),
            "profiles": {"digits": entry, "zip": entry},
        },
    }
    path = tmp_path / "old.json"
    path.write_text(json.dumps(card))
    return path


def test_own_scans_make_promises_of_their_own(calibrate: Run, tmp_path: Path, old_model: Path) -> None:
    write_scans(tmp_path, 120)
    done = calibrate("--max-error", 0.05)
    assert done.code == 0, done.err
    old, card = load_card(str(old_model)), load_card("own.json")
    name = card.calibration.name
    assert name.startswith("own scans: 480 fields of 120 files, 20")
    assert card.raw["name"] == "own" and card.raw["calibration"]["from"] == [
        f"old@{old.weights_sha256[:12]}, drawn fields, seed 0"
    ]
    assert (tmp_path / "own.safetensors").read_bytes() == b"weights"
    assert card.calibration.profiles["zip"] == old.calibration.profiles["zip"]
    samples = {kind: entry["sample"] for kind, entry in card.raw["calibration"]["profiles"].items()}
    assert samples == {"digits": name, "zip": "drawn fields, seed 0"}
    new = card.calibration.profiles["digits"]
    assert new.fields == 480 and new.threshold(0.05) is not None and new.threshold(0.001) is None
    assert new.bias == pytest.approx(3, abs=1.2)
    figures = card.raw["figures"]["calibration"]["digits"]
    assert figures["fields"] == 480 and figures["files"] == 120
    assert figures["after"]["log_loss"] < figures["before"]["log_loss"] - 0.1
    assert figures["after"]["ece"] < figures["before"]["ece"]
    assert set(figures["promises"]) == {"0.001", "0.005", "0.01", "0.02", "0.05"}
    assert figures["promises"]["0.001"] is None and 0.3 < figures["promises"]["0.05"]["coverage"] <= 1
    assert card.raw["figures"]["calibration"]["zip"] == {"fields": 3_000}
    assert card.calibration.rates == {"digits": Rates(720, 0, 120)}, "also of fields that the truth does not name"
    assert "carried" in done.out and "480 fields of 120 files were read and have a truth." in done.out
    assert "240 fields that were read have no row in the truth" in done.out
    assert "Not in the sample, and as before (drawn fields, seed 0): zip." in done.out
    assert "--model own.json" in done.out


def test_calibrating_again_keeps_the_lineage(calibrate: Run, tmp_path: Path) -> None:
    write_scans(tmp_path, 30)
    assert calibrate().code == 0
    assert calibrate("--model", "own.json", "--out", "again.json").code == 0
    card = load_card("again.json")
    assert [line.split(",")[0].split("@")[0] for line in card.raw["calibration"]["from"]] == ["old", "own"]
    assert card.raw["calibration"]["profiles"]["zip"]["sample"] == "drawn fields, seed 0"
    assert card.calibration.rates["digits"].fields == 180


def test_a_run_with_the_calibrated_model_decides_by_it(calibrate: Run, ocrpipe: Run, tmp_path: Path) -> None:
    write_scans(tmp_path, 120)
    assert calibrate("--max-error", 0.05).code == 0
    for model in ("old.json", "own.json"):
        given = "run", "scans", "--model", model, "--out", f"{model}.parquet", "--engine", "serial", "--crops", "none"
        assert ocrpipe(*given).code == 0
    old, own = (pq.read_table(f"{name}.json.parquet").to_pylist() for name in ("old", "own"))
    assert {row["calibration"] for row in own} == {load_card("own.json").calibration.name}
    assert [row["value"] for row in own] == [row["value"] for row in old]
    assert [row["confidence"] for row in own] != [row["confidence"] for row in old]


def test_a_run_on_other_scans_than_those_of_the_calibration_warns(calibrate: Run, ocrpipe: Run, tmp_path: Path) -> None:
    write_scans(tmp_path, 120)
    assert calibrate().code == 0
    given = "run", "scans", "--model", "own.json", "--engine", "serial", "--crops", "none"
    assert "calibration sample" not in ocrpipe(*given, "--out", "same.parquet").err
    card = json.loads((tmp_path / "own.json").read_text())
    card["calibration"]["rates"]["digits"] |= {"blank": 240, "no_reading": 0}
    (tmp_path / "own.json").write_text(json.dumps(card))
    done = ocrpipe(*given, "--out", "other.parquet", "--summary", "s.json")
    assert done.code == 0 and "warning: digits: 0% of 720 fields are blank, 33% of the calibration sample" in done.err
    assert len(json.loads((tmp_path / "s.json").read_text())["drift"]["warnings"]) == 2


def test_a_promise_that_the_sample_cannot_carry_is_refused(calibrate: Run, tmp_path: Path) -> None:
    write_scans(tmp_path, 40)
    done = calibrate()
    assert done.code == 0
    assert (
        "1 % needs 299 fields of a kind among the accepted if none of them is wrong, about 630 if two are" in done.out
    )
    assert "digits has 160 (--max-error 0." in done.out and "too few fields" in done.out
    assert load_card("own.json").calibration.profiles["digits"].threshold(0.01) is None


def test_too_many_wrong_ones_are_counted(calibrate: Run, tmp_path: Path) -> None:
    write_scans(tmp_path, 100)
    write_truth(tmp_path, [(file, page, field, "9999") for file, page, field, _ in read_truth(tmp_path)])
    done = calibrate("--max-error", 0.05)
    assert "digits: 128 of the 128 surest are wrong, too many for 5 %" in done.out
    assert "no promise up to 20 % is carried" in done.out and "too many wrong" in done.out


def test_fields_of_few_files_are_doubted(calibrate: Run, tmp_path: Path) -> None:
    write_scans(tmp_path, 18)
    write_truth(tmp_path, [(file, page, field, "1234") for file, page, field, _ in read_truth(tmp_path)])
    done = calibrate("--max-error", 0.1)
    assert "carried" in done.out and "digits: 72 fields are from 18 files." in done.out


def test_what_does_not_count_is_counted(calibrate: Run, tmp_path: Path) -> None:
    write_scans(tmp_path, 30)
    scans = tmp_path / "scans"
    shutil.copy(scans / "0000.png", scans / "twin.png")
    (scans / "bad.png").write_text("bad")
    (scans / "untold.png").write_text("untold")
    more = [
        ("twin.png", 0, "lot", "1234"),
        ("bad.png", 0, "lot", "1234"),
        ("0001.png", 0, "unread", "1234"),
        ("0001.png", 0, "routing", "1234"),
        ("0001.png", 1, "lot", "1234"),
        ("absent.png", 0, "lot", "1234"),
    ]
    write_truth(tmp_path, [*read_truth(tmp_path), *more])
    done = calibrate()
    assert done.code == 0 and "120 fields of 30 files were read" in done.out
    assert "6 rows of the truth have no reading to calibrate on: " in done.out
    for words in (
        "1 failed", "1 in a file that is there twice", "2 not found on the scans", "1 nothing legible",
        "1 to review in any case (range, checksum, MICR line, required)",
    ):  # fmt: skip
        assert words in done.out
    assert "Not read, as the truth has no row of theirs: 1 file." in done.out


def test_blank_fields_are_a_profile(calibrate: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def row(self: SureLine, prepared: Prepared) -> Row:
        spec = prepared.spec
        assert spec is not None
        reading = Reading("", "", (), (), (logit_of(prepared.context.source, spec.name), *ZEROS))
        return Row(prepared.context, spec, decide(spec, reading, self.calibration, 0.01), reading)

    monkeypatch.setattr(SureLine, "_row", row)
    write_scans(tmp_path, 20)
    write_truth(tmp_path, [(*row[:3], "" if i % 4 else "7") for i, row in enumerate(read_truth(tmp_path))])
    done = calibrate()
    assert done.code == 0
    card = load_card("own.json")
    assert card.raw["figures"]["calibration"]["blank"]["exact"] == 0.75
    assert set(card.calibration.profiles) == {"blank", "digits", "zip"}
    assert card.calibration.rates == {"digits": Rates(120, 120, 0)}


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (("--max-error", "0"), 2, "--max-error 0.0: expected a share"),
        (("--as", "zip", "--template", "a.toml"), 2, "excludes --template"),
        (("--no-builtin",), 2, "add --template"),
        (("--model", "unknown"), 2, "model 'unknown'"),
        (("--truth", "absent.csv"), 2, "absent.csv: cannot be read"),
        (("--out", "absent/own"), 5, "there is no folder absent"),
        (("--out", "old"), 5, "old.json exists; add --overwrite"),
    ],
)
def test_a_mistaken_option_is_named(
    calibrate: Run, tmp_path: Path, options: tuple[str, ...], code: int, words: str
) -> None:
    write_scans(tmp_path, 3)
    before = sorted(path.name for path in tmp_path.iterdir())
    done = calibrate(*options)
    assert done.code == code and words in done.err
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_a_model_is_replaced_where_asked(calibrate: Run, tmp_path: Path) -> None:
    write_scans(tmp_path, 30)
    (tmp_path / "own.safetensors").write_text("mine")
    done = calibrate()
    assert done.code == 5 and "own.safetensors exists" in done.err
    assert not (tmp_path / "own.json").exists() and (tmp_path / "own.safetensors").read_text() == "mine"
    assert calibrate("--overwrite").code == 0
    assert load_card("own.json").name == "own"
    assert calibrate("--overwrite", "--out", "old.safetensors").code == 0
    assert load_card("old.json").calibration.name.startswith("own scans")


def test_a_truth_of_other_scans_is_refused(calibrate: Run, tmp_path: Path) -> None:
    write_scans(tmp_path, 3)
    write_truth(tmp_path, [("other/0000.png", 0, "lot", "1234")])
    done = calibrate()
    assert done.code == 2 and "it says 'other/0000.png', the scans have '0000.png'" in done.err
    assert not (tmp_path / "own.json").exists()


def test_a_truth_without_any_reading_is_refused(calibrate: Run, tmp_path: Path) -> None:
    write_scans(tmp_path, 3, fields=("unread", "elsewhere"))
    done = calibrate()
    assert done.code == 2 and "nothing to calibrate on; own.json was not written" in done.err
    assert "3 not found on the scans, 3 nothing legible" in done.out
    assert not (tmp_path / "own.json").exists()


def test_an_unknown_kind_of_a_single_file_is_left_out(calibrate: Run, tmp_path: Path, old_model: Path) -> None:
    write_scans(tmp_path, 1)
    card = json.loads(old_model.read_text())
    del card["calibration"]["profiles"]["digits"]
    old_model.write_text(json.dumps(card))
    done = calibrate()
    assert done.code == 2 and "Left out, as all are of one file and old has no profile for them: digits." in done.out


def test_no_scans_exit_3(calibrate: Run, tmp_path: Path) -> None:
    write_scans(tmp_path, 3)
    assert calibrate(source="absent").code == 3


def test_the_samples_calibrate_the_shipped_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The real line, from scans to a model that reads them: too few for a promise, and it says so."""
    forms, own, out = SAMPLES / "forms", tmp_path / "own.json", tmp_path / "r.parquet"
    template = "--template", str(forms / "remittance.toml"), "--no-builtin"

    def call(*arguments: object) -> int:
        monkeypatch.setattr(sys, "argv", ["ocrpipe", *map(str, arguments)])
        with pytest.raises(SystemExit) as exit_:
            cli.main()
        return int(exit_.value.code or 0)

    assert call("calibrate", forms, "--truth", forms / "expected.csv", *template, "--out", own, "--jobs", 1) == 0
    told = capsys.readouterr().out
    assert "1 % needs 299 fields" in told and "of 2 files were read and have a truth" in told
    assert call("run", forms, *template, "--model", own, "--out", out, "--engine", "serial") == 0
    rows = pq.read_table(out).to_pylist()
    assert len(rows) == 18 and all(row["calibration"].startswith("own scans: ") for row in rows)
    assert {row["status"] for row in rows} == {"review"}
    assert load_card(str(own)).weights.read_bytes() == load_card("lenet5").weights.read_bytes()


def test_help_teaches_by_example(ocrpipe: Run) -> None:
    assert "\n      ocrpipe calibrate scans/ --truth truth.csv --out own\n" in ocrpipe("calibrate", "--help").out
