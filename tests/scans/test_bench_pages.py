"""An evaluation on the bench's drawn scans, where they are present: no constant was fitted to them."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from ocrpipe.scans.blank import is_blank
from ocrpipe.scans.ink import reduced
from ocrpipe.scans.straighten import straighten

from .conftest import Decode, good

PAGES = Path(__file__).parents[3] / "shared" / "bench" / "pages"


@pytest.mark.skipif(not PAGES.is_dir(), reason=f"{PAGES} is not here")
def test_pages_of_the_bench_are_straightened(decoded: Decode) -> None:
    errors = defaultdict(list)
    right_way_up = 0
    truths = [json.loads(line) for line in (PAGES / "truth.jsonl").read_text().splitlines()]
    for truth in truths[::2]:
        page = good(decoded(PAGES / truth["file"]))
        assert page.dpi == 200
        upright = straighten(page)
        clockwise = -truth["turned_ccw"] % 360
        assert upright.rotation_deg % 180 == clockwise % 180, truth["file"]
        right_way_up += upright.rotation_deg == clockwise
        assert not is_blank(reduced(page)), truth["file"]
        errors[truth["file"].split("/")[0]].append(abs(upright.skew_deg + truth["skew_deg"]))
    assert right_way_up >= 0.95 * len(truths[::2])
    assert max(errors["checks"] + errors["forms"]) <= 0.1
    assert np.median(errors["envelopes"]) <= 0.2  # a few handwritten words
