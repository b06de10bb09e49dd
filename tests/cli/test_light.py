"""Help, information and templates are instant: they import neither torch nor cv2."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import sys
from ocrpipe.cli import main
sys.argv = ["ocrpipe", *sys.argv[1:]]
try:
    main()
finally:
    heavy = sorted({"torch", "cv2"} & set(sys.modules))
    print("heavy:", *heavy, file=sys.stderr)
"""


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", PROGRAM, *arguments], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "arguments",
    [("--help",), ("run", "--help"), ("try", "--help"), ("review", "--help"), ("evaluate", "--help"), ("info",)],
)
def test_nothing_heavy_is_imported(arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines()[-1] == "heavy:"


def test_help_takes_less_than_four_tenths_of_a_second() -> None:
    run("--help")  # so that byte code is there

    def spent() -> float:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    before = spent()
    run("--help")
    assert spent() - before < 0.4


@pytest.mark.parametrize("command", [("run",), ("try",), ("evaluate",), ("show",), ("template", "show"), ("info",)])
def test_help_teaches_by_example(command: tuple[str, ...]) -> None:
    assert f"\n      ocrpipe {' '.join(command)} " in run(*command, "--help").stdout.replace("info\n", "info \n")


def test_templates_are_checked_without_pictures(tmp_path: Path) -> None:
    form = tmp_path / "form.toml"
    form.write_text("name = 3\n")
    done = run("template", "check", str(form))
    assert done.returncode == 2 and "form.toml" in done.stderr
    assert done.stderr.splitlines()[-1] == "heavy:"
