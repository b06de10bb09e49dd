"""What a hostile input is: a name that says its trouble, something that makes it, and how reading it must end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ocrpipe.codes import Reason

DAMAGE: tuple[Reason, ...] = ("unreadable", "truncated")
REFUSED: tuple[Reason, ...] = ("unreadable", "truncated", "encrypted", "too_large")
"""What a decoder says of a page that it does not yield; every other reason speaks of a page that was decoded."""


@dataclass(frozen=True)
class Ending:
    """How many pages must be read and how many rows must say that one failed, and with what reasons."""

    good: tuple[int, ...]
    failed: tuple[int, ...]
    reasons: tuple[Reason, ...] = DAMAGE
    scan: bool = True
    """False for what is no candidate at all, such as a folder with a picture's suffix."""

    def allows(self, good: int, reasons: list[str]) -> bool:
        """Whether `good` pages and failures for `reasons` are one of the endings."""
        pair = (good, len(reasons))
        paired = pair in zip(self.good, self.failed, strict=True)
        return paired and all(reason in self.reasons for reason in reasons)


def reads(pages: int = 1) -> Ending:
    """The damage is harmless: every page is read."""
    return Ending((pages,), (0,))


def fails(*reasons: Reason) -> Ending:
    """One failed row for the file."""
    return Ending((0,), (1,), reasons or DAMAGE)


def reads_and_fails(good: int, failed: int = 1, *reasons: Reason) -> Ending:
    """Rows for the good pages and one failed row for each bad one."""
    return Ending((good,), (failed,), reasons or DAMAGE)


def cannot_be_told() -> Ending:
    """The format has no means to tell this damage from a picture: one page, or one failed row, never both or none."""
    return Ending((1, 0), (0, 1), REFUSED)


NO_SCAN = Ending((0,), (0,), scan=False)


@dataclass(frozen=True)
class Case:
    """One input. `name` is its path in the corpus as bytes would be decoded by the file system."""

    name: str
    ending: Ending
    make: Callable[[Path], None]
    """Makes it at the path that it is given."""
    meanwhile: Callable[[Path], None] | None = None
    """What happens to it between the listing and the reading."""


def case(name: str, content: bytes, ending: Ending) -> Case:
    """A case that is nothing but its bytes."""
    return Case(name, ending, lambda path: _write(path, content))


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)
