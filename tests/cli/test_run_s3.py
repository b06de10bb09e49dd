"""`ocrpipe run` with scans and results in S3: what holds for folders holds there."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from ocrpipe.remote import Remote
from ocrpipe.results import remote_lock
from tests.cli.conftest import Outcome
from tests.s3 import objects, upload

Run = Callable[..., Outcome]
SERIAL = ("--engine", "serial")


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote_lock, "SETTLE_S", 0.0)


def rows(place: Remote | Path) -> list[dict[str, object]]:
    """All columns but those that differ from run to run."""
    with place.open("rb") as file:
        return pq.read_table(file).drop_columns(["run_id", "processed_at"]).to_pylist()


def test_rows_equal_those_of_a_local_run(ocrpipe: Run, scans: Path, tmp_path: Path, bucket: Remote) -> None:
    shutil.copy(scans / "a.png", scans / "bad.png")
    upload(scans, bucket.below("in"))
    bucket.below("in/.hidden/x.png").write(b"")
    local, remote = tmp_path / "r.parquet", bucket.below("out/r.parquet")
    assert ocrpipe("run", scans, "--out", local, *SERIAL).code == 4
    done = ocrpipe("run", bucket.below("in/"), "--out", remote, *SERIAL)
    assert done.code == 4 and "1 other files were passed over: 1 × .txt" in done.err
    assert rows(remote) == rows(local) and len(rows(local)) == 6
    assert objects(bucket.below("out")) == ["r.crops.parquet", "r.ledger.parquet", "r.parquet"]


def test_the_same_command_again_reads_what_is_new_or_changed(
    ocrpipe: Run, scans: Path, bucket: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(scans, bucket.below("in"))
    out = bucket.below("r.parquet")
    command = ("run", bucket.below("in"), "--out", out, *SERIAL)
    assert ocrpipe(*command).code == 0
    before = out.read()
    assert "2 files" in ocrpipe(*command).err
    assert out.read() == before, "nothing was new"
    bucket.below("in/c.png").write((scans / "a.png").read_bytes())
    bucket.below("in/a.png").write((scans / "a.png").read_bytes() + b"more")
    done = ocrpipe(*command)
    assert done.code == 0 and "1 files" in done.err
    assert [row["source"] for row in rows(out)] == [name for name in ("a.png", "c.png", "sub/b.png") for _ in "12"]


def test_a_dataset(ocrpipe: Run, scans: Path, bucket: Remote) -> None:
    out = f"{bucket}/out/"
    assert ocrpipe("run", scans, "--out", out, *SERIAL).code == 0
    shutil.copy(scans / "a.png", scans / "c.png")
    assert ocrpipe("run", scans, "--out", out, *SERIAL).code == 0
    names = objects(bucket)
    assert [name.partition("=")[0] for name in names] == ["out.ledger.parquet", "out/run_date", "out/run_date"]
    assert [len(rows(bucket.below(name))) for name in names[1:]] == [4, 2]
    assert ocrpipe("run", scans, "--out", out, "--overwrite", *SERIAL).code == 0
    assert [len(rows(bucket.below(name))) for name in objects(bucket)[1:]] == [6]


def test_a_single_object_is_read(ocrpipe: Run, scans: Path, tmp_path: Path, bucket: Remote) -> None:
    bucket.below("day/scan.bin").write((scans / "a.png").read_bytes())
    out = tmp_path / "r.parquet"
    assert ocrpipe("run", f"{bucket}/day/scan.bin", "--out", out, *SERIAL).code == 0
    assert {row["source"] for row in rows(out)} == {"scan.bin"}


def test_objects_and_files_of_one_name_are_told_apart(
    ocrpipe: Run, scans: Path, tmp_path: Path, bucket: Remote
) -> None:
    upload(scans, bucket)
    out = tmp_path / "r.parquet"
    assert ocrpipe("run", scans, bucket, "--out", out, *SERIAL).code == 0
    assert len({row["source"] for row in rows(out)}) == 4


def test_a_run_that_was_stopped_is_gone_on_with(ocrpipe: Run, scans: Path, bucket: Remote) -> None:
    shutil.copy(scans / "a.png", scans / "b-interrupt.png")
    out = bucket.below("r.parquet")
    assert ocrpipe("run", scans, "--out", out, *SERIAL).code == 130
    assert {row["source"] for row in rows(out)} == {"a.png", "b-interrupt.png"}
    (scans / "b-interrupt.png").rename(scans / "b.png")
    assert ocrpipe("run", scans, "--out", out, *SERIAL).code == 0
    assert len({row["source"] for row in rows(out)}) == 4


def test_who_holds_the_lock_keeps_others_out_until_it_is_silent(
    ocrpipe: Run, scans: Path, bucket: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket.below("r.lock").write(b"process 7 on elsewhere, run 1")
    done = ocrpipe("run", scans, "--out", bucket.below("r.parquet"), *SERIAL)
    assert done.code == 6 and "process 7 on elsewhere, run 1" in done.err
    monkeypatch.setattr(remote_lock, "STALE_S", -1.0)
    assert ocrpipe("run", scans, "--out", bucket.below("r.parquet"), *SERIAL).code == 0
    assert "r.lock" not in objects(bucket)


@pytest.mark.parametrize(
    ("source", "out", "code", "words"),
    [
        ("s3://absent-bucket/in", "r.parquet", 3, "s3://absent-bucket/in"),
        ("BUCKET/absent", "r.parquet", 3, "no such object or folder"),
        ("scans", "s3://absent-bucket/r.parquet", 5, "there is no bucket absent-bucket"),
        ("scans", "s3://absent-bucket", 2, "expected a name in the bucket"),
        ("scans", "s3://key:secret@absent-bucket/r.parquet", 2, "credentials belong in the environment"),
        ("scans", "s3://", 2, "expected s3://BUCKET/KEY"),
        ("scans", "s3://bucket/r.parquet?colour=blue", 2, "colour"),
        ("scans", "BUCKET/out/x", 5, "end its name with a slash"),
        ("scans", "BUCKET/out/", 5, "holds x/scan.png, which is not ocrpipe's"),
    ],
)
def test_what_is_wrong_is_named(
    ocrpipe: Run, scans: Path, bucket: Remote, monkeypatch: pytest.MonkeyPatch,
    source: str, out: str, code: int, words: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(scans.parent)
    bucket.below("out/x/scan.png").write(b"mine")
    named = [text.replace("BUCKET", str(bucket)) for text in (source, out)]
    done = ocrpipe("run", named[0], "--out", named[1], *SERIAL)
    assert (done.code, words in done.err) == (code, True), done.err
    assert "secret" not in done.err


def test_a_store_that_lets_nobody_in(
    ocrpipe: Run, scans: Path, bucket: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Remote, content: bytes) -> None:
        raise PermissionError("AWS Error ACCESS_DENIED during CreateMultipartUpload operation")

    monkeypatch.setattr(Remote, "write", refuse)
    done = ocrpipe("run", scans, "--out", bucket.below("r.parquet"), *SERIAL)
    assert done.code == 5 and "ACCESS_DENIED" in done.err and "r.lock" in done.err
