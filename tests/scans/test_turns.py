from __future__ import annotations

import numpy as np

from ocrpipe.marks import marks_of
from ocrpipe.scans.turns import is_upside_down, signs_of


def test_signs_at_the_rim_alone_tell_nothing_and_do_no_harm() -> None:
    """Words that may be cut off neither begin nor end anywhere; those beyond the straightened page are nowhere."""
    narrow = np.zeros((300, 9), np.uint8)
    for top in range(4, 290, 12):
        narrow[top : top + 6, 2:7] = 1
    assert not is_upside_down(signs_of(marks_of(narrow), 100.0), 0.0)
    wide = np.zeros((9, 3_000), np.uint8)
    wide[2:7, 40:400:12] = 1
    wide[2:7, 41:400:12] = 1
    wide[2:7, 42:400:12] = 1
    wide[2:7, 43:400:12] = 1
    assert not is_upside_down(signs_of(marks_of(wide), 100.0), 15.0)
