"""Ctrl-C and SIGTERM: the first asks to finish what is in hand, the second to stop at once."""

from __future__ import annotations

import logging
import signal
from types import FrameType, TracebackType
from typing import Any

_log = logging.getLogger(__name__)
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stopping:
    """Within its block, whether a signal has asked to stop."""

    def __init__(self) -> None:
        self.asked = False
        self._before: list[Any] = []

    def __call__(self) -> bool:
        return self.asked

    def __enter__(self) -> Stopping:
        self._before = [signal.signal(number, self._heard) for number in _SIGNALS]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, before in zip(_SIGNALS, self._before, strict=True):
            signal.signal(number, before)

    def _heard(self, number: int, frame: FrameType | None) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True
        _log.warning("finishing what is in hand; once more stops at once")
