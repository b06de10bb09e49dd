"""Whether a sheet bears any writing: the back of a duplex scan is skipped, a single short number is not."""

from __future__ import annotations

import numpy as np

from ocrpipe.ranks import quantile
from ocrpipe.scans.ink import Reduced

_STROKE_IN = 0.075
"""A digit is at least about 2 mm high; dust and specks are smaller."""
_STROKE_CONTRAST = 40
"""Gray levels between stroke and paper; what shines through from the other side is paler."""
_FOLD_SHARE = 0.6
"""A thin line over more than this share of the sheet is a fold or a streak of the scanner."""
_FOLD_IN = 0.03
_HOLE_IN = (0.15, 0.5)
_MARGIN_IN = 0.8


def is_blank(view: Reduced) -> bool:
    """True where no piece of ink could be a stroke of writing. In doubt a sheet is not blank: a missed number is a
    loss, a blank sheet read in vain is not."""
    height, width = view.ink.shape
    places = view.marks.places
    for piece in np.flatnonzero(places[:, 2:4].max(axis=1) >= _STROKE_IN * view.dpi):
        x, y, w, h, area = (int(value) for value in places[piece])
        if area / max(w, h) <= _FOLD_IN * view.dpi and (w > _FOLD_SHARE * width or h > _FOLD_SHARE * height):
            continue
        if _is_hole(x, y, w, h, area, view.ink.shape, view.dpi):
            continue
        runs = view.marks.runs[view.marks.piece == piece].tolist()
        if quantile(np.concatenate([view.depth[row, x0:x1] for row, x0, x1 in runs]), 0.75) >= _STROKE_CONTRAST:
            return False
    return True


def _is_hole(x: int, y: int, w: int, h: int, area: int, shape: tuple[int, ...], dpi: float) -> bool:
    """A punched hole shows the bed: a full round near the sheet's edge."""
    rows, columns = shape[:2]
    near = min(x, y, columns - x - w, rows - y - h) < _MARGIN_IN * dpi
    is_round = 0.8 < w / h < 1.25 and 0.7 < area / (w * h) < 0.9
    return near and is_round and _HOLE_IN[0] * dpi < w < _HOLE_IN[1] * dpi
