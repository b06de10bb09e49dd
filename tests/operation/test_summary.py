from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from ocrpipe.operation.drift import Drift
from ocrpipe.operation.summary import write_summary
from tests.operation.reports import LESS_SURE, report_of

GUIDE = Path(__file__).parents[2] / "docs" / "operating.md"


def summary(tmp_path: Path) -> dict[str, Any]:
    path = tmp_path / "s.json"
    write_summary(path, report_of(4, drift=Drift((LESS_SURE,), (LESS_SURE,))))
    told: dict[str, Any] = json.loads(path.read_text())
    return told


def test_the_summary_adds_up(tmp_path: Path) -> None:
    told = summary(tmp_path)
    assert told["exit_status"] == 4 and told["run_id"] == "20260801T020000Z-abc123" and told["seconds"] == 300
    assert sum(told["rows"].values()) == 5
    assert sum(sum(kind.values()) for kind in told["fields"].values()) == 4
    assert sum(told["reasons"]["failed"].values()) == told["rows"]["failed"]
    for account in told["control_totals"]:
        assert account["items"] == account["accepted"] + account["blank"] + account["open"]
    assert told["control_totals"][0]["accepted_sum"] == "30.30"
    assert told["drift"]["warnings"] == [
        "amount: 41% of 412 fields have a confidence of 0.900 or more, 73% of the calibration sample (drawn fields)"
    ]


def test_every_key_is_documented(tmp_path: Path) -> None:
    documented = set(re.findall(r"`(\w+)`", GUIDE.read_text()))
    assert set(summary(tmp_path)) <= documented
