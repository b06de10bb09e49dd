"""The quick form of `prove`: forty of the hostile inputs through the real line on two worker processes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.hostile.corpus import QUICK, cases, quick_cases, write
from tests.hostile.prove import through_the_line

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="a file system with pipes and links")


def test_every_hostile_input_ends_in_its_rows(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    write(quick_cases(), corpus)
    assert through_the_line(quick_cases(), corpus) == {}


def test_the_corpus_is_as_large_as_was_promised_and_the_same_every_time(tmp_path: Path) -> None:
    assert len(cases()) >= 200
    assert len(quick_cases()) == len(QUICK) == 40
    for name in ("once", "again"):
        (tmp_path / name).mkdir()
        write([case for case in quick_cases() if case.name.endswith((".png", ".jpg"))], tmp_path / name)
    for path in sorted((tmp_path / "once").iterdir()):
        if path.is_file() and path.stat().st_size < 1 << 20:
            assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes()
