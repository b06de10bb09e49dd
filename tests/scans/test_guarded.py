"""A page that takes all memory or all time costs itself and nothing else."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator

import pytest

from ocrpipe.scans import guarded as module
from ocrpipe.scans.guarded import guarded
from ocrpipe.scans.pdf_text import is_plain
from ocrpipe.scans.raster import Refused

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


def five(trouble: dict[int, object]) -> module.Pages[int]:
    def pages(first: int) -> tuple[int, Iterator[int | Refused]]:
        def found() -> Iterator[int | Refused]:
            for page in range(first, 5):
                what = trouble.get(page)
                if callable(what):
                    what()
                yield page if what is None else Refused("unreadable", "damaged")

        return 5, found()

    return pages


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def told(found: Iterator[int | Refused]) -> list[object]:
    return [page.reason if isinstance(page, Refused) else page for page in found]


def test_pages_come_as_they_are() -> None:
    assert told(guarded(five({2: "bad"}))) == [0, 1, "unreadable", 3, 4]


def test_a_page_that_kills_costs_itself() -> None:
    assert told(guarded(five({1: die}))) == [0, "too_large", 2, 3, 4]


def test_after_two_deaths_the_rest_is_not_tried() -> None:
    assert told(guarded(five({0: die, 2: die}))) == ["too_large", 1, "too_large", "too_large", "too_large"]


def test_a_page_that_dawdles_costs_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SECONDS_A_PAGE", 1)
    assert told(guarded(five({3: lambda: time.sleep(60)}))) == [0, 1, 2, "too_large", 4]


def test_what_is_refused_before_the_first_page_is_refused_here() -> None:
    def pages(first: int) -> tuple[int, Iterator[int]]:
        raise Refused("encrypted", "locked")

    with pytest.raises(Refused, match="locked") as caught:
        list(guarded(pages))
    assert caught.value.reason == "encrypted"


def test_who_stops_asking_leaves_no_child_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    children: list[int] = []
    fork = os.fork

    def watched() -> int:
        children.append(fork())
        return children[-1]

    monkeypatch.setattr(os, "fork", watched)
    found = guarded(five({}))
    assert next(found) == 0
    found.close()
    with pytest.raises(ProcessLookupError):
        os.kill(children[0], 0)


def test_scans_are_plain_and_what_may_draw_for_ever_is_not() -> None:
    image = b"3 0 obj << /Subtype /Image /Filter /DCTDecode >> stream\n" + b"#41 /Forn" * 9000 + b"\nendstream endobj "
    page = b"4 0 obj << /Length 20 >> stream\nq 1 0 0 1 0 0 cm /I Do Q\nendstream endobj"
    assert is_plain(image + page)
    assert not is_plain(image + page + b"<< /Subtype /Form >>")
    assert not is_plain(image + page.replace(b"q", b"q" * 20_000))
    assert not is_plain(image + b"<< /Subtype /F#6frm >>" + page)
    assert not is_plain(image.replace(b"/DCTDecode", b"[ /FlateDecode /FlateDecode /FlateDecode /FlateDecode ]"))
