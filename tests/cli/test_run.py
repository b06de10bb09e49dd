from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from ocrpipe.results.lock import locked
from tests.cli.conftest import Outcome

Run = Callable[..., Outcome]
SERIAL = ("--engine", "serial")


def rows(path: Path) -> list[tuple[object, ...]]:
    table = pq.read_table(path, columns=["source", "field", "value", "status"])
    return [tuple(row.values()) for row in table.to_pylist()]


@pytest.mark.parametrize("engine", [SERIAL, ("--engine", "processes", "--jobs", "1")])
def test_scans_in_rows_out(ocrpipe: Run, scans: Path, tmp_path: Path, engine: tuple[str, ...]) -> None:
    out = tmp_path / "r.parquet"
    done = ocrpipe("run", scans, "--out", out, *engine)
    assert done.code == 0 and done.out == ""
    assert rows(out) == [
        ("a.png", "amount", "12.50", "accepted"),
        ("a.png", "zip", "02139", "accepted"),
        ("sub/b.png", "amount", "12.50", "accepted"),
        ("sub/b.png", "zip", "02139", "accepted"),
    ]
    metadata = pq.read_schema(out).metadata
    assert metadata[b"ocrpipe.settings_hash"] == b"1"
    assert sorted(path.name for path in tmp_path.glob("r.*")) == ["r.crops.parquet", "r.ledger.parquet", "r.parquet"]
    words = done.err.split()
    assert words[words.index("accepted") + 1] == "4" and words[words.index("fields") + 1] == "4"
    assert "1 other files were passed over: 1 × .txt" in done.err


def test_quiet_is_quiet(ocrpipe: Run, scans: Path, tmp_path: Path) -> None:
    assert ocrpipe("run", scans, "--out", tmp_path / "r.parquet", "--quiet", *SERIAL) == Outcome(0, "", "")


def test_failed_inputs_are_rows_and_exit_4(ocrpipe: Run, scans: Path, tmp_path: Path) -> None:
    shutil.copy(scans / "a.png", scans / "bad.png")
    out = tmp_path / "r.parquet"
    assert ocrpipe("run", scans, "--out", out, *SERIAL).code == 4
    assert ("bad.png", "zip", None, "failed") in rows(out) and len(rows(out)) == 6


def test_a_folder_without_permission_is_a_row(
    ocrpipe: Run, scans: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.scandir

    def scandir(folder: str) -> object:
        if str(folder).endswith("sub"):
            raise PermissionError(13, "Permission denied")  # root would be let in
        return real(folder)

    monkeypatch.setattr(os, "scandir", scandir)
    assert ocrpipe("run", scans, "--out", tmp_path / "r.parquet", *SERIAL).code == 4
    assert rows(tmp_path / "r.parquet")[-1] == ("sub/", None, None, "failed")


def test_as_says_what_each_picture_is(ocrpipe: Run, scans: Path, tmp_path: Path) -> None:
    out = tmp_path / "r.parquet"
    assert ocrpipe("run", scans, "--as", "zip:home", "--out", out, *SERIAL).code == 0
    assert rows(out)[0] == ("a.png", "home", "02139", "accepted")


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (("--as", "words"), 2, "--as words: expected one of amount, amount_digits, zip, digits, date"),
        (("--as", "zip", "--template", "a.toml"), 2, "excludes --template"),
        (("--as", "zip", "--no-builtin"), 2, "excludes --template"),
        (("--no-builtin",), 2, "add --template"),
        (("--template", "unknown.toml"), 2, "unknown.toml: unknown template"),
        (("--max-error", "1.5"), 2, "--max-error 1.5: expected a share"),
        (("--engine", "dask"), 2, "dask"),
        (("--address", "head:6379"), 2, "add --engine ray"),
        (("--engine", "ray", "--debug", "d"), 2, "--engine processes"),
        (("--resume",), 2, "--resume"),
    ],
)
def test_a_mistaken_option_is_named(
    ocrpipe: Run, scans: Path, tmp_path: Path, options: tuple[str, ...], code: int, words: str
) -> None:
    done = ocrpipe("run", scans, "--out", tmp_path / "r.parquet", *options)
    assert done.code == code and words in done.err
    assert list(tmp_path.iterdir()) == [scans]


def test_no_scans_exit_3(ocrpipe: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for source in ("empty", "absent", "*.tif"):
        done = ocrpipe("run", tmp_path / source, "--out", tmp_path / "r.parquet", *SERIAL)
        assert done.code == 3 and source in done.err


def test_outputs_that_cannot_be_written_exit_5(ocrpipe: Run, scans: Path, tmp_path: Path) -> None:
    done = ocrpipe("run", scans, "--out", tmp_path / "absent" / "r.parquet", *SERIAL)
    assert done.code == 5 and str(tmp_path / "absent") in done.err
    (tmp_path / "r.parquet").write_text("mine")
    done = ocrpipe("run", scans, "--out", tmp_path / "r.parquet", *SERIAL)
    assert done.code == 5 and "--overwrite" in done.err
    assert (tmp_path / "r.parquet").read_text() == "mine"
    assert ocrpipe("run", scans, "--out", tmp_path / "r.parquet", "--overwrite", *SERIAL).code == 0


def test_an_output_folder_that_vanishes_exits_5(ocrpipe: Run, scans: Path, tmp_path: Path) -> None:
    (tmp_path / "share").mkdir()
    (scans / "a.png").rename(scans / "vanish.png")
    done = ocrpipe("run", scans, "--out", tmp_path / "share" / "r.parquet", *SERIAL)
    assert done.code == 5 and "share/r.parquet: cannot be written" in done.err


def test_the_same_command_again_reads_what_is_new_or_changed(ocrpipe: Run, scans: Path, tmp_path: Path) -> None:
    out = tmp_path / "r.parquet"
    command = ("run", scans, "--out", out, *SERIAL)
    assert ocrpipe(*command).code == 0
    before = out.read_bytes()
    again = ocrpipe(*command)
    assert again.code == 0 and "2 files" in again.err
    assert out.read_bytes() == before, "nothing was new"
    shutil.copy(scans / "a.png", scans / "c.png")
    shutil.copy(scans / "a.png", scans / "bad.png")
    assert ocrpipe(*command).code == 4
    assert [row[0] for row in rows(out)] == [name for name in ("a.png", "bad.png", "c.png", "sub/b.png") for _ in "12"]
    assert ocrpipe(*command).code == 0, "what failed before is no news"
    assert ocrpipe(*command, "--retry-failed").code == 4
    assert ocrpipe(*command, "--min-age", "1000", "--overwrite").code == 0, "all are young"
    assert rows(out) == []


def test_a_second_run_on_one_output_exits_6(ocrpipe: Run, scans: Path, tmp_path: Path) -> None:
    with locked(tmp_path / "r.lock", "run-1"):
        done = ocrpipe("run", scans, "--out", tmp_path / "r.parquet", *SERIAL)
    assert done.code == 6 and "run-1" in done.err


def test_an_interrupt_finishes_what_is_in_hand_and_exits_130(ocrpipe: Run, scans: Path, tmp_path: Path) -> None:
    out = tmp_path / "r.parquet"
    shutil.copy(scans / "a.png", scans / "b-interrupt.png")
    done = ocrpipe("run", scans, "--out", out, *SERIAL)
    assert done.code == 130 and "finishing what is in hand" in done.err
    assert {row[0] for row in rows(out)} == {"a.png", "b-interrupt.png"}
    (scans / "b-interrupt.png").rename(scans / "b.png")
    assert ocrpipe("run", scans, "--out", out, *SERIAL).code == 0
    assert {row[0] for row in rows(out)} == {"a.png", "b-interrupt.png", "b.png", "sub/b.png"}


def test_a_second_interrupt_stops_at_once_and_leaves_the_results(ocrpipe: Run, scans: Path, tmp_path: Path) -> None:
    shutil.copy(scans / "a.png", scans / "twice-interrupt.png")
    done = ocrpipe("run", scans, "--out", tmp_path / "r.parquet", *SERIAL)
    assert done.code == 130 and "the same command goes on from here" in done.err
    assert not (tmp_path / "r.parquet").exists()


def test_debug_draws_pages_and_fields(ocrpipe: Run, scans: Path, tmp_path: Path) -> None:
    debug = tmp_path / "debug"
    assert ocrpipe("run", scans / "a.png", "--out", tmp_path / "r.parquet", "--debug", debug, *SERIAL).code == 0
    names = sorted(path.name for path in debug.iterdir())
    assert [name.split("page-0")[1] for name in names] == [".0-amount.png", ".0-zip.png", ".png"]
