from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

import ocrpipe.reading.micr_model  # noqa: F401 - it must not meet the folder of the test when it is imported
from ocrpipe.reading.decide import FEATURE_NAMES
from tests.cli.conftest import Outcome


def test_info_names_versions_and_broken_models(
    ocrpipe: Callable[..., Outcome], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken.json").write_text("{}")
    (tmp_path / "broken.safetensors").write_bytes(b"")
    monkeypatch.setattr("ocrpipe.reading.model.model_folder", lambda: tmp_path)
    done = ocrpipe("info")
    assert done.code == 0 and "torch 2" in done.out and "broken.json: not a model card" in done.out


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """Digits carry 1 % and more, ZIPs nothing; the ZIPs are from own scans."""
    (tmp_path / "some.safetensors").write_bytes(b"weights")
    grid = [[1 - n / 10_000, 10 * n, max(0, n - 50)] for n in range(2, 101)]
    digits = {"weights": [0.0] * len(FEATURE_NAMES), "bias": 0.0, "fields": 1_000, "grid": grid}
    few = digits | {"fields": 20, "grid": [[0.9, 10, 0], [0.8, 20, 4]], "sample": "own scans: 20 fields"}
    card = {
        "name": "some",
        "network": "LeNet-5",
        "parameters": 62_046,
        "weights_sha256": hashlib.sha256(b"weights").hexdigest(),
        "lattice": {"alpha": 0.5, "second": 1.0},
        "digit_temperature": 1.0,
        "figures": {"validation": {"exact": 0.9}, "calibration": {"zip": {"fields": 99}}},
        "data": ["digits of many hands"],
        "calibration": {
            "name": "drawn fields",
            "from": ["lenet5@123, nothing"],
            "features": list(FEATURE_NAMES),
            "profiles": {"digits, two readers": digits, "zip": few, "date": few | {"fields": 0, "grid": []}},
        },
    }
    path = tmp_path / "some.json"
    path.write_text(json.dumps(card))
    return path


def test_info_of_a_model_draws_its_card(ocrpipe: Callable[..., Outcome], model: Path, tmp_path: Path) -> None:
    plot = tmp_path / "curves.svg"
    done = ocrpipe("info", model, "--plot", plot)
    assert done.code == 0, done.err
    for words in ("calibrated on drawn fields", "calibrated from lenet5@123, nothing", "parameters: 62,046",
                  "network: LeNet-5", "exact: 0.9", "  digits of many hands"):  # fmt: skip
        assert words in done.out
    rows = {line.split("  ")[1]: line.split() for line in done.out.splitlines() if line.startswith("  ")}
    digits = rows["digits, two readers"]
    assert digits[3:5] == ["1,000", "95.0%"] and digits[5:7] == ["–", "–"]
    assert digits[7:10] == ["51%", "≥", "0.995"] and digits[13:16] == ["79%", "≥", "0.992"]
    assert digits[-3].count("▁") == 10 and len(digits[-3]) == 20 and digits[-2:] == ["drawn", "fields"]
    assert rows["zip"][1:8] == ["20", "80.0%", "–", "–", "–", "–", "–"] and rows["zip"][-3:] == [
        "scans:",
        "20",
        "fields",
    ]
    svg = plot.read_text()
    assert "digits (2)" in svg and "zip" in svg and "date" not in svg


def test_plots_want_a_model_and_a_folder(ocrpipe: Callable[..., Outcome], model: Path, tmp_path: Path) -> None:
    assert ocrpipe("info", "--plot", tmp_path / "c.svg").code == 2
    assert ocrpipe("info", model, "--plot", tmp_path / "absent" / "c.svg").code == 5
    assert ocrpipe("info", "absent").code == 2
