from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import cv2
import numpy as np
import pytest

from ocrpipe import cli
from tests.cli import fake_line


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str


@pytest.fixture
def ocrpipe(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """Runs the command line in this process, over a line that reads nothing."""
    pipeline = ModuleType("ocrpipe.pipeline")
    pipeline.Line = fake_line.FakeLine  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "ocrpipe.pipeline", pipeline)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr("ocrpipe.engines.base.one_thread", lambda: None)

    def call(*arguments: object) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["ocrpipe", *map(str, arguments)])
        with pytest.raises(SystemExit) as exit_:
            cli.main()
        out, err = capsys.readouterr()
        code = exit_.value.code
        return Outcome(code if isinstance(code, int) else 0, out, err)

    return call


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    """Two good pages, and a note that is no scan."""
    folder = tmp_path / "scans"
    (folder / "sub").mkdir(parents=True)
    page = np.full((600, 800), 255, np.uint8)
    page[22:48, 12:108] = 0
    cv2.imwrite(str(folder / "a.png"), page)
    page[0, 0] = 0
    cv2.imwrite(str(folder / "sub" / "b.png"), page)
    (folder / "note.txt").write_text("no scan")
    return folder
