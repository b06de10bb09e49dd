"""The real command, once for all pages: it keeps nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ocrpipe.reading.model import load_card
from ocrpipe.trying.seeing import Eyes
from tests.command import FORM, opened


@pytest.fixture(scope="session")
def eyes() -> Eyes:
    """The shipped model."""
    return Eyes(load_card("lenet5"))


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """Where `ocrpipe try` waits, with a field of a form among the kinds."""
    with opened("try", "--template", str(FORM), "--field", "account") as server:
        yield server.address
