from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Outcome


def test_info_names_versions_and_broken_models(
    ocrpipe: Callable[..., Outcome], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken.json").write_text("{}")
    (tmp_path / "broken.safetensors").write_bytes(b"")
    monkeypatch.setattr("ocrpipe.reading.model.model_folder", lambda: tmp_path)
    done = ocrpipe("info")
    assert done.code == 0 and "torch 2" in done.out and "broken.json: not a model card" in done.out
