"""Quantiles are those of numpy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrpipe.ranks import median, quantile


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30), st.floats(0, 1))
def test_quantiles_are_those_of_numpy(values: list[float], share: float) -> None:
    given = np.array(values)
    assert median(given) == np.median(given)
    assert quantile(given, share) == pytest.approx(np.quantile(given, share), abs=1e-6)
    gray = np.abs(given).astype(np.int64).astype(np.uint8)
    assert median(gray) == np.median(gray)
    assert quantile(gray, share) == pytest.approx(np.quantile(gray, share))
