"""Pictures as JSON holds them: the page paints them pixel by pixel, so that nothing has to be a file."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import numpy as np
from numpy.typing import NDArray


def plane(gray: NDArray[np.uint8]) -> dict[str, Any]:
    """(H, W) uint8 as width, height and base64 of its rows."""
    height, width = gray.shape
    return {"width": width, "height": height, "gray": b64encode(np.ascontiguousarray(gray).tobytes()).decode()}


def share(value: float) -> float:
    """A probability in as many figures as anybody reads."""
    return round(float(value), 6)
