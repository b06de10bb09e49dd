"""Located fields are calibrated on whole drawn sheets, in small."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from ocrpipe.reading.model import load_card
from ocrpipe.training.drawing import print_fonts
from ocrpipe.training.located import calibrate_located

DIGITS = Path(__file__).parents[3] / "shared" / "digits"


@pytest.mark.skipif(not DIGITS.is_dir(), reason="wants the digits of ../shared")
@pytest.mark.skipif(not print_fonts(), reason="wants print fonts such as Debian's fonts-dejavu")
def test_a_card_gains_counts_of_cross_checks_and_what_was_found(tmp_path: Path) -> None:
    shipped = load_card("lenet5")
    for suffix in (".json", ".safetensors"):
        shutil.copy(shipped.weights.with_suffix(suffix), tmp_path / f"model{suffix}")
    card, steps = tmp_path / "model.json", [0]

    def stage(name: str, count: int):  # type: ignore[no-untyped-def]
        assert count == 2

        def done() -> None:
            steps[0] += 1

        return done

    calibrate_located(card, DIGITS, 20, 5, 1, stage)
    raw = json.loads(card.read_text())
    checks = raw["calibration"]["cross_checks"]["number"]
    assert steps == [2] and 0 < checks["agree"] <= 20 and checks["wrong"] <= checks["agree"]
    assert raw["figures"]["located"]["sheets"] == 20 and 0.5 < raw["figures"]["located"]["micr"] <= 1
    again = load_card(str(card))
    assert again.calibration.agreements["number"].checks == checks["agree"]
