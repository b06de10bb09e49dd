"""The real command, once for all pages: it keeps nothing."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator

import pytest

from ocrpipe.reading.model import load_card
from ocrpipe.trying.seeing import Eyes
from tests.review.conftest import COMMAND, FORM, SAMPLES


@pytest.fixture(scope="session")
def eyes() -> Eyes:
    """The shipped model."""
    return Eyes(load_card("lenet5"))


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """Where `ocrpipe try` waits, with a field of a form among the kinds."""
    command = [*COMMAND, "try", "--no-browser", "--template", str(FORM), "--field", "account"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=SAMPLES.parent)
    assert process.stdout is not None
    found = re.search(r"http://\S+", process.stdout.readline())
    assert found
    yield found[0]
    process.terminate()
    assert process.wait(20) == 0
