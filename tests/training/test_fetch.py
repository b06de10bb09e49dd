"""Digits by name: what is there is not fetched, what cannot be fetched is named at once."""

from __future__ import annotations

import gzip
import hashlib
import sys
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from time import monotonic

import pytest

from ocrpipe import cli
from ocrpipe.errors import UsageError
from ocrpipe.training import fetch
from ocrpipe.training.fetch import MNIST, Hashes, fetch_mnist

SHARED = Path(__file__).parents[3] / "shared" / "digits"
FILES = {name: gzip.compress(f"{name} as published".encode(), mtime=0) for name in MNIST}


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *arguments: object) -> None:
        pass


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder that a server on this machine shows instead of the real mirror, with small files of the names."""
    folder = tmp_path / "mirror"
    folder.mkdir()
    for name, data in FILES.items():
        (folder / name).write_bytes(data)
        sums = (hashlib.sha256(part).hexdigest() for part in (data, gzip.decompress(data)))
        monkeypatch.setitem(fetch.MNIST, name, Hashes(*sums))
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    monkeypatch.setattr(fetch, "MIRROR", f"http://127.0.0.1:{server.server_port}/")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    Thread(target=server.serve_forever, daemon=True).start()
    yield folder
    server.shutdown()
    server.server_close()


@pytest.fixture
def unplugged(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody listens at the port for discarding."""
    monkeypatch.setattr(fetch, "MIRROR", "http://127.0.0.1:9/")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def held(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "mnist").iterdir()}


def test_the_four_files_are_fetched_once(mirror: Path, tmp_path: Path) -> None:
    assert fetch_mnist(tmp_path / "data") == tmp_path / "data"
    assert held(tmp_path / "data") == FILES
    for name in FILES:
        (mirror / name).unlink()
    fetch_mnist(tmp_path / "data")


def test_without_a_folder_they_go_to_the_cache_of_the_user(
    mirror: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert fetch_mnist().name == "ocrpipe" and held(fetch_mnist()) == FILES


def test_what_arrives_damaged_is_not_kept(mirror: Path, tmp_path: Path) -> None:
    (mirror / "t10k-labels-idx1-ubyte.gz").write_bytes(b"something else")
    with pytest.raises(UsageError, match=r"t10k-labels-idx1-ubyte\.gz cannot be fetched .*hash"):
        fetch_mnist(tmp_path)
    assert set(held(tmp_path)) == set(FILES) - {"t10k-labels-idx1-ubyte.gz"}


def test_files_packed_anew_or_unpacked_are_theirs_too(mirror: Path, tmp_path: Path) -> None:
    (tmp_path / "mnist").mkdir()
    for i, (name, data) in enumerate(FILES.items()):
        (mirror / name).unlink()
        if i % 2:
            (tmp_path / "mnist" / name.removesuffix(".gz")).write_bytes(gzip.decompress(data))
        else:
            (tmp_path / "mnist" / name).write_bytes(gzip.compress(gzip.decompress(data), 1, mtime=1))
    before = held(tmp_path)
    fetch_mnist(tmp_path)
    assert held(tmp_path) == before


@pytest.mark.usefixtures("unplugged")
def test_another_file_of_the_name_is_left_alone_and_named(tmp_path: Path) -> None:
    (tmp_path / "mnist").mkdir()
    (tmp_path / "mnist" / "t10k-images-idx3-ubyte").write_bytes(b"fashion")
    with pytest.raises(UsageError, match=r"t10k-images-idx3-ubyte: is not the file"):
        fetch_mnist(tmp_path)
    assert held(tmp_path) == {"t10k-images-idx3-ubyte": b"fashion"}


def ocrpipe(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int | str | None:
    monkeypatch.setattr(sys, "argv", ["ocrpipe", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return ended.value.code


@pytest.mark.usefixtures("unplugged")
def test_offline_it_says_at_once_which_files_to_put_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    began = monotonic()
    assert ocrpipe(monkeypatch, "train", "--data", "mnist", "--data-dir", tmp_path) == 2
    assert monotonic() - began < 5
    said = capsys.readouterr().err
    assert "no connection" in said and str(tmp_path / "mnist") in said and all(name in said for name in MNIST)
    assert not held(tmp_path)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "--digits DIR, or --data mnist"),
        (("--digits", "x", "--data", "mnist"), "--digits DIR, or --data mnist"),
        (("--digits", "x", "--data-dir", "y"), "--data-dir goes with --data"),
        (("--data", "emnist"), "mnist"),
        (("--digits", "absent"), "absent: no digits to learn from"),
    ],
)
def test_digits_are_given_in_one_way(
    arguments: tuple[str, ...], words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ocrpipe(monkeypatch, "train", *arguments) == 2
    assert words in capsys.readouterr().err


@pytest.mark.skipif(not SHARED.is_dir(), reason="wants the digits of ../shared")
@pytest.mark.usefixtures("unplugged")
def test_the_real_files_are_known_by_their_content() -> None:
    """They were packed anew: only what is in them is as published."""
    assert fetch_mnist(SHARED) == SHARED
