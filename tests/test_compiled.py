"""Compiled code on disk is never that of another version, whoever is killed when."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
_KILLED = """
import os
import ocrpipe.compiled as compiled
compiled._Kept._save_{part} = lambda *given: os._exit(9)
"""
_ASK = """
import sys
from pathlib import Path
import ocrpipe.compiled as compiled
compiled._PACKAGE = Path(sys.argv[1])
{killed}
sys.path.insert(0, sys.argv[1])
import outer
print(outer.answer(1))
"""


def _write(folder: Path, inner: int, outer: int) -> None:
    """Two modules of a package, the function of one compiled into that of the other; as long as ever."""
    head = "from ocrpipe.compiled import compiled\n"
    (folder / "inner.py").write_text(f"{head}@compiled\ndef inner(x):\n    return x + {inner}\n")
    (folder / "outer.py").write_text(
        f"{head}from inner import inner\n@compiled\ndef answer(x):\n    return inner(x) + {outer}\n"
    )


def _touch(path: Path, seconds: int) -> None:
    os.utime(path, (seconds, seconds))


def _asked(folder: Path, killed: str = "") -> str:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    environment.pop("NUMBA_CACHE_DIR", None)
    script = _ASK.format(killed=killed)
    done = subprocess.run(
        [sys.executable, "-c", script, str(folder)], env=environment, capture_output=True, text=True
    )  # fmt: skip
    assert done.returncode == (9 if killed else 0), done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("part", ["data", "index"])
def test_a_kill_leaves_no_older_code_behind(tmp_path: Path, part: str) -> None:
    _write(tmp_path, 10, 100)
    assert _asked(tmp_path) == "111"
    _write(tmp_path, 10, 300)
    _touch(tmp_path / "outer.py", 2_000_000_000)
    _asked(tmp_path, _KILLED.format(part=part))
    assert _asked(tmp_path) == "311"
    assert _asked(tmp_path) == "311"


def test_a_change_in_another_module_counts(tmp_path: Path) -> None:
    _write(tmp_path, 10, 100)
    assert _asked(tmp_path) == "111"
    _write(tmp_path, 20, 100)
    _touch(tmp_path / "inner.py", 2_000_000_000)
    assert _asked(tmp_path) == "121"


def test_it_is_kept_and_what_is_old_goes(tmp_path: Path) -> None:
    for outer in (100, 200, 300):
        _write(tmp_path, 10, outer)
        _touch(tmp_path / "outer.py", 2_000_000_000 + outer)
        assert _asked(tmp_path) == str(11 + outer)
        kept = {path: path.stat().st_mtime_ns for path in (tmp_path / "__pycache__").glob("*.nbc")}
        assert len(kept) == 2
        assert _asked(tmp_path) == str(11 + outer)
        assert kept == {path: path.stat().st_mtime_ns for path in kept}
