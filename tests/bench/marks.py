"""Reads the evaluation sets beside this checkout and prints how right the reading is: `python -m tests.bench.marks`.

Nothing here is a test: the sets measure, and what they say goes into the README.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
BENCH = ROOT.parent / "shared" / "bench"
TEMPLATES = ROOT / "tests" / "templates"


def _template(*names: str) -> list[str]:
    return [word for name in names for word in ("--template", str(TEMPLATES / f"{name}.toml"))]


SETS: dict[str, tuple[list[str], dict[str, tuple[tuple[str, ...], tuple[str, ...]]]]] = {
    "pages": (
        _template("form-a0", "form-a1"),
        {
            "check amounts": (("check",), ("amount",)),
            "form fields": (("form-a0", "form-a1"), ("amount", "digits", "zip")),
            "envelope ZIPs": (("envelope",), ("zip",)),
        },
    ),
    "car": (["--as", "amount_digits"], {"real check amounts": (("none",), ("amount_digits",))}),
    "cheques": (
        _template("axis", "syndicate"),
        {"amounts": (("axis", "syndicate"), ("amount",)), "dates": (("axis", "syndicate"), ("date",))},
    ),
}
"""For each set: options of the run, and for each line of the table the templates and kinds that it sums."""


def ocrpipe(*words: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from ocrpipe.cli import main; main()", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def main() -> None:
    if not BENCH.is_dir():
        sys.exit(f"{BENCH} is not there: nothing to measure")
    print(f"{'set':8} {'fields':19} {'n':>4} {'exact':>7} {'blank right':>12} {'accepted':>9} {'wrong':>6}")
    with tempfile.TemporaryDirectory() as folder:
        for name, (options, lines) in SETS.items():
            out = Path(folder) / f"{name}.parquet"
            began = time.monotonic()
            run = ocrpipe("run", BENCH / name, *options, "--out", out, *sys.argv[1:])
            seconds = time.monotonic() - began
            if run.returncode not in (0, 4):
                sys.exit(run.stderr)
            said = json.loads(ocrpipe("evaluate", out, BENCH / name / "truth.csv", "--json").stdout)
            for title, (templates, kinds) in lines.items():
                groups = [said["templates"][t][k] for t in templates for k in kinds if k in said["templates"][t]]
                n, exact, accepted, wrong, blanks = (
                    sum(group[key] for group in groups)
                    for key in ("fields", "exact", "accepted", "accepted_wrong", "blank_true")
                )
                found = sum(round((group["blank_recall"] or 0) * group["blank_true"]) for group in groups)
                shares = f"{exact / n:7.1%} {f'{found} of {blanks}':>12} {accepted / n:9.1%}"
                print(f"{name:8} {title:19} {n:4d} {shares} {wrong:6d}")
            print(f"{name:8} {'whole run':19} {seconds:5.1f} s")


if __name__ == "__main__":
    main()
